/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact decimal numbers. A value that a gateway sent is kept as the decimal it wrote,
 * never as a binary fraction, so that 37.95 is 37.95 and rounds the way the figure on
 * the monitor does (half away from zero).
 */
#ifndef VIGIL_DECIMAL_H
#define VIGIL_DECIMAL_H

#include "vigil/base.h"

/* mantissa * 10^-exponent, exponent 0 to 18. Normalised: no trailing zero in the mantissa
 * while exponent > 0. */
struct vg_decimal {
    int64_t mantissa;
    uint8_t exponent;
};

/* numerator / denominator, denominator > 0. */
struct vg_ratio {
    int64_t numerator;
    int64_t denominator;
};

/* The shortest decimal that reads back as `number`. VG_REFUSED if it is not finite, or its
 * magnitude is 10^15 or more, or it is not zero and below 10^-15. */
enum vg_status vg_decimal_from_double(double number, struct vg_decimal *out);

/* Reads [-]digits[.digits][(e|E)[+-]digits], the whole of `text`. VG_REFUSED otherwise or if
 * it does not fit. */
enum vg_status vg_decimal_parse(const char *text, size_t length,
                                struct vg_decimal *out);

/* Writes the plain form ("-0.5", "38", "1200000") and a NUL; returns its length. `capacity`
 * of at least VG_DECIMAL_TEXT always suffices. */
#define VG_DECIMAL_TEXT 24
size_t vg_decimal_format(struct vg_decimal number, char *out, size_t capacity);

/* (number + offset) * scale, in steps of 10^-places, rounded half away from zero.
 * VG_REFUSED if the result does not fit into 63 bits. */
enum vg_status vg_decimal_scale(struct vg_decimal number, struct vg_decimal offset,
                                struct vg_ratio scale, unsigned places, int64_t *out);

/* The decimal with `steps` steps of 10^-places. */
struct vg_decimal vg_decimal_of(int64_t steps, unsigned places);

#endif
