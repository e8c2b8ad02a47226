/* SPDX-License-Identifier: Apache-2.0
 *
 * The ladders of a protocol: who is offered an alert next if nobody takes it.
 */
#include <string.h>

#include "core/protocol_check.h"

static const struct vg_key ladder_keys[] = {{"hold", VG_KEY_SCALAR, true},
                                            {"steps", VG_KEY_LIST, true},
                                            {"fallback", VG_KEY_MAP, true},
                                            {NULL, VG_KEY_ANY, false}};
static const struct vg_key step_keys[] = {{"offer", VG_KEY_LIST, true},
                                          {"wait", VG_KEY_SCALAR, true},
                                          {"resend", VG_KEY_SCALAR, false},
                                          {NULL, VG_KEY_ANY, false}};
static const struct vg_key fallback_keys[] = {{"offer", VG_KEY_LIST, true},
                                              {"repeat", VG_KEY_SCALAR, true},
                                              {NULL, VG_KEY_ANY, false}};

/* A span that must not be nothing. */
static vg_ms span_needed(struct vg_check *check, const struct vg_node *map,
                         const char *key)
{
    const size_t errors = check->faults->errors;
    const vg_ms span = vg_check_span(check, map, key);
    const struct vg_node *node = vg_node_get(map, key);

    if (span == 0 && node != NULL && check->faults->errors == errors) {
        vg_fault_add(check->faults, node->place, "\"%s\" must be longer than nothing",
                     key);
    }
    return span;
}

static void check_offer(struct vg_check *check, const struct vg_node *map,
                        struct vg_step *step)
{
    const struct vg_node *list = vg_node_get(map, "offer");

    step->target_count = vg_check_names(check, list, "role", step->target, VG_TARGETS);
    if (list == NULL || list->kind != VG_NODE_LIST) {
        return;
    }
    for (const struct vg_node *item = list->first; item != NULL; item = item->next) {
        if (item->kind == VG_NODE_SCALAR && item->text[0] != '\0' &&
            !vg_id_valid(item->text, strlen(item->text))) {
            vg_fault_add(check->faults, item->place,
                         "a role is written in small letters, digits and hyphens, not "
                         "\"%s\"",
                         item->text);
        }
    }
}

static void check_steps(struct vg_check *check, const struct vg_node *list,
                        struct vg_ladder *ladder)
{
    if (list == NULL || list->kind != VG_NODE_LIST) {
        return;
    }
    if (list->count == 0) {
        vg_fault_add(check->faults, list->place, "a ladder needs at least one step");
    }
    for (const struct vg_node *item = list->first; item != NULL; item = item->next) {
        if (ladder->step_count == VG_STEPS) {
            vg_fault_add(check->faults, item->place, "at most %d steps a ladder",
                         VG_STEPS);
            return;
        }
        struct vg_step *step = &ladder->step[ladder->step_count++];

        if (vg_check_map(check, item, "step", step_keys)) {
            check_offer(check, item, step);
            step->wait = span_needed(check, item, "wait");
            step->resend = vg_check_span(check, item, "resend");
        }
    }
}

static void check_ladder(struct vg_check *check, const struct vg_node *node,
                         struct vg_ladder *ladder)
{
    ladder->name = node->key;
    if (!vg_id_valid(node->key, strlen(node->key))) {
        vg_fault_add(check->faults, node->key_place,
                     "a ladder's name is written in small letters, digits and hyphens");
    }
    if (!vg_check_map(check, node, "ladder", ladder_keys)) {
        return;
    }
    const struct vg_node *fallback = vg_node_get(node, "fallback");

    ladder->hold = span_needed(check, node, "hold");
    check_steps(check, vg_node_get(node, "steps"), ladder);
    if (fallback != NULL && fallback->kind == VG_NODE_MAP) {
        (void)vg_check_map(check, fallback, "fallback", fallback_keys);
        check_offer(check, fallback, &ladder->fallback);
        ladder->fallback.resend = span_needed(check, fallback, "repeat");
    }
}

void vg_check_ladders(struct vg_check *check, const struct vg_node *root)
{
    const struct vg_node *map = vg_node_get(root, "ladders");

    if (map == NULL || map->kind != VG_NODE_MAP || map->count == 0) {
        return;
    }
    struct vg_ladder *ladder =
        vg_arena_take(check->arena, map->count * sizeof(struct vg_ladder));

    if (ladder == NULL) {
        check->no_memory = true;
        return;
    }
    check->protocol->ladder = ladder;
    for (const struct vg_node *node = map->first; node != NULL; node = node->next) {
        check_ladder(check, node, &ladder[check->protocol->ladder_count++]);
    }
}
