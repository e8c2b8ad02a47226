/* SPDX-License-Identifier: Apache-2.0
 *
 * ICAHT and T-ICAHT: counting of days, grades from both sides, late grades.
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

/* A value in thousandths of its unit. */
static void lab(struct vg_try *t, int64_t seconds, enum vg_signal signal, int64_t milli)
{
    try_lab(t, seconds, signal, milli * 1000);
}

/* One value a day from day `first` on, at noon of the day; in /uL or 10*9/L. -1: none. */
static void daily(struct vg_try *t, enum vg_signal signal, int first, const int *values,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i] >= 0) {
            lab(t, D(first + (int)i) + H(12), signal, values[i] * INT64_C(1000));
        }
    }
}

static void same(struct vg_try *t, enum vg_signal signal, int first, int last,
                 int value)
{
    for (int day = first; day <= last; day++) {
        daily(t, signal, day, &value, 1);
    }
}

static struct vg_try *begin(void)
{
    struct vg_try *t = try_begin();

    try_infusion(t, 0, 1800);
    return t;
}

static void early_grades(void **state)
{
    static const struct {
        int value, days, after, grade, le500, le100;
    } rows[] = {
        {501, 10, 900, 0, 0, 0},   {500, 1, 900, 1, 1, 0},    {500, 6, 900, 1, 6, 0},
        {500, 7, 900, 2, 7, 0},    {500, 13, 900, 2, 13, 0},  {500, 14, 900, 3, 14, 0},
        {101, 14, 900, 3, 14, 0},  {100, 6, 900, 1, 6, 6},    {100, 7, 900, 3, 7, 7},
        {100, 13, 900, 3, 13, 13}, {100, 14, 900, 4, 14, 14},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        same(t, VG_ANC, 0, 2, 2000);
        same(t, VG_ANC, 3, 2 + rows[i].days, rows[i].value);
        same(t, VG_ANC, 3 + rows[i].days, 20, rows[i].after);
        assert_int_equal(try_at(t, D(20) + H(12))->icaht.early, rows[i].grade);
        assert_int_equal(t->now.icaht.days_500, rows[i].le500);
        assert_int_equal(t->now.icaht.days_100, rows[i].le100);
        assert_int_equal(t->now.icaht.late, VG_GRADE_NULL);
        assert_false(t->now.icaht.no_recovery);
        try_end(t);
    }
}

