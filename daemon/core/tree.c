/* SPDX-License-Identifier: Apache-2.0
 *
 * The plain tree of a configuration file, the memory it lives in, and its faults.
 */
#include "vigil/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct vg_node *vg_node_get(const struct vg_node *map, const char *key)
{
    if (map == NULL || map->kind != VG_NODE_MAP) {
        return NULL;
    }
    for (const struct vg_node *child = map->first; child != NULL; child = child->next) {
        if (strcmp(child->key, key) == 0) {
            return child;
        }
    }
    return NULL;
}

/* Blocks are linked, newest first; a piece that is larger than a block gets its own. */
struct block {
    struct block *next;
    size_t size, used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct vg_arena {
    struct block *newest;
};

#define BLOCK_BYTES ((size_t)32 * 1024)

struct vg_arena *vg_arena_create(void)
{
    return calloc(1, sizeof(struct vg_arena));
}

void vg_arena_destroy(struct vg_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    while (arena->newest != NULL) {
        struct block *block = arena->newest;

        arena->newest = block->next;
        free(block);
    }
    free(arena);
}

static struct block *arena_grow(struct vg_arena *arena, size_t size)
{
    const size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    struct block *block = calloc(1, sizeof *block + room);

    if (block == NULL) {
        return NULL;
    }
    block->size = room;
    block->next = arena->newest;
    arena->newest = block;
    return block;
}

void *vg_arena_take(struct vg_arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);

    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size = (size + align - 1) / align * align;
    struct block *block = arena->newest;

    if (block == NULL || block->size - block->used < size) {
        block = arena_grow(arena, size);
        if (block == NULL) {
            return NULL;
        }
    }
    void *piece = block->bytes + block->used;

    block->used += size;
    return piece;
}

char *vg_arena_text(struct vg_arena *arena, const char *text, size_t length)
{
    char *copy = vg_arena_take(arena, length + 1);

    if (copy != NULL) {
        memcpy(copy, text, length);
    }
    return copy;
}

static void add(struct vg_faults *faults, struct vg_place place, bool warning,
                const char *format, va_list arguments)
    __attribute__((format(printf, 4, 0)));

static void add(struct vg_faults *faults, struct vg_place place, bool warning,
                const char *format, va_list arguments)
{
    if (!warning) {
        faults->errors++;
    }
    if (faults->count == VG_FAULTS) {
        return;
    }
    struct vg_fault *fault = &faults->item[faults->count++];

    fault->place = place;
    fault->warning = warning;
    (void)vsnprintf(fault->text, sizeof fault->text, format, arguments);
}

void vg_fault_add(struct vg_faults *faults, struct vg_place place, const char *format,
                  ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(faults, place, false, format, arguments);
    va_end(arguments);
}

void vg_fault_warn(struct vg_faults *faults, struct vg_place place, const char *format,
                   ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(faults, place, true, format, arguments);
    va_end(arguments);
}

static bool place_before(struct vg_place a, struct vg_place b)
{
    return a.line < b.line || (a.line == b.line && a.column < b.column);
}

/* By insertion: few, mostly in order already, and equal places keep their order. */
void vg_faults_sort(struct vg_faults *faults)
{
    for (size_t i = 1; i < faults->count; i++) {
        const struct vg_fault moved = faults->item[i];
        size_t j = i;

        while (j > 0 && place_before(moved.place, faults->item[j - 1].place)) {
            faults->item[j] = faults->item[j - 1];
            j--;
        }
        faults->item[j] = moved;
    }
}
