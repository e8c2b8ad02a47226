/* SPDX-License-Identifier: Apache-2.0
 *
 * The stages of sealing, and its transactions. See store_seal.h.
 */
#include "shell/store_seal.h"

#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/store_retain.h"

#define LOOK_EVERY  (30 * VG_SECOND)
#define READ_EVERY  (5 * VG_MINUTE) /* a window that is not whole yet */
#define AFTER_FAULT (5 * VG_MINUTE)

static const char *const sql[VG_SEAL_SQL_COUNT] = {
    [VG_SEAL_STRETCH] = "INSERT INTO stretch(place, subject, epoch, first, oldest,"
                        " newest, received, messages, readings, signals, times, rest)"
                        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    [VG_SEAL_BLOCK] = "INSERT INTO block VALUES(?,?,?,?,?,?)",
    [VG_SEAL_SEGMENTS_GONE] = "DELETE FROM segment WHERE place = ? AND last <= ?2"
                              " AND last > ?3",
    [VG_SEAL_SEGMENT_CUT] = "UPDATE segment SET first = ?2 + 1 WHERE place = ?1"
                            " AND last > ?2 AND first <= ?2",
    [VG_SEAL_SEGMENT_KEPT] = "INSERT INTO segment VALUES(?,?,?,?,?)",
    [VG_SEAL_RELINK] = "UPDATE message_row SET previous = ?2 WHERE id = ?1",
    [VG_SEAL_META] = "UPDATE meta SET value = ?2 WHERE key = ?1",
    [VG_SEAL_DELETE_ROWS] =
        "DELETE FROM message_row WHERE id > ? AND id <= ? AND kind = 0",
    /* older ones are gone: few are looked at */
    [VG_SEAL_DELETE_BUNDLES] = "DELETE FROM bundle WHERE id <= ?1 AND last <= ?1",
};

enum vg_status vg_seal_run(struct vg_writer *writer, enum vg_seal_sql which,
                           struct vg_error *error)
{
    sqlite3_stmt *statement = writer->sealer->statement[which];
    const int code = sqlite3_step(statement);
    enum vg_status status = VG_OK;

    if (code != SQLITE_DONE) {
        status = vg_db_failed(writer->db, "seal old readings", error);
    }
    sqlite3_reset(statement);
    return status;
}

enum vg_status vg_seal_meta(struct vg_writer *writer, const char *key, int64_t value,
                            struct vg_error *error)
{
    sqlite3_stmt *statement = writer->sealer->statement[VG_SEAL_META];

    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, value);
    return vg_seal_run(writer, VG_SEAL_META, error);
}

void vg_seal_forget(struct vg_sealer *sealer)
{
    for (size_t i = 0; i < sealer->place_capacity; i++) {
        vg_pack_finish(&sealer->place[i].messages);
        free(sealer->place[i].kept);
    }
    free(sealer->place);
    sealer->place = NULL;
    sealer->place_capacity = 0;
    free(sealer->order);
    sealer->order = NULL;
    sealer->bytes = 0;
    sealer->full = false;
    sealer->last = 0;
    vg_stretch_finish(&sealer->stretch);
    vg_zip_finish(&sealer->zip);
    vg_pack_finish(&sealer->data);
    vg_pack_finish(&sealer->sums);
    sealer->stage = VG_SEAL_IDLE;
}

void vg_seal_disconnect(struct vg_sealer *sealer)
{
    if (sealer == NULL) {
        return;
    }
    for (size_t i = 0; i < VG_SEAL_SQL_COUNT; i++) {
        sqlite3_finalize(sealer->statement[i]);
        sealer->statement[i] = NULL;
    }
    vg_rows_close(sealer->rows);
    sealer->rows = NULL;
    vg_seal_forget(sealer);
}

void vg_seal_destroy(struct vg_sealer *sealer)
{
    vg_seal_disconnect(sealer);
    free(sealer);
}

void vg_writer_hot(struct vg_writer *writer, vg_ms hot)
{
    if (writer->sealer == NULL && hot != 0) {
        writer->sealer = calloc(1, sizeof *writer->sealer);
        if (writer->sealer != NULL) {
            writer->sealer->whole = VG_STRETCH_MESSAGES;
            writer->sealer->least = VG_SEAL_LEAST;
            writer->sealer->budget = VG_SEAL_TIME;
        }
    }
    if (writer->sealer != NULL && writer->sealer->hot != hot) {
        writer->sealer->hot = hot;
        writer->sealer->next_look = 0;
    }
}

void vg_writer_sealing(const struct vg_writer *writer, struct vg_sealing *out)
{
    *out = writer->sealer != NULL ? writer->sealer->told : (struct vg_sealing){0};
    if (out->error.text[0] == '\0' && writer->retainer != NULL) {
        out->error = writer->retainer->error;
    }
}

/* ---- Idle: is there a window to seal? */

