/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns. See store_column.h.
 *
 *     byte    form
 *     signed  first number, signed usual difference; then
 *       LINEAR  nothing: every difference is the usual one
 *       BYTES   one byte a number: difference - usual, two's complement
 *       SHORTS  two bytes a number, first all low ones, then all high ones
 *       LONG    a signed varint a number
 */
#include "shell/store_column.h"

#include <stdlib.h>

enum { LINEAR, BYTES, SHORTS, LONG };

static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* The mean difference: close to the usual one where there is one, and cheap. */
static int64_t usual(const int64_t *numbers, size_t count)
{
    if (count < 2) {
        return 0;
    }
    const int64_t first = minus(numbers[1], numbers[0]);
    const int64_t span = minus(numbers[count - 1], numbers[0]);
    const int64_t n = (int64_t)count - 1;
    if (minus(numbers[count - 1], numbers[count - 2]) == first) {
        return first;
    }
    return plus(span, span < 0 ? -n / 2 : n / 2) / n;
}

static unsigned form_of(const int64_t *numbers, size_t count, int64_t step)
{
    unsigned form = LINEAR;

    for (size_t i = 1; i < count; i++) {
        const int64_t rest = minus(minus(numbers[i], numbers[i - 1]), step);
        if (rest < INT16_MIN || rest > INT16_MAX) {
            return LONG;
        }
        if (rest < INT8_MIN || rest > INT8_MAX) {
            form = SHORTS;
        } else if (rest != 0 && form == LINEAR) {
            form = BYTES;
        }
    }
    return form;
}

/* SHORTS cost two bytes each before zstd; where few are long, varints are shorter. */
static bool few_long(const int64_t *numbers, size_t count, int64_t step)
{
    size_t wide = 0;

    for (size_t i = 1; i < count; i++) {
        const int64_t rest = minus(minus(numbers[i], numbers[i - 1]), step);
        wide += rest < -64 || rest > 63;
    }
    return wide < count / 16;
}

/* Of each difference the byte above `shift` bits. */
static void put_short(struct vg_pack *pack, const int64_t *numbers, size_t count,
                      int64_t step, unsigned shift)
{
    uint8_t *at = vg_pack_room(pack, count - 1);

    if (at == NULL) {
        return;
    }
    for (size_t i = 1; i < count; i++) {
        const int64_t rest = minus(minus(numbers[i], numbers[i - 1]), step);
        *at++ = (uint8_t)((uint64_t)rest >> shift);
    }
    vg_pack_upto(pack, at);
}

void vg_column_put(struct vg_pack *pack, const int64_t *numbers, size_t count)
{
    const int64_t step = usual(numbers, count);
    unsigned form = form_of(numbers, count, step);

    if (form == SHORTS && few_long(numbers, count, step)) {
        form = LONG;
    }
    vg_pack_byte(pack, form);
    vg_pack_signed(pack, count > 0 ? numbers[0] : 0);
    vg_pack_signed(pack, step);
    for (size_t i = 1; i < count && form == LONG; i++) {
        vg_pack_signed(pack, minus(minus(numbers[i], numbers[i - 1]), step));
    }
    if (form == BYTES || form == SHORTS) {
        put_short(pack, numbers, count, step, 0);
    }
    if (form == SHORTS) {
        put_short(pack, numbers, count, step, 8);
    }
}

void vg_column_finish(struct vg_column *column)
{
    free(column->numbers);
    *column = (struct vg_column){0};
}

static enum vg_status make_room(struct vg_column *column, size_t count)
{
    if (count <= column->capacity) {
        return VG_OK;
    }
    int64_t *larger = realloc(column->numbers, count * sizeof *larger);
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    column->numbers = larger;
    column->capacity = count;
    return VG_OK;
}

static void read_short(struct vg_unpack *unpack, size_t count, struct vg_column *out,
                       bool two)
{
    const size_t rows = count - 1;
    const uint8_t *low = unpack->at;

    if ((size_t)(unpack->end - low) < (two ? 2 * rows : rows)) {
        unpack->failed = true;
        return;
    }
    int64_t number = out->start;
    out->numbers[0] = number;
    for (size_t i = 0; i < rows; i++) {
        const int64_t rest =
            two ? (int16_t)(uint16_t)(low[i] | low[rows + i] << 8) : (int8_t)low[i];
        number = plus(number, plus(out->step, rest));
        out->numbers[i + 1] = number;
    }
    unpack->at += two ? 2 * rows : rows;
}

static void read_long(struct vg_unpack *unpack, size_t count, struct vg_column *out)
{
    int64_t number = out->start;

    out->numbers[0] = number;
    for (size_t i = 1; i < count; i++) {
        number = plus(number, plus(out->step, vg_unpack_signed(unpack)));
        out->numbers[i] = number;
    }
}

/* Without a look at the numbers. */
static bool is_small(const struct vg_column *column, unsigned form, size_t count)
{
    static const int64_t far = INT64_C(100000000000);

    return form != LONG && count <= 1 << 16 && column->start < far &&
           column->start > -far && column->step < 1 << 20 && column->step > -(1 << 20);
}

enum vg_status vg_column_get(struct vg_unpack *unpack, size_t count,
                             struct vg_column *out)
{
    const unsigned form = vg_unpack_byte(unpack);

    out->start = vg_unpack_signed(unpack);
    out->step = vg_unpack_signed(unpack);
    out->linear = form == LINEAR || count < 2;
    if (unpack->failed || form > LONG) {
        return VG_REFUSED;
    }
    out->small = is_small(out, form, count);
    if (out->linear) {
        return VG_OK;
    }
    /* each row takes a byte at least: no damage makes us ask for more than was there */
    if (count - 1 > (size_t)(unpack->end - unpack->at)) {
        return VG_REFUSED;
    }
    if (make_room(out, count) != VG_OK) {
        return VG_NO_MEMORY;
    }
    if (form == LONG) {
        read_long(unpack, count, out);
    } else {
        read_short(unpack, count, out, form == SHORTS);
    }
    return unpack->failed ? VG_REFUSED : VG_OK;
}
