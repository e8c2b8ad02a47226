/* SPDX-License-Identifier: Apache-2.0
 *
 * How often a sender sends, learned from its latest pauses, and so how long it may be silent
 * before somebody should look. One that sends all the time gets 5 min (Clinical reference 9.4,
 * rule 5, for a signal), one that sends every hour two hours. Project proposals otherwise.
 */
#ifndef VIGIL_CORE_CADENCE_H
#define VIGIL_CORE_CADENCE_H

#include "vigil/base.h"

#define VG_CADENCE_PAUSES 8U
#define VG_CADENCE_KNOWN  5U /* messages before anything is expected */
#define VG_CADENCE_LEAST  (5 * VG_MINUTE)

/* Zero-initialise. Times are of a clock that does not stop, 0: never. */
struct vg_cadence {
    vg_ms last;
    uint32_t count;
    uint32_t pause_s[VG_CADENCE_PAUSES]; /* a ring */
};

void vg_cadence_note(struct vg_cadence *cadence, vg_ms now);
/* How long after a message the next is overdue; 0: not known yet. */
vg_ms vg_cadence_patience(const struct vg_cadence *cadence);

#endif
