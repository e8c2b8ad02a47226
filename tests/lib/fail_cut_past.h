/* SPDX-License-Identifier: Apache-2.0
 *
 * Power cuts (fail_cut.h) under a store with a past (past.h): images are taken at some of the
 * events, and each must open, be whole, and hold what had been committed.
 */
#ifndef VIGIL_TESTS_FAIL_CUT_PAST_H
#define VIGIL_TESTS_FAIL_CUT_PAST_H

#include "lib/past.h"

#define CUTS_A_RUN 50

struct cuts {
    struct past *past;
    struct random_source *source;
    struct temp temp; /* of the images */
    /* what may be missing: what was received before this; VG_UNSET: nothing */
    struct vg_instant may_go;
    const char
        *copy; /* also checked if it is there: the name is the store's and this */
    bool lost_is_fine;
    /* of each image, before the store opens it; NULL: nothing */
    void (*before)(struct cuts *cuts, const char *path);
    struct {
        int64_t committed, tried; /* messages */
        size_t number;            /* of its file */
    } image[CUTS_A_RUN];
    size_t images; /* of this run */
    /* of all runs */
    size_t events, done, ahead, lost, copies;
};

/* How many cuts an operation is to have: VIGIL_CUTS, or some hundred. */
size_t cuts_wanted(void);

/* Runs of work on a store of their own, with cuts from its first event on, until there were
 * enough; the images are looked at behind each, and the store is closed. Prints a line. */
typedef void cuts_work_fn(struct cuts *cuts, struct past *past);
void cuts_run(struct cuts *cuts, const char *what, cuts_work_fn *work,
              struct random_source *source);

/* From here on only; and no more. */
void cuts_from_here(struct cuts *cuts);
void cuts_until_here(struct cuts *cuts);
/* The last image is of now. */
void cuts_now(struct cuts *cuts);
/* A store that is open or closed: whole, with every message up to `committed`, and all up to
 * `tried` or none of these. */
void cuts_look_at(struct cuts *cuts, const char *path, int64_t committed,
                  int64_t tried);

#endif
