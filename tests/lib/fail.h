/* SPDX-License-Identifier: Apache-2.0
 *
 * Failing on purpose: the n-th allocation, or the n-th call to the system, counted from
 * when it is asked for. It reaches everything in the process, libraries and threads
 * included, by standing in front of the C library's functions.
 *
 * A sweep fails each point in turn, until a run goes through without meeting one:
 *
 *     bool met = true;
 *     for (size_t n = 1; met; n++) {
 *         fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
 *         ... the work ...
 *         met = fail_disarm() > 0;
 *         ... what must hold ...
 *     }
 */
#ifndef VIGIL_TESTS_FAIL_H
#define VIGIL_TESTS_FAIL_H

#include <stdbool.h>
#include <stddef.h>

enum fail_what {
    FAIL_MEMORY, /* malloc, calloc, realloc: NULL */
    FAIL_OPEN,   /* open: EMFILE */
    FAIL_ROOM,   /* fallocate: ENOSPC */
    FAIL_WRITE,  /* pwritev: EIO; or see fail_how */
    FAIL_READ,   /* pread: EIO; or see fail_how */
    /* What SQLite asks of its files, see fail_vfs.h: SQLITE_IOERR, or SQLITE_FULL. */
    FAIL_DB_OPEN,
    FAIL_DB_WRITE,
    FAIL_DB_SYNC,
    FAIL_DB_TRUNCATE,
    FAIL_DB_READ
};

enum fail_how {
    FAIL_ONCE,        /* only the n-th */
    FAIL_FROM,        /* the n-th and all behind it */
    FAIL_SHORT,       /* the n-th read or write does a part of its work */
    FAIL_INTERRUPTED, /* the n-th read or write: EINTR */
    FAIL_FULL         /* the n-th write: ENOSPC */
};

/* One kind at a time. n from 1. */
void fail_arm(enum fail_what what, size_t n, enum fail_how how);

/* Lets everything through again; how many calls were failed. */
size_t fail_disarm(void);

/* Whether this call is to fail; for tests/lib/fail_vfs.c and its like. */
bool fail_now(enum fail_what what, enum fail_how *how);

/* The two ways memory ends, for loops over both. */
static const enum fail_how fail_ways[] = {FAIL_ONCE, FAIL_FROM};

#endif
