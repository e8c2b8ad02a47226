/* SPDX-License-Identifier: Apache-2.0
 *
 * The edges of commands: what is answered to the letter, what is told of them and that a refused
 * one changes nothing, who counts as whom, latched alerts that are over, messages in quarantine.
 * Each was a change of the code that no other test noticed. Pauses: test_pause.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"

#define RULE(id, class, severity, when)                 \
    "  - id: " id "\n    class: " class                 \
        "\n    severity: " severity "\n    when: " when \
        "\n    latch: yes\n    text: t\n    source: s\n    ladder: one\n"

static const char latched[] = RULE("MILD", "lab", "urgent", "hr > 100 /min")
    RULE("GRAVE", "haemodynamic", "critical", "sbp < 80 mm[Hg]")
        RULE("SCORE", "global", "urgent",
             "news2.score >= 3") "ladders:\n  one:\n    hold: 2h\n    steps:\n"
                                 "      - {offer: [nurse, senior-nurse], wait: 2h}\n"
                                 "    fallback: {offer: [doctor], repeat: 8h}\n";

/* ---- What is answered */

static void the_revision_is_answered(void **state)
{
    struct desk *d = desk_open_with(latched);
    struct vg_command c;

    (void)state;
    spot(d, 0, VG_HR, 110);
    c = command(d, VG_DO_ACCEPT, "nurse:a", "MILD");
    c.rev = 9;
    say(d, 1 * S, &c, VG_RESULT_INVALID); /* refused: as it stands */
    assert_int_equal(d->answer.rev, 1);
    assert_string_equal(d->answer.detail, "there is no such revision yet");
    quick(d, 2 * S, VG_DO_ACCEPT, "nurse:a", "MILD", VG_RESULT_OK);
    assert_int_equal(d->answer.rev, 2);
    spot(d, 3 * S, VG_HR, 80); /* over, and latched */
    assert_int_equal(open_of(d, "MILD")->rev, 3);
    quick(d, 4 * S, VG_DO_RESET, "ward:7", "MILD", VG_RESULT_FORBIDDEN);
    quick(d, 4 * S, VG_DO_RESET, "nurse:a", "MILD", VG_RESULT_OK);
    assert_int_equal(d->answer.rev, 4); /* that of its end */
    assert_int_equal(d->ward.last.rev, 4);
    assert_int_equal(d->ward.last.event, VG_RESET);
    desk_close(d);
}

static void what_is_told_names_who_and_why(void **state)
{
    static const struct {
        enum vg_do what;
        const char *by, *reason, *remark;
        enum vg_change event;
    } rows[] = {
        {VG_DO_NOTE, "nurse:a", "w", "nurse:a: w", VG_NOTED},
        {VG_DO_ACKNOWLEDGE, "nurse:a", "", "nurse:a", VG_ACKNOWLEDGED},
        {VG_DO_REJECT, "nurse:a", "busy", "nurse:a: busy", VG_REJECTED},
        {VG_DO_ACCEPT, "nurse:b", "", "nurse:b", VG_ACCEPTED},
        {VG_DO_RELEASE, "nurse:b", "off", "nurse:b: off", VG_RELEASED},
        {VG_DO_SILENCE, "nurse:b", "", "nurse:b", VG_SILENCED},
        {VG_DO_JUDGE, "nurse:b", "", "actionable", VG_JUDGED},
    };
    struct desk *d = desk_open_with(latched);

    (void)state;
    spot(d, 0, VG_HR, 110);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_command c = command(d, rows[i].what, rows[i].by, "MILD");
        const uint32_t rev = c.rev;
        (void)vg_copy(c.reason, sizeof c.reason, rows[i].reason);
        say(d, (int64_t)(i + 1) * S, &c, VG_RESULT_OK);
        if (d->ward.last.event != rows[i].event || d->ward.last.rev != rev + 1 ||
            strcmp(d->ward.last.remark, rows[i].remark) != 0) {
            fail_msg("row %zu: %s, rev %u, \"%s\"", i,
                     vg_change_text(d->ward.last.event), (unsigned)d->ward.last.rev,
                     d->ward.last.remark);
        }
    }
    desk_close(d);
}

