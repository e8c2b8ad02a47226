/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings' list of routes: by which channels a role of a ward is reached, in the order
 * in which they are tried.
 */
#include <string.h>

#include "shell/channel_text.h"
#include "shell/settings_inside.h"

static const char *text_of(const struct vg_node *node)
{
    return node != NULL && node->kind == VG_NODE_SCALAR ? node->text : "";
}

static struct vg_place place_of(const struct vg_node *node, const char *key)
{
    const struct vg_node *value = vg_node_get(node, key);

    return value != NULL ? value->place : node->place;
}

/* What is wrong with an address of this channel; NULL: nothing. */
static const char *address_complaint(const char *kind, const char *address)
{
    if (strcmp(kind, "smtp") == 0) {
        return vg_mailbox_valid(address) ? NULL
                                         : "a mail channel needs a mail box behind it: "
                                           "mail:oncall@hospital.example";
    }
    if (strcmp(kind, "mqtt") == 0) {
        return vg_id_valid(address, strlen(address))
                   ? NULL
                   : "mqtt needs the last level of a topic behind it: mqtt:charge-nurse";
    }
    return address[0] == '\0' ? NULL : "a webhook has no address: write its name alone";
}

static void take_way(struct vg_loading *load, struct vg_settings_route *route,
                     const struct vg_node *node)
{
    const char *text = text_of(node);
    const size_t length = strcspn(text, ":");
    const char *address = text[length] == ':' ? text + length + 1 : "";
    char name[VG_ID_LEN + 1] = "";

    if (length > 0 && length <= VG_ID_LEN) {
        memcpy(name, text, length);
    }
    const bool mqtt = strcmp(name, "mqtt") == 0;
    const struct vg_settings_channel *channel =
        vg_settings_channel_find(load->settings, name);
    if (!mqtt && channel == NULL) {
        vg_fault_add(load->faults, node->place,
                     "there is no channel \"%.40s\": name mqtt or one of channels",
                     text);
        return;
    }
    if (mqtt && text[length] == '\0') {
        address = route->role;
    }
    const char *wrong = address_complaint(mqtt ? "mqtt" : channel->kind, address);
    if (wrong != NULL) {
        vg_fault_add(load->faults, node->place, "%s", wrong);
        return;
    }
    (void)vg_copy(route->way[route->way_count].channel, VG_ID_LEN + 1, name);
    (void)vg_copy(route->way[route->way_count].address, VG_ADDRESS_LEN + 1, address);
    route->way_count++;
}

static void take_ways(struct vg_loading *load, struct vg_settings_route *route,
                      const struct vg_node *node)
{
    const struct vg_node *to = vg_node_get(node, "to");

    if (to == NULL || to->kind != VG_NODE_LIST || to->first == NULL ||
        to->count > VG_WAYS) {
        vg_fault_add(load->faults, to != NULL ? to->place : node->place,
                     "a route needs \"to\", a list of 1 to %d channels like "
                     "[\"mqtt:charge-nurse\", pager]",
                     VG_WAYS);
        return;
    }
    for (const struct vg_node *way = to->first; way != NULL; way = way->next) {
        take_way(load, route, way);
    }
}

static void refuse_second(struct vg_loading *load,
                          const struct vg_settings_route *route)
{
    for (const struct vg_settings_route *other = load->settings->route; other != route;
         other++) {
        if (strcmp(other->ward, route->ward) == 0 &&
            strcmp(other->role, route->role) == 0) {
            vg_fault_add(load->faults, route->place,
                         "ward %s has a second route to %s, the first is on line %u",
                         route->ward, route->role, other->place.line);
        }
    }
}

static void take_route(struct vg_loading *load, const struct vg_node *node)
{
    struct vg_settings *settings = load->settings;
    struct vg_settings_route *route = &settings->route[settings->route_count];
    const char *ward = text_of(vg_node_get(node, "ward"));
    const char *role = text_of(vg_node_get(node, "role"));

    for (const struct vg_node *k = node->first; k != NULL; k = k->next) {
        if (strcmp(k->key, "ward") != 0 && strcmp(k->key, "role") != 0 &&
            strcmp(k->key, "to") != 0) {
            vg_fault_add(load->faults, k->key_place,
                         "a route has no \"%s\", only ward, role and to", k->key);
        }
    }
    if (strcmp(ward, "*") != 0 && !vg_id_valid(ward, strlen(ward))) {
        vg_fault_add(load->faults, place_of(node, "ward"),
                     "a route needs a ward, or \"*\" for all");
        return;
    }
    if (!vg_id_valid(role, strlen(role))) {
        vg_fault_add(load->faults, place_of(node, "role"),
                     "a route needs a role like charge-nurse");
        return;
    }
    memset(route, 0, sizeof *route);
    (void)vg_copy(route->ward, sizeof route->ward, ward);
    (void)vg_copy(route->role, sizeof route->role, role);
    route->place = node->place;
    take_ways(load, route, node);
    refuse_second(load, route);
    settings->route_count++;
}

void vg_settings_take_routes(struct vg_loading *load, const struct vg_node *list)
{
    if (list->kind != VG_NODE_LIST) {
        vg_fault_add(load->faults, list->place,
                     "routes must be a list of ward, role and to");
        return;
    }
    load->settings->route_count = 0;
    for (const struct vg_node *node = list->first; node != NULL; node = node->next) {
        if (node->kind != VG_NODE_MAP || load->settings->route_count == VG_ROUTES) {
            vg_fault_add(load->faults, node->place,
                         "a route is written as {ward: onc-7, role: charge-nurse, to: "
                         "[pager]}, at most %d",
                         VG_ROUTES);
            continue;
        }
        take_route(load, node);
    }
}
