/* SPDX-License-Identifier: Apache-2.0
 *
 * The ring of a window. See window.h for what it is, past.h for what stands here.
 *
 * A vital sign takes 4 bytes: 16 bits of its instant and 16 of its value. What neighbours
 * have in common stands once for all of them, in runs: the rest of the instant (so a run is
 * 65.5 s long at most), source, method, marks and device.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/past.h"

#define LOW INT64_C(65536) /* ms that the 16 bits of a reading tell apart */

struct vg_run {
    int64_t high;          /* instants are high * LOW + low */
    uint32_t begin;        /* ordinal of its first reading, the low 32 bits */
    uint8_t source, marks; /* method, device in the upper halves */
};

_Static_assert(sizeof(struct vg_run) == 16, "runs are few, but each patient has some");

static uint16_t low_of(struct vg_instant at)
{
    return (uint16_t)((uint64_t)at.ms % (uint64_t)LOW);
}

static int64_t high_of(struct vg_instant at)
{
    return (at.ms - low_of(at)) / LOW;
}

static uint32_t slot(const struct vg_window *window, uint32_t i)
{
    const uint32_t at = window->head + i;

    return at >= window->capacity ? at - window->capacity : at;
}

static size_t value_size(const struct vg_window *window)
{
    return window->wide ? sizeof(int64_t) : sizeof(int16_t);
}

/* ---- Runs */

static uint32_t begins(const struct vg_window *window, uint32_t run)
{
    return window->run[run].begin - (uint32_t)window->first;
}

