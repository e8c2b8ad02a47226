/* SPDX-License-Identifier: Apache-2.0
 *
 * Hot readings: walking the chains of messages that are not sealed. See store_question.h and
 * store_write_chain.c.
 */
#include <stdlib.h>

#include "shell/store_question.h"

#define LOOK_AT_CLOCK 1024 /* rows */

void vg_hot_finish(struct vg_hot *hot)
{
    free(hot->found);
    *hot = (struct vg_hot){0};
}

static enum vg_status make_room(struct vg_search *search, struct vg_hot *hot)
{
    if (hot->count < hot->capacity) {
        return VG_OK;
    }
    if (hot->count >= VG_READ_ROWS) {
        vg_error_set(search->error, "more than %zu readings: ask for a shorter span",
                     VG_READ_ROWS);
        return VG_FULL;
    }
    const size_t capacity = hot->capacity == 0 ? 1024 : hot->capacity * 2;
    struct vg_found *larger = realloc(hot->found, capacity * sizeof *larger);
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    hot->found = larger;
    hot->capacity = capacity;
    return VG_OK;
}

static bool wanted(const struct vg_history_query *query,
                   const struct vg_reading *reading)
{
    return reading->measured.ms >= query->from.ms &&
           reading->measured.ms < query->to.ms &&
           (query->signals == 0 || (query->signals >> reading->signal & 1) != 0);
}

/* Where whole messages are asked for, which one will do. */
static enum vg_status take_id(struct vg_search *search,
                              const struct vg_bundle_message *message, size_t place,
                              struct vg_hot *out)
{
    if (message->measured < search->query->from.ms ||
        message->measured >= search->query->to.ms) {
        return VG_OK;
    }
    const enum vg_status status = make_room(search, out);
    if (status == VG_OK) {
        out->found[out->count++] =
            (struct vg_found){.order = message->id, .place = place};
    }
    return status;
}

static enum vg_status take_readings(struct vg_search *search, const struct vg_row *row,
                                    size_t place, enum vg_whose whose,
                                    struct vg_hot *out)
{
    const struct vg_bundle_message *message = &row->message;
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < search->obs->reading_count && status == VG_OK; i++) {
        const struct vg_reading *reading = &search->obs->readings[i];
        if (wanted(search->query, reading) &&
            (whose == VG_THEIRS || vg_search_there(search, place, reading->measured)) &&
            (status = make_room(search, out)) == VG_OK) {
            out->found[out->count++] =
                (struct vg_found){*reading,
                                  {message->received},
                                  message->id * VG_MESSAGE_ITEMS + (int64_t)i,
                                  message->subject,
                                  place,
                                  (enum vg_kind)row->kind,
                                  false};
        }
    }
    return status;
}

/* The message at which the search's rows stand. */
static enum vg_status take_message(struct vg_search *search, size_t place,
                                   struct vg_hot *out)
{
    const struct vg_row *row = vg_rows_now(search->rows);
    const enum vg_whose whose = vg_search_whose(search, row->message.subject);
    const struct vg_instant measured = {row->message.measured};

    if (whose == VG_NOT_THEIRS || (search->messages && whose == VG_BY_TIME &&
                                   !vg_search_there(search, place, measured))) {
        return VG_OK;
    }
    if (search->messages) {
        return take_id(search, &row->message, place, out);
    }
    if (vg_rows_unpack(search->rows, search->obs) != VG_OK) {
        return vg_search_damaged(search, "message", row->message.id);
    }
    return take_readings(search, row, place, whose, out);
}

/* To one message. */
static enum vg_status go_to(struct vg_search *search, int64_t id)
{
    const int code = vg_rows_seek(search->rows, id, id, true);

    if (code == SQLITE_ROW) {
        return VG_OK;
    }
    return code == SQLITE_DONE || code == SQLITE_CORRUPT_VTAB
               ? vg_search_damaged(search, "message", id)
               : vg_reader_failed(search->reader, search->error);
}

