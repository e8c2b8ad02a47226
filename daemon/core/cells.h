/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums and counts of readings over long spans, to five minutes: for each cell of five
 * minutes (of the clock, so that a restart changes nothing) what all readings before its
 * start come to. The sum since a cell is the total less that.
 */
#ifndef VIGIL_CORE_CELLS_H
#define VIGIL_CORE_CELLS_H

#include "vigil/base.h"

#define VG_CELL (5 * VG_MINUTE)

struct vg_tally {
    int64_t sum;
    uint32_t count;
};

struct vg_cells {
    int64_t oldest, newest; /* numbers of cells; both are there */
    bool any;
    uint32_t size;         /* cells there is room for */
    struct vg_tally total; /* of everything ever added */
    int64_t *sum;          /* owned; by number modulo size; counts lie behind sums */
    uint32_t *count;
};

/* Room for cells over `span`; those that are there and still fit stay. False: no memory,
 * nothing changed. */
bool vg_cells_fit(struct vg_cells *cells, vg_ms span);
void vg_cells_finish(struct vg_cells *cells);

/* Adds a reading, at any instant; or, with a count of 0, a correction of its value. */
void vg_cells_add(struct vg_cells *cells, struct vg_instant at, struct vg_tally tally);

/* What lies in the cell of `at` and in those after it. */
struct vg_tally vg_cells_since(const struct vg_cells *cells, struct vg_instant at);

/* Forgets what lies in cells before that of `from`. */
void vg_cells_expire(struct vg_cells *cells, struct vg_instant from);

/* The cell of `from` and all behind it are gone. */
void vg_cells_cut(struct vg_cells *cells, struct vg_instant from);

/* The start of the cell of `at`. */
static inline struct vg_instant vg_cell_start(struct vg_instant at)
{
    const int64_t into = at.ms % VG_CELL;

    return (struct vg_instant){at.ms - (into < 0 ? into + VG_CELL : into)};
}

#endif
