/* SPDX-License-Identifier: Apache-2.0
 *
 * What the latest readings said, for "in N of last M readings". See marks.h.
 */
#include "core/marks.h"

void vg_mark_put(struct vg_rule_state *state, struct vg_instant at, bool yes,
                 uint8_t keep)
{
    uint8_t place = state->mark_count;

    while (place > 0 && state->mark[place - 1].at.ms > at.ms) {
        place--; /* late: put where it belongs */
    }
    if (place > 0 && state->mark[place - 1].at.ms == at.ms) {
        state->mark[place - 1].yes = yes; /* the same instant, asked again */
        return;
    }
    if (state->mark_count == keep) {
        if (place == 0) {
            return; /* older than all that count */
        }
        for (uint8_t i = 1; i < place; i++) {
            state->mark[i - 1] = state->mark[i];
        }
        state->mark[place - 1] = (struct vg_mark){at, yes};
        return;
    }
    for (uint8_t i = state->mark_count; i > place; i--) {
        state->mark[i] = state->mark[i - 1];
    }
    state->mark[place] = (struct vg_mark){at, yes};
    state->mark_count++;
}

enum vg_truth vg_mark_count(const struct vg_rule_state *state,
                            const struct vg_expr *expr, struct vg_instant *onset)
{
    struct vg_instant first = VG_UNSET;
    struct vg_instant last = VG_UNSET;
    unsigned yes = 0;

    for (uint8_t i = 0; i < state->mark_count; i++) {
        if (state->mark[i].yes) {
            first = yes == 0 ? state->mark[i].at : first;
            last = state->mark[i].at;
            yes++;
        }
    }
    *onset = first;
    if (state->mark_count == 0) {
        return VG_UNKNOWN;
    }
    return yes >= expr->of_true && vg_since(last, first) >= expr->apart ? VG_TRUE
                                                                        : VG_FALSE;
}
