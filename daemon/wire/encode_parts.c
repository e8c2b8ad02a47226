/* SPDX-License-Identifier: Apache-2.0
 *
 * The pieces of encode_parts.h.
 */
#include "encode_parts.h"

void vg_key(struct vg_buffer *b, const char *key)
{
    vg_put_raw(b, ",\"");
    vg_put_raw(b, key);
    vg_put_raw(b, "\":");
}

void vg_key_text(struct vg_buffer *b, const char *key, const char *text)
{
    vg_key(b, key);
    vg_put_string(b, text);
}

void vg_key_text_or_null(struct vg_buffer *b, const char *key, const char *text)
{
    vg_key(b, key);
    if (text[0] == '\0') {
        vg_put_raw(b, "null");
    } else {
        vg_put_string(b, text);
    }
}

void vg_key_int(struct vg_buffer *b, const char *key, int64_t number)
{
    vg_key(b, key);
    vg_put_int(b, number);
}

void vg_key_bool(struct vg_buffer *b, const char *key, bool yes)
{
    vg_key(b, key);
    vg_put_raw(b, yes ? "true" : "false");
}

void vg_key_time(struct vg_buffer *b, const char *key, struct vg_instant at)
{
    vg_key(b, key);
    vg_put_time(b, at);
}
