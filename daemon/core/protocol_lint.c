/* SPDX-License-Identifier: Apache-2.0
 *
 * What a rule may say but what cannot work: warnings. A test that is never true, an end on the wrong
 * side of the limit, a window too short for what the schedule asks to be measured.
 *
 * Only limits of whole numbers joined by "and" are looked at: of the rest nothing is said.
 */
#include <string.h>

#include "core/protocol_check.h"

#define ANY INT64_MAX

/* Values that a limit lets pass, in steps of the display. */
struct range {
    int64_t low, high;
};

/* What a score can be at all. */
static const struct {
    const char *name;
    struct range is;
} scores[] = {{"news2.score", {0, 20}},         {"news2.worst", {0, 20}},
              {"news2.max_single", {0, 3}},     {"crs.grade", {0, 4}},
              {"crs.max_grade", {0, 4}},        {"crs.unmasked_grade", {0, 4}},
              {"crs.tier_hypotension", {0, 4}}, {"crs.tier_hypoxia", {0, 4}},
              {"icans.grade", {0, 4}},          {"icans.least", {0, 4}},
              {"icans.ice", {0, 10}},           {"qsofa.score", {0, 3}},
              {"sirs.count", {0, 4}},           {"sirs.count_excl_wbc", {0, 3}},
              {"icaht.early", {0, 4}},          {"icaht.late", {0, 4}},
              {"t_icaht.early", {0, 4}},        {"t_icaht.late", {0, 4}},
              {"hematotox.score", {0, 7}},      {"tls.n", {0, 4}}};

/* False: nothing is known of it, or it is no whole number. */
static bool possible(const struct vg_query *query, struct range *out)
{
    const struct vg_signal_info *info = vg_signal_info(
        query->signal < VG_MEASURED_COUNT ? query->signal : VG_HR); /* if it has none */

    switch ((int)query->kind) {
    case VG_ASK_LAST:
    case VG_ASK_MIN:
    case VG_ASK_MAX:
        *out = (struct range){info->hard_low, info->hard_high};
        return true;
    case VG_ASK_RISE:
    case VG_ASK_DROP:
        *out = (struct range){0, info->hard_high - info->hard_low};
        return true;
    case VG_ASK_COUNT:
        *out = (struct range){0, ANY};
        return true;
    case VG_ASK_FIELD:
        for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++) {
            if (strcmp(scores[i].name, query->name) == 0) {
                *out = scores[i].is;
                return true;
            }
        }
        return false;
    default:
        return false;
    }
}

static unsigned places_of(const struct vg_query *query)
{
    return query->kind == VG_ASK_COUNT || query->kind == VG_ASK_FIELD
               ? 0
               : vg_signal_info(query->signal)->places;
}

/* The limit in steps: whole steps below it, and whether it is one itself. */
static bool steps_of(const struct vg_expr_op *limit, unsigned places, int64_t *whole,
                     bool *exact)
{
    int64_t number = limit->numerator;

    for (unsigned i = 0; i <= places; i++) {
        if (number > ANY / 10 || number < -(ANY / 10)) {
            return false;
        }
        number = i < places ? number * 10 : number;
    }
    *whole = number / limit->denominator;
    *exact = number % limit->denominator == 0;
    *whole -= !*exact && number < 0;
    return true;
}

/* A query compared with a number: op[0..2]. False: it is none, or nothing is known of it. */
static bool limit_of(const struct vg_queries *queries, const struct vg_expr_op *op,
                     struct range *out)
{
    const struct vg_query *query = &queries->item[op[0].query];
    int64_t n;
    bool exact;

    if (!possible(query, out) || !steps_of(&op[1], places_of(query), &n, &exact)) {
        return false;
    }
    switch (op[2].code) {
    case VG_OP_AT_LEAST:
        n += !exact;
        out->low = n > out->low ? n : out->low;
        return true;
    case VG_OP_ABOVE:
        n += 1;
        out->low = n > out->low ? n : out->low;
        return true;
    case VG_OP_AT_MOST:
        out->high = n < out->high ? n : out->high;
        return true;
    case VG_OP_BELOW:
        n -= exact;
        out->high = n < out->high ? n : out->high;
        return true;
    case VG_OP_EQUAL:
        out->low = n > out->low ? n : out->low;
        out->high = n < out->high ? n : out->high;
        return exact;
    default:
        return false;
    }
}

static bool is_limit(const struct vg_expr *expr, uint16_t i)
{
    return i + 2 < expr->length && expr->code[i].code == VG_OP_ASK &&
           expr->code[i + 1].code == VG_OP_CONST &&
           expr->code[i + 2].code >= VG_OP_AT_LEAST &&
           expr->code[i + 2].code <= VG_OP_UNEQUAL;
}

/* Limits and yes-or-no questions, joined by "and" alone. */
static bool is_plain(const struct vg_expr *expr)
{
    for (uint16_t i = 0; i < expr->length; i++) {
        if (is_limit(expr, i)) {
            i = (uint16_t)(i + 2);
        } else if (expr->code[i].code != VG_OP_ASK && expr->code[i].code != VG_OP_AND) {
            return false;
        }
    }
    return expr->length > 0;
}

