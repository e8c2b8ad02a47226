/* SPDX-License-Identifier: Apache-2.0
 *
 * The way to disk. The loop thread fills a batch; the store writes it as one transaction
 * on a thread of its own and says when it is safe. One batch is in flight at most while
 * the next one fills: commits group themselves under load.
 *
 * Two stores of equal standing: SQLite (store_sqlite.c) and memory (store_memory.c, for
 * tests and as the smallest example). Rows of the table in store.c.
 *
 * Ownership: a batch belongs to the caller before commit and after its completion, and to
 * the store in between. Everything put into it is copied.
 */
#ifndef VIGIL_STORE_H
#define VIGIL_STORE_H

#include <uv.h>

#include "vigil/alert.h"
#include "vigil/engine.h"
#include "vigil/wire.h"

struct vg_batch;

/* Both inclusive. */
struct vg_range {
    uint64_t first, last;
};

/* Each adds one record to the batch; VG_NO_MEMORY leaves it as it was. */
struct vg_batch *vg_batch_create(void);
void vg_batch_destroy(struct vg_batch *batch);
void vg_batch_clear(struct vg_batch *batch);
size_t vg_batch_records(const struct vg_batch *batch);

/* A message with its usable readings and entries; `hash` is of topic and payload: of a message with
 * a seq, which is only compared with others of that seq, the low 32 bits are kept. The episode
 * "" if no patient is linked. Readings are kept exactly as sent. */
enum vg_status vg_batch_message(struct vg_batch *batch,
                                const struct vg_message *message, const char *episode,
                                struct vg_instant received, uint64_t hash);
/* A letter that was refused, whole, with the reason. */
enum vg_status vg_batch_quarantine(struct vg_batch *batch,
                                   const struct vg_letter *letter,
                                   const struct vg_origin *origin,
                                   const struct vg_refusal *refusal,
                                   struct vg_instant received, uint64_t hash);
/* A tie of bed and patient, begun or ended; known by episode and beginning. */
enum vg_status vg_batch_tie(struct vg_batch *batch, const struct vg_tie *tie);
/* An infusion that a message charts, or takes back, for the chain of identity: `entry` is of VG_INFUSION. `of`:
 * the stay, with donor and chain of identity as they are now; NULL: it is not known. */
enum vg_status vg_batch_infusion(struct vg_batch *batch,
                                 const struct vg_message *message, const char *episode,
                                 const struct vg_entry *entry,
                                 const struct vg_episode *of);
/* A message in quarantine was released to this patient: it is not released again. */
enum vg_status vg_batch_released(struct vg_batch *batch, uint64_t quarantine,
                                 const char *patient);
/* An episode, new or changed; and the message that did it. */
enum vg_status vg_batch_episode(struct vg_batch *batch,
                                const struct vg_episode *episode);
/* What that episode carries over a restart, in place of what it did. */
enum vg_status vg_batch_carried(struct vg_batch *batch, const char *episode,
                                const struct vg_carried *carried);
enum vg_status vg_batch_admission(struct vg_batch *batch,
                                  const struct vg_letter *letter,
                                  const struct vg_origin *origin,
                                  struct vg_instant received, uint64_t hash);
/* An alert as it now stands, its history row, and its rows in the outbox (state and event). */
enum vg_status vg_batch_alert(struct vg_batch *batch, const struct vg_alert *alert);
/* A page of that alert to a role, before it goes out: what vg_page_id names. Put after its alert. */
enum vg_status vg_batch_page(struct vg_batch *batch, const struct vg_alert *alert,
                             enum vg_page_kind kind, const char *role,
                             struct vg_instant at);
/* Evidence of a page's way: it is settled once no channel need try it any more. */
enum vg_way {
    VG_WAY_SENT,
    VG_WAY_FAILED,
    VG_WAY_RECEIVED,
    VG_WAY_DISPLAYED,
    VG_WAY_DROPPED,
    VG_WAY_COUNT
};
const char *vg_way_text(enum vg_way way);
enum vg_status vg_batch_way(struct vg_batch *batch, const char *page,
                            const char *channel, enum vg_way way, bool settled,
                            struct vg_instant at, const char *detail);
