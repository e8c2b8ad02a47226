/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring in order of measured time. See window.h.
 */
#include "core/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/past.h"

/* Instants are kept as milliseconds from the window's base, which moves when it must. */
struct narrow {
    uint32_t at;
    int16_t value;
    uint8_t source, marks; /* method, device in the upper halves */
};

struct wide {
    uint32_t at;
    uint8_t source, marks;
    uint16_t unused;
    int64_t value;
};

_Static_assert(sizeof(struct narrow) == 8, "a vital sign takes 8 bytes");
_Static_assert(sizeof(struct wide) == 16, "everything else takes 16");

void vg_window_init(struct vg_window *window, enum vg_signal signal, vg_ms keep)
{
    const struct vg_signal_info *info = vg_signal_info(signal);

    memset(window, 0, sizeof *window);
    window->wide = info->hard_low < INT16_MIN || info->hard_high > INT16_MAX;
    window->keep = keep;
    window->sums = true;
}

void vg_window_finish(struct vg_window *window)
{
    vg_past_finish(window);
    free(window->ring);
    memset(window, 0, sizeof *window);
}

static uint32_t slot(const struct vg_window *window, uint32_t i)
{
    const uint32_t at = window->head + i;

    return at >= window->capacity ? at - window->capacity : at;
}

static void unpack(uint8_t source, uint8_t marks, struct vg_sample *sample)
{
    sample->source = (enum vg_source)(source & 15U);
    sample->method = (enum vg_method)(source >> 4);
    sample->marks = marks & 15U;
    sample->device = marks >> 4;
}

struct vg_sample vg_window_at(const struct vg_window *window, uint32_t i)
{
    struct vg_sample sample;

    assert(i < window->count);
    if (window->wide) {
        const struct wide *w = (const struct wide *)window->ring + slot(window, i);
        sample.measured.ms = window->base.ms + w->at;
        sample.value = w->value;
        unpack(w->source, w->marks, &sample);
        return sample;
    }
    const struct narrow *n = (const struct narrow *)window->ring + slot(window, i);
    sample.measured.ms = window->base.ms + n->at;
    sample.value = n->value;
    unpack(n->source, n->marks, &sample);
    return sample;
}

void vg_window_set(struct vg_window *window, uint32_t i, const struct vg_sample *sample)
{
    const uint32_t at = (uint32_t)(sample->measured.ms - window->base.ms);

    const uint8_t source =
        (uint8_t)((unsigned)sample->source | (unsigned)sample->method << 4);
    const uint8_t marks =
        (uint8_t)((sample->marks & 15U) | (unsigned)sample->device << 4);

    if (window->wide) {
        ((struct wide *)window->ring)[slot(window, i)] =
            (struct wide){at, source, marks, 0, sample->value};
    } else {
        ((struct narrow *)window->ring)[slot(window, i)] =
            (struct narrow){at, (int16_t)sample->value, source, marks};
    }
}

static size_t element(const struct vg_window *window)
{
    return window->wide ? sizeof(struct wide) : sizeof(struct narrow);
}

/* A sixteenth more room at least, and the ring straightened out. */
static bool grow(struct vg_window *window, uint32_t more)
{
    const uint32_t step = window->capacity / 16 + 8;
    const uint32_t capacity = window->capacity + (more > step ? more : step);
    const size_t size = element(window);
    char *ring = malloc(capacity * size);

    if (ring == NULL) {
        return false;
    }
    const uint32_t tail = window->capacity - window->head;
    const uint32_t straight = window->count < tail ? window->count : tail;
    if (window->count > 0) {
        memcpy(ring, (char *)window->ring + window->head * size, straight * size);
        memcpy(ring + straight * size, window->ring, (window->count - straight) * size);
    }
    free(window->ring);
    window->ring = ring;
    window->capacity = capacity;
    window->head = 0;
    return true;
}

bool vg_window_reserve(struct vg_window *window, uint32_t more)
{
    return vg_past_ready(window) &&
           (window->capacity - window->count >= more || grow(window, more));
}

void vg_window_drop(struct vg_window *window, uint32_t n)
{
    window->head = slot(window, n);
    window->count -= n;
    window->first += n;
    window->packed -= window->packed < n ? window->packed : n;
}

