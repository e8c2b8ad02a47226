/* SPDX-License-Identifier: Apache-2.0
 *
 * A compiled test turned back into the rule language, and into plain words. The postfix
 * code already has its leaves in reading order, so each leaf is printed with the signs
 * that stand before and behind it, found in one pass and without recursion.
 */
#include <assert.h>
#include <string.h>

#include "core/expr_code.h"

enum { POWER_OR = 1, POWER_NOT = 3 };

static const struct {
    const char *text, *words;
    unsigned char power;
} operators[VG_OP_COUNT] = {
    [VG_OP_OR] = {" or ", " or ", 1},
    [VG_OP_AND] = {" and ", " and ", 2},
    [VG_OP_NOT] = {"not ", "it is not so that ", 3},
    [VG_OP_AT_LEAST] = {" >= ", " is at least ", 4},
    [VG_OP_ABOVE] = {" > ", " is above ", 4},
    [VG_OP_AT_MOST] = {" <= ", " is at most ", 4},
    [VG_OP_BELOW] = {" < ", " is below ", 4},
    [VG_OP_EQUAL] = {" == ", " is ", 4},
    [VG_OP_UNEQUAL] = {" != ", " is not ", 4},
    [VG_OP_ADD] = {" + ", " plus ", 5},
    [VG_OP_SUBTRACT] = {" - ", " minus ", 5},
    [VG_OP_MULTIPLY] = {" * ", " times ", 6},
    [VG_OP_DIVIDE] = {" / ", " divided by ", 6},
    [VG_OP_CONST] = {"", "", 9},
    [VG_OP_ASK] = {"", "", 9},
};

/* How a question reads; %s the signal or name, then the span if it has one. */
static const struct {
    const char *text, *words;
} questions[VG_ASK_KIND_COUNT] = {
    [VG_ASK_LAST] = {"%s", "%s"},
    [VG_ASK_MIN] = {"min(%s, %s)", "lowest %s over %s"},
    [VG_ASK_MAX] = {"max(%s, %s)", "highest %s over %s"},
    [VG_ASK_AVG] = {"avg(%s, %s)", "mean %s over %s"},
    [VG_ASK_COUNT] = {"count(%s, %s)", "number of readings of %s over %s"},
    [VG_ASK_RISE] = {"rise(%s, %s)", "rise of %s over %s"},
    [VG_ASK_DROP] = {"drop(%s, %s)", "drop of %s over %s"},
    [VG_ASK_SLOPE] = {"slope(%s, %s)", "change an hour of %s over %s"},
    [VG_ASK_AGE] = {"age(%s)", "time since the last %s"},
    [VG_ASK_BASELINE] = {"baseline(%s)", "baseline of %s"},
    [VG_ASK_NONE] = {"no %s for %s", "there was no %s for %s"},
    [VG_ASK_PHASE] = {"phase is %s", "the phase is \"%s\""},
    [VG_ASK_SETTING] = {"setting is %s", "the patient is an %s"},
    [VG_ASK_GIVEN] = {"given(%s, %s)", "%s was given in the last %s"},
    [VG_ASK_ON] = {"on(%s)", "%s is running"},
    [VG_ASK_NOTED] = {"noted(%s, %s)", "%s was noted in the last %s"},
    [VG_ASK_FLAG] = {"flag(%s)", "the flag %s is set"},
    [VG_ASK_FIELD] = {"%s", "%s"},
    [VG_ASK_SINCE_INFUSION] = {"since_infusion", "time since the infusion"},
    [VG_ASK_SINCE_ADMISSION] = {"since_admission", "time since admission"},
};

struct layout {
    size_t begin[VG_EXPR_CODE]; /* first instruction of the operand that ends here */
    unsigned char infix[VG_EXPR_CODE]; /* operator before this leaf, VG_OP_COUNT none */
    uint64_t prefix[VG_EXPR_CODE];     /* innermost in the lowest bit: 1 "not", 0 "(" */
    unsigned char prefixes[VG_EXPR_CODE];
    unsigned char closes[VG_EXPR_CODE]; /* ")" behind this leaf */
};

