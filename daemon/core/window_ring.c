/* SPDX-License-Identifier: Apache-2.0
 *
 * The ring of a window. See window.h for what it is, past.h for what stands here, ring.h for
 * how it lies in memory.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/ring.h"

static uint16_t low_of(struct vg_instant at)
{
    return (uint16_t)((uint64_t)at.ms % (uint64_t)VG_RING_LOW);
}

static uint32_t slot(const struct vg_window *window, uint32_t i)
{
    const uint32_t at = window->head + i;

    return at >= window->capacity ? at - window->capacity : at;
}

/* The run of the reading at place i: mostly the newest, or the oldest. */
static const struct vg_run *run_at(const struct vg_window *window, uint32_t i)
{
    const uint32_t newest = window->run_count - 1;

    if (vg_ring_begin(window, newest) <= i) {
        return &window->run[newest];
    }
    return vg_ring_begin(window, 1) > i
               ? &window->run[0]
               : &window->run[vg_ring_before(window, i + 1) - 1];
}

/* ---- Readings */

static struct vg_instant when(const struct vg_window *window, const struct vg_run *run,
                              uint32_t i)
{
    const uint32_t n = i + (uint32_t)window->first - run->begin;

    return (struct vg_instant){run->start + (window->even
                                                 ? (int64_t)run->step * n
                                                 : window->low[slot(window, i)])};
}

static int64_t value_at(const struct vg_window *window, const struct vg_run *run,
                        uint32_t place)
{
    if (window->size == 1) {
        return run->base + ((const uint8_t *)window->value)[place];
    }
    return window->wide ? ((const int64_t *)window->value)[place]
                        : ((const int16_t *)window->value)[place];
}

struct vg_sample vg_window_at(const struct vg_window *window, uint32_t i)
{
    assert(i < window->count);
    const struct vg_run *run = run_at(window, i);

    return (struct vg_sample){.measured = when(window, run, i),
                              .value = value_at(window, run, slot(window, i)),
                              .source = (enum vg_source)(run->source & 15U),
                              .method = (enum vg_method)(run->source >> 4),
                              .marks = run->marks & 15U,
                              .device = run->marks >> 4};
}

struct vg_instant vg_window_when(const struct vg_window *window, uint32_t i)
{
    assert(i < window->count);
    return when(window, run_at(window, i), i);
}

