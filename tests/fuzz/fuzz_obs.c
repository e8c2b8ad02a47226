/* SPDX-License-Identifier: Apache-2.0
 *
 * Stored readings: what can be read comes back the same when it is written and read again.
 */
#include <string.h>

#include "fuzz.h"
#include "shell/store_obs.h"

static void same_reading(const struct vg_reading *a, const struct vg_reading *b)
{
    MUST(a->signal == b->signal && a->source == b->source && a->method == b->method);
    MUST(a->quality == b->quality && a->measured.ms == b->measured.ms);
    MUST(a->value == b->value && a->unit == b->unit);
    MUST(a->pi == b->pi || (a->pi < 0 && b->pi < 0)); /* none */
    MUST(a->raw.mantissa == b->raw.mantissa && a->raw.exponent == b->raw.exponent);
    MUST(a->uln == b->uln && a->lln == b->lln && a->ice_items == b->ice_items);
    MUST(a->unarousable == b->unarousable && a->suspect == b->suspect);
    MUST(a->out_of_range == b->out_of_range);
}

static void same_entry(const struct vg_entry *a, const struct vg_entry *b)
{
    MUST(a->signal == b->signal && a->at.ms == b->at.ms && a->until.ms == b->until.ms);
    MUST(a->on == b->on && a->no_return == b->no_return);
    MUST(a->haemorrhage == b->haemorrhage);
    MUST(a->duration_s == b->duration_s || (a->duration_s < 0 && b->duration_s < 0));
    MUST(a->flow == b->flow && a->fio2 == b->fio2 && strcmp(a->value, b->value) == 0);
    MUST(strcmp(a->by, b->by) == 0 && strcmp(a->product, b->product) == 0);
    MUST(strcmp(a->dose_id, b->dose_id) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vg_obs once;
    static struct vg_obs again;
    static struct vg_pack pack;
    const struct vg_instant at = {1768032000000};

    if (vg_obs_unpack(data, size, at, &once) != VG_OK) {
        return 0;
    }
    MUST(once.reading_count <= VG_MESSAGE_ITEMS &&
         once.entry_count <= VG_MESSAGE_ITEMS);
    MUST(once.failed_count <= VG_FAILED_CYCLES);
    struct vg_message message = {.measured = at};
    vg_obs_into(&once, &message);
    pack.length = 0;
    pack.failed = false;
    vg_obs_pack(&pack, &message);
    MUST(!pack.failed);
    MUST(vg_obs_unpack(pack.bytes, pack.length, at, &again) == VG_OK);
    MUST(again.reading_count == once.reading_count);
    MUST(again.entry_count == once.entry_count);
    MUST(again.failed_count == once.failed_count);
    for (size_t i = 0; i < once.reading_count; i++) {
        same_reading(&again.readings[i], &once.readings[i]);
    }
    for (size_t i = 0; i < once.entry_count; i++) {
        same_entry(&again.entries[i], &once.entries[i]);
    }
    for (size_t i = 0; i < once.failed_count; i++) {
        MUST(again.failed[i].ms == once.failed[i].ms);
    }
    return 0;
}
