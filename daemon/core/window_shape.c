/* SPDX-License-Identifier: Apache-2.0
 *
 * The shape of a window's ring. See ring.h.
 */
#include <stdlib.h>

#include "core/ring.h"

#define FEW 8 /* so many runs, and one for 16 readings, are no reason to look */

/* What the readings would take in the shape of `as`, which has nothing else. */
static size_t bytes_as(const struct vg_window *window, const struct vg_window *as)
{
    const size_t each = as->size + (as->even ? 0 : sizeof *as->low);
    size_t runs = 0;
    uint32_t n = 0; /* readings of the last run */
    struct vg_run last = {0};

    for (uint32_t i = 0; i < window->count; i++) {
        const struct vg_sample sample = vg_window_at(window, i);
        if (n == 0 || !vg_ring_takes(as, &last, n, &sample)) {
            last = vg_ring_one(as, i, &sample);
            runs++;
            n = 0;
        } else if (as->even && n == 1) {
            last.step = (uint32_t)(sample.measured.ms - last.start);
        }
        n++;
    }
    return runs * sizeof last + window->count * each;
}

/* The same readings in the shape of `as`. False: no memory, and *as is finished. */
static bool fill(struct vg_window *as, const struct vg_window *window)
{
    bool room = vg_ring_grow(as, window->capacity);

    for (uint32_t i = 0; room && i < window->count; i++) {
        room = as->run_capacity - as->run_count >= 2 || vg_ring_grow_runs(as, 2);
        if (room) {
            const struct vg_sample sample = vg_window_at(window, i);
            vg_window_insert(as, i, &sample);
        }
    }
    if (!room) {
        free(as->value);
        free(as->run);
    }
    return room;
}

static void change(struct vg_window *window, struct vg_window *as)
{
    as->first = window->first;
    if (fill(as, window)) {
        free(window->value);
        free(window->run);
        window->even = as->even;
        window->size = as->size;
        window->head = as->head;
        window->capacity = as->capacity;
        window->run_count = as->run_count;
        window->run_capacity = as->run_capacity;
        window->value = as->value;
        window->low = as->low;
        window->run = as->run;
    }
}

void vg_ring_reshape(struct vg_window *window)
{
    struct vg_window shape = {.size = window->size};
    struct vg_window best = {0};
    size_t least = 0;

    if (window->size > 1 || window->run_count <= FEW + window->count / 16) {
        return; /* there is no further one, or no need */
    }
    least = bytes_as(window, window);
    for (shape.size = 1; shape.size <= 2; shape.size++) {
        const size_t bytes = bytes_as(window, &shape);
        if (bytes < least) {
            least = bytes;
            best = shape;
        }
    }
    if (best.size > 0) {
        change(window, &best);
    }
}