/* Walks the chain from `id` back to `first`. */
static enum vg_status walk(struct vg_search *search, size_t place, int64_t first,
                           int64_t id, struct vg_hot *out)
{
    enum vg_status status = VG_OK;

    for (unsigned n = 0; status == VG_OK && id >= first && id > 0; n++) {
        status = go_to(search, id);
        if (status == VG_OK) {
            status = take_message(search, place, out);
            id = vg_rows_now(search->rows)->message.previous;
        }
        if (status == VG_OK && n % LOOK_AT_CLOCK == 0) {
            status = vg_search_in_time(search);
        }
    }
    return status;
}

int vg_found_by_time(const void *a, const void *b)
{
    return vg_found_order(a, b);
}

static void sort(struct vg_hot *hot)
{
    if (hot->count > 1) {
        qsort(hot->found, hot->count, sizeof *hot->found, vg_found_by_time);
    }
}

enum vg_status vg_hot_segment(struct vg_search *search, const struct vg_piece *piece,
                              struct vg_hot *out)
{
    const enum vg_status status =
        walk(search, piece->place, piece->first, piece->last, out);

    sort(out);
    return status;
}

/* ---- The tail */

/* The last message of each place among hot rows is looked for backwards, and its chain is
 * walked: busy beds are found within a few rows. */
struct tail {
    struct vg_search *search;
    bool *found;  /* by place of the search */
    int64_t *end; /* the same: the last one that is in a segment */
    size_t left;
};

static int by_id(const void *a, const void *b)
{
    const struct vg_search_place *left = a;
    const struct vg_search_place *right = b;

    return (left->id > right->id) - (left->id < right->id);
}

static enum vg_status find_ends(struct tail *tail)
{
    struct vg_search *search = tail->search;
    sqlite3_stmt *row = NULL;
    enum vg_status status =
        vg_db_prepare(search->reader->db,
                      "SELECT max((SELECT value FROM meta WHERE key = 'tail'),"
                      " ifnull((SELECT max(last) FROM segment WHERE place = ?), 0))",
                      &row, search->error);

    for (size_t i = 0; i < search->place_count && status == VG_OK; i++) {
        sqlite3_bind_int64(row, 1, search->place[i].id);
        if (sqlite3_step(row) == SQLITE_ROW) {
            tail->end[i] = sqlite3_column_int64(row, 0);
        } else {
            status = vg_reader_failed(search->reader, search->error);
        }
        sqlite3_reset(row);
    }
    sqlite3_finalize(row);
    return status;
}

static enum vg_status find_tails(struct tail *tail, struct vg_hot *out)
{
    struct vg_search *search = tail->search;
    sqlite3_stmt *rows = NULL;
    enum vg_status status =
        vg_db_prepare(search->reader->db,
                      "SELECT id, place FROM message WHERE id >"
                      " (SELECT value FROM meta WHERE key = 'tail') ORDER BY id DESC",
                      &rows, search->error);
    int code = SQLITE_DONE;

    while (status == VG_OK && tail->left > 0 &&
           (code = sqlite3_step(rows)) == SQLITE_ROW) {
        const struct vg_search_place key = {.id = sqlite3_column_int64(rows, 1)};
        const struct vg_search_place *place =
            bsearch(&key, search->place, search->place_count, sizeof key, by_id);
        const size_t i = place == NULL ? 0 : (size_t)(place - search->place);
        if (place != NULL && !tail->found[i]) {
            tail->found[i] = true;
            tail->left--;
            status =
                walk(search, i, tail->end[i] + 1, sqlite3_column_int64(rows, 0), out);
        }
    }
    if (status == VG_OK && tail->left > 0 && code != SQLITE_DONE) {
        status = vg_reader_failed(search->reader, search->error);
    }
    sqlite3_finalize(rows);
    return status;
}

enum vg_status vg_hot_tail(struct vg_search *search, struct vg_hot *out)
{
    struct tail tail = {.search = search, .left = search->place_count};

    if (search->place_count == 0) {
        return VG_OK;
    }
    tail.found = calloc(search->place_count, sizeof *tail.found);
    tail.end = calloc(search->place_count, sizeof *tail.end);
    enum vg_status status =
        tail.found == NULL || tail.end == NULL ? VG_NO_MEMORY : find_ends(&tail);
    if (status == VG_OK) {
        status = find_tails(&tail, out);
    }
    free(tail.found);
    free(tail.end);
    sort(out);
    return status;
}
