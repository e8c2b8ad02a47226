/* SPDX-License-Identifier: Apache-2.0
 *
 * A reading that came behind newer ones, and what a rule would have said had it come in time.
 *
 *   phase      what it asks            then
 *   IDLE       no hold                 ON: what the reading would have raised at its own time
 *   IDLE,      a hold, and measured    the readings from its own on are asked again, as in time: ON if
 *   PENDING    values alone            a run of them lasted, PENDING if one reaches to the newest, else IDLE
 *   PENDING    a hold, and other       a reading that says no inside the span: it begins anew behind it
 *
 * A run begins no earlier than the readings still kept fill the test's windows, nor than what was told
 * ended. It is found for tests of measured values alone: what an assessment or a chart said at each
 * reading in between is not kept (an assessment's own holds are its course's: core/assess).
 */
#include "core/carer.h"
#include "core/expr_code.h"

/* The first watched reading after `at`, or VG_NEVER. */
static struct vg_instant reading_after(const struct vg_bed *bed, uint64_t watches,
                                       struct vg_instant at)
{
    struct vg_instant best = VG_NEVER;

    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        const struct vg_window *window = bed->window[s];
        if ((watches >> s & 1) != 0 && window != NULL) {
            const uint32_t i = vg_window_until(window, at);
            if (i < window->count) {
                best = vg_earlier(best, vg_window_when(window, i));
            }
        }
    }
    return best;
}

/* The last watched reading before `at`, or VG_UNSET. */
static struct vg_instant reading_before(const struct vg_bed *bed, uint64_t watches,
                                        struct vg_instant at)
{
    struct vg_instant best = VG_UNSET;

    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        const struct vg_window *window = bed->window[s];
        if ((watches >> s & 1) != 0 && window != NULL) {
            const uint32_t i = vg_window_until(window, vg_after(at, -1));
            if (i > 0) {
                best = vg_later(best, vg_window_when(window, i - 1));
            }
        }
    }
    return best;
}

/* From here on each window that the test asks was whole. */
static struct vg_instant known_from(const struct vg_bed *bed,
                                    const struct vg_expr *expr)
{
    struct vg_instant from = VG_UNSET;

    for (uint16_t i = 0; i < expr->length; i++) {
        if (expr->code[i].code != VG_OP_ASK) {
            continue;
        }
        const struct vg_query *query =
            &bed->protocol->queries.item[expr->code[i].query];
        const struct vg_window *window =
            query->signal < VG_MEASURED_COUNT ? bed->window[query->signal] : NULL;
        if (window != NULL && window->first > 0) { /* something has left it */
            from = vg_later(from, vg_after(vg_window_when(window, 0), query->span));
        }
    }
    return from;
}

static bool says(const struct vg_asking *asking, const struct vg_expr *expr,
                 struct vg_instant at, enum vg_truth truth)
{
    struct vg_asking then = *asking;

    then.at = at;
    return vg_rule_test(&then, expr, VG_EXACTLY) == truth;
}

/* Longest pause that does not break a run there. */
static vg_ms pause_at(const struct vg_asking *asking, uint64_t watches,
                      struct vg_instant at)
{
    struct vg_asking then = *asking;
    struct vg_sample last;
    vg_ms pause = 0;

    then.at = at;
    (void)vg_rule_newest(&then, watches, &last, &pause);
    return pause;
}

/* Where to begin: with the reading before the unbroken run of readings that say yes of which `at`
 * is one, or with the first of it if what is before that is not known. */
static struct vg_instant begin_at(const struct vg_asking *asking,
                                  const struct vg_expr *when, struct vg_instant at,
                                  struct vg_instant told_until)
{
    const struct vg_instant from =
        vg_later(known_from(asking->bed, when), vg_after(told_until, 1));

    for (;;) {
        const struct vg_instant before = reading_before(asking->bed, when->watches, at);
        if (!vg_is_set(before) || before.ms < from.ms) {
            return at;
        }
        if (vg_since(at, before) > pause_at(asking, when->watches, at) ||
            !says(asking, when, before, VG_TRUE)) {
            return before;
        }
        at = before;
    }
}

bool vg_rule_from_readings(const struct vg_bed *bed, const struct vg_expr *when)
{
    return when->hold > 0 && when->asks != 0 && when->watches == when->asks &&
           when->topics == 0 && !when->watches_chart && when->of_last == 0 &&
           !vg_bed_asks_absence(bed, when);
}

/* From there on, as it would have been asked in time. */
struct again {
    bool open;                     /* a run of yes */
    bool whole;                    /* of yes alone until now */
    struct vg_instant onset, last; /* its last reading, or its onset */
};

static bool note(struct again *run, struct vg_instant at, bool yes, bool reading)
{
    if (!yes) {
        run->open = run->whole = false;
        return false;
    }
    if (!run->open) {
        *run = (struct again){true, run->whole, at, at};
    }
    run->last = reading ? at : run->last;
    return true;
}

/* Whether the run lasted for the hold before `next`: by time, with fresh data at its end (rule.c). */
static bool held_by_time(const struct vg_asking *asking, const struct vg_expr *when,
                         const struct again *run, struct vg_instant next)
{
    const struct vg_instant end = vg_after(run->onset, when->hold);

    return run->open && run->last.ms > run->onset.ms && next.ms > end.ms &&
           asking->bed->asked.ms >= end.ms &&
           vg_since(end, run->last) <= pause_at(asking, when->watches, run->last) &&
           says(asking, when, end, VG_TRUE);
}

