/* SPDX-License-Identifier: Apache-2.0
 *
 * Which letters look like part of a backlog, and which are calm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

#define VITALS "vigil/v1/beds/w/1/vitals"

static const struct {
    const char *topic, *payload;
    bool backlog;
} rows[] = {
    {VITALS, "{\"seq\":7,\"ts\":\"2026-01-01T00:00:00Z\"}", true},
    {VITALS, "{ \"seq\" : 7, \"ts\" : 1767225600000 }", true},
    {VITALS, "{\"seq\":7,\"ts\":\"2026-01-01T00:08:00.000Z\"}",
     false}, /* two minutes */
    {VITALS, "{\"seq\":7,\"ts\":\"2026-01-01T00:07:59.999Z\"}", true},
    {VITALS, "{\"seq\":7,\"ts\":\"2026-01-02T00:00:00Z\"}", false}, /* ahead */
    {VITALS, "{\"ts\":\"2026-01-01T00:00:00Z\"}",
     false}, /* no number: not known again */
    {VITALS, "{\"patient\":\"seq\",\"ts\":1767225600000}", false},
    {VITALS, "{\"seq\":7}", false},
    {VITALS, "{\"seq\":7,\"ts\":", false},
    {VITALS, "{\"seq\":7,\"ts\":\"2026", false},
    {VITALS, "{\"seq\":7,\"ts\":12}", false},
    {VITALS, "{\"seq\":7,\"ts\"\t:\t1767225600000}", true},
    {VITALS, "{\"seq\":7,\"ts\"", false},
    {VITALS, "{\"seq\":7,\"ts\" ", false},
    {VITALS, "{\"seq\":7,\"ts\":", false},
    {VITALS, "{\"seq\":7,\"ts\":\t ", false},
    {VITALS, "{\"seq\":7,\"ts\":17672256", false},
    {VITALS, "{\"seq\":7,\"ts\":1767225600000", true},
    {VITALS, "{\"seq\":7,\"ts\":x}", false},
    {VITALS, "{\"seq\":7,\"ts\":\"yesterday\"}", false},
    {VITALS, "{\"seq\":7,\"ts\",\"ts\":1767225600000}",
     true}, /* the first is a value */
    {VITALS, "{\"seq\":7,\"ts\":99999999999999999999}", false}, /* far ahead */
    {VITALS, "", false},
    {VITALS, "\"", false},
    {VITALS, "\"seq\"", false},
    {"vigil/v1/beds/w/1/episode", "{\"seq\":7,\"ts\":1767225600000}", false},
    {"vitals", "{\"seq\":7,\"ts\":1767225600000}", false},
};

static void test_rows(void **state)
{
    const struct vg_instant received = {1767225600000 + 10 * VG_MINUTE};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vg_letter letter = {rows[i].topic, strlen(rows[i].topic),
                                         rows[i].payload, strlen(rows[i].payload),
                                         false};
        assert_int_equal(vg_letter_backlog(&letter, received), rows[i].backlog);
    }
}

/* ---- Calm */

/* The payload ends where its memory does. */
static bool calm(struct vg_glance *glance, const char *topic, const char *payload)
{
    const size_t length = strlen(payload);
    char *exact = malloc(length + (length == 0));
    assert_non_null(exact);
    memcpy(exact, payload, length);
    const struct vg_letter letter = {topic, strlen(topic), exact, length, false};
    const bool is = vg_letter_calm(glance, &letter);
    free(exact);
    return is;
}

#define TEMP(value) \
    "{\"obs\":[{\"code\":\"temp\",\"value\":" value ",\"unit\":\"Cel\"}]}"
#define SBP(value) "{\"obs\":[{\"value\": " value " ,\"code\" : \"8480-6\"}]}"

