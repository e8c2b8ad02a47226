/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums and counts to five minutes. See cells.h.
 */
#include "core/cells.h"

#include <stdlib.h>
#include <string.h>

static int64_t number_of(struct vg_instant at)
{
    return vg_cell_start(at).ms / VG_CELL;
}

static size_t place_of(int64_t number, uint32_t size)
{
    const int64_t place = number % (int64_t)size;

    return (size_t)(place < 0 ? place + (int64_t)size : place);
}

static struct vg_tally before(const struct vg_cells *cells, int64_t number)
{
    if (!cells->any || number > cells->newest) {
        return cells->total;
    }
    const int64_t known = number < cells->oldest ? cells->oldest : number;
    const size_t place = place_of(known, cells->size);
    return (struct vg_tally){cells->sum[place], cells->count[place]};
}

static void set(struct vg_cells *cells, int64_t number, struct vg_tally tally)
{
    const size_t place = place_of(number, cells->size);

    cells->sum[place] = tally.sum;
    cells->count[place] = tally.count;
}

void vg_cells_finish(struct vg_cells *cells)
{
    free(cells->sum);
    memset(cells, 0, sizeof *cells);
}

bool vg_cells_fit(struct vg_cells *cells, vg_ms span)
{
    struct vg_cells fresh = *cells;

    fresh.size = (uint32_t)(span / VG_CELL) + 2; /* both ends are begun cells */
    if (fresh.size == cells->size) {
        return true;
    }
    fresh.sum = malloc(fresh.size * (sizeof *fresh.sum + sizeof *fresh.count));
    if (fresh.sum == NULL) {
        return false;
    }
    fresh.count = (uint32_t *)(fresh.sum + fresh.size);
    if (cells->any) {
        const int64_t first = cells->newest - (int64_t)fresh.size + 1;
        fresh.oldest = first > cells->oldest ? first : cells->oldest;
        for (int64_t n = fresh.oldest; n <= fresh.newest; n++) {
            set(&fresh, n, before(cells, n));
        }
    }
    free(cells->sum);
    *cells = fresh;
    return true;
}

/* Begins the cells up to `number`; all that is known lies before them. */
static void begin(struct vg_cells *cells, int64_t number)
{
    const int64_t first = number - (int64_t)cells->size + 1;

    if (!cells->any) {
        cells->any = true;
        cells->oldest = cells->newest = number;
        set(cells, number, cells->total);
        return;
    }
    if (number > cells->newest) {
        int64_t n = first > cells->newest ? first : cells->newest + 1;
        cells->oldest = first > cells->oldest ? first : cells->oldest;
        for (; n <= number; n++) {
            set(cells, n, cells->total);
        }
        cells->newest = number;
    }
    while (number < cells->oldest &&
           cells->newest - cells->oldest + 1 < (int64_t)cells->size) {
        const struct vg_tally same = before(cells, cells->oldest);
        set(cells, --cells->oldest, same);
    }
}

void vg_cells_add(struct vg_cells *cells, struct vg_instant at, struct vg_tally tally)
{
    const int64_t number = number_of(at);

    begin(cells, number);
    int64_t n = number + 1 > cells->oldest ? number + 1 : cells->oldest;
    for (; n <= cells->newest; n++) {
        const struct vg_tally old = before(cells, n);
        set(cells, n, (struct vg_tally){old.sum + tally.sum, old.count + tally.count});
    }
    cells->total.sum += tally.sum;
    cells->total.count += tally.count;
}

struct vg_tally vg_cells_since(const struct vg_cells *cells, struct vg_instant at)
{
    const struct vg_tally old = before(cells, number_of(at));

    return (struct vg_tally){cells->total.sum - old.sum,
                             cells->total.count - old.count};
}

void vg_cells_expire(struct vg_cells *cells, struct vg_instant from)
{
    const int64_t number = number_of(from);

    if (cells->any && number > cells->newest) {
        cells->any = false;
        cells->total = (struct vg_tally){0};
    } else if (cells->any && number > cells->oldest) {
        cells->oldest = number;
    }
}

void vg_cells_cut(struct vg_cells *cells, struct vg_instant from)
{
    const int64_t number = number_of(from);

    if (cells->any && number <= cells->oldest) {
        cells->any = false;
        cells->total = (struct vg_tally){0};
    } else if (cells->any && number <= cells->newest) {
        cells->total = before(cells, number);
        cells->newest = number - 1;
    }
}
