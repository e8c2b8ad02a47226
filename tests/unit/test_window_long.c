/* SPDX-License-Identifier: Apache-2.0
 *
 * Long spans, against a model that keeps everything.
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

/* ---- Long spans against a reference that remembers everything */

#define MOST 40000
struct model {
    size_t count;
    struct vg_sample sample[MOST]; /* in order of arrival */
    size_t late_count;
    struct vg_sample late[MOST]; /* streams behind the ring: extremes count them */
};

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed % sides;
}

static struct vg_sample *model_find(struct model *model, const struct vg_sample *like)
{
    for (size_t i = 0; i < model->count; i++) {
        struct vg_sample *s = &model->sample[i];
        if (s->measured.ms == like->measured.ms && s->source == like->source &&
            s->device == like->device) {
            return s;
        }
    }
    return NULL;
}

static void both_put(struct vg_window *w, struct model *model,
                     const struct vg_sample *sample, int64_t newest)
{
    const vg_ms late = newest - sample->measured.ms;
    struct vg_sample *same = late >= 0 ? model_find(model, sample) : NULL;
    const bool differs = same != NULL && same->value != sample->value;

    switch (vg_window_put(w, sample)) {
    case VG_TAKEN:
    case VG_TAKEN_LATE:
        assert_null(same);
        assert_true(model->count < MOST);
        model->sample[model->count++] = *sample;
        break;
    case VG_CORRECTED:
        assert_true(differs);
        *same = *sample;
        break;
    case VG_REPEATED_READING:
        assert_true(same != NULL && !differs);
        break;
    case VG_TOO_OLD:
        assert_true(late > (vg_sample_stream(sample) ? VG_WINDOW_RAW : w->keep));
        if (vg_sample_stream(sample) && late <= w->keep) {
            assert_true(model->late_count < MOST);
            model->late[model->late_count++] = *sample;
        }
        break;
    case VG_NOT_TAKEN:
    default:
        fail();
    }
}

/* Sums take the oldest cell of streams whole. */
static bool counts(const struct vg_query *query, const struct vg_sample *s,
                   struct vg_instant at)
{
    const bool sum = query->kind == VG_ASK_AVG || query->kind == VG_ASK_COUNT;
    struct vg_instant from = vg_after(at, -query->span);

    if (sum && query->span > VG_WINDOW_EXACT && vg_sample_stream(s)) {
        from = vg_cell_start(from);
    }
    return s->measured.ms >= from.ms && s->measured.ms <= at.ms;
}

static struct vg_number reference(const struct model *model,
                                  const struct vg_query *query, struct vg_instant at)
{
    const bool low = query->kind == VG_ASK_MIN || query->kind == VG_ASK_RISE;
    const bool sums = query->kind == VG_ASK_AVG || query->kind == VG_ASK_COUNT;
    int64_t n = 0;
    int64_t sum = 0;
    int64_t peak = 0;

    for (size_t i = 0; i < model->count + (sums ? 0 : model->late_count); i++) {
        const struct vg_sample *s =
            i < model->count ? &model->sample[i] : &model->late[i - model->count];
        if (!counts(query, s, at)) {
            continue;
        }
        peak = n == 0 || (low ? s->value < peak : s->value > peak) ? s->value : peak;
        sum += s->value;
        n++;
    }
    if (query->kind == VG_ASK_COUNT || query->kind == VG_ASK_NONE) {
        return vg_number_of(query->kind == VG_ASK_COUNT ? n : n == 0, 1);
    }
    return n == 0 ? VG_NUMBER_UNKNOWN
                  : vg_number_of(query->kind == VG_ASK_AVG ? sum : peak,
                                 query->kind == VG_ASK_AVG ? n : 1);
}

static void check_same(struct vg_number is, struct vg_number should)
{
    assert_int_equal(is.known, should.known);
    if (is.known) {
        assert_int_equal(vg_number_compare(is, should), 0);
    }
}

/* For rise and drop: the newest in order of measurement, the later arrival at a tie. */
static int64_t newest_value(const struct vg_window *w, struct vg_instant at)
{
    struct vg_sample last;
    assert_true(vg_window_last(w, at, &last));
    return last.value;
}

static void check_answer(const struct vg_window *w, const struct model *model,
                         const struct vg_query *query, struct vg_instant at,
                         struct vg_number is)
{
    struct vg_number should = reference(model, query, at);

    if (should.known && query->kind == VG_ASK_RISE) {
        should = vg_number_of(newest_value(w, at) - should.numerator, 1);
    } else if (should.known && query->kind == VG_ASK_DROP) {
        should = vg_number_of(should.numerator - newest_value(w, at), 1);
    }
    check_same(is, should);
}

