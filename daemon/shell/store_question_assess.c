/* SPDX-License-Identifier: Apache-2.0
 *
 * Assessments over time: parts are stored when they change, and told together as they stood. A
 * patient is in one bed at a time, and a bed has one patient at a time, so there is one state
 * to keep; it begins anew with another patient.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/history.h"
#include "shell/store_read_inside.h"

#define PARTS  20
#define BEHIND (25 * VG_HOUR) /* all parts are written anew once a day */

struct assessing {
    struct vg_reader *reader;
    const struct vg_history_query *query;
    struct vg_error *error;
    char patient[VG_PATIENT_LEN + 1], episode[VG_EPISODE_LEN + 1];
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    size_t count;
    char name[PARTS][VG_NAME_LEN + 1];
    char *json[PARTS];
    bool any; /* something since the last one told */
    int64_t at, id;
    struct vg_buffer text;
    vg_assessed_row_fn *each;
    void *to;
    struct vg_page_end *end;
    bool stopped;
};

static void forget(struct assessing *a)
{
    for (size_t i = 0; i < a->count; i++) {
        free(a->json[i]);
    }
    a->count = 0;
}

static bool wanted(const struct assessing *a)
{
    const struct vg_history_query *q = a->query;

    return (q->episode == NULL || strcmp(q->episode, a->episode) == 0) &&
           (!q->after.set || a->at > q->after.at ||
            (a->at == q->after.at && a->id > q->after.order));
}

/* Tells what is known as it stands. */
static void tell(struct assessing *a)
{
    struct vg_page_end *end = a->end;

    if (!a->any || a->stopped || !wanted(a)) {
        a->any = false;
        return;
    }
    a->any = false;
    if (a->query->limit != 0 && end->rows == a->query->limit) {
        end->more = true;
        a->stopped = true;
        return;
    }
    vg_buffer_clear(&a->text);
    for (size_t i = 0; i < a->count; i++) {
        vg_put_raw(&a->text, i > 0 ? ",\"" : "\"");
        vg_put_raw(&a->text, a->name[i]);
        vg_put_raw(&a->text, "\":");
        vg_put_raw(&a->text, a->json[i]);
    }
    const struct vg_assessed_row row = {{a->at},       a->ward,    a->bed,
                                        a->patient,    a->episode, a->text.bytes,
                                        a->text.length};
    end->rows++;
    end->next = (struct vg_cursor){.set = true, .at = a->at, .order = a->id};
    a->stopped = a->text.failed || !a->each(a->to, &row);
}

/* A part of a new name, by name: the same order whatever came first. */
static void make_room(struct assessing *a, size_t i, const char *name)
{
    memmove(&a->json[i + 1], &a->json[i], (a->count - i) * sizeof(char *));
    memmove(&a->name[i + 1], &a->name[i], (a->count - i) * sizeof a->name[i]);
    (void)vg_copy(a->name[i], sizeof a->name[i], name);
    a->count++;
}

/* Columns: at, id, patient, episode, part, json, ward, bed. `older`: rows come backwards, and
 * what is known already is newer. */
static enum vg_status take(struct assessing *a, sqlite3_stmt *row, bool older)
{
    const char *part = vg_db_column(row, 4).text;
    const bool other = strcmp(a->patient, vg_db_column(row, 2).text) != 0;
    size_t i = 0;

    if (other && older && a->count > 0) {
        return VG_OK;
    }
    if (other) {
        forget(a);
    }
    while (i < a->count && strcmp(a->name[i], part) < 0) {
        i++;
    }
    const bool known = i < a->count && strcmp(a->name[i], part) == 0;
    if ((known && older) || (!known && a->count == PARTS)) {
        return VG_OK;
    }
    char *json = strdup(vg_db_column(row, 5).text);
    if (json == NULL) {
        return VG_NO_MEMORY;
    }
    if (known) {
        free(a->json[i]);
    } else {
        make_room(a, i, part);
    }
    a->json[i] = json;
    if (!older || !a->any) {
        a->at = sqlite3_column_int64(row, 0);
        a->id = sqlite3_column_int64(row, 1);
        (void)vg_copy(a->patient, sizeof a->patient, vg_db_column(row, 2).text);
        (void)vg_copy(a->episode, sizeof a->episode, vg_db_column(row, 3).text);
        (void)vg_copy(a->ward, sizeof a->ward, vg_db_column(row, 6).text);
        (void)vg_copy(a->bed, sizeof a->bed, vg_db_column(row, 7).text);
    }
    a->any = true;
    return VG_OK;
}

