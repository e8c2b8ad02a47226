/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers on their way, over a fake publisher: they wait for the connection, go again when it breaks, leave room for
 * others, and are given up oldest first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/answers.h"

#define MANY 64

struct fake {
    struct vg_publisher publisher; /* first */
    bool away, refuses;
    size_t count;
    struct {
        char text[40]; /* topic=payload */
        vg_published_fn *done;
        void *to, *tag;
    } sent[MANY]; /* those not settled */
};

static enum vg_status publish(struct vg_publisher *self,
                              const struct vg_publication *publication)
{
    struct fake *fake = (struct fake *)self;

    if (fake->away || fake->refuses) {
        return fake->away ? VG_ABSENT : VG_FAILED;
    }
    assert_true(fake->count < MANY);
    assert_false(publication->retained);
    (void)snprintf(fake->sent[fake->count].text, sizeof fake->sent[0].text, "%s=%.*s",
                   publication->topic, (int)publication->length,
                   (const char *)publication->payload);
    fake->sent[fake->count].done = publication->done;
    fake->sent[fake->count].to = publication->to;
    fake->sent[fake->count++].tag = publication->tag;
    return VG_OK;
}

/* The oldest. */
static void settle(struct fake *fake, enum vg_status status)
{
    assert_true(fake->count > 0);
    vg_published_fn *done = fake->sent[0].done;
    void *to = fake->sent[0].to;
    void *tag = fake->sent[0].tag;
    memmove(fake->sent, fake->sent + 1, --fake->count * sizeof fake->sent[0]);
    done(to, tag, status);
}

static struct vg_answers *begin(struct fake *fake, bool away)
{
    *fake = (struct fake){.publisher.publish = publish, .away = away};
    struct vg_answers *answers = vg_answers_create(&fake->publisher, NULL);

    assert_non_null(answers);
    return answers;
}

static enum vg_status put(struct vg_answers *answers, const char *payload)
{
    return vg_answers_put(answers, "t", payload, strlen(payload));
}

static void one_goes_at_once(void **state)
{
    struct fake fake;
    struct vg_answers *answers = begin(&fake, false);

    (void)state;
    assert_int_equal(put(answers, "a"), VG_OK);
    assert_string_equal(fake.sent[0].text, "t=a");
    assert_int_equal(vg_answers_left(answers), 1);
    settle(&fake, VG_OK);
    assert_int_equal(vg_answers_left(answers), 0);
    vg_answers_destroy(answers);
}

static void they_wait_for_the_connection_in_order(void **state)
{
    struct fake fake;
    struct vg_answers *answers = begin(&fake, true);

    (void)state;
    assert_int_equal(put(answers, "a"), VG_OK);
    assert_int_equal(put(answers, "b"), VG_OK);
    assert_int_equal(fake.count, 0);
    vg_answers_send(answers);
    assert_int_equal(vg_answers_left(answers), 2);
    fake.away = false;
    vg_answers_send(answers);
    assert_int_equal(fake.count, 2);
    assert_string_equal(fake.sent[0].text, "t=a");
    assert_string_equal(fake.sent[1].text, "t=b");
    settle(&fake, VG_OK);
    settle(&fake, VG_OK);
    assert_int_equal(put(answers, "c"),
                     VG_OK); /* the list is whole after it was empty */
    assert_string_equal(fake.sent[0].text, "t=c");
    settle(&fake, VG_OK);
    vg_answers_destroy(answers);
}

static void what_the_broker_did_not_take_goes_again(void **state)
{
    struct fake fake;
    struct vg_answers *answers = begin(&fake, false);

    (void)state;
    assert_int_equal(put(answers, "a"), VG_OK);
    fake.away = true;
    settle(&fake, VG_FAILED);
    assert_int_equal(put(answers, "b"), VG_OK);
    assert_int_equal(fake.count, 0);
    fake.away = false;
    vg_answers_send(answers);
    assert_string_equal(fake.sent[0].text, "t=a");
    assert_string_equal(fake.sent[1].text, "t=b");
    settle(&fake, VG_OK);
    settle(&fake, VG_OK);
    assert_int_equal(vg_answers_left(answers), 0);
    vg_answers_destroy(answers);
}

