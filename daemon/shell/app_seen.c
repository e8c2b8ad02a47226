/* SPDX-License-Identifier: Apache-2.0
 *
 * Contents that have come. See app_seen.h.
 */
#include "shell/app_seen.h"

#define MASK (VG_SEEN_PLACE - 1)

static uint64_t hash_at(const struct vg_seen *seen, size_t place)
{
    return seen->hash[seen->place[place] - 1];
}

/* Where it stands, or the free place where it would. */
static size_t place_of(const struct vg_seen *seen, uint64_t hash)
{
    size_t place = hash & MASK;

    while (seen->place[place] != 0 && hash_at(seen, place) != hash) {
        place = (place + 1) & MASK;
    }
    return place;
}

bool vg_seen_has(const struct vg_seen *seen, uint64_t hash)
{
    return seen->place[place_of(seen, hash)] != 0;
}

/* What stands behind it moves up, unless it would stand before the place that is its own. */
static void take_out(struct vg_seen *seen, size_t hole)
{
    size_t at = (hole + 1) & MASK;

    for (; seen->place[at] != 0; at = (at + 1) & MASK) {
        const size_t own = hash_at(seen, at) & MASK;
        if (((at - own) & MASK) >= ((at - hole) & MASK)) {
            seen->place[hole] = seen->place[at];
            hole = at;
        }
    }
    seen->place[hole] = 0;
}

void vg_seen_put(struct vg_seen *seen, uint64_t hash)
{
    if (vg_seen_has(seen, hash)) {
        return;
    }
    const size_t slot = seen->next++ % VG_SEEN;
    if (seen->next > VG_SEEN) {
        take_out(seen, place_of(seen, seen->hash[slot]));
    }
    seen->hash[slot] = hash;
    seen->place[place_of(seen, hash)] = (uint16_t)(slot + 1);
}
