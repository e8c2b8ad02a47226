/* SPDX-License-Identifier: Apache-2.0
 *
 * Hot history: the bytes of a bundle are anything at all. They are refused, or each message that
 * can be told is one that could have been stored: put into a bundle anew it comes back the same,
 * and its readings are those of its obs.
 */
#include <string.h>

#include "fuzz.h"
#include "shell/store_bundle.h"

#define ID 7

static struct vg_bundle again;
static struct vg_pack obs, packed, back;
static struct vg_obs direct, unpacked;

static struct vg_slice slice_of(const struct vg_pack *pack)
{
    return (struct vg_slice){(const char *)pack->bytes, pack->length};
}

static void same_readings(void)
{
    MUST(direct.reading_count == unpacked.reading_count);
    for (size_t i = 0; i < direct.reading_count; i++) {
        const struct vg_reading *a = &direct.readings[i];
        const struct vg_reading *b = &unpacked.readings[i];
        MUST(a->signal == b->signal && a->signal < VG_MEASURED_COUNT);
        MUST(a->value == b->value && a->measured.ms == b->measured.ms);
        MUST(a->raw.mantissa == b->raw.mantissa && a->raw.exponent == b->raw.exponent);
        MUST(a->unit == b->unit && a->source == b->source && a->pi == b->pi);
    }
}

static void put_again(const struct vg_bundle_message *message)
{
    struct vg_bundle_view view;
    struct vg_bundle_found found;

    vg_bundle_clear(&again);
    if (vg_bundle_add(&again, message, slice_of(&obs)) != VG_OK) {
        return; /* more than a bundle takes of one message */
    }
    MUST(vg_bundle_pack(&again, &packed) == VG_OK);
    MUST(vg_bundle_sound(message->id, message->id, slice_of(&packed)));
    MUST(vg_bundle_open(&view, message->id, slice_of(&packed)) == VG_OK);
    MUST(vg_bundle_next(&view, &found));
    MUST(memcmp(&found.message, message, sizeof *message) == 0);
    MUST(vg_bundle_obs(&view, &found, &back) == VG_OK);
    MUST(back.length == obs.length && memcmp(back.bytes, obs.bytes, obs.length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct vg_slice bytes = {(const char *)data, size};
    struct vg_bundle_view view;
    struct vg_bundle_found found;

    (void)vg_bundle_sound(ID, ID + 3, bytes);
    if (vg_bundle_open(&view, ID, bytes) != VG_OK) {
        return 0;
    }
    vg_bundle_seek(&view, view.count / 3);
    vg_bundle_seek(&view, 0);
    while (vg_bundle_next(&view, &found)) {
        const enum vg_status told = vg_bundle_unpack(&view, &found, &direct);
        if (vg_bundle_obs(&view, &found, &obs) != VG_OK) {
            MUST(told == VG_REFUSED);
            continue;
        }
        put_again(&found.message);
        const enum vg_status status =
            vg_obs_unpack(obs.bytes, obs.length,
                          (struct vg_instant){found.message.measured}, &unpacked);
        MUST(status == told);
        if (told == VG_OK) {
            same_readings();
        }
    }
    return 0;
}
