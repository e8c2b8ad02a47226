/* SPDX-License-Identifier: Apache-2.0
 *
 * How far a sender's clock is from ours, from nothing but when its messages were measured
 * and when they arrived.
 *
 * A message is never early: of those that arrive within 10 s of each other the one that took
 * least is nearest to the truth. When six such groups in a row agree to 5 s, what they agree
 * on is the offset. While a backlog flows they do not agree, for it comes faster than it was
 * measured: then the last offset stands. A sender that is late by the same time always looks
 * like one whose clock is behind: nothing here can tell them apart, and whoever is told must
 * be told both.
 *
 * All project proposals. Times in ms; an offset is positive when the sender is ahead.
 */
#ifndef VIGIL_CORE_OFFSET_H
#define VIGIL_CORE_OFFSET_H

#include "vigil/base.h"

#define VG_OFFSET_GROUPS 6U
#define VG_OFFSET_GROUP  (10 * VG_SECOND)
#define VG_OFFSET_SPREAD (5 * VG_SECOND)

/* Zero-initialise. */
struct vg_offset {
    struct vg_instant group; /* its first arrival; 0 ms: none yet */
    unsigned count, next;
    bool known;
    vg_ms lag[VG_OFFSET_GROUPS]; /* the least of each group, a ring */
    vg_ms value;                 /* if known */
};

/* Another message. True: the offset is now known, or known anew. */
bool vg_offset_add(struct vg_offset *offset, struct vg_instant measured,
                   struct vg_instant received);

/* What most of `count` (3 at least) offsets agree on to 2 s: false if they do not. Sorts them. */
#define VG_OFFSET_AGREE (2 * VG_SECOND)
bool vg_offsets_agree(vg_ms *offset, size_t count, vg_ms *common);

#endif
