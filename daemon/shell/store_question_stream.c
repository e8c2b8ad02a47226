/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams of readings: one signal's block of a stretch, or hot readings sorted. See
 * store_question_walk.h.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/store_block_inside.h"
#include "shell/store_question_walk.h"

/* ---- Streams, used again and again */

static enum vg_status new_stream(struct vg_walk *walk, struct vg_stream **out)
{
    if (walk->used == walk->stream_count) {
        struct vg_stream **larger = realloc(
            walk->stream, (walk->stream_count + 1) * sizeof(struct vg_stream *));
        if (larger == NULL) {
            return VG_NO_MEMORY;
        }
        walk->stream = larger;
        larger[walk->stream_count] = calloc(1, sizeof **larger);
        if (larger[walk->stream_count] == NULL) {
            return VG_NO_MEMORY;
        }
        walk->stream_count++;
    }
    struct vg_stream *stream = walk->stream[walk->used];
    stream->opened = NULL;
    stream->hot.count = 0;
    stream->at = 0;
    stream->sorted = false;
    stream->plain = false;
    *out = stream;
    return VG_OK;
}

static enum vg_status new_opened(struct vg_walk *walk, struct vg_opened **out)
{
    for (size_t i = 0; i < walk->opened_count; i++) {
        if (walk->opened[i]->used == 0) {
            *out = walk->opened[i];
            return VG_OK;
        }
    }
    struct vg_opened **larger =
        realloc(walk->opened, (walk->opened_count + 1) * sizeof(struct vg_opened *));
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    walk->opened = larger;
    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        return VG_NO_MEMORY;
    }
    larger[walk->opened_count++] = *out;
    return VG_OK;
}

void vg_walk_retire(struct vg_walk *walk, size_t i)
{
    struct vg_stream *stream = walk->stream[i];

    if (stream->opened != NULL) {
        stream->opened->used--;
    }
    walk->used--;
    walk->stream[i] = walk->stream[walk->used];
    walk->stream[walk->used] = stream;
}

/* ---- What a stream tells next */

static bool wanted(const struct vg_search *search, const struct vg_found *found)
{
    const struct vg_history_query *query = search->query;
    const int64_t at = found->reading.measured.ms;

    return at >= query->from.ms && at < query->to.ms &&
           (!query->after.set || at > query->after.at ||
            (at == query->after.at && found->order > query->after.order)) &&
           (!found->by_time ||
            vg_search_there(search, found->place, found->reading.measured));
}

/* The next reading of the block. False: that was all. */
static bool next_of_block(struct vg_stream *stream, bool arrival)
{
    const struct vg_opened *opened = stream->opened;
    struct vg_found *now = &stream->now;
    size_t message;
    size_t position;

    if (!vg_block_next(&stream->block, &opened->times, &now->reading, &message,
                       &position)) {
        return false;
    }
    now->order =
        vg_column_at(&opened->times.id, message) * VG_MESSAGE_ITEMS + (int64_t)position;
    if (arrival) {
        now->received.ms =
            (int64_t)((uint64_t)vg_column_at(&opened->times.measured, message) +
                      (uint64_t)vg_column_at(&opened->rest.received, message));
    }
    return true;
}

bool vg_walk_advance(const struct vg_walk *walk, struct vg_stream *stream)
{
    const struct vg_history_query *query = walk->search.query;

    for (;;) {
        if (stream->opened != NULL && !stream->sorted) {
            if (!next_of_block(stream, query->arrival)) {
                return false;
            }
        } else if (stream->at < stream->hot.count) {
            stream->now = stream->hot.found[stream->at++];
        } else {
            return false;
        }
        if (stream->plain || wanted(&walk->search, &stream->now)) {
            return true;
        }
    }
}

/* ---- Opening pieces */

static bool in_order(const struct vg_block *block, const struct vg_times *times)
{
    int64_t before = INT64_MIN;
    const bool plain = block->offset.linear && block->offset.step == 0 &&
                       block->message.linear && block->message.step == 1;

    if (plain && times->measured.linear) {
        return times->measured.step >= 0;
    }
    for (size_t i = 0; i < block->readings; i++) {
        const size_t message = (size_t)vg_column_at(&block->message, i);
        const int64_t at = (int64_t)((uint64_t)vg_column_at(&times->measured, message) +
                                     (uint64_t)vg_column_at(&block->offset, i));
        if (at < before) {
            return false;
        }
        before = at;
    }
    return true;
}

/* A block with late readings in it is told from a sorted copy. */
static enum vg_status sort_block(const struct vg_walk *walk, struct vg_stream *stream)
{
    struct vg_hot *hot = &stream->hot;
    const size_t count = stream->block.readings;

