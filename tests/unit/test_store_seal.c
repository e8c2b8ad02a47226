/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealing changes nothing that is asked: readings, pages, steps, the last known value and
 * gaps are those of a list in memory, before it, in the middle of it and after it, with late
 * messages before and behind. VIGIL_SEED.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/past.h"
#include "lib/random.h"
#include "lib/sample.h"
#include "shell/history.h"
#include "shell/store_sums.h"
#include "shell/store_write_inside.h"

/* ---- Readings, against the list */

struct compare {
    const struct past *past;
    const struct vg_history_query *query;
    size_t at; /* in the list */
    size_t count;
};

static bool asked_for(const struct vg_history_query *query, const struct past_row *row)
{
    const int64_t at = row->reading.measured.ms;

    return at >= query->from.ms && at < query->to.ms &&
           (query->signals == 0 || (query->signals >> row->reading.signal & 1) != 0) &&
           (query->patient == NULL || strcmp(query->patient, row->patient) == 0 ||
            (strcmp(query->patient, "p-9") == 0 && strcmp(row->bed, "3") == 0 &&
             at >= PAST_LAIN_FROM && at < PAST_LAIN_TO)) &&
           (query->ward == NULL || strcmp(query->ward, row->ward) == 0) &&
           (query->bed == NULL || strcmp(query->bed, row->bed) == 0);
}

static const struct past_row *next_row(struct compare *compare)
{
    while (compare->at < compare->past->count) {
        const struct past_row *row = &compare->past->row[compare->at++];
        if (asked_for(compare->query, row)) {
            return row;
        }
    }
    return NULL;
}

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct compare *compare = to;
    const struct past_row *want = next_row(compare);

    if (want == NULL) {
        fail_msg("there is more than there should be");
        return false;
    }
    assert_same_reading(row->reading, &want->reading);
    assert_int_equal(row->order, want->order);
    assert_string_equal(row->ward, want->ward);
    assert_string_equal(row->bed, want->bed);
    assert_string_equal(row->patient, want->patient);
    assert_string_equal(row->device, want->device);
    assert_int_equal(row->kind, want->kind);
    if (compare->query->arrival) {
        assert_int_equal(row->received.ms, want->received.ms);
    }
    compare->count++;
    return true;
}

static size_t ask_readings(const struct past *past, struct vg_reader *reader,
                           struct vg_history_query query)
{
    struct compare compare = {.past = past, .query = &query};
    struct vg_page_end end = {.more = true};
    struct vg_error error = {""};

    while (end.more) {
        const enum vg_status status =
            vg_history_readings(reader, &query, on_reading, &compare, &end, &error);
        if (status != VG_OK) {
            fail_msg("cannot read: %s", error.text);
        }
        query.after = end.next;
        assert_true(query.limit == 0 || end.rows <= query.limit);
    }
    assert_null(next_row(&compare));
    return compare.count;
}

/* ---- Steps, against the list */

struct step_check {
    const struct past *past;
    const struct vg_history_query *query;
    vg_ms step;
    uint64_t count;
    int64_t at;
    int signal;
};

static bool on_step(void *to, const struct vg_history_step *step)
{
    struct step_check *check = to;
    struct vg_running want = {0};

    assert_true(step->at.ms > check->at ||
                (step->at.ms == check->at && (int)step->signal > check->signal));
    check->at = step->at.ms;
    check->signal = (int)step->signal;
    for (size_t i = 0; i < check->past->count; i++) {
        const struct past_row *row = &check->past->row[i];
        struct vg_running one;
        if (row->reading.signal == step->signal && asked_for(check->query, row) &&
            vg_step_of(row->reading.measured, check->step).ms == step->at.ms &&
            vg_running_of(&row->reading, &one)) {
            vg_running_add(&want, &one);
        }
    }
    assert_int_equal(step->count, want.count);
    assert_int_equal(step->min, want.min);
    assert_int_equal(step->max, want.max);
    assert_int_equal(step->first_at.ms, want.first_at.ms);
    assert_int_equal(step->last_at.ms, want.last_at.ms);
    const double off = step->mean * 1e6 * (double)want.count - (double)want.sum;
    const double much =
        1e3 + ((double)want.sum < 0 ? -1e-12 : 1e-12) * (double)want.sum;
    assert_true(off < much && -off < much);
    check->count += step->count;
    return true;
}

static void ask_steps(const struct past *past, struct vg_reader *reader,
                      struct vg_history_query query, vg_ms step)
{
    query.step = step;
    struct step_check check = {past, &query, step, 0, INT64_MIN, 0};
    struct vg_page_end end = {.more = true};
    struct vg_error error = {""};
    uint64_t usable = 0;

