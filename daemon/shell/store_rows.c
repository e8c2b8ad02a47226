/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of both kinds merged by id. See store_rows.h.
 */
#include "shell/store_rows.h"

#include <stdlib.h>

enum { BUNDLES_UP, BUNDLES_DOWN, PLAIN_UP, PLAIN_DOWN, SQL_COUNT };

static const char *const sql[SQL_COUNT] = {
    [BUNDLES_UP] = "SELECT id, data FROM bundle WHERE id >= ifnull((SELECT max(id) FROM"
                   " bundle WHERE id <= ?1), ?1) AND id <= ?2 ORDER BY id",
    /* ends where the bundle that holds the first one was */
    [BUNDLES_DOWN] = "SELECT id, data FROM bundle WHERE id <= ?2 AND ?1 IS NOT NULL"
                     " ORDER BY id DESC",
    [PLAIN_UP] = "SELECT * FROM message_row WHERE id >= ?1 AND id <= ?2 ORDER BY id",
    [PLAIN_DOWN] =
        "SELECT * FROM message_row WHERE id >= ?1 AND id <= ?2 ORDER BY id DESC",
};

struct vg_rows {
    sqlite3 *db;
    sqlite3_stmt *statement[SQL_COUNT];
    sqlite3_stmt *bundles, *plain; /* those in use; NULL: at their end */
    int64_t first, last;
    bool falling;
    enum vg_rows_how how;
    int64_t bundle; /* first id of the one at which `bundles` stands; else 0 */
    struct vg_bundle_view view;
    size_t low, high; /* of the bundle's messages, those from low on, before high */
    struct vg_bundle_found found; /* the one that is next */
    bool has_found, has_plain;    /* whether there is a next one */
    bool in_bundle;               /* where `now` is */
    struct vg_row now;
    struct vg_pack obs;
    uint32_t proven; /* shapes of the bundle that can be unpacked */
};

enum vg_status vg_rows_open(sqlite3 *db, enum vg_rows_how how, struct vg_rows **out)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        return VG_NO_MEMORY;
    }
    (*out)->db = db;
    (*out)->how = how;
    return VG_OK;
}

void vg_rows_close(struct vg_rows *rows)
{
    if (rows != NULL) {
        for (size_t i = 0; i < SQL_COUNT; i++) {
            sqlite3_finalize(rows->statement[i]);
        }
        vg_pack_finish(&rows->obs);
        free(rows);
    }
}

void vg_rows_rest(struct vg_rows *rows)
{
    sqlite3_reset(rows->bundles);
    sqlite3_reset(rows->plain);
    rows->bundles = NULL;
    rows->plain = NULL;
    rows->bundle = 0;
    rows->has_found = false;
    rows->has_plain = false;
}

static int ready(struct vg_rows *rows, int which, sqlite3_stmt **out)
{
    int code = SQLITE_OK;

    if (rows->statement[which] == NULL) {
        code = sqlite3_prepare_v3(rows->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                  &rows->statement[which], NULL);
    }
    if (code == SQLITE_OK) {
        *out = rows->statement[which];
        sqlite3_bind_int64(*out, 1, rows->first);
        sqlite3_bind_int64(*out, 2, rows->last);
    }
    return code;
}

/* ---- Bundles */

/* Which of the bundle's messages are asked for; from `low` up to before `high`. */
static void narrow(struct vg_rows *rows)
{
    const int64_t base = rows->bundle;
    const int64_t end = base + (int64_t)rows->view.count;

    rows->low = rows->first > base ? (size_t)(rows->first - base) : 0;
    rows->high = rows->last < end ? (size_t)(rows->last - base) + 1 : rows->view.count;
    rows->high = rows->high < rows->view.count ? rows->high : rows->view.count;
}

static int open_bundle(struct vg_rows *rows)
{
    const int64_t id = sqlite3_column_int64(rows->bundles, 0);

    if (vg_bundle_open(&rows->view, id, vg_db_column(rows->bundles, 1)) != VG_OK ||
        (rows->how == VG_ROWS_STRICT && !vg_bundle_checks(&rows->view))) {
        rows->low = rows->high = 0;
        return rows->how == VG_ROWS_LENIENT ? SQLITE_OK : SQLITE_CORRUPT_VTAB;
    }
    rows->bundle = id;
    rows->proven = 0;
    narrow(rows);
    return SQLITE_OK;
}

/* The next bundle's span; SQLITE_DONE: there is none. */
static int next_bundle(struct vg_rows *rows)
{
    if (rows->bundles == NULL) {
        return SQLITE_DONE;
    }
    const bool last = rows->falling && rows->bundle != 0 && rows->bundle <= rows->first;
    const int code = last ? SQLITE_DONE : sqlite3_step(rows->bundles);
    rows->bundle = 0;
    if (code == SQLITE_ROW) {
        const int opened = open_bundle(rows);
        return opened == SQLITE_OK ? SQLITE_ROW : opened;
    }
    sqlite3_reset(rows->bundles);
    rows->bundles = NULL;
    return code;
}

