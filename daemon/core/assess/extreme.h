/* SPDX-License-Identifier: Apache-2.0
 *
 * Extreme vital signs, a floor: Clinical reference 9.4.
 *
 * Streams are counted device by device (slot.h). A spot value is a person's: a normal one ends
 * what any stream says, unless one of another device is extreme at that time.
 */
#ifndef VIGIL_ASSESS_EXTREME_H
#define VIGIL_ASSESS_EXTREME_H

#include "core/assess/slot.h"
#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* One limit of one signal. */
struct vg_extreme_lane {
    struct vg_instant start; /* run of extreme samples, up to the newest; 0: none */
    struct vg_instant calm;  /* since when the stream is normal again; 0: it is not */
    struct vg_instant since; /* the finding stands since; 0: it does not */
    bool seldom; /* the run began behind a pause: by a monitor that reports seldom */
};

enum vg_extreme_limit { VG_EXTREME_LOW, VG_EXTREME_HIGH, VG_EXTREME_LIMITS };
enum vg_extreme_signal { VG_EXTREME_HR, VG_EXTREME_RR, VG_EXTREMES };

struct vg_extreme_stream {
    struct vg_slot slot;
    struct vg_extreme_lane lane[VG_EXTREME_LIMITS];
};

struct vg_extreme {
    struct vg_extreme_stream stream[VG_EXTREMES][VG_SLOTS];
    struct vg_instant spot[VG_EXTREMES][VG_EXTREME_LIMITS]; /* since; 0: not */
    struct vg_slot_last last[VG_EXTREMES];
    bool any[VG_EXTREMES]; /* a run or a finding of any device; nothing is noted else */
};

void vg_extreme_step(struct vg_state *state, const struct vg_view *view,
                     const struct vg_item *item);
void vg_extreme_judge(const struct vg_state *state, const struct vg_view *view,
                      struct vg_instant at, struct vg_assessment *out,
                      struct vg_instant *next);

#endif
