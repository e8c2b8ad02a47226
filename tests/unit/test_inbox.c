/* SPDX-License-Identifier: Apache-2.0
 *
 * The inbox: nothing is lost, each producer's order is kept, a full inbox refuses and
 * counts. Run it under the thread sanitizer too.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/turn.h"
#include "shell/inbox.h"
#include "shell/users.h"

#define PRODUCERS 4
#define POSTS     50000

struct receiver {
    struct vg_inbox *inbox;
    uint64_t next[PRODUCERS];
    uint64_t letters, links;
    bool done, disordered, damaged;
};

static const char *const topics[PRODUCERS] = {"a", "bb", "ccc", "dddd"};

static struct vg_letter letter_of(const char *topic, const char *payload)
{
    return (struct vg_letter){topic, strlen(topic), payload, strlen(payload), false};
}

static void take(void *to, const struct vg_item *list)
{
    struct receiver *receiver = to;
    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        if (item->kind == VG_ITEM_LINK) {
            receiver->links++;
            continue;
        }
        size_t producer = item->letter.topic_length - 1;
        receiver->disordered |= item->ordinal != receiver->next[producer]++;
        receiver->damaged |= memcmp(item->letter.payload, "payload", 8) != 0;
        receiver->damaged |= strcmp(item->letter.topic, topics[producer]) != 0;
        receiver->letters++;
    }
    receiver->done = receiver->letters == PRODUCERS * POSTS;
}

struct producer {
    struct vg_inbox *inbox;
    const char *topic;
    uv_thread_t thread;
};

/* A refused post is tried again, so that all arrive. */
static void produce(void *to)
{
    struct producer *producer = to;
    struct vg_letter letter = letter_of(producer->topic, "payload");
    for (uint64_t i = 0; i < POSTS;) {
        struct vg_item *item = vg_inbox_letter(producer->inbox, &letter);
        if (item != NULL) {
            item->ordinal = i;
            i += vg_inbox_post(producer->inbox, item) ? 1 : 0;
        } else {
            sched_yield();
        }
    }
}

static void four_producers_lose_nothing(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct receiver receiver = {0};
    struct producer producers[PRODUCERS];
    uv_loop_init(&loop);
    assert_int_equal(
        vg_inbox_create(&loop, 1000, 1 << 20, take, &receiver, &receiver.inbox), VG_OK);
    for (size_t i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){receiver.inbox, topics[i], 0};
        uv_thread_create(&producers[i].thread, produce, &producers[i]);
    }
    turn_until(&loop, &receiver.done);
    for (size_t i = 0; i < PRODUCERS; i++) {
        uv_thread_join(&producers[i].thread);
        assert_int_equal(receiver.next[i], POSTS);
    }
    assert_false(receiver.disordered);
    assert_false(receiver.damaged);
    vg_inbox_shut(receiver.inbox);
    turn_out(&loop);
    vg_inbox_destroy(receiver.inbox);
}

static bool post(struct vg_inbox *inbox, const char *payload)
{
    struct vg_letter letter = letter_of("t", payload);
    struct vg_item *item = vg_inbox_letter(inbox, &letter);
    return item != NULL && vg_inbox_post(inbox, item);
}

static void a_full_inbox_refuses_letters_but_not_links(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct receiver receiver = {0};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 2, 1000, take, &receiver, &receiver.inbox);
    assert_true(post(receiver.inbox, "payload"));
    assert_true(post(receiver.inbox, "payload"));
    assert_false(post(receiver.inbox, "payload"));
    assert_int_equal(vg_inbox_refused(receiver.inbox), 1);
    struct vg_item *link = vg_inbox_item(receiver.inbox, VG_ITEM_LINK, 0);
    assert_true(vg_inbox_post(receiver.inbox, link));
    vg_inbox_drain(receiver.inbox);
    assert_int_equal(receiver.letters, 2);
    assert_int_equal(receiver.links, 1);
    assert_true(post(receiver.inbox, "payload"));
    vg_inbox_shut(receiver.inbox);
    assert_int_equal(receiver.letters, 3);
    assert_false(post(receiver.inbox, "payload"));
    turn_out(&loop);
    vg_inbox_destroy(receiver.inbox);
}

static void many_bytes_fill_it_too(void **state)
{
    (void)state;
    char big[400];
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    uv_loop_t loop;
    struct receiver receiver = {0};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 100, 1000, take, &receiver, &receiver.inbox);
    assert_true(post(receiver.inbox, big));
    assert_true(post(receiver.inbox, big));
    assert_false(post(receiver.inbox, big));
    vg_inbox_shut(receiver.inbox);
    turn_out(&loop);
    vg_inbox_destroy(receiver.inbox);
}

