/* SPDX-License-Identifier: Apache-2.0
 *
 * Critical laboratory values: each limit from both sides, how long they speak.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/assess/labs.h"
#include "lib/course_help.h"

#define H(hours) ((int64_t)(hours)*3600)

/* A value in thousandths of its unit. */
static void lab(struct vg_try *t, int64_t seconds, enum vg_signal signal, int64_t milli)
{
    try_lab(t, seconds, signal, milli * 1000);
}

#define OUT(name) offsetof(struct vg_critical_out, name)

static struct vg_finding found(struct vg_try *t, int64_t seconds, size_t place)
{
    const struct vg_assessment *now = try_at(t, seconds);

    return *(const struct vg_finding *)(const void *)((const char *)&now->critical +
                                                      place);
}

static void limits(void **state)
{
    static const struct {
        size_t place;
        enum vg_signal signal;
        int64_t yes, no; /* thousandths */
    } rows[] = {
        {OUT(k), VG_K, 6000, 5999},
        {OUT(k), VG_K, 2499, 2500},
        {OUT(plt), VG_PLT, 9999, 10000},
        {OUT(hb), VG_HB, 6999, 7000},
        {OUT(fibrinogen), VG_FIBRINOGEN, 99999, 100000},
        {OUT(lactate_2), VG_LACTATE, 2001, 2000},
        {OUT(lactate_4), VG_LACTATE, 4000, 3999},
        {OUT(na), VG_NA, 119999, 120000},
        {OUT(na), VG_NA, 160001, 160000},
        {OUT(glucose_low), VG_GLUCOSE, 53999, 54000},
        {OUT(glucose_high), VG_GLUCOSE, 500001, 500000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();

        assert_int_equal(found(t, 0, rows[i].place).truth, VG_UNKNOWN);
        lab(t, 10, rows[i].signal, rows[i].no);
        assert_int_equal(found(t, 10, rows[i].place).truth, VG_FALSE);
        lab(t, 20, rows[i].signal, rows[i].yes);
        assert_int_equal(found(t, 30, rows[i].place).truth, VG_TRUE);
        assert_int_equal(found(t, 30, rows[i].place).since.ms, try_instant(20).ms);
        try_end(t);
    }
}

static void glucose_as_delivered(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_lab_raw(t, 0, VG_GLUCOSE, 54048000, 3000000, VG_UNIT_MMOL_PER_L);
    assert_int_equal(found(t, 0, OUT(glucose_low)).truth, VG_FALSE);
    try_lab_raw(t, 1, VG_GLUCOSE, 54029984, 2999000, VG_UNIT_MMOL_PER_L);
    assert_int_equal(found(t, 1, OUT(glucose_low)).truth, VG_TRUE);
    try_end(t);
}

/* 72 h, lactate 6 h, inclusive; then it is not known, which clears nothing. */
static void values_lapse(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    lab(t, 0, VG_K, 6500);
    lab(t, 0, VG_LACTATE, 5000);
    assert_int_equal(found(t, H(6), OUT(lactate_4)).truth, VG_TRUE);
    assert_int_equal(try_at_ms(t, H(6) * 1000 + 1)->critical.lactate_4.truth,
                     VG_UNKNOWN);
    assert_int_equal(found(t, H(72), OUT(k)).truth, VG_TRUE);
    assert_int_equal(t->next.ms, try_instant(H(72)).ms + 1);
    assert_int_equal(try_at_ms(t, H(72) * 1000 + 1)->critical.k.truth, VG_UNKNOWN);
    try_end(t);
}

/* Stamped in the future: clears nothing. Very late: does not page. */
static void marks(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    lab(t, 0, VG_K, 6500);
    t->marks = VG_MARK_CLOCK;
    lab(t, 60, VG_K, 4000);
    assert_int_equal(found(t, 60, OUT(k)).truth, VG_TRUE);
    t->marks = 0;
    lab(t, 120, VG_K, 4000);
    assert_int_equal(found(t, 120, OUT(k)).truth, VG_FALSE);
    t->marks = VG_MARK_OLD;
    lab(t, 180, VG_K, 6500);
    assert_int_equal(found(t, 180, OUT(k)).truth, VG_FALSE);
    try_end(t);
}

static void gate(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    lab(t, 0, VG_K, 6500);
    t->course->patient.age = 17;
    assert_int_equal(found(t, 0, OUT(k)).truth, VG_FALSE);
    t->course->patient.linked = false;
    assert_int_equal(found(t, 0, OUT(k)).truth, VG_TRUE);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits),       cmocka_unit_test(glucose_as_delivered),
        cmocka_unit_test(values_lapse), cmocka_unit_test(marks),
        cmocka_unit_test(gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