    while (end.more) {
        if (vg_history_steps(reader, &query, on_step, &check, &end, &error) != VG_OK) {
            fail_msg("cannot step: %s", error.text);
        }
        query.after = end.next;
    }
    for (size_t i = 0; i < past->count; i++) {
        struct vg_running one;
        usable += asked_for(&query, &past->row[i]) &&
                  vg_running_of(&past->row[i].reading, &one);
    }
    assert_int_equal(check.count, usable);
}

/* ---- The last known value and gaps, against the list */

static bool on_last(void *to, const struct vg_reading_row *row)
{
    struct step_check *check = to;
    const struct past_row *want = NULL;

    for (size_t i = 0; i < check->past->count; i++) {
        const struct past_row *one = &check->past->row[i];
        if (one->reading.signal == row->reading->signal &&
            asked_for(check->query, one) && vg_sums_usable(&one->reading)) {
            want = one;
        }
    }
    if (want == NULL) {
        fail_msg("there is more than there should be");
        return false;
    }
    assert_same_reading(row->reading, &want->reading);
    assert_int_equal(row->order, want->order);
    check->count++;
    return true;
}

static void ask_last(const struct past *past, struct vg_reader *reader,
                     const struct vg_history_query *query)
{
    struct step_check check = {past, query, 0, 0, 0, 0};
    struct vg_error error = {""};
    uint64_t signals = 0;

    assert_int_equal(vg_history_last(reader, query, on_last, &check, &error), VG_OK);
    for (size_t i = 0; i < past->count; i++) {
        const struct past_row *row = &past->row[i];
        if (asked_for(query, row) && vg_sums_usable(&row->reading)) {
            signals |= (uint64_t)1 << row->reading.signal;
        }
    }
    assert_int_equal(check.count, __builtin_popcountll(signals));
}

static bool on_gap(void *to, const struct vg_history_gap *gap)
{
    struct step_check *check = to;

    for (size_t i = 0; i < check->past->count; i++) {
        const struct past_row *row = &check->past->row[i];
        if (row->reading.signal == gap->signal && asked_for(check->query, row) &&
            vg_sums_usable(&row->reading)) {
            assert_false(row->reading.measured.ms > gap->begin.ms &&
                         row->reading.measured.ms < gap->end.ms);
        }
    }
    assert_true(gap->end.ms - gap->begin.ms > check->step);
    check->count++;
    return true;
}

static void ask_gaps(const struct past *past, struct vg_reader *reader,
                     struct vg_history_query query)
{
    const vg_ms longest = 90 * VG_SECOND;
    struct step_check check = {past, &query, longest, 0, 0, 0};
    struct vg_error error = {""};
    uint64_t want = 0;

    query.signals = (uint64_t)1 << VG_HR;
    assert_int_equal(vg_history_gaps(reader, &query, longest, on_gap, &check, &error),
                     VG_OK);
    int64_t last = query.from.ms;
    for (size_t i = 0; i < past->count; i++) {
        const struct past_row *row = &past->row[i];
        if (asked_for(&query, row) && vg_sums_usable(&row->reading)) {
            want += row->reading.measured.ms - last > longest;
            last = row->reading.measured.ms;
        }
    }
    want += query.to.ms - last > longest;
    assert_int_equal(check.count, want);
}

/* ---- All questions */

static void ask(const struct past *past, struct random_source *source, unsigned rounds)
{
    static const vg_ms steps[] = {VG_MINUTE, 5 * VG_MINUTE, VG_HOUR, 7 * VG_SECOND};
    struct vg_reader *reader = past_reader(past);
    const int64_t begin = past->row[0].reading.measured.ms;
    const int64_t span = past->row[past->count - 1].reading.measured.ms - begin + 1;
    const struct vg_history_query all = {.to = VG_NEVER, .arrival = true};

    assert_int_equal(ask_readings(past, reader, all), past->count);
    const struct vg_history_query lain = {.patient = "p-9", .to = VG_NEVER};
    assert_true(ask_readings(past, reader, lain) > 100);
    ask_steps(past, reader, lain, VG_HOUR);
    for (unsigned i = 0; i < rounds; i++) {
        const struct past_row *of = &past->row[random_next(source) % past->count];
        struct vg_history_query query = {
            .from = {begin + (int64_t)(random_next(source) % (uint64_t)span)},
            .limit = random_next(source) % 3 == 0 ? 1 + random_next(source) % 2000 : 0,
            .signals = random_next(source) % 2 == 0
                           ? (uint64_t)1 << of->reading.signal | 2
                           : 0,
            .arrival = i % 2 == 0};
        query.to = vg_after(query.from,
                            (vg_ms)(random_next(source) % (uint64_t)(2 * VG_HOUR)));
        if (i % 9 == 3) {
            query.patient = "p-9";
        } else if (i % 3 == 0 && of->patient[0] != '\0') {
            query.patient = of->patient;
        } else if (i % 3 == 1) {
            query.ward = of->ward;
            query.bed = of->bed;
        }
        (void)ask_readings(past, reader, query);
        query.limit = i % 5 == 0 ? 10 : 0;
        if (i < 4) {
            if (steps[i % 4] < 5 * VG_MINUTE) {
                query.to = vg_earlier(query.to, vg_after(query.from, 6 * VG_MINUTE));
            }
            ask_steps(past, reader, query, steps[i % 4]);
        }
        ask_last(past, reader, &query);
        ask_gaps(past, reader, query);
    }
    vg_store_read_close(reader);
}

