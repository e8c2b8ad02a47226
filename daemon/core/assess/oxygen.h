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

struct vg_oxygen {
    int unused;
};

/* 0, 2, 3 or 4 at `at` >= state.at: charted support and confirmed hypoxia on room air; 0
 * while flag hypoxia_other_cause holds. */
int vg_oxygen_tier(const struct vg_state *state, const struct vg_view *view,
                   struct vg_instant at);

#endif
