/* SPDX-License-Identifier: Apache-2.0
 *
 * History: the readings of a patient or a bed over a span of measured time. Only those
 * stretches of a bed's chain are walked that hold anything of the span (see
 * store_write_chain.c), newest first, and the readings are sorted afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/batch.h"
#include "shell/store_read_inside.h"

struct found {
    struct vg_reading reading;
    struct vg_instant received;
    int64_t order; /* of arrival: message id, then place in the message */
    int64_t subject;
    size_t place; /* in `places` */
    enum vg_kind kind;
};

struct place {
    int64_t id;
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
};

struct history {
    struct vg_reader *reader;
    const struct vg_reading_query *query;
    struct vg_error *error;
    struct place *places;
    size_t place_count;
    sqlite3_stmt *message; /* one by id */
    sqlite3_stmt *theirs;  /* whether a subject is the patient's */
    int64_t asked;         /* the subject last asked about, and the answer */
    bool answer;
    struct vg_obs *obs;
    struct found *found;
    size_t count, capacity;
};

#define SUBJECTS                                     \
    " SELECT id FROM subject WHERE patient = ?1"     \
    " UNION SELECT id FROM subject WHERE episode IN" \
    " (SELECT id FROM episode WHERE patient = ?1)"

static enum vg_status add_place(struct history *history, sqlite3_stmt *row)
{
    size_t size = (history->place_count + 1) * sizeof(*history->places);
    struct place *larger = realloc(history->places, size);
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    history->places = larger;
    struct place *place = &larger[history->place_count++];
    *place = (struct place){.id = sqlite3_column_int64(row, 0)};
    vg_copy(place->ward, sizeof(place->ward), vg_db_column(row, 1).text);
    vg_copy(place->bed, sizeof(place->bed), vg_db_column(row, 2).text);
    return VG_OK;
}

/* Where to look. */
static enum vg_status find_places(struct history *history)
{
    sqlite3_stmt *rows;
    enum vg_status status = vg_db_prepare(
        history->reader->db,
        "SELECT id, ward, bed FROM place WHERE ward = ifnull(?2, ward)"
        " AND bed = ifnull(?3, bed) AND (?1 IS NULL OR id IN"
        " (SELECT place FROM stay WHERE subject IN (" SUBJECTS "))) ORDER BY id",
        &rows, history->error);
    if (status != VG_OK) {
        return status;
    }
    sqlite3_bind_text(rows, 1, history->query->patient, -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 2, history->query->ward, -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 3, history->query->bed, -1, SQLITE_STATIC);
    int code = SQLITE_DONE;
    while (status == VG_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        status = add_place(history, rows);
    }
    if (status == VG_OK && code != SQLITE_DONE) {
        status = vg_reader_failed(history->reader, history->error);
    }
    sqlite3_finalize(rows);
    return status;
}

static enum vg_status make_room(struct history *history)
{
    if (history->count == VG_READ_ROWS) {
        vg_error_set(history->error, "more than %zu readings: ask for a shorter span",
                     VG_READ_ROWS);
        return VG_FULL;
    }
    if (history->count < history->capacity) {
        return VG_OK;
    }
    size_t capacity = history->capacity == 0 ? 1024 : history->capacity * 2;
    struct found *larger = realloc(history->found, capacity * sizeof(*larger));
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    history->found = larger;
    history->capacity = capacity;
    return VG_OK;
}

static bool wanted(const struct vg_reading_query *query,
                   const struct vg_reading *reading)
{
    return reading->measured.ms >= query->from.ms &&
           reading->measured.ms < query->to.ms &&
           (query->signals == 0 || (query->signals >> reading->signal & 1) != 0);
}

static bool is_theirs(struct history *history, int64_t subject)
{
    if (history->query->patient == NULL) {
        return true;
    }
    if (subject != history->asked) {
        sqlite3_bind_int64(history->theirs, 2, subject);
        history->answer = sqlite3_step(history->theirs) == SQLITE_ROW;
        history->asked = subject;
        sqlite3_reset(history->theirs);
    }
    return history->answer;
}

