/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in the heads of requests, and the arguments behind the question mark.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "shell/history.h"
#include "shell/http_inside.h"

static void test_who_takes_gzip(void **state)
{
    static const struct {
        const char *head;
        bool takes;
    } rows[] = {{NULL, false},
                {"", false},
                {"gzip", true},
                {"GZip", true},
                {"deflate, gzip", true},
                {"br;q=1.0,gzip;q=0.8", true},
                {"gzip;q=0", false},
                {"gzip; q=0.0, br", false},
                {"x-gzip", false},
                {"gzipped", false},
                {"*", true},
                {"*;q=0", false},
                {" , ,", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(vg_http_takes_gzip(rows[i].head), rows[i].takes);
    }
}

static void test_who_has_it_already(void **state)
{
    static const struct {
        const char *head;
        bool has;
    } rows[] = {{NULL, false},
                {"", false},
                {"*", true},
                {"\"abc\"", true},
                {"W/\"abc\"", true},
                {"\"x\", W/\"abc\"", true},
                {"\"abc\"x", false},
                {"abc", false},
                {"\"ab\"", false},
                {"\"abc\" , \"d\"", true},
                {"\"x\",\"abcd\"", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(vg_http_matches(rows[i].head, "\"abc\""), rows[i].has);
        assert_int_equal(vg_http_matches(rows[i].head, "W/\"abc\""), rows[i].has);
    }
}

static void test_by_which_name(void **state)
{
    static const char names[] = "board.ward.example, other";
    static const struct {
        const char *host;
        bool ours, named; /* without and with the list */
    } rows[] = {{"", true, true},
                {"localhost", true, true},
                {"LocalHost:8470", true, true},
                {"localhost.", true, true},
                {"board.localhost:1", true, true},
                {"127.0.0.1", true, true},
                {"127.0.0.1:8470", true, true},
                {"127.9.8.7", true, true},
                {"[::1]", true, true},
                {"[::1]:8470", true, true},
                {"board.ward.example", false, true},
                {"Board.Ward.Example:443", false, true},
                {"board.ward.example.", false, true},
                {"other", false, true},
                {"board.ward.example.evil.example", false, false},
                {"ward.example", false, false},
                {"board", false, false},
                {"evil.example:8470", false, false},
                {"localhost.evil.example", false, false},
                {"evillocalhost", false, false},
                {".localhost", false, false},
                {"127.0.0.1.evil.example", false, false},
                {"127.1", false, false},
                {"128.0.0.1", false, false},
                {"0.0.0.0", false, false},
                {"10.0.0.1:8470", false, false},
                {"::1", false, false},
                {"[::2]", false, false},
                {"localhost:8470x", false, false},
                {"localhost:80:80", false, false},
                {"127.0.0.1@evil.example", false, false},
                {":8470", false, false},
                {".", false, false},
                {",", false, false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(vg_http_is_ours(rows[i].host, ""), rows[i].ours);
        assert_int_equal(vg_http_is_ours(rows[i].host, names), rows[i].named);
    }
    assert_null(vg_http_names_complaint(names));
    assert_null(vg_http_names_complaint(""));
    assert_non_null(vg_http_names_complaint("board.ward.example:443"));
    assert_non_null(vg_http_names_complaint("https://board"));
}

static void test_paths(void **state)
{
    static const struct {
        const char *path;
        bool known;
    } rows[] = {{"/api/v1/wards", true},
                {"/api/v1/wards/", false},
                {"/api/v1/wards//beds", false},
                {"/api/v1/wards/onc-7/beds", true},
                {"/api/v1/wards/onc-7/beds/x", false},
                {"/api//v1/wards", false},
                {"//api/v1/wards", false},
                {"/metrics", true},
                {"/", false},
                {"", false},
                {"metrics", false},
                {"/api/v1/alerts/a/accept", true},
                {"/a/b/c/d/e/f/g/h/i/j/k", false}};
    char lengthy[400] = "/api/v1/episodes/";

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_api_call call = {.method = "GET"};
        vg_api_cut_path(&call, rows[i].path);
        assert_int_equal(vg_api_knows(&call), rows[i].known);
    }
    memset(lengthy + strlen(lengthy), 'a', 300);
    struct vg_api_call call = {.method = "GET"};
    vg_api_cut_path(&call, lengthy);
    assert_false(vg_api_knows(&call));
}

static struct vg_api_call asked(const char *name, const char *value)
{
    return (struct vg_api_call){.path = "/api/v1/x",
                                .argument_count = 1,
                                .argument = {{name, value}},
                                .now = {1768032000000}};
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = {{"1768032000000", 1768032000000},
                {"2026-01-10T08:00:00Z", 1768032000000},
                {"2026-01-10T16:00:00+08:00", 1768032000000},
                {"2026-01-10T16:00:00 08:00", 1768032000000}, /* the plus, unescaped */
                {"now", 1768032000000},
                {"-1h", 1768032000000 - 3600000},
                {"-1h 30m", 1768032000000 - 5400000},
                {"1h", -1},
                {"tomorrow", -1},
                {"", -1},
                {"2026-01-10", -1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vg_api_call call = asked("from", rows[i].text);
        struct vg_api_answer answer = {0};
        struct vg_instant out = {-1};
        assert_int_equal(vg_api_time(&call, &answer, "from", &out), rows[i].ms >= 0);
        assert_int_equal(answer.status, rows[i].ms >= 0 ? 0 : 400);
        assert_int_equal(out.ms, rows[i].ms);
        vg_buffer_finish(&answer.text);
    }
}

static void test_the_next_page_is_of_the_same_question(void **state)
{
    struct vg_api_call call = asked("from", "-1h");
    struct vg_buffer b = {0};
    struct vg_page_end end = {.more = false};
    struct vg_cursor read = {0};

    (void)state;
    call.argument[1].name = "patient";
    call.argument[1].value = "a&b \"%";
    call.argument[2].name = "after";
    call.argument[2].value = "old";
    call.argument_count = 3;
    vg_api_put_next(&call, &b, &end);
    assert_int_equal(b.length, 0);
    end =
        (struct vg_page_end){.more = true, .next = {.set = true, .at = 5, .order = 7}};
    vg_api_put_next(&call, &b, &end);
    const char *before =
        ",\"next\":\"/api/v1/x?from=1768028400000&patient=a%26b%20%22%25&after=";
    assert_memory_equal(b.bytes, before, strlen(before));
    const char *cursor = b.bytes + strlen(before);
    assert_int_equal(vg_cursor_parse(cursor, strcspn(cursor, "\""), &read), VG_OK);
    assert_int_equal(read.at, 5);
    assert_int_equal(read.order, 7);
    vg_buffer_finish(&b);
}

static void test_a_command_in_two_parts(void **state)
{
    static const struct {
        const char *body, *whole; /* NULL: refused */
    } rows[] = {
        {"{\"by\":\"nurse:li\"}",
         "{\"do\":\"accept\",\"alert\":\"A1\",\"id\":\"new\",\"by\":\"nurse:li\"}"},
        {"{\"id\":\"i\",\"do\":\"reject\",\"alert\":\"A2\",\"rev\":3,\"for\":\"10m\"}",
         "{\"do\":\"accept\",\"alert\":\"A1\",\"id\":\"i\",\"rev\":3,\"for\":\"10m\"}"},
        {"{\"reason\":\"a \\\"b\\\"\\u0007\",\"rev\":[1],\"other\":1}",
         "{\"do\":\"accept\",\"alert\":\"A1\",\"id\":\"new\",\"rev\":false,"
         "\"reason\":\"a \\\"b\\\"\\u0007\"}"},
        {"[]", NULL},
        {"", NULL},
        {"{\"by\":1", NULL},
        {"{\"by\":\"a\",\"by\":\"b\"}", NULL},
        {"null", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_command_frame frame = {
            .what = "accept", .alert = "A1", .bed = "", .id = "new"};
        struct vg_buffer b = {0};
        struct vg_error error = {""};
        const enum vg_status status =
            vg_complete_command(&b, &frame, rows[i].body, strlen(rows[i].body), &error);
        assert_int_equal(status, rows[i].whole != NULL ? VG_OK : VG_REFUSED);
        if (rows[i].whole != NULL) {
            assert_string_equal(b.bytes, rows[i].whole);
        } else {
            assert_true(strlen(error.text) > 20);
        }
        vg_buffer_finish(&b);
    }
}

static void test_limits_in_the_settings(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {{"http.connections=512", true}, {"http.connections=0", false},
                {"http.queue=many", false},     {"http.body=1000001", false},
                {"http.deadline=1s", true},     {"http.deadline=0s", false},
                {"http.deadline=2h", false},    {"http.header=-1", false},
                {"http.header=1", false},       {"http.header=4096", true},
                {"http.body=4095", false},      {"http.per_address=1", true},
                {"mqtt.username=null", false},  {"store.path=~", false},
                {"mqtt.root=a\nb", false},      {"mqtt.root=  ", false},
                {"http.names=a b.c", true},     {"http.names=a:80", false}};
    static struct vg_settings settings;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_error error = {""};
        assert_int_equal(vg_settings_set(&settings, rows[i].text, &error) == VG_OK,
                         rows[i].good);
    }
    assert_int_equal(vg_settings_number(settings.http_connections), 512);
    assert_int_equal(vg_settings_span(settings.http_deadline), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_takes_gzip),
        cmocka_unit_test(test_who_has_it_already),
        cmocka_unit_test(test_by_which_name),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_the_next_page_is_of_the_same_question),
        cmocka_unit_test(test_a_command_in_two_parts),
        cmocka_unit_test(test_limits_in_the_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
