/* SPDX-License-Identifier: Apache-2.0
 *
 * Signal quality: limits of Clinical reference 10.1 and 10.2 at both sides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/assess/quality_inside.h"
#include "lib/course_help.h"

#define CONT VG_SOURCE_CONTINUOUS
#define CUFF VG_SOURCE_CUFF
#define ART  VG_SOURCE_ARTERIAL
#define NONE VG_METHOD_NONE

static struct vg_item sample(int64_t s, enum vg_signal signal, int64_t value,
                             enum vg_source source)
{
    return (struct vg_item){.at = try_instant(s),
                            .to = try_instant(s),
                            .low = value,
                            .high = value,
                            .a = VG_NO_VALUE,
                            .b = VG_NO_VALUE,
                            .count = 1,
                            .signal = (uint8_t)signal,
                            .source = (uint8_t)source};
}

/* The marks after an instant that holds only this. */
static uint8_t marked(struct vg_state *state, struct vg_item item)
{
    const struct vg_view view = {NULL, NULL};

    vg_quality_instant(state, &view, &item, 1);
    return item.marks;
}

static bool yes(struct vg_finding finding)
{
    return finding.truth == VG_TRUE;
}

static void put(struct vg_try *t, int64_t s, enum vg_signal signal, int64_t value,
                enum vg_source source)
{
    try_obs(t, s, signal, value, source, NONE);
}

/* Every `step` seconds from `from` to `to`, both included. */
static void feed(struct vg_try *t, enum vg_signal signal, int64_t value, int64_t from,
                 int64_t to, int64_t step)
{
    for (int64_t s = from; s <= to; s += step) {
        put(t, s, signal, value, CONT);
    }
}

static void test_probe_falls_off(void **unused)
{
    static const struct {
        int64_t value[4], step;
        bool off;
    } rows[] = {{{370, 362, 342, 339}, 120, true}, {{360, 355, 348, 340}, 120, false},
                {{360, 355, 348, 339}, 120, true}, {{358, 355, 348, 339}, 120, false},
                {{359, 355, 348, 339}, 200, true}, {{359, 350, 345, 339}, 201, false},
                {{339, 339, 339, 339}, 120, false}};

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct vg_try *t = try_begin();
        for (int64_t i = 0; i < 4; i++) {
            put(t, i * rows[r].step, VG_TEMP, rows[r].value[i], CONT);
        }
        assert_int_equal(yes(try_at(t, 4 * rows[r].step)->quality.probe_off),
                         rows[r].off);
        try_end(t);
    }
}

static void test_probe_is_back(void **unused)
{
    struct vg_state state = {0};

    (void)unused;
    assert_int_equal(marked(&state, sample(0, VG_TEMP, 370, CONT)), 0);
    assert_true(marked(&state, sample(60, VG_TEMP, 339, CONT)) & VG_MARK_VOID);
    for (int64_t i = 0; i < 3; i++) {
        assert_true(marked(&state, sample(120 + 120 * i, VG_TEMP, 355, CONT)) &
                    VG_MARK_VOID);
    }
    assert_true(marked(&state, sample(420, VG_TEMP, 354, CONT)) & VG_MARK_VOID);
    for (int64_t i = 0; i < 4; i++) {
        assert_true(marked(&state, sample(480 + 120 * i, VG_TEMP, 355, CONT)) &
                    VG_MARK_VOID);
    }
    assert_true(marked(&state, sample(959, VG_TEMP, 355, CONT)) & VG_MARK_VOID);
    assert_int_equal(marked(&state, sample(960, VG_TEMP, 355, CONT)), 0);
}

/* A long slow fall needs no more room than there is. */
static void test_probe_slow_fall(void **unused)
{
    struct vg_state state = {0};

    (void)unused;
    for (int64_t i = 0; i < 90; i++) {
        (void)marked(&state, sample(i, VG_TEMP, 430 - i, CONT));
    }
    assert_false(state.quality.probe[0][0].off);
    (void)marked(&state, sample(90, VG_TEMP, 339, CONT));
    assert_true(state.quality.probe[0][0].off);
}

