/* SPDX-License-Identifier: Apache-2.0
 *
 * The small containers of the core: no memory for the next piece leaves what there is, and their
 * edges: cells that are kept longer or cut, peaks cut from the newer end, numbers beyond what a
 * decimal holds, numbers of messages while there is no room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/decimal.h"
#include "vigil/expr.h"

#include "core/cells.h"
#include "core/course.h"
#include "core/peaks.h"
#include "core/sequence.h"
#include "core/stand_in.h"
#include "core/tracker.h"
#include "core/window.h"
#include "lib/fail.h"

static struct vg_instant in(int64_t cells)
{
    return (struct vg_instant){cells * VG_CELL};
}

/* ---- Cells */

static struct vg_cells ten(void)
{
    struct vg_cells cells = {0};

    assert_true(vg_cells_fit(&cells, 20 * VG_CELL));
    for (int64_t i = 0; i < 10; i++) {
        vg_cells_add(&cells, in(100 + i), (struct vg_tally){i + 1, 1});
    }
    return cells;
}

static void sums_are(const struct vg_cells *cells, int64_t from, int64_t sum,
                     uint32_t count)
{
    const struct vg_tally tally = vg_cells_since(cells, in(from));

    assert_int_equal(tally.sum, sum);
    assert_int_equal(tally.count, count);
}

static void cells_kept_longer_and_shorter(void **state)
{
    struct vg_cells cells = ten();

    (void)state;
    sums_are(&cells, 100, 55, 10);
    sums_are(&cells, 108, 19, 2);
    assert_true(vg_cells_fit(&cells, 200 * VG_CELL));
    sums_are(&cells, 100, 55, 10);
    sums_are(&cells, 109, 10, 1);
    fail_arm(FAIL_MEMORY, 1, FAIL_ONCE);
    assert_false(vg_cells_fit(&cells, 300 * VG_CELL));
    assert_int_equal(fail_disarm(), 1);
    sums_are(&cells, 100, 55, 10);                  /* as it was */
    assert_true(vg_cells_fit(&cells, 3 * VG_CELL)); /* five cells */
    sums_are(&cells, 105, 40, 5);
    vg_cells_finish(&cells);
}

static void cells_that_are_past(void **state)
{
    struct vg_cells cells = ten();

    (void)state;
    vg_cells_expire(&cells, in(90)); /* nothing is so old */
    sums_are(&cells, 100, 55, 10);
    vg_cells_expire(&cells, in(105));
    sums_are(&cells, 105, 40, 5);
    sums_are(&cells, 100, 40, 5);
    vg_cells_expire(&cells, in(110));
    sums_are(&cells, 100, 0, 0);
    vg_cells_add(&cells, in(120), (struct vg_tally){7, 1});
    sums_are(&cells, 100, 7, 1);
    vg_cells_finish(&cells);
}

static void cells_cut_from_the_newer_end(void **state)
{
    struct vg_cells cells = ten();

    (void)state;
    vg_cells_cut(&cells, in(110)); /* nothing is so new */
    sums_are(&cells, 100, 55, 10);
    vg_cells_cut(&cells, in(108));
    sums_are(&cells, 100, 36, 8);
    sums_are(&cells, 108, 0, 0);
    vg_cells_cut(&cells, in(100));
    sums_are(&cells, 0, 0, 0);
    vg_cells_add(&cells, in(101), (struct vg_tally){7, 1});
    sums_are(&cells, 100, 7, 1);
    vg_cells_finish(&cells);
}

/* ---- Peaks */

static void peaks_cut_from_the_newer_end(void **state)
{
    struct vg_peaks peaks = {.low = true};

    (void)state;
    for (int64_t i = 0; i < 5; i++) { /* rising: each may be the lowest some day */
        assert_true(vg_peaks_reserve(&peaks));
        vg_peaks_push(&peaks, (struct vg_instant){i}, 10 + i);
    }
    vg_peaks_cut(&peaks, (struct vg_instant){3});
    assert_int_equal(peaks.count, 3);
    assert_int_equal(vg_peaks_since(&peaks, (struct vg_instant){2})->value, 12);
    assert_null(vg_peaks_since(&peaks, (struct vg_instant){3}));
    vg_peaks_cut(&peaks, (struct vg_instant){0});
    assert_int_equal(peaks.count, 0);
    vg_peaks_finish(&peaks);
}

/* ---- Decimals */

