/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQLite store: a writer (store_write.h) on a thread of its own, with room for one
 * batch. The loop hands a batch over and is woken when it is on disk.
 *
 * A lock file `<path>.lock` is held for life: SQLite alone would let two daemons write the
 * same store in turn.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/clock.h"
#include "shell/store_db.h"
#include "shell/store_file.h"
#include "shell/store_kinds.h"
#include "shell/store_restore.h"
#include "shell/store_write.h"
#include "shell/wake.h"

/* A checkpoint takes milliseconds in which no batch can be written, and alerts wait for their
 * batch. So it is made in a pause: a short one will do once the log is worth it, and a long
 * one for whatever there is. Only a log that has grown very long is not kept waiting (its
 * space is laid out beforehand, see store_db.c). The checkpoint stays on the writer's own
 * connection: with another one, SQLite before 3.51.3 can damage the file. */
#define PAUSE_NS  10000000u
#define IDLE_NS   2000000000u
#define BREATH_NS 1000000u /* between two portions of sealing: a batch goes first */
#define LOOK_EVERY \
    VG_SECOND           /* whether there is something to seal: each look is a wake-up */
#define WORTH_IT   2560 /* pages of 4 KiB */
#define LONG_PAGES 3584

struct sqlite_store {
    struct vg_store store; /* first, so that it can be turned back */
    char *path;
    int lock_fd;
    struct vg_writer *writer; /* the thread's, while it runs; so are the next two */
    bool more;                /* to seal or to purge, as far as is known */
    vg_ms looked;             /* boot clock: when that was asked last */
    uv_thread_t thread;
    struct vg_wake finished;
    uv_mutex_t lock; /* guards all below */
    uv_cond_t wake;
    bool quit;
    struct vg_batch *job; /* in flight, until its completion was told */
    bool job_done;        /* by the thread, with: */
    enum vg_status job_status;
    struct vg_error job_error;
    uint64_t journal;
    struct vg_audit_head job_audit;
    struct vg_audit_head audit; /* the loop's: of the last batch that completed */
    struct vg_store_plan plan;
    struct vg_sealing sealing;
    vg_commit_fn *done;
    void *to;
};

/* ---- The thread */

/* With the lock held, which is let go meanwhile. */
static void tidy(struct sqlite_store *sqlite)
{
    uv_mutex_unlock(&sqlite->lock);
    vg_writer_tidy(sqlite->writer);
    uv_mutex_lock(&sqlite->lock);
}

/* The same: seals or purges old readings, a little at a time. Whether there is more to do. */
static bool seal(struct sqlite_store *sqlite)
{
    vg_writer_hot(sqlite->writer, sqlite->plan.hot);
    vg_writer_keep(sqlite->writer, &sqlite->plan);
    uv_mutex_unlock(&sqlite->lock);
    const bool more = vg_writer_seal(sqlite->writer) || vg_writer_purge(sqlite->writer);
    uv_mutex_lock(&sqlite->lock);
    vg_writer_sealing(sqlite->writer, &sqlite->sealing);
    return more;
}

/* With the lock held: waits for a batch, and does what can be done meanwhile. False: there is
 * nothing more to do. */
static bool await_job(struct sqlite_store *sqlite)
{
    while (sqlite->job == NULL || sqlite->job_done) {
        if (sqlite->quit) {
            return false;
        }
        const bool more =
            sqlite->more || vg_clock_boot() - sqlite->looked >= LOOK_EVERY;
        const bool due = vg_writer_log(sqlite->writer) >= WORTH_IT;
        const uint64_t pause = more ? BREATH_NS : due ? PAUSE_NS : IDLE_NS;
        if (uv_cond_timedwait(&sqlite->wake, &sqlite->lock, pause) == 0) {
            continue;
        }
        if (!more || vg_writer_log(sqlite->writer) >= LONG_PAGES) {
            tidy(sqlite);
        }
        sqlite->more = seal(sqlite);
        sqlite->looked = vg_clock_boot();
    }
    return true;
}