static enum vg_status connect_sealer(struct vg_writer *writer, struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    const struct {
        const char *sql;
        int64_t *out;
    } rows[] = {
        {"SELECT value FROM meta WHERE key = 'sealed'", &sealer->sealed},
        {"SELECT value FROM meta WHERE key = 'sealing'", &sealer->sealing},
        {"SELECT value FROM meta WHERE key = 'sealing_place'", &sealer->sealing_place},
        {"SELECT value FROM meta WHERE key = 'removed'", &sealer->removed},
    };
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < sizeof rows / sizeof *rows && status == VG_OK; i++) {
        status = vg_db_number(writer->db, rows[i].sql, rows[i].out, error);
    }
    for (size_t i = 0; i < VG_SEAL_SQL_COUNT && status == VG_OK; i++) {
        status = vg_db_prepare(writer->db, sql[i], &sealer->statement[i], error);
    }
    return status == VG_OK ? vg_rows_open(writer->db, VG_ROWS_STRICT, &sealer->rows)
                           : status;
}

/* Arrival of the first message with a higher id than this; `out` stays if there is none. */
static enum vg_status arrival_after(struct vg_writer *writer, int64_t id, int64_t *out,
                                    struct vg_error *error)
{
    struct vg_rows *rows = writer->sealer->rows;
    const int code = vg_rows_seek(rows, id + 1, INT64_MAX, false);
    enum vg_status status = VG_OK;

    if (code == SQLITE_ROW) {
        *out = vg_rows_now(rows)->message.received;
    } else if (code == SQLITE_CORRUPT_VTAB) {
        vg_error_set(error, "messages behind %lld cannot be read back", (long long)id);
        status = VG_FAILED;
    } else if (code != SQLITE_DONE) {
        status = vg_db_failed(writer->db, "read the store", error);
    }
    vg_rows_rest(rows);
    return status;
}

/* Begins to read a window if there may be a whole one, or one was begun. */
static enum vg_status look(struct vg_writer *writer, struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    int64_t newest = INT64_MIN;
    int64_t oldest = INT64_MAX;

    sealer->at = sealer->sealed;
    sealer->last = sealer->sealing;
    if (sealer->sealing != 0) {
        sealer->stage = VG_SEAL_SCAN;
        return VG_OK;
    }
    if (sealer->removed < sealer->sealed) {
        sealer->stage = VG_SEAL_REMOVE;
        return VG_OK;
    }
    enum vg_status status =
        arrival_after(writer, writer->last_message - 1, &newest, error);
    if (status == VG_OK) {
        status = arrival_after(writer, sealer->sealed, &oldest, error);
    }
    if (status != VG_OK || newest == INT64_MIN || oldest == INT64_MAX) {
        return status;
    }
    sealer->cut = newest - sealer->hot;
    sealer->span_end = oldest + VG_SEAL_SPAN;
    if (oldest + sealer->least <= sealer->cut) {
        sealer->stage = VG_SEAL_SCAN;
    }
    return VG_OK;
}

/* ---- Places, each in a transaction */

static bool has_work(const struct vg_seal_place *place)
{
    return place->messages.length > 0 || place->kept_count > 0;
}

/* Where meta is to stand. */
struct stand {
    int64_t sealed, sealing, place;
};

static enum vg_status put_stand(struct vg_writer *writer, const struct stand *stand,
                                struct vg_error *error)
{
    enum vg_status status = vg_seal_meta(writer, "sealed", stand->sealed, error);

    if (status == VG_OK) {
        status = vg_seal_meta(writer, "sealing", stand->sealing, error);
    }
    if (status == VG_OK) {
        status = vg_seal_meta(writer, "sealing_place", stand->place, error);
    }
    return status == VG_OK ? vg_db_run(writer->db, "COMMIT", error) : status;
}

/* As many places as the time allows, at least one, in one transaction. */
static enum vg_status seal_places(struct vg_writer *writer, vg_ms until,
                                  struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    struct stand stand = {sealer->sealed, sealer->last, sealer->sealing_place};
    bool over = false;
    enum vg_status status = vg_db_run(writer->db, "BEGIN IMMEDIATE", error);

    while (status == VG_OK && !over) {
        stand.place++;
        over = (size_t)stand.place >= sealer->place_capacity;
        if (!over && has_work(&sealer->place[stand.place])) {
            status = vg_seal_place(writer, stand.place, error);
            if (vg_clock_boot() >= until) {
                break;
            }
        }
    }
    if (over) {
        stand = (struct stand){sealer->last, 0, 0};
    }
    if (status == VG_OK) {
        status = put_stand(writer, &stand, error);
    }
    if (status == VG_OK) {
        sealer->sealed = stand.sealed;
        sealer->sealing = stand.sealing;
        sealer->sealing_place = stand.place;
        if (over) {
            vg_seal_forget(sealer);
            sealer->told.error.text[0] = '\0';
            sealer->stage = VG_SEAL_REMOVE;
        }
    }
    return status;
}

/* ---- Rows that nothing names any more */

