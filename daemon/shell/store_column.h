/* SPDX-License-Identifier: Apache-2.0
 *
 * A column: whole numbers one after another, written so that zstd finds little left in
 * them. Each is told by its difference from the one before, less the usual difference.
 * All arithmetic wraps, so every number of 64 bits comes back.
 */
#ifndef VIGIL_SHELL_STORE_COLUMN_H
#define VIGIL_SHELL_STORE_COLUMN_H

#include "shell/store_pack.h"

void vg_column_put(struct vg_pack *pack, const int64_t *numbers, size_t count);

/* A column read back. Zero-initialise; reused. */
struct vg_column {
    bool linear; /* start + i * step, and nothing in `numbers` */
    bool small;  /* all numbers are sure to lie within a million millions */
    int64_t start, step;
    int64_t *numbers;
    size_t capacity;
};
void vg_column_finish(struct vg_column *column);

/* VG_OK, VG_NO_MEMORY or VG_REFUSED. */
enum vg_status vg_column_get(struct vg_unpack *unpack, size_t count,
                             struct vg_column *out);

static inline int64_t vg_column_at(const struct vg_column *column, size_t i)
{
    return column->linear
               ? (int64_t)((uint64_t)column->start + i * (uint64_t)column->step)
               : column->numbers[i];
}

#endif
