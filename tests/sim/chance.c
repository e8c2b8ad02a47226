/* SPDX-License-Identifier: Apache-2.0
 *
 * Luck from the seed, and time.
 */
#include "sim/sim.h"

struct sim sim;

static uint64_t mixed(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t luck(enum sim_luck stream)
{
    const uint64_t start = mixed(sim.seed * LUCK_COUNT + (uint64_t)stream + 1);

    return mixed(start + ++sim.luck[stream] * UINT64_C(0x9e3779b97f4a7c15));
}

int64_t luck_below(enum sim_luck stream, int64_t limit)
{
    return limit <= 1 ? 0 : (int64_t)(luck(stream) % (uint64_t)limit);
}

int64_t luck_between(enum sim_luck stream, int64_t low, int64_t high)
{
    return low + luck_below(stream, high - low + 1);
}

bool luck_percent(enum sim_luck stream, double percent)
{
    return (double)(luck(stream) >> 11) * 0x1p-53 * 100.0 < percent;
}

vg_ms sim_true(void)
{
    return SIM_EPOCH + sim.boot;
}

void sim_wake(enum sim_actor actor, vg_ms at)
{
    sim.due[actor] = at < sim.due[actor] ? at : sim.due[actor];
}
