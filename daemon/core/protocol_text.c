/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule's sentence: which $names it may use, and how they are filled in.
 */
#include <string.h>

#include "core/expr_code.h"
#include "core/limits.h"
#include "core/protocol_check.h"

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Length of the name after "$"; a dot belongs to it only before a letter. */
static size_t name_length(const char *text)
{
    size_t n = 0;

    while (is_name(text[n]) || (n > 0 && text[n] == '.' && is_name(text[n + 1]))) {
        n++;
    }
    return n;
}

static bool name_is(const char *name, size_t length, const char *text)
{
    return strlen(text) == length && memcmp(name, text, length) == 0;
}

/* What "$sbp" or "$news2.score" asks. */
static bool template_query(const char *name, size_t length, struct vg_query *query)
{
    const enum vg_signal signal = vg_expr_signal(name, length);

    memset(query, 0, sizeof *query);
    query->signal = signal;
    if (signal != VG_SIGNAL_COUNT) {
        query->kind = VG_ASK_LAST;
        return true;
    }
    query->kind = VG_ASK_FIELD;
    const struct vg_field *field = vg_expr_field(name, length);
    if (field == NULL) {
        return false;
    }
    query->field = (uint16_t)(field - vg_fields());
    return vg_copy(query->name, sizeof query->name, field->name);
}

/* "$news2.parts": the points of each parameter, in the order of the chart. */
static const char *const parts[] = {"news2.rr", "news2.spo2",  "news2.o2",  "news2.sbp",
                                    "news2.hr", "news2.acvpu", "news2.temp"};
#define PARTS (sizeof parts / sizeof *parts)

/* The limit inside the one field that "when" asks, if it has just one: 90 mm[Hg] of
 * "bp.hypotension". NULL: none. */
static const struct vg_field_limit *limit_inside(const struct vg_rule *rule,
                                                 const struct vg_queries *queries)
{
    const struct vg_field_limit *found = NULL;

    if (rule->when.length != 1 || rule->when.code[0].code != VG_OP_ASK) {
        return NULL;
    }
    const char *name = queries->item[rule->when.code[0].query].name;
    for (const struct vg_field_limit *l = vg_field_limits(); l->field != NULL; l++) {
        if (strcmp(l->field, name) == 0) {
            if (found != NULL) {
                return NULL;
            }
            found = l;
        }
    }
    return found;
}

static void refuse_name(struct vg_check *check, struct vg_place place, const char *name,
                        size_t length)
{
    const char *names[VG_MEASURED_COUNT + 3] = {"value", "limit"};
    char word[VG_NAME_LEN + 1] = "";
    size_t n = 2;

    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        names[n++] = vg_signal_info((enum vg_signal)i)->code;
    }
    names[n] = NULL;
    memcpy(word, name, length < VG_NAME_LEN ? length : VG_NAME_LEN);
    const char *near = vg_nearest(word, names);

    if (near == NULL) {
        vg_fault_add(check->faults, place, "\"$%s\" cannot be filled in: unknown name",
                     word);
    } else {
        vg_fault_add(check->faults, place,
                     "\"$%s\" cannot be filled in, did you mean \"$%s\"?", word, near);
    }
}

static void check_query(struct vg_check *check, struct vg_place place, const char *name,
                        size_t length)
{
    struct vg_query query;
    size_t index = 0;

    if (!template_query(name, length, &query)) {
        refuse_name(check, place, name, length);
    } else if (vg_query_add(&check->protocol->queries, &query, &index) != VG_OK) {
        vg_fault_add(check->faults, place,
                     "the protocol asks more than %d different questions", VG_QUERIES);
    }
}

static void check_name(struct vg_check *check, struct vg_place place,
                       const struct vg_rule *rule, const char *name, size_t length)
{
    if (name_is(name, length, "value")) {
        if (rule->when.value_end == 0) {
            vg_fault_add(check->faults, place,
                         "\"$value\" cannot be filled in: \"when\" "
                         "compares nothing");
        }
    } else if (name_is(name, length, "limit")) {
        if (!rule->when.has_limit &&
            limit_inside(rule, &check->protocol->queries) == NULL) {
            vg_fault_add(check->faults, place,
                         "\"$limit\" cannot be filled in: the first "
                         "comparison of \"when\" has no fixed number");
        }
    } else if (name_is(name, length, "news2.parts")) {
        for (size_t i = 0; i < PARTS; i++) {
            check_query(check, place, parts[i], strlen(parts[i]));
        }
    } else {
        check_query(check, place, name, length);
    }
}

void vg_check_template(struct vg_check *check, const struct vg_node *node,
                       const struct vg_rule *rule, const char *template_)
{
    const char *at = template_;

    while ((at = strchr(at, '$')) != NULL) {
        at++;
        if (*at == '$') {
            at++;
            continue;
        }
        const size_t length = name_length(at);

        check_name(check, node == NULL ? rule->place : vg_check_place(node, at - 1),
                   rule, at, length);
        at += length;
    }
}

/* What is put in where no number stands, and the names of NEWS2's parts. */
enum word { UNKNOWN, YES, NO, WORDS };
static const char *const words[2][WORDS] = {{"unknown", "yes", "no"},
                                            {"未知", "是", "否"}};
static const char *const parts_zh[PARTS] = {"呼吸", "血氧", "氧疗", "收缩压",
                                            "脉率", "意识", "体温"};

struct filling {
    bool zh;
    const struct vg_rule *rule;
    const struct vg_queries *queries;
    const struct vg_facts *facts;
    struct vg_instant at;
    struct vg_sink sink;
};

