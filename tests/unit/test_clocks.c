/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks against each other: a sender's and ours, and our own three.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/cadence.h"
#include "core/offset.h"
#include "shell/clock_watch.h"

#define T0 INT64_C(1768032000000)

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % sides;
}

/* Two minutes at one message a second, on the way for up to 3 s. */
static void feed(struct vg_offset *offset, vg_ms ahead, int64_t from)
{
    uint32_t seed = 5;

    for (int64_t i = 0; i < 120; i++) {
        const int64_t measured = from + i * 1000;
        const struct vg_instant received = {measured + 20 + dice(&seed, 3000)};
        (void)vg_offset_add(offset, (struct vg_instant){measured + ahead}, received);
    }
}

static void test_the_least_delay_is_the_offset(void **state)
{
    static const vg_ms ahead[] = {0, 45000, -45000, -86400000, 400 * VG_DAY};

    (void)state;
    for (size_t i = 0; i < sizeof ahead / sizeof ahead[0]; i++) {
        struct vg_offset offset = {0};
        feed(&offset, ahead[i], T0);
        assert_true(offset.known);
        assert_in_range(offset.value - ahead[i] + 2000, 0, 2000);
    }
}

static void test_a_backlog_is_no_offset(void **state)
{
    struct vg_offset offset = {0};
    int64_t received = T0;

    (void)state;
    for (int64_t i = 0; i < 43200; i++) { /* 12 h in 2 min */
        received = T0 + i * 120000 / 43200;
        assert_false(vg_offset_add(&offset,
                                   (struct vg_instant){T0 - VG_DAY / 2 + i * 1000},
                                   (struct vg_instant){received}));
    }
    assert_false(offset.known);
    feed(&offset, 40000, received + 1000);
    assert_true(offset.known);
    assert_in_range(offset.value, 38000, 40000);
}

static void test_rare_messages_are_enough(void **state)
{
    struct vg_offset offset = {0};

    (void)state;
    for (int64_t i = 0; i < 8; i++) {
        const int64_t t = T0 + i * 15 * VG_MINUTE;
        (void)vg_offset_add(&offset, (struct vg_instant){t - 33000},
                            (struct vg_instant){t + 100});
    }
    assert_true(offset.known);
    assert_int_equal(offset.value, -33100);
}

static void test_what_most_agree_on(void **state)
{
    vg_ms two[] = {45000, 45100};
    vg_ms three[] = {45000, 46000, 44500};
    vg_ms one_off[] = {100, -60000, 300};
    vg_ms none[] = {0, 10000, 20000, 30000};
    vg_ms common = 0;

    (void)state;
    assert_false(vg_offsets_agree(two, 2, &common));
    assert_true(vg_offsets_agree(three, 3, &common));
    assert_int_equal(common, 45000);
    assert_true(vg_offsets_agree(one_off, 3, &common));
    assert_int_equal(common, 100);
    assert_false(vg_offsets_agree(none, 4, &common));
}

static void test_steps_and_sleep(void **state)
{
    static const struct {
        vg_ms wall, boot, awake, step, slept;
    } rows[] = {
        {1000, 1000, 1000, 0, 0},             /* a second goes by */
        {3000, 1000, 1000, 0, 0},             /* 2 s: followed in silence */
        {3001 + 1000, 1000, 1000, 3001, 0},   /* set forward */
        {-59000, 1000, 1000, -60000, 0},      /* set back */
        {600000, 600000, 1000, 0, 599000},    /* ten minutes asleep */
        {660000, 600000, 1000, 60000, 599000} /* and then set */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_clock_watch watch = {0};
        struct vg_clock_change c =
            vg_clock_watch(&watch, (struct vg_instant){T0}, 77, 55);
        assert_int_equal(c.step, 0);
        c = vg_clock_watch(&watch, (struct vg_instant){T0 + rows[i].wall},
                           77 + rows[i].boot, 55 + rows[i].awake);
        assert_int_equal(c.step, rows[i].step);
        assert_int_equal(c.slept, rows[i].slept);
    }
}

static void test_how_often_one_sends(void **state)
{
    struct vg_cadence all_the_time = {0};
    struct vg_cadence hourly = {0};
    vg_ms now = 1000;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(vg_cadence_patience(&all_the_time), i < 5 ? 0 : 5 * VG_MINUTE);
        vg_cadence_note(&all_the_time, now += 1000);
    }
    vg_cadence_note(&all_the_time,
                    now += VG_HOUR); /* it was silent, and is as before */
    assert_int_equal(vg_cadence_patience(&all_the_time), 5 * VG_MINUTE);
    for (unsigned i = 0; i < 20; i++) {
        vg_cadence_note(&hourly, now += VG_HOUR);
    }
    assert_int_equal(vg_cadence_patience(&hourly), 2 * VG_HOUR);
    for (unsigned i = 0; i < VG_CADENCE_PAUSES; i++) {
        vg_cadence_note(&hourly, now += VG_MINUTE); /* it sends more often now */
    }
    assert_int_equal(vg_cadence_patience(&hourly), 5 * VG_MINUTE);
    vg_cadence_note(&hourly, now -= VG_HOUR); /* our clock was set back: no pause */
    assert_int_equal(vg_cadence_patience(&hourly), 5 * VG_MINUTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_least_delay_is_the_offset),
        cmocka_unit_test(test_a_backlog_is_no_offset),
        cmocka_unit_test(test_rare_messages_are_enough),
        cmocka_unit_test(test_what_most_agree_on),
        cmocka_unit_test(test_steps_and_sleep),
        cmocka_unit_test(test_how_often_one_sends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
