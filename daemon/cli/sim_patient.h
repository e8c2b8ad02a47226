/* SPDX-License-Identifier: Apache-2.0
 *
 * One patient of the model: which message about them is due when, and what stands in it. A
 * day on the ward as its routine has it: sets of vital signs by a nurse, a monitor beside the bed,
 * ICE, blood, an infusion four hours after the admission, and what the script brings.
 */
#ifndef VIGIL_CLI_SIM_PATIENT_H
#define VIGIL_CLI_SIM_PATIENT_H

#include "vigil/wire.h"

#include "cli/sim_script.h"

#define VG_SIM_ADMITTED_AT  (8 * VG_HOUR) /* time of day */
#define VG_SIM_INFUSED_AT   (4 * VG_HOUR) /* after the admission */
#define VG_SIM_PATIENT_AGES 45            /* 35 to 79 years */

enum vg_sim_task { /* in the order in which what is due at once is sent */
                   VG_SIM_ADMIT,
                   VG_SIM_OXYGEN, /* of a set; then consciousness, then the signs */
                   VG_SIM_ACVPU,
                   VG_SIM_SET,
                   VG_SIM_INFUSE, /* right after a set */
                   VG_SIM_HAPPENING,
                   VG_SIM_MONITOR,
                   VG_SIM_ICE,
                   VG_SIM_LABS,
                   VG_SIM_TASKS
};

/* A plain value. */
struct vg_sim_patient {
    enum vg_sim_illness illness;
    vg_ms monitor; /* between two values of the monitor; 0: none */
    struct vg_sim_chance chance;
    struct vg_sim_model model;
    vg_ms due[VG_SIM_TASKS]; /* since the admission */
    size_t happened;
    double own[32]; /* factor of each laboratory value: persons differ */
};

void vg_sim_patient_init(struct vg_sim_patient *patient, enum vg_sim_illness illness,
                         struct vg_sim_chance chance, vg_ms monitor);

/* What is next, and when: since the admission. */
enum vg_sim_task vg_sim_patient_next(const struct vg_sim_patient *patient, vg_ms *due);

/* The items of `obs` of a task (all but VG_SIM_ADMIT and VG_SIM_INFUSE, which the ward
 * knows better), joined by commas. Moves the model on; may be called once for each task. */
void vg_sim_patient_write(struct vg_sim_patient *patient, enum vg_sim_task task,
                          struct vg_buffer *buffer);
/* "vitals", "labs", "assessment", "therapy" or "episode". */
const char *vg_sim_patient_topic(const struct vg_sim_patient *patient,
                                 enum vg_sim_task task);

/* The message went out: on to the next of its kind. */
void vg_sim_patient_done(struct vg_sim_patient *patient, enum vg_sim_task task);

#endif
