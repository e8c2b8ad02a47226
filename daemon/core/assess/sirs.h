/* SPDX-License-Identifier: Apache-2.0
 *
 * SIRS (ACCP/SCCM) and qSOFA (Sepsis-3): Clinical reference 5.1. Both ask the values that
 * NEWS2 keeps.
 */
#ifndef VIGIL_ASSESS_SIRS_H
#define VIGIL_ASSESS_SIRS_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* Signals: WBC, BANDS, PACO2, GCS, and for the judges TEMP, HR, RR, SBP, CONSCIOUSNESS.
 * Keeps state->news2.result. */
void vg_sirs_step(struct vg_state *state, const struct vg_view *view,
                  const struct vg_item *item);
/* After NEWS2. */
void vg_sirs_judge(const struct vg_state *state, const struct vg_view *view,
                   struct vg_instant at, struct vg_assessment *out,
                   struct vg_instant *next);
void vg_qsofa_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next);

#endif
