/* SPDX-License-Identifier: Apache-2.0
 *
 * Where to look. See store_question.h.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/store_question.h"
#include "shell/store_words.h"

/* ---- Rows of a query */

typedef enum vg_status row_fn(struct vg_search *search, sqlite3_stmt *row);

static enum vg_status each_row(struct vg_search *search, sqlite3_stmt *rows,
                               row_fn *each)
{
    enum vg_status status = VG_OK;
    int code = SQLITE_DONE;

    while (status == VG_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        status = each(search, rows);
    }
    if (status == VG_OK && code != SQLITE_DONE) {
        status = vg_reader_failed(search->reader, search->error);
    }
    return status;
}

/* Binds patient, episode, ward, bed as ?1 to ?4. */
static enum vg_status query_rows(struct vg_search *search, const char *sql,
                                 row_fn *each)
{
    const struct vg_history_query *query = search->query;
    const char *const texts[] = {query->patient, query->episode, query->ward,
                                 query->bed};
    sqlite3_stmt *rows = NULL;
    enum vg_status status = vg_reader_ready(search->reader, sql, &rows, search->error);

    for (int i = 0; i < 4 && i < sqlite3_bind_parameter_count(rows); i++) {
        sqlite3_bind_text(rows, i + 1, texts[i], -1, SQLITE_STATIC);
    }
    if (status == VG_OK) {
        status = each_row(search, rows, each);
    }
    vg_reader_back(search->reader, rows);
    return status;
}

static enum vg_status grow(void **array, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0) {
        return VG_OK; /* room doubles at each power of two */
    }
    void *larger = realloc(*array, (count == 0 ? 1 : 2 * count) * size);
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    *array = larger;
    return VG_OK;
}

/* ---- Whom */

#define SUBJECTS                                                      \
    "SELECT id FROM subject WHERE ?2 IS NOT NULL AND episode = ?2"    \
    " AND (?1 IS NULL OR patient = ?1 OR episode IN"                  \
    " (SELECT id FROM episode WHERE patient = ?1))"                   \
    " UNION SELECT id FROM subject WHERE ?2 IS NULL AND patient = ?1" \
    " UNION SELECT id FROM subject WHERE ?2 IS NULL AND episode IN"   \
    " (SELECT id FROM episode WHERE patient = ?1)"

static enum vg_status add_subject(struct vg_search *search, sqlite3_stmt *row)
{
    void *array = search->subject;
    const enum vg_status status =
        grow(&array, search->subject_count, sizeof *search->subject);

    search->subject = array;
    if (status == VG_OK) {
        search->subject[search->subject_count++] = sqlite3_column_int64(row, 0);
    }
    return status;
}

static bool is_of_somebody(const struct vg_search *search)
{
    return search->query->patient != NULL || search->query->episode != NULL;
}

static enum vg_status find_subjects(struct vg_search *search)
{
    return is_of_somebody(search)
               ? query_rows(search, SUBJECTS " ORDER BY id", add_subject)
               : VG_OK;
}

