/* SPDX-License-Identifier: Apache-2.0
 *
 * NEWS2: bands, missing values, thresholds, streams and step-down (Clinical reference 0.4,
 * 0.9, 4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/course_help.h"

#define X 172800 /* two days after the infusion */

static const struct {
    enum vg_signal signal;
    int64_t value;
} normal[] = {{VG_RR, 16}, {VG_SPO2, 98}, {VG_SBP, 120}, {VG_HR, 75}, {VG_TEMP, 368}};

/* A charted complete set, all normal but for one signal. */
static void set(struct vg_try *t, int64_t at, enum vg_signal signal, int64_t value)
{
    try_oxygen(t, at, "room_air", VG_NO_VALUE);
    try_chart(t, at, VG_CONSCIOUSNESS, "A", true);
    for (size_t i = 0; i < sizeof normal / sizeof normal[0]; i++) {
        const bool other = normal[i].signal != signal;
        try_obs(t, at, normal[i].signal, other ? normal[i].value : value,
                VG_SOURCE_SPOT, VG_METHOD_NONE);
    }
}

static void stream(struct vg_try *t, int64_t from, int64_t to, int64_t step,
                   int64_t value)
{
    for (int64_t at = from; at <= to; at += step) {
        try_obs(t, at, VG_RR, value, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE);
    }
}

static void test_bands(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t value;
        int points;
    } rows[] = {
        {VG_RR, 8, 3},     {VG_RR, 9, 1},     {VG_RR, 11, 1},    {VG_RR, 12, 0},
        {VG_RR, 20, 0},    {VG_RR, 21, 2},    {VG_RR, 24, 2},    {VG_RR, 25, 3},
        {VG_SPO2, 91, 3},  {VG_SPO2, 92, 2},  {VG_SPO2, 93, 2},  {VG_SPO2, 94, 1},
        {VG_SPO2, 95, 1},  {VG_SPO2, 96, 0},  {VG_SBP, 90, 3},   {VG_SBP, 91, 2},
        {VG_SBP, 100, 2},  {VG_SBP, 101, 1},  {VG_SBP, 110, 1},  {VG_SBP, 111, 0},
        {VG_SBP, 219, 0},  {VG_SBP, 220, 3},  {VG_HR, 40, 3},    {VG_HR, 41, 1},
        {VG_HR, 50, 1},    {VG_HR, 51, 0},    {VG_HR, 90, 0},    {VG_HR, 91, 1},
        {VG_HR, 110, 1},   {VG_HR, 111, 2},   {VG_HR, 130, 2},   {VG_HR, 131, 3},
        {VG_TEMP, 350, 3}, {VG_TEMP, 351, 1}, {VG_TEMP, 360, 1}, {VG_TEMP, 361, 0},
        {VG_TEMP, 380, 0}, {VG_TEMP, 381, 1}, {VG_TEMP, 390, 1}, {VG_TEMP, 391, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        set(t, X, rows[i].signal, rows[i].value);
        const struct vg_news2_out *out = &try_at(t, X)->news2;
        assert_true(out->complete);
        assert_int_equal(out->score, rows[i].points);
        assert_int_equal(out->max_single, rows[i].points);
        assert_int_equal(out->single_3.truth, rows[i].points == 3);
        try_end(t);
    }
}

