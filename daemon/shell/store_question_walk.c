/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk through readings in the order of measured time, then of arrival: a merge of
 * streams. Pieces are opened when their beginning is reached, so few are open at a time. See
 * store_question.h.
 */
#include "shell/store_question_walk.h"

#include <stdlib.h>
#include <string.h>

/* ---- Telling */

/* The subject's texts, good until the next one is asked for. */
static enum vg_status know(struct vg_walk *walk, int64_t id)
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

/* What all readings of a stream have in common, for the next ones that are told. */
static enum vg_status know_row(struct vg_walk *walk, const struct vg_found *found)
{
    if (found->subject != walk->subject_known) {
        const enum vg_status status = know(walk, found->subject);
        if (status != VG_OK) {
            return status;
        }
    }
    const struct vg_search_place *place = &walk->search.place[found->place];
    walk->row = (struct vg_reading_row){
        place->ward,       place->bed,      walk->episode.text, walk->patient.text,
        walk->device.text, found->received, found->kind,        &found->reading,
        found->order,      VG_UNSET};
    return VG_OK;
}

/* The stream whose reading is first; SIZE_MAX: there is none. `second`: when the others go on. */
static size_t first_of(const struct vg_walk *walk, struct vg_found const **second)
{
    size_t first = SIZE_MAX;

    *second = NULL;
    for (size_t i = 0; i < walk->used; i++) {
        const struct vg_found *now = &walk->stream[i]->now;
        if (first == SIZE_MAX || vg_found_order(now, &walk->stream[first]->now) < 0) {
            *second = first == SIZE_MAX ? NULL : &walk->stream[first]->now;
            first = i;
        } else if (*second == NULL || vg_found_order(now, *second) < 0) {
            *second = now;
        }
    }
    return first;
}

/* Tells what one stream has before the others and the next piece go on. */
static enum vg_status run_on(struct vg_walk *walk, size_t i,
                             const struct vg_found *second, int64_t next_begins)
{
    struct vg_stream *stream = walk->stream[i];
    const struct vg_found *now = &stream->now;
    const int64_t before = second != NULL && second->reading.measured.ms < next_begins
                               ? second->reading.measured.ms
                               : next_begins;
    bool left = true;

    do {
        const enum vg_status status = know_row(walk, now);
        if (status != VG_OK) {
            return status;
        }
        left = vg_walk_run(walk, stream, before);
    } while (left && !walk->stopped && now->reading.measured.ms < next_begins &&
             (second == NULL || vg_found_order(now, second) < 0));
    if (!left) {
        vg_walk_retire(walk, i);
    }
    return VG_OK;
}

static enum vg_status merge(struct vg_walk *walk)
{
    struct vg_search *search = &walk->search;
    enum vg_status status = vg_walk_open(walk, NULL);

    while (status == VG_OK && !walk->stopped) {
        const struct vg_found *second;
        const bool left = walk->next_piece < search->piece_count;
        const size_t first = first_of(walk, &second);
        const int64_t begins =
            left ? search->piece[walk->next_piece].oldest : INT64_MAX;

        if (left && (first == SIZE_MAX ||
                     walk->stream[first]->now.reading.measured.ms >= begins)) {
            status = vg_walk_open(walk, &search->piece[walk->next_piece++]);
        } else if (first == SIZE_MAX) {
            break;
        } else {
            status = run_on(walk, first, second, begins);
        }
    }
    return status;
}

static void finish(struct vg_walk *walk)
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
    vg_reader_back(walk->search.reader, walk->subject);
    sqlite3_finalize(walk->committed);
    vg_search_finish(&walk->search);
}

/* The last row of all is that of the messages after the table's last: meta has it. */
static const char committed_sql[] =
    "SELECT last, ifnull(at, " VG_SQL_UNSET ") FROM (SELECT last, at FROM committed"
    " WHERE last >= ?1 ORDER BY last LIMIT 1) UNION ALL SELECT 9223372036854775807,"
    " ifnull(nullif(value, 0), " VG_SQL_UNSET
    ") FROM meta WHERE key = 'committed' LIMIT 1";

enum vg_status vg_question_walk(struct vg_reader *reader,
                                const struct vg_history_query *query,
                                const struct vg_telling *telling,
                                struct vg_error *error)
{
    struct vg_page_end unasked = {0};
    const bool paged = telling->end != NULL && query->limit != 0;
    struct vg_walk walk = {.each = telling->each,
                           .to = telling->to,
                           .end = telling->end != NULL ? telling->end : &unasked,
                           .limit = paged ? query->limit : SIZE_MAX,
                           .covered = {INT64_MIN, INT64_MAX, VG_UNSET}};
    enum vg_status status = vg_search_begin(&walk.search, reader, query, error);

    if (status == VG_OK) {
        status = vg_reader_ready(
            reader, "SELECT episode, patient, device FROM subject WHERE id = ?",
            &walk.subject, error);
    }
    if (status == VG_OK && query->arrival) {
        walk.covered = (struct vg_covered){0, 0, VG_UNSET};
        status = vg_db_prepare(reader->db, committed_sql, &walk.committed, error);
    }
    if (status == VG_OK) {
        status = merge(&walk);
    }
    if (status == VG_OK) {
        status = walk.failed;
    }
    finish(&walk);
    return status;
}
