/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer's connection, its transactions and its checkpoints.
 *
 * After any failure the connection is closed, and with it all that the writer remembers
 * of the file; the next commit opens and reads again. That is slow and always right.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/store_retain.h"
#include "shell/store_schema.h"
#include "shell/store_seal.h"

#define SWEEP_EVERY (60 * VG_SECOND)

enum vg_status vg_writer_run(struct vg_writer *writer, enum vg_writer_sql which,
                             struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[which];
    int code = sqlite3_step(statement);
    enum vg_status status = VG_OK;
    if (code != SQLITE_DONE) {
        status = vg_db_failed(writer->db, "write to the store", error);
    }
    sqlite3_reset(statement);
    return status;
}

void vg_writer_disconnect(struct vg_writer *writer)
{
    vg_seal_disconnect(writer->sealer);
    vg_retain_disconnect(writer->retainer);
    for (size_t i = 0; i < VG_SQL_COUNT; i++) {
        sqlite3_finalize(writer->statement[i]);
        writer->statement[i] = NULL;
    }
    sqlite3_close(writer->db);
    vg_gather_close(writer->gather);
    writer->db = NULL;
    writer->gather = NULL;
    vg_bundle_clear(&writer->bundle);
    writer->bundle_changed = false;
    vg_names_finish(&writer->places);
    vg_names_finish(&writer->subjects);
    vg_names_finish(&writer->epochs);
    vg_names_finish(&writer->stays);
    free(writer->place);
    free(writer->epoch);
    free(writer->seen);
    writer->place = NULL;
    writer->epoch = NULL;
    writer->seen = NULL;
    writer->place_capacity = 0;
    writer->epoch_capacity = 0;
    writer->seen_capacity = 0;
    writer->log_pages = 0;
    writer->checkpointed_pages = 0;
}

