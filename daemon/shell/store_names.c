/* SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing with linear probing, at most half full; nothing is ever removed.
 */
#include "shell/store_names.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64

void vg_names_finish(struct vg_names *names)
{
    free(names->slot);
    vg_pack_finish(&names->keys);
    *names = (struct vg_names){0};
}

/* Eight bytes at a time, unlike vg_hash: three of these are made of each message, and none is kept
 * beyond the process. */
static uint64_t hash_of(const void *key, size_t length)
{
    const uint8_t *at = key;
    uint64_t h = length * UINT64_C(0x9e3779b97f4a7c15);

    while (length > 0) {
        const size_t part = length < 8 ? length : 8;
        uint64_t word = 0;
        memcpy(&word, at, part);
        h = (h ^ word) * UINT64_C(0xd6e8feb86659fd93);
        h ^= h >> 32;
        at += part;
        length -= part;
    }
    return h;
}

/* The slot that holds the key, or the empty one where it belongs. */
static struct vg_name *probe(const struct vg_names *names, uint64_t hash,
                             const void *key, size_t length)
{
    size_t mask = names->capacity - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        struct vg_name *name = &names->slot[i];
        if (name->id == 0 ||
            (name->hash == hash && name->length == length &&
             memcmp(names->keys.bytes + name->key, key, length) == 0)) {
            return name;
        }
    }
}

int64_t vg_names_find(const struct vg_names *names, const void *key, size_t length)
{
    if (names->count == 0) {
        return 0;
    }
    return probe(names, hash_of(key, length), key, length)->id;
}

static enum vg_status grow(struct vg_names *names)
{
    struct vg_names larger = *names;
    larger.capacity = names->capacity == 0 ? FIRST_SLOTS : names->capacity * 2;
    larger.slot = calloc(larger.capacity, sizeof(*larger.slot));
    if (larger.slot == NULL) {
        return VG_NO_MEMORY;
    }
    for (size_t i = 0; i < names->capacity; i++) {
        const struct vg_name *name = &names->slot[i];
        if (name->id != 0) {
            *probe(&larger, name->hash, names->keys.bytes + name->key, name->length) =
                *name;
        }
    }
    free(names->slot);
    *names = larger;
    return VG_OK;
}

enum vg_status vg_names_add(struct vg_names *names, const void *key, size_t length,
                            int64_t id)
{
    if (names->count >= names->capacity / 2 && grow(names) != VG_OK) {
        return VG_NO_MEMORY;
    }
    size_t start = names->keys.length;
    vg_pack_bytes(&names->keys, key, length);
    if (names->keys.failed) {
        names->keys.failed = false;
        return VG_NO_MEMORY;
    }
    uint64_t hash = hash_of(key, length);
    *probe(names, hash, key, length) = (struct vg_name){hash, start, length, id};
    names->count++;
    return VG_OK;
}
