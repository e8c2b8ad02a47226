/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages and answers, from the tables page, delivery and command. See the header.
 */
#include "shell/store_question_told.h"

#include "shell/store_read_inside.h"

static const char sql[] =
    "SELECT at, ord, id, answer, who, what, text, result, json, sent, settled, received"
    " FROM (SELECT p.at AS at, p.number * 2 AS ord, p.id AS id, 0 AS answer,"
    "  p.role AS who, p.kind AS what, '' AS text, '' AS result, p.json AS json,"
    "  EXISTS(SELECT 1 FROM delivery d WHERE d.page = p.id AND d.way = 'sent') AS sent,"
    "  p.settled AS settled, (SELECT min(d.at) FROM delivery d WHERE d.page = p.id"
    "  AND d.way IN ('received', 'displayed')) AS received"
    "  FROM alert a JOIN page p ON p.alert = a.id WHERE a.patient = ifnull(?1, a.patient)"
    " UNION ALL SELECT c.at, c.number * 2 + 1, 'answer-' || c.number, 1, c.by, c.do,"
    "  c.reason, c.result, a.json, 1, 1, NULL FROM command c JOIN alert a ON a.id = c.alert"
    "  WHERE a.patient = ifnull(?1, a.patient))"
    " WHERE id = ifnull(?2, id) AND at >= ?3 AND at < ?4"
    " AND (NOT ?5 OR at > ?6 OR (at = ?6 AND ord > ?7)) ORDER BY at, ord";

static bool tell(sqlite3_stmt *row, vg_told_fn *each, void *to)
{
    const struct vg_slice json = vg_db_column(row, 8);
    const struct vg_told_row told = {
        .at = {sqlite3_column_int64(row, 0)},
        .order = sqlite3_column_int64(row, 1),
        .id = vg_db_column(row, 2).text,
        .answer = sqlite3_column_int(row, 3) != 0,
        .who = vg_db_column(row, 4).text,
        .what = vg_db_column(row, 5).text,
        .text = vg_db_column(row, 6).text,
        .result = vg_db_column(row, 7).text,
        .json = json.text,
        .length = json.length,
        .sent = sqlite3_column_int(row, 9) != 0,
        .settled = sqlite3_column_int(row, 10) != 0,
        .received = sqlite3_column_type(row, 11) == SQLITE_NULL
                        ? VG_UNSET
                        : (struct vg_instant){sqlite3_column_int64(row, 11)}};

    return each(to, &told);
}

static void bind_all(sqlite3_stmt *rows, const struct vg_told_query *query)
{
    sqlite3_bind_text(rows, 1, query->patient, -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 2, query->id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(rows, 3, query->from.ms);
    sqlite3_bind_int64(rows, 4, query->to.ms);
    sqlite3_bind_int(rows, 5, query->after.set);
    sqlite3_bind_int64(rows, 6, query->after.at);
    sqlite3_bind_int64(rows, 7, query->after.order);
}

enum vg_status vg_history_told(struct vg_reader *reader,
                               const struct vg_told_query *query, vg_told_fn *each,
                               void *to, struct vg_error *error)
{
    sqlite3_stmt *rows = NULL;
    int code = SQLITE_DONE;
    bool go_on = true;
    enum vg_status status = vg_reader_begin(reader, error);

    if (status == VG_OK) {
        status = vg_db_prepare(reader->db, sql, &rows, error);
    }
    if (status == VG_OK) {
        bind_all(rows, query);
        while (go_on && (code = sqlite3_step(rows)) == SQLITE_ROW) {
            go_on = tell(rows, each, to);
        }
        if (go_on && code != SQLITE_DONE) {
            status = vg_reader_failed(reader, error);
        }
    }
    sqlite3_finalize(rows);
    vg_reader_end(reader);
    return status;
}
