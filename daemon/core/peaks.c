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

/* A new reading makes older ones that are no better than it irrelevant. */
void vg_peaks_push(struct vg_peaks *peaks, struct vg_instant at, int64_t value)
{
    while (peaks->count > 0) {
        const int64_t last = peaks->peak[slot(peaks, peaks->count - 1)].value;
        if (peaks->low ? last < value : last > value) {
            break;
        }
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

const struct vg_peak *vg_peaks_since(const struct vg_peaks *peaks,
                                     struct vg_instant from)
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
    return low < peaks->count ? &peaks->peak[slot(peaks, low)] : NULL;
}
