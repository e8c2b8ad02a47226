/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading rows of the audit trail for people.
 */
#include "shell/store_read_inside.h"
#include "shell/store_verify.h"

enum vg_status vg_store_trail(struct vg_reader *reader, struct vg_instant since,
                              const char *alert, vg_audit_fn *each, void *to,
                              struct vg_error *error)
{
    sqlite3_stmt *rows;
    bool go_on = true;
    int code = SQLITE_DONE;
    enum vg_status status = vg_db_prepare(
        reader->db,
        alert == NULL
            ? "SELECT id, at, kind, subject, body, hash FROM audit"
              " WHERE at >= ?1 ORDER BY id"
            : "SELECT id, at, kind, subject, body, hash FROM audit WHERE at >= ?1 AND"
              " (subject = ?2 OR subject IN (SELECT id FROM page WHERE alert = ?2))"
              " ORDER BY id",
        &rows, error);

    if (status != VG_OK) {
        return status;
    }
    sqlite3_bind_int64(rows, 1, since.ms);
    if (alert != NULL) {
        sqlite3_bind_text(rows, 2, alert, -1, SQLITE_STATIC);
    }
    status = vg_reader_begin(reader, error);
    while (status == VG_OK && go_on && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        const struct vg_audit_row row = {sqlite3_column_int64(rows, 0),
                                         {sqlite3_column_int64(rows, 1)},
                                         vg_db_column(rows, 2),
                                         vg_db_column(rows, 3),
                                         vg_db_column(rows, 4)};
        go_on = each(to, &row, vg_db_column(rows, 5).text);
    }
    if (status == VG_OK && go_on && code != SQLITE_DONE) {
        status = vg_reader_failed(reader, error);
    }
    sqlite3_finalize(rows);
    vg_reader_end(reader);
    return status;
}