static const struct vg_query longs[] = {
    {.kind = VG_ASK_MIN, .signal = VG_HR, .span = VG_DAY},
    {.kind = VG_ASK_MAX, .signal = VG_HR, .span = VG_DAY},
    {.kind = VG_ASK_RISE, .signal = VG_HR, .span = VG_DAY},
    {.kind = VG_ASK_DROP, .signal = VG_HR, .span = VG_DAY},
    {.kind = VG_ASK_AVG, .signal = VG_HR, .span = VG_DAY},
    {.kind = VG_ASK_COUNT, .signal = VG_HR, .span = VG_DAY},
    {.kind = VG_ASK_NONE, .signal = VG_HR, .span = VG_DAY},
    {.kind = VG_ASK_MIN, .signal = VG_HR, .span = VG_HOUR},
    {.kind = VG_ASK_MAX, .signal = VG_HR, .span = VG_HOUR},
    {.kind = VG_ASK_RISE, .signal = VG_HR, .span = VG_HOUR},
    {.kind = VG_ASK_DROP, .signal = VG_HR, .span = VG_HOUR},
    {.kind = VG_ASK_AVG, .signal = VG_HR, .span = VG_HOUR},
    {.kind = VG_ASK_COUNT, .signal = VG_HR, .span = VG_HOUR},
    {.kind = VG_ASK_NONE, .signal = VG_HR, .span = VG_HOUR},
    {.kind = VG_ASK_MIN, .signal = VG_HR, .span = 15 * VG_MINUTE},
    {.kind = VG_ASK_MAX, .signal = VG_HR, .span = 15 * VG_MINUTE},
    {.kind = VG_ASK_AVG, .signal = VG_HR, .span = 15 * VG_MINUTE},
    {.kind = VG_ASK_COUNT, .signal = VG_HR, .span = 15 * VG_MINUTE},
};
#define LONGS (sizeof longs / sizeof longs[0])

/* One reading of a mixed feed: now and then late, repeated, corrected, or after a gap. */
static struct vg_sample mixed(uint32_t *seed, const struct model *model, int64_t *now,
                              uint32_t singles)
{
    struct vg_sample s = at(0, 60 + dice(seed, 5) * dice(seed, 20));
    const uint32_t what = dice(seed, 100);

    s.measured.ms = *now;
    if (dice(seed, 100) < singles) {
        s.source = VG_SOURCE_SPOT;
    } else if (dice(seed, 4) == 0) {
        s.source = VG_SOURCE_ARTERIAL;
    }
    s.device = (uint8_t)dice(seed, 2);
    if (what < 6 && model->count > 0) { /* again, perhaps with another value */
        const uint32_t back = dice(seed, 200);
        const int64_t value = s.value;
        s = model->sample[model->count - 1 -
                          (back < model->count ? back : model->count - 1)];
        s.value = what < 3 ? value : s.value;
    } else if (what < 12) {
        const uint32_t most = s.source == VG_SOURCE_SPOT ? 26 * 3600U : 25 * 60U;
        s.measured.ms -= (int64_t)dice(seed, most) * 1000;
    } else {
        *now += (int64_t)dice(seed, 20000) + (dice(seed, 3000) == 0 ? 3 * VG_HOUR : 0);
        s.measured.ms = *now;
    }
    return s;
}

static void run_mixed(uint32_t seed, uint32_t singles)
{
    static struct model model;
    struct vg_window w;
    struct vg_tracker tracker[LONGS] = {{0}};
    int64_t now = T0;
    int64_t newest = T0;

    model.count = model.late_count = 0;
    vg_window_init(&w, VG_HR, VG_DAY);
    for (unsigned i = 0; i < 18000; i++) {
        const struct vg_sample s = mixed(&seed, &model, &now, singles);
        both_put(&w, &model, &s, newest);
        newest = s.measured.ms > newest ? s.measured.ms : newest;
        for (size_t k = 0; k < LONGS; k++) {
            if (k % 3 == 0 && i % 500 != 0) {
                continue; /* some are asked seldom */
            }
            const struct vg_instant t = {now};
            const struct vg_number run =
                longs[k].kind == VG_ASK_NONE
                    ? vg_window_scan(&w, &longs[k], t)
                    : vg_tracker_answer(&tracker[k], &w, &longs[k], t);
            if (i % 50 == 0) {
                const struct vg_instant past = {now - (int64_t)dice(&seed, 900000)};
                check_answer(&w, &model, &longs[k], t, run);
                check_answer(&w, &model, &longs[k], t,
                             vg_window_scan(&w, &longs[k], t));
                if (past.ms > w.past->newest.ms && longs[k].span > VG_HOUR &&
                    vg_window_until(&w, past) > 0) {
                    check_answer(&w, &model, &longs[k], past,
                                 vg_window_scan(&w, &longs[k], past));
                }
            }
        }
    }
    assert_true(w.past->any);
    for (size_t k = 0; k < LONGS; k++) {
        vg_tracker_finish(&tracker[k]);
    }
    vg_window_finish(&w);
}

static void test_long_spans_of_a_stream(void **state)
{
    (void)state;
    run_mixed(2463534242U, 0);
}

static void test_long_spans_of_both(void **state)
{
    (void)state;
    run_mixed(71U, 10);
    run_mixed(99991U, 60);
}

static void test_long_spans_of_single_readings(void **state)
{
    (void)state;
    run_mixed(5U, 99);
}

