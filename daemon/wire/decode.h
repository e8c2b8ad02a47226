/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the decoder share. decode.c takes a letter as a whole,
 * decode_head.c what all messages have in common, decode_item.c one item of `obs`,
 * decode_reading.c its number, decode_chart.c a charted entry, decode_ice.c an ICE
 * score, decode_episode.c an admission, and decode_command.c what a person asks.
 */
#ifndef VIGIL_WIRE_DECODE_H
#define VIGIL_WIRE_DECODE_H

#include "vigil/wire.h"

#include "json.h"
#include "json_guard.h"

struct vg_decoder {
    char root[VG_TOPIC_LEN + 1];
    struct vg_json *json;
    struct vg_guard guard;
    bool logged_in, next_logged_in; /* who sent this letter; the next one */
    size_t refusal_count, reading_count, entry_count, failed_count;
    struct vg_instant failed[VG_FAILED_CYCLES];
    /* An item has at most one refusal; so have the fields of an admission. */
    struct vg_refusal refusal[VG_MESSAGE_ITEMS + 1];
    struct vg_reading reading[VG_MESSAGE_ITEMS];
    struct vg_entry entry[VG_MESSAGE_ITEMS];
};

/* Adds a refusal with its sentence; `item` -1 is the message. More than there is
 * room for are dropped. Always returns false: `return vg_refuse(...)`. */
bool vg_refuse(struct vg_decoder *decoder, int item, enum vg_reason reason,
               const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- Fields that messages have in common */

enum vg_head {
    VG_HEAD_GATEWAY,
    VG_HEAD_EPOCH,
    VG_HEAD_SEQ,
    VG_HEAD_TS,
    VG_HEAD_PATIENT,
    VG_HEAD_DEVICE,
    VG_HEAD_OBS,
    VG_HEAD_COUNT
};
struct vg_fields {
    const cJSON *head[VG_HEAD_COUNT];
};

/* An object of what names the sender and the number of a letter that no parser takes; NULL: none is found. */
const cJSON *vg_head_find(struct vg_decoder *decoder, const struct vg_letter *letter);
/* Reads leniently what names the sender and the number of the message. */
void vg_head_origin(const struct vg_fields *fields, struct vg_origin *out);
/* Identifiers, and that epoch and seq are well formed and together. */
bool vg_head_check(struct vg_decoder *decoder, const struct vg_fields *fields);
/* That the fields of this set (bits 1 << VG_HEAD_…) are there. */
bool vg_head_require(struct vg_decoder *decoder, const struct vg_fields *fields,
                     unsigned set);
/* The message's own time. */
bool vg_head_time(struct vg_decoder *decoder, const struct vg_fields *fields,
                  struct vg_instant *out);

/* Whole numbers above it are not told apart: JSON's are doubles here. */
#define VG_SEQ_MOST ((INT64_C(1) << 53) - 1)

/* A time as text (RFC 3339) or as milliseconds (a number); false if it is neither. */
bool vg_take_time(const cJSON *item, struct vg_instant *out);
/* Copies a string that fits; false if it is none, empty, too long or not plain (utf8.h). NULL: leaves
 * out as is. */
bool vg_take_text(const cJSON *item, char *out, size_t capacity);
/* Copies a name of [A-Za-z0-9._-] that fits; else as vg_take_text. */
bool vg_take_name(const cJSON *item, char *out, size_t capacity);

/* ---- Items of obs */

enum vg_item_field {
    VG_ITEM_CODE,
    VG_ITEM_VALUE,
    VG_ITEM_UNIT,
    VG_ITEM_SOURCE,
    VG_ITEM_METHOD,
    VG_ITEM_TS,
    VG_ITEM_QUALITY,
    VG_ITEM_PI,
    VG_ITEM_ULN,
    VG_ITEM_LLN,
    VG_ITEM_FLOW,
    VG_ITEM_FIO2,
    VG_ITEM_ON,
    VG_ITEM_PRODUCT,
    VG_ITEM_DOSE_ID,
    VG_ITEM_ITEMS,
    VG_ITEM_UNAROUSABLE,
    VG_ITEM_DURATION,
    VG_ITEM_NO_RETURN,
    VG_ITEM_HAEMORRHAGE,
    VG_ITEM_BY,
    VG_ITEM_UNTIL,
    VG_ITEM_COUNT
};

struct vg_item {
    struct vg_decoder *decoder;
    int index;
    const char *name; /* its code as sent, "" if it has none */
    struct vg_code code;
    enum vg_source source; /* the default of this kind of message */
    struct vg_instant at;
    const cJSON *field[VG_ITEM_COUNT];
};

/* As vg_refuse, the sentence begins with the item's place and name. */
bool vg_item_refuse(const struct vg_item *item, enum vg_reason reason,
                    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* An item has one refusal at most. Of several since there were `before`: the first if it is only about what
 * stands beside what is taken; else the last, for which it is not taken. */
void vg_item_one_answer(const struct vg_item *item, size_t before, bool first);

/* Decodes one element of obs; what is good is appended to the decoder's arrays. */
void vg_decode_item(struct vg_decoder *decoder, const struct vg_message *message,
                    int index, const cJSON *json);

/* Each appends to the decoder's arrays or refuses the item. */
void vg_decode_reading(const struct vg_item *item);
/* One of a systolic pressure by cuff that has no value: a cycle that failed. */
void vg_decode_failed(const struct vg_item *item);
void vg_decode_ice(const struct vg_item *item);
void vg_decode_chart(const struct vg_item *item);

/* Time, source, method and quality of a reading. */
bool vg_reading_begin(const struct vg_item *item, struct vg_reading *out);
/* Appends it, marked and refused if it is out of range. */
void vg_reading_end(const struct vg_item *item, const struct vg_reading *reading);

/* Of one instant the later reading corrects the earlier: a rate of the ECG, if usable, goes behind the pulse that the
 * oximeter of the same monitor counts. */
void vg_readings_order(struct vg_reading *readings, size_t count);

/* true or false; absent leaves out as is. */
bool vg_item_flag(const struct vg_item *item, enum vg_item_field field, bool *out);
const char *vg_item_field_name(enum vg_item_field field);

/* Closed lists, NULL at the end. */
bool vg_listed(const char *const *list, const char *word);

/* ---- Admissions */

bool vg_decode_episode(struct vg_decoder *decoder, const cJSON *root,
                       const struct vg_fields *fields, struct vg_admission *out);

/* ---- Commands */

/* `root` is NULL if it is not JSON. Whatever was refused before or is now, the command
 * comes back to be answered: the refusal is its `invalid`. */
void vg_decode_command(struct vg_decoder *decoder, const cJSON *root,
                       struct vg_decoded *out);

#endif
