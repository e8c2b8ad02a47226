/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether all of a store can be read back. See store_stats.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "shell/store_block.h"
#include "shell/store_read_inside.h"
#include "shell/store_stats.h"
#include "shell/store_sums.h"
#include "shell/store_verify.h"

struct checking {
    struct vg_check *check;
    struct vg_reader *reader;
    struct vg_error *error;
    struct vg_zip zip;
    struct vg_times times;
    struct vg_rest rest;
    struct vg_block block;
    struct vg_obs *obs;
    sqlite3_stmt *blocks; /* of a stretch */
    bool enough;
};

static void fault(struct checking *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fault(struct checking *c, const char *format, ...)
{
    char sentence[300];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    c->check->faults++;
    c->enough = !c->check->fault(c->check->to, sentence);
}

static void progress(const struct checking *c, int64_t done, int64_t all)
{
    if (c->check->progress != NULL) {
        c->check->progress(c->check->to, done, all);
    }
}

/* Rows that end before their end: damage is a fault like any other, and the rest is looked
   at all the same. */
static enum vg_status broken_off(struct checking *c, int code)
{
    if ((code & 0xff) != SQLITE_CORRUPT) {
        return vg_reader_failed(c->reader, c->error);
    }
    fault(c, "SQLite: %.200s; what follows there was not read",
          sqlite3_errmsg(c->reader->db));
    return VG_OK;
}

typedef enum vg_status row_fn(struct checking *c, sqlite3_stmt *row);

static enum vg_status each_row(struct checking *c, const char *sql, row_fn *each)
{
    sqlite3_stmt *rows = NULL;
    int code = SQLITE_DONE;
    enum vg_status status = vg_db_prepare(c->reader->db, sql, &rows, c->error);

    while (status == VG_OK && !c->enough && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        status = each(c, rows);
    }
    if (status == VG_OK && !c->enough && code != SQLITE_DONE) {
        status = broken_off(c, code);
    }
    sqlite3_finalize(rows);
    return status;
}

/* ---- SQLite's own */

static enum vg_status on_integrity(struct checking *c, sqlite3_stmt *row)
{
    const char *text = vg_db_column(row, 0).text;

    if (text[0] != 'o' || text[1] != 'k' || text[2] != '\0') {
        fault(c, "SQLite: %.200s", text);
    }
    return VG_OK;
}

/* ---- Stretches */

static bool on_cell(void *to, const struct vg_running *cell)
{
    *(uint64_t *)to += cell->count;
    return true;
}

/* Readings of one block. Columns: id, readings, sums, data. */
static enum vg_status check_block(struct checking *c, sqlite3_stmt *row, int64_t *found)
{
    const int64_t id = sqlite3_column_int64(row, 0);
    uint64_t summed = 0;
    uint64_t usable = 0;
    struct vg_reading reading;
    struct vg_running one;
    size_t message;
    size_t position;
    const enum vg_status status =
        vg_block_unpack(&c->zip, vg_db_column(row, 3), &c->times, &c->block);

    if (status == VG_REFUSED) {
        fault(c, "block %lld is damaged", (long long)id);
        return VG_OK;
    }
    if (status != VG_OK) {
        return status;
    }
    *found += (int64_t)c->block.readings;
    if ((int64_t)c->block.readings != sqlite3_column_int64(row, 1)) {
        fault(c, "block %lld holds %zu readings, and says %lld", (long long)id,
              c->block.readings, (long long)sqlite3_column_int64(row, 1));
    }
    while (vg_block_next(&c->block, &c->times, &reading, &message, &position)) {
        usable += vg_running_of(&reading, &one);
    }
    if (vg_sums_each(vg_db_column(row, 2), on_cell, &summed) != VG_OK ||
        summed != usable) {
        fault(c, "the sums of block %lld are not those of its readings", (long long)id);
    }
    return VG_OK;
}

static enum vg_status check_blocks(struct checking *c, int64_t stretch,
                                   int64_t readings)
{
    int64_t found = 0;
    int code = SQLITE_DONE;
    enum vg_status status = VG_OK;

    sqlite3_bind_int64(c->blocks, 1, stretch * VG_BLOCKS);
    sqlite3_bind_int64(c->blocks, 2, (stretch + 1) * VG_BLOCKS);
    while (status == VG_OK && (code = sqlite3_step(c->blocks)) == SQLITE_ROW) {
        status = check_block(c, c->blocks, &found);
    }
    if (status == VG_OK && code != SQLITE_DONE) {
        status = broken_off(c, code);
    }
    sqlite3_reset(c->blocks);
    if (status == VG_OK && found != readings) {
        fault(c, "stretch %lld says %lld readings, its blocks hold %lld",
              (long long)stretch, (long long)readings, (long long)found);
    }
    return status;
}

/* Columns: id, messages, readings, times, rest, all stretches. */
static enum vg_status on_stretch(struct checking *c, sqlite3_stmt *row)
{
    const int64_t id = sqlite3_column_int64(row, 0);
    size_t message;
    enum vg_status status = vg_times_unpack(&c->zip, vg_db_column(row, 3), &c->times);

    if (status == VG_OK) {
        status =
            vg_rest_unpack(&c->zip, vg_db_column(row, 4), c->times.messages, &c->rest);
    }
    while (status == VG_OK) {
        status = vg_rest_next(&c->rest, &c->times, &message, c->obs);
    }
    if (status != VG_ABSENT) {
        if (status == VG_REFUSED) {
            fault(c, "stretch %lld is damaged", (long long)id);
        }
        return status == VG_REFUSED ? VG_OK : status;
    }
    if ((int64_t)c->times.messages != sqlite3_column_int64(row, 1)) {
        fault(c, "stretch %lld holds %zu messages, and says %lld", (long long)id,
              c->times.messages, (long long)sqlite3_column_int64(row, 1));
    }
    if (id % 64 == 0) {
        progress(c, id, sqlite3_column_int64(row, 5));
    }
    return check_blocks(c, id, sqlite3_column_int64(row, 2));
}

/* ---- Rows that are not sealed */

/* Columns: id, measured, count, obs. */
static enum vg_status on_message(struct checking *c, sqlite3_stmt *row)
{
    const struct vg_slice obs = vg_db_column(row, 3);
    const struct vg_instant measured = {sqlite3_column_int64(row, 1)};

    if (vg_obs_unpack(obs.text, obs.length, measured, c->obs) != VG_OK) {
        fault(c, "message %lld is damaged", (long long)sqlite3_column_int64(row, 0));
    } else if ((int64_t)c->obs->reading_count != sqlite3_column_int64(row, 2)) {
        fault(c, "message %lld holds %zu readings, and says %lld",
              (long long)sqlite3_column_int64(row, 0), c->obs->reading_count,
              (long long)sqlite3_column_int64(row, 2));
    }
    return VG_OK;
}

/* Columns: id, last, data. */
static enum vg_status on_bundle(struct checking *c, sqlite3_stmt *row)
{
    if (!vg_bundle_sound(sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                         vg_db_column(row, 2))) {
        fault(c, "the messages from %lld to %lld are damaged",
              (long long)sqlite3_column_int64(row, 0),
              (long long)sqlite3_column_int64(row, 1));
    }
    return VG_OK;
}

static enum vg_status on_lost_link(struct checking *c, sqlite3_stmt *row)
{
    fault(c, "message %lld names message %lld before it, which is not there",
          (long long)sqlite3_column_int64(row, 0),
          (long long)sqlite3_column_int64(row, 1));
    return VG_OK;
}

/* ---- The audit trail */

static enum vg_status check_trail(struct checking *c)
{
    struct vg_verified verified;
    const enum vg_status status = vg_store_verify(c->reader, NULL, &verified, c->error);

    if (status == VG_OK && !verified.intact) {
        fault(c, "audit trail: %.250s", verified.why);
    }
    return status;
}

static enum vg_status check_tables(struct checking *c)
{
    static const struct {
        const char *sql;
        row_fn *each;
    } rows[] = {
        {"PRAGMA integrity_check(20)", on_integrity},
        {"SELECT id, messages, readings, times, rest, (SELECT max(id) FROM stretch)"
         " FROM stretch ORDER BY id",
         on_stretch},
        {"SELECT id, last, data FROM bundle", on_bundle},
        {"SELECT id, measured, count, obs FROM message", on_message},
        {"SELECT m.id, m.previous FROM segment s JOIN message m ON m.place = s.place AND"
         " m.id > s.first AND m.id <= s.last AND m.previous >= s.first LEFT JOIN message"
         " p ON p.id = m.previous AND p.place = m.place WHERE p.id IS NULL AND m.id >"
         " (SELECT value FROM meta WHERE key = 'sealed') LIMIT 20",
         on_lost_link},
    };
    enum vg_status status = vg_reader_begin(c->reader, c->error);

    if (status == VG_OK) {
        status = vg_db_prepare(c->reader->db,
                               "SELECT id, readings, sums, data FROM block"
                               " WHERE id >= ? AND id < ?",
                               &c->blocks, c->error);
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (status == VG_OK && !c->enough) {
            status = each_row(c, rows[i].sql, rows[i].each);
        }
    }
    sqlite3_finalize(c->blocks);
    vg_reader_end(c->reader);
    return status;
}

enum vg_status vg_store_check(struct vg_reader *reader, struct vg_check *check,
                              struct vg_error *error)
{
    struct checking *c = calloc(1, sizeof *c);
    struct vg_obs *obs = malloc(sizeof *obs);
    enum vg_status status = VG_NO_MEMORY;

    if (c != NULL && obs != NULL) {
        c->check = check;
        c->reader = reader;
        c->error = error;
        c->obs = obs;
        status = check_tables(c);
        if (status == VG_OK && !c->enough) {
            status = check_trail(c);
        }
        vg_zip_finish(&c->zip);
        vg_times_finish(&c->times);
        vg_rest_finish(&c->rest);
        vg_block_finish(&c->block);
    }
    free(obs);
    free(c);
    return status;
}
