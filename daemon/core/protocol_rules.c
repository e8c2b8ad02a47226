/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of a protocol.
 */
#include <string.h>

#include "core/protocol_check.h"

static const struct vg_key rule_keys[] = {
    {"id", VG_KEY_SCALAR, true},        {"class", VG_KEY_SCALAR, true},
    {"severity", VG_KEY_SCALAR, true},  {"when", VG_KEY_SCALAR, true},
    {"hold", VG_KEY_SCALAR, false},     {"clear", VG_KEY_SCALAR, false},
    {"escalate", VG_KEY_SCALAR, false}, {"escalated", VG_KEY_SCALAR, false},
    {"latch", VG_KEY_SCALAR, false},    {"realert", VG_KEY_SCALAR, false},
    {"ladder", VG_KEY_SCALAR, false},   {"escalated_ladder", VG_KEY_SCALAR, false},
    {"text", VG_KEY_TEXT, true},        {"reference", VG_KEY_TEXT, false},
    {"source", VG_KEY_SCALAR, true},    {"again", VG_KEY_LIST, false},
    {NULL, VG_KEY_ANY, false},
};

static bool id_valid(const char *text)
{
    const size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    return text[0] >= 'A' && text[0] <= 'Z' && text[length] == '\0' &&
           length <= VG_NAME_LEN;
}

/* A node of the map that is a single value worth reading, or NULL. */
static const struct vg_node *value_of(const struct vg_node *map, const char *key)
{
    return vg_check_scalar(map, key, NULL) == NULL ? NULL : vg_node_get(map, key);
}

static void check_id(struct vg_check *check, const struct vg_node *map,
                     struct vg_rule *rule)
{
    const struct vg_node *node = value_of(map, "id");

    rule->id = node == NULL ? "" : node->text;
    rule->place = node == NULL ? map->place : node->place;
    if (node == NULL) {
        return;
    }
    if (!id_valid(node->text)) {
        vg_fault_add(
            check->faults, node->place,
            "a rule's id is written in capitals, digits and underscores, at most %d: "
            "\"%s\"",
            VG_NAME_LEN, node->text);
    }
    for (const struct vg_rule *other = check->protocol->rule; other < rule; other++) {
        if (strcmp(other->id, rule->id) == 0) {
            vg_fault_add(check->faults, node->place,
                         "the id \"%s\" is used twice, first on line %u", rule->id,
                         other->place.line);
            return;
        }
    }
}

static void check_class(struct vg_check *check, const struct vg_node *map,
                        struct vg_rule *rule)
{
    const struct vg_node *node = value_of(map, "class");
    const char *names[VG_CLASS_COUNT + 1] = {NULL};

    if (node == NULL || vg_class_find(node->text, &rule->class_) == VG_OK) {
        return;
    }
    for (unsigned i = 0; i < VG_CLASS_COUNT; i++) {
        names[i] = vg_class_text((enum vg_class)i);
    }
    vg_check_unknown(check, node, "class", names);
}

static void severity_of(struct vg_check *check, const struct vg_node *node,
                        enum vg_severity *out)
{
    const char *names[VG_SEVERITY_COUNT + 1] = {NULL};

    if (node == NULL || vg_severity_find(node->text, out) == VG_OK) {
        return;
    }
    for (unsigned i = 0; i < VG_SEVERITY_COUNT; i++) {
        names[i] = vg_severity_text((enum vg_severity)i);
    }
    vg_check_unknown(check, node, "severity", names);
}

/* The ladder that the node names, or NULL for "none" and for an unknown one. */
static const struct vg_ladder *ladder_of(struct vg_check *check,
                                         const struct vg_node *node)
{
    const struct vg_protocol *protocol = check->protocol;
    const char *names[VG_LADDERS + 1] = {NULL};

    if (strcmp(node->text, "none") == 0) {
        return NULL;
    }
    for (size_t i = 0; i < protocol->ladder_count; i++) {
        names[i] = protocol->ladder[i].name;
    }
    const struct vg_ladder *ladder = vg_ladder_ensure(check, node->text);

    if (ladder == NULL) {
        vg_check_unknown(check, node, "ladder", names);
    }
    return ladder;
}

