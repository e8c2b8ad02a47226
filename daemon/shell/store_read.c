/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader's connection, and the look-ups that are one query each.
 */
#include "shell/store_read.h"

#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/store_read_inside.h"
#include "shell/store_schema.h"

#define CHECK_STEPS 1000 /* of SQLite's machine between two looks at the clock */

static int out_of_time(void *to)
{
    const struct vg_reader *reader = to;
    return vg_clock_boot() > reader->until;
}

enum vg_status vg_store_read_open(const char *path, struct vg_reader **out,
                                  struct vg_error *error)
{
    struct vg_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        vg_error_set(error, "no memory to read the store");
        return VG_NO_MEMORY;
    }
    vg_store_read_within(reader, 2 * VG_SECOND);
    enum vg_status status = vg_db_open_reader(path, &reader->db, error);
    if (status == VG_OK) {
        status = vg_schema_check(reader->db, error);
    }
    if (status == VG_OK) {
        status = vg_rows_open(reader->db, VG_ROWS_QUICK, &reader->rows);
    }
    if (status != VG_OK) {
        vg_store_read_close(reader);
        return status;
    }
    sqlite3_progress_handler(reader->db, CHECK_STEPS, out_of_time, reader);
    *out = reader;
    return VG_OK;
}

void vg_store_read_close(struct vg_reader *reader)
{
    if (reader != NULL) {
        vg_reader_forget(reader);
        vg_rows_close(reader->rows);
        sqlite3_close(reader->db);
        free(reader);
    }
}

void vg_store_read_within(struct vg_reader *reader, vg_ms span)
{
    reader->span = span;
    reader->until = vg_clock_boot() + span;
}

void vg_store_read_keep(struct vg_reader *reader, unsigned kibibytes)
{
    char sql[40];

    sqlite3_snprintf(sizeof sql, sql, "PRAGMA cache_size=-%u", kibibytes);
    sqlite3_exec(reader->db, sql, NULL, NULL, NULL);
}

enum vg_status vg_reader_failed(struct vg_reader *reader, struct vg_error *error)
{
    if (sqlite3_errcode(reader->db) == SQLITE_INTERRUPT) {
        vg_error_set(error,
                     "the query took longer than %lld ms: ask for a shorter span",
                     (long long)reader->span);
        return VG_FAILED;
    }
    return vg_db_failed(reader->db, "read the store", error);
}

static const char begin[] = "BEGIN";
static const char rollback[] = "ROLLBACK";

static enum vg_status run(struct vg_reader *reader, const char *sql,
                          struct vg_error *error)
{
    sqlite3_stmt *statement = NULL;
    enum vg_status status = vg_reader_ready(reader, sql, &statement, error);

    if (status == VG_OK && sqlite3_step(statement) != SQLITE_DONE) {
        status = vg_db_failed(reader->db, "read the store", error);
    }
    vg_reader_back(reader, statement);
    return status;
}

enum vg_status vg_reader_begin(struct vg_reader *reader, struct vg_error *error)
{
    reader->until = vg_clock_boot() + reader->span;
    return run(reader, begin, error);
}

void vg_reader_end(struct vg_reader *reader)
{
    struct vg_error unsaid;

    reader->until = INT64_MAX; /* ending must not be interrupted */
    (void)run(reader, rollback, &unsaid);
}

/* What a query is told with: a function that reads the row and answers false to stop. */
struct teller {
    bool (*row)(const struct teller *teller, sqlite3_stmt *row);
    union {
        vg_json_fn *json;
        vg_alert_event_fn *event;
        vg_episode_fn *episode;
    } each;
    void *to;
};

/* Binds `count` texts (NULL binds NULL), then the numbers. */
struct arguments {
    size_t text_count, number_count;
    const char *text[3];
    int64_t number[3];
};

static enum vg_status run_query(struct vg_reader *reader, const char *sql,
                                const struct arguments *arguments,
                                const struct teller *teller, struct vg_error *error)
{
    sqlite3_stmt *rows = NULL;
    reader->until = vg_clock_boot() + reader->span;
    enum vg_status status = vg_reader_ready(reader, sql, &rows, error);
    if (status != VG_OK) {
        return status;
    }
    int index = 1;
    for (size_t i = 0; i < arguments->text_count; i++) {
        sqlite3_bind_text(rows, index++, arguments->text[i], -1, SQLITE_STATIC);
    }
    for (size_t i = 0; i < arguments->number_count; i++) {
        sqlite3_bind_int64(rows, index++, arguments->number[i]);
    }
    int code;
    bool go_on = true;
    while (go_on && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        go_on = teller->row(teller, rows);
    }
    if (go_on && code != SQLITE_DONE) {
        status = vg_reader_failed(reader, error);
    }
    vg_reader_back(reader, rows);
    return status;
}

