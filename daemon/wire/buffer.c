/* SPDX-License-Identifier: Apache-2.0
 *
 * A buffer that grows, and the pieces of JSON that are written into it. No memory makes
 * the buffer failed, once and for all; writers need not ask after each piece.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

#include "utf8.h"

#define FIRST_CAPACITY 1024

void vg_buffer_clear(struct vg_buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
    if (buffer->bytes != NULL) {
        buffer->bytes[0] = '\0';
    }
}

void vg_buffer_finish(struct vg_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct vg_buffer){0};
}

/* Makes room for `length` more bytes and a NUL. */
static bool reserve(struct vg_buffer *buffer, size_t length)
{
    if (buffer->failed || length >= SIZE_MAX / 4 - buffer->length) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->length + length + 1;
    if (needed <= buffer->capacity) {
        return true;
    }
    size_t capacity = buffer->capacity == 0 ? FIRST_CAPACITY : buffer->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    char *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

void vg_buffer_add(struct vg_buffer *buffer, const char *bytes, size_t length)
{
    if (reserve(buffer, length)) {
        if (length > 0) {
            memcpy(buffer->bytes + buffer->length, bytes, length);
        }
        buffer->length += length;
        buffer->bytes[buffer->length] = '\0';
    }
}

void vg_put_raw(struct vg_buffer *b, const char *text)
{
    vg_buffer_add(b, text, strlen(text));
}

/* The escape of a byte that may not stand in a string as it is. */
static void put_escape(struct vg_buffer *b, unsigned char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letter[] = "\"\\bfnrt";
    char text[8];
    const char *found = memchr(plain, c, sizeof plain - 1);
    if (found != NULL) {
        (void)snprintf(text, sizeof text, "\\%c", letter[found - plain]);
    } else {
        (void)snprintf(text, sizeof text, "\\u%04x", c);
    }
    vg_put_raw(b, text);
}

/* What others wrote may be cut in the middle of a character or be no UTF-8 at all;
 * what we write is always well-formed. */
void vg_put_string(struct vg_buffer *b, const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t left = strlen(text);
    size_t plain = 0; /* bytes from `text` that can be copied as they are */
    vg_buffer_add(b, "\"", 1);
    while (plain < left) {
        unsigned char c = (unsigned char)text[plain];
        size_t size = c >= 0x80 ? vg_utf8_size(text + plain, left - plain) : 1;
        if (c >= 0x20 && c != '"' && c != '\\' && size > 0) {
            plain += size;
            continue;
        }
        vg_buffer_add(b, text, plain);
        if (size == 0) {
            vg_put_raw(b, replacement);
        } else {
            put_escape(b, c);
        }
        text += plain + 1;
        left -= plain + 1;
        plain = 0;
    }
    vg_buffer_add(b, text, plain);
    vg_buffer_add(b, "\"", 1);
}

void vg_put_int(struct vg_buffer *b, int64_t number)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)number);
    vg_buffer_add(b, text, (size_t)length);
}

void vg_put_decimal(struct vg_buffer *b, struct vg_decimal number)
{
    char text[VG_DECIMAL_TEXT];
    vg_buffer_add(b, text, vg_decimal_format(number, text, sizeof text));
}

void vg_put_time(struct vg_buffer *b, struct vg_instant at)
{
    char text[VG_TIME_TEXT];
    if (!vg_is_set(at) || vg_is_never(at)) {
        vg_put_raw(b, "null");
        return;
    }
    vg_time_format(at, text);
    vg_put_string(b, text);
}
