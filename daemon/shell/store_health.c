/* SPDX-License-Identifier: Apache-2.0
 *
 * See store_health.h.
 */
#include "shell/store_health.h"

#include <string.h>

#include "shell/clock.h"
#include "shell/store_read_inside.h"

enum vg_status vg_store_health(struct vg_reader *reader, struct vg_store_health *out,
                               struct vg_error *error)
{
    sqlite3_stmt *rows;

    *out = (struct vg_store_health){.sound = true};
    reader->until = vg_clock_boot() + reader->span;
    enum vg_status status =
        vg_db_prepare(reader->db, "PRAGMA quick_check(1)", &rows, error);
    if (status != VG_OK) {
        return status;
    }
    const int code = sqlite3_step(rows);
    if (code == SQLITE_ROW) {
        const char *said = vg_db_column(rows, 0).text;
        out->finished = true;
        out->sound = strcmp(said, "ok") == 0;
        (void)vg_copy(out->why, sizeof out->why, out->sound ? "" : said);
    } else if (code != SQLITE_INTERRUPT) {
        status = vg_db_failed(reader->db, "check the store", error);
    }
    sqlite3_finalize(rows);
    return status;
}
