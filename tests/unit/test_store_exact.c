/* SPDX-License-Identifier: Apache-2.0
 *
 * Values come back exactly as they came in: not sealed, partly sealed, sealed, and after the
 * store was opened again. Every reading of a random past is compared field by field, all of
 * them in one walk and each signal by itself.
 *
 * VIGIL_EXACT=10000000 (make exact) goes on with new pasts until so many readings were put.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/past.h"
#include "lib/sample.h"
#include "shell/history.h"
#include "shell/store_seal.h"

#define SHORT 40000 /* readings, without VIGIL_EXACT */

struct seen {
    uint64_t readings, compared;
    bool unit[VG_UNIT_COUNT], exponent[19], signal[VG_MEASURED_COUNT];
};

struct compare {
    const struct past *past;
    uint64_t signals; /* 0: all */
    size_t at, count;
};

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct compare *c = to;

    while (c->at < c->past->count && c->signals != 0 &&
           (c->signals >> c->past->row[c->at].reading.signal & 1) == 0) {
        c->at++;
    }
    assert_true(c->at < c->past->count);
    const struct past_row *want = &c->past->row[c->at++];
    assert_same_reading(row->reading, &want->reading);
    assert_int_equal(row->order, want->order);
    assert_string_equal(row->device, want->device);
    c->count++;
    return true;
}

static size_t walk(const struct past *past, struct vg_reader *reader, uint64_t signals,
                   bool arrival)
{
    const struct vg_history_query query = {
        .signals = signals, .to = VG_NEVER, .arrival = arrival};
    struct compare compare = {.past = past, .signals = signals};
    struct vg_page_end end;
    struct vg_error error = {""};

    if (vg_history_readings(reader, &query, on_reading, &compare, &end, &error) !=
        VG_OK) {
        fail_msg("cannot read: %s", error.text);
    }
    assert_int_equal(end.rows, compare.count);
    return compare.count;
}

/* All at once, and the same signal by signal: other loops tell those. */
static void all_come_back(const struct past *past, struct seen *seen)
{
    struct vg_reader *reader = past_reader(past);
    size_t count = 0;

    assert_int_equal(walk(past, reader, 0, true), past->count);
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        count += walk(past, reader, (uint64_t)1 << i, i % 4 == 3);
    }
    assert_int_equal(count, past->count);
    vg_store_read_close(reader);
    seen->compared += 2 * past->count;
}

static void note(const struct past *past, struct seen *seen)
{
    for (size_t i = 0; i < past->count; i++) {
        const struct vg_reading *r = &past->row[i].reading;
        seen->unit[r->unit] = true;
        seen->exponent[r->raw.exponent] = true;
        seen->signal[r->signal] = true;
    }
    seen->readings += past->count;
}

static void seal(struct past *past, unsigned portions)
{
    struct vg_sealing told;

    past_hot(past, VG_HOUR);
    while (portions-- > 0 && vg_writer_seal(past->writer)) {
    }
    vg_writer_sealing(past->writer, &told);
    assert_string_equal(told.error.text, "");
}

static void one_past(struct random_source *source, struct seen *seen)
{
    struct past past;

    past_begin(&past, source);
    past_live(&past, 3 * VG_HOUR);
    note(&past, seen);
    all_come_back(&past, seen);
    seal(&past, 1 + (unsigned)(random_next(source) % 20));
    all_come_back(&past, seen);
    seal(&past, UINT32_MAX);
    assert_true(past_number(&past, "SELECT sum(readings) FROM stretch") >
                (int64_t)past.count / 2);
    past_reopen(&past);
    all_come_back(&past, seen);
    past_end(&past);
}

static void values_come_back_exactly_as_they_came_in(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    const char *text = getenv("VIGIL_EXACT");
    const uint64_t wanted = text != NULL ? strtoull(text, NULL, 10) : SHORT;
    struct seen seen = {0};

    while (seen.readings < wanted) {
        one_past(&source, &seen);
    }
    for (unsigned i = 0; i < VG_UNIT_COUNT; i++) {
        assert_true(seen.unit[i]);
    }
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        assert_true(seen.signal[i]);
    }
    for (unsigned i = 0; i <= 18; i++) {
        assert_true(seen.exponent[i]);
    }
    printf("  %llu readings, %llu compared\n", (unsigned long long)seen.readings,
           (unsigned long long)seen.compared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back_exactly_as_they_came_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
