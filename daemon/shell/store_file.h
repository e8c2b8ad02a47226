/* SPDX-License-Identifier: Apache-2.0
 *
 * The store as files of a folder: whether the one that is written is still the one that lies
 * there, and what is done with one that is damaged.
 */
#ifndef VIGIL_SHELL_STORE_FILE_H
#define VIGIL_SHELL_STORE_FILE_H

#include <sys/types.h>

#include "vigil/base.h"

/* Which file it is. All zero: not known yet. */
struct vg_file_id {
    dev_t device;
    ino_t inode;
};

/* Takes the lock of a store, whose file is open: until that is closed. False, with errno: somebody has it, and for
 * longer than `vigil status` and the doctor, who ask by it for an instant whether a daemon runs. */
bool vg_file_lock(int fd);

/* Whether SQLite may open, or make, a store of this name. VG_OK, or VG_FAILED: there lies a folder, a
 * pipe or a device, or a part of the path is a symbolic link (SQLite would refuse it without saying
 * why: a log beside the link is none beside the file). */
enum vg_status vg_file_plain(const char *path, struct vg_error *error);

/* Whether what lies at `path` can be read, and is no whole store of vigil's: damaged, empty, or
 * something else. */
bool vg_file_unsound(const char *path);

/* Learns which file lies at `path`, or holds it against what was learnt. VG_OK, or VG_FAILED: it
 * is gone, or another one lies there; what is written to the open one would be lost. */
enum vg_status vg_file_same(const char *path, struct vg_file_id *id,
                            struct vg_error *error);
/* The same, but learns nothing: for before it is opened, since a layered file system gives a file
 * that is opened for writing another identity. */
enum vg_status vg_file_still(const char *path, const struct vg_file_id *id,
                             struct vg_error *error);
/* The same, and its log beside it (`-wal`) is there. */
enum vg_status vg_file_whole(const char *path, struct vg_file_id *id,
                             struct vg_error *error);

/* If what lies at `path` was a store of vigil's (its journal lies beside it) and SQLite finds it
 * damaged, three times within two seconds, it is renamed, its log with it, to `path`.damaged-<milliseconds since 1970>: nobody is
 * watched by a daemon that does not start. VG_OK, with the new name; VG_ABSENT: it is not damaged
 * as far as can be seen, or no store; VG_FAILED. Only with the store's lock held. */
#define VG_ASIDE_LEN 255
enum vg_status vg_file_set_aside(const char *path, char name[VG_ASIDE_LEN + 1],
                                 struct vg_error *error);

/* The newest one that was set aside and still lies there. VG_OK, or VG_ABSENT. */
enum vg_status vg_file_aside(const char *path, char name[VG_ASIDE_LEN + 1]);

#endif