static void test_spo2_on_scale_2(void **state)
{
    static const struct {
        int64_t value;
        int air, oxygen;
    } rows[] = {{83, 3, 3}, {84, 2, 2}, {85, 2, 2}, {86, 1, 1}, {87, 1, 1},
                {88, 0, 0}, {92, 0, 0}, {93, 0, 1}, {94, 0, 1}, {95, 0, 2},
                {96, 0, 2}, {97, 0, 3}, {100, 0, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        try_chart(t, X, VG_FLAG, "scale2", true);
        set(t, X, VG_SPO2, rows[i].value);
        assert_int_equal(try_at(t, X)->news2.part[VG_NEWS2_SPO2], rows[i].air);
        try_oxygen(t, X + 1, "nasal_cannula", 20);
        assert_int_equal(try_at(t, X + 1)->news2.part[VG_NEWS2_SPO2], rows[i].oxygen);
        assert_int_equal(try_at(t, X + 1)->news2.score, rows[i].oxygen + 2);
        try_end(t);
    }
}

static void test_missing_is_never_normal(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    assert_int_equal(try_at(t, X)->news2.score, VG_GRADE_NULL);
    set(t, X, VG_RR, 25);
    assert_true(try_at(t, X + 3600)->news2.complete);
    assert_true(t->next.ms <= try_instant(X + 3600).ms + 1);
    const struct vg_news2_out *out =
        &try_at_ms(t, (X + 3600) * INT64_C(1000) + 1)->news2;
    assert_false(out->complete);
    assert_int_equal(out->missing, 1U << VG_NEWS2_RR | 1U << VG_NEWS2_SPO2 |
                                       1U << VG_NEWS2_SBP | 1U << VG_NEWS2_HR |
                                       1U << VG_NEWS2_TEMP);
    assert_int_equal(out->score, 0);
    /* it has not cleared: nothing says so; consciousness lapses after 4 h */
    assert_int_equal(out->single_3.truth, VG_TRUE);
    assert_int_equal(out->page_7.truth, VG_UNKNOWN);
    assert_int_equal(try_at(t, X + 14400)->news2.part[VG_NEWS2_ACVPU], 0);
    assert_int_equal(try_at(t, X + 14401)->news2.part[VG_NEWS2_ACVPU], VG_GRADE_NULL);
    assert_int_equal(try_at(t, X + 90000)->news2.single_3.truth, VG_TRUE);
    try_end(t);
}

static void test_oxygen_unknown_is_missing(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_obs(t, X, VG_HR, 131, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X)->news2.score, 3);
    assert_int_equal(try_at(t, X)->news2.part[VG_NEWS2_O2], VG_GRADE_NULL);
    try_oxygen(t, X + 1, "cpap", VG_NO_VALUE);
    assert_int_equal(try_at(t, X + 86400)->news2.part[VG_NEWS2_O2], 2);
    try_end(t);
}

static void test_off(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct vg_try *t = try_begin();
        struct vg_patient *patient = &t->course->patient;
        patient->pregnant = i == 0;
        patient->age = i == 1 ? 17 : i == 2 ? -1 : 18;
        patient->linked = i != 3;
        set(t, X, VG_RR, 25);
        try_chart(t, X, VG_CONSCIOUSNESS, "P", true);
        const struct vg_assessment *out = try_at(t, X);
        assert_int_equal(out->news2.score, VG_GRADE_NULL);
        assert_int_equal(out->news2.page_5.truth, VG_FALSE);
        assert_int_equal(out->news2.single_3.truth, VG_FALSE);
        assert_int_equal(out->news2.missing, 0); /* all of it was measured */
        out = try_at(t, X + 3601);
        assert_int_equal(out->news2.missing & 1U << VG_NEWS2_ACVPU, 0);
        assert_int_not_equal(out->news2.missing & 1U << VG_NEWS2_SPO2, 0);
        try_end(t);
    }
}

static void test_trust(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    set(t, X, VG_TEMP, 385);
    try_obs(t, X + 60, VG_TEMP, 395, VG_SOURCE_SPOT, VG_METHOD_AXILLARY);
    assert_int_equal(try_at(t, X + 60)->news2.part[VG_NEWS2_TEMP], 1);
    try_obs(t, X + 60, VG_SBP, 95, VG_SOURCE_ARTERIAL, VG_METHOD_NONE);
    try_obs(t, X + 120, VG_SBP, 125, VG_SOURCE_CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 120)->news2.part[VG_NEWS2_SBP], 2);
    /* the spot has lapsed, the axillary one not yet; a cool patch never counts */
    assert_int_equal(try_at(t, X + 3601)->news2.part[VG_NEWS2_TEMP], 2);
    try_obs(t, X + 3700, VG_TEMP, 354, VG_SOURCE_CONTINUOUS, VG_METHOD_AXILLARY);
    assert_int_equal(try_at(t, X + 3700)->news2.part[VG_NEWS2_TEMP], VG_GRADE_NULL);
    try_obs(t, X + 3820, VG_TEMP, 355, VG_SOURCE_CONTINUOUS, VG_METHOD_AXILLARY);
    assert_int_equal(try_at(t, X + 3820)->news2.part[VG_NEWS2_TEMP], 1);
    try_end(t);
}

