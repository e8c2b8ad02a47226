/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom an alert calls, beside what is open for the same patient already. Every alert is
 * raised and shown; only calling is decided here (Clinical reference 9.4, rules 1 and 9).
 *
 * All open alerts of a patient are one card. A new one calls if it
 *   - is a floor, a built-in danger or febrile neutropenia: these always do
 *   - raises the card's severity, or comes with a higher grade of CRS or ICANS
 *   - belongs to a class that nobody was called about
 * Class "global" (NEWS2, SIRS, qSOFA, shock index) calls only if no alert of another class is
 * as severe. A floor beside a rule of the file that says the same waits while that calls: it is not even
 * raised. What does not call is folded into the card; when nothing covers it any more, it
 * calls by itself.
 */
#include <stdio.h>
#include <string.h>

#include "core/care_inside.h"
#include "core/carer.h"

static bool shelved(const struct vg_alert *alert)
{
    for (size_t i = 0; i < alert->claim_count; i++) {
        if (alert->claim[i].kind == VG_CLAIM_SHELVE) {
            return true;
        }
    }
    return false;
}

/* Somebody is or was called about it, and what it says still holds. A shelved one has nobody's
 * attention: it keeps no other from calling. */
static bool covers(const struct vg_alert *alert)
{
    return !shelved(alert) && alert->condition != VG_ENDED && !alert->care.folded &&
           alert->offer != VG_OFFER_NONE && alert->offer != VG_OFFER_CLOSED;
}

static bool clinical(enum vg_class class_)
{
    return class_ != VG_CLASS_TECHNICAL && class_ != VG_CLASS_GLOBAL;
}

/* Whether the open alert `other` has somebody's attention for what `alert` says. */
static bool covered_by(const struct vg_alert *alert, const struct vg_alert *other)
{
    if (!covers(other) || other->severity < alert->severity) {
        return false;
    }
    if (alert->class_ == VG_CLASS_GLOBAL) {
        return other->class_ == VG_CLASS_GLOBAL || clinical(other->class_);
    }
    if (alert->class_ == VG_CLASS_TECHNICAL && other->severity != alert->severity) {
        return false; /* an age that is not supported says nothing of a feed that is silent */
    }
    return other->class_ == alert->class_ && other->scores.crs >= alert->scores.crs &&
           other->scores.icans >= alert->scores.icans;
}

static bool comfort_care(const struct vg_bed *bed, struct vg_instant at)
{
    for (size_t i = 0; i < bed->charted_count; i++) {
        const struct vg_charted *c = &bed->charted[i];
        if (c->signal == VG_FLAG && strcmp(c->value, "comfort_care") == 0) {
            return c->on && c->from.ms <= at.ms && at.ms < c->until.ms;
        }
    }
    return false;
}

bool vg_storm_hushed(const struct vg_bed *bed, const struct vg_alert *alert,
                     struct vg_instant at)
{
    return alert->class_ != VG_CLASS_TECHNICAL && comfort_care(bed, at);
}

struct vg_instant vg_storm_over(const struct vg_bed *bed)
{
    for (size_t i = 0; i < bed->charted_count; i++) {
        const struct vg_charted *c = &bed->charted[i];
        if (c->signal == VG_FLAG && strcmp(c->value, "comfort_care") == 0) {
            return c->on && c->until.ms > bed->relieved.ms ? c->until : VG_NEVER;
        }
    }
    return VG_NEVER;
}

static bool always(const struct vg_bed *bed, const struct vg_rule *rule)
{
    return rule->floor || rule->pages_late ||
           rule == vg_builtin_rule(VG_CHECK_PATIENT) || bed->node;
}

#define SAME \
    (15 * VG_MINUTE) /* what a stream says must last so long before the floor asks it */

/* What a rule of the file has called for in an earlier deterioration, and has not ended, says nothing of
 * this one. While the past is fed in nobody is called: what was open comes from the store. */
static bool calls_for(const struct vg_engine *engine, const struct vg_rule_state *state,
                      const struct vg_rule *floor, struct vg_instant onset)
{
    const struct vg_alert *alert = state->alert;

    return state->phase >= VG_ON && vg_since(onset, state->onset) <= SAME &&
           (alert == NULL ? engine->restoring
                          : covers(alert) && alert->severity >= floor->severity);
}

bool vg_storm_said(const struct vg_asking *asking, const struct vg_rule *floor,
                   struct vg_instant onset)
{
    const struct vg_bed *bed = asking->bed;

    for (size_t i = 0; floor->floor_said != 0 && i < bed->protocol->rule_count; i++) {
        const struct vg_rule *rule = &bed->protocol->rule[i];
        if (!rule->floor && rule->floor_said == floor->floor_said &&
            calls_for(asking->engine, &bed->state[i], floor, onset)) {
            return true;
        }
    }
    return false;
}

/* Somebody has taken it, and is with the patient: what it covers stops calling, and what is
 * over already has been seen. */
void vg_storm_taken(struct vg_engine *engine, struct vg_bed *bed,
                    const struct vg_alert *taken, struct vg_instant at)
{
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        struct vg_alert *alert = state->alert;
        if (alert == NULL || alert == taken || always(bed, vg_bed_rule(bed, i)) ||
            !covered_by(alert, taken)) {
            continue;
        }
        const bool asked =
            alert->offer == VG_OFFERED_STATE || alert->offer == VG_EXHAUSTED;
        const bool seen = alert->condition == VG_ENDED &&
                          (asked ? alert->severity < VG_CRITICAL : alert->care.folded);
        if (!asked && !seen) {
            continue;
        }
        const struct vg_turn turn =
            asked ? vg_care_fold(alert) : (struct vg_turn){.change = VG_NOTED};
        if (seen) {
            alert->care.reset_at = vg_after(at, VG_LATCH_MAX);
        }
        (void)snprintf(alert->remark, sizeof alert->remark, "with %s, which %s has",
                       taken->rule, taken->owner);
        vg_carer_turn(engine, bed, state, &turn, at);
    }
}

/* A physician's order came: what is clinical and called stops calling. */
void vg_storm_comfort(struct vg_engine *engine, struct vg_bed *bed,
                      struct vg_instant at)
{
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        struct vg_alert *alert = state->alert;
        if (alert != NULL && vg_storm_hushed(bed, alert, at) &&
            (alert->offer == VG_OFFERED_STATE || alert->offer == VG_EXHAUSTED)) {
            const struct vg_turn turn = vg_care_fold(alert);
            (void)vg_copy(alert->remark, sizeof alert->remark, "comfort care");
            vg_carer_turn(engine, bed, state, &turn, at);
        }
    }
}

bool vg_storm_folds(const struct vg_bed *bed, size_t index, struct vg_instant at)
{
    const struct vg_alert *alert = bed->state[index].alert;
    const size_t count = vg_bed_states(bed);

    if (vg_storm_hushed(bed, alert, at)) {
        return true; /* a physician's order: recorded and shown, nobody is called */
    }
    if (always(bed, vg_bed_rule(bed, index))) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct vg_alert *other = bed->state[i].alert;
        if (other != NULL && other != alert && covered_by(alert, other)) {
            return true;
        }
    }
    return false;
}
