/* SPDX-License-Identifier: Apache-2.0
 *
 * What is live, without a daemon: order and completeness of events for a reader who comes and
 * goes, what a small ring does, whose values a bed shows, and readers beside the writer.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/clock.h"
#include "shell/live.h"

#define EPOCH "run1"

static bool look(void *to, const char *ward, const char *bed, struct vg_bed_look *out)
{
    const struct vg_episode *episode = to;

    memset(out, 0, sizeof *out);
    (void)vg_copy(out->assessed.ward, sizeof out->assessed.ward, ward);
    (void)vg_copy(out->assessed.bed, sizeof out->assessed.bed, bed);
    out->infusion = out->pause.until = VG_UNSET;
    if (episode != NULL && strcmp(episode->bed, bed) == 0) {
        out->linked = true;
        out->episode = *episode;
        (void)vg_copy(out->assessed.patient, sizeof out->assessed.patient,
                      episode->patient);
    }
    return true;
}

static struct vg_instant at(int64_t seconds)
{
    return (struct vg_instant){1768032000000 + seconds * 1000};
}

static void say_temp(struct vg_live *live, const char *bed, int64_t tenths,
                     struct vg_instant measured, struct vg_instant now)
{
    struct vg_reading reading = {.signal = VG_TEMP,
                                 .unit = vg_signal_info(VG_TEMP)->unit,
                                 .measured = measured,
                                 .value = tenths,
                                 .raw = vg_decimal_of(tenths, 1),
                                 .pi = -1};
    struct vg_message message = {.kind = VG_KIND_VITALS,
                                 .ward = "onc-7",
                                 .measured = measured,
                                 .reading_count = 1,
                                 .readings = &reading};

    (void)vg_copy(message.bed, sizeof message.bed, bed);
    vg_live_message(live, &message, now);
}

static void say_alert(struct vg_live *live, unsigned number, uint32_t rev, bool open)
{
    struct vg_alert *alert = calloc(1, sizeof *alert);

    assert_non_null(alert);
    (void)snprintf(alert->id, sizeof alert->id, "A%04u", number);
    (void)vg_copy(alert->ward, sizeof alert->ward, "onc-7");
    (void)vg_copy(alert->bed, sizeof alert->bed, "1");
    (void)vg_copy(alert->rule, sizeof alert->rule, "TEST");
    alert->rev = rev;
    alert->n = number;
    alert->severity = VG_CRITICAL;
    alert->condition = open ? VG_ACTIVE : VG_ENDED;
    alert->offer = open ? VG_OFFERED_STATE : VG_OFFER_CLOSED;
    alert->at = alert->onset = alert->raised = at(0);
    alert->clear_since = alert->respond_by = VG_UNSET;
    vg_live_alert(live, alert, true);
    free(alert);
}

/* A clock of the boot that makes every bed due each time. */
static vg_ms tick;
static void publish(struct vg_live *live, const struct vg_episode *episode)
{
    union {
        const struct vg_episode *in;
        void *out;
    } same = {.in = episode};

    tick += 1000;
    vg_live_publish(live, tick, look, same.out);
}

static size_t count(const struct vg_buffer *b, const char *word)
{
    size_t n = 0;

    for (const char *p = b->length > 0 ? b->bytes : ""; (p = strstr(p, word)) != NULL;
         p++) {
        n++;
    }
    return n;
}

/* Everything behind the cursor; the last answer. */
static enum vg_live_next drain(struct vg_live *live, struct vg_live_cursor *cursor,
                               struct vg_buffer *b)
{
    enum vg_live_next next;

    do {
        next = vg_live_read(live, cursor, b);
    } while (next == VG_LIVE_MORE);
    return next;
}

/* ---- Events */

static void test_each_change_once_and_in_order(void **state)
{
    struct vg_live *live = vg_live_create(EPOCH, 1000);
    struct vg_live_cursor cursor = {0};
    struct vg_buffer b = {0};

    (void)state;
    assert_int_equal(vg_live_follow(live, NULL, &cursor), VG_LIVE_MORE);
    for (unsigned n = 1; n <= 200; n++) {
        say_alert(live, n, 1, true);
        if (n % 7 == 0) {
            publish(live, NULL);
        }
    }
    publish(live, NULL);
    assert_int_equal(drain(live, &cursor, &b), VG_LIVE_NOTHING);
    assert_int_equal(count(&b, "event: alert\n"), 200);
    const char *from = b.bytes;
    for (unsigned n = 1; n <= 200; n++) {
        char id[32];
        (void)snprintf(id, sizeof id, "\"id\":\"A%04u\"", n);
        from = strstr(from, id);
        assert_non_null(from);
    }
    vg_buffer_finish(&b);
    vg_live_destroy(live);
}

