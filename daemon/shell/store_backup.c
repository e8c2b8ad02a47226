/* SPDX-License-Identifier: Apache-2.0
 *
 * Copying by SQLite's online backup, from one snapshot. See store_backup.h.
 */
#include "shell/store_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shell/owner.h"
#include "shell/store_db.h"
#include "shell/store_file.h"
#include "shell/store_schema.h"
#include "shell/store_write.h"

#define PAGES     256 /* at a time */
#define PATH_SIZE 1024

/* ---- Copying */

static enum vg_status copy_pages(sqlite3 *from, sqlite3 *to, struct vg_copying *copying,
                                 struct vg_error *error)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int code = SQLITE_OK;

    if (backup == NULL) {
        return vg_db_failed(to, "begin the copy", error);
    }
    while (code == SQLITE_OK || code == SQLITE_BUSY) {
        code = sqlite3_backup_step(backup, PAGES);
        const int all = sqlite3_backup_pagecount(backup);
        if (copying->progress != NULL) {
            copying->progress(copying->to, all - sqlite3_backup_remaining(backup), all);
        }
    }
    if (sqlite3_backup_finish(backup) != SQLITE_OK || code != SQLITE_DONE) {
        return vg_db_failed(to, "write the copy", error);
    }
    return VG_OK;
}

static enum vg_status open_target(const char *path, sqlite3 **out,
                                  struct vg_error *error)
{
    /* private from the first byte on */
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        vg_error_set(error, "cannot make \"%.150s\": %s", path, strerrordesc_np(errno));
        return VG_FAILED;
    }
    (void)close(fd);
    if (sqlite3_open_v2(path, out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
                        NULL) != SQLITE_OK) {
        const enum vg_status status = vg_db_failed(*out, "make the copy", error);
        sqlite3_close(*out);
        *out = NULL;
        return status;
    }
    return VG_OK;
}

/* All of one moment: a transaction holds the snapshot, whatever the daemon writes. */
static enum vg_status copy_snapshot(const char *from, const char *part,
                                    struct vg_copying *copying, struct vg_error *error)
{
    sqlite3 *source = NULL;
    sqlite3 *target = NULL;
    int64_t number = 0;
    enum vg_status status = vg_db_open_reader(from, &source, error);

    if (status != VG_OK) {
        return status;
    }
    status = vg_db_run(source, "BEGIN", error);
    if (status == VG_OK) {
        status = vg_db_number(source, "SELECT count(*) FROM meta", &number, error);
    }
    if (status == VG_OK) {
        status = open_target(part, &target, error);
    }
    if (status == VG_OK) {
        status = copy_pages(source, target, copying, error);
    }
    sqlite3_close(target);
    sqlite3_close(source);
    return status;
}

static enum vg_status sync_file(const char *path, struct vg_error *error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const bool synced = fd >= 0 && fsync(fd) == 0;

    if (!synced) {
        vg_error_set(error, "cannot bring \"%.150s\" to disk: %s", path,
                     strerrordesc_np(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return synced ? VG_OK : VG_FAILED;
}

static bool on_fault(void *to, const char *sentence)
{
    vg_error_set(to, "the copy is not whole: %.200s", sentence);
    return false;
}

static enum vg_status verify(const char *part, struct vg_copying *copying,
                             struct vg_error *error)
{
    struct vg_reader *reader = NULL;
    struct vg_check check = {.fault = on_fault, .to = error};
    enum vg_status status = vg_store_read_open(part, &reader, error);

    if (status != VG_OK) {
        return status;
    }
    vg_store_read_within(reader, VG_DAY);
    status = vg_store_check(reader, &check, error);
    if (status == VG_OK && check.faults > 0) {
        status = VG_REFUSED;
    }
    if (status == VG_OK) {
        status = vg_store_stats(reader, &copying->stats, error);
    }
    vg_store_read_close(reader);
    return status;
}

/* What SQLite made beside the copy. */
static void remove_beside(const char *part)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal"};
    char path[PATH_SIZE];

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        (void)snprintf(path, sizeof path, "%s%s", part, ends[i]);
        (void)unlink(path);
    }
}

static void remove_all(const char *part)
{
    (void)unlink(part);
    remove_beside(part);
}

static enum vg_status sync_folder(const char *path, struct vg_error *error)
{
    char folder[PATH_SIZE];
    const char *slash = strrchr(path, '/');

    (void)snprintf(folder, sizeof folder, "%.*s",
                   slash == NULL ? 1 : (int)(slash - path + 1),
                   slash == NULL ? "." : path);
    return sync_file(folder, error);
}

/* The name becomes the copy's at once or not at all, and never replaces another file. */
static enum vg_status give_name(const char *part, const char *path,
                                struct vg_error *error)
{
    if (link(part, path) != 0) {
        vg_error_set(error, "cannot name the copy \"%.150s\": %s", path,
                     strerrordesc_np(errno));
        return VG_FAILED;
    }
    (void)unlink(part);
    return sync_folder(path, error);
}

/* Writes the log into the store and ends it, so that one file is all of it. A store that is
 * damaged may not let itself be opened: then its log is kept as it is. */
static void end_log(const char *path, const char *log)
{
    sqlite3 *db = NULL;
    struct vg_error error;

    if (access(log, F_OK) == 0 && vg_db_open_writer(path, &db, &error) == VG_OK) {
        sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        sqlite3_close(db);
    }
}

/* A copy of an older store is brought up to date, as a start of vigild would: else nobody could
 * read it back to see whether it is whole. */
static enum vg_status bring_up(const char *part, struct vg_error *error)
{
    sqlite3 *db = NULL;
    int64_t version = 0;
    struct vg_writer *writer = NULL;
    char log[PATH_SIZE + 8];
    enum vg_status status = vg_db_open_reader(part, &db, error);

    if (status == VG_OK) {
        status = vg_db_number(db, "PRAGMA user_version", &version, error);
    }
    sqlite3_close(db);
    if (status != VG_OK || version == 0 ||
        version >= vg_schema_steps[vg_schema_step_count - 1].to) {
        return status; /* what is no store, or too new, is found out where it is read */
    }
    status = vg_writer_open(part, &writer, error);
    if (status == VG_OK) {
        vg_writer_close(writer);
        (void)snprintf(log, sizeof log, "%s-wal", part);
        end_log(part, log);
    }
    return status;
}

enum vg_status vg_store_copy(const char *from, const char *path,
                             struct vg_copying *copying, struct vg_error *error)
{
    char part[PATH_SIZE];

    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part - 16) {
        vg_error_set(error, "the name of the copy is too long");
        return VG_FAILED;
    }
    if (access(path, F_OK) == 0) {
        vg_error_set(error, "\"%.150s\" is there already: give another name", path);
        return VG_FAILED;
    }
    enum vg_status status = vg_file_plain(path, error);
    if (status == VG_OK) {
        remove_all(part);
        status = copy_snapshot(from, part, copying, error);
    }
    if (status == VG_OK) {
        status = bring_up(part, error);
    }
    if (status == VG_OK) {
        status = verify(part, copying, error);
        remove_beside(part);
    }
    if (status == VG_OK) {
        status = sync_file(part, error);
    }
    if (status == VG_OK) {
        status = give_name(part, path, error);
    }
    if (status != VG_OK) {
        remove_all(part);
    }
    return status;
}

