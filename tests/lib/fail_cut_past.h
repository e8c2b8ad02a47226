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

/* Begins the past of a run; everything from its first event on may be cut. */
void cuts_begin(struct cuts *cuts, struct past *past, struct random_source *source);
/* From here on only; and no more. */
void cuts_from_here(struct cuts *cuts);
void cuts_until_here(struct cuts *cuts);
/* The last image is of now. */
void cuts_now(struct cuts *cuts);
/* Looks at the images. */
void cuts_check(struct cuts *cuts);
void cuts_end(struct cuts *cuts);

/* A store, opened as the daemon does: `n` of the images, or -1 for a file of one's own. */
void cuts_look_at(struct cuts *cuts, const char *path, int64_t committed,
                  int64_t tried);

#endif
