/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is called about an alert, and until when they have it.
 *
 *                          nobody answers in time, all rejected, none reachable
 *                        +----------------------------------------+
 *                        |                     (behind the last)  v
 *    NONE ---------> OFFERED(step) --> OFFERED(step + 1) --> EXHAUSTED --+
 *     ^   no longer   ^  |  ^                                 |  ^       | the fallback
 *     |   folded      |  |  | released, lapsed, worse         |  +-------+ repeats
 *   raised with       |  v  |                                 v
 *   the card taken    | ACCEPTED(by, until) <-----------------+
 *                     |  |
 *   raised -----------+  +----> CLOSED   ended and not latched, reset, or the stay is over
 *
 *   state       leaves by                         to                   people hear
 *   NONE        its cover is gone                 OFFERED(0)           call
 *   OFFERED     respond_by                        the next step        call (event "offered")
 *               all of the step rejected          the same, at once    the same
 *               no way to any of the step         the same             the same
 *               accept                            ACCEPTED             "taken" to the others
 *   EXHAUSTED   respond_by                        EXHAUSTED            call, without end
 *               accept                            ACCEPTED
 *   ACCEPTED    hold_until, nothing recorded      the step behind      "lapsed", then call
 *               hold_until, something recorded    ACCEPTED             reminder to the owner
 *               release                           OFFERED(0)           call (event "released")
 *   any open    severity rises                    OFFERED(0)           call (event "escalated")
 *               ended, not latched; reset; close  CLOSED               "end" to all who were told
 *               ended, latched                    as it was            nobody; the ladder goes on
 *
 * Claims are beside that: they are quiet for a person (acknowledge), a display (silence),
 * or hold the ladder (shelve, pause). Each ends by itself, and what they held is called
 * anew at that instant.
 *
 * Invariants (tests/unit/test_care_life.c asks them after every step of every scenario):
 *   - open, with a ladder, not folded and not held: it is accepted with an end, or the next
 *     step is due no later than that step's wait
 *   - no claim without an end; none above the severity it was made at
 *   - whoever was called is told the end, once; nobody is called after it
 *   - what makes it louder happens at its own instant, whatever else is claimed
 */
#include <string.h>

#include "core/care_inside.h"

void vg_care_init(struct vg_alert *alert)
{
    struct vg_care *care = &alert->care;

    memset(care, 0, sizeof *care);
    care->resend_at = care->hold_until = care->reset_at = VG_NEVER;
    care->told_at = VG_UNSET;
    care->worst_sbp = care->seen_sbp = VG_NO_VALUE;
    care->worst_news2 = care->worst_crs = care->worst_icans = VG_GRADE_NULL;
    care->seen_news2 = care->seen_crs = care->seen_icans = VG_GRADE_NULL;
    alert->offer = VG_OFFER_NONE;
    alert->respond_by = VG_UNSET;
    alert->owner[0] = '\0';
    alert->claim_count = 0;
}

struct vg_turn vg_care_open(struct vg_alert *alert, bool folded, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_RAISED);

    (void)vg_copy(alert->ladder, sizeof alert->ladder, alert->care.plan.name);
    alert->care.folded = folded;
    alert->care.told_at = at;
    if (folded &&
        alert->condition == VG_ENDED) { /* latched, and moved with its patient */
        alert->care.reset_at = vg_after(at, VG_LATCH_MAX);
    }
    if (!folded && alert->care.plan.name[0] != '\0') {
        vg_care_begin_run(alert, &turn, 0, at);
    }
    return turn;
}

struct vg_turn vg_care_unfold(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_OFFERED);

    vg_care_begin_run(alert, &turn, 0, at);
    return turn;
}

struct vg_turn vg_care_rise(struct vg_alert *alert, bool folded, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_ESCALATED);

    vg_care_void_claims(alert);
    alert->care.noticed = false;
    alert->care.rose_rev = alert->rev + 1;
    alert->care.reset_at = VG_NEVER;
    (void)vg_copy(alert->ladder, sizeof alert->ladder, alert->care.plan.name);
    if (folded && alert->care.folded) {
        return turn; /* still somebody else's card */
    }
    vg_care_begin_run(alert, &turn, 0, at);
    return turn;
}

