/* SPDX-License-Identifier: Apache-2.0
 *
 * CRS by the ASTCT consensus (Lee 2019): Clinical reference 1.2, 1.5.
 *
 * An episode begins with the first confirmed fever of the CRS window and ends after more
 * than 72 h without any sign, or when a clinician closes it.
 */
#ifndef VIGIL_ASSESS_CRS_H
#define VIGIL_ASSESS_CRS_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

struct vg_crs_episode {
    struct vg_instant fever;  /* newest confirmed fever of the window */
    struct vg_instant onset;  /* first; 0: no episode */
    struct vg_instant active; /* newest sign of any kind */
    uint8_t max_grade;
};

/* What has risen on one axis and no grade has shown. */
struct vg_crs_rise {
    struct vg_instant since; /* 0: nothing */
    uint8_t base;            /* the tier that is accounted for */
};

enum vg_crs_axis { VG_CRS_PRESSURE, VG_CRS_OXYGEN, VG_CRS_AXES };

struct vg_crs {
    struct vg_crs_episode now;
    struct vg_crs_episode closed; /* by flag crs_closed: back if it is withdrawn */
    struct vg_crs_rise rise[VG_CRS_AXES];
};

/* The fever criterion (F1 or F2 of 1.2) at `at` >= state.at. */
bool vg_crs_criterion(const struct vg_state *state, const struct vg_view *view,
                      struct vg_instant at);

/* Signals of its step: FLAG; it is judged anew with whatever changes. */
void vg_crs_before(struct vg_state *state, const struct vg_view *view,
                   struct vg_instant at);
void vg_crs_step(struct vg_state *state, const struct vg_view *view,
                 const struct vg_item *item);
void vg_crs_after(struct vg_state *state, const struct vg_view *view,
                  struct vg_instant at);
void vg_crs_judge(const struct vg_state *state, const struct vg_view *view,
                  struct vg_instant at, struct vg_assessment *out,
                  struct vg_instant *next);

#endif
