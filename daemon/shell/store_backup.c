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
#include <sys/file.h>
#include <unistd.h>

#include "shell/store_db.h"
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

/* The copy, and what SQLite made beside it. */
static void remove_all(const char *part)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char path[PATH_SIZE];

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        (void)snprintf(path, sizeof path, "%s%s", part, ends[i]);
        (void)unlink(path);
    }
}

static void remove_beside(const char *part)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal"};
    char path[PATH_SIZE];

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        (void)snprintf(path, sizeof path, "%s%s", part, ends[i]);
        (void)unlink(path);
    }
}

/* The name becomes the copy's at once or not at all, and never replaces another file. */
static enum vg_status give_name(const char *part, const char *path,
                                struct vg_error *error)
{
    char folder[PATH_SIZE];
    const char *slash = strrchr(path, '/');

    if (link(part, path) != 0) {
        vg_error_set(error, "cannot name the copy \"%.150s\": %s", path,
                     strerrordesc_np(errno));
        return VG_FAILED;
    }
    (void)unlink(part);
    (void)snprintf(folder, sizeof folder, "%.*s",
                   slash == NULL ? 1 : (int)(slash - path + 1),
                   slash == NULL ? "." : path);
    return sync_file(folder, error);
}

enum vg_status vg_store_copy(const char *from, const char *path,
                             struct vg_copying *copying, struct vg_error *error)
{
    char part[PATH_SIZE];

    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part - 16) {
        vg_error_set(error, "the name of the copy is too long");
        return VG_REFUSED;
    }
    if (access(path, F_OK) == 0) {
        vg_error_set(error, "\"%.150s\" is there already: give another name", path);
        return VG_REFUSED;
    }
    remove_all(part);
    enum vg_status status = copy_snapshot(from, part, copying, error);
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

/* ---- What stands in the way */

static enum vg_status put_one_aside(const char *name, int64_t number,
                                    struct vg_error *error)
{
    char aside[PATH_SIZE + 32];

    (void)snprintf(aside, sizeof aside, "%s.before-%" PRId64, name, number);
    if (rename(name, aside) != 0 && errno != ENOENT) {
        vg_error_set(error, "cannot move \"%.120s\" aside: %s", name,
                     strerrordesc_np(errno));
        return VG_FAILED;
    }
    return VG_OK;
}

enum vg_status vg_store_put_aside(const char *path, int64_t number,
                                  struct vg_error *error)
{
    static const char *const ends[] = {"-wal", "-shm", ""};
    char pattern[PATH_SIZE];
    glob_t found = {0};
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < sizeof ends / sizeof *ends && status == VG_OK; i++) {
        (void)snprintf(pattern, sizeof pattern, "%s%s", path, ends[i]);
        status = put_one_aside(pattern, number, error);
    }
    (void)snprintf(pattern, sizeof pattern, "%s.inbox-*", path);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the tool has one thread */
    if (status == VG_OK && glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && status == VG_OK; i++) {
            if (strstr(found.gl_pathv[i], ".before-") == NULL) {
                status = put_one_aside(found.gl_pathv[i], number, error);
            }
        }
    }
    globfree(&found);
    return status;
}

int vg_store_lock(const char *path, struct vg_error *error)
{
    char name[PATH_SIZE];

    (void)snprintf(name, sizeof name, "%s.lock", path);
    const int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        vg_error_set(error, "cannot open \"%.150s\": %s", name, strerrordesc_np(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        vg_error_set(error, "a running vigild uses the store \"%.150s\": stop it first",
                     path);
        (void)close(fd);
        return -1;
    }
    return fd;
}

enum vg_status vg_store_compact(const char *path, vg_ms hot, struct vg_sealing *sealed,
                                struct vg_error *error)
{
    struct vg_writer *writer = NULL;
    sqlite3 *db = NULL;
    enum vg_status status = vg_writer_open(path, &writer, error);

    if (status != VG_OK) {
        return status;
    }
    vg_writer_hot(writer, hot);
    while (vg_writer_seal(writer)) {
        if (vg_writer_log(writer) > 4096) {
            vg_writer_tidy(writer);
        }
    }
    vg_writer_sealing(writer, sealed);
    vg_writer_close(writer);
    status = vg_db_open_writer(path, &db, error);
    if (status == VG_OK) {
        sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 1); /* VACUUM's own */
        status = vg_db_run(db, "VACUUM", error);
        sqlite3_close(db);
    }
    return status;
}