/* Makes room for an instant that the offsets cannot express from the present base. */
static void rebase(struct vg_window *window, struct vg_instant at)
{
    if (window->count == 0) {
        window->base = at;
        return;
    }
    while (window->count > 0 &&
           at.ms - vg_window_at(window, 0).measured.ms > UINT32_MAX) {
        vg_window_drop(window, 1);
        window->changes++;
    }
    struct vg_instant base = at;
    if (window->count > 0) {
        base = vg_earlier(at, vg_window_at(window, 0).measured);
    }
    for (uint32_t i = 0; i < window->count; i++) {
        struct vg_sample sample = vg_window_at(window, i);
        sample.measured.ms += window->base.ms - base.ms;
        vg_window_set(window, i, &sample);
    }
    window->base = base;
}

static bool in_reach(const struct vg_window *window, struct vg_instant at)
{
    const int64_t offset = at.ms - window->base.ms;

    return window->count > 0 && offset >= 0 && offset <= UINT32_MAX;
}

uint32_t vg_window_until(const struct vg_window *window, struct vg_instant at)
{
    uint32_t low = 0;
    uint32_t high = window->count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (vg_window_at(window, middle).measured.ms <= at.ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool vg_window_last(const struct vg_window *window, struct vg_instant at,
                    struct vg_sample *out)
{
    uint32_t n = window->count;

    if (n > 0 && vg_window_at(window, n - 1).measured.ms > at.ms) {
        n = vg_window_until(window, at);
    }
    if (n == 0) {
        return false;
    }
    *out = vg_window_at(window, n - 1);
    return true;
}

/* Puts the sample at place `i`, moving what is newer. */
static void insert(struct vg_window *window, uint32_t i, const struct vg_sample *sample)
{
    for (uint32_t k = window->count; k > i; k--) {
        const struct vg_sample moved = vg_window_at(window, k - 1);
        if (k == window->count) {
            window->count++;
            vg_window_set(window, k, &moved);
            window->count--;
        } else {
            vg_window_set(window, k, &moved);
        }
    }
    window->count++;
    vg_window_set(window, i, sample);
}

static enum vg_taken known(struct vg_window *window, uint32_t end,
                           const struct vg_sample *sample)
{
    for (uint32_t i = end; i > 0; i--) {
        const struct vg_sample old = vg_window_at(window, i - 1);
        if (old.measured.ms != sample->measured.ms) {
            break;
        }
        if (old.source == sample->source && old.device == sample->device) {
            if (old.value == sample->value) {
                return VG_REPEATED_READING;
            }
            vg_window_set(window, i - 1, sample);
            vg_past_tally(window, sample,
                          (struct vg_tally){sample->value - old.value, 0});
            window->changes++;
            return VG_CORRECTED;
        }
    }
    return VG_TAKEN;
}

/* A late one: nothing is kept of its time, or only what can no longer be added to. */
static bool too_old(const struct vg_window *window, struct vg_instant newest,
                    const struct vg_sample *sample)
{
    if (window->past != NULL && window->past->any && vg_sample_stream(sample) &&
        sample->measured.ms <= window->past->newest.ms) {
        return true;
    }
    return window->count >= VG_WINDOW_LEAST &&
           vg_since(newest, sample->measured) > window->keep &&
           sample->measured.ms < vg_window_at(window, 0).measured.ms;
}

static void note_late(struct vg_window *window, uint32_t place,
                      const struct vg_sample *sample)
{
    window->changes++;
    if (place < window->packed) {
        window->packed = vg_sample_stream(sample) ? place : window->packed + 1;
    }
}

enum vg_taken vg_window_put(struct vg_window *window, const struct vg_sample *sample)
{
    const bool first = window->count == 0;
    struct vg_instant newest = VG_UNSET;

    if (!first) {
        newest = vg_window_at(window, window->count - 1).measured;
    }
    const bool late = !first && sample->measured.ms < newest.ms;
    if (late && too_old(window, newest, sample)) {
        return VG_TOO_OLD;
    }
    const enum vg_taken taken =
        known(window, late ? vg_window_until(window, sample->measured) : window->count,
              sample);
    if (taken != VG_TAKEN) {
        return taken;
    }
    if (!vg_window_reserve(window, 1)) {
        return VG_NOT_TAKEN;
    }
    if (!in_reach(window, sample->measured)) {
        rebase(window, sample->measured);
    }
    const uint32_t place =
        late ? vg_window_until(window, sample->measured) : window->count;
    insert(window, place, sample);
    vg_past_tally(window, sample, (struct vg_tally){sample->value, 1});
    if (late) {
        note_late(window, place, sample);
        return VG_TAKEN_LATE;
    }
    vg_window_forget(window, sample->measured);
    return VG_TAKEN;
}