static void a_flood_leaves_room_for_others(void **state)
{
    struct fake fake;
    struct vg_answers *answers = begin(&fake, false);

    (void)state;
    for (size_t i = 0; i < VG_ANSWERS_FLYING + 3; i++) {
        assert_int_equal(put(answers, "a"), VG_OK);
    }
    assert_int_equal(fake.count, VG_ANSWERS_FLYING);
    settle(&fake, VG_OK); /* and the next follows without being asked */
    assert_int_equal(fake.count, VG_ANSWERS_FLYING);
    while (fake.count > 0) {
        settle(&fake, VG_OK);
    }
    assert_int_equal(vg_answers_left(answers), 0);
    vg_answers_destroy(answers);
}

/* As the window of a connection that breaks: each fails, in any order. */
static void those_that_come_back_go_again_in_order(void **state)
{
    struct fake fake;
    struct vg_answers *answers = begin(&fake, false);
    char text[16];

    (void)state;
    for (int i = 10; i < 40; i++) {
        (void)snprintf(text, sizeof text, "%d", i);
        assert_int_equal(put(answers, text), VG_OK);
    }
    fake.away = true;
    for (int i = 0; i < 30;
         i++) { /* the third of those that are left, again and again */
        const size_t at = fake.count > 2 ? 2 : fake.count - 1;
        vg_published_fn *done = fake.sent[at].done;
        void *tag = fake.sent[at].tag;
        fake.sent[at] = fake.sent[--fake.count];
        done(answers, tag, VG_FAILED);
    }
    assert_int_equal(put(answers, "40"), VG_OK);
    fake.away = false;
    vg_answers_send(answers);
    assert_int_equal(fake.count, 31);
    for (int i = 10; i <= 40; i++) {
        (void)snprintf(text, sizeof text, "t=%d", i);
        assert_string_equal(fake.sent[0].text, text);
        settle(&fake, VG_OK);
    }
    vg_answers_destroy(answers);
}

static void one_that_is_never_taken_does_not_stand_before_others_for_ever(void **state)
{
    struct fake fake;
    struct vg_answers *answers = begin(&fake, true);

    (void)state;
    assert_int_equal(put(answers, "a"), VG_OK);
    assert_int_equal(put(answers, "b"), VG_OK);
    fake.away = false;
    fake.refuses = true;
    for (int i = 0; i < VG_ANSWERS_TRIES; i++) {
        assert_int_equal(vg_answers_left(answers), 2);
        vg_answers_send(answers);
    }
    assert_int_equal(vg_answers_left(answers), 1);
    fake.refuses = false;
    vg_answers_send(answers);
    assert_string_equal(fake.sent[0].text, "t=b");
    for (int i = 0; i < VG_ANSWERS_TRIES; i++) { /* nor one that ends each connection */
        assert_int_equal(fake.count, 1);
        settle(&fake, VG_FAILED);
        vg_answers_send(answers);
    }
    assert_int_equal(vg_answers_left(answers), 0);
    vg_answers_destroy(answers);
}

static void beyond_the_limit_the_oldest_is_given_up(void **state)
{
    struct fake fake;
    struct vg_answers *answers = begin(&fake, false);
    char text[16];

    (void)state;
    for (size_t i = 0; i < VG_ANSWERS_AT_MOST + 2; i++) {
        (void)snprintf(text, sizeof text, "%zu", i);
        assert_int_equal(put(answers, text), VG_OK);
    }
    assert_int_equal(fake.count, VG_ANSWERS_FLYING);
    assert_int_equal(vg_answers_left(answers), VG_ANSWERS_AT_MOST);
    settle(&fake, VG_OK); /* behind those that fly two were given up */
    (void)snprintf(text, sizeof text, "t=%d", VG_ANSWERS_FLYING + 2);
    assert_string_equal(fake.sent[fake.count - 1].text, text);
    fake.away = true;
    while (fake.count > 0) {
        settle(&fake, VG_FAILED); /* the publisher is closed */
    }
    vg_answers_destroy(answers);
    vg_answers_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_goes_at_once),
        cmocka_unit_test(they_wait_for_the_connection_in_order),
        cmocka_unit_test(what_the_broker_did_not_take_goes_again),
        cmocka_unit_test(a_flood_leaves_room_for_others),
        cmocka_unit_test(those_that_come_back_go_again_in_order),
        cmocka_unit_test(one_that_is_never_taken_does_not_stand_before_others_for_ever),
        cmocka_unit_test(beyond_the_limit_the_oldest_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