void vg_writer_suspect(struct vg_writer *writer)
{
    if (writer->db != NULL) {
        sqlite3_db_config(writer->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    vg_writer_disconnect(writer);
}

static int on_log(void *to, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    struct vg_writer *writer = to;
    writer->log_pages = pages;
    if (pages < writer->checkpointed_pages) {
        writer->checkpointed_pages = 0; /* the log began anew */
    }
    return SQLITE_OK;
}

/* Whether the batch whose commit failed is in the file all the same: its sync failed, and its
 * pages were found in the log. */
static void settle_doubt(struct vg_writer *writer, uint64_t serial)
{
    if (writer->doubt.serial == serial && serial != 0) {
        writer->doubt.written = true;
    } else if (!writer->doubt.written) {
        writer->doubt = (struct vg_doubt){0};
    }
    writer->serial = serial > writer->serial ? serial : writer->serial;
}

static enum vg_status load_meta(struct vg_writer *writer, struct vg_error *error)
{
    int64_t journal = 0;
    int64_t serial = 0;
    const struct {
        const char *sql;
        int64_t *out;
    } rows[] = {
        {"SELECT value FROM meta WHERE key = 'journal'", &journal},
        {"SELECT value FROM meta WHERE key = 'batch'", &serial},
        {"SELECT value FROM meta WHERE key = 'tail'", &writer->tail},
        {"SELECT value FROM meta WHERE key = 'readings'", &writer->readings},
        {"SELECT value FROM meta WHERE key = 'committed'", &writer->committed_at},
        {"SELECT max(last) FROM committed", &writer->covered},
        {"SELECT max(ifnull((SELECT max(id) FROM message_row), 0), ifnull((SELECT"
         " last FROM bundle ORDER BY id DESC LIMIT 1), 0))",
         &writer->last_message},
        {"SELECT max(id) FROM admission", &writer->last_admission},
        {"SELECT max(id) FROM quarantine", &writer->last_quarantine},
    };
    enum vg_status status = VG_OK;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && status == VG_OK; i++) {
        status = vg_db_number(writer->db, rows[i].sql, rows[i].out, error);
    }
    writer->journal = (uint64_t)journal;
    if (status == VG_OK) {
        settle_doubt(writer, (uint64_t)serial);
    }
    return status;
}

static enum vg_status load_trail(struct vg_writer *writer, struct vg_error *error)
{
    const enum vg_status status = vg_trail_load(writer->db, &writer->audit, error);

    if (status == VG_OK) {
        writer->committed = writer->audit;
    }
    return status;
}

static enum vg_status prepare_all(struct vg_writer *writer, struct vg_error *error)
{
    enum vg_status status = VG_OK;
    for (size_t i = 0; i < VG_SQL_COUNT && status == VG_OK; i++) {
        status = vg_db_prepare(writer->db, vg_writer_statements[i],
                               &writer->statement[i], error);
    }
    return status;
}

static enum vg_status load(struct vg_writer *writer, struct vg_error *error)
{
    static enum vg_status (*const steps[])(struct vg_writer *, struct vg_error *) = {
        prepare_all, load_meta, load_trail, vg_writer_load_names,
        vg_writer_load_chains};
    enum vg_status status = vg_db_quick_check(writer->db, error);
    if (status == VG_OK) {
        status = vg_schema_prepare(writer->db, error);
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && status == VG_OK; i++) {
        status = steps[i](writer, error);
    }
    return status;
}

static enum vg_status connect_file(struct vg_writer *writer, struct vg_error *error)
{
    enum vg_status status = vg_file_still(writer->path, &writer->file, error);
    if (status == VG_OK) {
        status = vg_db_open_writer(writer->path, &writer->db, error);
    }
    if (status == VG_OK) {
        status = vg_file_same(writer->path, &writer->file, error);
        sqlite3_wal_hook(writer->db, on_log, writer);
        status = status == VG_OK ? vg_db_harden(writer->db, error) : status;
        writer->gather = status == VG_OK ? vg_gather_open(writer->db) : NULL;
        status = status == VG_OK ? load(writer, error) : status;
    }
    if (status != VG_OK) {
        vg_error_prefix(error, "store \"%.100s\"", writer->path);
        vg_writer_suspect(writer);
    }
    return status;
}

enum vg_status vg_writer_open(const char *path, struct vg_writer **out,
                              struct vg_error *error)
{
    /* before anything is opened for writing: its closing alone would change the file */
    if (vg_schema_known(vg_db_version(path), error) != VG_OK) {
        vg_error_prefix(error, "store \"%.100s\"", path);
        return VG_FAILED;
    }
    struct vg_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return VG_NO_MEMORY;
    }
    writer->path = strdup(path);
    writer->swept = vg_clock_boot();
    enum vg_status status =
        writer->path == NULL ? VG_NO_MEMORY : connect_file(writer, error);
    if (status != VG_OK) {
        free(writer->path);
        free(writer);
        return status;
    }
    *out = writer;
    return VG_OK;
}

/* What moved beside the records: the journal's ordinal, the sums, the chains. */
static enum vg_status put_rest(struct vg_writer *writer, const struct vg_batch *batch,
                               struct vg_error *error)
{
    int64_t tail = writer->tail;
    enum vg_status status = VG_OK;
    if (vg_clock_boot() - writer->swept >= SWEEP_EVERY) {
        status = vg_writer_sweep(writer, error);
    }
    if (status == VG_OK && writer->tail != tail) {
        status = vg_writer_meta(writer, "tail", writer->tail, error);
    }
    if (status == VG_OK) {
        status = vg_writer_meta(writer, "readings", writer->readings, error);
    }
    if (status == VG_OK) {
        status = vg_writer_meta(writer, "batch", (int64_t)batch->serial, error);
    }
    if (status == VG_OK && batch->journal > writer->journal) {
        status = vg_writer_meta(writer, "journal", (int64_t)batch->journal, error);
    }
    return status;
}

