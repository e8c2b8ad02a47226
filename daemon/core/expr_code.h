/* SPDX-License-Identifier: Apache-2.0
 *
 * The instructions of a compiled test. Private to the expression files of core.
 */
#ifndef VIGIL_CORE_EXPR_CODE_H
#define VIGIL_CORE_EXPR_CODE_H

#include "vigil/expr.h"

enum vg_op {
    VG_OP_CONST, /* push numerator / denominator; `query` holds its unit */
    VG_OP_ASK,   /* push the answer to `query` */
    VG_OP_ADD,
    VG_OP_SUBTRACT,
    VG_OP_MULTIPLY,
    VG_OP_DIVIDE,
    VG_OP_AT_LEAST,
    VG_OP_ABOVE,
    VG_OP_AT_MOST,
    VG_OP_BELOW,
    VG_OP_EQUAL,
    VG_OP_UNEQUAL,
    VG_OP_AND,
    VG_OP_OR,
    VG_OP_NOT,
    VG_OP_COUNT
};

/* What + - * / do; NULL for the other instructions. */
typedef struct vg_number vg_calculate_fn(struct vg_number a, struct vg_number b);
extern vg_calculate_fn *const vg_op_calculate[VG_OP_COUNT];

/* The "unit" of a constant that is a span of time, in milliseconds. */
#define VG_UNIT_TIME ((uint16_t)VG_UNIT_COUNT)

/* The place of the query in the list; added if it is new. VG_FULL. */
enum vg_status vg_query_add(struct vg_queries *queries, const struct vg_query *query,
                            size_t *index);
/* VG_ABSENT if it is not in the list. */
enum vg_status vg_query_find(const struct vg_queries *queries,
                             const struct vg_query *query, size_t *index);

/* The test in the rule language again, units canonical, without "for"; the counts
 * ("in N of last M") included. Returns the length, cut at capacity - 1. */
size_t vg_expr_text(const struct vg_expr *expr, const struct vg_queries *queries,
                    char *out, size_t capacity);

/* Names that a test may use (flag(…): vg_flag_names). All lists end with NULL. */
extern const char *const vg_expr_supports[]; /* on(…) */
extern const char *const vg_expr_drugs[];    /* given(…): others are free */
extern const char *const vg_expr_symptoms[]; /* noted(…): others are free */
extern const char *const vg_expr_settings[];

/* The function of a call ("min"), or VG_ASK_KIND_COUNT. */
enum vg_query_kind vg_expr_function(const char *name, size_t length);
const char *vg_expr_function_text(enum vg_query_kind kind);
bool vg_expr_function_spans(enum vg_query_kind kind); /* takes a span of time */

/* A measured signal by its short name, or VG_SIGNAL_COUNT. */
enum vg_signal vg_expr_signal(const char *name, size_t length);
const struct vg_field *vg_expr_field(const char *name, size_t length);

/* "90s", "10m", "4h", "7d": the whole of `text`; VG_REFUSED otherwise or above 1000 d. */
enum vg_status vg_rule_span_parse(const char *text, size_t length, vg_ms *out);
/* "90s"; with `words` "90 s". The largest unit that leaves a whole number. */
#define VG_SPAN_TEXT 24
void vg_rule_span_format(vg_ms span, bool words, char out[VG_SPAN_TEXT]);

/* A decimal: rounded half away from zero at `places`, with at least `least` of them. Returns
 * the length. */
size_t vg_number_format(struct vg_number number, unsigned places, unsigned least,
                        char *out, size_t capacity);
/* The same number in whole steps of 10^-places, half away from zero; unknown if too big. */
struct vg_number vg_number_round(struct vg_number number, unsigned places);

/* Text into a buffer that may be too small: cut, always terminated. */
struct vg_sink {
    char *out;
    size_t capacity, length;
};
void vg_sink_put(struct vg_sink *sink, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
