/* SPDX-License-Identifier: Apache-2.0
 *
 * What a restart cannot work out again of a stay, and carries over.
 *
 * A restart reads the vital signs of the last day back, of a large ward fewer; what was charted and laboratory
 * values for weeks. On older vital signs rest: the baselines that were frozen at the first infusion (Clinical reference
 * 0.5), an episode of CRS and the support it was graded with (1.2), fever and its treatment in neutropenia (5.3), pages of
 * NEWS2 that nothing has ended (4.2), and when each vital sign was last observed (7.2). The engine tells them when they
 * change (VG_EFFECT_CARRIED), the store keeps the latest, and a restore hands it back before the stay's first message.
 *
 * It serves as well when everything is folded anew (an update, a reload, a value that comes very late), for of
 * streams a day is kept.
 *
 * It adds to what was read back and takes nothing away: a baseline carried stands for as long as the infusion is of the
 * same instant, whatever comes late; of an episode the earlier onset and the later signs count.
 */
#ifndef VIGIL_CARRIED_H
#define VIGIL_CARRIED_H

#include "vigil/base.h"

/* Instants; 0 ms: not set. The columns of the table, in this order. */
enum vg_carried_time {
    VG_CARRIED_FROZEN, /* the first infusion, or the plan for it if none came: of the baselines */
    VG_CARRIED_ONSET, /* of the CRS-like episode; not set: there is none, nor the two below */
    VG_CARRIED_FEVER,  /* its newest confirmed fever */
    VG_CARRIED_ACTIVE, /* its newest sign of any kind */
    VG_CARRIED_FEVER_SINCE, /* confirmed and not cleared: first reading; then the same of >= 39.0, > 40.0, > 41.0 */
    VG_CARRIED_FEVER_HIGH,
    VG_CARRIED_OVER_40,
    VG_CARRIED_OVER_41,
    VG_CARRIED_CONFIRMED, /* the newest confirmed fever, and the first reading of its run */
    VG_CARRIED_CONFIRMED_FROM,
    VG_CARRIED_SINGLE, /* the newest >= 38.3, the same */
    VG_CARRIED_SINGLE_FROM,
    VG_CARRIED_NICE, /* the newest > 38.0, the same */
    VG_CARRIED_NICE_FROM,
    VG_CARRIED_SUSTAINED, /* the newest end of an hour of fever, the same */
    VG_CARRIED_SUSTAINED_FROM,
    VG_CARRIED_REPEAT, /* a spot value that waits for its repeat */
    VG_CARRIED_VALID,  /* the newest temperature that counts */
    VG_CARRIED_FN_SINCE, /* of fever in neutropenia; then its treatment, and its newest calm behind that */
    VG_CARRIED_TREATED,
    VG_CARRIED_COOL,
    VG_CARRIED_LOW_TEMP,
    VG_CARRIED_NEWS2_7, /* pages that stand: since when */
    VG_CARRIED_NEWS2_5,
    VG_CARRIED_NEWS2_3,
    VG_CARRIED_LAST_TEMP, /* observed last */
    VG_CARRIED_LAST_HR,
    VG_CARRIED_LAST_RR,
    VG_CARRIED_LAST_SPO2,
    VG_CARRIED_LAST_SBP,
    VG_CARRIED_TIMES
};

enum vg_carried_number {
    VG_CARRIED_TEMP, /* baselines in canonical steps, 0: none; in the order of enum vg_baseline_signal */
    VG_CARRIED_HR,
    VG_CARRIED_RR,
    VG_CARRIED_SPO2,
    VG_CARRIED_SBP,
    VG_CARRIED_MAX_GRADE,   /* of the episode of CRS */
    VG_CARRIED_CLOSED,      /* 1: a clinician has closed it */
    VG_CARRIED_ON_PRESSURE, /* tiers of support that were graded: they are no rise */
    VG_CARRIED_ON_OXYGEN,
    VG_CARRIED_FEVER_LANE, /* who opened the fever; then who waits for a repeat, and of the low temperature */
    VG_CARRIED_REPEAT_CLASS, /* enum vg_temp_class */
    VG_CARRIED_LOW_CLASS,
    VG_CARRIED_FN_SCORE, /* NEWS2 at the treatment */
    VG_CARRIED_FN_MARKS, /* bits: VG_CARRIED_BY_FLAG and so on */
    VG_CARRIED_NUMBERS
};
#define VG_CARRIED_BY_FLAG 1 /* fever in neutropenia was treated by flag fn_treated */
#define VG_CARRIED_HYPO    2 /* its latest systolic pressure was low */
#define VG_CARRIED_BETTER  4 /* it was not low at or since the treatment */
#define VG_CARRIED_FELL    8 /* and fell again */

/* A plain value, owned by whoever holds it. What moves with each reading is up to 10 min behind. */
struct vg_carried {
    struct vg_instant at; /* of the newest reading that it rests on */
    struct vg_instant time[VG_CARRIED_TIMES];
    int16_t number[VG_CARRIED_NUMBERS];
};

#endif
