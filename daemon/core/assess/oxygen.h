/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypoxia axis: Clinical reference 1.4.
 */
#ifndef VIGIL_ASSESS_OXYGEN_H
#define VIGIL_ASSESS_OXYGEN_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* Consecutive samples of the stream on one side of a limit. start 0: none. */
struct vg_oxygen_run {
    struct vg_instant start, last;
};

/* HYPOXIA or HYPOXIA_SEVERE. */
struct vg_oxygen_lane {
    struct vg_oxygen_run run; /* good samples below the limit */
    struct vg_oxygen_run any; /* with a poor signal too: it may delay, never cancel */
    struct vg_instant since;  /* the finding stands since; 0: it does not */
};

struct vg_oxygen {
    struct vg_oxygen_lane hypoxia, severe;
    struct vg_oxygen_run back; /* good samples at the clearing limit */
    struct vg_instant last;    /* newest sample of the stream */
    struct vg_instant lone;    /* a sample < 85 that waits for another; 0: none */
    struct vg_instant value_at;
    int64_t value; /* newest good value of any source */
};

void vg_oxygen_step(struct vg_state *state, const struct vg_view *view,
                    const struct vg_item *item);
void vg_oxygen_judge(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at, struct vg_assessment *out,
                     struct vg_instant *next);

/* 0, 2, 3 or 4 at `at` >= state.at: charted support and confirmed hypoxia on room air; 0
 * while flag hypoxia_other_cause holds. */
int vg_oxygen_tier(const struct vg_state *state, const struct vg_view *view,
                   struct vg_instant at);

#endif
