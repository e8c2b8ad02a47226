/* SPDX-License-Identifier: Apache-2.0
 *
 * The bad wire of the simulated ward: it loses, doubles, holds up and swaps exactly what it counts, and
 * nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The tool is no archive: its pure files are compiled in. */
#include "cli/sim_chance.c"
#include "cli/sim_wire.c"

#define SENT 2000

struct end {
    unsigned seen[SENT];
    unsigned order[2 * SENT]; /* in which they arrived */
    size_t count;
    vg_ms now, latest[SENT];
    enum vg_status says;
};

static enum vg_status take(void *to, vg_ms now, const struct vg_letter *letter)
{
    struct end *end = to;
    unsigned number;
    if (end->says != VG_OK) {
        return end->says;
    }
    assert_string_equal(letter->topic, "a/topic");
    assert_int_equal(letter->payload_length, sizeof number);
    memcpy(&number, letter->payload, sizeof number);
    assert_true(now >= end->now); /* never back in time */
    end->now = now;
    end->latest[number] = now;
    end->seen[number]++;
    end->order[end->count++] = number;
    return VG_OK;
}

/* SENT messages, one each 10 ms, over a wire with these faults. */
static struct vg_sim_wire_counts play(const struct vg_sim_faults *faults,
                                      struct end *end)
{
    struct vg_sim_wire *wire =
        vg_sim_wire_create(faults, vg_sim_chance_of(7, 1), take, end);
    memset(end, 0, sizeof *end);
    assert_non_null(wire);
    for (unsigned i = 0; i < SENT; i++) {
        struct vg_letter letter = {.topic = "a/topic",
                                   .topic_length = 7,
                                   .payload = &i,
                                   .payload_length = sizeof i};
        assert_int_equal(vg_sim_wire_send(wire, (vg_ms)i * 10, &letter), VG_OK);
    }
    while (vg_sim_wire_due(wire) != INT64_MAX) {
        vg_sim_wire_run(wire, vg_sim_wire_due(wire));
    }
    struct vg_sim_wire_counts counts = vg_sim_wire_counts(wire);
    vg_sim_wire_destroy(wire);
    return counts;
}

static struct end end;

static void test_without_faults_it_is_a_call(void **state)
{
    (void)state;
    struct vg_sim_faults faults = {0};
    struct vg_sim_wire_counts counts = play(&faults, &end);
    for (unsigned i = 0; i < SENT; i++) {
        assert_int_equal(end.order[i], i);
        assert_int_equal(end.latest[i], i * 10);
    }
    assert_int_equal(end.count, SENT);
    assert_int_equal(
        counts.dropped + counts.duplicated + counts.reordered + counts.delayed, 0);
}

static void test_what_is_lost_and_doubled_is_counted(void **state)
{
    (void)state;
    struct vg_sim_faults faults = {.drop = 0.1, .duplicate = 0.2};
    struct vg_sim_wire_counts counts = play(&faults, &end);
    unsigned lost = 0;
    unsigned twice = 0;
    for (unsigned i = 0; i < SENT; i++) {
        lost += end.seen[i] == 0;
        twice += end.seen[i] == 2;
        assert_true(end.seen[i] <= 2);
    }
    assert_int_equal(lost, counts.dropped);
    assert_int_equal(twice, counts.duplicated);
    assert_in_range(lost, SENT / 10 - 60, SENT / 10 + 60);
    assert_in_range(twice, 360 - 80, 360 + 80); /* of what was not lost */
}

static void test_what_is_lost_for_a_while_comes_once(void **state)
{
    (void)state;
    struct vg_sim_faults faults = {.drop = 0.3, .again = 5000};
    struct vg_sim_wire_counts counts = play(&faults, &end);
    unsigned late = 0;
    for (unsigned i = 0; i < SENT; i++) {
        assert_int_equal(end.seen[i], 1);
        late += end.latest[i] == i * 10 + 5000;
    }
    assert_int_equal(late, counts.dropped);
    assert_true(late > 0);
}

static void test_delays_keep_the_order(void **state)
{
    (void)state;
    struct vg_sim_faults faults = {.delay = 300};
    struct vg_sim_wire_counts counts = play(&faults, &end);
    for (unsigned i = 0; i < SENT; i++) {
        assert_int_equal(end.order[i], i);
        assert_in_range(end.latest[i] - i * 10, 0, 300);
    }
    assert_true(counts.delayed > SENT / 2);
}

static void test_swapping_lets_others_pass(void **state)
{
    (void)state;
    struct vg_sim_faults faults = {.reorder = 0.1};
    struct vg_sim_wire_counts counts = play(&faults, &end);
    unsigned late = 0;
    for (unsigned i = 0; i < SENT; i++) {
        assert_int_equal(end.seen[i], 1);
        assert_in_range(end.latest[i] - i * 10, 0, OVERTAKEN_FOR + 1);
        late += end.latest[i] > i * 10;
    }
    assert_int_equal(late, counts.reordered);
    assert_true(late > 0 && counts.delayed == 0);
}

static void test_a_far_end_that_is_full_gets_it_later(void **state)
{
    (void)state;
    struct vg_sim_faults faults = {.delay = 100};
    struct vg_sim_wire *wire =
        vg_sim_wire_create(&faults, vg_sim_chance_of(3, 1), take, &end);
    unsigned zero = 0;
    struct vg_letter letter = {.topic = "a/topic",
                               .topic_length = 7,
                               .payload = &zero,
                               .payload_length = sizeof zero};
    memset(&end, 0, sizeof end);
    assert_non_null(wire);
    assert_int_equal(vg_sim_wire_send(wire, 0, &letter), VG_OK);
    end.says = VG_FULL;
    vg_sim_wire_run(wire, 1000);
    assert_int_equal(wire->count, 1);
    end.says = VG_OK;
    vg_sim_wire_run(wire, 1000);
    assert_int_equal(end.seen[0], 1);
    assert_int_equal(vg_sim_wire_send(wire, 2000, &letter), VG_OK);
    vg_sim_wire_clear(wire);
    assert_int_equal(vg_sim_wire_due(wire), INT64_MAX);
    vg_sim_wire_destroy(wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_faults_it_is_a_call),
        cmocka_unit_test(test_what_is_lost_and_doubled_is_counted),
        cmocka_unit_test(test_what_is_lost_for_a_while_comes_once),
        cmocka_unit_test(test_delays_keep_the_order),
        cmocka_unit_test(test_swapping_lets_others_pass),
        cmocka_unit_test(test_a_far_end_that_is_full_gets_it_later)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
