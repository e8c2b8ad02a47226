/* SPDX-License-Identifier: Apache-2.0
 *
 * The guard in front of the parser, the wall around it, and the writer of strings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

#include "wire/json.h"
#include "wire/json_guard.h"

static struct vg_guard guard;

static void good_json_passes(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{}",
        " { } \n",
        "[]",
        "null",
        "-0.5e+3",
        "0",
        "[1,2,[3],{\"a\":[]}]",
        "{\"a\":1,\"b\":{\"a\":1},\"A\":2}",
        "[{\"a\":1},{\"a\":1}]",
        "\"\\u00e9\\ud83d\\ude00\\n\\/\"",
        "\"caf\xc3\xa9 \xf0\x9f\x98\x80 \x7f\"",
        "[[[[[[[[1]]]]]]]]",
        "1e308",
        "1.7976931348623157e308",
        "1e-999",
        "[0.1,0e0,-0]",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_refusal why;
        assert_true(vg_guard_check(&guard, rows[i], strlen(rows[i]), &why));
    }
}

static void bad_json_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum vg_reason reason;
    } rows[] = {
        {"", VG_NOT_JSON},
        {" ", VG_NOT_JSON},
        {"{", VG_NOT_JSON},
        {"{}}", VG_NOT_JSON},
        {"{} x", VG_NOT_JSON},
        {"{\"a\"}", VG_NOT_JSON},
        {"{\"a\":}", VG_NOT_JSON},
        {"{\"a\":1,}", VG_NOT_JSON},
        {"{,}", VG_NOT_JSON},
        {"{a:1}", VG_NOT_JSON},
        {"{'a':1}", VG_NOT_JSON},
        {"{1:1}", VG_NOT_JSON},
        {"[1 2]", VG_NOT_JSON},
        {"[1,]", VG_NOT_JSON},
        {"[,1]", VG_NOT_JSON},
        {"[1}", VG_NOT_JSON},
        {"{\"a\":1]", VG_NOT_JSON},
        {"]", VG_NOT_JSON},
        {"01", VG_NOT_JSON},
        {"-", VG_NOT_JSON},
        {"+1", VG_NOT_JSON},
        {"1.", VG_NOT_JSON},
        {".5", VG_NOT_JSON},
        {"1e", VG_NOT_JSON},
        {"1e+", VG_NOT_JSON},
        {"0x1", VG_NOT_JSON},
        {"NaN", VG_NOT_JSON},
        {"Infinity", VG_NOT_JSON},
        {"-Infinity", VG_NOT_JSON},
        {"nul", VG_NOT_JSON},
        {"nulll", VG_NOT_JSON},
        {"True", VG_NOT_JSON},
        {"// a\n1", VG_NOT_JSON},
        {"\"a", VG_NOT_JSON},
        {"\"\\\"", VG_NOT_JSON},
        {"\"\\x\"", VG_NOT_JSON},
        {"\"\\u12\"", VG_NOT_JSON},
        {"\"\\u0000\"", VG_NOT_JSON},
        {"\"\\ud800\"", VG_NOT_JSON},
        {"\"\\udc00\"", VG_NOT_JSON},
        {"\"\\ud800\\u0041\"", VG_NOT_JSON},
        {"\"\\ud83d\"", VG_NOT_JSON},
        {"\"a\tb\"", VG_NOT_JSON},
        {"\"a\nb\"", VG_NOT_JSON},
        {"\"\xff\"", VG_NOT_JSON},
        {"\"\xc0\x80\"", VG_NOT_JSON},
        {"\"\xed\xa0\x80\"", VG_NOT_JSON},
        {"\"\xf4\x90\x80\x80\"", VG_NOT_JSON},
        {"\"\xc3\"", VG_NOT_JSON},
        {"\xef\xbb\xbf{}", VG_NOT_JSON},
        {"{\"a\":1,\"a\":2}", VG_NOT_JSON},
        {"{\"a\":1,\"b\":{},\"\\u0061\":2}", VG_NOT_JSON},
        {"[[[[[[[[[1]]]]]]]]]", VG_TOO_DEEP},
        {"[[[[[[[[{}]]]]]]]]", VG_TOO_DEEP},
        {"1e999", VG_NOT_FINITE},
        {"-1e309", VG_NOT_FINITE},
        {"{\"a\":[1E+400]}", VG_NOT_FINITE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_refusal why;
        assert_false(vg_guard_check(&guard, rows[i].text, strlen(rows[i].text), &why));
        assert_int_equal(why.reason, rows[i].reason);
        assert_int_equal(why.item, -1);
        assert_true(why.detail[0] != '\0');
    }
    struct vg_refusal why;
    assert_false(vg_guard_check(&guard, "{}\0", 3, &why));
}

static void a_doubled_key_is_named(void **state)
{
    (void)state;
    static const char text[] = "{\"spo2\":1,\"spo2\":2}";
    struct vg_refusal why;
    assert_false(vg_guard_check(&guard, text, sizeof text - 1, &why));
    assert_non_null(strstr(why.detail, "\"spo2\""));
}

static void long_numbers_do_not_reach_the_parser(void **state)
{
    (void)state;
    char text[401];
    struct vg_refusal why;
    memset(text, '1', sizeof text);
    assert_false(vg_guard_check(&guard, text, 400, &why));
    assert_int_equal(why.reason, VG_NOT_FINITE);
    assert_false(vg_guard_check(&guard, text, 64, &why));
    assert_int_equal(why.reason, VG_NOT_JSON);
    assert_true(vg_guard_check(&guard, text, 63, &why));
}

/* As many different keys as fit into a message, in one object. */
static void many_keys_are_told_apart(void **state)
{
    (void)state;
    struct vg_buffer b = {0};
    vg_put_raw(&b, "{");
    for (int i = 0; b.length < VG_MESSAGE_BYTES - 32; i++) {
        char key[24];
        snprintf(key, sizeof key, "%s\"%x\":1", i == 0 ? "" : ",", (unsigned)i);
        vg_put_raw(&b, key);
    }
    size_t without = b.length;
    struct vg_refusal why;
    vg_put_raw(&b, "}");
    assert_true(vg_guard_check(&guard, b.bytes, b.length, &why));
    b.length = without;
    vg_put_raw(&b, ",\"7\":1}");
    assert_false(vg_guard_check(&guard, b.bytes, b.length, &why));
    assert_non_null(strstr(why.detail, "twice"));
    vg_buffer_finish(&b);
}

