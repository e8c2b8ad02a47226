/* SPDX-License-Identifier: Apache-2.0
 *
 * The table `word`: what the numbers in other tables mean, for those who read a store without vigil.
 */
#include "shell/store_schema.h"
#include "shell/store_words.h"

/* Writes a word unless it is there, so that an unchanged store is not written to. */
static bool put_word(void *to, const char *kind, unsigned number, const char *text)
{
    sqlite3_stmt *statement = to;
    sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, number);
    sqlite3_bind_text(statement, 3, text, -1, SQLITE_STATIC);
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE;
}

enum vg_status vg_schema_words(sqlite3 *db, struct vg_error *error)
{
    sqlite3_stmt *statement;
    enum vg_status status = vg_db_run(db, "BEGIN IMMEDIATE", error);
    if (status == VG_OK) {
        status = vg_db_prepare(db, "INSERT OR IGNORE INTO word VALUES(?, ?, ?)",
                               &statement, error);
    }
    if (status == VG_OK) {
        if (!vg_words_each(put_word, statement)) {
            status = vg_db_failed(db, "write the store's words", error);
        }
        sqlite3_finalize(statement);
    }
    if (status == VG_OK) {
        status = vg_db_run(db, "COMMIT", error);
    }
    if (status != VG_OK) {
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}
