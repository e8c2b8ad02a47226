/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to the store about what was: readings, steps, the last known value, gaps,
 * alerts, episodes, assessments. For HTTP and the tool; over a reader (store_read.h), one
 * for each thread, beside a running daemon or without one.
 *
 * Long answers come in pages: `limit` rows at most, and where the page ends `end.more` is
 * true and `end.next` is the cursor to go on from (a key, not a count of rows: what arrives
 * meanwhile moves nothing, and a page costs the same however far down it is).
 *
 * Each call ends within the reader's deadline (vg_store_read_within); one that would take
 * longer is VG_FAILED and says so. Sealed readings and those that are not sealed yet come
 * merged, and exactly the same.
 *
 * All: VG_OK also if there is nothing or a callback answered false; VG_NO_MEMORY;
 * VG_FULL (too much to sort: ask for a shorter span); VG_FAILED. Everything pointed to is
 * good for the call only.
 */
#ifndef VIGIL_SHELL_HISTORY_H
#define VIGIL_SHELL_HISTORY_H

#include "shell/store_read.h"

/* Where a page ended: the key of its last row. `set` false: from the beginning. */
struct vg_cursor {
    bool set;
    int64_t at;                  /* ms: of the last row, in the order of the list */
    int64_t order;               /* among rows of the same instant */
    char id[VG_EPISODE_LEN + 1]; /* alerts, episodes: of the last row */
};
/* As text for a link: digits, letters, '-' and '.'; no escaping needed. */
#define VG_CURSOR_TEXT 80
void vg_cursor_format(const struct vg_cursor *cursor, char out[VG_CURSOR_TEXT]);
/* VG_REFUSED: not what vg_cursor_format wrote. */
enum vg_status vg_cursor_parse(const char *text, size_t length, struct vg_cursor *out);

struct vg_page_end {
    size_t rows;           /* told */
    bool more;             /* the limit was reached and there is (or may be) more */
    struct vg_cursor next; /* if more */
};

/* Of whom, what and when. */
struct vg_history_query {
    const char *patient;        /* NULL: any */
    const char *episode;        /* NULL: any; else messages of that episode only */
    const char *ward, *bed;     /* NULL: any */
    uint64_t signals;           /* bit per measured signal; 0: all */
    struct vg_instant from, to; /* measured: from inclusive, to exclusive */
    vg_ms step;                 /* steps: their length, at least 1 s */
    bool before;                /* assessments: also the row that held at `from` */
    bool
        arrival; /* readings: tell `received` and `committed`, too; else they may be VG_UNSET, and it is quicker */
    struct vg_cursor after;
    size_t limit; /* rows at most; 0: no limit */
};

/* Readings exactly as they came in, oldest first by measured time, then in the order of
 * arrival. A patient's are those of messages of one of their episodes, or that name them. */
enum vg_status vg_history_readings(struct vg_reader *reader,
                                   const struct vg_history_query *query,
                                   vg_reading_fn *each, void *to,
                                   struct vg_page_end *end, struct vg_error *error);

/* The value in the signal's canonical unit: exactly as sent where that was its unit,
 * otherwise converted to at most 6 places. */
struct vg_decimal vg_history_value(const struct vg_reading *reading);

/* Values of steps are whole millionths of the canonical unit: vg_decimal_of(v, 6). */
#define VG_HISTORY_PLACES 6

/* One step of one signal. Only what is usable as a number counts: quality valid or
 * questionable, and inside the signal's hard range. Steps without one are not told. */
struct vg_history_step {
    enum vg_signal signal;
    struct vg_instant at; /* begin of the step: a multiple of its length since 1970 */
    uint64_t count;
    int64_t min, max, first, last; /* millionths */
    double mean;                   /* canonical unit */
    struct vg_instant first_at, last_at;
};
typedef bool vg_step_fn(void *to, const struct vg_history_step *step);
/* By time, then signal. Those at the ends count only what is in from..to. */
enum vg_status vg_history_steps(struct vg_reader *reader,
                                const struct vg_history_query *query, vg_step_fn *each,
                                void *to, struct vg_page_end *end,
                                struct vg_error *error);

/* For each signal the newest usable reading measured in query->from..query->to: "last known at
 * to". In the order of signals; cursor and limit do not count. */
