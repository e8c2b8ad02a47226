/* SPDX-License-Identifier: Apache-2.0
 *
 * See clock_watch.h.
 */
#include "shell/clock_watch.h"

static vg_ms noted(vg_ms change)
{
    return change > VG_CLOCK_NOTED || change < -VG_CLOCK_NOTED ? change : 0;
}

struct vg_clock_change vg_clock_watch(struct vg_clock_watch *watch,
                                      struct vg_instant wall, vg_ms boot,
                                      vg_ms monotonic)
{
    const struct vg_clock_watch was = *watch;

    *watch = (struct vg_clock_watch){true, wall.ms - boot, boot - monotonic};
    if (!was.begun) {
        return (struct vg_clock_change){0, 0};
    }
    const vg_ms slept = noted(watch->asleep - was.asleep);
    return (struct vg_clock_change){noted(watch->wall - was.wall),
                                    slept > 0 ? slept : 0};
}
