/* SPDX-License-Identifier: Apache-2.0
 *
 * What a protocol's ladders may do but should not: warnings, so that a ward can decide
 * otherwise with open eyes. What can never be right is refused in protocol_ladders.c.
 */
#include <string.h>

#include "core/protocol_check.h"

/* The last part of a ladder must be reached, and an acceptance without action must lapse,
 * within these. Clinical reference 9.1 (not acknowledged; at home the caregiver within
 * 10 min, else emergency services), 9.4 (rule 8); urgent to the fallback: project proposal. */
static const struct limit {
    enum vg_severity severity;
    bool home;
    vg_ms waits, hold;
} limits[] = {
    {VG_CRITICAL, false, 5 * VG_MINUTE, 10 * VG_MINUTE},
    {VG_CRITICAL, true, 10 * VG_MINUTE, 10 * VG_MINUTE},
    {VG_URGENT, false, 30 * VG_MINUTE, 30 * VG_MINUTE},
    {VG_URGENT, true, 30 * VG_MINUTE, 30 * VG_MINUTE},
};

/* A ladder with the tree it was made from. */
struct ladder {
    const struct vg_node *node;
    const struct vg_ladder *is;
};

static bool is_none(const struct vg_node *node)
{
    return node == NULL ||
           (node->kind == VG_NODE_SCALAR && strcmp(node->text, "none") == 0);
}

/* ---- Rules */

static void lint_latch(struct vg_check *check, const struct vg_node *map,
                       const struct vg_rule *rule)
{
    const struct vg_node *node = vg_node_get(map, "latch");

    /* Data that are put right were seen by who did it. */
    if (rule->severity == VG_CRITICAL && !rule->latch &&
        rule->class_ != VG_CLASS_TECHNICAL) {
        vg_fault_warn(check->faults, node == NULL ? rule->place : node->place,
                      "a critical rule without \"latch: yes\" can end before anybody "
                      "has seen it");
    }
}

static void lint_rule(struct vg_check *check, const struct vg_node *map,
                      const struct vg_rule *rule)
{
    const struct vg_node *own = vg_node_get(map, "ladder");
    const struct vg_node *escalated = vg_node_get(map, "escalated_ladder");

    lint_latch(check, map, rule);
    if (rule->severity != VG_INFO && is_none(own)) {
        vg_fault_warn(check->faults, own == NULL ? rule->place : own->place,
                      "%s %s rule without a ladder is offered to nobody",
                      rule->severity == VG_URGENT ? "an" : "a",
                      vg_severity_text(rule->severity));
    }
    if (rule->has_escalate && escalated != NULL && is_none(escalated)) {
        vg_fault_warn(check->faults, escalated->place,
                      "while it is escalated, this alert is offered to nobody");
    }
}

/* ---- Ladders, one by one */

static bool offers(const struct vg_step *step, const char *role)
{
    for (size_t i = 0; i < step->target_count; i++) {
        if (strcmp(step->target[i], role) == 0) {
            return true;
        }
    }
    return false;
}

static bool reaches_nobody_new(const struct vg_step *from, const struct vg_step *to)
{
    for (size_t i = 0; i < to->target_count; i++) {
        if (!offers(from, to->target[i])) {
            return false;
        }
    }
    return to->target_count > 0;
}

static void lint_rejects(struct vg_check *check, struct ladder ladder)
{
    const struct vg_node *steps = vg_node_get(ladder.node, "steps");
    const struct vg_node *node = steps == NULL ? NULL : steps->first;

    for (size_t i = 0; i < ladder.is->step_count && node != NULL; i++) {
        const struct vg_step *step = &ladder.is->step[i];
        const struct vg_step *next =
            i + 1 < ladder.is->step_count ? step + 1 : &ladder.is->fallback;

        if (reaches_nobody_new(step, next)) {
            vg_fault_warn(check->faults, node->place,
                          "if all of this step reject, nobody else is asked: whoever "
                          "comes next has just rejected");
        } else if (step->reject_same && step->target_count == 1) {
            vg_fault_warn(check->faults, vg_node_get(node, "reject")->place,
                          "if \"%s\" rejects, nobody is asked until \"wait\" is over",
                          step->target[0]);
        }
        node = node->next;
    }
}

static void lint_patient_alone(struct vg_check *check, struct ladder ladder)
{
    static const struct vg_step laymen = {.target_count = 2,
                                          .target = {"patient", "caregiver"}};
    const struct vg_node *fallback = vg_node_get(ladder.node, "fallback");

    if (fallback != NULL && reaches_nobody_new(&laymen, &ladder.is->fallback)) {
        vg_fault_warn(check->faults, fallback->place,
                      "the fallback relies on the patient or the caregiver alone: add "
                      "somebody who is on duty");
    }
}

static bool is_home(const char *name)
{
    const size_t length = strlen(name);
    const size_t ending = strlen(VG_OUTPATIENT);

    return length > ending && strcmp(name + length - ending, VG_OUTPATIENT) == 0;
}

