/* SPDX-License-Identifier: Apache-2.0
 *
 * The ICE score: ten points, each of which may be sent by itself (Clinical reference
 * 2.1).
 */
#include "decode.h"

#define ITEMS 10

/* Reads the items into two bits each; *sum and *count of those that were sent. */
static bool read_items(const struct vg_item *item, struct vg_reading *out, int64_t *sum,
                       size_t *count)
{
    static const char *const names[ITEMS] = {
        "year",  "month", "city",    "hospital", "name1",
        "name2", "name3", "command", "sentence", "attention"};
    const cJSON *items = item->field[VG_ITEM_ITEMS];
    const cJSON *field[ITEMS];
    if (items != NULL && !cJSON_IsObject(items)) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "items must be an object");
    }
    vg_json_pick(items, names, ITEMS, field);
    for (size_t i = 0; i < ITEMS; i++) {
        int64_t point;
        if (field[i] == NULL) {
            continue;
        }
        if (!vg_json_integer(field[i], &point) || point < 0 || point > 1) {
            return vg_item_refuse(item, VG_WRONG_TYPE, "items.%s must be 0 or 1",
                                  names[i]);
        }
        out->ice_items |= (uint32_t)(point + 1) << (2 * i);
        *sum += point;
        *count += 1;
    }
    return true;
}

/* Without a total the items must all be there: one that is missing is not a zero.
 * Who cannot be roused has 0 (2.2). */
static bool read_total(const struct vg_item *item, struct vg_reading *out, int64_t sum,
                       size_t count)
{
    const cJSON *value = item->field[VG_ITEM_VALUE];
    if (value == NULL && count == 0 && out->unarousable) {
        out->value = 0;
    } else if (value == NULL && count == ITEMS) {
        out->value = sum;
    } else if (value == NULL) {
        return vg_item_refuse(item, VG_FIELD_MISSING,
                              "without a value all ten items must be there, not %zu",
                              count);
    } else if (!vg_json_integer(value, &out->value)) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "value must be a whole number");
    }
    out->raw = vg_decimal_of(out->value, 0);
    return true;
}

static bool check_unit(const struct vg_item *item)
{
    const cJSON *unit = item->field[VG_ITEM_UNIT];
    static const char *const legal[] = {"{score}", NULL};
    if (unit == NULL || (cJSON_IsString(unit) && vg_listed(legal, unit->valuestring))) {
        return true;
    }
    return vg_item_refuse(item, VG_UNIT_UNKNOWN, "the unit must be {score}");
}

void vg_decode_ice(const struct vg_item *item)
{
    struct vg_reading reading;
    int64_t sum = 0;
    size_t count = 0;
    if (!vg_reading_begin(item, &reading) || !check_unit(item) ||
        !vg_item_flag(item, VG_ITEM_UNAROUSABLE, &reading.unarousable) ||
        !read_items(item, &reading, &sum, &count)) {
        return;
    }
    bool nothing =
        item->field[VG_ITEM_VALUE] == NULL && count == 0 && !reading.unarousable;
    if (!nothing && read_total(item, &reading, sum, count)) {
        vg_reading_end(item, &reading);
    }
}
