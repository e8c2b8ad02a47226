/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking up who lay where, what they were given, and which devices were seen.
 */
#include <stdlib.h>

#include "shell/store_read_inside.h"

/* A query with the patient as its one argument; `each` as `tell` knows it. */
struct look_up {
    const char *sql;
    bool (*tell)(sqlite3_stmt *row, const struct look_up *look_up);
    union {
        vg_tie_fn *tie;
        vg_infusion_fn *infusion;
        vg_device_fn *device;
    } each;
    void *to;
};

static enum vg_status run(struct vg_reader *reader, const char *patient,
                          const struct look_up *look_up, struct vg_error *error)
{
    sqlite3_stmt *rows = NULL;
    enum vg_status status = vg_reader_begin(reader, error);

    if (status != VG_OK) {
        return status;
    }
    status = vg_reader_ready(reader, look_up->sql, &rows, error);
    if (status == VG_OK) {
        int code;
        bool go_on = true;
        sqlite3_bind_text(rows, 1, patient, -1, SQLITE_STATIC);
        while (go_on && (code = sqlite3_step(rows)) == SQLITE_ROW) {
            go_on = look_up->tell(rows, look_up);
        }
        if (go_on && code != SQLITE_DONE) {
            status = vg_reader_failed(reader, error);
        }
        vg_reader_back(reader, rows);
    }
    vg_reader_end(reader);
    return status;
}

static bool tell_tie(sqlite3_stmt *row, const struct look_up *look_up)
{
    struct vg_tie tie = {.from = {sqlite3_column_int64(row, 4)},
                         .to = {sqlite3_column_int64(row, 5)}};

    (void)vg_copy(tie.episode, sizeof tie.episode, vg_db_column(row, 0).text);
    (void)vg_copy(tie.patient, sizeof tie.patient, vg_db_column(row, 1).text);
    (void)vg_copy(tie.ward, sizeof tie.ward, vg_db_column(row, 2).text);
    (void)vg_copy(tie.bed, sizeof tie.bed, vg_db_column(row, 3).text);
    if (sqlite3_column_type(row, 5) == SQLITE_NULL) {
        tie.to = VG_NEVER;
    }
    return look_up->each.tie(look_up->to, &tie);
}

enum vg_status vg_store_ties(struct vg_reader *reader, const char *patient,
                             vg_tie_fn *each, void *to, struct vg_error *error)
{
    const struct look_up look_up = {
        "SELECT episode, patient, ward, bed, since, until FROM tie WHERE patient = ?1"
        " AND (until IS NULL OR until > since) ORDER BY since, episode",
        tell_tie,
        {.tie = each},
        to};

    return run(reader, patient, &look_up, error);
}

static bool tell_infusion(sqlite3_stmt *row, const struct look_up *look_up)
{
    const struct vg_infusion_row infusion = {.episode = vg_db_column(row, 0).text,
                                             .what = vg_db_column(row, 2).text,
                                             .product = vg_db_column(row, 3).text,
                                             .dose_id = vg_db_column(row, 4).text,
                                             .donor = vg_db_column(row, 5).text,
                                             .chain_id = vg_db_column(row, 6).text,
                                             .at.ms = sqlite3_column_int64(row, 1),
                                             .taken_back =
                                                 sqlite3_column_int(row, 7) != 0};

    return look_up->each.infusion(look_up->to, &infusion);
}

enum vg_status vg_store_infusions(struct vg_reader *reader, const char *patient,
                                  vg_infusion_fn *each, void *to,
                                  struct vg_error *error)
{
    static const char sql[] =
        "SELECT episode, at, what, product, dose_id, donor, chain_id, taken_back"
        " FROM infusion"
        " WHERE episode IN"
        " (SELECT id FROM episode WHERE patient = ?1)"
        " UNION SELECT ifnull((SELECT t.episode FROM tie t WHERE t.patient = ?1"
        " AND t.ward = i.ward AND t.bed = i.bed AND t.since <= i.at"
        " AND (t.until IS NULL OR i.at < t.until)), ''), at, what, product, dose_id, donor,"
        " chain_id, taken_back"
        " FROM infusion i WHERE episode = '' AND patient = ?1"
        " UNION SELECT t.episode, i.at, i.what, i.product, i.dose_id, i.donor,"
        " i.chain_id, i.taken_back"
        " FROM tie t JOIN infusion i ON i.ward = t.ward AND i.bed = t.bed"
        " AND i.at >= t.since AND (t.until IS NULL OR i.at < t.until)"
        " WHERE t.patient = ?1 AND i.episode = '' AND i.patient = ''"
        " ORDER BY at, what DESC, dose_id";
    const struct look_up look_up = {sql, tell_infusion, {.infusion = each}, to};

    return run(reader, patient, &look_up, error);
}

static bool tell_device(sqlite3_stmt *row, const struct look_up *look_up)
{
    struct vg_device_row device = {
        vg_db_column(row, 0).text,      vg_db_column(row, 1).text,
        vg_db_column(row, 2).text,      vg_db_column(row, 3).text,
        {sqlite3_column_int64(row, 4)}, {sqlite3_column_int64(row, 5)},
        sqlite3_column_int(row, 6) != 0};

    if (sqlite3_column_type(row, 4) == SQLITE_NULL) {
        device.since = VG_UNSET;
    }
    if (sqlite3_column_type(row, 5) == SQLITE_NULL) {
        device.seen = VG_UNSET;
    }
    return look_up->each.device(look_up->to, &device);
}

