/* SPDX-License-Identifier: Apache-2.0
 *
 * The care of one alert as a pure machine: each row of the table in the head of care.c, the
 * claims, latches and jumps of time. A row is a script and what people hear of it.
 *
 * The ladder: a waits 120 s, again each 30 s; b, c 180 s, each 60 s; d each 60 s. Hold 600 s.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/care.h"

#define A 1U
#define B 2U
#define C 4U
#define D 8U

enum op {
    OPEN = 1,
    FOLDED, /* opened, somebody has the card */
    UNFOLD,
    WAIT,
    RESTART, /* time has jumped: the furthest step */
    CLOCK,   /* the same: one step at most */
    ACCEPT,
    RELEASE,
    REJECT,
    UNREACHABLE,
    ACK,
    SILENCE,
    SHELVE,
    PAUSE, /* claims */
    RISE,
    RISE_FOLDED,
    TO_NOBODY, /* rises to a severity that has no ladder */
    END,
    CLOSE,
    AGAIN,
    ACTED
};

struct act {
    enum op op;
    int at; /* seconds */
    uint32_t roles;
    int span; /* of a claim, seconds */
};

#define ACTS 10
struct row {
    const char *name;
    enum vg_severity severity;
    bool latched;
    struct act act[ACTS];
    const char *heard; /* "seconds change page:roles", "!" : closed */
};

static struct vg_plan plan_of(const char *name)
{
    struct vg_plan plan = {.hold = 600 * VG_SECOND,
                           .role_count = 4,
                           .step_count = 2,
                           .role = {"a", "b", "c", "d"},
                           .step = {{A, 120 * VG_SECOND, 30 * VG_SECOND, false},
                                    {B | C, 180 * VG_SECOND, 60 * VG_SECOND, true}},
                           .fallback = {D, 0, 60 * VG_SECOND, false}};

    (void)vg_copy(plan.name, sizeof plan.name, name);
    return plan;
}

struct desk {
    struct vg_alert alert;
    bool closed;
    struct vg_instant now;
    char heard[2048];
};

static void hear(struct desk *desk, const struct vg_turn *turn, int64_t at)
{
    static const char *const pages[] = {"", " call:", " remind:", " taken:", " end:"};
    char *out = desk->heard + strlen(desk->heard);
    const size_t room = sizeof desk->heard - strlen(desk->heard);
    char roles[5] = "";

    for (unsigned i = 0; i < 4; i++) {
        if ((turn->to >> i & 1) != 0) {
            (void)strncat(roles, &"a\0b\0c\0d"[2 * i], 1);
        }
    }
    if (turn->change == VG_CHANGE_COUNT && turn->page == VG_PAGE_NONE) {
        return;
    }
    (void)snprintf(out, room, "%lld %s%s%s%s;", (long long)at / 1000,
                   turn->change == VG_CHANGE_COUNT ? "again"
                                                   : vg_change_text(turn->change),
                   pages[turn->page], roles, turn->closed ? "!" : "");
    desk->alert.rev += turn->change != VG_CHANGE_COUNT;
    desk->closed = desk->closed || turn->closed;
}

/* The invariants in the head of care.c. */
static void holds(const struct desk *desk, int64_t at)
{
    const struct vg_alert *a = &desk->alert;

    for (size_t i = 0; i < a->claim_count; i++) {
        assert_true(a->claim[i].until.ms > at);
    }
    if (desk->closed || a->care.folded || vg_care_held(a) ||
        a->care.plan.name[0] == '\0') {
        return;
    }
    const struct vg_instant due = vg_care_due(a);
    if (due.ms <= at || due.ms > at + 2 * VG_HOUR) {
        fail_msg("at %lld s nothing is due, after: %s", (long long)at / 1000,
                 desk->heard);
    }
    assert_true(a->offer == VG_OFFERED_STATE || a->offer == VG_EXHAUSTED ||
                a->offer == VG_ACCEPTED_STATE);
}

static void serve(struct desk *desk, int64_t until)
{
    while (!desk->closed && vg_care_due(&desk->alert).ms <= until) {
        const struct vg_instant due = vg_later(desk->now, vg_care_due(&desk->alert));
        const struct vg_turn turn = vg_care_serve(&desk->alert, due);
        desk->now = due; /* stamps never run backwards */
        hear(desk, &turn, due.ms);
        if (vg_care_due(&desk->alert).ms > due.ms) {
            holds(desk, due.ms);
        }
    }
}

