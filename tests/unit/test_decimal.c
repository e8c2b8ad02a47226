/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact decimals: what is read is what was written, and rounding is half away from
 * zero.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/decimal.h"

static void parses_and_prints(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out; /* out NULL: refused */
    } rows[] = {
        {"0", "0"},
        {"-0", "0"},
        {"0.000", "0"},
        {"37.95", "37.95"},
        {"37.950", "37.95"},
        {"-0.5", "-0.5"},
        {"38", "38"},
        {"1.2e6", "1200000"},
        {"12E-1", "1.2"},
        {"1e+2", "100"},
        {"0.000000000000000001", "0.000000000000000001"},
        {"-9223372036854775807", "-9223372036854775807"},
        {"100000000000000000000e-3", "100000000000000000"},
        {"00.5", "0.5"},
        {"1.00000000000000000000000000000", "1"},
        {"0e999999999999", "0"},
        {"9223372036854775808", NULL},
        {"0.0000000000000000001", NULL},
        {"1e19", NULL},
        {"1e-19", NULL},
        {"1e99999999999999999999", NULL},
        {"", NULL},
        {"-", NULL},
        {"+1", NULL},
        {".5", NULL},
        {"5.", NULL},
        {"1e", NULL},
        {"1e+", NULL},
        {"1 ", NULL},
        {" 1", NULL},
        {"0x10", NULL},
        {"nan", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_decimal d;
        char text[VG_DECIMAL_TEXT];
        enum vg_status status = vg_decimal_parse(rows[i].in, strlen(rows[i].in), &d);
        assert_int_equal(status, rows[i].out == NULL ? VG_REFUSED : VG_OK);
        if (status == VG_OK) {
            size_t length = vg_decimal_format(d, text, sizeof text);
            assert_string_equal(text, rows[i].out);
            assert_int_equal(length, strlen(text));
        }
    }
}

static void doubles_read_back(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "0",
        "37.95",
        "38.4",
        "-0.5",
        "98.6",
        "0.1",
        "1e-05",
        "101.3",
        "0.499",
        "123456",
        "1234567",
        "0.30000000000000004",
        "1e14",
        "0.21",
        "7.35",
        "999999999999999",
        "0.012345678901234568",
        "3.14159",
        "100.4",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_decimal from_double, from_text;
        double number = strtod(rows[i], NULL);
        assert_int_equal(vg_decimal_from_double(number, &from_double), VG_OK);
        assert_int_equal(vg_decimal_parse(rows[i], strlen(rows[i]), &from_text), VG_OK);
        assert_int_equal(from_double.mantissa, from_text.mantissa);
        assert_int_equal(from_double.exponent, from_text.exponent);
    }
}

static void every_tenth_and_hundredth_is_exact(void **state)
{
    (void)state;
    for (int64_t i = -100000; i <= 100000; i++) {
        struct vg_decimal d;
        struct vg_decimal expected = vg_decimal_of(i, 2);
        assert_int_equal(vg_decimal_from_double((double)i / 100, &d), VG_OK);
        assert_int_equal(d.mantissa, expected.mantissa);
        assert_int_equal(d.exponent, expected.exponent);
    }
}

static void doubles_out_of_bounds_are_refused(void **state)
{
    (void)state;
    const double rows[] = {
        (double)NAN, (double)INFINITY, -(double)INFINITY, 1e15, -1e15, 1e-16, 1e300};
    struct vg_decimal d;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(vg_decimal_from_double(rows[i], &d), VG_REFUSED);
    }
}

static void scales_half_away_from_zero(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        int64_t offset;
        struct vg_ratio scale;
        unsigned places;
        int64_t steps;
    } rows[] = {
        {"37.95", 0, {1, 1}, 1, 380},
        {"37.94", 0, {1, 1}, 1, 379},
        {"-37.95", 0, {1, 1}, 1, -380},
        {"0.5", 0, {1, 1}, 0, 1},
        {"-0.5", 0, {1, 1}, 0, -1},
        {"0.49999", 0, {1, 1}, 0, 0},
        {"100.4", -32, {5, 9}, 1, 380},
        {"100.3", -32, {5, 9}, 1, 379},
        {"1", 0, {1, 3}, 6, 333333},
        {"2", 0, {1, 3}, 6, 666667},
        {"999999999999999", 0, {750062, 100000}, 0, 7500619999999992},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_decimal number;
        struct vg_decimal offset = {rows[i].offset, 0};
        int64_t steps;
        assert_int_equal(
            vg_decimal_parse(rows[i].number, strlen(rows[i].number), &number), VG_OK);
        assert_int_equal(
            vg_decimal_scale(number, offset, rows[i].scale, rows[i].places, &steps),
            VG_OK);
        assert_int_equal(steps, rows[i].steps);
    }
}

static void scaling_refuses_what_does_not_fit(void **state)
{
    (void)state;
    const struct vg_decimal zero = {0, 0};
    const struct vg_decimal huge = {INT64_MAX, 0};
    const struct vg_decimal fine = {INT64_MAX, 18};
    int64_t steps;
    assert_int_equal(vg_decimal_scale(huge, zero, (struct vg_ratio){1, 1}, 0, &steps),
                     VG_OK);
    assert_int_equal(steps, INT64_MAX);
    assert_int_equal(vg_decimal_scale(huge, zero, (struct vg_ratio){1, 1}, 1, &steps),
                     VG_REFUSED);
    assert_int_equal(
        vg_decimal_scale(huge, fine, (struct vg_ratio){INT64_MAX, 1}, 18, &steps),
        VG_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_and_prints),
        cmocka_unit_test(doubles_read_back),
        cmocka_unit_test(every_tenth_and_hundredth_is_exact),
        cmocka_unit_test(doubles_out_of_bounds_are_refused),
        cmocka_unit_test(scales_half_away_from_zero),
        cmocka_unit_test(scaling_refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
