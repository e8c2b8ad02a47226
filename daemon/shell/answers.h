/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers on their way to the broker: why a message was refused, what a command came to. Each is told once and
 * stands in no outbox, so it waits here while the connection is away or busy, and goes again if the connection
 * breaks before the broker has it (a receiver may see it twice). They take a quarter of the window of publications
 * at most, so that a gateway which sends nonsense never stands before an alert.
 *
 * Given up, and logged: the oldest, when VG_ANSWERS_AT_MOST are on their way; and one that has failed
 * VG_ANSWERS_TRIES times while the connection was there. A daemon that ends forgets those that are left; what was
 * refused is in quarantine then, and what a command did is in the store.
 */
#ifndef VIGIL_SHELL_ANSWERS_H
#define VIGIL_SHELL_ANSWERS_H

#include "shell/log.h"
#include "shell/mqtt.h"

#define VG_ANSWERS_AT_MOST 1000
#define VG_ANSWERS_FLYING  50
#define VG_ANSWERS_TRIES   10

struct vg_answers;

/* NULL: no memory. Publisher and log (which may be NULL) are the caller's and outlive it. */
struct vg_answers *vg_answers_create(struct vg_publisher *publisher,
                                     struct vg_log *log);

/* Nothing may be under way any more: the publisher has been closed. NULL is fine. */
void vg_answers_destroy(struct vg_answers *answers);

/* Topic and payload are copied; it goes at once if it can. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_answers_put(struct vg_answers *answers, const char *topic,
                              const void *payload, size_t length);

/* Sends what can go, oldest first: the connection has come, or some time has passed. */
void vg_answers_send(struct vg_answers *answers);

/* Those that the broker does not have yet. */
size_t vg_answers_left(const struct vg_answers *answers);

#endif
