/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings: what is wrong is said with its place, before anything is opened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/temp.h"
#include "shell/settings.h"

struct place {
    struct temp temp;
    char file[128];
    struct vg_settings settings;
    char *said; /* what was printed; freed by leave */
    size_t length;
};

/* A folder with a good store/, ca.pem and an empty file; it is the working folder's stand-in:
 * relative paths of the file begin there. */
static struct place *enter(void)
{
    struct place *place = calloc(1, sizeof *place);
    char path[128];

    assert_non_null(place);
    temp_create(&place->temp);
    (void)temp_path(&place->temp, "vigild.yaml", place->file, sizeof place->file);
    assert_int_equal(mkdir(temp_path(&place->temp, "store", path, sizeof path), 0755),
                     0);
    FILE *ca = fopen(temp_path(&place->temp, "ca.pem", path, sizeof path), "w");
    assert_non_null(ca);
    assert_int_equal(fclose(ca), 0);
    assert_int_equal(chmod(place->temp.folder, 0755), 0);
    return place;
}

static void leave(struct place *place)
{
    free(place->said);
    temp_remove(&place->temp);
    free(place);
}

/* Loads `text` and checks it; *faults is what the check counted, 0 if the load refused. */
static enum vg_status load(struct place *place, const char *text, const char *set,
                           size_t *faults)
{
    struct vg_error error = {""};
    FILE *file = fopen(place->file, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    FILE *report = open_memstream(&place->said, &place->length);
    assert_non_null(report);
    vg_settings_default(&place->settings);
    enum vg_status status =
        vg_settings_load(&place->settings, place->file, report, &error);
    if (status == VG_OK && set != NULL) {
        assert_int_equal(vg_settings_set(&place->settings, set, &error), VG_OK);
    }
    *faults = status == VG_OK ? vg_settings_check(&place->settings, report) : 0;
    assert_int_equal(fclose(report), 0);
    return status;
}

#define GOOD_STORE "store: {path: store/v.db}\n"

static void test_faults_of_the_file_alone(void **state)
{
    static const struct {
        const char *text, *at, *said;
    } rows[] = {
        {"mqtt:\n  root: vigil/#\n", ":2:9: ", "mqtt.root must not contain # or +"},
        {"mqtt:\n  root: vigil/+/x\n", ":2:9: ", "mqtt.root must not contain # or +"},
        {"mqtt: {root: vigil//v1}\n", ":1:14: ", "none of them empty"},
        {"mqtt: {root: /vigil}\n", ":1:14: ", "none of them empty"},
        {"mqtt: {root: vigil/}\n", ":1:14: ", "none of them empty"},
        {"mqtt: {root: ''}\n", ":1:14: ", "none of them empty"},
        {"mqtt: {root: $SYS/x}\n", ":1:14: ", "the broker's own"},
        {"http: {listen: 0.0.0.0:80}\n", ":1:16: ", "must be a loopback address"},
        {"http: {listen: 10.1.2.3:80}\n", ":1:16: ", "must be a loopback address"},
        {"http: {listen: 127.0.0.1}\n", ":1:16: ", "is no address"},
        {"http: {listen: 127.0.0.1:65536}\n", ":1:16: ", "is no address"},
        {"http: {listen: localhost:80}\n", ":1:16: ", "is no address"},
        {"wards:\n  - {id: a, protocol: p}\n  - {id: b, protocol: p}\n"
         "  - {id: a, protocol: q}\n",
         ":4:10: ", "the ward \"a\" is listed twice, first on line 2"},
        {"mqtt: {rot: x}\n", ":1:8: ", "did you mean \"mqtt.root\"?"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct place *place = enter();
        size_t faults = 0;

        print_message("%s", rows[i].text);
        assert_int_equal(load(place, rows[i].text, NULL, &faults), VG_REFUSED);
        assert_memory_equal(place->said, place->file, strlen(place->file));
        assert_memory_equal(place->said + strlen(place->file), rows[i].at,
                            strlen(rows[i].at));
        assert_non_null(strstr(place->said, rows[i].said));
        leave(place);
    }
}

static void test_faults_that_the_machine_knows(void **state)
{
    static const struct {
        const char *text, *at, *said;
    } rows[] = {
        {"store:\n  path: none/v.db\n", ":2:9: ", "No such file or directory"},
        {"store: {path: ca.pem/v.db}\n", ":1:15: ", "is not a folder"},
        {"store: {path: store}\n", ":1:15: ", "is there and is no file"},
        {GOOD_STORE "mqtt:\n  url: mqtts://h\n", ":3:8: ", "mqtts:// needs mqtt.ca"},
        {GOOD_STORE "mqtt:\n  url: mqtts://h\n  ca: nobody.pem\n",
         ":4:7: ", "cannot read mqtt.ca"},
        {GOOD_STORE "mqtt:\n  url: mqtts://h\n  ca: store\n",
         ":4:7: ", "it is a folder"},
        {GOOD_STORE "mqtt:\n  url: mqtts://h\n  ca: ca.pem\n  cert: ca.pem\n",
         ":5:9: ", "go together"},
        {GOOD_STORE "mqtt:\n  ca: ca.pem\n", ":3:7: ", "nothing would be encrypted"},
        {GOOD_STORE "mqtt:\n  password_file: ca.pem\n", ":3:18: ", "it is empty"},
        {GOOD_STORE "mqtt:\n  url: mqtt://host/path\n", ":3:8: ", "should look like"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct place *place = enter();
        size_t faults = 0;

        print_message("%s", rows[i].text);
        assert_int_equal(load(place, rows[i].text, NULL, &faults), VG_OK);
        assert_int_equal(faults, 1);
        assert_memory_equal(place->said, place->file, strlen(place->file));
        assert_memory_equal(place->said + strlen(place->file), rows[i].at,
                            strlen(rows[i].at));
        assert_non_null(strstr(place->said, rows[i].said));
        leave(place);
    }
}

static void test_good_settings_are_silent(void **state)
{
    static const char *const texts[] = {
        GOOD_STORE,
        GOOD_STORE "mqtt: {url: 'mqtts://h', ca: ca.pem, root: a}\n",
        GOOD_STORE "http: {listen: '127.1.2.3:0'}\n",
        GOOD_STORE "wards: [{id: a, protocol: p}, {id: b, protocol: p}]\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct place *place = enter();
        size_t faults = 1;

        assert_int_equal(load(place, texts[i], NULL, &faults), VG_OK);
        assert_int_equal(faults, 0);
        assert_string_equal(place->said, "");
        leave(place);
    }
}

/* The file is not to blame for what --set says, and --set can mend what it says. */
static void test_set_wins_and_has_no_place(void **state)
{
    struct place *place = enter();
    char set[160];
    size_t faults = 0;

    (void)state;
    assert_int_equal(load(place, GOOD_STORE, "store.path=/nonexistent/x", &faults),
                     VG_OK);
    assert_int_equal(faults, 1);
    assert_memory_equal(place->said, "store.path: ", 12);
    free(place->said);
    (void)snprintf(set, sizeof set, "store.path=%s/v.db", place->temp.folder);
    assert_int_equal(load(place, "store: {path: none/v.db}\n", set, &faults), VG_OK);
    assert_int_equal(faults, 0);
    leave(place);
}

/* Root may write anywhere, so it becomes nobody for a moment. */
static void test_a_store_that_cannot_be_written(void **state)
{
    const bool root = geteuid() == 0;
    struct place *place = enter();
    char path[128];
    size_t faults = 0;

    (void)state;
    assert_int_equal(load(place, GOOD_STORE, NULL, &faults), VG_OK);
    free(place->said);
    assert_int_equal(chmod(temp_path(&place->temp, "store", path, sizeof path), 0555),
                     0);
    assert_true(!root || seteuid(65534) == 0);
    FILE *report = open_memstream(&place->said, &place->length);
    assert_non_null(report);
    faults = vg_settings_check(&place->settings, report);
    assert_int_equal(fclose(report), 0);
    assert_true(!root || seteuid(0) == 0);
    assert_int_equal(faults, 1);
    assert_non_null(strstr(place->said, ":1:15: store.path: cannot write into"));
    assert_int_equal(chmod(path, 0755), 0);
    leave(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_of_the_file_alone),
        cmocka_unit_test(test_faults_that_the_machine_knows),
        cmocka_unit_test(test_good_settings_are_silent),
        cmocka_unit_test(test_set_wins_and_has_no_place),
        cmocka_unit_test(test_a_store_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
