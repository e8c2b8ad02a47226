/* SPDX-License-Identifier: Apache-2.0
 *
 * What the latest readings said, for "in N of last M readings": a yes or no each, in order
 * of measured time whatever the order of arrival.
 */
#ifndef VIGIL_CORE_MARKS_H
#define VIGIL_CORE_MARKS_H

#include "core/bed.h"

/* Notes what the reading measured at `at` said; keeps the newest `keep`. */
void vg_mark_put(struct vg_rule_state *state, struct vg_instant at, bool yes,
                 uint8_t keep);

/* Whether enough of them said yes, far enough apart; unknown before the first. `onset`
 * becomes the first that did. */
enum vg_truth vg_mark_count(const struct vg_rule_state *state,
                            const struct vg_expr *expr, struct vg_instant *onset);

#endif
