/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated ward at a real broker, and on paper.
 */
#ifndef VIGIL_CLI_SIM_LIVE_H
#define VIGIL_CLI_SIM_LIVE_H

#include "cli/recording.h"
#include "cli/sim_ledger.h"
#include "cli/sim_wire.h"
#include "cli/simulate_options.h"
#include "cli/simulate_ward.h"

/* What both need, ready made. */
struct vg_sim_cast {
    struct vg_sim_options options;
    struct vg_recordings recordings;               /* empty with the model */
    enum vg_sim_illness illness[VG_SIM_BEDS];      /* of the model */
    struct vg_sim_sender *sender[VG_SIM_GATEWAYS]; /* whoever runs the ward fills it */
    struct vg_sim_ledger *ledger;                  /* or NULL */
};

struct vg_sim_faults vg_sim_cast_faults(const struct vg_sim_cast *cast, vg_ms again);
/* The ward of this cast, and the wrong clocks of its senders. NULL: no memory. */
struct vg_sim_ward *vg_sim_cast_ward(struct vg_sim_cast *cast, struct vg_instant begun,
                                     double speed);

/* Both return the tool's exit code. The first ends the process itself (mqtt.h says why). */
int vg_sim_live(struct vg_sim_cast *cast);
int vg_sim_paper(struct vg_sim_cast *cast);

#endif
