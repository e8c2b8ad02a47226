/* SPDX-License-Identifier: Apache-2.0
 *
 * Purging. See store_retain.h.
 */
#include "shell/store_retain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/store_block.h"

#define AFTER_FAULT (5 * VG_MINUTE)

void vg_retain_disconnect(struct vg_retainer *retainer)
{
    if (retainer != NULL) {
        retainer->running = false;
    }
}

void vg_retain_destroy(struct vg_retainer *retainer)
{
    free(retainer);
}

void vg_writer_keep(struct vg_writer *writer, const struct vg_store_plan *plan)
{
    const bool wanted = plan->keep_readings != 0 || plan->keep_alerts != 0 ||
                        plan->keep_quarantine != 0;

    if (writer->retainer == NULL && wanted) {
        writer->retainer = calloc(1, sizeof *writer->retainer);
    }
    if (writer->retainer != NULL) {
        writer->retainer->plan = *plan;
    }
}

/* ---- Statements, prepared when they are needed: a purge is rare */

/* Runs it with the numbers bound; *changed: rows. */
static enum vg_status run(struct vg_writer *writer, const char *sql,
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

/* The columns of the first row, zeros if there is none. */
static enum vg_status first_row(struct vg_writer *writer, const char *sql,
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

typedef enum vg_status part_fn(struct vg_writer *writer, bool *more);

#define STRETCHES 4
static enum vg_status purge_stretches(struct vg_writer *writer, bool *more)
{
    struct vg_retainer *r = writer->retainer;
    const int64_t cut[3] = {r->cut.ms, 0, 0};
    enum vg_status status = VG_OK;
    int64_t changed;

    *more = true;
    for (int i = 0; i < STRETCHES && status == VG_OK && *more; i++) {
        int64_t row[3]; /* id, messages, readings */
        status = first_row(writer,
                           "SELECT id, messages, readings FROM stretch WHERE received <"
                           " ?1 ORDER BY received LIMIT 1",
                           cut, row, 3);
        *more = row[0] != 0;
        if (status != VG_OK || !*more) {
            break;
        }
        const int64_t ids[2] = {row[0] * VG_BLOCKS, (row[0] + 1) * VG_BLOCKS};
        status =
            run(writer, "DELETE FROM block WHERE id >= ? AND id < ?", ids, 2, &changed);
        if (status == VG_OK) {
            status = run(writer, "DELETE FROM stretch WHERE id = ?", row, 1, &changed);
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
    enum vg_status status = first_row(writer,
                                      "SELECT sum(count) FROM message WHERE id BETWEEN"
                                      " ?1 AND ?2 AND place = ?3 AND kind <> 0",
                                      range, &readings, 1);

    if (status == VG_OK) {
        status = run(writer,
                     "DELETE FROM message WHERE id BETWEEN ? AND ? AND place = ?"
                     " AND kind <> 0",
                     range, 3, &changed);
        r->rows += changed;
        r->readings += readings;
    }
    if (status == VG_OK) {
        status = run(writer, "DELETE FROM segment WHERE place = ? AND last = ?", key, 2,
                     &changed);
    }
    return status;
}

/* Segments of what was sealed hold what stays as rows. One place at a time, oldest first. */
static enum vg_status purge_segments(struct vg_writer *writer, bool *more)
{
    struct vg_retainer *r = writer->retainer;
    const int64_t of[3] = {r->place, 0, 0};
    int64_t row[3]; /* last, first, received of the last */
    enum vg_status status = first_row(
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
    status = first_row(writer, "SELECT min(id) FROM place WHERE id > ?1", of, row, 1);
    *more = row[0] != 0;
    r->place = row[0];
    return status;
}

/* Ids are in the order of onset, so the oldest are found without looking at all. */
#define OLD                                                                       \
    " (SELECT id FROM (SELECT id, onset, open FROM alert ORDER BY id LIMIT 2000)" \
    " WHERE NOT open AND onset < ?1 LIMIT 20)"

static enum vg_status purge_alerts(struct vg_writer *writer, bool *more)
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
        status = run(writer, sql[i], &r->cut.ms, 1, &changed);
    }
    r->rows += changed;
    *more = changed > 0;
    return status;
}

/* The last one stays: its number counts on. */
static enum vg_status purge_quarantine(struct vg_writer *writer, bool *more)
{
    struct vg_retainer *r = writer->retainer;
    int64_t changed = 0;
    const enum vg_status status =
        run(writer,
            "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE"
            " received < ? AND id < (SELECT max(id) FROM quarantine) ORDER BY id"
            " LIMIT 100)",
            &r->cut.ms, 1, &changed);

    r->rows += changed;
    *more = changed > 0;
    return status;
}

/* ---- Classes */

static const struct {
    const char *name, *key;
    const char *oldest;
    part_fn *part[2];
} classes[] = {
    {"readings",
     "purged_readings",
     "SELECT min(received) FROM (SELECT min(received) AS received FROM stretch UNION ALL"
     " SELECT received FROM message WHERE id = (SELECT min(id) FROM message))",
     {purge_stretches, purge_segments}},
    {"alerts",
     "purged_alerts",
     "SELECT min(onset) FROM alert WHERE NOT open",
     {purge_alerts, NULL}},
    {"quarantine",
     "purged_quarantine",
     "SELECT received FROM quarantine ORDER BY id LIMIT 1",
     {purge_quarantine, NULL}},
};
#define CLASSES (sizeof classes / sizeof *classes)

static vg_ms keep_of(const struct vg_retainer *r)
{
    const vg_ms spans[CLASSES] = {r->plan.keep_readings, r->plan.keep_alerts,
                                  r->plan.keep_quarantine};

    return spans[r->of];
}

/* A row of the trail, in the open transaction. */
static enum vg_status say(struct vg_writer *writer, const char *kind, const char *text)
{
    const char *name = classes[writer->retainer->of].name;
    const struct vg_record record = {.kind = VG_RECORD_AUDIT,
                                     .audit = {{kind, strlen(kind)},
                                               {name, strlen(name)},
                                               {text, strlen(text)},
                                               vg_clock_wall()}};

    return vg_trail_add(writer->statement[VG_SQL_AUDIT], &writer->audit, &record,
                        &writer->body, &writer->retainer->error);
}

/* Begins the next class whose turn it is; false: none is left for today. */
static enum vg_status choose(struct vg_writer *writer, bool *found)
{
    struct vg_retainer *r = writer->retainer;
    enum vg_status status = VG_OK;

    *found = false;
    for (; r->of < CLASSES && status == VG_OK && !*found; r->of += !*found) {
        const int64_t none[3] = {writer->last_message, 0, 0};
        int64_t newest = 0;
        int64_t oldest = 0;
        if (keep_of(r) == 0) {
            continue;
        }
        status = first_row(writer, "SELECT received FROM message WHERE id = ?1", none,
                           &newest, 1);
        if (status == VG_OK) {
            status = first_row(writer, classes[r->of].oldest, none, &oldest, 1);
        }
        if (status != VG_OK || newest == 0 || oldest == 0) {
            continue;
        }
        r->cut.ms = newest - keep_of(r);
        r->cut = vg_earlier(r->cut, (struct vg_instant){oldest + VG_RETAIN_STEP});
        *found = oldest < r->cut.ms;
    }
    r->running = *found;
    r->said = false;
    r->part = 0;
    r->place = r->rows = r->readings = 0;
    return status;
}

static enum vg_status begin(struct vg_writer *writer)
{
    struct vg_retainer *r = writer->retainer;
    char at[VG_TIME_TEXT];
    char text[120];

    if (r->said) {
        return VG_OK;
    }
    vg_time_format(r->cut, at);
    (void)snprintf(text, sizeof text, "begins: what came before %s", at);
    return say(writer, "purge", text);
}

static enum vg_status end(struct vg_writer *writer)
{
    struct vg_retainer *r = writer->retainer;
    const int64_t cut[1] = {r->cut.ms};
    char sql[100];
    char text[160];
    char at[VG_TIME_TEXT];
    int64_t changed;

    vg_time_format(r->cut, at);
    (void)snprintf(text, sizeof text,
                   "done: %" PRId64 " rows, %" PRId64 " readings from before %s",
                   r->rows, r->readings, at);
    (void)snprintf(sql, sizeof sql, "UPDATE meta SET value = ? WHERE key = '%s'",
                   classes[r->of].key);
    const enum vg_status status = run(writer, sql, cut, 1, &changed);
    return status == VG_OK ? say(writer, "purge", text) : status;
}

/* One portion, in one transaction. */
static enum vg_status portion(struct vg_writer *writer)
{
    struct vg_retainer *r = writer->retainer;
    bool more = false;
    enum vg_status status = vg_db_run(writer->db, "BEGIN IMMEDIATE", &r->error);

    if (status == VG_OK) {
        status = begin(writer);
    }
    if (status == VG_OK) {
        status = classes[r->of].part[r->part](writer, &more);
    }
    const bool last = !more && (r->part == 1 || classes[r->of].part[1] == NULL);
    if (status == VG_OK && last) {
        status = end(writer);
    }
    if (status == VG_OK) {
        status = vg_db_run(writer->db, "COMMIT", &r->error);
    }
    if (status == VG_OK) {
        writer->committed = writer->audit;
        r->said = true;
        r->part += !more && !last;
        r->running = !last;
        r->of += last;
    }
    return status;
}

static bool give_up(struct vg_writer *writer, enum vg_status status)
{
    struct vg_retainer *r = writer->retainer;

    if (status == VG_NO_MEMORY) {
        vg_error_set(&r->error, "no memory to purge old records");
    }
    r->next_look = vg_clock_boot() + AFTER_FAULT;
    /* the trail's end in memory may be ahead of the file: read all of it again */
    vg_writer_disconnect(writer);
    return false;
}

bool vg_writer_purge(struct vg_writer *writer)
{
    struct vg_retainer *r = writer->retainer;
    bool found = true;
    enum vg_status status = VG_OK;

    if (r == NULL || writer->db == NULL || vg_clock_boot() < r->next_look) {
        return false;
    }
    if (!r->running) {
        status = choose(writer, &found);
    }
    if (status == VG_OK && found) {
        status = portion(writer);
    }
    if (status != VG_OK) {
        return give_up(writer, status);
    }
    if (!found) {
        r->of = 0;
        r->next_look = vg_clock_boot() + VG_RETAIN_EVERY;
    }
    return found;
}