struct printer {
    const struct vg_expr *expr;
    const struct vg_queries *queries;
    struct vg_sink sink;
    bool words;
};

static unsigned power_at(const struct vg_expr *expr, size_t i)
{
    return operators[expr->code[i].code].power;
}

static bool is_leaf(const struct vg_expr *expr, size_t i)
{
    return expr->code[i].code == VG_OP_CONST || expr->code[i].code == VG_OP_ASK;
}

static void put_before(struct layout *layout, size_t leaf, unsigned bit)
{
    assert(layout->prefixes[leaf] < 64);
    layout->prefix[leaf] |= (uint64_t)bit << layout->prefixes[leaf];
    layout->prefixes[leaf]++;
}

/* Round brackets around the operand that ends at `root`. */
static void put_brackets(const struct vg_expr *expr, struct layout *layout, size_t root)
{
    size_t last = root;

    while (!is_leaf(expr, last)) {
        last--;
    }
    put_before(layout, layout->begin[root], 0);
    layout->closes[last]++;
}

/* In words, "a and b or c" gets brackets that the language does not need. */
static void lay_out_pair(const struct vg_expr *expr, struct layout *layout, size_t i,
                         bool words)
{
    const size_t right = i - 1;
    const size_t left = layout->begin[right] - 1;

    const unsigned power = power_at(expr, i);
    const unsigned shy = words && power == POWER_OR ? POWER_NOT : power;

    if (power_at(expr, left) < shy && power_at(expr, left) != power) {
        put_brackets(expr, layout, left);
    }
    if (power_at(expr, right) < shy || power_at(expr, right) == power) {
        put_brackets(expr, layout, right);
    }
    layout->infix[layout->begin[right]] = expr->code[i].code;
    layout->begin[i] = layout->begin[left];
}

static void lay_out(const struct vg_expr *expr, struct layout *layout, bool words)
{
    memset(layout, 0, sizeof *layout);
    memset(layout->infix, VG_OP_COUNT, sizeof layout->infix);
    for (size_t i = 0; i < expr->length; i++) {
        if (is_leaf(expr, i)) {
            layout->begin[i] = i;
        } else if (expr->code[i].code == VG_OP_NOT) {
            if (power_at(expr, i - 1) < power_at(expr, i)) {
                put_brackets(expr, layout, i - 1);
            }
            layout->begin[i] = layout->begin[i - 1];
            put_before(layout, layout->begin[i], 1);
        } else {
            lay_out_pair(expr, layout, i, words);
        }
    }
}

static void print_constant(struct printer *printer, const struct vg_expr_op *op)
{
    char text[VG_DECIMAL_TEXT + 8];

    if (op->query == VG_UNIT_TIME) {
        char span[VG_SPAN_TEXT];

        vg_rule_span_format(op->numerator / op->denominator, printer->words, span);
        vg_sink_put(&printer->sink, "%s", span);
        return;
    }
    const enum vg_unit unit = (enum vg_unit)op->query;

    vg_number_format(vg_number_of(op->numerator, op->denominator), 9,
                     unit == VG_UNIT_CEL ? 1 : 0, text, sizeof text);
    vg_sink_put(&printer->sink, unit == VG_UNIT_NONE ? "%s%s" : "%s %s", text,
                vg_unit_text(unit));
}

static const char *subject(const struct printer *printer, const struct vg_query *query)
{
    if (query->signal < VG_MEASURED_COUNT) {
        const struct vg_signal_info *info = vg_signal_info(query->signal);

        return printer->words ? info->label : info->code;
    }
    if (printer->words && query->kind == VG_ASK_FIELD) {
        const struct vg_field *field = vg_expr_field(query->name, strlen(query->name));

        return field == NULL || field->words == NULL ? query->name : field->words;
    }
    return query->name;
}

