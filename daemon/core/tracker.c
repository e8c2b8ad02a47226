/* SPDX-License-Identifier: Apache-2.0
 *
 * Windowed answers, running and scanned. See tracker.h.
 */
#include "core/tracker.h"

#include <stdlib.h>
#include <string.h>

void vg_tracker_finish(struct vg_tracker *tracker)
{
    free(tracker->peak);
    memset(tracker, 0, sizeof *tracker);
}

static int64_t scale_of(enum vg_signal signal)
{
    static const int64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    const unsigned places = vg_signal_info(signal)->places;

    return power[places < 7 ? places : 6];
}

static bool lowest(enum vg_query_kind kind)
{
    return kind == VG_ASK_MIN || kind == VG_ASK_RISE;
}

static bool extreme(enum vg_query_kind kind)
{
    return lowest(kind) || kind == VG_ASK_MAX || kind == VG_ASK_DROP;
}

/* What the answer is made of. */
struct span_facts {
    uint32_t count;
    int64_t sum, peak, last;
};

static struct vg_number answer_of(const struct vg_query *query, struct span_facts f)
{
    const int64_t scale = scale_of(query->signal);

    if (query->kind == VG_ASK_COUNT) {
        return vg_number_of(f.count, 1);
    }
    if (query->kind == VG_ASK_NONE) {
        return vg_number_of(f.count == 0, 1);
    }
    if (f.count == 0) {
        return VG_NUMBER_UNKNOWN;
    }
    if (query->kind == VG_ASK_AVG) {
        return vg_number_of(f.sum, (int64_t)f.count * scale);
    }
    if (query->kind == VG_ASK_RISE) {
        return vg_number_of(f.last - f.peak, scale);
    }
    if (query->kind == VG_ASK_DROP) {
        return vg_number_of(f.peak - f.last, scale);
    }
    return vg_number_of(f.peak, scale);
}

/* ---- Running */

static bool peak_grow(struct vg_tracker *tracker)
{
    const uint32_t capacity = tracker->capacity * 2 + 8;
    struct vg_peak *peak = malloc(capacity * sizeof *peak);

    if (peak == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < tracker->count; i++) {
        peak[i] = tracker->peak[(tracker->head + i) % tracker->capacity];
    }
    free(tracker->peak);
    tracker->peak = peak;
    tracker->head = 0;
    tracker->capacity = capacity;
    return true;
}

/* A new reading makes older ones that are no better than it irrelevant. */
static bool peak_push(struct vg_tracker *tracker, bool low,
                      const struct vg_sample *sample)
{
    while (tracker->count > 0) {
        const uint32_t last = (tracker->head + tracker->count - 1) % tracker->capacity;
        const int64_t value = tracker->peak[last].value;
        if (low ? value < sample->value : value > sample->value) {
            break;
        }
        tracker->count--;
    }
    if (tracker->count == tracker->capacity && !peak_grow(tracker)) {
        return false;
    }
    const uint32_t place = (tracker->head + tracker->count) % tracker->capacity;
    tracker->peak[place] = (struct vg_peak){sample->measured, sample->value};
    tracker->count++;
    return true;
}

static void restart(struct vg_tracker *tracker, const struct vg_window *window)
{
    tracker->from = tracker->next = window->first;
    tracker->sum = 0;
    tracker->head = tracker->count = 0;
    tracker->changes = window->changes;
}

static bool enter(struct vg_tracker *tracker, const struct vg_window *window,
                  const struct vg_query *query)
{
    while (tracker->next < window->first + window->count) {
        const struct vg_sample sample =
            vg_window_at(window, (uint32_t)(tracker->next - window->first));
        if (extreme(query->kind) && !peak_push(tracker, lowest(query->kind), &sample)) {
            return false;
        }
        tracker->sum += sample.value;
        tracker->next++;
    }
    return true;
}

