/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages as they came, in the order of arrival: hot rows by their ids, merged with
 * stretches that are put together again.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/batch.h"
#include "shell/store_question_rebuilt.h"

struct telling {
    struct vg_search search;
    struct vg_hot hot;
    size_t hot_at;
    struct vg_piece **sealed; /* by first message */
    size_t sealed_count, sealed_at;
    struct vg_rebuilt **opened;
    size_t opened_count;
    struct vg_block block;
    sqlite3_stmt *row, *subject, *epoch;
    vg_message_fn *each;
    void *to;
    bool stopped;
};

static enum vg_status open_stretch(struct telling *t, const struct vg_piece *piece)
{
    struct vg_rebuilt **larger =
        realloc(t->opened, (t->opened_count + 1) * sizeof(struct vg_rebuilt *));

    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    t->opened = larger;
    const enum vg_status status =
        vg_rebuilt_open(&t->search, piece, &t->block, &larger[t->opened_count]);
    t->opened_count += status == VG_OK;
    return status;
}

/* ---- Telling */

/* Words of the message that stand in other tables. */
static enum vg_status name(struct telling *t, int64_t subject, int64_t epoch,
                           const char **episode, struct vg_message *out)
{
    sqlite3_reset(t->subject);
    sqlite3_reset(t->epoch);
    sqlite3_bind_int64(t->subject, 1, subject);
    sqlite3_bind_int64(t->epoch, 1, epoch);
    if (sqlite3_step(t->subject) != SQLITE_ROW ||
        sqlite3_step(t->epoch) != SQLITE_ROW) {
        return vg_reader_failed(t->search.reader, t->search.error);
    }
    *episode = vg_db_column(t->subject, 0).text;
    (void)vg_copy(out->patient, sizeof out->patient, vg_db_column(t->subject, 1).text);
    (void)vg_copy(out->device, sizeof out->device, vg_db_column(t->subject, 2).text);
    (void)vg_copy(out->origin.gateway, sizeof out->origin.gateway,
                  vg_db_column(t->epoch, 0).text);
    (void)vg_copy(out->origin.epoch, sizeof out->origin.epoch,
                  vg_db_column(t->epoch, 1).text);
    return VG_OK;
}

static void place(const struct telling *t, size_t index, struct vg_message *out)
{
    const struct vg_search_place *place = &t->search.place[index];

    (void)vg_copy(out->ward, sizeof out->ward, place->ward);
    (void)vg_copy(out->bed, sizeof out->bed, place->bed);
}

/* Columns: received, measured, kind, seq, subject, epoch, obs. */
static enum vg_status tell_hot(struct telling *t)
{
    const struct vg_found *found = &t->hot.found[t->hot_at++];
    struct vg_obs *obs = t->search.obs;
    struct vg_message message = {.kind = VG_KIND_VITALS};
    struct vg_message_row row = {.message = &message, .id = found->order};

    sqlite3_bind_int64(t->row, 1, found->order);
    enum vg_status status = sqlite3_step(t->row) == SQLITE_ROW
                                ? VG_OK
                                : vg_reader_failed(t->search.reader, t->search.error);
    if (status == VG_OK) {
        const struct vg_slice bytes = vg_db_column(t->row, 6);
        row.received.ms = sqlite3_column_int64(t->row, 0);
        message.measured.ms = sqlite3_column_int64(t->row, 1);
        message.kind = (enum vg_kind)sqlite3_column_int(t->row, 2);
        message.origin.seq = (uint64_t)sqlite3_column_int64(t->row, 3);
        place(t, found->place, &message);
        status = name(t, sqlite3_column_int64(t->row, 4),
                      sqlite3_column_int64(t->row, 5), &row.episode, &message);
        if (status == VG_OK &&
            vg_obs_unpack(bytes.text, bytes.length, message.measured, obs) != VG_OK) {
            status = vg_search_damaged(&t->search, "message", found->order);
        }
    }
    if (status == VG_OK) {
        vg_obs_into(obs, &message);
        t->stopped = !t->each(t->to, &row);
    }
    sqlite3_reset(t->row);
    return status;
}

/* The message's readings, into the search's obs. */
static void gather(struct telling *t, struct vg_rebuilt *o, struct vg_message *message)
{
    struct vg_obs *obs = t->search.obs;

    message->readings = obs->readings;
    while (o->at < o->count && o->part[o->at].message == o->message) {
        if (message->reading_count < VG_MESSAGE_ITEMS) {
            obs->readings[message->reading_count++] = o->part[o->at].reading;
        }
        o->at++;
    }
}

static enum vg_status tell_sealed(struct telling *t, struct vg_rebuilt *o)
{
    const struct vg_history_query *query = t->search.query;
    const size_t i = o->message;
    struct vg_message message = {.kind = VG_KIND_VITALS};
    struct vg_message_row row = {.message = &message,
                                 .id = vg_column_at(&o->times.id, i)};

