/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling what is stored, in the order that vigil/store.h promises.
 */
#include "shell/store_restore.h"

#include <stdlib.h>

#include "shell/store_restore_inside.h"
#include "shell/store_rows.h"

/* Rows are in the order of arrival, and `received` follows it as far as the wall clock
 * does; it is given an hour to step back in. */
#define STRIDE    10000
#define STEP_BACK VG_HOUR
/* Of monitors' messages, so many at most are told again: some 20 s. What is charted, given or
 * measured by a laboratory is told in full. */
#define MOST 2000000

enum vg_status vg_restore_go_on(struct vg_restoring *restore, bool answer)
{
    restore->stopped = !answer;
    return VG_OK;
}

static enum vg_status each_row(struct vg_restoring *restore, sqlite3_stmt *rows,
                               vg_restore_row *each)
{
    enum vg_status status = VG_OK;
    int code = SQLITE_DONE;
    while (status == VG_OK && !restore->stopped &&
           (code = sqlite3_step(rows)) == SQLITE_ROW) {
        status = each(restore, rows);
    }
    if (status == VG_OK && !restore->stopped && code != SQLITE_DONE) {
        status = vg_db_failed(restore->db, "read the store", restore->error);
    }
    return status;
}

enum vg_status vg_restore_query(struct vg_restoring *restore, const char *sql,
                                vg_restore_row *each)
{
    sqlite3_stmt *rows;
    enum vg_status status = vg_db_prepare(restore->db, sql, &rows, restore->error);
    if (status == VG_OK) {
        status = each_row(restore, rows, each);
        sqlite3_finalize(rows);
    }
    return status;
}

enum vg_status vg_restore_damaged(struct vg_restoring *restore, const char *what)
{
    vg_error_set(restore->error, "a row of the store cannot be read back: %s", what);
    if (restore->calls->damaged == NULL) {
        return VG_FAILED;
    }
    restore->calls->damaged(restore->calls->to, what);
    return VG_OK;
}

/* ---- What does not depend on arrival */

static enum vg_status tell_gateway(struct vg_restoring *restore, sqlite3_stmt *row)
{
    return vg_restore_go_on(
        restore, restore->calls->gateway(restore->calls->to, vg_db_column(row, 0).text,
                                         vg_db_column(row, 1).text,
                                         (uint64_t)sqlite3_column_int64(row, 2)));
}

static enum vg_status tell_mark(struct vg_restoring *restore, sqlite3_stmt *row)
{
    struct vg_range *ranges;
    size_t count;
    enum vg_status status = vg_ranges_unpack(vg_db_column(row, 3), &ranges, &count);
    if (status != VG_OK) {
        return status == VG_REFUSED ? vg_restore_damaged(restore, "a gateway's mark")
                                    : status;
    }
    bool answer = restore->calls->mark(
        restore->calls->to, vg_db_column(row, 0).text, vg_db_column(row, 1).text,
        (uint64_t)sqlite3_column_int64(row, 2), ranges, count);
    free(ranges);
    return vg_restore_go_on(restore, answer);
}

static enum vg_status tell_number(struct vg_restoring *restore, sqlite3_stmt *row)
{
    return vg_restore_go_on(
        restore, restore->calls->number(restore->calls->to, vg_db_column(row, 0).text,
                                        vg_db_column(row, 1).text,
                                        (uint64_t)sqlite3_column_int64(row, 2),
                                        (uint64_t)sqlite3_column_int64(row, 3)));
}

static enum vg_status tell_content(struct vg_restoring *restore, sqlite3_stmt *row)
{
    return vg_restore_go_on(
        restore, restore->calls->content(restore->calls->to, vg_db_column(row, 0).text,
                                         vg_db_column(row, 1).text,
                                         (uint64_t)sqlite3_column_int64(row, 2),
                                         (uint64_t)sqlite3_column_int64(row, 3)));
}

static enum vg_status tell_ward(struct vg_restoring *restore, sqlite3_stmt *row)
{
    struct vg_instant at = VG_UNSET;
    if (sqlite3_column_type(row, 2) != SQLITE_NULL) {
        at.ms = sqlite3_column_int64(row, 2);
    }
    return vg_restore_go_on(
        restore, restore->calls->ward(restore->calls->to, vg_db_column(row, 0).text,
                                      (uint64_t)sqlite3_column_int64(row, 1), at));
}

#define NUMBERS(table)                                                             \
    "SELECT gateway, epoch.epoch, seq, hash FROM " table " CROSS JOIN epoch"       \
    " ON epoch.id = " table ".epoch WHERE " table ".id > (SELECT min(" table       \
    ") FROM epoch) AND " table ".id > epoch." table " AND seq > 0 ORDER BY " table \
    ".id"

/* So many rows are looked back. */
#define CONTENTS(table)                                                               \
    "SELECT gateway, epoch.epoch, seq, hash FROM " table " CROSS JOIN epoch"          \
    " ON epoch.id = " table ".epoch WHERE " table ".id > (SELECT max(id) FROM " table \
    ") - 4096 ORDER BY " table ".id"

