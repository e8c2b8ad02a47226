/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated ward: which bed plays which recording or which patient of the model through which gateway,
 * and what the messages look like.
 *
 * It has no clock: times are handed in. `elapsed` is real time since the ward was made, `wall` what a
 * good clock shows then; the messages carry `wall` plus the error of their gateway's clock.
 */
#ifndef VIGIL_CLI_SIMULATE_WARD_H
#define VIGIL_CLI_SIMULATE_WARD_H

#include "cli/recording.h"
#include "cli/sim_patient.h"
#include "cli/sim_sender.h"

struct vg_sim_ward;

/* Everything pointed to is borrowed for the ward's life. */
struct vg_sim_plan {
    const char *root, *ward;
    size_t beds, senders;
    struct vg_sim_sender *const *sender;    /* bed i sends through number i % senders */
    const struct vg_recordings *recordings; /* NULL: the model */
    const enum vg_sim_illness *illness;     /* of the model: each bed's */
    const char *product;                    /* NULL: by chance */
    struct vg_instant begun;                /* `wall` at 0 */
    uint64_t seed;                          /* the same ward for the same number */
    double speed;                           /* recorded time over real time */
    double mistakes; /* probability that a message is spoiled, to be refused */
    vg_ms moves;     /* real time: so often two patients change beds; 0: never */
    vg_ms monitor; /* of the model, simulated time: between two of a monitor; 0: none */
    bool once;     /* play each recording once, else again and again */
    bool admit;    /* admit patients and chart their infusions first */
};

/* NULL: no memory. */
struct vg_sim_ward *vg_sim_ward_create(const struct vg_sim_plan *plan);
void vg_sim_ward_destroy(struct vg_sim_ward *ward); /* NULL is fine */

/* Hands to the gateways what is due. VG_OK, VG_NO_MEMORY, VG_FAILED (spool or ledger), or VG_REFUSED: root
 * or ward make no topic. A gateway that is full delays its beds. */
enum vg_status vg_sim_ward_play(struct vg_sim_ward *ward, vg_ms elapsed,
                                struct vg_instant wall);

/* When the next message is due; INT64_MAX: never. */
vg_ms vg_sim_ward_next(const struct vg_sim_ward *ward);

/* With `once`: every recording is through. */
bool vg_sim_ward_over(const struct vg_sim_ward *ward);

#endif