/* What all limits of this query together let pass. False: there is none that we know. */
static bool range_of(const struct vg_queries *queries, const struct vg_expr *expr,
                     uint16_t query, struct range *out)
{
    bool any = false;

    for (uint16_t i = 0; i < expr->length; i++) {
        struct range one;
        if (!is_limit(expr, i) || expr->code[i].query != query ||
            !limit_of(queries, &expr->code[i], &one)) {
            continue;
        }
        if (!any) {
            *out = one;
        }
        out->low = one.low > out->low ? one.low : out->low;
        out->high = one.high < out->high ? one.high : out->high;
        any = true;
    }
    return any;
}

/* ---- The three */

static bool is_never(const struct vg_queries *queries, const struct vg_expr *expr)
{
    for (uint16_t i = 0; is_plain(expr) && i < expr->length; i++) {
        struct range range;
        if (is_limit(expr, i) && range_of(queries, expr, expr->code[i].query, &range) &&
            range.low > range.high) {
            return true;
        }
    }
    return false;
}

/* Of what both ask about there is a value that does for both. */
static bool is_inside(const struct vg_queries *queries, const struct vg_expr *when,
                      const struct vg_expr *clear)
{
    bool shared = false;

    for (uint16_t i = 0; is_plain(when) && is_plain(clear) && i < clear->length; i++) {
        struct range raised;
        struct range over;
        const uint16_t query = clear->code[i].query;
        if (!is_limit(clear, i) || !range_of(queries, when, query, &raised) ||
            !range_of(queries, clear, query, &over)) {
            continue;
        }
        if (over.low > raised.high || raised.low > over.high) {
            return false;
        }
        shared = true;
    }
    return shared;
}

/* How often the schedule asks for the signal where it asks most often; 0: never. */
static vg_ms interval_of(const struct vg_schedule *schedule, enum vg_signal signal)
{
    const bool lab = vg_signal_info(signal)->kind == VG_LAB;
    const bool set = signal <= VG_MAP;
    vg_ms least = 0;

    for (size_t i = 0; i < schedule->count; i++) {
        const struct vg_schedule_line *line = &schedule->line[i];
        const bool asked = line->expect == (uint8_t)signal ||
                           (lab && line->expect == VG_EXPECT_LABS) ||
                           (set && line->expect == VG_EXPECT_VITALS);
        if (asked && !line->once && !line->has_when &&
            (least == 0 || line->every < least)) {
            least = line->every;
        }
    }
    return least;
}

/* The question needs two values in its window. */
static bool needs_two(const struct vg_queries *queries, const struct vg_expr *expr,
                      uint16_t i)
{
    struct range range;

    switch ((int)queries->item[expr->code[i].query].kind) {
    case VG_ASK_RISE:
    case VG_ASK_DROP:
    case VG_ASK_SLOPE:
    case VG_ASK_AVG:
        return true;
    case VG_ASK_COUNT:
        return is_limit(expr, i) && limit_of(queries, &expr->code[i], &range) &&
               range.low >= 2;
    default:
        return false;
    }
}

static void lint_windows(struct vg_check *check, const struct vg_expr *expr,
                         struct vg_place place)
{
    const struct vg_protocol *protocol = check->protocol;
    char window[VG_SPAN_TEXT];
    char asked[VG_SPAN_TEXT];

    for (uint16_t i = 0; i < expr->length; i++) {
        if (expr->code[i].code != VG_OP_ASK ||
            !needs_two(&protocol->queries, expr, i)) {
            continue;
        }
        const struct vg_query *query = &protocol->queries.item[expr->code[i].query];
        const vg_ms every = interval_of(&protocol->expected, query->signal);
        if (every == 0 || query->span >= every) {
            continue;
        }
        vg_rule_span_format(query->span, true, window);
        vg_rule_span_format(every, true, asked);
        vg_fault_warn(
            check->faults, place,
            "the window of %s over %s is shorter than the %s in which the "
            "schedule asks for it: it holds two values only if a monitor sends them",
            window, vg_signal_info(query->signal)->code, asked);
        return;
    }
}

static struct vg_place place_of(const struct vg_node *map, const char *key,
                                struct vg_place otherwise)
{
    const struct vg_node *node = vg_node_get(map, key);

    return node != NULL ? node->place : otherwise;
}

static void lint(struct vg_check *check, const struct vg_node *map,
                 const struct vg_rule *rule)
{
    const struct vg_queries *queries = &check->protocol->queries;
    const struct vg_place when = place_of(map, "when", rule->place);
    const struct vg_place clear = place_of(map, "clear", rule->place);

    if (is_never(queries, &rule->when)) {
        vg_fault_warn(check->faults, when,
                      "this is never true: no value that is taken meets it");
    } else if (rule->has_clear && is_never(queries, &rule->clear)) {
        vg_fault_warn(check->faults, clear,
                      "this is never true: the alert never ends by itself");
    } else if (rule->has_clear && strcmp(rule->when.text, rule->clear.text) != 0 &&
               is_inside(queries, &rule->when, &rule->clear)) {
        vg_fault_warn(
            check->faults, clear,
            "the limit of \"clear\" is on the wrong side of that of \"when\": "
            "a value meets both");
    }
    lint_windows(check, &rule->when, when);
}

void vg_check_lint(struct vg_check *check, const struct vg_node *root)
{
    const struct vg_node *list = vg_node_get(root, "rules");
    size_t i = 0;

    for (const struct vg_node *node = list != NULL ? list->first : NULL;
         node != NULL && i < check->protocol->rule_count; node = node->next, i++) {
        if (node->kind == VG_NODE_MAP) {
            lint(check, node, &check->protocol->rule[i]);
        }
    }
}
