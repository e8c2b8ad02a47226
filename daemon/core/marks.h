/* SPDX-License-Identifier: Apache-2.0
 *
 * What the latest readings said, for "in N of last M readings": a yes or no each, in order
 * of measured time whatever the order of arrival.
 */
#ifndef VIGIL_CORE_MARKS_H
#define VIGIL_CORE_MARKS_H

#include "core/bed.h"

/* Room, if the test counts. False: no memory. */
bool vg_marks_make(struct vg_marks *marks, const struct vg_expr *expr);
void vg_marks_free(struct vg_rule_state *state);

/* Notes what the reading measured at `at` said; keeps the newest `keep`. */
void vg_mark_put(struct vg_marks *marks, struct vg_instant at, bool yes, uint8_t keep);

/* Whether enough of them said yes, far enough apart; unknown before the first. `onset`
 * becomes the first that did; where that must last, the one with which there were enough. */
enum vg_truth vg_mark_count(const struct vg_marks *marks, const struct vg_expr *expr,
                            struct vg_instant *onset);

#endif
