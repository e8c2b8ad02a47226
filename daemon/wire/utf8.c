/* SPDX-License-Identifier: Apache-2.0
 *
 * See utf8.h.
 */
#include "utf8.h"

#include <stdint.h>

/* Controls; marks without width; what begins and ends another direction, and lines of a kind of their own. */
static const uint32_t hidden[][2] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},      {0x61C, 0x61C},
    {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},  {0x2060, 0x206F},
    {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};

static uint32_t character(const char *text, size_t size)
{
    static const unsigned char bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t c = (unsigned char)text[0] & bits[size];

    for (size_t i = 1; i < size; i++) {
        c = c << 6 | ((unsigned char)text[i] & 0x3FU);
    }
    return c;
}

size_t vg_utf8_hidden(const char *text, size_t left)
{
    const size_t size = vg_utf8_size(text, left);
    const uint32_t c = size > 0 ? character(text, size) : ' ';

    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        if (c >= hidden[i][0] && c <= hidden[i][1]) {
            return size;
        }
    }
    return 0;
}

bool vg_utf8_plain(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length && vg_utf8_hidden(text + at, length - at) == 0) {
        at++;
    }
    return at == length;
}

void vg_utf8_blank(char *text)
{
    const size_t length = strlen(text);
    size_t end = 0;

    for (size_t at = 0; at < length; end++) {
        const size_t size = vg_utf8_hidden(text + at, length - at);
        if (size > 0) {
            text[end] = ' ';
            at += size;
        } else {
            text[end] = text[at++];
        }
    }
    text[end] = '\0';
}
