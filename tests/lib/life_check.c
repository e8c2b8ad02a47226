/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold after every step of a life, asked from outside:
 *   I1  at most one open alert of a rule and patient; no id is used twice
 *   I2  who is open calls somebody soon, or somebody has it until an instant, or it is held,
 *       or another alert of the bed has somebody's attention for it
 *   I3  no claim without an end, none past it
 *   I4  what is unknown does not end by itself
 *   I5  whoever was called is told the end once
 *   I6  what becomes worse calls, unless the bed is off the ward
 *   I7  nobody is called after the end
 * and revisions and a ward's numbers leave nothing out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/life.h"

#define MUST(truth, alert, words)         \
    do {                                  \
        if (!(truth)) {                   \
            complain(life, alert, words); \
        }                                 \
    } while (0)

static void complain(const struct life *life, const struct vg_alert *a,
                     const char *words)
{
    fail_msg(
        "seed %u, at %lld s: %s: %s %s/%s rev %u event %s condition %s offer %s step %u "
        "severity %s owner '%s' ladder '%s' claims %zu%s",
        life->seed, (long long)(life->now / 1000), words, a->rule, a->ward, a->bed,
        a->rev, vg_change_text(a->event), vg_condition_text(a->condition),
        vg_offer_text(a->offer), a->step, vg_severity_text(a->severity), a->owner,
        a->care.plan.name, a->claim_count, a->care.folded ? " folded" : "");
}

/* ---- What was told */

static struct life_seen *seen_of(struct life *life, const struct vg_alert *alert)
{
    for (size_t i = 0; i < life->seen_count; i++) {
        if (strcmp(life->seen[i].alert.id, alert->id) == 0) {
            return &life->seen[i];
        }
    }
    assert_true(life->seen_count < LIFE_SEEN);
    return &life->seen[life->seen_count++];
}

static size_t called(const struct life_seen *seen, const char *role)
{
    size_t i = 0;

    while (i < seen->called_count && strcmp(seen->called[i], role) != 0) {
        i++;
    }
    return i;
}

static void page(struct life *life, struct life_seen *seen, const struct vg_effect *e)
{
    const struct vg_plan *plan = &e->alert->care.plan;

    MUST((e->to != 0) == (e->page != VG_PAGE_NONE), e->alert, "a page without roles");
    MUST((uint64_t)e->to >> plan->role_count == 0, e->alert, "a page to no role");
    for (unsigned i = 0; i < plan->role_count; i++) {
        if ((e->to >> i & 1) == 0) {
            continue;
        }
        const size_t place = called(seen, plan->role[i]);
        if (e->page == VG_PAGE_CALL || e->page == VG_PAGE_REMIND) {
            MUST(!seen->closed, e->alert, "I7: called after the end");
            if (place == seen->called_count) {
                (void)vg_copy(seen->called[seen->called_count++],
                              sizeof seen->called[0], plan->role[i]);
            }
        } else {
            MUST(place < seen->called_count, e->alert,
                 "I5: told of the end, or taken, and never called");
        }
        if (e->page == VG_PAGE_END) {
            (void)vg_copy(seen->called[place], sizeof seen->called[0],
                          seen->called[--seen->called_count]);
        }
    }
    if (e->page == VG_PAGE_CALL && e->alert->severity == VG_CRITICAL) {
        life->calls += (size_t)__builtin_popcount(e->to);
    }
}

static bool held(const struct vg_alert *alert)
{
    for (size_t i = 0; i < alert->claim_count; i++) {
        if (alert->claim[i].kind == VG_CLAIM_SHELVE ||
            alert->claim[i].kind == VG_CLAIM_PAUSE) {
            return true;
        }
    }
    return false;
}

static bool ends_by_itself(enum life_op op)
{
    return op != LIFE_ADMIT && op != LIFE_MOVE && op != LIFE_DISCHARGE;
}

static void number(struct life *life, const struct vg_alert *a)
{
    uint64_t *n = &life->ward_n[strcmp(a->ward, "onc-8") == 0];

    MUST(a->n == *n + 1, a, "the ward's number leaves one out");
    *n = a->n;
    life->ward_at[strcmp(a->ward, "onc-8") == 0] = a->at.ms - LIFE_START;
}

static void change(struct life *life, const struct vg_effect *e, enum life_op op)
{
    const struct vg_alert *a = e->alert;
    struct life_seen *seen = seen_of(life, a);
    const struct vg_alert *was = &seen->alert;
    const bool fresh = was->rev == 0;

    /* A bed without a patient is forgotten when somebody comes: an old message once more
     * can say then what was said before. */
    const bool anew = seen->closed && a->episode[0] == '\0' && a->rev == 1;

    MUST(a->rev == was->rev + 1 || anew, a, "a revision was left out");
    if (seen->closed || fresh) {
        MUST(fresh || seen->moved || anew, a, "I1: an id was used twice");
        MUST(a->event == VG_RAISED, a,
             "the first that is told is not that it is raised");
        seen->closed = false;
    } else {
        MUST(a->event != VG_RAISED, a, "raised while open");
        MUST(a->event != VG_ENDED_CHANGE || was->condition != VG_CONDITION_UNKNOWN ||
                 !ends_by_itself(op),
             a, "I4: what is unknown has ended");
    }
    MUST(a->event != VG_ESCALATED || e->page == VG_PAGE_CALL || held(a) ||
             a->care.folded || a->care.plan.name[0] == '\0',
         a, "I6: worse, and nobody is called");
    number(life, a);
    life->changes += held(a) && (a->event == VG_CLEARING_BEGUN ||
                                 a->event == VG_ESCALATED || a->event == VG_DATA_LOST);
    page(life, seen, e);
    seen->alert = *a;
    seen->closed = !vg_alert_open(a);
    seen->moved = strstr(a->remark, "another ward") != NULL;
    MUST(!seen->closed || seen->called_count == 0, a,
         "I5: it is over, and somebody who was called is not told");
}

