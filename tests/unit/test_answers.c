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
    bool away;
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

    if (fake->away) {
        return VG_ABSENT;
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
    struct vg_answers *answers = vg_answers_create(&fake->publisher);

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

static void beyond_the_limit_the_oldest_is_given_up(void **state)
{
    struct fake fake;
    struct vg_answers *answers = begin(&fake, true);
    char text[16];

    (void)state;
    for (size_t i = 0; i < VG_ANSWERS_AT_MOST + 2; i++) {
        (void)snprintf(text, sizeof text, "%zu", i);
        assert_int_equal(put(answers, text), i < VG_ANSWERS_AT_MOST ? VG_OK : VG_FULL);
    }
    assert_int_equal(vg_answers_left(answers), VG_ANSWERS_AT_MOST);
    fake.away = false;
    vg_answers_send(answers);
    assert_string_equal(fake.sent[0].text, "t=2");
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
        cmocka_unit_test(beyond_the_limit_the_oldest_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
