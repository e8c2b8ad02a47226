/* SPDX-License-Identifier: Apache-2.0
 *
 * The MQTT channel over a fake publisher: what is published where, when a notice counts as
 * delivered, and that an alert's notices keep their order. Its pages: test_channel_pages.c.
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

static enum vg_status send_notice(struct fixture *fixture, const char *ward, int tag)
{
    struct vg_alert alert = sample_alert(ward, (unsigned)tag);
    return channel_send(fixture, &alert, NULL, tag);
}

static void send_row(struct fixture *fixture, int count)
{
    for (int i = 1; i <= count; i++) {
        send_notice(fixture, "onc-7", i);
    }
}

static void state_and_event_are_published_and_both_must_arrive(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    struct vg_alert alert = sample_alert("onc-7", 1);
    char topic[200];
    assert_int_equal(channel_send(fixture, &alert, NULL, 1), VG_OK);
    assert_int_equal(fake->count, 2);
    snprintf(topic, sizeof(topic), "vigil/v1/wards/onc-7/alerts/%s", alert.id);
    assert_string_equal(fake->sent[0].topic, topic);
    assert_true(fake->sent[0].retained);
    assert_string_equal(fake->sent[1].topic, "vigil/v1/wards/onc-7/events");
    assert_false(fake->sent[1].retained);
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "");
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "1+");
}

static void a_closed_alerts_state_is_emptied(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    struct vg_alert alert = sample_alert("onc-7", 1);
    alert.event = VG_CLOSED;
    alert.condition = VG_ENDED;
    alert.offer = VG_OFFER_CLOSED;
    assert_false(vg_alert_open(&alert));
    channel_send(fixture, &alert, NULL, 1);
    assert_int_equal(fake->count, 3);
    assert_string_equal(fake->sent[2].topic, fake->sent[0].topic);
    assert_true(fake->sent[2].retained);
    assert_true(fake->sent[0].length > 0);
    assert_int_equal(fake->sent[2].length, 0);
}

static void an_alert_waits_for_its_notice_before_and_others_do_not(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    struct vg_alert alert = sample_alert("onc-7", 1);
    channel_send(fixture, &alert, NULL, 1);
    channel_send(fixture, &alert, NULL, 2);
    send_notice(fixture, "onc-7", 3); /* in order: it waits as well */
    send_notice(fixture, "onc-8", 4);
    assert_int_equal(fake->count, 4); /* 1 and 4 */
    settle(fake, VG_OK);
    assert_int_equal(fake->count, 4); /* the event has not arrived */
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "1+");
    assert_int_equal(fake->count, 8); /* 2 and 3 */
    settle_all(fake);
    assert_string_equal(fixture->told, "1+4+2+3+");
}

static void some_alerts_of_a_ward_are_under_way_at_a_time(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    send_row(fixture, 5);
    assert_int_equal(fake->count, 6); /* 1, 2 and 3 */
    settle(fake, VG_OK);
    settle(fake, VG_OK);
    assert_int_equal(fake->count, 8); /* 4 */
    settle_all(fake);
    assert_string_equal(fixture->told, "1+2+3+4+5+");
}

static void a_failure_fails_those_that_wait_too(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    struct vg_alert alert = sample_alert("onc-7", 1);
    channel_send(fixture, &alert, NULL, 1);
    send_notice(fixture, "onc-7", 2); /* under way as well */
    channel_send(fixture, &alert, NULL, 3);
    send_notice(fixture, "onc-7", 4);
    settle(fake, VG_FAILED);
    assert_string_equal(fixture->told, "");
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "1-3-4-");
    assert_int_equal(fake->count, 4);
    assert_int_equal(channel_send(fixture, &alert, NULL, 1),
                     VG_OK); /* again, from the outbox */
    assert_int_equal(fake->count, 6);
    settle_all(fake);
    assert_string_equal(fixture->told, "1-3-4-2+1+");
}