static bool tell_json(const struct teller *teller, sqlite3_stmt *row)
{
    struct vg_slice json = vg_db_column(row, 0);
    return teller->each.json(teller->to, json.text, json.length);
}

static bool tell_event(const struct teller *teller, sqlite3_stmt *row)
{
    struct vg_slice json = vg_db_column(row, 1);
    return teller->each.event(teller->to, (uint64_t)sqlite3_column_int64(row, 0),
                              json.text, json.length);
}

void vg_reader_episode(sqlite3_stmt *row, struct vg_episode *out)
{
    *out = (struct vg_episode){.age = sqlite3_column_int(row, 6),
                               .outpatient = sqlite3_column_int(row, 7) != 0,
                               .begin = {sqlite3_column_int64(row, 8)},
                               .end = {sqlite3_column_int64(row, 9)}};
    vg_copy(out->id, sizeof(out->id), vg_db_column(row, 0).text);
    vg_copy(out->patient, sizeof(out->patient), vg_db_column(row, 1).text);
    vg_copy(out->ward, sizeof(out->ward), vg_db_column(row, 2).text);
    vg_copy(out->bed, sizeof(out->bed), vg_db_column(row, 3).text);
    vg_copy(out->protocol, sizeof(out->protocol), vg_db_column(row, 5).text);
    if (vg_product_find(vg_db_column(row, 4).text, &out->product) != VG_OK) {
        out->product = VG_PRODUCT_UNKNOWN;
    }
    vg_copy(out->donor, sizeof(out->donor), vg_db_column(row, 10).text);
    vg_copy(out->chain_id, sizeof(out->chain_id), vg_db_column(row, 11).text);
    if (sqlite3_column_type(row, 9) == SQLITE_NULL) {
        out->end = VG_NEVER;
    }
}

static bool tell_episode(const struct teller *teller, sqlite3_stmt *row)
{
    struct vg_episode episode;

    vg_reader_episode(row, &episode);
    return teller->each.episode(teller->to, &episode);
}

enum vg_status vg_store_alerts(struct vg_reader *reader,
                               const struct vg_alert_query *query, vg_json_fn *each,
                               void *to, struct vg_error *error)
{
    static const char *const sql[] = {
#define ALERTS(state)                                                \
    "SELECT json FROM alert WHERE " state " AND id = ifnull(?1, id)" \
    " AND ward = ifnull(?2, ward) AND patient = ifnull(?3, patient)" \
    " AND onset >= ?4 AND onset < ?5 ORDER BY id"
        [VG_ALERTS_ALL] = ALERTS("1"),
        [VG_ALERTS_OPEN] = ALERTS("open"),
        [VG_ALERTS_CLOSED] = ALERTS("NOT open"),
    };
    struct arguments arguments = {
        3, 2, {query->id, query->ward, query->patient}, {query->from.ms, query->to.ms}};
    struct teller teller = {tell_json, {.json = each}, to};
    return run_query(reader, sql[query->state], &arguments, &teller, error);
}

static bool tell_there(const struct teller *teller, sqlite3_stmt *row)
{
    (void)row;
    *(bool *)teller->to = true;
    return false;
}

enum vg_status vg_store_has_ward(struct vg_reader *reader, const char *ward, bool *has,
                                 struct vg_error *error)
{
    const struct arguments arguments = {1, 0, {ward}, {0}};
    const struct teller teller = {.row = tell_there, .to = has};

    *has = false;
    return run_query(reader,
                     "SELECT 1 FROM ward WHERE id = ?1"
                     " UNION ALL SELECT 1 FROM place WHERE ward = ?1",
                     &arguments, &teller, error);
}