/* Columns of a message: id, received, measured, subject, kind, previous, obs, place. */
static enum vg_status take_message(struct history *history, sqlite3_stmt *row,
                                   size_t place)
{
    int64_t id = sqlite3_column_int64(row, 0);
    struct vg_slice bytes = vg_db_column(row, 6);
    struct vg_instant measured = {sqlite3_column_int64(row, 2)};
    if (vg_obs_unpack(bytes.text, bytes.length, measured, history->obs) != VG_OK) {
        vg_error_set(history->error, "message %lld of the store cannot be read back",
                     (long long)id);
        return VG_FAILED;
    }
    int64_t subject = sqlite3_column_int64(row, 3);
    if (!is_theirs(history, subject)) {
        return VG_OK;
    }
    enum vg_status status = VG_OK;
    for (size_t i = 0; i < history->obs->reading_count && status == VG_OK; i++) {
        const struct vg_reading *reading = &history->obs->readings[i];
        if (wanted(history->query, reading) && (status = make_room(history)) == VG_OK) {
            history->found[history->count++] =
                (struct found){*reading,
                               {sqlite3_column_int64(row, 1)},
                               id * VG_MESSAGE_ITEMS + (int64_t)i,
                               subject,
                               place,
                               (enum vg_kind)sqlite3_column_int(row, 4)};
        }
    }
    return status;
}

/* Walks the chain from `id` back to `first`. */
static enum vg_status walk(struct history *history, size_t place, int64_t first,
                           int64_t id)
{
    enum vg_status status = VG_OK;
    while (status == VG_OK && id >= first && id > 0) {
        sqlite3_bind_int64(history->message, 1, id);
        if (sqlite3_step(history->message) != SQLITE_ROW) {
            status = vg_reader_failed(history->reader, history->error);
        } else {
            status = take_message(history, history->message, place);
            id = sqlite3_column_int64(history->message, 5);
        }
        sqlite3_reset(history->message);
    }
    return status;
}

/* The closed stretches of all places that touch the span. */
static enum vg_status take_segments(struct history *history)
{
    sqlite3_stmt *rows;
    enum vg_status status =
        vg_db_prepare(history->reader->db,
                      "SELECT first, last FROM segment WHERE place = ? AND newest >= ?"
                      " AND oldest < ? ORDER BY last DESC",
                      &rows, history->error);
    if (status != VG_OK) {
        return status;
    }
    int code = SQLITE_DONE;
    for (size_t i = 0; i < history->place_count && status == VG_OK; i++) {
        sqlite3_bind_int64(rows, 1, history->places[i].id);
        sqlite3_bind_int64(rows, 2, history->query->from.ms);
        sqlite3_bind_int64(rows, 3, history->query->to.ms);
        while (status == VG_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
            status = walk(history, i, sqlite3_column_int64(rows, 0),
                          sqlite3_column_int64(rows, 1));
        }
        if (status == VG_OK && code != SQLITE_DONE) {
            status = vg_reader_failed(history->reader, history->error);
        }
        sqlite3_reset(rows);
    }
    sqlite3_finalize(rows);
    return status;
}

static int by_id(const void *a, const void *b)
{
    const struct place *left = a;
    const struct place *right = b;
    return (left->id > right->id) - (left->id < right->id);
}

