/* SPDX-License-Identifier: Apache-2.0
 *
 * Heartbeats: which count, and when silence is a loss.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/pulse.h"

static const struct vg_pulse_limits limits = {15000, 60000};

static struct vg_beat beat(const char *epoch, int64_t counter, int64_t ts)
{
    struct vg_beat b = {.ts = ts < 0 ? VG_UNSET : (struct vg_instant){ts},
                        .counter = counter,
                        .audit_count = -1};
    assert_true(vg_copy(b.epoch, sizeof b.epoch, epoch));
    return b;
}

static enum vg_beat_verdict take(struct vg_pulse *p, const char *epoch, int64_t counter,
                                 int64_t ts, vg_ms now)
{
    const struct vg_beat b = beat(epoch, counter, ts);
    return vg_pulse_take(p, &b, now);
}

static void test_silence_is_told_once_and_again(void **state)
{
    struct vg_pulse p;

    (void)state;
    vg_pulse_begin(&p, 1000);
    vg_pulse_link(&p, true, 1000);
    assert_int_equal(vg_pulse_judge(&p, &limits, 15999), VG_PULSE_NOTHING);
    assert_int_equal(vg_pulse_judge(&p, &limits, 16000), VG_PULSE_LOST);
    assert_int_equal(vg_pulse_judge(&p, &limits, 16001), VG_PULSE_NOTHING);
    assert_int_equal(vg_pulse_judge(&p, &limits, 76000), VG_PULSE_AGAIN);
    assert_int_equal(vg_pulse_judge(&p, &limits, 76001), VG_PULSE_NOTHING);
    assert_int_equal(take(&p, "a1", 1, 1, 80000), VG_BEAT_ALIVE);
    assert_int_equal(vg_pulse_judge(&p, &limits, 80001), VG_PULSE_BACK);
    assert_int_equal(vg_pulse_judge(&p, &limits, 80002), VG_PULSE_NOTHING);
    assert_int_equal(vg_pulse_judge(&p, &limits, 95000), VG_PULSE_LOST);
}

static void test_what_has_not_moved_does_not_count(void **state)
{
    static const struct {
        int64_t counter, ts;
        enum vg_beat_verdict verdict;
    } rows[] = {
        {7, 1000, VG_BEAT_ALIVE},
        {7, 1000, VG_BEAT_STUCK}, /* the very same */
        {8, 1000, VG_BEAT_STUCK}, /* the clock stands */
        {7, 2000, VG_BEAT_STUCK}, /* the counter stands */
        {6, 2000, VG_BEAT_STUCK}, /* out of the past */
        {8, 900, VG_BEAT_ALIVE},  /* the clock was set back */
        {-1, 3000, VG_BEAT_ALIVE},
        {-1, 3000, VG_BEAT_STUCK},
        {9, -1, VG_BEAT_ALIVE},
        {9, -1, VG_BEAT_STUCK},
        {-1, -1, VG_BEAT_ALIVE},
        {-1, -1, VG_BEAT_ALIVE}, /* says nothing to judge by */
    };
    struct vg_pulse p;

    (void)state;
    vg_pulse_begin(&p, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(take(&p, "a1", rows[i].counter, rows[i].ts, (vg_ms)i + 1),
                         rows[i].verdict);
        assert_int_equal(p.heard_at == (vg_ms)i + 1, rows[i].verdict == VG_BEAT_ALIVE);
    }
}

static void test_an_earlier_run_must_convince(void **state)
{
    struct vg_pulse p;

    (void)state;
    vg_pulse_begin(&p, 0);
    assert_int_equal(take(&p, "19a", 5, 1, 10), VG_BEAT_ALIVE);
    assert_int_equal(take(&p, "9ff", 1, 2, 20), VG_BEAT_ALIVE); /* later: began anew */
    assert_int_equal(take(&p, "19a", 6, 3, 30), VG_BEAT_OLD_EPOCH);
    assert_int_equal(take(&p, "19a", 7, 4, 40), VG_BEAT_OLD_EPOCH);
    assert_int_equal(take(&p, "9ff", 2, 5, 50),
                     VG_BEAT_ALIVE); /* the later one lives */
    assert_int_equal(take(&p, "19a", 8, 6, 60), VG_BEAT_OLD_EPOCH);
    assert_int_equal(take(&p, "19a", 8, 6, 65), VG_BEAT_STUCK);
    assert_int_equal(take(&p, "19a", 9, 7, 70), VG_BEAT_OLD_EPOCH);
    assert_int_equal(p.heard_at, 50);
    assert_int_equal(take(&p, "19a", 10, 8, 80), VG_BEAT_ALIVE);
    assert_int_equal(p.heard_at, 80);
}

