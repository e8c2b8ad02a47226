/* SPDX-License-Identifier: Apache-2.0
 *
 * A bed of the simulated ward and the messages about it: the inside of simulate_ward.c.
 */
#ifndef VIGIL_CLI_SIM_BED_H
#define VIGIL_CLI_SIM_BED_H

#include "cli/simulate_ward.h"

struct vg_sim_bed {
    char id[VG_ID_LEN + 1], patient[VG_PATIENT_LEN + 1], device[VG_ID_LEN + 1];
    const char *product;
    unsigned age;
    struct vg_sim_sender *sender;
    const struct vg_recording *recording; /* NULL: the model */
    size_t next;                          /* sample */
    unsigned charted;                     /* admission, infusion: how many are done */
    vg_ms start;                          /* elapsed time at offset 0 */
    struct vg_instant last;               /* each message has a stamp of its own */
    vg_ms infused_before; /* the start of the simulation; of recordings */
    bool over;
    struct vg_sim_patient person; /* of the model */
    struct vg_sim_chance chance;  /* of mistakes */
};

struct vg_sim_desk {
    const struct vg_sim_plan *plan;
    struct vg_buffer *buffer; /* used again for each message */
    struct vg_instant wall;
};

/* All: as vg_sim_ward_play, and VG_FULL. What is not VG_OK has changed nothing that counts. */
enum vg_status vg_sim_bed_admit(const struct vg_sim_desk *desk, struct vg_sim_bed *bed,
                                struct vg_instant at);
enum vg_status vg_sim_bed_infuse(const struct vg_sim_desk *desk, struct vg_sim_bed *bed,
                                 struct vg_instant at);
/* The patient leaves bed `from` for bed `to` of the same ward. */
enum vg_status vg_sim_bed_transfer(const struct vg_sim_desk *desk,
                                   struct vg_sim_bed *bed, const char *from,
                                   const char *to);
/* Is the patient admitted, so that they can move? */
bool vg_sim_bed_admitted(const struct vg_sim_bed *bed);
/* The samples of one recorded instant. */
enum vg_status vg_sim_bed_recorded(const struct vg_sim_desk *desk,
                                   struct vg_sim_bed *bed);
/* The next task of the model. */
enum vg_status vg_sim_bed_modelled(const struct vg_sim_desk *desk,
                                   struct vg_sim_bed *bed);

#endif