/* How many runs begin before place i. */
static uint32_t runs_before(const struct vg_window *window, uint32_t i)
{
    uint32_t low = 0;
    uint32_t high = window->run_count;

    if (high > 0 && begins(window, high - 1) < i) {
        return high; /* mostly it is about the newest */
    }
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (begins(window, middle) < i) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The first place whose instant has this high part, or a higher one. */
static uint32_t place_from(const struct vg_window *window, int64_t part)
{
    uint32_t low = 0;
    uint32_t high = window->run_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (window->run[middle].high < part) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < window->run_count ? begins(window, low) : window->count;
}

static struct vg_run run_of(const struct vg_window *window, uint32_t i,
                            const struct vg_sample *sample)
{
    return (struct vg_run){
        .high = high_of(sample->measured),
        .begin = (uint32_t)window->first + i,
        .source = (uint8_t)((unsigned)sample->source | (unsigned)sample->method << 4),
        .marks = (uint8_t)((sample->marks & 15U) | (unsigned)sample->device << 4)};
}

static bool same(const struct vg_run *a, const struct vg_run *b)
{
    return a->high == b->high && a->source == b->source && a->marks == b->marks;
}

static void add_run(struct vg_window *window, uint32_t k, const struct vg_run *run)
{
    assert(window->run_count < window->run_capacity);
    memmove(&window->run[k + 1], &window->run[k],
            (window->run_count - k) * sizeof *window->run);
    window->run[k] = *run;
    window->run_count++;
}

/* A run begins at place i, if there is a reading there. */
static void split(struct vg_window *window, uint32_t i)
{
    const uint32_t k = runs_before(window, i);

    if (k > 0 && i < window->count &&
        (k == window->run_count || begins(window, k) > i)) {
        struct vg_run rest = window->run[k - 1];
        rest.begin = (uint32_t)window->first + i;
        add_run(window, k, &rest);
    }
}

/* A reading has come to place i, which those behind have left: it joins a neighbour's run
 * or has one of its own. */
static void join(struct vg_window *window, uint32_t i, const struct vg_run *run)
{
    uint32_t k = runs_before(window, i);

    if (k == 0 || !same(&window->run[k - 1], run)) {
        split(window, i);
        if (k == window->run_count || !same(&window->run[k], run)) {
            add_run(window, k, run);
        }
        k++;
    }
    for (; k < window->run_count; k++) {
        window->run[k].begin++;
    }
}

/* The run of the reading at place i: mostly the newest, or the oldest. */
static const struct vg_run *run_at(const struct vg_window *window, uint32_t i)
{
    const uint32_t newest = window->run_count - 1;

    if (begins(window, newest) <= i) {
        return &window->run[newest];
    }
    return begins(window, 1) > i ? &window->run[0]
                                 : &window->run[runs_before(window, i + 1) - 1];
}

/* ---- Readings */

struct vg_sample vg_window_at(const struct vg_window *window, uint32_t i)
{
    assert(i < window->count);
    const struct vg_run *run = run_at(window, i);
    const uint32_t place = slot(window, i);
    const int64_t value = window->wide ? ((const int64_t *)window->value)[place]
                                       : ((const int16_t *)window->value)[place];

    return (struct vg_sample){.measured.ms = run->high * LOW + window->low[place],
                              .value = value,
                              .source = (enum vg_source)(run->source & 15U),
                              .method = (enum vg_method)(run->source >> 4),
                              .marks = run->marks & 15U,
                              .device = run->marks >> 4};
}

struct vg_instant vg_window_when(const struct vg_window *window, uint32_t i)
{
    assert(i < window->count);
    return (struct vg_instant){run_at(window, i)->high * LOW +
                               window->low[slot(window, i)]};
}

uint32_t vg_window_until(const struct vg_window *window, struct vg_instant at)
{
    if (window->count == 0 || vg_window_when(window, window->count - 1).ms <= at.ms) {
        return window->count;
    }
    if (at.ms < vg_window_when(window, 0).ms) {
        return 0;
    }
    const uint16_t part = low_of(at);
    uint32_t low = place_from(window, high_of(at));
    uint32_t high = place_from(window, high_of(at) + 1);

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

static void write_place(struct vg_window *window, uint32_t i,
                        const struct vg_sample *sample)
{
    const uint32_t place = slot(window, i);

    window->low[place] = low_of(sample->measured);
    if (window->wide) {
        ((int64_t *)window->value)[place] = sample->value;
    } else {
        ((int16_t *)window->value)[place] = (int16_t)sample->value;
    }
}

static void move_place(struct vg_window *window, uint32_t to, uint32_t from)
{
    const size_t size = value_size(window);
    char *value = window->value;

    window->low[slot(window, to)] = window->low[slot(window, from)];
    memcpy(value + slot(window, to) * size, value + slot(window, from) * size, size);
}

void vg_window_insert(struct vg_window *window, uint32_t i,
                      const struct vg_sample *sample)
{
    const struct vg_run run = run_of(window, i, sample);

    assert(window->count < window->capacity);
    join(window, i, &run);
    window->count++;
    for (uint32_t k = window->count - 1; k > i; k--) {
        move_place(window, k, k - 1);
    }
    write_place(window, i, sample);
}

void vg_window_correct(struct vg_window *window, uint32_t i,
                       const struct vg_sample *sample)
{
    const struct vg_run run = run_of(window, i, sample);

    write_place(window, i, sample);
    if (!same(run_at(window, i), &run)) {
        split(window, i);
        split(window, i + 1);
        window->run[runs_before(window, i)] = run;
    }
}

void vg_window_cut(struct vg_window *window, uint32_t from, uint32_t n)
{
    const uint32_t end = from + n;
    uint32_t kept = 0;

    for (uint32_t k = 0; k < window->run_count; k++) {
        struct vg_run run = window->run[k];
        const uint32_t begin = begins(window, k);
        const uint32_t next =
            k + 1 < window->run_count ? begins(window, k + 1) : window->count;
        if (begin < from) {
            run.begin += n;
        } else if (begin < end) {
            run.begin += end - begin;
        }
        if (begin < from || next > end) {
            window->run[kept++] = run;
        }
    }
    window->run_count = kept;
    for (uint32_t k = from; k > 0; k--) {
        move_place(window, k - 1 + n, k - 1);
    }
    window->head = slot(window, n);
    window->count -= n;
    window->first += n;
}

void vg_window_drop(struct vg_window *window, uint32_t n)
{
    if (n < window->count && (window->run_count < 2 || begins(window, 1) > n)) {
        window->run[0].begin += n; /* mostly */
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
static bool grow(struct vg_window *window, uint32_t more)
{
    const uint32_t step = window->capacity / 32 + 8;
    const uint32_t capacity = window->capacity + (more > step ? more : step);
    const size_t size = value_size(window);
    char *value = malloc(capacity * (size + sizeof *window->low));

    if (value == NULL) {
        return false;
    }
    uint16_t *low = (void *)(value + capacity * size);
    copy_ring(window, value, window->value, size);
    copy_ring(window, low, window->low, sizeof *low);
    free(window->value);
    window->value = value;
    window->low = low;
    window->capacity = capacity;
    window->head = 0;
    return true;
}

static bool grow_runs(struct vg_window *window, uint32_t more)
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

bool vg_window_room(struct vg_window *window, uint32_t more)
{
    const uint32_t runs =
        2 * more; /* one of its own, between two halves of another's */

    return (window->run_capacity - window->run_count >= runs ||
            grow_runs(window, runs)) &&
           (window->capacity - window->count >= more || grow(window, more));
}
