/* SPDX-License-Identifier: Apache-2.0
 *
 * What only the SQLite store promises: it survives, it is alone, it fails whole, and old
 * files are brought up to date.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/sample.h"
#include "lib/stored.h"
#include "shell/store_schema.h"
#include "shell/store_write_inside.h"

static int set_up(void **state)
{
    static char kind[] = "sqlite";
    *state = kind;
    return stored_set_up(state);
}

static void put_messages(struct stored *stored, unsigned first, unsigned count)
{
    struct sample sample;
    for (unsigned n = first; n < first + count; n++) {
        sample_vitals(&sample, n);
        assert_int_equal(vg_batch_message(stored->batch, &sample.message, "ep",
                                          (struct vg_instant){n}, n),
                         VG_OK);
    }
}

static size_t count_messages(struct stored *stored)
{
    struct notebook *notebook = calloc(1, sizeof(*notebook));
    stored_restore(stored, (struct vg_instant){0}, notebook);
    size_t count = notebook->messages;
    free(notebook);
    return count;
}

static int64_t ask(const struct stored *stored, const char *sql)
{
    sqlite3 *db;
    int64_t answer = -1;
    struct vg_error error;
    assert_int_equal(vg_db_open_reader(stored->path, &db, &error), VG_OK);
    assert_int_equal(vg_db_number(db, sql, &answer, &error), VG_OK);
    sqlite3_close(db);
    return answer;
}

static void everything_is_there_after_reopening(void **state)
{
    struct stored *stored = *state;
    put_messages(stored, 0, 7000); /* closes segments: 700 of each place */
    vg_batch_journal(stored->batch, 9);
    assert_int_equal(stored_commit(stored), VG_OK);
    for (unsigned round = 0; round < 3; round++) {
        stored_close(stored);
        stored_open(stored);
        assert_int_equal(stored->store->ops->journal(stored->store), 9);
        put_messages(stored, 7000 + round, 1);
        assert_int_equal(stored_commit(stored), VG_OK);
    }
    assert_int_equal(ask(stored, "SELECT count(*) FROM message"), 7003);
    assert_int_equal(ask(stored, "SELECT count(*) FROM segment"), 10);
    /* each place's chain runs through all its messages, with no name twice */
    assert_int_equal(ask(stored, "SELECT count(*) FROM message WHERE previous = 0"),
                     ask(stored, "SELECT count(*) FROM place"));
    assert_int_equal(ask(stored,
                         "SELECT count(*) FROM message a LEFT JOIN message b ON "
                         "b.id = a.previous AND b.place = a.place"
                         " WHERE a.previous <> 0 AND b.id IS NULL"),
                     0);
    assert_int_equal(ask(stored, "SELECT count(*) FROM place"), 10);
    assert_int_equal(ask(stored, "SELECT value = (SELECT sum(count) FROM message)"
                                 " FROM meta WHERE key = 'readings'"),
                     1);
}

