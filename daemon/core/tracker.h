/* SPDX-License-Identifier: Apache-2.0
 *
 * Running answers to one query over one window: the extreme or the sum of the readings of
 * the last `span`, kept up to date as readings come and go, so that asking costs the same
 * for a minute and for a day. Exact: extremes in a monotone queue (one entry for each
 * distinct value that can still matter), sums by addition and subtraction.
 */
#ifndef VIGIL_CORE_TRACKER_H
#define VIGIL_CORE_TRACKER_H

#include "vigil/expr.h"

#include "core/window.h"

struct vg_peak {
    struct vg_instant at;
    int64_t value;
};

struct vg_tracker {
    uint64_t from, next; /* ordinals: inside the span are [from, next) */
    int64_t sum;
    uint32_t changes; /* the window's, when last brought up to date */
    uint32_t head, count, capacity;
    struct vg_peak *peak; /* owned; extremes only */
};

void vg_tracker_finish(struct vg_tracker *tracker);

/* The answer over [at - span, at]. `at` does not run backwards between calls, and no reading
 * of the window is newer; a caller who cannot promise that uses vg_window_scan. Unknown,
 * too, when memory for the queue ran out. `places`: digits of the signal. */
struct vg_number vg_tracker_answer(struct vg_tracker *tracker,
                                   const struct vg_window *window,
                                   const struct vg_query *query, struct vg_instant at);

/* The same from the readings themselves, at any `at`. */
struct vg_number vg_window_scan(const struct vg_window *window,
                                const struct vg_query *query, struct vg_instant at);

/* The earliest instant after `at` at which a reading leaves and the answer may change,
 * without a new one; VG_NEVER if nothing will leave. */
struct vg_instant vg_window_leaves(const struct vg_window *window,
                                   const struct vg_query *query, struct vg_instant at);

#endif
