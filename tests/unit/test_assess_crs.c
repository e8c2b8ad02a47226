/* SPDX-License-Identifier: Apache-2.0
 *
 * CRS: Clinical reference 1.2 (criterion, waiver, lapse), 1.5. The two tiers are those of
 * other topics: here a test says what they are.
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
    [VG_TOPIC_CRS] = {.signals = VG_SIGNAL_BIT(VG_FLAG),
                      .before = vg_crs_before,
                      .step = vg_crs_step,
                      .after = vg_crs_after,
                      .judge = vg_crs_judge},
};

/* Stand-ins: number of vasopressors, and the charted device. */
int vg_pressure_tier(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at)
{
    const bool *on = state->chart.pressor_on;

    (void)view;
    (void)at;
    return on[VG_NOREPINEPHRINE] + on[VG_EPINEPHRINE] > 1 ? 4
           : on[VG_NOREPINEPHRINE]                        ? 3
                                                          : 0;
}

int vg_oxygen_tier(const struct vg_state *state, const struct vg_view *view,
                   struct vg_instant at)
{
    (void)view;
    (void)at;
    return state->chart.device == VG_NASAL_CANNULA ? 2
           : state->chart.device == VG_CPAP        ? 4
                                                   : 0;
}

#define X INT64_C(172800)
#define H INT64_C(3600)

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

static const struct vg_crs_out *at(struct vg_try *t, int64_t seconds)
{
    return &try_at(t, seconds)->crs;
}

static void drug(struct vg_try *t, int64_t seconds, const char *word)
{
    try_chart(t, seconds, VG_MEDICATION, word, true);
}

static void check_status(void **unused)
{
    struct vg_try *t = begin();

    (void)unused;
    assert_int_equal(at(t, X)->grade, VG_GRADE_NULL);
    spot(t, X, 369);
    assert_int_equal(at(t, X + 8 * H)->status, VG_CRS_NOT_MET);
    assert_int_equal(t->now.crs.grade, 0);
    assert_int_equal(t->next.ms, try_instant(X + 8 * H).ms + 1);
    assert_int_equal(at(t, X + 8 * H + 1)->status, VG_CRS_INDETERMINATE);
    assert_int_equal(t->now.crs.grade, VG_GRADE_NULL);
    try_end(t);
}

static void check_window_and_look_back(void **unused)
{
    static const struct {
        int64_t fever, judged;
        enum vg_crs_status status;
    } rows[] = {
        {-1, 0, VG_CRS_NOT_MET},
        {0, 0, VG_CRS_MET},
        {30 * 24 * H, 30 * 24 * H, VG_CRS_MET},
        {30 * 24 * H + 1, 30 * 24 * H + 1, VG_CRS_NOT_MET},
        {X, X + 24 * H, VG_CRS_MET},
        {X, X + 24 * H + 1, VG_CRS_INDETERMINATE},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        spot(t, rows[i].fever, 380);
        if (at(t, rows[i].judged)->status != rows[i].status) {
            fail_msg("row %zu: status %d", i, (int)t->now.crs.status);
        }
        try_end(t);
    }
}

/* A drug so long before or after the fever, cannula 30 h after it. */
static void check_waiver(void **unused)
{
    static const struct {
        int64_t given;
        const char *drug;
        bool waived;
    } rows[] = {
        {-3600, "paracetamol", true}, {-3601, "paracetamol", false},
        {7200, "tocilizumab", true},  {0, "corticosteroid", true},
        {7200, "antibiotic", false},  {7200, "il2", false},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();
        spot(t, X, 384);
        drug(t, X + rows[i].given, rows[i].drug);
        spot(t, X + 30 * H, 370);
        try_oxygen(t, X + 30 * H, "nasal_cannula", 30);
        const struct vg_crs_out *crs = at(t, X + 30 * H);
        assert_int_equal(crs->waived, rows[i].waived);
        assert_int_equal(crs->grade, rows[i].waived ? 2 : 0);
        assert_int_equal(crs->support.truth, !rows[i].waived);
        assert_int_equal(crs->max_grade, rows[i].waived ? 2 : 1);
        try_end(t);
    }
}

static void check_lapse(void **unused)
{
    struct vg_try *t = begin();

    (void)unused;
    spot(t, X, 384);
    drug(t, X + H, "tocilizumab");
    spot(t, X + 72 * H, 370);
    assert_int_equal(at(t, X + 72 * H)->status, VG_CRS_MET);
    assert_int_equal(t->next.ms, try_instant(X + 72 * H).ms + 1);
    assert_int_equal(try_at_ms(t, (X + 72 * H) * 1000 + 1)->crs.status, VG_CRS_NOT_MET);
    assert_true(t->now.crs.masked);
    /* Oxygen after the lapse: not a grade, but a rise. */
    try_oxygen(t, X + 80 * H, "nasal_cannula", 20);
    spot(t, X + 80 * H, 370);
    assert_int_equal(at(t, X + 80 * H)->status, VG_CRS_NOT_MET);
    assert_int_equal(t->now.crs.support.truth, VG_TRUE);
    assert_int_equal(t->now.crs.unmasked, 2);
    /* A new fever takes it over and needs a drug of its own. */
    spot(t, X + 90 * H, 385);
    assert_int_equal(at(t, X + 90 * H)->grade, 2);
    assert_int_equal(t->now.crs.support.truth, VG_FALSE);
    spot(t, X + 120 * H, 370);
    assert_int_equal(at(t, X + 120 * H)->status, VG_CRS_NOT_MET);
    drug(t, X + 121 * H, "paracetamol");
    assert_int_equal(at(t, X + 121 * H)->grade, 2);
    assert_true(t->now.crs.waived);
    try_end(t);
}