static void work(void *to)
{
    struct sqlite_store *sqlite = to;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL); /* signals are the loop's */
    uv_mutex_lock(&sqlite->lock);
    while (await_job(sqlite)) {
        struct vg_batch *batch = sqlite->job;
        uv_mutex_unlock(&sqlite->lock);
        struct vg_error error = {""};
        enum vg_status status = vg_writer_commit(sqlite->writer, batch, &error);
        uint64_t journal = vg_writer_journal(sqlite->writer);
        struct vg_audit_head head = vg_writer_audit(sqlite->writer);
        uv_mutex_lock(&sqlite->lock);
        sqlite->job_done = true;
        sqlite->job_status = status;
        sqlite->job_error = error;
        sqlite->journal = journal;
        sqlite->job_audit = head;
        uv_mutex_unlock(&sqlite->lock);
        vg_wake_send(&sqlite->finished);
        uv_mutex_lock(&sqlite->lock);
        if (vg_writer_log(sqlite->writer) >= LONG_PAGES) {
            tidy(sqlite);
        }
    }
    uv_mutex_unlock(&sqlite->lock);
    vg_writer_close(sqlite->writer);
}

/* ---- The loop */

static void on_finished(void *to)
{
    struct sqlite_store *sqlite = to;
    uv_mutex_lock(&sqlite->lock);
    struct vg_batch *batch = sqlite->job_done ? sqlite->job : NULL;
    enum vg_status status = sqlite->job_status;
    struct vg_error error = sqlite->job_error;
    if (batch != NULL) {
        sqlite->job = NULL;
        sqlite->job_done = false;
        sqlite->audit = status == VG_OK ? sqlite->job_audit : sqlite->audit;
    }
    uv_mutex_unlock(&sqlite->lock);
    if (batch != NULL) {
        sqlite->done(sqlite->to, batch, status, &error);
    }
}

static enum vg_status commit(struct vg_store *store, struct vg_batch *batch,
                             vg_commit_fn *done, void *to)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    uv_mutex_lock(&sqlite->lock);
    bool taken = sqlite->job == NULL;
    if (taken) {
        sqlite->job = batch;
        sqlite->done = done;
        sqlite->to = to;
        uv_cond_signal(&sqlite->wake);
    }
    uv_mutex_unlock(&sqlite->lock);
    return taken ? VG_OK : VG_FULL;
}

static enum vg_status restore(struct vg_store *store, struct vg_instant messages_since,
                              const struct vg_restore *calls, struct vg_error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    char aside[VG_ASIDE_LEN + 1];
    struct vg_error why;
    const enum vg_status status =
        vg_sqlite_restore(sqlite->path, messages_since, calls, error);

    /* Half is rebuilt: the next start, which follows at once, begins with a new store. */
    if (status == VG_FAILED && vg_file_set_aside(sqlite->path, aside, &why) == VG_OK) {
        vg_error_prefix(error, "the store was damaged and was set aside as \"%.100s\"",
                        aside);
    }
    return status;
}

static uint64_t journal(struct vg_store *store)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    uv_mutex_lock(&sqlite->lock);
    uint64_t ordinal = sqlite->journal;
    uv_mutex_unlock(&sqlite->lock);
    return ordinal;
}

static struct vg_audit_head audit(struct vg_store *store)
{
    return ((struct sqlite_store *)store)->audit;
}

/* Whatever of it stands. */
static void discard(struct sqlite_store *sqlite)
{
    if (sqlite->lock_fd >= 0) {
        close(sqlite->lock_fd); /* which unlocks */
    }
    free(sqlite->path);
    free(sqlite);
}

static void on_closed(uv_handle_t *handle)
{
    struct sqlite_store *sqlite = handle->data;
    vg_wake_finish(&sqlite->finished);
    uv_mutex_destroy(&sqlite->lock);
    uv_cond_destroy(&sqlite->wake);
    discard(sqlite);
}

static void close_store(struct vg_store *store)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    uv_mutex_lock(&sqlite->lock);
    sqlite->quit = true;
    uv_cond_signal(&sqlite->wake);
    uv_mutex_unlock(&sqlite->lock);
    uv_thread_join(&sqlite->thread);
    vg_wake_close(&sqlite->finished, on_closed);
}

static void keep(struct vg_store *store, const struct vg_store_plan *plan)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    uv_mutex_lock(&sqlite->lock);
    sqlite->plan = *plan;
    uv_mutex_unlock(&sqlite->lock);
}

