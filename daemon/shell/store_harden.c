/* SPDX-License-Identifier: Apache-2.0
 *
 * What is found in the log is not yet on disk.
 *
 * A batch whose sync failed, or before whose sync the process was killed, stands whole in the kernel's
 * cache of the log, and SQLite takes it for committed when it is opened next. Nothing syncs it then: the
 * messages in it come again, are known already, and would be called safe. After a failed sync not even the
 * next one writes them, for the kernel has marked the pages clean. So what is in the log is written once
 * more, byte for byte, and synced, before anything in it counts.
 */
#include <sqlite3.h>

#include "shell/store_db.h"

#define PIECE 8192

static bool is_zero(const char *bytes, int length)
{
    for (int i = 0; i < length; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* The log is laid out with zeros (store_db.c): the first piece of nothing else ends what was written. */
static int write_again(sqlite3_file *log)
{
    char piece[PIECE];
    sqlite3_int64 size = 0;
    int code = log->pMethods->xFileSize(log, &size);

    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size;) {
        const int length = size - at < (sqlite3_int64)sizeof piece ? (int)(size - at)
                                                                   : (int)sizeof piece;
        code = log->pMethods->xRead(log, piece, length, at);
        if (code != SQLITE_OK || is_zero(piece, length)) {
            break;
        }
        code = log->pMethods->xWrite(log, piece, length, at);
        at += length;
    }
    return code == SQLITE_OK ? log->pMethods->xSync(log, SQLITE_SYNC_FULL) : code;
}

enum vg_status vg_db_harden(sqlite3 *db, struct vg_error *error)
{
    sqlite3_file *log = NULL;
    enum vg_status status = vg_db_run(db, "BEGIN IMMEDIATE", error);

    if (status != VG_OK) {
        return status;
    }
    int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (code == SQLITE_OK && log != NULL && log->pMethods != NULL) {
        code = write_again(log);
    }
    if (code != SQLITE_OK) {
        vg_error_set(error, "cannot write again what was found in the log: %s",
                     sqlite3_errstr(code));
        status = VG_FAILED;
    }
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
