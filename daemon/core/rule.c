/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of one rule for one bed.
 *
 *            yes, no hold                     clear says yes, no hold
 *      +---------------------------+      +---------------------------+
 *      |      yes        held long v      |                           v
 *    IDLE ---------> PENDING ---> ON ----------> CLEARING ---------> IDLE
 *      ^                |          ^  clear yes     |  yes for the hold
 *      +----------------+          +----------------+
 *        no, or unknown              yes again, or clear no longer
 *
 *   phase      may become   when
 *   IDLE       PENDING, ON  the test is true
 *   PENDING    IDLE         false, or unknown: a gap breaks the span
 *              ON           true from onset through the hold, with fresh data at its end
 *   ON         CLEARING     the clear test (without one: not the test) is true
 *              IDLE         the same, and it needs no hold
 *   CLEARING   ON           the test is true again, or the clear test no longer is
 *              IDLE         clear from its first reading to one at or after the hold's end
 *
 * Invariant: unknown never leads to ON and never from ON or CLEARING to IDLE; it only marks
 * them `lost`. An end needs a reading at or after its instant, a beginning only that the
 * data are not stale: what makes it quieter needs evidence, what makes it louder does not
 * wait for it.
 */
#include "core/carer.h"
#include "core/marks.h"

enum vg_truth vg_rule_test(const struct vg_asking *asking, const struct vg_expr *expr,
                           enum vg_how how)
{
    const struct vg_facts facts = vg_bed_facts(asking->bed, how);

    return vg_expr_ask(expr, &asking->bed->protocol->queries, &facts, asking->at);
}

/* The rule's test with its counts. `onset` becomes the first reading of the run. */
static enum vg_truth test(const struct vg_asking *asking, const struct vg_rule *rule,
                          struct vg_rule_state *state, struct vg_instant *onset)
{
    const struct vg_expr *when = &rule->when;
    const enum vg_truth truth = vg_rule_test(asking, when, VG_RUNNING);

    *onset = vg_is_set(asking->trigger) ? asking->trigger : asking->at;
    if (truth == VG_TRUE && when->topics != 0) {
        *onset = vg_bed_onset(asking->bed, when, *onset);
    }
    if (when->of_last == 0 || truth == VG_UNKNOWN) {
        return truth;
    }
    return vg_rule_count(asking, when, &state->when, truth, onset);
}

/* Whether its end is told. */
static enum vg_truth cleared(const struct vg_asking *asking, const struct vg_rule *rule,
                             struct vg_rule_state *state, enum vg_truth truth)
{
    struct vg_instant onset;
    const enum vg_truth clear = rule->has_clear
                                    ? vg_rule_test(asking, &rule->clear, VG_WHOLE)
                                    : vg_truth_not(truth);

    if (rule->clear.of_last == 0 || clear == VG_UNKNOWN) {
        return clear;
    }
    if (vg_rule_ahead(asking, &rule->clear)) { /* it does not count */
        return vg_mark_count(&state->clear, &rule->clear, &onset);
    }
    return vg_rule_count(asking, &rule->clear, &state->clear, clear, &onset);
}

/* What a test says of an alert that is on. What the data have stopped of is unknown; a lower bound
 * may say yes, and no only once it is whole (Clinical reference 0.4). */
static enum vg_truth still(const struct vg_asking *asking, const struct vg_expr *expr)
{
    const enum vg_truth truth = vg_rule_test(asking, expr, VG_STANDING);

    return truth == VG_FALSE && expr->topics != 0 ? vg_rule_test(asking, expr, VG_WHOLE)
                                                  : truth;
}

/* ---- Spans */

/* The newest reading that the test watches, and how long a pause it allows. */
bool vg_rule_newest(const struct vg_asking *asking, uint64_t watches,
                    struct vg_sample *out, vg_ms *pause)
{
    bool any = false;

