/* SPDX-License-Identifier: Apache-2.0
 *
 * Times and spans as text. By hand, because a reading carries a time or two and the
 * library's way (strptime, timegm) is neither strict nor fast nor part of C11.
 */
#include <string.h>

#include "vigil/wire.h"

/* 2000-01-01 and 2100-01-01: no measurement that we are sent was made outside. */
#define EARLIEST INT64_C(946684800000)
#define LATEST   INT64_C(4102444800000)

/* Days from 1970-01-01 of a date of the Gregorian calendar. Years begin in March
 * here, so that the leap day is the last of its year. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2 ? 1 : 0;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads `count` digits; false if one of them is none. */
static bool read_digits(const char *text, size_t count, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(text[i])) {
            return false;
        }
        value = value * 10 + (text[i] - '0');
    }
    *out = value;
    return true;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

/* "2026-11-23" at `text`, ten characters. */
static bool read_date(const char *text, int64_t *days)
{
    int64_t year;
    int64_t month;
    int64_t day;
    if (!read_digits(text, 4, &year) || text[4] != '-' ||
        !read_digits(text + 5, 2, &month) || text[7] != '-' ||
        !read_digits(text + 8, 2, &day)) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return false;
    }
    *days = days_of(year, month, day);
    return true;
}

/* "06:12:00" at `text`, eight characters. A leap second is the first second after
 * it. */
static bool read_clock(const char *text, int64_t *seconds)
{
    int64_t hour;
    int64_t minute;
    int64_t second;
    if (!read_digits(text, 2, &hour) || text[2] != ':' ||
        !read_digits(text + 3, 2, &minute) || text[5] != ':' ||
        !read_digits(text + 6, 2, &second)) {
        return false;
    }
    *seconds = (hour * 60 + minute) * 60 + second;
    return hour < 24 && minute < 60 && second <= 60;
}

/* ".123": takes at most milliseconds, cuts what is finer. Moves *at behind it. */
static bool read_fraction(const char **at, const char *end, int64_t *ms)
{
    *ms = 0;
    if (*at == end || **at != '.') {
        return true;
    }
    int64_t unit = 100;
    const char *first = ++*at;
    for (; *at < end && is_digit(**at); (*at)++) {
        *ms += unit * (**at - '0');
        unit /= 10;
    }
    return *at > first;
}

/* "Z" or "+08:00", up to the end. */
static bool read_zone(const char *at, const char *end, int64_t *minutes)
{
    *minutes = 0;
    if (end - at == 1) {
        return *at == 'Z' || *at == 'z';
    }
    int64_t hour;
    int64_t minute;
    if (end - at != 6 || (*at != '+' && *at != '-') || at[3] != ':' ||
        !read_digits(at + 1, 2, &hour) || !read_digits(at + 4, 2, &minute)) {
        return false;
    }
    *minutes = (*at == '-' ? -1 : 1) * (hour * 60 + minute);
    return hour < 24 && minute < 60;
}

static bool read_rfc3339(const char *text, size_t length, int64_t *ms)
{
    int64_t days;
    int64_t seconds;
    int64_t fraction;
    int64_t zone;
    const char *end = text + length;
    if (length < sizeof "2026-11-23T06:12:00Z" - 1 || !read_date(text, &days) ||
        (text[10] != 'T' && text[10] != 't') || !read_clock(text + 11, &seconds)) {
        return false;
    }
    const char *at = text + 19;
    if (!read_fraction(&at, end, &fraction) || !read_zone(at, end, &zone)) {
        return false;
    }
    *ms = ((days * 24 * 60 - zone) * 60 + seconds) * 1000 + fraction;
    return true;
}

enum vg_status vg_time_parse(const char *text, size_t length, struct vg_instant *out)
{
    int64_t ms;
    bool number = length <= 13 && length > 0 && read_digits(text, length, &ms);
    if (!number && !read_rfc3339(text, length, &ms)) {
        return VG_REFUSED;
    }
    if (ms < EARLIEST || ms > LATEST) {
        return VG_REFUSED;
    }
    *out = (struct vg_instant){ms};
    return VG_OK;
}

static void write_digits(char *out, int64_t number, size_t count)
{
    while (count > 0) {
        out[--count] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* The inverse of days_of. */
static void write_date(char *out, int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) /
        365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* from March */
    write_digits(out + 8, day_of_year - (153 * month + 2) / 5 + 1, 2);
    month += month < 10 ? 3 : -9;
    write_digits(out + 5, month, 2);
    write_digits(out, year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4);
}

/* Years have four digits; what lies outside is shown as the nearest that does not. */
static int64_t clamp(int64_t ms)
{
    const int64_t low = INT64_C(-62135596800000); /* 0001-01-01 */
    const int64_t high = INT64_C(253402300799999);
    return ms < low ? low : ms > high ? high : ms;
}

void vg_time_format(struct vg_instant at, char out[VG_TIME_TEXT])
{
    int64_t ms = clamp(at.ms);
    int64_t day = (ms >= 0 ? ms : ms - VG_DAY + 1) / VG_DAY;
    ms -= day * VG_DAY;
    memcpy(out, "0000-00-00T00:00:00.000Z", VG_TIME_TEXT);
    write_date(out, day);
    write_digits(out + 11, ms / VG_HOUR, 2);
    write_digits(out + 14, ms / VG_MINUTE % 60, 2);
    write_digits(out + 17, ms / VG_SECOND % 60, 2);
    write_digits(out + 20, ms % 1000, 3);
}

/* One "48h": moves *at behind it, adds to *sum. */
static bool read_span(const char **at, const char *end, vg_ms *sum)
{
    static const struct {
        const char *text;
        vg_ms span;
    } units[] = {
        {"ms", 1}, {"s", VG_SECOND}, {"m", VG_MINUTE}, {"h", VG_HOUR}, {"d", VG_DAY}};
    const char *first = *at;
    while (*at < end && is_digit(**at)) {
        (*at)++;
    }
    int64_t number;
    size_t digits = (size_t)(*at - first);
    if (digits == 0 || digits > 15 || !read_digits(first, digits, &number)) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = strlen(units[i].text);
        bool fits = (size_t)(end - *at) >= length &&
                    memcmp(*at, units[i].text, length) == 0 &&
                    (*at + length == end || (*at)[length] == ' ');
        if (fits) {
            *at += length;
            vg_ms span;
            return !__builtin_mul_overflow(number, units[i].span, &span) &&
                   !__builtin_add_overflow(*sum, span, sum);
        }
    }
    return false;
}

enum vg_status vg_span_parse(const char *text, size_t length, vg_ms *out)
{
    const char *at = text;
    const char *end = text + length;
    bool negative = length > 0 && *at == '-';
    at += negative ? 1 : 0;
    vg_ms sum = 0;
    if (!read_span(&at, end, &sum)) {
        return VG_REFUSED;
    }
    while (at < end) {
        while (at < end && *at == ' ') {
            at++;
        }
        if (!read_span(&at, end, &sum)) {
            return VG_REFUSED;
        }
    }
    *out = negative ? -sum : sum;
    return VG_OK;
}
