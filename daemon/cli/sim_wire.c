/* SPDX-License-Identifier: Apache-2.0
 *
 * What has to wait lies in a heap by the time it is due, and in the order it came in where
 * that is the same.
 */
#include "cli/sim_wire.h"

#include <stdlib.h>
#include <string.h>

#define UNDER_WAY_AT_MOST 20000
#define OVERTAKEN_FOR     (2 * VG_SECOND) /* by at most this a swapped one comes later */

struct parcel {
    vg_ms due;
    uint64_t serial;
    size_t topic_length, length;
    char bytes[]; /* topic, NUL, payload */
};

struct vg_sim_wire {
    struct vg_sim_faults faults;
    struct vg_sim_chance chance;
    vg_sim_wire_fn *deliver;
    void *to;
    struct parcel **heap;
    size_t count, room;
    uint64_t serial;
    vg_ms latest; /* due time of the latest that kept its place */
    struct vg_sim_wire_counts counts;
};

struct vg_sim_wire *vg_sim_wire_create(const struct vg_sim_faults *faults,
                                       struct vg_sim_chance chance,
                                       vg_sim_wire_fn *deliver, void *to)
{
    struct vg_sim_wire *wire = calloc(1, sizeof *wire);
    if (wire != NULL) {
        wire->faults = *faults;
        wire->chance = chance;
        wire->deliver = deliver;
        wire->to = to;
        wire->latest = INT64_MIN;
    }
    return wire;
}

void vg_sim_wire_destroy(struct vg_sim_wire *wire)
{
    if (wire != NULL) {
        vg_sim_wire_clear(wire);
        free(wire->heap);
        free(wire);
    }
}

static bool before(const struct parcel *a, const struct parcel *b)
{
    return a->due < b->due || (a->due == b->due && a->serial < b->serial);
}

static void swap(struct vg_sim_wire *wire, size_t i, size_t j)
{
    struct parcel *parcel = wire->heap[i];
    wire->heap[i] = wire->heap[j];
    wire->heap[j] = parcel;
}

static bool push(struct vg_sim_wire *wire, struct parcel *parcel)
{
    if (wire->count == wire->room) {
        size_t room = wire->room * 2 + 64;
        struct parcel **grown = realloc(wire->heap, room * sizeof(struct parcel *));
        if (grown == NULL) {
            return false;
        }
        wire->heap = grown;
        wire->room = room;
    }
    parcel->serial = ++wire->serial;
    size_t i = wire->count++;
    wire->heap[i] = parcel;
    for (; i > 0 && before(wire->heap[i], wire->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        swap(wire, i, (i - 1) / 2);
    }
    return true;
}

static struct parcel *pop(struct vg_sim_wire *wire)
{
    struct parcel *first = wire->heap[0];
    wire->heap[0] = wire->heap[--wire->count];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++) {
            least = child < wire->count && before(wire->heap[child], wire->heap[least])
                        ? child
                        : least;
        }
        if (least == i) {
            return first;
        }
        swap(wire, i, least);
        i = least;
    }
}

static enum vg_status hold(struct vg_sim_wire *wire, vg_ms due,
                           const struct vg_letter *letter)
{
    size_t topic_length = strlen(letter->topic);
    struct parcel *parcel =
        malloc(sizeof *parcel + topic_length + 1 + letter->payload_length);
    if (parcel == NULL) {
        return VG_NO_MEMORY;
    }
    parcel->due = due;
    parcel->topic_length = topic_length;
    parcel->length = letter->payload_length;
    memcpy(parcel->bytes, letter->topic, topic_length + 1);
    memcpy(parcel->bytes + topic_length + 1, letter->payload, letter->payload_length);
    if (!push(wire, parcel)) {
        free(parcel);
        return VG_NO_MEMORY;
    }
    return VG_OK;
}

/* Up to `most` later than now. */
static vg_ms some(struct vg_sim_wire *wire, vg_ms most)
{
    return most > 0 ? (vg_ms)vg_sim_below(&wire->chance, (size_t)most + 1) : 0;
}

/* When the message arrives: held up behind those before it, or, swapped, past those after it. */
static vg_ms arrival(struct vg_sim_wire *wire, vg_ms now)
{
    vg_ms due = now + some(wire, wire->faults.delay);
    if (vg_sim_happens(&wire->chance, wire->faults.reorder)) {
        wire->counts.reordered++;
        return due + 1 + some(wire, OVERTAKEN_FOR);
    }
    wire->latest = due > wire->latest ? due : wire->latest;
    wire->counts.delayed += wire->latest > now;
    return wire->latest;
}

/* The second of a pair takes its own time; without delays it follows at once. */
static void copy(struct vg_sim_wire *wire, vg_ms now, const struct vg_letter *letter)
{
    vg_ms later = some(wire, wire->faults.delay + OVERTAKEN_FOR);
    if (vg_sim_happens(&wire->chance, wire->faults.duplicate) &&
        hold(wire, now + later, letter) == VG_OK) {
        wire->counts.duplicated++;
    }
}

static enum vg_status forward(struct vg_sim_wire *wire, vg_ms now,
                              const struct vg_letter *letter)
{
    vg_ms due = arrival(wire, now);
    if (due > now) {
        return hold(wire, due, letter);
    }
    return wire->deliver(wire->to, now, letter);
}

enum vg_status vg_sim_wire_send(struct vg_sim_wire *wire, vg_ms now,
                                const struct vg_letter *letter)
{
    vg_sim_wire_run(wire, now);
    if (wire->count >= UNDER_WAY_AT_MOST) {
        return VG_FULL;
    }
    if (vg_sim_happens(&wire->chance, wire->faults.drop)) {
        wire->counts.dropped++;
        return wire->faults.again > 0 ? hold(wire, now + wire->faults.again, letter)
                                      : VG_OK;
    }
    enum vg_status status = forward(wire, now, letter);
    if (status == VG_OK) {
        copy(wire, now, letter);
    }
    return status;
}

void vg_sim_wire_run(struct vg_sim_wire *wire, vg_ms now)
{
    while (wire->count > 0 && wire->heap[0]->due <= now) {
        struct parcel *parcel = wire->heap[0];
        struct vg_letter letter = {.topic = parcel->bytes,
                                   .topic_length = parcel->topic_length,
                                   .payload = parcel->bytes + parcel->topic_length + 1,
                                   .payload_length = parcel->length};
        if (wire->deliver(wire->to, parcel->due, &letter) == VG_FULL) {
            return;
        }
        free(pop(wire));
    }
}

vg_ms vg_sim_wire_due(const struct vg_sim_wire *wire)
{
    return wire->count > 0 ? wire->heap[0]->due : INT64_MAX;
}

void vg_sim_wire_clear(struct vg_sim_wire *wire)
{
    while (wire->count > 0) {
        free(pop(wire));
    }
    wire->latest = INT64_MIN;
}

struct vg_sim_wire_counts vg_sim_wire_counts(const struct vg_sim_wire *wire)
{
    return wire->counts;
}
