/* SPDX-License-Identifier: Apache-2.0
 *
 * Which letters look like part of a backlog.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
