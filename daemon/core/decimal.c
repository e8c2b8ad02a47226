/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact decimals. A number arrives as text or as the double that cJSON made of it; from
 * here on it is an integer and a power of ten.
 */
#include "vigil/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wide enough for mantissa x 10^18 x the largest factor of a unit. */
__extension__ typedef __int128 wide;

#define MAX_EXPONENT 18
#define MAX_DIGITS   400 /* more digits than any double has: nobody's measurement */

static const int64_t power[MAX_EXPONENT + 1] = {1,
                                                10,
                                                100,
                                                1000,
                                                10000,
                                                100000,
                                                1000000,
                                                10000000,
                                                100000000,
                                                1000000000,
                                                10000000000,
                                                100000000000,
                                                1000000000000,
                                                10000000000000,
                                                100000000000000,
                                                1000000000000000,
                                                10000000000000000,
                                                100000000000000000,
                                                1000000000000000000};

struct vg_decimal vg_decimal_of(int64_t steps, unsigned places)
{
    struct vg_decimal d = {steps, (uint8_t)places};
    while (d.exponent > 0 && d.mantissa % 10 == 0) {
        d.mantissa /= 10;
        d.exponent--;
    }
    return d;
}

static bool same(double a, double b)
{
    return !(a < b) && !(a > b);
}

/* For what gateways send, a few digits: the smallest number of places at which an
 * integer over a power of ten, both exact in a double, reads back as `number`. A
 * quotient of two exact doubles is correctly rounded, so it is the very double that
 * a parser makes of that decimal. */
static bool from_short(double number, struct vg_decimal *out)
{
    static const double scale[] = {1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    for (size_t places = 0; places < sizeof scale / sizeof *scale; places++) {
        double steps = number * scale[places];
        if (fabs(steps) >= 1e15) {
            return false;
        }
        int64_t whole = (int64_t)(steps < 0 ? steps - 0.5 : steps + 0.5);
        if (same((double)whole / scale[places], number)) {
            *out = (struct vg_decimal){whole, (uint8_t)places};
            return true;
        }
    }
    return false;
}

/* The value must be finite. More than 18 places are rounded to 18: smaller than
 * anything that is measured. */
static enum vg_status from_long(double number, struct vg_decimal *out)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*e", digits - 1, number);
        if (same(strtod(text, NULL), number)) {
            break;
        }
    }
    if (vg_decimal_parse(text, strlen(text), out) == VG_OK) {
        return VG_OK;
    }
    (void)snprintf(text, sizeof text, "%.18f", number);
    return vg_decimal_parse(text, strlen(text), out);
}

enum vg_status vg_decimal_from_double(double number, struct vg_decimal *out)
{
    double size = fabs(number);
    if (!(size < 1e15) || (size > 0 && size < 1e-15)) {
        return VG_REFUSED;
    }
    if (from_short(number, out)) {
        return VG_OK;
    }
    return from_long(number, out);
}

/* Digits as they are read: value = mantissa * 10^scale. Zeros are held back until a
 * digit follows, so that trailing ones cost no room. */
struct digits {
    int64_t mantissa;
    int scale;
    int zeros; /* held back */
    int count; /* digits seen */
};

