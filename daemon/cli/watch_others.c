/* SPDX-License-Identifier: Apache-2.0
 *
 * The same pages by the settings' webhooks and mail servers, for the roles that are routed
 * there: what still works when the broker is what has failed. Each is tried once each time
 * that it is said; a failure is said on standard error.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/watch.h"
#include "shell/route.h"

struct other {
    const char *name;
    struct vg_channel *channel; /* NULL: it could not be opened */
};

struct vg_watch_others {
    size_t count;
    struct other other[VG_CHANNELS];
};

static void on_done(void *to, void *tag, enum vg_status status, const char *why)
{
    const struct other *other = to;

    (void)tag;
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil watch: channel %s: %s\n", other->name, why);
    }
}

static void open_one(struct vg_watch *watch, const struct vg_settings_channel *settings,
                     struct other *other)
{
    struct vg_error error = {""};
    const struct vg_channel_setup setup = {.kind = settings->kind,
                                           .done = on_done,
                                           .to = other,
                                           .loop = &watch->loop,
                                           .node = watch->options.common.settings.node,
                                           .settings = settings};

    other->name = settings->name;
    if (vg_channel_open(&setup, &other->channel, &error) != VG_OK) {
        other->channel = NULL;
        (void)fprintf(stderr, "vigil watch: channel %s is left out: %s\n",
                      settings->name, error.text);
    }
}

void vg_watch_others_open(struct vg_watch *watch)
{
    const struct vg_settings *settings = &watch->options.common.settings;

    if (settings->channel_count == 0) {
        return;
    }
    watch->others = calloc(1, sizeof *watch->others);
    if (watch->others == NULL) {
        (void)fputs("vigil watch: no memory for other channels\n", stderr);
        return;
    }
    for (size_t i = 0; i < settings->channel_count; i++) {
        open_one(watch, &settings->channel[i],
                 &watch->others->other[watch->others->count++]);
    }
}

static struct other *find(struct vg_watch_others *others, const char *name)
{
    for (size_t i = 0; i < others->count; i++) {
        if (strcmp(others->other[i].name, name) == 0) {
            return &others->other[i];
        }
    }
    return NULL;
}

static void send_one(struct other *other, const struct vg_alert *alert,
                     const struct vg_page *page)
{
    const struct vg_notice notice = {.alert = alert, .page = page};

    if (other->channel == NULL ||
        other->channel->ops->send(other->channel, &notice) != VG_OK) {
        on_done(other, NULL, VG_FAILED, "the page was not taken");
    }
}

void vg_watch_others_send(struct vg_watch *watch, const struct vg_alert *alert,
                          enum vg_page_kind kind, const char *role)
{
    struct vg_way_out way[VG_WAYS];
    struct vg_page page = {.kind = kind};

    if (watch->others == NULL) {
        return;
    }
    vg_page_id(alert, kind, role, page.id);
    (void)vg_copy(page.role, sizeof page.role, role);
    const size_t count =
        vg_routes_find(&watch->options.common.settings, alert->ward, role, way);
    for (size_t i = 0; i < count; i++) {
        struct other *other = find(watch->others, way[i].name);
        (void)vg_copy(page.address, sizeof page.address, way[i].address);
        if (other != NULL) {
            send_one(other, alert, &page);
        }
    }
}
