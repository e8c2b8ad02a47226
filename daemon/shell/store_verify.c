/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk along the trail: first row by row, each with the change of an alert it tells of;
 * then what ought to be in the trail and is not; then what was published of it.
 */
#include "shell/store_verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shell/store_read_inside.h"

#define STRETCH 2000 /* rows read under one look at the file */

struct verify {
    struct vg_reader *reader;
    sqlite3_stmt *change, *again;
    struct vg_audit_chain chain;
    const struct vg_audit_head *published;
    bool seen;                     /* the published hash */
    char purged[VG_ALERT_LEN + 1]; /* alerts whose ids are below it may be gone */
    struct vg_verified *out;
    struct vg_error *error;
};

static void bad(struct verify *v, int64_t row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first is what counts. */
static void bad(struct verify *v, int64_t row, const char *format, ...)
{
    va_list arguments;

    if (v->out->intact) {
        v->out->intact = false;
        v->out->row = row;
        va_start(arguments, format);
        (void)vsnprintf(v->out->why, sizeof v->out->why, format, arguments);
        va_end(arguments);
    }
}

/* ---- The change of an alert that a row tells of */

/* A change that was written again (a store that lost its last batch) is told of again. */
static enum vg_status told_again(struct verify *v, const struct vg_audit_row *row,
                                 bool *found)
{
    vg_db_bind_text(v->again, 1, row->body);
    vg_db_bind_text(v->again, 2, row->subject);
    sqlite3_bind_int64(v->again, 3, row->id);
    const int code = sqlite3_step(v->again);
    *found = code == SQLITE_ROW;
    const enum vg_status status = code == SQLITE_ROW || code == SQLITE_DONE
                                      ? VG_OK
                                      : vg_reader_failed(v->reader, v->error);
    sqlite3_reset(v->again);
    return status;
}

static bool same_change(const struct vg_audit_row *row, sqlite3_stmt *change,
                        const char *digest)
{
    const struct vg_slice alert = vg_db_column(change, 2);

    return sqlite3_column_int64(change, 1) == row->at.ms &&
           alert.length == row->subject.length &&
           memcmp(alert.text, row->subject.text, alert.length) == 0 &&
           sqlite3_column_int(change, 3) != 0 &&
           strcmp(vg_db_column(change, 4).text, digest) == 0;
}

static enum vg_status look_at_change(struct verify *v, const struct vg_audit_row *row)
{
    char digest[VG_AUDIT_HEX];
    bool again = false;
    enum vg_status status = VG_OK;

    vg_audit_digest(vg_db_column(v->change, 0), digest);
    const bool same = same_change(row, v->change, digest);
    if (!same) {
        status = told_again(v, row, &again);
    }
    if (status == VG_OK && !same && !again) {
        bad(v, row->id,
            "row %lld: change %s of ward \"%s\" (alert %s) was edited in the table "
            "alert_event: it is not what was audited",
            (long long)row->id, vg_db_column(v->change, 6).text,
            vg_db_column(v->change, 5).text, row->subject.text);
    }
    return status;
}

static enum vg_status check_change(struct verify *v, const struct vg_audit_row *row)
{
    enum vg_status status = VG_OK;

    vg_db_bind_text(v->change, 1, row->body);
    const int code = sqlite3_step(v->change);
    if (code == SQLITE_ROW) {
        status = look_at_change(v, row);
    } else if (code == SQLITE_DONE && strcmp(row->subject.text, v->purged) < 0) {
        status = VG_OK; /* on purpose, as a row of the trail says */
    } else if (code == SQLITE_DONE) {
        bad(v, row->id,
            "row %lld: the change of alert %s that it tells of is missing from the table "
            "alert_event",
            (long long)row->id, row->subject.text);
    } else if (code == SQLITE_ERROR) {
        bad(v, row->id, "row %lld: what it says cannot be read", (long long)row->id);
    } else {
        status = vg_reader_failed(v->reader, v->error);
    }
    sqlite3_reset(v->change);
    return status;
}

/* ---- Row by row */

static void note_published(struct verify *v, const char *hash)
{
    if (v->published == NULL || v->published->hash[0] == '\0') {
        return;
    }
    const bool same = strcmp(hash, v->published->hash) == 0;
    v->seen = v->seen || same;
    if (v->published->count == v->chain.count && !same) {
        bad(v, (int64_t)v->chain.count,
            "row %llu does not have the hash that was published for it: the trail was "
            "made anew",
            (unsigned long long)v->chain.count);
    }
}

static void check_id(struct verify *v, int64_t id)
{
    const int64_t before = (int64_t)v->chain.count;

    if (id == before + 1) {
        return;
    }
    if (before == 0) {
        bad(v, 1, "row 1 is missing: the trail begins with row %lld", (long long)id);
    } else {
        bad(v, before + 1, "row %lld is missing: after row %lld comes row %lld",
            (long long)before + 1, (long long)before, (long long)id);
    }
}

static enum vg_status check_row(struct verify *v, sqlite3_stmt *rows)
{
    const struct vg_audit_row row = {sqlite3_column_int64(rows, 0),
                                     {sqlite3_column_int64(rows, 1)},
                                     vg_db_column(rows, 2),
                                     vg_db_column(rows, 3),
                                     vg_db_column(rows, 4)};
    char hash[VG_AUDIT_HEX];

    check_id(v, row.id);
    if (!v->out->intact) {
        return VG_OK;
    }
    vg_audit_add(&v->chain, &row);
    vg_audit_hex(v->chain.hash, hash);
    const struct vg_slice stored = vg_db_column(rows, 5);
    if (stored.length != sizeof hash - 1 || strcmp(stored.text, hash) != 0) {
        bad(v, row.id,
            "row %lld (%.40s) was edited, put in or moved: its hash does not follow from "
            "what it says and from the row before it",
            (long long)row.id, row.kind.text);
        return VG_OK;
    }
    note_published(v, hash);
    v->out->head = vg_audit_head_of(&v->chain);
    return v->out->intact && strcmp(row.kind.text, "alert") == 0 ? check_change(v, &row)
                                                                 : VG_OK;
}

typedef enum vg_status each_fn(struct verify *v, sqlite3_stmt *rows);

/* One stretch; *more: there was at least one row, and all is well. */
static enum vg_status stretch(struct verify *v, sqlite3_stmt *rows, each_fn *each,
                              bool *more)
{
    enum vg_status status = vg_reader_begin(v->reader, v->error);
    int code = SQLITE_DONE;

    *more = false;
    while (status == VG_OK && v->out->intact &&
           (code = sqlite3_step(rows)) == SQLITE_ROW) {
        *more = true;
        status = each(v, rows);
    }
    if (status == VG_OK && v->out->intact && code != SQLITE_DONE) {
        status = vg_reader_failed(v->reader, v->error);
    }
    sqlite3_reset(rows);
    vg_reader_end(v->reader);
    *more = *more && status == VG_OK && v->out->intact;
    return status;
}

static enum vg_status walk_rows(struct verify *v)
{
    sqlite3_stmt *rows;
    bool more = true;
    enum vg_status status =
        vg_db_prepare(v->reader->db,
                      "SELECT id, at, kind, subject, body, hash FROM audit"
                      " WHERE id > ?1 ORDER BY id LIMIT ?2",
                      &rows, v->error);

    if (status != VG_OK) {
        return status;
    }
    while (status == VG_OK && more) {
        sqlite3_bind_int64(rows, 1,
                           v->chain.count > 0 ? (int64_t)v->chain.count : INT64_MIN);
        sqlite3_bind_int(rows, 2, STRETCH);
        status = stretch(v, rows, check_row, &more);
    }
    sqlite3_finalize(rows);
    return status;
}

/* ---- What is not in the trail */

static enum vg_status untold_change(struct verify *v, sqlite3_stmt *rows)
{
    bad(v, 0,
        "change %lld of ward \"%s\" (alert %s) is in the table alert_event and in no row "
        "of the trail: it was put in, or the trail was cut at its end",
        (long long)sqlite3_column_int64(rows, 0), vg_db_column(rows, 1).text,
        vg_db_column(rows, 2).text);
    return VG_OK;
}

/* Columns: id, what is wrong with it. */
static enum vg_status other_state(struct verify *v, sqlite3_stmt *rows)
{
    bad(v, 0, "%s %s", vg_db_column(rows, 1).text, vg_db_column(rows, 0).text);
    return VG_OK;
}

/* Of a column whose value stands in the text, too; what that does not say is no difference. */
#define DIFFERS(column) \
    " OR " column " != coalesce(json_extract(json, '$." column "'), " column ")"
#define STATE           "json_extract(json, '$.responsibility.state')"
#define OF_PAGE(member) "json_extract(body, '$." member "') = p." member " AND "
#define EDITED          "'the table alert was edited: not as its last change left it is alert'"

static const struct {
    const char *sql;
    each_fn *each;
} rest[] = {
    {"SELECT n, ward, alert FROM alert_event AS e WHERE NOT EXISTS (SELECT 1 FROM audit"
     " WHERE subject = e.alert AND kind = 'alert' AND json_extract(body, '$.n') = e.n"
     " AND json_extract(body, '$.ward') = e.ward) ORDER BY at, n LIMIT 1",
     untold_change},
    {"SELECT id, " EDITED " FROM alert WHERE json IS NOT (SELECT json FROM alert_event"
     " WHERE alert = alert.id ORDER BY rev DESC, n DESC LIMIT 1) ORDER BY id LIMIT 1",
     other_state},
    {"SELECT id, " EDITED " FROM alert WHERE (" STATE " IS NOT NULL AND open IS NOT"
     " (json_extract(json, '$.condition') IS NOT 'ended' OR " STATE
     " IS NOT 'closed'))" DIFFERS("rev") DIFFERS("n") DIFFERS("ward") DIFFERS("bed")
         DIFFERS("patient") DIFFERS("rule") DIFFERS("severity") " ORDER BY id LIMIT 1",
     other_state},
    {"SELECT alert, 'the trail tells of it, and the table alert has no alert'"
     " FROM alert_event AS e WHERE NOT EXISTS (SELECT 1 FROM alert WHERE id = e.alert)"
     " ORDER BY at, n LIMIT 1",
     other_state},
    {"SELECT id, 'the table page was edited: not as it was audited is page' FROM page"
     " AS p WHERE NOT EXISTS (SELECT 1 FROM audit WHERE subject = p.id AND CASE WHEN"
     " kind = 'page' AND json_valid(body) THEN " OF_PAGE("alert") OF_PAGE("rev")
         OF_PAGE("ward") OF_PAGE("role")
             OF_PAGE("kind") " 1 END) ORDER BY number LIMIT 1",
     other_state},
};

static enum vg_status walk_rest(struct verify *v)
{
    enum vg_status status = VG_OK;
    bool more;

    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        sqlite3_stmt *rows;
        if (status == VG_OK && v->out->intact) {
            status = vg_db_prepare(v->reader->db, rest[i].sql, &rows, v->error);
            if (status == VG_OK) {
                status = stretch(v, rows, rest[i].each, &more);
                sqlite3_finalize(rows);
            }
        }
    }
    return status;
}