/* Without "escalated_ladder": the ladder named like the new severity, else its own. */
static void check_ladder(struct vg_check *check, const struct vg_node *map,
                         struct vg_rule *rule)
{
    const struct vg_node *own = value_of(map, "ladder");
    const struct vg_node *escalated = value_of(map, "escalated_ladder");

    rule->ladder = own == NULL ? NULL : ladder_of(check, own);
    if (escalated != NULL && !rule->has_escalate) {
        vg_fault_add(check->faults, escalated->key_place,
                     "\"escalated_ladder\" needs \"escalate\" and \"escalated\"");
    } else if (escalated != NULL) {
        rule->escalated_ladder = ladder_of(check, escalated);
    } else if (rule->has_escalate && rule->escalated < VG_SEVERITY_COUNT) {
        rule->escalated_ladder =
            vg_ladder_find(check->protocol, vg_severity_text(rule->escalated), "");
        if (rule->escalated_ladder == NULL) {
            rule->escalated_ladder = rule->ladder;
        }
    }
}

static void check_tests(struct vg_check *check, const struct vg_node *map,
                        struct vg_rule *rule)
{
    const struct vg_node *when = value_of(map, "when");
    const struct vg_node *clear = value_of(map, "clear");
    const struct vg_node *hold = value_of(map, "hold");
    const vg_ms span = vg_check_span(check, map, "hold");
    struct vg_queries *queries = &check->protocol->queries;

    if (when != NULL && vg_check_expr(check, when, queries, &rule->when)) {
        vg_check_phases(check, when->place, &rule->when);
    }
    if (hold != NULL && rule->when.hold != 0) {
        vg_fault_add(
            check->faults, hold->key_place,
            "\"hold\" and the \"for\" of \"when\" are the same thing: keep one");
    } else if (hold != NULL) {
        rule->when.hold = span;
        if (strcmp(hold->text, "never") == 0) {
            vg_fault_warn(check->faults, hold->place,
                          "this means no hold at all: the alert is raised at once");
        }
    }
    if (clear == NULL || strcmp(clear->text, "none") == 0) {
        return;
    }
    rule->has_clear = vg_check_expr(check, clear, queries, &rule->clear);
    vg_check_phases(check, clear->place, &rule->clear);
    if (when != NULL && strcmp(when->text, clear->text) == 0) {
        vg_fault_warn(
            check->faults, clear->place,
            "\"clear\" is the same test as \"when\": the alert would clear while it "
            "is true");
    }
}

/* "escalate" and "escalated" go together, and the latter is more severe. */
static void check_escalation(struct vg_check *check, const struct vg_node *map,
                             struct vg_rule *rule)
{
    const struct vg_node *when = value_of(map, "escalate");
    const struct vg_node *to = value_of(map, "escalated");

    if (when == NULL && to == NULL) {
        return;
    }
    if (when == NULL || to == NULL) {
        vg_fault_add(check->faults, (when == NULL ? to : when)->key_place,
                     "\"escalate\" (the test) and \"escalated\" (the severity while it "
                     "is true) go together");
        return;
    }
    rule->has_escalate =
        vg_check_expr(check, when, &check->protocol->queries, &rule->escalate);
    rule->escalated = VG_SEVERITY_COUNT;
    severity_of(check, to, &rule->escalated);
    if (rule->escalated <= rule->severity) {
        vg_fault_add(check->faults, to->place,
                     "\"escalated\" must be more severe than \"severity\"");
    }
    if (rule->escalate.hold != 0 || rule->escalate.of_last != 0) {
        vg_fault_add(check->faults, when->place,
                     "\"escalate\" takes no \"for\" and no counts: severity rises at "
                     "once");
    }
}

/* Marks at which an open alert is said again: each a test of this instant. */
static void check_again(struct vg_check *check, const struct vg_node *map,
                        struct vg_rule *rule)
{
    const struct vg_node *list = vg_node_get(map, "again");