/* `tail`: what is not in a stay yet. `mine`: seen under the patient's episodes, and where nobody
 * was named while they lay there. Seen later elsewhere, or under another episode: moved. Begun
 * later here by another device, with something of the same: replaced. */
static const char devices_sql[] =
    "WITH tail AS MATERIALIZED (SELECT subject, place, min(measured) AS since,"
    " max(min(measured, received)) AS seen FROM message"
    " WHERE id > (SELECT value FROM meta WHERE key = 'tail') GROUP BY subject, place),"
    " sight AS MATERIALIZED (SELECT s.episode, s.patient, s.device, stay.place,"
    " min(stay.since, ifnull(tail.since, stay.since)) AS since,"
    " coalesce(max(stay.seen, tail.seen), stay.seen, tail.seen) AS seen, stay.signals"
    " FROM subject s JOIN stay ON stay.subject = s.id LEFT JOIN tail"
    " ON tail.subject = s.id AND tail.place = stay.place WHERE s.device <> ''),"
    " lain AS MATERIALIZED (SELECT t.episode, p.id AS place, t.since, t.until FROM tie t"
    " JOIN place p ON p.ward = t.ward AND p.bed = t.bed WHERE t.patient = ?1),"
    " mine AS MATERIALIZED (SELECT episode, device, place, min(since) AS since,"
    " max(seen) AS seen, signals FROM (SELECT episode, device, place, since, seen,"
    " signals FROM sight WHERE episode IN (SELECT id FROM episode WHERE patient = ?1)"
    " UNION ALL SELECT l.episode, s.device, s.place, max(s.since, l.since),"
    " min(s.seen, ifnull(l.until, s.seen)), s.signals FROM sight s JOIN lain l"
    " ON l.place = s.place AND s.seen >= l.since AND (l.until IS NULL OR"
    " s.since < l.until) WHERE s.episode = '' AND s.patient IN ('', ?1))"
    " GROUP BY episode, device, place)"
    " SELECT a.episode, a.device, p.ward, p.bed, a.since, a.seen,"
    " EXISTS (SELECT 1 FROM lain l WHERE l.episode = a.episode AND l.place = a.place"
    " AND l.until IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM sight b WHERE b.device = a.device AND b.seen > a.seen"
    " AND (b.place <> a.place OR b.episode NOT IN ('', a.episode)))"
    " AND NOT EXISTS (SELECT 1 FROM mine b WHERE b.place = a.place AND"
    " b.episode = a.episode AND b.device <> a.device AND b.since > a.seen"
    " AND (b.signals & a.signals) <> 0)"
    " FROM mine a JOIN place p ON p.id = a.place"
    " ORDER BY a.episode, a.since, a.device, p.id";

enum vg_status vg_store_devices(struct vg_reader *reader, const char *patient,
                                vg_device_fn *each, void *to, struct vg_error *error)
{
    const struct look_up look_up = {devices_sql, tell_device, {.device = each}, to};

    return run(reader, patient, &look_up, error);
}

/* ---- For history */

static enum vg_status add_lain(struct vg_lain **lain, size_t *count, sqlite3_stmt *row)
{
    struct vg_lain *larger = realloc(*lain, (*count + 1) * sizeof(*larger));
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    *lain = larger;
    larger[(*count)++] =
        (struct vg_lain){sqlite3_column_int64(row, 0),
                         {sqlite3_column_int64(row, 1)},
                         sqlite3_column_type(row, 2) == SQLITE_NULL
                             ? VG_NEVER
                             : (struct vg_instant){sqlite3_column_int64(row, 2)}};
    return VG_OK;
}

enum vg_status vg_lain_find(struct vg_reader *reader, const char *patient,
                            struct vg_lain **out, size_t *count, struct vg_error *error)
{
    sqlite3_stmt *rows = NULL;
    enum vg_status status =
        vg_reader_ready(reader,
                        "SELECT place.id, since, until FROM tie JOIN place"
                        " ON place.ward = tie.ward AND place.bed = tie.bed"
                        " WHERE patient = ?1",
                        &rows, error);
    if (status != VG_OK) {
        return status;
    }
    sqlite3_bind_text(rows, 1, patient, -1, SQLITE_STATIC);
    int code = SQLITE_DONE;
    while (status == VG_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        status = add_lain(out, count, rows);
    }
    if (status == VG_OK && code != SQLITE_DONE) {
        status = vg_reader_failed(reader, error);
    }
    vg_reader_back(reader, rows);
    return status;
}

bool vg_lain_there(const struct vg_lain *lain, size_t count, int64_t place,
                   struct vg_instant measured)
{
    for (size_t i = 0; i < count; i++) {
        if (lain[i].place == place && measured.ms >= lain[i].from.ms &&
            measured.ms < lain[i].to.ms) {
            return true;
        }
    }
    return false;
}
