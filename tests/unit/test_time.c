/* SPDX-License-Identifier: Apache-2.0
 *
 * Times and spans as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

static void times_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"2026-11-23T06:12:00.000Z", 1795414320000},
        {"2026-11-23T06:12:00Z", 1795414320000},
        {"2026-11-23t06:12:00z", 1795414320000},
        {"2026-11-23T14:12:00+08:00", 1795414320000},
        {"2026-11-23T00:42:00-05:30", 1795414320000},
        {"2026-11-23T06:12:00.1Z", 1795414320100},
        {"2026-11-23T06:12:00.123456789Z", 1795414320123},
        {"2026-11-23T06:12:00.9999Z", 1795414320999},
        {"2000-01-01T00:00:00Z", 946684800000},
        {"2100-01-01T00:00:00Z", 4102444800000},
        {"2024-02-29T12:00:00Z", 1709208000000},
        {"2016-12-31T23:59:60Z", 1483228800000},
        {"1795414320000", 1795414320000},
        {"946684800000", 946684800000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_instant at;
        assert_int_equal(vg_time_parse(rows[i].text, strlen(rows[i].text), &at), VG_OK);
        assert_int_equal(at.ms, rows[i].ms);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "2026-11-23",
        "2026-11-23T06:12:00",
        "2026-11-23T06:12Z",
        "2026-11-23 06:12:00Z",
        "2026-13-23T06:12:00Z",
        "2026-00-23T06:12:00Z",
        "2026-11-31T06:12:00Z",
        "2025-02-29T06:12:00Z",
        "2100-02-29T06:12:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T06:60:00Z",
        "2026-11-23T06:12:61Z",
        "2026-11-23T06:12:00.Z",
        "2026-11-23T06:12:00.123",
        "2026-11-23T06:12:00+0800",
        "2026-11-23T06:12:00+24:00",
        "2026-11-23T06:12:00+08:60",
        "2026-11-23T06:12:00ZZ",
        " 2026-11-23T06:12:00Z",
        "1999-12-31T23:59:59.999Z",
        "2100-01-01T00:00:00.001Z",
        "2026-11-2aT06:12:00Z",
        "0",
        "-1795414320000",
        "17954143200000",
        "1795414320.5",
        "946684799999",
    };
    struct vg_instant at;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(vg_time_parse(rows[i], strlen(rows[i]), &at), VG_REFUSED);
    }
}

static void times_are_written(void **state)
{
    (void)state;
    char text[VG_TIME_TEXT];
    vg_time_format((struct vg_instant){1795414320007}, text);
    assert_string_equal(text, "2026-11-23T06:12:00.007Z");
    vg_time_format((struct vg_instant){0}, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    vg_time_format((struct vg_instant){-1}, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    vg_time_format(VG_NEVER, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    vg_time_format(VG_UNSET, text);
    assert_string_equal(text, "0001-01-01T00:00:00.000Z");
}

static void every_day_goes_there_and_back(void **state)
{
    (void)state;
    for (int64_t ms = 946684800000; ms <= 4102444800000; ms += VG_DAY) {
        char text[VG_TIME_TEXT];
        struct vg_instant back;
        int64_t moment = ms + ms / VG_DAY % VG_DAY;
        vg_time_format((struct vg_instant){moment}, text);
        if (vg_time_parse(text, VG_TIME_TEXT - 1, &back) == VG_OK) {
            assert_int_equal(back.ms, moment);
        } else {
            assert_true(moment > 4102444800000);
        }
    }
}

static void spans_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        vg_ms span;
    } rows[] = {
        {"90s", 90000},         {"10m", 600000},
        {"4h", 4 * VG_HOUR},    {"7d", 7 * VG_DAY},
        {"500ms", 500},         {"48h 5m", 173100000},
        {"48h  5m", 173100000}, {"1d 2h 3m 4s 5ms", 93784005},
        {"-30m", -1800000},     {"0s", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        vg_ms span;
        assert_int_equal(vg_span_parse(rows[i].text, strlen(rows[i].text), &span),
                         VG_OK);
        assert_int_equal(span, rows[i].span);
    }
}

static void what_is_no_span_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       "-",
                                       "10",
                                       "m",
                                       "10 m",
                                       "10x",
                                       "1h5m",
                                       "1.5h",
                                       "10m ",
                                       " 1m",
                                       "+1m",
                                       "1mm",
                                       "- 1m",
                                       "1m -1s",
                                       "99999999999999999999s",
                                       "999999999999999d"};
    vg_ms span;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(vg_span_parse(rows[i], strlen(rows[i]), &span), VG_REFUSED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(times_are_written),
        cmocka_unit_test(every_day_goes_there_and_back),
        cmocka_unit_test(spans_are_read),
        cmocka_unit_test(what_is_no_span_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
