/* SPDX-License-Identifier: Apache-2.0
 *
 * What leaves the house in words: never the patient, and nothing that breaks out of a mail's
 * header or of a template. And a name that does not resolve, which must not stop the loop.
 */
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/sample.h"
#include "lib/turn.h"
#include "shell/channel.h"
#include "shell/channel_text.h"
#include "shell/webhook_template.h"

static struct vg_page call_page(const struct vg_alert *alert)
{
    struct vg_page page = {.kind = VG_PAGE_CALL, .role = "charge-nurse"};

    vg_page_id(alert, page.kind, page.role, page.id);
    return page;
}

static void test_the_words_of_each_kind(void **state)
{
    static const struct {
        enum vg_page_kind kind;
        const char *title, *message;
    } rows[] = {
        {VG_PAGE_CALL, "Critical alert, ward onc-7 bed 12",
         "HYPOTENSION (haemodynamic): look at the board."},
        {VG_PAGE_REMIND, "Reminder: critical alert, ward onc-7 bed 12",
         "HYPOTENSION (haemodynamic): nothing has changed for long, look at the board."},
        {VG_PAGE_TAKEN, "Taken: critical alert, ward onc-7 bed 12",
         "HYPOTENSION (haemodynamic): somebody has it, nothing is asked of you."},
        {VG_PAGE_END, "Over: critical alert, ward onc-7 bed 12",
         "HYPOTENSION (haemodynamic): it has ended, nothing is asked of you."},
    };
    const struct vg_alert alert = sample_alert("onc-7", 1);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_page page = call_page(&alert);
        struct vg_push push;
        page.kind = rows[i].kind;
        const struct vg_notice notice = {&alert, &page, true, false, NULL};
        assert_int_equal(vg_push_text(&notice, &push), VG_OK);
        assert_string_equal(push.title, rows[i].title);
        assert_string_equal(push.message, rows[i].message);
    }
}

/* An alert of the whole ward has no bed. */
static void test_no_bed(void **state)
{
    struct vg_alert alert = sample_alert("onc-7", 1);
    const struct vg_page page = call_page(&alert);
    const struct vg_notice notice = {&alert, &page, true, false, NULL};
    struct vg_push push;

    (void)state;
    alert.bed[0] = '\0';
    assert_int_equal(vg_push_text(&notice, &push), VG_OK);
    assert_string_equal(push.title, "Critical alert, ward onc-7");
}

static void test_what_is_no_id_is_refused(void **state)
{
    static const char *const bad[] = {"a\r\nBcc: x@y", "a\nb",     "a b", "a\"b",
                                      "a<b>",          "\xc3\xa4", "a:b"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct vg_alert alert = sample_alert("onc-7", 1);
        struct vg_page page = call_page(&alert);
        const struct vg_notice notice = {&alert, &page, true, false, NULL};
        struct {
            char *field;
            size_t size;
        } const fields[] = {
            {alert.ward, sizeof alert.ward}, {alert.bed, sizeof alert.bed},
            {alert.rule, sizeof alert.rule}, {alert.id, sizeof alert.id},
            {page.id, sizeof page.id},       {page.role, sizeof page.role}};
        for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++) {
            char good[64];
            struct vg_push push;
            (void)vg_copy(good, sizeof good, fields[k].field);
            (void)vg_copy(fields[k].field, fields[k].size, bad[i]);
            assert_int_equal(vg_push_text(&notice, &push), VG_REFUSED);
            (void)vg_copy(fields[k].field, fields[k].size, good);
            assert_int_equal(vg_push_text(&notice, &push), VG_OK);
        }
    }
}

static void test_mail_boxes(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"oncall@hospital.example", true},
        {"on.call+car-t@h", true},
        {"", false},
        {"oncall", false},
        {"@h", false},
        {"a@", false},
        {"a@b@c", false},
        {"a@b\r\nRCPT TO:<x@y>", false},
        {"a@b>", false},
        {"a b@c", false},
        {"a@b,c@d", false},
        {"-oQ@b", false},
        {"\"a\"@b", false},
        {"\xc3\xa4@b", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].text);
        assert_int_equal(vg_mailbox_valid(rows[i].text), rows[i].good);
    }
}

