/* SPDX-License-Identifier: Apache-2.0
 *
 * When most of what a gateway sends is refused: twenty within any five minutes, wherever they are counted from; or one
 * value for its unit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/app_inside.h"

#define HALF (5 * VG_MINUTE / 2)

struct desk {
    struct vg_app *app;
    vg_ms begin;
};

static void sends(const struct desk *d, unsigned refused, unsigned taken)
{
    static struct vg_decoded letter; /* of no ward: nobody is told */

    (void)vg_copy(letter.origin.gateway, sizeof letter.origin.gateway, "gw-1");
    for (unsigned i = 0; i < refused + taken; i++) {
        vg_app_heard(d->app, &letter, i < refused);
    }
}

static bool refusing(const struct desk *d, vg_ms at)
{
    vg_app_silent_gateways(d->app, d->begin + at);
    return vg_app_sender(d->app, "gw-1")->refusing;
}

static struct desk begin(void)
{
    struct desk d = {calloc(1, sizeof *d.app), 0};

    assert_non_null(d.app);
    sends(&d, 0, 1);
    d.begin = vg_app_sender(d.app, "gw-1")->minute_begin;
    return d;
}

static void end(const struct desk *d)
{
    free(d->app->sender);
    free(d->app);
}

/* Ten before each boundary and ten behind it. */
static void a_burst_across_a_boundary(void **state)
{
    (void)state;
    for (int halves = 1; halves <= 4; halves++) {
        const struct desk d = begin();
        for (int i = 1; i < halves; i++) {
            assert_false(refusing(&d, i * HALF));
        }
        sends(&d, 10, 0);
        assert_false(refusing(&d, halves * HALF - 1));
        assert_false(refusing(&d, halves * HALF));
        sends(&d, 9, 0);
        assert_false(refusing(&d, halves * HALF + 1));
        sends(&d, 1, 0);
        assert_true(refusing(&d, halves * HALF + 2));
        end(&d);
    }
}

/* Of twenty within five minutes none is passed over, at whatever minute they begin. */
static void a_burst_over_all_of_it(void **state)
{
    (void)state;
    for (vg_ms first = 0; first < 6 * VG_MINUTE; first += VG_SECOND) {
        const struct desk d = begin();
        for (vg_ms at = 0; at <= first + 5 * VG_MINUTE; at += VG_SECOND) {
            if (at >= first && (at - first) % (15 * VG_SECOND) == 0) {
                sends(&d, 1, 0);
            }
            assert_true(refusing(&d, at) == (at >= first + 19 * 15 * VG_SECOND));
        }
        end(&d);
    }
}

/* Twenty in seven minutes are not. */
static void a_slow_trickle(void **state)
{
    const struct desk d = begin();

    (void)state;
    for (vg_ms at = 0; at < VG_HOUR; at += VG_SECOND) {
        if (at % (21 * VG_SECOND) == 0) {
            sends(&d, 1, 0);
        }
        assert_false(refusing(&d, at));
    }
    end(&d);
}

/* It ends after five minutes in which most were taken, and not by silence. */
static void most_are_taken_again(void **state)
{
    const struct desk d = begin();

    (void)state;
    sends(&d, 20, 0);
    assert_true(refusing(&d, 1));
    assert_true(refusing(&d, 1 * HALF));
    sends(&d, 0, 5);
    assert_true(refusing(&d, 2 * HALF)); /* most of five minutes were refused */
    sends(&d, 0, 5);
    assert_false(refusing(&d, 3 * HALF));
    sends(&d, 20, 0);
    assert_true(refusing(&d, 3 * HALF + 1));
    for (int i = 4; i < 8; i++) {
        assert_true(refusing(&d, i * HALF));
    }
    end(&d);
}

/* A gateway that sends little is not well because fewer than twenty were refused. */
static void fewer_but_most_are_refused(void **state)
{
    const struct desk d = begin();

    (void)state;
    sends(&d, 20, 0);
    assert_true(refusing(&d, 1));
    for (int i = 1; i < 5; i++) {
        sends(&d, 5, 1);
        assert_true(refusing(&d, i * HALF));
    }
    sends(&d, 2, 9);
    assert_false(refusing(&d, 5 * HALF)); /* 7 and 10 */
    end(&d);
}