/* The latest minutes, which are in no segment yet, read in one go for all places. */
static enum vg_status take_tail(struct history *history)
{
    sqlite3_stmt *rows;
    enum vg_status status = vg_db_prepare(
        history->reader->db,
        "SELECT id, received, measured, subject, kind, previous, obs, place FROM message"
        " WHERE id > (SELECT value FROM meta WHERE key = 'tail') AND id >"
        " ifnull((SELECT max(last) FROM segment WHERE place = message.place), 0)",
        &rows, history->error);
    int code = SQLITE_DONE;
    while (status == VG_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        struct place key = {.id = sqlite3_column_int64(rows, 7)};
        const struct place *place =
            history->place_count == 0
                ? NULL
                : bsearch(&key, history->places, history->place_count, sizeof(key),
                          by_id);
        if (place != NULL) {
            status = take_message(history, rows, (size_t)(place - history->places));
        }
    }
    if (status == VG_OK && code != SQLITE_DONE) {
        status = vg_reader_failed(history->reader, history->error);
    }
    sqlite3_finalize(rows);
    return status;
}

static int by_time(const void *a, const void *b)
{
    const struct found *left = a;
    const struct found *right = b;
    if (left->reading.measured.ms != right->reading.measured.ms) {
        return left->reading.measured.ms < right->reading.measured.ms ? -1 : 1;
    }
    return (left->order > right->order) - (left->order < right->order);
}

static enum vg_status tell(struct history *history, vg_reading_fn *each, void *to)
{
    sqlite3_stmt *subject;
    enum vg_status status =
        vg_db_prepare(history->reader->db,
                      "SELECT episode, patient, device FROM subject WHERE id = ?",
                      &subject, history->error);
    if (status != VG_OK) {
        return status;
    }
    int64_t known = 0;
    bool go_on = true;
    for (size_t i = 0; i < history->count && go_on && status == VG_OK; i++) {
        const struct found *found = &history->found[i];
        if (found->subject != known) {
            sqlite3_reset(subject);
            sqlite3_bind_int64(subject, 1, found->subject);
            if (sqlite3_step(subject) != SQLITE_ROW) {
                status = vg_reader_failed(history->reader, history->error);
                break;
            }
            known = found->subject;
        }
        const struct place *place = &history->places[found->place];
        struct vg_reading_row row = {place->ward,
                                     place->bed,
                                     vg_db_column(subject, 0).text,
                                     vg_db_column(subject, 1).text,
                                     vg_db_column(subject, 2).text,
                                     found->received,
                                     found->kind,
                                     &found->reading,
                                     found->order};
        go_on = each(to, &row);
    }
    sqlite3_finalize(subject);
    return status;
}

static enum vg_status prepare(struct history *history)
{
    history->obs = malloc(sizeof(*history->obs));
    if (history->obs == NULL) {
        return VG_NO_MEMORY;
    }
    enum vg_status status =
        vg_db_prepare(history->reader->db,
                      "SELECT id, received, measured, subject, kind, previous, obs"
                      " FROM message WHERE id = ?",
                      &history->message, history->error);
    if (status == VG_OK) {
        status =
            vg_db_prepare(history->reader->db,
                          "SELECT 1 FROM subject WHERE id = ?2 AND (patient = ?1"
                          " OR (episode <> '' AND episode IN (SELECT id FROM episode"
                          " WHERE patient = ?1)))",
                          &history->theirs, history->error);
    }
    if (status == VG_OK) {
        sqlite3_bind_text(history->theirs, 1, history->query->patient, -1,
                          SQLITE_STATIC);
    }
    return status;
}

enum vg_status vg_store_readings(struct vg_reader *reader,
                                 const struct vg_reading_query *query,
                                 vg_reading_fn *each, void *to, struct vg_error *error)
{
    struct history history = {.reader = reader, .query = query, .error = error};
    static enum vg_status (*const steps[])(struct history *) = {
        prepare, find_places, take_segments, take_tail};
    enum vg_status status = vg_reader_begin(reader, error);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && status == VG_OK; i++) {
        status = steps[i](&history);
    }
    if (status == VG_OK && history.count > 0) {
        qsort(history.found, history.count, sizeof(*history.found), by_time);
        status = tell(&history, each, to);
    }
    sqlite3_finalize(history.message);
    sqlite3_finalize(history.theirs);
    vg_reader_end(reader);
    free(history.obs);
    free(history.found);
    free(history.places);
    return status;
}
