/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes in a row: how records of a batch and readings of a stored message are written
 * and read back. Whole numbers are varints (7 bits a byte, low ones first; signed ones
 * zigzag first), a text is its length, its bytes and a NUL.
 *
 * Both sides remember a failure instead of returning one each time: packing fails for
 * want of memory, unpacking on bytes that cannot be right. Check `failed` at the end.
 */
#ifndef VIGIL_SHELL_STORE_PACK_H
#define VIGIL_SHELL_STORE_PACK_H

#include "vigil/base.h"

/* Grows as needed and is reused; zero-initialise. */
struct vg_pack {
    uint8_t *bytes;
    size_t length, capacity;
    bool failed;
};
void vg_pack_finish(struct vg_pack *pack);

/* For what is written often: room for `more` bytes at the end, NULL for want of memory; then the
 * bytes, and up to where they reach. */
#define VG_VARINT_MOST 10 /* bytes */
bool vg_pack_grow(struct vg_pack *pack, size_t more);

static inline uint8_t *vg_pack_room(struct vg_pack *pack, size_t more)
{
    if (pack->failed || more > pack->capacity - pack->length) {
        return vg_pack_grow(pack, more) ? pack->bytes + pack->length : NULL;
    }
    return pack->bytes + pack->length;
}

static inline void vg_pack_upto(struct vg_pack *pack, const uint8_t *end)
{
    pack->length = (size_t)(end - pack->bytes);
}

static inline uint8_t *vg_put_varint(uint8_t *at, uint64_t number)
{
    while (number >= 0x80) {
        *at++ = (uint8_t)(number | 0x80);
        number >>= 7;
    }
    *at++ = (uint8_t)number;
    return at;
}

static inline uint8_t *vg_put_signed(uint8_t *at, int64_t number)
{
    const uint64_t bits = (uint64_t)number << 1;

    return vg_put_varint(at, number < 0 ? ~bits : bits);
}

void vg_pack_bytes(struct vg_pack *pack, const void *bytes, size_t length);
void vg_pack_long(struct vg_pack *pack, uint64_t number); /* a varint of any length */
void vg_pack_text(struct vg_pack *pack, const char *text, size_t length);
void vg_pack_string(struct vg_pack *pack, const char *text);

static inline void vg_pack_byte(struct vg_pack *pack, unsigned byte)
{
    const uint8_t one = (uint8_t)byte;

    if (pack->length < pack->capacity && !pack->failed) {
        pack->bytes[pack->length++] = one;
    } else {
        vg_pack_bytes(pack, &one, 1);
    }
}

static inline void vg_pack_varint(struct vg_pack *pack, uint64_t number)
{
    if (number < 0x80) {
        vg_pack_byte(pack, (unsigned)number);
    } else {
        vg_pack_long(pack, number);
    }
}

static inline void vg_pack_signed(struct vg_pack *pack, int64_t number)
{
    const uint64_t bits = (uint64_t)number << 1;

    vg_pack_varint(pack, number < 0 ? ~bits : bits);
}

/* Over bytes that the caller keeps. */
struct vg_unpack {
    const uint8_t *at, *end;
    bool failed;
};

/* Points into the packed bytes, NUL-terminated; "" of length 0 after a failure. */
struct vg_slice {
    const char *text;
    size_t length;
};

uint64_t vg_unpack_long(struct vg_unpack *unpack); /* a varint of any length */
struct vg_slice vg_unpack_text(struct vg_unpack *unpack);
/* Into a buffer; a text that does not fit is a failure. */
void vg_unpack_string(struct vg_unpack *unpack, char *out, size_t capacity);
/* All that is left. */
struct vg_slice vg_unpack_rest(struct vg_unpack *unpack);

static inline unsigned vg_unpack_byte(struct vg_unpack *unpack)
{
    if (unpack->failed || unpack->at == unpack->end) {
        unpack->failed = true;
        return 0;
    }
    return *unpack->at++;
}

static inline uint64_t vg_unpack_varint(struct vg_unpack *unpack)
{
    const uint8_t *at = unpack->at;

    if (unpack->end - at < 2 || unpack->failed) {
        return vg_unpack_long(unpack);
    }
    if (at[0] < 0x80) {
        unpack->at = at + 1;
        return at[0];
    }
    if (at[1] < 0x80) {
        unpack->at = at + 2;
        return (uint64_t)at[1] << 7 | (at[0] & 0x7f);
    }
    return vg_unpack_long(unpack);
}

static inline int64_t vg_unpack_signed(struct vg_unpack *unpack)
{
    const uint64_t bits = vg_unpack_varint(unpack);
    const uint64_t half = bits >> 1;

    return (int64_t)((bits & 1) != 0 ? ~half : half);
}

#endif
