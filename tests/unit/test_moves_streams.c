/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams of which only stretches, sums and extremes are left change hands with the patient. See
 * test_moves.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"
#include "lib/ward_moves.h"

/* ---- Streams that are kept by stretches change hands as well */

static void stream(struct desk *d, int64_t from, int64_t to, int64_t hr)
{
    for (int64_t at = from; at < to; at += 5 * S) {
        ward_read(&d->ward, at, VG_HR, hr, VG_SOURCE_CONTINUOUS);
    }
    d->ward.told[0] = '\0';
}

static enum vg_truth extreme(const struct desk *d, const char *bed)
{
    struct vg_assessed assessed;

    assert_true(vg_engine_assess_bed(d->ward.engine, "onc-7", bed, &assessed));
    assert_true(assessed.known);
    return assessed.now.extreme.vital.truth;
}

/* Told half an hour late that P1 was moved away: the fast pulse since then is of whoever lies
 * there. */
static void a_stream_of_who_lies_there_now(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    stream(d, 0, 10 * M, 80);
    stream(d, 10 * M, 45 * M, 160);
    assert_int_equal(extreme(d, "12"), VG_TRUE);
    ward_move(&d->ward, 45 * M,
              &(struct ward_move){VG_TRANSFER, "12", "P1", "14", 10 * M, false, false});
    assert_int_not_equal(extreme(d, "14"), VG_TRUE);
    assert_int_equal(extreme(d, "12"), VG_TRUE);
    desk_close(d);
}

/* Of what is kept for long by sums and extremes as well: a mean over two hours is of one patient. */
static void a_mean_of_one_patient(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: MEAN, class: lab, severity: info, when: \"avg(hr, 2h) > 100 /min\", text: "
        "t, source: s}\n"
        "  - {id: PEAK, class: lab, severity: info, when: \"max(hr, 2h) > 150 /min\", text: "
        "t, source: s}\n");

    (void)state;
    stream(d, 0, 15 * M, 80); /* and on, as P1 is moved at 10 min */
    stream(d, 15 * M, 60 * M, 160);
    assert_string_equal(open_of(d, "MEAN")->patient, "P1");
    ward_move(&d->ward, 60 * M,
              &(struct ward_move){VG_TRANSFER, "12", "P1", "14", 10 * M, false, false});
    spot(d, 61 * M, VG_HR, 160);
    assert_string_equal(open_of(d, "MEAN")->patient, "");
    /* the extremes that were covered are not known any more, which ends nothing (core/sift.h) */
    const struct vg_alert *peak = open_of(d, "PEAK");
    assert_true(peak->patient[0] == '\0' || peak->condition == VG_CONDITION_UNKNOWN);
    desk_close(d);
}

/* Told late that P2 came: the fast pulse before that was not theirs. */
static void a_stream_of_who_lay_there_before(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: R, class: lab, severity: info, when: news2.score >= 20, text: t, source: "
        "s}\n");

    (void)state;
    ward_discharge(&d->ward, 0, "P1");
    stream(d, 1 * M, 28 * M, 160);
    stream(d, 28 * M, 45 * M, 160);
    struct vg_admission a = admission(VG_ADMIT, 44 * M);
    (void)vg_copy(a.patient, sizeof a.patient, "P2");
    assert_int_equal(extreme(d, "12"), VG_TRUE);
    stream(d, 45 * M, 70 * M, 80);
    tell(d, 70 * M, &a);
    assert_int_not_equal(extreme(d, "12"), VG_TRUE);
    desk_close(d);
}

/* By the second and of so many signals that there is room for no tail: what is older than a quarter
 * of an hour is kept by stretches alone, and they change hands as well. */
