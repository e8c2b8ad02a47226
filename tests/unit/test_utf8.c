/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters that show nothing and move what stands beside them: which they are, and what becomes of
 * them where people give names and sentences.
 */
#include "decode_help.h"
#include "wire/utf8.h"

static void what_is_hidden(void **state)
{
    static const struct {
        const char *text;
        bool hidden;
    } rows[] = {
        {"a", false},
        {" ", false},
        {"\xc3\xa4", false},         /* a letter of two bytes */
        {"\xe6\xac\xa7", false},     /* three */
        {"\xf0\x9f\x91\x8d", false}, /* four */
        {"\xc2\xa0", false},         /* a blank that does not break */
        {"\xe2\x80\x8a", false},     /* the last one with a width */
        {"\xe2\x80\xaf", false},     /* behind the last direction */
        {"\xff", false},             /* no UTF-8: others say so */
        {"\x1f", true},
        {"\x7f", true},
        {"\xc2\x9b", true},     /* begins a terminal's command, as ESC [ does */
        {"\xc2\xad", true},     /* soft hyphen */
        {"\xd8\x9c", true},     /* U+061C */
        {"\xe2\x80\x8b", true}, /* no width */
        {"\xe2\x80\x8f", true}, /* to the left */
        {"\xe2\x80\xaa", true}, /* U+202A to U+202E: another direction */
        {"\xe2\x80\xae", true},
        {"\xe2\x81\xa6", true}, /* U+2066 to U+2069 */
        {"\xe2\x81\xa9", true},
        {"\xef\xbb\xbf", true},     /* U+FEFF */
        {"\xf3\xa0\x81\x81", true}, /* U+E0041 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const size_t length = strlen(rows[i].text);
        assert_int_equal(vg_utf8_hidden(rows[i].text, length),
                         rows[i].hidden ? length : 0);
        assert_int_equal(vg_utf8_plain(rows[i].text, length), !rows[i].hidden);
    }
    assert_int_equal(vg_utf8_hidden("\xe2\x80\xae", 2), 0); /* cut */
}

static void sentences_are_kept_in_one_direction(void **state)
{
    char text[] = "\xe2\x80\xae"
                  "a\n\xe6\xac\xa7\xc2\x85"
                  "b\xe2\x80";

    (void)state;
    vg_utf8_blank(text);
    assert_string_equal(text, " a \xe6\xac\xa7 b\xe2\x80");
}

static void names_are_plain(void **state)
{
    static const char *const refused[] = {
        "{\"code\":\"symptom\",\"value\":\"ras\\u202eh\"}",
        "{\"code\":\"medication\",\"value\":\"a\\u200bb\"}",
        "{\"code\":\"flag\",\"value\":\"fn_treated\",\"on\":true,\"by\":\"nurse:\\u2066li\"}",
        "{\"code\":\"flag\",\"value\":\"fn_treated\",\"on\":true,\"by\":\"nurse:\\u0007li\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char payload[512];
        snprintf(payload, sizeof payload, OBS("%s"), refused[i]);
        decode(ASSESSMENT, payload);
        assert_int_equal(decoded.refusal_count, 1);
        assert_true(vg_utf8_plain(decoded.refusal[0].detail,
                                  strlen(decoded.refusal[0].detail)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_hidden),
        cmocka_unit_test(sentences_are_kept_in_one_direction),
        cmocka_unit_test(names_are_plain),
    };

    return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
