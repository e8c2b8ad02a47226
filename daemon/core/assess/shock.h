/* SPDX-License-Identifier: Apache-2.0
 *
 * The shock index, HR/SBP: Clinical reference 5.4.
 */
#ifndef VIGIL_ASSESS_SHOCK_H
#define VIGIL_ASSESS_SHOCK_H

#include "core/assess/slot.h"
#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* The newest pulse of one device. */
struct vg_shock_pulse {
    struct vg_instant to; /* 0: none */
    int16_t hr;
    uint8_t device;
};

/* The pressures of one device. A run is of those with a pulse beside them, all with an index of
 * 1.0 or more or all below; `from`, `low` without the newest pressure. */
struct vg_shock_side {
    struct vg_slot slot;    /* heard: the newest pressure */
    struct vg_instant from; /* the run's first; 0: none */
    struct vg_instant low;  /* of a high run: the first since when SBP is at most 100 */
    uint32_t paired;        /* ms before the newest: the one that had a pulse last */
    uint32_t apart[VG_SLOTS]; /* ms and 1 to the newest's pulse, of each; 0: none */
    int16_t hr[VG_SLOTS], sbp;
    uint8_t marks; /* of the newest pressure */
    bool high : 1; /* the run is */
    bool any : 1;  /* one had a pulse */
    bool line : 1; /* trusted more than what is given singly */
};

struct vg_shock {
    struct vg_shock_pulse pulse[VG_SLOTS];
    struct vg_shock_side side[VG_SLOTS];
    struct vg_instant since, worse_since;
    struct vg_instant lactate_at; /* 0: none */
    int32_t lactate;              /* millionths of mmol/L */
    bool on, worse;               /* an episode; it has reached 1.3 */
    uint8_t opened;               /* the side that opened it */
    bool opened_line;             /* that was a line */
};

/* Signals: HR, SBP, LACTATE. Not the same from a stretch as from its samples: a pulse counts as
 * the middle of its band then. */
void vg_shock_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item);
/* After NEWS2. */
void vg_shock_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next);

#endif
