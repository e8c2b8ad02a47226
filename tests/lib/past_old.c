/* SPDX-License-Identifier: Apache-2.0
 *
 * An older past. See past_old.h.
 */
#include "lib/past_old.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shell/store_schema.h"
#include "shell/store_write_inside.h"

static void run(sqlite3 *db, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) {
        fail_msg("%s: %s", sql, why);
    }
}

/* The columns of the older table, in the order in which that has them. */
static void copy_table(sqlite3 *db, const char *table)
{
    char sql[256];
    char columns[512] = "";
    char insert[1400];
    sqlite3_stmt *row;

    (void)snprintf(sql, sizeof sql,
                   "SELECT group_concat('\"' || name || '\"') FROM"
                   " main.pragma_table_info('%s')",
                   table);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    (void)snprintf(columns, sizeof columns, "%s", sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    (void)snprintf(insert, sizeof insert,
                   "INSERT OR REPLACE INTO main.%s(%s) SELECT %s FROM today.%s", table,
                   columns, columns, table);
    run(db, insert);
}

/* Messages, each as a row: before version 7 they were. */
static void copy_messages(const char *from, sqlite3 *db, size_t version)
{
    sqlite3 *today;
    sqlite3_stmt *row;
    sqlite3_stmt *insert;
    struct vg_error error = {""};

    assert_int_equal(vg_db_open_reader(from, &today, &error), VG_OK);
    assert_int_equal(
        sqlite3_prepare_v2(today, "SELECT * FROM message ORDER BY id", -1, &row, NULL),
        SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(
            db,
            version < 7 ? "INSERT INTO message VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"
                        : "INSERT INTO message_row VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
            -1, &insert, NULL),
        SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        for (int i = 0; i < 12; i++) {
            sqlite3_bind_value(insert, i + 1, sqlite3_column_value(row, i));
        }
        assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(row);
    sqlite3_finalize(insert);
    sqlite3_close(today);
}

/* What is in `from`, of this version, as version `version` would have it. */
static void make_old(const char *from, const char *path, size_t version)
{
    static const char *const tables[] = {"place",   "subject", "epoch",
                                         "segment", "word",    "stay"};
    sqlite3 *db;
    struct vg_error error = {""};
    char sql[256];

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    run(db, "PRAGMA journal_mode=WAL");
    if (vg_schema_upgrade(db, vg_schema_steps, version, &error) != VG_OK) {
        fail_msg("%s", error.text);
    }
    (void)snprintf(sql, sizeof sql, "ATTACH '%s' AS today", from);
    run(db, sql);
    run(db, "BEGIN");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        copy_table(db, tables[i]);
    }
    run(db, "UPDATE main.meta SET value = (SELECT value FROM today.meta t WHERE t.key ="
            " main.meta.key)");
    copy_messages(from, db, version);
    run(db, "COMMIT");
    sqlite3_close(db);
}

void past_become_old(struct past *past, size_t version)
{
    char old[160];

    vg_writer_close(past->writer);
    past->writer = NULL;
    (void)snprintf(old, sizeof old, "%s-old", past->path);
    make_old(past->path, old, version);
    assert_int_equal(rename(old, past->path), 0);
}
