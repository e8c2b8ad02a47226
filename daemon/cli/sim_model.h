/* SPDX-License-Identifier: Apache-2.0
 *
 * The vital signs of a person who is well, as they go through day and night: a baseline of
 * their own, a circadian rhythm, and noise that remembers (a value is like the one a
 * minute before). What illness makes of it: sim_script.h.
 *
 * A model of how monitors look, not of physiology: good for trying out gateways and
 * protocols, and proof of nothing clinical. Sources of the numbers: sim_model.c.
 */
#ifndef VIGIL_CLI_SIM_MODEL_H
#define VIGIL_CLI_SIM_MODEL_H

#include "cli/sim_chance.h"

enum vg_sim_sign { /* in Cel, /min, /min, %, mm[Hg], mm[Hg] */
                   VG_SIM_TEMP,
                   VG_SIM_HR,
                   VG_SIM_RR,
                   VG_SIM_SPO2,
                   VG_SIM_SBP,
                   VG_SIM_DBP,
                   VG_SIM_SIGNS
};

struct vg_sim_vitals {
    double of[VG_SIM_SIGNS];    /* as measured */
    double noise[VG_SIM_SIGNS]; /* what of it is noise */
};

/* A plain value; step it forward in time only. */
struct vg_sim_model {
    struct vg_sim_chance chance;
    double baseline[VG_SIM_SIGNS], noise[VG_SIM_SIGNS];
    vg_ms at; /* since midnight of the first day; of the latest step */
};

void vg_sim_model_init(struct vg_sim_model *model, struct vg_sim_chance chance);

/* Lets time pass to `at` (never back) and says what would be measured then. */
struct vg_sim_vitals vg_sim_model_step(struct vg_sim_model *model, vg_ms at);

#endif
