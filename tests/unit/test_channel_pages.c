/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages on the MQTT channel, over a fake publisher: an address's keep their order, the more
 * severe go first, and they do not wait for anything else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/on_channel.h"
#include "lib/sample.h"

static enum vg_status send_page_of(struct fixture *fixture, struct vg_alert *alert,
                                   const char *address, int tag)
{
    struct vg_page page = {.kind = VG_PAGE_CALL, .role = "charge-nurse"};
    vg_copy(page.address, sizeof page.address, address);
    vg_page_id(alert, page.kind, page.role, page.id);
    return channel_send(fixture, alert, &page, tag);
}

static enum vg_status send_page(struct fixture *fixture, const char *ward,
                                const char *address, int tag)
{
    struct vg_alert alert = sample_alert(ward, (unsigned)tag);
    return send_page_of(fixture, &alert, address, tag);
}

static void a_page_is_published_once_and_not_kept(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    assert_true(send_page(fixture, "onc-7", "desk", 1) == VG_OK && fake->count == 1);
    assert_string_equal(fake->sent[0].topic, "vigil/v1/wards/onc-7/pages/desk");
    assert_false(fake->sent[0].retained);
    assert_non_null(strstr(fake->sent[0].payload, "\"kind\":\"call\""));
    assert_non_null(strstr(fake->sent[0].payload, "\"role\":\"charge-nurse\""));
    assert_string_equal(fixture->told, "");
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "1+");
}

static void pages_do_not_wait_for_states_or_for_other_pages(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    const struct vg_alert alert = sample_alert("onc-7", 1);
    assert_int_equal(channel_send(fixture, &alert, NULL, 1), VG_OK);
    send_page(fixture, "onc-7", "desk", 2);
    send_page(fixture, "onc-7", "desk", 3);
    send_page(fixture, "onc-8", "desk", 4);
    assert_int_equal(fake->count, 5);
    assert_true(fake->sent[2].to != fake->sent[3].to);
    settle_all(fake);
    assert_string_equal(fixture->told, "1+2+3+4+");
}

static void pages_beyond_the_window_stand_in_line_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    fake->answer = VG_FULL;
    fake->room = 2;
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(send_page(fixture, "onc-7", "desk", i), VG_OK);
    }
    assert_int_equal(fake->count, 2);
    fake->room = 4;
    settle(fake, VG_OK);
    assert_int_equal(fake->count, 4); /* 3 and 4 */
    fake->room = CHANNEL_MANY;
    settle(fake, VG_OK);
    settle_all(fake);
    assert_string_equal(fixture->told, "1+2+3+4+5+");
}

static void send_severe(struct fixture *fixture, unsigned number,
                        enum vg_severity severity, int tag)
{
    struct vg_alert alert = sample_alert("onc-7", number);
    alert.severity = severity;
    (void)snprintf(alert.id, sizeof alert.id, "alert-%u", number);
    assert_int_equal(send_page_of(fixture, &alert, "desk", tag), VG_OK);
}

static void the_more_severe_page_goes_first_but_an_alert_keeps_its_order(void **state)
{
    struct fixture *fixture = *state;
    fixture->fake.answer = VG_FULL;
    fixture->fake.room = 1;
    send_severe(fixture, 1, VG_WATCH, 1); /* under way */
    send_severe(fixture, 2, VG_WATCH, 2);
    send_severe(fixture, 3, VG_URGENT, 3);
    send_severe(fixture, 4, VG_CRITICAL, 4);
    send_severe(fixture, 5, VG_URGENT, 5);
    send_severe(fixture, 3, VG_CRITICAL, 6); /* it rose: behind what was said of it */
    send_severe(fixture, 6, VG_CRITICAL, 7);
    fixture->fake.room = CHANNEL_MANY;
    for (int i = 0; i < 7; i++) {
        settle(&fixture->fake, VG_OK);
    }
    assert_string_equal(fixture->told, "1+4+3+6+7+5+2+");
}

static void a_failed_page_fails_those_of_its_address_in_line(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    fake->answer = VG_FULL;
    fake->room = 2;
    send_page(fixture, "onc-7", "desk", 1);
    send_page(fixture, "onc-7", "hall", 2);
    send_page(fixture, "onc-7", "desk", 3);
    send_page(fixture, "onc-7", "hall", 4);
    fake->room = CHANNEL_MANY;
    settle(fake, VG_FAILED);
    assert_string_equal(fixture->told, "3-1-");
    assert_int_equal(fake->count, 3);
    settle(fake, VG_OK);
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "3-1-2+4+");
}

/* Nothing is under way that could wake the line: it must not wait for ever. */
static void pages_without_a_broker_fail(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    fake->answer = VG_FULL;
    fake->room = 0;
    assert_int_equal(send_page(fixture, "onc-7", "desk", 1), VG_FULL);
    fake->answer = VG_ABSENT;
    assert_int_equal(send_page(fixture, "onc-7", "desk", 1), VG_FAILED);
    fake->answer = VG_FULL;
    fake->room = 1;
    send_page(fixture, "onc-7", "desk", 2);
    send_page(fixture, "onc-7", "hall", 3);
    send_page(fixture, "onc-8", "desk", 4);
    settle(fake, VG_OK); /* and the window is still full, of others' messages */
    assert_string_equal(fixture->told, "3-4-2+");
    assert_int_equal(send_page(fixture, "onc-7", "a/b", 5), VG_FAILED);
}

static void a_closed_channel_leaves_nothing_behind(void **state)
{
    struct fixture *fixture = *state;
    fixture->fake.answer = VG_FULL;
    fixture->fake.room = 3;
    for (int i = 1; i <= 6; i++) {
        send_page(fixture, "onc-7", "desk", i);
    }
    /* the tear-down closes, then settles late: nobody may hear of it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(test) \
    cmocka_unit_test_setup_teardown(test, channel_set_up, channel_tear_down)
        TEST(a_page_is_published_once_and_not_kept),
        TEST(pages_do_not_wait_for_states_or_for_other_pages),
        TEST(pages_beyond_the_window_stand_in_line_in_order),
        TEST(the_more_severe_page_goes_first_but_an_alert_keeps_its_order),
        TEST(a_failed_page_fails_those_of_its_address_in_line),
        TEST(pages_without_a_broker_fail),
        TEST(a_closed_channel_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