/* ---- The end */

void vg_care_close(struct vg_alert *alert, struct vg_turn *turn)
{
    struct vg_care *care = &alert->care;

    turn->closed = true;
    turn->page = care->told != 0 ? VG_PAGE_END : VG_PAGE_NONE;
    turn->to = care->told;
    care->told = 0;
    care->resend_at = care->hold_until = care->reset_at = VG_NEVER;
    alert->offer = VG_OFFER_CLOSED;
    alert->respond_by = VG_UNSET;
    alert->claim_count = 0;
}

struct vg_turn vg_care_end(struct vg_alert *alert, bool close_it, struct vg_instant at)
{
    const bool was_over = alert->condition == VG_ENDED;
    struct vg_turn turn = vg_turn_of(was_over ? VG_CLOSED : VG_ENDED_CHANGE);

    alert->condition = VG_ENDED;
    if (close_it || !alert->latched) {
        vg_care_close(alert, &turn);
    } else if ((alert->care.folded || alert->care.noticed) &&
               alert->severity < VG_CRITICAL) {
        alert->care.reset_at = vg_after(at, VG_LATCH_MAX);
    }
    if (!turn.closed && alert->offer == VG_ACCEPTED_STATE) {
        /* Who has it saw it end: reminded of the reset before anybody else is called. */
        alert->care.acted = true;
        alert->care.hold_until =
            vg_later(alert->care.hold_until, vg_after(at, alert->care.plan.hold));
    }
    return turn;
}

/* ---- Time */

/* A rule without a ladder is only said again, until somebody has seen it. */
static struct vg_instant realert_at(const struct vg_alert *alert)
{
    const struct vg_care *care = &alert->care;
    const bool says = care->plan.name[0] == '\0' && care->realert > 0 &&
                      !care->folded && !care->noticed && alert->condition != VG_ENDED;

    return says ? vg_after(care->told_at, care->realert) : VG_NEVER;
}

struct vg_instant vg_care_due(const struct vg_alert *alert)
{
    const struct vg_care *care = &alert->care;
    struct vg_instant due = vg_earlier(care->reset_at, realert_at(alert));

    for (size_t i = 0; i < alert->claim_count; i++) {
        due = vg_earlier(due, alert->claim[i].until);
    }
    if (vg_care_held(alert)) {
        return due;
    }
    if (alert->offer == VG_OFFERED_STATE || alert->offer == VG_EXHAUSTED) {
        due = vg_earlier(due, vg_earlier(alert->respond_by, care->resend_at));
    } else if (alert->offer == VG_ACCEPTED_STATE) {
        due = vg_earlier(due, care->hold_until);
    }
    return due;
}

static struct vg_turn claims_end(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_CLAIM_ENDED);
    const bool held = vg_care_held(alert);
    const bool asked = alert->offer == VG_OFFERED_STATE || alert->offer == VG_EXHAUSTED;
    const uint32_t quiet = alert->care.quiet;

    for (size_t i = alert->claim_count; i > 0; i--) {
        if (alert->claim[i - 1].until.ms <= at.ms) {
            vg_care_drop_claim(alert, i - 1);
        }
    }
    vg_care_quiet(alert);
    if (vg_care_held(alert) || (!asked && !alert->care.missed)) {
        return turn;
    }
    alert->care.repeat++;
    if (!asked) { /* it became worse while it was held */
        vg_care_call(alert, &turn, vg_plan_step_to(alert) | alert->care.told, at);
    } else if (held) {
        vg_care_offer_anew(alert, &turn, at);
    } else { /* whoever had seen it is called again; deadlines stay */
        vg_care_call(alert, &turn, vg_plan_step_to(alert) & quiet & ~alert->care.quiet,
                     at);
    }
    alert->care.missed = false;
    return turn;
}

