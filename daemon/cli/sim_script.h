/* SPDX-License-Identifier: Apache-2.0
 *
 * What befalls a scripted patient, as tables over the time since the start of the infusion:
 * where each vital sign goes, what is given, charted and drawn. Constants only.
 */
#ifndef VIGIL_CLI_SIM_SCRIPT_H
#define VIGIL_CLI_SIM_SCRIPT_H

#include "cli/sim_model.h"

enum vg_sim_illness {
    VG_SIM_WELL,
    VG_SIM_FEVER,    /* fever for some hours, nothing else */
    VG_SIM_CRS,      /* grades 1, 2, 3, tocilizumab, easing */
    VG_SIM_NEURO,    /* ICE falls from 10 to 1 and comes back */
    VG_SIM_REACTION, /* within minutes of the infusion: skin, pressure, breathing */
    VG_SIM_SEPSIS,   /* fever in neutropenia, then pressure and consciousness */
    VG_SIM_ILLNESSES
};

const char *vg_sim_illness_name(enum vg_sim_illness illness);
/* VG_OK or VG_ABSENT. */
enum vg_status vg_sim_illness_find(const char *name, size_t length,
                                   enum vg_sim_illness *out);

/* What holds until the next frame. */
struct vg_sim_state {
    char acvpu;         /* 'A', 'C', 'V', 'P' or 'U' */
    const char *oxygen; /* the item of `obs` that charts it */
    unsigned ice;       /* 0 to 10 */
    unsigned set_every; /* minutes between sets of vital signs; 0: the ward's routine */
    double burden;      /* 0 to 1: how far laboratory values have gone */
};

/* `since` the start of the infusion (negative before it). Vital signs of the well person go
 * in, those of the ill one come out; between two frames they go straight. */
struct vg_sim_state vg_sim_script_at(enum vg_sim_illness illness, vg_ms since,
                                     struct vg_sim_vitals *vitals);

/* Something done or noted once. */
struct vg_sim_happening {
    vg_ms at;          /* since the start of the infusion */
    const char *topic; /* "therapy", "assessment" or "labs" */
    const char *items; /* of `obs`, joined by commas */
};

/* By rising time. The end of the infusion is among them. */
const struct vg_sim_happening *vg_sim_script_happenings(enum vg_sim_illness illness,
                                                        size_t *count);

struct vg_sim_lab {
    const char *code, *unit;
    double usual;    /* of a patient a few days after lymphodepletion */
    double at_worst; /* times the usual, at a burden of 1 */
    unsigned places; /* decimals */
};

const struct vg_sim_lab *vg_sim_script_labs(enum vg_sim_illness illness, size_t *count);

#endif
