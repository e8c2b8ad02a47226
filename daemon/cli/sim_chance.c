/* SPDX-License-Identifier: Apache-2.0
 *
 * SplitMix64: small, and the same numbers everywhere.
 */
#include "cli/sim_chance.h"

#include <math.h>

#define NORMAL_AT_MOST 2.5
#define TWO_PI         6.283185307179586

uint64_t vg_sim_draw(struct vg_sim_chance *chance)
{
    uint64_t z = chance->state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

struct vg_sim_chance vg_sim_chance_of(uint64_t seed, uint64_t what)
{
    struct vg_sim_chance chance = {seed ^ (what * 0xd1342543de82ef95U)};
    chance.state = vg_sim_draw(&chance);
    return chance;
}

size_t vg_sim_below(struct vg_sim_chance *chance, size_t limit)
{
    return (size_t)(vg_sim_draw(chance) % limit);
}

static double share(struct vg_sim_chance *chance)
{
    return (double)(vg_sim_draw(chance) >> 11) * 0x1p-53;
}

double vg_sim_between(struct vg_sim_chance *chance, double low, double high)
{
    return low + (high - low) * share(chance);
}

bool vg_sim_happens(struct vg_sim_chance *chance, double probability)
{
    return probability > 0 && share(chance) < probability;
}

double vg_sim_normal(struct vg_sim_chance *chance)
{
    double radius = sqrt(-2 * log(1 - share(chance)));
    double normal = radius * cos(TWO_PI * share(chance));
    return fmax(-NORMAL_AT_MOST, fmin(NORMAL_AT_MOST, normal));
}
