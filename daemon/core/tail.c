/* SPDX-License-Identifier: Apache-2.0
 *
 * See tail.h. A sample is one byte: how far its value lies from the one before; or one of
 * the marks below and what differs.
 */
#include "core/tail.h"

#include <stdlib.h>
#include <string.h>

enum {
    FAR = 125,      /* values to this far take one byte */
    PAUSE = 251,    /* another pause: 3 bytes, then how far */
    TURN = 252,     /* the same, from the kind of device before */
    WHOLE = 253,    /* pause 4 bytes, kind 2, value 2 */
    SHORT_SIZE = 5, /* of PAUSE and TURN */
    WHOLE_SIZE = 9,
    SHORT_MAX = 0xffffff
};

void vg_tail_finish(struct vg_tail *tail)
{
    free(tail->block);
    memset(tail, 0, sizeof *tail);
}

/* ---- Bytes */

static void write_low(uint8_t *to, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(value >> 8 * i);
    }
}

static uint32_t read_low(const uint8_t *from, unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes; i++) {
        value |= (uint32_t)from[i] << 8 * i;
    }
    return value;
}

/* Writes a sample as it differs from the one before; returns the bytes it took. */
static unsigned write_sample(uint8_t *to, const struct vg_tail_beside *last,
                             const struct vg_tail_beside *next)
{
    const int far = next->value - last->value;
    const bool near = far >= -FAR && far <= FAR && next->pause <= SHORT_MAX;
    const bool turn = next->kind != last->kind;

    if (near && !turn && next->pause == last->pause) {
        to[0] = (uint8_t)(far + FAR);
        return 1;
    }
    if (near && (!turn || next->kind == last->other)) {
        to[0] = turn ? TURN : PAUSE;
        write_low(to + 1, next->pause, 3);
        to[4] = (uint8_t)(far + FAR);
        return SHORT_SIZE;
    }
    to[0] = WHOLE;
    write_low(to + 1, next->pause, 4);
    write_low(to + 5, next->kind, 2);
    write_low(to + 7, (uint16_t)next->value, 2);
    return WHOLE_SIZE;
}

/* What stands there becomes *last; returns the bytes it took. */
static unsigned read_sample(const uint8_t *from, struct vg_tail_beside *last)
{
    const uint16_t kind = last->kind;
    unsigned size = 1;

    if (from[0] == WHOLE) {
        last->pause = read_low(from + 1, 4);
        last->kind = (uint16_t)read_low(from + 5, 2);
        last->value = (int16_t)(uint16_t)read_low(from + 7, 2);
        size = WHOLE_SIZE;
    } else if (from[0] == PAUSE || from[0] == TURN) {
        last->pause = read_low(from + 1, 3);
        last->kind = from[0] == TURN ? last->other : kind;
        last->value = (int16_t)(last->value + from[4] - FAR);
        size = SHORT_SIZE;
    } else {
        last->value = (int16_t)(last->value + from[0] - FAR);
    }
    last->other = last->kind != kind ? kind : last->other;
    last->at = vg_after(last->at, last->pause);
    return size;
}

/* ---- Samples */

static uint16_t kind_of(const struct vg_sample *sample)
{
    return (uint16_t)((unsigned)sample->source | (unsigned)sample->method << 4 |
                      (sample->marks & 15U) << 8 | (unsigned)sample->device << 12);
}

static struct vg_sample sample_of(const struct vg_tail_beside *last)
{
    return (struct vg_sample){.measured = last->at,
                              .value = last->value,
                              .source = (enum vg_source)(last->kind & 15U),
                              .method = (enum vg_method)(last->kind >> 4 & 15U),
                              .marks = last->kind >> 8 & 15U,
                              .device = (uint8_t)(last->kind >> 12)};
}

