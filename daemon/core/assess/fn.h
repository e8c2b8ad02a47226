/* SPDX-License-Identifier: Apache-2.0
 *
 * Fever in neutropenia: Clinical reference 5.2, 5.3.
 */
#ifndef VIGIL_ASSESS_FN_H
#define VIGIL_ASSESS_FN_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

struct vg_fn {
    int64_t anc; /* latest, millionths per uL */
    struct vg_instant anc_at;
    struct vg_instant since;   /* first reading of the fever that lasts; 0: none */
    struct vg_instant treated; /* 0: not, or armed again */
    struct vg_instant cool;    /* newest instant at which fever was clear after that */
    struct vg_instant low;     /* spot < 36.0; 0: none */
    int16_t score;             /* NEWS2 at treatment, VG_GRADE_NULL */
    uint8_t low_class;
    bool by_flag;      /* treated by fn_treated */
    bool low_pressure; /* latest SBP < 90 */
    bool was_better;   /* SBP >= 90 at or since treatment */
    bool fell;         /* SBP < 90 again */
};

/* Signals: TEMP, SBP, ANC, MEDICATION, FLAG, INFUSION. */
void vg_fn_before(struct vg_state *state, const struct vg_view *view,
                  struct vg_instant at);
void vg_fn_step(struct vg_state *state, const struct vg_view *view,
                const struct vg_item *item);
void vg_fn_after(struct vg_state *state, const struct vg_view *view,
                 struct vg_instant at);
void vg_fn_judge(const struct vg_state *state, const struct vg_view *view,
                 struct vg_instant at, struct vg_assessment *out,
                 struct vg_instant *next);

#endif