/* ---- Taking a store's place */

/* A second name for it; a file that is not there needs none. */
static enum vg_status keep_one(const char *name, int64_t number, struct vg_error *error)
{
    char aside[PATH_SIZE + 32];

    (void)snprintf(aside, sizeof aside, "%s.before-%" PRId64, name, number);
    if (link(name, aside) != 0 && errno != ENOENT) {
        vg_error_set(error, "cannot keep \"%.120s\" under another name: %s", name,
                     strerrordesc_np(errno));
        return VG_FAILED;
    }
    return VG_OK;
}

/* For each file of letters beside the store. */
static enum vg_status each_inbox(const char *path, int64_t number,
                                 enum vg_status (*act)(const char *, int64_t,
                                                       struct vg_error *),
                                 struct vg_error *error)
{
    char pattern[PATH_SIZE];
    glob_t found = {0};
    enum vg_status status = VG_OK;

    (void)snprintf(pattern, sizeof pattern, "%s.inbox-*", path);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the tool has one thread */
    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && status == VG_OK; i++) {
            if (strstr(found.gl_pathv[i], ".before-") == NULL) {
                status = act(found.gl_pathv[i], number, error);
            }
        }
    }
    globfree(&found);
    return status;
}

static enum vg_status remove_one(const char *name, int64_t number,
                                 struct vg_error *error)
{
    (void)number;
    if (unlink(name) != 0 && errno != ENOENT) {
        vg_error_set(error, "cannot remove \"%.120s\": %s", name,
                     strerrordesc_np(errno));
        return VG_FAILED;
    }
    return VG_OK;
}

/* The first number from `number` on under which nothing was kept yet. */
static int64_t free_number(const char *path, int64_t number)
{
    char aside[PATH_SIZE + 32];
    bool taken = true;

    while (taken) {
        (void)snprintf(aside, sizeof aside, "%s.before-%" PRId64, path, number);
        taken = access(aside, F_OK) == 0;
        number += taken;
    }
    return number;
}

/* At no moment is there less than one whole store under the name: what was there has a second
 * name before the new one takes the first, and its log is in it by then. */
enum vg_status vg_store_replace(const char *path, const char *with, int64_t number,
                                struct vg_error *error)
{
    char log[PATH_SIZE];
    char shared[PATH_SIZE];

    (void)snprintf(log, sizeof log, "%s-wal", path);
    (void)snprintf(shared, sizeof shared, "%s-shm", path);
    number = free_number(path, number);
    end_log(path, log);
    enum vg_status status = keep_one(path, number, error);
    if (status == VG_OK) {
        status = keep_one(log, number, error);
    }
    if (status == VG_OK) {
        status = each_inbox(path, number, keep_one, error);
    }
    if (status == VG_OK) {
        status = sync_folder(path, error);
    }
    if (status == VG_OK) {
        status = remove_one(log, 0, error);
    }
    if (status == VG_OK) {
        status = remove_one(shared, 0, error);
    }
    if (status == VG_OK && rename(with, path) != 0) {
        vg_error_set(error, "cannot give \"%.150s\" its name: %s", path,
                     strerrordesc_np(errno));
        status = VG_FAILED;
    }
    if (status == VG_OK) {
        status = sync_folder(path, error);
    }
    return status == VG_OK ? each_inbox(path, 0, remove_one, error) : status;
}

int vg_store_lock(const char *path, struct vg_error *error)
{
    char name[PATH_SIZE];

    (void)snprintf(name, sizeof name, "%s.lock", path);
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0) {
        (void)vg_owner_give(fd, path);
    } else if (errno == EEXIST) {
        fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    }
    if (fd < 0) {
        vg_error_set(error, "cannot open \"%.150s\": %s", name, strerrordesc_np(errno));
        return -1;
    }
    if (!vg_file_lock(fd)) {
        vg_error_set(error, "a running vigild uses the store \"%.150s\": stop it first",
                     path);
        (void)close(fd);
        return -1;
    }
    return fd;
}
