/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking a compiled test. A stack of exact numbers, where a truth is 1, 0 or unknown; the
 * compiler has proved the stack's depth and every index, so nothing here can fail.
 */
#include <assert.h>
#include <string.h>

#include "core/expr_code.h"

static bool query_equal(const struct vg_query *a, const struct vg_query *b)
{
    return a->kind == b->kind && a->signal == b->signal && a->span == b->span &&
           strcmp(a->name, b->name) == 0;
}

enum vg_status vg_query_find(const struct vg_queries *queries,
                             const struct vg_query *query, size_t *index)
{
    for (size_t i = 0; i < queries->count; i++) {
        if (query_equal(&queries->item[i], query)) {
            *index = i;
            return VG_OK;
        }
    }
    return VG_ABSENT;
}

enum vg_status vg_query_add(struct vg_queries *queries, const struct vg_query *query,
                            size_t *index)
{
    if (vg_query_find(queries, query, index) == VG_OK) {
        return VG_OK;
    }
    if (queries->count == VG_QUERIES) {
        return VG_FULL;
    }
    *index = queries->count;
    queries->item[queries->count++] = *query;
    return VG_OK;
}

static enum vg_truth truth_of(struct vg_number number)
{
    if (!number.known) {
        return VG_UNKNOWN;
    }
    return number.numerator != 0 ? VG_TRUE : VG_FALSE;
}

static struct vg_number number_of(enum vg_truth truth)
{
    return truth == VG_UNKNOWN ? VG_NUMBER_UNKNOWN : vg_number_of(truth == VG_TRUE, 1);
}

/* For which orders of the two sides (bit 0 less, 1 equal, 2 greater) a comparison is true. */
static const unsigned char true_for[VG_OP_COUNT] = {
    [VG_OP_BELOW] = 1, [VG_OP_EQUAL] = 2,   [VG_OP_AT_MOST] = 3,
    [VG_OP_ABOVE] = 4, [VG_OP_UNEQUAL] = 5, [VG_OP_AT_LEAST] = 6};

static struct vg_number compare(enum vg_op op, struct vg_number a, struct vg_number b)
{
    if (!a.known || !b.known) {
        return VG_NUMBER_UNKNOWN;
    }
    return vg_number_of((true_for[op] >> (vg_number_compare(a, b) + 1)) & 1, 1);
}

vg_calculate_fn *const vg_op_calculate[VG_OP_COUNT] = {
    [VG_OP_ADD] = vg_number_add,
    [VG_OP_SUBTRACT] = vg_number_subtract,
    [VG_OP_MULTIPLY] = vg_number_multiply,
    [VG_OP_DIVIDE] = vg_number_divide,
};

static struct vg_number combine(enum vg_op op, struct vg_number a, struct vg_number b)
{
    if (vg_op_calculate[op] != NULL) {
        return vg_op_calculate[op](a, b);
    }
    if (op == VG_OP_AND) {
        return number_of(vg_truth_and(truth_of(a), truth_of(b)));
    }
    if (op == VG_OP_OR) {
        return number_of(vg_truth_or(truth_of(a), truth_of(b)));
    }
    return compare(op, a, b);
}

struct question {
    const struct vg_queries *queries;
    const struct vg_facts *facts;
    struct vg_instant at;
};

static struct vg_number ask(const struct question *question, size_t index)
{
    return question->facts->answer(
        question->facts->subject, &question->queries->item[index], index, question->at);
}

/* Whether this left side decides the "and" or "or", whatever the right side says. */
static bool decides(enum vg_op op, struct vg_number left)
{
    return left.known && (left.numerator == 0) == (op == VG_OP_AND);
}

/* The step whose result is `*left` already, that of step i: later than i where it decides. */
static size_t pass_right(const struct vg_expr *expr, size_t i, struct vg_number *left)
{
    for (size_t past = expr->code[i].past;
         past != 0 && decides((enum vg_op)expr->code[past].code, *left);
         past = expr->code[i].past) {
        i = past;
        *left = number_of(truth_of(*left));
    }
    return i;
}

/* What code[0 .. end) leaves on top of the stack. */
static struct vg_number run(const struct vg_expr *expr, size_t end,
                            const struct question *question)
{
    struct vg_number stack[VG_EXPR_DEPTH];
    size_t top = 0;

    assert(end > 0 && expr->depth <= VG_EXPR_DEPTH);
    for (size_t i = 0; i < end; i++) {
        const struct vg_expr_op *op = &expr->code[i];

        if (op->code == VG_OP_CONST) {
            stack[top++] = vg_number_of(op->numerator, op->denominator);
        } else if (op->code == VG_OP_ASK) {
            stack[top++] = ask(question, op->query);
        } else if (op->code == VG_OP_NOT) {
            stack[top - 1] = number_of(vg_truth_not(truth_of(stack[top - 1])));
        } else {
            assert(top >= 2);
            top--;
            stack[top - 1] = combine((enum vg_op)op->code, stack[top - 1], stack[top]);
        }
        i = pass_right(expr, i, &stack[top - 1]);
    }
    return stack[top - 1];
}

enum vg_truth vg_expr_ask(const struct vg_expr *expr, const struct vg_queries *queries,
                          const struct vg_facts *facts, struct vg_instant at)
{
    const struct question question = {queries, facts, at};

    return truth_of(run(expr, expr->length, &question));
}

struct vg_number vg_expr_value(const struct vg_expr *expr,
                               const struct vg_queries *queries,
                               const struct vg_facts *facts, struct vg_instant at)
{
    const struct question question = {queries, facts, at};

    if (expr->value_end == 0) {
        return VG_NUMBER_UNKNOWN;
    }
    return run(expr, expr->value_end, &question);
}

vg_ms vg_expr_look_back(const struct vg_expr *expr, const struct vg_queries *queries)
{
    vg_ms longest = 0;

    for (uint16_t i = 0; i < expr->length; i++) {
        if (expr->code[i].code == VG_OP_ASK) {
            const vg_ms span = queries->item[expr->code[i].query].span;
            longest = span > longest ? span : longest;
        }
    }
    return longest;
}
