/* SPDX-License-Identifier: Apache-2.0
 *
 * A store with a past: beds whose monitors send each second or so, with late messages,
 * charted ones, several devices and whatever random.h thinks of; and the list of all
 * readings in the order in which history tells them. No thread: the writer is ours.
 */
#ifndef VIGIL_TESTS_PAST_H
#define VIGIL_TESTS_PAST_H

#include <stdio.h>

#include "vigil/store.h"

#include "lib/random.h"
#include "lib/temp.h"
#include "shell/store_read.h"
#include "shell/store_write.h"

#define PAST_BEDS 4

struct past_row {
    struct vg_reading reading;
    struct vg_instant received;
    int64_t order;
    enum vg_kind kind;
    char ward[8], bed[8], patient[8], device[8];
};

struct past {
    struct temp temp;
    char path[128];
    struct random_source *source;
    struct vg_writer *writer;
    struct vg_batch *batch;
    bool marks;   /* gateways' marks are put, as the daemon does */
    vg_ms step;   /* between two messages of all beds */
    size_t whole; /* messages of a bed that make a window to seal */
    int64_t now, messages;
    int64_t committed; /* messages */
    uint64_t seq[3];
    FILE *tell; /* NULL: nobody */
    struct past_row *row;
    size_t count, capacity;
};

/* Messages of bed 3 name nobody. It is written down later that "p-9" lay there then. */
#define PAST_LAIN_FROM INT64_C(1767229200000)
#define PAST_LAIN_TO   INT64_C(1767233700000)
void past_tie(struct past *past);

void past_begin(struct past *past, struct random_source *source);
void past_end(struct past *past);
/* The same with a path of one's own: `past` zeroed but for it. */
void past_start(struct past *past, struct random_source *source);
void past_stop(struct past *past);

/* More of it, committed; the list is in order again. */
void past_live(struct past *past, vg_ms span);

/* Lets the writer seal what is older, in small windows. */
void past_hot(struct past *past, vg_ms hot);

/* Closes the writer as a crash would, with nothing said, and opens it again. */
void past_reopen(struct past *past);

/* A reader with patience; and the first column of the first row of a query. */
struct vg_reader *past_reader(const struct past *past);
int64_t past_number(const struct past *past, const char *sql);

#endif