/* Vital signs keep the places of their display; the rest only those they need. */
static void put_number(struct filling *filling, struct vg_number number,
                       enum vg_unit unit, unsigned places)
{
    struct vg_sink *sink = &filling->sink;
    char text[VG_DECIMAL_TEXT + 8];

    if (!number.known) {
        vg_sink_put(sink, "%s", words[filling->zh][UNKNOWN]);
        return;
    }
    (void)vg_number_format(number, places, places <= 1 ? places : 0, text, sizeof text);
    vg_sink_put(sink, unit == VG_UNIT_NONE || unit == VG_UNIT_SCORE ? "%s%s" : "%s %s",
                text, unit == VG_UNIT_SCORE ? "" : vg_unit_text(unit));
}

static void put_side(struct filling *filling, struct vg_number number)
{
    const struct vg_expr *when = &filling->rule->when;
    char span[VG_SPAN_TEXT];

    if (number.known && when->limit_time) {
        /* Whole seconds are enough for people. */
        vg_rule_span_format(
            number.numerator / number.denominator / VG_SECOND * VG_SECOND, true, span);
        vg_sink_put(&filling->sink, "%s", span);
        return;
    }
    put_number(filling, number, when->limit_unit, when->limit_places);
}

static void put_query(struct filling *filling, const struct vg_query *query)
{
    struct vg_number number = VG_NUMBER_UNKNOWN;
    size_t index = 0;

    if (vg_query_find(filling->queries, query, &index) == VG_OK) {
        number =
            filling->facts->answer(filling->facts->subject,
                                   &filling->queries->item[index], index, filling->at);
    }
    if (query->kind == VG_ASK_LAST) {
        const struct vg_signal_info *info = vg_signal_info(query->signal);

        put_number(filling, number, info->unit, info->places);
        return;
    }
    const struct vg_field *field = vg_expr_field(query->name, strlen(query->name));

    if (field != NULL && field->yes_no && number.known) {
        vg_sink_put(&filling->sink, "%s",
                    words[filling->zh][number.numerator != 0 ? YES : NO]);
    } else {
        put_number(filling, number, field == NULL ? VG_UNIT_NONE : field->unit, 2);
    }
}

static void put_limit(struct filling *filling)
{
    const struct vg_expr *when = &filling->rule->when;
    const struct vg_field_limit *inside =
        when->has_limit ? NULL : limit_inside(filling->rule, filling->queries);

    if (inside != NULL) {
        const struct vg_signal_info *info = vg_signal_info(inside->signal);
        put_number(filling, vg_number_of(inside->milli, 1000), info->unit,
                   info->places);
    } else {
        put_side(filling, when->has_limit ? vg_number_of(when->limit.numerator,
                                                         when->limit.denominator)
                                          : VG_NUMBER_UNKNOWN);
    }
}

static void put_parts(struct filling *filling)
{
    for (size_t i = 0; i < PARTS; i++) {
        struct vg_query query;

        const char *name = filling->zh ? parts_zh[i] : parts[i] + sizeof "news2." - 1;
        const char *comma = filling->zh ? "，" : ", ";

        vg_sink_put(&filling->sink, "%s%s ", i > 0 ? comma : "", name);
        if (template_query(parts[i], strlen(parts[i]), &query)) {
            put_query(filling, &query);
        }
    }
}

static void put_name(struct filling *filling, const char *name, size_t length)
{
    const struct vg_expr *when = &filling->rule->when;
    struct vg_query query;

    if (name_is(name, length, "value")) {
        put_side(filling,
                 vg_expr_value(when, filling->queries, filling->facts, filling->at));
    } else if (name_is(name, length, "limit")) {
        put_limit(filling);
    } else if (name_is(name, length, "news2.parts")) {
        put_parts(filling);
    } else if (template_query(name, length, &query)) {
        put_query(filling, &query);
    } else {
        vg_sink_put(&filling->sink, "%s", words[filling->zh][UNKNOWN]);
    }
}

/* A cut must not leave half a character of UTF-8 behind. */
static size_t whole_characters(char *out, size_t length, bool cut)
{
    size_t start = length;

    if (!cut) {
        return length;
    }
    while (start > 0 && ((unsigned char)out[start - 1] & 0xC0U) == 0x80U) {
        start--;
    }
    if (start > 0 && ((unsigned char)out[start - 1] & 0x80U) != 0) {
        start--;
        out[start] = '\0';
        return start;
    }
    return length;
}

/* Seven parameters: what to say, to whom it applies, when, and where it goes. */
/* NOLINTNEXTLINE(readability-function-size) */
size_t vg_rule_text(const struct vg_rule *rule, const struct vg_queries *queries,
                    const struct vg_facts *facts, struct vg_instant at,
                    const char *template_, char *out, size_t capacity)
{
    /* Where both are one string it is English, as its words are. */
    const bool zh = template_ == rule->text.zh && template_ != rule->text.en;
    struct filling filling = {zh, rule, queries, facts, at, {out, capacity, 0}};

    out[0] = '\0';
    while (*template_ != '\0') {
        const size_t plain = strcspn(template_, "$");

        vg_sink_put(&filling.sink, "%.*s", (int)plain, template_);
        template_ += plain;
        if (*template_ == '$' && template_[1] == '$') {
            vg_sink_put(&filling.sink, "$");
            template_ += 2;
        } else if (*template_ == '$') {
            const size_t length = name_length(template_ + 1);

            put_name(&filling, template_ + 1, length);
            template_ += 1 + length;
        }
    }
    return whole_characters(out, filling.sink.length,
                            filling.sink.length + 1 >= capacity);
}
