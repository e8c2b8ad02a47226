/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert that somebody has: what is worse and calls again (Clinical reference 9.4, rule 7), marks
 * of the rule, what counts as action. Restarts and jumps of time: test_carer_restart.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "carer_help.h"
#include "lib/desk.h"
#include "lib/ward_moves.h"

/* How often the alert's people have been called since the last time. */
static int calls(struct desk *d, const char *rule)
{
    char call[64];
    int count = 0;

    (void)snprintf(call, sizeof call, "%s call ", rule);
    for (const char *at = d->heard; (at = strstr(at, call)) != NULL; at++) {
        count++;
    }
    d->heard[0] = '\0';
    return count;
}

/* ---- Worse since it was taken */

/* Two points of NEWS2 more, not one; measured against the worst that was known. */
static void news2_by_two(void **state)
{
    static const struct {
        int64_t rr; /* breaths: 3 points from 25, 2 from 21, 1 to 11 */
        int64_t hr; /* pulse: 1 point from 91, 2 from 111, 3 from 131 */
        int calls;
    } rows[] = {
        {25, 90, 0},  /* 3: as it was taken */
        {25, 91, 0},  /* 4: one more */
        {25, 111, 1}, /* 5: two more */
        {25, 131, 0}, /* 6: one more than was told */
        {25, 111, 0}, /* 5: told */
    };
    struct desk *d = desk_open_with(rules);

    (void)state;
    spot(d, 0, VG_RR, 25);
    spot(d, 1 * S, VG_HR, 90);
    assert_int_equal(calls(d, "SCORE"), 1);
    quick(d, 2 * S, VG_DO_ACCEPT, "nurse:a", "SCORE", VG_RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int64_t at = 1 * M + (int64_t)i * M;
        spot(d, at, VG_RR, rows[i].rr);
        spot(d, at + 1 * S, VG_HR, rows[i].hr);
        const int called = calls(d, "SCORE");
        if (called != rows[i].calls) {
            fail_msg("row %zu: %d calls", i, called);
        }
    }
    desk_close(d);
}

