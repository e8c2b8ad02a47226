/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements of a reader that are kept ready. See store_read_inside.h.
 */
#include "shell/store_read_inside.h"

static struct vg_ready *find(struct vg_reader *reader, const char *sql)
{
    for (size_t i = 0; i < reader->ready_count; i++) {
        if (reader->ready[i].sql == sql) {
            return &reader->ready[i];
        }
    }
    return NULL;
}

enum vg_status vg_reader_ready(struct vg_reader *reader, const char *sql,
                               sqlite3_stmt **out, struct vg_error *error)
{
    struct vg_ready *ready = find(reader, sql);

    if (ready != NULL && !ready->out) {
        ready->out = true;
        *out = ready->statement;
        return VG_OK;
    }
    const enum vg_status status = vg_db_prepare(reader->db, sql, out, error);
    if (status == VG_OK && ready == NULL && reader->ready_count < VG_READY) {
        reader->ready[reader->ready_count++] = (struct vg_ready){sql, *out, true};
    }
    return status;
}

/* What was bound may be gone by the next time. */
void vg_reader_back(struct vg_reader *reader, sqlite3_stmt *statement)
{
    for (size_t i = 0; i < reader->ready_count; i++) {
        if (statement != NULL && reader->ready[i].statement == statement) {
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
            reader->ready[i].out = false;
            return;
        }
    }
    sqlite3_finalize(statement);
}

void vg_reader_forget(struct vg_reader *reader)
{
    for (size_t i = 0; i < reader->ready_count; i++) {
        sqlite3_finalize(reader->ready[i].statement);
    }
    reader->ready_count = 0;
    vg_zip_finish(&reader->zip);
}
