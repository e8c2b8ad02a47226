/* SPDX-License-Identifier: Apache-2.0
 *
 * Units with brackets inside {…}.
 */
#include "shell/yaml_units.h"

#include <stdlib.h>
#include <string.h>

#include "vigil/unit.h"

/* Characters of the private use area stand for these, in this order. */
static const char brackets[] = "[]{}";
#define SHIELD_FIRST  0xEFU
#define SHIELD_SECOND 0xA3U
#define SHIELD_THIRD  0xB0U
#define SHIELD_BYTES  3

/* Length of the unit with brackets that begins here, or 0. */
static size_t unit_at(const char *at, size_t room)
{
    for (int i = 1; i < VG_UNIT_COUNT; i++) {
        const char *unit = vg_unit_text((enum vg_unit)i);
        const size_t length = strlen(unit);

        if (strpbrk(unit, brackets) != NULL && length <= room &&
            memcmp(unit, at, length) == 0) {
            return length;
        }
    }
    return 0;
}

static size_t put(char *out, char c)
{
    const char *which = strchr(brackets, c);

    if (which == NULL || c == '\0') {
        *out = c;
        return 1;
    }
    out[0] = (char)SHIELD_FIRST;
    out[1] = (char)SHIELD_SECOND;
    out[2] = (char)(SHIELD_THIRD + (unsigned)(which - brackets));
    return SHIELD_BYTES;
}

static bool after_number(const char *bytes, size_t i)
{
    return i >= 2 && bytes[i - 1] == ' ' && bytes[i - 2] >= '0' && bytes[i - 2] <= '9';
}

char *vg_yaml_shield(const char *bytes, size_t *length)
{
    char *copy = malloc(*length * SHIELD_BYTES + 1);
    size_t n = 0;

    if (copy == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < *length;) {
        size_t unit = after_number(bytes, i) ? unit_at(bytes + i, *length - i) : 0;

        if (unit == 0) {
            copy[n++] = bytes[i++];
        }
        for (; unit > 0; unit--) {
            n += put(copy + n, bytes[i++]);
        }
    }
    copy[n] = '\0';
    *length = n;
    return copy;
}

size_t vg_yaml_unshield(char *text, size_t length)
{
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        const unsigned char *c = (const unsigned char *)text + i;

        if (i + 2 < length && c[0] == SHIELD_FIRST && c[1] == SHIELD_SECOND &&
            c[2] >= SHIELD_THIRD && c[2] < SHIELD_THIRD + 4) {
            text[n++] = brackets[c[2] - SHIELD_THIRD];
            i += 2;
        } else {
            text[n++] = text[i];
        }
    }
    memset(text + n, 0, length - n);
    return n;
}
