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

#include "vigil/alert.h"
#include "vigil/engine.h"
#include "vigil/wire.h"

struct vg_batch;

/* A gateway's mark: everything of this epoch up to `upto` is on disk but for the `missing`
 * ranges that can no longer be sent. */
struct vg_range {
    uint64_t first, last;
};

/* Each adds one record to the batch; VG_NO_MEMORY leaves it as it was. */
struct vg_batch *vg_batch_create(void);
void vg_batch_destroy(struct vg_batch *batch);
void vg_batch_clear(struct vg_batch *batch);
size_t vg_batch_records(const struct vg_batch *batch);

/* A message with its usable readings and entries; `hash` is of topic and payload. The episode
 * "" if no patient is linked. Readings are kept exactly as sent. */
enum vg_status vg_batch_message(struct vg_batch *batch, const struct vg_message *message,
                                const char *episode, struct vg_instant received,
                                uint64_t hash);
/* A letter that was refused, whole, with the reason. */
enum vg_status vg_batch_quarantine(struct vg_batch *batch, const struct vg_letter *letter,
                                   const struct vg_origin *origin,
                                   const struct vg_refusal *refusal,
                                   struct vg_instant received, uint64_t hash);
/* An episode, new or changed; and the message that did it. */
enum vg_status vg_batch_episode(struct vg_batch *batch, const struct vg_episode *episode);
enum vg_status vg_batch_admission(struct vg_batch *batch, const struct vg_letter *letter,
                                  const struct vg_origin *origin,
                                  struct vg_instant received, uint64_t hash);
/* An alert as it now stands, its history row, and its rows in the outbox (state and event). */
enum vg_status vg_batch_alert(struct vg_batch *batch, const struct vg_alert *alert);
/* The outbox row of that alert change was delivered. */
enum vg_status vg_batch_delivered(struct vg_batch *batch, const char *alert, uint32_t rev);
/* A gateway announced that it can no longer send numbers below `from`. */
enum vg_status vg_batch_gateway(struct vg_batch *batch, const char *gateway,
                                const char *epoch, uint64_t from);
/* The journal's letters up to this ordinal are in this batch or an earlier one. */
void vg_batch_journal(struct vg_batch *batch, uint64_t ordinal);

/* Called on the loop thread when the batch is safe (VG_OK) or has failed (VG_FAILED, with
 * the reason; nothing of it was written). */
typedef void vg_commit_fn(void *to, struct vg_batch *batch, enum vg_status status,
                          const struct vg_error *error);

/* What was stored, for the engine's rebuilding; called in the order of arrival. */
struct vg_restore {
    void *to;
    /* Each answers false to stop. */
    bool (*episode)(void *to, const struct vg_letter *letter, struct vg_instant received);
    bool (*alert)(void *to, const struct vg_alert *alert); /* open ones */
    bool (*ward)(void *to, const char *ward, uint64_t n);
    bool (*message)(void *to, const struct vg_message *message, const char *episode,
                    struct vg_instant received, uint64_t hash);
    bool (*number)(void *to, const char *gateway, const char *epoch, uint64_t seq,
                   uint64_t hash);
    bool (*unsent)(void *to, const struct vg_alert *alert); /* outbox rows, oldest first */
    bool (*gateway)(void *to, const char *gateway, const char *epoch, uint64_t from);
};

/* A store. Close joins its thread after the batch in flight; no completion is called after
 * it. */
struct vg_store;
struct vg_store_ops {
    const char *name;
    enum vg_status (*commit)(struct vg_store *store, struct vg_batch *batch,
                             vg_commit_fn *done, void *to);
    enum vg_status (*restore)(struct vg_store *store, struct vg_instant messages_since,
                              const struct vg_restore *calls, struct vg_error *error);
    uint64_t (*journal)(struct vg_store *store); /* ordinal up to which letters are stored */
    void (*close)(struct vg_store *store);
};
struct vg_store {
    const struct vg_store_ops *ops;
};

#endif
