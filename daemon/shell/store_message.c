/* SPDX-License-Identifier: Apache-2.0
 *
 * The table `message` of each connection: store_rows.h as SQLite's virtual tables are.
 */
#include <stdlib.h>

#include "shell/store_rows.h"

/* Bits of how a table is asked: which bounds of `id` are given, in this order. */
enum { EQUAL = 1, ABOVE = 2, FROM = 4, BELOW = 8, UPTO = 16, FALLING = 32 };

struct table {
    sqlite3_vtab base; /* first, so that it can be turned back */
    sqlite3 *db;
    struct cursor *idle; /* for the next one who asks */
};

struct cursor {
    sqlite3_vtab_cursor base; /* first */
    struct vg_rows *rows;
    bool over;
    struct cursor *next;
};

static int plug(sqlite3 *db, void *with, int argc, const char *const *argv,
                sqlite3_vtab **out, char **error)
{
    (void)with;
    (void)argc;
    (void)argv;
    (void)error;
    const int code = sqlite3_declare_vtab(
        db, "CREATE TABLE x(id INTEGER, received INTEGER, measured INTEGER,"
            " place INTEGER, subject INTEGER, epoch INTEGER, seq INTEGER, hash INTEGER,"
            " kind INTEGER, count INTEGER, previous INTEGER, obs BLOB)");
    struct table *table = code == SQLITE_OK ? calloc(1, sizeof *table) : NULL;

    if (table == NULL) {
        return code == SQLITE_OK ? SQLITE_NOMEM : code;
    }
    table->db = db;
    *out = &table->base;
    return SQLITE_OK;
}

static void discard(struct cursor *cursor)
{
    vg_rows_close(cursor->rows);
    free(cursor);
}

static int unplug(sqlite3_vtab *base)
{
    struct table *table = (struct table *)base;

    while (table->idle != NULL) {
        struct cursor *cursor = table->idle;
        table->idle = cursor->next;
        discard(cursor);
    }
    free(table);
    return SQLITE_OK;
}

static int bit_of(unsigned char op)
{
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
        return EQUAL;
    case SQLITE_INDEX_CONSTRAINT_GT:
        return ABOVE;
    case SQLITE_INDEX_CONSTRAINT_GE:
        return FROM;
    case SQLITE_INDEX_CONSTRAINT_LT:
        return BELOW;
    case SQLITE_INDEX_CONSTRAINT_LE:
        return UPTO;
    default:
        return 0;
    }
}

/* Of each bit one constraint; SQLite looks at the others itself, and at these again. */
static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    int where[UPTO + 1] = {0};
    int arguments = 0;

    (void)base;
    for (int i = 0; i < info->nConstraint; i++) {
        const int bit = bit_of(info->aConstraint[i].op);
        if (info->aConstraint[i].usable && info->aConstraint[i].iColumn <= 0 &&
            bit != 0) {
            where[bit] = i + 1;
        }
    }
    info->idxNum = 0;
    for (int bit = EQUAL; bit <= UPTO; bit *= 2) {
        if (where[bit] != 0) {
            info->aConstraintUsage[where[bit] - 1].argvIndex = ++arguments;
            info->idxNum |= bit;
        }
    }
    const bool one = (info->idxNum & EQUAL) != 0;
    info->estimatedCost = one ? 2 : info->idxNum == 0 ? 1e6 : 1e4;
    info->estimatedRows = one ? 1 : info->idxNum == 0 ? 1000000 : 10000;
    info->idxFlags = one ? SQLITE_INDEX_SCAN_UNIQUE : 0;
    if (info->nOrderBy == 1 && info->aOrderBy[0].iColumn <= 0) {
        info->orderByConsumed = 1;
        info->idxNum |= info->aOrderBy[0].desc ? FALLING : 0;
    }
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    struct table *table = (struct table *)base;
    struct cursor *cursor = table->idle;

    if (cursor != NULL) {
        table->idle = cursor->next;
    } else if ((cursor = calloc(1, sizeof *cursor)) == NULL ||
               vg_rows_open(table->db, VG_ROWS_LENIENT, &cursor->rows) != VG_OK) {
        free(cursor);
        return SQLITE_NOMEM;
    }
    *out = &cursor->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
    struct cursor *cursor = (struct cursor *)base;
    struct table *table = (struct table *)base->pVtab;

    vg_rows_rest(cursor->rows);
    cursor->next = table->idle;
    table->idle = cursor;
    return SQLITE_OK;
}

static int landed(struct cursor *cursor, int code)
{
    cursor->over = code != SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int filter(sqlite3_vtab_cursor *base, int how, const char *text, int argc,
                  sqlite3_value **argv)
{
    struct cursor *cursor = (struct cursor *)base;
    int64_t first = INT64_MIN;
    int64_t last = INT64_MAX;
    int n = 0;

    (void)text;
    for (int bit = EQUAL; bit <= UPTO && n < argc; bit *= 2) {
        if ((how & bit) == 0) {
            continue;
        }
        const int64_t id = sqlite3_value_int64(argv[n++]);
        if (sqlite3_value_type(argv[n - 1]) == SQLITE_NULL ||
            (bit == ABOVE && id == INT64_MAX) || (bit == BELOW && id == INT64_MIN)) {
            return landed(cursor, SQLITE_DONE);
        }
        const int64_t low = bit == ABOVE ? id + 1 : id;
        const int64_t high = bit == BELOW ? id - 1 : id;
        first = (bit & (EQUAL | ABOVE | FROM)) != 0 && low > first ? low : first;
        last = (bit & (EQUAL | BELOW | UPTO)) != 0 && high < last ? high : last;
    }
    return landed(cursor, first > last ? SQLITE_DONE
                                       : vg_rows_seek(cursor->rows, first, last,
                                                      (how & FALLING) != 0));
}

static int next(sqlite3_vtab_cursor *base)
{
    struct cursor *cursor = (struct cursor *)base;

    return landed(cursor, vg_rows_next(cursor->rows));
}

static int over(sqlite3_vtab_cursor *base)
{
    return ((struct cursor *)base)->over;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *to, int which)
{
    struct vg_rows *rows = ((struct cursor *)base)->rows;
    const struct vg_row *row = vg_rows_now(rows);
    const struct vg_bundle_message *m = &row->message;
    const int64_t number[] = {m->id,      m->received, m->measured, m->place,
                              m->subject, m->epoch,    m->seq,      (int64_t)m->hash,
                              row->kind,  row->count,  m->previous};
    struct vg_slice obs;

    if (which < (int)(sizeof number / sizeof *number)) {
        sqlite3_result_int64(to, number[which]);
        return SQLITE_OK;
    }
    const enum vg_status status = vg_rows_obs(rows, &obs);
    if (status != VG_OK) {
        return status == VG_NO_MEMORY ? SQLITE_NOMEM : SQLITE_CORRUPT;
    }
    sqlite3_result_blob64(to, obs.text, obs.length, SQLITE_TRANSIENT);
    return SQLITE_OK;
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    *out = vg_rows_now(((struct cursor *)base)->rows)->message.id;
    return SQLITE_OK;
}

int vg_message_table(sqlite3 *db)
{
    /* without xCreate: it is there without being made, and not in the file */
    static const sqlite3_module module = {.xConnect = plug,
                                          .xBestIndex = best_index,
                                          .xDisconnect = unplug,
                                          .xOpen = open_cursor,
                                          .xClose = close_cursor,
                                          .xFilter = filter,
                                          .xNext = next,
                                          .xEof = over,
                                          .xColumn = column,
                                          .xRowid = row_id};

    return sqlite3_create_module(db, "message", &module, NULL);
}
