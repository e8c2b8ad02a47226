/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory ends anywhere while streams leave the last 15 min (core/condense.c): nothing is lost. Done
 * once more, the course has what one has that never ran short; of what became a stretch, a part may
 * be counted twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/course_help.h"
#include "lib/fail.h"

/* ---- Everything a course keeps of streams beyond the windows */

static void same_tail(const struct vg_tail *a, const struct vg_tail *b)
{
    const struct vg_tail none = {0};
    const struct vg_tail *of[] = {a != NULL ? a : &none, b != NULL ? b : &none};
    struct vg_tail_place place[2];
    struct vg_sample sample[2];
    bool more[2];

    for (unsigned k = 0; k < 2; k++) {
        place[k] = vg_tail_after(of[k], VG_UNSET);
    }
    do {
        for (unsigned k = 0; k < 2; k++) {
            more[k] = vg_tail_next(of[k], &place[k], &sample[k]);
        }
        assert_int_equal(more[0], more[1]);
        if (more[0]) {
            assert_int_equal(sample[0].measured.ms, sample[1].measured.ms);
            assert_int_equal(sample[0].value, sample[1].value);
        }
    } while (more[0]);
}

/* Of stretches what joining them keeps. */
struct kept {
    int64_t low, high;
    unsigned count;
};

static struct kept kept_of(const struct vg_try *t, unsigned signal)
{
    struct kept kept = {INT64_MAX, INT64_MIN, 0};

    for (size_t i = 0; i < t->course->log.stretch_count; i++) {
        const struct vg_item item = vg_stretch_item(&t->course->log.stretch[i]);
        if (item.signal == signal) {
            kept.low = item.low < kept.low ? item.low : kept.low;
            kept.high = item.high > kept.high ? item.high : kept.high;
            kept.count += item.count;
        }
    }
    return kept;
}

static bool has_tails(const struct vg_try *t)
{
    bool found = false;

    for (unsigned s = 0; s < VG_STREAMS; s++) {
        found = found || t->course->tail[s] != NULL;
    }
    return found;
}

/* Where there is no room for tails, what went from the windows into stretches before memory
 * ran out is counted again. */
static void same(const struct vg_try *a, const struct vg_try *b)
{
    const bool tails = has_tails(a);

    for (unsigned s = 0; s < VG_STREAMS; s++) {
        const struct kept left = kept_of(a, s);
        const struct kept right = kept_of(b, s);
        assert_int_equal(left.low, right.low);
        assert_int_equal(left.high, right.high);
        assert_true(tails ? left.count == right.count : left.count <= right.count);
        same_tail(a->course->tail[s], b->course->tail[s]);
    }
    assert_int_equal(a->course->condensed.ms, b->course->condensed.ms);
}

/* ---- The feeds */

static const enum vg_signal signals[] = {VG_HR,   VG_RR,  VG_SPO2,
                                         VG_TEMP, VG_SBP, VG_MAP};
#define SIGNALS (sizeof signals / sizeof *signals)

struct feed {
    int64_t minutes, step; /* how long until now; s between samples */
    int64_t more;          /* minutes until memory ends, with readings and */
    int64_t silent;        /* without */
};

/* All over the place, so that few stretches are joined. */
static int64_t value_at(int64_t n, size_t k)
{
    return 30 + (n * 37 + (int64_t)k * 7) % 90;
}

static void read_all(struct vg_try *t, int64_t from, int64_t to, int64_t step)
{
    for (int64_t s = from; s < to; s += step) {
        for (size_t k = 0; k < SIGNALS; k++) {
            const bool line = signals[k] == VG_SBP || signals[k] == VG_MAP;
            try_obs(t, s, signals[k], value_at(s / step, k),
                    line ? VG_SOURCE_ARTERIAL : VG_SOURCE_CONTINUOUS, VG_METHOD_NONE);
        }
    }
}

/* Up to where memory ends; what comes then is in the windows alone. */
static struct vg_try *until_now(const struct feed *feed)
{
    struct vg_try *t = try_begin();
    const int64_t end = (feed->minutes + feed->more) * 60;

    read_all(t, 0, feed->minutes * 60, feed->step);
    for (int64_t s = feed->minutes * 60; s < end; s += feed->step) {
        for (size_t k = 0; k < SIGNALS; k++) {
            const struct vg_sample sample = {.measured = try_instant(s),
                                             .value = value_at(s / feed->step, k),
                                             .source = VG_SOURCE_CONTINUOUS};
            assert_true(vg_window_reserve(t->window[signals[k]], 1));
            (void)vg_window_put(t->window[signals[k]], &sample);
        }
    }
    t->course->log.stretch_capacity =
        t->course->log.stretch_count; /* no room to spare */
    return t;
}

static bool condense(struct vg_try *t, const struct feed *feed, int64_t later)
{
    return vg_course_condense(
        t->course, t->window,
        try_instant((feed->minutes + feed->more + feed->silent + later) * 60));
}

static size_t sweep(const struct feed *feed, enum fail_how how)
{
    struct vg_try *whole = until_now(feed);
    size_t points = 0;
    bool met = true;

    assert_true(condense(whole, feed, 0));
    assert_true(condense(whole, feed, 1)); /* room is made once a minute */
    for (size_t n = 1; met; n++) {
        struct vg_try *t = until_now(feed);
        fail_arm(FAIL_MEMORY, n, how);
        const bool taken = condense(t, feed, 0);
        met = fail_disarm() > 0;
        points += met;
        if (!taken) {
            assert_true(met);
            assert_true(condense(t, feed, 0));
        }
        assert_true(condense(t, feed, 1));
        same(whole, t);
        try_end(t);
    }
    try_end(whole);
    return points;
}

static void nothing_is_lost(void **state)
{
    static const struct feed feeds[] = {
        {14, 20, 15, 0},        /* first tails */
        {40, 1, 16, 0},         /* further blocks, by the second */
        {14 * 60, 60, 16, 360}, /* old blocks become stretches */
        {60, 2, 16, 0},         /* more than there is room for */
        {30, 1, 16, 0},         /* windows so full that there is room for no tail */
    };

    (void)state;
    for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++) {
        for (size_t w = 0; w < sizeof fail_ways / sizeof fail_ways[0]; w++) {
            assert_true(sweep(&feeds[i], fail_ways[w]) > 0);
        }
    }
}

/* ---- What comes again of what is in a tail */

static void a_sample_comes_again(void **state)
{
    const struct feed feed = {60, 60, 16, 0};
    struct vg_try *t = until_now(&feed);
    struct vg_item item = {.at = try_instant(600),
                           .to = try_instant(600),
                           .low = value_at(10, 0),
                           .high = value_at(10, 0),
                           .a = VG_NO_VALUE,
                           .b = VG_NO_VALUE,
                           .count = 1,
                           .signal = VG_HR,
                           .source = VG_SOURCE_CONTINUOUS};

    (void)state;
    assert_true(condense(t, &feed, 0));
    (void)try_at(t, feed.minutes * 60);
    assert_int_equal(vg_course_put(t->course, &item), VG_REPEATED_READING);
    assert_true(vg_is_never(t->course->dirty));
    item.low = item.high = 200;
    assert_int_not_equal(vg_course_put(t->course, &item), VG_REPEATED_READING);
    assert_int_equal(t->course->dirty.ms, item.at.ms);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(a_sample_comes_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
