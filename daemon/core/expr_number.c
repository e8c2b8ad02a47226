/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers with their units, and spans of time, as constants of a test.
 */
#include <string.h>

#include "core/expr_parse.h"

static const char *nearest_unit(const char *text, size_t length)
{
    const char *names[VG_UNIT_COUNT + 1];
    char word[VG_NAME_LEN + 1];
    const struct vg_token token = {VG_T_WORD, VG_OP_COUNT, text, length};
    const char *hint = vg_lex_hint(text, length);

    if (hint != NULL) {
        return hint;
    }
    for (int i = 1; i < VG_UNIT_COUNT; i++) {
        names[i - 1] = vg_unit_text((enum vg_unit)i);
    }
    names[VG_UNIT_COUNT - 1] = NULL;
    vg_word_copy(&token, word);
    return vg_nearest(word, names);
}

static bool unit_find(const char *text, size_t length, enum vg_unit *out)
{
    return vg_unit_find(text, length, out) == VG_OK &&
           strlen(vg_unit_text(*out)) == length; /* UCUM only, no device codes */
}

bool vg_is_keyword(const struct vg_token *token)
{
    static const char *const words[] = {"and", "or",       "not",         "for",  "in",
                                        "of",  "readings", "assessments", "apart"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (vg_token_is(token, words[i])) {
            return true;
        }
    }
    return false;
}

/* What follows a number: its unit, or arithmetic. "/min" and "/ 2" differ by what is a unit. */
static enum vg_unit parse_unit(struct vg_parser *parser)
{
    const char *text = parser->now.at;
    const size_t length = vg_lex_unit(text);
    enum vg_unit unit = VG_UNIT_NONE;

    if (parser->broken || length == 0 || vg_is_keyword(&parser->now)) {
        return VG_UNIT_NONE;
    }
    if (unit_find(text, length, &unit)) {
        parser->now = vg_lex(text + length);
        return unit;
    }
    if (parser->now.kind == VG_T_OPERATOR && (length == 1 || *text == '*')) {
        return VG_UNIT_NONE;
    }
    const char *near = nearest_unit(text, length);
    char word[VG_NAME_LEN + 1];

    vg_word_copy(&(struct vg_token){VG_T_WORD, VG_OP_COUNT, text, length}, word);
    vg_parser_unknown(parser, text, "unit", word, near);
    parser->broken = true;
    return VG_UNIT_NONE;
}

struct vg_operand vg_parse_number(struct vg_parser *parser, bool negative)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_NUMBER);
    struct vg_decimal decimal = {0, 0};
    struct vg_number number = VG_NUMBER_UNKNOWN;

    if (vg_decimal_parse(parser->now.at, parser->now.length, &decimal) == VG_OK) {
        number = vg_number_of(negative ? -decimal.mantissa : decimal.mantissa, 1);
        for (unsigned i = 0; i < decimal.exponent; i++) {
            number = vg_number_divide(number, vg_number_of(10, 1));
        }
    }
    if (!number.known) {
        vg_parser_break(parser, "\"%.*s\" has too many digits", (int)parser->now.length,
                        parser->now.at);
        return operand;
    }
    vg_parser_next(parser);
    operand.unit = parse_unit(parser);
    operand.literal = true;
    operand.scale = VG_EITHER;
    vg_emit(parser, VG_OP_CONST, (uint16_t)operand.unit, number);
    return operand;
}

struct vg_operand vg_parse_span(struct vg_parser *parser)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_TIME);
    const struct vg_token token = parser->now;
    size_t digits = 0;
    enum vg_unit unit = VG_UNIT_NONE;

    while (digits < token.length &&
           (token.at[digits] == '.' ||
            (token.at[digits] >= '0' && token.at[digits] <= '9'))) {
        digits++;
    }
    const bool is_unit = unit_find(token.at + digits, token.length - digits, &unit) &&
                         token.length > digits + 1;

    if (is_unit) {
        vg_parser_break(parser,
                        "a space is missing between number and unit: \"%.*s %s\"",
                        (int)digits, token.at, vg_unit_text(unit));
        return operand;
    }
    const vg_ms span = vg_parser_span(parser, "10m");

    operand.literal = true;
    vg_emit(parser, VG_OP_CONST, VG_UNIT_TIME, vg_number_of(span, 1));
    return operand;
}
