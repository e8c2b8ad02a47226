/* SPDX-License-Identifier: Apache-2.0
 *
 * The edges of the rule language: what is calculated when a file is loaded, how much one test and
 * one protocol may ask, words that are cut short. Beside test_expr.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/expr_code.h"

static struct vg_arena *arena;
static struct vg_queries queries;
static struct vg_faults faults;
static struct vg_expr expr;

static enum vg_status compile(const char *text)
{
    faults.count = faults.errors = 0;
    return vg_expr_compile(text, (struct vg_place){7, 11}, arena, &queries, &faults,
                           &expr);
}

static int begin(void **state)
{
    (void)state;
    memset(&queries, 0, sizeof queries);
    arena = vg_arena_create();
    return arena == NULL;
}

static int end(void **state)
{
    (void)state;
    vg_arena_destroy(arena);
    return 0;
}

/* A patient with three pressures in the hour and 36 h in the house; all else is unknown. */
static struct vg_number answer(const void *subject, const struct vg_query *query,
                               size_t index, struct vg_instant at)
{
    (void)subject;
    (void)index;
    (void)at;
    switch ((int)query->kind) {
    case VG_ASK_COUNT:
        return vg_number_of(3, 1);
    case VG_ASK_SINCE_ADMISSION:
        return vg_number_of(36 * VG_HOUR, 1);
    default:
        return VG_NUMBER_UNKNOWN;
    }
}

