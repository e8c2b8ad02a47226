/* SPDX-License-Identifier: Apache-2.0
 *
 * What SQLite's connections of one process share of a file: locks and the log's index. It goes
 * with the process.
 */
#ifndef VIGIL_SIM_DISK_SHM_H
#define VIGIL_SIM_DISK_SHM_H

#include <stdbool.h>

struct share;
struct share *shm_of(const char *name); /* of the main file; made if there is none */

/* One connection's part. */
struct shm_user {
    struct share *share;
    unsigned shared, exclusive; /* bits of the index's locks */
    int level;                  /* SQLITE_LOCK_… of the file */
    bool mapped;
};
int shm_lock_file(struct shm_user *user, int level);
void shm_unlock_file(struct shm_user *user, int level);
int shm_reserved(const struct shm_user *user);
int shm_map(struct shm_user *user, int page, int size, int extend, void volatile **out);
int shm_lock(struct shm_user *user, int offset, int n, int flags);
void shm_leave(struct shm_user *user);

#endif
