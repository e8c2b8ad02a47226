/* SPDX-License-Identifier: Apache-2.0
 *
 * When a rule is asked again though nothing arrives, and when its bed wants to be woken.
 */
#include "core/carer.h"

static vg_ms lag_of(const struct vg_bed *bed, uint64_t watches)
{
    vg_ms lag = 0;

    for (; watches != 0; watches &= watches - 1) {
        const struct vg_window *window = bed->window[__builtin_ctzll(watches)];
        if (window != NULL && window->lag > lag) {
            lag = window->lag;
        }
    }
    return lag;
}

void vg_rule_plan(const struct vg_asking *asking, const struct vg_rule *rule,
                  struct vg_rule_state *state)
{
    struct vg_instant due = vg_bed_changes(asking->bed, &rule->when, asking->at);

    if (state->phase == VG_PENDING) {
        const struct vg_instant end = vg_after(state->onset, rule->when.hold);
        due = end.ms > asking->at.ms ? vg_earlier(due, end) : due;
    }
    if (rule->has_clear &&
        (state->phase == VG_ON || state->phase == VG_CLEARING_PHASE)) {
        due = vg_earlier(due, vg_bed_changes(asking->bed, &rule->clear, asking->at));
    }
    state->due = due;
    asking->bed->due = vg_earlier(asking->bed->due, due);
    /* What is past on arrival is served on arrival: stamps never run backwards. */
    state->wake =
        vg_later(vg_after(due, lag_of(asking->bed, rule->watches)), asking->stamp);
}

void vg_bed_rewake(struct vg_engine *engine, struct vg_bed *bed)
{
    struct vg_instant wake = VG_NEVER;
    struct vg_instant due = VG_NEVER;

    for (size_t i = 0; i < bed->protocol->rule_count; i++) {
        wake = vg_earlier(wake, bed->state[i].wake);
        due = vg_earlier(due, bed->state[i].due);
    }
    bed->due = due;
    vg_carer_unfold(engine, bed);
    const struct vg_instant course = vg_bed_course_wake(bed);
    wake = vg_earlier(wake, vg_later(course, engine->now));
    bed->wake = engine->jumping ? wake : vg_earlier(wake, vg_carer_wake(bed));
    vg_roster_rewake(engine, bed);
}
