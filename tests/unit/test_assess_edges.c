/* SPDX-License-Identifier: Apache-2.0
 *
 * Edges of the assessments: a third device beside two that say that it is bad, readings of a clock
 * in the future, which end nothing (Clinical reference 0.3), numbers beyond anything measured.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/assess/labs.h"
#include "lib/course_help.h"

#define X INT64_C(172800)

#define FIELD(member) offsetof(struct vg_assessment, member)

static const struct rule {
    const char *what;
    enum vg_signal signal;
    enum vg_source source;
    enum vg_method method;
    int64_t bad, good, step, span, back;
    size_t field;
} rules[] = {
    {"fast pulse", VG_HR, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE, 155, 80, 1, 60, 60,
     FIELD(extreme.vital)},
    {"slow breath", VG_RR, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE, 5, 16, 1, 60, 60,
     FIELD(extreme.vital)},
    {"a line, low", VG_SBP, VG_SOURCE_ARTERIAL, VG_METHOD_NONE, 85, 120, 1, 60, 300,
     FIELD(pressure.hypotension)},
    {"mean pressure", VG_MAP, VG_SOURCE_ARTERIAL, VG_METHOD_NONE, 58, 80, 1, 60, 60,
     FIELD(pressure.map_low)},
    {"low saturation", VG_SPO2, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE, 88, 97, 1, 60, 60,
     FIELD(oxygen.hypoxia)},
    {"a patch", VG_TEMP, VG_SOURCE_CONTINUOUS, VG_METHOD_AXILLARY, 385, 368, 60, 240,
     3600, FIELD(fever.confirmed)},
};

static void say(struct vg_try *t, const struct rule *rule, int64_t at, uint8_t device,
                int64_t value)
{
    t->device = device;
    try_obs(t, X + at, rule->signal, value, rule->source, rule->method);
}

static enum vg_truth asked(struct vg_try *t, const struct rule *rule, int64_t at)
{
    const struct vg_assessment *now = try_at(t, X + at);
    const struct vg_finding *finding = (const void *)((const char *)now + rule->field);

    return finding->truth;
}

/* Two devices say that it is bad: a third one is not counted, and ends nothing while they are
 * heard (assess/slot.h). */
static void a_third_device_ends_nothing(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rules / sizeof rules[0]; r++) {
        const struct rule *rule = &rules[r];
        struct vg_try *t = try_begin();
        int64_t at = 0;
        for (; at <= rule->span; at += rule->step) {
            say(t, rule, at, 1, rule->bad);
            say(t, rule, at, 2, rule->bad);
        }
        for (; at <= rule->span + rule->back + 2 * rule->step; at += rule->step) {
            say(t, rule, at, 1, rule->bad);
            say(t, rule, at, 2, rule->bad);
            say(t, rule, at, 3, rule->good);
        }
        if (asked(t, rule, at) != VG_TRUE) {
            fail_msg("%s: the third device has ended it", rule->what);
        }
        try_end(t);
    }
}

/* One alone that is good for long enough ends it, unless its clock is in the future. */
static void a_clock_in_the_future_ends_nothing(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rules / sizeof rules[0]; r++) {
        for (int future = 0; future < 2; future++) {
            const struct rule *rule = &rules[r];
            struct vg_try *t = try_begin();
            int64_t at = 0;
            for (; at <= rule->span; at += rule->step) {
                say(t, rule, at, 1, rule->bad);
            }
            t->marks = future == 1 ? VG_MARK_CLOCK : 0;
            for (; at <= rule->span + rule->back + 2 * rule->step; at += rule->step) {
                say(t, rule, at, 1, rule->good);
            }
            if (asked(t, rule, at) != (future == 1 ? VG_TRUE : VG_FALSE)) {
                fail_msg("%s, future %d", rule->what, future);
            }
            try_end(t);
        }
    }
}