static void ice(struct desk *d, int64_t at, int64_t score)
{
    struct vg_reading reading = {.signal = VG_ICE,
                                 .source = VG_SOURCE_MANUAL,
                                 .value = score,
                                 .measured = {WARD_START + at},
                                 .pi = -1,
                                 .uln = VG_NO_VALUE,
                                 .lln = VG_NO_VALUE};
    const struct vg_message message = {.kind = VG_KIND_ASSESSMENT,
                                       .ward = "onc-7",
                                       .bed = "12",
                                       .measured = {WARD_START + at},
                                       .reading_count = 1,
                                       .readings = &reading};

    step(d, at, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

/* Any higher grade of ICANS: ICE 7 to 9 is grade 1, 3 to 6 grade 2. */
static void icans_by_grade(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    chart(d, 0, VG_INFUSION, "start");
    ice(d, 1 * M, 8);
    assert_int_equal(calls(d, "NEURO"), 1);
    spot(d, 2 * M, VG_HR, 105); /* RATE does not ask grades */
    quick(d, 2 * M, VG_DO_ACCEPT, "nurse:a", "RATE", VG_RESULT_OK);
    quick(d, 2 * M, VG_DO_ACCEPT, "nurse:a", "NEURO", VG_RESULT_OK);
    d->heard[0] = '\0';
    ice(d, 3 * M, 7); /* the same grade */
    assert_int_equal(calls(d, "NEURO"), 0);
    ice(d, 4 * M, 6);
    assert_non_null(strstr(d->heard, "NEURO call"));
    assert_null(strstr(d->heard, "RATE call"));
    d->heard[0] = '\0';
    ice(d, 5 * M, 5); /* told */
    assert_int_equal(calls(d, "NEURO"), 0);
    ice(d, 6 * M, 2);
    assert_int_equal(calls(d, "NEURO"), 1);
    desk_close(d);
}

/* Any higher grade of CRS; one that cannot be told is no grade. */
static void crs_by_grade(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    chart(d, 0, VG_INFUSION, "start");
    spot(d, 1 * H, VG_SBP, 120);
    spot(d, 1 * H, VG_SPO2, 97);
    spot(d, 1 * H, VG_TEMP, 385);
    assert_int_equal(calls(d, "STORM"), 1);
    quick(d, 1 * H + 1 * M, VG_DO_ACCEPT, "nurse:a", "STORM", VG_RESULT_OK);
    d->heard[0] = '\0';
    spot(d, 1 * H + 2 * M, VG_TEMP, 390);
    assert_int_equal(calls(d, "STORM"), 0); /* grade 1 still */
    chart(d, 1 * H + 3 * M, VG_O2_DEVICE, "nasal_cannula");
    assert_int_equal(calls(d, "STORM"), 1); /* grade 2 */
    chart(d, 1 * H + 4 * M, VG_O2_DEVICE, "non_rebreather");
    assert_int_equal(calls(d, "STORM"), 1); /* grade 3 */
    desk_close(d);
}

/* ---- Worse than was seen */

static const char pressure[] =
    RULE("PRESSURE", "haemodynamic", "watch", "sbp < 100 mm[Hg]", "") LADDER;

/* What was heard of it; the floors have their own say of such pressures. */
static void pressure_heard(struct desk *d, const char *expected)
{
    char of_it[512] = "";

    for (const char *at = d->heard; *at != '\0'; at = strchr(at, ';') + 1) {
        if (strncmp(at, "PRESSURE ", 9) == 0) {
            (void)strncat(of_it, at, strcspn(at, ";") + 1);
        }
    }
    assert_string_equal(of_it, expected);
    d->heard[0] = '\0';
}

/* Who has acknowledged it is called again when it is worse than they saw, also where the data had
 * stopped in between (Alert states T12, trap 38); by less, or as bad as before, it stays. */
static void worse_than_was_seen(void **state)
{
    static const struct {
        int64_t back;      /* when the next value comes */
        int64_t seen, now; /* systolic pressure */
        const char *heard;
    } rows[] = {
        {5 * M, 98, 89, ""},
        {5 * M, 98, 88, "PRESSURE call nurse;"},
        {5 * M, 81, 79, "PRESSURE call nurse;"},
        {5 * M, 79, 78, ""},
        {70 * M, 98, 89, ""},
        {70 * M, 98, 88, "PRESSURE call nurse;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open_with(pressure);
        spot(d, 0, VG_SBP, rows[i].seen);
        quick(d, 1 * M, VG_DO_ACKNOWLEDGE, "nurse:a", "PRESSURE", VG_RESULT_OK);
        wait_until(d, rows[i].back - 1);
        assert_int_equal(open_of(d, "PRESSURE")->condition,
                         rows[i].back > H ? VG_CONDITION_UNKNOWN : VG_ACTIVE);
        d->heard[0] = '\0';
        spot(d, rows[i].back, VG_SBP, rows[i].now);
        pressure_heard(d, rows[i].heard);
        const bool called = rows[i].heard[0] != '\0';
        assert_int_equal(open_of(d, "PRESSURE")->claim_count, called ? 0 : 1);
        desk_close(d);
    }
}

/* What was seen while there were no data is what was called about; of two who saw it the milder
 * counts; a mark of the rule that is passed voids what was seen before it. */
static void what_was_seen(void **state)
{
    struct desk *d = desk_open_with(pressure);

    (void)state;
    spot(d, 0, VG_SBP, 98);
    wait_until(d, 61 * M); /* lost */
    quick(d, 62 * M, VG_DO_ACKNOWLEDGE, "nurse:a", "PRESSURE", VG_RESULT_OK);
    d->heard[0] = '\0';
    spot(d, 63 * M, VG_SBP, 88);
    pressure_heard(d, "PRESSURE call nurse;");
    quick(d, 64 * M, VG_DO_ACKNOWLEDGE, "nurse:a", "PRESSURE", VG_RESULT_OK);
    spot(d, 65 * M, VG_SBP, 84);
    quick(d, 66 * M, VG_DO_ACKNOWLEDGE, "senior:b", "PRESSURE", VG_RESULT_OK);
    pressure_heard(d, "");
    spot(d, 67 * M, VG_SBP, 78);
    pressure_heard(d, "PRESSURE call nurse senior;");
    assert_int_equal(open_of(d, "PRESSURE")->claim_count, 0);
    assert_string_equal(d->ward.last.remark, "worse than when it was acknowledged");
    assert_int_equal(d->ward.last.event, VG_CLAIM_ENDED);
    desk_close(d);
    d = desk_open_with(rules);
    spot(d, 0, VG_HR, 105);
    quick(d, 1 * M, VG_DO_ACKNOWLEDGE, "nurse:a", "RATE", VG_RESULT_OK);
    d->heard[0] = '\0';
    spot(d, 2 * M, VG_HR, 111);
    heard(d, "RATE call nurse;");
    assert_int_equal(open_of(d, "RATE")->claim_count, 0);
    desk_close(d);
}

/* Whoever has it decides; off the ward it is called about at its release; a rule without a ladder is said
 * again. */
static void seen_and_not_theirs(void **state)
{
    static const char bare[] =
        "  - {id: PRESSURE, class: haemodynamic, severity: watch, realert: 1h, when: sbp "
        "< 100 mm[Hg], text: t, source: s}\n";
    struct desk *d = desk_open_with(pressure);

    (void)state;
    spot(d, 0, VG_SBP, 98);
    quick(d, 1 * M, VG_DO_ACKNOWLEDGE, "nurse:a", "PRESSURE", VG_RESULT_OK);
    spot(d, 2 * M, VG_SBP, 90);
    quick(d, 3 * M, VG_DO_ACCEPT, "senior:b", "PRESSURE", VG_RESULT_OK);
    d->heard[0] = '\0';
    spot(d, 4 * M, VG_SBP, 87);
    pressure_heard(d, "");
    assert_int_equal(open_of(d, "PRESSURE")->claim_count, 0);
    assert_int_equal(open_of(d, "PRESSURE")->offer, VG_ACCEPTED_STATE);
    desk_close(d);
    d = desk_open_with(pressure);
    spot(d, 0, VG_SBP, 98);
    quick(d, 1 * M, VG_DO_ACKNOWLEDGE, "nurse:a", "PRESSURE", VG_RESULT_OK);
    put_off_ward(d, 2 * M, "nurse:a", 5 * M);
    d->heard[0] = '\0';
    spot(d, 3 * M, VG_SBP, 85);
    pressure_heard(d, "");
    wait_until(d, 7 * M);
    pressure_heard(d, "PRESSURE call nurse;");
    desk_close(d);
    d = desk_open_with(bare);
    spot(d, 0, VG_SBP, 98);
    quick(d, 1 * M, VG_DO_ACKNOWLEDGE, "nurse:a", "PRESSURE", VG_RESULT_OK);
    spot(d, 2 * M, VG_SBP, 85);
    assert_false(open_of(d, "PRESSURE")->care.noticed);
    desk_close(d);
}

/* ---- The rule's own marks: each once, whoever has it */

static void each_mark_once(void **state)
{
    static const struct {
        int64_t hr;
        int calls;
    } rows[] = {{108, 0}, {111, 1}, {112, 0}, {109, 0}, {113, 0}, {116, 1}, {130, 0}};
    struct desk *d = desk_open_with(rules);

    (void)state;
    spot(d, 0, VG_HR, 105);
    assert_int_equal(calls(d, "RATE"), 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        spot(d, (int64_t)(i + 1) * 10 * S, VG_HR, rows[i].hr);
        if (calls(d, "RATE") != rows[i].calls) {
            fail_msg("row %zu", i);
        }
    }
    desk_close(d);
    d = desk_open_with(rules);
    spot(d, 0, VG_HR, 111); /* a mark that holds from the start is told with it */
    assert_int_equal(calls(d, "RATE"), 1);
    spot(d, 10 * S, VG_HR, 112);
    assert_int_equal(calls(d, "RATE"), 0);
    desk_close(d);
}

/* ---- Somebody acts */

static void what_is_charted_is_action(void **state)
{
    static const struct {
        enum vg_signal signal;
        const char *value, *remark;
    } rows[] = {{VG_MEDICATION, "paracetamol", "therapy charted"},
                {VG_CONSCIOUSNESS, "A", "assessment charted"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct desk *d = desk_open_with(rules);
        spot(d, 0, VG_HR, 105);
        quick(d, 1 * M, VG_DO_ACCEPT, "nurse:a", "RATE", VG_RESULT_OK);
        const uint32_t rev = open_of(d, "RATE")->rev;
        chart(d, 10 * M, rows[i].signal, rows[i].value);
        assert_int_equal(open_of(d, "RATE")->rev, rev + 1);
        assert_int_equal(d->ward.last.event, VG_NOTED);
        assert_string_equal(d->ward.last.remark, rows[i].remark);
        assert_int_equal(open_of(d, "RATE")->care.hold_until.ms,
                         WARD_START + 10 * M + 4 * H);
        desk_close(d);
    }
}

/* What has no ladder is said again after its time until somebody has seen it; what is only for
 * information is not. */
static void said_again_without_a_ladder(void **state)
{
    static const char again[] =
        "  - {id: AGAIN, class: lab, severity: watch, realert: 1h, when: hr > 100 /min, "
        "text: t, source: s}\n"
        "  - {id: ONCE, class: lab, severity: info, realert: 1h, when: hr > 100 /min, "
        "text: t, source: s}\n";
    struct desk *d = desk_open_with(again);

    (void)state;
    spot(d, 0, VG_HR, 110);
    d->ward.told[0] = '\0';
    wait_until(d, 60 * M - 1);
    assert_string_equal(d->ward.told, "");
    spot(d, 60 * M, VG_HR, 110);
    assert_string_equal(d->ward.told, "3600000 repeated AGAIN 0;");
    quick(d, 61 * M, VG_DO_ACKNOWLEDGE, ANNA, "AGAIN", VG_RESULT_OK);
    d->ward.told[0] = '\0';
    spot(d, 110 * M, VG_HR, 110);
    wait_until(d, 140 * M);
    assert_string_equal(d->ward.told, "");
    desk_close(d);
}

/* A trouble that rises calls by the ladder of its new severity. */
static void a_trouble_is_worth_watching(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    step(d, 0,
         (struct vg_event){
             .kind = VG_EVENT_NODE,
             .node = {"onc-7", "", VG_CERT_EXPIRING, true, NULL, VG_WATCH}});
    assert_int_equal(open_of(d, "CERT_EXPIRING")->severity, VG_WATCH);
    assert_string_equal(open_of(d, "CERT_EXPIRING")->ladder, "watch");
    heard(d, "CERT_EXPIRING call bedside-nurse;");
    step(d, 1 * S, /* a page of an alert that is not open says nothing of another */
         (struct vg_event){.kind = VG_EVENT_UNREACHABLE,
                           .unreachable = {"onc-7", "none", "page", "bedside-nurse"}});
    heard(d, "");
    assert_int_equal(open_of(d, "CERT_EXPIRING")->offer, VG_OFFERED_STATE);
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(news2_by_two),
        cmocka_unit_test(icans_by_grade),
        cmocka_unit_test(crs_by_grade),
        cmocka_unit_test(worse_than_was_seen),
        cmocka_unit_test(what_was_seen),
        cmocka_unit_test(seen_and_not_theirs),
        cmocka_unit_test(each_mark_once),
        cmocka_unit_test(what_is_charted_is_action),
        cmocka_unit_test(a_trouble_is_worth_watching),
        cmocka_unit_test(said_again_without_a_ladder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