static void test_a_bed_is_sent_as_it_stands(void **state)
{
    struct vg_live *live = vg_live_create(EPOCH, 1000);
    struct vg_live_cursor cursor = {0};
    struct vg_buffer b = {0};

    (void)state;
    (void)vg_live_follow(live, NULL, &cursor);
    for (int n = 0; n < 10; n++) {
        for (int bed = 1; bed <= 40; bed++) {
            char name[16];
            (void)snprintf(name, sizeof name, "%d", bed);
            say_temp(live, name, 360 + n, at(n), at(n));
        }
        publish(live, NULL);
    }
    assert_int_equal(drain(live, &cursor, &b), VG_LIVE_NOTHING);
    assert_int_equal(count(&b, "event: values\n"), 40); /* what was overtaken is not */
    assert_int_equal(count(&b, "\"value\":36.9"), 40);
    vg_buffer_clear(&b);
    say_temp(live, "7", 375, at(11), at(11));
    publish(live, NULL);
    (void)drain(live, &cursor, &b);
    assert_int_equal(count(&b, "event: values\n"), 1);
    vg_buffer_finish(&b);
    vg_live_destroy(live);
}

static void test_who_left_goes_on_or_is_told(void **state)
{
    struct vg_live *live = vg_live_create(EPOCH, 10);
    struct vg_live_cursor cursor = {0};
    struct vg_buffer b = {0};
    static const char *const bad[] = {"run2-1",     "run1", "run1-", "run1-x",
                                      "run1-99999", "-1",   "1",     "run1--1"};

    (void)state;
    for (unsigned n = 1; n <= 15; n++) {
        say_alert(live, n, 1, true);
        publish(live, NULL);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(vg_live_follow(live, bad[i], &cursor), VG_LIVE_RESYNC);
    }
    assert_int_equal(vg_live_follow(live, "run1-3", &cursor), VG_LIVE_RESYNC);
    const uint64_t last = vg_live_wait_event(live, 0, 0);
    char id[32];
    (void)snprintf(id, sizeof id, "run1-%llu", (unsigned long long)last - 3);
    assert_int_equal(vg_live_follow(live, id, &cursor), VG_LIVE_MORE);
    (void)drain(live, &cursor, &b);
    assert_true(count(&b, "event: alert\n") >= 1 && count(&b, "event: alert\n") <= 3);
    cursor.at = 1; /* a stream that was too slow */
    assert_int_equal(vg_live_read(live, &cursor, &b), VG_LIVE_RESYNC);
    assert_int_equal(cursor.at, last);
    vg_buffer_finish(&b);
    vg_live_destroy(live);
}

static void test_another_ward_is_passed_over(void **state)
{
    struct vg_live *live = vg_live_create(EPOCH, 1000);
    struct vg_live_cursor cursor = {.ward = "onc-8"};
    struct vg_live_node node = {.node = "n", .epoch = EPOCH, .self_check = "ok"};
    struct vg_buffer b = {0};

    (void)state;
    (void)vg_live_follow(live, NULL, &cursor);
    for (unsigned n = 1; n <= 100; n++) {
        say_alert(live, n, 1, true);
    }
    say_temp(live, "1", 366, at(0), at(0));
    vg_live_node(live, &node);
    vg_live_beat(live);
    publish(live, NULL);
    (void)drain(live, &cursor, &b);
    assert_int_equal(count(&b, "event: "), 1);
    assert_int_equal(count(&b, "event: status"), 1);
    assert_int_equal(cursor.at, vg_live_wait_event(live, 0, 0));
    vg_buffer_finish(&b);
    vg_live_destroy(live);
}

/* ---- What is shown */

static void test_open_alerts(void **state)
{
    struct vg_live *live = vg_live_create(EPOCH, 100);
    struct vg_buffer b = {0};
    uint64_t open[VG_SEVERITY_COUNT];
    char ward[VG_ID_LEN + 1];

    (void)state;
    for (unsigned n = 1; n <= 3; n++) {
        say_alert(live, n, 1, true);
    }
    say_alert(live, 2, 2, true);
    say_alert(live, 3, 2, false);
    say_alert(live, 9, 1, false); /* closed before anybody saw it open */
    publish(live, NULL);
    assert_int_equal(vg_live_open_by_severity(live, open), 2);
    assert_int_equal(open[VG_CRITICAL], 2);
    struct vg_shared *text = vg_live_alert_get(live, "A0002", ward);
    assert_non_null(text);
    vg_buffer_add(&b, vg_shared_bytes(text), vg_shared_length(text));
    assert_int_equal(count(&b, "\"rev\":2"), 1);
    assert_string_equal(ward, "onc-7");
    vg_shared_done(text);
    assert_null(vg_live_alert_get(live, "A0003", ward));
    vg_buffer_clear(&b);
    assert_true(vg_live_put_beds(live, "onc-7", &b, at(0)));
    assert_int_equal(count(&b, "\"rule\":\"TEST\""), 2);
    assert_false(vg_live_put_beds(live, "onc-9", &b, at(0)));
    vg_buffer_finish(&b);
    vg_live_destroy(live);
}

