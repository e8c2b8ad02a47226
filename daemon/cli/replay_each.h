/* SPDX-License-Identifier: Apache-2.0
 *
 * Which assessments a replay has printed already: one for each bed.
 */
#ifndef VIGIL_CLI_REPLAY_EACH_H
#define VIGIL_CLI_REPLAY_EACH_H

#include "vigil/wire.h"

#include "shell/keys.h"

/* Zero-initialise. */
struct vg_each {
    struct vg_keys beds;
    struct vg_each_bed *bed; /* by place in beds */
    size_t room;
    struct vg_buffer scores;
};

void vg_each_finish(struct vg_each *each);

/* Whether what is printed of this patient in this bed differs from the last time, which is now
 * this time. What was never printed counts as all unknown. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_each_changed(struct vg_each *each, const struct vg_assessed *assessed,
                               bool *changed);

#endif