enum vg_status vg_store_has_patient(struct vg_reader *reader, const char *patient,
                                    bool *has, struct vg_error *error)
{
    const struct arguments arguments = {1, 0, {patient}, {0}};
    const struct teller teller = {.row = tell_there, .to = has};

    *has = false;
    return run_query(reader,
                     "SELECT 1 FROM episode WHERE patient = ?1"
                     " UNION ALL SELECT 1 FROM subject WHERE patient = ?1"
                     " UNION ALL SELECT 1 FROM tie WHERE patient = ?1",
                     &arguments, &teller, error);
}

enum vg_status vg_store_alert_events(struct vg_reader *reader, const char *ward,
                                     uint64_t after, vg_alert_event_fn *each, void *to,
                                     struct vg_error *error)
{
    struct arguments arguments = {1, 1, {ward}, {(int64_t)after}};
    struct teller teller = {tell_event, {.event = each}, to};
    return run_query(
        reader, "SELECT n, json FROM alert_event WHERE ward = ? AND n > ? ORDER BY n",
        &arguments, &teller, error);
}

enum vg_status vg_store_alert_history(struct vg_reader *reader, const char *alert,
                                      vg_json_fn *each, void *to,
                                      struct vg_error *error)
{
    struct arguments arguments = {1, 0, {alert}, {0}};
    struct teller teller = {tell_json, {.json = each}, to};
    return run_query(reader,
                     "SELECT json FROM alert_event WHERE alert = ? ORDER BY rev",
                     &arguments, &teller, error);
}

enum vg_status vg_store_episodes(struct vg_reader *reader, const char *id,
                                 const char *patient, vg_episode_fn *each, void *to,
                                 struct vg_error *error)
{
    struct arguments arguments = {2, 0, {id, patient}, {0}};
    struct teller teller = {tell_episode, {.episode = each}, to};
    return run_query(
        reader,
        "SELECT id, patient, ward, bed, product, protocol, age, outpatient,"
        " begin, end, donor, chain_id FROM episode WHERE id = ifnull(?1, id)"
        " AND patient = ifnull(?2, patient) ORDER BY begin DESC, id",
        &arguments, &teller, error);
}

static enum vg_status count_reasons(struct vg_reader *reader,
                                    struct vg_store_counts *out, struct vg_error *error)
{
    sqlite3_stmt *rows;
    enum vg_status status = vg_db_prepare(
        reader->db, "SELECT reason, count(*) FROM quarantine GROUP BY reason", &rows,
        error);
    if (status != VG_OK) {
        return status;
    }
    int code;
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        uint64_t count = (uint64_t)sqlite3_column_int64(rows, 1);
        out->quarantined += count;
        for (unsigned i = 0; i < VG_REASON_COUNT; i++) {
            if (strcmp(vg_reason_text((enum vg_reason)i), vg_db_column(rows, 0).text) ==
                0) {
                out->reason[i] = count;
            }
        }
    }
    if (code != SQLITE_DONE) {
        status = vg_reader_failed(reader, error);
    }
    sqlite3_finalize(rows);
    return status;
}

enum vg_status vg_store_counts(struct vg_reader *reader, struct vg_store_counts *out,
                               struct vg_error *error)
{
    *out = (struct vg_store_counts){0};
    int64_t newest = 0;
    const struct {
        const char *sql; /* ids of the first two begin at 1 and have no holes */
        uint64_t *count;
    } rows[] = {
        {"SELECT max(id) FROM message", &out->messages},
        {"SELECT max(id) FROM admission", &out->admissions},
        {"SELECT value FROM meta WHERE key = 'readings'", &out->readings},
        {"SELECT count(*) FROM alert", &out->alerts},
        {"SELECT count(*) FROM alert WHERE open", &out->open_alerts},
        {"SELECT count(*) FROM outbox", &out->unsent},
    };
    enum vg_status status = vg_reader_begin(reader, error);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && status == VG_OK; i++) {
        int64_t count = 0;
        status = vg_db_number(reader->db, rows[i].sql, &count, error);
        *rows[i].count = (uint64_t)count;
    }
    if (status == VG_OK) {
        status = vg_db_number(reader->db,
                              "SELECT received FROM message ORDER BY id DESC LIMIT 1",
                              &newest, error);
        out->newest = VG_UNSET;
        if (out->messages > 0) {
            out->newest.ms = newest;
        }
    }
    if (status == VG_OK) {
        status = count_reasons(reader, out, error);
    }
    vg_reader_end(reader);
    return status;
}