static enum vg_status put_all(struct vg_writer *writer, const struct vg_batch *batch,
                              struct vg_error *error)
{
    const struct vg_doubt *doubt = &writer->doubt;
    struct vg_record record;
    size_t at = doubt->written && doubt->serial == batch->serial ? doubt->length : 0;
    const int64_t before = writer->last_message;
    enum vg_status status = vg_writer_run(writer, VG_SQL_BEGIN, error);
    while (status == VG_OK && vg_record_next(&batch->pack, &at, &record)) {
        status = vg_writer_record(writer, &record, error);
    }
    if (status == VG_OK) {
        status = vg_writer_bundle(writer, error);
    }
    if (status == VG_OK) {
        status = put_rest(writer, batch, error);
    }
    if (status == VG_OK) {
        status = vg_writer_committed(writer, before, error);
    }
    if (status == VG_OK) {
        status = vg_writer_run(writer, VG_SQL_COMMIT, error);
    }
    return status;
}

static void commit_failed(struct vg_writer *writer, const struct vg_batch *batch,
                          enum vg_status status, struct vg_error *error)
{
    if (status == VG_NO_MEMORY) {
        vg_error_set(error, "no memory to write the batch");
    }
    vg_error_prefix(error, "store \"%.100s\"", writer->path);
    sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL);
    if (!writer->doubt.written || writer->doubt.serial != batch->serial) {
        writer->doubt = (struct vg_doubt){batch->serial, batch->pack.length, false};
    }
    vg_writer_suspect(writer);
}

enum vg_status vg_writer_commit(struct vg_writer *writer, struct vg_batch *batch,
                                struct vg_error *error)
{
    if (batch->serial == 0) {
        batch->serial = ++writer->serial;
    }
    if (writer->db == NULL && connect_file(writer, error) != VG_OK) {
        return VG_FAILED;
    }
    if (vg_file_whole(writer->path, &writer->file, error) !=
        VG_OK) { /* nothing was written: what is in the log is safe */
        vg_error_prefix(error, "store \"%.100s\"", writer->path);
        vg_writer_disconnect(writer);
        return VG_FAILED;
    }
    const enum vg_status status = put_all(writer, batch, error);
    if (status != VG_OK) {
        commit_failed(writer, batch, status, error);
        return VG_FAILED;
    }
    writer->journal =
        batch->journal > writer->journal ? batch->journal : writer->journal;
    writer->committed = writer->audit;
    if (writer->doubt.serial == batch->serial) {
        writer->doubt = (struct vg_doubt){0};
    }
    return VG_OK;
}

int vg_writer_log(const struct vg_writer *writer)
{
    return writer->db == NULL ? 0 : writer->log_pages - writer->checkpointed_pages;
}

/* Readers may keep it from all that it should do. After a failure nobody knows what of the log is on
 * disk. */
static void checkpoint(struct vg_writer *writer, int mode)
{
    const int code = sqlite3_wal_checkpoint_v2(writer->db, NULL, mode, NULL, NULL);

    writer->checkpointed_pages = writer->log_pages;
    if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED) {
        vg_writer_suspect(writer);
    }
}

void vg_writer_tidy(struct vg_writer *writer)
{
    if (vg_writer_log(writer) > 0) {
        checkpoint(writer, SQLITE_CHECKPOINT_PASSIVE);
    }
}

uint64_t vg_writer_journal(const struct vg_writer *writer)
{
    return writer->journal;
}

struct vg_audit_head vg_writer_audit(const struct vg_writer *writer)
{
    return vg_audit_head_of(&writer->committed);
}

void vg_writer_close(struct vg_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->db != NULL) {
        checkpoint(writer, SQLITE_CHECKPOINT_TRUNCATE);
    }
    vg_writer_disconnect(writer);
    vg_seal_destroy(writer->sealer);
    vg_retain_destroy(writer->retainer);
    vg_buffer_finish(&writer->body);
    vg_bundle_finish(&writer->bundle);
    vg_pack_finish(&writer->bundled);
    free(writer->path);
    free(writer);
}
