/* SPDX-License-Identifier: Apache-2.0
 *
 * What tracker.c and window_scan.c share: what an answer is made of.
 */
#ifndef VIGIL_CORE_SPAN_H
#define VIGIL_CORE_SPAN_H

#include "core/past.h"
#include "core/tracker.h"

struct vg_span {
    uint32_t count;
    int64_t sum, peak, last;
};

static inline bool vg_query_lowest(const struct vg_query *query)
{
    return query->kind == VG_ASK_MIN || query->kind == VG_ASK_RISE;
}

static inline bool vg_query_extreme(const struct vg_query *query)
{
    return vg_query_lowest(query) || query->kind == VG_ASK_MAX ||
           query->kind == VG_ASK_DROP;
}

/* Adds what the past knows of streams over [from, at]: an extreme counts as one. */
void vg_span_past(struct vg_span *span, const struct vg_window *window,
                  const struct vg_query *query, struct vg_instant from,
                  struct vg_instant at);

/* One more reading, or the extreme of several. */
void vg_span_better(struct vg_span *span, const struct vg_query *query, int64_t value);

struct vg_number vg_span_answer(const struct vg_query *query,
                                const struct vg_span *span);

#endif