/* The same of single readings of the mean pressure, of a cuff. */
static void a_mean_pressure_of_the_future(void **state)
{
    static const struct {
        uint8_t marks;
        int64_t map;
        enum vg_truth low, critical;
    } rows[] = {{0, 70, VG_FALSE, VG_FALSE},
                {VG_MARK_CLOCK, 70, VG_TRUE, VG_TRUE},
                {0, 57, VG_TRUE, VG_FALSE},
                {VG_MARK_CLOCK, 57, VG_TRUE, VG_TRUE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        t->device = 1;
        for (int64_t at = 0; at <= 300; at += 300) {
            try_obs(t, X + at, VG_MAP, 50, VG_SOURCE_CUFF, VG_METHOD_NONE);
        }
        t->marks = rows[i].marks;
        try_obs(t, X + 600, VG_MAP, rows[i].map, VG_SOURCE_CUFF, VG_METHOD_NONE);
        const struct vg_assessment *now = try_at(t, X + 601);
        assert_int_equal(now->pressure.map_low.truth, rows[i].low);
        assert_int_equal(now->pressure.map_critical.truth, rows[i].critical);
        try_end(t);
    }
}

static void cuff(struct vg_try *t, int64_t at, uint8_t device, int64_t sbp, int64_t dbp)
{
    t->device = device;
    try_obs(t, X + at, VG_SBP, sbp, VG_SOURCE_CUFF, VG_METHOD_NONE);
    try_obs(t, X + at, VG_DBP, dbp, VG_SOURCE_CUFF, VG_METHOD_NONE);
}

/* Clinical reference 1.3: an inconsistent triple below 90 waits, and confirms at the next one below
 * 90, valid or not, of whatever device, unless a valid value of 90 or more comes between. */
static void an_inconsistent_cuff_confirms(void **state)
{
    static const struct {
        uint8_t second; /* device */
        int64_t between, sbp, dbp;
        bool is;
    } rows[] = {
        {1, 0, 84, 78, true},  {2, 0, 84, 78, true},    {1, 0, 84, 50, true},
        {1, 0, 95, 90, false}, {1, 120, 84, 78, false}, {1, 0, 120, 80, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        cuff(t, 0, 1, 84, 78); /* a pulse pressure of 6 */
        assert_int_equal(try_at(t, X + 1)->pressure.hypotension.truth, VG_FALSE);
        if (rows[i].between != 0) {
            cuff(t, 150, 1, rows[i].between, 80);
        }
        cuff(t, 300, rows[i].second, rows[i].sbp, rows[i].dbp);
        const struct vg_assessment *now = try_at(t, X + 301);
        if (now->pressure.hypotension.truth != (rows[i].is ? VG_TRUE : VG_FALSE)) {
            fail_msg("row %zu", i);
        }
        try_end(t);
    }
}

/* A value that a person wrote down and one of a cuff are two readings, whichever came first. */
static void a_person_and_a_cuff(void **state)
{
    static const struct {
        enum vg_source first, second;
    } rows[] = {{VG_SOURCE_MANUAL, VG_SOURCE_CUFF}, {VG_SOURCE_CUFF, VG_SOURCE_MANUAL}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct vg_try *t = try_begin();
        t->device = rows[i].first == VG_SOURCE_CUFF;
        try_obs(t, X, VG_MAP, 58, rows[i].first, VG_METHOD_NONE);
        assert_int_equal(try_at(t, X + 1)->pressure.map_low.truth, VG_FALSE);
        t->device = rows[i].second == VG_SOURCE_CUFF;
        try_obs(t, X + 300, VG_MAP, 57, rows[i].second, VG_METHOD_NONE);
        assert_int_equal(try_at(t, X + 301)->pressure.map_low.truth, VG_TRUE);
        t->device = 1;
        try_obs(t, X + 600, VG_MAP, 70, VG_SOURCE_CUFF, VG_METHOD_NONE);
        assert_int_equal(try_at(t, X + 601)->pressure.map_low.truth, VG_FALSE);
        try_end(t);
    }
}

/* A probe that came off counts again after five warm samples over 8 min, not of a clock ahead. */
static void a_probe_that_came_off(void **state)
{
    (void)state;
    for (int future = 0; future < 2; future++) {
        struct vg_try *t = try_begin();
        int64_t at = 0;
        t->device = 1;
        for (; at < 600; at += 60) {
            try_obs(t, X + at, VG_TEMP, 370, VG_SOURCE_CONTINUOUS, VG_METHOD_CORE);
        }
        for (; at < 900; at += 60) {
            try_obs(t, X + at, VG_TEMP, 300, VG_SOURCE_CONTINUOUS, VG_METHOD_CORE);
        }
        assert_int_equal(try_at(t, X + at)->quality.probe_off.truth, VG_TRUE);
        t->marks = future == 1 ? VG_MARK_CLOCK : 0;
        for (int i = 0; i < 6; i++, at += 120) {
            try_obs(t, X + at, VG_TEMP, 370, VG_SOURCE_CONTINUOUS, VG_METHOD_CORE);
        }
        assert_int_equal(try_at(t, X + at)->quality.probe_off.truth,
                         future == 1 ? VG_TRUE : VG_FALSE);
        try_end(t);
    }
}

/* Two have come off: a third one beside them says nothing of either. */
static void a_third_probe(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at < 2400; at += 60) {
        for (uint8_t device = 1; device <= 3; device++) {
            if (device == 3 && at < 900) {
                continue;
            }
            t->device = device;
            try_obs(t, X + at + device, VG_TEMP, at < 600 || device == 3 ? 370 : 300,
                    VG_SOURCE_CONTINUOUS, VG_METHOD_CORE);
        }
    }
    assert_int_equal(try_at(t, X + 2400)->quality.probe_off.truth, VG_TRUE);
    try_end(t);
}

static void ice(struct vg_try *t, int64_t seconds, int64_t score)
{
    struct vg_item item = {.at = try_instant(seconds),
                           .to = try_instant(seconds),
                           .low = score,
                           .high = score,
                           .a = VG_NO_VALUE,
                           .b = VG_NO_VALUE,
                           .raw = score,
                           .count = 1,
                           .signal = VG_ICE,
                           .source = VG_SOURCE_MANUAL};

    try_item(t, item);
}

static void ice_of_the_future(void **state)
{
    static const struct {
        uint8_t marks;
        int64_t score;
        int grade;
    } rows[] = {{0, 10, 0}, {VG_MARK_CLOCK, 10, 2}, {VG_MARK_CLOCK, 2, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        try_infusion(t, X - 86400, X - 82800);
        ice(t, X, 5); /* grade 2 */
        t->marks = rows[i].marks;
        ice(t, X + 600, rows[i].score); /* better ends nothing, worse counts */
        assert_int_equal(try_at(t, X + 660)->icans.grade, rows[i].grade);
        try_end(t);
    }
}

static void numbers_beyond_anything(void **state)
{
    const int64_t most = INT64_C(10000000000) * 1000000;
    static const struct vg_chart none;

    (void)state;
    assert_int_equal(vg_lab_bounded(most), most);
    assert_int_equal(vg_lab_bounded(most + 1), most);
    assert_int_equal(vg_lab_bounded(-most - 1), -most);
    assert_int_equal(vg_lab_bounded(7), 7);
    assert_false(vg_is_set(vg_infusion_end(&none, try_instant(0)))); /* there is none */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_third_device_ends_nothing),
        cmocka_unit_test(a_clock_in_the_future_ends_nothing),
        cmocka_unit_test(a_mean_pressure_of_the_future),
        cmocka_unit_test(a_person_and_a_cuff),
        cmocka_unit_test(an_inconsistent_cuff_confirms),
        cmocka_unit_test(a_probe_that_came_off),
        cmocka_unit_test(a_third_probe),
        cmocka_unit_test(ice_of_the_future),
        cmocka_unit_test(numbers_beyond_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
