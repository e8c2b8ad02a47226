/* SPDX-License-Identifier: Apache-2.0
 *
 * What a window knows of streams beyond its ring, and how readings get there. Private to
 * window*.c and tracker.c.
 */
#ifndef VIGIL_CORE_PAST_H
#define VIGIL_CORE_PAST_H

#include "core/cells.h"
#include "core/peaks.h"
#include "core/window.h"

struct vg_past {
    bool any;                  /* something has left the ring */
    struct vg_instant newest;  /* of what has */
    struct vg_peaks low, high; /* of what has */
    struct vg_cells cells;     /* of all streams, those in the ring too; if asked */
};

/* Whether an answer over `span` is made of ring and past. */
static inline bool vg_window_long(const struct vg_window *window, vg_ms span)
{
    return window->past != NULL && span > VG_WINDOW_EXACT;
}

/* What the window needs to forget safely. False: no memory, nothing changed. */
bool vg_past_ready(struct vg_window *window);
void vg_past_finish(struct vg_window *window);

/* A stream's sample is in the ring, or (count 0) its value has changed by `sum`. */
void vg_past_tally(struct vg_window *window, const struct vg_sample *sample,
                   struct vg_tally tally);

/* A stream's sample that comes after its time in the ring: it counts for extremes. */
void vg_past_late(struct vg_window *window, const struct vg_sample *sample);

/* Lets go what is too old beside the newest reading. */
void vg_window_forget(struct vg_window *window, struct vg_instant newest);

/* ---- The ring itself: window_ring.c */

/* Room for `more` readings, or as many corrections, or cuts between readings of one source.
 * False: no memory, nothing changed. */
bool vg_window_room(struct vg_window *window, uint32_t more);
/* Puts it at place i, before what is there; there is room. */
void vg_window_insert(struct vg_window *window, uint32_t i,
                      const struct vg_sample *sample);
/* The reading at place i becomes this one, of the same instant; there is room for one more. */
void vg_window_correct(struct vg_window *window, uint32_t i,
                       const struct vg_sample *sample);
/* The n oldest go. */
void vg_window_drop(struct vg_window *window, uint32_t n);
/* The n at place `from` go; older ones keep their places, newer ones their ordinals. */
void vg_window_cut(struct vg_window *window, uint32_t from, uint32_t n);

#endif
