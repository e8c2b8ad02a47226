/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail: whatever is done to it with another tool, the first bad row is named;
 * and a store that is older than the trail gets one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "lib/sample.h"
#include "lib/stored.h"
#include "shell/store_schema.h"
#include "shell/store_verify.h"
#include "shell/store_write_inside.h"

#define DROP                                                \
    "DROP TRIGGER audit_update; DROP TRIGGER audit_delete;" \
    " DROP TRIGGER audit_insert;"
#define ROWS 20 /* ten alerts, a row "setting" after each */

static int set_up(void **state)
{
    static char kind[] = "sqlite";
    static struct vg_alert alert;
    *state = kind;
    stored_set_up(state);
    struct stored *stored = *state;
    for (unsigned i = 1; i <= ROWS / 2; i++) {
        alert = sample_alert("onc-7", i);
        vg_batch_alert(stored->batch, &alert);
        vg_batch_audit(stored->batch, alert.at, "setting", "node", "x");
    }
    assert_int_equal(stored_commit(stored), VG_OK);
    return 0;
}

static int run(const struct stored *stored, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(stored->path, &db), SQLITE_OK);
    const int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

static struct vg_verified verify(const struct stored *stored,
                                 const struct vg_audit_head *published)
{
    struct vg_reader *reader;
    struct vg_verified verified;
    struct vg_error error;
    assert_int_equal(vg_store_read_open(stored->path, &reader, &error), VG_OK);
    assert_int_equal(vg_store_verify(reader, published, &verified, &error), VG_OK);
    vg_store_read_close(reader);
    return verified;
}

static void a_whole_trail_is_whole(void **state)
{
    struct stored *stored = *state;
    const struct vg_audit_head head = stored->store->ops->audit(stored->store);
    const struct vg_verified verified = verify(stored, &head);
    assert_string_equal(verified.why, "");
    assert_true(verified.intact);
    assert_int_equal(verified.head.count, ROWS);
    assert_string_equal(verified.head.hash, head.hash);
    stored_close(stored);
    stored_open(stored);
    assert_string_equal(stored->store->ops->audit(stored->store).hash, head.hash);
}

static void a_slip_of_the_hand_is_refused(void **state)
{
    struct stored *stored = *state;
    static const char *const slips[] = {
        "UPDATE audit SET kind = 'x' WHERE id = 3", "DELETE FROM audit WHERE id = 3",
        "INSERT INTO audit VALUES(99, 0, 'a', 'b', 'c', 'd')",
        "INSERT OR REPLACE INTO audit VALUES(3, 0, 'a', 'b', 'c', 'd')"};
    for (size_t i = 0; i < sizeof(slips) / sizeof(*slips); i++) {
        assert_int_equal(run(stored, slips[i]), SQLITE_CONSTRAINT);
    }
    assert_true(verify(stored, NULL).intact);
}

