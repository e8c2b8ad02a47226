/* SPDX-License-Identifier: Apache-2.0
 *
 * What each "do" of a command comes to: its limits, and who may. See command.c.
 */
#include <stdio.h>
#include <string.h>

#include "core/care_inside.h"
#include "core/command.h"

/* ---- Limits. Clinical reference 7.3, 9.4 rule 3; the rest are project proposals. */

static const struct vg_limit silence_limit = {2 * VG_MINUTE, 15 * VG_MINUTE, false};
const struct vg_limit vg_pause_limit = {0, VG_HOUR, true};
static const struct vg_limit shelve_limit[VG_SEVERITY_COUNT] = {
    [VG_INFO] = {VG_HOUR, 8 * VG_HOUR, true},
    [VG_TECHNICAL] = {VG_HOUR, 8 * VG_HOUR, true},
    [VG_WATCH] = {VG_HOUR, 8 * VG_HOUR, true},
    [VG_URGENT] = {30 * VG_MINUTE, 30 * VG_MINUTE, true},
    [VG_CRITICAL] = {0, 0, true}};
/* How long "seen" keeps repeats away from a person. */
static const vg_ms seen_for[VG_SEVERITY_COUNT] = {[VG_INFO] = 4 * VG_HOUR,
                                                  [VG_TECHNICAL] = 30 * VG_MINUTE,
                                                  [VG_WATCH] = 4 * VG_HOUR,
                                                  [VG_URGENT] = 30 * VG_MINUTE,
                                                  [VG_CRITICAL] = 10 * VG_MINUTE};

/* Who cannot take an alert, or hold or close it: a login that a whole ward shares, and people at
 * home who need somebody else to look (Alert states 3.2, 3.5, 4.2). */
static const char *const cannot_take[] = {"ward", "patient", "caregiver", "vigil"};

void vg_doing_answer(struct vg_doing *doing, enum vg_result result, const char *detail)
{
    doing->answer.result = result;
    (void)vg_copy(doing->answer.detail, sizeof doing->answer.detail, detail);
}

static bool role_is(const char *by, const char *role)
{
    const size_t length = strlen(role);

    return strncmp(by, role, length) == 0 && by[length] == ':';
}

bool vg_doing_named(struct vg_doing *doing)
{
    for (size_t i = 0; i < sizeof cannot_take / sizeof cannot_take[0]; i++) {
        if (role_is(doing->command->by, cannot_take[i])) {
            vg_doing_answer(doing, VG_RESULT_FORBIDDEN,
                            "this login cannot do that: say who you are");
            return false;
        }
    }
    return true;
}

/* False: answered already. The span that was asked for, or the usual one. */
bool vg_doing_span(struct vg_doing *doing, const struct vg_limit *limit, vg_ms *out)
{
    const vg_ms asked = doing->command->span;

    *out = asked > 0 ? asked : limit->usual;
    if (limit->most == 0) {
        vg_doing_answer(doing, VG_RESULT_FORBIDDEN,
                        "a critical alert cannot be shelved");
        return false;
    }
    if (limit->reason && doing->command->reason[0] == '\0') {
        vg_doing_answer(doing, VG_RESULT_INVALID, "a reason is needed");
        return false;
    }
    if (*out <= 0) {
        vg_doing_answer(doing, VG_RESULT_INVALID, "for how long? (\"for\": \"30m\")");
        return false;
    }
    if (*out > limit->most) {
        char text[VG_DETAIL_LEN + 1];
        (void)snprintf(text, sizeof text, "at most %d min",
                       (int)(limit->most / VG_MINUTE));
        vg_doing_answer(doing, VG_RESULT_OVER_CAP, text);
        return false;
    }
    return true;
}

/* `since`: now, or when the first of those began that it goes on from. */
static bool claim(struct vg_doing *doing, enum vg_claim_kind kind,
                  struct vg_instant since, vg_ms span)
{
    struct vg_claim made = {.kind = kind,
                            .severity = doing->alert->severity,
                            .at = since,
                            .until = vg_after(doing->at, span)};

    (void)vg_copy(made.by, sizeof made.by, doing->command->by);
    (void)vg_copy(made.reason, sizeof made.reason, doing->command->reason);
    if (!vg_care_claim(doing->alert, &made)) {
        vg_doing_answer(doing, VG_RESULT_OVER_CAP,
                        "too many people have claims on this alert");
        return false;
    }
    return true;
}

/* ---- Each "do": true if doing->turn is to be told */

static bool acknowledge(struct vg_doing *doing)
{
    doing->turn.change = VG_ACKNOWLEDGED;
    vg_carer_seen(doing->bed, doing->alert, doing->at);
    if (!claim(doing, VG_CLAIM_ACKNOWLEDGE, doing->at,
               seen_for[doing->alert->severity])) {
        return false;
    }
    doing->alert->care.noticed = true;
    if (doing->alert->condition == VG_ENDED && doing->alert->severity < VG_CRITICAL) {
        doing->alert->care.reset_at =
            vg_earlier(doing->alert->care.reset_at, vg_after(doing->at, VG_LATCH_MAX));
    }
    return true;
}

