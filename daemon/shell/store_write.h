/* SPDX-License-Identifier: Apache-2.0
 *
 * The one connection that writes and checkpoints. Used by one thread at a time; it waits
 * for the disk, so never the loop's.
 */
#ifndef VIGIL_SHELL_STORE_WRITE_H
#define VIGIL_SHELL_STORE_WRITE_H

#include "shell/batch.h"

struct vg_writer;

/* Opens or creates the file and brings it to this version. VG_OK, VG_NO_MEMORY or VG_FAILED. */
enum vg_status vg_writer_open(const char *path, struct vg_writer **out,
                              struct vg_error *error);

/* The batch as one transaction, synced. VG_FAILED: nothing of it was written; the connection is
 * suspect then, and the next commit begins by opening a new one. */
enum vg_status vg_writer_commit(struct vg_writer *writer, const struct vg_batch *batch,
                                struct vg_error *error);

/* Pages of the log (4 KiB each) that the last checkpoint did not see. */
int vg_writer_log(const struct vg_writer *writer);

/* Checkpoints, which takes milliseconds: two syncs, and a write for each page that changed. */
void vg_writer_tidy(struct vg_writer *writer);

/* The journal's ordinal up to which letters are committed. */
uint64_t vg_writer_journal(const struct vg_writer *writer);

/* Checkpoints everything and closes. NULL is fine. */
void vg_writer_close(struct vg_writer *writer);

#endif
