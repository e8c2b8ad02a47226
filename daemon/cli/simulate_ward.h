/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated ward: which bed plays which recording through which gateway, and what the
 * messages look like.
 */
#ifndef VIGIL_CLI_SIMULATE_WARD_H
#define VIGIL_CLI_SIMULATE_WARD_H

#include "cli/gateway_link.h"
#include "cli/recording.h"

struct vg_sim_ward;

/* Everything pointed to is borrowed for the ward's life. */
struct vg_sim_plan {
    const char *root, *ward;
    size_t beds, gateways;
    struct vg_gateway *const *gateway; /* bed i sends through number i % gateways */
    const struct vg_recordings *recordings;
    uint64_t seed; /* the same ward for the same number */
    double speed;  /* recorded time over real time */
    bool once;     /* play each recording once, else again and again */
    bool admit;    /* admit patients and chart their infusions first */
};

/* NULL: no memory. */
struct vg_sim_ward *vg_sim_ward_create(const struct vg_sim_plan *plan);
void vg_sim_ward_destroy(struct vg_sim_ward *ward); /* NULL is fine */

/* Hands to the gateways what is due. VG_OK, VG_NO_MEMORY, or VG_REFUSED: root or ward make no
 * topic. A gateway that is full delays its beds. */
enum vg_status vg_sim_ward_play(struct vg_sim_ward *ward);

/* With `once`: every recording is through. */
bool vg_sim_ward_over(const struct vg_sim_ward *ward);

#endif
