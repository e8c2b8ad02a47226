/* SPDX-License-Identifier: Apache-2.0
 *
 * What is going on, for threads other than the loop's: last values and scores of each bed,
 * open alerts, the daemon's own state, and the latest events in their order.
 *
 * Two halves. The loop thread writes into a half of its own, without a lock; vg_live_publish
 * hands on what has changed and holds the lock for copies only. It never waits for the lock: if
 * a reader has it, what is due goes out with the next call. So no reader can delay an alert.
 *
 * Events are numbered from 1 without end, "<epoch>-<number>" outside. Changes of alerts and
 * heartbeats are kept in a ring of `queue`, each as it was; of a bed only its latest state is an
 * event, so what was overtaken is never sent. A reader who asks for what left the ring is told
 * so (VG_LIVE_RESYNC). Nothing is kept for a single reader.
 *
 * Ownership: texts are shared and immutable; who was handed one gives it back by
 * vg_shared_done. Any thread may read; what writes says "loop thread".
 */
#ifndef VIGIL_SHELL_LIVE_H
#define VIGIL_SHELL_LIVE_H

#include "vigil/engine.h"
#include "vigil/wire.h"

#define VG_LIVE_BEDS 16384 /* more are watched all the same, and not shown */

/* ---- Shared texts */

struct vg_shared;
struct vg_shared *vg_shared_of(const char *bytes, size_t length); /* NULL: no memory */
struct vg_shared *vg_shared_ref(struct vg_shared *text);
void vg_shared_done(struct vg_shared *text); /* NULL is fine */
const char *vg_shared_bytes(const struct vg_shared *text);
size_t vg_shared_length(const struct vg_shared *text);

/* ---- What is known */

/* The last usable value of one signal. */
struct vg_live_value {
    struct vg_instant ts; /* measured */
    struct vg_decimal value, raw;
    uint8_t signal;
    uint8_t unit; /* as sent: raw is told where it is not the canonical one */
    uint8_t source, method, quality;
};
/* Those that there are, in order of signal: a bed has some ten of all that can be measured. */
struct vg_live_values {
    struct vg_live_value *item;
    uint8_t count, room;
};
/* What was charted last; at VG_UNSET: nothing. */
struct vg_live_entry {
    struct vg_instant at;
    char value[VG_NAME_LEN + 1];
    int64_t flow, fio2; /* as in vg_entry */
};
enum vg_live_charted {
    VG_LIVE_O2,
    VG_LIVE_CONSCIOUSNESS,
    VG_LIVE_AROUSAL,
    VG_LIVE_CHARTED
};

struct vg_live_bed {
    struct vg_bed_look look; /* look.assessed has ward and bed */
    struct vg_live_values values;
    struct vg_live_entry charted[VG_LIVE_CHARTED];
};

/* The daemon itself; a plain value. */
struct vg_live_node {
    char node[64], epoch[VG_ID_LEN + 1];
    char self_check[96]; /* "ok", or what is wrong */
    bool draining, ready;
    struct vg_instant at; /* latest heartbeat */
    uint64_t beats;
    uint64_t letters, repeats, refused, dropped, notices, early, pages, commands;
    uint64_t inbox_refused, batches, steps, readings, asked;
    uint64_t beds, patients, open_alerts, audit_rows;
    vg_ms path, commit_age, loop_lag, late;
    bool broker_in, broker_out, store_failed;
};

struct vg_live;

/* `queue`: how many events are kept. NULL: no memory. */
struct vg_live *vg_live_create(const char *epoch, size_t queue);
void vg_live_destroy(struct vg_live *live); /* no thread uses it any more */

/* ---- Loop thread: news */

/* `protocol`: of beds without a patient, "" if not known; n: the ward's counter. */
void vg_live_ward(struct vg_live *live, const char *ward, const char *protocol,
                  uint64_t n);
/* A message that the engine has taken at `now`. */
void vg_live_message(struct vg_live *live, const struct vg_message *message,
                     struct vg_instant now);
