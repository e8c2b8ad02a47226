/* SPDX-License-Identifier: Apache-2.0
 *
 * The log in one write: what reaches the file, when, and what another connection finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/past.h"
#include "lib/random.h"
#include "lib/temp.h"
#include "shell/store_db.h"
#include "shell/store_gather.h"
#include "shell/store_write_inside.h"

/* The layer below: counts, and fails once told to. */
static sqlite3_io_methods below;
static const sqlite3_io_methods *real;
static unsigned writes, syncs;
static int write_code;

static int on_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    writes++;
    return write_code != SQLITE_OK ? write_code : real->xWrite(file, bytes, length, at);
}

static int on_sync(sqlite3_file *file, int flags)
{
    syncs++;
    return real->xSync(file, flags);
}

struct logged {
    struct temp temp;
    char path[256];
    sqlite3 *db, *other;
    struct vg_gather *gather;
};

static void run(sqlite3 *db, const char *sql)
{
    struct vg_error error;

    if (vg_db_run(db, sql, &error) != VG_OK) {
        fail_msg("%s: %s", sql, error.text);
    }
}

static int64_t number(sqlite3 *db, const char *sql)
{
    int64_t out = -1;
    struct vg_error error;

    assert_int_equal(vg_db_number(db, sql, &out, &error), VG_OK);
    return out;
}

static int set_up(void **state)
{
    struct logged *l = calloc(1, sizeof *l);
    struct vg_error error;
    sqlite3_file *log = NULL;

    assert_non_null(l);
    temp_create(&l->temp);
    temp_path(&l->temp, "vigil.db", l->path, sizeof l->path);
    assert_int_equal(vg_db_open_writer(l->path, &l->db, &error), VG_OK);
    run(l->db, "PRAGMA application_id=1447513137;"
               "CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)");
    assert_int_equal(vg_db_open_reader(l->path, &l->other, &error), VG_OK);
    assert_int_equal(
        sqlite3_file_control(l->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log),
        SQLITE_OK);
    real = log->pMethods;
    below = *real;
    below.xWrite = on_write;
    below.xSync = on_sync;
    log->pMethods = &below;
    l->gather = vg_gather_open(l->db);
    assert_non_null(l->gather);
    writes = syncs = 0;
    write_code = SQLITE_OK;
    *state = l;
    return 0;
}

static int tear_down(void **state)
{
    struct logged *l = *state;

    assert_int_equal(sqlite3_close(l->other), SQLITE_OK);
    assert_int_equal(sqlite3_close(l->db), SQLITE_OK);
    vg_gather_close(l->gather);
    temp_remove(&l->temp);
    free(l);
    return 0;
}

/* Seven pages or so. */
#define ROW "INSERT INTO t(b) VALUES(randomblob(20000))"

static void one_write_for_a_transaction(void **state)
{
    struct logged *l = *state;

    for (unsigned i = 1; i <= 20; i++) {
        run(l->db, ROW);
        assert_int_equal(writes, i);
        assert_int_equal(syncs, i);
        assert_int_equal(number(l->other, "SELECT count(*) FROM t"), i);
    }
    assert_int_equal(number(l->other, "SELECT sum(length(b)) FROM t"), 20 * 20000);
}

/* Sealing commits without a sync: what is written is seen by others at once all the same. */
static void without_a_sync_too(void **state)
{
    struct logged *l = *state;

    run(l->db, "PRAGMA synchronous=NORMAL");
    for (unsigned i = 1; i <= 20; i++) {
        run(l->db, ROW);
        assert_int_equal(writes, i);
        assert_int_equal(number(l->other, "SELECT sum(length(b)) FROM t"), i * 20000);
    }
    assert_int_equal(syncs, 0);
}

/* More than is gathered at once, and more than the connection keeps in memory: pages go to the log and are
 * read back before the end. */
static void a_long_one(void **state)
{
    struct logged *l = *state;

    run(l->db, "PRAGMA cache_size=10; BEGIN");
    for (unsigned i = 0; i < 40; i++) {
        run(l->db, ROW);
    }
    assert_int_equal(number(l->db, "SELECT sum(length(b)) FROM t"), 40 * 20000);
    assert_int_equal(number(l->other, "SELECT count(*) FROM t"), 0);
    run(l->db, "UPDATE t SET b = zeroblob(30000) WHERE id % 2; COMMIT");
    assert_int_equal(number(l->other, "SELECT sum(length(b)) FROM t"), 20 * 50000);
    run(l->db, "PRAGMA wal_checkpoint(PASSIVE)");
    assert_int_equal(number(l->other, "SELECT sum(length(b)) FROM t"), 20 * 50000);
}

static void what_was_rolled_back_is_gone(void **state)
{
    struct logged *l = *state;

    run(l->db, "PRAGMA cache_size=10; BEGIN");
    for (unsigned i = 0; i < 10; i++) {
        run(l->db, ROW);
    }
    run(l->db, "ROLLBACK; INSERT INTO t(b) VALUES(zeroblob(9000))");
    assert_int_equal(number(l->other, "SELECT sum(length(b)) FROM t"), 9000);
    assert_int_equal(number(l->db, "SELECT sum(length(b)) FROM t"), 9000);
}

/* The commit fails, nothing of it counts, and the next one does. */
static void a_write_that_fails(void **state)
{
    struct logged *l = *state;

    run(l->db, ROW);
    write_code = SQLITE_FULL;
    assert_int_equal(sqlite3_exec(l->db, ROW, NULL, NULL, NULL), SQLITE_FULL);
    assert_int_equal(number(l->other, "SELECT count(*) FROM t"), 1);
    write_code = SQLITE_OK;
    run(l->db, ROW);
    assert_int_equal(number(l->other, "SELECT sum(length(b)) FROM t"), 40000);
}

