/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of wards in a settings file.
 */
#include <string.h>

#include "shell/settings_inside.h"

static const char *id_of(struct vg_loading *load, const struct vg_node *ward,
                         const char *key)
{
    const struct vg_node *node = vg_node_get(ward, key);

    if (node == NULL || node->kind != VG_NODE_SCALAR) {
        vg_fault_add(load->faults, ward->place, "a ward needs \"%s\"", key);
        return "";
    }
    if (!vg_id_valid(node->text, strlen(node->text))) {
        vg_fault_add(load->faults, node->place, "\"%s\" is no valid %s", node->text,
                     key);
        return "";
    }
    return node->text;
}

/* Messages would not say which of two protocols watches the ward. */
static void refuse_second(struct vg_loading *load, const struct vg_node *list,
                          const struct vg_node *ward)
{
    const struct vg_node *id = vg_node_get(ward, "id");

    if (id == NULL || id->kind != VG_NODE_SCALAR) {
        return;
    }
    for (const struct vg_node *node = list->first; node != ward; node = node->next) {
        const struct vg_node *other = vg_node_get(node, "id");

        if (other != NULL && other->kind == VG_NODE_SCALAR &&
            strcmp(other->text, id->text) == 0) {
            vg_fault_add(load->faults, id->place,
                         "the ward \"%s\" is listed twice, first on line %u", id->text,
                         other->place.line);
            return;
        }
    }
}

/* Optional; what the board has. */
static void take_language(struct vg_loading *load, const struct vg_node *node,
                          struct vg_settings_ward *ward)
{
    const struct vg_node *language = vg_node_get(node, "language");
    const char *text =
        language != NULL && language->kind == VG_NODE_SCALAR ? language->text : "";

    if (language == NULL) {
        return;
    }
    const char *wrong =
        text[0] != '\0' ? vg_settings_language_complaint(text) : "must be en or zh";
    if (wrong != NULL) {
        vg_fault_add(load->faults, language->place, "language \"%s\" %s", text, wrong);
        return;
    }
    (void)vg_copy(ward->language, sizeof ward->language, text);
}

static void take_ward(struct vg_loading *load, const struct vg_node *node)
{
    struct vg_settings *settings = load->settings;

    for (const struct vg_node *k = node->first; k != NULL; k = k->next) {
        if (strcmp(k->key, "id") != 0 && strcmp(k->key, "protocol") != 0 &&
            strcmp(k->key, "language") != 0) {
            vg_settings_unknown(load, k, k->key);
        }
    }
    struct vg_settings_ward *ward = &settings->ward[settings->ward_count++];
    (void)vg_copy(ward->id, sizeof ward->id, id_of(load, node, "id"));
    (void)vg_copy(ward->protocol, sizeof ward->protocol, id_of(load, node, "protocol"));
    take_language(load, node, ward);
    ward->place = node->place;
}

void vg_settings_wards(struct vg_loading *load, const struct vg_node *list)
{
    if (list->kind != VG_NODE_LIST) {
        vg_fault_add(load->faults, list->place,
                     "wards must be a list of id and protocol");
        return;
    }
    load->settings->ward_count = 0;
    for (const struct vg_node *node = list->first; node != NULL; node = node->next) {
        if (node->kind != VG_NODE_MAP || load->settings->ward_count == VG_WARDS) {
            vg_fault_add(
                load->faults, node->place,
                "a ward is written as {id: onc-7, protocol: car-t}, at most %d",
                VG_WARDS);
            continue;
        }
        refuse_second(load, list, node);
        take_ward(load, node);
    }
}
