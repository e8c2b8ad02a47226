/* SPDX-License-Identifier: Apache-2.0
 *
 * The number of an item: kept as sent, converted, and held against the physically
 * possible.
 */
#include <math.h>
#include <string.h>

#include "decode.h"

/* The word in a field, NULL if it is absent; false if it is no string. */
static bool take_word(const struct vg_item *item, enum vg_item_field field,
                      const char **word)
{
    const cJSON *json = item->field[field];
    *word = NULL;
    if (json == NULL) {
        return true;
    }
    if (!cJSON_IsString(json)) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "%s must be a string",
                              vg_item_field_name(field));
    }
    *word = json->valuestring;
    return true;
}

static bool unknown_word(const struct vg_item *item, enum vg_item_field field,
                         const char *word)
{
    return vg_item_refuse(item, VG_CODE_UNKNOWN, "there is no %s \"%.40s\"",
                          vg_item_field_name(field), word);
}

/* What the sender says of it goes before what the code implies, and that before what is
 * usual for the kind of message. */
static bool read_words(const struct vg_item *item, struct vg_reading *out)
{
    const char *source;
    const char *method;
    const char *quality;
    if (!take_word(item, VG_ITEM_SOURCE, &source) ||
        !take_word(item, VG_ITEM_METHOD, &method) ||
        !take_word(item, VG_ITEM_QUALITY, &quality)) {
        return false;
    }
    if (source != NULL && vg_source_find(source, &out->source) != VG_OK) {
        return unknown_word(item, VG_ITEM_SOURCE, source);
    }
    if (method != NULL && vg_method_find(method, &out->method) != VG_OK) {
        return unknown_word(item, VG_ITEM_METHOD, method);
    }
    if (quality != NULL && vg_quality_find(quality, &out->quality) != VG_OK) {
        return unknown_word(item, VG_ITEM_QUALITY, quality);
    }
    return true;
}

bool vg_reading_begin(const struct vg_item *item, struct vg_reading *out)
{
    *out = (struct vg_reading){
        .signal = item->code.signal,
        .source = item->code.has_source ? item->code.source : item->source,
        .method = item->code.method,
        .measured = item->at,
        .pi = -1,
        .uln = VG_NO_VALUE,
        .lln = VG_NO_VALUE,
        .pulse = item->code.pulse,
    };
    return read_words(item, out);
}

void vg_reading_end(const struct vg_item *item, const struct vg_reading *reading)
{
    const struct vg_signal_info *info = vg_signal_info(reading->signal);
    struct vg_decoder *decoder = item->decoder;
    struct vg_reading *kept = &decoder->reading[decoder->reading_count++];
    *kept = *reading;
    kept->out_of_range =
        reading->value < info->hard_low || reading->value > info->hard_high;
    kept->suspect =
        reading->value < info->plausible_low || reading->value > info->plausible_high;
    if (!kept->out_of_range) {
        return;
    }
    char value[VG_DECIMAL_TEXT];
    char low[VG_DECIMAL_TEXT];
    char high[VG_DECIMAL_TEXT] = "above";
    vg_decimal_format(vg_decimal_of(reading->value, info->places), value, sizeof value);
    vg_decimal_format(vg_decimal_of(info->hard_low, info->places), low, sizeof low);
    if (info->hard_high != VG_NO_HIGH) {
        vg_decimal_format(vg_decimal_of(info->hard_high, info->places), high,
                          sizeof high);
    }
    vg_item_refuse(item, VG_OUT_OF_RANGE, "%s %s is outside %s to %s", value,
                   vg_unit_text(info->unit), low, high);
}

static bool stands_before(const struct vg_reading *ecg, const struct vg_reading *pulse)
{
    return ecg->signal == pulse->signal && ecg->source == pulse->source &&
           ecg->measured.ms == pulse->measured.ms && !ecg->pulse &&
           !ecg->out_of_range && ecg->quality <= VG_QUALITY_QUESTIONABLE &&
           (ecg->quality <= pulse->quality || pulse->out_of_range);
}

void vg_readings_order(struct vg_reading *readings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; readings[i].pulse && j < i; j++) {
            if (stands_before(&readings[j], &readings[i])) {
                const struct vg_reading ecg = readings[j];
                readings[j] = readings[i];
                readings[i] = ecg;
            }
        }
    }
}

static bool read_number(const struct vg_item *item, struct vg_reading *out)
{
    const cJSON *value = item->field[VG_ITEM_VALUE];
    if (!cJSON_IsNumber(value)) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "value must be a number");
    }
    if (!isfinite(value->valuedouble)) { /* 1e999 */
        return vg_item_refuse(item, VG_NOT_FINITE, "the value is too large a number");
    }
    if (vg_decimal_from_double(value->valuedouble, &out->raw) != VG_OK) {
        return vg_item_refuse(item, VG_OUT_OF_RANGE,
                              "the value is beyond anything measured");
    }
    return true;
}

