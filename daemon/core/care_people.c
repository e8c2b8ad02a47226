/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do with an alert: claims on it, taking it, giving it back. command.c has checked
 * that they may. See care.c.
 */
#include <string.h>

#include "core/care_inside.h"

/* How long an acceptance with recorded action may last before its owner is asked again
 * (Clinical reference 9.4, rules 7 and 8; project proposal): critical 2 h, others 4 h. */
#define ACTED_CRITICAL (2 * VG_HOUR)
#define ACTED          (4 * VG_HOUR)

bool vg_care_held(const struct vg_alert *alert)
{
    for (size_t i = 0; i < alert->claim_count; i++) {
        if (alert->claim[i].kind == VG_CLAIM_SHELVE ||
            alert->claim[i].kind == VG_CLAIM_PAUSE) {
            return true;
        }
    }
    return false;
}

/* ---- Claims */

void vg_care_drop_claim(struct vg_alert *alert, size_t index)
{
    alert->claim_count--;
    memmove(&alert->claim[index], &alert->claim[index + 1],
            (alert->claim_count - index) * sizeof alert->claim[0]);
}

void vg_care_quiet(struct vg_alert *alert)
{
    alert->care.quiet = 0;
    for (size_t i = 0; i < alert->claim_count; i++) {
        if (alert->claim[i].kind == VG_CLAIM_ACKNOWLEDGE) {
            alert->care.quiet |=
                vg_plan_answers(&alert->care.plan, VG_ANY_STEP, alert->claim[i].by);
        }
    }
}

bool vg_care_seen(const struct vg_alert *alert)
{
    for (size_t i = 0; i < alert->claim_count; i++) {
        if (alert->claim[i].kind == VG_CLAIM_ACKNOWLEDGE) {
            return true;
        }
    }
    return false;
}

static void drop_seen(struct vg_alert *alert)
{
    for (size_t i = alert->claim_count; i > 0; i--) {
        if (alert->claim[i - 1].kind == VG_CLAIM_ACKNOWLEDGE) {
            vg_care_drop_claim(alert, i - 1);
            alert->care.noticed = alert->offer == VG_ACCEPTED_STATE;
        }
    }
    vg_care_quiet(alert);
}

/* Who had seen it has not seen it become worse, even if it was as bad before (Alert states T15,
 * I6). It stays shelved if it was no milder then; a bed off the ward stays off it. */
void vg_care_void_claims(struct vg_alert *alert)
{
    for (size_t i = alert->claim_count; i > 0; i--) {
        const struct vg_claim *claim = &alert->claim[i - 1];
        const bool stays =
            claim->kind == VG_CLAIM_PAUSE ||
            (claim->kind == VG_CLAIM_SHELVE && claim->severity >= alert->severity);
        if (!stays) {
            vg_care_drop_claim(alert, i - 1);
        }
    }
    vg_care_quiet(alert);
}

bool vg_care_claim(struct vg_alert *alert, const struct vg_claim *claim)
{
    size_t i = 0;

    while (i < alert->claim_count && (alert->claim[i].kind != claim->kind ||
                                      strcmp(alert->claim[i].by, claim->by) != 0)) {
        i++;
    }
    if (i == VG_CLAIMS && claim->kind != VG_CLAIM_PAUSE) {
        return false;
    }
    i = i == VG_CLAIMS ? i - 1 : i; /* a bed off the ward always finds room */
    alert->claim[i] = *claim;
    alert->claim_count += i == alert->claim_count;
    vg_care_quiet(alert);
    return true;
}

/* ---- People */

struct vg_turn vg_care_accept(struct vg_alert *alert, const char *by,
                              struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_ACCEPTED);
    struct vg_care *care = &alert->care;
    const bool again = strcmp(alert->owner, by) == 0;
    const uint32_t own = vg_plan_answers(&care->plan, VG_ANY_STEP, by);

    (void)vg_copy(alert->owner, sizeof alert->owner, by);
    alert->offer = VG_ACCEPTED_STATE;
    alert->respond_by = VG_UNSET;
    care->folded = false;
    care->noticed = true;
    care->acted = false;
    care->resend_at = VG_NEVER;
    care->hold_until = care->plan.hold > 0 ? vg_after(at, care->plan.hold) : VG_NEVER;
    if (alert->condition == VG_ENDED && alert->severity < VG_CRITICAL) {
        care->reset_at = vg_earlier(care->reset_at, vg_after(at, VG_LATCH_MAX));
    }
    turn.to = again ? 0 : care->told & ~own;
    turn.page = turn.to != 0 ? VG_PAGE_TAKEN : VG_PAGE_NONE;
    return turn;
}

