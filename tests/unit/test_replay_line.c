/* SPDX-License-Identifier: Apache-2.0
 *
 * Replay lines are read as the letters they stand for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

#define T INT64_C(1795414320000)

static struct vg_buffer out;

static int free_buffer(void **state)
{
    (void)state;
    vg_buffer_finish(&out);
    return 0;
}

static enum vg_status parse(const char *line, struct vg_replay_line *replay,
                            struct vg_error *error)
{
    return vg_replay_parse(line, strlen(line), &out, replay, error);
}

static void replay_lines_are_read(void **state)
{
    (void)state;
    struct vg_replay_line line;
    struct vg_error error;
    assert_int_equal(
        parse("{\"at\":\"2026-11-23T06:12:00Z\",\"topic\":\"vigil\\/v1/x\",\"payload\":"
              " {\"a\":[1,\"}\\\"]\"], \"b\":{}} }",
              &line, &error),
        VG_OK);
    assert_int_equal(line.at.ms, T);
    assert_int_equal(line.letter.topic_length, 10);
    assert_memory_equal(line.letter.topic, "vigil/v1/x", 10);
    static const char payload[] = "{\"a\":[1,\"}\\\"]\"], \"b\":{}}";
    assert_int_equal(line.letter.payload_length, sizeof payload - 1);
    assert_memory_equal(line.letter.payload, payload, sizeof payload - 1);
    assert_false(line.letter.retained);
    assert_int_equal(parse(" {\"at\":1795414320000 , \"x\":[{}]} \r", &line, &error),
                     VG_OK);
    assert_int_equal(line.at.ms, T);
    assert_null(line.letter.topic);
}

/* What is wrong inside a payload is the decoder's matter, and an answer, not a fault
 * of the file. */
static void bad_payloads_are_passed_on(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "NaN",  "[[[[[[[[[[[[1]]]]]]]]]]]]", "{\"a\":1,\"a\":01}", "\"text\"",
        "null", "{\"a\":\"\xff\t\"}"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        struct vg_replay_line line;
        struct vg_error error;
        snprintf(text, sizeof text,
                 "{\"payload\":%s,\"topic\":\"t\",\"at\":1795414320000}", rows[i]);
        assert_int_equal(parse(text, &line, &error), VG_OK);
        assert_int_equal(line.letter.payload_length, strlen(rows[i]));
        assert_memory_equal(line.letter.payload, rows[i], strlen(rows[i]));
    }
}

static void broken_lines_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "x",
        "{",
        "{}",
        "[]",
        "{\"at\":\"yesterday\"}",
        "{\"at\":1795414320000",
        "{\"at\":1795414320000} x",
        "{\"at\":1795414320000,}",
        "{\"at\":}",
        "{\"at\"}",
        "{\"at\":1795414320000,\"topic\":\"t\"}",
        "{\"at\":1795414320000,\"topic\":5,\"payload\":{}}",
        "{\"at\":1795414320000,\"topic\":\"t\"x,\"payload\":{}}",
        "{\"at\":1795414320000,\"topic\":\"t\",\"payload\":{}",
        "{\"at\":1795414320000,\"topic\":\"t\",\"payload\":\"}",
        "{\"at\":1795414320000,\"topic\":\"t\",\"payload\":{\"a\":\"\\",
        "{\"at\":1795414320000,\"topic\":\"t\",\"payload\":}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_replay_line line;
        struct vg_error error = {""};
        assert_int_equal(parse(rows[i], &line, &error), VG_REFUSED);
        assert_true(error.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_lines_are_read),
        cmocka_unit_test(bad_payloads_are_passed_on),
        cmocka_unit_test(broken_lines_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, free_buffer);
}
