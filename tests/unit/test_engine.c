/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine from outside: what is told, when, under which onset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ward.h"

#define S 1000
#define M (60 * S)

#define RULE(id, when, rest)                                                        \
    "  - id: " id                                                                   \
    "\n    class: fever_infection\n    severity: urgent\n    when: " when "\n" rest \
    "    text: t\n    source: test\n"

static void tells(const char *rules, void (*act)(struct ward *), const char *expected)
{
    struct ward ward;

    ward_open(&ward, rules);
    act(&ward);
    assert_string_equal(ward.told, expected);
    ward_close(&ward);
}

static void spot(struct ward *w, int64_t at, int64_t tenths)
{
    ward_read(w, at, VG_TEMP, tenths, VG_SOURCE_SPOT);
}

static void monitor(struct ward *w, int64_t at, int64_t tenths)
{
    ward_read(w, at, VG_TEMP, tenths, VG_SOURCE_CONTINUOUS);
}

/* ---- Life of a rule */

static void up_and_down(struct ward *w)
{
    spot(w, 0, 379);
    spot(w, 10 * M, 380);
    spot(w, 20 * M, 385);
    spot(w, 30 * M, 379);
}

static void test_raised_and_ended(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", ""), up_and_down,
          "600000 raised FEVER 600000;1800000 ended FEVER 600000;");
}

static void held(struct ward *w)
{
    for (int64_t t = 0; t <= 90 * S; t += 20 * S) {
        monitor(w, t, 380);
    }
}

static void test_hold_ends_at_its_own_instant(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", "    hold: 70s\n"), held,
          "70000 raised FEVER 0;");
}

static void one_then_silence(struct ward *w)
{
    monitor(w, 0, 380);
    ward_wait(w, 20 * M);
}

static void test_hold_needs_more_than_its_first_reading(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", "    hold: 70s\n"), one_then_silence, "");
}

static void gap_in_hold(struct ward *w)
{
    monitor(w, 0, 380);
    monitor(w, 11 * M, 380); /* more than the 600 s that a run allows */
    monitor(w, 12 * M, 380);
    monitor(w, 13 * M, 380);
}

static void test_gap_breaks_a_hold(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", "    hold: 2m\n"), gap_in_hold,
          "780000 raised FEVER 660000;");
}

static void clear_span(struct ward *w)
{
    spot(w, 0, 385);
    spot(w, 10 * M, 375);
    spot(w, 20 * M, 385);
    spot(w, 30 * M, 375);
    ward_wait(w, 65 * M); /* time alone ends nothing */
    spot(w, 70 * M, 375);
}

static void test_clear_needs_evidence(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", "    clear: temp <= 37.7 Cel for 30m\n"),
          clear_span,
          "0 raised FEVER 0;600000 clearing FEVER 0;1200000 relapsed FEVER 0;"
          "1800000 clearing FEVER 0;4200000 ended FEVER 0;");
}

static void band(struct ward *w)
{
    spot(w, 0, 385);
    spot(w, 10 * M, 378);
    spot(w, 20 * M, 377);
}

static void test_band_neither_starts_nor_ends(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", "    clear: temp <= 37.7 Cel\n"), band,
          "0 raised FEVER 0;1200000 ended FEVER 0;");
}

static void silence(struct ward *w)
{
    spot(w, 0, 385);
    ward_wait(w, 24 * 60 * M);
    spot(w, 24 * 60 * M + 1, 385);
}

static void test_unknown_never_ends(void **state)
{
    (void)state;
    /* The value speaks for 60 min, both ends included. */
    tells(RULE("FEVER", "temp >= 38.0 Cel", ""), silence,
          "0 raised FEVER 0;3600001 data_lost FEVER 0;86400001 data_back FEVER 0;");
}

static void counted(struct ward *w)
{
    ward_read(w, 0, VG_SBP, 89, VG_SOURCE_CUFF);
    ward_read(w, 5 * M, VG_SBP, 95, VG_SOURCE_CUFF);
    ward_read(w, 10 * M, VG_SBP, 88, VG_SOURCE_CUFF);
}

