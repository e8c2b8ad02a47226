/* SPDX-License-Identifier: Apache-2.0
 *
 * What every part of the grammar leans on: faults with their place, tokens, code.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/expr_parse.h"

/* Columns count characters, not bytes. */
static struct vg_place place_of(const struct vg_parser *parser, const char *at)
{
    struct vg_place place = parser->place;

    for (const char *c = parser->text; c < at; c++) {
        if (((unsigned char)*c & 0xC0U) != 0x80U) {
            place.column++;
        }
    }
    return place;
}

void vg_parser_fault(struct vg_parser *parser, const char *at, const char *format, ...)
{
    char sentence[sizeof parser->faults->item[0].text];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    vg_fault_add(parser->faults, place_of(parser, at), "%s", sentence);
}

void vg_parser_warn(struct vg_parser *parser, const char *at, const char *format, ...)
{
    char sentence[sizeof parser->faults->item[0].text];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    vg_fault_warn(parser->faults, place_of(parser, at), "%s", sentence);
}

void vg_parser_unknown(struct vg_parser *parser, const char *at, const char *what,
                       const char *name, const char *near)
{
    if (near == NULL) {
        vg_parser_fault(parser, at, "unknown %s \"%s\"", what, name);
    } else {
        vg_parser_fault(parser, at, "unknown %s \"%s\", did you mean \"%s\"?", what,
                        name, near);
    }
}

void vg_parser_break(struct vg_parser *parser, const char *format, ...)
{
    char sentence[sizeof parser->faults->item[0].text];
    va_list arguments;

    if (parser->broken) {
        return;
    }
    parser->broken = true;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    vg_fault_add(parser->faults, place_of(parser, parser->now.at), "%s", sentence);
}

void vg_parser_next(struct vg_parser *parser)
{
    parser->now = vg_lex(parser->now.at + parser->now.length);
}

bool vg_parser_word(struct vg_parser *parser, const char *word)
{
    if (parser->broken || !vg_token_is(&parser->now, word)) {
        return false;
    }
    vg_parser_next(parser);
    return true;
}

bool vg_parser_sign(struct vg_parser *parser, enum vg_token_kind kind)
{
    if (parser->broken || parser->now.kind != kind) {
        return false;
    }
    vg_parser_next(parser);
    return true;
}

void vg_parser_expect(struct vg_parser *parser, enum vg_token_kind kind,
                      const char *what)
{
    if (!vg_parser_sign(parser, kind)) {
        vg_parser_break(parser, "%s is missing here", what);
    }
}

vg_ms vg_parser_span(struct vg_parser *parser, const char *example)
{
    const struct vg_token token = parser->now;
    vg_ms span = 0;

    if (parser->broken) {
        return 0;
    }
    if (token.kind != VG_T_SPAN) {
        vg_parser_break(parser, "a span of time is missing here, such as %s", example);
        return 0;
    }
    if (vg_rule_span_parse(token.at, token.length, &span) != VG_OK || span == 0) {
        vg_parser_break(parser, "\"%.*s\" is no span of time; write 90s, 10m, 4h or 7d",
                        (int)token.length, token.at);
        return 0;
    }
    vg_parser_next(parser);
    return span;
}

/* How an instruction changes the depth of the stack. */
static void count_depth(struct vg_parser *parser, enum vg_op op)
{
    if (op == VG_OP_CONST || op == VG_OP_ASK) {
        parser->top++;
    } else if (op != VG_OP_NOT && parser->top > 0) {
        parser->top--;
    }
    if (parser->top > parser->depth) {
        parser->depth = parser->top;
    }
}

void vg_emit(struct vg_parser *parser, enum vg_op op, uint16_t query,
             struct vg_number constant)
{
    if (parser->broken) {
        return;
    }
    if (parser->length == VG_EXPR_CODE) {
        vg_parser_break(parser, "the test is too long: at most %d steps", VG_EXPR_CODE);
        return;
    }
    count_depth(parser, op);
    if (parser->depth > VG_EXPR_DEPTH) {
        vg_parser_break(parser, "the test is nested too deeply: at most %d levels",
                        VG_EXPR_DEPTH);
        return;
    }
    parser->code[parser->length++] =
        (struct vg_expr_op){.code = (uint8_t)op,
                            .query = query,
                            .numerator = constant.numerator,
                            .denominator = constant.denominator};
}

struct vg_operand vg_operand_at(const struct vg_parser *parser,
                                enum vg_operand_kind kind)
{
    return (struct vg_operand){.kind = kind,
                               .begin = parser->length,
                               .at = parser->now.at,
                               .scale = VG_ABSOLUTE};
}

struct vg_operand vg_operand_faulty(struct vg_parser *parser)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_FAULTY);

    vg_emit(parser, VG_OP_CONST, VG_UNIT_NONE, vg_number_of(0, 1));
    return operand;
}

void vg_emit_query(struct vg_parser *parser, const struct vg_query *query)
{
    size_t index = 0;

    if (parser->broken) {
        return;
    }
    if (vg_query_add(parser->queries, query, &index) != VG_OK) {
        vg_parser_break(parser, "the protocol asks more than %d different questions",
                        VG_QUERIES);
        return;
    }
    vg_emit(parser, VG_OP_ASK, (uint16_t)index, VG_NUMBER_UNKNOWN);
}

/* A copy of the word, cut to what a name can be. */
void vg_word_copy(const struct vg_token *token, char out[VG_NAME_LEN + 1])
{
    const size_t length = token->length < VG_NAME_LEN ? token->length : VG_NAME_LEN;

    memcpy(out, token->at, length);
    out[length] = '\0';
}