static void every_second(struct desk *d, int64_t from, int64_t to, int64_t hr)
{
    static const struct {
        enum vg_signal signal;
        int64_t value;
    } beside[] = {{VG_RR, 16}, {VG_SPO2, 97}, {VG_DBP, 70}, {VG_MAP, 85}, {VG_PI, 50}};

    for (int64_t at = from; at < to; at += S) {
        ward_read(&d->ward, at, VG_HR, hr, VG_SOURCE_CONTINUOUS);
        for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
            ward_read(&d->ward, at, beside[i].signal, beside[i].value + at / S % 2,
                      VG_SOURCE_CONTINUOUS);
        }
        ward_read(&d->ward, at, VG_TEMP, 370, VG_SOURCE_CONTINUOUS);
        d->ward.told[0] = '\0';
    }
}

static void stretches_change_hands(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    every_second(d, 0, 30 * M, 80);
    every_second(d, 30 * M, 60 * M, 160);
    assert_int_equal(extreme(d, "12"), VG_TRUE);
    ward_move(&d->ward, 60 * M,
              &(struct ward_move){VG_TRANSFER, "12", "P1", "14", 20 * M, false, false});
    assert_int_not_equal(extreme(d, "14"), VG_TRUE);
    assert_int_equal(extreme(d, "12"), VG_TRUE);
    ward_move(&d->ward, 61 * M,
              &(struct ward_move){VG_ADMIT, "12", "P2", NULL, 25 * M, false, false});
    assert_int_equal(extreme(d, "12"), VG_TRUE);
    desk_close(d);
}

struct fever {
    const char *patient; /* NULL: none in bed 12 */
    char text[VG_PATIENT_LEN + 1];
};

static bool in_bed_12(void *to, const struct vg_alert *alert)
{
    struct fever *fever = to;

    if (strcmp(alert->rule, "FEVER") == 0 && strcmp(alert->bed, "12") == 0 &&
        alert->condition == VG_ACTIVE) {
        (void)vg_copy(fever->text, sizeof fever->text, alert->patient);
        fever->patient = fever->text;
    }
    return true;
}

/* Told within a minute: a monitor measures again, and nothing of it is left behind; what was given singly calls for
 * whoever lies there now. Of two who change places each has all that was measured. */
static void what_was_given_singly_is_told_at_once(void **state)
{
    static const struct {
        enum vg_episode_do action;
        bool swap;
        enum vg_source source;
        const char
            *patient; /* whose the fever in bed 12 is then; NULL: there is none */
    } rows[] = {{VG_TRANSFER, false, VG_SOURCE_SPOT, ""},
                {VG_DISCHARGE, false, VG_SOURCE_SPOT, ""},
                {VG_TRANSFER, false, VG_SOURCE_CONTINUOUS, NULL},
                {VG_DISCHARGE, false, VG_SOURCE_CONTINUOUS, NULL},
                {VG_TRANSFER, true, VG_SOURCE_SPOT, "P2"},
                {VG_TRANSFER, true, VG_SOURCE_CONTINUOUS, "P2"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = desk_open();
        struct fever fever = {.patient = NULL};
        if (rows[i].swap) {
            ward_move(&d->ward, 0,
                      &(struct ward_move){VG_ADMIT, "14", "P2", NULL, 0, false, false});
        }
        ward_read(&d->ward, 5 * M + 20 * S, VG_TEMP, 391, rows[i].source);
        assert_string_equal(open_of(d, "FEVER")->patient, "P1");
        ward_move(&d->ward, 5 * M + 50 * S,
                  &(struct ward_move){rows[i].action, "12", "P1", "14", 5 * M,
                                      rows[i].swap, false});
        vg_engine_open_alerts(d->ward.engine, "onc-7", in_bed_12, &fever);
        assert_int_equal(fever.patient != NULL, rows[i].patient != NULL);
        if (fever.patient != NULL) {
            assert_string_equal(fever.patient, rows[i].patient);
        }
        struct vg_bed_look look;
        assert_int_equal(vg_engine_look(d->ward.engine, "onc-7", "12", &look),
                         rows[i].patient != NULL);
        desk_close(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_of_who_lies_there_now),
        cmocka_unit_test(a_stream_of_who_lay_there_before),
        cmocka_unit_test(a_mean_of_one_patient),
        cmocka_unit_test(stretches_change_hands),
        cmocka_unit_test(what_was_given_singly_is_told_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
