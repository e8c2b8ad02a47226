/* SPDX-License-Identifier: Apache-2.0
 *
 * The only clock. The wall clock is for show, storage and comparing with what senders
 * measured; every duration runs on the boot clock, which neither steps back nor stops
 * while the machine is suspended.
 *
 * All may be called from any thread.
 */
#ifndef VIGIL_SHELL_CLOCK_H
#define VIGIL_SHELL_CLOCK_H

#include "vigil/base.h"

struct vg_instant vg_clock_wall(void);

/* Milliseconds since the machine started. Only differences mean anything. */
vg_ms vg_clock_boot(void);
/* The same without the time it was suspended: for telling that it was, and what waits of
 * threads are given. */
vg_ms vg_clock_awake(void);

#endif