/* A day of one reading a second takes a ring of 17 min, and then nothing more. */
static void test_nothing_is_allocated(void **state)
{
    struct vg_window w;
    struct vg_tracker tracker[LONGS] = {{0}};
    const void *ring = NULL;
    const void *runs = NULL;
    const void *cells = NULL;
    uint32_t room = 0;
    uint32_t seed = 7;

    (void)state;
    vg_window_init(&w, VG_HR, VG_DAY);
    for (int64_t i = 0; i < INT64_C(50) * 3600; i++) {
        uint32_t now = 0;
        assert_int_equal(put(&w, i, 60 + dice(&seed, 40)), VG_TAKEN);
        if (i % 900 == 1) {
            const struct vg_sample spot = {.measured = {T0 + i * 1000 - 500},
                                           .value = 70,
                                           .source = VG_SOURCE_SPOT};
            assert_int_equal(vg_window_put(&w, &spot), VG_TAKEN_LATE);
        }
        for (size_t k = 0; k < LONGS; k++) {
            (void)vg_tracker_answer(&tracker[k], &w, &longs[k],
                                    (struct vg_instant){T0 + i * 1000});
            now += tracker[k].running->peaks.capacity;
        }
        now += w.past != NULL ? w.past->low.capacity + w.past->high.capacity : 0;
        if (i == INT64_C(30) * 3600) {
            ring = w.value;
            runs = w.run;
            cells = w.past->cells.sum;
            room = now;
        }
        assert_true(room == 0 || (ring == w.value && runs == w.run &&
                                  cells == w.past->cells.sum && room == now));
    }
    assert_in_range(w.capacity, 1020 + 96, 1500);
    for (size_t k = 0; k < LONGS; k++) {
        vg_tracker_finish(&tracker[k]);
    }
    vg_window_finish(&w);
}
/* A look-back that a new protocol brings begins with what is there. */
static void test_keep_changes(void **state)
{
    struct vg_window w;

    (void)state;
    vg_window_init(&w, VG_HR, VG_WINDOW_RAW);
    for (int64_t i = 0; i < 7200; i++) {
        assert_int_equal(put(&w, i, 60), VG_TAKEN);
    }
    assert_null(w.past);
    vg_window_keep(&w, VG_DAY, VG_DAY);
    for (int64_t i = 7200; i < 10800; i++) {
        assert_int_equal(put(&w, i, 61), VG_TAKEN);
    }
    const struct vg_instant t = {T0 + INT64_C(10799) * 1000};
    check_same(vg_window_scan(&w, &longs[0], t), vg_number_of(60, 1));
    const struct vg_number count = vg_window_scan(&w, &longs[5], t);
    assert_in_range(count.numerator, 3600 + 1020, 3600 + 1040);
    vg_window_keep(&w, VG_DAY, 0);
    assert_int_equal(w.past->cells.size, 0);
    vg_window_keep(&w, VG_MINUTE, 0);
    assert_null(w.past);
    assert_int_equal(put(&w, 10800, 61), VG_TAKEN);
    assert_int_equal(w.count, 61);
    vg_window_finish(&w);
}

static void test_slope_from_cells(void **state)
{
    struct vg_window w;
    const struct vg_query query = {
        .kind = VG_ASK_SLOPE, .signal = VG_HR, .span = 6 * VG_HOUR};

    (void)state;
    vg_window_init(&w, VG_HR, VG_DAY);
    for (int64_t i = 0; i < INT64_C(8) * 3600; i++) { /* 10 an hour */
        assert_int_equal(put(&w, i, 60 + i / 360), VG_TAKEN);
    }
    const struct vg_number slope = vg_window_scan(
        &w, &query, (struct vg_instant){T0 + INT64_C(8) * 3600 * 1000 - 1000});
    assert_true(slope.known);
    assert_true(vg_number_compare(slope, vg_number_of(99, 10)) > 0);
    assert_true(vg_number_compare(slope, vg_number_of(101, 10)) < 0);
    vg_window_finish(&w);
}

/* When the reading that makes the answer leaves. */
static void test_leaves(void **state)
{
    struct vg_window w;

    (void)state;
    vg_window_init(&w, VG_HR, VG_DAY);
    for (int64_t i = 0; i < 7200; i++) {
        assert_int_equal(put(&w, i, i == 600 ? 40 : 60), VG_TAKEN);
    }
    const struct vg_instant t = {T0 + INT64_C(7199) * 1000};
    assert_int_equal(vg_window_leaves(&w, &longs[0], t).ms,
                     T0 + 600 * 1000 + VG_DAY + 1);
    const struct vg_instant cell = vg_cell_start((struct vg_instant){T0});
    assert_true(vg_window_leaves(&w, &longs[5], t).ms <= cell.ms + VG_DAY + VG_CELL);
    assert_true(vg_window_leaves(&w, &longs[5], t).ms > t.ms);
    vg_window_finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_spans_of_a_stream),
        cmocka_unit_test(test_long_spans_of_both),
        cmocka_unit_test(test_long_spans_of_single_readings),
        cmocka_unit_test(test_nothing_is_allocated),
        cmocka_unit_test(test_keep_changes),
        cmocka_unit_test(test_slope_from_cells),
        cmocka_unit_test(test_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
