/* SPDX-License-Identifier: Apache-2.0
 *
 * Packing and unpacking; see store_pack.h.
 */
#include "shell/store_pack.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 4096

void vg_pack_finish(struct vg_pack *pack)
{
    free(pack->bytes);
    *pack = (struct vg_pack){0};
}

bool vg_pack_grow(struct vg_pack *pack, size_t more)
{
    if (pack->failed || more > SIZE_MAX / 4 || pack->length > SIZE_MAX / 4) {
        pack->failed = true;
        return false;
    }
    size_t wanted = pack->length + more;
    size_t capacity = pack->capacity == 0 ? FIRST_CAPACITY : pack->capacity;
    while (capacity < wanted) {
        capacity *= 2;
    }
    uint8_t *bytes = realloc(pack->bytes, capacity);
    if (bytes == NULL) {
        pack->failed = true;
        return false;
    }
    pack->bytes = bytes;
    pack->capacity = capacity;
    return true;
}

void vg_pack_bytes(struct vg_pack *pack, const void *bytes, size_t length)
{
    uint8_t *at = length > 0 ? vg_pack_room(pack, length) : NULL;

    if (at != NULL) {
        memcpy(at, bytes, length);
        vg_pack_upto(pack, at + length);
    }
}

void vg_pack_long(struct vg_pack *pack, uint64_t number)
{
    uint8_t *at = vg_pack_room(pack, VG_VARINT_MOST);

    if (at != NULL) {
        vg_pack_upto(pack, vg_put_varint(at, number));
    }
}

void vg_pack_text(struct vg_pack *pack, const char *text, size_t length)
{
    vg_pack_varint(pack, length);
    vg_pack_bytes(pack, text, length);
    vg_pack_byte(pack, 0);
}

void vg_pack_string(struct vg_pack *pack, const char *text)
{
    vg_pack_text(pack, text, strlen(text));
}

/* Nothing has failed, and the bytes cannot end before the number does. */
static uint64_t unpack_quickly(struct vg_unpack *unpack)
{
    const uint8_t *at = unpack->at;
    uint64_t number = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint64_t byte = *at++;
        number |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            unpack->at = at;
            return number;
        }
    }
    unpack->at = at;
    unpack->failed = true;
    return 0;
}

uint64_t vg_unpack_long(struct vg_unpack *unpack)
{
    if (!unpack->failed && unpack->end - unpack->at >= VG_VARINT_MOST) {
        return unpack_quickly(unpack);
    }
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned byte = vg_unpack_byte(unpack);
        number |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            return unpack->failed ? 0 : number;
        }
    }
    unpack->failed = true;
    return 0;
}

struct vg_slice vg_unpack_text(struct vg_unpack *unpack)
{
    uint64_t length = vg_unpack_varint(unpack);
    size_t left = (size_t)(unpack->end - unpack->at);
    if (unpack->failed || length >= left || unpack->at[length] != 0) {
        unpack->failed = true;
        return (struct vg_slice){"", 0};
    }
    struct vg_slice slice = {(const char *)unpack->at, (size_t)length};
    unpack->at += length + 1;
    return slice;
}

void vg_unpack_string(struct vg_unpack *unpack, char *out, size_t capacity)
{
    struct vg_slice slice = vg_unpack_text(unpack);
    if (slice.length >= capacity) {
        unpack->failed = true;
        slice = (struct vg_slice){"", 0};
    }
    memcpy(out, slice.text, slice.length);
    out[slice.length] = '\0';
}

struct vg_slice vg_unpack_rest(struct vg_unpack *unpack)
{
    struct vg_slice rest = {(const char *)unpack->at,
                            (size_t)(unpack->end - unpack->at)};
    unpack->at = unpack->end;
    return rest;
}
