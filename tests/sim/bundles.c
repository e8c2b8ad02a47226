/* SPDX-License-Identifier: Apache-2.0
 *
 * Which numbers a bundle holds, read by what daemon/shell/store_bundle.h says of its layout and
 * by no code of the store.
 */
#include "sim/sim.h"

struct bytes {
    const unsigned char *at, *end;
};

static uint64_t varint(struct bytes *b)
{
    uint64_t number = 0;

    for (unsigned shift = 0; shift < 70 && b->at < b->end; shift += 7) {
        const unsigned byte = *b->at++;
        number |= shift < 64 ? (uint64_t)(byte & 127) << shift : 0;
        if (byte < 128) {
            break;
        }
    }
    return number;
}

static uint64_t whole(struct bytes *b)
{
    const uint64_t number = varint(b);

    return (number & 1) != 0 ? ~(number >> 1) : number >> 1;
}

static void pass_shape(struct bytes *b)
{
    uint64_t numbers = 0;

    for (uint64_t readings = varint(b); readings > 0 && b->at < b->end; readings--) {
        b->at++;
        const uint64_t flags = varint(b);
        b->at += (flags & 2) != 0 ? 3 : 2;
        numbers++;
        for (unsigned bit = 0; bit < 10; bit++) {
            numbers +=
                bit != 1 && bit != 3 && bit != 4 && bit != 6 && (flags >> bit & 1) != 0;
        }
    }
    while (numbers-- > 0) {
        (void)varint(b);
    }
}

size_t bundle_numbers(const void *data, size_t length, bundle_fn *each)
{
    struct bytes b = {data, (const unsigned char *)data + length};
    uint64_t base[7];

    b.at++;
    unsigned shapes = *b.at++;
    const unsigned low = *b.at++;
    const size_t count = low + 256U * *b.at++;
    b.at += 4;
    for (unsigned i = 0; i < 7; i++) {
        base[i] = whole(&b);
    }
    while (shapes-- > 0) {
        pass_shape(&b);
    }
    for (size_t i = 0; i < count; i++) {
        const uint64_t bytes = varint(&b);
        struct bytes m = {b.at + 1, b.at + bytes};
        const unsigned mark = *b.at;
        uint64_t number[4];
        for (unsigned n = 0; n < 4; n++) { /* received, measured, place, seq */
            number[n] = whole(&m);
        }
        if ((mark & 32) == 0) {
            (void)whole(&m);
        }
        const uint64_t epoch = base[4] + ((mark & 64) != 0 ? 0 : whole(&m));
        each((int64_t)epoch, base[5] + number[3]);
        b.at += bytes;
    }
    return b.at == b.end ? count : 0;
}
