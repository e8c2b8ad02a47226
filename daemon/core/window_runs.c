/* SPDX-License-Identifier: Apache-2.0
 *
 * The runs of a window's ring. See ring.h.
 */
#include <assert.h>
#include <string.h>

#include "core/ring.h"

uint32_t vg_ring_before(const struct vg_window *window, uint32_t i)
{
    uint32_t low = 0;
    uint32_t high = window->run_count;

    if (high > 0 && vg_ring_begin(window, high - 1) < i) {
        return high; /* mostly it is about the newest */
    }
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (vg_ring_begin(window, middle) < i) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int64_t start_of(const struct vg_window *window, struct vg_instant at)
{
    return window->even ? at.ms
                        : at.ms - (int64_t)((uint64_t)at.ms % (uint64_t)VG_RING_LOW);
}

static uint8_t source_of(const struct vg_sample *sample)
{
    return (uint8_t)((unsigned)sample->source | (unsigned)sample->method << 4);
}

static uint8_t marks_of(const struct vg_sample *sample)
{
    return (uint8_t)((sample->marks & 15U) | (unsigned)sample->device << 4);
}

struct vg_run vg_ring_one(const struct vg_window *window, uint32_t i,
                          const struct vg_sample *sample)
{
    return (struct vg_run){.start = start_of(window, sample->measured),
                           .begin = (uint32_t)window->first + i,
                           .base = window->size == 1 ? (int32_t)sample->value - 128 : 0,
                           .source = source_of(sample),
                           .marks = marks_of(sample)};
}

/* Of a run of n even readings. */
static bool is_next(const struct vg_run *run, uint32_t n, struct vg_instant at)
{
    return n == 1 ? at.ms >= run->start && at.ms - run->start <= UINT32_MAX
                  : at.ms == run->start + (int64_t)run->step * n;
}

bool vg_ring_takes(const struct vg_window *window, const struct vg_run *run, uint32_t n,
                   const struct vg_sample *sample)
{
    const int64_t above = sample->value - run->base;

    return run->source == source_of(sample) && run->marks == marks_of(sample) &&
           (window->size != 1 || (above >= 0 && above <= UINT8_MAX)) &&
           (window->even ? is_next(run, n, sample->measured)
                         : run->start == start_of(window, sample->measured));
}

static void add_run(struct vg_window *window, uint32_t k, const struct vg_run *run)
{
    assert(window->run_count < window->run_capacity);
    memmove(&window->run[k + 1], &window->run[k],
            (window->run_count - k) * sizeof *window->run);
    window->run[k] = *run;
    window->run_count++;
}

/* A run without its first n readings. */
static struct vg_run behind(const struct vg_run *run, uint32_t n)
{
    struct vg_run rest = *run;

    rest.begin += n;
    rest.start += (int64_t)rest.step * n; /* 0 if not even */
    return rest;
}

void vg_ring_split(struct vg_window *window, uint32_t i)
{
    const uint32_t k = vg_ring_before(window, i);

    if (k > 0 && i < vg_ring_end(window, k - 1)) {
        const struct vg_run rest =
            behind(&window->run[k - 1], i - vg_ring_begin(window, k - 1));
        add_run(window, k, &rest);
    }
}

/* The run before the k-th goes on with a reading at place i. */
static bool joins(struct vg_window *window, uint32_t k, uint32_t i,
                  const struct vg_sample *sample)
{
    struct vg_run *run = k > 0 ? &window->run[k - 1] : NULL;

    if (run == NULL || (window->even && i != vg_ring_end(window, k - 1))) {
        return false;
    }
    const uint32_t n = i - vg_ring_begin(window, k - 1);
    if (!vg_ring_takes(window, run, n, sample)) {
        return false;
    }
    if (window->even && n == 1) {
        run->step = (uint32_t)(sample->measured.ms - run->start);
    }
    return true;
}

uint32_t vg_ring_join(struct vg_window *window, uint32_t i,
                      const struct vg_sample *sample)
{
    uint32_t k = vg_ring_before(window, i);

    if (!joins(window, k, i, sample)) {
        vg_ring_split(window, i);
        if (window->even || k == window->run_count ||
            !vg_ring_takes(window, &window->run[k], 0, sample)) {
            const struct vg_run one = vg_ring_one(window, i, sample);
            add_run(window, k, &one);
        }
        k++;
    }
    for (uint32_t later = k; later < window->run_count; later++) {
        window->run[later].begin++;
    }
    return k - 1;
}

void vg_ring_cut(struct vg_window *window, uint32_t from, uint32_t n)
{
    const uint32_t end = from + n;
    const uint32_t before = vg_ring_before(window, from);
    uint32_t kept = 0;

    if (window->even && before > 0 && vg_ring_end(window, before - 1) > end) {
        vg_ring_split(window, end);
    }
    for (uint32_t k = 0; k < window->run_count; k++) {
        struct vg_run run = window->run[k];
        const uint32_t begin = vg_ring_begin(window, k);
        const uint32_t next = vg_ring_end(window, k);
        if (begin < from) {
            run.begin += n;
        } else if (begin < end) {
            run = behind(&run, end - begin);
        }
        if (begin < from || next > end) {
            window->run[kept++] = run;
        }
    }
    window->run_count = kept;
}
