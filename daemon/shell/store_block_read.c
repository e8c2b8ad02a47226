/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading stretches back. The layouts are told in store_block.c.
 */
#include <string.h>

#include "shell/store_block.h"
#include "shell/store_block_inside.h"
#include "shell/store_words.h"

/* The columns of a block's rare numbers, in their order. */
static const unsigned rare_flag[] = {VG_HAS_VALUE, VG_HAS_PI, VG_HAS_ULN, VG_HAS_LLN,
                                     VG_HAS_ICE};
#define RARE (sizeof rare_flag / sizeof *rare_flag)

#define COLUMNS   6
#define EXPONENTS 19 /* of a decimal: 0 to 18 */

static enum vg_status open_bytes(struct vg_zip *zip, struct vg_slice packed,
                                 struct vg_pack *bytes, struct vg_unpack *out)
{
    const enum vg_status status = vg_zip_unpack(zip, packed, bytes);

    if (status != VG_OK) {
        return status;
    }
    *out = (struct vg_unpack){bytes->bytes, bytes->bytes + bytes->length, false};
    return vg_unpack_byte(out) == VG_STRETCH_LAYOUT ? VG_OK : VG_REFUSED;
}

/* A count that no damage can make absurd. */
static bool read_count(struct vg_unpack *u, uint64_t most, size_t *out)
{
    const uint64_t count = vg_unpack_varint(u);

    *out = (size_t)count;
    return !u->failed && count <= most;
}

void vg_times_finish(struct vg_times *times)
{
    vg_column_finish(&times->measured);
    vg_column_finish(&times->id);
    vg_pack_finish(&times->bytes);
}

enum vg_status vg_times_unpack(struct vg_zip *zip, struct vg_slice packed,
                               struct vg_times *out)
{
    struct vg_unpack u;
    enum vg_status status = open_bytes(zip, packed, &out->bytes, &u);

    if (status == VG_OK && !read_count(&u, VG_STRETCH_MESSAGES, &out->messages)) {
        status = VG_REFUSED;
    }
    if (status == VG_OK) {
        status = vg_column_get(&u, out->messages, &out->measured);
    }
    if (status == VG_OK) {
        status = vg_column_get(&u, out->messages, &out->id);
    }
    return status;
}

void vg_rest_finish(struct vg_rest *rest)
{
    vg_column_finish(&rest->received);
    vg_column_finish(&rest->seq);
    vg_pack_finish(&rest->bytes);
}

enum vg_status vg_rest_unpack(struct vg_zip *zip, struct vg_slice packed,
                              size_t messages, struct vg_rest *out)
{
    struct vg_unpack u;
    enum vg_status status = open_bytes(zip, packed, &out->bytes, &u);

    if (status == VG_OK) {
        status = vg_column_get(&u, messages, &out->received);
    }
    if (status == VG_OK) {
        status = vg_column_get(&u, messages, &out->seq);
    }
    out->charted = u;
    return status;
}

enum vg_status vg_rest_next(struct vg_rest *rest, const struct vg_times *times,
                            size_t *message, struct vg_obs *obs)
{
    struct vg_unpack *u = &rest->charted;

    if (u->at == u->end) {
        return VG_ABSENT;
    }
    *message = (size_t)vg_unpack_varint(u);
    const uint64_t length = vg_unpack_varint(u);
    if (u->failed || *message >= times->messages ||
        length > (uint64_t)(u->end - u->at)) {
        return VG_REFUSED;
    }
    const uint8_t *at = u->at;
    u->at += length;
    return vg_obs_unpack(at, (size_t)length,
                         (struct vg_instant){vg_column_at(&times->measured, *message)},
                         obs);
}

