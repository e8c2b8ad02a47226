/* SPDX-License-Identifier: Apache-2.0
 *
 * The laws of arithmetic and comparison: what may be added, multiplied and compared, and
 * what comes out of it.
 */
#include <string.h>

#include "core/expr_parse.h"

static struct vg_operand faulty(struct vg_operand operand)
{
    operand.kind = VG_K_FAULTY;
    operand.literal = false;
    return operand;
}

/* Two constants become one, so that a limit is always a single number. */
static struct vg_operand fold(struct vg_parser *parser, enum vg_op op,
                              struct vg_operand left, struct vg_operand right)
{
    const struct vg_number number =
        vg_op_calculate[op](vg_constant(parser, &left), vg_constant(parser, &right));

    if (!number.known) {
        vg_parser_fault(parser, left.at,
                        "this calculation divides by zero or is too large");
        return faulty(left);
    }
    vg_set_constant(parser, &left, number,
                    left.kind == VG_K_TIME ? VG_UNIT_TIME : (uint16_t)left.unit);
    parser->length--;
    parser->top--;
    return left;
}

static enum vg_scale sum_scale(enum vg_op op, const struct vg_operand *left,
                               bool left_bare, const struct vg_operand *right,
                               bool right_bare)
{
    if (right_bare) { /* "temp - 37 Cel" may be meant either way */
        return op == VG_OP_SUBTRACT && left->scale == VG_ABSOLUTE ? VG_EITHER
                                                                  : left->scale;
    }
    if (left_bare) {
        return op == VG_OP_SUBTRACT ? VG_DIFFERENCE : right->scale;
    }
    if (op == VG_OP_SUBTRACT && left->scale == right->scale) {
        return VG_DIFFERENCE;
    }
    return left->scale == right->scale ? left->scale : VG_ABSOLUTE;
}

static struct vg_operand sum(struct vg_parser *parser, enum vg_op op,
                             struct vg_operand left, struct vg_operand right)
{
    const bool left_bare = left.literal;
    const bool right_bare = right.literal;
    struct vg_operand model = left_bare ? right : left;

    /* A number added to a reading is a difference; one taken from a reading may be either;
     * one that a reading is taken from is a reading too. */
    if (op == VG_OP_ADD) {
        model.scale = VG_DIFFERENCE;
    } else if (right_bare && model.scale == VG_ABSOLUTE) {
        model.scale = VG_EITHER;
    }
    if (left_bare != right_bare && model.kind == VG_K_NUMBER) {
        if (!vg_agree(parser, left_bare ? &left : &model,
                      left_bare ? &model : &right)) {
            return faulty(left);
        }
    } else if (!vg_agree(parser, &left, &right)) {
        return faulty(left);
    }
    if (left_bare && right_bare) {
        return fold(parser, op, left, right);
    }
    vg_emit(parser, op, 0, VG_NUMBER_UNKNOWN);
    struct vg_operand result = left_bare ? right : left;

    result.scale = sum_scale(op, &left, left_bare, &right, right_bare);
    result.exact = left.exact || right.exact;
    result.places = left.places > right.places ? left.places : right.places;
    result.begin = left.begin;
    result.at = left.at;
    return result;
}

/* Like "0.8 * baseline(sbp)": the product has the unit of the other factor. */
static struct vg_operand scaled(struct vg_parser *parser, enum vg_op op,
                                struct vg_operand left, struct vg_operand right)
{
    struct vg_operand result = vg_is_pure(&right) ? left : right;

    if (left.literal && right.literal) {
        struct vg_operand folded = fold(parser, op, left, right);

        folded.kind = folded.kind == VG_K_FAULTY ? VG_K_FAULTY : result.kind;
        folded.unit = result.unit;
        if (folded.kind != VG_K_FAULTY) {
            parser->code[folded.begin].query =
                result.kind == VG_K_TIME ? VG_UNIT_TIME : (uint16_t)result.unit;
        }
        return folded;
    }
    if (result.literal && !vg_is_pure(&result) && result.kind == VG_K_NUMBER) {
        vg_parser_fault(parser, result.at,
                        "multiply readings by plain numbers, not numbers "
                        "with a unit by readings");
        return faulty(left);
    }
    vg_emit(parser, op, 0, VG_NUMBER_UNKNOWN);
    result.literal = false;
    result.exact = true;
    result.begin = left.begin;
    result.at = left.at;
    if (result.scale == VG_ABSOLUTE) {
        result.scale = VG_EITHER;
    }
    return result;
}

/* Two of the same unit: how often one goes into the other. */
static struct vg_operand quotient(struct vg_parser *parser, struct vg_operand left,
                                  struct vg_operand right)
{
    const bool both = left.literal && right.literal;

