/* SPDX-License-Identifier: Apache-2.0
 *
 * What calls at once whatever the protocol says: values beyond the hard range on the dangerous
 * side, and cuffs that fail again and again (Clinical reference 10.1, 10.2); what ends it; clocks
 * far behind; more devices than are told apart.
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

#define LAB 1000000

#define RULE_NONE                                                                 \
    "  - {id: NEVER, class: lab, severity: info, when: k > 9.0 mmol/L, text: t, " \
    "source: s}\n"

/* Readings at 0, 1, 2 … steps of `step` s, the first until `count` are there. */
static void what_is_dangerous(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t value;
        enum vg_source source;
        int64_t step;
        int count;
        bool calls;
    } rows[] = {
        /* a single value below calls at once, one above does not */
        {VG_HR, 19, VG_SOURCE_SPOT, 1, 1, true},
        {VG_HR, 251, VG_SOURCE_SPOT, 1, 1, false},
        {VG_SPO2, 19, VG_SOURCE_MANUAL, 1, 1, true},
        {VG_TEMP, 299, VG_SOURCE_SPOT, 1, 1, true},
        {VG_SBP, 39, VG_SOURCE_CUFF, 1, 1, true},
        /* a stream: 15 s of it, gaps of 30 s at most */
        {VG_HR, 10, VG_SOURCE_CONTINUOUS, 5, 3, false},
        {VG_HR, 10, VG_SOURCE_CONTINUOUS, 5, 4, true},
        {VG_HR, 260, VG_SOURCE_CONTINUOUS, 5, 4, true},
        {VG_RR, 2, VG_SOURCE_CONTINUOUS, 15, 2, true},
        {VG_SPO2, 10, VG_SOURCE_CONTINUOUS, 30, 2, true},
        /* one that reports seldom: a minute of it, gaps of 15 min at most */
        {VG_SPO2, 10, VG_SOURCE_CONTINUOUS, 31, 2, false},
        {VG_SPO2, 10, VG_SOURCE_CONTINUOUS, 31, 3, true},
        {VG_HR, 0, VG_SOURCE_CONTINUOUS, 60, 2, true},
        {VG_HR, 0, VG_SOURCE_CONTINUOUS, 900, 2, true},
        {VG_HR, 0, VG_SOURCE_CONTINUOUS, 901, 8, false},
        {VG_RR, 80, VG_SOURCE_CONTINUOUS, 5, 20, false}, /* nothing is said of it */
        {VG_SBP, 30, VG_SOURCE_ARTERIAL, 5, 4, true},
        {VG_DBP, 10, VG_SOURCE_ARTERIAL, 5, 20, false},
        /* nothing of a laboratory is */
        {VG_K, -1 * LAB, VG_SOURCE_SPOT, 1, 1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open();
        for (int k = 0; k < rows[i].count; k++) {
            ward_read(&d->ward, k * rows[i].step * S, rows[i].signal, rows[i].value,
                      rows[i].source);
        }
        if ((open_of(d, "CHECK_PATIENT")->rev != 0) != rows[i].calls) {
            fail_msg("row %zu", i);
        }
        if (rows[i].calls) {
            assert_int_equal(open_of(d, "CHECK_PATIENT")->onset.ms, WARD_START);
        }
        desk_close(d);
    }
}

/* One that comes late, behind a usable newer one, is no danger now. */
static void late_is_no_danger(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 30 * M, VG_HR, 80);
    ward_read_late(&d->ward, 31 * M, 5 * M, VG_HR, 10, VG_SOURCE_SPOT);
    assert_int_equal(open_of(d, "CHECK_PATIENT")->rev, 0);
    desk_close(d);
}

/* Two cycles of a cuff in a row that fail: look at the patient. One that is good ends it. */
static void a_cuff_that_fails_again(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    ward_read(&d->ward, 0, VG_SBP, 300, VG_SOURCE_CUFF);
    assert_int_equal(open_of(d, "CHECK_PATIENT")->rev, 0);
    ward_read(&d->ward, 5 * M, VG_SBP, 300, VG_SOURCE_CUFF);
    const struct vg_alert *alert = open_of(d, "CHECK_PATIENT");
    assert_int_not_equal(alert->rev, 0);
    assert_int_equal(alert->severity, VG_CRITICAL);
    assert_int_equal(alert->onset.ms, WARD_START); /* the first of the two */
    ward_read(&d->ward, 10 * M, VG_SBP, 120, VG_SOURCE_CUFF);
    alert = open_of(d, "CHECK_PATIENT");
    assert_true(alert->rev == 0 || alert->condition == VG_ENDED);
    desk_close(d);
}

static size_t times(const struct ward *w, const char *what)
{
    size_t count = 0;

    for (const char *at = w->told; (at = strstr(at, what)) != NULL; at++) {
        count++;
    }
    return count;
}

/* A wrong device beside a right one, by turns each second: one alert, which ends with the first right
 * message five minutes after the last wrong one. */