void vg_block_finish(struct vg_block *block)
{
    struct vg_column *const columns[COLUMNS] = {&block->message, &block->position,
                                                &block->offset,  &block->mantissa,
                                                &block->own,     &block->chosen};

    for (size_t i = 0; i < COLUMNS; i++) {
        vg_column_finish(columns[i]);
    }
    for (size_t i = 0; i < RARE; i++) {
        vg_column_finish(&block->rare[i]);
    }
    vg_pack_finish(&block->bytes);
}

static unsigned word(struct vg_unpack *u, enum vg_word kind)
{
    unsigned value = 0;

    u->failed = !vg_word_value(kind, vg_unpack_byte(u), &value) || u->failed;
    return value;
}

static void read_look(struct vg_unpack *u, struct vg_block *out, size_t i)
{
    struct vg_reading *look = &out->look[i];

    memset(look, 0, sizeof *look);
    look->signal = out->signal;
    look->source = (enum vg_source)word(u, VG_WORD_SOURCE);
    look->unit = (enum vg_unit)word(u, VG_WORD_UNIT);
    look->method = (enum vg_method)word(u, VG_WORD_METHOD);
    look->quality = (enum vg_quality)word(u, VG_WORD_QUALITY);
    const uint64_t flags = vg_unpack_varint(u);
    out->has[i] = flags & VG_HAS_ANY;
    look->suspect = (flags & VG_IS_SUSPECT) != 0;
    look->out_of_range = (flags & VG_IS_OUT_OF_RANGE) != 0;
    look->unarousable = (flags & VG_IS_UNAROUSABLE) != 0;
    look->pi = -1;
    look->uln = VG_NO_VALUE;
    look->lln = VG_NO_VALUE;
}

/* Whether all numbers of a column lie in 0..limit - 1. */
static bool is_below(const struct vg_column *column, size_t count, uint64_t limit)
{
    if (count == 0) {
        return true;
    }
    if (column->linear && column->step >= 0) {
        const uint64_t first = (uint64_t)column->start;
        const uint64_t step = (uint64_t)column->step;
        return first < limit && step < limit && first + (count - 1) * step < limit;
    }
    for (size_t i = 0; i < count; i++) {
        if ((uint64_t)vg_column_at(column, i) >= limit) {
            return false;
        }
    }
    return true;
}

/* How many readings have each of the rare numbers. */
static void count_rare(const struct vg_block *block, size_t count[RARE])
{
    memset(count, 0, RARE * sizeof *count);
    for (size_t i = 0; i < block->readings; i++) {
        const uint16_t has = block->has[vg_column_at(&block->chosen, i)];
        for (size_t k = 0; k < RARE && has != 0; k++) {
            count[k] += (has & rare_flag[k]) != 0;
        }
    }
}

static enum vg_status read_rare(struct vg_unpack *u, struct vg_block *out)
{
    size_t count[RARE];
    unsigned any = 0;
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < out->looks; i++) {
        any |= out->has[i];
    }
    if (!is_below(&out->chosen, out->readings, out->looks)) {
        return VG_REFUSED;
    }
    if (any != 0) {
        count_rare(out, count);
    }
    for (size_t k = 0; k < RARE && status == VG_OK; k++) {
        if ((any & rare_flag[k]) != 0) {
            status = vg_column_get(u, count[k], &out->rare[k]);
        }
    }
    return status;
}

/* No message named by a reading lies outside its stretch, no decimal is one that none can be. */
static bool numbers_fit(const struct vg_block *block, const struct vg_times *times)
{
    return is_below(&block->message, block->readings, times->messages) &&
           is_below(&block->position, block->readings, VG_MESSAGE_ITEMS) &&
           (!block->own_exponents || is_below(&block->own, block->readings, EXPONENTS));
}

static enum vg_status read_columns(struct vg_unpack *u, struct vg_block *out)
{
    struct vg_column *const columns[COLUMNS] = {&out->message, &out->position,
                                                &out->offset,  &out->mantissa,
                                                &out->own,     &out->chosen};
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < COLUMNS && status == VG_OK; i++) {
        if (columns[i] != &out->own || out->own_exponents) {
            status = vg_column_get(u, out->readings, columns[i]);
        }
    }
    return status;
}

