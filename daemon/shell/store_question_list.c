/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions whose answers are rows of a table: alerts, episodes, assessments; page by page.
 */
#include <string.h>

#include "shell/history.h"
#include "shell/store_read_inside.h"

/* One list on its way out. */
struct list {
    struct vg_page_end *end;
    size_t limit;
    void *to;
    union {
        vg_json_fn *json;
        vg_episode_fn *episode;
        vg_admission_fn *admission;
        vg_command_fn *command;
        vg_pause_fn *pause;
    } each;
};

/* Reads the row's key into `key`, and tells it. False: no more is wanted. */
typedef bool list_row(const struct list *list, sqlite3_stmt *row,
                      struct vg_cursor *key);

static enum vg_status tell_rows(struct vg_reader *reader, sqlite3_stmt *rows,
                                const struct list *list, list_row *each,
                                struct vg_error *error)
{
    int code = SQLITE_DONE;
    bool go_on = true;

    while (go_on && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        if (list->limit != 0 && list->end->rows == list->limit) {
            list->end->more = true;
            return VG_OK;
        }
        list->end->rows++;
        list->end->next = (struct vg_cursor){.set = true};
        go_on = each(list, rows, &list->end->next);
    }
    return go_on && code != SQLITE_DONE ? vg_reader_failed(reader, error) : VG_OK;
}

/* ---- Alerts */

static bool alert_row(const struct list *list, sqlite3_stmt *row, struct vg_cursor *key)
{
    const struct vg_slice json = vg_db_column(row, 1);

    (void)vg_copy(key->id, sizeof key->id, vg_db_column(row, 0).text);
    return list->each.json(list->to, json.text, json.length);
}

#define ALERTS(state)                                                            \
    "SELECT id, json FROM alert WHERE " state " AND id = ifnull(?1, id)"         \
    " AND ward = ifnull(?2, ward) AND patient = ifnull(?3, patient) AND id > ?4" \
    " AND onset >= ?5 AND onset < ?6 ORDER BY id"

enum vg_status vg_history_alerts(struct vg_reader *reader,
                                 const struct vg_alerts_query *query, vg_json_fn *each,
                                 void *to, struct vg_page_end *end,
                                 struct vg_error *error)
{
    static const char *const sql[] = {[VG_ALERTS_ALL] = ALERTS("1"),
                                      [VG_ALERTS_OPEN] = ALERTS("open"),
                                      [VG_ALERTS_CLOSED] = ALERTS("NOT open")};
    const struct list list = {end, query->limit, to, {.json = each}};
    const struct vg_alert_query *of = &query->of;
    sqlite3_stmt *rows = NULL;

    memset(end, 0, sizeof *end);
    enum vg_status status = vg_reader_begin(reader, error);
    if (status == VG_OK) {
        status = vg_db_prepare(reader->db, sql[of->state], &rows, error);
    }
    if (status == VG_OK) {
        sqlite3_bind_text(rows, 1, of->id, -1, SQLITE_STATIC);
        sqlite3_bind_text(rows, 2, of->ward, -1, SQLITE_STATIC);
        sqlite3_bind_text(rows, 3, of->patient, -1, SQLITE_STATIC);
        sqlite3_bind_text(rows, 4, query->after.set ? query->after.id : "", -1,
                          SQLITE_STATIC);
        sqlite3_bind_int64(rows, 5, of->from.ms);
        sqlite3_bind_int64(rows, 6, of->to.ms);
        status = tell_rows(reader, rows, &list, alert_row, error);
    }
    sqlite3_finalize(rows);
    vg_reader_end(reader);
    return status;
}

/* ---- Episodes */

static bool episode_row(const struct list *list, sqlite3_stmt *row,
                        struct vg_cursor *key)
{
    struct vg_episode episode;

    vg_reader_episode(row, &episode);
    key->at = episode.begin.ms;
    (void)vg_copy(key->id, sizeof key->id, episode.id);
    return list->each.episode(list->to, &episode);
}

#define EPISODES(beyond, order)                                                                 \
    "SELECT id, patient, ward, bed, product, protocol, age, outpatient, begin, end,"            \
    " donor, chain_id FROM episode WHERE id = ifnull(?1, id) AND patient = ifnull(?2, patient)" \
    " AND ward = ifnull(?3, ward) AND (NOT ?4 OR end IS NULL)"                                  \
    " AND (end IS NULL OR end > ?5) AND begin < ?6"                                             \
    " AND (NOT ?7 OR begin " beyond " ?8 OR (begin = ?8 AND id > ?9))"                          \
    " ORDER BY begin " order ", id"

enum vg_status vg_history_episodes(struct vg_reader *reader,
                                   const struct vg_episodes_query *query,
                                   vg_episode_fn *each, void *to,
                                   struct vg_page_end *end, struct vg_error *error)
{
    static const char *const sql[] = {EPISODES("<", "DESC"), EPISODES(">", "ASC")};
    const struct list list = {end, query->limit, to, {.episode = each}};
    sqlite3_stmt *rows = NULL;

