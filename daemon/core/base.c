/* SPDX-License-Identifier: Apache-2.0
 *
 * Error sentences, identifiers and content hashes: the small words of base.h.
 */
#include "vigil/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void vg_error_set(struct vg_error *error, const char *format, ...)
{
    if (error == NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
}

void vg_error_prefix(struct vg_error *error, const char *format, ...)
{
    if (error == NULL) {
        return;
    }
    const struct vg_error before = *error;
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    size_t used = written < 0 ? 0 : (size_t)written;
    if (used + 2 < sizeof error->text) {
        memcpy(error->text + used, ": ", 2);
        vg_copy(error->text + used + 2, sizeof error->text - used - 2, before.text);
    }
}

const char *vg_path_short(const char *path, char out[VG_PATH_SHORT + 1])
{
    static const char dots[] = "\xe2\x80\xa6";
    const size_t length = strlen(path);

    if (length <= VG_PATH_SHORT) {
        memcpy(out, path, length + 1);
        return out;
    }
    path += length - (VG_PATH_SHORT - (sizeof dots - 1));
    while (((unsigned char)*path & 0xC0U) == 0x80U) { /* not amid a character */
        path++;
    }
    memcpy(out, dots, sizeof dots - 1);
    memcpy(out + sizeof dots - 1, path, strlen(path) + 1);
    return out;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_mark(char c)
{
    return c == '.' || c == '_' || c == '-';
}

bool vg_id_valid(const char *text, size_t length)
{
    if (length == 0 || length > VG_ID_LEN || is_mark(text[0])) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]) && !is_lower(text[i]) && !is_mark(text[i])) {
            return false;
        }
    }
    return true;
}

static bool is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (!is_digit(c) && !is_lower(c) && !is_upper(c) && !is_mark(c)) {
            return false;
        }
    }
    return true;
}

bool vg_patient_valid(const char *text, size_t length)
{
    return length > 0 && length <= VG_PATIENT_LEN && !is_mark(text[0]) &&
           is_name(text, length);
}

bool vg_epoch_valid(const char *text, size_t length)
{
    return length > 0 && length <= VG_ID_LEN && is_name(text, length);
}

/* FNV-1a spreads the last bytes badly into the high bits; the finisher (xor-shift and
 * multiply, twice) makes each input bit reach each output bit. */
uint64_t vg_hash(uint64_t seed, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t h = seed ^ UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        h = (h ^ at[i]) * UINT64_C(0x100000001b3);
    }
    h = (h ^ (h >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    h = (h ^ (h >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return h ^ (h >> 32);
}

/* Writes `count` characters of five bits each, the most significant first. */
static void write_base32(char *out, uint64_t bits, size_t count)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    while (count > 0) {
        out[--count] = digits[bits & 31];
        bits >>= 5;
    }
}

/* 48 bits of time are 10 characters; 80 bits of content, the low 16 of `high` and
 * all of `low`, are 16. */
void vg_content_id(char out[VG_ALERT_LEN + 1], struct vg_instant at, uint64_t high,
                   uint64_t low)
{
    write_base32(out, (uint64_t)at.ms & UINT64_C(0xffffffffffff), 10);
    write_base32(out + 10, ((high & 0xffff) << 24) | (low >> 40), 8);
    write_base32(out + 18, low & UINT64_C(0xffffffffff), 8);
    out[VG_ALERT_LEN] = '\0';
}

bool vg_copy(char *out, size_t capacity, const char *text)
{
    size_t length = strlen(text);
    bool fits = length < capacity;
    if (capacity == 0) {
        return fits;
    }
    size_t taken = fits ? length : capacity - 1;
    memcpy(out, text, taken);
    out[taken] = '\0';
    return fits;
}
