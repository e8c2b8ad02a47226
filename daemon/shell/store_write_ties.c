/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of who lay where, what they were given, and what was released to them.
 */
#include "shell/store_write_inside.h"

enum vg_status vg_writer_tie(struct vg_writer *writer, const struct vg_record *record,
                             struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_TIE];

    vg_db_bind_text(statement, 1, record->tie.episode);
    vg_db_bind_text(statement, 2, record->tie.patient);
    vg_db_bind_text(statement, 3, record->tie.ward);
    vg_db_bind_text(statement, 4, record->tie.bed);
    sqlite3_bind_int64(statement, 5, record->tie.from.ms);
    if (vg_is_never(record->tie.to)) {
        sqlite3_bind_null(statement, 6);
    } else {
        sqlite3_bind_int64(statement, 6, record->tie.to.ms);
    }
    return vg_writer_run(writer, VG_SQL_TIE, error);
}

/* Charted, or taken back: of the same stay, wherever it was told; where no stay was known, of the same place. */
enum vg_status vg_writer_infusion(struct vg_writer *writer,
                                  const struct vg_record *record,
                                  struct vg_error *error)
{
    const enum vg_writer_sql which =
        record->infusion.taken_back ? VG_SQL_INFUSION_NONE : VG_SQL_INFUSION;
    sqlite3_stmt *statement = writer->statement[which];
    const struct vg_slice texts[] = {
        record->infusion.ward,    record->infusion.bed,   record->infusion.episode,
        record->infusion.patient, record->infusion.what,  record->infusion.product,
        record->infusion.dose_id, record->infusion.donor, record->infusion.chain_id};

    for (int i = 0; i < 9; i++) {
        vg_db_bind_text(statement, i + 1, texts[i]);
    }
    sqlite3_bind_int64(statement, 10, record->infusion.at.ms);
    return vg_writer_run(writer, which, error);
}

enum vg_status vg_writer_released(struct vg_writer *writer,
                                  const struct vg_record *record,
                                  struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_RELEASED];

    sqlite3_bind_int64(statement, 1, (int64_t)record->released.quarantine);
    vg_db_bind_text(statement, 2, record->released.patient);
    return vg_writer_run(writer, VG_SQL_RELEASED, error);
}