    memset(end, 0, sizeof *end);
    enum vg_status status = vg_reader_begin(reader, error);
    if (status == VG_OK) {
        status = vg_db_prepare(reader->db, sql[query->oldest_first], &rows, error);
    }
    if (status == VG_OK) {
        sqlite3_bind_text(rows, 1, query->id, -1, SQLITE_STATIC);
        sqlite3_bind_text(rows, 2, query->patient, -1, SQLITE_STATIC);
        sqlite3_bind_text(rows, 3, query->ward, -1, SQLITE_STATIC);
        sqlite3_bind_int(rows, 4, query->open_only);
        sqlite3_bind_int64(rows, 5, query->from.ms);
        sqlite3_bind_int64(rows, 6, query->to.ms);
        sqlite3_bind_int(rows, 7, query->after.set);
        sqlite3_bind_int64(rows, 8, query->after.at);
        sqlite3_bind_text(rows, 9, query->after.id, -1, SQLITE_STATIC);
        status = tell_rows(reader, rows, &list, episode_row, error);
    }
    sqlite3_finalize(rows);
    vg_reader_end(reader);
    return status;
}

/* ---- Admissions and commands */

/* Rows of a whole table, each told by `each`. */
static enum vg_status all_rows(struct vg_reader *reader, const char *sql,
                               const struct list *list, list_row *each,
                               struct vg_error *error)
{
    sqlite3_stmt *rows = NULL;
    enum vg_status status = vg_reader_begin(reader, error);

    if (status == VG_OK) {
        status = vg_db_prepare(reader->db, sql, &rows, error);
    }
    if (status == VG_OK) {
        status = tell_rows(reader, rows, list, each, error);
    }
    sqlite3_finalize(rows);
    vg_reader_end(reader);
    return status;
}

static bool admission_row(const struct list *list, sqlite3_stmt *row,
                          struct vg_cursor *key)
{
    const struct vg_slice topic = vg_db_column(row, 2);
    const struct vg_slice payload = vg_db_column(row, 3);
    const struct vg_letter letter = {topic.text, topic.length, payload.text,
                                     payload.length, sqlite3_column_int(row, 4) != 0};

    (void)key;
    return list->each.admission(list->to, &letter,
                                (struct vg_instant){sqlite3_column_int64(row, 0)},
                                sqlite3_column_int64(row, 1));
}

enum vg_status vg_history_admissions(struct vg_reader *reader, vg_admission_fn *each,
                                     void *to, struct vg_error *error)
{
    struct vg_page_end end = {0};
    const struct list list = {&end, 0, to, {.admission = each}};

    return all_rows(reader,
                    "SELECT received, after, topic, payload, retained FROM admission"
                    " ORDER BY id",
                    &list, admission_row, error);
}

static bool command_row(const struct list *list, sqlite3_stmt *row,
                        struct vg_cursor *key)
{
    struct vg_command c = {.rev = (uint32_t)sqlite3_column_int64(row, 10),
                           .span = sqlite3_column_int64(row, 11),
                           .ts = VG_UNSET};
    const struct {
        char *out;
        size_t size;
    } texts[] = {{c.client, sizeof c.client}, {c.id, sizeof c.id},
                 {c.ward, sizeof c.ward},     {c.by, sizeof c.by},
                 {c.alert, sizeof c.alert},   {c.page, sizeof c.page},
                 {c.bed, sizeof c.bed},       {c.reason, sizeof c.reason}};

    (void)key;
    for (int i = 0; i < 8; i++) {
        (void)vg_copy(texts[i].out, texts[i].size, vg_db_column(row, i).text);
    }
    if (sqlite3_column_type(row, 13) != SQLITE_NULL) {
        c.ts.ms = sqlite3_column_int64(row, 13);
    }
    if (vg_do_find(vg_db_column(row, 8).text, &c.what) != VG_OK) {
        return true; /* it was not understood then either */
    }
    (void)vg_judgement_find(vg_db_column(row, 9).text, &c.judgement);
    return list->each.command(list->to, &c,
                              (struct vg_instant){sqlite3_column_int64(row, 12)});
}

enum vg_status vg_history_commands(struct vg_reader *reader, vg_command_fn *each,
                                   void *to, struct vg_error *error)
{
    struct vg_page_end end = {0};
    const struct list list = {&end, 0, to, {.command = each}};

    return all_rows(reader,
                    "SELECT client, id, ward, by, alert, page, bed, reason, do,"
                    " judgement, seen, span, at, ts FROM command ORDER BY number",
                    &list, command_row, error);
}

static bool pause_row(const struct list *list, sqlite3_stmt *row, struct vg_cursor *key)
{
    struct vg_pause pause = {.at = {sqlite3_column_int64(row, 2)}, .until = VG_UNSET};

    (void)key;
    (void)vg_copy(pause.ward, sizeof pause.ward, vg_db_column(row, 0).text);
    (void)vg_copy(pause.bed, sizeof pause.bed, vg_db_column(row, 1).text);
    if (sqlite3_column_type(row, 3) != SQLITE_NULL) {
        pause.until.ms = sqlite3_column_int64(row, 3);
    }
    (void)vg_copy(pause.by, sizeof pause.by, vg_db_column(row, 4).text);
    (void)vg_copy(pause.reason, sizeof pause.reason, vg_db_column(row, 5).text);
    return list->each.pause(list->to, &pause);
}

enum vg_status vg_history_pauses(struct vg_reader *reader, vg_pause_fn *each, void *to,
                                 struct vg_error *error)
{
    struct vg_page_end end = {0};
    const struct list list = {&end, 0, to, {.pause = each}};

    return all_rows(
        reader, "SELECT ward, bed, at, until, by, reason FROM pause ORDER BY number",
        &list, pause_row, error);
}
