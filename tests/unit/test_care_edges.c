/* SPDX-License-Identifier: Apache-2.0
 *
 * The edges of an alert's care that no scenario hears: what a close leaves behind, how far a jump
 * of time goes, which page is a new one, who answers for whom. Each was a change of the code that
 * no other test noticed.
 */
#include "care_help.h"

static void claim(enum vg_claim_kind kind, const char *by, int64_t until)
{
    struct vg_claim made = {
        .kind = kind, .severity = alert.severity, .at = in(0), .until = in(until)};

    (void)vg_copy(made.by, sizeof made.by, by);
    assert_true(vg_care_claim(&alert, &made));
}

/* A latched alert that moved with its patient, over already: somebody has the card, so it goes by
 * itself after the hour. One that goes on, or that nobody has, does not. */
static void test_opened(void **state)
{
    static const struct {
        bool folded;
        enum vg_condition condition;
        bool resets;
    } rows[] = {{true, VG_ENDED, true},
                {true, VG_ACTIVE, false},
                {false, VG_ENDED, false},
                {false, VG_ACTIVE, false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(VG_URGENT, true);
        alert.condition = rows[i].condition;
        const struct vg_turn turn = vg_care_open(&alert, rows[i].folded, in(5));
        assert_int_equal(turn.to, rows[i].folded ? 0 : A);
        assert_string_equal(alert.ladder, "ladder");
        assert_int_equal(alert.care.told_at.ms, in(5).ms);
        assert_int_equal(alert.care.reset_at.ms,
                         rows[i].resets ? in(65).ms : VG_NEVER.ms);
    }
}

static void test_closed(void **state)
{
    (void)state;
    begin(VG_URGENT, false);
    (void)vg_care_open(&alert, false, in(0));
    claim(VG_CLAIM_ACKNOWLEDGE, "a:anna", 30);
    claim(VG_CLAIM_SHELVE, "b:ben", 30);
    const struct vg_turn turn = vg_care_end(&alert, false, in(1));
    assert_true(turn.closed);
    assert_int_equal(turn.change, VG_ENDED_CHANGE);
    assert_int_equal(turn.page, VG_PAGE_END);
    assert_int_equal(turn.to, A);
    assert_int_equal(alert.claim_count, 0);
    assert_int_equal(alert.care.told, 0);
    assert_int_equal(alert.offer, VG_OFFER_CLOSED);
    assert_false(vg_is_set(alert.respond_by));
    assert_true(vg_is_never(vg_care_due(&alert)));
    assert_int_equal(vg_care_end(&alert, true, in(2)).page, VG_PAGE_NONE); /* once */
}

/* After a jump of time at most so many steps are passed, and never one that is not due. */
static void test_jumped(void **state)
{
    static const struct {
        unsigned steps;
        int64_t at;
        unsigned step; /* behind it */
        uint32_t to;
    } rows[] = {{1, 100, 1, B},        {2, 100, 2, C}, {3, 100, 3, D},
                {VG_STEPS, 100, 3, D}, {3, 1, 1, B},   {3, 2, 1, B},
                {3, 3, 2, C},          {3, 5, 2, C},   {3, 6, 3, D}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(VG_CRITICAL, true);
        (void)vg_care_open(&alert, false, in(0));
        const struct vg_turn turn = vg_care_jump(&alert, rows[i].steps, in(rows[i].at));
        assert_int_equal(turn.change, VG_OFFERED);
        assert_int_equal(turn.to, rows[i].to);
        assert_int_equal(alert.step, rows[i].step);
    }
}

static void test_risen(void **state)
{
    (void)state;
    begin(VG_URGENT, true);
    (void)vg_care_open(&alert, false, in(0));
    alert.rev = 7;
    alert.care.noticed = true;
    alert.care.reset_at = in(90);
    claim(VG_CLAIM_SILENCE, "a:anna", 30);
    claim(VG_CLAIM_PAUSE, "b:ben", 30);
    alert.severity = VG_CRITICAL;
    (void)vg_care_rise(&alert, false, in(1));
    assert_int_equal(alert.care.rose_rev, 8); /* the revision that says so */
    assert_false(alert.care.noticed);
    assert_true(vg_is_never(alert.care.reset_at));
    assert_int_equal(alert.claim_count, 1); /* off the ward is off the ward */
    assert_int_equal(alert.claim[0].kind, VG_CLAIM_PAUSE);
}

/* A page that is sent anew after a claim has a number of its own, or nobody would see it. */
static void test_called_anew(void **state)
{
    (void)state;
    begin(VG_URGENT, true);
    (void)vg_care_open(&alert, false, in(0));
    claim(VG_CLAIM_SHELVE, "a:anna", 5);
    const uint16_t before = alert.care.repeat;
    const struct vg_turn turn = vg_care_serve(&alert, in(5));
    assert_int_equal(turn.change, VG_CLAIM_ENDED);
    assert_int_equal(turn.page, VG_PAGE_CALL);
    assert_int_equal(alert.care.repeat, before + 1);
    assert_int_equal(alert.claim_count, 0);
    assert_int_equal(vg_care_due(&alert).ms, in(6).ms); /* the step begins again */
}

/* It became worse while it was off the ward and in somebody's hands: at the return all who know of
 * it are called, once. */
static void test_missed(void **state)
{
    (void)state;
    begin(VG_CRITICAL, true);
    (void)vg_care_open(&alert, false, in(0));
    (void)vg_care_accept(&alert, "a:anna", in(1));
    claim(VG_CLAIM_PAUSE, "b:ben", 5);
    assert_int_equal(vg_care_again(&alert, in(2)).page, VG_PAGE_NONE);
    assert_true(alert.care.missed);
    const struct vg_turn turn = vg_care_serve(&alert, in(5));
    assert_int_equal(turn.change, VG_CLAIM_ENDED);
    assert_int_equal(turn.page, VG_PAGE_CALL);
    assert_int_equal(turn.to, A);
    assert_false(alert.care.missed);
    assert_int_equal(alert.offer, VG_ACCEPTED_STATE);
}

static void test_offered_anew(void **state)
{
    (void)state;
    begin(VG_URGENT, true);
    (void)vg_care_open(&alert, false, in(0));
    const struct vg_turn turn = vg_care_serve(&alert, in(1));
    assert_int_equal(turn.to, B);
    const uint16_t run = alert.care.run;
    const struct vg_turn again = vg_care_reoffer(&alert, in(2));
    assert_int_equal(again.change, VG_NOTED);
    assert_int_equal(again.to, A);
    assert_int_equal(alert.step, 0);
    assert_int_equal(alert.care.run, run + 1);
    assert_int_equal(alert.respond_by.ms, in(3).ms);
}

static void test_folded(void **state)
{
    (void)state;
    begin(VG_WATCH, true);
    (void)vg_care_open(&alert, false, in(0));
    assert_int_equal(vg_care_fold(&alert).change, VG_NOTED);
    assert_true(alert.care.folded);
    assert_int_equal(alert.offer, VG_OFFER_NONE);
    assert_int_equal(alert.target_count, 0);
    assert_true(vg_is_never(vg_care_due(&alert)));
}

/* An action that is recorded keeps it two hours if critical, else four; not more often than each
 * quarter of an hour, and only for one who has it. */
static void test_acted(void **state)
{
    static const struct {
        enum vg_severity severity;
        int64_t hours;
    } rows[] = {{VG_CRITICAL, 2}, {VG_URGENT, 4}, {VG_WATCH, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(rows[i].severity, true);
        (void)vg_care_open(&alert, false, in(0));
        assert_false(vg_care_acted(&alert, in(0)));
        (void)vg_care_accept(&alert, "a:anna", in(0));
        assert_true(vg_care_acted(&alert, in(1)));
        assert_int_equal(alert.care.hold_until.ms, in(1 + 60 * rows[i].hours).ms);
        assert_false(vg_care_acted(&alert, (struct vg_instant){16 * VG_MINUTE - 1}));
        assert_true(vg_care_acted(&alert, in(16)));
        alert.care.plan.hold = 0;
        assert_false(vg_care_acted(&alert, in(60)));
    }
}

/* Its owner is asked again: a page of its own, and the hold begins anew. */
static void test_reminded(void **state)
{
    (void)state;
    begin(VG_URGENT, true);
    (void)vg_care_open(&alert, false, in(0));
    (void)vg_care_accept(&alert, "a:anna", in(0));
    assert_true(vg_care_acted(&alert, in(0)));
    const struct vg_turn turn = vg_care_serve(&alert, in(240));
    assert_int_equal(turn.change, VG_REPEATED);
    assert_int_equal(turn.page, VG_PAGE_REMIND);
    assert_int_equal(turn.to, A);
    assert_int_equal(alert.care.repeat, 1);
    assert_false(alert.care.acted);
    assert_int_equal(alert.care.hold_until.ms, in(250).ms);
}

/* Without a ladder it is only said again, until somebody has seen it. */
static void test_said_again(void **state)
{
    (void)state;
    begin(VG_WATCH, false);
    memset(&alert.care.plan, 0, sizeof alert.care.plan);
    alert.care.realert = VG_HOUR;
    (void)vg_care_open(&alert, false, in(0));
    assert_int_equal(vg_care_due(&alert).ms, in(60).ms);
    assert_int_equal(vg_care_serve(&alert, in(60)).change, VG_REPEATED);
    assert_int_equal(vg_care_due(&alert).ms, in(120).ms);
    strcpy(alert.care.plan.name, "x"); /* a ladder, however short its name */
    assert_true(vg_is_never(vg_care_due(&alert)));
    alert.care.plan.name[0] = '\0';
    alert.care.noticed = true;
    assert_true(vg_is_never(vg_care_due(&alert)));
    alert.care.noticed = false;
    alert.care.folded = true;
    assert_true(vg_is_never(vg_care_due(&alert)));
    alert.care.folded = false;
    alert.condition = VG_ENDED;
    assert_true(vg_is_never(vg_care_due(&alert)));
}

static void test_who_answers(void **state)
{
    static const struct {
        const char *by;
        uint32_t step_to, answers;
    } rows[] = {
        {"a:anna", VG_ANY_STEP, A},
        {"a", VG_ANY_STEP, A},
        {"senior-c:x", A, C},       /* the role itself, whichever step */
        {"c:carl", VG_ANY_STEP, C}, /* "senior-c" ends so */
        {"c:carl", C, C},
        {"c:carl", A | B | D, 0}, /* but only in the step that is called */
        {"senior:x", VG_ANY_STEP, 0},
        {"r-c:x", VG_ANY_STEP, 0}, /* a part of a word is none */
        {"x:x", VG_ANY_STEP, 0},
        {"zz:x", VG_ANY_STEP, 0}, /* behind the last */
        {"", VG_ANY_STEP, 0},
        {"abcdefghijabcdefghijabcdefghij12:x", VG_ANY_STEP, B}, /* as long as can be */
        {"abcdefghijabcdefghijabcdefghij123:x", VG_ANY_STEP,
         0}, /* longer than a role */
    };

    (void)state;
    begin(VG_URGENT, true);
    (void)vg_copy(alert.care.plan.role[1], VG_ID_LEN + 1,
                  "abcdefghijabcdefghijabcdefghij12");
    (void)vg_copy(alert.care.plan.role[4], VG_ID_LEN + 1, "past-zz");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(vg_plan_answers(&alert.care.plan, rows[i].step_to, rows[i].by),
                         rows[i].answers);
    }
    assert_int_equal(vg_plan_role(&alert.care.plan, "d"), D);
    assert_int_equal(vg_plan_role(&alert.care.plan, "past-zz"), 0);
    for (unsigned step = 0; step < 5; step++) {
        alert.step = step;
        assert_int_equal(vg_plan_step_to(&alert), step < 3 ? 1U << step : D);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opened),       cmocka_unit_test(test_closed),
        cmocka_unit_test(test_jumped),       cmocka_unit_test(test_risen),
        cmocka_unit_test(test_called_anew),  cmocka_unit_test(test_missed),

        cmocka_unit_test(test_offered_anew), cmocka_unit_test(test_folded),
        cmocka_unit_test(test_acted),        cmocka_unit_test(test_said_again),
        cmocka_unit_test(test_reminded),     cmocka_unit_test(test_who_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