static const struct {
    const char *sql;
    int64_t row;
    const char *why;
} attacks[] = {
    {DROP "UPDATE audit SET at = at + 1 WHERE id = 7", 7, "row 7 (alert) was edited"},
    {DROP "UPDATE audit SET kind = 'alerts' WHERE id = 7", 7, "row 7"},
    {DROP "UPDATE audit SET subject = subject || 'x' WHERE id = 8", 8, "row 8"},
    {DROP "UPDATE audit SET body = replace(body, 'critical', 'advisory') WHERE id = 9",
     9, "row 9"},
    /* the border between two texts moved: no two rows are hashed alike */
    {DROP "UPDATE audit SET kind = 'settingn', subject = 'ode' WHERE id = 8", 8,
     "row 8"},
    {DROP "UPDATE audit SET hash = upper(hash) WHERE id = 10", 10, "row 10"},
    {DROP "DELETE FROM audit WHERE id = 11", 11,
     "row 11 is missing: after row 10 comes row 12"},
    {DROP "DELETE FROM audit WHERE id < 4", 1, "the trail begins with row 4"},
    {DROP "DELETE FROM audit WHERE id = 11; UPDATE audit SET id = id - 1 WHERE id > 11",
     11, "row 11"},
    {DROP "UPDATE audit SET id = -4 WHERE id = 4; UPDATE audit SET id = 4 WHERE id = 6;"
          "UPDATE audit SET id = 6 WHERE id = -4",
     4, "row 4"},
    {DROP "INSERT INTO audit SELECT 0, at, kind, subject, body, hash FROM audit"
          " WHERE id = 1",
     1, "begins with row 0"},
    {DROP "INSERT INTO audit SELECT 21, at, kind, subject, body, hash FROM audit"
          " WHERE id = 20",
     21, "row 21 (setting)"},
    {"UPDATE alert_event SET json = replace(json, '84', '94') WHERE n = 4", 7,
     "row 7: change 4 of ward \"onc-7\""},
    {"UPDATE alert_event SET event = 'closed' WHERE n = 4", 7, "alert_event"},
    {"UPDATE alert_event SET at = at + 1 WHERE n = 4", 7, "alert_event"},
    {"DELETE FROM alert_event WHERE n = 6", 11, "is missing from the table"},
    {"INSERT INTO alert_event SELECT ward, 99, at, alert, rev, event, json"
     " FROM alert_event WHERE n = 6",
     0, "change 99 of ward \"onc-7\""},
    {DROP "DELETE FROM audit WHERE id > 17", 0, "cut at its end"},
    {"UPDATE alert SET json = replace(json, '84', '94') WHERE n = 2", 0,
     "the table alert was edited"},
    {"UPDATE alert SET open = NOT open WHERE n = 2", 0, "the table alert was edited"},
    {"UPDATE alert SET severity = 'info' WHERE n = 2", 0, "the table alert was edited"},
    {"UPDATE alert SET rev = rev + 1 WHERE n = 2", 0, "the table alert was edited"},
    {"DELETE FROM alert WHERE n = 2", 0, "the table alert has no alert"},
};

static void every_attack_is_named(void **state)
{
    struct stored *stored = *state;
    for (size_t i = 0; i < sizeof(attacks) / sizeof(*attacks); i++) {
        stored_tear_down(state);
        set_up(state);
        stored = *state;
        assert_int_equal(run(stored, attacks[i].sql), SQLITE_OK);
        const struct vg_verified verified = verify(stored, NULL);
        if (verified.intact || verified.row != attacks[i].row ||
            strstr(verified.why, attacks[i].why) == NULL) {
            fail_msg("%s: row %lld, \"%s\"", attacks[i].sql, (long long)verified.row,
                     verified.why);
        }
    }
}

/* What a chain alone cannot show: that it ended later, or was another. */
static void what_was_published_finds_a_cut_and_another_trail(void **state)
{
    struct stored *stored = *state;
    const struct vg_audit_head head = stored->store->ops->audit(stored->store);
    struct vg_audit_head other = head;
    assert_int_equal(run(stored, DROP "DELETE FROM audit WHERE id = 20"), SQLITE_OK);
    assert_true(verify(stored, NULL).intact); /* a row about no alert */
    assert_int_equal(verify(stored, &head).row, 20);
    other.count = 0; /* the hash alone */
    assert_false(verify(stored, &other).intact);
    other = head;
    other.hash[0] = '\0'; /* the count alone */
    assert_false(verify(stored, &other).intact);
    other = head;
    other.count = 12; /* as a trail made anew looks */
    assert_int_equal(verify(stored, &other).row, 12);
}

static void the_trail_goes_on_after_an_edit(void **state)
{
    struct stored *stored = *state;
    assert_int_equal(run(stored, DROP "UPDATE audit SET hash = 'x' WHERE id = 20"),
                     SQLITE_OK);
    stored_close(stored);
    stored_open(stored);
    vg_batch_audit(stored->batch, (struct vg_instant){1}, "start", "node", "");
    assert_int_equal(stored_commit(stored), VG_OK);
    assert_int_equal(verify(stored, NULL).row, 20);
}

