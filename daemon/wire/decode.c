/* SPDX-License-Identifier: Apache-2.0
 *
 * A letter as a whole: what may not be, what it is, and who sent it. The first fault
 * in the order of the checks below is the one that is answered; who sent it is read
 * whenever the JSON is good, so that the answer reaches him.
 */
#include "decode.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

/* Holds the tree of any message of legal size but for freaks, which spill to malloc. */
#define ARENA_BYTES ((size_t)256 * 1024)
/* Larger than this is not parsed. */
#define LOOK_BYTES ((size_t)VG_LETTER_BYTES)

struct vg_decoder *vg_decoder_create(const char *root)
{
    struct vg_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        return NULL;
    }
    decoder->json = vg_json_create(ARENA_BYTES);
    if (decoder->json == NULL || !vg_copy(decoder->root, sizeof decoder->root, root)) {
        vg_decoder_destroy(decoder);
        return NULL;
    }
    return decoder;
}

void vg_decoder_destroy(struct vg_decoder *decoder)
{
    if (decoder != NULL) {
        vg_json_destroy(decoder->json);
        free(decoder);
    }
}

bool vg_refuse(struct vg_decoder *decoder, int item, enum vg_reason reason,
               const char *format, ...)
{
    size_t room = sizeof decoder->refusal / sizeof *decoder->refusal;
    if (decoder->refusal_count == room) {
        return false;
    }
    struct vg_refusal *refusal = &decoder->refusal[decoder->refusal_count++];
    refusal->reason = reason;
    refusal->item = item;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(refusal->detail, sizeof refusal->detail, format, arguments);
    va_end(arguments);
    vg_utf8_blank(refusal->detail); /* it quotes what came */
    return false;
}

/* What can be said without looking inside. The status of a gateway is retained by
 * contract. */
static bool check_letter(struct vg_decoder *decoder, const struct vg_letter *letter,
                         const struct vg_topic *topic)
{
    if (letter->retained && topic->kind != VG_TOPIC_GATEWAY_STATUS) {
        return vg_refuse(decoder, -1, VG_RETAINED,
                         topic->kind == VG_TOPIC_COMMAND
                             ? "a command must not be retained: it would be given "
                               "again and again"
                             : "the message is retained: its time may be long ago");
    }
    if (letter->payload_length > VG_MESSAGE_BYTES) {
        return vg_refuse(decoder, -1, VG_TOO_BIG, "%zu bytes, the limit is %d",
                         letter->payload_length, VG_MESSAGE_BYTES);
    }
    return true;
}

static bool has_items(const struct vg_topic *topic)
{
    return topic->kind == VG_TOPIC_BED && topic->message != VG_KIND_EPISODE;
}

/* The tree, or NULL; and a refusal, unless there is one already, if it is not good. Of items a number too large is
 * their own affair (decode_item.c). What else is not good is read for its sender alone, as far as it goes: the
 * answer must reach him, and its number count as stored, or it would be sent for ever. Nobody sends
 * a command again. */
static const cJSON *read_json(struct vg_decoder *decoder,
                              const struct vg_letter *letter,
                              const struct vg_topic *topic)
{
    struct vg_refusal why;
    const cJSON *root = NULL;
    if (letter->payload_length > LOOK_BYTES) {
        return vg_head_find(decoder, letter);
    }
    if (!vg_guard_read(&decoder->guard, letter->payload, letter->payload_length,
                       decoder->json, &root, &why)) {
        const bool large = why.reason == VG_NOT_FINITE;
        if (decoder->refusal_count == 0 && !(large && has_items(topic))) {
            vg_refuse(decoder, -1, why.reason, "%s", why.detail);
        }
        if (!large && topic->kind == VG_TOPIC_COMMAND) {
            return NULL;
        }
        root = vg_json_parse(decoder->json, letter->payload, letter->payload_length);
    }
    if (root == NULL && decoder->refusal_count == 0) {
        vg_refuse(decoder, -1, VG_NOT_JSON, "the JSON could not be read");
    }
    return root != NULL || topic->kind == VG_TOPIC_COMMAND
               ? root
               : vg_head_find(decoder, letter);
}

