/* SPDX-License-Identifier: Apache-2.0
 *
 * The schedule of a protocol: each line checked and compiled, and the names of phases that
 * rules ask for.
 */
#include <string.h>

#include "core/item.h"
#include "core/protocol_check.h"

static const struct vg_key keys[] = {
    {"phase", VG_KEY_SCALAR, false},    {"setting", VG_KEY_SCALAR, false},
    {"from", VG_KEY_SCALAR, false},     {"to", VG_KEY_SCALAR, false},
    {"when", VG_KEY_SCALAR, false},     {"hours", VG_KEY_SCALAR, false},
    {"expect", VG_KEY_SCALAR, true},    {"once", VG_KEY_SCALAR, false},
    {"every", VG_KEY_SCALAR, true},     {"grace", VG_KEY_SCALAR, false},
    {"escalate", VG_KEY_SCALAR, false}, {NULL, VG_KEY_ANY, false},
};

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " ");
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

/* At most three digits, the whole of the text. */
static bool read_number(const char *text, size_t length, unsigned *out)
{
    *out = 0;
    if (length == 0 || length > 3 || strspn(text, "0123456789") < length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        *out = *out * 10 + (unsigned)(text[i] - '0');
    }
    return true;
}

/* ---- Moments: "infusion.end", "day 10", with " + 6h" or " - 30m" behind it. */

static const struct {
    const char *word;
    enum vg_moment_of of;
} marks[] = {{"admission", VG_MOMENT_ADMISSION},   {"infusion.start", VG_MOMENT_START},
             {"infusion.end", VG_MOMENT_END},      {"discharge", VG_MOMENT_DISCHARGE},
             {"fever.last", VG_MOMENT_FEVER},      {"day", VG_MOMENT_DAY},
             {"given", VG_MOMENT_GIVEN},           {"first", VG_MOMENT_FIRST},
             {"confusion.new", VG_MOMENT_CONFUSED}};

/* The number of a day, the drug of a dose: "day 10", "given tocilizumab". */
static const char *read_detail(const char *rest, struct vg_moment *out)
{
    const size_t length = strcspn(rest, " +-");
    char word[VG_NAME_LEN + 1] = "";

    if (out->of == VG_MOMENT_DAY) {
        return read_number(rest, length, &out->number) ? rest + length : NULL;
    }
    if (out->of != VG_MOMENT_GIVEN && out->of != VG_MOMENT_FIRST) {
        return rest;
    }
    if (length >= sizeof word) {
        return NULL;
    }
    memcpy(word, rest, length);
    out->number = vg_chart_name(VG_MEDICATION, word);
    return out->number < VG_DRUG_OTHER ? rest + length : NULL;
}

static bool read_moment(const char *text, struct vg_moment *out)
{
    const size_t length = strcspn(text, " +-");

    *out = (struct vg_moment){VG_MOMENT_NONE, 0, 0};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (is_word(text, length, marks[i].word)) {
            out->of = marks[i].of;
        }
    }
    if (out->of == VG_MOMENT_NONE) {
        return false;
    }
    const char *rest = read_detail(skip_spaces(text + length), out);
    rest = rest == NULL ? NULL : skip_spaces(rest);
    if (rest == NULL || *rest == '\0') {
        return rest != NULL;
    }
    const bool minus = *rest == '-';
    const char *amount = skip_spaces(rest + 1);
    if ((!minus && *rest != '+') ||
        vg_rule_span_parse(amount, strlen(amount), &out->offset) != VG_OK) {
        return false;
    }
    out->offset = minus ? -out->offset : out->offset;
    return true;
}

static struct vg_moment check_moment(struct vg_check *check, const struct vg_node *map,
                                     const char *key)
{
    const char *text = vg_check_scalar(map, key, NULL);
    struct vg_moment out = {VG_MOMENT_NONE, 0, 0};

    if (text != NULL && !read_moment(text, &out)) {
        vg_fault_add(
            check->faults, vg_node_get(map, key)->place,
            "\"%s\" is no moment; write admission, infusion.start, infusion.end, "
            "discharge or day 10, and + 6h or - 30m behind it if needed",
            text);
    }
    return out;
}

/* ---- The other keys */

