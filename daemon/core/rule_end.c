/* SPDX-License-Identifier: Apache-2.0
 *
 * What may end an alert: what makes it quieter needs evidence (rule.c).
 */
#include "core/carer.h"

/* Of the signals that made us ask, the newest reading was not measured so long ago that it speaks no more (0.4). */
bool vg_rule_fresh(const struct vg_asking *asking, const struct vg_expr *expr)
{
    const uint64_t came = expr->watches & asking->touched;
    struct vg_sample last;
    vg_ms speaks = 0;
    vg_ms pause = 0;

    for (uint64_t left = came; left != 0; left &= left - 1) {
        const vg_ms carry =
            vg_signal_info((enum vg_signal)__builtin_ctzll(left))->carry;
        speaks = carry > speaks ? carry : speaks;
    }
    return !vg_rule_newest(asking, came, &last, &pause) ||
           vg_since(asking->stamp, last.measured) <= speaks;
}

/* Whether something of what the test watches was seen so lately that it still speaks. */
static bool seen_lately(const struct vg_asking *asking, const struct vg_expr *expr)
{
    struct vg_sample last;
    vg_ms pause = 0;

    return vg_rule_newest(asking, expr->watches, &last, &pause) &&
           vg_since(asking->at, last.measured) <= pause;
}

/* A clear test of readings ends nothing by time alone: values that leave a window say nothing about now. Nor does a
 * test without one, once data have stopped. Nor a reading of a clock in the future (0.3), or too old to speak. */
bool vg_rule_may_end(const struct vg_asking *asking, const struct vg_rule *rule)
{
    const struct vg_expr *expr = rule->has_clear ? &rule->clear : &rule->when;

    if (expr->asks == 0 || vg_bed_asks_absence(asking->bed, expr)) {
        return true;
    }
    if (!vg_is_set(asking->trigger)) {
        return !rule->has_clear && (!asking->by_time || seen_lately(asking, expr));
    }
    return !asking->ahead && vg_rule_fresh(asking, expr);
}
