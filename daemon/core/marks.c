/* SPDX-License-Identifier: Apache-2.0
 *
 * What the latest readings said, for "in N of last M readings". See marks.h.
 */
#include "core/marks.h"

#include <stdlib.h>

bool vg_marks_make(struct vg_marks *marks, const struct vg_expr *expr)
{
    if (expr->of_last > 0) {
        marks->mark = calloc(VG_MARKS, sizeof *marks->mark);
    }
    return expr->of_last == 0 || marks->mark != NULL;
}

void vg_marks_free(struct vg_rule_state *state)
{
    free(state->when.mark);
    free(state->clear.mark);
}

void vg_mark_put(struct vg_marks *marks, struct vg_instant at, bool yes, uint8_t keep)
{
    uint8_t place = marks->count;

    while (place > 0 && marks->mark[place - 1].at.ms > at.ms) {
        place--; /* late: put where it belongs */
    }
    if (place > 0 && marks->mark[place - 1].at.ms == at.ms) {
        marks->mark[place - 1].yes = yes; /* the same instant, asked again */
        return;
    }
    if (marks->count == keep) {
        if (place == 0) {
            return; /* older than all that count */
        }
        for (uint8_t i = 1; i < place; i++) {
            marks->mark[i - 1] = marks->mark[i];
        }
        marks->mark[place - 1] = (struct vg_mark){at, yes};
        return;
    }
    for (uint8_t i = marks->count; i > place; i--) {
        marks->mark[i] = marks->mark[i - 1];
    }
    marks->mark[place] = (struct vg_mark){at, yes};
    marks->count++;
}

enum vg_truth vg_mark_count(const struct vg_marks *marks, const struct vg_expr *expr,
                            struct vg_instant *onset)
{
    struct vg_instant first = VG_UNSET;
    struct vg_instant enough = VG_UNSET;
    unsigned yes = 0;

    for (uint8_t i = 0; i < marks->count; i++) {
        if (marks->mark[i].yes) {
            const struct vg_instant last = marks->mark[i].at;
            first = yes == 0 ? last : first;
            yes++;
            if (!vg_is_set(enough) && yes >= expr->of_true &&
                vg_since(last, first) >= expr->apart) {
                enough = last;
            }
        }
    }
    *onset = expr->hold > 0 ? enough : first;
    if (marks->count == 0) {
        return VG_UNKNOWN;
    }
    return vg_is_set(enough) ? VG_TRUE : VG_FALSE;
}