static bool check_topic(struct vg_decoder *decoder, const struct vg_letter *letter,
                        enum vg_status status)
{
    if (status == VG_OK) {
        return true;
    }
    int length = letter->topic_length < 100 ? (int)letter->topic_length : 100;
    return vg_refuse(decoder, -1, VG_BAD_ID,
                     status == VG_ABSENT
                         ? "the topic is none of ours: %.*s"
                         : "an identifier in the topic is malformed: %.*s",
                     length, letter->topic);
}

static bool decode_message(struct vg_decoder *decoder, const struct vg_fields *fields,
                           struct vg_decoded *out)
{
    const cJSON *obs = fields->head[VG_HEAD_OBS];
    struct vg_message *message = &out->message;
    out->kind = VG_DECODED_MESSAGE;
    *message = (struct vg_message){.kind = out->topic.message, .origin = out->origin};
    memcpy(message->ward, out->topic.ward, sizeof message->ward);
    memcpy(message->bed, out->topic.bed, sizeof message->bed);
    if (!vg_head_check(decoder, fields)) {
        return false;
    }
    if (!cJSON_IsArray(obs)) {
        return vg_refuse(decoder, -1, VG_WRONG_TYPE, "obs must be a list");
    }
    if (!vg_head_time(decoder, fields, &message->measured)) {
        return false;
    }
    (void)vg_take_name(fields->head[VG_HEAD_PATIENT], message->patient,
                       sizeof message->patient);
    (void)vg_take_name(fields->head[VG_HEAD_DEVICE], message->device,
                       sizeof message->device);
    int index = 0;
    for (const cJSON *item = obs->child; item != NULL; item = item->next) {
        vg_decode_item(decoder, message, index++, item);
    }
    vg_readings_order(decoder->reading, decoder->reading_count);
    message->reading_count = decoder->reading_count;
    message->readings = decoder->reading;
    message->entry_count = decoder->entry_count;
    message->entries = decoder->entry;
    message->failed_count = decoder->failed_count;
    memcpy(message->failed, decoder->failed, sizeof message->failed);
    return true;
}

static bool decode_status_fields(struct vg_decoder *decoder, const cJSON *root,
                                 struct vg_gateway_status *status)
{
    static const char *const names[] = {"state", "from"};
    static const char *const states[] = {"online", "offline", NULL};
    const cJSON *field[2];
    int64_t from = 0;
    vg_json_pick(root, names, 2, field);
    if (field[0] == NULL) {
        return vg_refuse(decoder, -1, VG_FIELD_MISSING, "state is missing");
    }
    if (!cJSON_IsString(field[0])) {
        return vg_refuse(decoder, -1, VG_WRONG_TYPE, "state must be a string");
    }
    if (!vg_listed(states, field[0]->valuestring)) {
        return vg_refuse(decoder, -1, VG_CODE_UNKNOWN,
                         "state must be \"online\" or \"offline\"");
    }
    if (field[1] != NULL &&
        (!vg_json_integer(field[1], &from) || from < 1 || from > VG_SEQ_MOST)) {
        return vg_refuse(decoder, -1, VG_WRONG_TYPE,
                         "from must be a whole number from 1 to 2^53 - 1");
    }
    status->online = strcmp(field[0]->valuestring, "online") == 0;
    status->from = (uint64_t)from;
    return true;
}

static bool decode_status(struct vg_decoder *decoder, const cJSON *root,
                          const struct vg_fields *fields, struct vg_decoded *out)
{
    struct vg_gateway_status *status = &out->status;
    const cJSON *epoch = fields->head[VG_HEAD_EPOCH];
    out->kind = VG_DECODED_GATEWAY;
    *status = (struct vg_gateway_status){.ts = VG_UNSET};
    memcpy(status->gateway, out->topic.gateway, sizeof status->gateway);
    if (!decode_status_fields(decoder, root, status)) {
        return false;
    }
    if (epoch != NULL && !vg_take_name(epoch, status->epoch, sizeof status->epoch)) {
        return vg_refuse(decoder, -1, VG_BAD_ID,
                         "epoch must be 1 to 32 of A-Z a-z 0-9 . _ -");
    }
    return fields->head[VG_HEAD_TS] == NULL ||
           vg_head_time(decoder, fields, &status->ts);
}

