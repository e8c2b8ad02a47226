/* SPDX-License-Identifier: Apache-2.0
 *
 * A walk over a course's log, tails and windows in order of measured time, instant by instant. Private
 * to the core.
 */
#ifndef VIGIL_CORE_WALK_H
#define VIGIL_CORE_WALK_H

#include "core/course.h"

#define VG_WALK_GROUP 96 /* items of one instant taken together */
#define VG_WALK_OPEN  16 /* stretches that are being walked along at the same time */

struct vg_walk {
    const struct vg_log *log;
    struct vg_window *const *windows;
    size_t place;   /* next item of the log */
    size_t stretch; /* next stretch of it */
    struct vg_tail *const *tails;
    struct vg_tail_place tail[VG_STREAMS]; /* next sample of each tail */
    uint32_t sample[VG_STREAMS];           /* and of each window, behind those */
    struct vg_sample head[VG_STREAMS]; /* the next; measured VG_NEVER: none is left */
    size_t open_count;
    struct vg_item open[VG_WALK_OPEN]; /* rests of stretches */
};

/* What lies behind `after`, without the samples that are stretches already. */
void vg_walk_begin(struct vg_walk *walk, const struct vg_course *course,
                   struct vg_window *const *windows, struct vg_instant after);
/* The items of the next instant in their order, at most VG_WALK_GROUP; 0: the end. */
size_t vg_walk_next(struct vg_walk *walk, struct vg_item *group);

/* The first sample of a stream after `at`. */
uint32_t vg_walk_first_after(const struct vg_window *window, struct vg_instant at);
/* The place of the first sample of a stream from i on; *sample is that. */
uint32_t vg_walk_stream(const struct vg_window *window, uint32_t i,
                        struct vg_sample *sample);
struct vg_item vg_walk_item(enum vg_signal signal, const struct vg_sample *sample);

#endif
