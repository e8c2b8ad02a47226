/* SPDX-License-Identifier: Apache-2.0
 *
 * CRS by the ASTCT consensus (Lee 2019): Clinical reference 1.2, 1.5.
 */
#ifndef VIGIL_ASSESS_CRS_H
#define VIGIL_ASSESS_CRS_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

struct vg_crs {
    int unused;
};

/* The fever criterion (F1 or F2 of 1.2) at `at` >= state.at. */
bool vg_crs_criterion(const struct vg_state *state, const struct vg_view *view,
                      struct vg_instant at);

#endif
