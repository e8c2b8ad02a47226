/* SPDX-License-Identifier: Apache-2.0
 *
 * Restoring from SQLite, over a read-only connection of its own; see vigil/store.h.
 */
#ifndef VIGIL_SHELL_STORE_RESTORE_H
#define VIGIL_SHELL_STORE_RESTORE_H

#include "vigil/store.h"

#include "shell/store_db.h"

enum vg_status vg_sqlite_restore(const char *path, struct vg_instant messages_since,
                                 const struct vg_restore *calls,
                                 struct vg_error *error);

/* As `refused` in vigil/store.h. */
enum vg_status vg_sqlite_refused(const char *path, uint64_t after, vg_refused_fn *each,
                                 void *to, struct vg_error *error);

#endif
