/* SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing, at most half full. See keys.h.
 */
#include "shell/keys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vigil/base.h"

void vg_keys_finish(struct vg_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        free(keys->text[i]);
    }
    free(keys->text);
    free(keys->slot);
    memset(keys, 0, sizeof *keys);
}

void *vg_keys_grow(void *items, size_t *room, size_t count, size_t size)
{
    if (count <= *room) {
        return items;
    }
    const size_t more = count * 2;
    char *grown = realloc(items, more * size);
    if (grown != NULL) {
        memset(grown + *room * size, 0, (more - *room) * size);
        *room = more;
    }
    return grown;
}

static size_t slot_of(const struct vg_keys *keys, const char *text)
{
    size_t at = (size_t)vg_hash(0, text, strlen(text)) & (keys->slots - 1);

    while (keys->slot[at] != 0 && strcmp(keys->text[keys->slot[at] - 1], text) != 0) {
        at = (at + 1) & (keys->slots - 1);
    }
    return at;
}

static bool widen(struct vg_keys *keys)
{
    struct vg_keys wide = *keys;

    if ((keys->count + 1) * 2 <= keys->slots) {
        return true;
    }
    wide.slots = keys->slots == 0 ? 64 : keys->slots * 2;
    wide.slot = calloc(wide.slots, sizeof *wide.slot);
    if (wide.slot == NULL) {
        return false;
    }
    for (size_t i = 0; i < keys->count; i++) {
        wide.slot[slot_of(&wide, keys->text[i])] = i + 1;
    }
    free(keys->slot);
    keys->slot = wide.slot;
    keys->slots = wide.slots;
    return true;
}

size_t vg_keys_put(struct vg_keys *keys, const char *text)
{
    char **texts =
        vg_keys_grow(keys->text, &keys->room, keys->count + 1, sizeof *texts);

    if (texts == NULL) {
        return SIZE_MAX;
    }
    keys->text = texts;
    if (!widen(keys)) {
        return SIZE_MAX;
    }
    const size_t at = slot_of(keys, text);
    if (keys->slot[at] != 0) {
        return keys->slot[at] - 1;
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        return SIZE_MAX;
    }
    keys->text[keys->count] = copy;
    keys->slot[at] = ++keys->count;
    return keys->count - 1;
}

size_t vg_keys_find(const struct vg_keys *keys, const char *text)
{
    return keys->slots == 0 ? SIZE_MAX : keys->slot[slot_of(keys, text)] - 1;
}
