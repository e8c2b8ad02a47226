/* SPDX-License-Identifier: Apache-2.0
 *
 * Fever in neutropenia: Clinical reference 5.3, every limit at both sides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/course.h"
#include "lib/course_help.h"

const struct vg_topic vg_topics[VG_TOPICS] = {
    [VG_TOPIC_CHART] = {.signals = ~UINT64_C(0), .step = vg_chart_step},
    [VG_TOPIC_FEVER] = {.signals = VG_SIGNAL_BIT(VG_TEMP), .step = vg_fever_step},
    [VG_TOPIC_FN] = {.signals = ~UINT64_C(0),
                     .before = vg_fn_before,
                     .step = vg_fn_step,
                     .after = vg_fn_after,
                     .judge = vg_fn_judge},
};

#define H      INT64_C(3600)
#define DAY    (24 * H)
#define ANC(n) ((n)*INT64_C(1000000))

static struct vg_try *begin(void)
{
    struct vg_try *t = try_begin();

    try_infusion(t, 0, 1800);
    return t;
}

static void spot(struct vg_try *t, int64_t at, int64_t value)
{
    try_obs(t, at, VG_TEMP, value, VG_SOURCE_SPOT, VG_METHOD_ORAL);
}

/* Fever at `at`, an ANC so many hours before (-1: none): what is met, and is it assumed. */
static void check_neutropenia(void **unused)
{
    static const struct {
        int64_t at, anc, age;
        bool nice;
        enum vg_truth met;
        bool assumed;
    } rows[] = {
        {3 * DAY, 499, H, false, VG_TRUE, false},
        {3 * DAY, 500, H, false, VG_FALSE, false},
        {3 * DAY, 500, H, true, VG_TRUE, false},
        {3 * DAY, 501, H, true, VG_FALSE, false},
        {5 * DAY, 499, 72 * H, false, VG_TRUE, false},
        {5 * DAY, 499, 72 * H + 1, false, VG_TRUE, true},
        {5 * DAY, 2000, DAY, false, VG_FALSE, false},
        {5 * DAY, 2000, DAY + 1, false, VG_TRUE, true},
        {5 * DAY, 0, -1, false, VG_TRUE, true},
        {-7 * DAY, 0, -1, false, VG_TRUE, true},
        {-7 * DAY - 1, 0, -1, false, VG_FALSE, false},
        {30 * DAY, 0, -1, false, VG_TRUE, true},
        {30 * DAY + 1, 0, -1, false, VG_UNKNOWN, false},
        {40 * DAY, 2000, 7 * DAY, false, VG_FALSE, false},
        {40 * DAY, 2000, 7 * DAY + 1, false, VG_UNKNOWN, false},
        {40 * DAY, 499, 7 * DAY, false, VG_TRUE, false},
        {100 * DAY, 0, -1, false, VG_UNKNOWN, false},
        {100 * DAY + 1, 0, -1, false, VG_FALSE, false},
        {101 * DAY, 499, 72 * H, false, VG_TRUE, false},
        {101 * DAY, 499, 72 * H + 1, false, VG_FALSE, false},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        t->course->patient.clinical.fn_nice = rows[i].nice;
        if (rows[i].age >= 0) {
            try_lab(t, rows[i].at - rows[i].age, VG_ANC, ANC(rows[i].anc));
        }
        spot(t, rows[i].at, 383);
        const struct vg_fn_out *fn = &try_at(t, rows[i].at)->fn;
        if (fn->met != rows[i].met || fn->assumed != rows[i].assumed ||
            fn->anc_needed.truth != (enum vg_truth)(rows[i].met == VG_UNKNOWN) ||
            fn->page.truth != rows[i].met) {
            fail_msg("row %zu: met %d assumed %d", i, (int)fn->met, (int)fn->assumed);
        }
        try_end(t);
    }
}

/* Two spots, the second so much later (0: none), judged so long after the first. */
static void check_fever(void **unused)
{
    static const struct {
        int64_t first, second, apart, judged;
        bool nice, met;
    } rows[] = {
        {383, 0, 0, 0, false, true},
        {382, 0, 0, 0, false, false},
        {383, 0, 0, 8 * H, false, true},
        {383, 0, 0, 8 * H + 1, false, false},
        {380, 0, 0, 5399, false, false},
        {380, 0, 0, 5400, false, true},
        {380, 0, 0, 8 * H, false, true},
        {380, 0, 0, 8 * H + 1, false, false},
        {380, 379, 5400, 5400, false, false}, /* repeated in time */
        {380, 379, 5401, 5401, false, true},
        {380, 380, 3599, 3599, false, false},
        {380, 380, 3600, 3600, false, true},
        {381, 381, 4 * H + 1860, 4 * H + 1860, false, true},
        {381, 0, 0, 0, true, true},
        {380, 0, 0, 5400, true, false},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        t->course->patient.clinical.fn_nice = rows[i].nice;
        try_lab(t, 2 * DAY - H, VG_ANC, ANC(100));
        spot(t, 2 * DAY, rows[i].first);
        if (rows[i].second != 0) {
            spot(t, 2 * DAY + rows[i].apart, rows[i].second);
        }
        const struct vg_fn_out *fn = &try_at(t, 2 * DAY + rows[i].judged)->fn;
        if (fn->met != (enum vg_truth)rows[i].met) {
            fail_msg("row %zu: met %d", i, (int)fn->met);
        }
        try_end(t);
    }
}

