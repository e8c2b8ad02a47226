/* SPDX-License-Identifier: Apache-2.0
 *
 * The books: what marks have promised, against what the tables hold when the daemon is down,
 * with a reader of our own on a copy of the disk.
 */
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "shell/app_inside.h"
#include "sim/sim.h"

#define ROWS 64
#define LOOK "/sim/look.db"

static struct row {
    char gateway[8], epoch[16];
    uint64_t upto;
    unsigned char *seen; /* by number, while it is looked at */
    uint64_t room;
} rows[ROWS];
static size_t row_count;

static struct row *row_of(const char *gateway, const char *epoch)
{
    for (size_t i = 0; i < row_count; i++) {
        if (strcmp(rows[i].gateway, gateway) == 0 &&
            strcmp(rows[i].epoch, epoch) == 0) {
            return &rows[i];
        }
    }
    if (row_count == ROWS) {
        exit(3);
    }
    struct row *r = &rows[row_count++];
    (void)snprintf(r->gateway, sizeof r->gateway, "%s", gateway);
    (void)snprintf(r->epoch, sizeof r->epoch, "%s", epoch);
    return r;
}

void ledger_mark(const char *gateway, const char *epoch, uint64_t upto)
{
    struct row *r = row_of(gateway, epoch);

    if (upto < r->upto) {
        sim_violation("the mark of %s/%s went back from %llu to %llu", gateway, epoch,
                      (unsigned long long)r->upto, (unsigned long long)upto);
    }
    const uint64_t sent = gateway_sent(gateway, epoch);
    if (sent != 0 && upto > sent) {
        sim_violation("the mark of %s/%s is %llu, beyond all that was sent", gateway,
                      epoch, (unsigned long long)upto);
    }
    r->upto = upto > r->upto ? upto : r->upto;
    /* Is what it promises beyond the reach of a power cut? Above all while a batch is on its way. */
    if (sim.app != NULL && !disk_failing() &&
        luck_percent(LUCK_CHECK, sim.app->busy ? 25 : 2)) {
        ledger_look(true);
    }
}

static void see(struct row *r, uint64_t seq)
{
    if (seq >= r->room) {
        const uint64_t room = seq * 2 + 256;
        r->seen = realloc(r->seen, room);
        if (r->seen == NULL) {
            exit(3);
        }
        memset(r->seen + r->room, 0, room - r->room);
        r->room = room;
    }
    if (r->seen[seq]++ != 0) {
        sim_violation("%s/%s %llu is stored twice", r->gateway, r->epoch,
                      (unsigned long long)seq);
    }
}

static sqlite3_stmt *ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        sim_violation("the store cannot be read: %s", sqlite3_errmsg(db));
    }
    return statement;
}

static struct row *origin[ROWS * 4]; /* by the id of an epoch */

static void read_origins(sqlite3 *db)
{
    sqlite3_stmt *statement = ask(db, "SELECT id, gateway, epoch FROM epoch");

    memset(origin, 0, sizeof origin);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const int64_t id = sqlite3_column_int64(statement, 0);
        if (id >= (int64_t)(sizeof origin / sizeof *origin)) {
            exit(3);
        }
        origin[id] = row_of((const char *)sqlite3_column_text(statement, 1),
                            (const char *)sqlite3_column_text(statement, 2));
    }
    sqlite3_finalize(statement);
}

static void see_number(int64_t epoch, uint64_t seq)
{
    if (seq == 0) {
        return;
    }
    if (epoch < 0 || epoch >= (int64_t)(sizeof origin / sizeof *origin) ||
        origin[epoch] == NULL) {
        sim_violation("a message of an unknown origin, %lld", (long long)epoch);
    } else {
        see(origin[epoch], seq);
    }
}

static void read_numbers(sqlite3 *db)
{
    read_origins(db);
    sqlite3_stmt *rows_of =
        ask(db, "SELECT epoch, seq FROM message_row UNION ALL SELECT epoch, seq FROM"
                " admission UNION ALL SELECT epoch, seq FROM quarantine");
    while (sqlite3_step(rows_of) == SQLITE_ROW) {
        see_number(sqlite3_column_int64(rows_of, 0),
                   (uint64_t)sqlite3_column_int64(rows_of, 1));
    }
    sqlite3_finalize(rows_of);
    sqlite3_stmt *bundles = ask(db, "SELECT id, last, data FROM bundle");
    while (sqlite3_step(bundles) == SQLITE_ROW) {
        const int64_t id = sqlite3_column_int64(bundles, 0);
        const size_t count = (size_t)(sqlite3_column_int64(bundles, 1) - id + 1);
        if (bundle_numbers(sqlite3_column_blob(bundles, 2),
                           (size_t)sqlite3_column_bytes(bundles, 2),
                           see_number) != count) {
            sim_violation("the messages from %lld on cannot be read", (long long)id);
        }
    }
    sqlite3_finalize(bundles);
}

static void check_sound(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &statement, NULL) !=
            SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW ||
        strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0) {
        sim_violation("the database is damaged: %s", sqlite3_errmsg(db));
    }
    sqlite3_finalize(statement);
}

static void compare(void)
{
    for (size_t i = 0; i < row_count; i++) {
        const struct row *r = &rows[i];
        for (uint64_t seq = 1; seq <= r->upto; seq++) {
            if (seq >= r->room || r->seen[seq] == 0) {
                sim_violation("%s/%s %llu was marked as safe, up to %llu, and is gone",
                              r->gateway, r->epoch, (unsigned long long)seq,
                              (unsigned long long)r->upto);
                break;
            }
        }
    }
}

static bool marked(void)
{
    bool any = false;

    for (size_t i = 0; i < row_count; i++) {
        any = any || rows[i].upto > 0;
        if (rows[i].room > 0) {
            memset(rows[i].seen, 0, rows[i].room);
        }
    }
    return any;
}

void ledger_look(bool platter)
{
    sqlite3 *db = NULL;

    if (!marked()) {
        return; /* nothing was promised: there may be no table yet */
    }
    disk_copy(SIM_STORE, LOOK, platter);
    disk_copy(SIM_STORE "-wal", LOOK "-wal", platter);
    if (sqlite3_open_v2(LOOK, &db, SQLITE_OPEN_READWRITE, "sim") != SQLITE_OK) {
        sim_violation("the store cannot be opened: %s", sqlite3_errmsg(db));
    } else {
        check_sound(db);
        read_numbers(db);
        compare();
    }
    sqlite3_close(db);
}
