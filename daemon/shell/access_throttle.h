/* SPDX-License-Identifier: Apache-2.0
 *
 * Who fails to log in waits: after 5 failures 2 s, then twice as long each time, at most 5 min;
 * after 15 min without one all is forgotten. Counted by name (whoever guesses one person's
 * password) and by address (whoever tries many names), so that neither helps.
 *
 * An address of "" counts for nothing: it stands for many people.
 *
 * A plain value: zero-initialise. Whoever owns it has the lock.
 */
#ifndef VIGIL_SHELL_ACCESS_THROTTLE_H
#define VIGIL_SHELL_ACCESS_THROTTLE_H

#include "vigil/base.h"

#define VG_THROTTLES 256

struct vg_throttle {
    struct {
        uint64_t about; /* hash of a name or an address; 0: free */
        unsigned failures;
        vg_ms last;
    } entry[VG_THROTTLES];
};

/* How long both have to wait; 0: not at all. `now`: boot clock. */
vg_ms vg_throttle_wait(const struct vg_throttle *throttle, const char *name,
                       const char *from, vg_ms now);
void vg_throttle_failed(struct vg_throttle *throttle, const char *name,
                        const char *from, vg_ms now);
void vg_throttle_passed(struct vg_throttle *throttle, const char *name,
                        const char *from);

#endif