/* Signs keep the episode open, however long they last. */
static void check_signs_keep(void **unused)
{
    struct vg_try *t = begin();

    (void)unused;
    spot(t, X, 384);
    drug(t, X + H, "tocilizumab");
    try_oxygen(t, X + 2 * H, "nasal_cannula", 20);
    try_oxygen(t, X + 40 * H, "room_air", VG_NO_VALUE);
    try_oxygen(t, X + 112 * H, "nasal_cannula", 20);
    assert_int_equal(at(t, X + 112 * H)->grade, 2);
    try_end(t);
}

static void check_closed(void **unused)
{
    struct vg_try *t = begin();

    (void)unused;
    spot(t, X, 384);
    drug(t, X + H, "tocilizumab");
    try_chart(t, X + 2 * H, VG_FLAG, "crs_closed", true);
    spot(t, X + 3 * H, 370);
    assert_int_equal(at(t, X + 3 * H)->status, VG_CRS_NOT_MET);
    try_chart(t, X + 4 * H, VG_FLAG, "crs_closed", false);
    assert_int_equal(at(t, X + 4 * H)->status, VG_CRS_MET);
    try_chart(t, X + 5 * H, VG_FLAG, "crs_closed", true);
    spot(t, X + 12 * H, 384);
    assert_int_equal(at(t, X + 12 * H)->status, VG_CRS_MET);
    try_oxygen(t, X + 42 * H, "nasal_cannula", 30);
    spot(t, X + 42 * H, 370);
    assert_int_equal(at(t, X + 42 * H)->status, VG_CRS_NOT_MET);
    assert_int_equal(t->now.crs.support.truth, VG_TRUE);
    try_end(t);
}

static void check_flag_and_gate(void **unused)
{
    struct vg_try *t = begin();

    (void)unused;
    spot(t, X, 386);
    try_chart(t, X + 60, VG_FLAG, "fever_other_cause", true);
    assert_int_equal(at(t, X + 60)->status, VG_CRS_NOT_MET);
    spot(t, X + 24 * H, 386);
    assert_int_equal(try_at_ms(t, (X + 60 + 24 * H) * 1000 - 1)->crs.grade, 0);
    assert_int_equal(at(t, X + 60 + 24 * H)->grade, 1);
    t->course->patient.age = 17;
    assert_int_equal(at(t, X + 60 + 24 * H)->grade, VG_GRADE_NULL);
    try_end(t);
}

static void check_grade(void **unused)
{
    struct vg_try *t = begin();

    (void)unused;
    spot(t, X, 386);
    assert_int_equal(at(t, X)->grade, 1);
    try_chart(t, X + 60, VG_VASOPRESSOR, "norepinephrine", true);
    assert_int_equal(at(t, X + 60)->grade, 3);
    try_chart(t, X + 120, VG_VASOPRESSOR, "epinephrine", true);
    assert_int_equal(at(t, X + 120)->grade, 4);
    try_chart(t, X + 180, VG_VASOPRESSOR, "epinephrine", false);
    try_chart(t, X + 240, VG_VASOPRESSOR, "norepinephrine", false);
    assert_int_equal(at(t, X + 240)->grade, 1);
    assert_int_equal(t->now.crs.max_grade, 4);
    try_end(t);
}

static void check_support(void **unused)
{
    struct vg_try *t = begin();

    (void)unused;
    spot(t, X, 370);
    assert_int_equal(at(t, X)->support.truth, VG_FALSE);
    try_oxygen(t, X + 60, "nasal_cannula", 20);
    assert_int_equal(at(t, X + 60)->support.truth, VG_TRUE);
    assert_int_equal(t->now.crs.support.since.ms, try_instant(X + 60).ms);
    assert_int_equal(t->now.crs.support3.truth, VG_FALSE);
    try_oxygen(t, X + 120, "cpap", VG_NO_VALUE);
    assert_int_equal(at(t, X + 120)->support3.truth, VG_TRUE);
    try_oxygen(t, X + 180, "nasal_cannula", 20);
    assert_int_equal(at(t, X + 180)->support3.truth, VG_FALSE);
    assert_int_equal(t->now.crs.support.truth, VG_TRUE);
    try_oxygen(t, X + 240, "room_air", VG_NO_VALUE);
    assert_int_equal(at(t, X + 240)->support.truth, VG_FALSE);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_status),
        cmocka_unit_test(check_window_and_look_back),
        cmocka_unit_test(check_waiver),
        cmocka_unit_test(check_lapse),
        cmocka_unit_test(check_signs_keep),
        cmocka_unit_test(check_closed),
        cmocka_unit_test(check_flag_and_gate),
        cmocka_unit_test(check_grade),
        cmocka_unit_test(check_support),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
