/* SPDX-License-Identifier: Apache-2.0
 *
 * EASIX, sEASIX, m-EASIX: values, age, what is missing.
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

static void values(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    assert_int_equal(try_at(t, 0)->easix.easix, VG_NO_VALUE);
    lab(t, 0, VG_LDH, 300000);
    lab(t, 0, VG_PLT, 50000);
    assert_int_equal(try_at(t, 0)->easix.seasix, 6000000);
    assert_int_equal(t->now.easix.easix, VG_NO_VALUE);
    lab(t, 0, VG_CREAT, 1100);
    lab(t, 0, VG_CRP, 2000);
    assert_int_equal(try_at(t, 0)->easix.easix, 6600000);
    assert_int_equal(t->now.easix.measix, 12000000);
    try_end(t);
}

static void rounds_half_up(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    lab(t, 0, VG_LDH, 200000);
    lab(t, 0, VG_PLT, 300000);
    assert_int_equal(try_at(t, 0)->easix.seasix, 666667);
    try_end(t);
}

static void age_gate_and_nothing_to_divide_by(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    lab(t, 0, VG_LDH, 300000);
    lab(t, 60, VG_PLT, 50000);
    assert_int_equal(try_at(t, H(72))->easix.seasix, 6000000);
    assert_int_equal(t->next.ms, try_instant(H(72)).ms + 1);
    assert_int_equal(try_at_ms(t, H(72) * 1000 + 1)->easix.seasix, VG_NO_VALUE);
    t->course->patient.age = -1;
    assert_int_equal(try_at(t, 60)->easix.seasix, VG_NO_VALUE);
    t->course->patient.age = 18;
    assert_int_equal(try_at(t, 60)->easix.seasix, 6000000);
    lab(t, 120, VG_PLT, 0);
    assert_int_equal(try_at(t, 120)->easix.seasix, VG_NO_VALUE);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(rounds_half_up),
        cmocka_unit_test(age_gate_and_nothing_to_divide_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
