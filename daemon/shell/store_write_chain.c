/* SPDX-License-Identifier: Apache-2.0
 *
 * How a bed's history is found without an index on the hot table: each message names the
 * one before it of the same place, and now and then a stretch of that chain is closed
 * with the span of measured time in it. A query walks only the stretches that touch its
 * span, however late a reading arrived.
 */
#include <stdlib.h>

#include "shell/clock.h"
#include "shell/store_obs.h"
#include "shell/store_write_inside.h"

#define SEGMENT_ROWS  600
#define SEGMENT_AGE   (5 * VG_MINUTE)
#define MARK_LAG_ROWS 100000 /* idle gateways' marks follow this far behind */

static void grow(struct vg_place_state *place, int64_t id, struct vg_instant oldest,
                 struct vg_instant newest)
{
    if (place->first == 0) {
        place->first = id;
        place->oldest = oldest;
        place->newest = newest;
        place->rows = 0;
        place->opened = vg_clock_boot();
    }
    place->oldest = vg_earlier(place->oldest, oldest);
    place->newest = vg_later(place->newest, newest);
    place->last = id;
    place->rows++;
}

static enum vg_status close_segment(struct vg_writer *writer, int64_t id,
                                    struct vg_error *error)
{
    struct vg_place_state *place = &writer->place[id];
    sqlite3_stmt *statement = writer->statement[VG_SQL_SEGMENT];
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, place->last);
    sqlite3_bind_int64(statement, 3, place->first);
    sqlite3_bind_int64(statement, 4, place->oldest.ms);
    sqlite3_bind_int64(statement, 5, place->newest.ms);
    place->first = 0;
    const enum vg_status status = vg_writer_run(writer, VG_SQL_SEGMENT, error);
    return status == VG_OK ? vg_writer_seen(writer, id, error) : status;
}

enum vg_status vg_writer_chain(struct vg_writer *writer, int64_t place, int64_t id,
                               const struct vg_record *record, struct vg_error *error)
{
    grow(&writer->place[place], id, record->message.oldest, record->message.newest);
    if (writer->place[place].rows < SEGMENT_ROWS) {
        return VG_OK;
    }
    return close_segment(writer, place, error);
}

/* Nothing numbered came from these since their mark, so it counts for all rows so far. */
static enum vg_status move_marks(struct vg_writer *writer, struct vg_error *error)
{
    enum vg_status status = VG_OK;
    for (size_t i = 1; i < writer->epoch_capacity && status == VG_OK; i++) {
        struct vg_epoch_state *epoch = &writer->epoch[i];
        if (epoch->dirty || writer->last_message - epoch->message < MARK_LAG_ROWS) {
            continue;
        }
        *epoch = (struct vg_epoch_state){writer->last_message, writer->last_admission,
                                         writer->last_quarantine, false};
        sqlite3_stmt *statement = writer->statement[VG_SQL_MARK_MOVED];
        sqlite3_bind_int64(statement, 1, (int64_t)i);
        sqlite3_bind_int64(statement, 2, epoch->message);
        sqlite3_bind_int64(statement, 3, epoch->admission);
        sqlite3_bind_int64(statement, 4, epoch->quarantine);
        status = vg_writer_run(writer, VG_SQL_MARK_MOVED, error);
    }
    return status;
}

enum vg_status vg_writer_sweep(struct vg_writer *writer, struct vg_error *error)
{
    vg_ms now = vg_clock_boot();
    int64_t tail = writer->last_message;
    enum vg_status status = VG_OK;
    for (size_t i = 1; i < writer->place_capacity && status == VG_OK; i++) {
        struct vg_place_state *place = &writer->place[i];
        if (place->first != 0 && now - place->opened >= SEGMENT_AGE) {
            status = close_segment(writer, (int64_t)i, error);
        }
        if (place->first != 0 && place->first - 1 < tail) {
            tail = place->first - 1;
        }
    }
    writer->tail = tail;
    writer->swept = now;
    return status == VG_OK ? move_marks(writer, error) : status;
}

/* ---- At the start */

/* For each place, where its last closed segment ends. */
static enum vg_status load_ends(struct vg_writer *writer, struct vg_error *error)
{
    sqlite3_stmt *rows;
    enum vg_status status = vg_db_prepare(
        writer->db,
        "SELECT id, (SELECT max(last) FROM segment WHERE place = place.id) FROM place",
        &rows, error);
    if (status != VG_OK) {
        return status;
    }
    int code;
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        writer->place[sqlite3_column_int64(rows, 0)].last =
            sqlite3_column_int64(rows, 1);
    }
    if (code != SQLITE_DONE) {
        status = vg_db_failed(writer->db, "read the store", error);
    }
    sqlite3_finalize(rows);
    return status;
}

/* The span of a message that is in no segment yet. */
static void sight_of(sqlite3_stmt *row, struct vg_obs *obs, struct vg_sight *out)
{
    struct vg_instant measured = {sqlite3_column_int64(row, 2)};
    struct vg_slice bytes = vg_db_column(row, 3);
    out->first = measured;
    out->last = measured;
    if (vg_obs_unpack(bytes.text, bytes.length, measured, obs) != VG_OK) {
        return; /* damaged: still found by the message's own time */
    }
    for (size_t i = 0; i < obs->reading_count; i++) {
        out->first = vg_earlier(out->first, obs->readings[i].measured);
        out->last = vg_later(out->last, obs->readings[i].measured);
        out->signals |= (uint64_t)1 << obs->readings[i].signal;
    }
    for (size_t i = 0; i < obs->entry_count; i++) {
        out->first = vg_earlier(out->first, obs->entries[i].at);
        out->last = vg_later(out->last, obs->entries[i].at);
    }
}

static enum vg_status load_tail(struct vg_writer *writer, struct vg_obs *obs,
                                struct vg_error *error)
{
    sqlite3_stmt *rows;
    enum vg_status status = vg_db_prepare(
        writer->db,
        "SELECT id, place, measured, obs, subject, received FROM message WHERE id > ?",
        &rows, error);
    if (status != VG_OK) {
        return status;
    }
    sqlite3_bind_int64(rows, 1, writer->tail);
    int code = SQLITE_DONE;
    while (status == VG_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(rows, 0);
        uint64_t place = (uint64_t)sqlite3_column_int64(rows, 1);
        /* a place beyond the table is damage; at or below `last`: in a segment already */
        if (place < writer->place_capacity && id > writer->place[place].last) {
            const struct vg_instant received = {sqlite3_column_int64(rows, 5)};
            struct vg_sight sight = {.subject = sqlite3_column_int64(rows, 4),
                                     .place = (int64_t)place};
            sight_of(rows, obs, &sight);
            grow(&writer->place[place], id, sight.first, sight.last);
            sight.last = vg_earlier(sight.last, received);
            status = vg_writer_sight(writer, &sight, error);
        }
    }
    if (status == VG_OK && code != SQLITE_DONE) {
        status = vg_db_failed(writer->db, "read the store", error);
    }
    sqlite3_finalize(rows);
    return status;
}

enum vg_status vg_writer_load_chains(struct vg_writer *writer, struct vg_error *error)
{
    struct vg_obs *obs = malloc(sizeof(*obs));
    enum vg_status status = obs == NULL ? VG_NO_MEMORY : load_ends(writer, error);
    if (status == VG_OK) {
        status = load_tail(writer, obs, error);
    }
    free(obs);
    return status;
}