/* What all mantissas are multiplied with to be canonical steps, as vg_obs_plain_value would;
 * 0: it must be asked for each. */
static int64_t factor_of(const struct vg_block *block)
{
    const unsigned places = vg_signal_info(block->signal)->places;
    int64_t factor = 1;

    if (block->own_exponents || block->exponent > places) {
        return 0;
    }
    for (unsigned i = block->exponent; i < places; i++) {
        factor *= 10;
    }
    return factor;
}

enum vg_status vg_block_unpack(struct vg_zip *zip, struct vg_slice packed,
                               const struct vg_times *times, struct vg_block *out)
{
    struct vg_unpack u;
    enum vg_status status = open_bytes(zip, packed, &out->bytes, &u);

    if (status != VG_OK) {
        return status;
    }
    out->signal = (enum vg_signal)word(&u, VG_WORD_SIGNAL);
    const bool sane = read_count(&u, VG_STRETCH_READINGS, &out->readings);
    out->exponent = (uint8_t)vg_unpack_byte(&u);
    out->own_exponents = out->exponent == VG_BLOCK_OWN;
    if (!sane || !read_count(&u, VG_BLOCK_LOOKS, &out->looks) ||
        out->signal >= VG_MEASURED_COUNT ||
        (!out->own_exponents && out->exponent >= EXPONENTS)) {
        return VG_REFUSED;
    }
    for (size_t i = 0; i < out->looks && !u.failed; i++) {
        read_look(&u, out, i);
    }
    status = u.failed ? VG_REFUSED : read_columns(&u, out);
    if (status == VG_OK) {
        status = read_rare(&u, out);
    }
    if (status == VG_OK && (u.at != u.end || !numbers_fit(out, times))) {
        status = VG_REFUSED;
    }
    out->at = 0;
    out->shown = SIZE_MAX;
    out->factor = status == VG_OK ? factor_of(out) : 0;
    memset(out->rare_at, 0, sizeof out->rare_at);
    return status;
}

static void add_rare(struct vg_block *b, unsigned has, struct vg_reading *out)
{
    int64_t number[RARE] = {out->value, -1, VG_NO_VALUE, VG_NO_VALUE, 0};

    for (size_t k = 0; k < RARE; k++) {
        if ((has & rare_flag[k]) != 0) {
            number[k] = vg_column_at(&b->rare[k], b->rare_at[k]++);
        }
    }
    out->value = number[0];
    out->pi = (int32_t)number[1];
    out->uln = number[2];
    out->lln = number[3];
    out->ice_items = (uint32_t)number[4];
}

bool vg_block_next(struct vg_block *block, const struct vg_times *times,
                   struct vg_reading *out, size_t *message, size_t *position)
{
    const size_t i = block->at;

    if (i == block->readings) {
        return false;
    }
    const size_t look = (size_t)vg_column_at(&block->chosen, i);
    const int64_t mantissa = vg_column_at(&block->mantissa, i);
    *message = (size_t)vg_column_at(&block->message, i);
    *position = (size_t)vg_column_at(&block->position, i);
    if (look != block->shown || block->has[look] != 0) {
        *out = block->look[look];
        block->shown = look;
    }
    out->measured.ms = (int64_t)((uint64_t)vg_column_at(&times->measured, *message) +
                                 (uint64_t)vg_column_at(&block->offset, i));
    if (block->own_exponents) {
        out->raw = (struct vg_decimal){mantissa, (uint8_t)vg_column_at(&block->own, i)};
        out->value = vg_obs_plain_value(out->signal, out->raw);
    } else {
        vg_block_number(block, mantissa, out);
    }
    if (block->has[look] != 0) {
        add_rare(block, block->has[look], out);
    }
    block->at++;
    return true;
}
