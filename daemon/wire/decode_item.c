/* SPDX-License-Identifier: Apache-2.0
 *
 * One item of `obs`: its code decides what the rest means. A bad item is refused alone.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decode.h"

/* Often sent ones first: they are looked for in this order. */
static const char *const names[VG_ITEM_COUNT] = {
    [VG_ITEM_CODE] = "code",
    [VG_ITEM_VALUE] = "value",
    [VG_ITEM_UNIT] = "unit",
    [VG_ITEM_SOURCE] = "source",
    [VG_ITEM_METHOD] = "method",
    [VG_ITEM_TS] = "ts",
    [VG_ITEM_QUALITY] = "quality",
    [VG_ITEM_PI] = "pi",
    [VG_ITEM_ULN] = "uln",
    [VG_ITEM_LLN] = "lln",
    [VG_ITEM_FLOW] = "flow",
    [VG_ITEM_FIO2] = "fio2",
    [VG_ITEM_ON] = "on",
    [VG_ITEM_PRODUCT] = "product",
    [VG_ITEM_DOSE_ID] = "dose_id",
    [VG_ITEM_ITEMS] = "items",
    [VG_ITEM_UNAROUSABLE] = "unarousable",
    [VG_ITEM_DURATION] = "duration_s",
    [VG_ITEM_NO_RETURN] = "no_return",
    [VG_ITEM_HAEMORRHAGE] = "haemorrhage",
    [VG_ITEM_BY] = "by",
    [VG_ITEM_UNTIL] = "until",
};

const char *vg_item_field_name(enum vg_item_field field)
{
    return names[field];
}

bool vg_item_refuse(const struct vg_item *item, enum vg_reason reason,
                    const char *format, ...)
{
    char text[160];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (item->name[0] == '\0') {
        return vg_refuse(item->decoder, item->index, reason, "obs[%d]: %s", item->index,
                         text);
    }
    return vg_refuse(item->decoder, item->index, reason, "obs[%d] \"%.40s\": %s",
                     item->index, item->name, text);
}

void vg_item_one_answer(const struct vg_item *item, size_t before, bool first)
{
    struct vg_decoder *decoder = item->decoder;

    if (decoder->refusal_count > before + 1) {
        decoder->refusal[before] =
            decoder->refusal[first ? before : decoder->refusal_count - 1];
        decoder->refusal_count = before + 1;
    }
}

bool vg_item_flag(const struct vg_item *item, enum vg_item_field field, bool *out)
{
    const cJSON *json = item->field[field];
    if (json == NULL) {
        return true;
    }
    if (!cJSON_IsBool(json)) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "%s must be true or false",
                              names[field]);
    }
    *out = cJSON_IsTrue(json);
    return true;
}

static bool read_code(struct vg_item *item)
{
    const cJSON *code = item->field[VG_ITEM_CODE];
    if (code == NULL) {
        return vg_item_refuse(item, VG_FIELD_MISSING, "code is missing");
    }
    if (!cJSON_IsString(code)) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "code must be a string");
    }
    item->name = code->valuestring;
    if (vg_signal_find(item->name, strlen(item->name), &item->code) != VG_OK) {
        return vg_item_refuse(item, VG_CODE_UNKNOWN, "no such code");
    }
    return true;
}

static bool read_time(struct vg_item *item)
{
    const cJSON *ts = item->field[VG_ITEM_TS];
    if (ts != NULL && !vg_take_time(ts, &item->at)) {
        return vg_item_refuse(item, VG_BAD_TIME, "ts is not a time from 2000 to 2100");
    }
    return true;
}

/* ICE has other ways to give its value: its items, or that it could not be done. */
static bool has_value(const struct vg_item *item)
{
    return item->field[VG_ITEM_VALUE] != NULL ||
           (item->code.signal == VG_ICE && (item->field[VG_ITEM_ITEMS] != NULL ||
                                            item->field[VG_ITEM_UNAROUSABLE] != NULL));
}

void vg_decode_item(struct vg_decoder *decoder, const struct vg_message *message,
                    int index, const cJSON *json)
{
    struct vg_item item = {
        .decoder = decoder,
        .index = index,
        .name = "",
        .source =
            message->kind == VG_KIND_VITALS ? VG_SOURCE_CONTINUOUS : VG_SOURCE_SPOT,
        .at = message->measured,
    };
    if (!cJSON_IsObject(json)) {
        vg_item_refuse(&item, VG_WRONG_TYPE, "an item must be an object");
        return;
    }
    vg_json_pick(json, names, VG_ITEM_COUNT, item.field);
    if (!read_code(&item)) {
        return;
    }
    if (!has_value(&item)) {
        if (item.code.signal == VG_SBP && read_time(&item)) {
            vg_decode_failed(&item);
        }
        return;
    }
    if (!read_time(&item)) {
        return;
    }
    if (item.code.signal == VG_ICE) {
        vg_decode_ice(&item);
    } else if (item.code.signal < VG_MEASURED_COUNT) {
        vg_decode_reading(&item);
    } else {
        vg_decode_chart(&item);
    }
}
