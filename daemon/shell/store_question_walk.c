/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk through readings in the order of measured time, then of arrival: a merge of
 * streams. A stream is one signal's block of a stretch, or hot readings sorted. Pieces are
 * opened when their beginning is reached, so few are open at a time. See store_question.h.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/store_question.h"
#include "shell/store_words.h"

/* A stretch whose blocks are being told. */
struct opened {
    size_t used; /* by so many streams; 0: free to be used again */
    struct vg_times times;
    struct vg_rest rest;
    int64_t stretch, subject;
    size_t place;
};

struct stream {
    struct opened *opened; /* NULL: hot */
    struct vg_block block;
    struct vg_hot hot; /* hot readings, or a block's that were not in order */
    size_t at;         /* in hot */
    bool sorted;       /* the block's are told from `hot` */
    struct vg_found now;
    bool active;
};

struct walk {
    struct vg_search search;
    vg_reading_fn *each;
    void *to;
    struct stream **stream; /* all that were ever needed; those in use first */
    size_t used, stream_count;
    struct opened **opened;
    size_t opened_count;
    size_t next_piece;
    sqlite3_stmt *subject;
    int64_t subject_known;
    struct vg_slice episode, patient, device; /* of that subject */
    bool stopped;
};

/* ---- Streams, used again and again */