/* Seals all that is old enough; how many portions it took. */
static unsigned seal(struct past *past, vg_ms hot, unsigned most)
{
    struct vg_sealing told;
    unsigned n = 0;

    past_hot(past, hot);
    while (n < most && vg_writer_seal(past->writer)) {
        n++;
    }
    vg_writer_sealing(past->writer, &told);
    assert_string_equal(told.error.text, "");
    return n;
}

#define SEALED "(SELECT value FROM meta WHERE key = 'sealed')"
static const char hot_readings[] =
    "SELECT sum(count) FROM message WHERE kind <> 0 OR id > " SEALED;
static const char unneeded_bundles[] =
    "SELECT count(*) FROM bundle WHERE last <= " SEALED;

static void sealing_changes_no_answer(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;

    past_begin(&past, &source);
    past_live(&past, 3 * VG_HOUR);
    past_tie(&past);
    ask(&past, &source, 9);
    const int64_t rows = past_number(&past, "SELECT count(*) FROM message");
    for (unsigned i = 0; i < 20; i++) { /* in the middle of it, at any portion */
        if (seal(&past, VG_HOUR, 1 + i % 3) == 0) {
            break;
        }
        ask(&past, &source, 2);
    }
    (void)seal(&past, VG_HOUR, UINT32_MAX);
    assert_true(past_number(&past, "SELECT count(*) FROM stretch") > 10);
    assert_true(past_number(&past, "SELECT count(*) FROM message") < rows / 2);
    ask(&past, &source, 9);
    past_live(&past, 2 * VG_HOUR); /* with late ones for what is sealed */
    ask(&past, &source, 9);
    past_reopen(&past);
    (void)seal(&past, 30 * VG_MINUTE, UINT32_MAX);
    ask(&past, &source, 9);
    assert_int_equal(past_number(&past, "SELECT sum(readings) FROM stretch") +
                         past_number(&past, hot_readings),
                     past.count);
    assert_int_equal(past_number(&past, unneeded_bundles), 0);
    past_end(&past);
}

static void a_restart_in_the_middle_goes_on(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;
    unsigned stops = 0;
    past_begin(&past, &source);
    past_live(&past, 3 * VG_HOUR);
    while (seal(&past, VG_HOUR, 1) > 0) {
        assert_true(stops < 2000);
        past_reopen(&past); /* as after a crash: the file knows all */
        if (++stops % 4 == 0) {
            struct vg_reader *reader = past_reader(&past);
            (void)ask_readings(
                &past, reader,
                (struct vg_history_query){.to = VG_NEVER, .arrival = true});
            vg_store_read_close(reader);
        }
        /* what was read of a window is in memory: a few portions, then the crash */
        (void)seal(&past, VG_HOUR, 1 + stops % 50);
    }
    assert_true(stops > 3);
    assert_int_equal(past_number(&past, "SELECT sum(readings) FROM stretch") +
                         past_number(&past, hot_readings),
                     past.count);
    past_end(&past);
}

static void numbers_without_a_mark_stay(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;
    struct vg_sealing told;
    past_begin(&past, &source);
    past.marks = false;
    past_live(&past, 3 * VG_HOUR);
    past_hot(&past, VG_HOUR);
    while (vg_writer_seal(past.writer)) {
    }
    vg_writer_sealing(past.writer, &told);
    assert_non_null(strstr(told.error.text, "mark"));
    assert_int_equal(past_number(&past, "SELECT count(*) FROM stretch"), 0);
    past_end(&past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealing_changes_no_answer),
        cmocka_unit_test(a_restart_in_the_middle_goes_on),
        cmocka_unit_test(numbers_without_a_mark_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
