/* SPDX-License-Identifier: Apache-2.0
 *
 * The three readings of the clock.
 */
#include "shell/clock.h"

#include <assert.h>
#include <time.h>

static int64_t milliseconds(clockid_t clock)
{
    struct timespec now;
    int status = clock_gettime(clock, &now);
    assert(status == 0); /* they exist on every Linux we run on */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct vg_instant vg_clock_wall(void)
{
    return (struct vg_instant){milliseconds(CLOCK_REALTIME)};
}

vg_ms vg_clock_boot(void)
{
    return milliseconds(CLOCK_BOOTTIME);
}

vg_ms vg_clock_awake(void)
{
    return milliseconds(CLOCK_MONOTONIC);
}