/* Into `found` the next message of the bundles; SQLITE_DONE: there is none. */
static int next_found(struct vg_rows *rows)
{
    int code = SQLITE_ROW;

    rows->has_found = false;
    while (!rows->has_found && code == SQLITE_ROW) {
        if (rows->low >= rows->high) {
            code = next_bundle(rows);
            continue;
        }
        vg_bundle_seek(&rows->view, rows->falling ? --rows->high : rows->low++);
        rows->has_found = vg_bundle_next(&rows->view, &rows->found);
        if (!rows->has_found && rows->how != VG_ROWS_LENIENT) {
            return SQLITE_CORRUPT_VTAB;
        }
    }
    return code;
}

/* ---- Plain rows */

static int next_plain(struct vg_rows *rows)
{
    if (rows->plain == NULL) {
        return SQLITE_DONE;
    }
    const int code = sqlite3_step(rows->plain);
    rows->has_plain = code == SQLITE_ROW;
    if (code != SQLITE_ROW) {
        sqlite3_reset(rows->plain);
        rows->plain = NULL;
    }
    return code;
}

static void take_plain(struct vg_rows *rows)
{
    sqlite3_stmt *row = rows->plain;
    int64_t number[11];

    for (int i = 0; i < 11; i++) {
        number[i] = sqlite3_column_int64(row, i);
    }
    rows->now = (struct vg_row){{.id = number[0],
                                 .received = number[1],
                                 .measured = number[2],
                                 .place = number[3],
                                 .subject = number[4],
                                 .epoch = number[5],
                                 .seq = number[6],
                                 .hash = (uint64_t)number[7],
                                 .previous = number[10]},
                                .kind = number[8],
                                .count = number[9]};
}

/* ---- Both */

/* Of those that are next, that which comes first becomes `now`. */
static int choose(struct vg_rows *rows)
{
    if (!rows->has_found && !rows->has_plain) {
        return SQLITE_DONE;
    }
    rows->in_bundle = rows->has_found;
    if (rows->has_found && rows->has_plain) {
        const int64_t plain = sqlite3_column_int64(rows->plain, 0);
        rows->in_bundle = rows->falling ? rows->found.message.id > plain
                                        : rows->found.message.id < plain;
    }
    if (rows->in_bundle) {
        rows->now =
            (struct vg_row){rows->found.message, 0,
                            (int64_t)rows->view.shape[rows->found.shape].readings};
    } else {
        take_plain(rows);
    }
    return SQLITE_ROW;
}

/* Whether one message is in the bundle that was read last: its statement still stands there, so
 * the file is the same. */
static bool is_open(struct vg_rows *rows, int64_t id)
{
    if (rows->bundle == 0 || id < rows->bundle ||
        id - rows->bundle >= (int64_t)rows->view.count) {
        return false;
    }
    sqlite3_reset(rows->plain);
    rows->plain = NULL;
    rows->has_plain = false;
    return true;
}

int vg_rows_seek(struct vg_rows *rows, int64_t first, int64_t last, bool falling)
{
    rows->first = first;
    rows->last = last;
    /* one message: from above it is one search in the table, from below two */
    rows->falling = falling || first == last;
    if (first == last && is_open(rows, first)) {
        narrow(rows);
        const int code = next_found(rows);
        return code == SQLITE_ROW ? choose(rows) : code;
    }
    vg_rows_rest(rows);
    rows->low = rows->high = 0;
    int code = ready(rows, rows->falling ? BUNDLES_DOWN : BUNDLES_UP, &rows->bundles);
    code = code == SQLITE_OK ? next_found(rows) : code;
    if (code == SQLITE_ROW && first == last) {
        return choose(rows); /* an id is there once */
    }
    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        code = ready(rows, rows->falling ? PLAIN_DOWN : PLAIN_UP, &rows->plain);
        code = code == SQLITE_OK ? next_plain(rows) : code;
    }
    return code == SQLITE_ROW || code == SQLITE_DONE ? choose(rows) : code;
}

int vg_rows_next(struct vg_rows *rows)
{
    const int code = rows->in_bundle ? next_found(rows) : next_plain(rows);

    return code == SQLITE_ROW || code == SQLITE_DONE ? choose(rows) : code;
}

const struct vg_row *vg_rows_now(const struct vg_rows *rows)
{
    return &rows->now;
}

enum vg_status vg_rows_obs(struct vg_rows *rows, struct vg_slice *out)
{
    if (!rows->in_bundle) {
        *out = vg_db_column(rows->plain, 11);
        return VG_OK;
    }
    const enum vg_status status = vg_bundle_obs(&rows->view, &rows->found, &rows->obs);
    *out = (struct vg_slice){(const char *)rows->obs.bytes, rows->obs.length};
    return status;
}

enum vg_status vg_rows_unpack(struct vg_rows *rows, struct vg_obs *out)
{
    if (rows->in_bundle) {
        return vg_bundle_unpack(&rows->view, &rows->found, out);
    }
    const struct vg_slice obs = vg_db_column(rows->plain, 11);
    return vg_obs_unpack(obs.text, obs.length,
                         (struct vg_instant){rows->now.message.measured}, out);
}

enum vg_status vg_rows_sound(struct vg_rows *rows, struct vg_obs *scratch,
                             struct vg_slice *out)
{
    const uint32_t bit = UINT32_C(1) << (rows->found.shape & 31);
    enum vg_status status = vg_rows_obs(rows, out);

    if (status == VG_OK && !(rows->in_bundle && (rows->proven & bit) != 0)) {
        status = vg_rows_unpack(rows, scratch);
        rows->proven |= status == VG_OK && rows->in_bundle ? bit : 0;
    }
    return status;
}