static void no_room_is_no_delivery(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    fake->answer = VG_FULL;
    fake->room = 0;
    assert_int_equal(send_notice(fixture, "onc-7", 1), VG_FULL);
    fake->answer = VG_ABSENT;
    assert_int_equal(send_notice(fixture, "onc-7", 1), VG_FAILED);
    fake->room = 1; /* for the state only */
    assert_int_equal(send_notice(fixture, "onc-7", 1), VG_OK);
    send_notice(fixture, "onc-7", 2);
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "1-2-");
}

static void no_room_for_the_next_fails_it_and_those_behind(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    fake->answer = VG_FULL;
    fake->room = 2;
    send_notice(fixture, "onc-7", 1);
    send_notice(fixture, "onc-7", 2);
    send_notice(fixture, "onc-7", 3);
    settle(fake, VG_OK);
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "2-3-1+");
}

/* The first is taken as a whole, of the second the state; the third must not pass its event. */
static void what_found_no_room_goes_when_there_is_some(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    fake->answer = VG_FULL;
    fake->room = 3;
    send_row(fixture, 3);
    fake->room = CHANNEL_MANY;
    settle(fake, VG_OK);
    settle(fake, VG_OK);
    assert_int_equal(fake->count, 3);
    settle(fake, VG_OK); /* the state of the second */
    assert_int_equal(fake->count, 4);
    assert_string_equal(fake->sent[3].topic, "vigil/v1/wards/onc-7/events");
    settle_all(fake);
    assert_int_equal(fake->count, 6);
    assert_string_equal(fixture->told, "1+2+3+");
}

/* The broker refuses the state of the second, and its answer comes before that to the first. */
static void nothing_new_passes_one_that_failed(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    send_row(fixture, 4);
    assert_int_equal(fake->count, 6);
    fake->sent[2].done(fake->sent[2].to, fake->sent[2].tag, VG_FAILED);
    settle(fake, VG_OK);
    settle(fake, VG_OK);
    assert_int_equal(fake->count, 6);
    fake->settled = 3;
    settle_all(fake);
    assert_int_equal(fake->count, 6);
    assert_string_equal(fixture->told, "1+2-4-3+");
}

static void in_a_crowd_each_ward_has_one_under_way(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    for (int i = 1; i <= 30; i++) {
        char ward[16];
        snprintf(ward, sizeof ward, "w-%d", i);
        send_notice(fixture, ward, i);
    }
    send_notice(fixture, "w-1", 31);
    send_notice(fixture, "w-2", 32);
    assert_int_equal(fake->count, 60);
    send_notice(fixture, "w-31", 33); /* its first */
    assert_int_equal(fake->count, 62);
    settle(fake, VG_OK);
    settle(fake, VG_OK);
    assert_int_equal(fake->count, 64);
    assert_string_equal(fake->sent[63].topic, "vigil/v1/wards/w-1/events");
}

static void a_ward_that_is_no_topic_is_refused(void **state)
{
    assert_int_equal(send_notice(*state, "onc/+", 1), VG_FAILED);
}

static void unknown_kinds_are_named(void **state)
{
    (void)state;
    struct vg_channel_setup setup = {.kind = "pigeon"};
    struct vg_channel *channel;
    struct vg_error error;
    assert_int_equal(vg_channel_open(&setup, &channel, &error), VG_ABSENT);
    assert_non_null(strstr(error.text, "pigeon"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(test) \
    cmocka_unit_test_setup_teardown(test, channel_set_up, channel_tear_down)
        TEST(state_and_event_are_published_and_both_must_arrive),
        TEST(a_closed_alerts_state_is_emptied),
        TEST(an_alert_waits_for_its_notice_before_and_others_do_not),
        TEST(some_alerts_of_a_ward_are_under_way_at_a_time),
        TEST(a_failure_fails_those_that_wait_too),
        TEST(no_room_is_no_delivery),
        TEST(no_room_for_the_next_fails_it_and_those_behind),
        TEST(what_found_no_room_goes_when_there_is_some),
        TEST(nothing_new_passes_one_that_failed),
        TEST(in_a_crowd_each_ward_has_one_under_way),
        TEST(a_ward_that_is_no_topic_is_refused),
        cmocka_unit_test(unknown_kinds_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
