/* SPDX-License-Identifier: Apache-2.0
 *
 * What a purge deletes, a little at a time. See store_retain.h.
 */
#include <string.h>

#include "shell/store_block.h"
#include "shell/store_retain.h"

enum vg_status vg_retain_run(struct vg_writer *writer, const char *sql,
                             const int64_t numbers[], size_t count, int64_t *changed)
{
    struct vg_error *error = &writer->retainer->error;
    sqlite3_stmt *statement = NULL;
    enum vg_status status = vg_db_prepare(writer->db, sql, &statement, error);

    if (status == VG_OK) {
        for (size_t i = 0; i < count; i++) {
            sqlite3_bind_int64(statement, (int)i + 1, numbers[i]);
        }
        if (sqlite3_step(statement) != SQLITE_DONE) {
            status = vg_db_failed(writer->db, "purge old records", error);
        }
        *changed = sqlite3_changes64(writer->db);
    }
    sqlite3_finalize(statement);
    return status;
}

enum vg_status vg_retain_first(struct vg_writer *writer, const char *sql,
                               const int64_t numbers[3], int64_t *out, int columns)
{
    struct vg_error *error = &writer->retainer->error;
    sqlite3_stmt *row = NULL;
    enum vg_status status = vg_db_prepare(writer->db, sql, &row, error);

    memset(out, 0, (size_t)columns * sizeof *out);
    if (status != VG_OK) {
        return status;
    }
    for (int i = 0; i < 3 && i < sqlite3_bind_parameter_count(row); i++) {
        sqlite3_bind_int64(row, i + 1, numbers[i]);
    }
    const int code = sqlite3_step(row);
    for (int i = 0; i < columns && code == SQLITE_ROW; i++) {
        out[i] = sqlite3_column_int64(row, i);
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        status = vg_db_failed(writer->db, "read the store", error);
    }
    sqlite3_finalize(row);
    return status;
}

/* ---- Parts of classes: each purges a little; *more: there is more of it */

#define STRETCHES 4
enum vg_status vg_purge_stretches(struct vg_writer *writer, bool *more)
{
    struct vg_retainer *r = writer->retainer;
    const int64_t cut[3] = {r->cut.ms, 0, 0};
    enum vg_status status = VG_OK;
    int64_t changed;

    *more = true;
    for (int i = 0; i < STRETCHES && status == VG_OK && *more; i++) {
        int64_t row[3]; /* id, messages, readings */
        status = vg_retain_first(
            writer,
            "SELECT id, messages, readings FROM stretch WHERE received <"
            " ?1 ORDER BY received LIMIT 1",
            cut, row, 3);
        *more = row[0] != 0;
        if (status != VG_OK || !*more) {
            break;
        }
        const int64_t ids[2] = {row[0] * VG_BLOCKS, (row[0] + 1) * VG_BLOCKS};
        status = vg_retain_run(writer, "DELETE FROM block WHERE id >= ? AND id < ?",
                               ids, 2, &changed);
        if (status == VG_OK) {
            status = vg_retain_run(writer, "DELETE FROM stretch WHERE id = ?", row, 1,
                                   &changed);
        }
        r->rows += row[1];
        r->readings += row[2];
    }
    return status;
}

/* The rows of one segment, and it. A row is its place's, in the segment's range: what is sealed
 * is not there any more. */
static enum vg_status purge_segment(struct vg_writer *writer, const int64_t row[3])
{
    struct vg_retainer *r = writer->retainer;
    const int64_t range[3] = {row[1], row[0], r->place}; /* first, last, place */
    const int64_t key[2] = {r->place, row[0]};
    int64_t readings;
    int64_t changed = 0;
    enum vg_status status =
        vg_retain_first(writer,
                        "SELECT sum(count) FROM message_row WHERE id BETWEEN"
                        " ?1 AND ?2 AND place = ?3 AND kind <> 0",
                        range, &readings, 1);

