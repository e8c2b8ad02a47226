/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings come back from a stretch exactly as they were put: every signal, unit, source,
 * method, quality and resolution, whatever was sent beside it, on time or late. Damaged
 * bytes are refused, and never read beyond. VIGIL_READINGS: how many; VIGIL_SEED.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/random.h"
#include "lib/sample.h"
#include "shell/store_block.h"
#include "shell/store_sums.h"

static uint64_t readings_wanted(void)
{
    const char *text = getenv("VIGIL_READINGS");
    return text != NULL ? strtoull(text, NULL, 10) : 100000;
}

/* A stretch, what was put into it, and what came back. */
struct trial {
    struct vg_stretch stretch;
    struct vg_zip zip;
    struct vg_pack times, rest, data, cells;
    struct vg_times got_times;
    struct vg_rest got_rest;
    struct vg_block block;
    struct vg_obs obs[VG_STRETCH_MESSAGES / 30];
    struct vg_stretch_message put[VG_STRETCH_MESSAGES / 30];
    size_t count;
    size_t seen[VG_STRETCH_MESSAGES / 30];
};
#define MOST (VG_STRETCH_MESSAGES / 30)

static struct vg_slice slice_of(const struct vg_pack *pack)
{
    return (struct vg_slice){(const char *)pack->bytes, pack->length};
}

static void put_all(struct trial *t, struct random_source *source)
{
    int64_t at = 1767225600000 + (int64_t)(random_next(source) % 1000000);
    int64_t id = 1 + (int64_t)(random_next(source) % 1000);

    vg_stretch_clear(&t->stretch, VG_STRETCH_MESSAGES);
    for (t->count = 0; t->count < MOST; t->count++) {
        struct vg_stretch_message *m = &t->put[t->count];
        struct vg_obs *obs = &t->obs[t->count];
        at += random_step(source);
        id += 1 + (int64_t)(random_next(source) % 60);
        *m = (struct vg_stretch_message){
            id,
            {at + (int64_t)(random_next(source) % 300)},
            {random_next(source) % 50 == 0 ? at - 7200000 : at},
            random_next(source) % 100 == 0 ? 0 : (uint64_t)t->count + 5,
            obs};
        random_obs(source, m->measured, obs);
        const enum vg_status status = vg_stretch_add(&t->stretch, m);
        if (status == VG_FULL) {
            break;
        }
        assert_int_equal(status, VG_OK);
    }
    assert_true(t->count > 0);
}

/* One signal's block, there and back. */
static size_t check_block(struct trial *t, enum vg_signal signal)
{
    struct vg_block_head head;
    struct vg_reading got;
    size_t message;
    size_t position;
    size_t count = 0;

    t->data.length = 0;
    t->cells.length = 0;
    assert_int_equal(
        vg_stretch_block(&t->stretch, signal, &t->zip, &t->data, &t->cells, &head),
        VG_OK);
    assert_int_equal(
        vg_block_unpack(&t->zip, slice_of(&t->data), &t->got_times, &t->block), VG_OK);
    while (vg_block_next(&t->block, &t->got_times, &got, &message, &position)) {
        assert_true(message < t->count);
        assert_true(position < t->put[message].obs->reading_count);
        assert_same_reading(&got, &t->put[message].obs->readings[position]);
        assert_true(got.measured.ms >= head.oldest.ms);
        assert_true(got.measured.ms <= head.newest.ms);
        t->seen[message]++;
        count++;
    }
    assert_int_equal(count, head.readings);
    return count;
}

static void check_rest(struct trial *t)
{
    static struct vg_obs obs; /* large */
    size_t message;
    enum vg_status status;

    for (size_t i = 0; i < t->count; i++) {
        const int64_t measured = vg_column_at(&t->got_times.measured, i);
        assert_int_equal(measured, t->put[i].measured.ms);
        assert_int_equal(vg_column_at(&t->got_times.id, i), t->put[i].id);
        assert_int_equal(measured + vg_column_at(&t->got_rest.received, i),
                         t->put[i].received.ms);
        assert_int_equal(vg_column_at(&t->got_rest.seq, i), t->put[i].seq);
        assert_int_equal(t->seen[i], t->put[i].obs->reading_count);
    }
    size_t next = 0;
    while ((status = vg_rest_next(&t->got_rest, &t->got_times, &message, &obs)) ==
           VG_OK) {
        for (; next < message; next++) {
            assert_int_equal(t->put[next].obs->entry_count, 0);
            assert_int_equal(t->put[next].obs->failed_count, 0);
        }
        struct vg_message a;
        struct vg_message b;
        memset(&a, 0, sizeof a);
        memset(&b, 0, sizeof b);
        vg_obs_into(&obs, &a);
        vg_obs_into(&t->obs[message], &b);
        b.reading_count = 0; /* those are in their blocks */
        assert_same_message(&a, &b);
        next = message + 1;
    }
    assert_int_equal(status, VG_ABSENT);
}

static size_t check(struct trial *t)
{
    size_t count = 0;

    t->times.length = 0;
    t->rest.length = 0;
    memset(t->seen, 0, sizeof t->seen);
    assert_int_equal(vg_stretch_times(&t->stretch, &t->zip, &t->times), VG_OK);
    assert_int_equal(vg_stretch_rest(&t->stretch, &t->zip, &t->rest), VG_OK);
    assert_int_equal(vg_times_unpack(&t->zip, slice_of(&t->times), &t->got_times),
                     VG_OK);
    assert_int_equal(vg_rest_unpack(&t->zip, slice_of(&t->rest), t->got_times.messages,
                                    &t->got_rest),
                     VG_OK);
    assert_int_equal(t->got_times.messages, t->count);
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        if ((t->stretch.signals >> i & 1) != 0) {
            count += check_block(t, (enum vg_signal)i);
        }
    }
    check_rest(t);
    return count;
}

