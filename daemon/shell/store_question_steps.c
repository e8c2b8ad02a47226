/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps: from the sums beside a block where its whole extent is asked for and steps are made
 * of whole cells, else from its readings.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/store_question.h"
#include "shell/store_words.h"

/* ---- Steps that are not complete yet */

void vg_stepping_finish(struct vg_stepping *stepping)
{
    free(stepping->slot);
    stepping->slot = NULL;
}

/* Where the slot is, or is to be put: looked for from the end, where it nearly always is. */
static size_t place_of(const struct vg_stepping *stepping, int64_t at, unsigned signal)
{
    size_t i = stepping->count;

    while (i > 0) {
        const struct vg_step_slot *slot = &stepping->slot[i - 1];
        if (slot->at < at || (slot->at == at && slot->signal < signal)) {
            break;
        }
        i--;
        if (slot->at == at && slot->signal == signal) {
            break;
        }
    }
    return i;
}

enum vg_status vg_stepping_put(struct vg_stepping *stepping, enum vg_signal signal,
                               const struct vg_running *running)
{
    const int64_t at = vg_step_of(running->first_at, stepping->step).ms;
    const size_t i = place_of(stepping, at, signal);

    if (i < stepping->count && stepping->slot[i].at == at &&
        stepping->slot[i].signal == signal) {
        vg_running_add(&stepping->slot[i].running, running);
        return VG_OK;
    }
    if (stepping->count == stepping->capacity) {
        const size_t capacity = stepping->capacity == 0 ? 64 : 2 * stepping->capacity;
        struct vg_step_slot *larger =
            realloc(stepping->slot, capacity * sizeof *larger);
        if (larger == NULL) {
            return VG_NO_MEMORY;
        }
        stepping->slot = larger;
        stepping->capacity = capacity;
    }
    memmove(&stepping->slot[i + 1], &stepping->slot[i],
            (stepping->count - i) * sizeof *stepping->slot);
    stepping->slot[i] = (struct vg_step_slot){at, (unsigned)signal, *running};
    stepping->count++;
    return VG_OK;
}

void vg_stepping_tell(struct vg_stepping *stepping, int64_t complete)
{
    size_t told = 0;

    while (told < stepping->count && !stepping->stopped) {
        const struct vg_step_slot *slot = &stepping->slot[told];
        const struct vg_running *r = &slot->running;
        if (complete != INT64_MAX && slot->at > complete - stepping->step) {
            break;
        }
        const struct vg_history_step step = {
            .signal = (enum vg_signal)slot->signal,
            .at = {slot->at},
            .count = r->count,
            .min = r->min,
            .max = r->max,
            .first = r->first,
            .last = r->last,
            .mean = (double)r->sum / (double)r->count / 1e6,
            .first_at = r->first_at,
            .last_at = r->last_at,
        };
        stepping->stopped = !stepping->each(stepping->to, &step);
        told++;
    }
    if (told > 0) {
        memmove(stepping->slot, stepping->slot + told,
                (stepping->count - told) * sizeof *stepping->slot);
        stepping->count -= told;
    }
}

/* ---- From pieces to steps */

struct stepper {
    struct vg_search search;
    struct vg_stepping stepping;
    const struct vg_history_query *query; /* as it was asked, with its cursor */
    struct vg_times times;
    struct vg_block block;
    struct vg_hot hot;
    enum vg_signal signal;        /* of the sums that are being told */
    const struct vg_piece *piece; /* sealed, in hand; NULL: hot */
    enum vg_status status;
    vg_step_fn *each;
    void *to;
    struct vg_page_end *end;
};

/* Whether it counts, and what it counts for. */
static bool counts(const struct stepper *s, const struct vg_reading *reading,
                   struct vg_running *out)
{
    const struct vg_history_query *query = s->search.query;

    return reading->measured.ms >= query->from.ms &&
           reading->measured.ms < query->to.ms &&
           (s->piece == NULL || !s->piece->by_time ||
            vg_search_there(&s->search, s->piece->place, reading->measured)) &&
           vg_running_of(reading, out);
}

static enum vg_status put_hot(struct stepper *s, const struct vg_piece *piece)
{
    s->hot.count = 0;
    s->piece = NULL;
    enum vg_status status = piece != NULL ? vg_hot_segment(&s->search, piece, &s->hot)
                                          : vg_hot_tail(&s->search, &s->hot);

    for (size_t i = 0; i < s->hot.count && status == VG_OK; i++) {
        const struct vg_reading *reading = &s->hot.found[i].reading;
        struct vg_running one;
        if (counts(s, reading, &one)) {
            status = vg_stepping_put(&s->stepping, reading->signal, &one);
        }
    }
    return status;
}

static bool put_cell(void *to, const struct vg_running *cell)
{
    struct stepper *s = to;

    s->status = vg_stepping_put(&s->stepping, s->signal, cell);
    return s->status == VG_OK;
}

static enum vg_status read_times(struct stepper *s, int64_t stretch)
{
    struct vg_search *search = &s->search;

    sqlite3_bind_int64(search->stretch, 1, stretch);
    enum vg_status status =
        sqlite3_step(search->stretch) == SQLITE_ROW
            ? vg_times_unpack(search->zip,
                              vg_db_column(search->stretch, VG_COLUMN_TIMES), &s->times)
            : vg_reader_failed(search->reader, search->error);
    sqlite3_reset(search->stretch);
    return status == VG_REFUSED ? vg_search_damaged(search, "stretch", stretch)
                                : status;
}