/* Whatever is refused is told to nobody and changes nothing. */
static void a_refused_one_changes_nothing(void **state)
{
    static const struct {
        enum vg_do what;
        const char *by, *reason, *detail;
        vg_ms span;
        enum vg_result result;
    } rows[] = {
        {VG_DO_NOTE, "nurse:a", "", "a note needs text", 0, VG_RESULT_INVALID},
        {VG_DO_REJECT, "nurse:a", "", "a reason is needed", 0, VG_RESULT_INVALID},
        {VG_DO_SHELVE, "nurse:a", "", "a reason is needed", M, VG_RESULT_INVALID},
        {VG_DO_SHELVE, "nurse:a", "w", "at most 30 min", 31 * M, VG_RESULT_OVER_CAP},
        {VG_DO_SILENCE, "nurse:a", "", "at most 15 min", 16 * M, VG_RESULT_OVER_CAP},
        {VG_DO_RESET, "nurse:a", "", "what it says still holds", 0,
         VG_RESULT_FORBIDDEN},
        {VG_DO_RELEASE, "nurse:a", "", "only who has taken it can give it back", 0,
         VG_RESULT_FORBIDDEN},
        {VG_DO_ACCEPT, "ward:7", "", "this login cannot do that: say who you are", 0,
         VG_RESULT_FORBIDDEN},
    };
    struct desk *d = desk_open_with(latched);

    (void)state;
    spot(d, 0, VG_HR, 110);
    d->heard[0] = d->ward.told[0] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_command c = command(d, rows[i].what, rows[i].by, "MILD");
        c.span = rows[i].span;
        (void)vg_copy(c.reason, sizeof c.reason, rows[i].reason);
        say(d, (int64_t)(i + 1) * S, &c, rows[i].result);
        assert_string_equal(d->answer.detail, rows[i].detail);
        assert_string_equal(d->ward.told, "");
        assert_int_equal(open_of(d, "MILD")->rev, 1);
        assert_string_equal(open_of(d, "MILD")->remark, "");
    }
    desk_close(d);
}

/* Shelved again and again before it is over it would never call: the most counts from the first, whoever it is by. */
static void shelved_again(void **state)
{
    static const struct {
        int64_t at;
        const char *by;
        vg_ms span;
        enum vg_result result;
        const char *detail;
    } rows[] = {
        {1 * M, ANNA, 20 * M, VG_RESULT_OK, ""},
        {15 * M, CARL, 20 * M, VG_RESULT_OVER_CAP,
         "at most 30 min in all: it is shelved already"},
        {15 * M, CARL, 16 * M, VG_RESULT_OK, ""},
        {30 * M, ANNA, 2 * M, VG_RESULT_OVER_CAP,
         "at most 30 min in all: it is shelved already"},
        {32 * M, ANNA, 30 * M, VG_RESULT_OK, ""}, /* it has called at 31 */
    };
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_SBP, 90);
    d->heard[0] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wait_until(d, rows[i].at);
        struct vg_command c = command(d, VG_DO_SHELVE, rows[i].by, "LOW");
        c.span = rows[i].span;
        say(d, rows[i].at, &c, rows[i].result);
        assert_string_equal(d->answer.detail, rows[i].detail);
        if (rows[i].at < 31 * M) {
            heard(d, "");
        }
    }
    heard(d, "LOW call bedside-nurse charge-nurse;");
    desk_close(d);
}

/* There is room for so many claims, and one more is refused. */
static void too_many_claims(void **state)
{
    struct desk *d = desk_open_with(latched);
    char by[32];

    (void)state;
    spot(d, 0, VG_HR, 110);
    for (int i = 0; i < VG_CLAIMS; i++) {
        (void)snprintf(by, sizeof by, "nurse:%d", i);
        quick(d, 1 * S, VG_DO_ACKNOWLEDGE, by, "MILD", VG_RESULT_OK);
    }
    const uint32_t rev = open_of(d, "MILD")->rev;
    static const enum vg_do more[] = {VG_DO_ACKNOWLEDGE, VG_DO_SILENCE, VG_DO_SHELVE};
    for (size_t i = 0; i < 3; i++) {
        quick(d, 2 * S, more[i], "nurse:more", "MILD", VG_RESULT_OVER_CAP);
        assert_string_equal(d->answer.detail,
                            "too many people have claims on this alert");
        assert_int_equal(open_of(d, "MILD")->rev, rev);
        assert_int_equal(open_of(d, "MILD")->claim_count, VG_CLAIMS);
    }
    desk_close(d);
}

/* ---- Who is whom: "ward:7" is a login that cannot take, "wardmaster:x" and "head:x" are people */

static void roles_are_whole_words(void **state)
{
    static const struct {
        const char *by;
        enum vg_result result;
    } rows[] = {{"ward:7", VG_RESULT_FORBIDDEN},    {"wardmaster:x", VG_RESULT_OK},
                {"head:x", VG_RESULT_OK},           {"patients-line:x", VG_RESULT_OK},
                {"patient:x", VG_RESULT_FORBIDDEN}, {"w:x", VG_RESULT_OK}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open_with(latched);
        spot(d, 0, VG_HR, 110);
        quick(d, 1 * S, VG_DO_ACCEPT, rows[i].by, "MILD", rows[i].result);
        desk_close(d);
    }
}