/* ---- The lane behind */

struct lanes {
    struct vg_inbox *inbox;
    char order[64];
    size_t count, lists;
    uint64_t waiting[64]; /* the oldest behind, as each list comes */
    bool done;
};

static struct vg_item *item_of(struct vg_inbox *inbox, uint64_t ordinal, bool behind)
{
    struct vg_letter letter = letter_of("t", behind ? "b" : "l");
    struct vg_item *item = vg_inbox_letter(inbox, &letter);
    item->ordinal = ordinal;
    item->behind = behind;
    return item;
}

static void note_lanes(void *to, const struct vg_item *list)
{
    struct lanes *lanes = to;
    lanes->waiting[lanes->lists++] = vg_inbox_behind(lanes->inbox);
    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        assert_true(item->behind == list->behind); /* never both in one list */
        lanes->order[lanes->count++] = *(const char *)item->letter.payload;
    }
    if (lanes->lists == 2) { /* a live one overtakes what is left of the backlog */
        assert_true(vg_inbox_post(lanes->inbox, item_of(lanes->inbox, 100, false)));
    }
    lanes->done = lanes->count == 43;
}

static void a_backlog_goes_behind_and_in_portions(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct lanes lanes = {0};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 100, 100000, note_lanes, &lanes, &lanes.inbox);
    for (uint64_t i = 1; i <= 40; i++) {
        assert_true(vg_inbox_post(lanes.inbox, item_of(lanes.inbox, i, true)));
    }
    assert_true(vg_inbox_post(lanes.inbox, item_of(lanes.inbox, 41, false)));
    assert_true(vg_inbox_post(lanes.inbox, item_of(lanes.inbox, 42, false)));
    assert_int_equal(vg_inbox_behind(lanes.inbox), 1);
    turn_until(&loop, &lanes.done);
    /* two live, a portion of 32, the live one that came meanwhile, the rest */
    assert_int_equal(lanes.lists, 4);
    assert_memory_equal(lanes.order, "ll", 2);
    assert_int_equal(lanes.order[34], 'l');
    assert_int_equal(lanes.order[42], 'b');
    assert_int_equal(lanes.waiting[0], 1);
    assert_int_equal(lanes.waiting[1], 33);
    assert_int_equal(lanes.waiting[3], 0);
    vg_inbox_shut(lanes.inbox);
    turn_out(&loop);
    vg_inbox_destroy(lanes.inbox);
}

static void note_plainly(void *to, const struct vg_item *list)
{
    struct lanes *lanes = to;
    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        lanes->order[lanes->count++] = *(const char *)item->letter.payload;
    }
    lanes->done = lanes->count == 1 || lanes->count == 5;
}

/* While the store is behind, a backlog waits and what is live does not; then it is woken. */
static void a_held_backlog_waits_and_is_woken(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct lanes lanes = {0};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 100, 100000, note_plainly, &lanes, &lanes.inbox);
    vg_inbox_hold(lanes.inbox, true);
    for (uint64_t i = 1; i <= 4; i++) {
        assert_true(vg_inbox_post(lanes.inbox, item_of(lanes.inbox, i, true)));
    }
    assert_true(vg_inbox_post(lanes.inbox, item_of(lanes.inbox, 5, false)));
    turn_until(&loop, &lanes.done);
    for (int i = 0; i < 10; i++) {
        (void)uv_run(&loop, UV_RUN_NOWAIT);
    }
    assert_int_equal(lanes.count, 1);
    assert_int_equal(lanes.order[0], 'l');
    assert_int_equal(vg_inbox_behind(lanes.inbox), 1);
    lanes.done = false;
    vg_inbox_hold(lanes.inbox, false);
    turn_until(&loop, &lanes.done);
    assert_int_equal(vg_inbox_behind(lanes.inbox), 0);
    vg_inbox_shut(lanes.inbox);
    turn_out(&loop);
    vg_inbox_destroy(lanes.inbox);
}

static void admit_meanwhile(void *to, const struct vg_item *list)
{
    struct lanes *lanes = to;
    if (lanes->lists++ == 0) {
        assert_true(vg_inbox_post(lanes->inbox, item_of(lanes->inbox, 2, false)));
        assert_true(vg_inbox_post(lanes->inbox, item_of(lanes->inbox, 3, true)));
    }
    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        lanes->order[lanes->count++] = *(const char *)item->letter.payload;
    }
    lanes->done = lanes->count == 3;
}