static void test_stream_scores_what_it_holds(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    set(t, X - 60, VG_RR, 16);
    stream(t, X, X + 600, 60, 16);
    stream(t, X + 660, X + 900, 60, 26);
    /* 16 at 600 s is in the closed window of 5 min to 900 s, then not any more */
    assert_int_equal(try_at(t, X + 900)->news2.score, 0);
    assert_int_equal(try_at_ms(t, (X + 900) * INT64_C(1000) + 1)->news2.score, 3);
    stream(t, X + 960, X + 1740, 60, 26);
    assert_int_equal(try_at(t, X + 1740)->news2.single_3.truth, VG_FALSE);
    assert_int_equal(try_at_ms(t, (X + 1800) * INT64_C(1000))->news2.single_3.truth,
                     VG_FALSE);
    const struct vg_finding page =
        try_at_ms(t, (X + 1800) * INT64_C(1000) + 1)->news2.single_3;
    assert_int_equal(page.truth, VG_TRUE);
    assert_int_equal(page.since.ms, try_instant(X + 900).ms + 1);
    /* one calm sample takes it back, the page stands until 30 min have passed */
    stream(t, X + 1860, X + 1860, 60, 16);
    assert_int_equal(try_at(t, X + 1860)->news2.score, 0);
    assert_int_equal(try_at(t, X + 1860)->news2.single_3.truth, VG_TRUE);
    try_end(t);
}

static void test_a_silent_stream_does_not_ripen(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    set(t, X - 60, VG_RR, 16);
    stream(t, X, X + 600, 60, 16);
    stream(t, X + 601, X + 610, 1, 26);
    assert_int_equal(try_at(t, X + 1200)->news2.score, 0);
    try_end(t);
}

static void test_sparse_stream(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    set(t, X - 60, VG_RR, 16);
    stream(t, X, X, 1, 16);
    stream(t, X + 900, X + 900, 1, 26); /* alone, its neighbour 15 min away */
    assert_int_equal(try_at(t, X + 900)->news2.score, 0);
    stream(t, X + 1801, X + 1801, 1, 26); /* 15 min and 1 s: alone */
    assert_int_equal(try_at(t, X + 1801)->news2.score, 3);
    try_end(t);
}

static void test_step_down(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    set(t, X, VG_RR, 25);
    try_chart(t, X, VG_CONSCIOUSNESS, "C", true);
    try_oxygen(t, X, "nasal_cannula", 20);
    assert_int_equal(try_at(t, X)->news2.score, 8);
    assert_int_equal(try_at(t, X)->news2.page_7.truth, VG_TRUE);
    assert_int_equal(try_at(t, X)->news2.page_5.truth, VG_FALSE);
    set(t, X + 600, VG_RR, 16);
    assert_int_equal(try_at(t, X + 600)->news2.score, 0);
    assert_int_equal(try_at(t, X + 2399)->news2.page_7.truth, VG_TRUE);
    assert_int_equal(t->next.ms <= try_instant(X + 2400).ms, true);
    assert_int_equal(try_at(t, X + 2400)->news2.page_7.truth, VG_FALSE);
    try_end(t);
}

/* What a charted value raised is said, also while an arterial line shows better ones. */
static void test_an_alert_says_what_raised_it(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_obs(t, X, VG_SBP, 85, VG_SOURCE_CUFF, VG_METHOD_NONE);
    try_obs(t, X, VG_SBP, 130, VG_SOURCE_ARTERIAL, VG_METHOD_NONE);
    const struct vg_news2_out *out = &try_at(t, X)->news2;
    assert_int_equal(out->single_3.truth, VG_TRUE);
    assert_int_equal(out->score, 0);
    assert_int_equal(out->part[VG_NEWS2_SBP], 0);
    assert_int_equal(out->worst, 3);
    assert_int_equal(out->worst_part[VG_NEWS2_SBP], 3);
    assert_int_equal(out->worst_part[VG_NEWS2_HR], VG_GRADE_NULL);
    try_end(t);
}

static void test_two_sets_step_down(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    set(t, X, VG_RR, 25);
    set(t, X + 300, VG_RR, 16);
    assert_int_equal(try_at(t, X + 300)->news2.single_3.truth, VG_TRUE);
    try_obs(t, X + 400, VG_HR, 75, VG_SOURCE_SPOT, VG_METHOD_NONE); /* no set */
    assert_int_equal(try_at(t, X + 400)->news2.single_3.truth, VG_TRUE);
    set(t, X + 600, VG_RR, 16);
    assert_int_equal(try_at(t, X + 600)->news2.single_3.truth, VG_FALSE);
    try_end(t);
}

