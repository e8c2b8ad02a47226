/* SPDX-License-Identifier: Apache-2.0
 *
 * The store that forgets at exit: the records of all batches, one after another. For
 * tests, and the smallest example of a store.
 */
#include "shell/store_memory.h"

#include <assert.h>
#include <stdlib.h>

#include "shell/store_audit.h"
#include "shell/store_kinds.h"

struct memory_store {
    struct vg_store store; /* first, so that it can be turned back */
    struct vg_pack log;
    struct vg_audit_chain audit; /* only its end: the rows would follow from the log */
    struct vg_buffer body;
    uint64_t journal;
    struct vg_batch *in_flight;
    vg_commit_fn *done;
    void *to;
    uv_async_t finished;
};

/* The trail's end with the rows of the batch. */
static enum vg_status extend(struct memory_store *memory, const struct vg_batch *batch,
                             struct vg_audit_chain *out)
{
    struct vg_record record;
    struct vg_audit_row row;
    size_t at = 0;
    enum vg_status status = VG_OK;

    *out = memory->audit;
    while (status != VG_NO_MEMORY && vg_record_next(&batch->pack, &at, &record)) {
        status = vg_audit_of(&record, &memory->body, &row);
        if (status == VG_OK) {
            row.id = (int64_t)out->count + 1;
            vg_audit_add(out, &row);
        }
    }
    return status == VG_NO_MEMORY ? VG_FAILED : VG_OK;
}

static enum vg_status append(struct memory_store *memory, const struct vg_batch *batch)
{
    struct vg_audit_chain end;

    if (extend(memory, batch, &end) != VG_OK) {
        return VG_FAILED;
    }
    vg_pack_bytes(&memory->log, batch->pack.bytes, batch->pack.length);
    if (memory->log.failed) {
        memory->log.failed = false; /* nothing was added */
        return VG_FAILED;
    }
    memory->audit = end;
    memory->journal =
        batch->journal > memory->journal ? batch->journal : memory->journal;
    return VG_OK;
}

static void on_finished(uv_async_t *finished)
{
    struct memory_store *memory = finished->data;
    struct vg_batch *batch = memory->in_flight;
    if (batch == NULL) {
        return;
    }
    struct vg_error error = {""};
    enum vg_status status = append(memory, batch);
    if (status != VG_OK) {
        vg_error_set(&error, "no memory for the batch");
    }
    memory->in_flight = NULL;
    memory->done(memory->to, batch, status, &error);
}

static enum vg_status commit(struct vg_store *store, struct vg_batch *batch,
                             vg_commit_fn *done, void *to)
{
    struct memory_store *memory = (struct memory_store *)store;
    if (memory->in_flight != NULL) {
        return VG_FULL;
    }
    memory->in_flight = batch;
    memory->done = done;
    memory->to = to;
    uv_async_send(&memory->finished);
    return VG_OK;
}

static enum vg_status restore(struct vg_store *store, struct vg_instant messages_since,
                              const struct vg_restore *calls, struct vg_error *error)
{
    struct memory_store *memory = (struct memory_store *)store;
    return vg_memory_restore(&memory->log, messages_since, calls, error);
}

static uint64_t journal(struct vg_store *store)
{
    return ((struct memory_store *)store)->journal;
}

static struct vg_audit_head audit(struct vg_store *store)
{
    return vg_audit_head_of(&((struct memory_store *)store)->audit);
}

static void on_closed(uv_handle_t *handle)
{
    struct memory_store *memory = handle->data;
    vg_pack_finish(&memory->log);
    vg_buffer_finish(&memory->body);
    free(memory);
}

static void close_store(struct vg_store *store)
{
    struct memory_store *memory = (struct memory_store *)store;
    memory->in_flight = NULL;
    uv_close((uv_handle_t *)&memory->finished, on_closed);
}

/* All of it is kept as it came in. */
static void keep(struct vg_store *store, const struct vg_store_plan *plan)
{
    (void)store;
    (void)plan;
}

static void sealing(struct vg_store *store, struct vg_sealing *out)
{
    (void)store;
    *out = (struct vg_sealing){0};
}

static enum vg_status refused(struct vg_store *store, uint64_t after,
                              vg_refused_fn *each, void *to, struct vg_error *error)
{
    struct memory_store *memory = (struct memory_store *)store;
    (void)error;
    vg_memory_refused(&memory->log, after, each, to);
    return VG_OK;
}

static const struct vg_store_ops ops = {"memory", commit, restore, journal,    refused,
                                        audit,    keep,   sealing, close_store};

enum vg_status vg_store_open_memory(const char *path, uv_loop_t *loop,
                                    struct vg_store **out, struct vg_error *error)
{
    (void)path;
    struct memory_store *memory = calloc(1, sizeof(*memory));
    if (memory == NULL) {
        return VG_NO_MEMORY;
    }
    if (uv_async_init(loop, &memory->finished, on_finished) != 0) {
        vg_error_set(error, "the loop has no room for another handle");
        free(memory);
        return VG_FAILED;
    }
    memory->store.ops = &ops;
    memory->finished.data = memory;
    *out = &memory->store;
    return VG_OK;
}
