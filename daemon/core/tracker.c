/* SPDX-License-Identifier: Apache-2.0
 *
 * Windowed answers, running. See tracker.h.
 */
#include "core/tracker.h"

#include <string.h>

#include "core/span.h"

void vg_tracker_finish(struct vg_tracker *tracker)
{
    vg_peaks_finish(&tracker->peaks);
    memset(tracker, 0, sizeof *tracker);
}

static void restart(struct vg_tracker *tracker, const struct vg_window *window)
{
    tracker->from = tracker->next = window->first;
    tracker->sum = 0;
    tracker->count = 0;
    tracker->changes = window->changes;
    tracker->peaks.head = tracker->peaks.count = 0;
}

/* The streams of a long span are tallied in cells. */
static bool tallied(const struct vg_sample *sample, bool across)
{
    return !across || !vg_sample_stream(sample);
}

static bool enter(struct vg_tracker *tracker, const struct vg_window *window,
                  const struct vg_query *query)
{
    const bool across = vg_window_long(window, query->span);

    while (tracker->next < window->first + window->count) {
        const struct vg_sample sample =
            vg_window_at(window, (uint32_t)(tracker->next - window->first));
        if (vg_query_extreme(query)) {
            if (!vg_peaks_reserve(&tracker->peaks)) {
                return false;
            }
            vg_peaks_push(&tracker->peaks, sample.measured, sample.value);
        }
        if (tallied(&sample, across)) {
            tracker->sum += sample.value;
            tracker->count++;
        }
        tracker->next++;
    }
    return true;
}

static void leave(struct vg_tracker *tracker, const struct vg_window *window,
                  const struct vg_query *query, struct vg_instant oldest)
{
    const bool across = vg_window_long(window, query->span);

    while (tracker->from < tracker->next) {
        const struct vg_sample sample =
            vg_window_at(window, (uint32_t)(tracker->from - window->first));
        if (sample.measured.ms >= oldest.ms) {
            break;
        }
        if (tallied(&sample, across)) {
            tracker->sum -= sample.value;
            tracker->count--;
        }
        tracker->from++;
    }
    vg_peaks_expire(&tracker->peaks, oldest);
}

/* The window's own order has changed, or it forgot what this span still counted. */
static bool astray(const struct vg_tracker *tracker, const struct vg_window *window,
                   const struct vg_query *query)
{
    const uint64_t counted =
        vg_window_long(window, query->span) ? window->lost : window->first;

    return tracker->changes != window->changes || tracker->from < counted;
}

struct vg_number vg_tracker_answer(struct vg_tracker *tracker,
                                   const struct vg_window *window,
                                   const struct vg_query *query, struct vg_instant at)
{
    const struct vg_instant oldest = vg_after(at, -query->span);

    tracker->peaks.low = vg_query_lowest(query);
    if (astray(tracker, window, query) || tracker->next < window->first) {
        restart(tracker, window);
    }
    if (tracker->from < window->first) { /* streams only: they counted nothing here */
        tracker->from = window->first;
    }
    if (!enter(tracker, window, query)) { /* no memory to keep it running */
        restart(tracker, window);
        return vg_window_scan(window, query, at);
    }
    leave(tracker, window, query, oldest);
    struct vg_span span = {.count = tracker->count, .sum = tracker->sum};
    if (vg_query_extreme(query)) {
        span = (struct vg_span){0};
        if (tracker->peaks.count > 0) {
            vg_span_better(&span, query,
                           tracker->peaks.peak[tracker->peaks.head].value);
        }
    }
    if (vg_window_long(window, query->span)) {
        vg_span_past(&span, window, query, oldest, at);
    }
    if (window->count > 0) {
        span.last = vg_window_at(window, window->count - 1).value;
    }
    return vg_span_answer(query, &span);
}