static bool push(struct digits *d, char c, bool fraction)
{
    d->count++;
    d->scale -= fraction ? 1 : 0;
    if (c == '0') {
        d->zeros++;
        return d->count <= MAX_DIGITS;
    }
    for (; d->zeros >= 0; d->zeros--) {
        int64_t digit = d->zeros == 0 ? c - '0' : 0;
        if (__builtin_mul_overflow(d->mantissa, 10, &d->mantissa) ||
            __builtin_add_overflow(d->mantissa, digit, &d->mantissa)) {
            return false;
        }
    }
    d->zeros = 0;
    return d->count <= MAX_DIGITS;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Each reader takes what it knows from *at and moves it on; false: malformed or too
 * much. */
static bool read_digits(const char **at, const char *end, bool fraction,
                        struct digits *out)
{
    const char *start = *at;
    for (; *at < end && is_digit(**at); (*at)++) {
        if (!push(out, **at, fraction)) {
            return false;
        }
    }
    return *at > start;
}

static bool read_exponent(const char **at, const char *end, int *out)
{
    bool negative = *at < end && **at == '-';
    if (*at < end && (**at == '-' || **at == '+')) {
        (*at)++;
    }
    const char *start = *at;
    int value = 0;
    for (; *at < end && is_digit(**at); (*at)++) {
        value = value < 10000 ? value * 10 + (**at - '0') : value;
    }
    *out = negative ? -value : value;
    return *at > start;
}

/* Brings mantissa * 10^scale into the form of a vg_decimal. The mantissa ends in no zero: those
 * were put off (push). */
static enum vg_status settle(int64_t mantissa, int scale, struct vg_decimal *out)
{
    if (mantissa == 0) {
        *out = (struct vg_decimal){0, 0};
        return VG_OK;
    }
    for (; scale > 0; scale--) {
        if (__builtin_mul_overflow(mantissa, 10, &mantissa)) {
            return VG_REFUSED;
        }
    }
    if (scale < -MAX_EXPONENT) {
        return VG_REFUSED;
    }
    *out = (struct vg_decimal){mantissa, (uint8_t)-scale};
    return VG_OK;
}

enum vg_status vg_decimal_parse(const char *text, size_t length, struct vg_decimal *out)
{
    const char *at = text;
    const char *end = text + length;
    struct digits d = {0};
    int exponent = 0;
    bool negative = at < end && *at == '-';
    at += negative ? 1 : 0;
    if (!read_digits(&at, end, false, &d)) {
        return VG_REFUSED;
    }
    if (at < end && *at == '.') {
        at++;
        if (!read_digits(&at, end, true, &d)) {
            return VG_REFUSED;
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (!read_exponent(&at, end, &exponent)) {
            return VG_REFUSED;
        }
    }
    if (at != end) {
        return VG_REFUSED;
    }
    return settle(negative ? -d.mantissa : d.mantissa, d.scale + d.zeros + exponent,
                  out);
}

size_t vg_decimal_format(struct vg_decimal number, char *out, size_t capacity)
{
    char digit[VG_DECIMAL_TEXT];
    size_t count = 0; /* characters, the last one first */
    uint64_t left =
        number.mantissa < 0 ? -(uint64_t)number.mantissa : (uint64_t)number.mantissa;
    while (left > 0 || count <= number.exponent) {
        if (count > 0 && count == number.exponent) {
            digit[count++] = '.';
            number.exponent = 0; /* the point is set */
        }
        digit[count++] = (char)('0' + left % 10);
        left /= 10;
    }
    if (number.mantissa < 0) {
        digit[count++] = '-';
    }
    if (count >= capacity) {
        count = capacity == 0 ? 0 : capacity - 1;
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = digit[count - 1 - i];
    }
    if (capacity > 0) {
        out[count] = '\0';
    }
    return count;
}

/* Rounds half away from zero; divisor > 0. Most values fit 64 bits, where dividing is
 * several times faster. */
static wide divide(wide number, wide divisor)
{
    bool negative = number < 0;
    wide size = negative ? -number : number;
    wide whole;
    bool up;
    if (size <= INT64_MAX && divisor <= INT64_MAX) {
        int64_t quotient = (int64_t)size / (int64_t)divisor;
        whole = quotient;
        up = (int64_t)size % (int64_t)divisor >=
             (int64_t)divisor - (int64_t)size % (int64_t)divisor;
    } else {
        whole = size / divisor;
        up = size % divisor >= divisor - size % divisor;
    }
    whole += up ? 1 : 0;
    return negative ? -whole : whole;
}

enum vg_status vg_decimal_scale(struct vg_decimal number, struct vg_decimal offset,
                                struct vg_ratio scale, unsigned places, int64_t *out)
{
    if (places > MAX_EXPONENT || number.exponent > MAX_EXPONENT ||
        offset.exponent > MAX_EXPONENT) {
        return VG_REFUSED;
    }
    unsigned common =
        number.exponent > offset.exponent ? number.exponent : offset.exponent;
    wide sum = (wide)number.mantissa * power[common - number.exponent] +
               (wide)offset.mantissa * power[common - offset.exponent];
    wide divisor = (wide)power[common] * scale.denominator;
    if (__builtin_mul_overflow(sum, (wide)scale.numerator, &sum) ||
        __builtin_mul_overflow(sum, (wide)power[places], &sum)) {
        return VG_REFUSED;
    }
    wide steps = divide(sum, divisor);
    if (steps > INT64_MAX || steps < -(wide)INT64_MAX) {
        return VG_REFUSED;
    }
    *out = (int64_t)steps;
    return VG_OK;
}
