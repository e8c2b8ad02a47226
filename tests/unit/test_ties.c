/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose a reading is: after moves, discharges and late admissions, told late or in time. Generated
 * days: test_ties_days.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ward_moves.h"

#define S 1000
#define M (60 * S)

static const char rules[] =
    "  - id: FEVER\n    class: global\n    severity: urgent\n    when: temp >= 38.0 Cel\n"
    "    text: t\n    source: s\n"
    "  - id: SCORE\n    class: global\n    severity: urgent\n    when: news2.score >= 5\n"
    "    text: t\n    source: s\n";

#define SPOT VG_SOURCE_SPOT

static void temp(struct ward *w, int64_t now, const char *bed, const char *patient,
                 int64_t at, int64_t value)
{
    const struct ward_reading r = {bed, patient, at, VG_TEMP, value, SPOT};

    ward_feed(w, now, &r);
}

static void admit(struct ward *w, int64_t now, const char *bed, const char *patient,
                  int64_t at)
{
    ward_move(w, now,
              &(struct ward_move){VG_ADMIT, bed, patient, NULL, at, false, false});
}

static void transfer(struct ward *w, int64_t now, const char *bed, const char *to,
                     int64_t at, bool swap)
{
    ward_move(w, now, &(struct ward_move){VG_TRANSFER, bed, "", to, at, swap, false});
}

static void discharge(struct ward *w, int64_t now, const char *bed, int64_t at)
{
    ward_move(w, now,
              &(struct ward_move){VG_DISCHARGE, bed, "", NULL, at, false, false});
}

static bool refused(const struct ward *w)
{
    for (size_t i = 0; i < w->effects.count; i++) {
        if (w->effects.item[i].kind == VG_EFFECT_REFUSED) {
            return true;
        }
    }
    return false;
}

/* Whether the rule was told of as of this patient in this bed since last asked. */
static bool told(struct ward *w, const char *rule, const char *patient, const char *bed)
{
    const bool is = strstr(w->told, rule) != NULL &&
                    strcmp(w->last.patient, patient) == 0 &&
                    strcmp(w->last.bed, bed) == 0;

    w->told[0] = '\0';
    return is;
}

static const char *owner(const struct ward *w, const char *bed, int64_t at)
{
    const struct ward_reading r = {bed, "", at, VG_TEMP, 370, SPOT};
    struct vg_reading reading;
    struct vg_message message;

    ward_message(&r, &message, &reading);
    return vg_engine_owner(w->engine, &message, reading.measured).patient;
}

static void test_late_after_a_transfer(void **state)
{
    struct ward w;

    (void)state;
    ward_open(&w, rules);
    admit(&w, 0, "1", "p-a", 0);
    temp(&w, 10 * M, "1", "", 10 * M, 366);
    transfer(&w, 60 * M, "1", "2", 60 * M, false);
    admit(&w, 70 * M, "1", "p-b", 70 * M);
    temp(&w, 80 * M, "1", "", 59 * M, 390); /* p-a's, in bed 2 now */
    assert_true(told(&w, "FEVER", "p-a", "2"));
    temp(&w, 81 * M, "1", "p-a", 58 * M, 391);
    assert_false(refused(&w));
    temp(&w, 82 * M, "1", "p-b", 58 * M, 400); /* p-a lay there */
    assert_true(refused(&w));
    assert_true(told(&w, "IDENTITY_MISMATCH", "p-b", "1"));
    temp(&w, 83 * M, "1", "", 65 * M, 400); /* nobody lay there */
    assert_string_equal(w.told, "");
    assert_string_equal(owner(&w, "1", 0), "p-a");
    assert_string_equal(owner(&w, "1", 60 * M - 1), "p-a");
    assert_string_equal(owner(&w, "1", 60 * M), "");
    assert_string_equal(owner(&w, "1", 70 * M - 1), "");
    assert_string_equal(owner(&w, "1", 70 * M), "p-b");
    assert_string_equal(owner(&w, "2", 60 * M - 1), "");
    assert_string_equal(owner(&w, "2", 60 * M), "p-a");
    ward_close(&w);
}

