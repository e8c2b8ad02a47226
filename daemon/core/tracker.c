/* SPDX-License-Identifier: Apache-2.0
 *
 * Windowed answers, running. See tracker.h.
 */
#include "core/tracker.h"

#include <stdlib.h>

#include "core/span.h"

void vg_tracker_finish(struct vg_tracker *tracker)
{
    if (tracker->running != NULL) {
        vg_peaks_finish(&tracker->running->peaks);
        free(tracker->running);
        tracker->running = NULL;
    }
}

static void restart(struct vg_running *running, const struct vg_window *window)
{
    running->from = running->next = window->first;
    running->sum = 0;
    running->count = 0;
    running->changes = window->changes;
    running->peaks.head = running->peaks.count = 0;
}

/* The streams of a long span are tallied in cells. */
static bool tallied(const struct vg_sample *sample, bool across)
{
    return !across || !vg_sample_stream(sample);
}

static bool enter(struct vg_running *running, const struct vg_window *window,
                  const struct vg_query *query)
{
    const bool across = vg_window_long(window, query->span);

    while (running->next < window->first + window->count) {
        const struct vg_sample sample =
            vg_window_at(window, (uint32_t)(running->next - window->first));
        if (vg_query_extreme(query)) {
            if (!vg_peaks_reserve(&running->peaks)) {
                return false;
            }
            vg_peaks_push(&running->peaks, sample.measured, sample.value);
        }
        if (tallied(&sample, across)) {
            running->sum += sample.value;
            running->count++;
        }
        running->next++;
    }
    return true;
}

static void leave(struct vg_running *running, const struct vg_window *window,
                  const struct vg_query *query, struct vg_instant oldest)
{
    const bool across = vg_window_long(window, query->span);

    while (running->from < running->next) {
        const struct vg_sample sample =
            vg_window_at(window, (uint32_t)(running->from - window->first));
        if (sample.measured.ms >= oldest.ms) {
            break;
        }
        if (tallied(&sample, across)) {
            running->sum -= sample.value;
            running->count--;
        }
        running->from++;
    }
    vg_peaks_expire(&running->peaks, oldest);
}

/* The window's own order has changed, or it forgot what this span still counted. */
static bool astray(const struct vg_running *running, const struct vg_window *window,
                   const struct vg_query *query)
{
    const uint64_t counted =
        vg_window_long(window, query->span) ? window->lost : window->first;

    return running->changes != window->changes || running->from < counted;
}

/* What the span holds of the ring, up to date; false: no memory to keep it running. */
static bool follow(struct vg_running *running, const struct vg_window *window,
                   const struct vg_query *query, struct vg_instant oldest)
{
    running->peaks.low = vg_query_lowest(query);
    if (astray(running, window, query) || running->next < window->first) {
        restart(running, window);
    }
    if (running->from < window->first) { /* streams only: they counted nothing here */
        running->from = window->first;
    }
    if (!enter(running, window, query)) {
        restart(running, window);
        return false;
    }
    leave(running, window, query, oldest);
    return true;
}

struct vg_number vg_tracker_answer(struct vg_tracker *tracker,
                                   const struct vg_window *window,
                                   const struct vg_query *query, struct vg_instant at)
{
    const struct vg_instant oldest = vg_after(at, -query->span);

    if (tracker->running == NULL) {
        tracker->running = calloc(1, sizeof *tracker->running);
    }
    struct vg_running *running = tracker->running;
    if (running == NULL || !follow(running, window, query, oldest)) {
        return vg_window_scan(window, query, at);
    }
    struct vg_span span = {.count = running->count, .sum = running->sum};
    if (vg_query_extreme(query)) {
        span = (struct vg_span){0};
        if (running->peaks.count > 0) {
            vg_span_better(&span, query,
                           running->peaks.peak[running->peaks.head].value);
        }
    }
    if (vg_window_long(window, query->span)) {
        vg_span_past(&span, window, query, oldest, at);
    }
    const bool asks_last = query->kind == VG_ASK_RISE || query->kind == VG_ASK_DROP;
    if (asks_last && window->count > 0) {
        span.last = vg_window_at(window, window->count - 1).value;
    }
    return vg_span_answer(query, &span);
}