static void check_end(struct verify *v)
{
    const struct vg_audit_head *p = v->published;

    if (p != NULL && p->count > v->chain.count) {
        bad(v, (int64_t)v->chain.count + 1,
            "row %llu is missing: the trail ends with row %llu, and row %llu was "
            "published: it was cut at its end",
            (unsigned long long)v->chain.count + 1, (unsigned long long)v->chain.count,
            (unsigned long long)p->count);
    } else if (p != NULL && p->hash[0] != '\0' && p->count == 0 && !v->seen) {
        bad(v, 0,
            "no row has the hash that was published: the trail was cut at its end "
            "or made anew");
    }
}

/* Up to when alerts were purged, as the trail itself says: the walk finds out whether that row
 * is as it was written. Ids begin with the time of onset. */
static enum vg_status find_purged(struct verify *v)
{
    sqlite3_stmt *row;
    struct vg_instant cut;
    enum vg_status status = vg_db_prepare(
        v->reader->db,
        "SELECT max(substr(body, instr(body, 'came before ') + 12, 24)) FROM audit"
        " WHERE subject = 'alerts' AND kind = 'purge' AND body LIKE '%came before %'",
        &row, v->error);

    if (status != VG_OK) {
        return status;
    }
    if (sqlite3_step(row) == SQLITE_ROW) { /* always one: of an aggregate */
        const struct vg_slice text = vg_db_column(row, 0);
        if (vg_time_parse(text.text, text.length, &cut) == VG_OK) {
            vg_content_id(v->purged, cut, 0, 0);
        }
    } else {
        status = vg_reader_failed(v->reader, v->error);
    }
    sqlite3_finalize(row);
    return status;
}