#define ROWS                                                                     \
    "SELECT at, a.id, patient, episode, part, json, ward, bed FROM assessment a" \
    " JOIN place p ON p.id = a.place WHERE "
static enum vg_status prepare(struct assessing *a, bool before, sqlite3_stmt **out)
{
    static const char *const sql[2][2] = {
        {ROWS "place = (SELECT id FROM place WHERE ward = ?1 AND bed = ?2) AND at >= ?3"
              " AND at < ?4 ORDER BY at, a.id",
         ROWS "place = (SELECT id FROM place WHERE ward = ?1 AND bed = ?2) AND at < ?3"
              " ORDER BY at DESC, a.id DESC"},
        {ROWS "patient = ifnull(?1, (SELECT patient FROM episode WHERE id = ?2)) AND at"
              " >= ?3 AND at < ?4 ORDER BY at, a.id",
         ROWS "patient = ifnull(?1, (SELECT patient FROM episode WHERE id = ?2)) AND at"
              " < ?3 ORDER BY at DESC, a.id DESC"}};
    const struct vg_history_query *q = a->query;
    const bool theirs = q->patient != NULL || q->episode != NULL;
    int64_t from = q->from.ms;
    const enum vg_status status =
        vg_db_prepare(a->reader->db, sql[theirs][before], out, a->error);

    if (q->after.set && q->after.at > from) {
        from = q->after.at;
    }
    if (status == VG_OK) {
        sqlite3_bind_text(*out, 1, theirs ? q->patient : q->ward, -1, SQLITE_STATIC);
        sqlite3_bind_text(*out, 2, theirs ? q->episode : q->bed, -1, SQLITE_STATIC);
        sqlite3_bind_int64(*out, 3, from);
        sqlite3_bind_int64(*out, 4, q->to.ms);
    }
    return status;
}

static enum vg_status take_before(struct assessing *a)
{
    sqlite3_stmt *rows = NULL;
    int code = SQLITE_DONE;
    int64_t newest = INT64_MIN;
    enum vg_status status = prepare(a, true, &rows);

    while (status == VG_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        const int64_t at = sqlite3_column_int64(rows, 0);
        newest = newest == INT64_MIN ? at : newest;
        if (at < newest - BEHIND) {
            code = SQLITE_DONE;
            break;
        }
        status = take(a, rows, true);
    }
    if (status == VG_OK && code != SQLITE_DONE) {
        status = vg_reader_failed(a->reader, a->error);
    }
    sqlite3_finalize(rows);
    a->any = a->any && a->query->before;
    return status;
}

static enum vg_status take_span(struct assessing *a)
{
    sqlite3_stmt *rows = NULL;
    int code = SQLITE_DONE;
    enum vg_status status = prepare(a, false, &rows);

    while (status == VG_OK && !a->stopped &&
           (code = sqlite3_step(rows)) == SQLITE_ROW) {
        if (a->at != sqlite3_column_int64(rows, 0)) {
            tell(a);
        }
        status = a->stopped ? VG_OK : take(a, rows, false);
    }
    if (status == VG_OK && !a->stopped && code != SQLITE_DONE) {
        status = vg_reader_failed(a->reader, a->error);
    }
    sqlite3_finalize(rows);
    if (status == VG_OK) {
        tell(a);
    }
    return status;
}

enum vg_status vg_history_assessments(struct vg_reader *reader,
                                      const struct vg_history_query *query,
                                      vg_assessed_row_fn *each, void *to,
                                      struct vg_page_end *end, struct vg_error *error)
{
    struct assessing *a = calloc(1, sizeof *a);

    memset(end, 0, sizeof *end);
    if (a == NULL) {
        return VG_NO_MEMORY;
    }
    *a = (struct assessing){.reader = reader,
                            .query = query,
                            .error = error,
                            .each = each,
                            .to = to,
                            .end = end};
    enum vg_status status = vg_reader_begin(reader, error);
    if (status == VG_OK) {
        status = take_before(a);
    }
    if (status == VG_OK) {
        status = take_span(a);
    }
    vg_reader_end(reader);
    forget(a);
    vg_buffer_finish(&a->text);
    free(a);
    return status;
}
