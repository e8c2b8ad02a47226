/* SPDX-License-Identifier: Apache-2.0
 *
 * How the ring of a window lies in memory. Private to window_ring*.c.
 *
 * What neighbours have in common stands once for all of them, in runs: source, method, marks
 * and device, and about where they lie in time and value. What is left of a reading is, by the
 * ring's shape, of which each loses nothing:
 *
 *   even   1 byte   readings of a run come at even distances; their values lie within 256
 *   near   3 bytes  2 of the instant (so a run is 65.5 s long at most), 1 of the value
 *   far    4 bytes  2 and 2
 *   wide   10 bytes 2 and 8; values beyond 16 bits, never in another shape
 *
 * A ring begins even. When so many runs begin that a further shape takes less memory it changes
 * to that, and stays so: feeds do not change their ways.
 */
#ifndef VIGIL_CORE_RING_H
#define VIGIL_CORE_RING_H

#include "core/past.h"

#define VG_RING_LOW INT64_C(65536) /* ms that 16 bits of an instant tell apart */

struct vg_run {
    int64_t start;         /* even: its first instant; else a multiple of VG_RING_LOW */
    uint32_t begin;        /* ordinal of its first reading, the low 32 bits */
    uint32_t step;         /* even: ms between two, if there are two */
    int32_t base;          /* values of one byte lie so far above it */
    uint8_t source, marks; /* method, device in the upper halves */
};

_Static_assert(sizeof(struct vg_run) == 24, "runs are few, but each patient has some");

/* The place of a run's first reading. */
static inline uint32_t vg_ring_begin(const struct vg_window *window, uint32_t run)
{
    return window->run[run].begin - (uint32_t)window->first;
}

/* ... and that of the first one behind it. */
static inline uint32_t vg_ring_end(const struct vg_window *window, uint32_t run)
{
    return run + 1 < window->run_count ? vg_ring_begin(window, run + 1) : window->count;
}

/* How many runs begin before place i. */
uint32_t vg_ring_before(const struct vg_window *window, uint32_t i);

/* The run that a reading is by itself, in the window's shape, at place i. */
struct vg_run vg_ring_one(const struct vg_window *window, uint32_t i,
                          const struct vg_sample *sample);

/* Whether a run of n readings goes on with this one behind them; but for even ones, also
 * with this one among them. */
bool vg_ring_takes(const struct vg_window *window, const struct vg_run *run, uint32_t n,
                   const struct vg_sample *sample);

/* A run begins at place i, if there is a reading there. Room for a run must be there. */
void vg_ring_split(struct vg_window *window, uint32_t i);

/* A reading has come to place i, which those behind have left: it joins a neighbour's run
 * or has one of its own. Returns which. Room for two runs must be there. */
uint32_t vg_ring_join(struct vg_window *window, uint32_t i,
                      const struct vg_sample *sample);

/* The runs of the readings that stay when n at place `from` go (vg_window_cut). */
void vg_ring_cut(struct vg_window *window, uint32_t from, uint32_t n);

/* ---- window_ring.c, for window_shape.c */

/* Room for more readings, in this shape; for more runs. False: no memory, nothing changed. */
bool vg_ring_grow(struct vg_window *window, uint32_t more);
bool vg_ring_grow_runs(struct vg_window *window, uint32_t more);

/* Changes the shape if another one takes less. Without memory all stays as it is. */
void vg_ring_reshape(struct vg_window *window);

#endif
