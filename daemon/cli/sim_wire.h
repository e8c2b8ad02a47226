/* SPDX-License-Identifier: Apache-2.0
 *
 * A bad wire between a gateway and the broker: it loses, doubles, holds up and swaps what
 * goes through it, by chance with a seed. Without faults it is no more than a call.
 *
 * One thread. It has no clock: times are handed in, in milliseconds of whatever clock the
 * caller has.
 */
#ifndef VIGIL_CLI_SIM_WIRE_H
#define VIGIL_CLI_SIM_WIRE_H

#include "vigil/wire.h"

#include "cli/sim_chance.h"

struct vg_sim_faults {
    double drop, duplicate, reorder; /* probabilities */
    vg_ms delay; /* each message is held up by at most this; their order stays */
    vg_ms again; /* what is lost sets out again so much later; 0: it is lost */
};

struct vg_sim_wire_counts {
    uint64_t dropped, duplicated, reordered, delayed;
};

/* The far end, with the time at which it arrives there. VG_OK: taken. VG_FULL: it is offered
 * again later. Else it is gone. */
typedef enum vg_status vg_sim_wire_fn(void *to, vg_ms now,
                                      const struct vg_letter *letter);

struct vg_sim_wire;
/* NULL: no memory. */
struct vg_sim_wire *vg_sim_wire_create(const struct vg_sim_faults *faults,
                                       struct vg_sim_chance chance,
                                       vg_sim_wire_fn *deliver, void *to);

void vg_sim_wire_destroy(struct vg_sim_wire *wire); /* NULL is fine */

/* Topic (NUL-terminated) and payload are copied if they have to wait. VG_OK: on its way, or lost
 * on it. VG_FULL: too much is under way, or the far end is. Else what the far end said, or VG_NO_MEMORY. */
enum vg_status vg_sim_wire_send(struct vg_sim_wire *wire, vg_ms now,
                                const struct vg_letter *letter);

/* Delivers what is due. */
void vg_sim_wire_run(struct vg_sim_wire *wire, vg_ms now);
/* When the next is due; INT64_MAX: nothing is under way. */
vg_ms vg_sim_wire_due(const struct vg_sim_wire *wire);
/* The connection is gone, and all that was under way with it. */
void vg_sim_wire_clear(struct vg_sim_wire *wire);

struct vg_sim_wire_counts vg_sim_wire_counts(const struct vg_sim_wire *wire);

#endif
