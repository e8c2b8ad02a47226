/* SPDX-License-Identifier: Apache-2.0
 *
 * What no protocol can switch off for an admitted patient (Clinical reference 9.4, rule 4):
 * where no rule of the file asks a floor by itself, or in an "or", the floor's own rule is
 * added.
 */
#include <stdio.h>
#include <string.h>

#include "core/expr_code.h"
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

/* ---- A rule of the file that says what a floor says
 *
 * "news2.score >= 7" is not the floor, which looks at the charted values by themselves as well: so the
 * floor is added. While such a rule calls somebody, it waits (storm.c): one deterioration, one call. */

#define NO_FIELD VG_SIGNAL_COUNT

/* From `reach` on (whole steps of the display, downwards if not `up`) the value is what the floor is about. */
static const struct {
    size_t floor;
    enum vg_signal signal; /* NO_FIELD: an assessment's */
    const char *field;
    bool up;
    int64_t reach;
    const char *when; /* the floor's beside such a rule; NULL: its own field */
} said[] = {
    {0, VG_SBP, NULL, false, 89, NULL},
    {1, VG_SPO2, NULL, false, 84, NULL},
    {2, VG_TEMP, NULL, true, 401, NULL},
    {3, NO_FIELD, "news2.score", true, 7, "news2.page_7 and news2.worst >= 7"},
    {3, NO_FIELD, "news2.worst", true, 7, "news2.page_7 and news2.worst >= 7"},
};

static bool same_question(const struct vg_query *query, size_t row)
{
    return said[row].field != NULL
               ? query->kind == VG_ASK_FIELD &&
                     strcmp(query->name, said[row].field) == 0
               : query->kind == VG_ASK_LAST && query->signal == said[row].signal;
}

/* The limit is the floor's, or beyond it: one step nearer to normal does not meet it. */
static bool as_far(const struct vg_expr_op *limit, enum vg_op op, size_t row)
{
    int64_t steps = limit->numerator;
    const unsigned places =
        said[row].field != NULL ? 0 : vg_signal_info(said[row].signal)->places;

    if (steps > INT64_MAX / 1000 || steps < INT64_MIN / 1000) {
        return false; /* no floor is out there */
    }
    for (unsigned i = 0; i < places; i++) { /* of these signals at most one */
        steps *= 10;
    }
    if (steps % limit->denominator != 0) {
        return false;
    }
    steps /= limit->denominator;
    switch ((int)op) {
    case VG_OP_AT_LEAST:
        return said[row].up && steps >= said[row].reach;
    case VG_OP_ABOVE:
        return said[row].up && steps >= said[row].reach - 1;
    case VG_OP_AT_MOST:
        return !said[row].up && steps <= said[row].reach;
    case VG_OP_BELOW:
        return !said[row].up && steps <= said[row].reach + 1;
    default:
        return false;
    }
}

/* The rule is one such limit, and as loud. */
static bool says(const struct vg_protocol *protocol, const struct vg_rule *rule,
                 size_t row)
{
    const struct vg_expr_op *op = rule->when.code;

    return rule->when.length == 3 && op[0].code == VG_OP_ASK &&
           op[1].code == VG_OP_CONST && rule->ladder != NULL &&
           rule->severity >= floors[said[row].floor].severity &&
           same_question(&protocol->queries.item[op[0].query], row) &&
           as_far(&op[1], (enum vg_op)op[2].code, row);
}

/* Marks such rules. Returns the row, or their count if there are none. */
static size_t mark_said(const struct vg_protocol *protocol, size_t floor)
{
    const size_t rows = sizeof said / sizeof said[0];
    size_t found = rows;

    for (size_t row = 0; row < rows; row++) {
        for (size_t i = 0; i < protocol->rule_count; i++) {
            struct vg_rule *rule = &protocol->rule[i];
            if (said[row].floor == floor && !rule->floor && says(protocol, rule, row)) {
                rule->floor_said = (uint8_t)(floor + 1);
                found = row;
            }
        }
    }
    return found;
}

static enum vg_status compile(struct vg_check *check, size_t floor,
                              struct vg_rule *rule)
{
    const size_t row = mark_said(check->protocol, floor);
    const char *own = row < sizeof said / sizeof said[0] ? said[row].when : NULL;
    const struct vg_place place = {1, 1};
    struct vg_queries *queries = &check->protocol->queries;
    char clear[VG_NAME_LEN + 8];

    rule->floor_said = row < sizeof said / sizeof said[0] ? (uint8_t)(floor + 1) : 0;
    (void)snprintf(clear, sizeof clear, "not %s", floors[floor].field);
    enum vg_status status =
        vg_expr_compile(own != NULL ? own : floors[floor].field, place, check->arena,
                        queries, check->faults, &rule->when);
    if (status == VG_OK && own != NULL) {
        status = vg_expr_compile(clear, place, check->arena, queries, check->faults,
                                 &rule->clear);
        rule->has_clear = status == VG_OK;
    }
    return status;
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
        status = compile(check, floor, rule);
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
    vg_check_template(check, NULL, rule, rule->text.en);
    vg_check_template(check, NULL, rule, rule->text.zh);
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