    *pause = 0;
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        const struct vg_window *window = asking->bed->window[s];
        struct vg_sample sample;
        if ((watches >> s & 1) == 0 || window == NULL ||
            !vg_window_last(window, asking->at, &sample)) {
            continue;
        }
        const struct vg_signal_info *info = vg_signal_info((enum vg_signal)s);
        const vg_ms allowed =
            vg_source_streams(sample.source) ? info->gap : info->carry;
        *pause = allowed > *pause ? allowed : *pause;
        if (!any || sample.measured.ms > out->measured.ms) {
            *out = sample;
        }
        any = true;
    }
    return any;
}

static bool span_held(const struct vg_asking *asking, const struct vg_rule *rule,
                      const struct vg_rule_state *state)
{
    struct vg_sample last;
    vg_ms pause = 0;

    if (vg_since(asking->at, state->onset) < rule->when.hold) {
        return false;
    }
    if (vg_is_set(asking->trigger) || rule->when.watches == 0 ||
        vg_bed_asks_absence(asking->bed, &rule->when)) {
        return true;
    }
    /* Time alone: something must have been seen since the onset, and lately. */
    return vg_rule_newest(asking, rule->when.watches, &last, &pause) &&
           last.measured.ms > state->onset.ms &&
           vg_since(asking->at, last.measured) <= pause;
}

static bool span_broken(const struct vg_asking *asking, const struct vg_rule *rule,
                        const struct vg_rule_state *state)
{
    struct vg_sample last;
    vg_ms pause = 0;

    return vg_is_set(state->last_yes) && vg_is_set(asking->trigger) &&
           vg_rule_newest(asking, rule->when.watches, &last, &pause) &&
           vg_since(asking->trigger, state->last_yes) > pause;
}

/* ---- Phases */

void vg_rule_turn_on(const struct vg_asking *asking, size_t index)
{
    struct vg_rule_state *state = &asking->bed->state[index];

    state->phase = VG_ON;
    state->lost = false;
    state->rose_unread = false;
    state->rewritten = VG_SAME_TEST;
    state->clear_since = state->ease_since = state->ends_from = VG_UNSET;
    state->clear.count = 0;
    vg_tell_raised(asking, index, state->onset);
}

static void turn_off(const struct vg_asking *asking, size_t index)
{
    struct vg_rule_state *state = &asking->bed->state[index];

    state->phase = VG_IDLE;
    state->lost = false;
    state->ended_onset = state->onset;
    state->ended_at = vg_is_set(asking->trigger)
                          ? vg_earlier(asking->trigger, asking->at)
                          : asking->at; /* what comes late may begin anew behind it */
    state->last_yes = state->ends_from = VG_UNSET;
    vg_tell_ended(asking->engine, asking->bed, index, false, asking->stamp);
}

static void waiting(const struct vg_asking *asking, const struct vg_rule *rule,
                    size_t index, enum vg_truth truth, struct vg_instant onset)
{
    struct vg_rule_state *state = &asking->bed->state[index];

    if (truth != VG_TRUE) {
        state->phase = VG_IDLE;
        state->last_yes = VG_UNSET;
        return;
    }
    if (state->phase == VG_IDLE || span_broken(asking, rule, state)) {
        state->phase = VG_PENDING;
        state->onset = onset;
    }
    if (vg_is_set(asking->trigger)) {
        state->last_yes = asking->trigger;
    }
    if (rule->when.hold == 0 || span_held(asking, rule, state)) {
        vg_rule_turn_on(asking, index);
    }
}

/* Severity follows the rule's "escalate": up at once, down when that is known to be false and
 * has been for a while (Alert states, region E; project proposal). */
#define EASE_AFTER (5 * VG_MINUTE)

static bool eased_long(const struct vg_asking *asking, struct vg_rule_state *state)
{
    if (!vg_is_set(state->ease_since)) {
        state->ease_since = asking->at;
    }
    return vg_since(asking->at, state->ease_since) >= EASE_AFTER;
}