/* ---- Version 1 */

static void a_store_of_version_1_gets_a_trail_and_keeps_what_it_has(void **state)
{
    struct stored *stored = *state;
    struct notebook *notebook = calloc(1, sizeof(*notebook));
    char path[160], sql[1000];
    sqlite3 *db;
    struct vg_error error;
    temp_path(&stored->temp, "old.db", path, sizeof(path));
    assert_int_equal(vg_db_open_writer(path, &db, &error), VG_OK);
    assert_int_equal(vg_schema_upgrade(db, vg_schema_steps, 1, &error), VG_OK);
    sqlite3_close(db);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    snprintf(sql, sizeof(sql),
             "ATTACH '%s' AS new; INSERT INTO alert SELECT id, open, rev, n, ward, bed,"
             " patient, rule, severity, onset, json FROM new.alert;"
             "INSERT INTO alert_event SELECT * FROM new.alert_event;"
             "INSERT INTO outbox SELECT * FROM new.outbox;"
             "INSERT INTO ward SELECT * FROM new.ward",
             stored->path);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    stored_close(stored);
    strcpy(stored->path, path);
    stored_open(stored);
    const struct vg_verified verified = verify(stored, NULL);
    assert_string_equal(verified.why, "");
    assert_int_equal(verified.head.count, ROWS / 2 + 1); /* and one that says so */
    assert_int_equal(stored->store->ops->audit(stored->store).count, ROWS / 2 + 1);
    stored_restore(stored, (struct vg_instant){0}, notebook);
    size_t alerts = 0;
    for (const char *c = notebook->text; (c = strstr(c, "\nalert ")) != NULL; c++) {
        alerts++;
    }
    assert_int_equal(alerts, ROWS / 2);
    free(notebook);
}

/* ---- A batch whose sync failed and whose pages survived */

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

static void a_batch_in_doubt_is_not_written_twice(void **state)
{
    struct stored *stored = *state;
    struct vg_writer *writer;
    struct vg_error error;
    struct sample sample;
    stored_close(stored);
    assert_int_equal(vg_writer_open(stored->path, &writer, &error), VG_OK);
    sample_vitals(&sample, 1);
    vg_batch_message(stored->batch, &sample.message, "", (struct vg_instant){1}, 1);
    vg_batch_audit(stored->batch, (struct vg_instant){1}, "start", "node", "");
    assert_int_equal(vg_writer_commit(writer, stored->batch, &error), VG_OK);
    /* as if that commit had been told as failed */
    writer->doubt =
        (struct vg_doubt){stored->batch->serial, stored->batch->pack.length, true};
    assert_int_equal(vg_writer_commit(writer, stored->batch, &error), VG_OK);
    assert_int_equal(ask(stored, "SELECT count(*) FROM message"), 1);
    assert_int_equal(vg_writer_audit(writer).count, ROWS + 1);
    const uint64_t serial = stored->batch->serial;
    vg_batch_clear(stored->batch);
    vg_batch_message(stored->batch, &sample.message, "", (struct vg_instant){1}, 1);
    assert_int_equal(vg_writer_commit(writer, stored->batch, &error), VG_OK);
    assert_int_equal(stored->batch->serial, serial + 1);
    assert_int_equal(ask(stored, "SELECT count(*) FROM message"), 2);
    assert_int_equal(ask(stored, "SELECT value FROM meta WHERE key = 'batch'"),
                     (int64_t)serial + 1);
    vg_writer_close(writer);
    vg_batch_clear(stored->batch);
    stored_open(stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, stored_tear_down)
        TEST(a_whole_trail_is_whole),
        TEST(a_slip_of_the_hand_is_refused),
        TEST(every_attack_is_named),
        TEST(what_was_published_finds_a_cut_and_another_trail),
        TEST(the_trail_goes_on_after_an_edit),
        TEST(a_store_of_version_1_gets_a_trail_and_keeps_what_it_has),
        TEST(a_batch_in_doubt_is_not_written_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
