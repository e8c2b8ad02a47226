/* SPDX-License-Identifier: Apache-2.0
 *
 * See mqtt_settings.h.
 */
#include "shell/mqtt_settings.h"

#include <stdio.h>

static const char *given(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

struct vg_mqtt_options vg_mqtt_by_settings(const struct vg_settings *s)
{
    return (struct vg_mqtt_options){.url = s->mqtt_url,
                                    .username = given(s->mqtt_username),
                                    .password_file = given(s->mqtt_password_file),
                                    .ca = given(s->mqtt_ca),
                                    .cert = given(s->mqtt_cert),
                                    .key = given(s->mqtt_key)};
}

void vg_mqtt_topics(const struct vg_settings *settings, struct vg_mqtt_topics *out)
{
    static const char *const below[VG_MQTT_TOPICS] = {
        "beds/+/+/vitals",   "beds/+/+/labs",    "beds/+/+/assessment",
        "beds/+/+/therapy",  "beds/+/+/episode", "gateways/+/status",
        "wards/+/commands/+"};

    for (size_t i = 0; i < VG_MQTT_TOPICS; i++) {
        (void)snprintf(out->text[i], sizeof out->text[i], "%s/%s", settings->mqtt_root,
                       below[i]);
        out->list[i] = out->text[i];
    }
}
