/* SPDX-License-Identifier: Apache-2.0
 *
 * What doctor_broker.c (asks) and doctor_heard.c (takes what comes, and judges) share.
 */
#ifndef VIGIL_CLI_DOCTOR_BROKER_H
#define VIGIL_CLI_DOCTOR_BROKER_H

#include <uv.h>

#include "cli/doctor.h"
#include "cli/post.h"
#include "shell/confine.h"
#include "shell/inbox.h"
#include "shell/pulse.h"

struct vg_doctor_link {
    struct vg_doctor *doctor;
    uv_loop_t loop;
    uv_timer_t timer;
    struct vg_inbox *inbox;
    struct vg_mqtt *mqtt;
    struct vg_json *json;
    char client[VG_POST_CLIENT];
    char probe[VG_TOPIC_LEN + 1], status[VG_TOPIC_LEN + 1], beat[VG_TOPIC_LEN + 1];
    vg_ms begun, up_at; /* boot clock; 0: never */
    char down[200];     /* why there is no connection; "": there is one */
    bool sys;           /* $SYS is asked for */
    bool echoed;        /* our own message came back */
    int64_t dropped;    /* by the broker since it started; -1: it does not say */
    /* What the daemon says of itself. */
    char state[16], version[32]; /* "": nothing is retained */
    char stale[VG_ID_LEN + 1];   /* a protocol that is not the one on disk; "" */
    char settings[65];           /* digest of the file it was started with; "" */
    vg_excesses excesses;        /* see confine.h */
    bool excesses_said;          /* an older version does not */
    struct vg_pulse pulse;
    bool unwell;
    vg_ms path, lag, ahead; /* of the latest heartbeat; ahead: its clock less ours */
};

/* Any letter; what is not one of ours is passed over. */
void vg_doctor_hear(struct vg_doctor_link *link, const struct vg_item *item);
/* Nothing more is waited for. */
bool vg_doctor_heard_all(const struct vg_doctor_link *link, vg_ms now);

/* The findings: once, at the end. */
void vg_doctor_judge_broker(const struct vg_doctor_link *link);
void vg_doctor_judge_daemon(const struct vg_doctor_link *link);

#endif
