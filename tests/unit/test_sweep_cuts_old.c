/* SPDX-License-Identifier: Apache-2.0
 *
 * The power is cut at any write of a migration, and the disk fails at any: from each older
 * version. The file is then of the version that it was or of this one, never between, with
 * every reading; and the next start finishes what was left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/fail_cut.h"
#include "lib/fail_cut_past.h"
#include "lib/fail_vfs.h"
#include "lib/past_old.h"
#include "shell/store_schema.h"
#include "shell/store_write_inside.h"

static struct random_source source;

static void leave_no_log(const char *path)
{
    char log[180];

    (void)snprintf(log, sizeof log, "%s-wal", path);
    FILE *file = fopen(log, "a"); /* none is laid out beforehand */
    assert_non_null(file);
    (void)fclose(file);
}

/* With the sanitizers each try takes ten times as long: from the oldest and from the newest
 * before this one. The plain build takes all. */
static size_t next_version(size_t version)
{
#if defined(__SANITIZE_ADDRESS__)
    return version + 1 < vg_schema_step_count ? vg_schema_step_count - 1
                                              : vg_schema_step_count;
#else
    return version + 1;
#endif
}

static size_t from_version;
static size_t left_old, left_new;

/* ---- Cuts */

static void migrates(struct cuts *cuts, struct past *past)
{
    struct vg_error error = {""};

    cuts_until_here(cuts);
    past_live(past, 4 * VG_MINUTE);
    past_become_old(past, from_version);
    leave_no_log(past->path);
    cut_begin();
    cuts_from_here(cuts);
    if (vg_writer_open(past->path, &past->writer, &error) != VG_OK) {
        fail_msg("cannot migrate: %s", error.text);
    }
    vg_writer_tidy(past->writer);
}

static int64_t number(const char *path, const char *sql)
{
    sqlite3 *db;
    int64_t answer = -1;
    struct vg_error error = {""};

    assert_int_equal(vg_db_open_reader(path, &db, &error), VG_OK);
    assert_int_equal(vg_db_number(db, sql, &answer, &error), VG_OK);
    sqlite3_close(db);
    return answer;
}

/* Before it is opened by the store: one of the two versions, and its tables. */
static void one_of_both(struct cuts *cuts, const char *path)
{
    const int64_t version = number(path, "PRAGMA user_version");

    (void)cuts;
    left_old += version == (int64_t)from_version;
    left_new += version == (int64_t)vg_schema_step_count;
    assert_true(version == (int64_t)from_version ||
                version == (int64_t)vg_schema_step_count);
    assert_int_equal(
        number(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'block'"),
        version >= 4);
    assert_int_equal(
        number(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'committed'"),
        version >= 5);
    assert_int_equal(
        number(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'bundle'"),
        version >= 7);
    assert_int_equal(number(path,
                            "SELECT count(*) FROM pragma_table_info('infusion') WHERE"
                            " name = 'donor'"),
                     version >= 6);
    assert_int_equal(number(path, "SELECT count(*) FROM pragma_table_info('stay') WHERE"
                                  " name = 'since'"),
                     version >= 3);
    assert_int_equal(
        number(path, "SELECT wr FROM pragma_table_list WHERE name = 'alert_event'"),
        version < 9);
}

static void a_cut_leaves_the_old_or_the_new(void **state)
{
    (void)state;
    for (from_version = 1; from_version < vg_schema_step_count;
         from_version = next_version(from_version)) {
        struct cuts cuts = {.before = one_of_both};
        left_old = left_new = 0;
        cuts_run(&cuts, "migrating", migrates, &source);
        printf("  from %zu: %zu were left old, %zu new\n", from_version, left_old,
               left_new);
        assert_true(left_old > 0 && left_new > 0);
    }
}

/* ---- A disk that fails */

static bool fails(enum fail_what what, enum fail_how how, size_t n)
{
    struct past past;
    struct cuts look = {.past = &past};
    struct vg_error error = {""};

    past_begin(&past, &source);
    past_live(&past, VG_MINUTE);
    past_become_old(&past, from_version);
    leave_no_log(past.path);
    fail_arm(what, n, how);
    const enum vg_status status = vg_writer_open(past.path, &past.writer, &error);
    const bool met = fail_disarm() > 0;
    if (status != VG_OK) {
        assert_true(met && (error.text[0] != '\0' || status == VG_NO_MEMORY));
        leave_no_log(past.path);
        one_of_both(&look, past.path);
        if (vg_writer_open(past.path, &past.writer, &error) != VG_OK) {
            fail_msg("%d %zu: %s", (int)what, n, error.text);
        }
    }
    look.may_go = VG_UNSET;
    cuts_look_at(&look, past.path, past.committed, past.messages);
    past_end(&past);
    return met;
}

static void a_failing_disk_leaves_the_old_or_the_new(void **state)
{
    static const struct {
        enum fail_what what;
        enum fail_how how;
    } kinds[] = {{FAIL_DB_WRITE, FAIL_ONCE}, {FAIL_DB_WRITE, FAIL_FULL},
                 {FAIL_DB_WRITE, FAIL_FROM}, {FAIL_DB_SYNC, FAIL_ONCE},
                 {FAIL_DB_READ, FAIL_ONCE},  {FAIL_MEMORY, FAIL_ONCE},
                 {FAIL_MEMORY, FAIL_FROM}};
    size_t points = 0;

    (void)state;
    for (from_version = 1; from_version < vg_schema_step_count;
         from_version = next_version(from_version)) {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            const size_t step = kinds[i].what == FAIL_MEMORY ? 1 : 3;
            for (size_t n = 1; fails(kinds[i].what, kinds[i].how, n);
                 n += 1 + n / step) {
                points++;
            }
        }
    }
    printf("  %zu points failed\n", points);
    assert_true(points > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_leaves_the_old_or_the_new),
        cmocka_unit_test(a_failing_disk_leaves_the_old_or_the_new),
    };
    source = random_seeded();
    fail_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