static void test_two_of_three_readings(void **state)
{
    (void)state;
    tells(RULE("LOW", "sbp < 90 mm[Hg] in 2 of last 3 readings", ""), counted,
          "600000 raised LOW 0;");
}

static void leaves(struct ward *w)
{
    spot(w, 0, 390);
    spot(w, 1 * M, 370);
    ward_wait(w, 30 * M);
}

static void test_reading_leaves_its_window(void **state)
{
    (void)state;
    tells(RULE("FEVER", "max(temp, 10m) >= 39.0 Cel", ""), leaves,
          "0 raised FEVER 0;600001 ended FEVER 0;");
}

static void overdue(struct ward *w)
{
    spot(w, 0, 370);
    ward_wait(w, 5 * 60 * M);
    spot(w, 5 * 60 * M + 1, 370);
}

static void test_absence_is_a_condition(void **state)
{
    (void)state;
    tells(RULE("SILENT", "no temp for 4h", ""), overdue,
          "14400001 raised SILENT 14400001;18000001 ended SILENT 14400001;");
}

/* ---- Late, doubled, corrected */

static void late_fever(struct ward *w)
{
    spot(w, 60 * M, 370);
    ward_read_late(w, 61 * M, 50 * M, VG_TEMP, 386, VG_SOURCE_SPOT);
}

static void test_late_reading_is_told_as_late(void **state)
{
    struct ward w;

    (void)state;
    ward_open(&w, RULE("FEVER", "temp >= 38.0 Cel", ""));
    late_fever(&w);
    assert_string_equal(w.told,
                        "3660000 raised FEVER 3000000;3660000 ended FEVER 3000000;");
    assert_true(w.last.late);
    assert_int_equal(w.last.severity,
                     VG_URGENT); /* 11 min: not late enough to only inform */
    ward_close(&w);
}

static void corrected(struct ward *w)
{
    spot(w, 0, 386);
    spot(w, 0, 386); /* the same again */
    spot(w, 0, 366); /* corrected: the later arrival wins */
}

static void test_duplicate_and_correction(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", ""), corrected,
          "0 raised FEVER 0;0 ended FEVER 0;");
}

static void late_low(struct ward *w)
{
    ward_read(w, 5 * M, VG_SBP, 85, VG_SOURCE_CUFF);
    ward_read_late(w, 6 * M, 0, VG_SBP, 84, VG_SOURCE_CUFF);
}

static void test_late_reading_counts_where_it_belongs(void **state)
{
    (void)state;
    tells(RULE("LOW", "sbp < 90 mm[Hg] in 2 of last 2 readings", ""), late_low,
          "360000 raised LOW 0;");
}

static void late_break(struct ward *w)
{
    for (int64_t t = 0; t <= 9 * M; t += M) {
        monitor(w, t, 385);
    }
    ward_read_late(w, 9 * M + S, 5 * M + 30 * S, VG_TEMP, 370, VG_SOURCE_CONTINUOUS);
    for (int64_t t = 10 * M; t <= 17 * M; t += M) {
        monitor(w, t, 385);
    }
}

static void test_late_reading_breaks_a_hold(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", "    hold: 10m\n"), late_break,
          "960000 raised FEVER 360000;");
}

/* The last reading came late, as behind a restart; the next one at once. The hold was over in
 * between, and what it waited for the feed must not pass it over. */
static void lag_shrinks(struct ward *w)
{
    monitor(w, 0, 385);
    monitor(w, 20 * S, 385);
    ward_read_late(w, 44 * S, 40 * S, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
    monitor(w, 61 * S, 370);
}

static void test_a_late_feed_passes_no_hold_over(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", "    hold: 60s\n"), lag_shrinks,
          "61000 raised FEVER 0;61000 ended FEVER 0;");
}

static void nothing_ever(struct ward *w)
{
    ward_admit(w, 0, "p-1");
    ward_wait(w, 5 * 60 * M);
}

static void test_never_measured_is_missing(void **state)
{
    (void)state;
    tells(RULE("SILENT", "no temp for 4h", ""), nothing_ever,
          "14400001 raised SILENT 14400001;");
    tells(RULE("SILENT", "no temp for 4h", "    hold: 30m\n"), nothing_ever,
          "16200001 raised SILENT 14400001;");
}