static void test_rate_of_change(void **unused)
{
    static const struct {
        enum vg_signal signal;
        enum vg_source source;
        int64_t first, second, apart;
        bool suspect;
    } rows[] = {{VG_HR, CONT, 80, 140, 10, false},
                {VG_HR, CONT, 80, 141, 10, true},
                {VG_HR, CONT, 80, 141, 11, false},
                {VG_RR, CONT, 15, 35, 30, false},
                {VG_RR, CONT, 15, 36, 30, true},
                {VG_RR, CONT, 15, 36, 31, false},
                {VG_TEMP, CONT, 370, 380, 300, false},
                {VG_TEMP, CONT, 370, 381, 300, true},
                {VG_TEMP, CONT, 370, 381, 301, false},
                {VG_TEMP, VG_SOURCE_SPOT, 370, 390, 900, false},
                {VG_TEMP, VG_SOURCE_SPOT, 370, 391, 900, true},
                {VG_TEMP, VG_SOURCE_SPOT, 370, 391, 901, false},
                {VG_SBP, CUFF, 100, 140, 900, false},
                {VG_SBP, CUFF, 100, 141, 900, true},
                {VG_SBP, CUFF, 100, 141, 901, false},
                {VG_HR, CONT, 0, 29, 9, true},
                {VG_HR, CONT, 0, 30, 9, false},
                {VG_SBP, CUFF, 0, 241, 9, true},
                {VG_TEMP, CONT, 0, 416, 9, true},
                {VG_TEMP, CONT, 0, 415, 9, false}};

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct vg_state state = {0};
        if (rows[r].first != 0) {
            (void)marked(&state,
                         sample(0, rows[r].signal, rows[r].first, rows[r].source));
        }
        const uint8_t marks = marked(&state, sample(rows[r].apart, rows[r].signal,
                                                    rows[r].second, rows[r].source));
        assert_int_equal((marks & VG_MARK_SUSPECT) != 0, rows[r].suspect);
    }
}

/* A fall of SpO2 is real when HR has moved within its 10 s, up or down, wherever it is now. */
static void test_heart_still(void **unused)
{
    static const struct {
        int64_t hr[3], apart; /* s between them */
        bool suspect;
    } rows[] = {{{80, 84, 80}, 2, true},
                {{80, 85, 80}, 2, false},
                {{80, 75, 80}, 2, false},
                {{80, 85, 80}, 11, true}, /* it moved long before */
                {{0, 0, 0}, 2, false}};   /* nothing is known of it */

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct vg_state state = {0};
        for (int64_t i = 0; i < 3 && rows[r].hr[i] != 0; i++) {
            (void)marked(&state, sample(i * rows[r].apart, VG_HR, rows[r].hr[i], CONT));
        }
        (void)marked(&state, sample(2 * rows[r].apart - 1, VG_SPO2, 97, CONT));
        const uint8_t marks =
            marked(&state, sample(2 * rows[r].apart + 1, VG_SPO2, 86, CONT));
        assert_int_equal((marks & VG_MARK_SUSPECT) != 0, rows[r].suspect);
    }
}

/* A third device, which is not stuck, says nothing of two that are. */
static void test_third_stuck(void **unused)
{
    struct vg_try *t = try_begin();

    (void)unused;
    for (int64_t s = 0; s <= 660; s += 60) {
        for (t->device = 1; t->device <= (s > 600 ? 3 : 2); t->device++) {
            put(t, s, VG_HR, t->device < 3 ? 80 : 80 + s / 60, CONT);
        }
    }
    assert_true(yes(try_at(t, 660)->quality.stuck));
    try_end(t);
}

