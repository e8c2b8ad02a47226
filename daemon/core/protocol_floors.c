/* SPDX-License-Identifier: Apache-2.0
 *
 * What no protocol can switch off for an admitted patient (Clinical reference 9.4, rule 4):
 * where no rule of the file asks a floor by itself, or in an "or", the floor's own rule is
 * added.
 */
#include <stdio.h>
#include <string.h>

#include "core/protocol_check.h"

/* Clinical reference 9.3, 9.4. */
static const struct {
    const char *id, *field;
    enum vg_class class_;
    enum vg_severity severity;
    const char *en, *zh;
} floors[] = {
    {"HYPOTENSION", "bp.hypotension", VG_CLASS_HAEMODYNAMIC, VG_CRITICAL,
     "Systolic pressure $sbp: hypotension", "收缩压 $sbp：低血压"},
    {"HYPOXIA_SEVERE", "oxygen.severe", VG_CLASS_RESPIRATORY, VG_CRITICAL,
     "Oxygen saturation $spo2: very low", "血氧饱和度 $spo2：很低"},
    {"HYPERPYREXIA", "fever.above_40", VG_CLASS_FEVER_INFECTION, VG_URGENT,
     "Temperature $temp, above 40.0 Cel", "体温 $temp，高于 40.0 Cel"},
    {"NEWS2_7", "news2.page_7", VG_CLASS_GLOBAL, VG_CRITICAL, "NEWS2 $news2.worst",
     "NEWS2 $news2.worst"},
    {"SEIZURE", "neuro.seizure", VG_CLASS_NEURO, VG_CRITICAL, "Seizure charted",
     "记录到癫痫发作"},
    {"VITAL_EXTREME", "vital.extreme", VG_CLASS_HAEMODYNAMIC, VG_CRITICAL,
     "Extreme value: pulse $hr, breathing rate $rr, or consciousness P or U",
     "极端值：脉率 $hr，呼吸频率 $rr，或意识 P/U"},
};

_Static_assert(sizeof floors / sizeof floors[0] == VG_FLOORS, "count the floors");

/* Fever with neutropenia and the floors page for any sample up to 8 h late (Clinical
 * reference 0.3). */
bool vg_check_pages_late(const struct vg_protocol *protocol, const struct vg_rule *rule)
{
    static const char *const fields[] = {"fn.page", "fn.anc_needed", "fever.above_41"};

    for (uint16_t i = 0; i < rule->when.length; i++) {
        if (rule->when.code[i].code != VG_OP_ASK) {
            continue;
        }
        const char *name = protocol->queries.item[rule->when.code[i].query].name;
        for (size_t k = 0; k < VG_FLOORS + sizeof fields / sizeof fields[0]; k++) {
            if (strcmp(name, k < VG_FLOORS ? floors[k].field : fields[k - VG_FLOORS]) ==
                0) {
                return true;
            }
        }
    }
    return false;
}

/* The rule is true whenever the field is: it asks nothing but fields joined by "or". */
static bool keeps(const struct vg_protocol *protocol, const struct vg_rule *rule,
                  const char *field)
{
    bool asks = false;

    for (uint16_t i = 0; i < rule->when.length; i++) {
        const struct vg_expr_op *op = &rule->when.code[i];
        if (op->code == VG_OP_ASK) {
            const struct vg_query *query = &protocol->queries.item[op->query];
            asks = asks ||
                   (query->kind == VG_ASK_FIELD && strcmp(query->name, field) == 0);
        } else if (op->code != VG_OP_OR) {
            return false;
        }
    }
    return asks && rule->when.hold == 0 && rule->when.of_last == 0;
}

static bool kept(const struct vg_protocol *protocol, size_t floor)
{
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct vg_rule *rule = &protocol->rule[i];
        if (rule->severity >= floors[floor].severity &&
            keeps(protocol, rule, floors[floor].field)) {
            return true;
        }
    }
    return false;
}

static void add(struct vg_check *check, size_t floor, struct vg_rule *rule)
{
    struct vg_protocol *protocol = check->protocol;
    const bool taken = vg_protocol_rule(protocol, floors[floor].id) != NULL;
    char id[VG_NAME_LEN + 1];

    (void)snprintf(id, sizeof id, "%s%s", taken ? "FLOOR_" : "", floors[floor].id);
    rule->id = vg_arena_text(check->arena, id, strlen(id));
    enum vg_status status = rule->id == NULL ? VG_NO_MEMORY : VG_OK;
    if (status == VG_OK) {
        status =
            vg_expr_compile(floors[floor].field, (struct vg_place){1, 1}, check->arena,
                            &protocol->queries, check->faults, &rule->when);
    }
    if (status != VG_OK) { /* refused: the file has asked all that one may ask */
        check->no_memory = check->no_memory || status == VG_NO_MEMORY;
        return;
    }
    rule->floor = rule->pages_late = true;
    rule->class_ = floors[floor].class_;
    rule->severity = floors[floor].severity;
    rule->ladder = vg_ladder_ensure(check, vg_severity_text(rule->severity));
    rule->latch = rule->severity == VG_CRITICAL;
    rule->text = (struct vg_text){floors[floor].en, floors[floor].zh};
    rule->reference = (struct vg_text){"", ""};
    rule->source = "Clinical reference 9.4: a floor that cannot be switched off";
    rule->place = (struct vg_place){1, 1};
    rule->watches = rule->when.watches;
    rule->topics = rule->when.topics;
    vg_check_template(check, rule->place, rule, rule->text.en);
    vg_check_template(check, rule->place, rule, rule->text.zh);
    protocol->rule_count++;
}

void vg_check_floors(struct vg_check *check, struct vg_rule *rules)
{
    struct vg_protocol *protocol = check->protocol;

    for (size_t i = 0; i < VG_FLOORS; i++) {
        if (!kept(protocol, i)) {
            add(check, i, &rules[protocol->rule_count]);
        }
    }
}
