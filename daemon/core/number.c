/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact fractions and three-valued truth. Products are formed in 128 bits and brought
 * back by their common divisor; what does not fit then is unknown, never wrong.
 */
#include "vigil/number.h"

#include <assert.h>

__extension__ typedef __int128 wide;

static wide magnitude(wide n)
{
    return n < 0 ? -n : n;
}

static wide common_divisor(wide a, wide b)
{
    while (b != 0) {
        const wide rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* A fraction in lowest terms, or unknown if it does not fit 63 bits. */
static struct vg_number reduced(wide numerator, wide denominator)
{
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    const wide divisor = common_divisor(magnitude(numerator), denominator);

    numerator /= divisor;
    denominator /= divisor;
    if (magnitude(numerator) > INT64_MAX || denominator > INT64_MAX) {
        return VG_NUMBER_UNKNOWN;
    }
    return vg_number_of((int64_t)numerator, (int64_t)denominator);
}

struct vg_number vg_number_add(struct vg_number a, struct vg_number b)
{
    if (!a.known || !b.known) {
        return VG_NUMBER_UNKNOWN;
    }
    if (a.denominator == b.denominator) {
        return reduced((wide)a.numerator + b.numerator, a.denominator);
    }
    return reduced((wide)a.numerator * b.denominator +
                       (wide)b.numerator * a.denominator,
                   (wide)a.denominator * b.denominator);
}

struct vg_number vg_number_subtract(struct vg_number a, struct vg_number b)
{
    if (!a.known || !b.known) {
        return VG_NUMBER_UNKNOWN;
    }
    if (a.denominator == b.denominator) {
        return reduced((wide)a.numerator - b.numerator, a.denominator);
    }
    return reduced((wide)a.numerator * b.denominator -
                       (wide)b.numerator * a.denominator,
                   (wide)a.denominator * b.denominator);
}

struct vg_number vg_number_multiply(struct vg_number a, struct vg_number b)
{
    if (!a.known || !b.known) {
        return VG_NUMBER_UNKNOWN;
    }
    return reduced((wide)a.numerator * b.numerator,
                   (wide)a.denominator * b.denominator);
}

struct vg_number vg_number_divide(struct vg_number a, struct vg_number b)
{
    if (!a.known || !b.known || b.numerator == 0) {
        return VG_NUMBER_UNKNOWN;
    }
    return reduced((wide)a.numerator * b.denominator,
                   (wide)a.denominator * b.numerator);
}

int vg_number_compare(struct vg_number a, struct vg_number b)
{
    assert(a.known && b.known && a.denominator > 0 && b.denominator > 0);

    const wide left = (wide)a.numerator * b.denominator;
    const wide right = (wide)b.numerator * a.denominator;

    return (left > right) - (left < right);
}

enum vg_truth vg_truth_and(enum vg_truth a, enum vg_truth b)
{
    if (a == VG_FALSE || b == VG_FALSE) {
        return VG_FALSE;
    }
    return a == VG_TRUE && b == VG_TRUE ? VG_TRUE : VG_UNKNOWN;
}

enum vg_truth vg_truth_or(enum vg_truth a, enum vg_truth b)
{
    if (a == VG_TRUE || b == VG_TRUE) {
        return VG_TRUE;
    }
    return a == VG_FALSE && b == VG_FALSE ? VG_FALSE : VG_UNKNOWN;
}

enum vg_truth vg_truth_not(enum vg_truth a)
{
    if (a == VG_UNKNOWN) {
        return VG_UNKNOWN;
    }
    return a == VG_TRUE ? VG_FALSE : VG_TRUE;
}
