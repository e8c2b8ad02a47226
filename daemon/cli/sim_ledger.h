/* SPDX-License-Identifier: Apache-2.0
 *
 * What was published, for whoever counts afterwards: one JSON object a line,
 *
 *     {"gateway":…,"epoch":…,"seq":…,"topic":…,"bytes":…,"sha256":…,"message":{…}}
 *
 * with the message as it was sent. A line is written before the message first goes out, by one
 * write(2), so a kill loses none. After a start from a spool what it held is written again: the same
 * (gateway, epoch, seq) may stand there twice, and then says the same.
 */
#ifndef VIGIL_CLI_SIM_LEDGER_H
#define VIGIL_CLI_SIM_LEDGER_H

#include "vigil/wire.h"

struct vg_sim_ledger;

/* Appends to `path`. VG_OK, VG_NO_MEMORY or VG_FAILED with a sentence. */
enum vg_status vg_sim_ledger_open(const char *path, struct vg_sim_ledger **out,
                                  struct vg_error *error);

void vg_sim_ledger_close(struct vg_sim_ledger *ledger); /* NULL is fine */

struct vg_sim_entry {
    const char *gateway, *epoch, *topic;
    uint64_t seq;
    const char *message;
    size_t length;
};

/* VG_OK, VG_NO_MEMORY or VG_FAILED (disk). NULL for a ledger: VG_OK. */
enum vg_status vg_sim_ledger_add(struct vg_sim_ledger *ledger,
                                 const struct vg_sim_entry *entry);

#endif