/* A command as it was understood, and its answer. */
enum vg_status vg_batch_command(struct vg_batch *batch,
                                const struct vg_command *command,
                                const struct vg_answer *answer, struct vg_instant at);
/* A bed off the ward, or back. */
enum vg_status vg_batch_pause(struct vg_batch *batch, const struct vg_pause *pause);
/* A part of a bed's assessments ("news2", …) as it stands from then on: JSON. No trail. */
struct vg_assessed_part {
    struct vg_instant at;
    const char *ward, *bed, *patient, *episode; /* "" if there is none */
    const char *part, *json;
};
enum vg_status vg_batch_assessed(struct vg_batch *batch,
                                 const struct vg_assessed_part *assessed);
/* Anything else that the audit trail must have: `kind` "start", "stop", "setting", "protocol", "clock", …
 * Alerts, pages, commands and pauses come into the trail by themselves. */
enum vg_status vg_batch_audit(struct vg_batch *batch, struct vg_instant at,
                              const char *kind, const char *subject, const char *text);
/* The outbox row of that alert change was delivered. */
enum vg_status vg_batch_delivered(struct vg_batch *batch, const char *alert,
                                  uint32_t rev);
/* A gateway announced that it can no longer send numbers below `from`. */
enum vg_status vg_batch_gateway(struct vg_batch *batch, const char *gateway,
                                const char *epoch, uint64_t from);
/* A gateway's mark, so that a restart need not read every number again: of this epoch,
 * everything up to `upto` and in `ranges` (rising, all above `upto`) is in this batch
 * before this record, or in an earlier one. The invariant: a mark names every number of
 * its epoch that was put into this or an earlier batch, by vg_batch_message,
 * vg_batch_admission or vg_batch_quarantine, and none that was not. So put it after them,
 * at most once a second for each gateway; and after a failed commit put no mark until what
 * failed has been put again. */
enum vg_status vg_batch_mark(struct vg_batch *batch, const char *gateway,
                             const char *epoch, uint64_t upto,
                             const struct vg_range *ranges, size_t range_count);
/* The journal's letters up to this ordinal are in this batch or an earlier one. */
void vg_batch_journal(struct vg_batch *batch, uint64_t ordinal);

/* Called on the loop thread when the batch is safe (VG_OK) or has failed (VG_FAILED, with
 * the reason; nothing of it was written). */
typedef void vg_commit_fn(void *to, struct vg_batch *batch, enum vg_status status,
                          const struct vg_error *error);

/* What was stored, for the engine's rebuilding, in this order: gateways, marks, contents, numbers,
 * wards, open alerts, what open stays carry over; then admissions and messages merged, in the order of arrival; then
 * what is unsent. Everything pointed to is good for the call only.
 *
 * Messages are those received since `messages_since`, and all of labs, assessment and therapy
 * of the last VG_RESTORE_CHARTED before the newest message.
 *
 * Numbers: for each gateway and epoch the last mark, if there is one, then every number that
 * was put after it, in order of arrival within each of messages, admissions and quarantine.
 * What the mark names and the numbers together are what was put: nothing is missing, and no
 * number is told twice unless it was put twice. */
#define VG_RESTORE_CHARTED (100 * VG_DAY)
struct vg_restore {
    void *to;
    /* Each answers false to stop; the restore then ends with VG_OK. NULL: not wanted. */
    bool (*mark)(void *to, const char *gateway, const char *epoch, uint64_t upto,
                 const struct vg_range *ranges, size_t range_count);
    bool (*episode)(void *to, const struct vg_letter *letter,
                    struct vg_instant received);
    bool (*alert)(void *to, const struct vg_alert *alert); /* open ones */
    bool (*ward)(void *to, const char *ward, uint64_t n,
                 struct vg_instant at); /* of the ward's latest change */
    bool (*message)(void *to, const struct vg_message *message, const char *episode,
                    struct vg_instant received, uint64_t hash);
    bool (*number)(void *to, const char *gateway, const char *epoch, uint64_t seq,
                   uint64_t hash);
    /* Of the latest refused messages and admissions, marked or not; seq 0: without a number. */
    bool (*content)(void *to, const char *gateway, const char *epoch, uint64_t seq,
                    uint64_t hash);
    bool (*unsent)(void *to,
                   const struct vg_alert *alert); /* outbox rows, oldest first */
    bool (*gateway)(void *to, const char *gateway, const char *epoch, uint64_t from);
    /* before the alerts; the last VG_RESTORE_ANSWERS commands, oldest first */
    bool (*answer)(void *to, const struct vg_answer *answer);
    bool (*pause)(void *to, const struct vg_pause *pause); /* those that last */
    /* before the messages; of the episodes that are open */
    bool (*carried)(void *to, const char *episode, const struct vg_carried *carried);
    /* after what is unsent: pages not settled, oldest first; the alert as it was then */
    bool (*page)(void *to, const struct vg_alert *alert, enum vg_page_kind kind,
                 const char *role, struct vg_instant at);
    /* the last VG_RESTORE_PAGES, settled or not, oldest first */
    bool (*paged)(void *to, const char *ward, const char *page);
    /* A row ("message", "alert", …) cannot be read back and is passed over. NULL: the first such
     * row ends the restore with VG_FAILED. */
    void (*damaged)(void *to, const char *what);
};
#define VG_RESTORE_ANSWERS 1024
#define VG_RESTORE_PAGES   8192

