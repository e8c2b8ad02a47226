/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a channel by its kind.
 */
#ifndef VIGIL_SHELL_CHANNEL_H
#define VIGIL_SHELL_CHANNEL_H

#include "vigil/channel.h"

#include "shell/mqtt.h"

/* What a channel may need; each kind takes its part. Borrowed until the channel is closed,
 * but for `kind` and `root`. */
struct vg_channel_setup {
    const char *kind; /* "mqtt" */
    const char *root; /* of all topics */
    struct vg_publisher *publisher;
    vg_notice_fn *done;
    void *to;
};

/* VG_OK, VG_NO_MEMORY, VG_ABSENT (no such kind) or VG_REFUSED (the setup). */
enum vg_status vg_channel_open(const struct vg_channel_setup *setup,
                               struct vg_channel **out, struct vg_error *error);

#endif