static void jump(struct desk *desk, unsigned steps, struct vg_instant at)
{
    while (!desk->closed && vg_care_due(&desk->alert).ms <= at.ms) {
        const struct vg_turn turn = vg_care_jump(&desk->alert, steps, at);
        hear(desk, &turn, at.ms);
    }
}

static void claim(struct desk *desk, const struct act *act, enum vg_claim_kind kind)
{
    struct vg_claim made = {.kind = kind,
                            .severity = desk->alert.severity,
                            .at = {act->at * VG_SECOND},
                            .until = {(act->at + act->span) * VG_SECOND}};

    (void)vg_copy(made.by, sizeof made.by, act->roles == B ? "b:ben" : "a:anna");
    assert_true(vg_care_claim(&desk->alert, &made));
    desk->alert.care.noticed = desk->alert.care.noticed || kind == VG_CLAIM_ACKNOWLEDGE;
}

static struct vg_turn rise(struct desk *desk, const struct act *act,
                           struct vg_instant at)
{
    desk->alert.severity++;
    if (act->op == TO_NOBODY) {
        desk->alert.care.plan.name[0] = '\0';
        vg_plan_freeze(&desk->alert.care, NULL);
    }
    return vg_care_rise(&desk->alert, act->op == RISE_FOLDED, at);
}

static struct vg_turn by_people(struct desk *desk, const struct act *act,
                                struct vg_instant at)
{
    struct vg_alert *a = &desk->alert;

    switch ((int)act->op) {
    case ACCEPT:
        return vg_care_accept(a, act->roles == B ? "b:ben" : "a:anna", at);
    case RELEASE:
        return vg_care_release(a, at);
    case REJECT:
        return vg_care_reject(a, act->roles, at);
    case ACTED:
        assert_true(vg_care_acted(a, at));
        break;
    case ACK:
    case SILENCE:
    case SHELVE:
    case PAUSE:
        claim(desk, act, (enum vg_claim_kind)(act->op - ACK));
        break;
    }
    return (struct vg_turn){.change = VG_CHANGE_COUNT};
}

static struct vg_turn by_itself(struct desk *desk, const struct act *act,
                                struct vg_instant at)
{
    struct vg_alert *a = &desk->alert;

    switch ((int)act->op) {
    case OPEN:
    case FOLDED:
        return vg_care_open(a, act->op == FOLDED, at);
    case UNFOLD:
        return vg_care_unfold(a, at);
    case UNREACHABLE:
        return vg_care_unreachable(a, act->roles, at);
    case RISE:
    case RISE_FOLDED:
    case TO_NOBODY:
        return rise(desk, act, at);
    case END:
    case CLOSE:
        return vg_care_end(a, act->op == CLOSE, at);
    case AGAIN:
        return vg_care_again(a, at);
    default:
        return by_people(desk, act, at);
    }
}

static void carry_out(struct desk *desk, const struct act *act)
{
    const struct vg_instant at = {act->at * VG_SECOND};

    if (act->op == RESTART || act->op == CLOCK) {
        jump(desk, act->op == RESTART ? VG_STEPS : 1, at);
        return;
    }
    serve(desk, at.ms);
    desk->now = at;
    const struct vg_turn turn = by_itself(desk, act, at);
    hear(desk, &turn, at.ms);
    serve(desk, at.ms); /* what is due at once */
    holds(desk, at.ms);
}

