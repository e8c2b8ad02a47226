/* SPDX-License-Identifier: Apache-2.0
 *
 * What may end an alert: what makes it quieter needs evidence (rule.c).
 */
#include <stdio.h>

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

static const struct vg_expr *ending(const struct vg_rule *rule)
{
    return rule->has_clear ? &rule->clear : &rule->when;
}

/* All that came of what the test watches lies behind newer readings (Alert states T42). */
bool vg_rule_back_filled(const struct vg_asking *asking, const struct vg_expr *expr)
{
    const uint64_t came = expr->watches & asking->touched;

    return came != 0 && (came & asking->front) == 0;
}

/* A reading that the test watches came with a clock in the future (0.3). Of what else came it says nothing: a chart, or
 * time, ends what it ends beside it too. */
bool vg_rule_ahead(const struct vg_asking *asking, const struct vg_expr *expr)
{
    return asking->ahead && (expr->watches & asking->touched) != 0;
}

/* A clear test of readings ends nothing by time alone: values that leave a window say nothing about now. Nor does a
 * test without one, once data have stopped. Nor a reading of a clock in the future (0.3), or too old to speak, or
 * behind newer ones. What asks for missing data, and what was charted or assessed, ends by time: an assessment knows
 * by itself what time may end, but for an end that such a reading has told. */
bool vg_rule_may_end(const struct vg_asking *asking, const struct vg_rule *rule,
                     const struct vg_rule_state *state)
{
    const struct vg_expr *expr = ending(rule);

    if (state->rewritten == VG_NOT_READ) {
        return false;
    }
    if (vg_bed_asks_absence(asking->bed, expr)) {
        return true;
    }
    if (vg_is_set(asking->trigger)) {
        return !vg_rule_ahead(asking, expr) && !vg_rule_back_filled(asking, expr) &&
               vg_rule_fresh(asking, expr) && asking->trigger.ms >= state->ends_from.ms;
    }
    if (vg_is_set(state->ends_from)) {
        return false;
    }
    return expr->asks == 0 ||
           (!rule->has_clear && (!asking->by_time || seen_lately(asking, expr)));
}

bool vg_rule_starved(const struct vg_asking *asking, const struct vg_rule *rule,
                     const struct vg_rule_state *state)
{
    const struct vg_expr *expr = ending(rule);

    if (state->rewritten == VG_NOT_READ) {
        return true;
    }
    if (vg_is_set(asking->trigger)) {
        return expr->asks == 0 && !vg_rule_ahead(asking, expr) &&
               !vg_rule_fresh(asking, expr);
    }
    return vg_is_set(state->ends_from) ? state->lost
                                       : asking->by_time && !rule->has_clear;
}

/* The test was false in the past only, and what it would say without that is not kept: a run that it broke is whole
 * again after so long. The longest that two values of a run may lie apart (Clinical reference 1.3, 1.4). */
#define RUN_ANEW (15 * VG_MINUTE)

void vg_rule_doubt(const struct vg_asking *asking, const struct vg_rule *rule,
                   struct vg_rule_state *state, enum vg_truth clear, bool may)
{
    const bool past = !rule->has_clear && vg_rule_back_filled(asking, ending(rule));

    if (clear == VG_FALSE) {
        state->ends_from = VG_UNSET;
    } else if (clear == VG_TRUE && !may && vg_is_set(asking->trigger) &&
               !vg_is_set(state->ends_from)) {
        state->ends_from = past ? vg_after(asking->at, RUN_ANEW) : asking->trigger;
    }
}

/* ---- A new test about an alert that another one raised (Alert states T37, T38) */

static void say_why(const struct vg_asking *asking, const struct vg_rule_state *state,
                    enum vg_rewritten why)
{
    char *remark = state->alert->remark;

    if (why == VG_NOT_READ) {
        (void)vg_copy(remark, VG_REMARK,
                      "restarted: what raised it is older than what was read back, "
                      "which does not say it: look at the patient");
        return;
    }
    (void)snprintf(remark, VG_REMARK,
                   "rule_changed: what raised it does not hold under version %.32s of "
                   "the protocol",
                   asking->bed->protocol->version);
}

/* That it does not hold is no reason to believe that the patient is better: it ends as the new test says, is
 * told why, and waits for a person to look. */
static void disown(const struct vg_asking *asking, size_t index, bool clear,
                   enum vg_rewritten why)
{
    struct vg_rule_state *state = &asking->bed->state[index];
    const struct vg_rule *rule = vg_bed_rule(asking->bed, index);
    const bool ends_now = clear && (!rule->has_clear || rule->clear.hold == 0) &&
                          vg_rule_may_end(asking, rule, state);
    enum vg_change change = VG_NOTED;

    if (clear && state->lost) {
        state->lost = false;
        vg_tell_change(asking->engine, asking->bed, state, VG_DATA_BACK, asking->stamp);
    }
    state->alert->latched =
        state->alert->latched || state->alert->severity >= VG_URGENT;
    say_why(asking, state, why);
    if (ends_now) {
        return; /* the end is told with it */
    }
    if (clear && state->phase == VG_ON) {
        state->phase = VG_CLEARING_PHASE;
        state->clear_since = asking->at;
        change = VG_CLEARING_BEGUN;
    }
    vg_tell_change(asking->engine, asking->bed, state, change, asking->stamp);
}

/* Not read back: until each vital sign that it watches and that was ever heard of speaks again, its no rests on
 * nothing. */
static bool rests_on_nothing(const struct vg_asking *asking, const struct vg_expr *expr)
{
    const struct vg_course *course = asking->bed->course;
    bool silent = false;

    for (unsigned s = 0; course != NULL && s <= VG_SBP; s++) {
        const vg_ms carry = vg_signal_info((enum vg_signal)s)->carry;
        const struct vg_instant heard = course->state.heard[s];
        silent = silent || ((expr->watches >> s & 1) != 0 && vg_state_set(heard) &&
                            vg_since(asking->at, heard) > carry);
    }
    return silent;
}

void vg_rule_hand_over(const struct vg_asking *asking, size_t index,
                       enum vg_truth truth, enum vg_truth clear)
{
    struct vg_rule_state *state = &asking->bed->state[index];
    const struct vg_rule *rule = vg_bed_rule(asking->bed, index);
    const struct vg_alert *alert = state->alert;
    const bool starved =
        asking->by_time && !rule->has_clear && !vg_rule_may_end(asking, rule, state);
    const bool answers = truth == VG_TRUE || clear == VG_TRUE || truth == VG_FALSE;

    if (alert == NULL || alert->condition == VG_ENDED || !answers ||
        (truth == VG_FALSE && starved) ||
        (state->rewritten == VG_NOT_READ && truth != VG_TRUE &&
         rests_on_nothing(asking, ending(rule)))) {
        return; /* what raised it stands until then */
    }
    const enum vg_rewritten why = state->rewritten;
    state->rewritten = VG_SAME_TEST;
    state->alert->care.test = rule->print;
    if (truth != VG_TRUE && (clear == VG_TRUE || why == VG_NEW_TEST)) {
        disown(asking, index, clear == VG_TRUE, why);
    }
}
