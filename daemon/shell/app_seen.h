/* SPDX-License-Identifier: Apache-2.0
 *
 * The latest contents of letters without a number, by their hashes: what comes again is known. The oldest one makes room.
 * A table of twice as many places finds one: open addressing, the next free place.
 */
#ifndef VIGIL_SHELL_APP_SEEN_H
#define VIGIL_SHELL_APP_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VG_SEEN       4096
#define VG_SEEN_PLACE ((size_t)2 * VG_SEEN) /* a power of two */

/* Zeroed: nothing was seen. */
struct vg_seen {
    size_t next; /* in the ring */
    uint64_t hash[VG_SEEN];
    uint16_t place[VG_SEEN_PLACE]; /* 1 + where in the ring; 0: free */
};

bool vg_seen_has(const struct vg_seen *seen, uint64_t hash);
/* One that is there already stays as old as it is. */
void vg_seen_put(struct vg_seen *seen, uint64_t hash);

#endif
