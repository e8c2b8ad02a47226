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
    return probe(names, vg_hash(0, key, length), key, length)->id;
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
    uint64_t hash = vg_hash(0, key, length);
    *probe(names, hash, key, length) = (struct vg_name){hash, start, length, id};
    names->count++;
    return VG_OK;
}
