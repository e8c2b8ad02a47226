/* SPDX-License-Identifier: Apache-2.0
 *
 * Words, numbers and signs of the rule language.
 */
#include "core/expr_lex.h"

#include <string.h>

/* Longer signs first, so that ">=" is not read as ">". */
static const struct {
    const char *text;
    enum vg_token_kind kind;
    enum vg_op op;
} signs[] = {
    {">=", VG_T_OPERATOR, VG_OP_AT_LEAST}, {"<=", VG_T_OPERATOR, VG_OP_AT_MOST},
    {"==", VG_T_OPERATOR, VG_OP_EQUAL},    {"!=", VG_T_OPERATOR, VG_OP_UNEQUAL},
    {">", VG_T_OPERATOR, VG_OP_ABOVE},     {"<", VG_T_OPERATOR, VG_OP_BELOW},
    {"+", VG_T_OPERATOR, VG_OP_ADD},       {"-", VG_T_OPERATOR, VG_OP_SUBTRACT},
    {"*", VG_T_OPERATOR, VG_OP_MULTIPLY},  {"/", VG_T_OPERATOR, VG_OP_DIVIDE},
    {"(", VG_T_OPEN, VG_OP_COUNT},         {")", VG_T_CLOSE, VG_OP_COUNT},
    {",", VG_T_COMMA, VG_OP_COUNT},
};

static const struct {
    const char *wrong, *right;
} hints[] = {
    {"≥", ">="},        {"≤", "<="},     {"≠", "!="},     {"＞", ">"},
    {"＜", "<"},        {"（", "("},     {"）", ")"},     {"，", ","},
    {"×", "*"},         {"÷", "/"},      {"°", "Cel"},    {"℃", "Cel"},
    {"=", "=="},        {"&", "and"},    {"|", "or"},     {"!", "not"},
    {"C", "Cel"},       {"degC", "Cel"}, {"F", "[degF]"}, {"degF", "[degF]"},
    {"mmHg", "mm[Hg]"}, {"bpm", "/min"}, {"min", "/min"}, {"percent", "%"},
    {"AND", "and"},     {"OR", "or"},    {"NOT", "not"},  {"L", "L/min"},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* One character of UTF-8. */
static size_t character(const char *text)
{
    size_t length = 1;

    while (((unsigned char)text[length] & 0xC0U) == 0x80U) {
        length++;
    }
    return length;
}

/* "news2.score", but not the full stop at the end of a sentence. */
static size_t word(const char *text)
{
    size_t n = 0;

    while (is_letter(text[n]) || is_digit(text[n]) ||
           (text[n] == '.' && is_letter(text[n + 1]))) {
        n++;
    }
    return n;
}

static struct vg_token number(const char *text)
{
    struct vg_token token = {VG_T_NUMBER, VG_OP_COUNT, text, 0};
    size_t n = 0;

    while (is_digit(text[n])) {
        n++;
    }
    if (text[n] == '.' && is_digit(text[n + 1])) {
        n++;
        while (is_digit(text[n])) {
            n++;
        }
    }
    token.length = n;
    if (is_letter(text[n]) || text[n] == '.') {
        token.kind = VG_T_SPAN;
        token.length = n + (text[n] == '.' ? 1 : vg_lex_unit(text + n));
    }
    return token;
}

struct vg_token vg_lex(const char *text)
{
    struct vg_token token = {VG_T_END, VG_OP_COUNT, NULL, 0};

    while (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r') {
        text++;
    }
    token.at = text;
    if (*text == '\0') {
        return token;
    }
    if (is_digit(*text)) {
        return number(text);
    }
    if (is_letter(*text)) {
        token.kind = VG_T_WORD;
        token.length = word(text);
        return token;
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (strncmp(text, signs[i].text, strlen(signs[i].text)) == 0) {
            return (struct vg_token){signs[i].kind, signs[i].op, text,
                                     strlen(signs[i].text)};
        }
    }
    token.kind = VG_T_STRANGE;
    token.length = character(text);
    return token;
}

size_t vg_lex_name(const char *text)
{
    size_t n = 0;

    while (is_letter(text[n]) || is_digit(text[n]) || text[n] == '-' ||
           text[n] == '.') {
        n++;
    }
    return n;
}

size_t vg_lex_unit(const char *text)
{
    size_t n = 0;

    while (text[n] != '\0' && (is_letter(text[n]) || is_digit(text[n]) ||
                               strchr("[]{}/%*.", text[n]) != NULL)) {
        n++;
    }
    return n;
}

bool vg_token_is(const struct vg_token *token, const char *text)
{
    return token->kind == VG_T_WORD && strlen(text) == token->length &&
           memcmp(token->at, text, token->length) == 0;
}

const char *vg_lex_hint(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if (strlen(hints[i].wrong) == length &&
            memcmp(hints[i].wrong, text, length) == 0) {
            return hints[i].right;
        }
    }
    return NULL;
}
