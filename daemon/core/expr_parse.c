/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar: precedence climbing, with a counter that refuses nesting beyond
 * VG_EXPR_DEPTH, so that no input can exhaust the stack. Code is emitted as it is read.
 */
#include "core/expr_parse.h"

#include <string.h>

/* "in N of last M": the engine looks back on this many readings at most. */
#define MOST_LAST 16

enum power {
    POWER_OR = 1,
    POWER_AND,
    POWER_NOT,
    POWER_COMPARE,
    POWER_SUM,
    POWER_PRODUCT
};

static enum power power_of(const struct vg_token *token, enum vg_op *op)
{
    if (token->kind == VG_T_OPERATOR) {
        *op = token->op;
        if (*op >= VG_OP_AT_LEAST) {
            return POWER_COMPARE;
        }
        return *op == VG_OP_ADD || *op == VG_OP_SUBTRACT ? POWER_SUM : POWER_PRODUCT;
    }
    if (vg_token_is(token, "and")) {
        *op = VG_OP_AND;
        return POWER_AND;
    }
    if (vg_token_is(token, "or")) {
        *op = VG_OP_OR;
        return POWER_OR;
    }
    return (enum power)0;
}

static struct vg_operand parse_operand(struct vg_parser *parser);

static struct vg_operand combine(struct vg_parser *parser, enum vg_op op,
                                 struct vg_operand left, struct vg_operand right)
{
    if (parser->broken) {
        return (struct vg_operand){.kind = VG_K_FAULTY};
    }
    if (op == VG_OP_AND || op == VG_OP_OR) {
        vg_type_test(parser, &left);
        vg_type_test(parser, &right);
        vg_emit(parser, op, 0, VG_NUMBER_UNKNOWN);
        left.kind = VG_K_TRUTH;
        left.literal = false;
        return left;
    }
    return op >= VG_OP_AT_LEAST ? vg_type_compare(parser, op, left, right)
                                : vg_type_arithmetic(parser, op, left, right);
}

/* Everything that binds at least as strongly as `least`. The depth of the recursion is
 * bounded by parse_operand. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static struct vg_operand parse(struct vg_parser *parser, enum power least)
{
    struct vg_operand left = parse_operand(parser);
    bool compared = false;

    while (!parser->broken) {
        enum vg_op op = VG_OP_COUNT;
        const enum power power = power_of(&parser->now, &op);

        if (power == 0 || power < least) {
            break;
        }
        if (power == POWER_COMPARE && compared) {
            vg_parser_break(parser,
                            "comparisons cannot be chained; write \"a < b and b < "
                            "c\" instead of \"a < b < c\"");
            break;
        }
        compared = compared || power == POWER_COMPARE;
        if (power < POWER_COMPARE) {
            compared = false;
        }
        vg_parser_next(parser);
        left = combine(parser, op, left, parse(parser, (enum power)(power + 1)));
    }
    return left;
}

/* NOLINTNEXTLINE(misc-no-recursion): refuses beyond VG_EXPR_DEPTH */
static struct vg_operand parse_operand(struct vg_parser *parser)
{
    struct vg_operand operand = {.kind = VG_K_FAULTY, .at = parser->now.at};

    if (++parser->nesting > VG_EXPR_DEPTH) {
        vg_parser_break(parser, "the test is nested too deeply: at most %d levels",
                        VG_EXPR_DEPTH);
    } else if (vg_parser_sign(parser, VG_T_OPEN)) {
        operand = parse(parser, POWER_OR);
        vg_parser_expect(parser, VG_T_CLOSE, "\")\"");
    } else if (vg_parser_word(parser, "not")) {
        operand = parse(parser, POWER_COMPARE);
        vg_type_test(parser, &operand);
        vg_emit(parser, VG_OP_NOT, 0, VG_NUMBER_UNKNOWN);
    } else {
        operand = vg_parse_atom(parser);
    }
    parser->nesting--;
    return operand;
}

/* "2" of "in 2 of last 3 readings". */
static uint8_t parse_small(struct vg_parser *parser)
{
    const struct vg_token token = parser->now;
    const bool whole =
        token.kind == VG_T_NUMBER && memchr(token.at, '.', token.length) == NULL;
    unsigned number = 0;

    for (size_t i = 0; whole && i < token.length && number < 1000; i++) {
        number = number * 10 + (unsigned)(token.at[i] - '0');
    }
    if (!parser->broken && (number < 1 || number > MOST_LAST)) {
        vg_parser_break(parser,
                        "a whole number from 1 to %d is missing here, as in \"in 2 "
                        "of last 3 readings\"",
                        MOST_LAST);
        return 1;
    }
    vg_parser_next(parser);
    return (uint8_t)number;
}

