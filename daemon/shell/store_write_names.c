/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of place, subject, epoch and stay: looked up in memory, added when new.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/store_write_inside.h"

/* Three texts of at most 64 bytes each and their NULs. */
#define KEY_SIZE 256

/* Joins the parts, NULs included, into a key. 0: too long, which no valid id is. */
static size_t make_key(char key[KEY_SIZE], const struct vg_slice *parts, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].length + 1 > KEY_SIZE - length) {
            return 0;
        }
        memcpy(key + length, parts[i].text, parts[i].length);
        length += parts[i].length;
        key[length++] = '\0';
    }
    return length;
}

/* Grows an array that is indexed by row id so that `id` is in it, zeroed. */
static enum vg_status make_room(void **array, size_t *capacity, size_t size, int64_t id)
{
    size_t wanted = (size_t)id + 1;
    if (wanted <= *capacity) {
        return VG_OK;
    }
    size_t grown = wanted * 2;
    char *larger = realloc(*array, grown * size);
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    memset(larger + *capacity * size, 0, (grown - *capacity) * size);
    *array = larger;
    *capacity = grown;
    return VG_OK;
}

static enum vg_status room_for_place(struct vg_writer *writer, int64_t id)
{
    void *array = writer->place;
    enum vg_status status =
        make_room(&array, &writer->place_capacity, sizeof(*writer->place), id);
    writer->place = array;
    return status;
}

static enum vg_status room_for_epoch(struct vg_writer *writer, int64_t id)
{
    void *array = writer->epoch;
    enum vg_status status =
        make_room(&array, &writer->epoch_capacity, sizeof(*writer->epoch), id);
    writer->epoch = array;
    return status;
}

/* Finds the key made of `parts`, or inserts the row by `which`, whose first parameters are
 * the parts and whose others are bound already. */
static enum vg_status intern(struct vg_writer *writer, struct vg_names *names,
                             enum vg_writer_sql which, const struct vg_slice parts[3],
                             int64_t *id, struct vg_error *error)
{
    size_t count = which == VG_SQL_SUBJECT ? 3 : 2;
    char key[KEY_SIZE];
    size_t length = make_key(key, parts, count);
    if (length == 0) {
        vg_error_set(error, "an id of a message is too long for the store");
        return VG_FAILED;
    }
    *id = vg_names_find(names, key, length);
    if (*id != 0) {
        return VG_OK;
    }
    for (size_t i = 0; i < count; i++) {
        vg_db_bind_text(writer->statement[which], (int)i + 1, parts[i]);
    }
    enum vg_status status = vg_writer_run(writer, which, error);
    if (status != VG_OK) {
        return status;
    }
    *id = sqlite3_last_insert_rowid(writer->db);
    return vg_names_add(names, key, length, *id);
}

enum vg_status vg_writer_place(struct vg_writer *writer, struct vg_slice ward,
                               struct vg_slice bed, int64_t *id, struct vg_error *error)
{
    const struct vg_slice parts[3] = {ward, bed, {"", 0}};
    enum vg_status status =
        intern(writer, &writer->places, VG_SQL_PLACE, parts, id, error);
    return status == VG_OK ? room_for_place(writer, *id) : status;
}

enum vg_status vg_writer_subject(struct vg_writer *writer,
                                 const struct vg_record *record, int64_t *id,
                                 struct vg_error *error)
{
    const struct vg_slice parts[3] = {record->message.episode, record->message.patient,
                                      record->message.device};
    return intern(writer, &writer->subjects, VG_SQL_SUBJECT, parts, id, error);
}

enum vg_status vg_writer_epoch(struct vg_writer *writer,
                               const struct vg_record_origin *origin, int64_t *id,
                               struct vg_error *error)
{
    const struct vg_slice parts[3] = {origin->gateway, origin->epoch, {"", 0}};
    sqlite3_stmt *statement = writer->statement[VG_SQL_EPOCH];
    sqlite3_bind_int64(statement, 3, writer->last_message);
    sqlite3_bind_int64(statement, 4, writer->last_admission);
    sqlite3_bind_int64(statement, 5, writer->last_quarantine);
    size_t known = writer->epochs.count;
    enum vg_status status =
        intern(writer, &writer->epochs, VG_SQL_EPOCH, parts, id, error);
    if (status == VG_OK) {
        status = room_for_epoch(writer, *id);
    }
    if (status == VG_OK && writer->epochs.count > known) {
        writer->epoch[*id] =
            (struct vg_epoch_state){writer->last_message, writer->last_admission,
                                    writer->last_quarantine, false};
    }
    return status;
}

