/* SPDX-License-Identifier: Apache-2.0
 *
 * Who lay where, from when to when. The present is in the beds (bed.h: episode, here); the
 * recent past is kept in a list of at most VG_TIES_MOST ties for the whole engine: with 1,000
 * beds and a move a day each, four days; the store has all of it for good. What is older than
 * the list is taken as nobody's while a patient lies in the bed, and as the bed's own while
 * it is empty. Private to the core.
 *
 * A tie begins and ends at the instants that admission, transfer and discharge say, not when
 * they came; one that is said to begin in the future begins when it came.
 */
#ifndef VIGIL_CORE_TIE_H
#define VIGIL_CORE_TIE_H

#include "vigil/engine.h"

#define VG_TIES_MOST 4096

struct vg_engine;
struct vg_bed;

struct vg_ties {
    size_t count,
        next; /* next: where the oldest is overwritten once the list is full */
    size_t size;
    struct vg_tie *item; /* owned */
};

/* Room for so many more. False: no memory. */
bool vg_ties_reserve(struct vg_ties *ties, size_t more);
void vg_ties_finish(struct vg_ties *ties);

/* The patient of the bed leaves its place at `to`: kept and told. Room must be reserved. */
void vg_tie_end(struct vg_engine *engine, const struct vg_bed *bed,
                struct vg_instant to);
/* The patient of the bed lies there since bed->here: told. */
void vg_tie_begin(struct vg_engine *engine, const struct vg_bed *bed);

/* Whether that stay has lain there and left. */
bool vg_tie_known(const struct vg_ties *ties, const char *ward, const char *bed,
                  const char *episode);

/* Whose what was measured at one instant is. */
struct vg_belongs {
    struct vg_bed *bed; /* whose windows it goes into; NULL: nobody's */
    struct vg_owner owner;
    bool own;  /* measured in the very bed where the patient lies since */
    bool free; /* nobody's while the bed is empty: the bed's own */
};
/* `bed`: what there is at the message's place, or NULL. A message that names the patient to whom
 * its own time belongs is theirs with all its items, also those with an older time of their own:
 * a laboratory result of the bed before. */
struct vg_belongs vg_tie_belongs(const struct vg_engine *engine, struct vg_bed *bed,
                                 const struct vg_message *message,
                                 struct vg_instant at);

#endif