static void answers(void **state)
{
    static const struct vg_facts facts = {NULL, answer};
    static const struct {
        const char *text;
        enum vg_truth truth;
    } rows[] = {
        /* how often one goes into the other, known when the file is loaded */
        {"count(sbp, 1h) >= 36h / 12h", VG_TRUE},
        {"count(sbp, 1h) > 36h / 12h", VG_FALSE},
        {"count(sbp, 1h) == 90 mm[Hg] / 30 mm[Hg]", VG_TRUE},
        /* a product of two fixed numbers keeps what the one with a unit is */
        {"since_admission > 2 * 17h", VG_TRUE},
        {"since_admission > 2 * 18h", VG_FALSE},
        {"since_admission > 3d / 2", VG_FALSE},
        {"since_admission >= 3d / 2", VG_TRUE},
        /* blanks of all kinds */
        {"\tsince_admission\r\n>\n\t24h ", VG_TRUE},
        {"no temp for 8h", VG_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (compile(rows[i].text) != VG_OK) {
            fail_msg("%s: %s", rows[i].text, faults.item[0].text);
        }
        const enum vg_truth got =
            vg_expr_ask(&expr, &queries, &facts, (struct vg_instant){0});
        if (got != rows[i].truth) {
            fail_msg("%s is %d, not %d", rows[i].text, (int)got, (int)rows[i].truth);
        }
    }
}

#define LONG_NAME "abcdefghijklmnopqrstuvwxyzabcdefghijklmno" /* 41 */

static void refuses(void **state)
{
    static const struct {
        const char *text;
        unsigned column; /* the text begins in column 11; characters, not bytes */
        const char *sentence;
    } rows[] = {
        {"count(sbp, 1h) > 90 mm[Hg] / (30 mm[Hg] - 30 mm[Hg])", 41, "divides by zero"},
        {"count(sbp, 1h) > 3000000000 * 4000000000", 28,
         "divides by zero or is too large"},
        {"count(sbp, 1h) > 9000000000000000000 {score} / 0.000000001 {score}", 28,
         "divides by zero or is too large"},
        {"sbp < 9000000000000000000 kPa", 17, "this number is too large"},
        {"sbp < 99999999999999999999 mm[Hg]", 17, "has too many digits"},
        {"sbp < 1 mm[Hg] in 2 of last 3", 40, "\"readings\" or \"assessments\""},
        {"sbp < 1 mm[Hg] in of last 3 readings", 29, "a whole number"},
        {"flag()", 16, "the name of a flag is missing"},
        {"flag(" LONG_NAME ")", 16, "the name of a flag is missing"},
        {"sbp < 90 mm[Hg] " LONG_NAME, 27, "has no meaning here"},
        {"phase post-1", 17, "\"is\" is missing here, as in \"phase is infusion\""},
        {"setting outpatient", 19, "as in \"setting is outpatient\""},
        {"no temp", 18, "\"for\" and a span are missing"},
        {"no flag for 8h", 14, "charted, not measured"},
        {"(phase) > 1", 17, "\"is\" is missing"},
        {"sbp > 90 mm[Hg] or é", 30, "before"},
        {"é sbp", 11, "before"},
        {"temp > \"é\" and sbp", 18, "before"},
        {"sbp > - hr", 17, "before \"-\""},
        {"since_infusion > 90 mm[Hg]", 28, "a span of time against mm[Hg]"},
        {"2 * 2h > sbp", 20, "a span of time against mm[Hg]"},
        {"age(sbp) * 2h > 1", 22, "a span of time times a span of time"},
        {"sbp > 90 mm[Hg] and 5", 31, "a number is no test"},
        {"hr > 5 * 3 {INR}", 16, "{INR}"},
    };
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const enum vg_status status = compile(rows[i].text);
        const struct vg_fault *fault = &faults.item[0];
        if (status != VG_REFUSED || strstr(fault->text, rows[i].sentence) == NULL ||
            fault->place.column != rows[i].column) {
            print_error("%s: status %d, column %u: %s\n", rows[i].text, (int)status,
                        fault->place.column, fault->text);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

/* "sbp + 2 * (sbp + 2 * (…": two numbers wait at each level. */
static void nest(char *text, unsigned levels)
{
    text[0] = '\0';
    for (unsigned i = 0; i < levels; i++) {
        strcat(text, "sbp + 2 * (");
    }
    strcat(text, "sbp");
    for (unsigned i = 0; i < levels; i++) {
        strcat(text, ")");
    }
    strcat(text, " > 90 mm[Hg]");
}

static void what_waits_is_bounded(void **state)
{
    char text[1024];

    (void)state;
    nest(text, 15);
    assert_int_equal(compile(text), VG_OK);
    assert_int_equal(expr.depth, 31);
    nest(text, 16);
    assert_int_equal(compile(text), VG_REFUSED);
    assert_non_null(strstr(faults.item[0].text, "nested too deeply: at most 32"));
}

/* One protocol asks at most so many different things; the same again is none. */
static void questions_are_counted(void **state)
{
    char text[64];

    (void)state;
    for (int i = 1; i <= VG_QUERIES; i++) {
        (void)snprintf(text, sizeof text, "min(sbp, %ds) < 90 mm[Hg]", i);
        assert_int_equal(compile(text), VG_OK);
    }
    assert_int_equal(compile("min(sbp, 1s) < 90 mm[Hg]"), VG_OK);
    assert_int_equal(compile("max(sbp, 1s) < 90 mm[Hg]"), VG_REFUSED);
    assert_non_null(strstr(faults.item[0].text, "more than 512 different questions"));
}

static void speaks(void **state)
{
    static const struct {
        const char *text, *canonical, *words;
    } rows[] = {
        {"news2.score >= 5 in 2 of last 3 assessments",
         "news2.score >= 5 in 2 of last 3 assessments",
         "in 2 of the last 3 assessments"},
        {"since_admission > 90s", "since_admission > 90s", "is above 90 s"},
        {"since_admission > 36h", "since_admission > 36h", "is above 36 h"},
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(compile(rows[i].text), VG_OK);
        (void)vg_expr_text(&expr, &queries, text, sizeof text);
        assert_string_equal(text, rows[i].canonical);
        (void)vg_expr_words(&expr, &queries, text, sizeof text);
        if (strstr(text, rows[i].words) == NULL) {
            fail_msg("%s: %s", rows[i].text, text);
        }
    }
}

static void a_number_beyond_its_places_is_unknown(void **state)
{
    char text[32];

    (void)state;
    (void)vg_number_format(vg_number_of(INT64_MAX, 1), 9, 0, text, sizeof text);
    assert_string_equal(text, "unknown");
    (void)vg_number_format(vg_number_of(-25, 10), 0, 0, text, sizeof text);
    assert_string_equal(text, "-3"); /* half away from zero */
    (void)vg_number_format(vg_number_of(5, 1), 3, 2, text, sizeof text);
    assert_string_equal(text, "5.00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers, begin, end),
        cmocka_unit_test_setup_teardown(refuses, begin, end),
        cmocka_unit_test_setup_teardown(what_waits_is_bounded, begin, end),
        cmocka_unit_test_setup_teardown(questions_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(speaks, begin, end),
        cmocka_unit_test(a_number_beyond_its_places_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
