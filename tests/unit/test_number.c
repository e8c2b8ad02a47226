/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact fractions and Kleene's truth tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vigil/number.h"

static void assert_number(struct vg_number got, int64_t numerator, int64_t denominator)
{
    assert_true(got.known);
    assert_int_equal(got.numerator, numerator);
    assert_int_equal(got.denominator, denominator);
}

static void adds_and_reduces(void **state)
{
    (void)state;
    assert_number(vg_number_add(vg_number_of(1, 6), vg_number_of(1, 3)), 1, 2);
    assert_number(vg_number_subtract(vg_number_of(1, 3), vg_number_of(1, 3)), 0, 1);
    assert_number(vg_number_subtract(vg_number_of(380, 10), vg_number_of(375, 10)), 1,
                  2);
    assert_number(vg_number_multiply(vg_number_of(-2, 3), vg_number_of(3, 4)), -1, 2);
    assert_number(vg_number_divide(vg_number_of(1, 2), vg_number_of(-3, 4)), -2, 3);
}

static void large_numbers_do_not_wrap(void **state)
{
    const struct vg_number most = vg_number_of(INT64_MAX, 1);

    (void)state;
    assert_false(vg_number_add(most, vg_number_of(1, 1)).known);
    assert_false(vg_number_multiply(most, vg_number_of(2, 1)).known);
    assert_number(vg_number_multiply(most, vg_number_of(2, 2)), INT64_MAX, 1);
    assert_number(vg_number_divide(most, most), 1, 1);
    assert_false(vg_number_subtract(vg_number_of(-INT64_MAX, 1), most).known);
    assert_false(
        vg_number_add(vg_number_of(INT64_MIN, 1), vg_number_of(INT64_MIN, 3)).known);
    assert_int_equal(vg_number_compare(most, vg_number_of(INT64_MAX - 1, 1)), 1);
    assert_int_equal(
        vg_number_compare(vg_number_of(INT64_MAX, 3), vg_number_of(INT64_MAX, 2)), -1);
}

static void unknown_stays_unknown(void **state)
{
    const struct vg_number one = vg_number_of(1, 1);

    (void)state;
    assert_false(vg_number_add(one, VG_NUMBER_UNKNOWN).known);
    assert_false(vg_number_subtract(VG_NUMBER_UNKNOWN, one).known);
    assert_false(vg_number_multiply(VG_NUMBER_UNKNOWN, vg_number_of(0, 1)).known);
    assert_false(vg_number_divide(one, vg_number_of(0, 1)).known);
}

static void compares_exactly(void **state)
{
    (void)state;
    assert_int_equal(vg_number_compare(vg_number_of(1, 3), vg_number_of(2, 6)), 0);
    assert_int_equal(vg_number_compare(vg_number_of(-1, 3), vg_number_of(-1, 2)), 1);
    assert_int_equal(vg_number_compare(vg_number_of(379, 10), vg_number_of(38, 1)), -1);
}

static void truth_follows_kleene(void **state)
{
    static const enum vg_truth f = VG_FALSE, t = VG_TRUE, u = VG_UNKNOWN;
    static const struct {
        enum vg_truth a, b, both, either;
    } rows[] = {
        {f, f, f, f}, {f, t, f, t}, {f, u, f, u}, {t, f, f, t}, {t, t, t, t},
        {t, u, u, t}, {u, f, f, u}, {u, t, u, t}, {u, u, u, u},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(vg_truth_and(rows[i].a, rows[i].b), rows[i].both);
        assert_int_equal(vg_truth_or(rows[i].a, rows[i].b), rows[i].either);
    }
    assert_int_equal(vg_truth_not(f), t);
    assert_int_equal(vg_truth_not(t), f);
    assert_int_equal(vg_truth_not(u), u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_and_reduces),
        cmocka_unit_test(large_numbers_do_not_wrap),
        cmocka_unit_test(unknown_stays_unknown),
        cmocka_unit_test(compares_exactly),
        cmocka_unit_test(truth_follows_kleene),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