static void test_late_after_a_discharge(void **state)
{
    struct ward w;

    (void)state;
    ward_open(&w, rules);
    admit(&w, 0, "1", "p-a", 0);
    discharge(&w, 30 * M, "1", 30 * M);
    temp(&w, 31 * M, "1", "", 29 * M, 400); /* theirs, and they are gone */
    assert_string_equal(w.told, "");
    assert_string_equal(owner(&w, "1", 29 * M), "p-a");
    assert_int_equal(vg_engine_counts(w.engine).beds,
                     0);                    /* nothing is watched for it */
    temp(&w, 32 * M, "1", "", 32 * M, 391); /* somebody lies there */
    assert_true(told(&w, "FEVER", "", "1"));
    ward_close(&w);
}

static void test_a_swap_needs_saying(void **state)
{
    struct ward w;

    (void)state;
    ward_open(&w, rules);
    admit(&w, 0, "1", "p-a", 0);
    admit(&w, 0, "2", "p-b", 0);
    temp(&w, M, "2", "", M, 391);
    assert_true(told(&w, "FEVER", "p-b", "2"));
    transfer(&w, 10 * M, "1", "2", 10 * M, false);
    assert_true(refused(&w));
    assert_string_equal(owner(&w, "1", 11 * M), "p-a");
    transfer(&w, 12 * M, "1", "2", 12 * M, true);
    assert_false(refused(&w));
    assert_string_equal(owner(&w, "1", 12 * M), "p-b");
    assert_string_equal(owner(&w, "2", 12 * M), "p-a");
    assert_string_equal(owner(&w, "2", 11 * M), "p-b");
    assert_true(told(&w, "FEVER", "p-b", "1")); /* goes with its patient */
    ward_close(&w);
}

static void test_a_late_admission(void **state)
{
    struct ward w;
    struct vg_assessed is;

    (void)state;
    ward_open(&w, rules);
    temp(&w, 0, "1", "", 0, 395); /* whoever lay there before */
    assert_true(told(&w, "FEVER", "", "1"));
    temp(&w, 2 * M, "1", "", 2 * M, 385);
    admit(&w, 10 * M, "1", "p-a", M);
    assert_true(told(&w, "noted FEVER", "p-a", "1"));
    assert_true(vg_engine_assess_bed(w.engine, "onc-7", "1", &is));
    assert_int_equal(is.now.news2.part[VG_NEWS2_TEMP], 1); /* 38.5, not 39.5 */
    temp(&w, 11 * M, "1", "p-x", 11 * M, 400);
    assert_true(refused(&w));
    ward_close(&w);
}

/* Messages named somebody: what the empty bed took is not the next patient's. */
static void test_an_admission_to_the_bed_of_another(void **state)
{
    struct ward w;
    struct vg_assessed is;

    (void)state;
    ward_open(&w, rules);
    temp(&w, 0, "1", "p-x", 0, 395);
    assert_true(told(&w, "FEVER", "", "1"));
    admit(&w, 10 * M, "1", "p-a", 0);
    assert_non_null(strstr(w.told, "ended FEVER"));
    assert_true(vg_engine_assess_bed(w.engine, "onc-7", "1", &is));
    assert_int_equal(is.now.news2.part[VG_NEWS2_TEMP], VG_GRADE_NULL);
    ward_close(&w);
}

static void test_at_home_and_in_the_house(void **state)
{
    struct ward w;
    const struct ward_move home = {VG_ADMIT, "1", "p-a", NULL, 0, false, true};
    const struct ward_move again = {VG_ADMIT, "3", "p-a", NULL, 0, false, true};

    (void)state;
    ward_open(&w, rules);
    ward_move(&w, 0, &home);
    admit(&w, M, "2", "p-a", M);
    assert_false(refused(&w));
    temp(&w, 2 * M, "1", "", 2 * M, 391);
    assert_true(told(&w, "FEVER", "p-a", "1"));
    temp(&w, 3 * M, "2", "", 3 * M, 391);
    assert_true(told(&w, "FEVER", "p-a", "2"));
    ward_move(&w, 4 * M, &again);
    assert_true(refused(&w));
    admit(&w, 5 * M, "3", "p-a", 5 * M);
    assert_true(refused(&w));
    ward_close(&w);
}

