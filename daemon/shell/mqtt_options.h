/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked and copied options of a connection, as paho wants them.
 */
#ifndef VIGIL_SHELL_MQTT_OPTIONS_H
#define VIGIL_SHELL_MQTT_OPTIONS_H

#include "shell/mqtt.h"

struct vg_mqtt_texts {
    char *uri; /* paho's: tcp:// or ssl://, with port */
    bool tls, clean_session;
    char *client_id, *username, *password;
    char *ca, *cert, *key;
    char *will_topic, *will_payload;
    size_t subscription_count;
    char **subscription;
    int *qos; /* one for each subscription, all 1 */
};

/* The name of the setting that must be mended ("mqtt.ca"), with a sentence that names it too;
 * NULL: nothing is wrong. Reads the files, connects to nobody. */
const char *vg_mqtt_fault(const struct vg_mqtt_options *options,
                          struct vg_error *error);

/* VG_OK, VG_REFUSED with a sentence that names the setting, or VG_NO_MEMORY; then there is
 * nothing to finish. */
enum vg_status vg_mqtt_texts_init(struct vg_mqtt_texts *texts,
                                  const struct vg_mqtt_options *options,
                                  struct vg_error *error);
void vg_mqtt_texts_finish(struct vg_mqtt_texts *texts);

#endif
