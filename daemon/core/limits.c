/* SPDX-License-Identifier: Apache-2.0
 *
 * See limits.h.
 */
#include "core/limits.h"

#include <string.h>

#include "core/expr_code.h"

static const char *const sides[] = {[VG_LIMIT_BELOW] = "below",
                                    [VG_LIMIT_AT_MOST] = "at_most",
                                    [VG_LIMIT_AT_LEAST] = "at_least",
                                    [VG_LIMIT_ABOVE] = "above"};

const char *vg_limit_side_text(enum vg_limit_side side)
{
    return sides[side];
}

#define BELOW    VG_LIMIT_BELOW
#define AT_MOST  VG_LIMIT_AT_MOST
#define AT_LEAST VG_LIMIT_AT_LEAST
#define ABOVE    VG_LIMIT_ABOVE

/* Each group with its section of the Clinical reference. */
static const struct vg_field_limit fields[] = {
    /* 1.3, hypotension axis */
    {"bp.hypotension", VG_SBP, BELOW, 90000, false},
    {"bp.map_low", VG_MAP, BELOW, 60000, false},
    {"bp.map_critical", VG_MAP, BELOW, 55000, false},
    /* 1.2, fever axis */
    {"fever.confirmed", VG_TEMP, AT_LEAST, 38000, false},
    {"fever.high", VG_TEMP, AT_LEAST, 39000, false},
    {"fever.above_40", VG_TEMP, ABOVE, 40000, false},
    {"fever.above_41", VG_TEMP, ABOVE, 41000, false},
    /* 1.4, hypoxia axis: the usual scale, and scale 2 */
    {"oxygen.hypoxia", VG_SPO2, BELOW, 90000, false},
    {"oxygen.hypoxia", VG_SPO2, BELOW, 86000, true},
    {"oxygen.severe", VG_SPO2, BELOW, 85000, false},
    {"oxygen.severe", VG_SPO2, BELOW, 82000, true},
    /* 9.4, floors: HR < 35 or > 150, RR <= 6 or >= 36, in whole steps */
    {"vital.extreme", VG_HR, AT_MOST, 34000, false},
    {"vital.extreme", VG_HR, AT_LEAST, 151000, false},
    {"vital.extreme", VG_RR, AT_MOST, 6000, false},
    {"vital.extreme", VG_RR, AT_LEAST, 36000, false},
    /* 6.6, single critical values */
    {"lab.k", VG_K, BELOW, 2500, false},
    {"lab.k", VG_K, AT_LEAST, 6000, false},
    {"lab.na", VG_NA, BELOW, 120000, false},
    {"lab.na", VG_NA, ABOVE, 160000, false},
    {"lab.glucose_low", VG_GLUCOSE, BELOW, 54000, false},
    {"lab.glucose_high", VG_GLUCOSE, ABOVE, 500000, false},
    {"lab.plt", VG_PLT, BELOW, 10000, false},
    {"lab.hb", VG_HB, BELOW, 7000, false},
    {"lab.fibrinogen", VG_FIBRINOGEN, BELOW, 100000, false},
    {"lab.lactate_2", VG_LACTATE, ABOVE, 2000, false},
    {"lab.lactate_4", VG_LACTATE, AT_LEAST, 4000, false},
    {NULL, VG_SIGNAL_COUNT, BELOW, 0, false},
};

const struct vg_field_limit *vg_field_limits(void)
{
    return fields;
}

/* ---- Gathering */

struct gather {
    const struct vg_protocol *protocol;
    struct vg_limit *out;
    size_t most, count, rule_begin; /* rule_begin: the first of the present test */
    size_t at[VG_LIMITS];           /* in whose code it was found */
    const char *rule;
    enum vg_severity severity;
};

static void add(struct gather *g, struct vg_limit limit, size_t at)
{
    limit.rule = g->rule;
    limit.severity = g->severity;
    if (g->count < g->most && g->count < VG_LIMITS) {
        g->at[g->count] = at;
        g->out[g->count++] = limit;
    }
}

static void add_fields(struct gather *g, const char *name, size_t at)
{
    for (const struct vg_field_limit *f = fields; f->field != NULL; f++) {
        if (strcmp(f->field, name) == 0) {
            add(g,
                (struct vg_limit){.signal = f->signal,
                                  .side = f->side,
                                  .milli = f->milli,
                                  .scale2 = f->scale2},
                at);
        }
    }
}

