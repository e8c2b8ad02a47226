/* SPDX-License-Identifier: Apache-2.0
 *
 * How two sides come to the same unit. A number stays in the unit it was written in until
 * the other side says what it must become: the signal's canonical unit, on the signal's
 * display resolution, with or without the offset of [degF].
 */
#include "core/expr_parse.h"

/* Constants that do not come out even keep this many places. */
#define EXACT_PLACES 9

bool vg_is_pure(const struct vg_operand *operand)
{
    return operand->kind == VG_K_NUMBER &&
           (operand->unit == VG_UNIT_NONE || operand->unit == VG_UNIT_SCORE);
}

const char *vg_unit_words(const struct vg_operand *operand)
{
    if (operand->kind == VG_K_TIME) {
        return "a span of time";
    }
    return vg_is_pure(operand) ? "a number without unit" : vg_unit_text(operand->unit);
}

struct vg_number vg_constant(const struct vg_parser *parser,
                             const struct vg_operand *literal)
{
    const struct vg_expr_op *op = &parser->code[literal->begin];

    return vg_number_of(op->numerator, op->denominator);
}

void vg_set_constant(struct vg_parser *parser, const struct vg_operand *literal,
                     struct vg_number number, uint16_t unit)
{
    struct vg_expr_op *op = &parser->code[literal->begin];

    op->numerator = number.numerator;
    op->denominator = number.denominator;
    op->query = unit;
}

/* Both are numbers; `model` is no literal. */
static void refuse_units(struct vg_parser *parser, const struct vg_operand *literal,
                         const struct vg_operand *model)
{
    if (literal->unit == VG_UNIT_NONE && model->kind == VG_K_NUMBER) {
        vg_parser_fault(parser, literal->at,
                        "this number needs its unit, such as %s: a bare "
                        "number is never compared with %s",
                        vg_unit_text(model->unit), vg_unit_text(model->unit));
        return;
    }
    vg_parser_fault(parser, literal->at,
                    "%s against %s: both sides need the same kind of "
                    "quantity",
                    vg_unit_words(model), vg_unit_words(literal));
}

static struct vg_number from_decimal(struct vg_decimal decimal)
{
    struct vg_number number = vg_number_of(decimal.mantissa, 1);

    const struct vg_number ten = vg_number_of(10, 1);
    for (unsigned i = 0; i < decimal.exponent; i++) {
        number = vg_number_divide(number, ten); /* not reached: [degF]'s is whole */
    }
    return number;
}

static struct vg_number convert(struct vg_parser *parser,
                                const struct vg_operand *literal,
                                const struct vg_operand *model,
                                const struct vg_conversion *conversion)
{
    struct vg_number number = vg_constant(parser, literal);

    if (model->scale == VG_ABSOLUTE) {
        number = vg_number_add(number, from_decimal(conversion->offset));
    }
    number = vg_number_multiply(number, vg_number_of(conversion->scale.numerator,
                                                     conversion->scale.denominator));
    return vg_number_round(number, model->exact ? EXACT_PLACES : model->places);
}

/* Gives the literal the unit, scale and resolution of the other side. */
static bool resolve(struct vg_parser *parser, struct vg_operand *literal,
                    const struct vg_operand *model)
{
    struct vg_conversion same = {{0, 0}, {1, 1}};
    struct vg_conversion conversion = same;
    const bool bare =
        literal->unit == VG_UNIT_NONE && (model->bare || vg_is_pure(model));

    if (bare || (vg_is_pure(model) && vg_is_pure(literal))) {
        conversion = same;
    } else if (literal->unit == VG_UNIT_NONE ||
               vg_unit_conversion(model->quantity, literal->unit, model->unit,
                                  &conversion) != VG_OK) {
        refuse_units(parser, literal, model);
        return false;
    }
    if (conversion.offset.mantissa != 0 && model->scale == VG_EITHER) {
        vg_parser_fault(parser, literal->at,
                        "it is not clear whether %s means a temperature "
                        "or a difference here; write this number in %s",
                        vg_unit_text(literal->unit), vg_unit_text(model->unit));
        return false;
    }
    const struct vg_number number = convert(parser, literal, model, &conversion);

    if (!number.known) {
        vg_parser_fault(parser, literal->at, "this number is too large");
        return false;
    }
    vg_set_constant(parser, literal, number, (uint16_t)model->unit);
    literal->unit = model->unit;
    literal->literal = false;
    return true;
}

/* Both sides get the same dimension, or a fault is reported. */
bool vg_agree(struct vg_parser *parser, struct vg_operand *left,
              struct vg_operand *right)
{
    if (left->kind == VG_K_TRUTH || right->kind == VG_K_TRUTH) {
        const struct vg_operand *truth = left->kind == VG_K_TRUTH ? left : right;

        vg_parser_fault(parser, truth->at,
                        "yes or no is no number: let it stand alone, or "
                        "after \"not\"");
        return false;
    }
    if (left->kind != right->kind) {
        const struct vg_operand *time = left->kind == VG_K_TIME ? left : right;
        const struct vg_operand *other = left->kind == VG_K_TIME ? right : left;

        if (time->literal && other->unit == VG_UNIT_SECOND) {
            vg_parser_fault(parser, time->at,
                            "this signal is measured in s: write the unit "
                            "after a space, as in \"60 s\"");
        } else {
            vg_parser_fault(parser, right->at,
                            "%s against %s: both sides need the same kind "
                            "of quantity",
                            vg_unit_words(left), vg_unit_words(right));
        }
        return false;
    }
    if (left->kind == VG_K_TIME || left->literal == right->literal) {
        if (left->unit == right->unit || (vg_is_pure(left) && vg_is_pure(right))) {
            return true;
        }
        vg_parser_fault(parser, right->at, "%s against %s: both sides need the same %s",
                        vg_unit_words(left), vg_unit_words(right),
                        left->literal ? "unit" : "kind of quantity");
        return false;
    }
    return left->literal ? resolve(parser, left, right) : resolve(parser, right, left);
}
