/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a channel by its kind.
 */
#ifndef VIGIL_SHELL_CHANNEL_H
#define VIGIL_SHELL_CHANNEL_H

#include <uv.h>

#include "vigil/channel.h"

#include "shell/mqtt.h"
#include "shell/settings.h"

/* What a channel may need; each kind takes its part. Borrowed until the channel is closed,
 * but for the texts. A channel is not closed from inside its `done`. After closing one
 * that has a loop, the loop must turn until its handles are closed. */
struct vg_channel_setup {
    const char *kind; /* "mqtt", "webhook", "smtp" */
    vg_notice_fn *done;
    void *to;
    const char *root;                           /* mqtt: of all topics */
    struct vg_publisher *publisher;             /* mqtt */
    uv_loop_t *loop;                            /* webhook, smtp */
    const char *node;                           /* webhook: this daemon's name */
    const struct vg_settings_channel *settings; /* webhook, smtp */
};

/* VG_OK, VG_NO_MEMORY, VG_ABSENT (no such kind), VG_REFUSED (the setup) or VG_FAILED. */
enum vg_status vg_channel_open(const struct vg_channel_setup *setup,
                               struct vg_channel **out, struct vg_error *error);

#endif
