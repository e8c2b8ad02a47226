/* SPDX-License-Identifier: Apache-2.0
 *
 * Members of an object as they are written: the comma and the key before the value. Every
 * member but the first of an object is put with these.
 */
#ifndef VIGIL_WIRE_ENCODE_PARTS_H
#define VIGIL_WIRE_ENCODE_PARTS_H

#include "vigil/wire.h"

void vg_key(struct vg_buffer *b, const char *key);
void vg_key_text(struct vg_buffer *b, const char *key, const char *text);
void vg_key_text_or_null(struct vg_buffer *b, const char *key, const char *text);
void vg_key_int(struct vg_buffer *b, const char *key, int64_t number);
void vg_key_bool(struct vg_buffer *b, const char *key, bool yes);
void vg_key_time(struct vg_buffer *b, const char *key, struct vg_instant at);

/* The members of an alert, without the closing brace. */
void vg_put_alert_open(struct vg_buffer *b, const struct vg_alert *alert,
                       bool persisted);

#endif
