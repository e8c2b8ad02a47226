/* SPDX-License-Identifier: Apache-2.0
 *
 * What people charted about a patient, by the time it is about, in words: for `vigil history
 * --charted` and `vigil report`.
 */
#ifndef VIGIL_CLI_CHARTED_H
#define VIGIL_CLI_CHARTED_H

#include "shell/history.h"

struct vg_charted {
    struct vg_entry
        *entry; /* owned; oldest first, the same charted twice is there once */
    size_t count, room;
    uint64_t wanted; /* bit per charted signal from VG_MEASURED_COUNT on; 0: all */
    struct vg_instant from, to;
    bool failed; /* no memory */
};

/* Entries whose time is in the query's from..to, for its patient or bed; `wanted` is set before.
 * VG_OK, VG_NO_MEMORY, VG_FAILED. */
enum vg_status vg_charted_find(struct vg_reader *reader,
                               const struct vg_history_query *query,
                               struct vg_charted *out, struct vg_error *error);
void vg_charted_finish(struct vg_charted *charted);

/* What is beside the value: "2 L/min, FiO2 40 %", "off", "dose d1"; "" : nothing. */
void vg_charted_details(const struct vg_entry *entry, struct vg_buffer *out);

/* Whether it says the same of the same thing as `before`: not worth a line in a summary. */
bool vg_charted_same(const struct vg_entry *entry, const struct vg_entry *before);

#endif