static int by_number(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static bool is_among(const int64_t *subjects, size_t count, int64_t subject)
{
    return count > 0 &&
           bsearch(&subject, subjects, count, sizeof *subjects, by_number) != NULL;
}

enum vg_whose vg_search_whose(const struct vg_search *search, int64_t subject)
{
    if (!is_of_somebody(search) ||
        is_among(search->subject, search->subject_count, subject)) {
        return VG_THEIRS;
    }
    return is_among(search->unnamed, search->unnamed_count, subject) ? VG_BY_TIME
                                                                     : VG_NOT_THEIRS;
}

bool vg_search_there(const struct vg_search *search, size_t place,
                     struct vg_instant measured)
{
    return vg_lain_there(search->lain, search->lain_count, search->place[place].id,
                         measured);
}

static enum vg_status add_unnamed(struct vg_search *search, sqlite3_stmt *row)
{
    void *array = search->unnamed;
    const enum vg_status status =
        grow(&array, search->unnamed_count, sizeof *search->unnamed);

    search->unnamed = array;
    if (status == VG_OK) {
        search->unnamed[search->unnamed_count++] = sqlite3_column_int64(row, 0);
    }
    return status;
}

/* What came before it was known who lay there is a patient's by the time they lay there. */
static enum vg_status find_lain(struct vg_search *search)
{
    if (search->query->patient == NULL || search->query->episode != NULL) {
        return VG_OK;
    }
    const enum vg_status status =
        vg_lain_find(search->reader, search->query->patient, &search->lain,
                     &search->lain_count, search->error);
    return status == VG_OK && search->lain_count > 0
               ? query_rows(search,
                            "SELECT id FROM subject WHERE episode = '' AND patient = ''"
                            " ORDER BY id",
                            add_unnamed)
               : status;
}

/* ---- Where */

static enum vg_status add_place(struct vg_search *search, sqlite3_stmt *row)
{
    void *array = search->place;
    const enum vg_status status =
        grow(&array, search->place_count, sizeof *search->place);

    search->place = array;
    if (status != VG_OK) {
        return status;
    }
    struct vg_search_place *place = &search->place[search->place_count++];
    place->id = sqlite3_column_int64(row, 0);
    vg_copy(place->ward, sizeof place->ward, vg_db_column(row, 1).text);
    vg_copy(place->bed, sizeof place->bed, vg_db_column(row, 2).text);
    return VG_OK;
}

static enum vg_status find_places(struct vg_search *search)
{
    static const char everywhere[] =
        "SELECT id, ward, bed FROM place WHERE ward = ifnull(?3, ward)"
        " AND bed = ifnull(?4, bed) ORDER BY id";
    static const char theirs[] =
        "SELECT id, ward, bed FROM place WHERE ward = ifnull(?3, ward)"
        " AND bed = ifnull(?4, bed) AND id IN"
        " (SELECT place FROM stay WHERE subject IN (" SUBJECTS ") UNION"
        " SELECT place.id FROM tie JOIN place USING(ward, bed)"
        " WHERE ?2 IS NULL AND tie.patient = ?1) ORDER BY id";

    return query_rows(search, is_of_somebody(search) ? theirs : everywhere, add_place);
}

/* ---- Pieces */

static struct vg_piece *add_piece(struct vg_search *search)
{
    void *array = search->piece;
    const enum vg_status status =
        grow(&array, search->piece_count, sizeof *search->piece);

    search->piece = array;
    return status == VG_OK ? &search->piece[search->piece_count++] : NULL;
}

static enum vg_status take_segments(struct vg_search *search, sqlite3_stmt *rows,
                                    size_t place)
{
    int code;

    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        struct vg_piece *piece = add_piece(search);
        if (piece == NULL) {
            return VG_NO_MEMORY;
        }
        *piece = (struct vg_piece){.oldest = sqlite3_column_int64(rows, 2),
                                   .newest = sqlite3_column_int64(rows, 3),
                                   .first = sqlite3_column_int64(rows, 0),
                                   .last = sqlite3_column_int64(rows, 1),
                                   .place = place};
    }
    return code == SQLITE_DONE ? VG_OK
                               : vg_reader_failed(search->reader, search->error);
}

static enum vg_status take_stretches(struct vg_search *search, sqlite3_stmt *rows,
                                     size_t place)
{
    int code;

    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        const uint64_t words = (uint64_t)sqlite3_column_int64(rows, 4);
        const int64_t subject = sqlite3_column_int64(rows, 1);
        const enum vg_whose whose = vg_search_whose(search, subject);
        if (((words & search->words) == 0 && !search->messages) ||
            whose == VG_NOT_THEIRS) {
            continue;
        }
        struct vg_piece *piece = add_piece(search);
        if (piece == NULL) {
            return VG_NO_MEMORY;
        }
        *piece = (struct vg_piece){.oldest = sqlite3_column_int64(rows, 2),
                                   .newest = sqlite3_column_int64(rows, 3),
                                   .sealed = true,
                                   .first = sqlite3_column_int64(rows, 0),
                                   .last = sqlite3_column_int64(rows, 5),
                                   .epoch = sqlite3_column_int64(rows, 6),
                                   .subject = subject,
                                   .by_time = whose == VG_BY_TIME,
                                   .words = words & search->words,
                                   .place = place};
    }
    return code == SQLITE_DONE ? VG_OK
                               : vg_reader_failed(search->reader, search->error);
}

