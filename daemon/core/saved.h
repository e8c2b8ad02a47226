/* SPDX-License-Identifier: Apache-2.0
 *
 * A state of a course put away: what differs from another one. From one instant to the next
 * little does, and much of a patient's state was never touched: put away, a state takes a
 * fraction of its size. Private to the core.
 */
#ifndef VIGIL_CORE_SAVED_H
#define VIGIL_CORE_SAVED_H

#include "vigil/base.h"

struct vg_state;

struct vg_saved {
    struct vg_instant at; /* of the state; 0 ms: nothing is put away */
    uint32_t size, capacity;
    uint64_t *word; /* owned; pieces: a word that says where and how long, then that */
};

/* Puts `state` away as it differs from `beside`. False: no memory, and nothing is put away. */
bool vg_saved_put(struct vg_saved *saved, const struct vg_state *state,
                  const struct vg_state *beside);
/* Makes of `state`, which is what it was put away beside, the one that was. */
void vg_saved_get(const struct vg_saved *saved, struct vg_state *state);

/* The same beside the empty state, closer: word by word, instants by how long before the state
 * they are. One that was closed is opened, whatever *state was. */
bool vg_saved_close(struct vg_saved *saved, const struct vg_state *state);
void vg_saved_open(const struct vg_saved *saved, struct vg_state *state);

void vg_saved_finish(struct vg_saved *saved);

#endif
