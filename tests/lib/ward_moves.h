/* SPDX-License-Identifier: Apache-2.0
 *
 * A ward in a box (ward.h) with several beds, whose patients come, go and move.
 */
#ifndef VIGIL_TESTS_WARD_MOVES_H
#define VIGIL_TESTS_WARD_MOVES_H

#include "lib/ward.h"

struct ward_reading {
    const char *bed, *patient; /* patient "": not named */
    int64_t at;                /* measured, ms from the start */
    enum vg_signal signal;
    int64_t value;
    enum vg_source source;
};

/* The message of one reading; `message` points to `reading`. */
void ward_message(const struct ward_reading *r, struct vg_message *message,
                  struct vg_reading *reading);
/* It arrives at `now`. */
void ward_feed(struct ward *w, int64_t now, const struct ward_reading *r);

struct ward_move {
    enum vg_episode_do action;
    const char *bed, *patient, *to; /* patient "": whoever lies there; to: NULL */
    int64_t at;
    bool swap, outpatient;
};

/* Is told at `now`. Adults after CAR-T; critical alerts are known about. */
void ward_move(struct ward *w, int64_t now, const struct ward_move *m);

#endif
