/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a gateway, shared by the files gateway_link.c and gateway_answers.c.
 */
#ifndef VIGIL_CLI_GATEWAY_INSIDE_H
#define VIGIL_CLI_GATEWAY_INSIDE_H

#include "cli/gateway_keep.h"
#include "cli/gateway_link.h"
#include "shell/mqtt.h"
#include "wire/json.h"

struct vg_gateway {
    struct vg_sim_sender sender; /* first: the ward knows only this */
    struct vg_gateway_options options;
    struct vg_mqtt *mqtt;
    struct vg_json *json;
    struct vg_keep *keep;
    struct vg_sim_wire *wire;
    char status[VG_TOPIC_LEN + 1], committed[VG_TOPIC_LEN + 1],
        rejected[VG_TOPIC_LEN + 1];
    char said[VG_ID_LEN + 1]; /* the epoch of our latest status */
    vg_ms marked;             /* boot clock, when the latest mark came */
    struct vg_gateway_counts counts;
    char refusal[200];
};

/* The epoch of what is sent now: of the oldest that is kept, else the sender's. */
const char *vg_gateway_epoch(const struct vg_gateway *gateway);

#endif
