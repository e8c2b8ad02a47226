/* SPDX-License-Identifier: Apache-2.0
 *
 * A way out to people. A channel is handed notices and says, notice by notice, when each
 * has been delivered (as far as the channel can know) or has failed. The outbox of the
 * store is the only thing that tries again.
 *
 * Rows of the table in channel.c; channel_mqtt.c is the first.
 */
#ifndef VIGIL_CHANNEL_H
#define VIGIL_CHANNEL_H

#include "vigil/alert.h"

struct vg_notice {
    const struct vg_alert *alert; /* borrowed for the call */
    bool persisted;               /* the alert is on disk */
    void *tag;                    /* comes back with the completion */
};

/* On the loop thread. VG_OK: delivered. VG_FAILED: not, or not known. */
typedef void vg_notice_fn(void *to, void *tag, enum vg_status status);

struct vg_channel;
struct vg_channel_ops {
    const char *name;
    /* VG_OK: taken, `done` will be called; VG_FULL or VG_FAILED: not taken. */
    enum vg_status (*send)(struct vg_channel *channel, const struct vg_notice *notice);
    void (*close)(struct vg_channel *channel);
};
struct vg_channel {
    const struct vg_channel_ops *ops;
    vg_notice_fn *done;
    void *to;
};

#endif