static void right_and_wrong_by_turns(void **state)
{
    static const struct {
        const char *rule;
        struct ward_reading wrong;
        int64_t ahead;
    } rows[] = {
        {"IDENTITY_MISMATCH", {"12", "p-2", 0, VG_TEMP, 366, VG_SOURCE_CONTINUOUS}, 0},
        {"CLOCK_FUTURE", {"12", "", 0, VG_TEMP, 366, VG_SOURCE_CONTINUOUS}, 2 * M},
        {"OUT_OF_RANGE", {"12", "", 0, VG_TEMP, 440, VG_SOURCE_CONTINUOUS}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ward w;
        char raised[64];
        char ended[64];
        struct ward_reading right = {"12",    "p-1", 0,
                                     VG_TEMP, 366,   VG_SOURCE_CONTINUOUS};
        ward_open(&w, RULE_NONE);
        ward_admit(&w, 0, "p-1");
        for (int64_t at = S; at <= 20 * S; at += S) {
            struct ward_reading wrong = rows[i].wrong;
            wrong.at = at + rows[i].ahead;
            if (wrong.value > 430) { /* ward_read says so */
                ward_read(&w, at, wrong.signal, wrong.value, wrong.source);
            } else {
                ward_feed(&w, at, &wrong);
            }
            right.at = at + 500;
            ward_feed(&w, right.at, &right);
        }
        (void)snprintf(raised, sizeof raised, " raised %s ", rows[i].rule);
        (void)snprintf(ended, sizeof ended, " ended %s ", rows[i].rule);
        right.at = 20 * S + 5 * M - 1;
        ward_feed(&w, right.at, &right);
        assert_int_equal(times(&w, raised), 1);
        assert_int_equal(times(&w, ended), 0);
        right.at = 20 * S + 5 * M;
        ward_feed(&w, right.at, &right);
        assert_int_equal(times(&w, raised), 1);
        assert_int_equal(times(&w, ended), 1);
        ward_close(&w);
    }
}

/* More than 8 h late and still the newest: its clock is doubtful, and rules do not count it. */
static void a_clock_far_behind(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: SKEW, class: technical, severity: urgent, when: quality.clock_skew, text: t, "
        "source: s}\n");

    (void)state;
    spot(d, 0, VG_HR, 80);
    ward_read_late(&d->ward, 8 * H + 30 * M, 30 * M, VG_TEMP, 370, VG_SOURCE_SPOT);
    assert_int_equal(open_of(d, "SKEW")->rev, 0); /* 8 h to the second */
    ward_read_late(&d->ward, 9 * H, 31 * M, VG_TEMP, 370, VG_SOURCE_SPOT);
    assert_int_not_equal(open_of(d, "SKEW")->rev, 0);
    desk_close(d);
}

/* Whoever sends: the reading counts, also of the device that is one too many to be told apart. */
static void any_number_of_devices(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    for (int i = 0; i < 40; i++) {
        struct vg_reading reading = {.signal = VG_HR,
                                     .source = VG_SOURCE_SPOT,
                                     .value = i < 39 ? 80 : 145,
                                     .measured = {WARD_START + i * M},
                                     .pi = -1,
                                     .uln = VG_NO_VALUE,
                                     .lln = VG_NO_VALUE};
        struct vg_message message = {.kind = VG_KIND_VITALS,
                                     .ward = "onc-7",
                                     .bed = "12",
                                     .measured = reading.measured,
                                     .reading_count = 1,
                                     .readings = &reading};
        (void)snprintf(message.device, sizeof message.device, "mon-%d", i);
        step(d, i * M,
             (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
    }
    assert_int_not_equal(open_of(d, "PULSE")->rev, 0);
    desk_close(d);
}

/* A value whose number as it was sent has no room beside it is a value all the same. */
static void a_raw_number_without_room(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: R, class: lab, severity: info, when: creat > 2.0 mg/dL, text: t, "
        "source: s}\n");
    struct vg_reading reading = {.signal = VG_CREAT,
                                 .source = VG_SOURCE_SPOT,
                                 .value = 3 * LAB,
                                 .raw = {INT64_MAX, 0},
                                 .unit = VG_UNIT_MG_PER_DL,
                                 .measured = {WARD_START},
                                 .pi = -1,
                                 .uln = VG_NO_VALUE,
                                 .lln = VG_NO_VALUE};
    const struct vg_message message = {.kind = VG_KIND_LABS,
                                       .ward = "onc-7",
                                       .bed = "12",
                                       .measured = reading.measured,
                                       .reading_count = 1,
                                       .readings = &reading};

    (void)state;
    step(d, 0, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
    assert_int_not_equal(open_of(d, "R")->rev, 0);
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_dangerous),
        cmocka_unit_test(late_is_no_danger),
        cmocka_unit_test(a_cuff_that_fails_again),
        cmocka_unit_test(right_and_wrong_by_turns),
        cmocka_unit_test(a_clock_far_behind),
        cmocka_unit_test(any_number_of_devices),
        cmocka_unit_test(a_raw_number_without_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
