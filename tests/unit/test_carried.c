/* SPDX-License-Identifier: Apache-2.0
 *
 * What a stay carries over a restart (vigil/carried.h): an engine that read one day of vital signs back says of what is
 * older what the one says that was never killed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/days.h"

#define RULE(id, when)                                                         \
    "  - id: " id "\n    class: global\n    severity: urgent\n    when: " when \
    "\n    text: t\n    source: s\n"

static const char rules[] = RULE("LOWER", "sbp < 0.7 * baseline(sbp)")
    RULE("SUPPORTED", "crs.grade == 2") RULE("MOST", "crs.max_grade >= 2")
        RULE("FEVERISH", "fever.confirmed") RULE("LONG", "fever.three_days")
            RULE("NEUTROPENIC", "fn.page") RULE("SUPPORT", "crs.support_rise")
                RULE("SCORE", "news2.page_5") RULE("SINGLE", "news2.single_3");

/* Three days: 140 over the day before, fever from 10 h to 20 h after the infusion, with tocilizumab; then nothing but
 * pressures. On the last day oxygen, and a pressure that is low for this patient alone. */
static void fill(struct days *days)
{
    memset(days, 0, sizeof *days);
    for (int64_t h = 1; h < END / HOUR; h++) {
        const bool feverish = h >= 34 && h <= 44;
        const int64_t sbp = h == 100 || h == 120 ? 92 : h < 24 ? 140 : 128;
        days_add(days, (struct days_thing){h * HOUR, VG_SBP, sbp, NULL, false, 0});
        days_add(days, (struct days_thing){h * HOUR + 60000, VG_TEMP,
                                           feverish ? 386 : 368, NULL, false, 0});
    }
    days_add(days, (struct days_thing){T0, VG_INFUSION, 0, "start", false, 0});
    days_add(days, (struct days_thing){T0 + HOUR, VG_INFUSION, 0, "end", false, 0});
    days_add(days, (struct days_thing){36 * HOUR + 1000, VG_MEDICATION, 0,
                                       "tocilizumab", false, 0});
    days_add(days, (struct days_thing){90 * HOUR + 1000, VG_O2_DEVICE, 0,
                                       "nasal_cannula", false, 0});
    days_add(days, (struct days_thing){96 * HOUR + 1000, VG_O2_DEVICE, 0, "room_air",
                                       false, 0});
}

static void test_killed_at_any_hour(void **state)
{
    static struct days days;
    static char told[TOLD];

    (void)state;
    for (int64_t hour = 2; hour < END / HOUR - 1; hour += 3) {
        fill(&days);
        days_kill_at(rules, &days, hour, told);
        if (hour == 2) { /* there is something to lose */
            assert_non_null(strstr(told, "raised LOWER 360000000;"));
            assert_non_null(strstr(told, "raised LOWER 432000000;"));
            assert_non_null(strstr(told, "raised SUPPORTED"));
        }
    }
}

/* A physician closes the episode after the restart, for a time before it; and takes that back. */
static void test_closed_for_an_earlier_time(void **state)
{
    static struct days days;
    static char told[TOLD];
    const struct days_thing oxygen = {60 * HOUR,       VG_O2_DEVICE, 0,
                                      "nasal_cannula", false,        0};
    const struct days_thing closed = {63 * HOUR,    VG_FLAG, 0,
                                      "crs_closed", false,   50 * HOUR};
    const struct days_thing opened = {92 * HOUR, VG_FLAG, 0, "crs_closed", true, 0};

    (void)state;
    fill(&days);
    days_add(&days, oxygen);
    days_add(&days, closed);
    days_kill_at(rules, &days, 62, told);
    assert_non_null(strstr(told, "226800000 ended SUPPORTED")); /* at 63 h */
    assert_null(strstr(told, "raised SUPPORTED"));
    days_add(&days, opened);
    days_kill_at(rules, &days, 62, told);
    assert_non_null(strstr(told, "331200000 raised SUPPORTED")); /* at 92 h */
}

/* ---- What goes on for longer than is read back */

/* Pressures each other hour and all else of a score but the respiratory rate; temperatures from one hour to another. */
static void fill_quiet(struct days *days, int64_t from, int64_t to, int64_t temp)
{
    memset(days, 0, sizeof *days);
    for (int64_t h = 1; h < END / HOUR; h += 2) {
        days_add(days, (struct days_thing){h * HOUR, VG_SBP, 125, NULL, false, 0});
    }
    for (int64_t h = from; h < to; h++) {
        days_add(days,
                 (struct days_thing){h * HOUR + 60000, VG_TEMP, temp, NULL, false, 0});
    }
    days_add(days, (struct days_thing){T0, VG_INFUSION, 0, "start", false, 0});
}

