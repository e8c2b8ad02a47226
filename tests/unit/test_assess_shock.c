/* SPDX-License-Identifier: Apache-2.0
 *
 * The shock index (Clinical reference 5.4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/course_help.h"

#define X 172800

static void pressure(struct vg_try *t, int64_t at, int64_t sbp)
{
    try_obs(t, X + at, VG_SBP, sbp, VG_SOURCE_CUFF, VG_METHOD_NONE);
}

static void pulse(struct vg_try *t, int64_t at, int64_t hr)
{
    try_obs(t, X + at, VG_HR, hr, VG_SOURCE_SPOT, VG_METHOD_NONE);
}

static enum vg_truth page(struct vg_try *t, int64_t at)
{
    return try_at(t, X + at)->shock.page.truth;
}

static void test_two_pressures(void **state)
{
    static const struct {
        int64_t apart, hr, sbp, pulse_after;
        enum vg_truth page;
    } rows[] = {{600, 100, 100, 0, VG_TRUE},    {599, 100, 100, 0, VG_FALSE},
                {600, 99, 100, 0, VG_FALSE},    {600, 101, 101, 0, VG_FALSE},
                {600, 100, 100, 300, VG_TRUE},  {600, 100, 100, 301, VG_FALSE},
                {600, 100, 100, -300, VG_TRUE}, {600, 100, 100, -301, VG_FALSE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        for (int64_t k = 0; k < 2; k++) {
            pressure(t, k * rows[i].apart, rows[i].sbp);
            pulse(t, k * rows[i].apart + rows[i].pulse_after, rows[i].hr);
        }
        assert_int_equal(page(t, 1200), rows[i].page);
        try_end(t);
    }
}

static void test_lactate_stands_for_a_low_pressure(void **state)
{
    static const struct {
        int64_t at, value;
        enum vg_truth page;
    } rows[] = {{0, 2000001, VG_TRUE},
                {0, 2000000, VG_FALSE},
                {600 - 6 * 3600, 2000001, VG_TRUE},
                {599 - 6 * 3600, 2000001, VG_FALSE},
                {900, 2000001, VG_TRUE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        for (int64_t at = 0; at <= 600; at += 600) {
            pressure(t, at, 110);
            pulse(t, at, 110);
        }
        assert_int_equal(page(t, 600), VG_FALSE);
        try_lab(t, X + rows[i].at, VG_LACTATE, rows[i].value);
        assert_int_equal(page(t, 1200), rows[i].page);
        try_end(t);
    }
}

static void test_episode(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 600; at += 300) {
        pulse(t, at, 129);
        pressure(t, at, 100);
    }
    assert_int_equal(page(t, 600), VG_TRUE);
    assert_int_equal(try_at(t, X + 600)->shock.page.since.ms, try_instant(X).ms);
    assert_int_equal(try_at(t, X + 600)->shock.milli, 1290);
    assert_int_equal(try_at(t, X + 600)->shock.page_13.truth, VG_FALSE);
    pulse(t, 900, 130);
    pressure(t, 900, 100);
    assert_int_equal(try_at(t, X + 900)->shock.page_13.truth, VG_TRUE);
    /* missing data end nothing; a calm run of 10 min does */
    assert_int_equal(page(t, 90000), VG_TRUE);
    assert_int_equal(try_at(t, X + 90000)->shock.milli, VG_NO_VALUE);
    pulse(t, 90000, 80);
    pressure(t, 90000, 110);
    assert_int_equal(page(t, 90300), VG_TRUE);
    pulse(t, 90600, 80);
    pressure(t, 90600, 110);
    assert_int_equal(page(t, 90600), VG_FALSE);
    assert_int_equal(try_at(t, X + 90600)->shock.page_13.truth, VG_FALSE);
    try_end(t);
}

static void test_broken_run_and_late_values(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 600; at += 300) {
        pulse(t, at, at == 300 ? 80 : 120);
        pressure(t, at, 100);
    }
    assert_int_equal(page(t, 600), VG_FALSE);
    t->marks = VG_MARK_OLD;
    pulse(t, 1200, 120);
    pressure(t, 1200, 100);
    assert_int_equal(page(t, 1200), VG_FALSE);
    t->marks = VG_MARK_LATE; /* the rule marks what it raises */
    pulse(t, 1210, 120);
    pressure(t, 1210, 100);
    t->marks = 0;
    assert_int_equal(page(t, 1210), VG_TRUE);
    t->course->patient.age = 12;
    assert_int_equal(page(t, 1210), VG_FALSE);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_pressures),
        cmocka_unit_test(test_lactate_stands_for_a_low_pressure),
        cmocka_unit_test(test_episode),
        cmocka_unit_test(test_broken_run_and_late_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