static enum vg_status new_stream(struct walk *walk, struct stream **out)
{
    if (walk->used == walk->stream_count) {
        struct stream **larger =
            realloc(walk->stream, (walk->stream_count + 1) * sizeof *larger);
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
    struct stream *stream = walk->stream[walk->used];
    stream->opened = NULL;
    stream->hot.count = 0;
    stream->at = 0;
    stream->sorted = false;
    *out = stream;
    return VG_OK;
}

static enum vg_status new_opened(struct walk *walk, struct opened **out)
{
    for (size_t i = 0; i < walk->opened_count; i++) {
        if (walk->opened[i]->used == 0) {
            *out = walk->opened[i];
            return VG_OK;
        }
    }
    struct opened **larger =
        realloc(walk->opened, (walk->opened_count + 1) * sizeof *larger);
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

/* Takes the stream out of use: the last one in use takes its place. */
static void retire(struct walk *walk, size_t i)
{
    struct stream *stream = walk->stream[i];

    if (stream->opened != NULL) {
        stream->opened->used--;
    }
    walk->used--;
    walk->stream[i] = walk->stream[walk->used];
    walk->stream[walk->used] = stream;
}

/* ---- What a stream tells next */

static bool wanted(const struct vg_history_query *query, const struct vg_found *found)
{
    const int64_t at = found->reading.measured.ms;

    return at >= query->from.ms && at < query->to.ms &&
           (!query->after.set || at > query->after.at ||
            (at == query->after.at && found->order > query->after.order));
}

/* The next reading of the block. False: that was all. */
static bool next_of_block(struct stream *stream, bool arrival)
{
    const struct opened *opened = stream->opened;
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

static bool advance(const struct walk *walk, struct stream *stream)
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
        if (wanted(query, &stream->now)) {
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

static int by_time(const void *a, const void *b)
{
    const struct vg_found *left = a;
    const struct vg_found *right = b;

    if (left->reading.measured.ms != right->reading.measured.ms) {
        return left->reading.measured.ms < right->reading.measured.ms ? -1 : 1;
    }
    return (left->order > right->order) - (left->order < right->order);
}

/* A block with late readings in it is told from a sorted copy. */
static enum vg_status sort_block(const struct walk *walk, struct stream *stream)
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
    qsort(hot->found, hot->count, sizeof *hot->found, by_time);
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

static enum vg_status open_stretch(struct walk *walk, const struct vg_piece *piece,
                                   struct opened **out)
{
    struct vg_search *search = &walk->search;
    enum vg_status status = new_opened(walk, out);

    if (status == VG_OK) {
        status = blob_of(search, search->stretch, piece->first, "stretch");
    }
    if (status == VG_OK) {
        status = vg_times_unpack(&search->zip,
                                 vg_db_column(search->stretch, VG_COLUMN_TIMES),
                                 &(*out)->times);
    }
    if (status == VG_OK && search->query->arrival) {
        status =
            vg_rest_unpack(&search->zip, vg_db_column(search->stretch, VG_COLUMN_REST),
                           (*out)->times.messages, &(*out)->rest);
    }
    sqlite3_reset(search->stretch);
    if (status == VG_OK) {
        (*out)->stretch = piece->first;
        (*out)->subject = piece->subject;
        (*out)->place = piece->place;
    }
    return status == VG_REFUSED ? vg_search_damaged(search, "stretch", piece->first)
                                : status;
}

static enum vg_status open_block(struct walk *walk, struct opened *opened,
                                 unsigned word)
{
    struct vg_search *search = &walk->search;
    const int64_t id = opened->stretch * VG_BLOCKS + word;
    struct stream *stream = NULL;
    enum vg_status status = new_stream(walk, &stream);

    if (status != VG_OK) {
        return status;
    }
    status = blob_of(search, search->block, id, "block");
    if (status == VG_OK) {
        status =
            vg_block_unpack(&search->zip, vg_db_column(search->block, VG_COLUMN_DATA),
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
                                    .kind = VG_KIND_VITALS};
    if (!in_order(&stream->block, &opened->times)) {
        status = sort_block(walk, stream);
    }
    if (status == VG_OK && advance(walk, stream)) {
        opened->used++;
        walk->used++;
    }
    return status;
}

static enum vg_status open_hot(struct walk *walk, const struct vg_piece *piece)
{
    struct stream *stream = NULL;
    enum vg_status status = new_stream(walk, &stream);

    if (status == VG_OK) {
        status = piece != NULL ? vg_hot_segment(&walk->search, piece, &stream->hot)
                               : vg_hot_tail(&walk->search, &stream->hot);
    }
    if (status == VG_OK && advance(walk, stream)) {
        walk->used++;
    }
    return status;
}

static enum vg_status open_piece(struct walk *walk, const struct vg_piece *piece)
{
    struct opened *opened = NULL;
    enum vg_status status = vg_search_in_time(&walk->search);

    if (status != VG_OK || !piece->sealed) {
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

/* ---- Telling */

/* The subject's texts, good until the next one is asked for. */
static enum vg_status know(struct walk *walk, int64_t id)
{
    const struct vg_search *search = &walk->search;
    sqlite3_stmt *subject = walk->subject;

    sqlite3_reset(subject);
    sqlite3_bind_int64(subject, 1, id);
    if (sqlite3_step(subject) != SQLITE_ROW) {
        return vg_reader_failed(search->reader, search->error);
    }
    walk->subject_known = id;
    walk->episode = vg_db_column(subject, 0);
    walk->patient = vg_db_column(subject, 1);
    walk->device = vg_db_column(subject, 2);
    return VG_OK;
}

static enum vg_status tell(struct walk *walk, const struct vg_found *found)
{
    if (found->subject != walk->subject_known) {
        const enum vg_status status = know(walk, found->subject);
        if (status != VG_OK) {
            return status;
        }
    }
    const struct vg_search_place *place = &walk->search.place[found->place];
    const struct vg_reading_row row = {
        place->ward,        place->bed,        walk->episode.text,
        walk->patient.text, walk->device.text, found->received,
        found->kind,        &found->reading,   found->order};
    walk->stopped = !walk->each(walk->to, &row);
    return VG_OK;
}

/* The stream whose reading is first; SIZE_MAX: there is none. `second`: when the others go on. */
static size_t first_of(const struct walk *walk, struct vg_found const **second)
{
    size_t first = SIZE_MAX;

    *second = NULL;
    for (size_t i = 0; i < walk->used; i++) {
        const struct vg_found *now = &walk->stream[i]->now;
        if (first == SIZE_MAX || by_time(now, &walk->stream[first]->now) < 0) {
            *second = first == SIZE_MAX ? NULL : &walk->stream[first]->now;
            first = i;
        } else if (*second == NULL || by_time(now, *second) < 0) {
            *second = now;
        }
    }
    return first;
}

/* Tells what one stream has before the others and the next piece go on. */
static enum vg_status run_on(struct walk *walk, int64_t next_begins)
{
    const struct vg_found *second;
    const size_t i = first_of(walk, &second);
    struct stream *stream = walk->stream[i];
    enum vg_status status = VG_OK;

    while (status == VG_OK && !walk->stopped &&
           stream->now.reading.measured.ms < next_begins &&
           (second == NULL || by_time(&stream->now, second) < 0)) {
        status = tell(walk, &stream->now);
        if (status == VG_OK && !advance(walk, stream)) {
            retire(walk, i);
            return VG_OK;
        }
    }
    return status;
}

static enum vg_status merge(struct walk *walk)
{
    struct vg_search *search = &walk->search;
    enum vg_status status = open_hot(walk, NULL);

    while (status == VG_OK && !walk->stopped) {
        const struct vg_found *second;
        const bool left = walk->next_piece < search->piece_count;
        const size_t first = first_of(walk, &second);
        const int64_t begins =
            left ? search->piece[walk->next_piece].oldest : INT64_MAX;

        if (left && (first == SIZE_MAX ||
                     walk->stream[first]->now.reading.measured.ms >= begins)) {
            status = open_piece(walk, &search->piece[walk->next_piece++]);
        } else if (first == SIZE_MAX) {
            break;
        } else {
            status = run_on(walk, begins);
        }
    }
    return status;
}

static void finish(struct walk *walk)
{
    for (size_t i = 0; i < walk->stream_count; i++) {
        vg_block_finish(&walk->stream[i]->block);
        vg_hot_finish(&walk->stream[i]->hot);
        free(walk->stream[i]);
    }
    for (size_t i = 0; i < walk->opened_count; i++) {
        vg_times_finish(&walk->opened[i]->times);
        vg_rest_finish(&walk->opened[i]->rest);
        free(walk->opened[i]);
    }
    free(walk->stream);
    free(walk->opened);
    sqlite3_finalize(walk->subject);
    vg_search_finish(&walk->search);
}

enum vg_status vg_question_walk(struct vg_reader *reader,
                                const struct vg_history_query *query,
                                vg_reading_fn *each, void *to, struct vg_error *error)
{
    struct walk walk = {.each = each, .to = to};
    enum vg_status status = vg_search_begin(&walk.search, reader, query, error);

    if (status == VG_OK) {
        status = vg_db_prepare(
            reader->db, "SELECT episode, patient, device FROM subject WHERE id = ?",
            &walk.subject, error);
    }
    if (status == VG_OK) {
        status = merge(&walk);
    }
    finish(&walk);
    return status;
}
