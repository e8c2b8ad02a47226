/* SPDX-License-Identifier: Apache-2.0
 *
 * Identifiers, error sentences, hashes and content ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/base.h"

static void ids_follow_the_contract(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool id, patient, epoch;
    } rows[] = {
        {"gw-03", true, true, true},
        {"9", true, true, true},
        {"", false, false, false},
        {"-a", false, false, true},
        {".", false, false, true},
        {"Onc", false, true, true},
        {"a b", false, false, false},
        {"a/b", false, false, false},
        {"a+", false, false, false},
        {"a#", false, false, false},
        {"caf\xc3\xa9", false, false, false},
        {"abcdefghijklmnopqrstuvwxyz012345", true, true, true},
        {"abcdefghijklmnopqrstuvwxyz0123456", false, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = strlen(rows[i].text);
        assert_int_equal(vg_id_valid(rows[i].text, length), rows[i].id);
        assert_int_equal(vg_patient_valid(rows[i].text, length), rows[i].patient);
        assert_int_equal(vg_epoch_valid(rows[i].text, length), rows[i].epoch);
    }
    char longest[VG_PATIENT_LEN + 2];
    memset(longest, 'p', sizeof longest);
    assert_true(vg_patient_valid(longest, VG_PATIENT_LEN));
    assert_false(vg_patient_valid(longest, VG_PATIENT_LEN + 1));
}

static void errors_are_prefixed_and_cut(void **state)
{
    (void)state;
    struct vg_error error;
    vg_error_set(&error, "no such file: %s", "x");
    vg_error_prefix(&error, "line %d", 3);
    assert_string_equal(error.text, "line 3: no such file: x");
    for (int i = 0; i < 100; i++) {
        vg_error_prefix(&error, "inside");
    }
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    vg_error_set(NULL, "nobody listens");
    vg_error_prefix(NULL, "nobody listens");
}

static void paths_keep_their_name(void **state)
{
    char out[VG_PATH_SHORT + 1];
    char path[400];

    (void)state;
    assert_string_equal(vg_path_short("/etc/vigil/vigild.yaml", out),
                        "/etc/vigil/vigild.yaml");
    for (size_t length = VG_PATH_SHORT - 3; length < 300; length++) {
        memset(path, 'a', length);
        memcpy(path + length, "\xe6\xac\xa7/v.yaml", sizeof "\xe6\xac\xa7/v.yaml");
        const char *cut = vg_path_short(path, out);
        assert_true(strlen(cut) <= VG_PATH_SHORT);
        assert_int_equal(memcmp(cut,
                                "\xe2\x80\xa6"
                                "aa",
                                5),
                         0);
        assert_non_null(strstr(cut, "a\xe6\xac\xa7/v.yaml"));
    }
    for (size_t shift = 0; shift < 3; shift++) { /* the cut is never amid a character */
        snprintf(path, sizeof path, "%.*s", (int)shift, "bb");
        while (strlen(path) < 200) {
            strcat(path, "\xe6\xac\xa7");
        }
        assert_int_equal(memcmp(vg_path_short(path, out), "\xe2\x80\xa6\xe6", 4), 0);
    }
}

static void copies_are_cut_and_say_so(void **state)
{
    (void)state;
    char out[4];
    assert_true(vg_copy(out, sizeof out, "abc"));
    assert_string_equal(out, "abc");
    assert_false(vg_copy(out, sizeof out, "abcd"));
    assert_string_equal(out, "abc");
    assert_false(vg_copy(out, 0, "a"));
}

static void hashes_differ_in_half_their_bits(void **state)
{
    (void)state;
    assert_int_equal(vg_hash(0, "abc", 3), vg_hash(0, "abc", 3));
    assert_int_not_equal(vg_hash(0, "abc", 3), vg_hash(1, "abc", 3));
    unsigned changed = 0;
    for (unsigned char c = 0; c < 128; c++) {
        unsigned char next = (unsigned char)(c ^ 1);
        uint64_t difference = vg_hash(0, &c, 1) ^ vg_hash(0, &next, 1);
        for (; difference > 0; difference &= difference - 1) {
            changed++;
        }
    }
    assert_in_range(changed, 128 * 28, 128 * 36);
}

static void content_ids_sort_by_time(void **state)
{
    (void)state;
    char a[VG_ALERT_LEN + 1], b[VG_ALERT_LEN + 1];
    vg_content_id(a, (struct vg_instant){0}, 0, 1);
    assert_string_equal(a, "00000000000000000000000001");
    vg_content_id(a, (struct vg_instant){INT64_C(0xffffffffffff)}, UINT64_MAX,
                  UINT64_MAX);
    assert_string_equal(a, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    vg_content_id(a, (struct vg_instant){1767225600000}, 7, 9);
    vg_content_id(b, (struct vg_instant){1767225600001}, 0, 0);
    assert_true(strcmp(a, b) < 0);
    vg_content_id(b, (struct vg_instant){1767225600000}, 7, 9);
    assert_string_equal(a, b);
    vg_content_id(b, (struct vg_instant){1767225600000}, 8, 9);
    assert_string_not_equal(a, b);
}

static void instants_saturate(void **state)
{
    (void)state;
    assert_true(vg_is_never(vg_after(VG_NEVER, VG_DAY)));
    assert_false(vg_is_set(vg_after(VG_UNSET, -VG_DAY)));
    assert_int_equal(vg_after((struct vg_instant){5}, VG_SECOND).ms, 1005);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_follow_the_contract),
        cmocka_unit_test(errors_are_prefixed_and_cut),
        cmocka_unit_test(paths_keep_their_name),
        cmocka_unit_test(copies_are_cut_and_say_so),
        cmocka_unit_test(hashes_differ_in_half_their_bits),
        cmocka_unit_test(content_ids_sort_by_time),
        cmocka_unit_test(instants_saturate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
