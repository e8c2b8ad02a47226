/* SPDX-License-Identifier: Apache-2.0
 *
 * A monotone queue: of readings in order of time, those that are the lowest (or the highest)
 * of some stretch that ends with the newest. One entry for each distinct value that can
 * still matter, so a day of a signal costs no more than its range has steps, and the extreme
 * since any instant is exact.
 */
#ifndef VIGIL_CORE_PEAKS_H
#define VIGIL_CORE_PEAKS_H

#include "vigil/base.h"

struct vg_peak {
    struct vg_instant at;
    int64_t value;
};

struct vg_peaks {
    bool low;
    uint32_t head, count, capacity;
    struct vg_peak *peak; /* owned; a ring */
};

void vg_peaks_finish(struct vg_peaks *peaks);

/* Room for one more. False: no memory, nothing changed. */
bool vg_peaks_reserve(struct vg_peaks *peaks);

/* A reading not older than those before. There must be room. */
void vg_peaks_push(struct vg_peaks *peaks, struct vg_instant at, int64_t value);

/* A reading that may be older than others. There must be room. */
void vg_peaks_insert(struct vg_peaks *peaks, struct vg_instant at, int64_t value);

/* Those before `oldest` leave. */
void vg_peaks_expire(struct vg_peaks *peaks, struct vg_instant oldest);

/* Those at or after `from` leave. What they made irrelevant does not come back. */
void vg_peaks_cut(struct vg_peaks *peaks, struct vg_instant from);

/* The extreme of [from, the newest]; NULL: nothing there. Gone with the next push. */
const struct vg_peak *vg_peaks_since(const struct vg_peaks *peaks,
                                     struct vg_instant from);

#endif
