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

#define VG_ADDRESS_LEN 128

/* A page on its way to one role by one channel; NULL in a notice: the alert's state and its event go to
 * the ward. */
struct vg_page {
    char id[VG_ALERT_LEN + 1];
    enum vg_page_kind kind;
    char role[VG_ID_LEN + 1];
    char address[VG_ADDRESS_LEN +
                 1]; /* in the words of the channel: a topic's last level,
                                         a mail box, a hook's name */
    /* Too many calls to this role in a short time: this page stands for these too (borrowed
     * for the call; 0: for its own alert alone). */
    size_t also_count;
    const struct vg_alert *const *also;
};

struct vg_notice {
    const struct vg_alert *alert; /* borrowed for the call */
    const struct vg_page *page;   /* the same */
    bool persisted;               /* the alert is on disk */
    bool
        again; /* nothing happened: the alert as it was told, to who may have lost it */
    void *tag; /* comes back with the completion */
};

/* On the loop thread. VG_OK: delivered as far as the channel can know. VG_FULL: not sent, there
 * was no room: again soon. VG_FAILED: not delivered, or not known;
 * `why` is a sentence without anything of the patient. */
typedef void vg_notice_fn(void *to, void *tag, enum vg_status status, const char *why);

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
