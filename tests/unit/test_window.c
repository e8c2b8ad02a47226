/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows against a sorted list, running answers against scanned ones, and both against a
 * reference that remembers everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/past.h"
#include "core/tracker.h"

#define T0 INT64_C(1768032000000)

static struct vg_sample at(int64_t seconds, int64_t value)
{
    return (struct vg_sample){.measured = {T0 + seconds * 1000},
                              .value = value,
                              .source = VG_SOURCE_CONTINUOUS};
}

static enum vg_taken put(struct vg_window *w, int64_t seconds, int64_t value)
{
    const struct vg_sample sample = at(seconds, value);

    return vg_window_put(w, &sample);
}

static void test_order_of_measurement(void **state)
{
    struct vg_window w;

    (void)state;
    vg_window_init(&w, VG_TEMP, VG_HOUR);
    assert_int_equal(put(&w, 10, 380), VG_TAKEN);
    assert_int_equal(put(&w, 30, 382), VG_TAKEN);
    assert_int_equal(put(&w, 20, 381), VG_TAKEN_LATE);
    assert_int_equal(put(&w, 20, 381), VG_REPEATED_READING);
    assert_int_equal(put(&w, 20, 379), VG_CORRECTED);
    assert_int_equal(w.count, 3);
    assert_int_equal(vg_window_at(&w, 1).value, 379);
    assert_int_equal(vg_window_until(&w, (struct vg_instant){T0 + 20 * 1000}), 2);
    vg_window_finish(&w);
}

/* Of two sites at one instant neither corrects the other (Clinical reference 0.9); another word of one does. */
static void test_two_sites_at_one_instant(void **state)
{
    static const struct {
        enum vg_source source;
        enum vg_method method;
        int64_t value;
        enum vg_taken taken;
    } rows[] = {{VG_SOURCE_SPOT, VG_METHOD_ORAL, 386, VG_TAKEN},
                {VG_SOURCE_SPOT, VG_METHOD_AXILLARY, 369, VG_TAKEN},
                {VG_SOURCE_CONTINUOUS, VG_METHOD_CORE, 387, VG_TAKEN},
                {VG_SOURCE_CONTINUOUS, VG_METHOD_AXILLARY, 371, VG_TAKEN},
                {VG_SOURCE_SPOT, VG_METHOD_AXILLARY, 369, VG_REPEATED_READING},
                {VG_SOURCE_CONTINUOUS, VG_METHOD_CORE, 387, VG_REPEATED_READING},
                {VG_SOURCE_SPOT, VG_METHOD_ORAL, 385, VG_CORRECTED},
                {VG_SOURCE_CONTINUOUS, VG_METHOD_AXILLARY, 372, VG_CORRECTED}};
    struct vg_window w;

    (void)state;
    vg_window_init(&w, VG_TEMP, VG_HOUR);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_sample sample = at(0, rows[i].value);
        sample.source = rows[i].source;
        sample.method = rows[i].method;
        assert_int_equal(vg_window_put(&w, &sample), rows[i].taken);
    }
    assert_int_equal(w.count, 4);
    assert_int_equal(vg_window_at(&w, 0).value, 385);
    vg_window_finish(&w);
}

static void test_old_goes_but_a_few_stay(void **state)
{
    struct vg_window w;

    (void)state;
    vg_window_init(&w, VG_HR, VG_MINUTE);
    for (int64_t i = 0; i < 600; i++) {
        assert_int_equal(put(&w, i, 60 + i % 9), VG_TAKEN);
    }
    assert_int_equal(w.count, 61); /* both ends of the minute */
    assert_int_equal(put(&w, 100, 70), VG_TOO_OLD);
    assert_int_equal(put(&w, 90000, 70), VG_TAKEN);
    assert_int_equal(w.count, VG_WINDOW_LEAST);
    vg_window_finish(&w);
}

static void test_far_apart(void **state)
{
    struct vg_window w;
    struct vg_sample last;

    (void)state;
    vg_window_init(&w, VG_FERRITIN, 100 * VG_DAY);
    assert_int_equal(put(&w, 0, INT64_C(5000000000)), VG_TAKEN);
    assert_int_equal(put(&w, INT64_C(40) * 86400, 7), VG_TAKEN);
    assert_int_equal(put(&w, INT64_C(80) * 86400, 8),
                     VG_TAKEN); /* beyond 49 days of offsets */
    assert_true(
        vg_window_last(&w, (struct vg_instant){T0 + INT64_C(50) * 86400000}, &last));
    assert_int_equal(last.value, 7);
    vg_window_finish(&w);
}