    if (!vg_agree(parser, &left, &right)) {
        return faulty(left);
    }
    struct vg_operand result = {.kind = VG_K_NUMBER,
                                .exact = true,
                                .literal = both,
                                .begin = left.begin,
                                .at = left.at};

    if (both) {
        const struct vg_operand folded = fold(parser, VG_OP_DIVIDE, left, right);

        parser->code[left.begin].query = VG_UNIT_NONE;
        return folded.kind == VG_K_FAULTY ? folded : result;
    }
    vg_emit(parser, VG_OP_DIVIDE, 0, VG_NUMBER_UNKNOWN);
    return result;
}

struct vg_operand vg_type_arithmetic(struct vg_parser *parser, enum vg_op op,
                                     struct vg_operand left, struct vg_operand right)
{
    if (left.kind == VG_K_FAULTY || right.kind == VG_K_FAULTY) {
        vg_emit(parser, op, 0, VG_NUMBER_UNKNOWN);
        return faulty(left);
    }
    if (op == VG_OP_ADD || op == VG_OP_SUBTRACT) {
        return sum(parser, op, left, right);
    }
    if (op == VG_OP_DIVIDE && right.literal &&
        vg_constant(parser, &right).numerator == 0) {
        vg_parser_fault(parser, right.at, "this divides by zero");
        return faulty(left);
    }
    if (left.kind == VG_K_TRUTH || right.kind == VG_K_TRUTH) {
        (void)vg_agree(parser, &left, &right);
        return faulty(left);
    }
    if (vg_is_pure(&right) || (op == VG_OP_MULTIPLY && vg_is_pure(&left))) {
        return scaled(parser, op, left, right);
    }
    if (op == VG_OP_DIVIDE) {
        return quotient(parser, left, right);
    }
    vg_parser_fault(parser, right.at, "%s times %s: one factor must be a plain number",
                    vg_unit_words(&left), vg_unit_words(&right));
    return faulty(left);
}

/* The constant goes to the right, where limits stand. */
static enum vg_op turn_round(struct vg_parser *parser, size_t begin, enum vg_op op)
{
    static const enum vg_op turned[VG_OP_COUNT] = {
        [VG_OP_AT_LEAST] = VG_OP_AT_MOST, [VG_OP_ABOVE] = VG_OP_BELOW,
        [VG_OP_AT_MOST] = VG_OP_AT_LEAST, [VG_OP_BELOW] = VG_OP_ABOVE,
        [VG_OP_EQUAL] = VG_OP_EQUAL,      [VG_OP_UNEQUAL] = VG_OP_UNEQUAL};
    const struct vg_expr_op limit = parser->code[begin];

    memmove(&parser->code[begin], &parser->code[begin + 1],
            (parser->length - begin - 1) * sizeof parser->code[0]);
    parser->code[parser->length - 1] = limit;
    return turned[op];
}

static void note_limit(struct vg_parser *parser, const struct vg_operand *value,
                       size_t end, bool limited)
{
    struct vg_expr *out = parser->out;

    if (out->value_end != 0 || parser->broken) {
        return;
    }
    out->value_end = (uint16_t)end;
    out->has_limit = limited;
    out->limit_time = value->kind == VG_K_TIME;
    out->limit_unit = value->unit;
    out->limit_places = value->places;
    if (limited) {
        out->limit = parser->code[end];
    }
}

struct vg_operand vg_type_compare(struct vg_parser *parser, enum vg_op op,
                                  struct vg_operand left, struct vg_operand right)
{
    const bool turn = left.literal;
    const bool limited = left.literal || right.literal;
    const size_t end = turn ? parser->length - 1 : right.begin;
    struct vg_operand result = {.kind = VG_K_TRUTH, .begin = left.begin, .at = left.at};
    const struct vg_operand value = turn ? right : left;

    if (left.kind == VG_K_FAULTY || right.kind == VG_K_FAULTY) {
        vg_emit(parser, op, 0, VG_NUMBER_UNKNOWN);
        return result;
    }
    if (left.literal && right.literal) {
        vg_parser_fault(parser, left.at,
                        "this compares two fixed numbers and asks nothing "
                        "about the patient");
    } else if (vg_agree(parser, &left, &right)) {
        if (turn) {
            op = turn_round(parser, left.begin, op);
        }
        note_limit(parser, &value, end, limited);
    }
    vg_emit(parser, op, 0, VG_NUMBER_UNKNOWN);
    return result;
}

void vg_type_test(struct vg_parser *parser, const struct vg_operand *operand)
{
    if (parser->broken || operand->kind == VG_K_FAULTY || operand->kind == VG_K_TRUTH) {
        return;
    }
    vg_parser_fault(parser, operand->at,
                    "a number is no test: compare it with something, as "
                    "in \"sbp < 90 mm[Hg]\"");
}