static void numbers_at_their_limits(void **state)
{
    static const struct {
        double number;
        const char *text; /* NULL: refused */
    } rows[] = {
        {1.2345678901234567e-15, "0.000000000000001235"}, /* to 18 places */
        {987654321.987654321, "987654321.9876543"},
        {123456789012345.25, "123456789012345.25"},
        {1e15, NULL},
        {1e-16, NULL},
        {-0.1, "-0.1"},
    };
    static const struct {
        const char *text, *is; /* NULL: refused */
    } texts[] = {{"100e-20", "0.000000000000000001"},
                 {"1e-19", NULL},
                 {"0e-40", "0"},
                 {"12e17", "1200000000000000000"},
                 {"12e18", NULL}};
    char text[VG_DECIMAL_TEXT];
    struct vg_decimal d;
    int64_t steps;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const enum vg_status status = vg_decimal_from_double(rows[i].number, &d);
        assert_int_equal(status, rows[i].text == NULL ? VG_REFUSED : VG_OK);
        if (status == VG_OK) {
            (void)vg_decimal_format(d, text, sizeof text);
            assert_string_equal(text, rows[i].text);
        }
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const enum vg_status status =
            vg_decimal_parse(texts[i].text, strlen(texts[i].text), &d);
        assert_int_equal(status, texts[i].is == NULL ? VG_REFUSED : VG_OK);
        if (status == VG_OK) {
            (void)vg_decimal_format(d, text, sizeof text);
            assert_string_equal(text, texts[i].is);
        }
    }
    d = (struct vg_decimal){12345, 2};
    assert_int_equal(vg_decimal_format(d, text, 4), 3);
    assert_int_equal(vg_decimal_format(d, text, 0), 0);
    assert_int_equal(vg_decimal_scale(d, (struct vg_decimal){0, 0},
                                      (struct vg_ratio){1, 1}, 19, &steps),
                     VG_REFUSED);
    d.exponent = 19;
    assert_int_equal(vg_decimal_scale(d, (struct vg_decimal){0, 0},
                                      (struct vg_ratio){1, 1}, 2, &steps),
                     VG_REFUSED);
}

/* ---- Numbers of messages */

static void numbers_while_there_is_no_room(void **state)
{
    const struct vg_span_of_numbers spans[] = {{4, 5}, {9, 9}};
    struct vg_sequence s = {0};

    (void)state;
    fail_arm(FAIL_MEMORY, 1, FAIL_FROM);
    assert_int_equal(vg_sequence_add(&s, 1), VG_OK); /* needs none */
    assert_int_equal(vg_sequence_add(&s, 3), VG_FULL);
    assert_false(vg_sequence_has(&s, 3)); /* it will come again */
    assert_false(vg_sequence_set(&s, 2, spans, 2));
    assert_false(vg_sequence_append(&s, 4, 5));
    assert_true(fail_disarm() >= 3);
    assert_int_equal(s.upto, 1);
    assert_int_equal(s.count, 0);
    assert_true(vg_sequence_set(&s, 2, spans, 2));
    assert_true(vg_sequence_append(&s, 11, 12));
    assert_int_equal(vg_sequence_add(&s, 3), VG_OK);
    assert_int_equal(s.upto, 5);
    assert_true(vg_sequence_has(&s, 12));
    vg_sequence_finish(&s);
}

/* ---- Windows and logs: what could not be kept is not kept by half */

/* Rising, so that each may be the lowest some day; two hours are kept, the older of them by
 * extremes and sums. */
static void a_reading_for_which_there_is_no_room(void **state)
{
    static struct vg_window window;
    const struct vg_query lowest = {
        .kind = VG_ASK_MIN, .signal = VG_HR, .span = VG_HOUR};
    struct vg_sample sample = {.source = VG_SOURCE_CONTINUOUS, .value = 80};
    unsigned failed = 0;
    unsigned late = 0;

    (void)state;
    vg_window_init(&window, VG_HR, 2 * VG_HOUR);
    vg_window_keep(&window, 2 * VG_HOUR, 2 * VG_HOUR);
    for (int64_t i = 0; i < 3000; i++) {
        sample.measured.ms = i * 3 * VG_SECOND;
        sample.value = 80 + i;
        fail_arm(FAIL_MEMORY, 1, FAIL_FROM);
        enum vg_taken taken = vg_window_put(&window, &sample);
        const bool met = fail_disarm() > 0;
        if (taken == VG_NOT_TAKEN) {
            assert_true(met);
            failed++;
            assert_int_equal(vg_window_put(&window, &sample), VG_TAKEN);
        }
        if (i > 1000 && i % 7 == 0) { /* of 40 min ago, not put when there is no room */
            struct vg_sample old = sample;
            old.measured.ms -= 40 * VG_MINUTE + 1;
            old.value += 1000;
            fail_arm(FAIL_MEMORY, 1, FAIL_FROM);
            taken = vg_window_put(&window, &old);
            late += fail_disarm() > 0;
            assert_true(taken == VG_TOO_OLD || taken == VG_NOT_TAKEN);
        }
        const int64_t first = i > 1200 ? i - 1200 : 0;
        const struct vg_number least =
            vg_window_scan(&window, &lowest, sample.measured);
        assert_true(least.known);
        assert_int_equal(least.numerator / least.denominator, 80 + first);
    }
    assert_true(failed > 3);
    assert_true(late > 0);
    vg_window_finish(&window);
}

