/* SPDX-License-Identifier: Apache-2.0
 *
 * Topics, taken apart and put together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

static enum vg_status parse(const char *topic, struct vg_topic *out)
{
    return vg_topic_parse("vigil/v1", topic, strlen(topic), out);
}

static void beds_are_read(void **state)
{
    (void)state;
    struct vg_topic topic;
    static const char *const kinds[] = {"vitals", "labs", "assessment", "therapy",
                                        "episode"};
    for (int i = 0; i < VG_KIND_COUNT; i++) {
        char text[64] = "vigil/v1/beds/onc-7/12/";
        strcat(text, kinds[i]);
        assert_int_equal(parse(text, &topic), VG_OK);
        assert_int_equal(topic.kind, VG_TOPIC_BED);
        assert_int_equal(topic.message, i);
        assert_string_equal(topic.ward, "onc-7");
        assert_string_equal(topic.bed, "12");
    }
}

static void gateways_and_commands_are_read(void **state)
{
    (void)state;
    struct vg_topic topic;
    assert_int_equal(parse("vigil/v1/gateways/gw-03/status", &topic), VG_OK);
    assert_int_equal(topic.kind, VG_TOPIC_GATEWAY_STATUS);
    assert_string_equal(topic.gateway, "gw-03");
    assert_int_equal(parse("vigil/v1/wards/onc-7/commands/tablet.1", &topic), VG_OK);
    assert_int_equal(topic.kind, VG_TOPIC_COMMAND);
    assert_string_equal(topic.ward, "onc-7");
    assert_string_equal(topic.client, "tablet.1");
}

static void others_are_absent(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "vigil/v1",
        "vigil/v1/",
        "vigil/v2/beds/a/b/vitals",
        "vigil/v10/beds/a/b/vitals",
        "Vigil/v1/beds/a/b/vitals",
        "vigil/v1/beds/a/b",
        "vigil/v1/beds/a/b/vitals/x",
        "vigil/v1/beds/a/b/Vitals",
        "vigil/v1/beds/a/b/",
        "vigil/v1/bed/a/b/vitals",
        "vigil/v1/gateways/a/committed",
        "vigil/v1/gateways/a/status/x",
        "vigil/v1/wards/a/alerts/b",
        "vigil/v1//beds/a/b/vitals",
        "vigil/v1/beds/a/b/c/d/e/f/g/h/vitals",
    };
    struct vg_topic topic;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(parse(rows[i], &topic), VG_ABSENT);
    }
}

static void malformed_ids_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "vigil/v1/beds/Onc/12/vitals",
        "vigil/v1/beds/onc/1 2/vitals",
        "vigil/v1/beds//12/vitals",
        "vigil/v1/beds/onc//labs",
        "vigil/v1/beds/-onc/12/vitals",
        "vigil/v1/gateways/GW/status",
        "vigil/v1/wards/onc/commands/",
        "vigil/v1/wards/+/commands/x",
        "vigil/v1/beds/onc/12345678901234567890123456789012x/vitals",
    };
    struct vg_topic topic;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(parse(rows[i], &topic), VG_REFUSED);
    }
}

static void topics_are_built(void **state)
{
    (void)state;
    char out[VG_TOPIC_LEN + 1];
    assert_int_equal(vg_topic_build(out, "vigil/v1", "wards", "onc-7", "events", NULL),
                     VG_OK);
    assert_string_equal(out, "vigil/v1/wards/onc-7/events");
    static const char *const bad[] = {"", "a+", "#", "a/b", "a\n", "\x7f"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(vg_topic_build(out, "vigil/v1", "wards", bad[i], NULL),
                         VG_REFUSED);
        assert_string_equal(out, "");
    }
    char longest[VG_TOPIC_LEN];
    memset(longest, 'a', sizeof longest);
    longest[VG_TOPIC_LEN - 2] = '\0';
    assert_int_equal(vg_topic_build(out, "v", longest, NULL), VG_OK);
    assert_int_equal(strlen(out), VG_TOPIC_LEN);
    assert_int_equal(vg_topic_build(out, "vi", longest, NULL), VG_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beds_are_read),
        cmocka_unit_test(gateways_and_commands_are_read),
        cmocka_unit_test(others_are_absent),
        cmocka_unit_test(malformed_ids_are_refused),
        cmocka_unit_test(topics_are_built),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
