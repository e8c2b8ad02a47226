/* SPDX-License-Identifier: Apache-2.0
 *
 * shell/clock.h on simulated time.
 */
#include "shell/clock.h"

#include "sim/sim.h"

struct vg_instant vg_clock_wall(void)
{
    return (struct vg_instant){sim_true() + sim.wall_off};
}

/* A machine that has been up for an hour: 0 means "never" to some. */
vg_ms vg_clock_boot(void)
{
    return sim.boot + VG_HOUR;
}

vg_ms vg_clock_awake(void)
{
    return vg_clock_boot();
}
