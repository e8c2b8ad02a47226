/* SPDX-License-Identifier: Apache-2.0
 *
 * ICANS and the neurologic events beside it (Clinical reference 2, 13).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/course_help.h"

#define X   172800
#define DAY 86400

static struct vg_item charted(int64_t seconds, enum vg_signal signal)
{
    return (struct vg_item){.at = try_instant(seconds),
                            .to = try_instant(seconds),
                            .low = 1,
                            .high = 1,
                            .a = VG_NO_VALUE,
                            .b = VG_NO_VALUE,
                            .count = 1,
                            .signal = (uint8_t)signal,
                            .source = VG_SOURCE_MANUAL};
}

static void ice(struct vg_try *t, int64_t seconds, int64_t total, bool unarousable)
{
    struct vg_item item = charted(seconds, VG_ICE);

    item.low = item.high = total;
    item.a = 0;
    item.b = unarousable;
    try_item(t, item);
}

static void seizure(struct vg_try *t, int64_t seconds, int64_t lasted, bool no_return)
{
    struct vg_item item = charted(seconds, VG_SEIZURE);

    item.a = lasted < 0 ? VG_NO_VALUE : lasted * VG_SECOND;
    item.b = no_return;
    try_item(t, item);
}

static void neuro(struct vg_try *t, int64_t seconds, uint8_t name, bool bled)
{
    struct vg_item item = charted(seconds, VG_NEURO);

    item.name = name;
    item.a = bled;
    try_item(t, item);
}

static struct vg_try *begin(void)
{
    struct vg_try *t = try_begin();

    try_infusion(t, 0, 1800);
    return t;
}

static void test_ice_bands(void **state)
{
    static const int grades[] = {3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 0};

    (void)state;
    for (int total = 0; total <= 10; total++) {
        struct vg_try *t = begin();
        ice(t, X, total, false);
        try_chart(t, X, VG_CONSCIOUSNESS, "A", true);
        assert_int_equal(try_at(t, X)->icans.grade, grades[total]);
        assert_int_equal(try_at(t, X)->icans.ice, total);
        assert_true(try_at(t, X)->icans.complete);
        try_end(t);
    }
    struct vg_try *t = begin();
    ice(t, X, 0, true);
    assert_int_equal(try_at(t, X)->icans.grade, 4);
    try_chart(t, X, VG_FLAG, "sedated", true);
    assert_int_equal(try_at(t, X)->icans.grade, VG_GRADE_NULL);
    try_end(t);
}

static void test_a_failed_item_is_a_lost_point(void **state)
{
    struct vg_try *t = begin();
    struct vg_item item = charted(X, VG_ICE);

    (void)state;
    item.low = item.high = 10;
    item.a = 1 << 16; /* the sentence failed, nothing else was sent */
    item.b = 0;
    try_item(t, item);
    assert_int_equal(try_at(t, X)->icans.grade, 1);
    try_end(t);
}

static void test_ice_is_valid_for_16_hours(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    ice(t, X, 8, false);
    try_chart(t, X + 16 * 3600, VG_CONSCIOUSNESS, "V", true);
    assert_int_equal(try_at(t, X + 16 * 3600)->icans.grade, 2);
    assert_int_equal(t->next.ms, try_instant(X + 16 * 3600).ms + 1);
    const struct vg_icans_out *out =
        &try_at_ms(t, (X + 16 * 3600) * INT64_C(1000) + 1)->icans;
    assert_int_equal(out->grade, VG_GRADE_NULL);
    assert_int_equal(out->least, 2);
    assert_int_equal(out->ice, VG_GRADE_NULL);
    assert_false(out->complete);
    try_end(t);
}

