/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of readings, messages and refusals as the outside contract spells them.
 */
#include "vigil/reading.h"

#include <assert.h>

#include "row.h"

static const char *const qualities[VG_QUALITY_COUNT] = {
    [VG_QUALITY_VALID] = "valid",     [VG_QUALITY_QUESTIONABLE] = "questionable",
    [VG_QUALITY_INVALID] = "invalid", [VG_QUALITY_CALIBRATING] = "calibrating",
    [VG_QUALITY_TEST] = "test",
};

const char *vg_quality_text(enum vg_quality quality)
{
    assert(quality < VG_QUALITY_COUNT);
    return qualities[quality];
}

enum vg_status vg_quality_find(const char *text, enum vg_quality *out)
{
    size_t found = vg_name_find(qualities, VG_QUALITY_COUNT, text);
    if (found == VG_QUALITY_COUNT) {
        return VG_ABSENT;
    }
    *out = (enum vg_quality)found;
    return VG_OK;
}

const char *vg_kind_text(enum vg_kind kind)
{
    static const char *const kinds[VG_KIND_COUNT] = {
        [VG_KIND_VITALS] = "vitals",         [VG_KIND_LABS] = "labs",
        [VG_KIND_ASSESSMENT] = "assessment", [VG_KIND_THERAPY] = "therapy",
        [VG_KIND_EPISODE] = "episode",
    };
    assert(kind < VG_KIND_COUNT);
    return kinds[kind];
}

static const char *const products[VG_PRODUCT_COUNT] = {
    [VG_PRODUCT_UNKNOWN] = "",
    [VG_CAR_T] = "car_t",
    [VG_CAR_NK] = "car_nk",
    [VG_NK] = "nk",
};

const char *vg_product_text(enum vg_product product)
{
    assert(product < VG_PRODUCT_COUNT);
    return products[product];
}

enum vg_status vg_product_find(const char *text, enum vg_product *out)
{
    size_t found = vg_name_find(products, VG_PRODUCT_COUNT, text);
    if (found == VG_PRODUCT_UNKNOWN || found == VG_PRODUCT_COUNT) {
        return VG_ABSENT;
    }
    *out = (enum vg_product)found;
    return VG_OK;
}

const char *vg_reason_text(enum vg_reason reason)
{
    static const char *const reasons[VG_REASON_COUNT] = {
        [VG_NOT_JSON] = "not_json",
        [VG_TOO_BIG] = "too_big",
        [VG_TOO_DEEP] = "too_deep",
        [VG_TOO_MANY] = "too_many",
        [VG_FIELD_MISSING] = "field_missing",
        [VG_WRONG_TYPE] = "wrong_type",
        [VG_NOT_FINITE] = "not_finite",
        [VG_UNIT_MISSING] = "unit_missing",
        [VG_UNIT_UNKNOWN] = "unit_unknown",
        [VG_CODE_UNKNOWN] = "code_unknown",
        [VG_OUT_OF_RANGE] = "out_of_range",
        [VG_BAD_ID] = "bad_id",
        [VG_BAD_TIME] = "bad_time",
        [VG_RETAINED] = "retained",
        [VG_IDENTITY] = "identity",
        [VG_SEQ_REUSED] = "seq_reused",
        [VG_CONFIRM] = "confirm",
    };
    assert(reason < VG_REASON_COUNT);
    return reasons[reason];
}

bool vg_message_says_something(const struct vg_message *message)
{
    return message->reading_count + message->entry_count + message->failed_count > 0;
}