static enum vg_status prepare(struct verify *v)
{
    const enum vg_status status = vg_db_prepare(
        v->reader->db,
        "SELECT json, at, alert, rev = json_extract(?1, '$.rev')"
        " AND event = json_extract(?1, '$.event'), json_extract(?1, '$.json'), ward, n"
        " FROM alert_event WHERE ward = json_extract(?1, '$.ward')"
        " AND n = json_extract(?1, '$.n')",
        &v->change, v->error);

    return status != VG_OK
               ? status
               : vg_db_prepare(
                     v->reader->db,
                     "SELECT 1 FROM audit WHERE subject = ?2 AND id > ?3 AND"
                     " kind = 'alert' AND json_extract(body, '$.n') ="
                     " json_extract(?1, '$.n') AND json_extract(body, '$.ward') ="
                     " json_extract(?1, '$.ward')",
                     &v->again, v->error);
}

enum vg_status vg_store_verify(struct vg_reader *reader,
                               const struct vg_audit_head *published,
                               struct vg_verified *out, struct vg_error *error)
{
    struct verify v = {
        .reader = reader, .published = published, .out = out, .error = error};

    *out = (struct vg_verified){.intact = true};
    out->head = vg_audit_head_of(&v.chain);
    enum vg_status status = prepare(&v);
    if (status == VG_OK) {
        status = find_purged(&v);
    }
    if (status == VG_OK) {
        status = walk_rows(&v);
    }
    if (status == VG_OK && out->intact) {
        check_end(&v);
        status = walk_rest(&v);
    }
    sqlite3_finalize(v.change);
    sqlite3_finalize(v.again);
    if (status == VG_NO_MEMORY) {
        vg_error_set(error, "no memory to read the audit trail");
    }
    return status;
}
