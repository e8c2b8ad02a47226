/* SPDX-License-Identifier: Apache-2.0
 *
 * Words, numbers and signs of the rule language, one at a time. Units and names with a
 * hyphen look like arithmetic, so they are read only where the grammar expects them.
 */
#ifndef VIGIL_CORE_EXPR_LEX_H
#define VIGIL_CORE_EXPR_LEX_H

#include "core/expr_code.h"

enum vg_token_kind {
    VG_T_END,
    VG_T_NUMBER, /* 38.0 */
    VG_T_SPAN,   /* 90s: digits and a letter without a space */
    VG_T_WORD,   /* sbp, news2.score */
    VG_T_OPEN,
    VG_T_CLOSE,
    VG_T_COMMA,
    VG_T_OPERATOR, /* `op` says which */
    VG_T_STRANGE   /* what the language has no use for */
};

struct vg_token {
    enum vg_token_kind kind;
    enum vg_op op;
    const char *at;
    size_t length;
};

/* The token at or after `text`, white space skipped. */
struct vg_token vg_lex(const char *text);

/* How many bytes of `text` can belong to a name ("post-1") or to a unit ("10*9/L"). */
size_t vg_lex_name(const char *text);
size_t vg_lex_unit(const char *text);

bool vg_token_is(const struct vg_token *token, const char *word);

/* A usual but wrong spelling of a sign or unit ("≥", "mmHg") and the right one, or NULL. */
const char *vg_lex_hint(const char *text, size_t length);

#endif