/* Three samples of a patch, each at 38.3. */
static void check_patch(void **unused)
{
    for (int64_t last = 382; last <= 383; last++) {
        struct vg_try *t = begin();
        for (int64_t i = 0; i < 3; i++) {
            try_obs(t, 2 * DAY + i * 120, VG_TEMP, i == 2 ? last : 390,
                    VG_SOURCE_CONTINUOUS, VG_METHOD_AXILLARY);
        }
        assert_int_equal(try_at(t, 2 * DAY + 240)->fn.met, last == 383);
        try_end(t);
    }
    (void)unused;
}

static struct vg_try *treated(void)
{
    struct vg_try *t = begin();

    spot(t, 2 * DAY, 385);
    assert_int_equal(try_at(t, 2 * DAY)->fn.page.truth, VG_TRUE);
    try_chart(t, 2 * DAY + H, VG_MEDICATION, "antibiotic", true);
    assert_int_equal(try_at(t, 2 * DAY + H)->fn.page.truth, VG_FALSE);
    assert_int_equal(t->now.fn.met, VG_TRUE);
    return t;
}

static void check_rearm(void **unused)
{
    struct vg_try *t = treated();

    (void)unused;
    spot(t, 2 * DAY + 4 * H, 370);
    spot(t, 2 * DAY + 13 * H - 1, 385);
    assert_int_equal(try_at(t, 2 * DAY + 13 * H - 1)->fn.page.truth, VG_FALSE);
    spot(t, 2 * DAY + 13 * H, 385);
    assert_int_equal(try_at(t, 2 * DAY + 13 * H)->fn.page.truth, VG_TRUE);
    try_end(t);

    t = treated(); /* never clear: the old fever */
    spot(t, 2 * DAY + 20 * H, 385);
    assert_int_equal(try_at(t, 2 * DAY + 20 * H)->fn.page.truth, VG_FALSE);
    try_end(t);

    t = treated();
    try_obs(t, 2 * DAY + 2 * H, VG_SBP, 90, VG_SOURCE_CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, 2 * DAY + 2 * H)->fn.page.truth, VG_FALSE);
    try_obs(t, 2 * DAY + 3 * H, VG_SBP, 89, VG_SOURCE_CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, 2 * DAY + 3 * H)->fn.page.truth, VG_TRUE);
    try_end(t);
}

/* A dose from before the fever is none against it; a flag counts as a dose. */
static void check_treated(void **unused)
{
    struct vg_try *t = begin();

    (void)unused;
    try_chart(t, 2 * DAY - H, VG_MEDICATION, "antibiotic", true);
    spot(t, 2 * DAY, 385);
    assert_int_equal(try_at(t, 2 * DAY)->fn.page.truth, VG_TRUE);
    try_chart(t, 2 * DAY + H, VG_FLAG, "fn_treated", true);
    assert_int_equal(try_at(t, 2 * DAY + H)->fn.page.truth, VG_FALSE);
    try_chart(t, 2 * DAY + 2 * H, VG_FLAG, "fn_treated", false);
    assert_int_equal(try_at(t, 2 * DAY + 2 * H)->fn.page.truth, VG_TRUE);
    assert_int_equal(t->now.fn.page.since.ms, try_instant(2 * DAY).ms);
    try_end(t);
}

static void check_others(void **unused)
{
    struct vg_try *t = begin();

    (void)unused;
    try_lab(t, 2 * DAY, VG_ANC, ANC(900));
    spot(t, 2 * DAY, 384);
    assert_int_equal(try_at(t, 2 * DAY)->fn.met, VG_FALSE);
    try_chart(t, 2 * DAY, VG_FLAG, "anc_expected_lt500", true);
    assert_int_equal(try_at(t, 2 * DAY)->fn.met, VG_TRUE);
    t->course->patient.age = -1;
    assert_int_equal(try_at(t, 2 * DAY)->fn.met, VG_FALSE);
    try_end(t);

    t = begin(); /* a late sample pages up to 8 h */
    spot(t, 2 * DAY + 8 * H, 371);
    t->marks = VG_MARK_LATE;
    spot(t, 2 * DAY, 386);
    assert_int_equal(try_at(t, 2 * DAY + 8 * H)->fn.page.truth, VG_TRUE);
    assert_int_equal(try_at(t, 2 * DAY + 8 * H + 1)->fn.page.truth, VG_FALSE);
    try_end(t);
}

static void check_low_temp(void **unused)
{
    static const struct {
        int64_t value, anc;
        bool low;
    } rows[] = {{359, 499, true}, {360, 499, false}, {359, 500, false}};

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        try_lab(t, 2 * DAY, VG_ANC, ANC(rows[i].anc));
        spot(t, 2 * DAY, rows[i].value);
        assert_int_equal(try_at(t, 2 * DAY)->fn.low_temp.truth, rows[i].low);
        try_end(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_neutropenia), cmocka_unit_test(check_fever),
        cmocka_unit_test(check_patch),       cmocka_unit_test(check_rearm),
        cmocka_unit_test(check_treated),     cmocka_unit_test(check_others),
        cmocka_unit_test(check_low_temp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