    if (status == VG_OK) {
        status =
            vg_retain_run(writer,
                          "DELETE FROM message_row WHERE id BETWEEN ? AND ? AND place"
                          " = ? AND kind <> 0",
                          range, 3, &changed);
        r->rows += changed;
        r->readings += readings;
    }
    if (status == VG_OK) {
        status =
            vg_retain_run(writer, "DELETE FROM segment WHERE place = ? AND last = ?",
                          key, 2, &changed);
    }
    return status;
}

/* Segments of what was sealed hold what stays as rows. One place at a time, oldest first. */
enum vg_status vg_purge_segments(struct vg_writer *writer, bool *more)
{
    struct vg_retainer *r = writer->retainer;
    const int64_t of[3] = {r->place, 0, 0};
    int64_t row[3]; /* last, first, received of the last */
    enum vg_status status = vg_retain_first(
        writer,
        "SELECT s.last, s.first, m.received FROM segment s JOIN message m ON m.id ="
        " s.last WHERE s.place = ?1 AND s.last <= (SELECT value FROM meta WHERE key ="
        " 'sealed') ORDER BY s.last LIMIT 1",
        of, row, 3);

    *more = true;
    if (status != VG_OK) {
        return status;
    }
    if (row[0] != 0 && row[2] < r->cut.ms) {
        return purge_segment(writer, row);
    }
    status =
        vg_retain_first(writer, "SELECT min(id) FROM place WHERE id > ?1", of, row, 1);
    *more = row[0] != 0;
    r->place = row[0];
    return status;
}

/* Ids are in the order of onset, so the oldest are found without looking at all. */
#define OLD                                                                       \
    " (SELECT id FROM (SELECT id, onset, open FROM alert ORDER BY id LIMIT 2000)" \
    " WHERE NOT open AND onset < ?1 LIMIT 20)"

enum vg_status vg_purge_alerts(struct vg_writer *writer, bool *more)
{
    static const char *const sql[] = {
        "DELETE FROM delivery WHERE page IN (SELECT id FROM page WHERE alert IN" OLD
        ")",
        "DELETE FROM page WHERE alert IN" OLD,
        "DELETE FROM alert_event WHERE alert IN" OLD,
        "DELETE FROM alert WHERE id IN" OLD};
    struct vg_retainer *r = writer->retainer;
    int64_t changed = 0;
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < sizeof sql / sizeof *sql && status == VG_OK; i++) {
        status = vg_retain_run(writer, sql[i], &r->cut.ms, 1, &changed);
    }
    r->rows += changed;
    *more = changed > 0;
    return status;
}

/* The last one stays: its number counts on. */
enum vg_status vg_purge_quarantine(struct vg_writer *writer, bool *more)
{
    struct vg_retainer *r = writer->retainer;
    int64_t changed = 0;
    const enum vg_status status = vg_retain_run(
        writer,
        "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE"
        " received < ? AND id < (SELECT max(id) FROM quarantine) ORDER BY id"
        " LIMIT 100)",
        &r->cut.ms, 1, &changed);

    r->rows += changed;
    *more = changed > 0;
    return status;
}

/* Rows are written in the order of time, but for a clock that was set back. */
static enum vg_status purge_rows(struct vg_writer *writer, const char *sql, bool *more)
{
    struct vg_retainer *r = writer->retainer;
    int64_t changed = 0;
    const enum vg_status status = vg_retain_run(writer, sql, &r->cut.ms, 1, &changed);

    r->rows += changed;
    *more = changed > 0;
    return status;
}

enum vg_status vg_purge_assessments(struct vg_writer *writer, bool *more)
{
    return purge_rows(
        writer,
        "DELETE FROM assessment WHERE id IN (SELECT id FROM (SELECT id, at FROM"
        " assessment ORDER BY id LIMIT 500) WHERE at < ?)",
        more);
}

/* The row of what came before commits were kept stays: without it those would seem to have been
 * committed when the next row was. */
enum vg_status vg_purge_committed(struct vg_writer *writer, bool *more)
{
    return purge_rows(
        writer,
        "DELETE FROM committed WHERE last IN (SELECT last FROM (SELECT last, at FROM"
        " committed ORDER BY last LIMIT 5000) WHERE at < ?)",
        more);
}
