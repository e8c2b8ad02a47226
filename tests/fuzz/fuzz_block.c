/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed history: what stands in a stretch's frames (times, a block, the rest) is anything at
 * all. It is refused, or each reading is one that could have been stored; put into a stretch
 * anew it comes back the same. Input: two lengths of two bytes, then the three, not packed: a
 * checksum would keep every change from being looked at.
 */
#include <string.h>

#include "fuzz.h"
#include "shell/store_block.h"

struct frames {
    struct vg_zip zip;
    struct vg_pack times, block, rest;
};

struct found {
    size_t count;
    struct vg_reading reading[VG_STRETCH_READINGS];
    size_t message[VG_STRETCH_READINGS];
};

static struct vg_slice slice_of(const struct vg_pack *pack)
{
    return (struct vg_slice){(const char *)pack->bytes, pack->length};
}

static void zip(struct vg_zip *zip, const uint8_t *data, size_t size,
                struct vg_pack *out)
{
    struct vg_pack plain = {0};

    vg_pack_bytes(&plain, data, size);
    out->length = 0;
    MUST(vg_zip_pack(zip, &plain, out) == VG_OK);
    vg_pack_finish(&plain);
}

static bool cut(const uint8_t *data, size_t size, struct frames *out)
{
    if (size < 4) {
        return false;
    }
    const size_t times = data[0] | (size_t)data[1] << 8;
    const size_t block = data[2] | (size_t)data[3] << 8;
    data += 4;
    size -= 4;
    if (times + block > size) {
        return false;
    }
    zip(&out->zip, data, times, &out->times);
    zip(&out->zip, data + times, block, &out->block);
    zip(&out->zip, data + times + block, size - times - block, &out->rest);
    return true;
}

static void check(const struct vg_reading *r)
{
    MUST(r->signal < VG_MEASURED_COUNT);
    MUST(r->raw.exponent <= 18);
    MUST((unsigned)r->source < VG_SOURCE_COUNT);
}

/* All readings of a block; each names a message of the stretch. */
static void read_block(struct vg_block *block, const struct vg_times *times,
                       struct found *found)
{
    struct vg_reading reading;
    size_t message = 0;
    size_t position = 0;

    found->count = 0;
    while (vg_block_next(block, times, &reading, &message, &position)) {
        MUST(message < times->messages && position < VG_MESSAGE_ITEMS);
        MUST(found->count < VG_STRETCH_READINGS);
        check(&reading);
        found->reading[found->count] = reading;
        found->message[found->count++] = message;
    }
    MUST(found->count == block->readings);
}

static void same(const struct vg_reading *a, const struct vg_reading *b)
{
    MUST(a->measured.ms == b->measured.ms && a->value == b->value);
    MUST(a->raw.mantissa == b->raw.mantissa && a->raw.exponent == b->raw.exponent);
    MUST(a->source == b->source && a->unit == b->unit && a->method == b->method);
    MUST(a->quality == b->quality && a->uln == b->uln);
    MUST(a->pi == b->pi || (a->pi < 0 && b->pi < 0)); /* none */
    MUST(a->lln == b->lln && a->ice_items == b->ice_items);
}

/* False: they are more, or in another order, than messages of a stretch can have them. */
static bool fill(struct vg_stretch *stretch, const struct vg_times *times,
                 const struct found *found)
{
    static struct vg_obs obs;
    size_t at = 0;

    vg_stretch_clear(stretch, VG_STRETCH_MESSAGES);
    for (size_t m = 0; m < times->messages; m++) {
        obs.reading_count = 0;
        obs.entry_count = 0;
        for (; at < found->count && found->message[at] == m; at++) {
            if (obs.reading_count == VG_MESSAGE_ITEMS) {
                return false;
            }
            obs.readings[obs.reading_count++] = found->reading[at];
        }
        const struct vg_stretch_message message = {
            .id = (int64_t)m,
            .measured = {vg_column_at(&times->measured, m)},
            .received = {0},
            .seq = m,
            .obs = &obs};
        if (vg_stretch_add(stretch, &message) != VG_OK) {
            return false;
        }
    }
    return at == found->count;
}

static void again(const struct vg_times *times, const struct found *found,
                  enum vg_signal signal)
{
    static struct vg_stretch stretch;
    static struct vg_block block;
    static struct frames anew;
    static struct vg_times then;
    static struct vg_pack cells;
    struct vg_block_head head;
    struct vg_reading reading;
    size_t message = 0;
    size_t position = 0;

    if (found->count == 0 || !fill(&stretch, times, found)) {
        return;
    }
    anew.times.length = anew.block.length = cells.length = 0;
    MUST(vg_stretch_times(&stretch, &anew.zip, &anew.times) == VG_OK);
    const enum vg_status status =
        vg_stretch_block(&stretch, signal, &anew.zip, &anew.block, &cells, &head);
    MUST(status == VG_OK || status == VG_FULL);
    if (status == VG_FULL) {
        return;
    }
    MUST(head.readings == found->count);
    MUST(vg_times_unpack(&anew.zip, slice_of(&anew.times), &then) == VG_OK);
    MUST(vg_block_unpack(&anew.zip, slice_of(&anew.block), &then, &block) == VG_OK);
    for (size_t i = 0; i < found->count; i++) {
        MUST(vg_block_next(&block, &then, &reading, &message, &position));
        MUST(message == found->message[i]);
        same(&reading, &found->reading[i]);
    }
}

static void read_rest(struct frames *frames, const struct vg_times *times)
{
    static struct vg_rest rest;
    static struct vg_obs obs;
    size_t message = 0;

    if (vg_rest_unpack(&frames->zip, slice_of(&frames->rest), times->messages, &rest) !=
        VG_OK) {
        return;
    }
    while (vg_rest_next(&rest, times, &message, &obs) == VG_OK) {
        MUST(message < times->messages);
        MUST(obs.entry_count <= VG_MESSAGE_ITEMS &&
             obs.reading_count <= VG_MESSAGE_ITEMS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frames frames;
    static struct vg_times times;
    static struct vg_block block;
    static struct found found;

    if (!cut(data, size, &frames) ||
        vg_times_unpack(&frames.zip, slice_of(&frames.times), &times) != VG_OK) {
        return 0;
    }
    MUST(times.messages <= VG_STRETCH_MESSAGES);
    if (vg_block_unpack(&frames.zip, slice_of(&frames.block), &times, &block) ==
        VG_OK) {
        read_block(&block, &times, &found);
        again(&times, &found, block.signal);
    }
    read_rest(&frames, &times);
    return 0;
}
