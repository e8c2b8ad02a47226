/* SPDX-License-Identifier: Apache-2.0
 *
 * Running answers to one query over one window: the extreme or the sum of the readings of
 * the last `span`, kept up to date as readings come and go, so that asking costs the same
 * for a minute and for a day.
 *
 * Extremes are exact at any span. Sums and counts are exact for spans to 15 min; over
 * longer ones the readings of streams count by cells of 5 min of the clock, of which the
 * oldest is taken whole; single readings are exact there too. A slope over a longer span
 * puts the readings of each such cell at its middle once the ring no longer has them all.
 */
#ifndef VIGIL_CORE_TRACKER_H
#define VIGIL_CORE_TRACKER_H

#include "vigil/expr.h"

#include "core/peaks.h"
#include "core/window.h"

struct vg_running {
    uint64_t from, next; /* ordinals: inside the span are [from, next) of the ring */
    int64_t sum; /* of those; of the single ones among them if the span is long */
    uint32_t count;
    uint32_t changes;      /* the window's, when last brought up to date */
    struct vg_peaks peaks; /* of what was in the ring; extremes only */
};

/* A protocol has a hundred queries of which a few run: the rest cost a pointer. */
struct vg_tracker {
    struct vg_running *running; /* owned; NULL until it is asked */
};

void vg_tracker_finish(struct vg_tracker *tracker);

/* The answer over [at - span, at]. `at` does not run backwards between calls, and no reading
 * of the window is newer; a caller who cannot promise that uses vg_window_scan. */
struct vg_number vg_tracker_answer(struct vg_tracker *tracker,
                                   const struct vg_window *window,
                                   const struct vg_query *query, struct vg_instant at);

/* The same from what is kept, at any `at`. When that lies before the streams in the ring,
 * an extreme is that of the readings before `at` which are still known, and sums go to the
 * end of its cell. */
struct vg_number vg_window_scan(const struct vg_window *window,
                                const struct vg_query *query, struct vg_instant at);

/* An instant after `at`, none later, at which a reading leaves and the answer may change
 * without a new one; VG_NEVER if nothing will leave. */
struct vg_instant vg_window_leaves(const struct vg_window *window,
                                   const struct vg_query *query, struct vg_instant at);

#endif
