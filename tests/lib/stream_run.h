/* SPDX-License-Identifier: Apache-2.0
 *
 * A run of the real engine with the shipped protocol over a generated stream, written down
 * as text, and the checking of a property: the same stream run in another way agrees.
 */
#ifndef VIGIL_TESTS_STREAM_RUN_H
#define VIGIL_TESTS_STREAM_RUN_H

#include "vigil/wire.h"

#include "lib/stream.h"

#define RUN_MINUTES (29 * 60) /* past a day, for what counts for 24 h */

struct run {
    struct vg_engine *engine;
    struct vg_effects effects;
    struct vg_instant now;
    struct vg_buffer told;   /* a line each change of an alert */
    struct vg_buffer raised; /* a line each alert raised: bed, rule, onset */
    struct vg_buffer known;  /* a line each field of each bed, at the end */
    struct vg_buffer scores; /* scores and grades of each bed, at the end */
};

/* As set-up and tear-down of a group: the protocol. */
int run_load(void **state);
int run_unload(void **state);

void run_open(struct run *run);
void run_close(struct run *run);
void run_step(struct run *run, const struct vg_event *event);
void run_time(struct run *run, struct vg_instant at);
void run_events(struct run *run, const struct stream *stream, size_t from, size_t to);
/* Ends a restore at `at`; what is told then is noted too. */
void run_restored(struct run *run, struct vg_instant at);
/* Lets time pass to `at` and notes what is known then. */
void run_end(struct run *run, struct vg_instant at);
/* All of the above in one go; to be closed. */
void run_whole(struct run *run, const struct stream *stream, struct vg_instant end);

/* How many events of the stream have arrived by so many minutes. */
size_t run_cut(const struct stream *stream, unsigned minutes);

/* The first difference is printed, unless the stream is being shrunk. */
bool run_same_text(const char *what, const struct vg_buffer *a,
                   const struct vg_buffer *b);
bool run_same_raised(const struct run *a, const struct run *b); /* as sets */
/* Runs another stream and compares. */
enum run_what { RUN_SCORES, RUN_KNOWN, RUN_KNOWN_AND_TOLD };
bool run_same(const struct run *plain, const struct stream *other,
              struct vg_instant end, enum run_what what);
/* For what a property finds; silent while a stream is being shrunk. */
void run_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A seed of each event's own: it stays the same when others are dropped. */
unsigned run_own_seed(const struct stream_event *event, unsigned seed);

/* Runs the stream in another way; whether that agrees with the plain run. */
typedef bool run_agrees_fn(const struct stream *stream, unsigned seed,
                           const struct run *plain, struct vg_instant end);

/* Fails the test if the property does not hold for the stream of the seed. With VIGIL_SHRINK
 * set it prints a small stream for which it does not hold either. */
void run_check(const char *name, run_agrees_fn *agrees);
void run_check_seed(const char *name, run_agrees_fn *agrees, unsigned seed);

#endif
