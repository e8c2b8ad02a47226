/* SPDX-License-Identifier: Apache-2.0
 *
 * Two devices of one bed, where it is not readings that are counted (test_assess_devices.c has
 * those): the relative fall of pressure, and values that stick. Clinical reference 0.9.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/course_help.h"

#define X INT64_C(172800)

static struct vg_try *begin(void)
{
    struct vg_try *t = try_begin();

    t->course->patient.baseline[VG_SBP] = 130;
    return t;
}

static void cuff(struct vg_try *t, int64_t at, uint8_t device, int64_t sbp)
{
    t->device = device;
    try_obs(t, X + at, VG_SBP, sbp, VG_SOURCE_CUFF, VG_METHOD_NONE);
}

static void line(struct vg_try *t, int64_t from, int64_t to, uint8_t device,
                 int64_t sbp)
{
    t->device = device;
    for (int64_t at = from; at <= to; at++) {
        try_obs(t, X + at, VG_SBP, sbp, VG_SOURCE_ARTERIAL, VG_METHOD_NONE);
    }
}

static void expect_fall(struct vg_try *t, int64_t at, enum vg_truth truth)
{
    assert_int_equal(try_at(t, X + at)->pressure.relative.truth, truth);
}

static void a_fall_of_one_cuff(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    cuff(t, 0, 1, 95);
    expect_fall(t, 0, VG_TRUE);
    assert_int_equal(t->now.pressure.relative_urgent.truth, VG_FALSE);
    cuff(t, 60, 2, 122);
    expect_fall(t, 60, VG_TRUE); /* the other one stands where it stood */
    cuff(t, 120, 2, 90);
    expect_fall(t, 120, VG_TRUE);
    assert_int_equal(t->now.pressure.relative_urgent.truth, VG_TRUE); /* < 91 */
    assert_int_equal(t->now.pressure.relative.since.ms, try_instant(X + 120).ms);
    cuff(t, 180, 2, 122);
    expect_fall(t, 180, VG_TRUE);
    assert_int_equal(t->now.pressure.relative_urgent.truth, VG_FALSE);
    cuff(t, 240, 1, 100); /* its own */
    expect_fall(t, 240, VG_FALSE);
    try_end(t);
}

/* Unheard for 15 min, it holds nothing open. */
static void a_cuff_that_is_gone(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    cuff(t, 0, 1, 95);
    cuff(t, 899, 2, 122);
    expect_fall(t, 899, VG_TRUE);
    cuff(t, 900, 2, 122);
    expect_fall(t, 900, VG_FALSE);
    try_end(t);
    t = begin();
    cuff(t, 0, 1, 95);
    expect_fall(t, 7200, VG_TRUE); /* silence alone ends nothing */
    try_end(t);
}

static void a_line_beside_a_cuff(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    cuff(t, 0, 1, 95);
    line(t, 1, 30, 2, 95); /* a dip of a line is not a fall yet, and ends none */
    expect_fall(t, 30, VG_TRUE);
    line(t, 31, 31, 2, 120); /* it is trusted more */
    expect_fall(t, 31, VG_FALSE);
    line(t, 32, 100, 2, 95);
    expect_fall(t, 100, VG_TRUE);
    cuff(t, 101, 1, 120); /* a cuff is not */
    expect_fall(t, 101, VG_TRUE);
    line(t, 102, 102, 2, 120);
    expect_fall(t, 102, VG_FALSE);
    try_end(t);
}

static void two_lines(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    for (int64_t at = 0; at <= 60; at++) {
        expect_fall(t, at, VG_FALSE);
        line(t, at, at, 1, 95);
        line(t, at, at, 2, 120);
    }
    expect_fall(t, 60, VG_TRUE);
    line(t, 61, 359, 2, 120);
    expect_fall(t, 359, VG_TRUE);
    line(t, 360, 360, 2, 120);
    expect_fall(t, 360, VG_FALSE); /* the first is gone */
    try_end(t);
}

/* Below 90 it waits to be hypotension, of this device: until then the fall goes on. */
static void lower_still(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    cuff(t, 0, 1, 95);
    cuff(t, 60, 1, 85);
    expect_fall(t, 60, VG_TRUE);
    t->marks = VG_MARK_CLOCK;
    cuff(t, 120, 1, 95);
    expect_fall(t, 120, VG_TRUE);
    cuff(t, 180, 1, 125); /* a clock that runs ahead clears nothing */
    expect_fall(t, 180, VG_TRUE);
    try_end(t);
}

/* ---- Stuck values */

static const struct sticking {
    enum vg_signal signal;
    enum vg_method method;
    int64_t value, step, span, pause;
} sticking[] = {{VG_HR, VG_METHOD_NONE, 80, 10, 600, 120},
                {VG_RR, VG_METHOD_NONE, 16, 10, 900, 120},
                {VG_TEMP, VG_METHOD_AXILLARY, 366, 60, 3600, 600}};

static void say(struct vg_try *t, const struct sticking *s, int64_t at, uint8_t device,
                int64_t value)
{
    t->device = device;
    try_obs(t, X + at, s->signal, value, VG_SOURCE_CONTINUOUS, s->method);
}

static enum vg_truth stuck(struct vg_try *t, int64_t at)
{
    return try_at(t, X + at)->quality.stuck.truth;
}