static void test_baseline_below_ten(void **state)
{
    static const struct {
        int before, admitted, now, grade;
    } rows[] = {{8, -1, 8, 0}, {8, -1, 9, 0}, {8, -1, 7, 1}, {10, -1, 9, 1},
                {-1, 6, 6, 0}, {-1, 6, 5, 2}, {9, 7, 8, 0},  {-1, -1, 9, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        if (rows[i].admitted >= 0) {
            t->course->patient.baseline[VG_ICE] = rows[i].admitted;
        }
        if (rows[i].before >= 0) {
            ice(t, -3600, rows[i].before, false);
            assert_int_equal(try_at(t, -1)->icans.grade, VG_GRADE_NULL);
        }
        try_infusion(t, 0, 1800);
        ice(t, X, rows[i].now, false);
        assert_int_equal(try_at(t, X)->icans.grade, rows[i].grade);
        try_end(t);
    }
}

/* Behind a planned start and before the charted one: no baseline yet, and then it is (0.3). */
static void test_baseline_of_a_late_start(void **state)
{
    static const struct {
        int64_t start;
        int after, grade;
    } rows[] = {{3600, 9, 0}, {3600, 8, 1}, {14400, 9, 0}, {14401, 9, 1}, {1200, 9, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        t->course->patient.infusion_planned = try_instant(0);
        ice(t, 1800, 9, false);
        assert_int_equal(try_at(t, 1800)->icans.grade, 1);
        try_chart(t, rows[i].start, VG_INFUSION, "start", true);
        ice(t, X, rows[i].after, false);
        assert_int_equal(try_at(t, X)->icans.grade, rows[i].grade);
        try_end(t);
    }
}

/* ICE 11 was refused: no value, and no zero, neither now nor as what was before the infusion. */
static void test_refused_is_no_value(void **state)
{
    (void)state;
    struct vg_try *t = try_begin();
    struct vg_item item = charted(-3600, VG_ICE);

    item.low = item.high = 0;
    item.marks |= VG_MARK_VOID;
    try_item(t, item);
    try_infusion(t, 0, 1800);
    ice(t, X, 2, false);
    assert_int_equal(try_at(t, X)->icans.grade, 3);
    item = charted(X + 60, VG_ICE);
    item.marks |= VG_MARK_VOID;
    item.low = item.high = 0;
    try_item(t, item);
    assert_int_equal(try_at(t, X + 60)->icans.grade, 3);
    try_end(t);
}

static void test_consciousness(void **state)
{
    static const struct {
        const char *acvpu, *arousal;
        int64_t later; /* of the arousal, seconds */
        bool sedated;
        int least;
    } rows[] = {{"A", NULL, 0, false, 0},           {"C", NULL, 0, false, 0},
                {"V", NULL, 0, false, 2},           {"P", NULL, 0, false, 3},
                {"U", NULL, 0, false, 4},           {NULL, "spontaneous", 0, false, 0},
                {NULL, "voice", 0, false, 2},       {NULL, "touch", 0, false, 3},
                {NULL, "unarousable", 0, false, 4}, {"P", "voice", 0, false, 2},
                {"P", "voice", -60, false, 3},      {"P", "voice", 60, false, 2},
                {"U", "unarousable", 0, true, -1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        if (rows[i].acvpu != NULL) {
            try_chart(t, X, VG_CONSCIOUSNESS, rows[i].acvpu, true);
        }
        if (rows[i].arousal != NULL) {
            try_chart(t, X + rows[i].later, VG_AROUSAL, rows[i].arousal, true);
        }
        if (rows[i].sedated) {
            try_chart(t, X, VG_FLAG, "sedated", true);
        }
        assert_int_equal(try_at(t, X + 60)->icans.least, rows[i].least);
        assert_int_equal(try_at(t, X + 60)->icans.grade, VG_GRADE_NULL);
        assert_false(try_at(t, X + 60)->icans.complete);
        try_end(t);
    }
}

static void test_seizure(void **state)
{
    static const struct {
        int64_t lasted;
        bool no_return;
        int grade;
    } rows[] = {{90, false, 3},
                {300, false, 3},
                {301, false, 4},
                {20, true, 4},
                {-1, false, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        ice(t, X + DAY, 10, false);
        seizure(t, X, rows[i].lasted, rows[i].no_return);
        assert_int_equal(try_at(t, X + DAY)->icans.grade, rows[i].grade);
        assert_int_equal(try_at(t, X + DAY)->icans.seizure.truth, VG_TRUE);
        assert_int_equal(try_at(t, X + DAY)->icans.seizure.since.ms, try_instant(X).ms);
        assert_int_equal(try_at(t, X + DAY + 1)->icans.grade, 0);
        assert_int_equal(try_at(t, X + DAY + 1)->icans.seizure.truth, VG_FALSE);
        try_end(t);
    }
}

static void test_seizure_before_infusion_and_under_the_gate(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    t->course->patient.age = 12;
    seizure(t, X, 30, false);
    assert_int_equal(try_at(t, X)->icans.seizure.truth, VG_TRUE);
    assert_int_equal(try_at(t, X)->icans.least, VG_GRADE_NULL);
    t->course->patient.linked = false;
    assert_int_equal(try_at(t, X)->icans.seizure.truth, VG_TRUE);
    try_end(t);
}

static void test_signs(void **state)
{
    static const struct {
        uint8_t name;
        bool bled;
        int grade;
        enum vg_truth haemorrhage;
    } rows[] = {{VG_TREMOR, false, 0, VG_FALSE},
                {VG_MOTOR_DEEP_FOCAL, false, 4, VG_FALSE},
                {VG_EDEMA_FOCAL, false, 3, VG_FALSE},
                {VG_EDEMA_FOCAL, true, 0, VG_TRUE},
                {VG_EDEMA_DIFFUSE, false, 4, VG_FALSE},
                {VG_EDEMA_DIFFUSE, true, 0, VG_TRUE},
                {VG_PAPILLOEDEMA, false, 4, VG_FALSE},
                {VG_SIXTH_NERVE_PALSY, false, 4, VG_FALSE},
                {VG_POSTURING, false, 4, VG_FALSE},
                {VG_CUSHING_TRIAD, false, 4, VG_FALSE},
                {VG_FACIAL_PALSY, false, 0, VG_FALSE},
                {VG_HAEMORRHAGE, false, 0, VG_TRUE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        ice(t, X, 10, false);
        neuro(t, X, rows[i].name, rows[i].bled);
        const struct vg_icans_out *out = &try_at(t, X)->icans;
        assert_int_equal(out->grade, rows[i].grade);
        assert_int_equal(out->haemorrhage.truth, rows[i].haemorrhage);
        assert_int_equal(out->delayed.truth, VG_FALSE);
        try_end(t);
    }
}

static void test_ice_drop(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    ice(t, X, 10, false);
    assert_int_equal(try_at(t, X)->icans.ice_drop.truth, VG_FALSE);
    ice(t, X + 3600, 9, false);
    assert_int_equal(try_at(t, X + 3600)->icans.ice_drop.truth, VG_TRUE);
    ice(t, X + 7200, 9, false);
    assert_int_equal(try_at(t, X + 7200)->icans.ice_drop.truth, VG_FALSE);
    /* found late: the order of measuring counts */
    ice(t, X + 5400, 10, false);
    assert_int_equal(try_at(t, X + 7200)->icans.ice_drop.truth, VG_TRUE);
    try_end(t);
}

static void test_delayed(void **state)
{
    static const struct {
        int64_t seconds;
        uint8_t name;
        bool bcma;
        enum vg_truth found;
    } rows[] = {{14 * DAY - 1, VG_GAIT, true, VG_FALSE},
                {14 * DAY, VG_GAIT, true, VG_TRUE},
                {24 * DAY, VG_HANDWRITING, true, VG_TRUE},
                {24 * DAY, VG_PERSONALITY, true, VG_TRUE},
                {24 * DAY, VG_FACIAL_PALSY, false, VG_FALSE},
                {24 * DAY, VG_TREMOR, true, VG_FALSE},
                {101 * DAY - 1, VG_FACIAL_PALSY, true, VG_TRUE},
                {101 * DAY, VG_FACIAL_PALSY, true, VG_FALSE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        t->course->patient.bcma = rows[i].bcma;
        neuro(t, rows[i].seconds, rows[i].name, false);
        assert_int_equal(try_at(t, rows[i].seconds)->icans.delayed.truth,
                         rows[i].found);
        try_end(t);
    }
}

static void test_icp_pattern(void **state)
{
    static const struct {
        int64_t sbp, hr, rr, apart;
        enum vg_truth found;
    } rows[] = {{163, 59, 11, 900, VG_TRUE},
                {162, 59, 11, 60, VG_FALSE},
                {163, 60, 11, 60, VG_FALSE},
                {163, 59, 12, 60, VG_FALSE},
                {163, 59, 11, 901, VG_FALSE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        try_obs(t, X, VG_SBP, rows[i].sbp, VG_SOURCE_CUFF, VG_METHOD_NONE);
        try_obs(t, X + 60, VG_HR, rows[i].hr, VG_SOURCE_SPOT, VG_METHOD_NONE);
        try_obs(t, X + rows[i].apart, VG_RR, rows[i].rr, VG_SOURCE_SPOT,
                VG_METHOD_NONE);
        const struct vg_icans_out *out = &try_at(t, X + 1000)->icans;
        assert_int_equal(out->icp.truth, rows[i].found);
        assert_int_equal(out->icp_critical.truth, VG_FALSE);
        try_end(t);
    }
}

static void test_icp_ends_by_evidence(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    try_obs(t, X, VG_SBP, 170, VG_SOURCE_CUFF, VG_METHOD_NONE);
    try_obs(t, X, VG_HR, 50, VG_SOURCE_SPOT, VG_METHOD_NONE);
    try_obs(t, X, VG_RR, 8, VG_SOURCE_SPOT, VG_METHOD_NONE);
    ice(t, X, 9, false);
    assert_int_equal(try_at(t, X)->icans.icp_critical.truth, VG_TRUE);
    assert_int_equal(try_at(t, X + 36000)->icans.icp.truth, VG_TRUE);
    try_obs(t, X + 300, VG_HR, 60, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 900)->icans.icp.truth, VG_TRUE);
    assert_int_equal(try_at_ms(t, (X + 900) * INT64_C(1000) + 1)->icans.icp.truth,
                     VG_FALSE);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ice_bands),
        cmocka_unit_test(test_a_failed_item_is_a_lost_point),
        cmocka_unit_test(test_ice_is_valid_for_16_hours),
        cmocka_unit_test(test_baseline_below_ten),
        cmocka_unit_test(test_baseline_of_a_late_start),
        cmocka_unit_test(test_refused_is_no_value),
        cmocka_unit_test(test_consciousness),
        cmocka_unit_test(test_seizure),
        cmocka_unit_test(test_seizure_before_infusion_and_under_the_gate),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_ice_drop),
        cmocka_unit_test(test_delayed),
        cmocka_unit_test(test_icp_pattern),
        cmocka_unit_test(test_icp_ends_by_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
