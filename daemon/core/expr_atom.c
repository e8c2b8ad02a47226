/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals, calls and fields of a test, and where its smallest parts divide.
 */
#include <string.h>

#include "core/expr_parse.h"

static void unknown_name(struct vg_parser *parser, const struct vg_token *token)
{
    const char *names[VG_MEASURED_COUNT + VG_ASK_KIND_COUNT + 8] = {
        "since_infusion", "since_admission", "given", "on", "noted", "flag", "no"};
    char word[VG_NAME_LEN + 1];
    size_t n = 7;

    for (int i = 0; i < VG_MEASURED_COUNT; i++) {
        names[n++] = vg_signal_info((enum vg_signal)i)->code;
    }
    for (int i = VG_ASK_LAST; i <= VG_ASK_BASELINE; i++) {
        names[n++] = vg_expr_function_text((enum vg_query_kind)i);
    }
    names[n] = NULL;
    vg_word_copy(token, word);
    const char *near = vg_lex_hint(token->at, token->length);

    if (near == NULL) {
        near = vg_nearest(word, names);
    }
    vg_parser_unknown(parser, token->at, "name", word, near);
}

/* A measured signal; VG_SIGNAL_COUNT after a fault. */
enum vg_signal vg_parse_signal(struct vg_parser *parser)
{
    const struct vg_token token = parser->now;
    struct vg_code code;

    if (token.kind != VG_T_WORD) {
        vg_parser_break(parser, "a signal is missing here, such as sbp");
        return VG_SIGNAL_COUNT;
    }
    vg_parser_next(parser);
    const enum vg_signal signal = vg_expr_signal(token.at, token.length);

    if (signal == VG_SIGNAL_COUNT &&
        vg_signal_find(token.at, token.length, &code) == VG_OK &&
        code.signal >= VG_MEASURED_COUNT) {
        vg_parser_fault(parser, token.at,
                        "\"%.*s\" is charted, not measured; ask with "
                        "given(), on(), noted() or flag()",
                        (int)token.length, token.at);
    } else if (signal == VG_SIGNAL_COUNT) {
        unknown_name(parser, &token);
    }
    return signal;
}

/* How the answer differs from a single value of the signal. */
static const struct {
    bool exact;      /* compared exactly, and shown with one more place */
    bool difference; /* a unit with an offset is converted without it */
    bool counts;     /* a plain number */
    bool time;
} answers[VG_ASK_KIND_COUNT] = {
    [VG_ASK_AVG] = {.exact = true},
    [VG_ASK_SLOPE] = {.exact = true, .difference = true},
    [VG_ASK_RISE] = {.difference = true},
    [VG_ASK_DROP] = {.difference = true},
    [VG_ASK_COUNT] = {.counts = true},
    [VG_ASK_AGE] = {.time = true},
};

static void describe(struct vg_operand *operand, const struct vg_query *query)
{
    const struct vg_signal_info *info = vg_signal_info(query->signal);

    operand->kind = answers[query->kind].time ? VG_K_TIME : VG_K_NUMBER;
    operand->scale = answers[query->kind].difference ? VG_DIFFERENCE : VG_ABSOLUTE;
    operand->exact = answers[query->kind].exact || answers[query->kind].counts;
    if (operand->kind == VG_K_TIME || answers[query->kind].counts) {
        return;
    }
    operand->unit = info->unit;
    operand->quantity = info->quantity;
    operand->places = (uint8_t)(info->places + (answers[query->kind].exact ? 1 : 0));
    operand->bare = info->unit_optional;
}

/* After "(": "signal [, span])". */
static struct vg_operand parse_call(struct vg_parser *parser, enum vg_query_kind kind,
                                    const char *at)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_FAULTY);
    struct vg_query query = {.kind = kind};
    const char *name = vg_expr_function_text(kind);

    query.signal = vg_parse_signal(parser);
    if (vg_parser_sign(parser, VG_T_COMMA)) {
        query.span = vg_parser_span(parser, "10m");
    }
    vg_parser_expect(parser, VG_T_CLOSE, "\")\"");
    if (query.signal == VG_SIGNAL_COUNT || parser->broken) {
        return vg_operand_faulty(parser);
    }
    const char *code = vg_signal_info(query.signal)->code;

    if (vg_expr_function_spans(kind) && query.span == 0) {
        vg_parser_fault(parser, at, "%s needs a span of time: %s(%s, 10m)", name, name,
                        code);
    } else if (!vg_expr_function_spans(kind) && query.span != 0) {
        vg_parser_fault(parser, at, "%s takes no span of time: %s(%s)", name, name,
                        code);
    }
    describe(&operand, &query);
    vg_emit_query(parser, &query);
    return operand;
}

/* "bp.hypotension_cleared" is "not bp.hypotension": a finding holds until it has cleared. */
static const struct vg_field *field_of(const struct vg_token *token, bool *cleared)
{
    static const char ending[] = "_cleared";
    const size_t end = sizeof ending - 1;
    const struct vg_field *field = vg_expr_field(token->at, token->length);

    *cleared = field == NULL && token->length > end &&
               memcmp(token->at + token->length - end, ending, end) == 0;
    if (*cleared) {
        field = vg_expr_field(token->at, token->length - end);
        *cleared = field != NULL && field->yes_no && !field->event;
        field = *cleared ? field : NULL;
    }
    return field;
}