static void leave(struct vg_tracker *tracker, const struct vg_window *window,
                  struct vg_instant oldest)
{
    while (tracker->from < tracker->next) {
        const struct vg_sample sample =
            vg_window_at(window, (uint32_t)(tracker->from - window->first));
        if (sample.measured.ms >= oldest.ms) {
            break;
        }
        tracker->sum -= sample.value;
        tracker->from++;
    }
    while (tracker->count > 0 && tracker->peak[tracker->head].at.ms < oldest.ms) {
        tracker->head = (tracker->head + 1) % tracker->capacity;
        tracker->count--;
    }
}

struct vg_number vg_tracker_answer(struct vg_tracker *tracker,
                                   const struct vg_window *window,
                                   const struct vg_query *query, struct vg_instant at)
{
    /* The window forgot readings that this span still counted: start over. */
    if (tracker->changes != window->changes || tracker->from < window->first) {
        restart(tracker, window);
    }
    if (!enter(tracker, window, query)) { /* no memory to keep it running */
        restart(tracker, window);
        return vg_window_scan(window, query, at);
    }
    leave(tracker, window, vg_after(at, -query->span));
    struct span_facts facts = {.count = (uint32_t)(tracker->next - tracker->from),
                               .sum = tracker->sum};
    if (facts.count > 0) {
        facts.last = vg_window_at(window, window->count - 1).value;
        facts.peak = tracker->count > 0 ? tracker->peak[tracker->head].value : 0;
    }
    return answer_of(query, facts);
}

/* ---- Scanned */

static uint32_t first_inside(const struct vg_window *window,
                             const struct vg_query *query, struct vg_instant at)
{
    return vg_window_until(window, vg_after(at, -query->span - 1));
}

__extension__ typedef __int128 big;

static big magnitude(big number)
{
    return number < 0 ? -number : number;
}

/* Least squares, steps an hour. Sums in 128 bits; halved together until they fit 63. */
static struct vg_number slope(const struct vg_window *window, uint32_t from,
                              uint32_t to, int64_t scale)
{
    const int64_t start = from < to ? vg_window_at(window, from).measured.ms : 0;
    const big n = to - from;
    big x = 0;
    big y = 0;
    big xx = 0;
    big xy = 0;

    for (uint32_t i = from; i < to; i++) {
        const struct vg_sample s = vg_window_at(window, i);
        const big at = s.measured.ms - start;
        x += at;
        y += s.value;
        xx += at * at;
        xy += at * s.value;
    }
    big over = (n * xy - x * y) * (big)VG_HOUR;
    big under = (n * xx - x * x) * scale;
    if (under <= 0) {
        return VG_NUMBER_UNKNOWN;
    }
    while (magnitude(over) > INT64_MAX / 2 || under > INT64_MAX / 2) {
        over /= 2;
        under /= 2;
    }
    return under > 0 ? vg_number_of((int64_t)over, (int64_t)under) : VG_NUMBER_UNKNOWN;
}

struct vg_number vg_window_scan(const struct vg_window *window,
                                const struct vg_query *query, struct vg_instant at)
{
    const uint32_t to = vg_window_until(window, at);
    const uint32_t from = first_inside(window, query, at);
    struct span_facts facts = {.count = to > from ? to - from : 0};

    if (query->kind == VG_ASK_SLOPE) {
        return slope(window, from, to, scale_of(query->signal));
    }
    for (uint32_t i = from; i < to; i++) {
        const int64_t value = vg_window_at(window, i).value;
        const bool better =
            lowest(query->kind) ? value < facts.peak : value > facts.peak;
        facts.sum += value;
        facts.last = value;
        if (i == from || better) {
            facts.peak = value;
        }
    }
    return answer_of(query, facts);
}

struct vg_instant vg_window_leaves(const struct vg_window *window,
                                   const struct vg_query *query, struct vg_instant at)
{
    const uint32_t to = vg_window_until(window, at);
    uint32_t from = first_inside(window, query, at);

    if (to == 0 || from >= to) {
        return VG_NEVER;
    }
    if (query->kind == VG_ASK_NONE) { /* changes when the last one leaves */
        from = to - 1;
    }
    return vg_after(vg_window_at(window, from).measured, query->span + 1);
}
