/* SPDX-License-Identifier: Apache-2.0
 *
 * Baselines, frozen at the first infusion, or when one was planned for and no start came: Clinical reference 0.5, 0.3.
 *
 * The instant of the infusion is not known in advance, so that each class of sources keeps
 * readings of the last 24 h: all of them up to 32, beyond that an even choice in time (at
 * least 14 once they span 24 h). The median is exact for what is measured singly, hourly
 * included; of a continuous signal it is the median of the chosen readings. Times are
 * kept to 16 ms.
 */
#ifndef VIGIL_ASSESS_BASELINE_H
#define VIGIL_ASSESS_BASELINE_H

#include "core/item.h"

struct vg_state;
struct vg_view;

enum vg_baseline_signal {
    VG_BASELINE_TEMP,
    VG_BASELINE_HR,
    VG_BASELINE_RR,
    VG_BASELINE_SPO2,
    VG_BASELINE_SBP,
    VG_BASELINE_SIGNALS
};

/* Classes of sources with readings of their own, the most trusted of a signal first (0.9).
 */
enum vg_baseline_lane_name {
    VG_LANE_TEMP_TRUSTED, /* spot, or a probe */
    VG_LANE_TEMP_AXILLARY,
    VG_LANE_TEMP_PATCH,
    VG_LANE_HR,
    VG_LANE_RR,
    VG_LANE_SPO2,
    VG_LANE_SBP_LINE,
    VG_LANE_SBP_CUFF,
    VG_LANES
};

#define VG_BASELINE_KEPT 32

struct vg_baseline_reading {
    unsigned when : 23; /* 16 ms, of the last 37 h: 24 h are told apart */
    unsigned value : 9; /* steps */
};

struct vg_baseline_lane {
    struct vg_instant newest; /* of the newest reading kept */
    uint32_t spacing;         /* ms between readings kept; 0: all are */
    uint8_t count;
    struct vg_baseline_reading kept[VG_BASELINE_KEPT]; /* in order of time */
};

struct vg_baseline {
    struct vg_baseline_lane lane[VG_LANES];
    int16_t value[VG_BASELINE_SIGNALS]; /* 0: none */
    uint8_t changed;                    /* bit per signal: since `value` was taken */
};

#define VG_BASELINE_WANTS                                                   \
    (UINT64_C(1) << VG_TEMP | UINT64_C(1) << VG_HR | UINT64_C(1) << VG_RR | \
     UINT64_C(1) << VG_SPO2 | UINT64_C(1) << VG_SBP | UINT64_C(1) << VG_INFUSION)

void vg_baseline_step(struct vg_state *state, const struct vg_view *view,
                      const struct vg_item *item);
void vg_baseline_after(struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at);

/* Canonical steps: the admission's, else the computed one (frozen at the first T0, which a plan is too; before it,
 * of what is known up to state.at), else VG_NO_VALUE. Vital signs of 0.5, and laboratory
 * values as of the first T0. */
int64_t vg_baseline_of(const struct vg_state *state, const struct vg_view *view,
                       enum vg_signal signal);

/* Before everything is folded anew: baselines whose readings are not kept any more. */
void vg_baseline_keep(const struct vg_state *state, struct vg_patient *patient);

/* What a restart is to carry over of those that are frozen. */
void vg_baseline_carry(const struct vg_state *state, struct vg_carried *out);

/* The last laboratory value at or before an instant (admission's baseline first):
 * VG_NO_VALUE. */
int64_t vg_baseline_lab(const struct vg_view *view, enum vg_signal signal,
                        struct vg_instant before);

#endif