/* A fresh block begins at that instant; what it tells beside is nothing. False: no memory. */
static bool begin_block(struct vg_tail *tail, struct vg_instant at)
{
    if (tail->count == tail->capacity) {
        const uint32_t capacity = tail->capacity + tail->capacity / 4 + 1;
        struct vg_tail_block *grown = realloc(tail->block, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        tail->block = grown;
        tail->capacity = capacity;
    }
    tail->block[tail->count].at = at;
    tail->block[tail->count].size = 0;
    tail->count++;
    tail->last = (struct vg_tail_beside){.at = at, .kind = UINT16_MAX};
    return true;
}

bool vg_tail_add(struct vg_tail *tail, const struct vg_sample *sample)
{
    const vg_ms pause = vg_since(sample->measured, tail->last.at);

    if ((tail->count == 0 || pause < 0 || pause > UINT32_MAX ||
         tail->block[tail->count - 1].size + WHOLE_SIZE > VG_TAIL_BYTES) &&
        !begin_block(tail, sample->measured)) {
        return false;
    }
    struct vg_tail_block *block = &tail->block[tail->count - 1];
    const struct vg_tail_beside next = {
        .pause = (uint32_t)vg_since(sample->measured, tail->last.at),
        .value = (int16_t)sample->value,
        .kind = kind_of(sample)};
    (void)write_sample(block->byte + block->size, &tail->last, &next);
    block->size =
        (uint16_t)(block->size + read_sample(block->byte + block->size, &tail->last));
    return true;
}

static struct vg_tail_place begin_of(const struct vg_tail *tail, uint32_t block)
{
    struct vg_tail_place place = {.block = block, .last = {.kind = UINT16_MAX}};

    if (block < tail->count) {
        place.last.at = tail->block[block].at;
    }
    return place;
}

/* The last block that begins before `at`, or not after it; the first. */
static uint32_t block_of(const struct vg_tail *tail, struct vg_instant at)
{
    uint32_t low = 0;
    uint32_t high = tail->count;

    while (low + 1 < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (tail->block[middle].at.ms < at.ms) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

bool vg_tail_next(const struct vg_tail *tail, struct vg_tail_place *place,
                  struct vg_sample *sample)
{
    do {
        if (place->block >= tail->count) {
            return false;
        }
        const struct vg_tail_block *block = &tail->block[place->block];
        place->byte += read_sample(block->byte + place->byte, &place->last);
        *sample = sample_of(&place->last);
        if (place->byte >= block->size) {
            *place = begin_of(tail, place->block + 1);
        }
    } while (sample->measured.ms < tail->since.ms);
    return true;
}

struct vg_tail_place vg_tail_after(const struct vg_tail *tail, struct vg_instant at)
{
    struct vg_tail_place place = begin_of(tail, block_of(tail, at));
    struct vg_tail_place next = place;
    struct vg_sample sample;

    while (vg_tail_next(tail, &next, &sample) && sample.measured.ms <= at.ms) {
        place = next;
    }
    return place;
}

bool vg_tail_has(const struct vg_tail *tail, const struct vg_sample *sample)
{
    struct vg_tail_place place = vg_tail_after(tail, vg_after(sample->measured, -1));
    struct vg_sample known;

    while (vg_tail_next(tail, &place, &known) &&
           known.measured.ms == sample->measured.ms) {
        if (known.value == sample->value && vg_sample_same_source(&known, sample)) {
            return true;
        }
    }
    return false;
}

/* ---- Dropping */

void vg_tail_drop(struct vg_tail *tail)
{
    tail->count--;
    memmove(tail->block, tail->block + 1, tail->count * sizeof *tail->block);
}

void vg_tail_drop_before(struct vg_tail *tail, struct vg_instant from)
{
    tail->since = vg_later(tail->since, from);
    while (tail->count > 1 && tail->block[1].at.ms < from.ms) {
        vg_tail_drop(tail);
    }
}

/* What the next one is told beside, from the newest block. */
static void find_last(struct vg_tail *tail)
{
    if (tail->count > 0) {
        const struct vg_tail_block *block = &tail->block[tail->count - 1];
        tail->last = begin_of(tail, tail->count - 1).last;
        for (unsigned i = 0; i < block->size;) {
            i += read_sample(block->byte + i, &tail->last);
        }
    }
}

void vg_tail_drop_from(struct vg_tail *tail, struct vg_instant to)
{
    const struct vg_tail_place place = vg_tail_after(tail, vg_after(to, -1));

    if (place.block < tail->count) {
        tail->block[place.block].size = (uint16_t)place.byte;
        tail->count = place.block + (place.byte > 0);
        find_last(tail);
    }
}
