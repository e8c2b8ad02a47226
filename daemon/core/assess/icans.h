/* SPDX-License-Identifier: Apache-2.0
 *
 * ICANS by the ASTCT consensus (Lee 2019) and what else the nervous system says: Clinical
 * reference 2.
 */
#ifndef VIGIL_ASSESS_ICANS_H
#define VIGIL_ASSESS_ICANS_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* One sign of the pattern of raised intracranial pressure. */
struct vg_icp_sign {
    struct vg_instant from, to; /* the newest reading that shows it; 0: none */
    struct vg_instant calm;     /* the newest that does not; 0: none */
};
enum vg_icp_signs { VG_ICP_SBP, VG_ICP_HR, VG_ICP_RR, VG_ICP_SIGNS };

struct vg_icans {
    struct vg_instant ice_at; /* 0: never */
    int8_t ice, before;       /* the latest and the one before; before: -1 none */
    int8_t baseline;          /* the last before the first T0, if has_baseline */
    int8_t
        meanwhile; /* the last behind a planned T0 without a start, if has_meanwhile */
    bool has_baseline, has_meanwhile, unarousable;
    struct vg_instant seizure;          /* latest, 0: none */
    struct vg_instant grade_3, grade_4; /* latest seizure or sign of that grade; 0 */
    struct vg_instant haemorrhage, delayed;
    bool icp_on;
    struct vg_instant icp_since;
    struct vg_icp_sign sign[VG_ICP_SIGNS];
};

/* Signals: ICE, SEIZURE, NEURO, SBP, HR, RR; for the judge CONSCIOUSNESS, AROUSAL, FLAG,
 * INFUSION too. After the chart and the baselines. */
void vg_icans_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item);
void vg_icans_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next);

/* icp.c: signs of raised intracranial pressure (2.2). */
void vg_icp_step(struct vg_state *state, const struct vg_view *view,
                 const struct vg_item *item);
/* The pattern stands; *next as in judge. */
bool vg_icp_stands(const struct vg_icans *icans, struct vg_instant at,
                   struct vg_instant *next);

#endif