static enum vg_status remove_rows(struct vg_writer *writer, struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    int64_t upto = sealer->removed + VG_SEAL_DELETE;

    upto = upto < sealer->sealed ? upto : sealer->sealed;
    enum vg_status status = vg_db_run(writer->db, "BEGIN IMMEDIATE", error);
    if (status == VG_OK) {
        sqlite3_stmt *statement = sealer->statement[VG_SEAL_DELETE_ROWS];
        sqlite3_bind_int64(statement, 1, sealer->removed);
        sqlite3_bind_int64(statement, 2, upto);
        status = vg_seal_run(writer, VG_SEAL_DELETE_ROWS, error);
    }
    if (status == VG_OK) {
        sqlite3_bind_int64(sealer->statement[VG_SEAL_DELETE_BUNDLES], 1, upto);
        status = vg_seal_run(writer, VG_SEAL_DELETE_BUNDLES, error);
    }
    if (status == VG_OK) {
        status = vg_seal_meta(writer, "removed", upto, error);
    }
    if (status == VG_OK) {
        status = vg_db_run(writer->db, "COMMIT", error);
    }
    if (status == VG_OK) {
        sealer->removed = upto;
        sealer->stage = upto < sealer->sealed ? VG_SEAL_REMOVE : VG_SEAL_IDLE;
    }
    return status;
}

static enum vg_status step(struct vg_writer *writer, struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    enum vg_status status = VG_OK;

    if (sealer->rows == NULL) {
        status = connect_sealer(writer, error);
    }
    if (status != VG_OK) {
        return status;
    }
    switch (sealer->stage) {
    case VG_SEAL_IDLE:
        return look(writer, error);
    case VG_SEAL_SCAN:
        return vg_seal_scan(writer, vg_clock_boot() + sealer->budget, error);
    case VG_SEAL_PLACES:
        return seal_places(writer, vg_clock_boot() + sealer->budget, error);
    case VG_SEAL_REMOVE:
        return remove_rows(writer, error);
    }
    return VG_OK;
}

/* A connection whose disk failed, or that cannot leave its transaction, is suspect. */
static void give_up(struct vg_writer *writer)
{
    if (writer->db == NULL) {
        return;
    }
    const int code = writer->sealer->code;
    sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL);
    if (code == SQLITE_IOERR || code == SQLITE_CORRUPT || code == SQLITE_CANTOPEN ||
        sqlite3_get_autocommit(writer->db) == 0) {
        vg_writer_suspect(writer);
    } else {
        vg_seal_disconnect(writer->sealer);
    }
}

/* Sealing need not reach the disk by itself: the log is read up to its last whole transaction,
 * so power loss takes a seal back, and never the rows that it stands for; the next batch's
 * sync brings it along. So no portion waits for the disk.
 *
 * And it goes back to a savepoint (store_seal_put.c). If a page had gone to the log twice by then, SQLite 3.40 would
 * forget to put the checksums behind the savepoint right, and a recovery would end there, whatever was committed
 * since. So no page goes there before its commit. */
static enum vg_status unsynced_step(struct vg_writer *writer, struct vg_error *error)
{
    enum vg_status status = vg_db_run(
        writer->db, "PRAGMA synchronous=NORMAL; PRAGMA cache_spill=OFF", error);

    if (status == VG_OK) {
        status = step(writer, error);
    }
    writer->sealer->code = sqlite3_errcode(writer->db) & 0xff;
    if (status != VG_OK && sqlite3_get_autocommit(writer->db) == 0) {
        sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL);
    }
    struct vg_error ignored;
    if (vg_db_run(writer->db, "PRAGMA synchronous=FULL; PRAGMA cache_spill=ON",
                  &ignored) != VG_OK) {
        vg_writer_suspect(writer);
        vg_error_set(error,
                     "cannot go back to synchronous=FULL: the store is opened anew");
        return VG_FAILED;
    }
    return status;
}

bool vg_writer_seal(struct vg_writer *writer)
{
    struct vg_sealer *sealer = writer->sealer;
    const vg_ms begin = vg_clock_boot();
    struct vg_error error = {""};

    if (sealer == NULL || sealer->hot == 0 || writer->db == NULL ||
        (sealer->stage == VG_SEAL_IDLE && begin < sealer->next_look)) {
        return false;
    }
    const enum vg_seal_stage before = sealer->stage;
    const enum vg_status status = unsynced_step(writer, &error);
    const vg_ms took = vg_clock_boot() - begin;
    sealer->told.longest = took > sealer->told.longest ? took : sealer->told.longest;
    if (status != VG_OK) {
        vg_error_set(&sealer->told.error, "%s",
                     status == VG_NO_MEMORY ? "no memory to seal old readings"
                                            : error.text);
        sealer->next_look = begin + AFTER_FAULT;
        give_up(writer);
        return false;
    }
    if (sealer->stage == VG_SEAL_IDLE && before != VG_SEAL_REMOVE) {
        sealer->next_look = begin + (before == VG_SEAL_IDLE ? LOOK_EVERY : READ_EVERY);
        return false;
    }
    return true;
}
