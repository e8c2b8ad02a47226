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
#include "shell/route.h"
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

#define GOOD_STORE   "store: {path: store/v.db}\n"
#define HOOK(words)  "channels:\n  - {" words "}\n"
#define ROUTE(words) "routes:\n  - {" words "}\n"
#define MAIL         HOOK("name: mail, kind: smtp, url: 'smtp://h', from: a@b")

static void test_faults_of_the_file_alone(void **state)
{
    static const struct {
        const char *text, *at, *said;
    } rows[] = {
        {"mqtt:\n  root: vigil/#\n", ":2:9: ", "mqtt.root must not contain # or +"},
        {"mqtt:\n  root: vigil/+/x\n", ":2:9: ", "mqtt.root must not contain # or +"},
        {"mqtt: {root: vigil//v1}\n", ":1:14: ", "none of them empty"},
        {"mqtt: {root: /vigil}\n", ":1:14: ", "none of them empty"},
        {"mqtt: {root: ''}\n", ":1:14: ", "none of them empty"},
        {"mqtt: {root: $SYS/x}\n", ":1:14: ", "the broker's own"},
        {"http: {listen: 127.0.0.1}\n", ":1:16: ", "is no address"},
        {"http: {connections: many}\n", ":1:21: ", "must be a whole number"},
        {"http: {deadline: 0s}\n", ":1:18: ", "must be a time like 10s"},
        {"wards: [{id: a, protocol: p}, {id: b, protocol: p},\n {id: a, protocol: q}]",
         ":2:7: ", "the ward \"a\" is listed twice, first on line 1"},
        {"store: {keep_readings: 30d}\n", ":1:24: ", "101 days or more"},
        {"store: {keep_alerts: 5m}\n", ":1:22: ", "a day or more"},
        {"core_dumps: yes\n", ":1:13: ", "must be never or allowed"},
        {"store: {keep_quarantine: never}\n", ":1:26: ", "must be ever"},
        {"mqtt: {rot: x}\n", ":1:8: ", "did you mean \"mqtt.root\"?"},
        {"node: a\nmqtt:\n", ":2:1: ", "\"mqtt\" has no settings below it"},
        {"chanels: []\n", ":1:1: ", "did you mean \"channels\"?"},
        {"channels: x\n", ":1:11: ", "must be a list"},
        {"channels: [x]\n", ":1:12: ", "a channel is written as"},
        {HOOK("kind: webhook, url: 'https://h'"), ":2:5: ", "needs a name"},
        {HOOK("name: A, kind: webhook"), ":2:12: ", "needs a name"},
        {HOOK("name: mqtt, kind: webhook"), ":2:12: ", "is there by itself"},
        {HOOK("name: a, url: 'https://h'"), ":2:5: ", "needs a kind"},
        {HOOK("name: a, kind: pigeon"), ":2:21: ", "must be one of webhook, smtp"},
        {HOOK("name: a, kind: webhook"), ":2:5: ", "needs a url"},
        {HOOK("name: a, kind: webhook, url: 'ftp://h'"), ":2:35: ", "look like https"},
        {HOOK("name: a, kind: webhook, url: 'https:///x'"), ":2:35: ", "look like"},
        {HOOK("name: a, kind: webhook, url: 'https://u:p@h'"),
         ":2:35: ", "must not name a user"},
        {HOOK("name: a, kind: webhook, url: 'https://h', templat: json"),
         ":2:48: ", "did you mean \"template\"?"},
        {HOOK("name: a, kind: webhook, url: 'https://h', template: slack"),
         ":2:58: ", "one of json, alertmanager, ntfy"},
        {HOOK("name: a, kind: webhook, url: 'https://h', from: a@b"),
         ":2:48: ", "a webhook channel has no \"from\""},
        {HOOK("name: a, kind: webhook, url: 'https://h', template: ntfy"),
         ":2:5: ", "needs a topic"},
        {HOOK("name: a, kind: webhook, url: 'https://h', topic: x"),
         ":2:55: ", "only with the template ntfy"},
        {HOOK("name: a, kind: webhook, url: 'http://127.h', content: full"),
         ":2:60: ", "must be https"},
        {HOOK("name: a, kind: webhook, url: 'https://h', template: alertmanager, "
              "content: full"),
         ":2:81: ", "only with the template json"},
        {HOOK("name: a, kind: webhook, url: 'https://h', username: u"),
         ":2:58: ", "go together"},
        {HOOK("name: a, kind: webhook, url: 'http://h', username: u, password_file: p"),
         ":2:57: ", "travel in clear"},
        {HOOK("name: a, kind: webhook, url: 'http://h', ca: p"),
         ":2:51: ", "nothing would be encrypted"},
        {HOOK("name: a, kind: smtp, url: 'https://h', from: a@b"),
         ":2:32: ", "look like smtp://"},
        {HOOK("name: a, kind: smtp, url: 'smtp://h'"), ":2:5: ", "needs a from"},
        {HOOK("name: a, kind: smtp, url: 'smtp://h', from: 'a@b>'"),
         ":2:50: ", "needs a from"},
        {HOOK("name: a, kind: smtp, url: 'smtp://127.h', from: a@b, tls: none"),
         ":2:64: ", "on this machine"},
        {HOOK("name: a, kind: smtp, url: 'smtp://h', from: a@b, content: full"),
         ":2:55: ", "a smtp channel has no \"content\""},
        {HOOK("name: a, kind: webhook, url: 'https://h'}\n"
              "  - {name: a, kind: webhook, url: 'https://h'"),
         ":3:12: ", "two channels have this name"},
        {"routes: x\n", ":1:9: ", "must be a list"},
        {ROUTE("role: r, to: [mqtt]"), ":2:5: ", "needs a ward"},
        {ROUTE("ward: '*', to: [mqtt]"), ":2:5: ", "needs a role"},
        {ROUTE("ward: '*', role: r"), ":2:5: ", "needs \"to\""},
        {ROUTE("ward: '*', role: r, to: []"), ":2:30: ", "a list of 1 to 4"},
        {ROUTE("ward: '*', role: r, to: [mqtt, mqtt, mqtt, mqtt, mqtt]"),
         ":2:30: ", "a list of 1 to 4"},
        {ROUTE("ward: '*', role: r, to: [mqtt, pager]"),
         ":2:37: ", "there is no channel \"pager\""},
        {ROUTE("ward: '*', role: r, to: ['mqtt:a/b']"), ":2:31: ", "last level"},
        {ROUTE("ward: '*', role: r, via: x, to: [mqtt]"),
         ":2:26: ", "a route has no \"via\""},
        {ROUTE("ward: '*', role: r, to: [mail]") MAIL, ":2:31: ", "needs a mail box"},
        {ROUTE("ward: '*', role: r, to: ['mail:a@b c']") MAIL,
         ":2:31: ", "needs a mail box"},
        {ROUTE("ward: '*', role: r, to: [mqtt]}\n  - {ward: '*', role: r, to: [mqtt]"),
         ":3:5: ", "second route to r, the first is on line 2"},
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
        {GOOD_STORE "http:\n  listen: 10.1.2.3:80\n", ":3:11: ", "no TLS"},
        {GOOD_STORE "http:\n  cert: ca.pem\n", ":3:9: ", "wants its key"},
        {GOOD_STORE "http:\n  client_ca: ca.pem\n", ":3:14: ", "wants TLS"},
        {GOOD_STORE "http:\n  cert: ca.pem\n  key: ca.pem\n",
         ":3:9: ", "holds no certificate"},
        {GOOD_STORE "http:\n  cert: ca.pem\n  key: none\n", ":4:8: ", "cannot read"},
        {GOOD_STORE "mqtt:\n  ca: ca.pem\n", ":3:7: ", "nothing would be encrypted"},
        {GOOD_STORE "mqtt:\n  password_file: ca.pem\n", ":3:18: ", "wants mqtt"},
        {GOOD_STORE "mqtt:\n  url: mqtt://host/path\n", ":3:8: ", "should look like"},
        {GOOD_STORE "channels:\n  - {name: a, kind: webhook, url: 'https://h', "
                    "secret_file: none}\n",
         ":3:61: ", "cannot read secret_file"},
        {GOOD_STORE "channels:\n  - {name: a, kind: webhook, url: 'https://h', "
                    "secret_file: ca.pem}\n",
         ":3:61: ", "it is empty"},
        {GOOD_STORE
         "channels:\n  - {name: a, kind: webhook, url: 'https://h', ca: store}\n",
         ":3:52: ", "cannot read ca"},
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
    faults = vg_settings_check(&place->settings, report);
    assert_int_equal(fclose(report), 0);
    assert_true(!root || seteuid(0) == 0);
    assert_int_equal(faults, 1);
    assert_non_null(strstr(place->said, ":1:15: store.path: cannot write into"));
    assert_int_equal(chmod(path, 0755), 0);
    leave(place);
}

/* The order of `to` is the order in which ways are tried; the ward's own route wins. */
static void test_routes(void **state)
{
    static const char text[] = GOOD_STORE
        "routes:\n"
        "  - {ward: '*', role: charge-nurse, to: [pager]}\n"
        "  - {ward: onc-7, role: charge-nurse, to: ['mqtt:desk', pager, 'mail:a@b.c']}\n"
        "  - {ward: '*', role: attending, to: [mqtt]}\n"
        "channels:\n"
        "  - {name: pager, kind: webhook, url: 'https://h'}\n"
        "  - {name: mail, kind: smtp, url: 'smtp://h', from: v@h}\n";
    static const struct {
        const char *ward, *role;
        size_t count;
        struct {
            const char *kind, *name, *address;
        } way[VG_WAYS];
    } rows[] = {
        {"onc-7",
         "charge-nurse",
         3,
         {{"mqtt", "mqtt", "desk"},
          {"webhook", "pager", ""},
          {"smtp", "mail", "a@b.c"}}},
        {"onc-8", "charge-nurse", 1, {{"webhook", "pager", ""}}},
        {"onc-8", "attending", 1, {{"mqtt", "mqtt", "attending"}}},
        {"onc-8", "bedside-nurse", 1, {{"mqtt", "mqtt", "bedside-nurse"}}},
    };
    struct place *place = enter();
    size_t faults = 1;

    (void)state;
    assert_int_equal(load(place, text, NULL, &faults), VG_OK);
    assert_int_equal(faults, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_way_out way[VG_WAYS];
        const size_t count =
            vg_routes_find(&place->settings, rows[i].ward, rows[i].role, way);
        assert_int_equal(count, rows[i].count);
        for (size_t k = 0; k < count; k++) {
            assert_string_equal(way[k].kind, rows[i].way[k].kind);
            assert_string_equal(way[k].name, rows[i].way[k].name);
            assert_string_equal(way[k].address, rows[i].way[k].address);
        }
    }
    leave(place);
}

/* A last resort by one channel fails as a whole; two channels do not fail together. */
static void test_a_last_resort_by_one_channel_is_warned_of(void **state)
{
    static const struct {
        const char *text, *said; /* NULL: nothing */
    } rows[] = {
        {GOOD_STORE, "the last resort of 1 of 1 ladders of car-t"},
        {GOOD_STORE HOOK("name: pager, kind: webhook, url: 'https://h'")
             ROUTE("ward: '*', role: attending, to: [pager]"),
         NULL},
        {GOOD_STORE HOOK("name: pager, kind: webhook, url: 'https://h'")
             ROUTE("ward: '*', role: attending, to: [mqtt, pager]"),
         NULL},
        {GOOD_STORE HOOK("name: pager, kind: webhook, url: 'https://h'")
             ROUTE("ward: onc-8, role: attending, to: [pager]"),
         "(critical: mqtt)"},
    };
    static struct vg_ladder ladder = {
        .name = "critical",
        .fallback = {.target_count = 2, .target = {"charge-nurse", "attending"}}};
    static const struct vg_protocol protocol = {
        .name = "car-t", .ladder_count = 1, .ladder = &ladder};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct place *place = enter();
        char *said = NULL;
        size_t faults = 1, length = 0;
        assert_int_equal(load(place, rows[i].text, NULL, &faults), VG_OK);
        FILE *report = open_memstream(&said, &length);
        assert_non_null(report);
        assert_int_equal(vg_routes_warn(&place->settings, "onc-7", &protocol, report),
                         rows[i].said != NULL);
        assert_int_equal(fclose(report), 0);
        assert_true(rows[i].said == NULL ? length == 0
                                         : strstr(said, rows[i].said) != NULL);
        free(said);
        leave(place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_of_the_file_alone),
        cmocka_unit_test(test_faults_that_the_machine_knows),
        cmocka_unit_test(test_good_settings_are_silent),
        cmocka_unit_test(test_set_wins_and_has_no_place),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_a_last_resort_by_one_channel_is_warned_of),
        cmocka_unit_test(test_a_store_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