static enum vg_status tell_state(struct vg_restoring *restore)
{
    const struct vg_restore *calls = restore->calls;
    const struct {
        bool wanted;
        const char *sql;
        vg_restore_row *each;
    } rows[] = {
        {calls->gateway != NULL,
         "SELECT gateway, epoch, first FROM epoch WHERE first > 0 ORDER BY id",
         tell_gateway},
        {calls->mark != NULL,
         "SELECT gateway, epoch, upto, ranges, id FROM epoch"
         " WHERE upto > 0 OR length(ranges) > 0 ORDER BY id",
         tell_mark},
        {calls->content != NULL, CONTENTS("admission"), tell_content},
        {calls->content != NULL, CONTENTS("quarantine"), tell_content},
        {calls->number != NULL, NUMBERS("message"), tell_number},
        {calls->number != NULL, NUMBERS("admission"), tell_number},
        {calls->number != NULL, NUMBERS("quarantine"), tell_number},
        {calls->ward != NULL,
         "SELECT w.id, w.n, e.at FROM ward w LEFT JOIN alert_event e"
         " ON e.ward = w.id AND e.n = w.n ORDER BY w.id",
         tell_ward},
    };
    enum vg_status status = VG_OK;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].wanted && status == VG_OK && !restore->stopped) {
            status = vg_restore_query(restore, rows[i].sql, rows[i].each);
        }
    }
    return status;
}

/* ---- Admissions and messages, merged */

static void tell_admission(struct vg_restoring *restore)
{
    sqlite3_stmt *row = restore->admissions;
    if (restore->calls->episode == NULL) {
        return;
    }
    struct vg_slice topic = vg_db_column(row, 2);
    struct vg_slice payload = vg_db_column(row, 3);
    struct vg_letter letter = {topic.text, topic.length, payload.text, payload.length,
                               sqlite3_column_int(row, 4) != 0};
    struct vg_instant received = {sqlite3_column_int64(row, 0)};
    vg_restore_go_on(restore,
                     restore->calls->episode(restore->calls->to, &letter, received));
}

static enum vg_status next_admission(struct vg_restoring *restore)
{
    const int code = sqlite3_step(restore->admissions);

    restore->admission_left = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE
               ? VG_OK
               : vg_db_failed(restore->db, "read the store", restore->error);
}

/* Tells the admissions that arrived before message `id`. */
static enum vg_status tell_admissions(struct vg_restoring *restore, int64_t id)
{
    enum vg_status status = VG_OK;

    while (status == VG_OK && restore->admission_left && !restore->stopped &&
           sqlite3_column_int64(restore->admissions, 1) < id) {
        tell_admission(restore);
        status = next_admission(restore);
    }
    return status;
}

#define COLUMNS(table)                                                            \
    "SELECT message.id, received, measured, kind, seq, hash, ward, bed, gateway," \
    " epoch.epoch, episode, patient, device, obs FROM " table                     \
    " CROSS JOIN place ON place.id = message.place"                               \
    " CROSS JOIN subject ON subject.id = message.subject"                         \
    " CROSS JOIN epoch ON epoch.id = message.epoch"

static enum vg_status read_message(struct vg_restoring *restore, sqlite3_stmt *row,
                                   struct vg_message *out)
{
    struct vg_record record = {.kind = VG_RECORD_MESSAGE,
                               .received = {sqlite3_column_int64(row, 1)}};
    record.message.measured.ms = sqlite3_column_int64(row, 2);
    record.message.kind = (enum vg_kind)sqlite3_column_int(row, 3);
    record.origin.seq = (uint64_t)sqlite3_column_int64(row, 4);
    record.origin.hash = (uint64_t)sqlite3_column_int64(row, 5);
    record.message.ward = vg_db_column(row, 6);
    record.message.bed = vg_db_column(row, 7);
    record.origin.gateway = vg_db_column(row, 8);
    record.origin.epoch = vg_db_column(row, 9);
    record.message.patient = vg_db_column(row, 11);
    record.message.device = vg_db_column(row, 12);
    record.message.obs = vg_db_column(row, 13);
    return vg_record_message(&record, out, restore->obs);
}

static enum vg_status tell_message(struct vg_restoring *restore, sqlite3_stmt *row)
{
    int64_t id = sqlite3_column_int64(row, 0);
    enum vg_status status = tell_admissions(restore, id);
    if (status != VG_OK || restore->stopped || restore->calls->message == NULL) {
        return status;
    }
    struct vg_message message = {.failed_count = 0};
    if (read_message(restore, row, &message) != VG_OK) {
        return vg_restore_damaged(restore, "a message");
    }
    return vg_restore_go_on(
        restore, restore->calls->message(
                     restore->calls->to, &message, vg_db_column(row, 10).text,
                     (struct vg_instant){sqlite3_column_int64(row, 1)},
                     (uint64_t)sqlite3_column_int64(row, 5)));
}