    message.measured.ms = vg_column_at(&o->times.measured, i);
    row.received.ms = (int64_t)((uint64_t)message.measured.ms +
                                (uint64_t)vg_column_at(&o->rest.received, i));
    message.origin.seq = (uint64_t)vg_column_at(&o->rest.seq, i);
    place(t, o->piece->place, &message);
    gather(t, o, &message);
    if (o->charted == i) {
        message.entries = o->obs->entries;
        message.entry_count = o->obs->entry_count;
        message.failed_count = o->obs->failed_count;
        memcpy(message.failed, o->obs->failed, sizeof message.failed);
    }
    enum vg_status status =
        name(t, o->piece->subject, o->piece->epoch, &row.episode, &message);
    if (status == VG_OK && message.measured.ms >= query->from.ms &&
        message.measured.ms < query->to.ms &&
        (!o->piece->by_time ||
         vg_search_there(&t->search, o->piece->place, message.measured))) {
        t->stopped = !t->each(t->to, &row);
    }
    if (status == VG_OK && o->charted == i) {
        status = vg_rebuilt_next_charted(&t->search, o);
    }
    o->message++;
    return status;
}

/* The open stretch whose next message came first; SIZE_MAX: none is open. */
static size_t first_of(const struct telling *t, int64_t *id)
{
    size_t first = SIZE_MAX;

    *id = INT64_MAX;
    for (size_t i = 0; i < t->opened_count; i++) {
        const struct vg_rebuilt *o = t->opened[i];
        const int64_t next = vg_column_at(&o->times.id, o->message);
        if (next < *id) {
            *id = next;
            first = i;
        }
    }
    return first;
}

static enum vg_status tell_next(struct telling *t, bool *more)
{
    const int64_t hot =
        t->hot_at < t->hot.count ? t->hot.found[t->hot_at].order : INT64_MAX;
    int64_t id;
    const size_t i = first_of(t, &id);
    const int64_t next = hot < id ? hot : id;

    *more = true;
    if (t->sealed_at < t->sealed_count && t->sealed[t->sealed_at]->last <= next) {
        return open_stretch(t, t->sealed[t->sealed_at++]);
    }
    if (i != SIZE_MAX && id < hot) {
        struct vg_rebuilt *o = t->opened[i];
        const enum vg_status status = tell_sealed(t, o);
        if (status == VG_OK && o->message >= o->times.messages) {
            vg_rebuilt_close(o);
            t->opened[i] = t->opened[--t->opened_count];
        }
        return status;
    }
    *more = hot != INT64_MAX;
    return *more ? tell_hot(t) : VG_OK;
}

/* ---- What there is */

static int by_first(const void *a, const void *b)
{
    const struct vg_piece *const *left = a;
    const struct vg_piece *const *right = b;

    return ((*left)->last > (*right)->last) - ((*left)->last < (*right)->last);
}

static int by_order(const void *a, const void *b)
{
    const struct vg_found *left = a;
    const struct vg_found *right = b;

    return (left->order > right->order) - (left->order < right->order);
}

static enum vg_status collect(struct telling *t)
{
    struct vg_search *search = &t->search;
    enum vg_status status = vg_hot_tail(search, &t->hot);

    t->sealed = calloc(search->piece_count + 1, sizeof(struct vg_piece *));
    if (t->sealed == NULL) {
        return VG_NO_MEMORY;
    }
    for (size_t i = 0; i < search->piece_count && status == VG_OK; i++) {
        if (search->piece[i].sealed) {
            t->sealed[t->sealed_count++] = &search->piece[i];
        } else {
            status = vg_hot_segment(search, &search->piece[i], &t->hot);
        }
    }
    qsort(t->sealed, t->sealed_count, sizeof(struct vg_piece *), by_first);
    if (t->hot.count > 1) {
        qsort(t->hot.found, t->hot.count, sizeof *t->hot.found, by_order);
    }
    return status;
}

static enum vg_status prepare(struct telling *t)
{
    const struct {
        sqlite3_stmt **out;
        const char *sql;
    } statements[] = {
        {&t->row, "SELECT received, measured, kind, seq, subject, epoch, obs FROM"
                  " message WHERE id = ?"},
        {&t->subject, "SELECT episode, patient, device FROM subject WHERE id = ?"},
        {&t->epoch, "SELECT gateway, epoch FROM epoch WHERE id = ?"},
    };
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < 3 && status == VG_OK; i++) {
        status = vg_db_prepare(t->search.reader->db, statements[i].sql,
                               statements[i].out, t->search.error);
    }
    return status;
}

static void finish(struct telling *t)
{
    while (t->opened_count > 0) {
        vg_rebuilt_close(t->opened[--t->opened_count]);
    }
    free(t->opened);
    free(t->sealed);
    sqlite3_finalize(t->row);
    sqlite3_finalize(t->subject);
    sqlite3_finalize(t->epoch);
    vg_hot_finish(&t->hot);
    vg_block_finish(&t->block);
    vg_search_finish(&t->search);
    free(t);
}

enum vg_status vg_history_messages(struct vg_reader *reader,
                                   const struct vg_history_query *query,
                                   vg_message_fn *each, void *to,
                                   struct vg_error *error)
{
    struct vg_history_query all = *query;
    struct telling *t = calloc(1, sizeof *t);
    bool more = true;

    if (t == NULL) {
        return VG_NO_MEMORY;
    }
    all.signals = 0;
    t->search.messages = true;
    t->each = each;
    t->to = to;
    enum vg_status status = vg_search_begin(&t->search, reader, &all, error);
    if (status == VG_OK) {
        status = prepare(t);
    }
    if (status == VG_OK) {
        status = collect(t);
    }
    while (status == VG_OK && more && !t->stopped) {
        status = tell_next(t, &more);
        if (status == VG_OK) {
            status = vg_search_in_time(&t->search);
        }
    }
    finish(t);
    return status;
}