static enum vg_status find_pieces(struct vg_search *search)
{
    static const struct {
        const char *sql;
        enum vg_status (*take)(struct vg_search *, sqlite3_stmt *, size_t);
    } tables[] = {
        {"SELECT first, last, oldest, newest FROM segment WHERE place = ?1"
         " AND newest >= ?2 AND oldest < ?3",
         take_segments},
        {"SELECT id, subject, oldest, newest, signals, first, epoch FROM stretch WHERE place = ?1"
         " AND newest >= ?2 AND oldest < ?3",
         take_stretches},
    };
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < sizeof tables / sizeof *tables && status == VG_OK; i++) {
        sqlite3_stmt *rows = NULL;
        status = vg_reader_ready(search->reader, tables[i].sql, &rows, search->error);
        for (size_t p = 0; p < search->place_count && status == VG_OK; p++) {
            sqlite3_bind_int64(rows, 1, search->place[p].id);
            sqlite3_bind_int64(rows, 2, search->query->from.ms);
            sqlite3_bind_int64(rows, 3, search->query->to.ms);
            status = tables[i].take(search, rows, p);
            sqlite3_reset(rows);
        }
        vg_reader_back(search->reader, rows);
    }
    return status;
}

static int by_oldest(const void *a, const void *b)
{
    const struct vg_piece *left = a;
    const struct vg_piece *right = b;

    if (left->oldest != right->oldest) {
        return left->oldest < right->oldest ? -1 : 1;
    }
    return (left->first > right->first) - (left->first < right->first);
}

/* ---- The whole */

static enum vg_status prepare(struct vg_search *search)
{
    const struct {
        sqlite3_stmt **out;
        const char *sql;
    } statements[] = {
        {&search->stretch, "SELECT times, rest FROM stretch WHERE id = ?"},
        {&search->block, "SELECT sums, data FROM block WHERE id = ?"},
    };
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < 2 && status == VG_OK; i++) {
        status = vg_reader_ready(search->reader, statements[i].sql, statements[i].out,
                                 search->error);
    }
    return status;
}

enum vg_status vg_search_begin(struct vg_search *search, struct vg_reader *reader,
                               const struct vg_history_query *query,
                               struct vg_error *error)
{
    static enum vg_status (*const steps[])(struct vg_search *) = {
        prepare, find_subjects, find_lain, find_places, find_pieces};

    const bool messages = search->messages;

    *search = (struct vg_search){
        .messages = messages,
        .reader = reader,
        .zip = &reader->zip,
        .rows = reader->rows,
        .query = query,
        .error = error,
        .words = vg_words_of(query->signals != 0 ? query->signals : UINT64_MAX)};
    enum vg_status status = vg_reader_begin(reader, error);
    for (size_t i = 0; i < sizeof steps / sizeof *steps && status == VG_OK; i++) {
        status = steps[i](search);
    }
    if (status == VG_OK && search->piece_count > 1) {
        qsort(search->piece, search->piece_count, sizeof *search->piece, by_oldest);
    }
    if (status == VG_OK && (search->obs = malloc(sizeof *search->obs)) == NULL) {
        status = VG_NO_MEMORY;
    }
    return status;
}

void vg_search_finish(struct vg_search *search)
{
    if (search->rows != NULL) {
        vg_rows_rest(search->rows);
    }
    vg_reader_back(search->reader, search->stretch);
    vg_reader_back(search->reader, search->block);
    vg_reader_end(search->reader);
    free(search->obs);
    free(search->place);
    free(search->subject);
    free(search->unnamed);
    free(search->lain);
    free(search->piece);
}

enum vg_status vg_search_in_time(struct vg_search *search)
{
    if (vg_clock_boot() <= search->reader->until) {
        return VG_OK;
    }
    vg_error_set(search->error,
                 "the query took longer than %lld ms: ask for a shorter span",
                 (long long)search->reader->span);
    return VG_FAILED;
}

enum vg_status vg_search_damaged(struct vg_search *search, const char *what, int64_t id)
{
    vg_error_set(search->error, "%s %lld of the store cannot be read back", what,
                 (long long)id);
    return VG_FAILED;
}
