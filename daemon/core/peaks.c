/* SPDX-License-Identifier: Apache-2.0
 *
 * A monotone queue. See peaks.h.
 */
#include "core/peaks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void vg_peaks_finish(struct vg_peaks *peaks)
{
    free(peaks->peak);
    memset(peaks, 0, sizeof *peaks);
}

static uint32_t slot(const struct vg_peaks *peaks, uint32_t i)
{
    const uint32_t at = peaks->head + i;

    return at >= peaks->capacity ? at - peaks->capacity : at;
}

bool vg_peaks_reserve(struct vg_peaks *peaks)
{
    if (peaks->count < peaks->capacity) {
        return true;
    }
    const uint32_t capacity = peaks->capacity + peaks->capacity / 2 + 8;
    struct vg_peak *peak = malloc(capacity * sizeof *peak);
    if (peak == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < peaks->count; i++) {
        peak[i] = peaks->peak[slot(peaks, i)];
    }
    free(peaks->peak);
    peaks->peak = peak;
    peaks->head = 0;
    peaks->capacity = capacity;
    return true;
}

static bool better(const struct vg_peaks *peaks, uint32_t i, int64_t value)
{
    const int64_t known = peaks->peak[slot(peaks, i)].value;

    return peaks->low ? known < value : known > value;
}

/* A new reading makes older ones that are no better than it irrelevant. */
void vg_peaks_push(struct vg_peaks *peaks, struct vg_instant at, int64_t value)
{
    while (peaks->count > 0 && !better(peaks, peaks->count - 1, value)) {
        peaks->count--;
    }
    assert(peaks->count < peaks->capacity);
    peaks->peak[slot(peaks, peaks->count)] = (struct vg_peak){at, value};
    peaks->count++;
}

void vg_peaks_expire(struct vg_peaks *peaks, struct vg_instant oldest)
{
    while (peaks->count > 0 && peaks->peak[peaks->head].at.ms < oldest.ms) {
        peaks->head = slot(peaks, 1);
        peaks->count--;
    }
}

void vg_peaks_cut(struct vg_peaks *peaks, struct vg_instant from)
{
    while (peaks->count > 0 &&
           peaks->peak[slot(peaks, peaks->count - 1)].at.ms >= from.ms) {
        peaks->count--;
    }
}

/* The place of the first at or after `from`; count if there is none. */
static uint32_t place_of(const struct vg_peaks *peaks, struct vg_instant from)
{
    uint32_t low = 0;
    uint32_t high = peaks->count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (peaks->peak[slot(peaks, middle)].at.ms < from.ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct vg_peak *vg_peaks_since(const struct vg_peaks *peaks,
                                     struct vg_instant from)
{
    const uint32_t place = place_of(peaks, from);

    return place < peaks->count ? &peaks->peak[slot(peaks, place)] : NULL;
}

/* Entries from place `from` on move by `by` places, those in between are gone. */
static void shift(struct vg_peaks *peaks, uint32_t from, int by)
{
    const uint32_t count = peaks->count;

    for (uint32_t i = from; by < 0 && i < count; i++) {
        peaks->peak[slot(peaks, i - 1)] = peaks->peak[slot(peaks, i)];
    }
    for (uint32_t i = count; by > 0 && i > from; i--) {
        peaks->peak[slot(peaks, i)] = peaks->peak[slot(peaks, i - 1)];
    }
    peaks->count = by < 0 ? count - 1 : count + 1;
}

void vg_peaks_insert(struct vg_peaks *peaks, struct vg_instant at, int64_t value)
{
    uint32_t place = place_of(peaks, at);

    if (place == peaks->count) {
        vg_peaks_push(peaks, at, value);
        return;
    }
    if (!better(peaks, place, value) &&
        peaks->peak[slot(peaks, place)].value != value) {
        while (place > 0 && !better(peaks, place - 1, value)) {
            shift(peaks, place, -1);
            place--;
        }
        assert(peaks->count < peaks->capacity);
        shift(peaks, place, 1);
        peaks->peak[slot(peaks, place)] = (struct vg_peak){at, value};
    }
}
