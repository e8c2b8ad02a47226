/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: one line each, whatever stands in it; floods are cut kind by kind.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shell/log.h"

/* Stands in front of the C library's: a minute passes when a test says so. */
static time_t passed;
int clock_gettime(clockid_t id, struct timespec *out)
{
    long code = syscall(SYS_clock_gettime, id, out);
    out->tv_sec += passed;
    return (int)code;
}

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
    vg_log_write(fixture->log, VG_LOG_ERROR, "a",
                 "a\nlevel=error \"b\" \\ \x1b[1m\xe2\x80\xae.");
    vg_log_write(fixture->log, VG_LOG_ERROR, "b", "%s", longest);
    written(fixture, text);
    assert_int_equal(count_of(text, '\n'), 2);
    assert_non_null(strstr(text, "text=\"a?level=error \\\"b\\\" \\\\ ?[1m?.\"\n"));
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

static void what_a_flood_held_back_is_counted(void **state)
{
    struct fixture *fixture = *state;
    char text[8192];
    for (int i = 0; i < 500; i++) {
        vg_log_write(fixture->log, i == 400 ? VG_LOG_ERROR : VG_LOG_NOTICE, "flood",
                     "x");
    }
    vg_log_sweep(fixture->log); /* not over yet */
    passed += 61;
    vg_log_sweep(fixture->log);
    vg_log_sweep(fixture->log); /* said once */
    for (int i = 0; i < 30; i++) {
        vg_log_write(fixture->log, VG_LOG_NOTICE, "flood", "again");
    }
    passed += 61;
    vg_log_write(fixture->log, VG_LOG_NOTICE, "flood", "later");
    written(fixture, text);
    assert_int_equal(count_of(text, '\n'), 10 + 1 + 10 + 1 + 1);
    const char *first = strstr(text, "level=error event=log.suppressed "
                                     "text=\"suppressed 490 lines of this kind\" "
                                     "kind=flood suppressed=490\n");
    assert_non_null(first);
    const char *second = strstr(first, "level=notice event=log.suppressed "
                                       "text=\"suppressed 20 lines of this kind\" "
                                       "kind=flood suppressed=20\n");
    assert_non_null(second);
    assert_non_null(strstr(second, "text=\"later\""));
}

static void json_is_one_object_a_line(void **state)
{
    struct fixture *fixture = *state;
    char text[8192];
    vg_log_as_json(fixture->log);
    vg_log_write(fixture->log, VG_LOG_ERROR, "a", "b \"c\"\n\\ \xc3\xa4 \xff \xc3");
    for (int i = 0; i < 12; i++) {
        vg_log_write(fixture->log, VG_LOG_NOTICE, "flood", "x");
    }
    passed += 61;
    vg_log_sweep(fixture->log);
    written(fixture, text);
    assert_int_equal(strncmp(text, "{\"ts\":\"2", 8), 0);
    assert_non_null(strstr(text, "Z\",\"level\":\"error\",\"event\":\"a\",\"text\":"
                                 "\"b \\\"c\\\"?\\\\ \xc3\xa4 ? ?\"}\n"));
    assert_non_null(strstr(text, ",\"kind\":\"flood\",\"suppressed\":2}\n"));
}

static void reports_become_lines_beside_json(void **state)
{
    struct fixture *fixture = *state;
    char text[8192];
    assert_ptr_equal(vg_log_report(fixture->log, VG_LOG_WARNING, "fault"), stderr);
    vg_log_as_json(fixture->log);
    FILE *report = vg_log_report(fixture->log, VG_LOG_WARNING, "fault");
    (void)fprintf(report,
                  "a.yaml:1:2: wrong\n    the line\n    ^\nb.yaml:3:4: \"too\"");
    vg_log_report_end(report);
    written(fixture, text);
    assert_int_equal(count_of(text, '\n'), 2);
    assert_non_null(
        strstr(text, "\"event\":\"fault\",\"text\":\"a.yaml:1:2: wrong\"}"));
    assert_non_null(strstr(text, "\"text\":\"b.yaml:3:4: \\\"too\\\"\"}"));
}

/* Fills what `fd` leads to, as a reader that has stopped leaves it. */
static void stuff(int fd)
{
    const char blanks[512] = {0};
    const int flags = fcntl(fd, F_GETFL);
    assert_int_equal(fcntl(fd, F_SETFL, flags | O_NONBLOCK), 0);
    while (write(fd, blanks, sizeof blanks) > 0) {
    }
    assert_int_equal(fcntl(fd, F_SETFL, flags), 0);
}

/* A whole test would hang if a line were waited for. */
static void nobody_waits_for_a_reader(int reader, int writer)
{
    char text[8192];
    struct vg_log *log = vg_log_create(writer, VG_LOG_NOTICE);
    stuff(writer);
    for (int i = 0; i < 3; i++) {
        vg_log_write(log, VG_LOG_NOTICE, "a", "lost");
    }
    const int flags = fcntl(reader, F_GETFL);
    assert_int_equal(fcntl(reader, F_SETFL, flags | O_NONBLOCK), 0);
    while (read(reader, text, sizeof text) > 0) {
    }
    vg_log_write(log, VG_LOG_NOTICE, "a", "heard");
    const ssize_t length = read(reader, text, sizeof text - 1);
    assert_true(length > 0);
    text[length] = '\0';
    assert_non_null(strstr(text, "event=log.lost"));
    assert_non_null(strstr(text, "kind=all suppressed=3\n"));
    assert_non_null(strstr(text, "text=\"heard\""));
    vg_log_destroy(log);
    close(reader);
    close(writer);
}

static void a_reader_that_stopped_stops_nobody(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    nobody_waits_for_a_reader(ends[0], ends[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    nobody_waits_for_a_reader(ends[0], ends[1]);
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
        TEST(what_a_flood_held_back_is_counted),
        TEST(json_is_one_object_a_line),
        TEST(reports_become_lines_beside_json),
        TEST(what_is_less_grave_is_left_out),
        cmocka_unit_test(a_reader_that_stopped_stops_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
