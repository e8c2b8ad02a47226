/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory ends anywhere while files are loaded: a protocol or settings file is loaded whole,
 * or not at all with a sentence. Never does a file pass for an empty one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/temp.h"
#include "shell/protocol_file.h"
#include "shell/settings.h"

static const char protocol_text[] =
    "protocol: box\nversion: \"1\"\nproducts: [car_t]\ntitle: box\n"
    "ladders:\n  bed:\n    steps:\n      - {offer: [nurse], wait: 5m}\n"
    "    hold: 30m\n    fallback: {offer: [nurse], repeat: 60s}\n"
    "rules:\n"
    "  - id: FEVER\n    class: global\n    severity: urgent\n"
    "    when: temp >= 38.0 Cel\n    clear: temp <= 37.7 Cel for 10m\n"
    "    text: t $value\n    source: s\n"
    "  - id: LOW\n    class: global\n    severity: urgent\n"
    "    when: min(sbp, 5m) < 90 mm[Hg] in 2 of last 3 readings\n"
    "    text: t\n    source: s\n";
static const char settings_text[] =
    "node: other\nmqtt:\n  url: mqtt://10.0.0.1:1883\nstore: {path: there.db}\n"
    "wards:\n  - {id: onc-7, protocol: car-t}\n";

static size_t points;
static struct temp temp;

static const char *write_file(const char *name, const char *text, char out[128])
{
    temp_path(&temp, name, out, 128);
    FILE *file = fopen(out, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return out;
}

/* True if a failure was met. */
static bool load_protocol(const char *path, size_t n, enum fail_how how)
{
    struct vg_protocol_file file;
    struct vg_error error = {""};

    fail_arm(FAIL_MEMORY, n, how);
    const enum vg_status status = vg_protocol_file_load(path, &file, &error);
    const bool met = fail_disarm() > 0;
    points += met;
    if (status == VG_OK) { /* what failed was not needed */
        assert_int_equal(file.protocol->rule_count, 2 + 6); /* and the floors */
        assert_int_equal(file.protocol->rule[1].when.of_last, 3);
    } else {
        assert_true(met);
        if (status == VG_REFUSED) {
            print_error("memory passes for a fault: %s\n", file.faults->item[0].text);
        }
        assert_true(status == VG_NO_MEMORY || status == VG_FAILED);
        assert_true(error.text[0] != '\0');
        assert_null(file.protocol);
    }
    vg_protocol_file_finish(&file);
    return met;
}

static void a_protocol_is_loaded_whole_or_not(void **state)
{
    char path[128];

    (void)state;
    write_file("box.yaml", protocol_text, path);
    for (size_t way = 0; way < 2; way++) {
        for (size_t n = 1; load_protocol(path, n, fail_ways[way]); n++) {
        }
    }
}

static void a_set_is_loaded_whole_or_not(void **state)
{
    bool met = true;
    char path[128];
    FILE *report = fopen("/dev/null", "w");

    (void)state;
    write_file("box.yaml", protocol_text, path);
    for (size_t n = 1; met; n++) {
        struct vg_protocol_set set = {0};
        struct vg_error error = {""};
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        const enum vg_status status = vg_protocol_set_load(path, report, &set, &error);
        met = fail_disarm() > 0;
        points += met;
        if (status == VG_OK) {
            assert_int_equal(set.count, 1);
            vg_protocol_set_finish(&set);
        } else {
            assert_true(error.text[0] != '\0');
        }
    }
    fclose(report);
}

static bool load_settings(const char *path, FILE *report, size_t n, enum fail_how how)
{
    static struct vg_settings settings;
    struct vg_error error = {""};

    vg_settings_default(&settings);
    fail_arm(FAIL_MEMORY, n, how);
    const enum vg_status status = vg_settings_load(&settings, path, report, &error);
    const bool met = fail_disarm() > 0;
    points += met;
    if (status == VG_OK) {
        assert_string_equal(settings.node, "other");
        assert_string_equal(settings.mqtt_url, "mqtt://10.0.0.1:1883");
        assert_int_equal(settings.ward_count, 1);
    } else {
        assert_true(met);
        assert_true(error.text[0] != '\0');
    }
    return met;
}

static void settings_are_loaded_whole_or_not(void **state)
{
    char path[128];
    FILE *report = fopen("/dev/null", "w");

    (void)state;
    write_file("vigild.conf", settings_text, path);
    for (size_t way = 0; way < 2; way++) {
        for (size_t n = 1; load_settings(path, report, n, fail_ways[way]); n++) {
        }
    }
    fclose(report);
}

static int set_up(void **state)
{
    (void)state;
    temp_create(&temp);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_remove(&temp);
    return 0;
}

static int tell(void **state)
{
    (void)state;
    print_message("%zu points failed\n", points);
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_protocol_is_loaded_whole_or_not),
        TEST(a_set_is_loaded_whole_or_not),
        TEST(settings_are_loaded_whole_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, tell);
}
