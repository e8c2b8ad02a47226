/* SPDX-License-Identifier: Apache-2.0
 *
 * See store_file.h.
 */
#include "shell/store_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "shell/clock.h"
#include "shell/store_db.h"
#include "shell/store_schema.h"

#define ASIDE       ".damaged-"
#define CHECK_FOR   (5 * VG_SECOND)
#define CHECK_STEPS 10000
#define LOOKS       3
#define LOOK_AGAIN  1000 /* ms */
#define LOCK_TRIES  20
#define LOCK_AGAIN  10 /* ms */

bool vg_file_lock(int fd)
{
    bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0;

    for (int i = 1; !locked && errno == EWOULDBLOCK && i < LOCK_TRIES; i++) {
        uv_sleep(LOCK_AGAIN);
        locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    }
    return locked;
}

/* The text that the link says; 0: it is none. */
static size_t link_says(const char *path, char *text, size_t capacity)
{
    const ssize_t length = readlink(path, text, capacity - 1);

    text[length > 0 ? length : 0] = '\0';
    return length > 0 ? (size_t)length : 0;
}

static enum vg_status without_links(const char *path, struct vg_error *error)
{
    char part[4096];
    char leads[100];

    for (size_t i = 1; i < sizeof part && path[i - 1] != '\0'; i++) {
        (void)snprintf(part, sizeof part, "%.*s", (int)i, path);
        if ((path[i] == '/' || path[i] == '\0') &&
            link_says(part, leads, sizeof leads) > 0) {
            vg_error_set(error,
                         "\"%.110s\" is a symbolic link (to \"%.99s\"): give the "
                         "path without it",
                         part, leads);
            return VG_FAILED;
        }
    }
    return VG_OK;
}

enum vg_status vg_file_plain(const char *path, struct vg_error *error)
{
    struct stat about;

    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
        vg_error_set(error, "\"%.120s\" is there and is no file: give another path",
                     path);
        return VG_FAILED;
    }
    return without_links(path, error);
}

enum vg_status vg_file_same(const char *path, struct vg_file_id *id,
                            struct vg_error *error)
{
    struct stat now;
    const bool known = id->device != 0 || id->inode != 0;

    if (stat(path, &now) != 0) {
        vg_error_set(error, "the file of the store is gone (\"%.120s\": %s)", path,
                     strerrordesc_np(errno));
        return known ? VG_FAILED : VG_OK;
    }
    if (known && (id->device != now.st_dev || id->inode != now.st_ino)) {
        vg_error_set(
            error,
            "another file lies in the place of the store (\"%.120s\"): put the "
            "old one back, or start vigild again",
            path);
        return VG_FAILED;
    }
    *id = (struct vg_file_id){now.st_dev, now.st_ino};
    return VG_OK;
}

enum vg_status vg_file_still(const char *path, const struct vg_file_id *id,
                             struct vg_error *error)
{
    struct vg_file_id known = *id;

    return known.inode != 0 ? vg_file_same(path, &known, error) : VG_OK;
}

enum vg_status vg_file_whole(const char *path, struct vg_file_id *id,
                             struct vg_error *error)
{
    char log[4096];
    const enum vg_status status = vg_file_same(path, id, error);

    (void)snprintf(log, sizeof log, "%s-wal", path);
    if (status == VG_OK && access(log, F_OK) != 0) {
        vg_error_set(error, "the log of the store is gone (\"%.120s\": %s)", log,
                     strerrordesc_np(errno));
        return VG_FAILED;
    }
    return status;
}

/* ---- Damage */

static int out_of_time(void *to)
{
    const vg_ms *until = to;
    return vg_clock_boot() > *until;
}

