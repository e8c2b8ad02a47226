/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of what concerns people: pages and their ways, commands, beds off the ward.
 */
#include "shell/store_write_inside.h"

enum vg_status vg_writer_page(struct vg_writer *writer, const struct vg_record *record,
                              struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_PAGE];

    vg_db_bind_text(statement, 1, record->page.id);
    vg_db_bind_text(statement, 2, record->page.alert);
    sqlite3_bind_int64(statement, 3, (int64_t)record->page.rev);
    vg_db_bind_text(statement, 4, record->page.ward);
    vg_db_bind_text(statement, 5, record->page.role);
    vg_db_bind_text(statement, 6, record->page.kind);
    sqlite3_bind_int64(statement, 7, record->page.at.ms);
    vg_db_bind_text(statement, 8, record->page.json);
    vg_db_bind_text(statement, 9, record->page.care);
    return vg_writer_run(writer, VG_SQL_PAGE, error);
}

enum vg_status vg_writer_way(struct vg_writer *writer, const struct vg_record *record,
                             struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_DELIVERY];

    vg_db_bind_text(statement, 1, record->way.page);
    vg_db_bind_text(statement, 2, record->way.channel);
    vg_db_bind_text(statement, 3, record->way.way);
    sqlite3_bind_int64(statement, 4, record->way.at.ms);
    vg_db_bind_text(statement, 5, record->way.detail);
    enum vg_status status = vg_writer_run(writer, VG_SQL_DELIVERY, error);
    if (status == VG_OK && record->way.settled) {
        vg_db_bind_text(writer->statement[VG_SQL_SETTLED], 1, record->way.page);
        status = vg_writer_run(writer, VG_SQL_SETTLED, error);
    }
    return status;
}

enum vg_status vg_writer_command(struct vg_writer *writer,
                                 const struct vg_record *record, struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_COMMAND];
    const struct vg_slice texts[] = {
        record->command.client,    record->command.id,     record->command.ward,
        record->command.by,        record->command.what,   record->command.alert,
        record->command.page,      record->command.bed,    record->command.reason,
        record->command.judgement, record->command.result, record->command.detail};
    const int64_t numbers[] = {(int64_t)record->command.seen,
                               (int64_t)record->command.rev, record->command.span,
                               record->command.at.ms};
    int index = 1;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        vg_db_bind_text(statement, index++, texts[i]);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sqlite3_bind_int64(statement, index++, numbers[i]);
    }
    if (vg_is_set(record->command.ts)) {
        sqlite3_bind_int64(statement, index, record->command.ts.ms);
    } else {
        sqlite3_bind_null(statement, index);
    }
    return vg_writer_run(writer, VG_SQL_COMMAND, error);
}

enum vg_status vg_writer_pause(struct vg_writer *writer, const struct vg_record *record,
                               struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_PAUSE];

    vg_db_bind_text(statement, 1, record->pause.ward);
    vg_db_bind_text(statement, 2, record->pause.bed);
    sqlite3_bind_int64(statement, 3, record->pause.at.ms);
    if (vg_is_set(record->pause.until)) {
        sqlite3_bind_int64(statement, 4, record->pause.until.ms);
    } else {
        sqlite3_bind_null(statement, 4);
    }
    vg_db_bind_text(statement, 5, record->pause.by);
    vg_db_bind_text(statement, 6, record->pause.reason);
    return vg_writer_run(writer, VG_SQL_PAUSE, error);
}