static void test_late_values_do_not_page(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    set(t, X + 600, VG_RR, 16);
    t->marks = VG_MARK_LATE;
    try_obs(t, X, VG_RR, 30, VG_SOURCE_SPOT, VG_METHOD_NONE);
    t->marks = 0;
    assert_int_equal(try_at(t, X + 600)->news2.single_3.truth, VG_FALSE);
    try_end(t);
}

/* 7 is a floor: 0.3. A late 7 stands until it is known to be over, as if it had come in time. */
static void test_late_values_page_for_the_floor(void **state)
{
    static const struct {
        uint8_t marks;
        enum vg_truth seven;
    } rows[] = {{VG_MARK_LATE, VG_TRUE},
                {VG_MARK_OLD, VG_TRUE}, /* and still the newest */
                {VG_MARK_LATE | VG_MARK_OLD, VG_FALSE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        set(t, X - 600, VG_TEMP, 370);
        t->marks = rows[i].marks;
        try_obs(t, X, VG_RR, 26, VG_SOURCE_SPOT, VG_METHOD_NONE);
        try_obs(t, X, VG_HR, 112, VG_SOURCE_SPOT, VG_METHOD_NONE);
        assert_int_not_equal(try_at(t, X)->news2.page_5.truth, VG_TRUE);
        try_obs(t, X, VG_SPO2, 93, VG_SOURCE_SPOT, VG_METHOD_NONE);
        t->marks = 0;
        assert_int_equal(try_at(t, X)->news2.page_7.truth, rows[i].seven);
        assert_int_equal(try_at(t, X)->news2.worst, 7);
        try_end(t);
    }
}

/* A stretch says what its samples say. */
static void test_stretch(void **state)
{
    (void)state;
    for (int64_t last = 0; last <= 1500; last += 60) {
        static struct vg_state folded[2], now;
        for (int as_one = 0; as_one < 2; as_one++) {
            const struct vg_patient patient = {.linked = true, .age = 50};
            const struct vg_view view = {&patient, NULL};
            struct vg_item item = {.low = 16, .high = 16, .count = 1, .signal = VG_RR};
            memset(&now, 0, sizeof now);
            item.at = item.to = try_instant(X - 60);
            vg_news2_before(&now, &view, item.at);
            vg_news2_step(&now, &view, &item);
            vg_news2_after(&now, &view, item.at);
            item.low = item.high = 26;
            for (int64_t at = 0; at <= last; at += 60) {
                item.at = item.to = try_instant(X + at);
                if (as_one) {
                    item.to = try_instant(X + last);
                    item.count = (uint8_t)(last / 60 + 1);
                    at = last;
                }
                vg_news2_before(&now, &view, item.at);
                vg_news2_step(&now, &view, &item);
                vg_news2_after(&now, &view, item.at);
            }
            folded[as_one] = now;
        }
        for (int64_t at = 0; at < 2400; at += 7) {
            static struct vg_assessment a, b;
            struct vg_instant next = VG_NEVER;
            const struct vg_patient patient = {.linked = true, .age = 50};
            const struct vg_view view = {&patient, NULL};
            vg_news2_judge(&folded[0], &view, try_instant(X + last + at), &a, &next);
            vg_news2_judge(&folded[1], &view, try_instant(X + last + at), &b, &next);
            assert_int_equal(a.news2.score, b.news2.score);
            assert_int_equal(a.news2.single_3.truth, b.news2.single_3.truth);
            assert_int_equal(a.news2.single_3.since.ms, b.news2.single_3.since.ms);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bands),
        cmocka_unit_test(test_spo2_on_scale_2),
        cmocka_unit_test(test_missing_is_never_normal),
        cmocka_unit_test(test_oxygen_unknown_is_missing),
        cmocka_unit_test(test_off),
        cmocka_unit_test(test_trust),
        cmocka_unit_test(test_stream_scores_what_it_holds),
        cmocka_unit_test(test_a_silent_stream_does_not_ripen),
        cmocka_unit_test(test_sparse_stream),
        cmocka_unit_test(test_step_down),
        cmocka_unit_test(test_an_alert_says_what_raised_it),
        cmocka_unit_test(test_two_sets_step_down),
        cmocka_unit_test(test_late_values_do_not_page),
        cmocka_unit_test(test_late_values_page_for_the_floor),
        cmocka_unit_test(test_stretch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
