/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the memory store share.
 */
#ifndef VIGIL_SHELL_STORE_MEMORY_H
#define VIGIL_SHELL_STORE_MEMORY_H

#include "shell/batch.h"

/* One thing told in one walk over the log. */
struct vg_memory_walk {
    const struct vg_pack *log;
    struct vg_instant since, charted_since;
    const struct vg_restore *calls;
    struct vg_obs *obs;
    size_t last_mark; /* where the last mark ends: nothing to look for behind it */
    size_t answers;   /* first commands that are still to come, and are told later */
    bool refused;
};

bool vg_same_text(struct vg_slice a, struct vg_slice b);

/* Whether a record between `at` and `end` (SIZE_MAX: to the end) matches. */
typedef bool vg_memory_match(const struct vg_record *record,
                             const struct vg_record *other);
bool vg_memory_find(const struct vg_memory_walk *walk, size_t at, size_t end,
                    const struct vg_record *record, vg_memory_match *match);

/* How many commands there are, each counted once. */
size_t vg_memory_count_answers(const struct vg_memory_walk *walk);

/* Tellers: false to stop everything. The record stands between `before` and `after`. */
typedef bool vg_memory_teller(struct vg_memory_walk *walk, size_t before, size_t after,
                              const struct vg_record *record);
vg_memory_teller vg_memory_answer, vg_memory_pause, vg_memory_alert, vg_memory_unsent,
    vg_memory_page, vg_memory_paged, vg_memory_carried;

/* Reports what `log`, the records of all batches in order, amounts to. */
enum vg_status vg_memory_restore(const struct vg_pack *log,
                                 struct vg_instant messages_since,
                                 const struct vg_restore *calls,
                                 struct vg_error *error);

/* What is in quarantine because of its identity, numbered as it came, and not released. */
void vg_memory_refused(const struct vg_pack *log, uint64_t after, vg_refused_fn *each,
                       void *to);

#endif
