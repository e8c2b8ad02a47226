/* SPDX-License-Identifier: Apache-2.0
 *
 * What a gateway keeps: messages that vigil has not confirmed, in memory and in a file, always a run of
 * numbers without a hole. The file is a line "vigil-spool EPOCH FIRST", then a line for each message,
 * FIRST the first's number. Whatever cannot be written ends the program: nothing may be sent that is not
 * kept. No locks: one thread.
 */
#ifndef CONTRIB_SPOOL_H
#define CONTRIB_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

struct entry {
    char *line; /* "beds/onc-7/12/vitals {…}"; owned */
    int64_t sent;
    unsigned tries;
    bool due;
};

/* What is kept, always a run of numbers: first to first + count - 1. */
struct spool {
    const char *path;
    FILE *file;
    char epoch[33];
    uint64_t first, started; /* numbers below `started` came from the file */
    struct entry *kept;
    size_t count, size, lines;
};

/* Reads the file, or begins a new one with a new epoch. One that cannot be read is put aside. */
void vg_spool_open(struct spool *s, const char *path);

/* Onto the disk, as the next number; `line` becomes the spool's. */
void vg_spool_add(struct spool *s, char *line);

/* Numbers up to `upto` are not needed any more. */
void vg_spool_release(struct spool *s, uint64_t upto);

/* Our counter is not to be trusted: what is kept gets new numbers in a new epoch. */
void vg_spool_new_epoch(struct spool *s);

/* Milliseconds of CLOCK_MONOTONIC or CLOCK_REALTIME. */
int64_t vg_clock_ms(clockid_t which);

#endif