static void each_kill(struct days *days, int64_t from, char told[TOLD])
{
    static struct days again;

    for (int64_t hour = from; hour < END / HOUR - 1; hour += 4) {
        again = *days;
        days_kill_at(rules, &again, hour, told);
    }
}

/* A monitor by the minute, in fever: the disk is not written for each. */
static void test_told_seldom(void **state)
{
    static struct days days;
    static struct ward w;

    (void)state;
    fill_quiet(&days, 30, 30, 0);
    for (int64_t m = 0; m < 600; m++) {
        days_add(&days, (struct days_thing){50 * HOUR + m * 60000, VG_TEMP, 386, NULL,
                                            false, 0});
    }
    ward_open(&w, rules);
    ward_admit(&w, 0, "p-1");
    for (size_t i = 0; i < days.count && days.thing[i].at < 60 * HOUR; i++) {
        if (days.thing[i].at == 50 * HOUR) {
            days.told = 0;
        }
        days_live(&w, &days, i);
    }
    assert_in_range(days.told, 60, 80);
    ward_close(&w);
}

/* Fever of four days in neutropenia that was treated on the first: nobody is called for it anew. */
static void test_fever_that_is_treated(void **state)
{
    static struct days days;
    static char told[TOLD];

    (void)state;
    fill_quiet(&days, 26, 122, 386);
    days_add(&days, (struct days_thing){28 * HOUR + 1000, VG_MEDICATION, 0,
                                        "antibiotic", false, 0});
    each_kill(&days, 57, told);
    assert_null(strstr(told, "raised NEUTROPENIC"));
}

static void test_fever_of_three_days(void **state)
{
    static struct days days;
    static char told[TOLD];

    (void)state;
    fill_quiet(&days, 26, 122, 386);
    days_kill_at(rules, &days, 70, told);
    assert_non_null(strstr(told, "raised LONG"));
}

/* What a grade went with is no rise when the grade is over. */
static void test_support_that_was_graded(void **state)
{
    static struct days days;
    static char told[TOLD];

    (void)state;
    fill_quiet(&days, 30, 44, 386);
    days_add(&days, (struct days_thing){40 * HOUR + 1000, VG_O2_DEVICE, 0,
                                        "nasal_cannula", false, 0});
    each_kill(&days, 72, told);
    assert_null(strstr(told, "SUPPORT "));
}

/* A page of the score, of which too little was measured since. */
static void test_score_that_nothing_ended(void **state)
{
    static struct days days;
    static char told[TOLD];

    (void)state;
    fill_quiet(&days, 30, 31, 386);
    days_add(&days, (struct days_thing){30 * HOUR + 60000, VG_HR, 135, NULL, false, 0});
    days_add(&days, (struct days_thing){30 * HOUR + 60000, VG_SBP, 95, NULL, false, 0});
    for (int64_t h = 31; h < END / HOUR; h++) {
        days_add(&days, (struct days_thing){h * HOUR, VG_HR, 80, NULL, false, 0});
        days_add(&days, (struct days_thing){h * HOUR, VG_TEMP, 368, NULL, false, 0});
    }
    days_kill_at(rules, &days, 28, told);
    assert_non_null(strstr(told, "raised SCORE"));
    each_kill(&days, 34, told);
    assert_null(strstr(told, "ended SCORE"));
}

/* Of what was charted alone another page comes out than with the readings beside it: nobody was ever called for that. */
static void test_score_of_what_was_charted(void **state)
{
    static const struct days_thing things[] = {
        {30 * HOUR, VG_SBP, 105, NULL, false, 0},
        {30 * HOUR, VG_HR, 115, NULL, false, 0},
        {30 * HOUR + 1000, VG_CONSCIOUSNESS, 0, "V", false, 0},
        {30 * HOUR + 60000, VG_CONSCIOUSNESS, 0, "A", false, 0}};
    static struct days days;
    static char told[TOLD];

    (void)state;
    fill_quiet(&days, 40, 40, 0);
    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        days_add(&days, things[i]);
    }
    days_kill_at(rules, &days, 28, told);
    assert_null(strstr(told, "SINGLE"));
    each_kill(&days, 34, told);
}

/* Nor does a restart end a fever after which nobody measured. */
static void test_fever_that_nobody_measured_since(void **state)
{
    static struct days days;
    static char told[TOLD];
    const struct days_thing cool = {121 * HOUR, VG_TEMP, 368, NULL, false, 0};

    (void)state;
    fill_quiet(&days, 30, 33, 386);
    days_add(&days, cool);
    each_kill(&days, 64, told);
}