static enum vg_status tell_messages(struct vg_restoring *restore, const char *sql)
{
    sqlite3_stmt *rows;
    enum vg_status status = vg_db_prepare(restore->db, sql, &rows, restore->error);
    if (status == VG_OK) {
        sqlite3_bind_int64(rows, 1, restore->start);
        sqlite3_bind_int64(rows, 2, restore->charted_since.ms);
        sqlite3_bind_int64(rows, 3, restore->since.ms);
        status = each_row(restore, rows, tell_message);
        sqlite3_finalize(rows);
    }
    return status;
}

/* Goes back from the end in strides: two dozen look-ups for a day of a large ward. */
static enum vg_status find_start(struct vg_restoring *restore)
{
    sqlite3_stmt *look;
    int64_t max = 0;
    enum vg_status status =
        vg_db_number(restore->db, "SELECT max(id) FROM message", &max, restore->error);
    int64_t id = max;
    if (status == VG_OK) {
        status = vg_db_prepare(restore->db,
                               "SELECT received FROM message WHERE id <= ?"
                               " ORDER BY id DESC LIMIT 1",
                               &look, restore->error);
    }
    if (status != VG_OK) {
        return status;
    }
    struct vg_instant newest = VG_UNSET;
    for (bool found = true; found && id > 0; id -= found ? STRIDE : 0) {
        sqlite3_bind_int64(look, 1, id);
        const int code = sqlite3_step(look);
        struct vg_instant received = {sqlite3_column_int64(look, 0)};
        found = code == SQLITE_ROW;
        if (!found && code != SQLITE_DONE) {
            status = vg_db_failed(restore->db, "read the store", restore->error);
        }
        sqlite3_reset(look);
        newest = vg_is_set(newest) ? newest : received;
        found = found && received.ms >= vg_after(restore->since, -STEP_BACK).ms;
    }
    sqlite3_finalize(look);
    if (id < max - MOST) {
        id = max - MOST;
    }
    restore->start = id > 0 ? id : 0;
    restore->charted_since =
        vg_earlier(vg_after(newest, -VG_RESTORE_CHARTED), restore->since);
    return status;
}

/* Of bundles, what cannot be told is passed over by the table `message`. */
static enum vg_status look_at_bundle(struct vg_restoring *restore, sqlite3_stmt *row)
{
    return vg_bundle_sound(sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                           vg_db_column(row, 2))
               ? VG_OK
               : vg_restore_damaged(restore, "messages");
}

static enum vg_status tell_arrivals(struct vg_restoring *restore)
{
    enum vg_status status = find_start(restore);
    if (status == VG_OK) {
        status = vg_db_prepare(restore->db,
                               "SELECT received, after, topic, payload, retained"
                               " FROM admission ORDER BY id",
                               &restore->admissions, restore->error);
    }
    if (status != VG_OK) {
        return status;
    }
    status = next_admission(restore);
    if (status == VG_OK) {
        status = tell_messages(
            restore,
            COLUMNS("message_row AS message") " WHERE kind <> 0 AND received >= ?2"
                                              " AND message.id < ?1 AND ?3 IS NOT NULL"
                                              " ORDER BY message.id");
    }
    if (status == VG_OK && !restore->stopped) {
        status =
            tell_messages(restore, COLUMNS("message") " WHERE message.id >= ?1 AND"
                                                      " (received >= ?3 OR"
                                                      " (kind <> 0 AND received >= ?2))"
                                                      " ORDER BY message.id");
    }
    if (status == VG_OK && !restore->stopped) {
        status = tell_admissions(restore, INT64_MAX);
    }
    if (status == VG_OK && !restore->stopped) {
        status = vg_restore_query(restore, "SELECT id, last, data FROM bundle",
                                  look_at_bundle);
    }
    sqlite3_finalize(restore->admissions);
    return status;
}

/* In the order that vigil/store.h promises. */
static enum vg_status tell_all(struct vg_restoring *restore)
{
    static enum vg_status (*const tellers[])(struct vg_restoring *) = {
        tell_state,         vg_restore_answers, vg_restore_alerts,
        vg_restore_carried, tell_arrivals,      vg_restore_unsent};
    enum vg_status status = VG_OK;
    for (size_t i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
        if (status == VG_OK && !restore->stopped) {
            status = tellers[i](restore);
        }
    }
    return status;
}

enum vg_status vg_sqlite_restore(const char *path, struct vg_instant messages_since,
                                 const struct vg_restore *calls, struct vg_error *error)
{
    struct vg_restoring restore = {
        .calls = calls, .since = messages_since, .error = error};
    enum vg_status status = vg_db_open_reader(path, &restore.db, error);
    if (status != VG_OK) {
        return VG_FAILED;
    }
    restore.obs = malloc(sizeof(*restore.obs));
    status = restore.obs == NULL
                 ? VG_NO_MEMORY
                 : vg_db_run(restore.db, "BEGIN", error); /* one state */
    if (status == VG_OK) {
        status = tell_all(&restore);
    }
    free(restore.obs);
    sqlite3_exec(restore.db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(restore.db);
    return status;
}