static struct trial *trial_new(void)
{
    struct trial *t = calloc(1, sizeof *t);
    assert_non_null(t);
    return t;
}

static void trial_end(struct trial *t)
{
    vg_stretch_finish(&t->stretch);
    vg_zip_finish(&t->zip);
    vg_times_finish(&t->got_times);
    vg_rest_finish(&t->got_rest);
    vg_block_finish(&t->block);
    vg_pack_finish(&t->times);
    vg_pack_finish(&t->rest);
    vg_pack_finish(&t->data);
    vg_pack_finish(&t->cells);
    free(t);
}

static void readings_come_back_exactly_as_they_were_put(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct trial *t = trial_new();
    const uint64_t wanted = readings_wanted();
    uint64_t done = 0;

    while (done < wanted) {
        put_all(t, &source);
        done += check(t);
    }
    printf("  %" PRIu64 " readings\n", done);
    trial_end(t);
}

static void damage_is_refused_or_changes_nothing_that_is_read(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct trial *t = trial_new();
    size_t refused = 0;

    put_all(t, &source);
    (void)check(t);
    for (unsigned i = 0; i < 2000; i++) {
        const size_t at = random_next(&source) % t->data.length;
        const uint8_t bit = (uint8_t)(1U << random_next(&source) % 8);
        t->data.bytes[at] ^= bit;
        const enum vg_status status =
            vg_block_unpack(&t->zip, slice_of(&t->data), &t->got_times, &t->block);
        assert_true(status == VG_OK || status == VG_REFUSED);
        refused += status == VG_REFUSED;
        t->data.bytes[at] ^= bit;
    }
    assert_true(refused > 1950); /* a bit of the frame's head may mean nothing */
    for (size_t n = 0; n < t->data.length; n++) {
        assert_int_equal(vg_block_unpack(&t->zip,
                                         (struct vg_slice){(char *)t->data.bytes, n},
                                         &t->got_times, &t->block),
                         VG_REFUSED);
    }
    trial_end(t);
}

struct cell_check {
    const struct trial *trial;
    enum vg_signal signal;
    uint64_t count;
};

static bool compare_cell(void *to, const struct vg_running *cell)
{
    struct cell_check *check = to;
    const int64_t begin = vg_step_of(cell->first_at, VG_SUM_CELL).ms;
    struct vg_running want = {0};

    for (size_t i = 0; i < check->trial->stretch.readings; i++) {
        const struct vg_reading *r = &check->trial->stretch.item[i].reading;
        struct vg_running one;
        if (r->signal == check->signal && vg_running_of(r, &one) &&
            vg_step_of(r->measured, VG_SUM_CELL).ms == begin) {
            vg_running_add(&want, &one);
        }
    }
    assert_int_equal(want.count, cell->count);
    assert_int_equal(want.min, cell->min);
    assert_int_equal(want.max, cell->max);
    assert_int_equal(want.sum, cell->sum);
    assert_int_equal(want.first, cell->first);
    assert_int_equal(want.last, cell->last);
    assert_int_equal(want.first_at.ms, cell->first_at.ms);
    assert_int_equal(want.last_at.ms, cell->last_at.ms);
    check->count += cell->count;
    return true;
}

static void cells_are_the_sums_of_what_is_in_them(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct trial *t = trial_new();
    struct vg_block_head head;
    uint64_t summed = 0;

    put_all(t, &source);
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        struct cell_check to = {t, (enum vg_signal)i, 0};
        if ((t->stretch.signals >> i & 1) == 0) {
            continue;
        }
        t->data.length = 0;
        t->cells.length = 0;
        assert_int_equal(vg_stretch_block(&t->stretch, to.signal, &t->zip, &t->data,
                                          &t->cells, &head),
                         VG_OK);
        assert_int_equal(vg_sums_each(slice_of(&t->cells), compare_cell, &to), VG_OK);
        summed += to.count;
    }
    assert_true(summed > t->stretch.readings / 4);
    trial_end(t);
}

/* Numbers that are hard to take differences of. */
static void columns_bring_back_every_number(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct vg_pack pack = {0};
    struct vg_column column = {0};
    int64_t numbers[64];

    for (unsigned round = 0; round < 5000; round++) {
        const size_t count = random_next(&source) % 65;
        const unsigned shift = (unsigned)(random_next(&source) % 64);
        for (size_t i = 0; i < count; i++) {
            numbers[i] = (int64_t)(random_next(&source) >> shift);
            numbers[i] = random_next(&source) % 4 == 0 ? -numbers[i] : numbers[i];
        }
        if (count > 1 && round % 3 == 0) {
            numbers[count / 2] = round % 2 == 0 ? INT64_MIN : INT64_MAX;
        }
        pack.length = 0;
        vg_column_put(&pack, numbers, count);
        struct vg_unpack u = {pack.bytes, pack.bytes + pack.length, false};
        assert_int_equal(vg_column_get(&u, count, &column), VG_OK);
        assert_ptr_equal(u.at, u.end);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(vg_column_at(&column, i), numbers[i]);
        }
    }
    vg_column_finish(&column);
    vg_pack_finish(&pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_bring_back_every_number),
        cmocka_unit_test(readings_come_back_exactly_as_they_were_put),
        cmocka_unit_test(cells_are_the_sums_of_what_is_in_them),
        cmocka_unit_test(damage_is_refused_or_changes_nothing_that_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