static void copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    char piece[4096];
    size_t n;

    assert_non_null(in);
    assert_non_null(out);
    while ((n = fread(piece, 1, sizeof piece, in)) > 0) {
        assert_int_equal(fwrite(piece, 1, n, out), n);
    }
    assert_int_equal(fclose(in) | fclose(out), 0);
}

/* Whoever comes after a kill works out from the log alone what is in it. */
static sqlite3 *copy_of(struct logged *l)
{
    char from[300], to[300];
    struct vg_error error;
    sqlite3 *db;

    (void)snprintf(from, sizeof from, "%s-wal", l->path);
    copy(l->path, temp_path(&l->temp, "copy.db", to, sizeof to));
    copy(from, temp_path(&l->temp, "copy.db-wal", to, sizeof to));
    temp_path(&l->temp, "copy.db", to, sizeof to);
    assert_int_equal(vg_db_open_reader(to, &db, &error), VG_OK);
    return db;
}

static void the_log_is_whole(void **state)
{
    struct logged *l = *state;

    for (unsigned i = 0; i < 5; i++) {
        run(l->db, ROW);
    }
    sqlite3 *db = copy_of(l);
    assert_int_equal(number(db, "SELECT sum(length(b)) FROM t"), 5 * 20000);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Pages that are written, read back and written again before the end: their checksums are put right behind it, and all
 * of that is in the file at once, without a sync as well. */
static void what_was_written_twice_is_whole(void **state)
{
    struct logged *l = *state;
    sqlite3 *db;

    run(l->db, "PRAGMA synchronous=NORMAL; PRAGMA cache_size=10; BEGIN");
    for (unsigned i = 0; i < 40; i++) {
        run(l->db, ROW);
    }
    run(l->db, "UPDATE t SET b = zeroblob(20000); COMMIT");
    db = copy_of(l);
    assert_int_equal(number(db, "SELECT sum(length(b)) FROM t"), 40 * 20000);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* SQLite 3.40 forgets the checksums of what is written again behind a savepoint that it went back to, if pages had gone
 * to the log before: a recovery would end there. Kept in memory until the commit, as sealing does, all is found. */
static void what_was_undone_in_part_is_whole(void **state)
{
    struct logged *l = *state;
    sqlite3 *db;

    run(l->db, "PRAGMA cache_size=10; PRAGMA cache_spill=OFF");
    for (unsigned i = 0; i < 4; i++) {
        const unsigned before = writes;
        run(l->db, "BEGIN");
        for (unsigned k = 0; k < 10; k++) {
            run(l->db, ROW);
        }
        run(l->db, "SAVEPOINT part");
        for (unsigned k = 0; k < 10; k++) {
            run(l->db, ROW);
            run(l->db, "UPDATE t SET b = randomblob(20000) WHERE id % 3 = 0");
        }
        run(l->db, "ROLLBACK TO part");
        for (unsigned k = 0; k < 10; k++) {
            run(l->db, ROW);
        }
        assert_int_equal(writes, before);
        run(l->db, "RELEASE part; COMMIT");
    }
    db = copy_of(l);
    assert_int_equal(number(db, "SELECT sum(length(b)) FROM t"), 80 * 20000);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

struct traced {
    bool spills;
    unsigned savepoints;
};

static int on_statement(unsigned what, void *to, void *statement, void *sql)
{
    struct traced *t = to;

    (void)what;
    (void)statement;
    t->spills = strstr(sql, "cache_spill=OFF") != NULL  ? false
                : strstr(sql, "cache_spill=ON") != NULL ? true
                                                        : t->spills;
    if (strncmp(sql, "SAVEPOINT", 9) == 0) {
        assert_false(t->spills);
        t->savepoints++;
    }
    return 0;
}

static void sealing_keeps_its_pages_until_the_commit(void **state)
{
    struct random_source source = random_seeded();
    struct traced t = {.spills = true};
    struct past past;

    (void)state;
    past_begin(&past, &source);
    past_live(&past, 3 * VG_HOUR);
    sqlite3_trace_v2(past.writer->db, SQLITE_TRACE_STMT, on_statement, &t);
    past_hot(&past, VG_HOUR);
    while (vg_writer_seal(past.writer)) {
    }
    assert_true(t.savepoints > 0);
    assert_true(t.spills); /* batches do, as before */
    past_end(&past);
}

/* What a transaction that was undone had still to write does not go over what another connection wrote there since. */
static void what_was_undone_is_forgotten(void **state)
{
    struct logged *l = *state;
    struct vg_error error;
    sqlite3 *writer;

    run(l->db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size=10; BEGIN");
    for (unsigned i = 0; i < 10; i++) {
        run(l->db, ROW);
    }
    run(l->db, "ROLLBACK");
    assert_int_equal(vg_db_open_writer(l->path, &writer, &error), VG_OK);
    for (unsigned i = 0; i < 12; i++) {
        run(writer, "INSERT INTO t(b) VALUES(zeroblob(20000))");
    }
    assert_int_equal(number(l->db, "SELECT sum(length(b)) FROM t"), 12 * 20000);
    run(l->db, ROW);
    assert_int_equal(
        number(l->other, "SELECT count(*) FROM t WHERE b = zeroblob(20000)"), 12);
    assert_int_equal(sqlite3_close(writer), SQLITE_OK);
    sqlite3 *db = copy_of(l);
    assert_int_equal(number(db, "SELECT sum(length(b)) FROM t"), 13 * 20000);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_write_for_a_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_sync_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_rolled_back_is_gone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_write_that_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_log_is_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_undone_is_forgotten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_written_twice_is_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_undone_in_part_is_whole, set_up,
                                        tear_down),
        cmocka_unit_test(sealing_keeps_its_pages_until_the_commit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
