/* SPDX-License-Identifier: Apache-2.0
 *
 * The layout of a stretch, and writing its blocks. All of it is packed by zstd (store_zip.h),
 * apart from cells.
 *
 *     times     byte 1, varint messages, columns measured, id
 *     rest      byte 1, columns received - measured, seq; then for each message with
 *               entries or failed cycles: varint which, varint length, the layout of
 *               store_obs.h without readings
 *     block     byte 1, byte signal, varint readings, byte exponent (255: each its own),
 *               varint looks, then each look: bytes source, unit, method, quality, varint
 *               flags; columns message, position, offset, mantissa; exponent if each has
 *               its own; look; then those of value, pi, uln, lln, ice that some look has
 *
 * offset is the reading's time less its message's; numbers of words are the table `word`'s.
 */
#include "shell/store_block.h"

#include <stdlib.h>
#include <string.h>

#include "shell/store_block_inside.h"
#include "shell/store_sums.h"
#include "shell/store_words.h"

struct blocking {
    struct vg_stretch *stretch;
    enum vg_signal signal;
    const uint32_t *which; /* items of the signal */
    uint8_t *chosen;       /* the look of each */
    int64_t *column[4];    /* see COMMON */
    size_t readings, looks;
    struct vg_reading look[VG_BLOCK_LOOKS];
    unsigned flags[VG_BLOCK_LOOKS];
    unsigned has; /* of all looks */
    unsigned exponent;
    bool too_many; /* looks */
};

static unsigned has_of(const struct vg_reading *r)
{
    unsigned has = 0;

    has |= r->value != vg_obs_plain_value(r->signal, r->raw) ? VG_HAS_VALUE : 0;
    has |= r->pi >= 0 ? VG_HAS_PI : 0;
    has |= r->uln != VG_NO_VALUE ? VG_HAS_ULN : 0;
    has |= r->lln != VG_NO_VALUE ? VG_HAS_LLN : 0;
    has |= r->ice_items != 0 ? VG_HAS_ICE : 0;
    return has;
}

static unsigned flags_of(const struct vg_reading *r)
{
    return has_of(r) | (r->suspect ? VG_IS_SUSPECT : 0) |
           (r->out_of_range ? VG_IS_OUT_OF_RANGE : 0) |
           (r->unarousable ? VG_IS_UNAROUSABLE : 0);
}

/* The look of a reading, which is added if it is new. */
static size_t look_of(struct blocking *b, const struct vg_reading *r)
{
    const unsigned flags = flags_of(r);

    for (size_t i = 0; i < b->looks; i++) {
        const struct vg_reading *look = &b->look[i];
        if (b->flags[i] == flags && look->source == r->source &&
            look->unit == r->unit && look->method == r->method &&
            look->quality == r->quality) {
            return i;
        }
    }
    if (b->looks == VG_BLOCK_LOOKS) {
        b->too_many = true;
        return 0;
    }
    b->look[b->looks] = *r;
    b->flags[b->looks] = flags;
    b->has |= flags & VG_HAS_ANY;
    return b->looks++;
}

/* Whether the mantissa can stand at the block's exponent: exact, because normal decimals have
 * one form only. */
static bool stands(const struct blocking *b, struct vg_decimal raw, int64_t *out)
{
    if (raw.exponent == 0 && b->exponent == 0) {
        *out = raw.mantissa;
        return true;
    }
    if (!vg_block_shift(raw, b->exponent, out)) {
        return false;
    }
    const struct vg_decimal back = vg_block_normal(*out, b->exponent);
    return back.mantissa == raw.mantissa && back.exponent == raw.exponent;
}

/* The four columns that every reading has, side by side in the scratch. */
enum { MESSAGE, POSITION, OFFSET, MANTISSA, COMMON };

/* All mantissas at the block's exponent, if they can stand there. */
static void level(struct blocking *b)
{
    const struct vg_stretch *stretch = b->stretch;
    int64_t *mantissa = b->column[MANTISSA];
    bool all = true;

    for (size_t i = 0; i < b->readings && all; i++) {
        const struct vg_decimal raw = {mantissa[i], stretch->exponents[i]};
        all = stands(b, raw, &mantissa[i]);
    }
    if (all) {
        return;
    }
    b->exponent = VG_BLOCK_OWN;
    for (size_t i = 0; i < b->readings; i++) {
        mantissa[i] = stretch->item[b->which[i]].reading.raw.mantissa;
    }
}

/* What the other columns take from a reading. */
enum column { EXPONENT, LOOK, VALUE, PI, ULN, LLN, ICE };

static int64_t number_of(const struct blocking *b, size_t i, enum column column)
{
    const struct vg_reading *r = &b->stretch->item[b->which[i]].reading;

    switch (column) {
    case EXPONENT:
        return r->raw.exponent;
    case LOOK:
        return b->chosen[i];
    case VALUE:
        return r->value;
    case PI:
        return r->pi;
    case ULN:
        return r->uln;
    case LLN:
        return r->lln;
    case ICE:
        return (int64_t)r->ice_items;
    }
    return 0;
}

/* `has` 0: of all readings of the signal, else of those that have that number. */
static void put_column(struct blocking *b, enum column column, unsigned has)
{
    struct vg_stretch *stretch = b->stretch;
    size_t n = 0;

    for (size_t i = 0; i < b->readings; i++) {
        if (has == 0 || (b->flags[b->chosen[i]] & has) != 0) {
            stretch->numbers[n++] = number_of(b, i, column);
        }
    }
    vg_column_put(&stretch->scratch, stretch->numbers, n);
}

