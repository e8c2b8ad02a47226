/* SPDX-License-Identifier: Apache-2.0
 *
 * Signal quality: Clinical reference 10.1, 10.2, 0.3, 0.9, 9.4.
 */
#ifndef VIGIL_ASSESS_QUALITY_H
#define VIGIL_ASSESS_QUALITY_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

struct vg_quality_state {
    int unused;
};

/* Sets the marks of the items of one instant, before any topic sees them. */
void vg_quality_instant(struct vg_state *state, const struct vg_view *view,
                        struct vg_item *item, size_t count);

#endif