enum vg_status vg_history_last(struct vg_reader *reader,
                               const struct vg_history_query *query,
                               vg_reading_fn *each, void *to, struct vg_error *error);

/* Spans without a usable reading of a signal. */
struct vg_history_gap {
    enum vg_signal signal;
    struct vg_instant begin; /* the last reading before it, or the query's from */
    struct vg_instant end;   /* the first reading after it, or the query's to */
    bool open_begin,
        open_end; /* begin is from, end is to: there was none in the span */
};
typedef bool vg_gap_fn(void *to, const struct vg_history_gap *gap);
/* Those longer than `longest`, by signal, then time; signals must be named, one gap from end
 * to end where there is nothing at all. */
enum vg_status vg_history_gaps(struct vg_reader *reader,
                               const struct vg_history_query *query, vg_ms longest,
                               vg_gap_fn *each, void *to, struct vg_error *error);

/* Messages as they came, sealed or not, in the order of arrival, that have anything of the
 * query's whom, where and when (signals, cursor, limit and step do not count). The hash of a
 * sealed one is not kept. */
struct vg_message_row {
    const struct vg_message *message;
    const char *episode; /* as stored with it, or "" */
    struct vg_instant received;
    int64_t id;
};
typedef bool vg_message_fn(void *to, const struct vg_message_row *row);
enum vg_status vg_history_messages(struct vg_reader *reader,
                                   const struct vg_history_query *query,
                                   vg_message_fn *each, void *to,
                                   struct vg_error *error);

/* Admissions (topic and payload as they came), and what people asked, in the order of
 * arrival, for all of the store. `after`: the id of the last message before it. */
typedef bool vg_admission_fn(void *to, const struct vg_letter *letter,
                             struct vg_instant received, int64_t after);
enum vg_status vg_history_admissions(struct vg_reader *reader, vg_admission_fn *each,
                                     void *to, struct vg_error *error);
typedef bool vg_command_fn(void *to, const struct vg_command *command,
                           struct vg_instant at);
enum vg_status vg_history_commands(struct vg_reader *reader, vg_command_fn *each,
                                   void *to, struct vg_error *error);

/* Beds that went off the ward and came back, in the order in which it was said. */
typedef bool vg_pause_fn(void *to, const struct vg_pause *pause);
enum vg_status vg_history_pauses(struct vg_reader *reader, vg_pause_fn *each, void *to,
                                 struct vg_error *error);

/* Alerts as they last were, in the order of their ids, which is that of their onset. All
 * changes of one: vg_store_alert_history. */
struct vg_alerts_query {
    struct vg_alert_query of; /* state, id, ward, patient, onset from/to */
    struct vg_cursor after;
    size_t limit; /* 0: no limit */
};
enum vg_status vg_history_alerts(struct vg_reader *reader,
                                 const struct vg_alerts_query *query, vg_json_fn *each,
                                 void *to, struct vg_page_end *end,
                                 struct vg_error *error);

/* Episodes, newest first unless asked otherwise. from/to: that were open at some time in it. */
struct vg_episodes_query {
    const char *id, *patient, *ward; /* NULL: any */
    bool open_only, oldest_first;
    struct vg_instant from, to; /* VG_UNSET and VG_NEVER: any */
    struct vg_cursor after;
    size_t limit; /* 0: no limit */
};
enum vg_status vg_history_episodes(struct vg_reader *reader,
                                   const struct vg_episodes_query *query,
                                   vg_episode_fn *each, void *to,
                                   struct vg_page_end *end, struct vg_error *error);

/* Assessments: a row each time one of them changed, as the daemon knew it then. `json` is
 * "crs":{…},"icans":{…},… without braces around it (vg_put_assessment); it holds until the
 * next row of the same ward and bed. */
struct vg_assessed_row {
    struct vg_instant at;
    const char *ward, *bed, *patient, *episode;
    const char *json;
    size_t length;
};
typedef bool vg_assessed_row_fn(void *to, const struct vg_assessed_row *row);
/* By time. query: patient or episode, or one ward and bed; from, to, after, limit. With `before` the
 * row that held at `from` comes first, too (its `at` is earlier). */
enum vg_status vg_history_assessments(struct vg_reader *reader,
                                      const struct vg_history_query *query,
                                      vg_assessed_row_fn *each, void *to,
                                      struct vg_page_end *end, struct vg_error *error);

#endif