static void check_expect(struct vg_check *check, const struct vg_node *map,
                         struct vg_schedule_line *line)
{
    static const char *const names[] = {"vitals", "labs", "neuro", "ice", NULL};
    const char *text = vg_check_scalar(map, "expect", "ice");
    const enum vg_signal signal = vg_expr_signal(text, strlen(text));

    line->expect = (uint8_t)(signal < VG_MEASURED_COUNT ? signal : VG_ICE);
    if (signal < VG_MEASURED_COUNT) {
        return;
    }
    for (unsigned i = 0; VG_EXPECT_VITALS + i < VG_EXPECT_COUNT; i++) {
        if (strcmp(names[i], text) == 0) {
            line->expect = (uint8_t)(VG_EXPECT_VITALS + i);
            return;
        }
    }
    vg_check_unknown(check, vg_node_get(map, "expect"), "observation", names);
}

static void check_setting(struct vg_check *check, const struct vg_node *map,
                          struct vg_schedule_line *line)
{
    static const char *const names[] = {"inpatient", "outpatient", NULL};
    const char *text = vg_check_scalar(map, "setting", NULL);

    if (text == NULL) {
        line->setting = VG_STAY_ANY;
    } else if (strcmp(text, names[0]) == 0) {
        line->setting = VG_STAY_INPATIENT;
    } else if (strcmp(text, names[1]) == 0) {
        line->setting = VG_STAY_OUTPATIENT;
    } else {
        vg_check_unknown(check, vg_node_get(map, "setting"), "setting", names);
    }
}

/* "06-22": hours of the ward's day; 22-06 goes over midnight. */
static void check_hours(struct vg_check *check, const struct vg_node *map,
                        struct vg_schedule_line *line)
{
    const char *text = vg_check_scalar(map, "hours", NULL);
    unsigned opens = 0;
    unsigned closes = 0;

    if (text == NULL) {
        return;
    }
    const size_t first = strcspn(text, "-");
    const char *second = text[first] == '-' ? text + first + 1 : "";
    if (!read_number(text, first, &opens) ||
        !read_number(second, strlen(second), &closes) || opens > 23 || closes > 24 ||
        opens == closes) {
        vg_fault_add(check->faults, vg_node_get(map, "hours")->place,
                     "\"%s\" are no hours of the day; write 06-22", text);
    }
    line->hours = true;
    line->opens = opens * VG_HOUR;
    line->closes = closes % 24 * VG_HOUR;
}

/* A noted symptom is known by its number from here on; tremor, which is charted as a
 * neurologic finding, by that of none. */
static bool number_symptom(struct vg_query *query)
{
    query->field = vg_chart_name(VG_SYMPTOM, query->name);
    return query->field < VG_SYMPTOM_OTHER || strcmp(query->name, "tremor") == 0;
}

static bool may_ask(struct vg_query *query)
{
    return (query->kind == VG_ASK_NOTED && number_symptom(query)) ||
           (query->kind == VG_ASK_FIELD &&
            strncmp(query->name, "overdue.", strlen("overdue.")) != 0);
}

/* A state of the patient: what is assessed, and symptoms noted; nothing with a history. */
static void check_asks(struct vg_check *check, const struct vg_node *node,
                       const struct vg_expr *expr, struct vg_queries *queries)
{
    for (uint16_t i = 0; i < expr->length; i++) {
        if (expr->code[i].code == VG_OP_ASK &&
            !may_ask(&queries->item[expr->code[i].query])) {
            vg_fault_add(
                check->faults, node->place,
                "a line of the schedule asks only assessments (crs.grade >= 2) and "
                "symptoms that vigil knows");
            return;
        }
    }
    if (expr->hold != 0 || expr->of_last != 0) {
        vg_fault_add(check->faults, node->place,
                     "a line of the schedule asks for the present state, without "
                     "\"for\" and \"in … of last\"");
    }
}

/* The tests have queries of their own: they are not the rules', for which windows are
 * kept. */
static void check_when(struct vg_check *check, const struct vg_node *map,
                       struct vg_schedule *schedule, struct vg_schedule_line *line)
{
    if (vg_check_scalar(map, "when", NULL) == NULL) {
        return;
    }
    if (schedule->queries == NULL) {
        schedule->queries = vg_arena_take(check->arena, sizeof *schedule->queries);
        if (schedule->queries == NULL) {
            check->no_memory = true;
            return;
        }
    }
    const struct vg_node *node = vg_node_get(map, "when");
    if (vg_check_expr(check, node, schedule->queries, &line->when)) {
        line->has_when = true;
        check_asks(check, node, &line->when, schedule->queries);
    }
}