/* A message in quarantine because of its identity, not released yet. Good for the call only. */
struct vg_refused {
    uint64_t id; /* rising in the order of arrival, from 1 */
    struct vg_letter letter;
    struct vg_instant received;
    uint64_t hash;
};
/* False: no more are wanted. */
typedef bool vg_refused_fn(void *to, const struct vg_refused *refused);

/* The audit trail's end: how many rows, and the hash over them all. */
struct vg_audit_head {
    uint64_t count;
    char hash[65];
};

/* How long what is kept how. All zero: everything for ever, as it came in. */
struct vg_store_plan {
    vg_ms
        hot; /* messages of monitors may be sealed when they came so much before the newest
                  one; 0: never. Sealed ones are not told by a restore: it is never less than
                  what `messages_since` goes back, and an hour. */
    /* What came, or was raised, so long before the newest message is purged; 0: never. The
     * audit trail and episodes are always kept, open alerts too. */
    vg_ms keep_readings, keep_alerts, keep_quarantine;
};
/* Readings must stay for as long as a restart asks for charted ones. */
#define VG_KEEP_LEAST (VG_RESTORE_CHARTED + VG_DAY)

/* What sealing has done since the store was opened. */
struct vg_sealing {
    uint64_t messages, readings, stretches;
    vg_ms longest; /* the longest time that a batch may have waited for it */
    struct vg_error
        error; /* of the latest failure, "" if none: nothing is lost by it */
};

/* A store. Close joins its thread after the batch in flight, which is then the caller's
 * again: no completion is called any more. The loop must turn once more afterwards, to
 * run close callbacks. commit returns VG_OK, or VG_FULL while another batch is in flight.
 * All on the loop thread. */
struct vg_store;
struct vg_store_ops {
    const char *name;
    enum vg_status (*commit)(struct vg_store *store, struct vg_batch *batch,
                             vg_commit_fn *done, void *to);
    enum vg_status (*restore)(struct vg_store *store, struct vg_instant messages_since,
                              const struct vg_restore *calls, struct vg_error *error);
    uint64_t (*journal)(
        struct vg_store *store); /* ordinal up to which letters are stored */
    /* What is in quarantine because of its identity, with an id above `after`, as far as it is
     * stored. VG_OK or VG_FAILED. */
    enum vg_status (*refused)(struct vg_store *store, uint64_t after,
                              vg_refused_fn *each, void *to, struct vg_error *error);
    /* As of the last batch that completed. */
    struct vg_audit_head (*audit)(struct vg_store *store);
    void (*keep)(struct vg_store *store, const struct vg_store_plan *plan);
    void (*sealing)(struct vg_store *store, struct vg_sealing *out);
    void (*close)(struct vg_store *store);
};
struct vg_store {
    const struct vg_store_ops *ops;
};

/* `kind` is "sqlite" or "memory" (no path). VG_OK, VG_NO_MEMORY, VG_ABSENT (no such kind) or
 * VG_FAILED: the error says what to mend. */
enum vg_status vg_store_open(const char *kind, const char *path, uv_loop_t *loop,
                             struct vg_store **out, struct vg_error *error);

#endif