static void put_looks(struct blocking *b)
{
    struct vg_pack *pack = &b->stretch->scratch;

    vg_pack_varint(pack, b->looks);
    for (size_t i = 0; i < b->looks; i++) {
        const struct vg_reading *look = &b->look[i];
        vg_pack_byte(pack, vg_word_number(VG_WORD_SOURCE, look->source));
        vg_pack_byte(pack, vg_word_number(VG_WORD_UNIT, look->unit));
        vg_pack_byte(pack, vg_word_number(VG_WORD_METHOD, look->method));
        vg_pack_byte(pack, vg_word_number(VG_WORD_QUALITY, look->quality));
        vg_pack_varint(pack, b->flags[i]);
    }
}

static void put_block(struct blocking *b)
{
    static const struct {
        enum column column;
        unsigned has;
    } rare[] = {{VALUE, VG_HAS_VALUE},
                {PI, VG_HAS_PI},
                {ULN, VG_HAS_ULN},
                {LLN, VG_HAS_LLN},
                {ICE, VG_HAS_ICE}};
    struct vg_pack *pack = &b->stretch->scratch;

    pack->length = 0;
    vg_pack_byte(pack, VG_STRETCH_LAYOUT);
    vg_pack_byte(pack, vg_word_number(VG_WORD_SIGNAL, b->signal));
    vg_pack_varint(pack, b->readings);
    vg_pack_byte(pack, b->exponent);
    put_looks(b);
    for (size_t i = 0; i < COMMON; i++) {
        vg_column_put(pack, b->column[i], b->readings);
    }
    if (b->exponent == VG_BLOCK_OWN) {
        put_column(b, EXPONENT, 0);
    }
    put_column(b, LOOK, 0);
    for (size_t i = 0; i < sizeof rare / sizeof *rare; i++) {
        if ((b->has & rare[i].has) != 0) {
            put_column(b, rare[i].column, rare[i].has);
        }
    }
}

static enum vg_status make_room(struct vg_stretch *stretch, size_t readings)
{
    void *chosen = stretch->chosen;
    void *exponents = stretch->exponents;
    void *numbers = stretch->numbers;
    enum vg_status status =
        vg_block_grow(&chosen, &stretch->chosen_capacity, 1, readings);

    stretch->chosen = chosen;
    if (status == VG_OK) {
        status = vg_block_grow(&exponents, &stretch->exponent_capacity, 1, readings);
        stretch->exponents = exponents;
    }
    if (status == VG_OK) {
        status = vg_block_grow(&numbers, &stretch->number_capacity, sizeof(int64_t),
                               COMMON * readings);
        stretch->numbers = numbers;
    }
    return status;
}

static void begin(struct blocking *b, struct vg_stretch *stretch, enum vg_signal signal)
{
    b->stretch = stretch;
    b->signal = signal;
    b->readings = stretch->of[signal].count;
    b->which = stretch->of[signal].item;
    b->chosen = stretch->chosen;
    for (size_t i = 0; i < COMMON; i++) {
        b->column[i] = stretch->numbers + i * b->readings;
    }
}

#define AHEAD 6 /* readings: they lie far from each other */

/* The only walk over the readings themselves: their columns, their looks, the highest exponent,
 * their sums, and where they lie in time. */
static void survey(struct blocking *b, struct vg_pack *cells,
                   struct vg_block_head *head)
{
    const struct vg_stretch *stretch = b->stretch;
    struct vg_summing summing = {0};

    *head = (struct vg_block_head){b->readings, VG_NEVER, VG_UNSET};
    for (size_t i = 0; i < b->readings; i++) {
        if (i + AHEAD < b->readings) {
            __builtin_prefetch(&stretch->item[b->which[i + AHEAD]]);
        }
        const struct vg_stretch_item *item = &stretch->item[b->which[i]];
        const struct vg_reading *r = &item->reading;
        b->column[MESSAGE][i] = item->message;
        b->column[POSITION][i] = item->position;
        b->column[OFFSET][i] = (int64_t)((uint64_t)r->measured.ms -
                                         (uint64_t)stretch->measured[item->message]);
        b->column[MANTISSA][i] = r->raw.mantissa;
        stretch->exponents[i] = r->raw.exponent;
        b->chosen[i] = (uint8_t)look_of(b, r);
        b->exponent = r->raw.exponent > b->exponent ? r->raw.exponent : b->exponent;
        head->oldest = vg_earlier(head->oldest, r->measured);
        head->newest = vg_later(head->newest, r->measured);
        vg_sums_add(&summing, r);
    }
    vg_sums_pack(&summing, cells);
    vg_sums_finish(&summing);
}

enum vg_status vg_stretch_block(struct vg_stretch *stretch, enum vg_signal signal,
                                struct vg_zip *zip, struct vg_pack *out,
                                struct vg_pack *cells, struct vg_block_head *head)
{
    const enum vg_status status = make_room(stretch, stretch->of[signal].count);
    struct blocking *b = calloc(1, sizeof *b);

    if (b == NULL || status != VG_OK) {
        free(b);
        return VG_NO_MEMORY;
    }
    begin(b, stretch, signal);
    survey(b, cells, head);
    level(b);
    put_block(b);
    const bool full = b->too_many;
    free(b);
    if (full || cells->failed) {
        return full ? VG_FULL : VG_NO_MEMORY;
    }
    return vg_stretch_zipped(stretch, zip, out);
}