static void sealing(struct vg_store *store, struct vg_sealing *out)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    uv_mutex_lock(&sqlite->lock);
    *out = sqlite->sealing;
    uv_mutex_unlock(&sqlite->lock);
}

static enum vg_status refused(struct vg_store *store, uint64_t after,
                              vg_refused_fn *each, void *to, struct vg_error *error)
{
    const struct sqlite_store *sqlite = (const struct sqlite_store *)store;
    return vg_sqlite_refused(sqlite->path, after, each, to, error);
}

static const struct vg_store_ops ops = {"sqlite", commit, restore, journal,    refused,
                                        audit,    keep,   sealing, close_store};

/* ---- Opening */

static enum vg_status take_lock(struct sqlite_store *sqlite, struct vg_error *error)
{
    if (vg_file_plain(sqlite->path, error) != VG_OK) { /* nothing is put beside it */
        return VG_FAILED;
    }
    size_t length = strlen(sqlite->path);
    char *path = malloc(length + sizeof(".lock"));
    if (path == NULL) {
        return VG_NO_MEMORY;
    }
    memcpy(path, sqlite->path, length);
    memcpy(path + length, ".lock", sizeof(".lock"));
    enum vg_status status = VG_OK;
    sqlite->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (sqlite->lock_fd < 0) {
        vg_error_set(error, "cannot open \"%.150s\": %s", path, strerrordesc_np(errno));
        status = VG_FAILED;
    } else if (!vg_file_lock(sqlite->lock_fd)) {
        vg_error_set(
            error,
            "another vigild uses the store \"%.120s\" (its lock file is held): "
            "stop it or give another store.path",
            sqlite->path);
        status = VG_FAILED;
    }
    free(path);
    return status;
}

/* A store that is damaged is set aside, and a new one made: records may be lost, but patients
 * are watched. One that is sound by now is opened. */
static enum vg_status open_writer(struct sqlite_store *sqlite, struct vg_error *error)
{
    char aside[VG_ASIDE_LEN + 1];
    struct vg_error why;
    const enum vg_status status = vg_writer_open(sqlite->path, &sqlite->writer, error);

    if (status == VG_FAILED &&
        vg_file_set_aside(sqlite->path, aside, &why) != VG_FAILED) {
        return vg_writer_open(sqlite->path, &sqlite->writer, error);
    }
    return status;
}

/* The handle, the lock and the thread; needs an open writer. */
static enum vg_status start(struct sqlite_store *sqlite, uv_loop_t *loop,
                            struct vg_error *error)
{
    sqlite->journal = vg_writer_journal(sqlite->writer);
    sqlite->audit = vg_writer_audit(sqlite->writer);
    if (uv_mutex_init(&sqlite->lock) != 0 || uv_cond_init(&sqlite->wake) != 0 ||
        !vg_wake_open(&sqlite->finished, loop, on_finished, sqlite)) {
        vg_error_set(error, "the loop has no room for another handle");
        return VG_FAILED;
    }
    sqlite->finished.poll.data = sqlite;
    if (uv_thread_create(&sqlite->thread, work, sqlite) != 0) {
        vg_error_set(error, "cannot start the store's thread");
        return VG_FAILED;
    }
    return VG_OK;
}

enum vg_status vg_store_open_sqlite(const char *path, uv_loop_t *loop,
                                    struct vg_store **out, struct vg_error *error)
{
    struct sqlite_store *sqlite = calloc(1, sizeof(*sqlite));
    if (sqlite == NULL) {
        return VG_NO_MEMORY;
    }
    vg_db_library();
    sqlite->store.ops = &ops;
    sqlite->lock_fd = -1;
    sqlite->path = strdup(path);
    enum vg_status status =
        sqlite->path == NULL ? VG_NO_MEMORY : take_lock(sqlite, error);
    if (status == VG_OK) {
        status = open_writer(sqlite, error);
    }
    if (status != VG_OK) {
        discard(sqlite);
        return status;
    }
    status = start(sqlite, loop, error);
    if (status != VG_OK) {
        vg_writer_close(sqlite->writer);
        return status; /* the process is out of handles or threads, and about to exit: what
                          the loop may still know of stays */
    }
    *out = &sqlite->store;
    return VG_OK;
}
