/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealing all that may be, then giving the room back. See store_backup.h.
 */
#include "shell/store_backup.h"
#include "shell/store_db.h"
#include "shell/store_write.h"

enum vg_status vg_store_compact(const char *path, vg_ms hot, struct vg_sealing *sealed,
                                struct vg_error *error)
{
    struct vg_writer *writer = NULL;
    sqlite3 *db = NULL;
    enum vg_status status = vg_writer_open(path, &writer, error);

    if (status != VG_OK) {
        return status;
    }
    vg_writer_hot(writer, hot);
    while (vg_writer_seal(writer)) {
        if (vg_writer_log(writer) > 4096) {
            vg_writer_tidy(writer);
        }
    }
    vg_writer_sealing(writer, sealed);
    vg_writer_close(writer);
    status = vg_db_open_writer(path, &db, error);
    if (status == VG_OK) {
        sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 1); /* VACUUM's own */
        status = vg_db_run(db, "VACUUM", error);
        sqlite3_close(db);
    }
    return status;
}
