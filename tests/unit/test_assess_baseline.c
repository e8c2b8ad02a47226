/* SPDX-License-Identifier: Apache-2.0
 *
 * Baselines: medians, windows, classes of sources, streams against stretches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/assess/labs.h"
#include "lib/course_help.h"

#define H(hours) ((int64_t)(hours)*3600)
#define D(days)  ((int64_t)(days)*86400)

/* A baseline of nobody's making. */
static struct vg_try *begin(void)
{
    struct vg_try *t = try_begin();

    t->course->patient.baseline[VG_SBP] = VG_NO_VALUE;
    t->course->patient.baseline[VG_TEMP] = VG_NO_VALUE;
    return t;
}

static int64_t of(struct vg_try *t, int64_t seconds, enum vg_signal signal)
{
    const struct vg_view view = {&t->course->patient, &t->course->log};

    (void)try_at(t, seconds);
    return vg_baseline_of(&t->course->state, &view, signal);
}

static void cuff(struct vg_try *t, int64_t seconds, int64_t value)
{
    try_obs(t, seconds, VG_SBP, value, VG_SOURCE_CUFF, VG_METHOD_NONE);
}

static void median_of_three_or_the_last(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    assert_int_equal(of(t, -H(9), VG_SBP), VG_NO_VALUE);
    cuff(t, -H(9), 130);
    cuff(t, -H(8), 110);
    assert_int_equal(of(t, -H(8), VG_SBP), 110);
    cuff(t, -H(7), 128);
    assert_int_equal(of(t, -H(7), VG_SBP), 128);
    cuff(t, -H(6), 125);
    assert_int_equal(of(t, -H(6), VG_SBP), 127); /* 126.5 */
    try_infusion(t, 0, 1800);
    cuff(t, 1, 60);
    cuff(t, 2, 60);
    try_infusion(t, H(48), H(49));
    assert_int_equal(of(t, H(72), VG_SBP), 127); /* frozen at the first */
    t->course->patient.baseline[VG_SBP] = 140;
    assert_int_equal(of(t, H(72), VG_SBP), 140); /* the admission's wins */
    try_end(t);
}

/* [T0 - 24 h, T0], both included. */
static void window(void **state)
{
    static const struct {
        int64_t first, last, want;
    } rows[] = {
        {-H(24), -H(1), 120},
        {-H(24) - 1, -H(1), 140}, /* two are left: the last */
        {-H(24), 0, 120},
        {-H(24), 1, 110}, /* after T0 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        cuff(t, rows[i].first, 120);
        cuff(t, -H(2), 110);
        if (rows[i].last > 0) {
            try_infusion(t, 0, 1800);
        }
        cuff(t, rows[i].last, 140);
        if (rows[i].last <= 0) {
            try_infusion(t, 0, 1800);
        }
        assert_int_equal(of(t, H(1), VG_SBP), rows[i].want);
        try_end(t);
    }
}

/* A plan serves as T0 until a start arrives; one that comes soon behind it moves that, a late one gives what there is
 * none of (0.3, 0.5). */
static void a_plan_freezes(void **state)
{
    static const struct {
        bool before; /* measured before the plan too */
        int64_t start, waiting, started;
    } rows[] = {{true, H(4), 150, 120},
                {true, H(4) + 1, 150, 150},
                {false, H(4) + 1, VG_NO_VALUE, 90}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        t->course->patient.infusion_planned = try_instant(0);
        for (int64_t hour = rows[i].before ? -2 : 1; hour <= 3; hour++) {
            cuff(t, H(hour), hour <= 0 ? 150 : 90);
        }
        assert_int_equal(of(t, H(3), VG_SBP), rows[i].waiting);
        try_infusion(t, rows[i].start, rows[i].start + 1800);
        cuff(t, H(6), 60);
        assert_int_equal(of(t, H(6), VG_SBP), rows[i].started);
        try_end(t);
    }
}

/* Of streams the readings behind an infusion are kept for a day. Whatever has all folded anew after that, a word of the
 * patient or a result of long ago, finds the baseline that was. */
static void folded_anew_it_is_the_same(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct vg_try *t = begin();

        for (int64_t k = 0; k < 5; k++) {
            try_obs(t, -H(3) + 60 * k, VG_SBP, 150, VG_SOURCE_CONTINUOUS,
                    VG_METHOD_NONE);
        }
        try_infusion(t, 0, 1800);
        for (int64_t hour = 1; hour <= 48; hour++) {
            cuff(t, H(hour), 120);
            assert_int_equal(of(t, H(hour), VG_SBP), 150);
        }
        vg_log_compact(&t->course->log, try_instant(H(48)));
        if (late == 1) {
            try_lab(t, H(1), VG_K, 4000000);
        } else {
            vg_course_restart(t->course);
        }
        assert_int_equal(of(t, H(49), VG_SBP), 150);
        try_end(t);
    }
}

/* Also within that day: the readings of the day before the infusion leave one by one. */
static void folded_anew_on_the_day_itself(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct vg_try *t = begin();

        for (int64_t k = 0; k < 5; k++) {
            try_obs(t, -H(23) + 60 * k, VG_SBP, 150, VG_SOURCE_CONTINUOUS,
                    VG_METHOD_NONE);
        }
        cuff(t, -H(2), 130);
        try_infusion(t, 0, 1800);
        for (int64_t hour = 1; hour <= 12; hour++) {
            cuff(t, H(hour), 120);
            assert_int_equal(of(t, H(hour), VG_SBP), 150);
        }
        vg_log_compact(&t->course->log, try_instant(H(12)));
        if (late == 1) {
            try_lab(t, -H(30), VG_K, 4000000);
        } else {
            vg_course_restart(t->course);
        }
        assert_int_equal(of(t, H(13), VG_SBP), 150);
        try_end(t);
    }
}