static bool held_by_reading(const struct vg_asking *asking, const struct vg_expr *when,
                            struct again *run, struct vg_instant at)
{
    if (run->open &&
        vg_since(at, run->last) > pause_at(asking, when->watches, run->last)) {
        run->open = run->whole = false;
    }
    return note(run, at, says(asking, when, at, VG_TRUE), true) &&
           vg_since(at, run->onset) >= when->hold;
}

enum found { NOTHING, SPAN_HELD, TO_THE_END };

/* Instant by instant: readings, and when one leaves a window. */
static enum found go_again(const struct vg_asking *asking, const struct vg_expr *when,
                           struct vg_instant at, struct again *run)
{
    struct vg_bed *bed = asking->bed;
    const struct vg_instant until =
        vg_after(asking->trigger, vg_expr_look_back(when, &bed->protocol->queries));
    struct vg_instant reading = at;

    while (at.ms <= bed->asked.ms) {
        if (held_by_time(asking, when, run, at)) {
            return SPAN_HELD;
        }
        if (at.ms < reading.ms) {
            (void)note(run, at, says(asking, when, at, VG_TRUE), false);
        } else if (held_by_reading(asking, when, run, at)) {
            return SPAN_HELD;
        }
        if (!run->open && at.ms > until.ms) {
            return NOTHING; /* from here on all is as it was asked */
        }
        reading = reading_after(bed, when->watches, at);
        at = vg_earlier(reading, vg_bed_changes(bed, when, at));
    }
    if (!run->open) { /* as it stands: a leaving that waited for the next reading (facts.c) counts */
        (void)note(run, bed->asked, says(asking, when, bed->asked, VG_TRUE), false);
    }
    return held_by_time(asking, when, run, VG_NEVER) ? SPAN_HELD : TO_THE_END;
}

static void span_again(const struct vg_asking *asking, const struct vg_rule *rule,
                       size_t index)
{
    struct vg_rule_state *state = &asking->bed->state[index];
    const struct vg_expr *when = &rule->when;
    struct vg_instant at = asking->trigger;
    struct again run = {.whole = state->phase == VG_PENDING};

    if (vg_is_set(state->ended_onset) && at.ms <= state->ended_at.ms) {
        at = reading_after(asking->bed, when->watches, state->ended_at);
        if (vg_is_never(at) &&
            vg_is_never(reading_after(asking->bed, when->watches, asking->trigger))) {
            at =
                asking
                    ->trigger; /* newer than what ended it, by another signal's clock */
        }
    } else {
        at = begin_at(asking, when, at, state->ended_at);
    }
    if (vg_is_never(at)) {
        return;
    }
    const enum found found = go_again(asking, when, at, &run);
    if (found == NOTHING) {
        return;
    }
    state->phase = run.open ? VG_PENDING : VG_IDLE;
    if (run.open && !(run.whole && state->onset.ms < run.onset.ms)) {
        state->onset = run.onset;
    }
    state->last_yes = run.open ? run.last : VG_UNSET;
    if (found == SPAN_HELD) {
        vg_rule_turn_on(asking, index);
    }
}

static void raise_past(const struct vg_asking *asking, const struct vg_rule *rule,
                       size_t index)
{
    struct vg_rule_state *state = &asking->bed->state[index];
    const struct vg_instant at = asking->trigger;

    if (vg_is_set(state->ended_onset) && at.ms >= state->ended_onset.ms &&
        at.ms <= state->ended_at.ms) {
        return; /* it was on then, and people know */
    }
    if (vg_rule_test(asking, &rule->when, VG_EXACTLY) != VG_TRUE) {
        return;
    }
    const struct vg_instant onset = vg_bed_onset(asking->bed, &rule->when, at);
    if (vg_is_set(state->ended_onset) && onset.ms == state->ended_onset.ms) {
        return; /* the same run, and people know */
    }
    if (rule->floor && vg_storm_said(asking, rule, onset)) {
        return;
    }
    state->onset = onset;
    vg_rule_turn_on(asking, index);
}

/* A reading that says no inside a pending span: it begins anew behind it. */
static void break_span(const struct vg_asking *asking, const struct vg_rule *rule,
                       struct vg_rule_state *state)
{
    if (asking->trigger.ms < state->onset.ms ||
        vg_rule_test(asking, &rule->when, VG_EXACTLY) != VG_FALSE) {
        return;
    }
    const struct vg_instant next =
        reading_after(asking->bed, rule->when.watches, asking->trigger);
    if (vg_is_never(next)) {
        state->phase = VG_IDLE;
        state->last_yes = VG_UNSET;
    } else {
        state->onset = next;
    }
}

void vg_rule_ask_late(const struct vg_asking *asking, size_t index)
{
    const struct vg_bed *bed = asking->bed;
    const struct vg_rule *rule = &bed->protocol->rule[index];
    struct vg_rule_state *state = &bed->state[index];

    if (rule->floor && !bed->linked) {
        return;
    }
    const bool waits = state->phase == VG_IDLE || state->phase == VG_PENDING;
    if (waits && vg_rule_from_readings(bed, &rule->when)) {
        span_again(asking, rule, index);
    } else if (state->phase == VG_PENDING) {
        break_span(asking, rule, state);
    } else if (waits && rule->when.hold == 0 && rule->when.of_last == 0) {
        raise_past(asking, rule, index);
    }
}