/* A message of gw-1 of which one item is refused for this. */
static void sends_one_bad_item(const struct desk *d, enum vg_reason reason)
{
    static struct vg_decoded letter;
    const struct vg_refusal refusal = {.reason = reason};

    (void)vg_copy(letter.origin.gateway, sizeof letter.origin.gateway, "gw-1");
    letter.refusal = &refusal;
    letter.refusal_count = 1;
    vg_app_heard(d->app, &letter, false);
}

/* One value without a unit is told of, though all beside it are taken; an hour without is its end. */
static void a_value_without_its_unit(void **state)
{
    static const enum vg_reason reasons[] = {VG_UNIT_MISSING, VG_UNIT_UNKNOWN,
                                             VG_CODE_UNKNOWN};

    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        const struct desk d = begin();
        sends_one_bad_item(&d, reasons[i]);
        const bool told = reasons[i] != VG_CODE_UNKNOWN;
        for (vg_ms at = 1; at < 63 * VG_MINUTE; at += VG_SECOND) {
            if (at % (30 * VG_SECOND) == 1) {
                sends(&d, 0, 1);
            }
            const bool refuses = refusing(&d, at);
            assert_true(refuses == told || at >= VG_HOUR);
            assert_true(!refuses || at <= 61 * VG_MINUTE + VG_SECOND);
        }
        end(&d);
    }
}

/* A laboratory whose one unit is odd, now and then among many values: people are called once, not each time. */
static void a_unit_that_is_odd_now_and_then(void **state)
{
    const struct desk d = begin();
    unsigned told = 0;
    bool before = false;

    (void)state;
    for (vg_ms at = 1; at < 5 * VG_HOUR; at += 10 * VG_SECOND) {
        sends(&d, 0, 1);
        if (at / VG_MINUTE % 7 == 0) {
            sends_one_bad_item(&d, VG_UNIT_UNKNOWN);
            vg_app_sender(d.app, "gw-1")->unit_at = d.begin + at;
        }
        const bool refuses = refusing(&d, at);
        told += refuses && !before;
        before = refuses;
    }
    assert_int_equal(told, 1);
    end(&d);
}

/* The new epoch measures at NEW, the old one that much before. */
#define NEW INT64_C(1795414320000)
static bool in_conflict(const struct desk *d, vg_ms lag)
{
    static struct vg_decoded letter;

    (void)vg_copy(letter.origin.gateway, sizeof letter.origin.gateway, "gw-1");
    for (int i = 0; i < 20; i++) {
        (void)vg_copy(letter.origin.epoch, sizeof letter.origin.epoch,
                      i % 2 == 0 ? "new" : "old");
        letter.message.measured.ms = NEW - (i % 2 == 0 ? 0 : lag);
        vg_app_heard(d->app, &letter, false);
    }
    vg_app_silent_gateways(d->app, vg_clock_boot());
    return vg_app_sender(d->app, "gw-1")->conflict;
}

/* A gateway that was restarted while vigild was away: what the broker kept of its old epoch comes between what it
 * sends now. Two senders both measure now. */
static void a_backlog_of_an_old_epoch_is_no_second_sender(void **state)
{
    struct desk d = begin();

    (void)state;
    d.app->now = (struct vg_instant){NEW};
    assert_false(in_conflict(&d, VG_BACKLOG + VG_SECOND));
    assert_string_equal(vg_app_sender(d.app, "gw-1")->epoch, "new");
    assert_true(in_conflict(&d, VG_SECOND));
    end(&d);
    d = begin(); /* its clock is behind: what it sends is no backlog all the same */
    d.app->now = (struct vg_instant){NEW + VG_HOUR};
    assert_true(in_conflict(&d, VG_SECOND));
    end(&d);
}

/* Half of them is not most of them. */
static void half_are_taken(void **state)
{
    const struct desk d = begin();

    (void)state;
    sends(&d, 40, 39);
    assert_false(refusing(&d, 1)); /* one came before */
    sends(&d, 1, 0);
    assert_true(refusing(&d, 2));
    end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_across_a_boundary),
        cmocka_unit_test(a_burst_over_all_of_it),
        cmocka_unit_test(a_slow_trickle),
        cmocka_unit_test(most_are_taken_again),
        cmocka_unit_test(fewer_but_most_are_refused),
        cmocka_unit_test(half_are_taken),
        cmocka_unit_test(a_value_without_its_unit),
        cmocka_unit_test(a_unit_that_is_odd_now_and_then),
        cmocka_unit_test(a_backlog_of_an_old_epoch_is_no_second_sender),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
