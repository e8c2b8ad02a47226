/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts and their places: each distinct text gets the next number, from 0. For counting by
 * bed, by patient or by rule when there are thousands of them.
 */
#ifndef VIGIL_SHELL_KEYS_H
#define VIGIL_SHELL_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* Owns copies of its texts. Zero-initialise. */
struct vg_keys {
    size_t count, room; /* texts, and how many fit into text[] */
    char **text;
    size_t slots; /* a power of two, or 0 */
    size_t *slot; /* place + 1; 0: free */
};

void vg_keys_finish(struct vg_keys *keys);

/* The place of `text`, which is added if it is new. SIZE_MAX: no memory, nothing changed. */
size_t vg_keys_put(struct vg_keys *keys, const char *text);

/* The place of `text`, SIZE_MAX if it is not there. */
size_t vg_keys_find(const struct vg_keys *keys, const char *text);

/* An array of `size` bytes an item, with room for `count` (at least 1) of them; new ones are zero
 * bytes. `items` itself or where it has moved; NULL: no memory, nothing changed. */
void *vg_keys_grow(void *items, size_t *room, size_t count, size_t size);

#endif
