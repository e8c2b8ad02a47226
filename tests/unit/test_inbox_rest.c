/* SPDX-License-Identifier: Apache-2.0
 *
 * The inbox's wakes: letters in a crowd, those that are calm, and answers that nobody waits for, wake
 * the loop once for several, others each time, and nothing is left lying.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/turn.h"
#include "shell/clock.h"
#include "shell/inbox.h"

struct trickle {
    struct vg_inbox *inbox;
    size_t lists, letters;
    bool link, done;
};

#define DRIPS 2000

static bool post(struct vg_inbox *inbox)
{
    const struct vg_letter letter = {"t", 1, "payload", 7, false};
    struct vg_item *item = vg_inbox_letter(inbox, &letter);
    return item != NULL && vg_inbox_post(inbox, item);
}

static bool post_calm(struct vg_inbox *inbox)
{
    const struct vg_letter letter = {"t", 1, "payload", 7, false};
    struct vg_item *item = vg_inbox_letter(inbox, &letter);

    item->calm = true;
    return vg_inbox_post(inbox, item);
}

static void count_lists(void *to, const struct vg_item *list)
{
    struct trickle *trickle = to;
    trickle->lists++;
    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        trickle->letters += item->kind == VG_ITEM_LETTER;
        trickle->link |= item->kind == VG_ITEM_LINK;
    }
    trickle->done = trickle->letters == DRIPS;
}

/* That nobody waits for. */
static bool post_answer(struct vg_inbox *inbox)
{
    struct vg_item *answer = vg_inbox_item(inbox, VG_ITEM_LINK, 0);
    answer->rests = true;
    return vg_inbox_post(inbox, answer);
}

static void next_millisecond(void)
{
    const vg_ms now = vg_clock_boot();

    while (vg_clock_boot() == now) {
    }
}

#define CROWD 80

/* In crowds, and a little later one that comes alone. */
static void drip(void *to)
{
    struct vg_inbox *inbox = to;
    for (int i = 0; i < DRIPS; i++) {
        assert_true(post(inbox));
        assert_true(post_answer(inbox));
        if (i % CROWD == CROWD - 2) {
            next_millisecond();
        }
    }
}

/* A crowd, and what comes in the rest behind it; fewer lists still on a busy machine. And the last one comes. */
static void a_crowd_is_taken_together(void **state)
{
    (void)state;
    uv_loop_t loop;
    uv_thread_t thread;
    struct trickle trickle = {0};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, DRIPS, 1 << 20, count_lists, &trickle, &trickle.inbox);
    uv_thread_create(&thread, drip, trickle.inbox);
    turn_until(&loop, &trickle.done);
    uv_thread_join(&thread);
    assert_in_range(trickle.lists, 1, DRIPS / 2);
    vg_inbox_shut(trickle.inbox);
    turn_out(&loop);
    vg_inbox_destroy(trickle.inbox);
}

/* One turn that waits for nothing: while the loop lies in its lull, a link wakes it, and the letter goes along. */
static void a_link_does_not_wait(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct trickle trickle = {0};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 10, 1000, count_lists, &trickle, &trickle.inbox);
    assert_true(post(trickle.inbox));
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(trickle.lists, 1);
    assert_true(post_calm(trickle.inbox));
    assert_true(
        vg_inbox_post(trickle.inbox, vg_inbox_item(trickle.inbox, VG_ITEM_LINK, 0)));
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_true(trickle.link);
    assert_int_equal(trickle.letters, 2);
    vg_inbox_shut(trickle.inbox);
    turn_out(&loop);
    vg_inbox_destroy(trickle.inbox);
}

/* Taken outside a turn (the stop, a rebuild), the next ones are not forgotten. */
static void what_comes_after_a_drain_is_taken(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct trickle trickle = {.letters = DRIPS - 3};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 10, 1000, count_lists, &trickle, &trickle.inbox);
    for (int i = 0; i < 2; i++) {
        assert_true(post(trickle.inbox));
        vg_inbox_drain(trickle.inbox);
    }
    assert_true(post(trickle.inbox));
    turn_until(&loop, &trickle.done);
    vg_inbox_shut(trickle.inbox);
    turn_out(&loop);
    vg_inbox_destroy(trickle.inbox);
}

struct fixture {
    uv_loop_t loop;
    struct trickle trickle;
};

/* One letter was taken, and the loop lies in its lull. */
static void begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    uv_loop_init(&f->loop);
    vg_inbox_create(&f->loop, 1000, 100000, count_lists, &f->trickle,
                    &f->trickle.inbox);
    assert_true(post(f->trickle.inbox));
    (void)uv_run(&f->loop, UV_RUN_NOWAIT);
    assert_int_equal(f->trickle.lists, 1);
}

static void end(struct fixture *f)
{
    vg_inbox_shut(f->trickle.inbox);
    turn_out(&f->loop);
    vg_inbox_destroy(f->trickle.inbox);
}

/* What is not calm, and comes one upon the other, waits for nothing. */
static void one_behind_the_other_is_taken_at_once(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    for (size_t i = 2; i <= 6; i++) {
        next_millisecond();
        assert_true(post(f.trickle.inbox));
        (void)uv_run(&f.loop, UV_RUN_NOWAIT);
        assert_int_equal(f.trickle.letters, i);
    }
    end(&f);
}

