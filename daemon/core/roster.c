/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding beds, wards and protocols, and which bed wants to be woken next.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/carer.h"

static size_t slot_of(const struct vg_engine *engine, const char *ward, const char *bed)
{
    const uint64_t hash = vg_hash(vg_hash(0, ward, strlen(ward)), bed, strlen(bed));

    return (size_t)hash & (engine->table_size - 1);
}

static int order(const struct vg_bed *a, const struct vg_bed *b)
{
    const int ward = strcmp(a->ward, b->ward);

    return ward != 0 ? ward : strcmp(a->bed, b->bed);
}

struct vg_bed *vg_roster_find(const struct vg_engine *engine, const char *ward,
                              const char *bed)
{
    if (engine->table_size == 0) {
        return NULL;
    }
    size_t at = slot_of(engine, ward, bed);
    while (engine->table[at] != NULL) {
        if (strcmp(engine->table[at]->bed, bed) == 0 &&
            strcmp(engine->table[at]->ward, ward) == 0) {
            return engine->table[at];
        }
        at = (at + 1) & (engine->table_size - 1);
    }
    return NULL;
}

struct vg_bed *vg_roster_patient(const struct vg_engine *engine, const char *patient,
                                 bool outpatient, const struct vg_bed *but)
{
    for (size_t i = 0; i < engine->heap_count; i++) {
        struct vg_bed *bed = engine->heap[i];
        if (bed->linked && bed != but && bed->episode.outpatient == outpatient &&
            strcmp(bed->episode.patient, patient) == 0) {
            return bed;
        }
    }
    return NULL;
}

static void table_put(struct vg_engine *engine, struct vg_bed *bed)
{
    size_t at = slot_of(engine, bed->ward, bed->bed);

    while (engine->table[at] != NULL) {
        at = (at + 1) & (engine->table_size - 1);
    }
    engine->table[at] = bed;
}

/* The table is made anew from the heap, which holds every bed. */
static void table_fill(struct vg_engine *engine)
{
    memset(engine->table, 0, engine->table_size * sizeof(struct vg_bed *));
    for (size_t i = 0; i < engine->heap_count; i++) {
        table_put(engine, engine->heap[i]);
    }
}

static bool list_room(struct vg_bed ***list, size_t size)
{
    struct vg_bed **grown = realloc(*list, size * sizeof(struct vg_bed *));

    if (grown != NULL) {
        *list = grown;
    }
    return grown != NULL;
}

bool vg_roster_room(struct vg_engine *engine)
{
    if (engine->heap_count == engine->heap_size) {
        const size_t size = engine->heap_size * 2 + 16;
        vg_ms *wakes = realloc(engine->heap_wake, size * sizeof *wakes);
        if (wakes == NULL) {
            return false;
        }
        engine->heap_wake = wakes;
        if (!list_room(&engine->heap, size) || !list_room(&engine->sorted, size)) {
            return false;
        }
        engine->heap_size = size;
    }
    if ((engine->heap_count + 1) * 2 > engine->table_size) {
        const size_t size = engine->table_size == 0 ? 64 : engine->table_size * 2;
        struct vg_bed **table = calloc(size, sizeof(struct vg_bed *));
        if (table == NULL) {
            return false;
        }
        free(engine->table);
        engine->table = table;
        engine->table_size = size;
        table_fill(engine);
    }
    return true;
}

/* ---- The heap */

/* The instants lie beside each other: beds are looked at only if they are the same. */
static bool before(const struct vg_engine *engine, size_t a, const struct vg_bed *bed,
                   vg_ms wake)
{
    return engine->heap_wake[a] != wake ? engine->heap_wake[a] < wake
                                        : order(engine->heap[a], bed) < 0;
}

static void place(struct vg_engine *engine, size_t at, struct vg_bed *bed, vg_ms wake)
{
    engine->heap[at] = bed;
    engine->heap_wake[at] = wake;
    bed->heap_place = at;
}

void vg_roster_rewake(struct vg_engine *engine, struct vg_bed *bed)
{
    struct vg_bed **heap = engine->heap;
    const vg_ms *wakes = engine->heap_wake;
    const vg_ms wake = bed->wake.ms;
    size_t at = bed->heap_place;

    while (at > 0 && !before(engine, (at - 1) / 2, bed, wake)) {
        const size_t up = (at - 1) / 2;
        place(engine, at, heap[up], wakes[up]);
        at = up;
    }
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= engine->heap_count) {
            break;
        }
        if (child + 1 < engine->heap_count &&
            before(engine, child + 1, heap[child], wakes[child])) {
            child++;
        }
        if (!before(engine, child, bed, wake)) {
            break;
        }
        place(engine, at, heap[child], wakes[child]);
        at = child;
    }
    place(engine, at, bed, wake);
}

/* ---- In order: kept so that going through all beds needs no memory */

/* `count`: without the new one. */
static void sorted_put(struct vg_engine *engine, size_t count, struct vg_bed *bed)
{
    size_t at = count;

    while (at > 0 && order(bed, engine->sorted[at - 1]) < 0) {
        engine->sorted[at] = engine->sorted[at - 1];
        at--;
    }
    engine->sorted[at] = bed;
}