static void test_motion(void **unused)
{
    struct vg_state state = {0};
    uint8_t marks = 0;

    (void)unused;
    for (int64_t s = 0; s <= 60; s += 10) {
        assert_int_equal(marks & VG_MARK_SUSPECT, 0);
        (void)marked(&state, sample(s, VG_HR, 40, CONT));
        marks = marked(&state, sample(s, VG_RR, 42, CONT));
    }
    assert_true(marks & VG_MARK_SUSPECT);
    assert_int_equal(marked(&state, sample(70, VG_RR, 43, CONT)), 0);
}

static void test_cuff_triples(void **unused)
{
    static const struct {
        int64_t sbp, dbp, map;
        bool bad;
    } rows[] = {{84, 74, 0, false},   {84, 75, 0, true},    {200, 50, 0, false},
                {201, 50, 0, true},   {88, 58, 78, false},  {88, 58, 79, true},
                {82, 50, 95, true},   {92, 42, 59, false},  {180, 60, 124, false},
                {180, 60, 125, true}, {180, 60, 76, false}, {180, 60, 75, true},
                {90, 80, 80, true},   {90, 80, 81, false},  {90, 80, 90, true}};

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct vg_try *t = try_begin();
        put(t, 0, VG_SBP, rows[r].sbp, CUFF);
        put(t, 0, VG_DBP, rows[r].dbp, CUFF);
        if (rows[r].map != 0) {
            put(t, 0, VG_MAP, rows[r].map, CUFF);
        }
        assert_int_equal(yes(try_at(t, 0)->quality.bp_inconsistent), rows[r].bad);
        put(t, 60, VG_SBP, 120, CUFF);
        put(t, 60, VG_DBP, 80, CUFF);
        put(t, 60, VG_MAP, 93, CUFF);
        assert_false(yes(try_at(t, 60)->quality.bp_inconsistent));
        try_end(t);
    }
}

static void test_cuff_cycles(void **unused)
{
    (void)unused;
    for (int64_t apart = 600; apart <= 601; apart++) {
        struct vg_try *t = try_begin();
        t->marks = VG_MARK_VOID;
        put(t, 0, VG_SBP, 0, CUFF);
        t->marks = 0;
        put(t, apart, VG_SBP, 84, CUFF);
        put(t, apart, VG_DBP, 78, CUFF);
        assert_int_equal(yes(try_at(t, apart)->quality.check), apart == 600);
        put(t, apart + 60, VG_SBP, 110, CUFF);
        assert_false(yes(try_at(t, apart + 60)->quality.check));
        try_end(t);
    }
}

static void test_flat_line(void **unused)
{
    static const struct {
        int64_t dbp, map, seconds;
        bool check, inconsistent;
    } rows[] = {{58, 59, 10, true, false},
                {58, 59, 9, false, false},
                {58, 60, 10, false, true},
                {51, 54, 10, false, false},
                {52, 54, 10, true, false}};

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct vg_try *t = try_begin();
        for (int64_t s = 0; s <= rows[r].seconds; s++) {
            put(t, s, VG_SBP, 61, ART);
            put(t, s, VG_DBP, rows[r].dbp, ART);
            put(t, s, VG_MAP, rows[r].map, ART);
        }
        const struct vg_quality_out q = try_at(t, rows[r].seconds)->quality;
        assert_int_equal(yes(q.check), rows[r].check);
        assert_int_equal(yes(q.bp_inconsistent), rows[r].inconsistent);
        try_end(t);
    }
}

static void test_perfusion(void **unused)
{
    struct vg_try *t = try_begin();

    (void)unused;
    put(t, 0, VG_PI, 30, CONT);
    put(t, 0, VG_SPO2, 84, CONT);
    assert_false(yes(try_at(t, 0)->quality.low_perfusion));
    put(t, 10, VG_PI, 29, CONT);
    put(t, 10, VG_SPO2, 84, CONT);
    assert_true(yes(try_at(t, 10)->quality.low_perfusion));
    assert_int_equal(t->now.quality.low_perfusion.since.ms, try_instant(10).ms);
    put(t, 20, VG_PI, 30, CONT);
    assert_false(yes(try_at(t, 20)->quality.low_perfusion));
    try_end(t);
}