/* One message with instants of two patients: each gets theirs. */
static void test_a_message_of_two(void **state)
{
    struct ward w;
    struct vg_reading reading[2];
    struct vg_message message;
    const struct ward_reading r = {"1", "", 69 * M, VG_TEMP, 391, SPOT};

    (void)state;
    ward_open(&w, rules);
    admit(&w, 0, "1", "p-a", 0);
    transfer(&w, 60 * M, "1", "2", 60 * M, false);
    admit(&w, 60 * M, "1", "p-b", 60 * M);
    ward_message(&r, &message, &reading[0]);
    reading[1] = reading[0];
    reading[0].measured.ms = WARD_START + 59 * M;
    message.reading_count = 2;
    w.now = 70 * M;
    ward_step(&w, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
    unsigned of_a = 0;
    unsigned of_b = 0;
    for (size_t i = 0; i < w.effects.count; i++) {
        const struct vg_effect *e = &w.effects.item[i];
        if (e->kind == VG_EFFECT_ALERT) {
            of_a += strcmp(e->alert->patient, "p-a") == 0;
            of_b += strcmp(e->alert->patient, "p-b") == 0;
        }
    }
    assert_int_equal(of_a, 1);
    assert_int_equal(of_b, 1);
    ward_close(&w);
}

/* A value that nobody has seen yet, of a signal of which nothing newer is known, is live up to 8 h
 * late (Clinical reference 0.3), also when the bed was asked about later times meanwhile. */
static void test_late_and_still_the_newest(void **state)
{
    static const char two[] =
        "  - id: FAST\n    class: global\n    severity: urgent\n    when: hr > 150 /min\n"
        "    text: t\n    source: s\n"
        "  - id: QUIET\n    class: global\n    severity: watch\n    when: no temp for 90m\n"
        "    text: t\n    source: s\n";
    const struct ward_reading slow = {"1", "", 0, VG_HR, 80, SPOT};
    const struct ward_reading fast = {"1", "", 20 * M, VG_HR, 180, SPOT};
    struct ward w;

    (void)state;
    ward_open(&w, two);
    admit(&w, 0, "1", "p-a", 0);
    ward_feed(&w, 0, &slow);
    ward_wait(&w, 200 * M);
    assert_true(told(&w, "QUIET", "p-a", "1"));
    ward_feed(&w, 201 * M, &fast);
    assert_true(strstr(w.told, "raised FAST") != NULL);
    ward_close(&w);
}

/* Word of a stay that has ended, told again by a gateway, brings nobody back, and an old
 * discharge takes nobody away. */
static void test_told_again_when_it_is_over(void **state)
{
    struct ward w;

    (void)state;
    ward_open(&w, rules);
    admit(&w, 0, "1", "p-a", 0);
    discharge(&w, 60 * M, "1", 60 * M);
    admit(&w, 70 * M, "1", "p-a", 0);
    assert_true(refused(&w));
    assert_string_equal(owner(&w, "1", 71 * M), "");
    admit(&w, 80 * M, "1", "p-a", 80 * M); /* they came back */
    assert_false(refused(&w));
    assert_string_equal(owner(&w, "1", 81 * M), "p-a");
    discharge(&w, 90 * M, "1", 60 * M);
    assert_true(refused(&w));
    assert_string_equal(owner(&w, "1", 91 * M), "p-a");
    admit(&w, 95 * M, "2", "p-a", 0); /* another bed, but that stay was not there */
    assert_true(refused(&w));
    assert_string_equal(owner(&w, "2", 96 * M), "");
    ward_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_after_a_transfer),
        cmocka_unit_test(test_late_after_a_discharge),
        cmocka_unit_test(test_a_swap_needs_saying),
        cmocka_unit_test(test_a_late_admission),
        cmocka_unit_test(test_an_admission_to_the_bed_of_another),
        cmocka_unit_test(test_at_home_and_in_the_house),
        cmocka_unit_test(test_a_message_of_two),
        cmocka_unit_test(test_late_and_still_the_newest),
        cmocka_unit_test(test_told_again_when_it_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
