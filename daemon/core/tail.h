/* SPDX-License-Identifier: Apache-2.0
 *
 * A tail: the samples of one stream that have left the last 15 min, each as it was, in order
 * of measured time. Private to the core.
 *
 * A sample that comes as long after the one before as that did, from the same device and not
 * far from its value, takes one byte. So half a day of a monitor by the minute costs about a
 * kilobyte a signal. What a tail may not keep any longer (fold.c) becomes a stretch.
 *
 * Ownership: a tail owns its blocks. Zero bytes are an empty tail.
 */
#ifndef VIGIL_CORE_TAIL_H
#define VIGIL_CORE_TAIL_H

#include "core/window.h"

#define VG_TAIL_BYTES 246

struct vg_tail_block {
    struct vg_instant at; /* of its first sample */
    uint16_t size;
    uint8_t byte[VG_TAIL_BYTES];
};

_Static_assert(sizeof(struct vg_tail_block) == 256, "each patient has dozens");

/* What the next sample is told beside. */
struct vg_tail_beside {
    struct vg_instant at;
    uint32_t pause; /* ms before it */
    int16_t value;
    uint16_t kind, other; /* source, method, marks, device; the one before */
};

struct vg_tail {
    uint32_t count, capacity;
    struct vg_tail_block *block; /* owned */
    struct vg_tail_beside last;
    struct vg_instant since; /* what is older has been dropped */
};

/* A place in a tail. It is good until the tail changes. */
struct vg_tail_place {
    uint32_t block, byte;
    struct vg_tail_beside last;
};

void vg_tail_finish(struct vg_tail *tail);

/* A sample of a narrow signal, not older than those before. False: no memory, and nothing
 * changed. */
bool vg_tail_add(struct vg_tail *tail, const struct vg_sample *sample);

/* The place of the first sample after `at`. */
struct vg_tail_place vg_tail_after(const struct vg_tail *tail, struct vg_instant at);
/* The sample at a place, which moves on; false: there is none. */
bool vg_tail_next(const struct vg_tail *tail, struct vg_tail_place *place,
                  struct vg_sample *sample);

/* Whether this very sample is there, whatever its marks. */
bool vg_tail_has(const struct vg_tail *tail, const struct vg_sample *sample);

/* The oldest block goes. */
void vg_tail_drop(struct vg_tail *tail);
/* What is older than `from` goes; what is not older than `to`. */
void vg_tail_drop_before(struct vg_tail *tail, struct vg_instant from);
void vg_tail_drop_from(struct vg_tail *tail, struct vg_instant to);

#endif