static bool read_unit(const struct vg_item *item, struct vg_reading *out)
{
    const struct vg_signal_info *info = vg_signal_info(out->signal);
    const cJSON *unit = item->field[VG_ITEM_UNIT];
    if (unit == NULL) {
        out->unit = VG_UNIT_NONE;
        return info->unit_optional ||
               vg_item_refuse(item, VG_UNIT_MISSING, "unit is missing");
    }
    if (!cJSON_IsString(unit)) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "unit must be a string");
    }
    const char *text = unit->valuestring;
    if (vg_unit_find(text, strlen(text), &out->unit) != VG_OK) {
        return vg_item_refuse(item, VG_UNIT_UNKNOWN,
                              "there is no unit \"%.30s\"; %s is understood", text,
                              vg_unit_text(info->unit));
    }
    struct vg_conversion conversion;
    if (vg_unit_conversion(info->quantity, out->unit, info->unit, &conversion) !=
        VG_OK) {
        return vg_item_refuse(item, VG_UNIT_UNKNOWN,
                              "the unit \"%.30s\" does not fit; %s does", text,
                              vg_unit_text(info->unit));
    }
    return true;
}

/* Scores are whole: half a point is a mistake, not a rounding matter. */
static bool convert(const struct vg_item *item, struct vg_reading *out)
{
    const struct vg_signal_info *info = vg_signal_info(out->signal);
    if (info->unit == VG_UNIT_SCORE && out->raw.exponent > 0) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "a score must be a whole number");
    }
    if (vg_signal_convert(out->signal, out->raw, out->unit, &out->value) != VG_OK) {
        return vg_item_refuse(item, VG_OUT_OF_RANGE,
                              "the value is beyond anything measured");
    }
    return true;
}

/* What stands beside a value and cannot be is refused by itself and left out: the value is good, and no patient's
 * saturation is dropped for the sake of a perfusion index that a device gives as -1. */

/* The perfusion index beside a saturation, in hundredths of a percent. */
static void read_pi(const struct vg_item *item, struct vg_reading *out)
{
    const cJSON *pi = item->field[VG_ITEM_PI];
    struct vg_decimal raw;
    int64_t steps;
    if (pi == NULL || out->signal != VG_SPO2) {
        return;
    }
    if (!cJSON_IsNumber(pi)) {
        vg_item_refuse(item, VG_WRONG_TYPE, "pi must be a number, it is left out");
    } else if (vg_decimal_from_double(pi->valuedouble, &raw) != VG_OK ||
               vg_signal_convert(VG_PI, raw, VG_UNIT_PERCENT, &steps) != VG_OK ||
               steps < 0 || steps > 10000) {
        vg_item_refuse(item, VG_OUT_OF_RANGE,
                       "pi must be from 0 to 100, it is left out");
    } else {
        out->pi = (int32_t)steps;
    }
}

/* A limit of the laboratory's own, in the unit of the value. */
static void read_limit(const struct vg_item *item, enum vg_item_field field,
                       const struct vg_reading *reading, int64_t *out)
{
    const cJSON *limit = item->field[field];
    struct vg_decimal raw;
    int64_t steps;
    if (limit == NULL) {
        return;
    }
    if (!cJSON_IsNumber(limit)) {
        vg_item_refuse(item, VG_WRONG_TYPE, "%s must be a number, it is left out",
                       vg_item_field_name(field));
    } else if (vg_decimal_from_double(limit->valuedouble, &raw) != VG_OK ||
               vg_signal_convert(reading->signal, raw, reading->unit, &steps) !=
                   VG_OK ||
               steps < 0 || (steps == 0 && field == VG_ITEM_ULN)) {
        vg_item_refuse(item, VG_OUT_OF_RANGE, "%s is out of range, it is left out",
                       vg_item_field_name(field));
    } else {
        *out = steps;
    }
}

void vg_decode_failed(const struct vg_item *item)
{
    struct vg_decoder *decoder = item->decoder;
    struct vg_reading cycle;

    if (vg_reading_begin(item, &cycle) && cycle.source == VG_SOURCE_CUFF &&
        decoder->failed_count < VG_FAILED_CYCLES) {
        decoder->failed[decoder->failed_count++] = cycle.measured;
    }
}

void vg_decode_reading(const struct vg_item *item)
{
    const struct vg_decoder *decoder = item->decoder;
    const size_t before = decoder->refusal_count;
    struct vg_reading reading;
    if (vg_reading_begin(item, &reading) && read_number(item, &reading) &&
        read_unit(item, &reading) && convert(item, &reading)) {
        read_pi(item, &reading);
        read_limit(item, VG_ITEM_ULN, &reading, &reading.uln);
        read_limit(item, VG_ITEM_LLN, &reading, &reading.lln);
        vg_reading_end(item, &reading);
        vg_item_one_answer(item, before,
                           !decoder->reading[decoder->reading_count - 1].out_of_range);
    }
}
