/* SPDX-License-Identifier: Apache-2.0
 *
 * The MQTT channel over a fake publisher: what is published where, when a notice counts as
 * delivered, that a ward's notices and an address's pages keep their order, and that pages
 * do not wait for anything else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/sample.h"
#include "shell/channel.h"

#define MANY 64

/* Keeps what was published until the test settles it. */
struct fake {
    struct vg_publisher publisher; /* first */
    enum vg_status answer;         /* to what comes beyond `room` */
    size_t room, count, settled;
    struct {
        char topic[200];
        size_t length;
        char payload[4096];
        bool retained;
        vg_published_fn *done;
        void *to, *tag;
    } sent[MANY];
};

static enum vg_status publish(struct vg_publisher *self,
                              const struct vg_publication *publication)
{
    struct fake *fake = (struct fake *)self;
    if (fake->count >= fake->room) {
        return fake->answer;
    }
    vg_copy(fake->sent[fake->count].topic, 200, publication->topic);
    fake->sent[fake->count].length = publication->length;
    assert_true(publication->length < sizeof fake->sent[0].payload);
    memcpy(fake->sent[fake->count].payload, publication->payload, publication->length);
    fake->sent[fake->count].retained = publication->retained;
    fake->sent[fake->count].done = publication->done;
    fake->sent[fake->count].to = publication->to;
    fake->sent[fake->count].tag = publication->tag;
    fake->count++;
    return VG_OK;
}

static void settle(struct fake *fake, enum vg_status status)
{
    assert_true(fake->settled < fake->count);
    size_t i = fake->settled++;
    fake->sent[i].done(fake->sent[i].to, fake->sent[i].tag, status);
}

struct fixture {
    struct fake fake;
    struct vg_channel *channel;
    char told[MANY * 4]; /* "1+" delivered, "2-" failed */
};

static void on_done(void *to, void *tag, enum vg_status status, const char *why)
{
    assert_true((status == VG_OK) == (why[0] == '\0'));
    struct fixture *fixture = to;
    size_t length = strlen(fixture->told);
    snprintf(fixture->told + length, sizeof(fixture->told) - length, "%d%c",
             (int)(intptr_t)tag, status == VG_OK ? '+' : '-');
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->fake.publisher.publish = publish;
    fixture->fake.room = MANY;
    struct vg_channel_setup setup = {.kind = "mqtt",
                                     .done = on_done,
                                     .to = fixture,
                                     .root = "vigil/v1",
                                     .publisher = &fixture->fake.publisher};
    *state = fixture;
    return vg_channel_open(&setup, &fixture->channel, NULL) == VG_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->channel->ops->close(fixture->channel);
    while (fixture->fake.settled < fixture->fake.count) {
        settle(&fixture->fake, VG_FAILED); /* late, to a channel that is gone */
    }
    free(fixture);
    return 0;
}

static enum vg_status send_alert(struct fixture *fixture, struct vg_alert *alert,
                                 int tag)
{
    struct vg_notice notice = {alert, NULL, true, false, (void *)(intptr_t)tag};
    return fixture->channel->ops->send(fixture->channel, &notice);
}

static enum vg_status send_notice(struct fixture *fixture, const char *ward, int tag)
{
    struct vg_alert alert = sample_alert(ward, (unsigned)tag);
    return send_alert(fixture, &alert, tag);
}

static void state_and_event_are_published_and_both_must_arrive(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    struct vg_alert alert = sample_alert("onc-7", 1);
    char topic[200];
    assert_int_equal(send_alert(fixture, &alert, 1), VG_OK);
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
    send_alert(fixture, &alert, 1);
    assert_int_equal(fake->count, 3);
    assert_string_equal(fake->sent[2].topic, fake->sent[0].topic);
    assert_true(fake->sent[2].retained);
    assert_true(fake->sent[0].length > 0);
    assert_int_equal(fake->sent[2].length, 0);
}

static void a_ward_waits_for_the_notice_before_and_others_do_not(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    send_notice(fixture, "onc-7", 1);
    send_notice(fixture, "onc-7", 2);
    send_notice(fixture, "onc-8", 3);
    assert_int_equal(fake->count, 4); /* 1 and 3 */
    for (int i = 0; i < 4; i++) {
        settle(fake, VG_OK);
    }
    assert_string_equal(fixture->told, "1+3+");
    assert_int_equal(fake->count, 6);
    settle(fake, VG_OK);
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "1+3+2+");
}

static void a_failure_fails_those_behind_it_too(void **state)
{
    struct fixture *fixture = *state;
    struct fake *fake = &fixture->fake;
    send_notice(fixture, "onc-7", 1);
    send_notice(fixture, "onc-7", 2);
    send_notice(fixture, "onc-7", 3);
    settle(fake, VG_FAILED);
    assert_string_equal(fixture->told, "");
    settle(fake, VG_OK);
    assert_string_equal(fixture->told, "1-2-3-");
    assert_int_equal(fake->count, 2);
    assert_int_equal(send_notice(fixture, "onc-7", 1),
                     VG_OK); /* again, from the outbox */
    assert_int_equal(fake->count, 4);
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

static void a_ward_that_is_no_topic_is_refused(void **state)
{
    assert_int_equal(send_notice(*state, "onc/+", 1), VG_FAILED);
}

/* ---- Pages */

static enum vg_status send_page_of(struct fixture *fixture, struct vg_alert *alert,
                                   const char *address, int tag)
{
    struct vg_page page = {.kind = VG_PAGE_CALL, .role = "charge-nurse"};
    struct vg_notice notice = {alert, &page, true, false, (void *)(intptr_t)tag};
    vg_copy(page.address, sizeof page.address, address);
    vg_page_id(alert, page.kind, page.role, page.id);
    return fixture->channel->ops->send(fixture->channel, &notice);
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
    send_notice(fixture, "onc-7", 1);
    send_page(fixture, "onc-7", "desk", 2);
    send_page(fixture, "onc-7", "desk", 3);
    send_page(fixture, "onc-8", "desk", 4);
    assert_int_equal(fake->count, 5);
    assert_true(fake->sent[2].to != fake->sent[3].to);
    while (fake->settled < 5)
        settle(fake, VG_OK);
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
    fake->room = MANY;
    settle(fake, VG_OK);
    while (fake->settled < fake->count) {
        settle(fake, VG_OK);
    }
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
    fixture->fake.room = MANY;
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
    fake->room = MANY;
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
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        TEST(state_and_event_are_published_and_both_must_arrive),
        TEST(a_closed_alerts_state_is_emptied),
        TEST(a_ward_waits_for_the_notice_before_and_others_do_not),
        TEST(a_failure_fails_those_behind_it_too),
        TEST(no_room_is_no_delivery),
        TEST(no_room_for_the_next_fails_it_and_those_behind),
        TEST(a_ward_that_is_no_topic_is_refused),
        TEST(a_page_is_published_once_and_not_kept),
        TEST(pages_do_not_wait_for_states_or_for_other_pages),
        TEST(pages_beyond_the_window_stand_in_line_in_order),
        TEST(the_more_severe_page_goes_first_but_an_alert_keeps_its_order),
        TEST(a_failed_page_fails_those_of_its_address_in_line),
        TEST(pages_without_a_broker_fail),
        TEST(a_closed_channel_leaves_nothing_behind),
        cmocka_unit_test(unknown_kinds_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