/* clang-format off */
static const struct row rows[] = {
    {"steps, resends, the fallback without end", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {WAIT, 430, 0, 0}},
     "0 raised call:a;30 again call:a;60 again call:a;90 again call:a;"
     "120 offered call:bc;180 again call:bc;240 again call:bc;300 offered call:d;"
     "360 offered call:d;420 offered call:d;"},
    {"all of a step reject", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {REJECT, 10, A, 0}, {WAIT, 20, 0, 0}},
     "0 raised call:a;10 rejected;10 offered call:bc;"},
    {"reject: same waits for its time, without those who rejected", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {WAIT, 130, 0, 0}, {REJECT, 140, B, 0}, {WAIT, 200, 0, 0},
      {REJECT, 210, C, 0}, {WAIT, 305, 0, 0}},
     "0 raised call:a;30 again call:a;60 again call:a;90 again call:a;"
     "120 offered call:bc;140 rejected;180 again call:c;210 rejected;300 offered call:d;"},
    {"no way to any of the step; to one of two", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {UNREACHABLE, 5, A, 0}, {UNREACHABLE, 10, B, 0},
      {WAIT, 70, 0, 0}, {UNREACHABLE, 80, C, 0}},
     "0 raised call:a;5 offered call:bc;10 noted;65 again call:c;80 offered call:d;"},
    {"no way to the fallback: it is tried again", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {UNREACHABLE, 1, A, 0}, {UNREACHABLE, 2, B | C, 0},
      {UNREACHABLE, 3, D, 0}, {WAIT, 63, 0, 0}},
     "0 raised call:a;1 offered call:bc;2 offered call:d;62 offered call:d;"},
    {"taken: the others are told; it lapses to the step behind", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {WAIT, 130, 0, 0}, {ACCEPT, 140, B, 0}, {WAIT, 745, 0, 0}},
     "0 raised call:a;30 again call:a;60 again call:a;90 again call:a;"
     "120 offered call:bc;140 accepted taken:ac;740 lapsed;740 offered call:d;"},
    {"taken once more: the time begins anew, nobody is told", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 10, A, 0}, {ACCEPT, 500, A, 0}, {WAIT, 1105, 0, 0}},
     "0 raised call:a;10 accepted;500 accepted;1100 lapsed;1100 offered call:bc;"},
    {"taken by another: who was called hears of it", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 10, A, 0}, {ACCEPT, 20, B, 0}, {WAIT, 30, 0, 0}},
     "0 raised call:a;10 accepted;20 accepted taken:a;"},
    {"something was recorded: the owner first", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 10, A, 0}, {ACTED, 100, 0, 0}, {WAIT, 7910, 0, 0}},
     "0 raised call:a;10 accepted;7300 repeated remind:a;7900 lapsed;7900 offered call:bc;"},
    {"given back; its owner rejects", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 10, A, 0}, {RELEASE, 20, 0, 0}, {ACCEPT, 30, A, 0},
      {REJECT, 40, A, 0}},
     "0 raised call:a;10 accepted;20 released call:a;30 accepted;40 rejected;"
     "40 offered call:bc;"},
    {"worse: over an acknowledgement and a shelf", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {ACK, 5, A, 600}, {SHELVE, 6, A, 600}, {WAIT, 100, 0, 0},
      {RISE, 110, 0, 0}, {WAIT, 145, 0, 0}},
     "0 raised call:a;110 escalated call:a;140 again call:a;"},
    {"worse: over an acceptance", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 5, A, 0}, {RISE, 110, 0, 0}, {WAIT, 145, 0, 0}},
     "0 raised call:a;5 accepted;110 escalated call:a;140 again call:a;"},
    {"worse while the bed is off the ward: called at its end", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {PAUSE, 10, A, 300}, {RISE, 110, 0, 0}, {WAIT, 341, 0, 0}},
     "0 raised call:a;110 escalated;310 claim_ended call:a;340 again call:a;"},
    {"worse, and nobody is offered what it is now", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {TO_NOBODY, 10, 0, 0}, {WAIT, 900, 0, 0}, {CLOSE, 901, 0, 0}},
     "0 raised call:a;10 escalated;901 ended end:a!;"},
    {"seen: no repeats to a, deadlines go on, then called again", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {ACK, 10, A, 40}, {WAIT, 55, 0, 0}},
     "0 raised call:a;50 claim_ended call:a;"},
    {"seen: the ladder goes on", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {ACK, 10, A, 600}, {WAIT, 125, 0, 0}},
     "0 raised call:a;120 offered call:bc;"},
    {"a silence changes no call", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {SILENCE, 10, A, 60}, {WAIT, 75, 0, 0}},
     "0 raised call:a;30 again call:a;60 again call:a;70 claim_ended;"},
    {"two hold it: the end of the second calls", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {SHELVE, 10, A, 60}, {PAUSE, 20, B, 300}, {WAIT, 321, 0, 0}},
     "0 raised call:a;70 claim_ended;320 claim_ended call:a;"},
    {"held while taken: it lapses at the end", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 5, A, 0}, {PAUSE, 10, A, 900}, {WAIT, 915, 0, 0}},
     "0 raised call:a;5 accepted;910 claim_ended;910 lapsed;910 offered call:bc;"},
    {"not latched: the end is told once to all", VG_URGENT, false,
     {{OPEN, 0, 0, 0}, {WAIT, 125, 0, 0}, {END, 130, 0, 0}, {WAIT, 9000, 0, 0}},
     "0 raised call:a;30 again call:a;60 again call:a;90 again call:a;"
     "120 offered call:bc;130 ended end:abc!;"},
    {"latched, ended unseen: the ladder goes on", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {END, 10, 0, 0}, {WAIT, 125, 0, 0}, {CLOSE, 126, 0, 0}},
     "0 raised call:a;10 ended;30 again call:a;60 again call:a;90 again call:a;"
     "120 offered call:bc;126 closed end:abc!;"},
    {"latched, ended seen, not critical: resets itself", VG_URGENT, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 5, A, 0}, {END, 10, 0, 0}, {ACCEPT, 600, A, 0},
      {ACCEPT, 1190, A, 0}, {ACCEPT, 1780, A, 0}, {ACCEPT, 2370, A, 0},
      {ACCEPT, 2960, A, 0}, {ACCEPT, 3550, A, 0}, {WAIT, 3700, 0, 0}},
     "0 raised call:a;5 accepted;10 ended;600 accepted;1190 accepted;1780 accepted;"
     "2370 accepted;2960 accepted;3550 accepted;3610 reset end:a!;"},
    {"latched, ended seen, critical: waits for a person", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 5, A, 0}, {END, 10, 0, 0}, {WAIT, 1211, 0, 0}},
     "0 raised call:a;5 accepted;10 ended;610 repeated remind:a;1210 lapsed;"
     "1210 offered call:bc;"},
    {"folded: nobody is called; alone, it calls", VG_URGENT, true,
     {{FOLDED, 0, 0, 0}, {AGAIN, 100, 0, 0}, {UNFOLD, 500, 0, 0}, {WAIT, 535, 0, 0}},
     "0 raised;100 repeated;500 offered call:a;530 again call:a;"},
    {"folded and worse: folded still, or called", VG_WATCH, true,
     {{FOLDED, 0, 0, 0}, {RISE_FOLDED, 10, 0, 0}, {RISE, 20, 0, 0}},
     "0 raised;10 escalated;20 escalated call:a;"},
    {"folded, ended, critical: it waits for its cover", VG_CRITICAL, true,
     {{FOLDED, 0, 0, 0}, {END, 10, 0, 0}, {WAIT, 3700, 0, 0}},
     "0 raised;10 ended;"},
    {"folded, ended: nobody need look", VG_URGENT, true, {{FOLDED, 0, 0, 0}, {END, 10, 0, 0}, {WAIT, 3700, 0, 0}}, "0 raised;10 ended;3610 reset!;"},
    {"once more: all who were told, and the step", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 10, A, 0}, {AGAIN, 20, 0, 0}, {WAIT, 30, 0, 0}},
     "0 raised call:a;10 accepted;20 repeated call:a;"},
    {"once more, off the ward: not now", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {PAUSE, 10, A, 60}, {AGAIN, 20, 0, 0}, {WAIT, 71, 0, 0}},
     "0 raised call:a;20 repeated;70 claim_ended call:a;"},
    {"a restart: the furthest step, once", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {RESTART, 1000, 0, 0}, {WAIT, 1001, 0, 0}},
     "0 raised call:a;1000 offered call:d;"},
    {"a restart: no further than is due", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {RESTART, 290, 0, 0}, {WAIT, 351, 0, 0}},
     "0 raised call:a;290 offered call:bc;350 again call:bc;"},
    {"a restart: a claim that is over makes it no further", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {ACK, 5, A, 100}, {RESTART, 290, 0, 0}},
     "0 raised call:a;290 claim_ended call:a;290 offered call:bc;"},
    {"a restart inside a step: said again, and as before", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {RESTART, 85, 0, 0}, {WAIT, 116, 0, 0}},
     "0 raised call:a;85 again call:a;115 again call:a;"},
    {"the clock was set: one step at most", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {CLOCK, 100000, 0, 0}, {CLOCK, 100061, 0, 0}},
     "0 raised call:a;100000 offered call:bc;100061 again call:bc;"},
    {"a jump over an acceptance: lapsed once", VG_CRITICAL, true,
     {{OPEN, 0, 0, 0}, {ACCEPT, 10, A, 0}, {RESTART, 9000, 0, 0}},
     "0 raised call:a;10 accepted;9000 lapsed;9000 offered call:bc;"},
};
/* clang-format on */

static void begin(struct desk *desk, const struct row *row)
{
    memset(desk, 0, sizeof *desk);
    vg_care_init(&desk->alert);
    desk->alert.severity = row->severity;
    desk->alert.latched = row->latched;
    desk->alert.care.plan = plan_of("ladder");
}

static void test_each_row(void **state)
{
    static struct desk desk;
    unsigned failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(&desk, &rows[i]);
        for (size_t k = 0; k < ACTS && rows[i].act[k].op != 0; k++) {
            carry_out(&desk, &rows[i].act[k]);
        }
        if (strcmp(desk.heard, rows[i].heard) != 0) {
            failed++;
            print_error("%s:\nheard    %s\nexpected %s\n", rows[i].name, desk.heard,
                        rows[i].heard);
        }
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