/* Who is reminded. A role is a channel of its name, but only of a ladder's is it known that somebody listens:
 * for an owner who is on none, the step hears of it too. */
static uint32_t owner_of(struct vg_alert *alert)
{
    struct vg_care *care = &alert->care;
    const uint32_t step = vg_plan_step_to(alert);
    const uint32_t in_step = vg_plan_answers(&care->plan, step, alert->owner);

    if (in_step != 0) {
        return in_step;
    }
    const uint32_t anywhere = vg_plan_answers(&care->plan, VG_ANY_STEP, alert->owner);
    if (anywhere != 0) {
        return anywhere;
    }
    return vg_plan_join(&care->plan, alert->owner) | (care->told & step);
}

/* Something was recorded: the owner is asked before anybody else is. */
static struct vg_turn remind(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_REPEATED);
    struct vg_care *care = &alert->care;
    const uint32_t owner = owner_of(alert);

    care->acted = false;
    care->repeat++;
    care->hold_until = vg_after(at, care->plan.hold);
    vg_care_call(alert, &turn, owner != 0 ? owner : care->told, at);
    turn.page = turn.to != 0 ? VG_PAGE_REMIND : VG_PAGE_NONE;
    return turn;
}

static struct vg_turn hold_over(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_LAPSED);

    if (alert->care.acted) {
        return remind(alert, at);
    }
    vg_care_give_back(alert, at);
    return turn;
}

static struct vg_turn send_again(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_care *care = &alert->care;
    const struct vg_plan_step *step = &care->plan.step[alert->step];
    struct vg_turn turn = vg_turn_of(VG_CHANGE_COUNT);
    const struct vg_instant next = vg_after(care->resend_at, step->resend);

    care->resend_at = next.ms < alert->respond_by.ms ? next : VG_NEVER;
    vg_care_call(alert, &turn,
                 step->to & ~(care->quiet | care->refused | care->unreachable), at);
    return turn;
}

static bool claim_over(const struct vg_alert *alert, struct vg_instant at)
{
    for (size_t i = 0; i < alert->claim_count; i++) {
        if (alert->claim[i].until.ms <= at.ms) {
            return true;
        }
    }
    return false;
}

struct vg_turn vg_care_serve(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_care *care = &alert->care;
    struct vg_turn turn = vg_turn_of(VG_OFFERED);

    if (claim_over(alert, at)) {
        return claims_end(alert, at);
    }
    if (care->reset_at.ms <= at.ms) {
        turn.change = VG_RESET;
        vg_care_close(alert, &turn);
        return turn;
    }
    if (alert->offer == VG_ACCEPTED_STATE) {
        return hold_over(alert, at);
    }
    if (realert_at(alert).ms <= at.ms) {
        turn.change = VG_REPEATED;
        care->told_at = at;
        return turn;
    }
    if (alert->respond_by.ms <= at.ms) {
        vg_care_next_step(alert, &turn, at);
        return turn;
    }
    return send_again(alert, at);
}

struct vg_turn vg_care_jump(struct vg_alert *alert, unsigned steps,
                            struct vg_instant at)
{
    const bool asked = alert->offer == VG_OFFERED_STATE;
    struct vg_care *care = &alert->care;
    struct vg_instant due = alert->respond_by;

    if (care->resend_at.ms <= at.ms) {
        care->resend_at = at; /* once, and then as before */
    }
    if (!asked || vg_care_held(alert) || claim_over(alert, at)) {
        return vg_care_serve(alert, at);
    }
    /* Silently up to the step before the last one due; that one is offered below. */
    while (steps > 1 && alert->step < care->plan.step_count) {
        const vg_ms wait = alert->step + 1 < care->plan.step_count
                               ? care->plan.step[alert->step + 1].wait
                               : VG_DAY;
        due = vg_after(due, wait);
        if (due.ms > at.ms) {
            break;
        }
        alert->step++;
        steps--;
    }
    return vg_care_serve(alert, at);
}
