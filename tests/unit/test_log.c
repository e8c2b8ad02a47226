/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: one line each, whatever stands in it; floods are cut kind by kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shell/log.h"

struct fixture {
    int pipe[2];
    struct vg_log *log;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    *state = fixture;
    if (pipe(fixture->pipe) != 0) {
        return -1;
    }
    fixture->log = vg_log_create(fixture->pipe[1], VG_LOG_NOTICE);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    vg_log_destroy(fixture->log);
    close(fixture->pipe[0]);
    free(fixture);
    return 0;
}

/* All that was written; the log must not be used afterwards. */
static const char *written(struct fixture *fixture, char text[8192])
{
    size_t length = 0;
    close(fixture->pipe[1]);
    for (ssize_t got = 1; got > 0; length += got > 0 ? (size_t)got : 0) {
        got = read(fixture->pipe[0], text + length, 8191 - length);
    }
    text[length] = '\0';
    return text;
}

static size_t count_of(const char *text, char wanted)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += *text == wanted ? 1 : 0;
    }
    return count;
}

static void a_line_names_time_level_and_event(void **state)
{
    struct fixture *fixture = *state;
    char text[8192];
    vg_log_write(fixture->log, VG_LOG_WARNING, "mqtt.lost", "gone for %d s", 3);
    written(fixture, text);
    assert_int_equal(strncmp(text, "ts=2", 4), 0);
    assert_non_null(
        strstr(text, "Z level=warning event=mqtt.lost text=\"gone for 3 s\"\n"));
}

static void nothing_breaks_out_of_its_line(void **state)
{
    struct fixture *fixture = *state;
    char text[8192];
    char longest[4000];
    memset(longest, '"', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    vg_log_write(fixture->log, VG_LOG_ERROR, "a", "a\nlevel=error \"b\" \\ \x1b[1m");
    vg_log_write(fixture->log, VG_LOG_ERROR, "b", "%s", longest);
    written(fixture, text);
    assert_int_equal(count_of(text, '\n'), 2);
    assert_non_null(strstr(text, "text=\"a?level=error \\\"b\\\" \\\\ ?[1m\"\n"));
}

static void a_flood_of_one_kind_does_not_hide_another(void **state)
{
    struct fixture *fixture = *state;
    char text[8192];
    for (int i = 0; i < 1000; i++) {
        vg_log_write(fixture->log, VG_LOG_NOTICE, "flood", "again");
    }
    vg_log_write(fixture->log, VG_LOG_NOTICE, "rare", "once");
    written(fixture, text);
    assert_int_equal(count_of(text, '\n'), 11);
    assert_non_null(strstr(text, "once"));
}

static void what_is_less_grave_is_left_out(void **state)
{
    struct fixture *fixture = *state;
    char text[8192];
    vg_log_write(fixture->log, VG_LOG_DEBUG, "a", "not said");
    vg_log_write(NULL, VG_LOG_ERROR, "a", "nor this");
    assert_string_equal(written(fixture, text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        TEST(a_line_names_time_level_and_event),
        TEST(nothing_breaks_out_of_its_line),
        TEST(a_flood_of_one_kind_does_not_hide_another),
        TEST(what_is_less_grave_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