static void an_item_for_which_there_is_no_room(void **state)
{
    static struct vg_log log;
    struct vg_item item = {.signal = VG_TEMP,
                           .source = VG_SOURCE_SPOT,
                           .low = 370,
                           .high = 370,
                           .raw = 370,
                           .a = VG_NO_VALUE,
                           .b = VG_NO_VALUE,
                           .count = 1};
    unsigned failed = 0;

    (void)state;
    memset(&log, 0, sizeof log);
    for (int64_t i = 0; i < 300; i++) {
        /* newer and older by turns */
        item.at.ms = item.to.ms = (i % 2 == 0 ? 1000 + i : 1000 - i) * VG_MINUTE;
        fail_arm(FAIL_MEMORY, 1, FAIL_FROM);
        const enum vg_taken taken = vg_log_put(&log, &item);
        (void)fail_disarm();
        if (taken == VG_NOT_TAKEN) {
            failed++;
            const enum vg_taken again = vg_log_put(&log, &item);
            assert_true(again == VG_TAKEN || again == VG_TAKEN_LATE);
        }
    }
    assert_int_equal(log.count, 300);
    for (size_t i = 1; i < log.count; i++) {
        assert_true(log.item[i - 1].at.ms < log.item[i].at.ms);
    }
    assert_true(failed > 2);
    vg_log_finish(&log);
}

/* The order of items: instant, rank, signal, source, name. */
static void items_have_an_order(void **state)
{
    static const struct {
        struct vg_item a, b;
    } rows[] = {
        {{.at = {1}, .signal = VG_TEMP}, {.at = {2}, .signal = VG_HR}},
        {{.at = {1}, .signal = VG_HR}, {.at = {1}, .signal = VG_RR}},
        {{.at = {1}, .signal = VG_TEMP, .source = VG_SOURCE_CONTINUOUS},
         {.at = {1}, .signal = VG_TEMP, .source = VG_SOURCE_SPOT}},
        {{.at = {1}, .signal = VG_MEDICATION, .name = 1},
         {.at = {1}, .signal = VG_MEDICATION, .name = 2}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(vg_item_before(&rows[i].a, &rows[i].b));
        assert_false(vg_item_before(&rows[i].b, &rows[i].a));
        assert_false(vg_item_before(&rows[i].a, &rows[i].a));
    }
}

static void ladders_that_stand_in(void **state)
{
    static const char *const names[] = {"critical", "urgent", "watch", "technical",
                                        "check-patient"};

    (void)state;
    for (size_t i = 0; i < VG_STAND_INS; i++) {
        const struct vg_ladder *ladder = vg_stand_in(names[i]);
        assert_non_null(ladder);
        assert_string_equal(ladder->name, names[i]);
        assert_true(ladder->fallback.target_count > 0);
    }
    assert_null(vg_stand_in("nobody"));
}

/* ---- The ring of a window whose readings are never on time: it changes its shape on the way */

#define UNEVEN 600

static struct vg_sample uneven(int64_t i)
{
    return (struct vg_sample){
        .measured = {INT64_C(1768032000000) + i * 1000 + i * i * 7 % 300},
        .value = 60 + i % 17,
        .source = VG_SOURCE_CONTINUOUS};
}

static void a_ring_that_changes_its_shape(void **state)
{
    size_t points = 0;
    bool met = true;

    (void)state;
    for (size_t n = 1; met; n++) {
        struct vg_window w;
        vg_window_init(&w, VG_HR, VG_HOUR);
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        for (int64_t i = 0; i < UNEVEN; i++) {
            const struct vg_sample sample = uneven(i);
            if (!vg_window_reserve(&w, 1)) {
                assert_int_equal(w.count, i);
            }
            assert_true(vg_window_reserve(&w, 1));
            assert_int_equal(vg_window_put(&w, &sample), VG_TAKEN);
        }
        met = fail_disarm() > 0;
        points += met;
        assert_int_equal(w.count, UNEVEN);
        for (uint32_t i = 0; i < UNEVEN; i++) {
            assert_int_equal(vg_window_at(&w, i).measured.ms, uneven(i).measured.ms);
            assert_int_equal(vg_window_at(&w, i).value, uneven(i).value);
        }
        vg_window_finish(&w);
    }
    assert_true(points > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_kept_longer_and_shorter),
        cmocka_unit_test(cells_that_are_past),
        cmocka_unit_test(cells_cut_from_the_newer_end),
        cmocka_unit_test(a_ring_that_changes_its_shape),
        cmocka_unit_test(peaks_cut_from_the_newer_end),
        cmocka_unit_test(numbers_at_their_limits),
        cmocka_unit_test(numbers_while_there_is_no_room),
        cmocka_unit_test(a_reading_for_which_there_is_no_room),
        cmocka_unit_test(an_item_for_which_there_is_no_room),
        cmocka_unit_test(items_have_an_order),
        cmocka_unit_test(ladders_that_stand_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
