/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells. See store_sums.h.
 *
 *     byte 1, varint cells, byte places cut from all numbers; then each cell:
 *       signed which, less the one before
 *       varint count; signed min, varint max - min, first - min, last - min, signed sum -
 *       count * min; varint ms from its begin to the first, from there to the last
 */
#include "shell/store_sums.h"

#include <stdlib.h>
#include <string.h>

#include "shell/history.h"

#define LAYOUT 1
#define MUCH   INT64_C(1000000000000) /* a million times it fits */

bool vg_sums_usable(const struct vg_reading *reading)
{
    return reading->quality <= VG_QUALITY_QUESTIONABLE && !reading->out_of_range;
}

/* The value in millionths; false: it does not fit. */
static bool millionths(const struct vg_reading *reading, int64_t *out)
{
    static const int64_t factor[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    static const struct vg_decimal no_offset = {0, 0};
    static const struct vg_ratio as_is = {1, 1};
    const struct vg_decimal raw = reading->raw;

    /* nearly always: no conversion, no rounding, no 128 bits */
    if (reading->unit == vg_signal_info(reading->signal)->unit &&
        raw.exponent <= VG_HISTORY_PLACES && raw.mantissa < MUCH &&
        raw.mantissa > -MUCH) {
        *out = raw.mantissa * factor[raw.exponent];
        return true;
    }
    return vg_decimal_scale(vg_history_value(reading), no_offset, as_is,
                            VG_HISTORY_PLACES, out) == VG_OK;
}

bool vg_running_of(const struct vg_reading *reading, struct vg_running *out)
{
    if (!vg_sums_usable(reading) || !millionths(reading, &out->first)) {
        return false;
    }
    out->count = 1;
    out->last = out->first;
    out->min = out->first;
    out->max = out->first;
    out->sum = out->first;
    out->first_at = reading->measured;
    out->last_at = reading->measured;
    return true;
}

void vg_running_add(struct vg_running *running, const struct vg_running *other)
{
    if (other->count == 0) {
        return;
    }
    if (running->count == 0) {
        *running = *other;
        return;
    }
    if (other->first_at.ms < running->first_at.ms) {
        running->first_at = other->first_at;
        running->first = other->first;
    }
    if (other->last_at.ms >= running->last_at.ms) {
        running->last_at = other->last_at;
        running->last = other->last;
    }
    running->count += other->count;
    if (__builtin_add_overflow(running->sum, other->sum, &running->sum)) {
        running->sum = other->sum < 0 ? INT64_MIN : INT64_MAX;
    }
    running->min = other->min < running->min ? other->min : running->min;
    running->max = other->max > running->max ? other->max : running->max;
}

struct vg_instant vg_step_of(struct vg_instant at, vg_ms step)
{
    const int64_t rest = at.ms % step;
    int64_t begin = at.ms - rest;

    if (rest < 0 && __builtin_sub_overflow(begin, step, &begin)) {
        begin = INT64_MIN; /* a damaged block may tell any time */
    }
    return (struct vg_instant){begin};
}

void vg_sums_finish(struct vg_summing *summing)
{
    free(summing->cell);
    *summing = (struct vg_summing){0};
}

/* Where the cell is, or is to be put. */
static size_t place_of(const struct vg_summing *summing, int64_t begin)
{
    size_t low = 0;
    size_t high = summing->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (vg_step_of(summing->cell[middle].first_at, VG_SUM_CELL).ms < begin) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool make_room(struct vg_summing *summing)
{
    if (summing->count < summing->capacity) {
        return true;
    }
    const size_t capacity = summing->capacity == 0 ? 16 : 2 * summing->capacity;
    struct vg_running *larger =
        realloc(summing->cell, capacity * sizeof *summing->cell);
    if (larger == NULL) {
        summing->failed = true;
        return false;
    }
    summing->cell = larger;
    summing->capacity = capacity;
    return true;
}

/* What comes last: nearly always. False: it does not. */
static bool add_last(struct vg_running *cell, struct vg_instant at, int64_t value)
{
    int64_t sum;

    if (at.ms < cell->last_at.ms || __builtin_add_overflow(cell->sum, value, &sum)) {
        return false;
    }
    cell->sum = sum;
    cell->last_at = at;
    cell->last = value;
    cell->count++;
    cell->min = value < cell->min ? value : cell->min;
    cell->max = value > cell->max ? value : cell->max;
    return true;
}

/* From an instant to one that is not before it, wherever a damaged block has them. */
static uint64_t apart(int64_t from, int64_t to)
{
    return (uint64_t)to - (uint64_t)from;
}

void vg_sums_add(struct vg_summing *summing, const struct vg_reading *reading)
{
    const struct vg_instant measured = reading->measured;
    struct vg_running one;
    int64_t value;

    if (!vg_sums_usable(reading) || !millionths(reading, &value)) {
        return;
    }
    const bool in_latest = summing->count > 0 && measured.ms >= summing->begin &&
                           apart(summing->begin, measured.ms) < VG_SUM_CELL;
    if (in_latest && add_last(&summing->cell[summing->latest], measured, value)) {
        return;
    }
    (void)vg_running_of(reading, &one);
    if (in_latest) {
        vg_running_add(&summing->cell[summing->latest], &one);
        return;
    }
    const int64_t begin = vg_step_of(one.first_at, VG_SUM_CELL).ms;
    const size_t at = place_of(summing, begin);
    summing->latest = at;
    summing->begin = begin;
    if (at < summing->count &&
        vg_step_of(summing->cell[at].first_at, VG_SUM_CELL).ms == begin) {
        vg_running_add(&summing->cell[at], &one);
        return;
    }
    if (make_room(summing)) {
        memmove(&summing->cell[at + 1], &summing->cell[at],
                (summing->count - at) * sizeof *summing->cell);
        summing->cell[at] = one;
        summing->count++;
    } else {
        summing->begin = INT64_MAX; /* it is not there */
    }
}

/* How many places at the end of all numbers are zeros. */
static unsigned spare_places(const struct vg_summing *summing, int64_t *factor)
{
    unsigned places = VG_HISTORY_PLACES;

    *factor = 1000000;
    for (size_t i = 0; i < summing->count; i++) {
        const struct vg_running *c = &summing->cell[i];
        while (places > 0 && (c->min % *factor != 0 || c->max % *factor != 0 ||
                              c->first % *factor != 0 || c->last % *factor != 0 ||
                              c->sum % *factor != 0)) {
            places--;
            *factor /= 10;
        }
    }
    return places;
}

/* What the sum is above `count` times the least; wraps, and back again. */
static int64_t above(const struct vg_running *c, int64_t factor)
{
    return (int64_t)((uint64_t)(c->sum / factor) -
                     c->count * (uint64_t)(c->min / factor));
}

void vg_sums_pack(struct vg_summing *summing, struct vg_pack *pack)
{
    int64_t factor;
    int64_t before = 0;
    const unsigned places = spare_places(summing, &factor);

    if (summing->failed) {
        pack->failed = true;
        return;
    }
    vg_pack_byte(pack, LAYOUT);
    vg_pack_varint(pack, summing->count);
    vg_pack_byte(pack, places);
    for (size_t i = 0; i < summing->count; i++) {
        const struct vg_running *c = &summing->cell[i];
        const struct vg_instant begin = vg_step_of(c->first_at, VG_SUM_CELL);
        const int64_t which = begin.ms / VG_SUM_CELL;
        const uint64_t min = (uint64_t)(c->min / factor);
        vg_pack_signed(pack, which - before);
        vg_pack_varint(pack, c->count);
        vg_pack_signed(pack, (int64_t)min);
        vg_pack_varint(pack, (uint64_t)(c->max / factor) - min);
        vg_pack_varint(pack, (uint64_t)(c->first / factor) - min);
        vg_pack_varint(pack, (uint64_t)(c->last / factor) - min);
        vg_pack_signed(pack, above(c, factor));
        vg_pack_varint(pack, apart(begin.ms, c->first_at.ms));
        vg_pack_varint(pack, apart(c->first_at.ms, c->last_at.ms));
        before = which;
    }
}

/* A number that was cut by `factor`, as it was. */
static int64_t whole(uint64_t number, int64_t factor)
{
    return (int64_t)(number * (uint64_t)factor);
}

static void read_cell(struct vg_unpack *u, int64_t factor, int64_t *which,
                      struct vg_running *c)
{
    *which = (int64_t)((uint64_t)*which + (uint64_t)vg_unpack_signed(u));
    c->count = vg_unpack_varint(u);
    const uint64_t min = (uint64_t)vg_unpack_signed(u);
    c->min = whole(min, factor);
    c->max = whole(min + vg_unpack_varint(u), factor);
    c->first = whole(min + vg_unpack_varint(u), factor);
    c->last = whole(min + vg_unpack_varint(u), factor);
    c->sum = whole((uint64_t)vg_unpack_signed(u) + c->count * min, factor);
    c->first_at.ms =
        (int64_t)((uint64_t)*which * (uint64_t)VG_SUM_CELL + vg_unpack_varint(u));
    c->last_at.ms = (int64_t)((uint64_t)c->first_at.ms + vg_unpack_varint(u));
}

enum vg_status vg_sums_each(struct vg_slice packed, vg_cell_fn *each, void *to)
{
    struct vg_unpack u = {(const uint8_t *)packed.text,
                          (const uint8_t *)packed.text + packed.length, false};
    int64_t which = 0;
    int64_t factor = 1;

    if (vg_unpack_byte(&u) != LAYOUT) {
        return VG_REFUSED;
    }
    const uint64_t count = vg_unpack_varint(&u);
    const unsigned places = vg_unpack_byte(&u);
    if (u.failed || places > VG_HISTORY_PLACES) {
        return VG_REFUSED;
    }
    for (unsigned i = 0; i < places; i++) {
        factor *= 10;
    }
    bool go_on = true;
    for (uint64_t i = 0; i < count && go_on; i++) {
        struct vg_running cell;
        read_cell(&u, factor, &which, &cell);
        if (u.failed) {
            return VG_REFUSED;
        }
        go_on = each(to, &cell);
    }
    return VG_OK;
}