/* `count`: with the old one. */
static void sorted_take(struct vg_engine *engine, size_t count,
                        const struct vg_bed *bed)
{
    size_t at = 0;

    while (engine->sorted[at] != bed) {
        at++;
        assert(at < count);
    }
    memmove(&engine->sorted[at], &engine->sorted[at + 1],
            (count - at - 1) * sizeof(struct vg_bed *));
}

void vg_roster_add(struct vg_engine *engine, struct vg_bed *bed)
{
    sorted_put(engine, engine->heap_count, bed);
    place(engine, engine->heap_count++, bed, bed->wake.ms);
    vg_roster_rewake(engine, bed);
    table_put(engine, bed);
}

struct vg_bed *vg_roster_bed(struct vg_engine *engine, const char *ward,
                             const char *bed)
{
    struct vg_bed *found = vg_roster_find(engine, ward, bed);

    if (found != NULL) {
        return found;
    }
    if (!vg_roster_room(engine) || vg_roster_ward(engine, ward) == NULL) {
        return NULL;
    }
    const bool node = bed[0] == '\0' || bed[0] == ':'; /* no bed: see node.c */
    found = vg_bed_create(
        ward, bed, node ? vg_node_protocol() : vg_book_of_ward(engine->book, ward));
    if (found != NULL) {
        found->node = node;
        vg_roster_add(engine, found);
    }
    return found;
}

void vg_roster_remove(struct vg_engine *engine, struct vg_bed *bed)
{
    sorted_take(engine, engine->heap_count, bed);
    struct vg_bed *last = engine->heap[--engine->heap_count];

    if (last != bed) {
        place(engine, bed->heap_place, last, last->wake.ms);
        vg_roster_rewake(engine, last);
    }
    table_fill(engine);
    vg_bed_destroy(bed);
}

void vg_roster_move(struct vg_engine *engine, struct vg_bed *bed, const char *ward,
                    const char *name)
{
    sorted_take(engine, engine->heap_count, bed);
    (void)vg_copy(bed->ward, sizeof bed->ward, ward);
    (void)vg_copy(bed->bed, sizeof bed->bed, name);
    sorted_put(engine, engine->heap_count - 1, bed);
    table_fill(engine);
    vg_roster_rewake(engine, bed);
}

void vg_roster_swap(struct vg_engine *engine, struct vg_bed *one, struct vg_bed *other)
{
    char ward[VG_ID_LEN + 1];
    char bed[VG_ID_LEN + 1];

    sorted_take(engine, engine->heap_count, one);
    sorted_take(engine, engine->heap_count - 1, other);
    memcpy(ward, one->ward, sizeof ward);
    memcpy(bed, one->bed, sizeof bed);
    memcpy(one->ward, other->ward, sizeof ward);
    memcpy(one->bed, other->bed, sizeof bed);
    memcpy(other->ward, ward, sizeof ward);
    memcpy(other->bed, bed, sizeof bed);
    sorted_put(engine, engine->heap_count - 2, one);
    sorted_put(engine, engine->heap_count - 1, other);
    table_fill(engine);
    vg_roster_rewake(engine, one);
    vg_roster_rewake(engine, other);
}

/* ---- Wards and protocols */

struct vg_ward_state *vg_roster_ward(struct vg_engine *engine, const char *ward)
{
    for (size_t i = 0; i < engine->ward_count; i++) {
        if (strcmp(engine->ward[i].id, ward) == 0) {
            return &engine->ward[i];
        }
    }
    if (engine->ward_count == engine->ward_size) {
        const size_t size = engine->ward_size * 2 + 8;
        struct vg_ward_state *grown = realloc(engine->ward, size * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        engine->ward = grown;
        engine->ward_size = size;
    }
    struct vg_ward_state *fresh = &engine->ward[engine->ward_count++];
    memset(fresh, 0, sizeof *fresh);
    (void)vg_copy(fresh->id, sizeof fresh->id, ward);
    return fresh;
}

static const struct vg_protocol *named(const struct vg_rulebook *book, const char *name)
{
    for (size_t i = 0; i < book->protocol_count; i++) {
        if (strcmp(book->protocol[i]->name, name) == 0) {
            return book->protocol[i];
        }
    }
    return NULL;
}

const struct vg_protocol *vg_book_of_ward(const struct vg_rulebook *book,
                                          const char *ward)
{
    for (size_t i = 0; i < book->ward_count; i++) {
        if (strcmp(book->ward[i].id, ward) == 0) {
            return book->ward[i].protocol;
        }
    }
    if (book->ward_count > 0) {
        return book->ward[0].protocol;
    }
    const struct vg_protocol *usual = named(book, "car-t");
    return usual != NULL ? usual : book->protocol[0];
}

const struct vg_protocol *vg_book_of_episode(const struct vg_rulebook *book,
                                             const char *ward, const char *name,
                                             enum vg_product product)
{
    const struct vg_protocol *found = name[0] != '\0' ? named(book, name) : NULL;

    for (size_t i = 0; found == NULL && i < book->protocol_count; i++) {
        const struct vg_protocol *p = book->protocol[i];
        for (size_t k = 0; k < p->product_count; k++) {
            if (product != VG_PRODUCT_UNKNOWN && p->product[k] == product) {
                found = p;
            }
        }
    }
    return found != NULL ? found : vg_book_of_ward(book, ward);
}
