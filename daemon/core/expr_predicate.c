/* SPDX-License-Identifier: Apache-2.0
 *
 * The yes-or-no questions of a test: what was given, is running, was noted, is missing.
 */
#include <string.h>

#include "vigil/flag.h"

#include "core/expr_parse.h"

struct predicate {
    const char *word;
    const char *what;
    const char *const *names;
    enum vg_query_kind kind;
    bool spans;
    bool closed; /* other names are refused, not only doubted */
};

static const struct predicate predicates[] = {
    {"given", "drug", vg_expr_drugs, VG_ASK_GIVEN, true, false},
    {"on", "support", vg_expr_supports, VG_ASK_ON, false, true},
    {"noted", "symptom", vg_expr_symptoms, VG_ASK_NOTED, true, false},
    {"flag", "flag", vg_flag_names, VG_ASK_FLAG, false, true},
};
static const struct predicate setting = {"setting",      "setting", vg_expr_settings,
                                         VG_ASK_SETTING, false,     true};
static const struct predicate phase = {"phase",      "phase", NULL,
                                       VG_ASK_PHASE, false,   false};

static void check_name(struct vg_parser *parser, const struct predicate *predicate,
                       const char *name, const char *at)
{
    if (predicate->names == NULL) {
        return;
    }
    for (size_t i = 0; predicate->names[i] != NULL; i++) {
        if (strcmp(predicate->names[i], name) == 0) {
            return;
        }
    }
    const char *near = vg_nearest(name, predicate->names);

    if (predicate->closed) {
        vg_parser_unknown(parser, at, predicate->what, name, near);
    } else if (near != NULL) {
        vg_parser_warn(parser, at,
                       "the %s \"%s\" is not one that vigil knows; did you mean "
                       "\"%s\"?",
                       predicate->what, name, near);
    }
}

/* A name, which may have a hyphen. */
static void parse_name(struct vg_parser *parser, const struct predicate *predicate,
                       struct vg_query *query)
{
    const char *at = parser->now.at;
    const size_t length = parser->broken ? 0 : vg_lex_name(at);

    if (length == 0 || length > VG_NAME_LEN) {
        vg_parser_break(parser, "the name of a %s is missing here", predicate->what);
        return;
    }
    memcpy(query->name, at, length);
    parser->now = vg_lex(at + length);
    check_name(parser, predicate, query->name, at);
}

static struct vg_operand parse_predicate(struct vg_parser *parser,
                                         const struct predicate *predicate)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_TRUTH);
    struct vg_query query = {.kind = predicate->kind, .signal = VG_SIGNAL_COUNT};

    parse_name(parser, predicate, &query);
    if (predicate->spans) {
        vg_parser_expect(parser, VG_T_COMMA, "\",\" and a span of time");
        query.span = vg_parser_span(parser, "6h");
    }
    vg_parser_expect(parser, VG_T_CLOSE, "\")\"");
    vg_emit_query(parser, &query);
    return operand;
}

/* "phase is NAME", "setting is NAME": the first word is already passed. */
static struct vg_operand parse_is(struct vg_parser *parser,
                                  const struct predicate *predicate)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_TRUTH);
    struct vg_query query = {.kind = predicate->kind, .signal = VG_SIGNAL_COUNT};

    if (!vg_parser_word(parser, "is")) {
        vg_parser_break(parser, "\"is\" is missing here, as in \"%s is %s\"",
                        predicate->word,
                        predicate->kind == VG_ASK_PHASE ? "infusion" : "outpatient");
        return operand;
    }
    parse_name(parser, predicate, &query);
    vg_emit_query(parser, &query);
    return operand;
}

static struct vg_operand parse_none(struct vg_parser *parser)
{
    struct vg_operand operand = vg_operand_at(parser, VG_K_TRUTH);
    struct vg_query query = {.kind = VG_ASK_NONE};

    query.signal = vg_parse_signal(parser);
    if (!vg_parser_word(parser, "for")) {
        vg_parser_break(parser,
                        "\"for\" and a span are missing here, as in \"no temp for "
                        "8h\"");
    }
    query.span = vg_parser_span(parser, "8h");
    if (query.signal == VG_SIGNAL_COUNT) {
        return vg_operand_faulty(parser);
    }
    vg_emit_query(parser, &query);
    return operand;
}

bool vg_parse_predicate(struct vg_parser *parser, const struct vg_token *word,
                        struct vg_operand *out)
{
    for (size_t i = 0; i < sizeof predicates / sizeof predicates[0]; i++) {
        if (vg_token_is(word, predicates[i].word)) {
            *out = parse_predicate(parser, &predicates[i]);
            return true;
        }
    }
    return false;
}

bool vg_parse_question(struct vg_parser *parser, const struct vg_token *word,
                       struct vg_operand *out)
{
    if (vg_token_is(word, "no")) {
        *out = parse_none(parser);
    } else if (vg_token_is(word, "phase")) {
        *out = parse_is(parser, &phase);
    } else if (vg_token_is(word, "setting")) {
        *out = parse_is(parser, &setting);
    } else {
        return false;
    }
    return true;
}
