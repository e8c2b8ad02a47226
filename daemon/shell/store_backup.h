/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of a whole store: while the daemon runs, all of one moment, and checked. What lies
 * in the journal of letters beside the store and is not committed yet is not in it.
 */
#ifndef VIGIL_SHELL_STORE_BACKUP_H
#define VIGIL_SHELL_STORE_BACKUP_H

#include "shell/store_stats.h"

/* Copies the store to a file that must not be there, under another name until it is whole:
 * SQLite finds its pages in order, its rows are as many, and it is on disk. VG_OK, VG_ABSENT
 * (no store), VG_REFUSED (the copy is not as it should be), VG_NO_MEMORY or VG_FAILED (there is
 * a file, too). */
struct vg_copying {
    vg_progress_fn *progress; /* NULL: nobody */
    void *to;
    struct vg_store_stats stats; /* of the copy */
};
enum vg_status vg_store_copy(const char *from, const char *path,
                             struct vg_copying *copying, struct vg_error *error);

/* Makes the file `with` the store. What was there keeps its bytes under names with ".before-"
 * and a number behind them, from `number` on the first that is free, with the letters beside
 * it; its log is written into it before, where that can be done. Killed at any point there is
 * the one or the other store under the name, whole. VG_OK also if there was none; VG_FAILED. */
enum vg_status vg_store_replace(const char *path, const char *with, int64_t number,
                                struct vg_error *error);

/* Takes the lock that a daemon holds, for as long as the process lives or until it is closed.
 * -1: a daemon has it, or it cannot be made (`error`). */
int vg_store_lock(const char *path, struct vg_error *error);

/* Without a daemon: seals what is older than `hot`, then writes the file anew without its
 * unused pages. */
enum vg_status vg_store_compact(const char *path, vg_ms hot, struct vg_sealing *sealed,
                                struct vg_error *error);

#endif