/* An episode began, changed, moved or ended. */
void vg_live_episode(struct vg_live *live, const struct vg_episode *episode);
/* The same of a stored admission, while the past is fed in. */
void vg_live_admission(struct vg_live *live, const struct vg_admission *admission);
/* Something about this bed may have changed. */
void vg_live_touch(struct vg_live *live, const char *ward, const char *bed);
void vg_live_alert(struct vg_live *live, const struct vg_alert *alert, bool persisted);
/* An answer to who waits in vg_live_wait under this client's name. */
void vg_live_answer(struct vg_live *live, const struct vg_answer *answer,
                    struct vg_instant at);
/* The same of any text; it is emptied. */
void vg_live_reply(struct vg_live *live, const char *client, struct vg_buffer *text);
void vg_live_node(struct vg_live *live, const struct vg_live_node *node);
/* The heartbeat went out: a "status" event; or it was withheld, and node.self_check says why: a
 * "trouble" event. */
void vg_live_beat(struct vg_live *live);

/* Hands on what changed. `look` fills in a bed (false: it is gone); NULL: only what people
 * wait for, no beds. Each bed goes out at most twice a second, scores that time alone has
 * changed within about 5 s. `now`: boot clock. */
typedef bool vg_live_look_fn(void *to, const char *ward, const char *bed,
                             struct vg_bed_look *out);
void vg_live_publish(struct vg_live *live, vg_ms now, vg_live_look_fn *look, void *to);

/* ---- Any thread: reading. All append to `b`. */

/* `only`: no other ward; NULL: all. */
void vg_live_put_wards(struct vg_live *live, const char *only, struct vg_buffer *b,
                       struct vg_instant now);
/* False: no such ward. */
bool vg_live_put_beds(struct vg_live *live, const char *ward, struct vg_buffer *b,
                      struct vg_instant now);
void vg_live_node_get(struct vg_live *live, struct vg_live_node *out);
size_t vg_live_open_by_severity(struct vg_live *live, uint64_t out[VG_SEVERITY_COUNT]);
/* Open alerts of each trouble, in all wards. */
void vg_live_open_by_trouble(struct vg_live *live, uint64_t out[VG_TROUBLE_COUNT]);

/* An open alert's text (the caller's to give back) and ward; NULL: none of that id is open. */
struct vg_shared *vg_live_alert_get(struct vg_live *live, const char *id,
                                    char ward[VG_ID_LEN + 1]);

/* ---- Following */

enum vg_live_next {
    VG_LIVE_NOTHING, /* up to date */
    VG_LIVE_MORE,    /* something was appended, or passed over */
    VG_LIVE_RESYNC   /* events were lost; the cursor stands at the end now */
};
struct vg_live_cursor {
    uint64_t at;              /* the last event that was read */
    char ward[VG_ID_LEN + 1]; /* "" : all */
};
/* At the end, or behind `after` ("<epoch>-<number>", NULL or "": the end). VG_LIVE_RESYNC:
 * that is of another run, unreadable, or too long ago. */
enum vg_live_next vg_live_follow(struct vg_live *live, const char *after,
                                 struct vg_live_cursor *out);
/* Appends some events in the form of server-sent events, about 64 KiB at most. */
enum vg_live_next vg_live_read(struct vg_live *live, struct vg_live_cursor *cursor,
                               struct vg_buffer *b);
void vg_live_put_id(struct vg_live *live, uint64_t at, struct vg_buffer *b);
bool vg_live_has_ward(struct vg_live *live, const char *ward);

/* Waits until there is an event newer than `seen`, or `within` (0: not at all) is over; the
 * latest. */
uint64_t vg_live_wait_event(struct vg_live *live, uint64_t seen, vg_ms within);

/* ---- Answers */

struct vg_live_waiter {
    struct vg_live_waiter *next;
    char client[VG_ID_LEN + 1];
    struct vg_shared *text; /* the answer as JSON, to be given back; NULL: none came */
};
void vg_live_expect(struct vg_live *live, struct vg_live_waiter *waiter);
/* Nobody waits any more: the loop thread hands nothing on from now on. */
void vg_live_end(struct vg_live *live);
/* Waits for it, then forgets the waiter. */
void vg_live_wait(struct vg_live *live, struct vg_live_waiter *waiter, vg_ms within);

#endif