struct vg_turn vg_care_release(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_RELEASED);

    vg_care_begin_run(alert, &turn, 0, at);
    return turn;
}

struct vg_turn vg_care_fold(struct vg_alert *alert)
{
    alert->care.folded = true;
    alert->care.resend_at = VG_NEVER;
    alert->offer = VG_OFFER_NONE;
    alert->respond_by = VG_UNSET;
    alert->target_count = 0;
    return vg_turn_of(VG_NOTED);
}

void vg_care_hush(struct vg_alert *alert, struct vg_instant at)
{
    vg_care_give_back(alert, at);
    alert->care.missed = false;
    (void)vg_care_fold(alert);
}

struct vg_turn vg_care_reoffer(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_NOTED);

    vg_care_begin_run(alert, &turn, 0, at);
    return turn;
}

/* Nobody of the step is left to ask. */
static bool step_is_over(const struct vg_alert *alert)
{
    const struct vg_care *care = &alert->care;
    const bool stays =
        alert->step < care->plan.step_count && care->plan.step[alert->step].reject_same;
    const uint32_t gone = (stays ? 0 : care->refused) | care->unreachable;

    return alert->offer == VG_OFFERED_STATE && (vg_plan_step_to(alert) & ~gone) == 0;
}

struct vg_turn vg_care_reject(struct vg_alert *alert, uint32_t roles,
                              struct vg_instant at)
{
    const struct vg_turn turn = vg_turn_of(VG_REJECTED);

    if (alert->offer == VG_ACCEPTED_STATE) { /* its owner */
        vg_care_give_back(alert, at);
        return turn;
    }
    alert->care.refused |= roles;
    if (step_is_over(alert)) {
        alert->respond_by = at; /* the next step is due at once */
        alert->care.resend_at = VG_NEVER;
    }
    return turn;
}

struct vg_turn vg_care_unreachable(struct vg_alert *alert, uint32_t roles,
                                   struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_CHANGE_COUNT);

    alert->care.unreachable |= roles;
    if (step_is_over(alert) && !vg_care_held(alert)) {
        turn.change = VG_OFFERED;
        vg_care_next_step(alert, &turn, at);
    } else if (alert->offer == VG_OFFERED_STATE) {
        turn.change = VG_NOTED; /* kept, so that a restart knows it too */
    }
    return turn;
}

bool vg_care_acted(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_care *care = &alert->care;
    const struct vg_instant until =
        vg_after(at, alert->severity == VG_CRITICAL ? ACTED_CRITICAL : ACTED);

    if (alert->offer != VG_ACCEPTED_STATE ||
        care->plan.hold == 0 || /* nothing of it lapses */
        (care->acted && vg_since(until, care->hold_until) < 15 * VG_MINUTE)) {
        return false;
    }
    care->acted = true;
    care->hold_until = until;
    return true;
}

struct vg_turn vg_care_unsee(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_CLAIM_ENDED);
    const uint32_t seen = alert->care.quiet;
    const bool asked = alert->offer == VG_OFFERED_STATE || alert->offer == VG_EXHAUSTED;

    drop_seen(alert);
    if (asked && seen != 0 && !vg_care_held(alert)) { /* else at the release */
        alert->care.repeat++;
        vg_care_call(alert, &turn, seen, at);
    }
    return turn;
}

struct vg_turn vg_care_again(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_turn turn = vg_turn_of(VG_REPEATED);

    drop_seen(alert);
    alert->care.repeat++;
    if (vg_care_held(alert)) {
        alert->care.missed = true;
    } else if (!alert->care.folded) {
        vg_care_call(alert, &turn, vg_plan_step_to(alert) | alert->care.told, at);
    }
    return turn;
}
