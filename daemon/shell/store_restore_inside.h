/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of restoring, shared by store_restore.c (order, arrivals) and
 * store_restore_care.c (alerts, pages, answers, pauses, what is carried over).
 */
#ifndef VIGIL_SHELL_STORE_RESTORE_INSIDE_H
#define VIGIL_SHELL_STORE_RESTORE_INSIDE_H

#include "shell/batch.h"
#include "shell/store_db.h"

struct vg_restoring {
    sqlite3 *db;
    const struct vg_restore *calls;
    struct vg_instant since, charted_since;
    int64_t
        start; /* all messages received since `since` have this id or a higher one */
    sqlite3_stmt *admissions;
    bool admission_left;
    struct vg_obs *obs;
    struct vg_error *error;
    bool stopped; /* a callback wanted no more */
};

/* Tells one row. */
typedef enum vg_status vg_restore_row(struct vg_restoring *restore, sqlite3_stmt *row);

/* Remembers a callback's answer; VG_OK. */
enum vg_status vg_restore_go_on(struct vg_restoring *restore, bool answer);

/* What a damaged row comes to: VG_OK if it is passed over, or VG_FAILED. */
enum vg_status vg_restore_damaged(struct vg_restoring *restore, const char *what);

/* Calls `each` for each row until one fails or the caller wants no more. */
enum vg_status vg_restore_query(struct vg_restoring *restore, const char *sql,
                                vg_restore_row *each);

/* Answers and pauses, then the open alerts, then what open stays carry over; and, at the end, what is unsent and the pages
 * that are not settled. */
enum vg_status vg_restore_answers(struct vg_restoring *restore);
enum vg_status vg_restore_alerts(struct vg_restoring *restore);
enum vg_status vg_restore_carried(struct vg_restoring *restore);
enum vg_status vg_restore_unsent(struct vg_restoring *restore);

#endif
