/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of the SQLite store, and the steps from each version to the next. What the
 * tables hold is told in store_schema.c.
 */
#ifndef VIGIL_SHELL_STORE_SCHEMA_H
#define VIGIL_SHELL_STORE_SCHEMA_H

#include "shell/store_db.h"

/* One step: from version `to` - 1 to `to`. Never change a released one, add the next. */
struct vg_schema_step {
    int64_t to;
    const char *sql;
    /* what SQL cannot do; NULL: nothing */
    enum vg_status (*then)(sqlite3 *db, struct vg_error *error);
};

extern const struct vg_schema_step vg_schema_steps[];
extern const size_t vg_schema_step_count;

/* Takes the file to the version of the last step, in one transaction. VG_FAILED also if the
 * file is newer than that. */
enum vg_status vg_schema_upgrade(sqlite3 *db, const struct vg_schema_step *steps,
                                 size_t count, struct vg_error *error);

/* Fills the table `word`. */
enum vg_status vg_schema_words(sqlite3 *db, struct vg_error *error);

/* vg_schema_upgrade with vigil's own steps, and the table `word` filled. */
enum vg_status vg_schema_prepare(sqlite3 *db, struct vg_error *error);

/* The version that this program writes. */
int64_t vg_schema_newest(void);

/* VG_FAILED if a store of this version is from a newer vigil. */
enum vg_status vg_schema_known(int64_t version, struct vg_error *error);

/* For readers: whether the file has the version that this program knows. */
enum vg_status vg_schema_check(sqlite3 *db, struct vg_error *error);

#endif