/* ---- Over, and latched: Alert states T22 */

/* Seen by somebody, it goes by itself after an hour, but for what was critical. */
static void seen_when_it_is_over(void **state)
{
    static const struct {
        enum vg_do what;
        enum vg_signal signal;
        int64_t bad, good;
        const char *rule;
        bool goes;
    } rows[] = {{VG_DO_ACKNOWLEDGE, VG_HR, 110, 80, "MILD", true},
                {VG_DO_ACKNOWLEDGE, VG_SBP, 70, 120, "GRAVE", false},
                {VG_DO_ACCEPT, VG_HR, 110, 80, "MILD", true},
                {VG_DO_ACCEPT, VG_SBP, 70, 120, "GRAVE", false},
                {VG_DO_JUDGE, VG_HR, 110, 80, "MILD", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open_with(latched);
        spot(d, 0, rows[i].signal, rows[i].bad);
        spot(d, 1 * M, rows[i].signal, rows[i].good);
        assert_int_equal(open_of(d, rows[i].rule)->condition, VG_ENDED);
        quick(d, 2 * M, rows[i].what, "nurse:a", rows[i].rule, VG_RESULT_OK);
        wait_until(d, 30 * M);
        quick(d, 30 * M, rows[i].what, "nurse:a", rows[i].rule,
              VG_RESULT_OK); /* from the first time on */
        wait_until(d, 62 * M - 1);
        assert_int_not_equal(open_of(d, rows[i].rule)->rev, 0);
        wait_until(d, 62 * M);
        if ((open_of(d, rows[i].rule)->rev == 0) != rows[i].goes) {
            fail_msg("row %zu", i);
        }
        desk_close(d);
    }
}

/* ---- What "worse" is measured against, when it is taken again */

static void measured_from_the_latest_taking(void **state)
{
    struct desk *d = desk_open_with(latched);

    (void)state;
    spot(d, 0, VG_RR, 25);
    spot(d, 1 * S, VG_SBP, 100); /* NEWS2: 3 and 2 */
    quick(d, 2 * S, VG_DO_ACCEPT, "nurse:a", "SCORE", VG_RESULT_OK);
    spot(d, 1 * M, VG_SBP, 120); /* 3 */
    d->heard[0] = '\0';
    spot(d, 2 * M, VG_SBP, 100); /* 5 was known */
    heard(d, "");
    spot(d, 3 * M, VG_SBP, 120);
    quick(d, 4 * M, VG_DO_ACCEPT, "nurse:b", "SCORE", VG_RESULT_OK); /* at 3 */
    d->heard[0] = '\0';
    spot(d, 5 * M, VG_SBP, 100);
    assert_non_null(strstr(d->heard, "SCORE call"));
    desk_close(d);
}

/* ---- Messages in quarantine, receipts: the shell does it, here it is answered */

static void what_the_shell_does(void **state)
{
    static const struct {
        enum vg_do what;
        const char *by, *reason;
        enum vg_result result, again;
    } rows[] = {
        {VG_DO_ASSIGN, "nurse:a", "w", VG_RESULT_OK, VG_RESULT_DUPLICATE},
        {VG_DO_ASSIGN, "nurse:a", "", VG_RESULT_INVALID, VG_RESULT_DUPLICATE},
        {VG_DO_ASSIGN, "ward:7", "why", VG_RESULT_FORBIDDEN, VG_RESULT_DUPLICATE},
        {VG_DO_RECEIVED, "ward:7", "", VG_RESULT_OK,
         VG_RESULT_OK}, /* of which are many */
        {VG_DO_DISPLAYED, "ward:7", "", VG_RESULT_OK, VG_RESULT_OK},
    };
    struct desk *d = desk_open_with(latched);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_command c = command(d, rows[i].what, rows[i].by, "");
        (void)vg_copy(c.reason, sizeof c.reason, rows[i].reason);
        say(d, (int64_t)i * S, &c, rows[i].result);
        say(d, (int64_t)i * S, &c, rows[i].again);
        if (rows[i].again == VG_RESULT_DUPLICATE) {
            assert_string_equal(d->answer.detail, vg_result_text(rows[i].result));
        }
    }
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_revision_is_answered),
        cmocka_unit_test(what_is_told_names_who_and_why),
        cmocka_unit_test(a_refused_one_changes_nothing),
        cmocka_unit_test(shelved_again),
        cmocka_unit_test(too_many_claims),
        cmocka_unit_test(roles_are_whole_words),
        cmocka_unit_test(seen_when_it_is_over),
        cmocka_unit_test(measured_from_the_latest_taking),
        cmocka_unit_test(what_the_shell_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
