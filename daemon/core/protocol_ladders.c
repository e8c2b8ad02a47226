/* SPDX-License-Identifier: Apache-2.0
 *
 * The ladders of a protocol: who is offered an alert next if nobody takes it.
 */
#include <string.h>

#include "core/protocol_check.h"
#include "core/stand_in.h"

static const struct vg_key ladder_keys[] = {{"hold", VG_KEY_SCALAR, true},
                                            {"steps", VG_KEY_LIST, true},
                                            {"fallback", VG_KEY_MAP, true},
                                            {NULL, VG_KEY_ANY, false}};
static const struct vg_key step_keys[] = {{"offer", VG_KEY_LIST, true},
                                          {"wait", VG_KEY_SCALAR, true},
                                          {"resend", VG_KEY_SCALAR, false},
                                          {"reject", VG_KEY_SCALAR, false},
                                          {NULL, VG_KEY_ANY, false}};
static const struct vg_key fallback_keys[] = {{"offer", VG_KEY_LIST, true},
                                              {"repeat", VG_KEY_SCALAR, true},
                                              {NULL, VG_KEY_ANY, false}};

/* A fallback repeated faster than this only hinders who comes. Project proposal. */
#define REPEAT_LEAST (10 * VG_SECOND)

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

static void check_role(struct vg_check *check, const struct vg_node *list,
                       const struct vg_node *item)
{
    if (!vg_id_valid(item->text, strlen(item->text))) {
        vg_fault_add(
            check->faults, item->place,
            "a role is written in small letters, digits and hyphens, not \"%s\"",
            item->text);
    }
    for (const struct vg_node *other = list->first; other != item;
         other = other->next) {
        if (other->kind == VG_NODE_SCALAR && strcmp(other->text, item->text) == 0) {
            vg_fault_add(check->faults, item->place,
                         "the role \"%s\" is offered twice in one step", item->text);
            return;
        }
    }
}

static void check_offer(struct vg_check *check, const struct vg_node *map,
                        struct vg_step *step)
{
    const struct vg_node *list = vg_node_get(map, "offer");
    size_t seen = 0;

    step->target_count = vg_check_names(check, list, "role", step->target, VG_TARGETS);
    if (list == NULL || list->kind != VG_NODE_LIST) {
        return;
    }
    for (const struct vg_node *item = list->first; item != NULL && seen++ < VG_TARGETS;
         item = item->next) {
        if (item->kind == VG_NODE_SCALAR && item->text[0] != '\0') {
            check_role(check, list, item);
        }
    }
}

static bool check_reject(struct vg_check *check, const struct vg_node *map)
{
    const char *text = vg_check_scalar(map, "reject", "next");

    if (strcmp(text, "next") != 0 && strcmp(text, "same") != 0) {
        vg_fault_add(
            check->faults, vg_node_get(map, "reject")->place,
            "\"reject\" must be next (the next step is called at once when all "
            "have rejected) or same (it is called when \"wait\" is over), not "
            "\"%s\"",
            text);
    }
    return strcmp(text, "same") == 0;
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
            step->reject_same = check_reject(check, item);
        }
    }
}