static bool says_damaged(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

/* By its head, if that is one of SQLite's. Asking SQLite would leave a log beside a store that is
 * no business of ours. */
static bool newer(const char *path)
{
    unsigned char head[64];
    FILE *in = fopen(path, "re");
    const bool whole = in != NULL && fread(head, 1, sizeof head, in) == sizeof head &&
                       memcmp(head, "SQLite format 3", 16) == 0;

    if (in != NULL) {
        (void)fclose(in);
    }
    return whole && ((int64_t)head[60] << 24 | head[61] << 16 | head[62] << 8 |
                     head[63]) > vg_schema_steps[vg_schema_step_count - 1].to;
}

/* Whatever else is wrong (no room, no right, a failing disk) is no damage of the file, and looking
 * changes neither it nor its log. */
static bool damaged(const char *path)
{
    vg_ms until = vg_clock_boot() + CHECK_FOR;
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    bool found = false;
    int code =
        sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW, NULL);

    if (code == SQLITE_OK) {
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_progress_handler(db, CHECK_STEPS, out_of_time, &until);
        code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &rows, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_step(rows);
        found = code == SQLITE_ROW && strcmp(vg_db_column(rows, 0).text, "ok") != 0;
    }
    found = found || says_damaged(code);
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return found;
}

bool vg_file_unsound(const char *path)
{
    struct vg_error error;

    return vg_file_plain(path, &error) == VG_OK && access(path, R_OK) == 0 &&
           (vg_db_version(path) == 0 || damaged(path));
}

/* SQLite calls a file damaged, too, of which a read failed (EIO). A disk that was only away for
 * a moment costs nobody their history. */
static bool stays_damaged(const char *path)
{
    bool found = damaged(path);

    for (int look = 1; found && look < LOOKS; look++) {
        uv_sleep(LOOK_AGAIN);
        found = damaged(path);
    }
    return found;
}

/* Only vigild makes these; the first two are always there. */
static bool was_ours(const char *path)
{
    char journal[4096];

    (void)snprintf(journal, sizeof journal, "%s.inbox-0", path);
    return access(journal, F_OK) == 0;
}

enum vg_status vg_file_set_aside(const char *path, char name[VG_ASIDE_LEN + 1],
                                 struct vg_error *error)
{
    static const char *const ends[] = {"-wal", "-shm", ""}; /* the file itself last */
    char from[4096];
    char to[4096];

    if (!was_ours(path) || newer(path) || !stays_damaged(path)) {
        return VG_ABSENT;
    }
    const int length = snprintf(name, VG_ASIDE_LEN + 1, "%s" ASIDE "%lld", path,
                                (long long)vg_clock_wall().ms);
    if (length < 0 || length > VG_ASIDE_LEN) {
        vg_error_set(error, "the path of the store is too long: \"%.80s…\"", path);
        return VG_FAILED;
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        (void)snprintf(from, sizeof from, "%s%s", path, ends[i]);
        (void)snprintf(to, sizeof to, "%s%s", name, ends[i]);
        if (rename(from, to) != 0 && errno != ENOENT) {
            vg_error_set(error, "cannot rename \"%.120s\", which is damaged: %s", from,
                         strerrordesc_np(errno));
            return VG_FAILED;
        }
    }
    return VG_OK;
}

/* Whether the entry is a set-aside file of the store called `base`; its log is not. */
static bool is_aside(const char *entry, const char *base)
{
    const size_t length = strlen(base);

    return strncmp(entry, base, length) == 0 &&
           strncmp(entry + length, ASIDE, sizeof ASIDE - 1) == 0 &&
           strchr(entry + length + sizeof ASIDE - 1, '-') == NULL;
}

enum vg_status vg_file_aside(const char *path, char name[VG_ASIDE_LEN + 1])
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    char folder[4096];
    char newest[VG_ASIDE_LEN + 1] = "";

    (void)snprintf(folder, sizeof folder, "%.*s", (int)(base - path), path);
    DIR *dir = opendir(slash != NULL ? folder : ".");
    if (dir == NULL) {
        return VG_ABSENT;
    }
    const struct dirent *e = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's alone */
    while ((e = readdir(dir)) != NULL) {
        if (is_aside(e->d_name, base) && strcmp(e->d_name, newest) > 0) {
            (void)vg_copy(newest, sizeof newest, e->d_name);
        }
    }
    (void)closedir(dir);
    const int length =
        snprintf(name, VG_ASIDE_LEN + 1, "%s%s", slash != NULL ? folder : "", newest);
    return newest[0] != '\0' && length >= 0 && length <= VG_ASIDE_LEN ? VG_OK
                                                                      : VG_ABSENT;
}
