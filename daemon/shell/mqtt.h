/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection to the broker. The daemon has two: the intake with a persistent session,
 * and the outlet with a clean one. mqtt.c is the only file that knows paho; what others
 * need of it is small enough for a fake.
 *
 * Everything here is called on the loop thread. What happens on paho's threads becomes
 * items of the inbox; the inbox's owner gives those of kind VG_ITEM_LINK to
 * vg_mqtt_handle.
 *
 * There is no destroy: paho 1.3.12 races with its own threads there. vg_mqtt_close says
 * goodbye, and the process ends by _exit.
 */
#ifndef VIGIL_SHELL_MQTT_H
#define VIGIL_SHELL_MQTT_H

#include "shell/inbox.h"
#include "shell/journal.h"
#include "shell/log.h"

/* VG_OK: the broker has it (PUBACK). VG_FAILED: it has not, or nobody knows. */
typedef void vg_published_fn(void *to, void *tag, enum vg_status status);

/* A message on its way out, QoS 1. Topic (NUL-terminated) and payload are copied. */
struct vg_publication {
    const char *topic;
    const void *payload;
    size_t length;
    bool retained;
    vg_published_fn *done; /* NULL: nobody asks. Never called from inside publish. */
    void *to, *tag;
};

/* Whatever can publish: vg_mqtt, or a fake in tests. VG_OK: taken, `done` will be called;
 * VG_FULL: the window is full; VG_ABSENT: not connected; VG_FAILED: the library refused. */
struct vg_publisher {
    enum vg_status (*publish)(struct vg_publisher *self,
                              const struct vg_publication *publication);
};

enum vg_mqtt_state { VG_MQTT_DOWN, VG_MQTT_UP };

struct vg_mqtt;

/* UP: connected, and all subscriptions granted; `reason` says whether the broker still had
 * the session. DOWN: lost or not to be had, with the reason; told at the first failure and
 * at each loss, not at each further attempt. */
typedef void vg_mqtt_state_fn(void *to, struct vg_mqtt *mqtt, enum vg_mqtt_state state,
                              const char *reason);

/* Texts are copied. Absent ones are NULL. */
struct vg_mqtt_options {
    const char *url; /* mqtt://host:port or mqtts://host:port */
    const char *client_id;
    bool clean_session;
    const char *username, *password_file;
    const char *ca, *cert, *key;
    const char *will_topic, *will_payload; /* retained, QoS 1 */
    size_t subscription_count;
    const char *const *subscription; /* QoS 1, again on each connect */
};

struct vg_mqtt_owner {
    uv_loop_t *loop;
    struct vg_inbox *inbox;     /* letters and link events go there */
    struct vg_journal *journal; /* NULL: letters are not journalled */
    struct vg_log *log;
    vg_mqtt_state_fn *on_state;
    void *to;
};

/* Once in the process, before the first open and before any thread is started. */
void vg_mqtt_library(void);

/* Checks the options, reads the password file and begins to connect. The broker being away
 * is no error: it is tried again after 1 s, doubling to 5 s. A host that is not an IP
 * address is resolved by paho, which blocks the loop meanwhile. VG_OK, VG_NO_MEMORY,
 * VG_REFUSED (options) or VG_FAILED. */
enum vg_status vg_mqtt_open(const struct vg_mqtt_options *options,
                            const struct vg_mqtt_owner *owner, struct vg_mqtt **out,
                            struct vg_error *error);

/* An item of kind VG_ITEM_LINK whose `link` is `mqtt`. */
void vg_mqtt_handle(struct vg_mqtt *mqtt, const struct vg_item *item);

struct vg_publisher *vg_mqtt_publisher(struct vg_mqtt *mqtt);
bool vg_mqtt_up(const struct vg_mqtt *mqtt);
size_t vg_mqtt_in_flight(const struct vg_mqtt *mqtt);
/* Probably another client uses the same id: the two take the connection from each other. */
bool vg_mqtt_contested(const struct vg_mqtt *mqtt);

/* Asks for what the broker retains under a topic, or no longer: it comes as letters, not journalled, and so
 * does what is published there. Ends with the connection; a refusal is not told. */
void vg_mqtt_ask(struct vg_mqtt *mqtt, const char *topic, bool on);

/* Drops the connection and makes a new one: for an owner whose own ping went unanswered. */
void vg_mqtt_renew(struct vg_mqtt *mqtt, const char *reason);

/* Stops timers, fails what is in flight and asks paho to say goodbye, without waiting for it.
 * No callback comes afterwards. The memory stays: paho may still call. */
void vg_mqtt_close(struct vg_mqtt *mqtt);

#endif
