/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files that answer questions (history.h) share: the walk through readings in the
 * order of measured time that all of them stand on, and running steps.
 */
#ifndef VIGIL_SHELL_STORE_QUESTION_H
#define VIGIL_SHELL_STORE_QUESTION_H

#include "shell/history.h"
#include "shell/store_sums.h"

/* Tells all readings of the query, oldest first; cursor and limit are the caller's. */
enum vg_status vg_question_walk(struct vg_reader *reader,
                                const struct vg_history_query *query,
                                vg_reading_fn *each, void *to, struct vg_error *error);

/* Steps of all signals that run side by side; put in any order within one step. */
struct vg_stepping {
    vg_ms step;
    int64_t at; /* begin of the open step, INT64_MIN: none */
    struct vg_running running[VG_MEASURED_COUNT];
    vg_step_fn *each;
    void *to;
    bool stopped; /* the callback wanted no more */
};
void vg_stepping_begin(struct vg_stepping *stepping, vg_ms step, vg_step_fn *each,
                       void *to);
/* False: no more is wanted. `at` never goes back by a step. */
bool vg_stepping_put(struct vg_stepping *stepping, enum vg_signal signal,
                     const struct vg_running *running);
void vg_stepping_end(struct vg_stepping *stepping);

#endif