static struct vg_operand parse_field(struct vg_parser *parser,
                                     const struct vg_token *token)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_NUMBER);
    struct vg_query query = {.kind = VG_ASK_FIELD, .signal = VG_SIGNAL_COUNT};
    bool cleared = false;
    const struct vg_field *field = field_of(token, &cleared);
    const char *names[193] = {NULL};

    vg_word_copy(token, query.name);
    if (field != NULL) {
        query.field = (uint16_t)(field - vg_fields());
        (void)vg_copy(query.name, sizeof query.name, field->name);
    } else {
        size_t n = 0;

        for (field = vg_fields(); field->name != NULL && n < 192; field++) {
            names[n++] = field->name;
        }
        vg_parser_unknown(parser, token->at, "assessment", query.name,
                          vg_nearest(query.name, names));
        return vg_operand_faulty(parser);
    }
    operand.kind = field->yes_no ? VG_K_TRUTH : VG_K_NUMBER;
    operand.unit = field->unit;
    operand.places = 2;
    operand.exact = true;
    vg_emit_query(parser, &query);
    if (cleared) {
        vg_emit(parser, VG_OP_NOT, 0, VG_NUMBER_UNKNOWN);
    }
    return operand;
}

static struct vg_operand parse_since(struct vg_parser *parser, enum vg_query_kind kind)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_TIME);
    const struct vg_query query = {.kind = kind, .signal = VG_SIGNAL_COUNT};

    vg_emit_query(parser, &query);
    return operand;
}

/* A word with "(" after it, which is already passed. */
static struct vg_operand parse_function(struct vg_parser *parser,
                                        const struct vg_token *token)
{
    const enum vg_query_kind kind = vg_expr_function(token->at, token->length);
    struct vg_operand operand = vg_operand_at(parser, VG_K_FAULTY);

    if (kind != VG_ASK_KIND_COUNT) {
        return parse_call(parser, kind, token->at);
    }
    if (vg_parse_predicate(parser, token, &operand)) {
        return operand;
    }
    unknown_name(parser, token);
    parser->broken = true;
    return operand;
}

static struct vg_operand parse_bare_signal(struct vg_parser *parser,
                                           struct vg_token token)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_FAULTY);
    struct vg_query query = {.kind = VG_ASK_LAST};

    parser->now = token;
    query.signal = vg_parse_signal(parser);
    if (query.signal == VG_SIGNAL_COUNT) {
        return vg_operand_faulty(parser);
    }
    describe(&operand, &query);
    vg_emit_query(parser, &query);
    return operand;
}

static struct vg_operand parse_word(struct vg_parser *parser)
{
    const struct vg_token token = parser->now;
    struct vg_operand operand = vg_operand_at(parser, VG_K_FAULTY);

    vg_parser_next(parser);
    if (parser->now.kind == VG_T_OPEN) {
        vg_parser_next(parser);
        return parse_function(parser, &token);
    }
    if (memchr(token.at, '.', token.length) != NULL) {
        return parse_field(parser, &token);
    }
    if (vg_parse_question(parser, &token, &operand)) {
        return operand;
    }
    if (vg_token_is(&token, "since_infusion")) {
        return parse_since(parser, VG_ASK_SINCE_INFUSION);
    }
    if (vg_token_is(&token, "since_admission")) {
        return parse_since(parser, VG_ASK_SINCE_ADMISSION);
    }
    return parse_bare_signal(parser, token);
}

static struct vg_operand missing(struct vg_parser *parser)
{
    const struct vg_token *now = &parser->now;
    const char *hint = vg_lex_hint(now->at, now->length);

    if (now->kind == VG_T_END) {
        vg_parser_break(parser,
                        "the test ends too early: a number, a signal or a question "
                        "is missing");
    } else if (hint != NULL) {
        vg_parser_break(parser, "\"%.*s\" has no meaning here, did you mean \"%s\"?",
                        (int)now->length, now->at, hint);
    } else {
        vg_parser_break(parser,
                        "a number, a signal or a question is missing before "
                        "\"%.*s\"",
                        (int)now->length, now->at);
    }
    return vg_operand_at(parser, VG_K_FAULTY);
}

struct vg_operand vg_parse_atom(struct vg_parser *parser)
{
    const struct vg_token token = parser->now;

    if (token.kind == VG_T_NUMBER) {
        return vg_parse_number(parser, false);
    }
    if (token.kind == VG_T_SPAN) {
        return vg_parse_span(parser);
    }
    if (token.kind == VG_T_OPERATOR && token.op == VG_OP_SUBTRACT) {
        vg_parser_next(parser);
        if (parser->now.kind == VG_T_NUMBER) {
            return vg_parse_number(parser, true);
        }
        parser->now = token;
        return missing(parser);
    }
    if (token.kind == VG_T_WORD && !vg_is_keyword(&token)) {
        struct vg_operand operand = parse_word(parser);

        operand.at = token.at;
        return operand;
    }
    return missing(parser);
}