/* How many runs start at or before `at`. */
static uint32_t runs_until(const struct vg_window *window, struct vg_instant at)
{
    uint32_t low = 0;
    uint32_t high = window->run_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (window->run[middle].start <= at.ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint32_t until_even(const struct vg_window *window, struct vg_instant at)
{
    const uint32_t k = runs_until(window, at);

    if (k == 0) {
        return 0; /* not reached: the caller knows that the first lies before `at` */
    }
    const struct vg_run *run = &window->run[k - 1];
    const uint32_t begin = vg_ring_begin(window, k - 1);
    const int64_t n = vg_ring_end(window, k - 1) - begin;
    const int64_t old = run->step > 0 ? (at.ms - run->start) / run->step + 1 : n;
    return begin + (uint32_t)(old < n ? old : n);
}

/* Readings whose instants share all but the low 16 bits come in order of those. */
static uint32_t until_low(const struct vg_window *window, struct vg_instant at)
{
    const uint16_t part = low_of(at);
    const int64_t start = at.ms - part;
    const uint32_t before = runs_until(window, (struct vg_instant){start - 1});
    const uint32_t last = runs_until(window, (struct vg_instant){start});
    uint32_t low = before > 0 ? vg_ring_end(window, before - 1) : 0;
    uint32_t high = last > 0 ? vg_ring_end(window, last - 1) : 0;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (window->low[slot(window, middle)] <= part) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t vg_window_until(const struct vg_window *window, struct vg_instant at)
{
    if (window->count == 0 || vg_window_when(window, window->count - 1).ms <= at.ms) {
        return window->count;
    }
    if (at.ms < vg_window_when(window, 0).ms) {
        return 0;
    }
    return window->even ? until_even(window, at) : until_low(window, at);
}

static void write_place(struct vg_window *window, uint32_t i, const struct vg_run *run,
                        const struct vg_sample *sample)
{
    const uint32_t place = slot(window, i);

    if (!window->even) {
        window->low[place] = low_of(sample->measured);
    }
    if (window->size == 1) {
        ((uint8_t *)window->value)[place] = (uint8_t)(sample->value - run->base);
    } else if (window->wide) {
        ((int64_t *)window->value)[place] = sample->value;
    } else {
        ((int16_t *)window->value)[place] = (int16_t)sample->value;
    }
}

static void move_place(struct vg_window *window, uint32_t to, uint32_t from)
{
    const size_t size = window->size;
    char *value = window->value;

    if (!window->even) {
        window->low[slot(window, to)] = window->low[slot(window, from)];
    }
    memcpy(value + slot(window, to) * size, value + slot(window, from) * size, size);
}

void vg_window_insert(struct vg_window *window, uint32_t i,
                      const struct vg_sample *sample)
{
    assert(window->count < window->capacity);
    const uint32_t run = vg_ring_join(window, i, sample);
    window->count++;
    for (uint32_t k = window->count - 1; k > i; k--) {
        move_place(window, k, k - 1);
    }
    write_place(window, i, &window->run[run], sample);
}

void vg_window_correct(struct vg_window *window, uint32_t i,
                       const struct vg_sample *sample)
{
    const struct vg_run *run = run_at(window, i);
    const struct vg_run one = vg_ring_one(window, i, sample);
    const int64_t above = sample->value - run->base;

    if (run->source != one.source || run->marks != one.marks ||
        (window->size == 1 && (above < 0 || above > UINT8_MAX))) {
        vg_ring_split(window, i);
        vg_ring_split(window, i + 1);
        window->run[vg_ring_before(window, i)] = one;
        run = &one;
    }
    write_place(window, i, run, sample);
}

void vg_window_cut(struct vg_window *window, uint32_t from, uint32_t n)
{
    vg_ring_cut(window, from, n);
    for (uint32_t k = from; k > 0; k--) {
        move_place(window, k - 1 + n, k - 1);
    }
    window->head = slot(window, n);
    window->count -= n;
    window->first += n;
}

void vg_window_drop(struct vg_window *window, uint32_t n)
{
    if (n < window->count && (window->run_count < 2 || vg_ring_begin(window, 1) > n)) {
        struct vg_run *run = &window->run[0]; /* mostly */
        run->begin += n;
        run->start += (int64_t)run->step * n;
        window->head = slot(window, n);
        window->count -= n;
        window->first += n;
    } else {
        vg_window_cut(window, 0, n);
    }
    window->packed -= window->packed < n ? window->packed : n;
}

/* ---- Room */

/* Straightens a ring of elements of `size` bytes out into `to`. */
static void copy_ring(const struct vg_window *window, void *to, const void *from,
                      size_t size)
{
    const uint32_t tail = window->capacity - window->head;
    const uint32_t straight = window->count < tail ? window->count : tail;

    if (window->count > 0) {
        memcpy(to, (const char *)from + window->head * size, straight * size);
        memcpy((char *)to + straight * size, from, (window->count - straight) * size);
    }
}

/* A little more room at least, and the ring straightened out. */
bool vg_ring_grow(struct vg_window *window, uint32_t more)
{
    const uint32_t step = window->capacity / 32 + 8;
    const uint32_t capacity =
        (window->capacity + (more > step ? more : step) + 3) & ~UINT32_C(3);
    const size_t low_size = window->even ? 0 : sizeof *window->low;
    char *value = malloc(capacity * (window->size + low_size));

    if (value == NULL) {
        return false;
    }
    copy_ring(window, value, window->value, window->size);
    if (!window->even) {
        uint16_t *low = (void *)(value + (size_t)capacity * window->size);
        copy_ring(window, low, window->low, sizeof *low);
        window->low = low;
    }
    free(window->value);
    window->value = value;
    window->capacity = capacity;
    window->head = 0;
    return true;
}

bool vg_ring_grow_runs(struct vg_window *window, uint32_t more)
{
    const uint32_t step = window->run_capacity / 8 + 2;
    const uint32_t capacity = window->run_capacity + (more > step ? more : step);
    struct vg_run *run = realloc(window->run, capacity * sizeof *run);

    if (run != NULL) {
        window->run = run;
        window->run_capacity = capacity;
    }
    return run != NULL;
}

static bool room_for_runs(struct vg_window *window, uint32_t runs)
{
    if (window->run_capacity - window->run_count >= runs) {
        return true;
    }
    vg_ring_reshape(window);
    return window->run_capacity - window->run_count >= runs ||
           vg_ring_grow_runs(window, runs);
}

bool vg_window_room(struct vg_window *window, uint32_t more)
{
    /* One of its own, between two halves of another's. */
    return room_for_runs(window, 2 * more) &&
           (window->capacity - window->count >= more || vg_ring_grow(window, more));
}