/* "crs-outpatient" without "crs" is a slip of the pen: it would never be used. */
static void lint_variant(struct vg_check *check, struct ladder ladder)
{
    char base[VG_ID_LEN + 1] = "";
    enum vg_severity severity;
    const size_t length = strlen(ladder.is->name);

    if (!is_home(ladder.is->name) || length > VG_ID_LEN) {
        return;
    }
    memcpy(base, ladder.is->name, length - strlen(VG_OUTPATIENT));
    if (vg_ladder_find(check->protocol, base, "") == NULL &&
        vg_severity_find(base, &severity) != VG_OK) {
        vg_fault_warn(
            check->faults, ladder.node->key_place,
            "there is no ladder \"%s\" of which this could be the variant for "
            "patients at home",
            base);
    }
}

/* ---- Ladders, by the rules that use them */

static bool rule_uses(const struct vg_protocol *protocol, const struct vg_rule *rule,
                      enum vg_severity severity, const struct vg_ladder *ladder)
{
    const bool reaches = rule->severity == severity ||
                         (rule->has_escalate && rule->escalated == severity);

    return reaches && (vg_rule_ladder(protocol, rule, severity, false) == ladder ||
                       vg_rule_ladder(protocol, rule, severity, true) == ladder);
}

static const struct vg_rule *user_of(const struct vg_protocol *protocol,
                                     enum vg_severity severity,
                                     const struct vg_ladder *ladder)
{
    for (size_t i = 0; i < protocol->rule_count; i++) {
        if (rule_uses(protocol, &protocol->rule[i], severity, ladder)) {
            return &protocol->rule[i];
        }
    }
    return NULL;
}

static void lint_waits(struct vg_check *check, struct ladder ladder,
                       const struct limit *limit, const struct vg_rule *rule)
{
    char is[VG_SPAN_TEXT];
    char most[VG_SPAN_TEXT];
    vg_ms waits = 0;

    for (size_t i = 0; i < ladder.is->step_count; i++) {
        waits += ladder.is->step[i].wait;
    }
    if (waits > limit->waits) {
        vg_rule_span_format(waits, false, is);
        vg_rule_span_format(limit->waits, false, most);
        vg_fault_warn(check->faults, ladder.node->key_place,
                      "this ladder comes to its fallback after %s; %s uses it while it "
                      "is %s: at most %s",
                      is, rule->id, vg_severity_text(limit->severity), most);
    }
}

static void lint_hold(struct vg_check *check, struct ladder ladder,
                      const struct limit *limit, const struct vg_rule *rule)
{
    const struct vg_node *node = vg_node_get(ladder.node, "hold");
    char is[VG_SPAN_TEXT];
    char most[VG_SPAN_TEXT];

    if (node != NULL && ladder.is->hold > limit->hold) {
        vg_rule_span_format(ladder.is->hold, false, is);
        vg_rule_span_format(limit->hold, false, most);
        vg_fault_warn(check->faults, node->place,
                      "an acceptance would last %s without action; %s uses this ladder "
                      "while it is %s: at most %s",
                      is, rule->id, vg_severity_text(limit->severity), most);
    }
}

static void lint_fallback(struct vg_check *check, struct ladder ladder,
                          const struct limit *limit, const struct vg_rule *rule)
{
    const struct vg_node *node = vg_node_get(ladder.node, "fallback");

    if (limit->severity == VG_CRITICAL && node != NULL &&
        ladder.is->fallback.target_count == 1) {
        vg_fault_warn(
            check->faults, node->place,
            "the fallback has one role only, who may be out of reach; %s uses "
            "it while it is critical: at least two",
            rule->id);
    }
}

/* The strictest severity that uses it counts. */
static void lint_uses(struct vg_check *check, struct ladder ladder)
{
    const bool home = is_home(ladder.is->name);

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        const struct limit *limit = &limits[i];
        const struct vg_rule *rule =
            limit->home != home ? NULL
                                : user_of(check->protocol, limit->severity, ladder.is);

        if (rule != NULL) {
            lint_waits(check, ladder, limit, rule);
            lint_hold(check, ladder, limit, rule);
            lint_fallback(check, ladder, limit, rule);
            return;
        }
    }
}

/* The nth rule and ladder are those of the nth node; what was added behind has none. */
void vg_lint_ladders(struct vg_check *check, const struct vg_node *root)
{
    const struct vg_protocol *protocol = check->protocol;
    const struct vg_node *rules = vg_node_get(root, "rules");
    const struct vg_node *ladders = vg_node_get(root, "ladders");
    const struct vg_node *node = rules->first;

    for (size_t i = 0; i < protocol->rule_count && node != NULL; i++) {
        lint_rule(check, node, &protocol->rule[i]);
        node = node->next;
    }
    node = ladders == NULL || ladders->kind != VG_NODE_MAP ? NULL : ladders->first;
    for (size_t i = 0; i < protocol->ladder_count && node != NULL; i++) {
        const struct ladder ladder = {node, &protocol->ladder[i]};

        lint_rejects(check, ladder);
        lint_patient_alone(check, ladder);
        lint_variant(check, ladder);
        lint_uses(check, ladder);
        node = node->next;
    }
}
