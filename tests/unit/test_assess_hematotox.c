/* SPDX-License-Identifier: Apache-2.0
 *
 * CAR-HEMATOTOX: bands from both sides, which value counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/assess/labs.h"
#include "lib/course_help.h"

#define D(days) ((int64_t)(days)*86400)

/* A value in thousandths of its unit. */
static void lab(struct vg_try *t, int64_t seconds, enum vg_signal signal, int64_t milli)
{
    try_lab(t, seconds, signal, milli * 1000);
}

enum { PLT, ANC, HB, CRP, FERRITIN, MARKERS };
static const enum vg_signal signals[MARKERS] = {VG_PLT, VG_ANC, VG_HB, VG_CRP,
                                                VG_FERRITIN};
static const int64_t normal[MARKERS] = {200000, 2500000, 11000, 1000, 300000};

static void all_normal(struct vg_try *t, int64_t seconds)
{
    for (int i = 0; i < MARKERS; i++) {
        lab(t, seconds, signals[i], normal[i]);
    }
}

static void bands(void **state)
{
    static const struct {
        int marker;
        int64_t milli;
        int score;
    } rows[] = {
        {PLT, 175001, 0},
        {PLT, 175000, 1},
        {PLT, 75000, 1},
        {PLT, 74999, 2},
        {ANC, 1200001, 0},
        {ANC, 1200000, 1},
        {ANC, 0, 1},
        {HB, 9001, 0},
        {HB, 9000, 1},
        {CRP, 2999, 0},
        {CRP, 3000, 1},
        {CRP, 90000, 1},
        {FERRITIN, 649999, 0},
        {FERRITIN, 650000, 1},
        {FERRITIN, 2000000, 1},
        {FERRITIN, 2000001, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();

        all_normal(t, 0);
        lab(t, 60, signals[rows[i].marker], rows[i].milli);
        assert_int_equal(try_at(t, 60)->hematotox.score, rows[i].score);
        try_end(t);
    }
}

static void every_marker_is_needed(void **state)
{
    (void)state;
    for (int missing = 0; missing < MARKERS; missing++) {
        struct vg_try *t = try_begin();

        t->course->patient.baseline[signals[missing]] = normal[missing] * 1000;
        for (int i = 0; i < MARKERS; i++) {
            if (i != missing) {
                lab(t, 0, signals[i], normal[i]);
            }
        }
        assert_int_equal(try_at(t, 0)->hematotox.score, VG_GRADE_NULL);
        try_end(t);
    }
}

static void the_last_before_lymphodepletion_counts(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    all_normal(t, -D(9));
    lab(t, -D(5), VG_PLT, 100000);
    assert_int_equal(try_at(t, -D(5))->hematotox.score, 1);
    try_chart(t, -D(5), VG_LYMPHODEPLETION, "start", true);
    lab(t, -D(2), VG_PLT, 50000);
    assert_int_equal(try_at(t, -D(2))->hematotox.score, 1);
    try_infusion(t, 0, 1800);
    lab(t, D(3), VG_HB, 7000);
    assert_int_equal(try_at(t, D(30))->hematotox.score, 1);
    t->course->patient.age = 17;
    assert_int_equal(try_at(t, D(30))->hematotox.score, VG_GRADE_NULL);
    try_end(t);
}

/* Without lymphodepletion the infusion closes; what was never measured before it may come
 * after. */
static void else_the_last_before_the_infusion_else_the_latest(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int i = 0; i < FERRITIN; i++) {
        lab(t, -D(5), signals[i], normal[i]);
    }
    try_infusion(t, 0, 1800);
    lab(t, D(1), VG_HB, 7000);
    assert_int_equal(try_at(t, D(1))->hematotox.score, VG_GRADE_NULL);
    lab(t, D(2), VG_FERRITIN, 2500000);
    assert_int_equal(try_at(t, D(2))->hematotox.score, 2);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands),
        cmocka_unit_test(every_marker_is_needed),
        cmocka_unit_test(the_last_before_lymphodepletion_counts),
        cmocka_unit_test(else_the_last_before_the_infusion_else_the_latest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