static void before_the_stay(struct ward *w)
{
    ward_admit(w, 10 * M, "p-2");
    ward_read_late(w, 11 * M, 5 * M, VG_TEMP, 395, VG_SOURCE_SPOT);
    ward_discharge(w, 12 * M, ""); /* whoever lies there */
    spot(w, 13 * M, 395);
}

static void test_reading_of_an_earlier_stay_is_not_theirs(void **state)
{
    struct ward w;

    (void)state;
    ward_open(&w, RULE("FEVER", "temp >= 38.0 Cel", ""));
    before_the_stay(&w);
    assert_string_equal(w.told, "780000 raised FEVER 780000;");
    assert_string_equal(w.last.patient, "");
    ward_close(&w);
}

/* ---- Guards */

static void apnoea(struct ward *w)
{
    for (int64_t t = 0; t <= 20 * S; t += 5 * S) {
        ward_read(w, t, VG_RR, 0, VG_SOURCE_CONTINUOUS);
    }
    ward_read(w, 25 * S, VG_RR, 12, VG_SOURCE_CONTINUOUS);
    ward_read(w, 320 * S, VG_RR, 12, VG_SOURCE_CONTINUOUS);
}

static void test_refused_value_still_calls_somebody(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", ""), apnoea,
          "0 raised OUT_OF_RANGE 0;15000 raised CHECK_PATIENT 0;"
          "25000 ended CHECK_PATIENT 0;320000 ended OUT_OF_RANGE 0;");
}

static void future(struct ward *w)
{
    ward_read_late(w, 0, 61 * S, VG_TEMP, 385, VG_SOURCE_SPOT);
    ward_read_late(w, 10 * M, 10 * M + 60 * S, VG_TEMP, 385, VG_SOURCE_SPOT);
}

static void test_future_time_is_judged_on_arrival(void **state)
{
    (void)state;
    tells(RULE("FEVER", "temp >= 38.0 Cel", ""), future,
          "0 raised CLOCK_FUTURE 0;0 raised FEVER 0;600000 ended CLOCK_FUTURE 0;");
}

static void stay_ends(struct ward *w)
{
    ward_admit(w, 0, "p-1");
    spot(w, 1 * M, 385);
    ward_discharge(w, 2 * M, "p-1");
    spot(w, 3 * M, 385);
}

static void test_discharge_ends_alerts(void **state)
{
    (void)state;
    tells(
        RULE("FEVER", "temp >= 38.0 Cel", "    latch: yes\n"), stay_ends,
        "60000 raised FEVER 60000;120000 ended FEVER 60000;180000 raised FEVER 180000;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raised_and_ended),
        cmocka_unit_test(test_hold_ends_at_its_own_instant),
        cmocka_unit_test(test_hold_needs_more_than_its_first_reading),
        cmocka_unit_test(test_gap_breaks_a_hold),
        cmocka_unit_test(test_clear_needs_evidence),
        cmocka_unit_test(test_band_neither_starts_nor_ends),
        cmocka_unit_test(test_unknown_never_ends),
        cmocka_unit_test(test_two_of_three_readings),
        cmocka_unit_test(test_reading_leaves_its_window),
        cmocka_unit_test(test_absence_is_a_condition),
        cmocka_unit_test(test_late_reading_is_told_as_late),
        cmocka_unit_test(test_duplicate_and_correction),
        cmocka_unit_test(test_late_reading_counts_where_it_belongs),
        cmocka_unit_test(test_late_reading_breaks_a_hold),
        cmocka_unit_test(test_a_late_feed_passes_no_hold_over),
        cmocka_unit_test(test_never_measured_is_missing),
        cmocka_unit_test(test_reading_of_an_earlier_stay_is_not_theirs),
        cmocka_unit_test(test_refused_value_still_calls_somebody),
        cmocka_unit_test(test_future_time_is_judged_on_arrival),
        cmocka_unit_test(test_discharge_ends_alerts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
