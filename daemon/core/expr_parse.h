/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of one compilation, shared by the grammar (expr_parse.c), its smallest parts
 * (expr_atom.c) and the laws of units (expr_type.c).
 */
#ifndef VIGIL_CORE_EXPR_PARSE_H
#define VIGIL_CORE_EXPR_PARSE_H

#include "core/expr_lex.h"

enum vg_operand_kind {
    VG_K_FAULTY, /* already reported; agrees with everything */
    VG_K_NUMBER,
    VG_K_TIME, /* milliseconds */
    VG_K_TRUTH
};

/* Whether a unit with an offset ([degF]) is converted with it. */
enum vg_scale { VG_ABSOLUTE, VG_DIFFERENCE, VG_EITHER };

/* What the code emitted so far for one operand leaves on the stack. */
struct vg_operand {
    enum vg_operand_kind kind;
    enum vg_unit unit;
    enum vg_quantity quantity;
    enum vg_scale scale;
    uint8_t places; /* display resolution of the signal */
    bool exact;     /* compared exactly, not on the display resolution */
    bool bare;      /* a bare number may stand against it: scores, INR, pH */
    bool literal;   /* one constant, still in the unit it was written in */
    size_t begin;   /* its first instruction; a literal's only one */
    const char *at; /* where it stands in the text */
};

struct vg_parser {
    const char *text;
    struct vg_place place;
    struct vg_faults *faults;
    struct vg_queries *queries;
    struct vg_expr *out;
    struct vg_token now;
    bool broken; /* a fault of grammar: what follows would only be noise */
    unsigned nesting;
    unsigned top; /* depth of the stack after the code so far */
    unsigned depth;
    size_t length;
    struct vg_expr_op code[VG_EXPR_CODE];
};

void vg_parser_fault(struct vg_parser *parser, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void vg_parser_warn(struct vg_parser *parser, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `unknown name "spb", did you mean "sbp"?`; near may be NULL. */
void vg_parser_unknown(struct vg_parser *parser, const char *at, const char *what,
                       const char *name, const char *near);
/* A fault of grammar: only the first is reported. */
void vg_parser_break(struct vg_parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void vg_parser_next(struct vg_parser *parser);
/* Passes over the token if it is this word, sign. */
bool vg_parser_word(struct vg_parser *parser, const char *word);
bool vg_parser_sign(struct vg_parser *parser, enum vg_token_kind kind);
void vg_parser_expect(struct vg_parser *parser, enum vg_token_kind kind,
                      const char *what);
/* A span of time; 0 after a fault. `example` is for the sentence. */
vg_ms vg_parser_span(struct vg_parser *parser, const char *example);

void vg_emit(struct vg_parser *parser, enum vg_op op, uint16_t query,
             struct vg_number constant);

void vg_emit_query(struct vg_parser *parser, const struct vg_query *query);

/* An operand that begins here; a faulty one that keeps the stack in balance. */
struct vg_operand vg_operand_at(const struct vg_parser *parser,
                                enum vg_operand_kind kind);
struct vg_operand vg_operand_faulty(struct vg_parser *parser);
/* The word, cut to what a name can be. */
void vg_word_copy(const struct vg_token *token, char out[VG_NAME_LEN + 1]);
bool vg_is_keyword(const struct vg_token *token);

struct vg_operand vg_parse_number(struct vg_parser *parser, bool negative);
struct vg_operand vg_parse_span(struct vg_parser *parser);
/* A measured signal; VG_SIGNAL_COUNT after a fault. */
enum vg_signal vg_parse_signal(struct vg_parser *parser);
/* After the word: given(…, on(…, noted(…, flag(… with the "(" passed; no …, phase is …,
 * setting is …. False if the word is none of them. */
bool vg_parse_predicate(struct vg_parser *parser, const struct vg_token *word,
                        struct vg_operand *out);
bool vg_parse_question(struct vg_parser *parser, const struct vg_token *word,
                       struct vg_operand *out);

/* Numbers, signals, calls, predicates: whatever stands between operators. */
struct vg_operand vg_parse_atom(struct vg_parser *parser);

/* Units (expr_unit.c). Pure: a number without unit. Agree: both sides get the same dimension,
 * a literal the unit and resolution of the other side; false after a fault. */
bool vg_is_pure(const struct vg_operand *operand);
const char *vg_unit_words(const struct vg_operand *operand);
struct vg_number vg_constant(const struct vg_parser *parser,
                             const struct vg_operand *literal);
void vg_set_constant(struct vg_parser *parser, const struct vg_operand *literal,
                     struct vg_number number, uint16_t unit);
bool vg_agree(struct vg_parser *parser, struct vg_operand *left,
              struct vg_operand *right);

/* The laws of arithmetic (expr_type.c). The right operand's code follows the left's; the operator is emitted. */
struct vg_operand vg_type_arithmetic(struct vg_parser *parser, enum vg_op op,
                                     struct vg_operand left, struct vg_operand right);
struct vg_operand vg_type_compare(struct vg_parser *parser, enum vg_op op,
                                  struct vg_operand left, struct vg_operand right);
/* Reports what is not a test. */
void vg_type_test(struct vg_parser *parser, const struct vg_operand *operand);

#endif