/* Nor is it lost behind a plan of which no start is charted. */
static void folded_anew_behind_a_plan(void **state)
{
    (void)state;
    for (int64_t hours = 12; hours <= 30; hours += 18) {
        struct vg_try *t = begin();

        t->course->patient.infusion_planned = try_instant(0);
        for (int64_t k = 0; k < 5; k++) {
            try_obs(t, -H(23) + 60 * k, VG_SBP, 150, VG_SOURCE_CONTINUOUS,
                    VG_METHOD_NONE);
        }
        for (int64_t hour = 1; hour <= hours; hour++) {
            cuff(t, H(hour), 95);
            assert_int_equal(of(t, H(hour), VG_SBP), 150);
        }
        vg_log_compact(&t->course->log, try_instant(H(hours)));
        vg_course_restart(t->course);
        assert_int_equal(of(t, H(hours), VG_SBP), 150);
        cuff(t, H(hours + 1), 95);
        assert_int_equal(of(t, H(hours + 1), VG_SBP), 150);
        t->course->patient.infusion_planned = try_instant(H(hours + 2)); /* put off */
        vg_course_restart(t->course);
        assert_int_equal(of(t, H(hours + 1), VG_SBP), 95);
        try_end(t);
    }
}

static void what_is_not_valid_does_not_count(void **state)
{
    static const uint8_t marks[] = {VG_MARK_VOID, VG_MARK_OLD};

    (void)state;
    for (size_t i = 0; i < sizeof marks; i++) {
        struct vg_try *t = begin();

        cuff(t, -H(3), 120);
        t->marks = marks[i];
        cuff(t, -H(2), 60);
        assert_int_equal(of(t, -H(2), VG_SBP), 120);
        try_end(t);
    }
}

static void temperature(struct vg_try *t, int64_t seconds, int64_t value,
                        enum vg_source source, enum vg_method method)
{
    try_obs(t, seconds, VG_TEMP, value, source, method);
}