/* Closed, killed, and only then taken back; an episode of the very instant of the closing is another one. */
static void test_closed_before_the_kill(void **state)
{
    static struct days days;
    static char told[TOLD];
    const int64_t last = 44 * HOUR + 60000; /* of the fever */

    (void)state;
    fill(&days);
    days_add(&days, (struct days_thing){46 * HOUR, VG_FLAG, 0, "crs_closed", false, 0});
    days_add(&days, (struct days_thing){92 * HOUR, VG_FLAG, 0, "crs_closed", true, 0});
    days_kill_at(rules, &days, 75, told);
    assert_non_null(strstr(told, "331200000 raised SUPPORTED"));
    fill(&days);
    days_add(&days, (struct days_thing){last, VG_FLAG, 0, "crs_closed", false, 0});
    days_add(&days,
             (struct days_thing){45 * HOUR, VG_MEDICATION, 0, "tocilizumab", false, 0});
    days_kill_at(rules, &days, 75, told);
    assert_non_null(strstr(told, "raised SUPPORTED"));
}

/* An infusion that was at another time has other baselines. */
static void test_another_infusion(void **state)
{
    static struct days days;
    static struct ward w;
    struct vg_carried carried = {.at = {WARD_START + 40 * HOUR},
                                 .time = {[VG_CARRIED_FROZEN] = {WARD_START + T0 - 1}},
                                 .number = {[VG_CARRIED_SBP] = 180}};

    (void)state;
    for (int same = 0; same < 2; same++) {
        fill(&days);
        ward_open(&w, rules);
        ward_admit(&w, 0, "p-1");
        days_live(&w, &days, 0);
        for (size_t i = 0; days.told == 0; i++) {
            days_live(&w, &days, i);
        }
        ward_close(&w);
        ward_open(&w, rules);
        vg_engine_restore_begin(w.engine);
        carried.time[VG_CARRIED_FROZEN].ms = WARD_START + T0 - !same;
        ward_step(&w, (struct vg_event){.kind = VG_EVENT_CARRIED,
                                        .carried = {days.episode, &carried}});
        ward_admit(&w, 0, "p-1");
        for (size_t i = 0; days.thing[i].at < 40 * HOUR; i++) {
            days_live(&w, &days, i);
        }
        assert_int_equal(
            vg_engine_restore_end(w.engine, (struct vg_instant){WARD_START + 40 * HOUR},
                                  &w.effects),
            VG_OK);
        ward_read(&w, 40 * HOUR, VG_SBP, 110, VG_SOURCE_SPOT);
        assert_int_equal(strstr(w.told, "raised LOWER") != NULL, same);
        ward_close(&w);
    }
}

/* Of an infusion that is taken back after the restart nothing goes on: the fever was no CRS. */
static void test_taken_back(void **state)
{
    static struct days days;
    static char told[TOLD];
    const struct days_thing back = {63 * HOUR, VG_INFUSION, 0, "start", true, T0};

    (void)state;
    fill(&days);
    days_kill_at(rules, &days, 62, told);
    assert_non_null(strstr(told, "raised SUPPORTED"));
    days_add(&days, back);
    days_kill_at(rules, &days, 62, told);
    assert_null(strstr(told, "raised SUPPORTED"));
}

/* Nor has another patient in the same bed. */
static void test_another_patient(void **state)
{
    static struct days days;
    static struct ward w;

    (void)state;
    fill(&days);
    ward_open(&w, rules);
    ward_admit(&w, 0, "p-1");
    for (size_t i = 0; days.thing[i].at < 40 * HOUR; i++) {
        days_live(&w, &days, i);
    }
    assert_true(days.carried.number[VG_CARRIED_SBP] == 140);
    ward_discharge(&w, 40 * HOUR, "p-1");
    ward_admit(&w, 41 * HOUR, "p-2");
    w.told[0] = '\0';
    ward_read(&w, 41 * HOUR, VG_SBP, 92, VG_SOURCE_SPOT);
    assert_null(strstr(w.told, "raised LOWER"));
    ward_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_at_any_hour),
        cmocka_unit_test(test_told_seldom),
        cmocka_unit_test(test_closed_for_an_earlier_time),
        cmocka_unit_test(test_fever_that_is_treated),
        cmocka_unit_test(test_fever_of_three_days),
        cmocka_unit_test(test_support_that_was_graded),
        cmocka_unit_test(test_score_that_nothing_ended),
        cmocka_unit_test(test_score_of_what_was_charted),
        cmocka_unit_test(test_fever_that_nobody_measured_since),
        cmocka_unit_test(test_closed_before_the_kill),
        cmocka_unit_test(test_another_infusion),
        cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_another_patient),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