/* The checks that come before any identifier is looked at. */
static bool check_shape(struct vg_decoder *decoder, const cJSON *root,
                        const struct vg_fields *fields, const struct vg_topic *topic)
{
    if (!cJSON_IsObject(root)) {
        return vg_refuse(decoder, -1, VG_WRONG_TYPE, "the message must be an object");
    }
    if (topic->kind != VG_TOPIC_BED) {
        return true;
    }
    if (topic->message == VG_KIND_EPISODE) {
        return vg_head_require(decoder, fields, 1U << VG_HEAD_TS);
    }
    const cJSON *obs = fields->head[VG_HEAD_OBS];
    if (cJSON_IsArray(obs) && cJSON_GetArraySize(obs) > VG_MESSAGE_ITEMS) {
        return vg_refuse(decoder, -1, VG_TOO_MANY, "%d items in obs, the limit is %d",
                         cJSON_GetArraySize(obs), VG_MESSAGE_ITEMS);
    }
    return vg_head_require(
        decoder, fields, 1U << VG_HEAD_GATEWAY | 1U << VG_HEAD_TS | 1U << VG_HEAD_OBS);
}

static bool decode_inside(struct vg_decoder *decoder, const cJSON *root,
                          const struct vg_fields *fields, struct vg_decoded *out)
{
    switch (out->topic.kind) {
    case VG_TOPIC_GATEWAY_STATUS:
        return decode_status(decoder, root, fields, out);
    case VG_TOPIC_COMMAND: /* has gone its own way: it is answered, never refused */
    case VG_TOPIC_BED:
        break;
    }
    if (out->topic.message != VG_KIND_EPISODE) {
        return decode_message(decoder, fields, out);
    }
    out->kind = VG_DECODED_EPISODE;
    out->admission = (struct vg_admission){.origin = out->origin};
    memcpy(out->admission.ward, out->topic.ward, sizeof out->admission.ward);
    memcpy(out->admission.bed, out->topic.bed, sizeof out->admission.bed);
    return vg_decode_episode(decoder, root, fields, &out->admission);
}

/* Of a status the topic says which gateway it is; what the payload says of that is not asked. And it has no number: a
 * "seq" in one that is refused would count as come, and the message of that number be refused. */
static void read_origin(const struct vg_fields *fields, struct vg_decoded *out)
{
    vg_head_origin(fields, &out->origin);
    if (out->topic.kind == VG_TOPIC_GATEWAY_STATUS) {
        memcpy(out->origin.gateway, out->topic.gateway, sizeof out->origin.gateway);
        out->origin.seq = 0;
    }
}

void vg_decoder_known(struct vg_decoder *decoder, bool logged_in)
{
    decoder->next_logged_in = logged_in;
}

void vg_decode(struct vg_decoder *decoder, const struct vg_letter *letter,
               struct vg_decoded *out)
{
    static const char *const names[VG_HEAD_COUNT] = {
        [VG_HEAD_GATEWAY] = "gateway", [VG_HEAD_EPOCH] = "epoch",
        [VG_HEAD_SEQ] = "seq",         [VG_HEAD_TS] = "ts",
        [VG_HEAD_PATIENT] = "patient", [VG_HEAD_DEVICE] = "device",
        [VG_HEAD_OBS] = "obs",
    };
    struct vg_fields fields = {0};
    decoder->refusal_count = decoder->reading_count = decoder->entry_count = 0;
    decoder->failed_count = 0;
    decoder->logged_in = decoder->next_logged_in;
    decoder->next_logged_in = false;
    memset(&out->origin, 0, sizeof out->origin);
    enum vg_status topic =
        vg_topic_parse(decoder->root, letter->topic, letter->topic_length, &out->topic);
    bool good = check_letter(decoder, letter, &out->topic);
    const cJSON *root = read_json(decoder, letter, &out->topic);
    if (topic == VG_OK && out->topic.kind == VG_TOPIC_COMMAND) {
        vg_decode_command(decoder, root, out);
        return;
    }
    vg_json_pick(root, names, VG_HEAD_COUNT, fields.head);
    read_origin(&fields, out);
    if (root != NULL) {
        good = good && decoder->refusal_count == 0 &&
               (topic != VG_ABSENT || check_topic(decoder, letter, topic)) &&
               check_shape(decoder, root, &fields, &out->topic) &&
               check_topic(decoder, letter, topic) &&
               decode_inside(decoder, root, &fields, out);
    }
    if (root == NULL || !good) {
        out->kind = VG_DECODED_REFUSED;
    }
    out->refusal_count = decoder->refusal_count;
    out->refusal = decoder->refusal;
}