static void check_fallback(struct vg_check *check, const struct vg_node *map,
                           struct vg_step *fallback)
{
    if (map == NULL || map->kind != VG_NODE_MAP) {
        return;
    }
    (void)vg_check_map(check, map, "fallback", fallback_keys);
    check_offer(check, map, fallback);
    fallback->resend = span_needed(check, map, "repeat");
    if (fallback->resend > 0 && fallback->resend < REPEAT_LEAST) {
        vg_fault_add(check->faults, vg_node_get(map, "repeat")->place,
                     "\"repeat\" must be at least 10s: shorter, nobody could answer in "
                     "between");
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
    ladder->hold = span_needed(check, node, "hold");
    check_steps(check, vg_node_get(node, "steps"), ladder);
    check_fallback(check, vg_node_get(node, "fallback"), &ladder->fallback);
}

void vg_check_ladders(struct vg_check *check, const struct vg_node *root)
{
    const struct vg_node *map = vg_node_get(root, "ladders");
    const size_t count = map == NULL || map->kind != VG_NODE_MAP ? 0 : map->count;

    if (count > VG_LADDERS) {
        vg_fault_add(check->faults, map->place,
                     "a protocol has at most %d ladders, not %zu", VG_LADDERS, count);
        return;
    }
    struct vg_ladder *ladder =
        vg_arena_take(check->arena, (count + VG_STAND_INS) * sizeof *ladder);

    if (ladder == NULL) {
        check->no_memory = true;
        return;
    }
    check->protocol->ladder = ladder;
    for (const struct vg_node *node = count == 0 ? NULL : map->first; node != NULL;
         node = node->next) {
        check_ladder(check, node, &ladder[check->protocol->ladder_count++]);
    }
}

const struct vg_ladder *vg_ladder_find(const struct vg_protocol *protocol,
                                       const char *name, const char *ending)
{
    const size_t length = strlen(name);

    for (size_t i = 0; protocol != NULL && i < protocol->ladder_count; i++) {
        const char *other = protocol->ladder[i].name;

        if (strncmp(other, name, length) == 0 && strcmp(other + length, ending) == 0) {
            return &protocol->ladder[i];
        }
    }
    return NULL;
}

const struct vg_ladder *vg_ladder_ensure(struct vg_check *check, const char *name)
{
    struct vg_protocol *protocol = check->protocol;
    const struct vg_ladder *found = vg_ladder_find(protocol, name, "");
    const struct vg_ladder *usual = vg_stand_in(name);

    if (found == NULL && usual != NULL && protocol->ladder != NULL) {
        struct vg_ladder *added = &protocol->ladder[protocol->ladder_count++];
        *added = *usual;
        found = added;
    }
    return found;
}

static size_t add_roles(const struct vg_step *step, const char **role, size_t count)
{
    for (size_t i = 0; i < step->target_count; i++) {
        size_t known = 0;

        while (known < count && strcmp(role[known], step->target[i]) != 0) {
            known++;
        }
        if (known <= VG_ROLES) {
            role[known] = step->target[i];
            count += known == count ? 1 : 0;
        }
    }
    return count;
}

void vg_check_roles(struct vg_check *check, const struct vg_node *root)
{
    const struct vg_protocol *protocol = check->protocol;
    const struct vg_node *map = vg_node_get(root, "ladders");
    const char *role[VG_ROLES + 1];
    size_t count = 0;

    for (size_t i = 0; i < protocol->ladder_count; i++) {
        const struct vg_ladder *ladder = &protocol->ladder[i];

        for (size_t k = 0; k < ladder->step_count; k++) {
            count = add_roles(&ladder->step[k], role, count);
        }
        count = add_roles(&ladder->fallback, role, count);
    }
    if (count > VG_ROLES) {
        vg_fault_add(check->faults, map == NULL ? root->place : map->place,
                     "all ladders together offer to at most %d different roles; \"%s\" "
                     "is one too many",
                     VG_ROLES, role[VG_ROLES]);
    }
}

static const struct vg_ladder *at_severity(const struct vg_protocol *protocol,
                                           const struct vg_rule *rule,
                                           enum vg_severity severity)
{
    if (rule->stand_in !=
        NULL) { /* not of the file: its ladder of that name, if it has one */
        const char *name = rule->stand_in;
        if (severity > rule->severity) { /* it has become graver */
            name = vg_severity_text(severity);
        }
        const struct vg_ladder *own = vg_ladder_find(protocol, name, "");
        own = own != NULL ? own : vg_stand_in(name);
        return own != NULL ? own : vg_stand_in(rule->stand_in);
    }
    if (severity <= rule->severity) {
        return rule->ladder;
    }
    if (rule->has_escalate) {
        return rule->escalated_ladder;
    }
    const struct vg_ladder *named =
        vg_ladder_find(protocol, vg_severity_text(severity), "");

    return named == NULL ? rule->ladder : named;
}

const struct vg_ladder *vg_rule_ladder(const struct vg_protocol *protocol,
                                       const struct vg_rule *rule,
                                       enum vg_severity severity, bool outpatient)
{
    const struct vg_ladder *ladder = at_severity(protocol, rule, severity);

    if (ladder == NULL || !outpatient) {
        return ladder;
    }
    const struct vg_ladder *home =
        vg_ladder_find(protocol, ladder->name, VG_OUTPATIENT);

    if (home == NULL) {
        home = vg_ladder_find(protocol, vg_severity_text(severity), VG_OUTPATIENT);
    }
    return home == NULL ? ladder : home;
}
