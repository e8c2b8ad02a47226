/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of `vigil watch` share: its options, a daemon that is watched with what is
 * being said of it, and the ways out.
 *
 *   watch.c          the loop: listens, judges by the clock
 *   watch_hear.c     letters: heartbeats, states, what was left
 *   watch_options.c  the words of the command line
 *   watch_say.c      the alert and its pages, to the broker
 *   watch_others.c   the same pages by webhook and mail
 */
#ifndef VIGIL_CLI_WATCH_H
#define VIGIL_CLI_WATCH_H

#include "cli/query.h"
#include "shell/channel.h"
#include "shell/pulse.h"

#define VG_WATCH_NODES 16
#define VG_WATCH_ROLES 8

/* Texts are the command line's. */
struct vg_watch_options {
    struct vg_query_options common;
    size_t node_count, ward_count, role_count;
    const char *node[VG_WATCH_NODES];
    const char *ward[VG_WARDS];
    char role[VG_WATCH_ROLES][VG_ID_LEN + 1];
    struct vg_pulse_limits limits;
    const char *heads; /* NULL: not kept */
    bool once, help;
};

extern const char vg_watch_usage[];

/* VG_OK, or VG_REFUSED with a sentence ("" if a fault was already printed). */
enum vg_status vg_watch_options_read(int argc, char **argv,
                                     struct vg_watch_options *out,
                                     struct vg_error *error);

/* Why a daemon is not heard. */
enum vg_watch_why {
    VG_WATCH_SILENT,
    VG_WATCH_STOPPED,   /* in good order: draining, offline */
    VG_WATCH_BROKE_OFF, /* its will */
    VG_WATCH_STUCK,
    VG_WATCH_OLD,
    VG_WATCH_UNWELL,
    VG_WATCH_NO_BROKER, /* we hear nobody */
    VG_WATCH_WHYS
};

struct vg_watch_node {
    const char *id;
    char beat_topic[VG_TOPIC_LEN + 1], status_topic[VG_TOPIC_LEN + 1];
    struct vg_pulse pulse;
    enum vg_watch_why why, told_why;
    vg_ms headed_at; /* audit head last written, boot clock */
    /* The alert as it stands, for all wards; `id` and `ward` are filled in for each. */
    bool open;
    struct vg_alert alert;
    /* Publications to the broker are numbered over wards and kinds; those from `owed` on
     * are still to be taken. After a failure all are sent again: their ids are the same. */
    size_t owed, in_flight;
    vg_ms owed_from; /* not before this moment */
};

struct vg_watch_others;

struct vg_watch {
    struct vg_watch_options options;
    struct vg_watch_node node[VG_WATCH_NODES];
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t signals[3];
    struct vg_inbox *inbox;
    struct vg_mqtt *mqtt;
    struct vg_watch_others *others; /* NULL: there are none */
    struct vg_json *json;
    struct vg_buffer text;
    vg_ms begun, ticked; /* boot clock */
    int code;
};

/* ---- watch_hear.c */

void vg_watch_hear(struct vg_watch *watch, const struct vg_letter *letter);

/* ---- watch_say.c */

/* Begins to say it: by every other way at once, to the broker as it takes it. */
void vg_watch_lost(struct vg_watch *watch, struct vg_watch_node *node);
void vg_watch_again(struct vg_watch *watch, struct vg_watch_node *node);
void vg_watch_back(struct vg_watch *watch, struct vg_watch_node *node);

/* Gives the broker what it is owed, as far as it takes it. */
void vg_watch_pump(struct vg_watch *watch, struct vg_watch_node *node);

/* A retained alert of a ward: one of ours from before we were started is ours again. */
void vg_watch_adopt(struct vg_watch *watch, const char *json, size_t length);

/* The id that the loss of this daemon at this moment has in a ward: the same for every
 * watcher that heard the same last heartbeat. */
void vg_watch_alert_id(const char *node, const char *ward, struct vg_instant onset,
                       char out[VG_ALERT_LEN + 1]);

/* One line on standard output, with the time. */
void vg_watch_print(const struct vg_watch_node *node, const char *what,
                    const char *text);

/* ---- watch_others.c */

/* One that cannot be opened is left out, loudly: watching goes before. */
void vg_watch_others_open(struct vg_watch *watch);
void vg_watch_others_send(struct vg_watch *watch, const struct vg_alert *alert,
                          enum vg_page_kind kind, const char *role);

#endif
