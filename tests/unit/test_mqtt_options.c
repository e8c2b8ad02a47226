/* SPDX-License-Identifier: Apache-2.0
 *
 * What a connection may be opened with: each fault is refused by a sentence that names the
 * setting to mend.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/temp.h"
#include "shell/mqtt_options.h"
#include "shell/secret.h"

static void addresses_become_pahos(void **state)
{
    (void)state;
    static const struct {
        const char *url, *uri; /* NULL: refused */
    } rows[] = {
        {"mqtt://127.0.0.1:1884", "tcp://127.0.0.1:1884"},
        {"mqtt://localhost", "tcp://localhost:1883"},
        {"mqtt://[::1]", "tcp://[::1]:1883"},
        {"mqtt://[::1]:1", "tcp://[::1]:1"},
        {"mqtt://", NULL},
        {"tcp://localhost", NULL},
        {"localhost:1883", NULL},
        {"mqtt://user:secret@host", NULL},
        {"mqtt://host:0", NULL},
        {"mqtt://host:65535", "tcp://host:65535"},
        {"mqtt://host:65536", NULL},
        {"mqtt://host:99999", NULL},
        {"mqtt://host:", NULL},
        {"mqtt://host:18x", NULL},
        {"mqtt://host:+1", NULL},
        {"mqtt://::1", NULL},
        {"mqtt://host/path", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vg_mqtt_options options = {.url = rows[i].url, .client_id = "x"};
        struct vg_mqtt_texts texts;
        struct vg_error error;
        enum vg_status status = vg_mqtt_texts_init(&texts, &options, &error);
        assert_int_equal(status, rows[i].uri == NULL ? VG_REFUSED : VG_OK);
        if (rows[i].uri != NULL) {
            assert_string_equal(texts.uri, rows[i].uri);
            assert_int_equal(texts.tls, 0);
            vg_mqtt_texts_finish(&texts);
        } else {
            assert_non_null(strstr(error.text, "mqtt.url"));
            assert_null(strstr(error.text, "secret")); /* it goes to the log */
        }
    }
}

static void faults_name_their_setting(void **state)
{
    (void)state;
    struct vg_error error;
    struct vg_mqtt_texts texts;
    static const struct {
        struct vg_mqtt_options options;
        const char *named;
    } rows[] = {
        {{.url = "mqtts://h"}, "mqtt.ca"},
        {{.url = "mqtt://h", .ca = "/dev/null"}, "mqtt.ca"},
        {{.url = "mqtt://h", .key = "/dev/null"}, "mqtt.key"},
        {{.url = "mqtts://h", .ca = "/dev/null", .cert = "/dev/null"}, "mqtt.key"},
        {{.url = "mqtts://h", .ca = "/nonexistent"}, "/nonexistent"},
        {{.url = "mqtt://h", .username = "u", .password_file = "/nonexistent"},
         "\"/nonexistent\""},
        {{.url = "mqtt://h", .username = "u", .password_file = "/dev/null"},
         "it is empty"},
        {{.url = "mqtt://h", .password_file = "/dev/null"}, "wants mqtt.username"},
        {{.url = "mqtt://h",
          .username = "fr\xfc"
                      "h"},
         "mqtt.username is no text"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(vg_mqtt_texts_init(&texts, &rows[i].options, &error),
                         VG_REFUSED);
        assert_non_null(strstr(error.text, rows[i].named));
    }
}

/* Written in Latin-1, or cut short by us: the broker would only ever say "wrong". */
static void a_password_that_would_not_arrive_is_refused(void **state)
{
    (void)state;
    struct temp temp;
    char path[128];
    char lengthy[VG_SECRET_LEN + 1];
    struct vg_mqtt_texts texts;
    struct vg_error error;
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    const struct {
        const char *text, *said;
    } rows[] = {{"gr\xfc"
                 "n\n",
                 "mqtt.password_file is no text"},
                {lengthy, "its first line is too long"}};
    temp_create(&temp);
    const struct vg_mqtt_options options = {
        .url = "mqtt://h",
        .username = "vigil",
        .password_file = temp_path(&temp, "password", path, sizeof(path))};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        FILE *file = fopen(path, "w");
        fputs(rows[i].text, file);
        fclose(file);
        assert_int_equal(vg_mqtt_texts_init(&texts, &options, &error), VG_REFUSED);
        assert_non_null(strstr(error.text, rows[i].said));
    }
    temp_remove(&temp);
}

static void the_password_is_the_files_first_line(void **state)
{
    (void)state;
    struct temp temp;
    char path[128];
    struct vg_mqtt_texts texts;
    struct vg_error error;
    temp_create(&temp);
    FILE *file = fopen(temp_path(&temp, "password", path, sizeof(path)), "w");
    fputs("s3cret word\r\nsecond line\n", file);
    fclose(file);
    const char *const topics[] = {"a/+", "b/#"};
    struct vg_mqtt_options options = {.url = "mqtts://h",
                                      .client_id = "x",
                                      .ca = "/dev/null",
                                      .username = "vigil",
                                      .password_file = path,
                                      .subscription_count = 2,
                                      .subscription = topics};
    assert_int_equal(vg_mqtt_texts_init(&texts, &options, &error), VG_OK);
    assert_string_equal(texts.password, "s3cret word");
    assert_string_equal(texts.uri, "ssl://h:8883");
    assert_true(texts.tls);
    assert_string_equal(texts.subscription[1], "b/#");
    assert_int_equal(texts.qos[1], 1);
    vg_mqtt_texts_finish(&texts);
    temp_remove(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_become_pahos),
        cmocka_unit_test(faults_name_their_setting),
        cmocka_unit_test(a_password_that_would_not_arrive_is_refused),
        cmocka_unit_test(the_password_is_the_files_first_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
