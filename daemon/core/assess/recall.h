/* SPDX-License-Identifier: Apache-2.0
 *
 * A state and what a restart carries over of it: vigil/carried.h.
 */
#ifndef VIGIL_ASSESS_RECALL_H
#define VIGIL_ASSESS_RECALL_H

#include "vigil/carried.h"

struct vg_state;
struct vg_patient;

struct vg_carried vg_recall_carry(const struct vg_state *state);

/* Into a state that was folded from what was read back, before the instant `at`, the first that is not before
 * carried->at. */
void vg_recall(struct vg_state *state, const struct vg_carried *carried,
               struct vg_instant at);

/* Before everything is folded anew: of an episode older than a day the pressures and saturations that a monitor sent are
 * not kept any more; and what an earlier restart carried is not what there is now. */
void vg_recall_keep(const struct vg_state *state, struct vg_patient *patient);

/* Those that move with each reading. */
bool vg_recall_moves(enum vg_carried_time time);

#endif
