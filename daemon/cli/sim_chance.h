/* SPDX-License-Identifier: Apache-2.0
 *
 * Chance for the simulated ward: the same numbers everywhere for the same seed. Plain
 * values, copied freely; not for secrets.
 */
#ifndef VIGIL_CLI_SIM_CHANCE_H
#define VIGIL_CLI_SIM_CHANCE_H

#include "vigil/base.h"

struct vg_sim_chance {
    uint64_t state;
};

/* A stream of its own for each `what`, so that one more draw here moves nothing there. */
struct vg_sim_chance vg_sim_chance_of(uint64_t seed, uint64_t what);

uint64_t vg_sim_draw(struct vg_sim_chance *chance);
size_t vg_sim_below(struct vg_sim_chance *chance, size_t limit);
/* [low, high) */
double vg_sim_between(struct vg_sim_chance *chance, double low, double high);
/* True with this probability; 0 draws nothing. */
bool vg_sim_happens(struct vg_sim_chance *chance, double probability);
/* Mean 0, deviation 1, cut off at 2.5: nobody's pulse has the tails of a formula. */
double vg_sim_normal(struct vg_sim_chance *chance);

#endif
