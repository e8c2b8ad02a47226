/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts to whoever listens on the broker: the retained state on
 * <root>/wards/<ward>/alerts/<id>, emptied after the alert has closed, each change on
 * <root>/wards/<ward>/events, and pages on <root>/wards/<ward>/pages/<address>.
 */
#ifndef VIGIL_SHELL_CHANNEL_MQTT_H
#define VIGIL_SHELL_CHANNEL_MQTT_H

#include "shell/channel.h"

enum vg_status vg_channel_open_mqtt(const struct vg_channel_setup *setup,
                                    struct vg_channel **out, struct vg_error *error);

#endif