/* The newest reading says so: what was only told late holds now as well (Alert states T40). */
static bool holds_now(const struct vg_asking *asking)
{
    return !asking->late && vg_is_set(asking->trigger) &&
           asking->trigger.ms >= asking->at.ms &&
           vg_since(asking->stamp, asking->trigger) <= VG_LATE;
}

static void grade(const struct vg_asking *asking, const struct vg_rule *rule,
                  size_t index, enum vg_truth truth)
{
    struct vg_rule_state *state = &asking->bed->state[index];
    struct vg_alert *alert = state->alert;

    if (alert == NULL || alert->condition == VG_ENDED || asking->engine->restoring) {
        return;
    }
    const bool low = alert->severity < rule->severity; /* it was told late */
    if (low ? truth != VG_TRUE || !holds_now(asking) : !rule->has_escalate) {
        return;
    }
    const enum vg_truth worse =
        rule->has_escalate ? still(asking, &rule->escalate) : VG_FALSE;
    const enum vg_severity wanted = worse == VG_TRUE ? rule->escalated : rule->severity;
    const bool down = worse == VG_FALSE && wanted < alert->severity;
    state->rose_unread = state->rose_unread && worse != VG_TRUE;
    if (!down) {
        state->ease_since = VG_UNSET;
    }
    if ((worse == VG_UNKNOWN && !low) || wanted == alert->severity ||
        (down && (state->rose_unread || !eased_long(asking, state)))) {
        return;
    }
    alert->severity = wanted;
    alert->peak = wanted > alert->peak ? wanted : alert->peak;
    vg_carer_severity(asking->engine, asking->bed, index, !down, asking->stamp);
}

static void set_lost(const struct vg_asking *asking, struct vg_rule_state *state,
                     bool lost)
{
    if (state->lost == lost) {
        return;
    }
    state->lost = lost;
    vg_tell_change(asking->engine, asking->bed, state,
                   lost ? VG_DATA_LOST : VG_DATA_BACK, asking->stamp);
}

static void keep_on(const struct vg_asking *asking, struct vg_rule_state *state)
{
    if (state->phase == VG_CLEARING_PHASE) {
        state->phase = VG_ON;
        state->clear_since = VG_UNSET;
        vg_tell_change(asking->engine, asking->bed, state, VG_RELAPSED, asking->stamp);
    }
}

static void clearing(const struct vg_asking *asking, const struct vg_rule *rule,
                     size_t index)
{
    struct vg_rule_state *state = &asking->bed->state[index];
    const vg_ms hold = rule->has_clear ? rule->clear.hold : 0;

    if (hold == 0) {
        if (vg_rule_may_end(asking, rule, state)) {
            turn_off(asking, index);
        }
        return;
    }
    if (vg_rule_ahead(asking, &rule->clear) ||
        vg_rule_back_filled(asking, &rule->clear) ||
        (!vg_is_set(asking->trigger) && vg_is_set(state->ends_from))) {
        return; /* a clock in the future begins and ends no span, nor does the past; nor time after these */
    }
    if (state->phase == VG_ON) {
        state->phase = VG_CLEARING_PHASE;
        state->clear_since = vg_is_set(asking->trigger) ? asking->trigger : asking->at;
        vg_tell_change(asking->engine, asking->bed, state, VG_CLEARING_BEGUN,
                       asking->stamp);
    } else if (vg_is_set(asking->trigger) && vg_rule_fresh(asking, &rule->clear) &&
               vg_since(asking->trigger, state->clear_since) >= hold) {
        turn_off(asking, index);
    }
}

/* Another seizure, another critical result: the alert of the first ends, its own begins. */
static bool occurs_again(const struct vg_asking *asking, const struct vg_rule *rule,
                         size_t index)
{
    struct vg_rule_state *state = &asking->bed->state[index];
    const struct vg_instant onset =
        vg_bed_onset(asking->bed, &rule->when, state->onset);

    if (!rule->when.events || onset.ms <= state->onset.ms) {
        return false;
    }
    turn_off(asking, index);
    state->onset = onset;
    vg_rule_turn_on(asking, index);
    return true;
}

