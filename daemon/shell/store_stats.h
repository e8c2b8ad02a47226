/* SPDX-License-Identifier: Apache-2.0
 *
 * What a store holds, counted row by row, and whether all of it can be read back. Beside a
 * running daemon or without one.
 */
#ifndef VIGIL_SHELL_STORE_STATS_H
#define VIGIL_SHELL_STORE_STATS_H

#include "shell/store_read.h"

/* Rows of one thing. The table's order is that of the enum. */
enum vg_stat {
    VG_STAT_HOT_MESSAGES, /* as rows; those that are sealed and wait to be removed not */
    VG_STAT_HOT_READINGS,
    VG_STAT_SEALED_MESSAGES,
    VG_STAT_SEALED_READINGS,
    VG_STAT_STRETCHES,
    VG_STAT_BLOCKS,
    VG_STAT_SEALED_BYTES, /* of stretches and blocks, without what pages leave unused */
    VG_STAT_ADMISSIONS,
    VG_STAT_QUARANTINE,
    VG_STAT_EPISODES,
    VG_STAT_ALERTS,
    VG_STAT_ALERT_EVENTS,
    VG_STAT_PAGES,
    VG_STAT_DELIVERIES,
    VG_STAT_COMMANDS,
    VG_STAT_AUDIT,
    VG_STAT_FILE_BYTES,
    VG_STAT_FREE_BYTES, /* of them: pages that will be used again */
    VG_STAT_COUNT
};
const char *vg_stat_text(enum vg_stat stat); /* "hot_messages" */

struct vg_store_stats {
    int64_t number[VG_STAT_COUNT];
    struct vg_instant oldest, newest; /* received; of messages; VG_UNSET: none */
};
/* VG_OK or VG_FAILED. */
enum vg_status vg_store_stats(struct vg_reader *reader, struct vg_store_stats *out,
                              struct vg_error *error);

/* A fault that was found, a sentence. False: enough. */
typedef bool vg_fault_fn(void *to, const char *sentence);
/* How far it is, of how much; may be NULL. */
typedef void vg_progress_fn(void *to, int64_t done, int64_t all);

/* Whether SQLite finds its pages in order, every stretch and block unpacks (their checksums),
 * their counts agree, every message is there once, chains are whole, and the audit trail is as
 * it was written. VG_OK: looked at all of it, `faults` says how many; VG_FAILED: could not. */
struct vg_check {
    vg_fault_fn *fault;
    vg_progress_fn *progress;
    void *to;
    size_t faults;
};
enum vg_status vg_store_check(struct vg_reader *reader, struct vg_check *check,
                              struct vg_error *error);

#endif