/* Whatever the alert holds, no template but the full one lets it out. */
static void test_no_template_holds_the_patient(void **state)
{
    static const char *const names[] = {"json", "alertmanager", "ntfy"};
    static const char *const secrets[] = {"p-0042", "Systolic", "84", "secret"};
    struct vg_alert alert = sample_alert("onc-7", 1);
    const struct vg_page page = call_page(&alert);
    const struct vg_notice notice = {&alert, &page, true, false, NULL};
    struct vg_push push;

    (void)state;
    (void)vg_copy(alert.remark, sizeof alert.remark, "secret");
    (void)vg_copy(alert.episode, sizeof alert.episode, "secret");
    (void)vg_copy(alert.owner, sizeof alert.owner, "nurse:secret");
    (void)vg_copy(alert.reference, sizeof alert.reference, "secret");
    alert.at = alert.raised = alert.onset = (struct vg_instant){INT64_C(1700000000000)};
    assert_int_equal(vg_push_text(&notice, &push), VG_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct vg_webhook_words words = {&notice, &push, "n", "t", false};
        struct vg_buffer b = {0};
        vg_webhook_template(names[i])->write(&b, &words);
        assert_false(b.failed);
        for (size_t k = 0; k < sizeof secrets / sizeof secrets[0]; k++) {
            if (strcmp(secrets[k], "84") != 0 || strcmp(names[i], "ntfy") == 0) {
                assert_null(strstr(b.bytes, secrets[k]));
            }
        }
        vg_buffer_finish(&b);
    }
    assert_null(vg_webhook_template("slack"));
}

/* ---- A name server that does not answer */

static pthread_mutex_t resolver = PTHREAD_MUTEX_INITIALIZER;

/* Stands in front of the C library's: libcurl waits here, on its own thread. The type is the
 * C library's. */
__attribute__((visibility("default"))) int getaddrinfo(const char *node,
                                                       const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **out)
{
    (void)node;
    (void)service;
    (void)hints;
    (void)out;
    (void)pthread_mutex_lock(&resolver);
    (void)pthread_mutex_unlock(&resolver);
    return EAI_AGAIN;
}

struct beat {
    uint64_t turned, longest; /* ns */
    bool done;
    char why[128];
};

static void on_beat(uv_timer_t *timer)
{
    struct beat *beat = timer->data;
    const uint64_t now = uv_hrtime();

    if (now - beat->turned > beat->longest) {
        beat->longest = now - beat->turned;
    }
    beat->turned = now;
}

static void on_done(void *to, void *tag, enum vg_status status, const char *why)
{
    struct beat *beat = to;

    (void)tag;
    assert_int_equal(status, VG_FAILED);
    (void)vg_copy(beat->why, sizeof beat->why, why);
    beat->done = true;
}

static void test_a_name_that_does_not_resolve_stops_nothing(void **state)
{
    static struct vg_settings_channel settings = {.name = "pager",
                                                  .kind = "webhook",
                                                  .url = "http://pager.test/",
                                                  .template_ = "json"};
    struct beat beat = {.turned = uv_hrtime()};
    uv_loop_t loop;
    uv_timer_t timer;
    struct vg_channel *channel = NULL;
    struct vg_error error = {""};

    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    (void)uv_timer_init(&loop, &timer);
    timer.data = &beat;
    (void)uv_timer_start(&timer, on_beat, 5, 5);
    const struct vg_channel_setup setup = {.kind = "webhook",
                                           .done = on_done,
                                           .to = &beat,
                                           .loop = &loop,
                                           .node = "vigil-1",
                                           .settings = &settings};
    assert_int_equal(vg_channel_open(&setup, &channel, &error), VG_OK);
    const struct vg_alert alert = sample_alert("onc-7", 1);
    const struct vg_alert other = sample_alert("onc-7", 2);
    const struct vg_page page = call_page(&alert);
    const struct vg_notice notice = {&alert, &page, true, false, NULL};
    const struct vg_notice second = {&other, &page, true, false, NULL};
    (void)pthread_mutex_lock(&resolver);
    assert_int_equal(channel->ops->send(channel, &notice), VG_OK);
    turn_until(&loop, &beat.done);
    assert_string_equal(beat.why, "no connection to the server within 3 s");
    assert_int_equal(channel->ops->send(channel, &second), VG_OK);
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    channel->ops->close(channel); /* in the midst of it */
    on_beat(&timer);
    uv_close((uv_handle_t *)&timer, NULL);
    turn_out(&loop);
    (void)pthread_mutex_unlock(&resolver);
    assert_true(beat.longest < UINT64_C(1000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_words_of_each_kind),
        cmocka_unit_test(test_no_bed),
        cmocka_unit_test(test_what_is_no_id_is_refused),
        cmocka_unit_test(test_mail_boxes),
        cmocka_unit_test(test_no_template_holds_the_patient),
        cmocka_unit_test(test_a_name_that_does_not_resolve_stops_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