/* What a backlog says of hours ago is not known to hold now: data that are lost are back when something is known
 * as of now. */
static bool known_now(const struct vg_asking *asking, const struct vg_rule *rule)
{
    struct vg_asking now = *asking;

    now.at = vg_later(asking->at, asking->stamp);
    return still(&now, &rule->when) != VG_UNKNOWN;
}

static void lasting(const struct vg_asking *asking, const struct vg_rule *rule,
                    size_t index, enum vg_truth truth)
{
    struct vg_rule_state *state = &asking->bed->state[index];
    const enum vg_truth clear = cleared(asking, rule, state, truth);
    if (state->rewritten != VG_SAME_TEST) {
        vg_rule_hand_over(asking, index, truth, clear);
    }
    const bool may = clear == VG_TRUE && vg_rule_may_end(asking, rule, state);
    const bool starved =
        clear == VG_TRUE && !may && vg_rule_starved(asking, rule, state);

    vg_rule_doubt(asking, rule, state, clear, may);
    if ((truth == VG_UNKNOWN && clear != VG_TRUE) || starved) {
        set_lost(asking, state, true);
        return;
    }
    if (state->lost && state->phase == VG_CLEARING_PHASE &&
        vg_is_set(asking->trigger)) {
        state->clear_since = asking->trigger; /* the gap broke the span */
    }
    if (state->lost && (may || known_now(asking, rule))) {
        set_lost(asking, state, false);
    }
    if (truth == VG_TRUE && occurs_again(asking, rule, index)) {
        return;
    }
    if (truth == VG_TRUE || clear != VG_TRUE) {
        keep_on(asking, state);
        return;
    }
    clearing(asking, rule, index);
}

/* What counts readings has its answer from those. */
static enum vg_truth stands(const struct vg_asking *asking, const struct vg_rule *rule,
                            enum vg_truth truth)
{
    return rule->when.topics != 0 && rule->when.of_last == 0
               ? still(asking, &rule->when)
               : truth;
}

/* The reading that made us ask is not the newest. */
static bool is_behind(const struct vg_asking *asking)
{
    return vg_is_set(asking->trigger) && asking->trigger.ms < asking->at.ms;
}

void vg_rule_ask(const struct vg_asking *asking, size_t index)
{
    struct vg_bed *bed = asking->bed;
    const struct vg_rule *rule = &bed->protocol->rule[index];
    struct vg_rule_state *state = &bed->state[index];
    struct vg_instant onset;

    if (bed->node || (rule->floor && !bed->linked)) {
        return;
    }
    asking->engine->counts.asked++;
    const bool waits = state->phase == VG_IDLE || state->phase == VG_PENDING;
    if (waits && is_behind(asking) && vg_rule_from_readings(bed, &rule->when)) {
        vg_rule_plan(asking, rule,
                     state); /* vg_rule_ask_late asks the span as a whole */
        return;
    }
    enum vg_truth truth = test(asking, rule, state, &onset);
    if (waits) {
        if (truth == VG_TRUE && rule->floor && vg_storm_said(asking, rule, onset)) {
            truth = VG_FALSE;
        }
        waiting(asking, rule, index, truth, onset);
        if (state->phase == VG_ON && stands(asking, rule, truth) == VG_UNKNOWN) {
            set_lost(asking, state, true); /* by the newest value, and that is old */
        }
    } else {
        lasting(asking, rule, index, stands(asking, rule, truth));
        if (state->phase != VG_IDLE) {
            grade(asking, rule, index, truth);
            vg_carer_watch(asking, index);
        }
    }
    vg_rule_plan(asking, rule, state);
}