/* -1: not measured. */
static void counting(void **state)
{
    static const struct {
        int values[16];
        int days;
    } rows[] = {
        /* Short recoveries count, three days do not. */
        {{300, 900, 900, 300, 900, 900, 900, 900, 900}, 4},
        {{300, 900, 900, 900, 300, 900, 900, 900, 900}, 2},
        {{300, 900, 300, 900, 300, 900, 900, 900, 900}, 5},
        /* The last stretch above is no recovery between two low ones. */
        {{900, 900, 300, 900, 900, -1, -1, -1, -1, -1}, 1},
        /* A value is repeated for three days, then nothing is known. */
        {{300, -1, -1, -1, -1, -1, -1, 900, 900}, 4},
        {{300, -1, -1, 300, 900, 900, 900, 900, 900}, 4},
        /* What was carried is known: 900, carried once, then low. */
        {{300, 900, -1, 300, 900, 900, 900, 900, 900}, 4},
        {{300, 900, -1, -1, 300, 900, 900, 900, 900}, 2},
        /* Unknown days within: nothing is filled. Low 0 to 3, unknown 4, high 5, low 6. */
        {{300, -1, -1, -1, -1, 900, 300, 900, 900}, 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        daily(t, VG_ANC, 0, rows[i].values, 9);
        assert_int_equal(try_at(t, D(8) + H(12))->icaht.days_500, rows[i].days);
        try_end(t);
    }
}

/* Day boundaries are those of T0; the lowest of a day counts; so does what was known before
 * T0. */
static void days(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    assert_int_equal(try_at(t, 0)->icaht.early, VG_GRADE_NULL);
    assert_int_equal(t->next.ms, try_instant(D(1)).ms);
    lab(t, D(1) - 1, VG_ANC, 900000);
    lab(t, D(1), VG_ANC, 300000);
    lab(t, D(1) + 60, VG_ANC, 900000);
    lab(t, D(2), VG_ANC, 900000);
    assert_int_equal(try_at(t, D(2))->icaht.days_500, 1);
    try_end(t);
    t = try_begin();
    lab(t, -H(1), VG_ANC, 300000);
    assert_int_equal(try_at(t, 0)->icaht.early, VG_GRADE_NULL);
    try_infusion(t, 0, 1800);
    assert_int_equal(try_at(t, 0)->icaht.days_500, 1);
    assert_int_equal(try_at(t, D(5))->icaht.days_500, 3);
    try_infusion(t, D(6), D(6) + 1800); /* counts from the latest */
    assert_int_equal(try_at(t, D(6))->icaht.early, VG_GRADE_NULL);
    try_end(t);
}

static void never_above_500(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    same(t, VG_ANC, 0, 29, 300);
    assert_int_equal(try_at(t, D(29) + H(12))->icaht.early, 3);
    same(t, VG_ANC, 30, 30, 300);
    assert_int_equal(try_at(t, D(30) + H(12))->icaht.early, 4);
    assert_false(t->now.icaht.no_recovery);
    lab(t, D(33), VG_ANC, 2000000);
    assert_int_equal(try_at(t, D(40))->icaht.early, 4);
    try_end(t);
}

/* A short recovery counts as low time, but it was above 500; an unknown day is no proof. */
static void sometimes_above_500_or_unknown(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    same(t, VG_ANC, 0, 9, 300);
    same(t, VG_ANC, 10, 10, 900);
    same(t, VG_ANC, 11, 30, 300);
    assert_int_equal(try_at(t, D(31))->icaht.early, 3);
    assert_int_equal(t->now.icaht.days_500, 31);
    try_end(t);
    t = begin();
    same(t, VG_ANC, 0, 9, 300);
    same(t, VG_ANC, 14, 30, 300);
    assert_int_equal(try_at(t, D(31))->icaht.early, 3);
    try_end(t);
}

static void no_recovery(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    same(t, VG_ANC, 0, 4, 2000);
    same(t, VG_ANC, 5, 29, 300);
    assert_false(try_at(t, D(29) + H(12))->icaht.no_recovery);
    same(t, VG_ANC, 30, 30, 300);
    assert_true(try_at(t, D(30) + H(12))->icaht.no_recovery);
    assert_int_equal(t->now.icaht.early, 3);
    try_end(t);
    t = begin();
    same(t, VG_ANC, 0, 4, 2000);
    same(t, VG_ANC, 5, 19, 300);
    same(t, VG_ANC, 20, 22, 900);
    same(t, VG_ANC, 23, 30, 300);
    assert_false(try_at(t, D(31))->icaht.no_recovery);
    try_end(t);
}

static void late(void **state)
{
    static const struct {
        int one, two, grade;
    } rows[] = {
        {1500, 1501, 0}, {1500, 1500, 1}, {1000, 1001, 1},
        {1000, 1000, 2}, {500, 501, 2},   {500, 500, 3},
        {100, 101, 3},   {100, 100, 4},   {50, 3000, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        lab(t, D(30), VG_ANC, 50000); /* not after day +30 */
        assert_int_equal(try_at(t, D(30))->icaht.late, VG_GRADE_NULL);
        lab(t, D(35), VG_ANC, rows[i].one * INT64_C(1000));
        assert_int_equal(try_at(t, D(35))->icaht.late, 0);
        lab(t, D(38), VG_ANC, rows[i].two * INT64_C(1000));
        assert_int_equal(try_at(t, D(38))->icaht.late, rows[i].grade);
        try_end(t);
    }
}

static void platelets_early(void **state)
{
    static const struct {
        int value, days, grade;
    } rows[] = {
        {50, 10, 0}, {49, 1, 1}, {49, 6, 1},  {49, 7, 2},  {20, 6, 1},
        {20, 14, 2}, {19, 1, 3}, {19, 13, 3}, {19, 14, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        assert_int_equal(try_at(t, 0)->t_icaht.early, VG_GRADE_NULL);
        same(t, VG_PLT, 0, 2, 90);
        same(t, VG_PLT, 3, 2 + rows[i].days, rows[i].value);
        same(t, VG_PLT, 3 + rows[i].days, 20, 90);
        assert_int_equal(try_at(t, D(20) + H(12))->t_icaht.early, rows[i].grade);
        assert_int_equal(t->now.t_icaht.late, VG_GRADE_NULL);
        try_end(t);
    }
}

static void platelets_late(void **state)
{
    static const struct {
        int value, days, grade;
    } rows[] = {
        {100, 3, 0}, {99, 1, 1}, {50, 3, 1},  {49, 1, 2},
        {20, 20, 2}, {19, 1, 3}, {19, 13, 3}, {19, 14, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        same(t, VG_PLT, 40, 40, rows[i].value);
        assert_int_equal(try_at(t, D(40) + H(12))->t_icaht.late, 0);
        same(t, VG_PLT, 41, 39 + rows[i].days, rows[i].value);
        same(t, VG_PLT, 40 + rows[i].days, 70, 150);
        assert_int_equal(try_at(t, D(70) + H(12))->t_icaht.late, rows[i].grade);
        try_end(t);
    }
    struct vg_try *t = begin();

    same(t, VG_PLT, 100, 102, 60); /* day 100 is the last */
    assert_int_equal(try_at(t, D(110))->t_icaht.late, 0);
    try_end(t);
}

static void gate(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    same(t, VG_ANC, 0, 10, 300);
    t->course->patient.age = 17;
    assert_int_equal(try_at(t, D(10) + H(12))->icaht.early, VG_GRADE_NULL);
    t->course->patient.age = 18;
    assert_int_equal(try_at(t, D(10) + H(12))->icaht.early, 2);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_grades),
        cmocka_unit_test(counting),
        cmocka_unit_test(days),
        cmocka_unit_test(never_above_500),
        cmocka_unit_test(sometimes_above_500_or_unknown),
        cmocka_unit_test(no_recovery),
        cmocka_unit_test(late),
        cmocka_unit_test(platelets_early),
        cmocka_unit_test(platelets_late),
        cmocka_unit_test(gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
