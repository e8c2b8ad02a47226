/* SPDX-License-Identifier: Apache-2.0
 *
 * A gateway as the outside contract wants it: numbers what it sends, keeps each message
 * until the daemon's committed mark passes it, and sends it again, the same bytes, when
 * no mark came in time or the connection was lost. Each has a connection and a will of
 * its own. All on the loop thread.
 */
#ifndef VIGIL_CLI_GATEWAY_LINK_H
#define VIGIL_CLI_GATEWAY_LINK_H

#include "shell/inbox.h"

struct vg_gateway;

struct vg_gateway_options {
    uv_loop_t *loop;
    struct vg_inbox *inbox;      /* its owner hands letters to vg_gateway_letter */
    const char *url, *root, *id; /* copied */
    const char *epoch;           /* copied; new in each run */
    const char *username, *password_file, *ca, *cert,
        *key; /* as in mqtt.h; NULL: none */
};

struct vg_gateway_counts {
    uint64_t published; /* different messages that were sent at least once */
    uint64_t confirmed; /* passed by a mark */
    uint64_t resent;
    uint64_t refused; /* answers on `rejected` */
    size_t waiting;   /* kept */
};

/* VG_OK, VG_NO_MEMORY, VG_REFUSED (options) or VG_FAILED. There is no destroy (mqtt.h says
 * why): the process ends by _exit. */
enum vg_status vg_gateway_open(const struct vg_gateway_options *options,
                               struct vg_gateway **out, struct vg_error *error);

/* No more room: nothing may be begun until marks have come. */
bool vg_gateway_full(const struct vg_gateway *gateway);

/* Begins the next message: `{"gateway":…,"epoch":…,"seq":…`, without the closing brace. */
void vg_gateway_begin(const struct vg_gateway *gateway, struct vg_buffer *buffer);
/* Keeps what was begun and completed, to be sent. The number is used up only by VG_OK.
 * Else VG_NO_MEMORY or VG_FULL. */
enum vg_status vg_gateway_put(struct vg_gateway *gateway, const char *topic,
                              const struct vg_buffer *message);

/* A letter of the inbox; one for another gateway is passed over. */
void vg_gateway_letter(struct vg_gateway *gateway, const struct vg_item *item);

/* Sends what has not been sent, and what has waited too long. To be called often. */
void vg_gateway_pump(struct vg_gateway *gateway);

struct vg_gateway_counts vg_gateway_counts(const struct vg_gateway *gateway);
/* The last answer on `rejected`: "unit_missing: obs[2] …"; "" if there was none. */
const char *vg_gateway_refusal(const struct vg_gateway *gateway);

/* Says "offline"; it has left once the broker has that, or is not there. */
void vg_gateway_leave(struct vg_gateway *gateway);
bool vg_gateway_left(const struct vg_gateway *gateway);

#endif
