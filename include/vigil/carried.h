/* SPDX-License-Identifier: Apache-2.0
 *
 * What a restart cannot work out again of a stay, and carries over.
 *
 * A restart reads the vital signs of the last day back, of a large ward fewer; what was charted and laboratory
 * values for weeks. Two things rest on older vital signs: the baselines that were frozen at the first infusion
 * (Clinical reference 0.5), and since when a CRS-like episode has been going on (1.2). The engine tells them when they
 * change (VG_EFFECT_CARRIED), the store keeps the latest, and a restore hands it back before the stay's first message.
 *
 * The part of the episode serves as well when everything is folded anew (an update, a reload, a value that comes
 * very late), for of streams a day is kept.
 *
 * It adds to what was read back and takes nothing away: a baseline carried stands for as long as the infusion is of the
 * same instant, whatever comes late; of an episode the earlier onset and the later signs count.
 */
#ifndef VIGIL_CARRIED_H
#define VIGIL_CARRIED_H

#include "vigil/base.h"

/* temp, hr, rr, spo2, sbp: enum vg_baseline_signal */
#define VG_CARRIED_BASELINES 5

/* An instant of 0 ms is not set. A plain value, owned by whoever holds it. */
struct vg_carried {
    struct vg_instant at; /* of the newest reading that it rests on */
    struct vg_instant
        frozen; /* the first infusion, or the plan for it if none came: of the baselines */
    struct vg_instant
        onset; /* of the CRS-like episode; not set: there is none, nor the two below */
    struct vg_instant fever;  /* its newest confirmed fever, at most an hour behind */
    struct vg_instant active; /* its newest sign of any kind, the same */
    int16_t baseline[VG_CARRIED_BASELINES]; /* canonical steps; 0: none */
    uint8_t max_grade;                      /* of the episode */
};

#endif
