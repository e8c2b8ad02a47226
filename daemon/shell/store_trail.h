/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail in the SQLite store: its end, its next row, and its beginning in a store
 * that is older than the trail.
 */
#ifndef VIGIL_SHELL_STORE_TRAIL_H
#define VIGIL_SHELL_STORE_TRAIL_H

#include "shell/store_audit.h"
#include "shell/store_db.h"

#define VG_TRAIL_INSERT "INSERT INTO audit VALUES(?,?,?,?,?,?)"

/* Where the trail ends. A last row whose hash is none (it was edited) does not stop the
 * next: `vigil audit verify` will name it. */
enum vg_status vg_trail_load(sqlite3 *db, struct vg_audit_chain *out,
                             struct vg_error *error);

/* Adds the row of a record by VG_TRAIL_INSERT, if it has one; `body` is for its use.
 * VG_NO_MEMORY, or VG_FAILED: the chain is then as it was. */
enum vg_status vg_trail_add(sqlite3_stmt *insert, struct vg_audit_chain *chain,
                            const struct vg_record *record, struct vg_buffer *body,
                            struct vg_error *error);

/* At the upgrade of a store without a trail: takes the changes of alerts in, as found. */
enum vg_status vg_trail_begin(sqlite3 *db, struct vg_error *error);

#endif
