/* SPDX-License-Identifier: Apache-2.0
 *
 * One message to the daemon by way of the broker, and the wait for what comes of it: an
 * answer on a topic, or something that can be seen in the store.
 */
#ifndef VIGIL_CLI_POST_H
#define VIGIL_CLI_POST_H

#include "vigil/wire.h"

#include "shell/settings.h"

#define VG_POST_CLIENT 24

struct vg_post {
    const struct vg_settings *settings;
    const char *client;          /* who we are at the broker */
    const char *topic, *answers; /* where it goes; which topic is listened to */
    const struct vg_buffer *payload;
    vg_ms within; /* how long is waited, connecting included */
    /* A letter on `answers`; true: it is the one. */
    bool (*letter)(void *to, const struct vg_letter *letter);
    /* Asked a few times a second once the broker has the message; NULL: nothing to see.
     * True: it is done. */
    bool (*look)(void *to);
    void *to;
};

/* A name that nobody else has: "vigil-" and 16 hexadecimal digits. False: the system gives
 * no random number. */
bool vg_post_client(char out[VG_POST_CLIENT]);

/* Once in the process. VG_OK: `letter` or `look` answered true. VG_ABSENT: neither within
 * the time, though the broker has the message. VG_REFUSED (settings), VG_NO_MEMORY or
 * VG_FAILED: see `error`. After it the process may only end by vg_post_leave. */
enum vg_status vg_post_run(const struct vg_post *post, struct vg_error *error);

/* What was printed goes out; paho's threads may still run, so nothing is freed. */
_Noreturn void vg_post_leave(int code);

#endif
