/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of the walk through readings: store_question_walk.c (the merge) and
 * store_question_stream.c (streams and how they are opened).
 */
#ifndef VIGIL_SHELL_STORE_QUESTION_WALK_H
#define VIGIL_SHELL_STORE_QUESTION_WALK_H

#include "shell/store_question.h"

/* A stretch whose blocks are being told. */
struct vg_opened {
    size_t used; /* by so many streams; 0: free to be used again */
    struct vg_times times;
    struct vg_rest rest;
    int64_t stretch, subject;
    size_t place;
    bool by_time; /* see vg_found */
};

struct vg_stream {
    struct vg_opened *opened; /* NULL: hot */
    struct vg_block block;
    struct vg_hot hot; /* hot readings, or a block's that were not in order */
    size_t at;         /* in hot */
    bool sorted;       /* the block's are told from `hot` */
    bool plain; /* plain block, in order, and all that is left of it is asked for */
    struct vg_found now;
    bool active;
};

struct vg_walk {
    struct vg_search search;
    vg_reading_fn *each;
    void *to;
    struct vg_page_end *end;   /* of the page; never NULL */
    size_t limit;              /* SIZE_MAX: none */
    struct vg_stream **stream; /* all that were ever needed; those in use first */
    size_t used, stream_count;
    struct vg_opened **opened;
    size_t opened_count;
    size_t next_piece;
    sqlite3_stmt *subject;
    sqlite3_stmt *committed; /* NULL: not asked for */
    struct vg_covered {      /* messages of these ids */
        int64_t from, to;
        struct vg_instant at; /* were committed then */
    } covered;
    int64_t subject_known;
    struct vg_slice episode, patient, device; /* of that subject */
    struct vg_reading_row row;                /* what is being told */
    bool stopped;
    enum vg_status failed; /* VG_OK: nothing has */
};

/* Opens a piece's streams, those that have anything; NULL: the tail's. */
enum vg_status vg_walk_open(struct vg_walk *walk, const struct vg_piece *piece);

/* To the stream's next reading that is asked for; false: there is none. */
bool vg_walk_advance(const struct vg_walk *walk, struct vg_stream *stream);

/* Leaves of a block in order what is asked for, if it is plain. */
void vg_walk_narrow(const struct vg_history_query *query, struct vg_stream *stream);

/* Tells the reading at which the stream stands, and what it has before this instant behind it, as
 * `row` of all of them; false: that was all of it. */
bool vg_walk_run(struct vg_walk *walk, struct vg_stream *stream, int64_t before);

/* Takes the stream out of use: the last one in use takes its place. */
void vg_walk_retire(struct vg_walk *walk, size_t i);

#endif