static void test_values_belong_to_a_patient(void **state)
{
    struct vg_live *live = vg_live_create(EPOCH, 100);
    struct vg_episode e = {.id = "E1",
                           .patient = "p-1",
                           .ward = "onc-7",
                           .bed = "1",
                           .begin = {1768032000000 + 100000},
                           .end = VG_NEVER};
    struct vg_buffer b = {0};

    (void)state;
    say_temp(live, "1", 401, at(50), at(50)); /* before the stay: somebody else's */
    vg_live_episode(live, &e);
    publish(live, &e);
    assert_true(vg_live_put_beds(live, "onc-7", &b, at(120)));
    assert_int_equal(count(&b, "40.1"), 0);
    say_temp(live, "1", 377, at(130), at(130));
    say_temp(live, "1", 371, at(120), at(131)); /* late: older than what is shown */
    publish(live, &e);
    (void)vg_copy(e.bed, sizeof e.bed, "2"); /* the patient moves */
    vg_live_episode(live, &e);
    publish(live, &e);
    vg_buffer_clear(&b);
    assert_true(vg_live_put_beds(live, "onc-7", &b, at(140)));
    assert_int_equal(count(&b, "37.7"), 1);
    assert_int_equal(count(&b, "\"bed\":\"1\""), 0); /* empty: left out */
    e.end = at(150);
    vg_live_episode(live, &e);
    publish(live, NULL);
    vg_buffer_clear(&b);
    assert_true(vg_live_put_beds(live, "onc-7", &b, at(160)));
    assert_int_equal(count(&b, "37.7"), 0);
    vg_buffer_finish(&b);
    vg_live_destroy(live);
}

static void test_a_clock_that_is_ahead_blocks_nothing(void **state)
{
    struct vg_live *live = vg_live_create(EPOCH, 100);
    struct vg_buffer b = {0};

    (void)state;
    say_temp(live, "1", 380, at(86400), at(0)); /* a day ahead: as measured now */
    say_temp(live, "1", 371, at(10), at(10));
    publish(live, NULL);
    assert_true(vg_live_put_beds(live, "onc-7", &b, at(11)));
    assert_int_equal(count(&b, "\"value\":37.1"), 1);
    vg_buffer_finish(&b);
    vg_live_destroy(live);
}

/* ---- Beside the writer */

struct many {
    struct vg_live *live;
    atomic_size_t alerts, resyncs;
};

static void *reader(void *to)
{
    struct many *many = to;
    struct vg_live_cursor cursor = {0};
    struct vg_buffer b = {0};

    while (many->alerts < 2000) {
        vg_buffer_clear(&b);
        const enum vg_live_next next = vg_live_read(many->live, &cursor, &b);
        many->alerts += count(&b, "event: alert\n");
        many->resyncs += next == VG_LIVE_RESYNC;
        if (next == VG_LIVE_NOTHING) {
            (void)vg_live_wait_event(many->live, cursor.at, 100);
        }
        vg_buffer_clear(&b);
        (void)vg_live_put_beds(many->live, "onc-7", &b, at(0));
        vg_buffer_clear(&b);
        vg_live_put_wards(many->live, NULL, &b, at(0));
    }
    vg_buffer_finish(&b);
    return NULL;
}

static void test_readers_beside_the_writer(void **state)
{
    struct vg_live *live = vg_live_create(EPOCH, 8192);
    struct many many[3] = {{.live = live}, {.live = live}, {.live = live}};
    pthread_t thread[3];
    struct vg_live_waiter waiter = {.client = "http-1"};
    const struct vg_answer answer = {.id = "7", .client = "http-1", .ward = "onc-7"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, reader, &many[i]), 0);
    }
    for (unsigned n = 1; n <= 2000; n++) {
        say_alert(live, n % 50, n, n % 3 != 0);
        say_temp(live, n % 2 == 0 ? "1" : "2", 360 + n % 40, at(n), at(n));
        publish(live, NULL);
    }
    vg_live_expect(live, &waiter);
    vg_live_answer(live, &answer, at(0));
    for (size_t i = 0; i < 3; i++) {
        while (many[i].alerts < 2000) {
            publish(live, NULL); /* what was held back goes out */
        }
    }
    for (size_t i = 0; i < 3; i++) {
        (void)pthread_join(thread[i], NULL);
        assert_int_equal(many[i].alerts, 2000);
        assert_int_equal(many[i].resyncs, 0);
    }
    publish(live, NULL);
    vg_live_wait(live, &waiter, 1000);
    assert_non_null(waiter.text);
    vg_shared_done(waiter.text);
    vg_live_end(live);
    vg_live_expect(live, &waiter);
    vg_live_wait(live, &waiter, 60000); /* not that long: nobody answers any more */
    assert_null(waiter.text);
    vg_live_destroy(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_change_once_and_in_order),
        cmocka_unit_test(test_a_bed_is_sent_as_it_stands),
        cmocka_unit_test(test_who_left_goes_on_or_is_told),
        cmocka_unit_test(test_another_ward_is_passed_over),
        cmocka_unit_test(test_open_alerts),
        cmocka_unit_test(test_values_belong_to_a_patient),
        cmocka_unit_test(test_a_clock_that_is_ahead_blocks_nothing),
        cmocka_unit_test(test_readers_beside_the_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
