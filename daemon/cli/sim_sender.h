/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever numbers the ward's messages and takes them: a gateway with its connection
 * (gateway_link.h), or the printer (sim_print.h).
 */
#ifndef VIGIL_CLI_SIM_SENDER_H
#define VIGIL_CLI_SIM_SENDER_H

#include "vigil/wire.h"

/* The first member of both. */
struct vg_sim_sender {
    char id[VG_ID_LEN + 1], epoch[VG_ID_LEN + 1];
    uint64_t next_seq;
    vg_ms skew; /* how far its clock is ahead of the true one */
    /* Takes what was begun and completed. The number is used up only by VG_OK. Else
     * VG_NO_MEMORY, VG_FAILED (disk) or VG_FULL: wait for marks. */
    enum vg_status (*put)(struct vg_sim_sender *self, const char *topic,
                          const struct vg_buffer *message);
};

/* `{"gateway":…,"epoch":…,"seq":…`, without the closing brace. */
void vg_sim_begin(const struct vg_sim_sender *sender, struct vg_buffer *buffer);

#endif
