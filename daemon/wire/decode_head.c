/* SPDX-License-Identifier: Apache-2.0
 *
 * What all messages have in common: who sent it, its number, its time, and how words
 * and times are taken from JSON.
 */
#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "json_text.h"
#include "utf8.h"

bool vg_take_time(const cJSON *item, struct vg_instant *out)
{
    char digits[24];
    int64_t ms;
    if (cJSON_IsString(item)) {
        const char *text = item->valuestring;
        const size_t length = strlen(text);
        return strspn(text, "0123456789") < length /* a number stands without quotes */
               && vg_time_parse(text, length, out) == VG_OK;
    }
    if (!vg_json_integer(item, &ms)) {
        return false;
    }
    int length = snprintf(digits, sizeof digits, "%lld", (long long)ms);
    return vg_time_parse(digits, (size_t)length, out) == VG_OK;
}

static bool take_checked(const cJSON *item, char *out, size_t capacity,
                         bool (*valid)(const char *text, size_t length))
{
    if (item == NULL) {
        return true;
    }
    if (!cJSON_IsString(item)) {
        return false;
    }
    size_t length = strlen(item->valuestring);
    if (length == 0 || length >= capacity || !valid(item->valuestring, length)) {
        return false;
    }
    memcpy(out, item->valuestring, length + 1);
    return true;
}

static bool name_text(const char *text, size_t length)
{
    static const char legal[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789._-";
    return strspn(text, legal) == length;
}

bool vg_take_text(const cJSON *item, char *out, size_t capacity)
{
    return take_checked(item, out, capacity, vg_utf8_plain);
}

bool vg_take_name(const cJSON *item, char *out, size_t capacity)
{
    return take_checked(item, out, capacity, name_text);
}

bool vg_listed(const char *const *list, const char *word)
{
    while (*list != NULL && strcmp(*list, word) != 0) {
        list++;
    }
    return *list != NULL;
}

/* "unknown" stands for the gateways that name no gateway; nobody may be called that. */
static bool gateway_valid(const char *text, size_t length)
{
    return vg_id_valid(text, length) && strcmp(text, "unknown") != 0;
}

static bool seq_valid(const cJSON *seq, uint64_t *out)
{
    int64_t number;
    if (!vg_json_integer(seq, &number) || number < 1 || number > VG_SEQ_MOST) {
        return false;
    }
    *out = (uint64_t)number;
    return true;
}

/* A number counts only within its epoch: without one it is left out. */
void vg_head_origin(const struct vg_fields *fields, struct vg_origin *out)
{
    const cJSON *const *head = fields->head;
    (void)take_checked(head[VG_HEAD_GATEWAY], out->gateway, sizeof out->gateway,
                       gateway_valid);
    (void)take_checked(head[VG_HEAD_EPOCH], out->epoch, sizeof out->epoch,
                       vg_epoch_valid);
    if (out->epoch[0] != '\0' && head[VG_HEAD_SEQ] != NULL) {
        (void)seq_valid(head[VG_HEAD_SEQ], &out->seq);
    }
}

/* Whether the object's own brace is there, perhaps behind a comma too many or a value that is missing. */
static bool has_end(struct vg_text_scan *scan, const char *const *names, size_t count,
                    struct vg_text_slice *found)
{
    return vg_text_members(scan, names, count, found) ||
           (scan->at < scan->end && *scan->at == '}');
}

/* NaN, a comma too many: what encloses them stands all the same. Whose end is not there is not counted, for it may come
 * whole under the same number; but we ourselves cut what is much too long. */
const cJSON *vg_head_find(struct vg_decoder *decoder, const struct vg_letter *letter)
{
    static const char *const names[] = {"\"gateway\"", "\"epoch\"", "\"seq\""};
    const char *bytes = letter->payload;
    struct vg_text_scan scan = {bytes, bytes, bytes + letter->payload_length};
    struct vg_text_slice found[3] = {{NULL, 0}};
    char text[256];
    size_t used = 0;

    if (!has_end(&scan, names, 3, found) &&
        letter->payload_length < (size_t)VG_LETTER_BYTES) {
        return NULL;
    }
    for (size_t i = 0; i < 3; i++) {
        if (found[i].text != NULL && found[i].length <= 64) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%c%s:%.*s",
                                     used == 0 ? '{' : ',', names[i],
                                     (int)found[i].length, found[i].text);
        }
    }
    text[used++] = '}';
    return vg_json_parse(decoder->json, text, used);
}

static bool check_number(struct vg_decoder *decoder, const struct vg_fields *fields)
{
    const cJSON *epoch = fields->head[VG_HEAD_EPOCH];
    const cJSON *seq = fields->head[VG_HEAD_SEQ];
    uint64_t number;
    if (epoch == NULL && seq == NULL) {
        return true;
    }
    if (epoch == NULL || seq == NULL) {
        return vg_refuse(decoder, -1, VG_FIELD_MISSING,
                         "%s is missing: epoch and seq go together",
                         epoch == NULL ? "epoch" : "seq");
    }
    if (!cJSON_IsNumber(seq) || !seq_valid(seq, &number)) {
        return vg_refuse(decoder, -1, VG_WRONG_TYPE,
                         "seq must be a whole number from 1 to 2^53 - 1");
    }
    return true;
}

bool vg_head_check(struct vg_decoder *decoder, const struct vg_fields *fields)
{
    static const struct {
        enum vg_head field;
        const char *name;
        bool (*valid)(const char *text, size_t length);
        const char *rule;
    } ids[] = {
        {VG_HEAD_GATEWAY, "gateway", gateway_valid,
         "1 to 32 of a-z 0-9 . _ -, first a letter or digit, not \"unknown\""},
        {VG_HEAD_DEVICE, "device", vg_id_valid,
         "1 to 32 of a-z 0-9 . _ -, first a letter or digit"},
        {VG_HEAD_EPOCH, "epoch", vg_epoch_valid, "1 to 32 of A-Z a-z 0-9 . _ -"},
        {VG_HEAD_PATIENT, "patient", vg_patient_valid,
         "1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit"},
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const cJSON *item = fields->head[ids[i].field];
        if (item != NULL && !cJSON_IsString(item)) {
            return vg_refuse(decoder, -1, VG_WRONG_TYPE, "%s must be a string",
                             ids[i].name);
        }
        if (item != NULL &&
            !ids[i].valid(item->valuestring, strlen(item->valuestring))) {
            return vg_refuse(decoder, -1, VG_BAD_ID, "%s must be %s", ids[i].name,
                             ids[i].rule);
        }
    }
    return check_number(decoder, fields);
}

bool vg_head_require(struct vg_decoder *decoder, const struct vg_fields *fields,
                     unsigned set)
{
    static const struct {
        enum vg_head field;
        const char *name;
    } rows[] = {{VG_HEAD_GATEWAY, "gateway"}, {VG_HEAD_TS, "ts"}, {VG_HEAD_OBS, "obs"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool wanted = (set & 1U << rows[i].field) != 0;
        if (wanted && fields->head[rows[i].field] == NULL) {
            return vg_refuse(decoder, -1, VG_FIELD_MISSING, "%s is missing",
                             rows[i].name);
        }
    }
    return true;
}

bool vg_head_time(struct vg_decoder *decoder, const struct vg_fields *fields,
                  struct vg_instant *out)
{
    if (vg_take_time(fields->head[VG_HEAD_TS], out)) {
        return true;
    }
    return vg_refuse(decoder, -1, VG_BAD_TIME,
                     "ts must be a time with zone (2026-11-23T06:12:00.000Z) or "
                     "milliseconds since 1970, from 2000 to 2100");
}