/* `side` as it reads with the signal on the left. */
static bool side_of(unsigned code, bool turned, enum vg_limit_side *side)
{
    static const struct {
        unsigned code;
        enum vg_limit_side side, turned;
    } rows[] = {{VG_OP_BELOW, BELOW, ABOVE},
                {VG_OP_AT_MOST, AT_MOST, AT_LEAST},
                {VG_OP_AT_LEAST, AT_LEAST, AT_MOST},
                {VG_OP_ABOVE, ABOVE, BELOW}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code) {
            *side = turned ? rows[i].turned : rows[i].side;
            return true;
        }
    }
    return false;
}

static bool is_value(const struct vg_query *query)
{
    return query->signal < VG_MEASURED_COUNT &&
           (query->kind == VG_ASK_LAST || query->kind == VG_ASK_MIN ||
            query->kind == VG_ASK_MAX || query->kind == VG_ASK_AVG);
}

/* A comparison at `i` whose two sides are one value and one number. */
static void add_comparison(struct gather *g, const struct vg_expr *expr, size_t i)
{
    const struct vg_expr_op *left = &expr->code[i - 2];
    const struct vg_expr_op *right = &expr->code[i - 1];
    const bool turned = left->code == VG_OP_CONST && right->code == VG_OP_ASK;
    const struct vg_expr_op *ask = turned ? right : left;
    const struct vg_expr_op *number = turned ? left : right;
    struct vg_limit limit = {.signal = VG_SIGNAL_COUNT};

    if (ask->code != VG_OP_ASK || number->code != VG_OP_CONST ||
        !side_of(expr->code[i].code, turned, &limit.side)) {
        return;
    }
    const struct vg_query *query = &g->protocol->queries.item[ask->query];
    if (is_value(query) && number->denominator > 0 &&
        number->numerator < INT64_MAX / 1000 && number->numerator > INT64_MIN / 1000) {
        limit.signal = query->signal;
        limit.milli = number->numerator * 1000 / number->denominator;
        add(g, limit, i);
    }
}

/* What stands behind a "not" is no limit. */
static void take_back(struct gather *g, size_t from)
{
    while (g->count > g->rule_begin && g->at[g->count - 1] >= from) {
        g->count--;
    }
}

/* The signals of what was found in code [from, to). */
static uint64_t signals_in(const struct gather *g, size_t from, size_t to)
{
    uint64_t signals = 0;

    for (size_t i = g->rule_begin; i < g->count; i++) {
        if (g->at[i] >= from && g->at[i] < to) {
            signals |= (uint64_t)1 << g->out[i].signal;
        }
    }
    return signals;
}

static void gather(struct gather *g, const struct vg_expr *expr)
{
    size_t begin[VG_EXPR_CODE] = {0}; /* where the operand that ends here begins */

    g->rule_begin = g->count;
    for (size_t i = 0; i < expr->length; i++) {
        const unsigned code = expr->code[i].code;
        begin[i] = i;
        if (code == VG_OP_NOT) {
            begin[i] = i > 0 ? begin[i - 1] : 0;
            take_back(g, begin[i]);
        } else if (code != VG_OP_CONST && code != VG_OP_ASK) {
            const size_t right = i > 0 ? begin[i - 1] : 0;
            begin[i] = right > 0 ? begin[right - 1] : 0;
            const uint64_t a = signals_in(g, begin[i], right);
            const uint64_t b = signals_in(g, right, i);
            if (code == VG_OP_AND && a != 0 && b != 0 && a != b) {
                take_back(g, begin[i]); /* both must hold: neither is a line */
            }
            add_comparison(g, expr, i);
        } else if (code == VG_OP_ASK &&
                   g->protocol->queries.item[expr->code[i].query].kind ==
                       VG_ASK_FIELD) {
            add_fields(g, g->protocol->queries.item[expr->code[i].query].name, i);
        }
    }
}

/* ---- Each once */

static bool same(const struct vg_limit *a, const struct vg_limit *b)
{
    return a->signal == b->signal && a->side == b->side && a->milli == b->milli &&
           a->scale2 == b->scale2;
}

static size_t thin_out(struct vg_limit *list, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < kept && !same(&list[k], &list[i])) {
            k++;
        }
        if (k == kept) {
            list[kept++] = list[i];
        } else if (list[i].severity > list[k].severity) {
            list[k] = list[i];
        }
    }
    return kept;
}

size_t vg_protocol_limits(const struct vg_protocol *protocol, struct vg_limit *out,
                          size_t most)
{
    struct gather g = {.protocol = protocol, .out = out, .most = most};

    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct vg_rule *rule = &protocol->rule[i];
        g.rule = rule->id;
        g.severity = rule->severity;
        gather(&g, &rule->when);
        if (rule->has_escalate) {
            g.severity = rule->escalated;
            gather(&g, &rule->escalate);
        }
        g.count = thin_out(out, g.count);
    }
    return g.count;
}
