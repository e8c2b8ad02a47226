/* SPDX-License-Identifier: Apache-2.0
 *
 * Patients who change beds: two at a time, by way of a spare bed, so that no bed ever has two.
 */
#ifndef VIGIL_CLI_SIM_MOVES_H
#define VIGIL_CLI_SIM_MOVES_H

#include "cli/sim_bed.h"

/* A plain value; `next` and `chance` are set by its owner. */
struct vg_sim_moves {
    struct vg_sim_bed *a, *b; /* who are changing; NULL: nobody */
    unsigned stage;
    vg_ms next; /* elapsed time of the next change */
    struct vg_sim_chance chance;
};

/* Goes on with a change, or begins one if it is time. As vg_sim_ward_play. Meanwhile nothing may be sent
 * about the two: vg_sim_moves_holds. */
enum vg_status vg_sim_moves_play(struct vg_sim_moves *moves,
                                 const struct vg_sim_desk *desk,
                                 struct vg_sim_bed *beds, vg_ms elapsed);
bool vg_sim_moves_holds(const struct vg_sim_moves *moves, const struct vg_sim_bed *bed);

#endif
