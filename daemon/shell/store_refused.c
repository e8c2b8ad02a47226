/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies in quarantine because of its identity and was not released yet, from SQLite over a
 * read-only connection of its own. An index has just those rows.
 */
#include "shell/store_restore.h"

static bool tell(sqlite3_stmt *row, vg_refused_fn *each, void *to)
{
    const struct vg_slice topic = vg_db_column(row, 1);
    const struct vg_slice payload = vg_db_column(row, 2);
    const struct vg_refused refused = {
        .id = (uint64_t)sqlite3_column_int64(row, 0),
        .letter = {topic.text, topic.length, payload.text, payload.length, false},
        .received = {sqlite3_column_int64(row, 3)},
        .hash = (uint64_t)sqlite3_column_int64(row, 4)};

    return each(to, &refused);
}

static enum vg_status tell_all(sqlite3 *db, uint64_t after, vg_refused_fn *each,
                               void *to, struct vg_error *error)
{
    sqlite3_stmt *rows;
    enum vg_status status = vg_db_prepare(
        db,
        "SELECT id, topic, payload, received, hash FROM quarantine"
        " WHERE reason = 'identity' AND released = '' AND id > ? ORDER BY id",
        &rows, error);
    int code = SQLITE_DONE;
    bool go_on = true;

    if (status != VG_OK) {
        return status;
    }
    sqlite3_bind_int64(rows, 1, (int64_t)after);
    while (go_on && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        go_on = tell(rows, each, to);
    }
    if (go_on && code != SQLITE_DONE) {
        status = vg_db_failed(db, "read what is in quarantine", error);
    }
    sqlite3_finalize(rows);
    return status;
}

enum vg_status vg_sqlite_refused(const char *path, uint64_t after, vg_refused_fn *each,
                                 void *to, struct vg_error *error)
{
    sqlite3 *db = NULL;
    enum vg_status status = vg_db_open_reader(path, &db, error);

    if (status == VG_OK) {
        status = tell_all(db, after, each, to, error);
    }
    sqlite3_close(db);
    return status == VG_OK ? VG_OK : VG_FAILED;
}
