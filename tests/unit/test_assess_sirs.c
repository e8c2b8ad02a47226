/* SPDX-License-Identifier: Apache-2.0
 *
 * SIRS and qSOFA (Clinical reference 5.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/course_help.h"

#define X       172800
#define MILLION INT64_C(1000000)

struct row {
    enum vg_signal signal;
    int64_t value;
    int count, without_wbc;
};

static void vitals(struct vg_try *t)
{
    try_obs(t, X, VG_TEMP, 368, VG_SOURCE_SPOT, VG_METHOD_ORAL);
    try_obs(t, X, VG_HR, 75, VG_SOURCE_SPOT, VG_METHOD_NONE);
    try_obs(t, X, VG_RR, 16, VG_SOURCE_SPOT, VG_METHOD_NONE);
    try_obs(t, X, VG_SBP, 120, VG_SOURCE_CUFF, VG_METHOD_NONE);
}

static void test_sirs_limits(void **state)
{
    static const struct row rows[] = {{VG_TEMP, 380, 0, 0},
                                      {VG_TEMP, 381, 1, 1},
                                      {VG_TEMP, 360, 0, 0},
                                      {VG_TEMP, 359, 1, 1},
                                      {VG_HR, 90, 0, 0},
                                      {VG_HR, 91, 1, 1},
                                      {VG_RR, 20, 0, 0},
                                      {VG_RR, 21, 1, 1},
                                      {VG_PACO2, 32 * MILLION, 0, 0},
                                      {VG_PACO2, 32 * MILLION - 1, 1, 1},
                                      {VG_WBC, 12 * MILLION, 0, 0},
                                      {VG_WBC, 12 * MILLION + 1, 1, 0},
                                      {VG_WBC, 4 * MILLION, 0, 0},
                                      {VG_WBC, 4 * MILLION - 1, 1, 0},
                                      {VG_BANDS, 10 * MILLION, 0, 0},
                                      {VG_BANDS, 10 * MILLION + 1, 1, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        vitals(t);
        if (rows[i].signal < VG_MEASURED_COUNT && rows[i].signal >= VG_WBC) {
            try_lab(t, X, rows[i].signal, rows[i].value);
        } else {
            try_obs(t, X + 1, rows[i].signal, rows[i].value, VG_SOURCE_SPOT,
                    VG_METHOD_ORAL);
        }
        assert_int_equal(try_at(t, X + 1)->sirs.count, rows[i].count);
        assert_int_equal(try_at(t, X + 1)->sirs.count_excl_wbc, rows[i].without_wbc);
        try_end(t);
    }
}

static void test_results_lapse(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t value, seconds;
    } rows[] = {{VG_WBC, MILLION, 72 * 3600}, {VG_PACO2, 30 * MILLION, 4 * 3600}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        assert_int_equal(try_at(t, X)->sirs.count, VG_GRADE_NULL);
        try_lab(t, X, rows[i].signal, rows[i].value);
        assert_int_equal(try_at(t, X + rows[i].seconds)->sirs.count, 1);
        assert_int_equal(t->next.ms, try_instant(X + rows[i].seconds).ms + 1);
        assert_int_equal(try_at(t, X + rows[i].seconds + 1)->sirs.count, VG_GRADE_NULL);
        try_end(t);
    }
}

static void test_qsofa(void **state)
{
    static const struct {
        int64_t rr, sbp;
        const char *acvpu;
        int64_t gcs;
        int score;
    } rows[] = {{21, 101, "A", 15, 0}, {22, 101, "A", 15, 1}, {21, 100, "A", 15, 1},
                {22, 100, "A", 15, 2}, {21, 101, "C", 15, 1}, {21, 101, "A", 14, 1},
                {22, 100, "V", 3, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        try_obs(t, X, VG_RR, rows[i].rr, VG_SOURCE_SPOT, VG_METHOD_NONE);
        try_obs(t, X, VG_SBP, rows[i].sbp, VG_SOURCE_CUFF, VG_METHOD_NONE);
        try_obs(t, X, VG_GCS, rows[i].gcs, VG_SOURCE_SPOT, VG_METHOD_NONE);
        try_chart(t, X, VG_CONSCIOUSNESS, rows[i].acvpu, true);
        assert_int_equal(try_at(t, X)->qsofa.score, rows[i].score);
        try_end(t);
    }
}

static void test_qsofa_pages_only_without_news2(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_obs(t, X, VG_RR, 22, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X)->qsofa.score, 1);
    assert_int_equal(try_at(t, X)->qsofa.page.truth, VG_UNKNOWN);
    try_obs(t, X + 60, VG_SBP, 100, VG_SOURCE_CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 60)->qsofa.page.truth, VG_TRUE);
    assert_int_equal(try_at(t, X + 60)->qsofa.page.since.ms, try_instant(X + 60).ms);
    try_obs(t, X + 120, VG_SBP, 90, VG_SOURCE_CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 120)->qsofa.score, 2);
    assert_int_equal(try_at(t, X + 120)->qsofa.page.truth, VG_FALSE);
    try_end(t);
}

static void test_a_stream_needs_five_minutes(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 600; at += 10) {
        try_obs(t, X + at, VG_RR, at < 200 ? 21 : 22, VG_SOURCE_CONTINUOUS,
                VG_METHOD_NONE);
    }
    assert_int_equal(try_at(t, X + 600)->qsofa.score, 1);
    try_obs(t, X + 610, VG_RR, 21, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 610)->qsofa.score, 0);
    try_end(t);
}

static void test_gate(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    t->course->patient.age = 17;
    try_obs(t, X, VG_RR, 22, VG_SOURCE_SPOT, VG_METHOD_NONE);
    try_obs(t, X, VG_SBP, 100, VG_SOURCE_CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X)->sirs.count, VG_GRADE_NULL);
    assert_int_equal(try_at(t, X)->qsofa.score, VG_GRADE_NULL);
    assert_int_equal(try_at(t, X)->qsofa.page.truth, VG_FALSE);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sirs_limits),
        cmocka_unit_test(test_results_lapse),
        cmocka_unit_test(test_qsofa),
        cmocka_unit_test(test_qsofa_pages_only_without_news2),
        cmocka_unit_test(test_a_stream_needs_five_minutes),
        cmocka_unit_test(test_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
