/* SPDX-License-Identifier: Apache-2.0
 *
 * The readers of json_text.h, by the letter of RFC 8259.
 */
#include "json_text.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

void vg_text_blank(struct vg_text_scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' ||
                                    *scan->at == '\n' || *scan->at == '\r')) {
        scan->at++;
    }
}

static size_t left(const struct vg_text_scan *scan)
{
    return (size_t)(scan->end - scan->at);
}

static uint64_t mix(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* Four hexadecimal digits at `at`; -1 if they are not there. */
static long read_hex(struct vg_text_scan *scan)
{
    long value = 0;
    if (left(scan) < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++, scan->at++) {
        char c = *scan->at;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static size_t encode(long code, char out[4])
{
    static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size; i > 1; i--) {
        out[i - 1] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(code | (size == 1 ? 0 : mark[size]));
    return size;
}

/* Behind "\u". A character beyond U+FFFF comes as two escapes, high surrogate first. */
static const char *read_unicode(struct vg_text_scan *scan, char out[4], size_t *size)
{
    long code = read_hex(scan);
    if (code < 0) {
        return "\\u wants four hexadecimal digits";
    }
    if (code == 0) {
        return "\\u0000 is not taken";
    }
    if (code >= 0xd800 && code <= 0xdfff) {
        if (code > 0xdbff || left(scan) < 6 || memcmp(scan->at, "\\u", 2) != 0) {
            return "half of a surrogate pair";
        }
        scan->at += 2;
        long low = read_hex(scan);
        if (low < 0xdc00 || low > 0xdfff) {
            return "half of a surrogate pair";
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    *size = encode(code, out);
    return NULL;
}

/* On the backslash. */
static const char *read_escape(struct vg_text_scan *scan, char out[4], size_t *size)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meaning[] = "\"\\/\b\f\n\r\t";
    scan->at++;
    if (scan->at == scan->end) {
        return "the string does not end";
    }
    char letter = *scan->at++;
    if (letter == 'u') {
        return read_unicode(scan, out, size);
    }
    const char *found = memchr(letters, letter, sizeof letters - 1);
    if (found == NULL) {
        scan->at--;
        return "no such escape";
    }
    out[0] = meaning[found - letters];
    *size = 1;
    return NULL;
}

static bool plain(char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* Characters up to the next quote, backslash or fault. */
static const char *read_plain(struct vg_text_scan *scan)
{
    for (;;) {
        const char *at = scan->at;
        while (at < scan->end && plain(*at)) {
            at++;
        }
        scan->at = at;
        if (at == scan->end) {
            return "the string does not end";
        }
        unsigned char c = (unsigned char)*scan->at;
        if (c == '"' || c == '\\') {
            return NULL;
        }
        if (c < 0x20) {
            return "a control character inside a string";
        }
        size_t size = c < 0x80 ? 1 : vg_utf8_size(scan->at, left(scan));
        if (size == 0) {
            return "not UTF-8";
        }
        scan->at += size;
    }
}

/* What a string means, piece by piece: into the hash, and behind what is in `out`. */
struct meaning {
    uint64_t *hash;
    char *out;
    size_t length;
};

static void feed(struct meaning *to, const char *bytes, size_t length, bool there)
{
    if (to->hash != NULL) {
        *to->hash = mix(*to->hash, bytes, length);
    }
    if (to->out != NULL && !there) {
        memcpy(to->out + to->length, bytes, length);
    }
    to->length += length;
}

static void end(struct meaning *to)
{
    if (to->out != NULL) {
        to->out[to->length] = '\0';
    }
    if (to->hash != NULL) {
        *to->hash ^= *to->hash >> 32;
        *to->hash *= UINT64_C(0xd6e8feb86659fd93);
    }
}

const char *vg_text_string(struct vg_text_scan *scan, uint64_t *hash, char *out)
{
    struct meaning to = {.length = 0};
    bool there = true; /* up to the first escape the bytes mean themselves */
    to.hash = hash;
    to.out = out;
    scan->at++;
    for (;;) {
        const char *first = scan->at;
        const char *problem = read_plain(scan);
        if (problem != NULL) {
            return problem;
        }
        feed(&to, first, (size_t)(scan->at - first), there);
        if (*scan->at == '"') {
            scan->at++;
            break;
        }
        char character[4];
        size_t size = 0;
        problem = read_escape(scan, character, &size);
        if (problem != NULL) {
            return problem;
        }
        there = false;
        feed(&to, character, size, there);
    }
    end(&to);
    return NULL;
}

/* ---- Numbers */

struct digits {
    int64_t value; /* while there are no more than EXACT */
    size_t count;
};

/* Integers of so many digits, and powers of ten to that, are exact in a double; and the
 * quotient of two exact doubles is the double that is nearest. */
#define EXACT 15

static size_t read_digits(struct vg_text_scan *scan, struct digits *digits)
{
    const char *first = scan->at;
    for (; scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9'; scan->at++) {
        if (digits->count++ < EXACT) {
            digits->value = digits->value * 10 + (*scan->at - '0');
        }
    }
    return (size_t)(scan->at - first);
}

static bool skip_one(struct vg_text_scan *scan, char either, char or_this)
{
    if (scan->at < scan->end && (*scan->at == either || *scan->at == or_this)) {
        scan->at++;
        return true;
    }
    return false;
}

const char vg_text_overflow[] = "the number is too large to be one";

/* cJSON keeps 63 characters of a number; no measurement has more. A number without an
 * exponent overflows from 309 digits on. */
static const char *read_long(const char *text, size_t length, size_t whole, double *out)
{
    char copy[64];
    if (length >= sizeof copy) {
        return whole > 308 ? vg_text_overflow : "a number of more than 63 characters";
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    *out = strtod(copy, NULL);
    return isinf(*out) ? vg_text_overflow : NULL;
}

static double short_value(const struct digits *digits, size_t fraction, bool negative)
{
    static const double power[EXACT + 1] = {1,    1e1,  1e2,  1e3, 1e4,  1e5,
                                            1e6,  1e7,  1e8,  1e9, 1e10, 1e11,
                                            1e12, 1e13, 1e14, 1e15};
    const double value = (double)digits->value / power[fraction];

    return negative ? -value : value;
}

const char *vg_text_number(struct vg_text_scan *scan, double *out)
{
    const char *first = scan->at;
    struct digits digits = {0, 0};
    struct digits power = {0, 0};
    size_t fraction = 0;
    const bool negative = skip_one(scan, '-', '-');
    const char *leading = scan->at;
    const size_t whole = read_digits(scan, &digits);
    if (whole == 0) {
        return "a digit should stand here";
    }
    if (whole > 1 && *leading == '0') {
        return "a number does not begin with 0";
    }
    if (skip_one(scan, '.', '.')) {
        fraction = read_digits(scan, &digits);
        if (fraction == 0) {
            return "a digit should follow the point";
        }
    }
    if (skip_one(scan, 'e', 'E')) {
        (void)skip_one(scan, '+', '-');
        if (read_digits(scan, &power) == 0) {
            return "a digit should follow the exponent's sign";
        }
    }
    if (digits.count > EXACT || power.count > 0) {
        return read_long(first, (size_t)(scan->at - first), whole, out);
    }
    *out = short_value(&digits, fraction, negative);
    return NULL;
}

const char *vg_text_word(struct vg_text_scan *scan, const char *word)
{
    size_t length = strlen(word);
    if (left(scan) < length || memcmp(scan->at, word, length) != 0) {
        return "a value should stand here";
    }
    scan->at += length;
    return NULL;
}

/* ---- Members, whatever they are */

/* On the opening quote. Moves onto the closing one; false if there is none. */
static bool skip_string(struct vg_text_scan *scan)
{
    for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++) {
        if (*scan->at == '\\' && scan->at + 1 < scan->end) {
            scan->at++;
        }
    }
    return scan->at < scan->end;
}

/* Moves over one value: quotes and brackets are enough to find its end. */
static bool skip_value(struct vg_text_scan *scan)
{
    size_t depth = 0;
    const char *first = scan->at;
    for (; scan->at < scan->end; scan->at++) {
        char c = *scan->at;
        bool closing = c == '}' || c == ']';
        if (depth == 0 && (c == ',' || closing)) {
            break;
        }
        if (c == '"' && !skip_string(scan)) {
            return false;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= closing ? 1 : 0;
    }
    return depth == 0 && scan->at > first && scan->at < scan->end;
}

static bool expect(struct vg_text_scan *scan, char c)
{
    vg_text_blank(scan);
    if (scan->at == scan->end || *scan->at != c) {
        return false;
    }
    scan->at++;
    vg_text_blank(scan);
    return true;
}

/* One `"key": value`. Members that nobody asks for are passed over. */
static bool read_member(struct vg_text_scan *scan, const char *const *names,
                        size_t count, struct vg_text_slice *out)
{
    const char *key = scan->at;
    if (scan->at == scan->end || *key != '"' ||
        vg_text_string(scan, NULL, NULL) != NULL) {
        return false;
    }
    size_t key_length = (size_t)(scan->at - key);
    if (!expect(scan, ':')) {
        return false;
    }
    const char *value = scan->at;
    if (!skip_value(scan)) {
        return false;
    }
    size_t length = (size_t)(scan->at - value);
    while (length > 0 && memchr(" \t\r\n", value[length - 1], 4) != NULL) {
        length--;
    }
    for (size_t i = 0; i < count; i++) {
        if (key_length == strlen(names[i]) && memcmp(key, names[i], key_length) == 0) {
            out[i] = (struct vg_text_slice){value, length};
        }
    }
    return length > 0;
}

bool vg_text_members(struct vg_text_scan *scan, const char *const *names, size_t count,
                     struct vg_text_slice *out)
{
    if (!expect(scan, '{')) {
        return false;
    }
    do {
        if (!read_member(scan, names, count, out)) {
            return false;
        }
    } while (expect(scan, ','));
    return expect(scan, '}');
}
