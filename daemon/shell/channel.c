/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of channels. A new one is a file beside channel_mqtt.c, a row here and, if it
 * has settings, a word in settings_channels.c.
 */
#include "shell/channel.h"

#include <string.h>

#include "shell/channel_mqtt.h"
#include "shell/channel_smtp.h"
#include "shell/channel_webhook.h"

static const struct {
    const char *kind;
    enum vg_status (*open)(const struct vg_channel_setup *setup,
                           struct vg_channel **out, struct vg_error *error);
} kinds[] = {
    {"mqtt", vg_channel_open_mqtt},
    {"webhook", vg_channel_open_webhook},
    {"smtp", vg_channel_open_smtp},
};

enum vg_status vg_channel_open(const struct vg_channel_setup *setup,
                               struct vg_channel **out, struct vg_error *error)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].kind, setup->kind) == 0) {
            return kinds[i].open(setup, out, error);
        }
    }
    vg_error_set(
        error, "there is no channel \"%.40s\", only \"mqtt\", \"webhook\" and \"smtp\"",
        setup->kind);
    return VG_ABSENT;
}