    if (list == NULL || list->kind != VG_NODE_LIST) {
        return;
    }
    if (list->count == 0 || list->count > VG_AGAIN) {
        vg_fault_add(check->faults, list->place, "\"again\" has 1 to %d tests",
                     VG_AGAIN);
        return;
    }
    for (const struct vg_node *item = list->first; item != NULL; item = item->next) {
        struct vg_expr *mark = &rule->again[rule->again_count];
        if (item->kind != VG_NODE_SCALAR) {
            vg_fault_add(check->faults, item->place, "a test is one line of text");
        } else if (vg_check_expr(check, item, &check->protocol->queries, mark)) {
            if (mark->hold != 0 || mark->of_last != 0) {
                vg_fault_add(check->faults, item->place,
                             "\"again\" takes no \"for\" and no counts");
            }
            rule->watches |= mark->watches;
            rule->asks |= mark->asks;
            rule->topics |= mark->topics;
            rule->watches_chart |= mark->watches_chart;
            rule->again_count++;
        }
    }
}

static void check_sentence(struct vg_check *check, const struct vg_node *map,
                           const char *key, const struct vg_rule *rule,
                           const struct vg_text *text)
{
    const struct vg_node *node = vg_node_get(map, key);
    const struct vg_node *en = vg_node_get(node, "en");
    const struct vg_node *zh = vg_node_get(node, "zh");

    if (node != NULL && rule->when.code != NULL) {
        vg_check_template(check, en == NULL ? node : en, rule, text->en);
        vg_check_template(check, zh == NULL ? node : zh, rule, text->zh);
    }
}

static void check_rule(struct vg_check *check, const struct vg_node *node,
                       struct vg_rule *rule)
{
    rule->place = node->place;
    rule->id = "";
    if (!vg_check_map(check, node, "rule", rule_keys)) {
        return;
    }
    check_id(check, node, rule);
    check_class(check, node, rule);
    severity_of(check, value_of(node, "severity"), &rule->severity);
    check_tests(check, node, rule);
    check_escalation(check, node, rule);
    check_ladder(check, node, rule);
    rule->latch = vg_check_yes(check, node, "latch");
    rule->realert = vg_check_span(check, node, "realert");
    rule->source = vg_check_scalar(node, "source", "");
    rule->text = vg_check_text(check, node, "text");
    rule->reference = vg_check_text(check, node, "reference");
    check_sentence(check, node, "text", rule, &rule->text);
    check_sentence(check, node, "reference", rule, &rule->reference);
    rule->watches = rule->when.watches | rule->clear.watches | rule->escalate.watches;
    rule->asks = rule->when.asks | rule->clear.asks | rule->escalate.asks;
    rule->topics = rule->when.topics | rule->clear.topics | rule->escalate.topics;
    rule->watches_chart = rule->when.watches_chart || rule->clear.watches_chart ||
                          rule->escalate.watches_chart;
    check_again(check, node, rule);
}

void vg_check_rules(struct vg_check *check, const struct vg_node *root)
{
    const struct vg_node *list = vg_node_get(root, "rules");

    if (list == NULL || list->kind != VG_NODE_LIST) {
        return;
    }
    if (list->count == 0 || list->count > VG_RULES) {
        vg_fault_add(check->faults, list->place,
                     "a protocol has 1 to %d rules, not %zu", VG_RULES, list->count);
        return;
    }
    struct vg_rule *rules =
        vg_arena_take(check->arena, (list->count + VG_FLOORS) * sizeof *rules);

    if (rules == NULL) {
        check->no_memory = true;
        return;
    }
    check->protocol->rule = rules;
    for (const struct vg_node *node = list->first; node != NULL; node = node->next) {
        struct vg_rule *rule = &rules[check->protocol->rule_count++];
        check_rule(check, node, rule);
        check->protocol->asks_assessments |= rule->topics != 0;
        rule->pages_late = vg_check_pages_late(check->protocol, rule);
    }
    vg_check_floors(check, rules);
    vg_check_roles(check, root);
    vg_lint_ladders(check, root);
}
