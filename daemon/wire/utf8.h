/* SPDX-License-Identifier: Apache-2.0
 *
 * What is UTF-8: both the guard in front of the parser and the writer behind it ask.
 */
#ifndef VIGIL_WIRE_UTF8_H
#define VIGIL_WIRE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The size of the character at `text` (left > 0), or 0 if it is malformed: cut off,
 * longer than need be, a surrogate, or beyond U+10FFFF. */
static inline size_t vg_utf8_size(const char *text, size_t left)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned char first = at[0];
    size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size == 1) {
        return 1;
    }
    if (first < 0xc2 || first > 0xf4 || left < size) {
        return 0;
    }
    /* The second byte's range excludes long forms, surrogates and what is too high. */
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return size;
}

/* How much of `text` fits into `room` bytes without cutting a character. */
static inline size_t vg_utf8_fit(const char *text, size_t length, size_t room)
{
    size_t fit = length < room ? length : room;
    while (fit > 0 && fit < length && ((unsigned char)text[fit] & 0xc0) == 0x80) {
        fit--;
    }
    return fit;
}
/* The size of the character at `text` (left > 0) if it shows nothing of its own and may move what stands
 * beside it: a control, a mark without width, another direction of writing. 0: it is none, or malformed. */
size_t vg_utf8_hidden(const char *text, size_t left);
/* Whether there is none in it. What people give as a name must be so: it is what others see, and no more. */
bool vg_utf8_plain(const char *text, size_t length);
/* A blank for each: sentences are kept, in one line and in one direction. */
void vg_utf8_blank(char *text);

#endif