static void test_running_equals_scanned(void **state)
{
    static const enum vg_query_kind kinds[] = {VG_ASK_MIN,   VG_ASK_MAX,  VG_ASK_AVG,
                                               VG_ASK_COUNT, VG_ASK_RISE, VG_ASK_DROP,
                                               VG_ASK_NONE};
    unsigned seed = 11;
    struct vg_window w;
    struct vg_tracker trackers[7] = {{0}};
    int64_t now = 0;

    (void)state;
    vg_window_init(&w, VG_SBP, 10 * VG_MINUTE);
    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * 1664525U + 1013904223U;
        const int64_t back = (seed >> 9) % 10 == 0 ? (int64_t)((seed >> 13) % 300) : 0;
        now += back > 0 ? 0 : (int64_t)((seed >> 20) % 12);
        (void)put(&w, now - back, 60 + (int64_t)((seed >> 8) % 120));
        for (size_t k = 0; k < 7; k++) {
            const struct vg_query query = {.kind = kinds[k],
                                           .signal = VG_SBP,
                                           .span = (k % 2 == 0 ? 5 : 10) * VG_MINUTE};
            const struct vg_instant t = {T0 + now * 1000};
            const struct vg_number run = vg_tracker_answer(&trackers[k], &w, &query, t);
            const struct vg_number scan = vg_window_scan(&w, &query, t);
            assert_int_equal(run.known, scan.known);
            if (run.known) {
                assert_int_equal(vg_number_compare(run, scan), 0);
            }
        }
    }
    for (size_t k = 0; k < 7; k++) {
        vg_tracker_finish(&trackers[k]);
    }
    vg_window_finish(&w);
}

static void test_slope_is_exact(void **state)
{
    struct vg_window w;
    const struct vg_query query = {
        .kind = VG_ASK_SLOPE, .signal = VG_TEMP, .span = VG_HOUR};

    (void)state;
    vg_window_init(&w, VG_TEMP, VG_HOUR);
    for (int64_t i = 0; i <= 6; i++) { /* 0.1 Cel every 10 min: 0.6 an hour */
        assert_int_equal(put(&w, i * 600, 370 + i), VG_TAKEN);
    }
    const struct vg_number slope =
        vg_window_scan(&w, &query, (struct vg_instant){T0 + 3600 * 1000});
    assert_true(slope.known);
    assert_int_equal(vg_number_compare(slope, vg_number_of(6, 10)), 0);
    vg_window_finish(&w);
}

/* The end of what a stream's window takes, and what a single reading may do behind it. */
static void test_streams_too_old(void **state)
{
    struct vg_window w;

    (void)state;
    vg_window_init(&w, VG_HR, VG_DAY);
    for (int64_t i = 0; i < 7200; i++) {
        assert_int_equal(put(&w, i * 2, 60), VG_TAKEN);
    }
    const int64_t newest = 2 * 7199;
    assert_int_equal(put(&w, newest - 17 * 60 + 1, 50), VG_TAKEN_LATE);
    assert_int_equal(put(&w, newest - 17 * 60 - 3, 50), VG_TOO_OLD);
    assert_int_equal(w.past->cells.total.count, 7201);
    struct vg_sample spot = at(3, 40);
    spot.source = VG_SOURCE_SPOT;
    assert_int_equal(vg_window_put(&w, &spot), VG_TAKEN_LATE);
    const struct vg_query lowest = {
        .kind = VG_ASK_MIN, .signal = VG_HR, .span = VG_DAY};
    const struct vg_number low =
        vg_window_scan(&w, &lowest, (struct vg_instant){T0 + newest * 1000});
    assert_true(low.known);
    assert_int_equal(vg_number_compare(low, vg_number_of(40, 1)), 0);
    vg_window_finish(&w);
}

/* A reading that is long out of the ring counts to the very end of its day. */
static void test_edge_of_a_long_span(void **state)
{
    const struct vg_query low = {.kind = VG_ASK_MIN, .signal = VG_HR, .span = VG_DAY};
    const struct vg_query none = {
        .kind = VG_ASK_NONE, .signal = VG_HR, .span = VG_HOUR};
    const struct vg_instant end = {T0 + INT64_C(600) * 1000 + VG_DAY};
    struct vg_window w;

    (void)state;
    vg_window_init(&w, VG_HR, VG_DAY);
    for (int64_t i = 0; i < 7200; i++) {
        assert_int_equal(put(&w, i, i == 600 ? 40 : 60), VG_TAKEN);
    }
    assert_in_range(w.count, 17 * 60, 17 * 60 + 1);
    assert_int_equal(vg_window_scan(&w, &low, end).numerator, 40);
    assert_int_equal(vg_window_scan(&w, &low, vg_after(end, 1)).numerator, 60);
    const struct vg_instant before = {T0 + INT64_C(3600) * 1000};
    assert_int_equal(vg_window_scan(&w, &none, before).numerator, 0);
    vg_window_finish(&w);
}

/* A queue has one entry for each distinct value, whatever came how often. */
static void test_peaks_are_few(void **state)
{
    struct vg_peaks peaks = {.low = true};

    (void)state;
    for (int64_t i = 0; i < 1000; i++) {
        assert_true(vg_peaks_reserve(&peaks));
        vg_peaks_push(&peaks, (struct vg_instant){i}, i < 500 ? 7 : 9);
    }
    assert_int_equal(peaks.count, 2);
    assert_in_range(peaks.capacity, 2, 8);
    vg_peaks_finish(&peaks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_measurement),
        cmocka_unit_test(test_two_sites_at_one_instant),
        cmocka_unit_test(test_old_goes_but_a_few_stay),
        cmocka_unit_test(test_far_apart),
        cmocka_unit_test(test_running_equals_scanned),
        cmocka_unit_test(test_slope_is_exact),
        cmocka_unit_test(test_edge_of_a_long_span),
        cmocka_unit_test(test_peaks_are_few),
        cmocka_unit_test(test_streams_too_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
