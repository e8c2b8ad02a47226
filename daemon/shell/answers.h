/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers on their way to the broker: why a message was refused, what a command came to. Each is told once and
 * stands in no outbox, so it waits here while the connection is away or busy, and goes again if the connection
 * breaks before the broker has it (a receiver may see it twice). They take a quarter of the window of publications
 * at most, so that a gateway which sends nonsense never stands before an alert.
 *
 * At most VG_ANSWERS_AT_MOST wait: then the oldest is given up. A daemon that is killed forgets them all; what was
 * refused is in quarantine then, and what a command did is in the store.
 */
#ifndef VIGIL_SHELL_ANSWERS_H
#define VIGIL_SHELL_ANSWERS_H

#include "shell/mqtt.h"

#define VG_ANSWERS_AT_MOST 1000
#define VG_ANSWERS_FLYING  50

struct vg_answers;

/* NULL: no memory. The publisher is the caller's and outlives it. */
struct vg_answers *vg_answers_create(struct vg_publisher *publisher);

/* Nothing may be under way any more: the publisher has been closed. NULL is fine. */
void vg_answers_destroy(struct vg_answers *answers);

/* Topic and payload are copied; it goes at once if it can. VG_FULL: an older one was given up for it.
 * VG_NO_MEMORY: this one was. */
enum vg_status vg_answers_put(struct vg_answers *answers, const char *topic,
                              const void *payload, size_t length);

/* Sends what can go: the connection has come, or some time has passed. */
void vg_answers_send(struct vg_answers *answers);

/* Those that the broker does not have yet. */
size_t vg_answers_left(const struct vg_answers *answers);

#endif