static void hash(struct life *life, const struct vg_effect *e)
{
    const int64_t numbers[] = {e->kind,        e->at.ms,      e->page,
                               e->to,          e->alert->rev, (int64_t)e->alert->n,
                               e->alert->event};

    life->hash = vg_hash(life->hash, numbers, sizeof numbers);
    life->hash = vg_hash(life->hash, e->alert->id, sizeof e->alert->id);
    life->hash = vg_hash(life->hash, &e->alert->respond_by, sizeof(struct vg_instant));
}

/* ---- What is open */

struct listing {
    struct vg_alert *out;
    size_t count;
};

static bool copy(void *to, const struct vg_alert *alert)
{
    struct listing *list = to;

    list->out[list->count++] = *alert;
    return list->count < LIFE_OPEN;
}

size_t life_open(const struct life *life, struct vg_alert *out)
{
    struct listing list = {out, 0};

    vg_engine_open_alerts(life->engine, NULL, copy, &list);
    return list.count;
}

static bool covered(const struct vg_alert *a, const struct vg_alert *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct vg_alert *o = &all[i];
        if (o != a && strcmp(o->ward, a->ward) == 0 && strcmp(o->bed, a->bed) == 0 &&
            !o->care.folded && o->severity >= a->severity && o->condition != VG_ENDED &&
            o->offer != VG_OFFER_NONE) {
            return true;
        }
    }
    return false;
}

static void claims(struct life *life, const struct vg_alert *a)
{
    for (size_t i = 0; i < a->claim_count; i++) {
        MUST(a->claim[i].until.ms > LIFE_START + life->now &&
                 !vg_is_never(a->claim[i].until),
             a, "I3: a claim past its end, or without one");
        MUST(a->claim[i].kind != VG_CLAIM_SHELVE || a->severity < VG_CRITICAL, a,
             "a critical alert is shelved");
    }
}

/* I2. `deadline` of the engine. */
static void attended(struct life *life, const struct vg_alert *a, int64_t deadline)
{
    const int64_t now = LIFE_START + life->now;
    const struct vg_plan *plan = &a->care.plan;
    const vg_ms wait =
        a->step < plan->step_count ? plan->step[a->step].wait : plan->fallback.resend;
    const int64_t due =
        a->offer == VG_ACCEPTED_STATE ? a->care.hold_until.ms : a->respond_by.ms;

    MUST(a->offer != VG_OFFER_NONE && a->offer != VG_OFFER_CLOSED, a,
         "I2: nobody is asked");
    MUST((a->owner[0] != '\0') == (a->offer == VG_ACCEPTED_STATE), a,
         "no owner has it");
    if (held(a)) {
        return;
    }
    MUST(due > now && due < now + 5 * VG_HOUR + 3 * VG_HOUR + 1, a,
         "I2: what comes next has no time");
    MUST(deadline <= due, a, "I2: the engine does not want to be woken for it");
    if (a->offer != VG_ACCEPTED_STATE) {
        MUST(due <= now + wait, a, "I2: the next step is too far away");
        MUST(a->severity < VG_CRITICAL || due <= now + 180 * VG_SECOND, a,
             "I2: the next step of a critical alert is too far away");
    }
}

static void check_open(struct life *life)
{
    static struct vg_alert all[LIFE_OPEN];
    const size_t count = life_open(life, all);
    const int64_t deadline = vg_engine_deadline(life->engine).ms;

    for (size_t i = 0; i < count; i++) {
        const struct vg_alert *a = &all[i];
        for (size_t k = 0; k < i; k++) {
            MUST(strcmp(a->id, all[k].id) != 0 && (strcmp(a->rule, all[k].rule) != 0 ||
                                                   strcmp(a->bed, all[k].bed) != 0 ||
                                                   strcmp(a->ward, all[k].ward) != 0),
                 a, "I1: two alerts of one rule");
        }
        claims(life, a);
        if (a->care.folded) {
            MUST(covered(a, all, count) ||
                     (a->condition == VG_ENDED && !vg_is_never(a->care.reset_at)),
                 a, "I2: folded into nothing");
        } else if (a->care.plan.name[0] != '\0') {
            attended(life, a, deadline);
        }
    }
}

void life_told(struct life *life, enum life_op op)
{
    for (size_t i = 0; i < life->effects.count; i++) {
        const struct vg_effect *e = &life->effects.item[i];
        if (e->kind == VG_EFFECT_ALERT) {
            change(life, e, op);
            hash(life, e);
        } else if (e->kind == VG_EFFECT_PAGE) {
            page(life, seen_of(life, e->alert), e);
            hash(life, e);
        }
    }
}

void life_check(struct life *life, enum life_op op)
{
    life_told(life, op);
    check_open(life);
}