/* The most trusted class with three readings; else three of any; else the last. */
static void classes(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    temperature(t, -H(9), 360, VG_SOURCE_SPOT, VG_METHOD_AXILLARY);
    temperature(t, -H(8), 370, VG_SOURCE_SPOT, VG_METHOD_ORAL);
    assert_int_equal(of(t, -H(8), VG_TEMP), 370);
    temperature(t, -H(7), 364, VG_SOURCE_CONTINUOUS, VG_METHOD_AXILLARY);
    assert_int_equal(of(t, -H(7), VG_TEMP), 364); /* of all three */
    temperature(t, -H(6), 362, VG_SOURCE_SPOT, VG_METHOD_AXILLARY);
    temperature(t, -H(5), 361, VG_SOURCE_SPOT, VG_METHOD_AXILLARY);
    assert_int_equal(of(t, -H(5), VG_TEMP), 361); /* axillary spots */
    temperature(t, -H(4), 372, VG_SOURCE_SPOT, VG_METHOD_TYMPANIC);
    temperature(t, -H(3), 374, VG_SOURCE_SPOT, VG_METHOD_CORE);
    assert_int_equal(of(t, -H(3), VG_TEMP), 372);
    try_end(t);
}

/* Hourly readings are all kept: exact. */
static void hourly_is_exact(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    for (int hour = -36; hour <= 0; hour++) {
        cuff(t, H(hour), hour < -24 ? 70 : 110 + (hour + 24));
    }
    try_infusion(t, 0, 1800);
    assert_int_equal(of(t, 0, VG_SBP), 122);
    try_end(t);
}

static void feed(struct vg_state *state, const struct vg_view *view, int64_t seconds,
                 unsigned count, int64_t low, int64_t high)
{
    const struct vg_item item = {.at = try_instant(seconds),
                                 .to = try_instant(seconds + (int64_t)count - 1),
                                 .low = low,
                                 .high = high,
                                 .count = (uint8_t)count,
                                 .signal = VG_HR,
                                 .source = VG_SOURCE_CONTINUOUS};

    vg_baseline_step(state, view, &item);
    vg_baseline_after(state, view, item.to);
    state->at = item.to;
}

/* Two days at 1 Hz, 90 /min for 14 of the last 24 h, but not in the last; as samples and as
 * stretches. */
static void streams(void **state)
{
    struct vg_try *t = begin();
    const struct vg_view view = {&t->course->patient, &t->course->log};
    static struct vg_state samples; /* two are too much for a frame */
    static struct vg_state stretches;

    (void)state;
    for (int64_t s = 0; s < 2 * D(1); s++) {
        const bool day = s >= D(1) + H(9) && s < D(1) + H(23);
        const int64_t hr = day ? 90 : 70;

        feed(&samples, &view, s, 1, hr, hr);
        if (s % 100 == 0) {
            feed(&stretches, &view, s, 100, hr, hr);
        }
    }
    assert_int_equal(vg_baseline_of(&samples, &view, VG_HR), 90);
    assert_int_equal(vg_baseline_of(&stretches, &view, VG_HR), 90);
    assert_true(samples.baseline.lane[VG_LANE_HR].count >= 14);
    try_end(t);
}

static void laboratory_values(void **state)
{
    struct vg_try *t = begin();
    const struct vg_view view = {&t->course->patient, &t->course->log};

    (void)state;
    try_lab(t, -H(50), VG_AST, 30 * VG_MICRO);
    try_lab(t, 0, VG_AST, 40 * VG_MICRO);
    try_infusion(t, 0, 1800);
    try_lab(t, 1, VG_AST, 50 * VG_MICRO);
    assert_int_equal(of(t, H(1), VG_AST), 40 * VG_MICRO);
    assert_int_equal(vg_baseline_lab(&view, VG_AST, try_instant(-H(50))),
                     30 * VG_MICRO);
    assert_int_equal(vg_baseline_lab(&view, VG_AST, try_instant(-H(51))), VG_NO_VALUE);
    assert_int_equal(of(t, H(1), VG_MAP), VG_NO_VALUE);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(median_of_three_or_the_last),
        cmocka_unit_test(a_plan_freezes),
        cmocka_unit_test(folded_anew_it_is_the_same),
        cmocka_unit_test(folded_anew_on_the_day_itself),
        cmocka_unit_test(folded_anew_behind_a_plan),
        cmocka_unit_test(window),
        cmocka_unit_test(what_is_not_valid_does_not_count),
        cmocka_unit_test(classes),
        cmocka_unit_test(hourly_is_exact),
        cmocka_unit_test(streams),
        cmocka_unit_test(laboratory_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
