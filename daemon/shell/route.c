/* SPDX-License-Identifier: Apache-2.0
 *
 * Routes. See route.h.
 */
#include "shell/route.h"

#include <string.h>

static const struct vg_settings_route *find(const struct vg_settings *settings,
                                            const char *ward, const char *role)
{
    for (size_t i = 0; i < settings->route_count; i++) {
        if (strcmp(settings->route[i].ward, ward) == 0 &&
            strcmp(settings->route[i].role, role) == 0) {
            return &settings->route[i];
        }
    }
    return NULL;
}

static void fill(const struct vg_settings *settings, const char *name,
                 const char *address, struct vg_way_out *out)
{
    const struct vg_settings_channel *channel =
        vg_settings_channel_find(settings, name);

    out->kind = channel != NULL ? channel->kind : "mqtt";
    out->name = channel != NULL ? channel->name : "mqtt";
    (void)vg_copy(out->address, sizeof out->address, address);
}

size_t vg_routes_find(const struct vg_settings *settings, const char *ward,
                      const char *role, struct vg_way_out out[VG_WAYS])
{
    const struct vg_settings_route *route = find(settings, ward, role);

    route = route != NULL ? route : find(settings, "*", role);
    if (route == NULL) {
        fill(settings, "mqtt", role, &out[0]);
        return 1;
    }
    for (size_t i = 0; i < route->way_count; i++) {
        fill(settings, route->way[i].channel, route->way[i].address, &out[i]);
    }
    return route->way_count;
}

/* The one channel by which all roles of the fallback are reached; NULL: there are two. */
static const char *only_channel(const struct vg_settings *settings, const char *ward,
                                const struct vg_step *fallback)
{
    const char *only = NULL;

    for (size_t i = 0; i < fallback->target_count; i++) {
        struct vg_way_out way[VG_WAYS];
        const size_t count = vg_routes_find(settings, ward, fallback->target[i], way);
        for (size_t k = 0; k < count; k++) {
            if (only != NULL && strcmp(only, way[k].name) != 0) {
                return NULL;
            }
            only = way[k].name;
        }
    }
    return only;
}

size_t vg_routes_warn(const struct vg_settings *settings, const char *ward,
                      const struct vg_protocol *protocol, FILE *report)
{
    const char *first = NULL;
    const char *channel = NULL;
    size_t found = 0;

    for (size_t i = 0; i < protocol->ladder_count; i++) {
        const struct vg_ladder *ladder = &protocol->ladder[i];
        const char *only = only_channel(settings, ward, &ladder->fallback);
        if (only == NULL) {
            continue;
        }
        first = found == 0 ? ladder->name : first;
        channel = found == 0 ? only : channel;
        found++;
    }
    if (found == 0) {
        return 0;
    }
    (void)fprintf(
        report,
        "warning: ward %s: the last resort of %zu of %zu ladders of %s has one "
        "channel only (%s: %s); give one of its roles a second in routes\n",
        ward, found, protocol->ladder_count, protocol->name, first, channel);
    return 1;
}