static void test_stuck(void **unused)
{
    static const struct {
        enum vg_signal signal;
        int64_t value, span, step;
    } rows[] = {{VG_HR, 80, 600, 60}, {VG_RR, 16, 900, 60}, {VG_TEMP, 370, 3600, 300}};

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct vg_try *t = try_begin();
        feed(t, rows[r].signal, rows[r].value, 0, rows[r].span - rows[r].step,
             rows[r].step);
        put(t, rows[r].span - 1, rows[r].signal, rows[r].value, CONT);
        assert_false(yes(try_at(t, rows[r].span - 1)->quality.stuck));
        put(t, rows[r].span, rows[r].signal, rows[r].value, CONT);
        assert_true(yes(try_at(t, rows[r].span)->quality.stuck));
        put(t, rows[r].span + 1, rows[r].signal, rows[r].value + 1, CONT);
        assert_false(yes(try_at(t, rows[r].span + 1)->quality.stuck));
        try_end(t);
    }
}

static void test_silence(void **unused)
{
    struct vg_try *t = try_begin();

    (void)unused;
    feed(t, VG_SPO2, 96, 0, 60, 10);
    assert_false(yes(try_at_ms(t, 359999)->quality.feed_silent));
    assert_int_equal(t->next.ms <= try_instant(360).ms, 1);
    assert_true(yes(try_at(t, 360)->quality.feed_silent));
    put(t, 400, VG_SPO2, 96, CONT);
    assert_false(yes(try_at(t, 400)->quality.feed_silent));
    assert_true(yes(try_at(t, 700)->quality.feed_silent)); /* and lost again */
    try_end(t);
    t = try_begin();
    feed(t, VG_HR, 80, 0, 7200, 900); /* now and then: not monitored continuously */
    assert_false(yes(try_at(t, 9000)->quality.feed_silent));
    try_end(t);
}

static void test_two_devices(void **unused)
{
    static const struct {
        int64_t other, seconds;
        bool wrong;
    } rows[] = {{111, 61, true}, {111, 60, false}, {110, 90, false}};

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct vg_state state = {0};
        for (int64_t s = 0; s <= rows[r].seconds; s++) {
            struct vg_item item = sample(s, VG_HR, 80, CONT);
            item.device = 1;
            (void)marked(&state, item);
            item.low = item.high = rows[r].other;
            item.device = 2;
            (void)marked(&state, item);
        }
        assert_int_equal(vg_state_set(vg_quality_wrong(&state.quality)), rows[r].wrong);
    }
}

static void test_old_values(void **unused)
{
    struct vg_try *t = try_begin();

    (void)unused;
    t->marks = VG_MARK_OLD;
    put(t, 0, VG_TEMP, 370, VG_SOURCE_SPOT);
    assert_true(yes(try_at(t, 30000)->quality.clock_skew));
    t->marks = 0;
    put(t, 30000, VG_TEMP, 370, CONT); /* a patch does not outrank a spot */
    assert_true(yes(try_at(t, 30000)->quality.clock_skew));
    put(t, 30060, VG_TEMP, 370, VG_SOURCE_SPOT);
    assert_false(yes(try_at(t, 30060)->quality.clock_skew));
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_falls_off), cmocka_unit_test(test_probe_is_back),
        cmocka_unit_test(test_probe_slow_fall), cmocka_unit_test(test_rate_of_change),
        cmocka_unit_test(test_motion),          cmocka_unit_test(test_heart_still),
        cmocka_unit_test(test_third_stuck),     cmocka_unit_test(test_cuff_triples),
        cmocka_unit_test(test_cuff_cycles),     cmocka_unit_test(test_flat_line),
        cmocka_unit_test(test_perfusion),       cmocka_unit_test(test_stuck),
        cmocka_unit_test(test_silence),         cmocka_unit_test(test_two_devices),
        cmocka_unit_test(test_old_values)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
