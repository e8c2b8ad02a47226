/* SPDX-License-Identifier: Apache-2.0
 *
 * A test that counts readings ("in N of last M"): what each of them said in its own time.
 */
#include "core/carer.h"
#include "core/marks.h"

enum vg_truth vg_rule_count(const struct vg_asking *asking, const struct vg_expr *expr,
                            struct vg_marks *marks, enum vg_truth truth,
                            struct vg_instant *onset)
{
    const uint8_t keep = expr->of_last < VG_MARKS ? expr->of_last : VG_MARKS;

    if (vg_is_set(asking->trigger) && (asking->touched & expr->watches) != 0) {
        struct vg_asking own = *asking;
        own.at = asking->trigger; /* what it said in its own time, late or not */
        const enum vg_truth then =
            own.at.ms < asking->at.ms ? vg_rule_test(&own, expr, VG_EXACTLY) : truth;
        vg_mark_put(marks, asking->trigger, then == VG_TRUE, keep);
    }
    return vg_mark_count(marks, expr, onset);
}