/* An admission, then the patient's backlog, while the loop is busy with another letter. */
static void a_backlog_overtakes_nothing_that_was_sent_before_it(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct lanes lanes = {0};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 100, 100000, admit_meanwhile, &lanes, &lanes.inbox);
    assert_true(vg_inbox_post(lanes.inbox, item_of(lanes.inbox, 1, false)));
    turn_until(&loop, &lanes.done);
    assert_memory_equal(lanes.order, "llb", 3);
    vg_inbox_shut(lanes.inbox);
    turn_out(&loop);
    vg_inbox_destroy(lanes.inbox);
}

static void a_backlog_leaves_room_for_what_is_live(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct receiver receiver = {0};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 4, 1000, take, &receiver, &receiver.inbox);
    for (int i = 0; i < 2; i++) {
        assert_true(vg_inbox_post(receiver.inbox, item_of(receiver.inbox, 1, true)));
    }
    assert_false(vg_inbox_post(receiver.inbox, item_of(receiver.inbox, 1, true)));
    for (int i = 0; i < 4; i++) {
        assert_true(vg_inbox_post(receiver.inbox, item_of(receiver.inbox, 1, false)));
    }
    vg_inbox_shut(receiver.inbox);
    assert_int_equal(receiver.letters, 6);
    turn_out(&loop);
    vg_inbox_destroy(receiver.inbox);
}

static void keep_lengths(void *to, const struct vg_item *list)
{
    size_t *lengths = to;
    lengths[0] = list->letter.payload_length;
    lengths[1] = list->whole_length;
    lengths[2] = list->letter.topic_length;
}

static void a_huge_payload_is_cut_and_says_so(void **state)
{
    (void)state;
    uv_loop_t loop;
    size_t lengths[3] = {0};
    struct vg_inbox *inbox;
    char *huge = calloc(1, VG_LETTER_BYTES + 1000);
    struct vg_letter letter = {"a\0b", 3, huge, VG_LETTER_BYTES + 1000, true};
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 10, 1 << 20, keep_lengths, lengths, &inbox);
    struct vg_item *item = vg_inbox_letter(inbox, &letter);
    assert_true(item->retained);
    assert_true(vg_inbox_post(inbox, item));
    vg_inbox_shut(inbox);
    assert_int_equal(lengths[0], VG_LETTER_BYTES);
    assert_int_equal(lengths[1], VG_LETTER_BYTES + 1000);
    assert_int_equal(lengths[2], 3);
    turn_out(&loop);
    vg_inbox_destroy(inbox);
    free(huge);
}

/* Of every length, so at every place where they may come to lie; the longest one is cut. */
static void who_entered_goes_with_it(void **state)
{
    const struct vg_user li = {
        .name = "li", .right = VG_RIGHT_NURSE, .hash = "$argon2id$secret"};
    static char payload[VG_LETTER_BYTES + 10];
    uv_loop_t loop;
    struct receiver receiver = {0};
    struct vg_inbox *inbox;

    (void)state;
    memset(payload, 'p', sizeof payload);
    uv_loop_init(&loop);
    vg_inbox_create(&loop, 100, 64 << 20, take, &receiver, &inbox);
    for (size_t i = 0; i < 17; i++) {
        const size_t length = i < 16 ? 1500 + i : sizeof payload;
        const struct vg_letter letter = {"t", 1, payload, length, false};
        struct vg_item *item = vg_inbox_entry(inbox, &letter, &li);
        assert_int_equal((uintptr_t)item->who % alignof(struct vg_user), 0);
        assert_string_equal(item->who->name, "li");
        assert_string_equal(item->who->hash, ""); /* that stays where it was */
        assert_true((const char *)item->who >
                    (const char *)item->letter.payload + item->letter.payload_length);
        assert_true((const char *)(item->who + 1) <= item->bytes + item->capacity);
        assert_memory_equal(item->letter.payload, payload, item->letter.payload_length);
        assert_true(vg_inbox_post(inbox, item));
        item = vg_inbox_entry(inbox, &letter, NULL);
        assert_null(item->who);
        assert_true(vg_inbox_post(inbox, item));
    }
    vg_inbox_shut(inbox);
    assert_null(vg_inbox_entry(inbox, &(struct vg_letter){"t", 1, "p", 1, false}, &li));
    turn_out(&loop);
    vg_inbox_destroy(inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_producers_lose_nothing),
        cmocka_unit_test(a_full_inbox_refuses_letters_but_not_links),
        cmocka_unit_test(many_bytes_fill_it_too),
        cmocka_unit_test(a_backlog_goes_behind_and_in_portions),
        cmocka_unit_test(a_held_backlog_waits_and_is_woken),
        cmocka_unit_test(a_backlog_overtakes_nothing_that_was_sent_before_it),
        cmocka_unit_test(a_backlog_leaves_room_for_what_is_live),
        cmocka_unit_test(a_huge_payload_is_cut_and_says_so),
        cmocka_unit_test(who_entered_goes_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
