/* SPDX-License-Identifier: Apache-2.0
 *
 * Our own clocks against each other: was the wall clock set, was the machine asleep?
 */
#ifndef VIGIL_SHELL_CLOCK_WATCH_H
#define VIGIL_SHELL_CLOCK_WATCH_H

#include "vigil/base.h"

#define VG_CLOCK_NOTED (2 * VG_SECOND) /* smaller corrections are followed in silence */

/* Zero-initialise. */
struct vg_clock_watch {
    bool begun;
    vg_ms wall, asleep; /* wall less boot clock; boot less monotonic clock */
};

struct vg_clock_change {
    vg_ms step;  /* by which the wall clock was set, or 0 */
    vg_ms slept; /* for which the machine was suspended, or 0 */
};

/* All three read at the same time: the boot clock goes on while the machine sleeps, the
 * monotonic one does not. */
struct vg_clock_change vg_clock_watch(struct vg_clock_watch *watch,
                                      struct vg_instant wall, vg_ms boot,
                                      vg_ms monotonic);

#endif
