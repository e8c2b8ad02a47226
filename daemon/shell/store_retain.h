/* SPDX-License-Identifier: Apache-2.0
 *
 * Retention: what is older than it is to be kept is deleted, class by class, a few
 * milliseconds at a time, on the writer's thread between batches.
 *
 * Age is counted back from the newest message, not from the clock; and a run, once a day,
 * moves on by two days at most. So a clock that jumps far ahead costs two days' records a
 * day, not all of them at once. A run's first transaction says in the audit trail what will be
 * purged, its last one how much that was.
 */
#ifndef VIGIL_SHELL_STORE_RETAIN_H
#define VIGIL_SHELL_STORE_RETAIN_H

#include "shell/store_write_inside.h"

#define VG_RETAIN_EVERY VG_DAY
#define VG_RETAIN_STEP  (2 * VG_DAY)

struct vg_retainer {
    struct vg_store_plan plan;
    vg_ms next_look; /* boot clock */
    unsigned of;     /* which class, while it runs */
    unsigned part;   /* which of its parts */
    bool running, said;
    struct vg_instant cut;
    int64_t place; /* that segments are being looked at of */
    int64_t rows, readings;
    struct vg_error error; /* of the latest failure */
};

void vg_retain_disconnect(struct vg_retainer *retainer);
void vg_retain_destroy(struct vg_retainer *retainer);

/* Statements are prepared when they are needed: a purge is rare. `run` binds the numbers; *changed:
 * rows. `first` reads the columns of the first row, zeros if there is none. */
enum vg_status vg_retain_run(struct vg_writer *writer, const char *sql,
                             const int64_t numbers[], size_t count, int64_t *changed);
enum vg_status vg_retain_first(struct vg_writer *writer, const char *sql,
                               const int64_t numbers[3], int64_t *out, int columns);

/* Parts of classes: each purges a little; *more: there is more of it. */
typedef enum vg_status vg_purge_fn(struct vg_writer *writer, bool *more);
vg_purge_fn vg_purge_stretches, vg_purge_segments, vg_purge_assessments,
    vg_purge_committed, vg_purge_alerts, vg_purge_quarantine;

#endif
