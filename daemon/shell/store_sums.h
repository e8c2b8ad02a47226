/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums of a block by cells of five minutes since 1970, beside it in its row: steps over a
 * month need not unpack its readings. Only what is usable as a number is in them.
 */
#ifndef VIGIL_SHELL_STORE_SUMS_H
#define VIGIL_SHELL_STORE_SUMS_H

#include "vigil/reading.h"

#include "shell/store_pack.h"

#define VG_SUM_CELL (5 * VG_MINUTE)

/* Running sums of one signal. Numbers are millionths of the canonical unit. count 0: nothing
 * yet. */
struct vg_running {
    uint64_t count;
    int64_t min, max, first, last;
    int64_t sum;
    struct vg_instant first_at, last_at;
};

/* Whether rules could use it as a number: valid or questionable, inside the hard range. */
bool vg_sums_usable(const struct vg_reading *reading);

/* The running sum of one reading; false: it is not usable, or does not fit. */
bool vg_running_of(const struct vg_reading *reading, struct vg_running *out);

/* Adds what `other` holds; which of the two was first is decided by time. A sum that does not
 * fit stays at the end of its range. */
void vg_running_add(struct vg_running *running, const struct vg_running *other);

/* The multiple of `step` at or before it, or the earliest instant there is. */
struct vg_instant vg_step_of(struct vg_instant at, vg_ms step);

/* Cells that are being summed, by their time. Zero-initialise. */
struct vg_summing {
    struct vg_running *cell;
    size_t count, capacity;
    size_t latest; /* the cell that was added to last */
    int64_t begin; /* of it */
    bool failed;
};
void vg_sums_finish(struct vg_summing *summing);
void vg_sums_add(struct vg_summing *summing, const struct vg_reading *reading);

/* Appends them, by time; `pack->failed` if there was no memory. */
void vg_sums_pack(struct vg_summing *summing, struct vg_pack *pack);

/* Tells each cell. VG_OK, or VG_REFUSED: damaged. The callback answers false to stop. */
typedef bool vg_cell_fn(void *to, const struct vg_running *cell);
enum vg_status vg_sums_each(struct vg_slice packed, vg_cell_fn *each, void *to);

#endif