/* One after the other, of one bed. */
static const struct {
    const char *payload;
    bool calm;
} course[] = {
    {TEMP("37.0"), false}, /* the first */
    {TEMP("37.9"), true},
    {TEMP("37.999"), true},
    {TEMP("38"), false},
    {TEMP("38.4"), true},
    {TEMP("39.0"), false},
    {TEMP("40"), true}, /* not above */
    {TEMP("40.01"), false},
    {TEMP("37"), true},    /* back */
    {TEMP("40.01"), true}, /* it wobbles */
    {TEMP("37"), true},
    {SBP("90"), true}, /* says nothing of the temperature, and is not low */
    {SBP("89.9"), false},
    {SBP("60"), true},
    {TEMP("37"), true},
    {SBP("91"), true},
    {TEMP("-37"), true},
    {"{\"obs\":[]}", true},
    {"{\"obs\":[{\"code\":\"dbp\",\"value\":20}]}", true}, /* has no limit */
    {"{\"obs\":[{\"code\":\"dbp\",\"value\":20},{\"code\":\"sbp\",\"value\":80}]}",
     true}, /* it was as low lately */
    {"{\"obs\":[{\"code\":\"sbp\",\"value\":80}],\"loc\":{}}", false},
    {"{\"obs\":[{\"code\":\"mood\",\"value\":80}]}", false},
    {"{\"obs\":[{\"code\":\"sbp\",\"value\":null}]}", false},
    {"{\"obs\":[{\"code\":\"sbp\",\"value\":8e1}]}", true},
    {"{\"obs\":[{\"code\":\"sbp\",\"value\":.}]}", false},
    {"{\"obs\":[{\"code\":\"sbp\",\"value\":80", false},
    {"{\"obs\":[{\"code\":\"sbp", false},
    {"{\"obs\":[{\"code\":7,\"value\":80}]}", false},
    {"{\"obs\":[{\"value\":80}]}", false},
    {"{\"obs\":[{\"code\":\"sbp\"}]}", false},
    {"{\"obs\":[{\"code\":\"sbp\",\"value\":", false},
    {"{\"obs\":[{\"code\":\"sbp\",\"value\":-", false},
    {"{\"obs\":{\"code\":\"sbp\",\"value\":80}}", false},
    {"{\"obs\":", false},
    {"{}", false},
    {"", false},
    {"{\"obs\":[{\"code\":\"sbp\",\"value\":80}]}",
     true}, /* as it was before all these */
};

static void test_course(void **state)
{
    struct vg_glance *glance = vg_glance_create();

    (void)state;
    assert_non_null(glance);
    for (size_t i = 0; i < sizeof course / sizeof course[0]; i++) {
        if (calm(glance, VITALS, course[i].payload) != course[i].calm) {
            fail_msg("row %zu: %s", i, course[i].payload);
        }
    }
    assert_false(calm(glance, "vigil/v1/beds/w/1/labs", TEMP("37")));
    vg_glance_destroy(glance);
    vg_glance_destroy(NULL);
}

/* What was beyond a limit once is news again after 16 messages at least, and after 32 at most; what
 * stays beyond it never is, though other signals come alone. */
static void test_news_again(void **state)
{
    struct vg_glance *glance = vg_glance_create();

    (void)state;
    assert_non_null(glance);
    for (int quiet = 1; quiet < 40; quiet++) {
        (void)calm(glance, VITALS, TEMP("39.5"));
        for (int i = 0; i < quiet; i++) {
            assert_true(calm(glance, VITALS, TEMP("37")));
        }
        const bool is = calm(glance, VITALS, TEMP("39.5"));
        assert_true(quiet < 16 ? is : quiet < 32 || !is);
        for (int i = 0; i < 32; i++) {
            assert_true(calm(glance, VITALS, SBP("120")));
        }
        assert_true(calm(glance, VITALS, TEMP("39.5")));
    }
    vg_glance_destroy(glance);
}

static void test_beds_apart(void **state)
{
    struct vg_glance *glance = vg_glance_create();
    char topic[64];
    size_t forgotten = 0;

    (void)state;
    assert_non_null(glance);
    for (int round = 0; round < 2; round++) {
        for (int bed = 0; bed < 1000; bed++) {
            (void)snprintf(topic, sizeof topic, "vigil/v1/beds/w/%d/vitals", bed);
            const bool is = calm(glance, topic, bed % 2 ? TEMP("37") : TEMP("39.5"));
            assert_true(round > 0 || !is);
            forgotten += round > 0 && !is;
        }
    }
    assert_int_equal(forgotten, 0);
    for (int bed = 0; bed < 100000; bed++) { /* more than there is room for: no harm */
        (void)snprintf(topic, sizeof topic, "vigil/v1/beds/w/%d/vitals", bed);
        (void)calm(glance, topic, TEMP("37"));
    }
    vg_glance_destroy(glance);
}

static void test_retained(void **state)
{
    struct vg_glance *glance = vg_glance_create();
    struct vg_letter letter = {VITALS, strlen(VITALS), TEMP("37"), strlen(TEMP("37")),
                               false};

    (void)state;
    assert_non_null(glance);
    assert_false(vg_letter_calm(glance, &letter));
    assert_true(vg_letter_calm(glance, &letter));
    letter.retained = true;
    assert_false(vg_letter_calm(glance, &letter));
    vg_glance_destroy(glance);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_course),
        cmocka_unit_test(test_news_again), cmocka_unit_test(test_beds_apart),
        cmocka_unit_test(test_retained)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
