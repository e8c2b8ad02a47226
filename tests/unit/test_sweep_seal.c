/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealing when memory or the disk fails at any point: nothing is lost or doubled, before the
 * store is opened again, after it, and once sealing went through at last.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/fail_vfs.h"
#include "lib/past.h"
#include "lib/sample.h"
#include "shell/history.h"
#include "shell/store_write_inside.h"

#define HOT (4 * VG_MINUTE)

static size_t points;

struct compare {
    const struct past *past;
    size_t at;
};

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct compare *compare = to;

    assert_true(compare->at < compare->past->count);
    const struct past_row *want = &compare->past->row[compare->at++];
    assert_int_equal(row->order, want->order);
    assert_same_reading(row->reading, &want->reading);
    return true;
}

static void all_is_there(const struct past *past)
{
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};
    struct compare compare = {past, 0};
    const struct vg_history_query all = {.to = VG_NEVER};
    struct vg_page_end end;

    assert_int_equal(vg_store_read_open(past->path, &reader, &error), VG_OK);
    if (vg_history_readings(reader, &all, on_reading, &compare, &end, &error) !=
        VG_OK) {
        fail_msg("cannot read: %s", error.text);
    }
    assert_int_equal(compare.at, past->count);
    vg_store_read_close(reader);
}

static void file_is_whole(const struct past *past)
{
    sqlite3 *db;
    sqlite3_stmt *row;
    struct vg_error error;

    assert_int_equal(vg_db_open_reader(past->path, &db, &error), VG_OK);
    assert_int_equal(vg_db_prepare(db, "PRAGMA integrity_check", &row, &error), VG_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_string_equal(vg_db_column(row, 0).text, "ok");
    sqlite3_finalize(row);
    sqlite3_close(db);
}

static void seal_all(struct past *past)
{
    past_hot(past, HOT);
    while (vg_writer_seal(past->writer)) {
    }
}

/* One point, in a store of its own. Whether it was met. */
static bool one_point(enum fail_what what, enum fail_how how, size_t n)
{
    struct random_source source = {7};
    struct past past;
    struct vg_error error = {""};
    struct vg_sealing told;

    past_begin(&past, &source);
    past.step = VG_SECOND;
    past.whole = 40;
    past_live(&past, 12 * VG_MINUTE);
    past_hot(&past, HOT);
    fail_arm(what, n, how);
    while (vg_writer_seal(past.writer)) {
    }
    const bool met = fail_disarm() > 0;
    vg_writer_sealing(past.writer, &told);
    assert_true(met || told.error.text[0] == '\0');
    assert_true(met || told.stretches > 8);
    all_is_there(&past);
    /* what the daemon commits next must not suffer from it */
    if (vg_writer_commit(past.writer, past.batch, &error) != VG_OK) {
        fail_msg("%d %zu: %s; %s", (int)what, n, error.text, told.error.text);
    }
    all_is_there(&past);
    past_reopen(&past);
    seal_all(&past);
    all_is_there(&past);
    if (n % 16 == 1) {
        file_is_whole(&past);
    }
    past_end(&past);
    points += met;
    return met;
}

static void nothing_is_lost_whatever_fails(void **state)
{
    static const struct {
        enum fail_what what;
        enum fail_how how;
    } kinds[] = {{FAIL_DB_WRITE, FAIL_ONCE}, {FAIL_DB_WRITE, FAIL_FULL},
                 {FAIL_DB_WRITE, FAIL_FROM}, {FAIL_DB_SYNC, FAIL_ONCE},
                 {FAIL_DB_READ, FAIL_ONCE},  {FAIL_MEMORY, FAIL_ONCE},
                 {FAIL_MEMORY, FAIL_FROM}};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        for (size_t n = 1; one_point(kinds[i].what, kinds[i].how, n); n += 1 + n / 6) {
        }
    }
    assert_true(points > 60);
    printf("  %zu points\n", points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_whatever_fails),
    };
    fail_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
