/* SPDX-License-Identifier: Apache-2.0
 *
 * Where subjects were seen and until when, and when messages went to disk. Neither costs a
 * hot row a query: stays are written when a segment of their place is closed (what is in no
 * segment yet is read again after a crash), and of commits a row once a second at most.
 */
#include <stdlib.h>

#include "shell/clock.h"
#include "shell/store_words.h"
#include "shell/store_write_inside.h"

#define COMMITTED_EVERY VG_SECOND

/* ---- Stays */

static enum vg_status add_row(struct vg_writer *writer, const struct vg_sight *sight,
                              struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_STAY];

    sqlite3_bind_int64(statement, 1, sight->subject);
    sqlite3_bind_int64(statement, 2, sight->place);
    sqlite3_bind_int64(statement, 3, sight->first.ms);
    sqlite3_bind_int64(statement, 4, sight->last.ms);
    sqlite3_bind_int64(statement, 5, (int64_t)vg_words_of(sight->signals));
    return vg_writer_run(writer, VG_SQL_STAY, error);
}

static enum vg_status room(struct vg_writer *writer, size_t number)
{
    if (number < writer->seen_capacity) {
        return VG_OK;
    }
    const size_t capacity = writer->seen_capacity == 0 ? 64 : writer->seen_capacity * 2;
    struct vg_seen *grown = realloc(writer->seen, capacity * sizeof *grown);
    if (grown == NULL) {
        return VG_NO_MEMORY;
    }
    writer->seen = grown;
    writer->seen_capacity = capacity;
    return VG_OK;
}

/* A stay that was not met since the store was opened; it may have a row from before. */
static enum vg_status add_stay(struct vg_writer *writer, const struct vg_sight *sight,
                               int64_t *number, struct vg_error *error)
{
    struct vg_place_state *place = &writer->place[sight->place];
    const int64_t key[2] = {sight->subject, sight->place};
    enum vg_status status = room(writer, writer->stays.count + 1);

    *number = (int64_t)writer->stays.count + 1;
    if (status == VG_OK) {
        status = add_row(writer, sight, error);
    }
    if (status == VG_OK) {
        status = vg_names_add(&writer->stays, key, sizeof key, *number);
    }
    if (status == VG_OK) {
        writer->seen[*number] = (struct vg_seen){.subject = sight->subject,
                                                 .next = place->stay,
                                                 .dirty = true,
                                                 .first = sight->first,
                                                 .last = sight->last};
        place->stay = *number;
    }
    return status;
}

static enum vg_status find_stay(struct vg_writer *writer, const struct vg_sight *sight,
                                int64_t *number, struct vg_error *error)
{
    const struct vg_place_state *place = &writer->place[sight->place];
    const int64_t key[2] = {sight->subject, sight->place};

    *number = place->stay;
    if (*number != 0 && writer->seen[*number].subject == sight->subject) {
        return VG_OK; /* mostly */
    }
    *number = vg_names_find(&writer->stays, key, sizeof key);
    return *number != 0 ? VG_OK : add_stay(writer, sight, number, error);
}

enum vg_status vg_writer_sight(struct vg_writer *writer, const struct vg_sight *sight,
                               struct vg_error *error)
{
    int64_t number;
    const enum vg_status status = find_stay(writer, sight, &number, error);

    if (status != VG_OK) {
        return status;
    }
    struct vg_seen *seen = &writer->seen[number];
    seen->dirty = true;
    seen->first = vg_earlier(seen->first, sight->first);
    seen->last = vg_later(seen->last, sight->last);
    seen->signals |= sight->signals;
    return VG_OK;
}

enum vg_status vg_writer_seen(struct vg_writer *writer, int64_t place,
                              struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_SEEN];
    int64_t number = writer->place[place].stay;
    enum vg_status status = VG_OK;

    for (; number != 0 && status == VG_OK; number = writer->seen[number].next) {
        struct vg_seen *seen = &writer->seen[number];
        if (!seen->dirty) {
            continue;
        }
        sqlite3_bind_int64(statement, 1, seen->subject);
        sqlite3_bind_int64(statement, 2, place);
        sqlite3_bind_int64(statement, 3, seen->first.ms);
        sqlite3_bind_int64(statement, 4, seen->last.ms);
        sqlite3_bind_int64(statement, 5, (int64_t)vg_words_of(seen->signals));
        status = vg_writer_run(writer, VG_SQL_SEEN, error);
        seen->dirty = false;
    }
    return status;
}

/* ---- Commits */

static enum vg_status cover(struct vg_writer *writer, int64_t last,
                            struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_COMMITTED];

    sqlite3_bind_int64(statement, 1, last);
    sqlite3_bind_int64(statement, 2, writer->committed_at);
    writer->covered = last;
    return vg_writer_run(writer, VG_SQL_COMMITTED, error);
}

enum vg_status vg_writer_committed(struct vg_writer *writer, int64_t before,
                                   struct vg_error *error)
{
    const vg_ms now = vg_clock_boot();
    enum vg_status status = VG_OK;

    if (writer->last_message == before) {
        return VG_OK;
    }
    if (before > writer->covered && now - writer->committed_since >= COMMITTED_EVERY) {
        status = cover(writer, before, error);
    }
    if (before <= writer->covered) {
        writer->committed_since = now;
    }
    writer->committed_at = vg_clock_wall().ms;
    return status == VG_OK
               ? vg_writer_meta(writer, "committed", writer->committed_at, error)
               : status;
}