static void check_whole(struct vg_check *check, const struct vg_node *node,
                        const struct vg_schedule_line *line)
{
    const bool from = vg_check_scalar(node, "from", NULL) != NULL;
    const bool when = vg_check_scalar(node, "when", NULL) != NULL;

    if (!from && !when) {
        vg_fault_add(check->faults, node->place,
                     "a line of the schedule needs \"from\" or \"when\"");
    }
    if (line->once && (!from || when)) {
        vg_fault_add(
            check->faults, node->place,
            "\"once\" counts from a moment: it needs \"from\" and no \"when\"");
    }
}

static void check_every(struct vg_check *check, const struct vg_node *node,
                        struct vg_schedule_line *line)
{
    const size_t errors = check->faults->errors;

    line->every = vg_check_span(check, node, "every");
    if (line->every == 0 && check->faults->errors == errors &&
        vg_check_scalar(node, "every", NULL) != NULL) {
        vg_fault_add(check->faults, vg_node_get(node, "every")->place,
                     "\"every\" must be longer than 0");
    }
}

static void check_line(struct vg_check *check, const struct vg_node *node,
                       struct vg_schedule *schedule, struct vg_schedule_line *line)
{
    if (!vg_check_map(check, node, "line of the schedule", keys)) {
        return;
    }
    line->phase = vg_check_scalar(node, "phase", "");
    line->from = check_moment(check, node, "from");
    line->to = check_moment(check, node, "to");
    line->once = vg_check_yes(check, node, "once");
    check_expect(check, node, line);
    check_setting(check, node, line);
    check_hours(check, node, line);
    check_every(check, node, line);
    line->grace = vg_check_span(check, node, "grace");
    line->escalate = vg_check_span(check, node, "escalate");
    check_when(check, node, schedule, line);
    check_whole(check, node, line);
}

void vg_check_schedule(struct vg_check *check, const struct vg_node *list)
{
    struct vg_schedule *schedule = &check->protocol->expected;
    const size_t room = list->count;

    if (room > VG_SCHEDULE_LINES) {
        vg_fault_add(check->faults, list->place,
                     "a schedule has at most %d lines, not %zu", VG_SCHEDULE_LINES,
                     room);
        return;
    }
    schedule->line = vg_arena_take(check->arena, (room + 1) * sizeof *schedule->line);
    if (schedule->line == NULL) {
        check->no_memory = true;
        return;
    }
    for (const struct vg_node *node = list->first; node != NULL; node = node->next) {
        check_line(check, node, schedule, &schedule->line[schedule->count++]);
    }
}

/* ---- Phases that rules ask for */

static bool is_phase(const struct vg_node *schedule, const char *name,
                     const char **names, size_t room)
{
    size_t n = 0;

    if (schedule == NULL || schedule->kind != VG_NODE_LIST) {
        return false;
    }
    for (const struct vg_node *node = schedule->first; node != NULL;
         node = node->next) {
        const char *phase = vg_check_scalar(node, "phase", NULL);

        if (phase != NULL && strcmp(phase, name) == 0) {
            return true;
        }
        if (phase != NULL && n < room) {
            names[n++] = phase;
        }
    }
    return false;
}

void vg_check_phases(struct vg_check *check, struct vg_place place,
                     const struct vg_expr *expr)
{
    for (size_t i = 0; i < expr->length; i++) {
        const struct vg_query *query =
            &check->protocol->queries.item[expr->code[i].query % VG_QUERIES];
        const char *names[33] = {NULL};

        if (expr->code[i].code != VG_OP_ASK || query->kind != VG_ASK_PHASE ||
            is_phase(check->schedule, query->name, names, 32)) {
            continue;
        }
        const char *near = vg_nearest(query->name, names);

        if (near == NULL) {
            vg_fault_add(check->faults, place, "the schedule has no phase \"%s\"",
                         query->name);
        } else {
            vg_fault_add(check->faults, place,
                         "the schedule has no phase \"%s\", did you mean \"%s\"?",
                         query->name, near);
        }
    }
}
