/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files that answer questions about readings (history.h) share.
 *
 * A search knows where to look: the pieces that may hold anything of the query. A piece is a
 * sealed stretch or a segment of hot rows, and says from when to when it reaches. Questions
 * take the pieces in the order of their beginning, so that what lies before the beginning of
 * the next one is known to be complete, and nothing behind the answer is read. Hot rows that
 * are in no segment yet, the tail, are always looked at.
 */
#ifndef VIGIL_SHELL_STORE_QUESTION_H
#define VIGIL_SHELL_STORE_QUESTION_H

#include "shell/history.h"
#include "shell/store_block.h"
#include "shell/store_read_inside.h"
#include "shell/store_sums.h"

/* A piece. */
struct vg_piece {
    int64_t oldest, newest; /* measured, both inclusive */
    bool sealed;
    int64_t first, last;    /* sealed: the stretch's id; its first message's */
    int64_t subject, epoch; /* sealed */
    bool by_time;           /* sealed: theirs as far as they lay there then */
    uint64_t words;         /* sealed: which signals, by their numbers */
    size_t place;           /* in search->place */
};

struct vg_search_place {
    int64_t id;
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
};

/* A reading that was found among hot rows. */
struct vg_found {
    struct vg_reading reading;
    struct vg_instant received;
    int64_t order; /* of arrival: message id, then place in the message */
    int64_t subject;
    size_t place; /* in search->place */
    enum vg_kind kind;
    bool by_time; /* theirs if they lay there then */
};

struct vg_search {
    struct vg_reader *reader;
    const struct vg_history_query *query;
    struct vg_error *error;
    uint64_t words; /* wanted signals by their numbers */
    bool messages;  /* whole messages: stretches without a reading, too */
    struct vg_search_place *place;
    size_t place_count;
    int64_t *subject; /* rising; only if the query names a patient or an episode */
    size_t subject_count;
    int64_t *unnamed; /* rising: subjects that name nobody, if it names a patient */
    size_t unnamed_count;
    struct vg_lain *lain; /* where the patient lay */
    size_t lain_count;
    struct vg_piece *piece; /* by oldest */
    size_t piece_count, piece_capacity;
    struct vg_obs *obs;
    struct vg_rows *rows; /* the reader's: hot messages */
    sqlite3_stmt *stretch, *block;
    struct vg_zip *zip; /* the reader's */
};

/* Begins the reader's transaction and finds the pieces; all but `messages` is set anew. Whatever
 * it returns, finish. */
enum vg_status vg_search_begin(struct vg_search *search, struct vg_reader *reader,
                               const struct vg_history_query *query,
                               struct vg_error *error);
void vg_search_finish(struct vg_search *search);
/* Whether what a subject was measured is theirs; BY_TIME: if they lay there then. */
enum vg_whose { VG_NOT_THEIRS, VG_THEIRS, VG_BY_TIME };
enum vg_whose vg_search_whose(const struct vg_search *search, int64_t subject);
bool vg_search_there(const struct vg_search *search, size_t place,
                     struct vg_instant measured);
/* VG_FAILED once the reader's time is over. */
enum vg_status vg_search_in_time(struct vg_search *search);
enum vg_status vg_search_damaged(struct vg_search *search, const char *what,
                                 int64_t id);

/* By measured time, then arrival; the second for qsort. */
static inline int vg_found_order(const struct vg_found *left,
                                 const struct vg_found *right)
{
    if (left->reading.measured.ms != right->reading.measured.ms) {
        return left->reading.measured.ms < right->reading.measured.ms ? -1 : 1;
    }
    return (left->order > right->order) - (left->order < right->order);
}
int vg_found_by_time(const void *a, const void *b);

/* Hot readings of a segment, or of the tail, sorted by time, then arrival. */
struct vg_hot {
    struct vg_found *found;
    size_t count, capacity;
};
void vg_hot_finish(struct vg_hot *hot);
enum vg_status vg_hot_segment(struct vg_search *search, const struct vg_piece *piece,
                              struct vg_hot *out);
enum vg_status vg_hot_tail(struct vg_search *search, struct vg_hot *out);

/* Tells the readings of the query, oldest first; those up to the cursor are left out. */
struct vg_telling {
    vg_reading_fn *each;
    void *to;
    struct vg_page_end *end; /* all zero at first; NULL: limit does not count */
};
enum vg_status vg_question_walk(struct vg_reader *reader,
                                const struct vg_history_query *query,
                                const struct vg_telling *telling,
                                struct vg_error *error);

/* Columns of search->stretch (by id): times, rest; of search->block (by id): sums, data. */
enum { VG_COLUMN_TIMES, VG_COLUMN_REST };
enum { VG_COLUMN_SUMS, VG_COLUMN_DATA };

/* Steps that are not complete yet, by time and signal. */
struct vg_stepping {
    vg_ms step;
    struct vg_step_slot {
        int64_t at;
        unsigned signal;
        struct vg_running running;
    } * slot;
    size_t count, capacity;
    vg_step_fn *each;
    void *to;
    bool stopped; /* the callback wanted no more */
};
void vg_stepping_finish(struct vg_stepping *stepping);
/* VG_OK or VG_NO_MEMORY. */
enum vg_status vg_stepping_put(struct vg_stepping *stepping, enum vg_signal signal,
                               const struct vg_running *running);
/* Tells the steps that end at or before this instant. */
void vg_stepping_tell(struct vg_stepping *stepping, int64_t complete);

#endif
