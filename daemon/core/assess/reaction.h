/* SPDX-License-Identifier: Apache-2.0
 *
 * Infusion reaction and anaphylaxis: Clinical reference 3 (NIAID/FAAN 2006, WAO 2020).
 */
#ifndef VIGIL_ASSESS_REACTION_H
#define VIGIL_ASSESS_REACTION_H

#include "core/assess/slot.h"
#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* Positive elements. Laryngeal and bronchial signs are part of the respiratory system, not a
 * second one. */
enum vg_reaction_element {
    VG_REACT_CARDIO,
    VG_REACT_RESP,
    VG_REACT_SKIN,
    VG_REACT_GI,
    VG_REACT_LARYNX,
    VG_REACT_RIGORS,
    VG_REACT_FEVER,
    VG_REACT_CRITICAL, /* cardiovascular, SpO2 <= 92, stridor, wheeze, voice change */
    VG_REACT_ELEMENTS
};

/* Of one device; one that is not inside has none. Of three the one longest unheard goes. */
#define VG_REACTION_RUNS 2
struct vg_reaction_run {
    struct vg_instant start, last; /* start 0: none */
    uint8_t device;
    bool seldom; /* it began behind a pause: of a monitor that reports seldom */
};

/* Pressure of 180 or more, or pulse below 50: each by its own values. */
struct vg_reaction_dmso {
    struct vg_instant since, last; /* since 0: no; last: its newest positive value */
};

struct vg_reaction {
    struct vg_instant element[VG_REACT_ELEMENTS]; /* newest positive; 0: never */
    struct vg_instant newest;                     /* of any element */
    struct vg_instant since; /* first element of the present reaction; 0: none */
    struct vg_instant
        anaphylaxis;         /* since when its criteria are met; 0: they are not */
    struct vg_instant ended; /* when the latest reaction ended; 0: none did */
    struct vg_reaction_run spo2[VG_REACTION_RUNS], rr[VG_REACTION_RUNS];
    struct vg_slot_last last_spo2, last_rr;
    struct vg_reaction_dmso htn, brady;
};

void vg_reaction_before(struct vg_state *state, const struct vg_view *view,
                        struct vg_instant at);
void vg_reaction_step(struct vg_state *state, const struct vg_view *view,
                      const struct vg_item *item);
void vg_reaction_after(struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at);
void vg_reaction_judge(const struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at, struct vg_assessment *out,
                       struct vg_instant *next);

#endif
