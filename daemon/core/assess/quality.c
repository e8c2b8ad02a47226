/* SPDX-License-Identifier: Apache-2.0
 *
 * Signal quality. See quality.h.
 */
#include "core/assess/quality.h"

#include "core/course.h"

void vg_quality_instant(struct vg_state *state, const struct vg_view *view,
                        struct vg_item *item, size_t count)
{
    (void)state;
    (void)view;
    (void)item;
    (void)count;
}