/* An acknowledgement of the same millisecond makes no crowd. (Again, where that millisecond was over too soon.) */
static void a_link_before_it_makes_no_crowd(void **state)
{
    struct fixture f;
    bool within = false;

    (void)state;
    for (int tries = 0; tries < 100 && !within; tries++) {
        begin(&f);
        next_millisecond();
        const vg_ms from = vg_clock_boot();
        assert_true(vg_inbox_post(f.trickle.inbox,
                                  vg_inbox_item(f.trickle.inbox, VG_ITEM_LINK, 0)));
        (void)uv_run(&f.loop, UV_RUN_NOWAIT);
        for (int i = 0; i < 2; i++) {
            assert_true(post(f.trickle.inbox));
            (void)uv_run(&f.loop, UV_RUN_NOWAIT);
        }
        within = vg_clock_boot() == from;
        assert_true(!within || f.trickle.letters == 3);
        end(&f);
    }
    assert_true(within);
}

/* It wakes nobody, and the loop comes to it by itself. (Again, where the machine was away for longer than the lull.) */
static void what_is_calm_lies_for_a_moment(void **state)
{
    struct fixture f;
    size_t lists = 0;

    (void)state;
    for (int tries = 0; tries < 100 && lists != 1; tries++) {
        begin(&f);
        const vg_ms from = vg_clock_boot();
        assert_true(post_calm(f.trickle.inbox));
        assert_true(post_answer(f.trickle.inbox));
        (void)uv_run(&f.loop, UV_RUN_NOWAIT);
        lists = f.trickle.lists;
        assert_true(lists == 1 || vg_clock_boot() - from >= 5);
        f.trickle.letters += DRIPS - 2 - (lists - 1);
        f.trickle.done = lists == 2;
        turn_until(&f.loop, &f.trickle.done);
        assert_int_equal(f.trickle.lists, 2);
        end(&f);
    }
    assert_int_equal(lists, 1);
}

static void with_what_is_not_calm_it_goes_along(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    assert_true(post_calm(f.trickle.inbox));
    assert_true(post(f.trickle.inbox));
    (void)uv_run(&f.loop, UV_RUN_NOWAIT);
    assert_int_equal(f.trickle.letters, 3);
    end(&f);
}

static void many_that_are_calm_wake(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    for (int i = 0; i < 65; i++) {
        assert_true(post_calm(f.trickle.inbox));
    }
    (void)uv_run(&f.loop, UV_RUN_NOWAIT);
    assert_int_equal(f.trickle.letters, 66);
    end(&f);
}

static void what_lies_is_there_for_whoever_looks(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    assert_true(post_calm(f.trickle.inbox));
    vg_inbox_look(f.trickle.inbox);
    assert_int_equal(f.trickle.letters, 2);
    end(&f);
}

/* (Again, where the machine was away for longer than the rest.) */
static void behind_a_crowd_the_loop_rests(void **state)
{
    struct fixture f;
    bool lay = false;

    (void)state;
    for (int tries = 0; tries < 100 && !lay; tries++) {
        begin(&f);
        for (int i = 0; i < 70; i++) {
            assert_true(post(f.trickle.inbox));
        }
        const vg_ms from = vg_clock_boot();
        (void)uv_run(&f.loop, UV_RUN_NOWAIT);
        assert_int_equal(f.trickle.letters, 71);
        assert_true(post(f.trickle.inbox));
        (void)uv_run(&f.loop, UV_RUN_NOWAIT);
        lay = f.trickle.letters == 71;
        assert_true(lay || vg_clock_boot() - from >= 1);
        f.trickle.letters += DRIPS - 72;
        f.trickle.done = f.trickle.letters == DRIPS;
        turn_until(&f.loop, &f.trickle.done);
        end(&f);
    }
    assert_true(lay);
}

static bool is_crowded(struct vg_inbox *inbox)
{
    struct vg_item *item = vg_inbox_item(inbox, VG_ITEM_LETTER, 0);
    const bool crowded = item->crowded;

    assert_true(vg_inbox_post(inbox, item));
    return crowded;
}

static void so_many_that_no_glance_is_worth_it(void **state)
{
    struct fixture f;
    bool crowded = false;

    (void)state;
    begin(&f);
    for (int tries = 0; tries < 1000 && !crowded; tries++) {
        for (int i = 0; i < 70; i++) {
            assert_true(post(f.trickle.inbox));
        }
        (void)uv_run(&f.loop, UV_RUN_ONCE);
        crowded = is_crowded(f.trickle.inbox);
    }
    assert_true(crowded);
    for (int tries = 0; tries < 1000 && crowded; tries++) {
        (void)uv_run(&f.loop, UV_RUN_ONCE);
        crowded = is_crowded(f.trickle.inbox);
    }
    assert_false(crowded);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crowd_is_taken_together),
        cmocka_unit_test(one_behind_the_other_is_taken_at_once),
        cmocka_unit_test(a_link_before_it_makes_no_crowd),
        cmocka_unit_test(a_link_does_not_wait),
        cmocka_unit_test(what_comes_after_a_drain_is_taken),
        cmocka_unit_test(what_is_calm_lies_for_a_moment),
        cmocka_unit_test(with_what_is_not_calm_it_goes_along),
        cmocka_unit_test(many_that_are_calm_wake),
        cmocka_unit_test(what_lies_is_there_for_whoever_looks),
        cmocka_unit_test(behind_a_crowd_the_loop_rests),
        cmocka_unit_test(so_many_that_no_glance_is_worth_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
