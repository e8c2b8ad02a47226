/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail's rows; see store_trail.h.
 */
#include "shell/store_trail.h"

#include <stdio.h>
#include <string.h>

#include "shell/clock.h"

enum vg_status vg_trail_load(sqlite3 *db, struct vg_audit_chain *out,
                             struct vg_error *error)
{
    sqlite3_stmt *row;
    enum vg_status status = vg_db_prepare(
        db, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", &row, error);

    *out = (struct vg_audit_chain){0};
    if (status != VG_OK) {
        return status;
    }
    const int code = sqlite3_step(row);
    if (code == SQLITE_ROW) {
        out->count = (uint64_t)sqlite3_column_int64(row, 0);
        if (!vg_audit_unhex(vg_db_column(row, 1), out->hash)) {
            memset(out->hash, 0, sizeof out->hash);
        }
    } else if (code != SQLITE_DONE) {
        status = vg_db_failed(db, "read the audit trail", error);
    }
    sqlite3_finalize(row);
    return status;
}

static enum vg_status insert_row(sqlite3_stmt *insert, const struct vg_audit_row *row,
                                 const char *hash, struct vg_error *error)
{
    sqlite3_bind_int64(insert, 1, row->id);
    sqlite3_bind_int64(insert, 2, row->at.ms);
    vg_db_bind_text(insert, 3, row->kind);
    vg_db_bind_text(insert, 4, row->subject);
    vg_db_bind_text(insert, 5, row->body);
    sqlite3_bind_text(insert, 6, hash, -1, SQLITE_STATIC);
    const int code = sqlite3_step(insert);
    const enum vg_status status = code == SQLITE_DONE
                                      ? VG_OK
                                      : vg_db_failed(sqlite3_db_handle(insert),
                                                     "write to the audit trail", error);
    sqlite3_reset(insert);
    return status;
}

enum vg_status vg_trail_add(sqlite3_stmt *insert, struct vg_audit_chain *chain,
                            const struct vg_record *record, struct vg_buffer *body,
                            struct vg_error *error)
{
    struct vg_audit_chain next = *chain;
    struct vg_audit_row row;
    char hash[VG_AUDIT_HEX];
    enum vg_status status = vg_audit_of(record, body, &row);

    if (status != VG_OK) {
        return status == VG_ABSENT ? VG_OK : status;
    }
    row.id = (int64_t)chain->count + 1;
    vg_audit_add(&next, &row);
    vg_audit_hex(next.hash, hash);
    status = insert_row(insert, &row, hash, error);
    if (status == VG_OK) {
        *chain = next;
    }
    return status;
}

/* ---- A store that is older than the trail */

struct begin {
    sqlite3_stmt *rows, *insert;
    struct vg_audit_chain chain;
    struct vg_buffer body;
    struct vg_error *error;
};

static struct vg_slice slice_of(const char *text)
{
    return (struct vg_slice){text, strlen(text)};
}

/* What is not in a column of its own is read from the JSON, as far as that can be read. */
static enum vg_status take_change(struct begin *begin)
{
    struct vg_alert alert;
    struct vg_record record = {.kind = VG_RECORD_ALERT};

    record.alert.ward = vg_db_column(begin->rows, 0);
    record.alert.n = (uint64_t)sqlite3_column_int64(begin->rows, 1);
    record.alert.at.ms = sqlite3_column_int64(begin->rows, 2);
    record.alert.id = vg_db_column(begin->rows, 3);
    record.alert.rev = (uint64_t)sqlite3_column_int64(begin->rows, 4);
    record.alert.event = vg_db_column(begin->rows, 5);
    record.alert.json = vg_db_column(begin->rows, 6);
    if (vg_decode_alert(record.alert.json.text, record.alert.json.length, &alert) ==
        VG_OK) {
        record.alert.severity = slice_of(vg_severity_text(alert.severity));
        record.alert.owner = slice_of(alert.owner);
        record.alert.remark = slice_of(alert.remark);
    }
    return vg_trail_add(begin->insert, &begin->chain, &record, &begin->body,
                        begin->error);
}

static enum vg_status take_changes(sqlite3 *db, struct begin *begin)
{
    enum vg_status status = VG_OK;
    int code = SQLITE_DONE;

    while (status == VG_OK && (code = sqlite3_step(begin->rows)) == SQLITE_ROW) {
        status = take_change(begin);
    }
    if (status == VG_OK && code != SQLITE_DONE) {
        status = vg_db_failed(db, "read the changes of alerts", begin->error);
    }
    return status;
}

/* Says that the rows before it were not written as it happened. */
static enum vg_status say_so(struct begin *begin)
{
    char text[120];
    struct vg_record record = {.kind = VG_RECORD_AUDIT};

    (void)snprintf(text, sizeof text,
                   "%llu changes of alerts were here before the trail was: taken in as "
                   "they were found",
                   (unsigned long long)begin->chain.count);
    record.audit.at = vg_clock_wall();
    record.audit.kind = slice_of("upgrade");
    record.audit.subject = slice_of("store");
    record.audit.text = slice_of(text);
    return vg_trail_add(begin->insert, &begin->chain, &record, &begin->body,
                        begin->error);
}

enum vg_status vg_trail_begin(sqlite3 *db, struct vg_error *error)
{
    struct begin begin = {.error = error};
    enum vg_status status = vg_db_prepare(db, VG_TRAIL_INSERT, &begin.insert, error);

    if (status == VG_OK) {
        status = vg_db_prepare(db,
                               "SELECT ward, n, at, alert, rev, event, json"
                               " FROM alert_event ORDER BY at, ward, n",
                               &begin.rows, error);
    }
    if (status == VG_OK) {
        status = take_changes(db, &begin);
    }
    if (status == VG_OK && begin.chain.count > 0) {
        status = say_so(&begin);
    }
    sqlite3_finalize(begin.rows);
    sqlite3_finalize(begin.insert);
    vg_buffer_finish(&begin.body);
    return status;
}
