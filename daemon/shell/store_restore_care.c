/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling what is stored of alerts and of what people did with them.
 */
#include <stdio.h>

#include "shell/store_restore_inside.h"

static bool read_alert(struct vg_slice json, struct vg_slice care, struct vg_alert *out)
{
    if (vg_decode_alert(json.text, json.length, out) != VG_OK) {
        return false;
    }
    if (care.length > 0) { /* else only what people see of it is known */
        vg_care_read(care, &out->care);
    }
    return true;
}

static enum vg_status tell_alert(struct vg_restoring *restore, sqlite3_stmt *row)
{
    struct vg_alert alert;

    return read_alert(vg_db_column(row, 0), vg_db_column(row, 1), &alert)
               ? vg_restore_go_on(restore,
                                  restore->calls->alert(restore->calls->to, &alert))
               : vg_restore_damaged(restore, "an open alert");
}

static enum vg_status tell_unsent(struct vg_restoring *restore, sqlite3_stmt *row)
{
    struct vg_alert alert;

    return read_alert(vg_db_column(row, 0), (struct vg_slice){"", 0}, &alert)
               ? vg_restore_go_on(restore,
                                  restore->calls->unsent(restore->calls->to, &alert))
               : vg_restore_damaged(restore, "a change of an alert");
}

static enum vg_status tell_page(struct vg_restoring *restore, sqlite3_stmt *row)
{
    struct vg_alert alert;
    enum vg_page_kind kind;

    if (!read_alert(vg_db_column(row, 0), vg_db_column(row, 1), &alert) ||
        vg_page_find(vg_db_column(row, 2).text, &kind) != VG_OK) {
        return vg_restore_damaged(restore, "a page");
    }
    return vg_restore_go_on(
        restore, restore->calls->page(
                     restore->calls->to, &alert, kind, vg_db_column(row, 3).text,
                     (struct vg_instant){sqlite3_column_int64(row, 4)}));
}

static enum vg_status tell_paged(struct vg_restoring *restore, sqlite3_stmt *row)
{
    return vg_restore_go_on(restore, restore->calls->paged(restore->calls->to,
                                                           vg_db_column(row, 0).text,
                                                           vg_db_column(row, 1).text));
}

static enum vg_status tell_answer(struct vg_restoring *restore, sqlite3_stmt *row)
{
    struct vg_record record = {.kind = VG_RECORD_COMMAND};
    struct vg_answer answer;

    record.command.id = vg_db_column(row, 0);
    record.command.ward = vg_db_column(row, 1);
    record.command.client = vg_db_column(row, 2);
    record.command.result = vg_db_column(row, 3);
    record.command.rev = (uint64_t)sqlite3_column_int64(row, 4);
    record.command.detail = vg_db_column(row, 5);
    vg_record_answer(&record, &answer);
    return vg_restore_go_on(restore,
                            restore->calls->answer(restore->calls->to, &answer));
}

static enum vg_status tell_pause(struct vg_restoring *restore, sqlite3_stmt *row)
{
    struct vg_record record = {.kind = VG_RECORD_PAUSE};
    struct vg_pause pause;

    record.pause.ward = vg_db_column(row, 0);
    record.pause.bed = vg_db_column(row, 1);
    record.pause.at.ms = sqlite3_column_int64(row, 2);
    record.pause.until.ms = sqlite3_column_int64(row, 3);
    record.pause.by = vg_db_column(row, 4);
    record.pause.reason = vg_db_column(row, 5);
    vg_record_pause(&record, &pause);
    return vg_restore_go_on(restore, restore->calls->pause(restore->calls->to, &pause));
}

static enum vg_status tell_carried(struct vg_restoring *restore, sqlite3_stmt *row)
{
    struct vg_carried value = {.at = {sqlite3_column_int64(row, 1)}};
    int column = 2;

    for (size_t i = 0; i < VG_CARRIED_TIMES; i++) {
        value.time[i].ms = sqlite3_column_int64(row, column++);
    }
    for (size_t i = 0; i < VG_CARRIED_NUMBERS; i++) {
        value.number[i] = (int16_t)sqlite3_column_int(row, column++);
    }
    return vg_restore_go_on(
        restore,
        restore->calls->carried(restore->calls->to, vg_db_column(row, 0).text, &value));
}

enum vg_status vg_restore_carried(struct vg_restoring *restore)
{
    if (restore->calls->carried == NULL) {
        return VG_OK;
    }
    return vg_restore_query(restore,
                            "SELECT carried.* FROM carried JOIN episode"
                            " ON episode.id = carried.episode WHERE end IS NULL"
                            " ORDER BY carried.episode",
                            tell_carried);
}

enum vg_status vg_restore_answers(struct vg_restoring *restore)
{
    char sql[240];
    enum vg_status status = VG_OK;

    (void)snprintf(sql, sizeof sql,
                   "SELECT id, ward, client, result, rev, detail FROM command"
                   " WHERE number IN (SELECT number FROM command"
                   " WHERE do NOT IN ('received', 'displayed')"
                   " ORDER BY number DESC LIMIT %d) ORDER BY number",
                   VG_RESTORE_ANSWERS);
    if (restore->calls->answer != NULL) {
        status = vg_restore_query(restore, sql, tell_answer);
    }
    if (status == VG_OK && !restore->stopped && restore->calls->pause != NULL) {
        status = vg_restore_query(
            restore,
            "SELECT ward, bed, at, until, by, reason FROM pause"
            " WHERE number IN (SELECT max(number) FROM pause GROUP BY ward, bed)"
            " AND until IS NOT NULL ORDER BY number",
            tell_pause);
    }
    return status;
}

enum vg_status vg_restore_alerts(struct vg_restoring *restore)
{
    if (restore->calls->alert == NULL) {
        return VG_OK;
    }
    return vg_restore_query(
        restore, "SELECT json, care FROM alert WHERE open ORDER BY id", tell_alert);
}

enum vg_status vg_restore_unsent(struct vg_restoring *restore)
{
    enum vg_status status = VG_OK;

    if (restore->calls->unsent != NULL) {
        status = vg_restore_query(restore, "SELECT json FROM outbox ORDER BY id",
                                  tell_unsent);
    }
    if (status == VG_OK && !restore->stopped && restore->calls->page != NULL) {
        status = vg_restore_query(restore,
                                  "SELECT json, care, kind, role, at FROM page"
                                  " WHERE NOT settled ORDER BY number",
                                  tell_page);
    }
    if (status == VG_OK && !restore->stopped && restore->calls->paged != NULL) {
        char sql[160];
        (void)snprintf(
            sql, sizeof sql,
            "SELECT ward, id FROM page WHERE number IN (SELECT number FROM page"
            " ORDER BY number DESC LIMIT %d) ORDER BY number",
            VG_RESTORE_PAGES);
        status = vg_restore_query(restore, sql, tell_paged);
    }
    return status;
}