    if (count > hot->capacity) {
        struct vg_found *larger = realloc(hot->found, count * sizeof *larger);
        if (larger == NULL) {
            return VG_NO_MEMORY;
        }
        hot->found = larger;
        hot->capacity = count;
    }
    hot->count = 0;
    while (next_of_block(stream, walk->search.query->arrival)) {
        hot->found[hot->count++] = stream->now;
    }
    qsort(hot->found, hot->count, sizeof *hot->found, vg_found_by_time);
    stream->sorted = true;
    return VG_OK;
}

/* A statement's blob by row id; it stays good until the statement is reset. */
static enum vg_status blob_of(struct vg_search *search, sqlite3_stmt *statement,
                              int64_t id, const char *what)
{
    sqlite3_bind_int64(statement, 1, id);
    const int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        return VG_OK;
    }
    return code == SQLITE_DONE ? vg_search_damaged(search, what, id)
                               : vg_reader_failed(search->reader, search->error);
}

static enum vg_status open_stretch(struct vg_walk *walk, const struct vg_piece *piece,
                                   struct vg_opened **out)
{
    struct vg_search *search = &walk->search;
    enum vg_status status = new_opened(walk, out);

    if (status == VG_OK) {
        status = blob_of(search, search->stretch, piece->first, "stretch");
    }
    if (status == VG_OK) {
        status =
            vg_times_unpack(search->zip, vg_db_column(search->stretch, VG_COLUMN_TIMES),
                            &(*out)->times);
    }
    if (status == VG_OK && search->query->arrival) {
        status =
            vg_rest_unpack(search->zip, vg_db_column(search->stretch, VG_COLUMN_REST),
                           (*out)->times.messages, &(*out)->rest);
    }
    sqlite3_reset(search->stretch);
    if (status == VG_OK) {
        (*out)->stretch = piece->first;
        (*out)->subject = piece->subject;
        (*out)->place = piece->place;
        (*out)->by_time = piece->by_time;
    }
    return status == VG_REFUSED ? vg_search_damaged(search, "stretch", piece->first)
                                : status;
}

static enum vg_status open_block(struct vg_walk *walk, struct vg_opened *opened,
                                 unsigned word)
{
    struct vg_search *search = &walk->search;
    const int64_t id = opened->stretch * VG_BLOCKS + word;
    struct vg_stream *stream = NULL;
    enum vg_status status = new_stream(walk, &stream);

    if (status != VG_OK) {
        return status;
    }
    status = blob_of(search, search->block, id, "block");
    if (status == VG_OK) {
        status =
            vg_block_unpack(search->zip, vg_db_column(search->block, VG_COLUMN_DATA),
                            &opened->times, &stream->block);
        status = status == VG_REFUSED ? vg_search_damaged(search, "block", id) : status;
    }
    sqlite3_reset(search->block);
    if (status != VG_OK) {
        return status;
    }
    stream->opened = opened;
    stream->now = (struct vg_found){.received = VG_UNSET,
                                    .subject = opened->subject,
                                    .place = opened->place,
                                    .by_time = opened->by_time,
                                    .kind = VG_KIND_VITALS};
    if (!in_order(&stream->block, &opened->times)) {
        status = sort_block(walk, stream);
    } else if (!opened->by_time && !search->query->arrival) {
        vg_walk_narrow(search->query, stream);
    }
    if (status == VG_OK && vg_walk_advance(walk, stream)) {
        opened->used++;
        walk->used++;
    }
    return status;
}

static enum vg_status open_hot(struct vg_walk *walk, const struct vg_piece *piece)
{
    struct vg_stream *stream = NULL;
    enum vg_status status = new_stream(walk, &stream);

    if (status == VG_OK) {
        status = piece != NULL ? vg_hot_segment(&walk->search, piece, &stream->hot)
                               : vg_hot_tail(&walk->search, &stream->hot);
    }
    if (status == VG_OK && vg_walk_advance(walk, stream)) {
        walk->used++;
    }
    return status;
}

enum vg_status vg_walk_open(struct vg_walk *walk, const struct vg_piece *piece)
{
    struct vg_opened *opened = NULL;
    enum vg_status status = vg_search_in_time(&walk->search);

    if (status != VG_OK || piece == NULL || !piece->sealed) {
        return status == VG_OK ? open_hot(walk, piece) : status;
    }
    status = open_stretch(walk, piece, &opened);
    if (status == VG_OK) {
        opened->used++; /* ours, until all its blocks are open */
        for (unsigned word = 0; word < 64 && status == VG_OK; word++) {
            if ((piece->words >> word & 1) != 0) {
                status = open_block(walk, opened, word);
            }
        }
        opened->used--;
    }
    return status;
}