static void parse_counts(struct vg_parser *parser)
{
    struct vg_expr *out = parser->out;
    const char *at = parser->now.at;

    out->of_true = parse_small(parser);
    if (!vg_parser_word(parser, "of") || !vg_parser_word(parser, "last")) {
        vg_parser_break(parser, "\"of last\" is missing here, as in \"in 2 of last 3 "
                                "readings\"");
        return;
    }
    out->of_last = parse_small(parser);
    out->of_assessments = vg_parser_word(parser, "assessments");
    if (!out->of_assessments && !vg_parser_word(parser, "readings")) {
        vg_parser_break(parser, "\"readings\" or \"assessments\" is missing here");
    }
    if (out->of_true > out->of_last && !parser->broken) {
        vg_parser_fault(parser, at, "%u of the last %u can never be true",
                        (unsigned)out->of_true, (unsigned)out->of_last);
    }
    if (!parser->broken && parser->now.kind == VG_T_SPAN) {
        out->apart = vg_parser_span(parser, "5m");
        if (!vg_parser_word(parser, "apart")) {
            vg_parser_break(parser,
                            "\"apart\" is missing here, as in \"readings 5m apart\"");
        }
    }
}

/* What stands around the test: once each, in either order. */
static void parse_tail(struct vg_parser *parser)
{
    while (!parser->broken) {
        if (parser->out->hold == 0 && vg_parser_word(parser, "for")) {
            parser->out->hold = vg_parser_span(parser, "10m");
        } else if (parser->out->of_true == 0 && vg_parser_word(parser, "in")) {
            parse_counts(parser);
        } else {
            break;
        }
    }
}

static void refuse_rest(struct vg_parser *parser)
{
    static const char *const words[] = {"and", "or", "for", "in", NULL};
    const struct vg_token *now = &parser->now;
    char text[VG_NAME_LEN + 1];

    if (parser->broken || now->kind == VG_T_END) {
        return;
    }
    const char *hint = vg_lex_hint(now->at, now->length);

    if (hint == NULL && now->kind == VG_T_WORD && now->length <= VG_NAME_LEN) {
        memcpy(text, now->at, now->length);
        text[now->length] = '\0';
        hint = vg_nearest(text, words);
    }
    if (hint != NULL) {
        vg_parser_break(parser, "\"%.*s\" has no meaning here, did you mean \"%s\"?",
                        (int)now->length, now->at, hint);
    } else {
        vg_parser_break(parser, "\"%.*s\" has no meaning here", (int)now->length,
                        now->at);
    }
}

static void note_watches(struct vg_expr *out, const struct vg_query *query)
{
    if (query->signal < VG_MEASURED_COUNT) {
        out->watches |= (uint64_t)1 << query->signal;
        out->asks |= (uint64_t)1 << query->signal;
    }
    if (query->kind == VG_ASK_FIELD) {
        const struct vg_field *field = &vg_fields()[query->field];

        out->watches |= field->watches;
        out->topics |= (uint32_t)1 << field->topic;
        out->events = out->events || field->event;
        return;
    }
    /* A baseline is frozen by a charted event: the start of the infusion. */
    if (query->kind >= VG_ASK_PHASE || query->kind == VG_ASK_BASELINE) {
        out->watches_chart = true;
    }
}

/* Tells the last step of each left side of an "and" or "or" where that stands. */
static void note_sides(struct vg_expr *out)
{
    uint16_t last[VG_EXPR_DEPTH] = {0}; /* steps of what is on the stack */
    size_t top = 0;

    for (uint16_t i = 0; i < out->length; i++) {
        const enum vg_op op = (enum vg_op)out->code[i].code;
        if (op == VG_OP_CONST || op == VG_OP_ASK) {
            last[top++] = i;
            continue;
        }
        if (op != VG_OP_NOT) {
            top--;
        }
        if (op == VG_OP_AND || op == VG_OP_OR) {
            out->code[last[top - 1]].past = i;
        }
        last[top - 1] = i;
    }
}

static enum vg_status finish(struct vg_parser *parser, struct vg_arena *arena)
{
    struct vg_expr *out = parser->out;
    const size_t size = parser->length * sizeof parser->code[0];

    out->code = vg_arena_take(arena, size);
    out->text = vg_arena_text(arena, parser->text, strlen(parser->text));
    if (out->code == NULL || out->text == NULL) {
        return VG_NO_MEMORY; /* its length stays 0: whoever looks finds no code */
    }
    out->length = (uint16_t)parser->length;
    out->depth = (uint16_t)parser->depth;
    memcpy(out->code, parser->code, size);
    note_sides(out);
    for (size_t i = 0; i < parser->length; i++) {
        if (parser->code[i].code == VG_OP_ASK) {
            note_watches(out, &parser->queries->item[parser->code[i].query]);
        }
    }
    return VG_OK;
}

enum vg_status vg_expr_compile(const char *text, struct vg_place place,
                               struct vg_arena *arena, struct vg_queries *queries,
                               struct vg_faults *faults, struct vg_expr *out)
{
    const size_t errors = faults->errors;
    struct vg_parser parser;

    memset(&parser, 0, sizeof parser);
    memset(out, 0, sizeof *out);
    parser.text = text;
    parser.place = place;
    parser.faults = faults;
    parser.queries = queries;
    parser.out = out;
    parser.now = vg_lex(text);
    const struct vg_operand whole = parse(&parser, POWER_OR);

    parse_tail(&parser);
    refuse_rest(&parser);
    vg_type_test(&parser, &whole);
    return faults->errors > errors ? VG_REFUSED : finish(&parser, arena);
}
