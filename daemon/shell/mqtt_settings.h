/* SPDX-License-Identifier: Apache-2.0
 *
 * The broker as the settings name it, and what the daemon asks it for: the daemon, `vigil doctor` in its place, and
 * whoever else talks to the same broker must mean the same.
 */
#ifndef VIGIL_SHELL_MQTT_SETTINGS_H
#define VIGIL_SHELL_MQTT_SETTINGS_H

#include "shell/mqtt.h"
#include "shell/settings.h"

/* The address and the way in; all else is left to whoever opens. The texts are the settings'. */
struct vg_mqtt_options vg_mqtt_by_settings(const struct vg_settings *settings);

/* What the daemon subscribes to. `list` points into `text`. */
#define VG_MQTT_TOPICS 7
struct vg_mqtt_topics {
    const char *list[VG_MQTT_TOPICS];
    char text[VG_MQTT_TOPICS][VG_SETTING_LEN + 32];
};
void vg_mqtt_topics(const struct vg_settings *settings, struct vg_mqtt_topics *out);

#endif
