/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a connection against a paho that is not there: when a row of losses is called a
 * take-over, and when it is only a broker that starts again; how long an answer is waited for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* The fake paho below stands in for mqtt.c, the fake clock for clock.c. */
#include "shell/mqtt_link.c"

struct vg_paho {
    unsigned ticket; /* of the latest call */
    bool subscribes;
    unsigned heard;
};
static struct vg_paho fake;
static vg_ms now;

vg_ms vg_clock_boot(void)
{
    return now;
}

struct vg_instant vg_clock_wall(void)
{
    return (struct vg_instant){now};
}

enum vg_status vg_paho_create(const struct vg_mqtt_options *options,
                              const struct vg_mqtt_owner *owner, void *link,
                              struct vg_paho **out, struct vg_error *error)
{
    (void)options;
    (void)owner;
    (void)link;
    (void)error;
    *out = &fake;
    return VG_OK;
}

int vg_paho_connect(struct vg_paho *paho, unsigned ticket)
{
    paho->ticket = ticket;
    return 0;
}

int vg_paho_disconnect(struct vg_paho *paho)
{
    (void)paho;
    return 0;
}

int vg_paho_subscribe(struct vg_paho *paho, unsigned ticket)
{
    paho->ticket = ticket;
    return 0;
}

int vg_paho_ask(struct vg_paho *paho, const char *topic, bool on)
{
    (void)paho;
    (void)topic;
    (void)on;
    return 0;
}

int vg_paho_send(struct vg_paho *paho, const struct vg_publication *publication,
                 unsigned ticket)
{
    (void)paho;
    (void)publication;
    (void)ticket;
    return 0;
}

bool vg_paho_subscribes(const struct vg_paho *paho)
{
    return paho->subscribes;
}

unsigned vg_paho_heard(const struct vg_paho *paho)
{
    return paho->heard;
}

const char *vg_paho_reason(int code)
{
    (void)code;
    return "away";
}

/* One letter an event: s a connection of 1 s that is lost, l one of 11 s, f an attempt that
 * fails, d one that is not answered. Before each the retry timer runs out. */
static void happen(struct vg_mqtt *mqtt, char what)
{
    struct vg_item item = {.event = VG_LINK_CONNECTED, .ticket = fake.ticket};

    if (what == 'd') {
        on_timer(&mqtt->timer);
    } else if (what == 'f') {
        item.event = VG_LINK_CONNECT_FAILED;
        vg_mqtt_handle(mqtt, &item);
    } else {
        vg_mqtt_handle(mqtt, &item);
        assert_true(vg_mqtt_up(mqtt));
        now += what == 's' ? VG_SECOND : 11 * VG_SECOND;
        item.event = VG_LINK_LOST;
        vg_mqtt_handle(mqtt, &item);
    }
    assert_false(vg_mqtt_up(mqtt));
    on_timer(&mqtt->timer);
}

/* How often the log says "mqtt.taken_over" when that happens. */
static unsigned told(const char *events)
{
    const int fd = memfd_create("log", MFD_CLOEXEC);
    uv_loop_t loop;
    char text[8192] = "";
    struct vg_mqtt *mqtt = NULL;
    struct vg_error error;
    struct vg_log *log = vg_log_create(fd, VG_LOG_ERROR);
    const struct vg_mqtt_owner owner = {.loop = &loop, .log = log};
    const struct vg_mqtt_options options = {.client_id = "vigil-1"};

    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(vg_mqtt_open(&options, &owner, &mqtt, &error), VG_OK);
    for (; *events != '\0'; events++) {
        happen(mqtt, *events);
    }
    vg_mqtt_close(mqtt);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    free(mqtt);
    assert_true(pread(fd, text, sizeof text - 1, 0) >= 0);
    (void)close(fd);
    vg_log_destroy(log);
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, "event=mqtt.taken_over")) != NULL;
         at++) {
        assert_non_null(strstr(at, "probably"));
        count++;
    }
    return count;
}

