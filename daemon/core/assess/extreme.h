/* SPDX-License-Identifier: Apache-2.0
 *
 * Extreme vital signs, a floor: Clinical reference 9.4.
 */
#ifndef VIGIL_ASSESS_EXTREME_H
#define VIGIL_ASSESS_EXTREME_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* One limit of one signal. */
struct vg_extreme_lane {
    struct vg_instant start, last; /* run of extreme samples; start 0: none */
    struct vg_instant calm;  /* since when the stream is normal again; 0: it is not */
    struct vg_instant since; /* the finding stands since; 0: it does not */
};

enum vg_extreme_limit { VG_HR_LOW, VG_HR_HIGH, VG_RR_LOW, VG_RR_HIGH, VG_EXTREMES };

struct vg_extreme {
    struct vg_extreme_lane lane[VG_EXTREMES];
};

void vg_extreme_step(struct vg_state *state, const struct vg_view *view,
                     const struct vg_item *item);
void vg_extreme_judge(const struct vg_state *state, const struct vg_view *view,
                      struct vg_instant at, struct vg_assessment *out,
                      struct vg_instant *next);

#endif