static bool accept(struct vg_doing *doing)
{
    struct vg_alert *alert = doing->alert;
    const char *by = doing->command->by;
    const bool seen = doing->command->rev == alert->rev;

    if (!vg_doing_named(doing)) {
        return false;
    }
    if (alert->offer == VG_ACCEPTED_STATE && strcmp(alert->owner, by) != 0 && !seen) {
        char text[VG_DETAIL_LEN + 1];
        (void)snprintf(text, sizeof text, "taken by %s", alert->owner);
        vg_doing_answer(doing, VG_RESULT_SUPERSEDED, text);
        return false;
    }
    alert->care.worst_sbp = VG_NO_VALUE;
    alert->care.worst_news2 = alert->care.worst_crs = alert->care.worst_icans =
        VG_GRADE_NULL;
    vg_carer_remember(doing->bed, alert, doing->at);
    doing->turn = vg_care_accept(alert, by, doing->at);
    return true;
}

static bool reject(struct vg_doing *doing)
{
    struct vg_alert *alert = doing->alert;
    const uint32_t step = vg_plan_step_to(alert);
    const uint32_t roles =
        vg_plan_answers(&alert->care.plan, VG_ANY_STEP, doing->command->by) & step;

    if (doing->command->reason[0] == '\0') {
        vg_doing_answer(doing, VG_RESULT_INVALID, "a reason is needed");
        return false;
    }
    if (alert->offer == VG_ACCEPTED_STATE &&
        strcmp(alert->owner, doing->command->by) != 0) {
        vg_doing_answer(doing, VG_RESULT_FORBIDDEN, "somebody else has taken it");
        return false;
    }
    doing->turn = vg_care_reject(alert, roles, doing->at);
    return true;
}

static bool release(struct vg_doing *doing)
{
    if (doing->alert->offer != VG_ACCEPTED_STATE ||
        strcmp(doing->alert->owner, doing->command->by) != 0) {
        vg_doing_answer(doing, VG_RESULT_FORBIDDEN,
                        "only who has taken it can give it back");
        return false;
    }
    if (vg_storm_hushed(doing->bed, doing->alert, doing->at)) {
        vg_care_hush(doing->alert, doing->at);
        doing->turn.change = VG_RELEASED;
        return true;
    }
    doing->turn = vg_care_release(doing->alert, doing->at);
    return true;
}

static bool silence(struct vg_doing *doing)
{
    vg_ms span;

    doing->turn.change = VG_SILENCED;
    return vg_doing_span(doing, &silence_limit, &span) &&
           claim(doing, VG_CLAIM_SILENCE, doing->at, span);
}

/* Since when nobody was called for it. */
static struct vg_instant shelved_since(const struct vg_alert *alert,
                                       struct vg_instant now)
{
    struct vg_instant since = now;

    for (size_t i = 0; i < alert->claim_count; i++) {
        if (alert->claim[i].kind == VG_CLAIM_SHELVE) {
            since = vg_earlier(since, alert->claim[i].at);
        }
    }
    return since;
}

/* The cap counts from the first: shelved again and again before it is over it would never call. */
static bool shelve(struct vg_doing *doing)
{
    const struct vg_limit *limit = &shelve_limit[doing->alert->severity];
    const struct vg_instant since = shelved_since(doing->alert, doing->at);
    vg_ms span;

    doing->turn.change = VG_SHELVED;
    if (!vg_doing_named(doing) || !vg_doing_span(doing, limit, &span)) {
        return false;
    }
    if (vg_since(vg_after(doing->at, span), since) > limit->most) {
        char text[VG_DETAIL_LEN + 1];
        (void)snprintf(text, sizeof text,
                       "at most %d min in all: it is shelved already",
                       (int)(limit->most / VG_MINUTE));
        vg_doing_answer(doing, VG_RESULT_OVER_CAP, text);
        return false;
    }
    return claim(doing, VG_CLAIM_SHELVE, since, span);
}

static bool reset(struct vg_doing *doing)
{
    struct vg_alert *alert = doing->alert;
    const bool orphan =
        vg_bed_rule(doing->bed, (size_t)(doing->state - doing->bed->state))->id[0] ==
        '\0';

    if (alert->condition != VG_ENDED && !orphan) {
        vg_doing_answer(doing, VG_RESULT_FORBIDDEN, "what it says still holds");
        return false;
    }
    if (!vg_doing_named(doing)) {
        return false;
    }
    doing->turn = vg_care_end(alert, true, doing->at);
    doing->turn.change = VG_RESET;
    return true;
}

static bool judge(struct vg_doing *doing)
{
    doing->turn.change = VG_JUDGED;
    (void)vg_copy(doing->alert->remark, sizeof doing->alert->remark,
                  vg_judgement_text(doing->command->judgement));
    return true;
}

static bool note(struct vg_doing *doing)
{
    doing->turn.change = VG_NOTED;
    if (doing->command->reason[0] == '\0') {
        vg_doing_answer(doing, VG_RESULT_INVALID, "a note needs text");
        return false;
    }
    (void)vg_care_acted(doing->alert, doing->at);
    return true;
}

vg_act_fn *const vg_acts[VG_DO_COUNT] = {
    [VG_DO_ACKNOWLEDGE] = acknowledge,
    [VG_DO_ACCEPT] = accept,
    [VG_DO_REJECT] = reject,
    [VG_DO_RELEASE] = release,
    [VG_DO_SILENCE] = silence,
    [VG_DO_SHELVE] = shelve,
    [VG_DO_RESET] = reset,
    [VG_DO_JUDGE] = judge,
    [VG_DO_NOTE] = note,
};
