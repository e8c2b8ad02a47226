/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of blood pressure share among themselves.
 */
#ifndef VIGIL_ASSESS_PRESSURE_INSIDE_H
#define VIGIL_ASSESS_PRESSURE_INSIDE_H

#include "core/assess/pressure.h"

/* mm[Hg]. Clinical reference 1.3 */
#define VG_PRESSURE_LOW      90
#define VG_PRESSURE_VERY_LOW 80
#define VG_PRESSURE_BACK     95
#define VG_PRESSURE_RELATIVE 100 /* below this and 80 % of baseline (NCI triggers) */

/* ---- pressure.c */

/* Longer by this item, whose run began anew after a longer pause; `inside` false: none. */
void vg_pressure_run(struct vg_pressure_run *run, const struct vg_item *item,
                     bool inside, vg_ms pause);
/* Its length; -1: there is none. */
vg_ms vg_pressure_length(const struct vg_pressure_run *run);
/* Whether these end a hypotension of their own device. */
bool vg_pressure_cleared(const struct vg_pressure_run *at_95,
                         const struct vg_pressure_run *at_90);
/* The same for what another device has opened: only when that is gone (slot.h). */
bool vg_pressure_cleared_other(const struct vg_slot *mine, const struct vg_slot *other,
                               struct vg_pressure_run at_95,
                               struct vg_pressure_run at_90, const struct vg_item *item,
                               vg_ms silent);
/* A single value may be a relative fall of its device's, or end one. */
void vg_pressure_fall(struct vg_pressure_cuff *cuff, struct vg_pressure_cuff *other,
                      const struct vg_item *item);

/* ---- pressure_cuff.c */

bool vg_pressure_near_infusion(const struct vg_state *state, struct vg_instant at);
/* How long a low value waits for the next one, and whether it has done so. */
vg_ms vg_pressure_patience(const struct vg_state *state,
                           const struct vg_pressure_cuff *cuff);
bool vg_pressure_overdue(const struct vg_state *state,
                         const struct vg_pressure_cuff *cuff, struct vg_instant at);
/* A pulse, saturation or entry that makes a low value count at once. */
void vg_pressure_context(struct vg_state *state, const struct vg_item *item);
/* A single value. `lone`: the first of what may be a line, which is never believed at once. */
void vg_pressure_singles(struct vg_state *state, const struct vg_item *item, bool lone);

#endif
