/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypotension axis and MAP: Clinical reference 1.3.
 */
#ifndef VIGIL_ASSESS_PRESSURE_H
#define VIGIL_ASSESS_PRESSURE_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

struct vg_pressure {
    int unused;
};

/* 0, 2, 3 or 4 at `at` >= state.at: running vasopressors and confirmed hypotension, time-outs
 * included; 0 while flag hypotension_other_cause holds. */
int vg_pressure_tier(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at);

#endif