/* What is of the same step one after another is added up before it is put. */
static enum vg_status put_readings(struct stepper *s, sqlite3_stmt *row)
{
    const vg_ms length = s->stepping.step;
    struct vg_running sum = {0};
    struct vg_running one;
    struct vg_instant begin = VG_UNSET;
    struct vg_reading reading;
    size_t message;
    size_t position;
    enum vg_status status = vg_block_unpack(
        s->search.zip, vg_db_column(row, VG_COLUMN_DATA), &s->times, &s->block);

    while (status == VG_OK &&
           vg_block_next(&s->block, &s->times, &reading, &message, &position)) {
        if (!counts(s, &reading, &one)) {
            continue;
        }
        if (sum.count > 0 &&
            (one.first_at.ms < begin.ms || vg_since(one.first_at, begin) >= length)) {
            status = vg_stepping_put(&s->stepping, s->signal, &sum);
            sum.count = 0;
        }
        if (sum.count == 0) {
            begin = vg_step_of(one.first_at, length);
        }
        vg_running_add(&sum, &one);
    }
    return status == VG_OK && sum.count > 0
               ? vg_stepping_put(&s->stepping, s->signal, &sum)
               : status;
}

/* `whole`: the sums will do. */
static enum vg_status put_block(struct stepper *s, int64_t id, bool whole)
{
    struct vg_search *search = &s->search;
    unsigned signal = 0;

    if (!vg_word_value(VG_WORD_SIGNAL, (unsigned)(id % VG_BLOCKS), &signal)) {
        return vg_search_damaged(search, "block", id);
    }
    s->signal = (enum vg_signal)signal;
    s->status = VG_OK;
    sqlite3_bind_int64(search->block, 1, id);
    enum vg_status status = VG_OK;
    if (sqlite3_step(search->block) != SQLITE_ROW) {
        status = vg_reader_failed(search->reader, search->error);
    } else if (whole) {
        status = vg_sums_each(vg_db_column(search->block, VG_COLUMN_SUMS), put_cell, s);
        status = status == VG_OK ? s->status : status;
    } else {
        status = put_readings(s, search->block);
    }
    sqlite3_reset(search->block);
    return status == VG_REFUSED ? vg_search_damaged(search, "block", id) : status;
}

static enum vg_status put_stretch(struct stepper *s, const struct vg_piece *piece)
{
    const struct vg_history_query *query = s->search.query;
    const bool whole = !piece->by_time && piece->oldest >= query->from.ms &&
                       piece->newest < query->to.ms &&
                       s->stepping.step % VG_SUM_CELL == 0;
    enum vg_status status = whole ? VG_OK : read_times(s, piece->first);

    s->piece = piece;

    for (unsigned word = 0; word < 64 && status == VG_OK; word++) {
        if ((piece->words >> word & 1) != 0) {
            status = put_block(s, piece->first * VG_BLOCKS + word, whole);
        }
    }
    return status;
}

static enum vg_status put_pieces(struct stepper *s)
{
    struct vg_search *search = &s->search;
    enum vg_status status = put_hot(s, NULL);

    for (size_t i = 0; i < search->piece_count && status == VG_OK; i++) {
        vg_stepping_tell(&s->stepping, search->piece[i].oldest);
        if (s->stepping.stopped) {
            return VG_OK;
        }
        status = vg_search_in_time(search);
        if (status == VG_OK) {
            status = search->piece[i].sealed ? put_stretch(s, &search->piece[i])
                                             : put_hot(s, &search->piece[i]);
        }
    }
    if (status == VG_OK) {
        vg_stepping_tell(&s->stepping, INT64_MAX);
    }
    return status;
}

static bool page_step(void *to, const struct vg_history_step *step)
{
    struct stepper *s = to;
    const struct vg_cursor *after = &s->query->after;
    struct vg_page_end *end = s->end;

    if (after->set &&
        (step->at.ms < after->at ||
         (step->at.ms == after->at && (int64_t)step->signal <= after->order))) {
        return true;
    }
    if (s->query->limit != 0 && end->rows == s->query->limit) {
        end->more = true;
        return false;
    }
    end->rows++;
    end->next = (struct vg_cursor){
        .set = true, .at = step->at.ms, .order = (int64_t)step->signal};
    return s->each(s->to, step);
}

static void finish(struct stepper *s)
{
    vg_search_finish(&s->search);
    vg_stepping_finish(&s->stepping);
    vg_times_finish(&s->times);
    vg_block_finish(&s->block);
    vg_hot_finish(&s->hot);
    free(s);
}

enum vg_status vg_history_steps(struct vg_reader *reader,
                                const struct vg_history_query *query, vg_step_fn *each,
                                void *to, struct vg_page_end *end,
                                struct vg_error *error)
{
    struct vg_history_query rest = *query;

    memset(end, 0, sizeof *end);
    if (query->step < VG_SECOND) {
        vg_error_set(error, "a step of %lld ms is too short: at least 1 s",
                     (long long)query->step);
        return VG_FAILED;
    }
    struct stepper *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return VG_NO_MEMORY;
    }
    s->query = query;
    s->each = each;
    s->to = to;
    s->end = end;
    s->stepping = (struct vg_stepping){.step = query->step, .each = page_step, .to = s};
    if (query->after.set && query->after.at > rest.from.ms) {
        rest.from.ms = query->after.at;
    }
    enum vg_status status = vg_search_begin(&s->search, reader, &rest, error);
    if (status == VG_OK) {
        status = put_pieces(s);
    }
    finish(s);
    return status;
}
