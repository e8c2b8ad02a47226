/* SPDX-License-Identifier: Apache-2.0
 *
 * The thin layer over paho (mqtt.c) that the link's state machine (mqtt_link.c) stands on.
 * Each call starts something and returns at once; its outcome is an item of the inbox
 * that carries the ticket. All on the loop thread.
 */
#ifndef VIGIL_SHELL_MQTT_PAHO_H
#define VIGIL_SHELL_MQTT_PAHO_H

#include "shell/mqtt.h"

/* Tickets are 0 to VG_TICKETS - 1, given out in turn. Far more than can be in flight, so
 * that a late answer is not taken for that of another call. */
#define VG_TICKETS 4096u

struct vg_paho;

/* `link` comes back in the items. VG_OK, VG_NO_MEMORY, VG_REFUSED or VG_FAILED. */
enum vg_status vg_paho_create(const struct vg_mqtt_options *options,
                              const struct vg_mqtt_owner *owner, void *link,
                              struct vg_paho **out, struct vg_error *error);

/* Before the first connect only: afterwards paho's threads may look at it. */
void vg_paho_discard(struct vg_paho *paho);

/* 0: begun; else paho's code. */
int vg_paho_connect(struct vg_paho *paho, unsigned ticket);
int vg_paho_disconnect(struct vg_paho *paho);
int vg_paho_subscribe(struct vg_paho *paho, unsigned ticket);
int vg_paho_ask(struct vg_paho *paho, const char *topic, bool on); /* no item tells */
int vg_paho_send(struct vg_paho *paho, const struct vg_publication *publication,
                 unsigned ticket);

bool vg_paho_subscribes(const struct vg_paho *paho);

/* How many messages have come; wraps. It tells a broker that talks from one that is silent. */
unsigned vg_paho_heard(const struct vg_paho *paho);
const char *vg_paho_reason(int code);

#endif