static void test_a_new_connection_gives_time_but_not_for_ever(void **state)
{
    struct vg_pulse p;

    (void)state;
    vg_pulse_begin(&p, 0);
    vg_pulse_link(&p, true, 0);
    vg_pulse_link(&p, false, 5000);
    vg_pulse_link(&p, true, 14000);
    assert_int_equal(vg_pulse_judge(&p, &limits, 28999), VG_PULSE_NOTHING);
    assert_int_equal(vg_pulse_judge(&p, &limits, 29000), VG_PULSE_LOST);

    vg_pulse_begin(&p, 0);
    for (vg_ms now = 0; now < 60000; now += 10000) { /* comes and goes */
        vg_pulse_link(&p, true, now);
        assert_int_equal(vg_pulse_judge(&p, &limits, now), VG_PULSE_NOTHING);
    }
    assert_int_equal(vg_pulse_judge(&p, &limits, 60000), VG_PULSE_LOST);

    vg_pulse_begin(&p, 0); /* without a connection there is nothing to wait for */
    assert_int_equal(vg_pulse_judge(&p, &limits, 15000), VG_PULSE_LOST);
}

static void test_our_own_standing_still_is_no_silence(void **state)
{
    struct vg_pulse p;

    (void)state;
    vg_pulse_begin(&p, 0);
    vg_pulse_deaf(&p, 100000);
    assert_int_equal(vg_pulse_judge(&p, &limits, 100100), VG_PULSE_NOTHING);
    assert_int_equal(vg_pulse_judge(&p, &limits, 115000), VG_PULSE_LOST);
}

static void test_adopted_is_said_again_after_a_while(void **state)
{
    struct vg_pulse p;

    (void)state;
    vg_pulse_begin(&p, 0);
    vg_pulse_adopt(&p, &limits, 100);
    assert_int_equal(vg_pulse_judge(&p, &limits, 15000), VG_PULSE_NOTHING);
    assert_int_equal(vg_pulse_judge(&p, &limits, 15100), VG_PULSE_AGAIN);
    assert_int_equal(take(&p, "a", 1, 1, 16000), VG_BEAT_ALIVE);
    assert_int_equal(vg_pulse_judge(&p, &limits, 16000), VG_PULSE_BACK);
}

static void test_parse(void **state)
{
    static const struct {
        const char *json;
        bool good, unwell;
        const char *epoch;
        int64_t counter, audit;
        bool timed;
    } rows[] = {
        {"{\"epoch\":\"a1\",\"ts\":\"2026-01-01T00:00:00.000Z\",\"counter\":3,"
         "\"audit\":{\"count\":9,\"hash\":\"ab\"},\"self_check\":\"ok\"}",
         true, false, "a1", 3, 9, true},
        {"{}", true, false, "", -1, -1, false},
        {"{\"epoch\":5,\"ts\":\"no\",\"counter\":-2,\"audit\":[],\"self_check\":null}",
         true, false, "", -1, -1, false},
        {"{\"counter\":1.5,\"self_check\":\"store\"}", true, true, "", -1, -1, false},
        {"[]", false, false, "", -1, -1, false},
        {"{", false, false, "", -1, -1, false},
        {"", false, false, "", -1, -1, false},
    };
    struct vg_json *json = vg_json_create(VG_BEAT_BYTES);

    (void)state;
    assert_non_null(json);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_beat b;
        assert_int_equal(vg_beat_parse(json, rows[i].json, strlen(rows[i].json), &b),
                         rows[i].good);
        assert_int_equal(b.unwell, rows[i].unwell);
        assert_string_equal(b.epoch, rows[i].epoch);
        assert_int_equal(b.counter, rows[i].counter);
        assert_int_equal(b.audit_count, rows[i].audit);
        assert_int_equal(vg_is_set(b.ts), rows[i].timed);
    }
    vg_json_destroy(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_is_told_once_and_again),
        cmocka_unit_test(test_what_has_not_moved_does_not_count),
        cmocka_unit_test(test_an_earlier_run_must_convince),
        cmocka_unit_test(test_a_new_connection_gives_time_but_not_for_ever),
        cmocka_unit_test(test_our_own_standing_still_is_no_silence),
        cmocka_unit_test(test_adopted_is_said_again_after_a_while),
        cmocka_unit_test(test_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