/* ---- At the start */

static enum vg_status load_place(struct vg_writer *writer, sqlite3_stmt *row)
{
    const struct vg_slice parts[3] = {
        vg_db_column(row, 1), vg_db_column(row, 2), {"", 0}};
    char key[KEY_SIZE];
    int64_t id = sqlite3_column_int64(row, 0);
    enum vg_status status =
        vg_names_add(&writer->places, key, make_key(key, parts, 2), id);
    return status == VG_OK ? room_for_place(writer, id) : status;
}

static enum vg_status load_subject(struct vg_writer *writer, sqlite3_stmt *row)
{
    const struct vg_slice parts[3] = {vg_db_column(row, 1), vg_db_column(row, 2),
                                      vg_db_column(row, 3)};
    char key[KEY_SIZE];
    return vg_names_add(&writer->subjects, key, make_key(key, parts, 3),
                        sqlite3_column_int64(row, 0));
}

static enum vg_status load_epoch(struct vg_writer *writer, sqlite3_stmt *row)
{
    const struct vg_slice parts[3] = {
        vg_db_column(row, 1), vg_db_column(row, 2), {"", 0}};
    char key[KEY_SIZE];
    int64_t id = sqlite3_column_int64(row, 0);
    enum vg_status status =
        vg_names_add(&writer->epochs, key, make_key(key, parts, 2), id);
    if (status == VG_OK) {
        status = room_for_epoch(writer, id);
    }
    if (status == VG_OK) {
        writer->epoch[id] = (struct vg_epoch_state){
            sqlite3_column_int64(row, 3), sqlite3_column_int64(row, 4),
            sqlite3_column_int64(row, 5), false};
    }
    return status;
}

static enum vg_status load_dirty(struct vg_writer *writer, sqlite3_stmt *row)
{
    writer->epoch[sqlite3_column_int64(row, 0)].dirty = true;
    return VG_OK;
}

/* Stays are few and cost one ignored insert when met again, so they are not loaded. */
enum vg_status vg_writer_load_names(struct vg_writer *writer, struct vg_error *error)
{
    static const struct {
        const char *sql;
        enum vg_status (*load)(struct vg_writer *, sqlite3_stmt *);
    } tables[] = {
        {"SELECT id, ward, bed FROM place", load_place},
        {"SELECT id, episode, patient, device FROM subject", load_subject},
        {"SELECT id, gateway, epoch, message, admission, quarantine FROM epoch",
         load_epoch},
        {"SELECT DISTINCT epoch.id FROM message CROSS JOIN epoch ON epoch.id = message.epoch"
         " WHERE message.id > (SELECT min(message) FROM epoch)"
         " AND message.id > epoch.message AND message.seq > 0",
         load_dirty},
        {"SELECT DISTINCT epoch.id FROM admission"
         " CROSS JOIN epoch ON epoch.id = admission.epoch"
         " WHERE admission.id > epoch.admission AND admission.seq > 0",
         load_dirty},
        {"SELECT DISTINCT epoch.id FROM quarantine"
         " CROSS JOIN epoch ON epoch.id = quarantine.epoch"
         " WHERE quarantine.id > (SELECT min(quarantine) FROM epoch)"
         " AND quarantine.id > epoch.quarantine AND quarantine.seq > 0",
         load_dirty},
    };
    enum vg_status status = VG_OK;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && status == VG_OK; i++) {
        sqlite3_stmt *rows = NULL;
        status = vg_db_prepare(writer->db, tables[i].sql, &rows, error);
        int code = SQLITE_DONE;
        while (status == VG_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
            status = tables[i].load(writer, rows);
        }
        if (status == VG_OK && code != SQLITE_DONE) {
            status = vg_db_failed(writer->db, "read the store", error);
        }
        sqlite3_finalize(rows);
    }
    return status;
}
