/* SPDX-License-Identifier: Apache-2.0
 *
 * The shock index, HR/SBP: Clinical reference 5.4.
 */
#ifndef VIGIL_ASSESS_SHOCK_H
#define VIGIL_ASSESS_SHOCK_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* Since when all pressures with a pulse beside them were so; 0: the latest was not. */
struct vg_shock_runs {
    struct vg_instant high; /* index 1.0 or more */
    struct vg_instant low;  /* that, and SBP at most 100 */
    struct vg_instant calm; /* index below 1.0 */
};

struct vg_shock {
    struct vg_instant hr_from, hr_to; /* the newest pulse; 0: none */
    int16_t hr;
    int16_t sbp;          /* the newest pressure */
    struct vg_instant at; /* of the newest pressure; 0: none */
    vg_ms apart;          /* between it and its pulse; negative: it has none yet */
    uint8_t marks;        /* of the newest pressure */
    bool on, worse;       /* an episode; it has reached 1.3 */
    struct vg_instant since, worse_since;
    struct vg_instant paired; /* the newest pressure that had a pulse; 0: none */
    struct vg_shock_runs before, runs; /* without and with the newest pressure */
    struct vg_instant lactate_at;      /* 0: none */
    int64_t lactate;                   /* millionths of mmol/L */
};

/* Signals: HR, SBP, LACTATE. Not the same from a stretch as from its samples: a pulse counts as
 * the middle of its band then, and an index near a limit may fall to the other side when
 * something late makes old streams be folded again. The flag of FN may change so too. This one compares
 * two signals, and bands are of one. */
void vg_shock_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item);
/* After NEWS2. */
void vg_shock_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next);

#endif
