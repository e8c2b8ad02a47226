/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's parts as its own files see them:
 *   app.c          start, stop, signals
 *   app_rules.c    protocols and wards, reload
 *   app_restore.c  rebuilding from store and journal
 *   app_letters.c  one letter: decode, number, engine, records
 *   app_commit.c   batches and the notices that wait for them
 *   app_gateways.c numbers, committed marks, answers
 *   app_status.c   node status, heartbeat, ward index, housekeeping
 */
#ifndef VIGIL_SHELL_APP_INSIDE_H
#define VIGIL_SHELL_APP_INSIDE_H

#include "vigil/store.h"

#include "core/sequence.h"
#include "shell/app.h"
#include "shell/channel.h"
#include "shell/clock.h"
#include "shell/http.h"
#include "shell/protocol_file.h"

/* Group commit: a batch with a notice goes at once, others after this long or this many. */
#define VG_COMMIT_AFTER   50 /* ms */
#define VG_COMMIT_RECORDS 2048
/* A notice waits for its batch no longer than this: storage may never silence an alarm. */
#define VG_NOTICE_WAIT (250 * (vg_ms)1)
#define VG_MARK_EVERY  (500 * (vg_ms)1)
#define VG_HEARTBEAT   5000 /* ms */
#define VG_HOUSEKEEP   100  /* ms */

/* Hashes of the latest numbers, to tell a repeat from a number used twice. */
#define VG_RECENT 256
struct vg_gateway_epoch {
    char gateway[VG_ID_LEN + 1], epoch[VG_ID_LEN + 1];
    struct vg_sequence received;  /* put into some batch */
    struct vg_sequence committed; /* on disk */
    struct {
        uint64_t seq, hash;
    } recent[VG_RECENT];
    bool current;            /* the gateway's latest epoch: its mark is published */
    bool dirty;              /* committed has changed since the mark was published */
    bool unmarked;           /* received has changed since the mark was stored */
    vg_ms published, stored; /* boot clock */
};

struct vg_pending_number {
    size_t gateway; /* index */
    uint64_t seq;
};

/* A batch and what becomes true when it is on disk. */
struct vg_load {
    struct vg_batch *batch;
    uint64_t number;  /* of the batch, rising */
    uint64_t ordinal; /* journal */
    bool canary, urgent;
    size_t seq_count, seq_size;
    struct vg_pending_number *seq;
};

struct vg_pending_notice {
    struct vg_pending_notice *next;
    struct vg_alert alert;
    uint64_t batch; /* its batch's number */
    vg_ms queued;   /* boot clock */
    bool stored, sent;
    bool early; /* delivered before it was stored: not again */
};

struct vg_dirty_ward {
    char id[VG_ID_LEN + 1];
    bool dirty;
};

struct vg_app {
    const struct vg_settings *settings;
    struct vg_log *log;
    int ready_fd;
    uv_loop_t loop;
    uv_signal_t signals[3];
    uv_timer_t deadline, commit, housekeeping, heartbeat, ending;
    bool stopping, said_offline, ready;
    char epoch[VG_ID_LEN + 1]; /* of this run */
    struct vg_instant now;

    struct vg_protocol_set protocols;
    struct vg_ward *wards;
    struct vg_rulebook book;
    struct vg_engine *engine;
    struct vg_effects effects;
    struct vg_decoder *decoder;
    struct vg_buffer json;

    struct vg_store *store;
    struct vg_journal *journal;
    struct vg_inbox *inbox;
    struct vg_mqtt *intake, *outlet;
    struct vg_channel *channel;
    struct vg_http *http;

    struct vg_load filling, flying;
    bool busy;        /* flying is with the store */
    vg_ms busy_since; /* boot clock */
    bool store_failed;
    uint64_t batches;
    struct vg_pending_notice *notices, **notices_end;
    bool quiet; /* recovering: no answers are published */

    size_t gateway_count, gateway_size;
    size_t mark_next, store_next; /* whose turn it is */
    struct vg_gateway_epoch **gateway;
    uint64_t *seen_hash; /* ring of unnumbered letters' hashes */
    size_t seen_next;
    size_t ward_count, ward_size;
    struct vg_dirty_ward *ward;
    vg_ms canary_sent, canary_back; /* boot clock, 0: none */
    struct {
        uint64_t letters, repeats, refused, dropped, notices, early;
    } count;
};

#define VG_SEEN 4096

/* ---- app_rules.c */
enum vg_status vg_app_load_rules(struct vg_app *app, struct vg_error *error);
void vg_app_reload(struct vg_app *app);

/* ---- app_restore.c */
enum vg_status vg_app_restore(struct vg_app *app, struct vg_error *error);

/* ---- app_letters.c */
void vg_app_letter(struct vg_app *app, const struct vg_letter *letter,
                   struct vg_instant received, uint64_t ordinal, bool again,
                   size_t whole_length);
void vg_app_time(struct vg_app *app);
void vg_app_arm(struct vg_app *app); /* the deadline timer */
void vg_app_effects(struct vg_app *app, const struct vg_letter *letter);

/* ---- app_commit.c */
enum vg_status vg_app_batches(struct vg_app *app);
void vg_app_commit_soon(struct vg_app *app);
void vg_app_commit_now(struct vg_app *app);
void vg_app_notice(struct vg_app *app, const struct vg_alert *alert, bool stored);
void vg_app_release(struct vg_app *app); /* notices that may go */
void vg_app_delivered(void *to, void *tag, enum vg_status status);

/* ---- app_gateways.c */
struct vg_gateway_epoch *vg_app_gateway(struct vg_app *app, const char *gateway,
                                        const char *epoch, size_t *index);
void vg_app_gateway_current(struct vg_app *app, size_t index);
void vg_app_answer(struct vg_app *app, const struct vg_letter *letter,
                   const struct vg_origin *origin, const struct vg_refusal *refusal);
void vg_app_marks(struct vg_app *app, bool all);
void vg_app_store_marks(struct vg_app *app);
bool vg_app_publish(struct vg_app *app, const char *topic, const void *payload,
                    size_t length, bool retained);

/* ---- app_status.c */
void vg_app_status(struct vg_app *app, const char *state);
size_t vg_app_status_text(struct vg_app *app, const char *state);
void vg_app_ward_dirty(struct vg_app *app, const char *ward);
void vg_app_indexes(struct vg_app *app);
void vg_app_canary(struct vg_app *app);
void vg_app_heartbeat(struct vg_app *app);
void vg_app_check_ready(struct vg_app *app);

#endif