static void the_files_are_private_and_named_after_the_path(void **state)
{
    struct stored *stored = *state;
    put_messages(stored, 0, 1);
    assert_int_equal(stored_commit(stored), VG_OK);
    static const char *const names[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < 4; i++) {
        char path[160];
        struct stat info;
        snprintf(path, sizeof(path), "%s%s", stored->path, names[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
    }
}

static void a_second_daemon_is_refused_with_a_clear_sentence(void **state)
{
    struct stored *stored = *state;
    struct vg_store *second = NULL;
    struct vg_error error;
    assert_int_equal(
        vg_store_open("sqlite", stored->path, &stored->loop, &second, &error),
        VG_FAILED);
    assert_non_null(strstr(error.text, "another vigild uses the store"));
    put_messages(stored, 0, 1);
    assert_int_equal(stored_commit(stored), VG_OK);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk "fills up" at every point of a batch in turn; each time nothing of it may be
 * there, and once there is room again the same batch goes through. */
static void a_failing_commit_leaves_nothing_half_written(void **state)
{
    struct stored *stored = *state;
    signal(SIGXFSZ, SIG_IGN);
    put_messages(stored, 0, 10);
    assert_int_equal(stored_commit(stored), VG_OK);
    unsigned failures = 0;
    for (rlim_t limit = 1 << 12; limit <= (rlim_t)(1 << 19); limit += 1 << 14) {
        size_t before = (size_t)ask(stored, "SELECT count(*) FROM message");
        put_messages(stored, 10, 1000);
        struct vg_alert alert = sample_alert("onc-7", 1);
        vg_batch_alert(stored->batch, &alert);
        limit_files(limit);
        enum vg_status status = stored_commit(stored);
        limit_files(RLIM_INFINITY);
        if (status != VG_OK) {
            failures++;
            assert_int_equal(status, VG_FAILED);
            assert_non_null(strstr(stored->error.text, stored->path));
            assert_int_equal(ask(stored, "SELECT count(*) FROM message"), before);
            assert_int_equal(stored_commit(stored), VG_OK);
        }
        assert_int_equal(ask(stored, "SELECT count(*) FROM message"), before + 1000);
        assert_int_equal(ask(stored, "SELECT count(*) FROM outbox"), 1);
    }
    assert_true(failures > 3);
    assert_int_equal(ask(stored, "SELECT count(*) FROM pragma_integrity_check"
                                 " WHERE integrity_check <> 'ok'"),
                     0);
}

static void a_record_that_cannot_be_written_takes_its_batch_with_it(void **state)
{
    struct stored *stored = *state;
    /* beyond SQLite's limit as we set it: it cannot be bound, and no column takes NULL */
    const size_t huge = (size_t)2 << 20;
    char *payload = calloc(1, huge);
    const struct vg_letter letter = {"t", 1, payload, huge, false};
    const struct vg_origin origin = {"gw-0", "e", 1};
    const struct vg_refusal refusal = {VG_TOO_BIG, -1, ""};
    put_messages(stored, 0, 5);
    vg_batch_quarantine(stored->batch, &letter, &origin, &refusal,
                        (struct vg_instant){1}, 1);
    assert_int_equal(stored_commit(stored), VG_FAILED);
    assert_non_null(strstr(stored->error.text, stored->path));
    assert_int_equal(count_messages(stored), 0);
    vg_batch_clear(stored->batch);
    put_messages(stored, 0, 5);
    assert_int_equal(stored_commit(stored), VG_OK);
    assert_int_equal(count_messages(stored), 5);
    free(payload);
}

static void closing_waits_for_the_batch_in_flight(void **state)
{
    struct stored *stored = *state;
    put_messages(stored, 0, 500);
    assert_int_equal(
        stored->store->ops->commit(stored->store, stored->batch, NULL, NULL), VG_OK);
    stored_close(stored);
    vg_batch_clear(stored->batch);
    stored_open(stored);
    assert_int_equal(count_messages(stored), 500);
    stored_close(stored);
    char path[160];
    struct stat info;
    snprintf(path, sizeof(path), "%s-wal", stored->path);
    assert_int_not_equal(stat(path, &info), 0); /* all is in the main file */
    stored_open(stored);
}

static void files_that_are_not_ours_are_left_alone(void **state)
{
    struct stored *stored = *state;
    static const struct {
        const char *sql, *sentence;
    } rows[] = {
        {"CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)", "not one of vigil's"},
        {"PRAGMA application_id=1447513137; PRAGMA user_version=999", "newer vigil"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[160];
        sqlite3 *db;
        struct vg_store *store;
        struct vg_error error;
        snprintf(path, sizeof(path), "%s-%zu", stored->path, i);
        sqlite3_open(path, &db);
        assert_int_equal(sqlite3_exec(db, rows[i].sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        assert_int_equal(vg_store_open("sqlite", path, &stored->loop, &store, &error),
                         VG_FAILED);
        assert_non_null(strstr(error.text, rows[i].sentence));
    }
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    struct stored *stored = *state;
    char path[160];
    struct vg_store *store;
    struct vg_error error;
    FILE *file = fopen(temp_path(&stored->temp, "letter.txt", path, sizeof(path)), "w");
    for (int i = 0; i < 1000; i++) {
        fputs("Dear colleague, ", file);
    }
    fclose(file);
    assert_int_equal(vg_store_open("sqlite", path, &stored->loop, &store, &error),
                     VG_FAILED);
    assert_non_null(strstr(error.text, "not a database"));
}

static void migrations_run_once_each_in_order_and_whole(void **state)
{
    struct stored *stored = *state;
    static const struct vg_schema_step steps[] = {
        {1, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", NULL},
        {2, "UPDATE t SET x = x + 10", NULL},
        {3, "UPDATE t SET x = x * 2; SELECT nonsense", NULL},
        {3, "UPDATE t SET x = x * 2", NULL},
    };
    const struct vg_schema_step good[] = {steps[0], steps[1], steps[3]};
    char path[160];
    sqlite3 *db;
    struct vg_error error;
    int64_t x, version;
    temp_path(&stored->temp, "old.db", path, sizeof(path));
    assert_int_equal(vg_db_open_writer(path, &db, &error), VG_OK);
    assert_int_equal(vg_schema_upgrade(db, steps, 1, &error), VG_OK);
    assert_int_equal(vg_schema_upgrade(db, steps, 3, &error), VG_FAILED);
    vg_db_number(db, "SELECT x FROM t", &x, &error);
    vg_db_number(db, "PRAGMA user_version", &version, &error);
    assert_int_equal(x, 1); /* step 2 was taken back with step 3 */
    assert_int_equal(version, 1);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(vg_schema_upgrade(db, good, 3, &error), VG_OK);
        vg_db_number(db, "SELECT x FROM t", &x, &error);
        vg_db_number(db, "PRAGMA user_version", &version, &error);
        assert_int_equal(x, 22);
        assert_int_equal(version, 3);
    }
    assert_int_equal(vg_schema_upgrade(db, good, 2, &error), VG_FAILED);
    sqlite3_close(db);
}

/* More than go in one portion. */
static void step_9_moves_every_change_of_an_alert(void **state)
{
    struct stored *stored = *state;
    char path[160];
    sqlite3 *db;
    struct vg_error error;
    int64_t same;
    temp_path(&stored->temp, "many.db", path, sizeof(path));
    assert_int_equal(vg_db_open_writer(path, &db, &error), VG_OK);
    assert_int_equal(vg_schema_upgrade(db, vg_schema_steps, 8, &error), VG_OK);
    assert_int_equal(
        vg_db_run(db,
                  "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
                  " WHERE i < 1201) INSERT INTO alert_event SELECT 'w' || i % 7, i, i,"
                  " 'a' || i % 50, i % 3, 'raised', 'j' || i FROM c",
                  &error),
        VG_OK);
    assert_int_equal(vg_schema_upgrade(db, vg_schema_steps, 9, &error), VG_OK);
    vg_db_number(db,
                 "SELECT count(*) FROM alert_event WHERE ward = 'w' || n % 7 AND at = n"
                 " AND alert = 'a' || n % 50 AND rev = n % 3 AND json = 'j' || n",
                 &same, &error);
    assert_int_equal(same, 1201);
    sqlite3_close(db);
}

/* A writer of its own on a store that nobody else has open, with the minutes that make a
 * sweep due taken off its clocks. */
static void sweeping_closes_old_segments_and_moves_the_tail(void **state)
{
    struct stored *stored = *state;
    struct vg_writer *writer;
    struct vg_error error;
    stored_close(stored);
    assert_int_equal(vg_writer_open(stored->path, &writer, &error), VG_OK);
    put_messages(stored, 0, 20); /* two for each of ten places */
    assert_int_equal(vg_writer_commit(writer, stored->batch, &error), VG_OK);
    assert_int_equal(ask(stored, "SELECT count(*) FROM segment"), 0);
    for (size_t i = 0; i < 6; i++) { /* places 1 to 5 are old, 6 to 10 are not */
        writer->place[i].opened -= VG_HOUR;
    }
    writer->swept -= VG_HOUR;
    vg_batch_clear(stored->batch);
    put_messages(stored, 20, 1); /* of place 1 */
    assert_int_equal(vg_writer_commit(writer, stored->batch, &error), VG_OK);
    assert_int_equal(ask(stored, "SELECT count(*) FROM segment"), 5);
    assert_int_equal(ask(stored, "SELECT last FROM segment WHERE place = 1"), 21);
    assert_int_equal(ask(stored, "SELECT value FROM meta WHERE key = 'tail'"), 5);
    vg_writer_close(writer);
    assert_int_equal(vg_writer_open(stored->path, &writer, &error), VG_OK);
    assert_int_equal(writer->place[1].last, 21);
    assert_int_equal(writer->place[1].first, 0);
    assert_int_equal(writer->place[6].first, 6);
    assert_int_equal(writer->place[6].rows, 2);
    vg_writer_close(writer);
    vg_batch_clear(stored->batch);
    stored_open(stored);
}

/* A gateway that fell silent long ago must not make every start read all rows since. */
static void marks_of_silent_gateways_follow(void **state)
{
    struct stored *stored = *state;
    struct vg_writer *writer;
    struct vg_error error;
    stored_close(stored);
    assert_int_equal(vg_writer_open(stored->path, &writer, &error), VG_OK);
    put_messages(stored, 0, 3); /* numbered, of three gateways */
    vg_batch_mark(stored->batch, "gw-0", "7f3a", 1, NULL, 0);
    assert_int_equal(vg_writer_commit(writer, stored->batch, &error), VG_OK);
    writer->last_message += 200000;
    writer->swept -= VG_HOUR;
    vg_batch_clear(stored->batch);
    assert_int_equal(vg_writer_commit(writer, stored->batch, &error), VG_OK);
    assert_int_equal(ask(stored, "SELECT message FROM epoch WHERE gateway = 'gw-0'"),
                     200003);
    assert_int_equal(ask(stored, "SELECT message FROM epoch WHERE gateway = 'gw-1'"),
                     1);
    vg_writer_close(writer);
    stored_open(stored);
}

static void the_words_of_the_readings_are_told(void **state)
{
    struct stored *stored = *state;
    assert_int_equal(ask(stored, "SELECT count(*) FROM word WHERE kind = 'signal'"),
                     VG_SIGNAL_COUNT);
    assert_int_equal(
        ask(stored, "SELECT number FROM word WHERE kind = 'signal' AND text = 'temp'"),
        0);
    assert_int_equal(
        ask(stored, "SELECT number FROM word WHERE kind = 'unit' AND text = 'Cel'"), 1);
}

/* Its count would be 0 only without memory; kept, it would be one lock for all threads. */
static void the_library_counts_no_memory(void **state)
{
    struct stored *stored = *state;

    put_messages(stored, 0, 10);
    assert_int_equal(stored_commit(stored), VG_OK);
    assert_int_equal(sqlite3_memory_used(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, stored_tear_down)
        TEST(everything_is_there_after_reopening),
        TEST(the_files_are_private_and_named_after_the_path),
        TEST(a_second_daemon_is_refused_with_a_clear_sentence),
        TEST(a_failing_commit_leaves_nothing_half_written),
        TEST(a_record_that_cannot_be_written_takes_its_batch_with_it),
        TEST(closing_waits_for_the_batch_in_flight),
        TEST(files_that_are_not_ours_are_left_alone),
        TEST(a_file_that_is_no_database_is_refused),
        TEST(migrations_run_once_each_in_order_and_whole),
        TEST(step_9_moves_every_change_of_an_alert),
        TEST(sweeping_closes_old_segments_and_moves_the_tail),
        TEST(marks_of_silent_gateways_follow),
        TEST(the_words_of_the_readings_are_told),
        TEST(the_library_counts_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