static void one_sticks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sticking / sizeof *sticking; i++) {
        const struct sticking *s = &sticking[i];
        struct vg_try *t = try_begin();
        int64_t at = 0;
        for (; at <= s->span; at += s->step) {
            assert_int_equal(stuck(t, at), VG_FALSE);
            say(t, s, at, 1, s->value);
            say(t, s, at, 2, s->value + at / s->step % 2);
        }
        assert_int_equal(stuck(t, at), VG_TRUE);
        assert_int_equal(t->now.quality.stuck.since.ms, try_instant(X).ms);
        const int64_t last = at - s->step;
        for (; at < last + s->pause; at += s->step) { /* it is silent now */
            say(t, s, at, 2, s->value + at / s->step % 2);
            assert_int_equal(stuck(t, at), VG_TRUE);
        }
        say(t, s, at, 2, s->value + at / s->step % 2);
        assert_int_equal(stuck(t, at), VG_FALSE); /* it is gone */
        try_end(t);
    }
}

/* The same figure on two devices by turns is no value that sticks for longer. */
static void neither_sticks(void **state)
{
    const struct sticking *s = &sticking[0];
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 1800; at += 10) {
        say(t, s, at, 1, 80 + at / 300 % 2);
        say(t, s, at + 5, 2, 80 + at / 300 % 2);
        assert_int_equal(stuck(t, at + 5), VG_FALSE);
    }
    try_end(t);
}

/* ---- The shock index (5.4) */

static void pulse(struct vg_try *t, int64_t at, uint8_t device, int64_t hr)
{
    t->device = device;
    try_obs(t, X + at, VG_HR, hr, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE);
}

static enum vg_truth shock(struct vg_try *t, int64_t at)
{
    return try_at(t, X + at)->shock.page.truth;
}

static void a_good_cuff_between(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 600; at += 150) {
        assert_int_equal(shock(t, at), VG_FALSE);
        pulse(t, at, 3, 110);
        cuff(t, at, 1, 95);
        cuff(t, at + 60, 2, 130);
    }
    assert_int_equal(shock(t, 660), VG_TRUE);
    assert_int_equal(t->now.shock.page.since.ms, try_instant(X).ms);
    pulse(t, 900, 3, 110);
    cuff(t, 900, 2, 130);
    pulse(t, 1499, 3, 110);
    cuff(t, 1499, 2, 130); /* 1 was heard at 600: it is gone at 1500 */
    assert_int_equal(shock(t, 1499), VG_TRUE);
    pulse(t, 1500, 3, 110);
    cuff(t, 1500, 2, 130); /* and the other one has been calm for long enough */
    assert_int_equal(shock(t, 1500), VG_FALSE);
    try_end(t);
}

static void a_good_pulse_between(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 600; at += 60) {
        assert_int_equal(shock(t, at), VG_FALSE);
        pulse(t, at - 30, 3, 110);
        pulse(t, at, 4, 70); /* the nearest */
        cuff(t, at, 1, 100);
    }
    assert_int_equal(shock(t, 600), VG_TRUE);
    for (int64_t at = 660; at <= 1260; at += 60) {
        assert_int_equal(shock(t, at), VG_TRUE);
        pulse(t, at - 30, 3, 90);
        pulse(t, at, 4, 70);
        cuff(t, at, 1, 100);
    }
    assert_int_equal(shock(t, 1260), VG_FALSE);
    try_end(t);
}

/* The reference asks for two readings, not for two of one device. */
static void two_cuffs_say_so(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    pulse(t, 0, 3, 110);
    cuff(t, 0, 1, 95);
    pulse(t, 599, 3, 110);
    cuff(t, 599, 2, 95);
    assert_int_equal(shock(t, 599), VG_FALSE);
    cuff(t, 600, 2, 95);
    assert_int_equal(shock(t, 600), VG_TRUE);
    try_end(t);
}

static void a_line_is_trusted_more(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 600; at += 300) {
        pulse(t, at, 3, 110);
        cuff(t, at, 1, 95);
    }
    assert_int_equal(shock(t, 600), VG_TRUE);
    for (int64_t at = 601; at <= 1201; at += 100) {
        assert_int_equal(shock(t, at), VG_TRUE);
        pulse(t, at, 3, 110);
        line(t, at, at, 2, 130);
        cuff(t, at + 50, 1, 95);
    }
    assert_int_equal(shock(t, 1251), VG_TRUE); /* the cuff says it again */
    try_end(t);
    t = try_begin();
    for (int64_t at = 0; at <= 600; at += 300) {
        pulse(t, at, 3, 110);
        line(t, at, at, 2, 95);
    }
    for (int64_t at = 660; at <= 7260; at += 300) {
        pulse(t, at, 3, 80);
        cuff(t, at, 1, 130);
    }
    assert_int_equal(shock(t, 7260), VG_TRUE); /* a cuff ends nothing of a line's */
    line(t, 7300, 7300, 2, 130);
    pulse(t, 7900, 3, 80);
    line(t, 7900, 7900, 2, 130);
    assert_int_equal(shock(t, 7900), VG_FALSE);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fall_of_one_cuff),
        cmocka_unit_test(a_cuff_that_is_gone),
        cmocka_unit_test(a_line_beside_a_cuff),
        cmocka_unit_test(two_lines),
        cmocka_unit_test(lower_still),
        cmocka_unit_test(one_sticks),
        cmocka_unit_test(neither_sticks),
        cmocka_unit_test(a_good_cuff_between),
        cmocka_unit_test(a_good_pulse_between),
        cmocka_unit_test(two_cuffs_say_so),
        cmocka_unit_test(a_line_is_trusted_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
