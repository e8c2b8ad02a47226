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

/* The batch as one transaction, synced. VG_FAILED: it was not, as far as can be known; the
 * connection is suspect then, and the next commit begins by opening a new one. A batch that
 * was in the file after all (its sync failed, its pages survived) is not written twice when
 * it is committed again, before another one. */
enum vg_status vg_writer_commit(struct vg_writer *writer, struct vg_batch *batch,
                                struct vg_error *error);

/* Pages of the log (4 KiB each) that the last checkpoint did not see. */
int vg_writer_log(const struct vg_writer *writer);

/* Checkpoints, which takes milliseconds: two syncs, and a write for each page that changed. */
void vg_writer_tidy(struct vg_writer *writer);

/* How old (by arrival, before the newest message) a message is when it may be sealed; 0: none
 * is. Nothing that vg_restore is to tell again may be older. */
void vg_writer_hot(struct vg_writer *writer, vg_ms hot);

/* For how long what is kept (vg_store_plan); looked at once a day, by vg_writer_purge. */
void vg_writer_keep(struct vg_writer *writer, const struct vg_store_plan *plan);

/* Purges a little of what is older than it is to be kept: some milliseconds' work. True: there
 * is more to do at once. Each purge says in the trail what it will do and what it did. */
bool vg_writer_purge(struct vg_writer *writer);

/* Seals a little: some milliseconds' work. True: there is more to do at once. What fails costs
 * nothing but space, is said by vg_writer_sealing, and is tried again later. */
bool vg_writer_seal(struct vg_writer *writer);

void vg_writer_sealing(const struct vg_writer *writer, struct vg_sealing *out);

/* The journal's ordinal up to which letters are committed. */
uint64_t vg_writer_journal(const struct vg_writer *writer);

/* The end of the audit trail as of the last batch that was written. */
struct vg_audit_head vg_writer_audit(const struct vg_writer *writer);

/* Checkpoints everything and closes. NULL is fine. */
void vg_writer_close(struct vg_writer *writer);

#endif