/* Fills the pattern's first and second %s. */
static void print_question(struct printer *printer, const struct vg_query *query)
{
    const char *pattern =
        printer->words ? questions[query->kind].words : questions[query->kind].text;
    const char *first = strstr(pattern, "%s");
    char span[VG_SPAN_TEXT] = "";

    if (first == NULL) {
        vg_sink_put(&printer->sink, "%s", pattern);
        return;
    }
    const char *second = strstr(first + 2, "%s");
    const char *middle = first + 2;
    const size_t length = second == NULL ? strlen(middle) : (size_t)(second - middle);

    vg_rule_span_format(query->span, printer->words, span);
    vg_sink_put(&printer->sink, "%.*s%s%.*s", (int)(first - pattern), pattern,
                subject(printer, query), (int)length, middle);
    if (second != NULL) {
        vg_sink_put(&printer->sink, "%s%s", span, second + 2);
    }
}

static const char *operator_text(const struct printer *printer, size_t op)
{
    return printer->words ? operators[op].words : operators[op].text;
}

static void print_leaf(struct printer *printer, const struct layout *layout, size_t i)
{
    const struct vg_expr_op *op = &printer->expr->code[i];

    if (layout->infix[i] != VG_OP_COUNT) {
        vg_sink_put(&printer->sink, "%s", operator_text(printer, layout->infix[i]));
    }
    for (unsigned k = layout->prefixes[i]; k-- > 0;) {
        const bool negated = (layout->prefix[i] >> k & 1) != 0;

        vg_sink_put(&printer->sink, "%s",
                    negated ? operator_text(printer, VG_OP_NOT) : "(");
    }
    if (op->code == VG_OP_CONST) {
        print_constant(printer, op);
    } else {
        print_question(printer, &printer->queries->item[op->query]);
    }
    for (unsigned k = layout->closes[i]; k > 0; k--) {
        vg_sink_put(&printer->sink, ")");
    }
}

static void print_test(struct printer *printer)
{
    struct layout layout;

    lay_out(printer->expr, &layout, printer->words);
    for (size_t i = 0; i < printer->expr->length; i++) {
        if (is_leaf(printer->expr, i)) {
            print_leaf(printer, &layout, i);
        }
    }
}

static void print_counts(struct printer *printer)
{
    const struct vg_expr *expr = printer->expr;
    char span[VG_SPAN_TEXT];

    if (expr->of_last == 0) {
        return;
    }
    vg_sink_put(&printer->sink, "%sin %u of %slast %u %s", printer->words ? ", " : " ",
                (unsigned)expr->of_true, printer->words ? "the " : "",
                (unsigned)expr->of_last,
                expr->of_assessments ? "assessments" : "readings");
    if (expr->apart != 0) {
        vg_rule_span_format(expr->apart, printer->words, span);
        vg_sink_put(&printer->sink, " %s apart", span);
    }
}

size_t vg_expr_text(const struct vg_expr *expr, const struct vg_queries *queries,
                    char *out, size_t capacity)
{
    struct printer printer = {expr, queries, {out, capacity, 0}, false};

    assert(capacity > 0);
    out[0] = '\0';
    print_test(&printer);
    print_counts(&printer);
    return printer.sink.length;
}

size_t vg_expr_words(const struct vg_expr *expr, const struct vg_queries *queries,
                     char *out, size_t capacity)
{
    struct printer printer = {expr, queries, {out, capacity, 0}, true};
    char span[VG_SPAN_TEXT];

    assert(capacity > 0);
    out[0] = '\0';
    print_test(&printer);
    if (expr->hold != 0) {
        vg_rule_span_format(expr->hold, true, span);
        vg_sink_put(&printer.sink, ", for %s", span);
    }
    print_counts(&printer);
    return printer.sink.length;
}
