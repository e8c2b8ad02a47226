/* SPDX-License-Identifier: Apache-2.0
 *
 * Putting a stretch together, and the times and the rest of it. The layouts are told in
 * store_block.c.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/store_block.h"
#include "shell/store_block_inside.h"

void vg_stretch_clear(struct vg_stretch *stretch, size_t most)
{
    stretch->most = most;
    stretch->messages = 0;
    stretch->readings = 0;
    stretch->entries = 0;
    stretch->signals = 0;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        stretch->of[i].count = 0;
    }
    stretch->oldest = VG_NEVER;
    stretch->newest = VG_UNSET;
    stretch->charted.length = 0;
    stretch->charted.failed = false;
}

void vg_stretch_finish(struct vg_stretch *stretch)
{
    free(stretch->item);
    free(stretch->numbers);
    free(stretch->chosen);
    free(stretch->exponents);
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        free(stretch->of[i].item);
    }
    vg_pack_finish(&stretch->charted);
    vg_pack_finish(&stretch->scratch);
    memset(stretch, 0, sizeof *stretch);
}

enum vg_status vg_block_grow(void **array, size_t *capacity, size_t size, size_t wanted)
{
    if (wanted <= *capacity) {
        return VG_OK;
    }
    const size_t more = wanted < 1024 ? 1024 : wanted + wanted / 2;
    void *larger = realloc(*array, more * size);
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    *array = larger;
    *capacity = more;
    return VG_OK;
}

static void reach(struct vg_stretch *stretch, struct vg_instant at)
{
    stretch->oldest = vg_earlier(stretch->oldest, at);
    stretch->newest = vg_later(stretch->newest, at);
}

/* The entries and failed cycles of message `which`, taken back whole if there is no memory. */
static enum vg_status add_charted(struct vg_stretch *stretch, size_t which,
                                  const struct vg_stretch_message *message)
{
    struct vg_message only = {.measured = message->measured,
                              .entry_count = message->obs->entry_count,
                              .failed_count = message->obs->failed_count};
    const size_t length = stretch->charted.length;

    if (only.entry_count + only.failed_count == 0) {
        return VG_OK;
    }
    struct vg_entry *entries = calloc(only.entry_count + 1, sizeof *entries);
    if (entries == NULL) {
        return VG_NO_MEMORY;
    }
    memcpy(entries, message->obs->entries, only.entry_count * sizeof *entries);
    only.entries = entries;
    memcpy(only.failed, message->obs->failed, sizeof only.failed);
    stretch->scratch.length = 0;
    vg_obs_pack(&stretch->scratch, &only);
    vg_pack_varint(&stretch->charted, which);
    vg_pack_varint(&stretch->charted, stretch->scratch.length);
    vg_pack_bytes(&stretch->charted, stretch->scratch.bytes, stretch->scratch.length);
    free(entries);
    if (stretch->scratch.failed || stretch->charted.failed) {
        stretch->scratch.failed = false;
        stretch->charted.failed = false;
        stretch->charted.length = length;
        return VG_NO_MEMORY;
    }
    stretch->entries++;
    return VG_OK;
}

/* In the lists of its signals, whatever the message holds. */
static enum vg_status make_lists(struct vg_stretch *stretch, const struct vg_obs *obs)
{
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < obs->reading_count && status == VG_OK; i++) {
        struct vg_stretch_list *of = &stretch->of[obs->readings[i].signal];
        void *array = of->item;
        status = vg_block_grow(&array, &of->capacity, sizeof *of->item,
                               of->count + obs->reading_count);
        of->item = array;
    }
    return status;
}

static void add_readings(struct vg_stretch *stretch,
                         const struct vg_stretch_message *message)
{
    for (size_t i = 0; i < message->obs->reading_count; i++) {
        const struct vg_reading *reading = &message->obs->readings[i];
        struct vg_stretch_item *item = &stretch->item[stretch->readings];
        item->reading = *reading;
        item->message = (uint32_t)stretch->messages;
        item->position = (uint32_t)i;
        struct vg_stretch_list *of = &stretch->of[reading->signal];
        of->item[of->count++] = (uint32_t)stretch->readings++;
        stretch->signals |= (uint64_t)1 << reading->signal;
        reach(stretch, reading->measured);
    }
    for (size_t i = 0; i < message->obs->entry_count; i++) {
        reach(stretch, message->obs->entries[i].at);
    }
}

enum vg_status vg_stretch_add(struct vg_stretch *stretch,
                              const struct vg_stretch_message *message)
{
    const size_t n = stretch->messages;
    const size_t wanted = stretch->readings + message->obs->reading_count;
    void *array = stretch->item;

    if (n == stretch->most || (n > 0 && wanted > VG_STRETCH_READINGS) ||
        stretch->charted.length > VG_ZIP_MOST / 4) {
        return VG_FULL;
    }
    enum vg_status status =
        vg_block_grow(&array, &stretch->capacity, sizeof *stretch->item, wanted);
    stretch->item = array;
    if (status == VG_OK) {
        status = make_lists(stretch, message->obs);
    }
    if (status == VG_OK) {
        status = add_charted(stretch, n, message);
    }
    if (status != VG_OK) {
        return status;
    }
    stretch->id[n] = message->id;
    stretch->received[n] = message->received.ms;
    stretch->measured[n] = message->measured.ms;
    stretch->seq[n] = (int64_t)message->seq;
    reach(stretch, message->measured);
    add_readings(stretch, message);
    stretch->messages++;
    return VG_OK;
}

enum vg_status vg_stretch_zipped(struct vg_stretch *stretch, struct vg_zip *zip,
                                 struct vg_pack *out)
{
    const enum vg_status status = stretch->scratch.failed || out->failed
                                      ? VG_NO_MEMORY
                                      : vg_zip_pack(zip, &stretch->scratch, out);

    stretch->scratch.failed = false;
    return status == VG_FULL ? VG_NO_MEMORY : status;
}

enum vg_status vg_stretch_times(struct vg_stretch *stretch, struct vg_zip *zip,
                                struct vg_pack *out)
{
    struct vg_pack *pack = &stretch->scratch;

    pack->length = 0;
    vg_pack_byte(pack, VG_STRETCH_LAYOUT);
    vg_pack_varint(pack, stretch->messages);
    vg_column_put(pack, stretch->measured, stretch->messages);
    vg_column_put(pack, stretch->id, stretch->messages);
    return vg_stretch_zipped(stretch, zip, out);
}

enum vg_status vg_stretch_rest(struct vg_stretch *stretch, struct vg_zip *zip,
                               struct vg_pack *out)
{
    struct vg_pack *pack = &stretch->scratch;
    void *array = stretch->numbers;
    const enum vg_status status = vg_block_grow(&array, &stretch->number_capacity,
                                                sizeof(int64_t), stretch->messages);

    stretch->numbers = array;
    if (status != VG_OK) {
        return status;
    }
    for (size_t i = 0; i < stretch->messages; i++) {
        stretch->numbers[i] =
            (int64_t)((uint64_t)stretch->received[i] - (uint64_t)stretch->measured[i]);
    }
    pack->length = 0;
    vg_pack_byte(pack, VG_STRETCH_LAYOUT);
    vg_column_put(pack, stretch->numbers, stretch->messages);
    vg_column_put(pack, stretch->seq, stretch->messages);
    vg_pack_bytes(pack, stretch->charted.bytes, stretch->charted.length);
    return vg_stretch_zipped(stretch, zip, out);
}