static void test_a_take_over_is_guessed_only_while_the_broker_is_there(void **state)
{
    static const struct {
        const char *events;
        unsigned told;
    } rows[] = {
        {"ssss", 0},        /* a broker that starts again a few times */
        {"sssss", 1},       /* once ... */
        {"sssssssss", 1},   /* ... and not again while it goes on */
        {"sfsfsfsfsfs", 0}, /* away in between: a broker that starts again */
        {"sdsdsdsdsds", 0}, {"sssslssss", 0}, {"llllllll", 0}, {"ssssfsssss", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].events);
        assert_int_equal(told(rows[i].events), rows[i].told);
    }
}

/* c connected to a new session, k to one that was kept; g the subscriptions are granted, r
 * refused; x the link is lost; m a message comes, t the deadline runs out. Before c and k the retry
 * timer runs out. */
static void step_to(struct vg_mqtt *mqtt, char what)
{
    const enum vg_link_event events[] = {['c'] = VG_LINK_CONNECTED,
                                         ['k'] = VG_LINK_CONNECTED,
                                         ['g'] = VG_LINK_SUBSCRIBED,
                                         ['r'] = VG_LINK_SUBSCRIBE_FAILED,
                                         ['x'] = VG_LINK_LOST};

    if (what == 't' || ((what == 'c' || what == 'k') && mqtt->phase == WAITING)) {
        on_timer(&mqtt->timer);
    }
    fake.heard += what == 'm';
    if (what == 't' || what == 'm') {
        return;
    }
    const struct vg_item item = {.event = events[(unsigned char)what],
                                 .ticket = fake.ticket,
                                 .code = what == 'k' || what == 'r'};
    vg_mqtt_handle(mqtt, &item);
}

static bool up_after(const char *events)
{
    uv_loop_t loop;
    struct vg_mqtt *mqtt = NULL;
    struct vg_error error;
    struct vg_log *log = vg_log_create(memfd_create("log", MFD_CLOEXEC), VG_LOG_ERROR);
    const struct vg_mqtt_owner owner = {.loop = &loop, .log = log};
    const struct vg_mqtt_options options = {.client_id = "vigil-1"};

    fake.subscribes = true;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(vg_mqtt_open(&options, &owner, &mqtt, &error), VG_OK);
    for (; *events != '\0'; events++) {
        step_to(mqtt, *events);
    }
    const bool up = vg_mqtt_up(mqtt);
    vg_mqtt_close(mqtt);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    free(mqtt);
    vg_log_destroy(log);
    fake.subscribes = false;
    return up;
}

static void test_a_subscription_is_waited_for_while_messages_come(void **state)
{
    static const struct {
        const char *events;
        bool up;
    } rows[] = {
        {"kmtg", true},  {"kmtmtmtg", true}, /* a long queue before the answer */
        {"ktg", false},  {"kmttg", false}, /* nothing came within the time: given up */
        {"mktg", false},                   /* of the connection before */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].events);
        assert_int_equal(up_after(rows[i].events), rows[i].up);
    }
}

static void test_a_kept_session_goes_on_before_it_is_subscribed_again(void **state)
{
    static const struct {
        const char *events;
        bool up;
    } rows[] = {
        {"c", false},      {"cg", true},      {"cgx", false}, {"cgxc", false},
        {"cgxk", true}, /* the answer comes behind all that was missed */
        {"cgxkxk", true},  {"cgxkgxk", true}, {"k", false}, /* of a daemon before us, which may have asked for less */
        {"cgxkr", false},  /* the broker refuses now what it granted then ... */
        {"cgxkrk", false}, /* ... and what it kept is worth nothing */
        {"cxk", false},    {"cgxcxk", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].events);
        assert_int_equal(up_after(rows[i].events), rows[i].up);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_take_over_is_guessed_only_while_the_broker_is_there),
        cmocka_unit_test(test_a_kept_session_goes_on_before_it_is_subscribed_again),
        cmocka_unit_test(test_a_subscription_is_waited_for_while_messages_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