/* Cut and flipped in every place: must neither crash nor read beyond the end
 * (sanitizers look), and what passes the guard must be taken by the parser. */
static void damage_is_survived(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":[1.5e3,\"\\ud83d\\ude00\xc3\xa9\",true,null],\"b\":{}}";
    struct vg_json *json = vg_json_create(512);
    assert_non_null(json);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        for (unsigned value = 0; value < 256; value++) {
            struct vg_refusal why;
            char *copy = malloc(sizeof text - 1);
            assert_non_null(copy);
            memcpy(copy, text, sizeof text - 1);
            copy[i] = (char)value;
            size_t length = value == 0 ? i : sizeof text - 1;
            if (vg_guard_check(&guard, copy, length, &why)) {
                assert_non_null(vg_json_parse(json, copy, length));
            }
            free(copy);
        }
    }
    vg_json_destroy(json);
}

static void a_full_arena_spills(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,2,3,4,5,6,7,8,9],\"b\":\"text\",\"c\":null}";
    for (size_t room = 0; room < 2048; room += 100) {
        struct vg_json *json = vg_json_create(room);
        assert_non_null(json);
        for (int i = 0; i < 3; i++) {
            static const char *const names[] = {"a", "b", "c"};
            const cJSON *field[3];
            vg_json_pick(vg_json_parse(json, text, sizeof text - 1), names, 3, field);
            assert_int_equal(cJSON_GetArraySize(field[0]), 9);
            assert_string_equal(field[1]->valuestring, "text");
            assert_null(field[2]);
        }
        assert_null(vg_json_parse(json, "{\"a\":[1,", 8));
        vg_json_destroy(json);
    }
}

static void strings_are_written_well_formed(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", "\"\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\n\t\x01\x1f", "\"\\n\\t\\u0001\\u001f\""},
        {"caf\xc3\xa9", "\"caf\xc3\xa9\""},
        {"cut \xe2\x82", "\"cut \xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xff", "\"\xef\xbf\xbd\""},
    };
    struct vg_buffer b = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_refusal why;
        vg_buffer_clear(&b);
        vg_put_string(&b, rows[i].in);
        assert_string_equal(b.bytes, rows[i].out);
        assert_true(vg_guard_check(&guard, b.bytes, b.length, &why));
    }
    vg_buffer_finish(&b);
}

static void numbers_and_times_are_written(void **state)
{
    (void)state;
    struct vg_buffer b = {0};
    vg_put_int(&b, INT64_MIN);
    vg_put_raw(&b, " ");
    vg_put_decimal(&b, (struct vg_decimal){-5, 1});
    vg_put_raw(&b, " ");
    vg_put_time(&b, (struct vg_instant){0});
    vg_put_time(&b, VG_UNSET);
    vg_put_time(&b, VG_NEVER);
    assert_string_equal(
        b.bytes, "-9223372036854775808 -0.5 \"1970-01-01T00:00:00.000Z\"nullnull");
    vg_buffer_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_json_passes),
        cmocka_unit_test(bad_json_is_named),
        cmocka_unit_test(a_doubled_key_is_named),
        cmocka_unit_test(long_numbers_do_not_reach_the_parser),
        cmocka_unit_test(many_keys_are_told_apart),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(a_full_arena_spills),
        cmocka_unit_test(strings_are_written_well_formed),
        cmocka_unit_test(numbers_and_times_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
