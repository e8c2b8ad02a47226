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

void vg_pack_bytes(struct vg_pack *pack, const void *bytes, size_t length);
void vg_pack_byte(struct vg_pack *pack, unsigned byte);
void vg_pack_varint(struct vg_pack *pack, uint64_t number);
void vg_pack_signed(struct vg_pack *pack, int64_t number);
void vg_pack_text(struct vg_pack *pack, const char *text, size_t length);
void vg_pack_string(struct vg_pack *pack, const char *text);

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

unsigned vg_unpack_byte(struct vg_unpack *unpack);
uint64_t vg_unpack_varint(struct vg_unpack *unpack);
int64_t vg_unpack_signed(struct vg_unpack *unpack);
struct vg_slice vg_unpack_text(struct vg_unpack *unpack);
/* Into a buffer; a text that does not fit is a failure. */
void vg_unpack_string(struct vg_unpack *unpack, char *out, size_t capacity);
/* All that is left. */
struct vg_slice vg_unpack_rest(struct vg_unpack *unpack);

#endif
