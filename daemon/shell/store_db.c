/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening SQLite with everything checked; see store_db.h.
 */
#include "shell/store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "shell/clock.h"
#include "shell/store_file.h"
#include "shell/store_rows.h"

void vg_db_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum vg_status vg_db_failed(sqlite3 *db, const char *what, struct vg_error *error)
{
    vg_error_set(error, "cannot %s: %s (%d)", what, sqlite3_errmsg(db),
                 sqlite3_extended_errcode(db));
    return VG_FAILED;
}

enum vg_status vg_db_run(sqlite3 *db, const char *sql, struct vg_error *error)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        return vg_db_failed(db, "change the store", error);
    }
    return VG_OK;
}

enum vg_status vg_db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out,
                             struct vg_error *error)
{
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) !=
        SQLITE_OK) {
        return vg_db_failed(db, "read the store's tables", error);
    }
    return VG_OK;
}

enum vg_status vg_db_number(sqlite3 *db, const char *sql, int64_t *out,
                            struct vg_error *error)
{
    sqlite3_stmt *statement;
    enum vg_status status = vg_db_prepare(db, sql, &statement, error);
    if (status != VG_OK) {
        return status;
    }
    int code = sqlite3_step(statement);
    *out = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        status = vg_db_failed(db, "read the store", error);
    }
    sqlite3_finalize(statement);
    return status;
}

void vg_db_bind_text(sqlite3_stmt *statement, int index, struct vg_slice text)
{
    sqlite3_bind_text64(statement, index, text.text, text.length, SQLITE_STATIC,
                        SQLITE_UTF8);
}

void vg_db_bind_blob(sqlite3_stmt *statement, int index, struct vg_slice bytes)
{
    sqlite3_bind_blob64(statement, index, bytes.text, bytes.length, SQLITE_STATIC);
}

struct vg_slice vg_db_column(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_type(statement, column) == SQLITE_BLOB
                            ? sqlite3_column_blob(statement, column)
                            : sqlite3_column_text(statement, column);
    int length = sqlite3_column_bytes(statement, column);
    if (bytes == NULL || length < 0) {
        return (struct vg_slice){"", 0};
    }
    return (struct vg_slice){bytes, (size_t)length};
}

/* Whatever the file holds: no triggers or views with side effects, no strings taken for
 * columns, no other files. */
static void harden(sqlite3 *db)
{
    static const struct {
        int option, on;
    } switches[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                    {SQLITE_DBCONFIG_DQS_DDL, 0},
                    {SQLITE_DBCONFIG_DQS_DML, 0},
                    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                    {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
                    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}};
    static const struct {
        int limit, value;
    } limits[] = {{SQLITE_LIMIT_ATTACHED, 0},
                  {SQLITE_LIMIT_LENGTH, 1 << 20},
                  {SQLITE_LIMIT_SQL_LENGTH, 100000},
                  {SQLITE_LIMIT_VARIABLE_NUMBER, 100},
                  {SQLITE_LIMIT_EXPR_DEPTH, 50},
                  {SQLITE_LIMIT_VDBE_OP, 25000},
                  {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200}};
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
        sqlite3_db_config(db, switches[i].option, switches[i].on, NULL);
    }
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        sqlite3_limit(db, limits[i].limit, limits[i].value);
    }
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, 2000);
}

/* The file must be ours or empty. */
static enum vg_status check_owner(sqlite3 *db, const char *path, struct vg_error *error)
{
    int64_t application;
    int64_t tables;
    enum vg_status status =
        vg_db_number(db, "PRAGMA application_id", &application, error);
    if (status == VG_OK) {
        status = vg_db_number(db, "SELECT count(*) FROM sqlite_schema", &tables, error);
    }
    if (status != VG_OK) {
        vg_error_prefix(error, "\"%.100s\"", path);
        return status;
    }
    if (application != VG_STORE_APPLICATION && (application != 0 || tables != 0)) {
        vg_error_set(error,
                     "\"%.120s\" is a database, but not one of vigil's: give "
                     "another path",
                     path);
        return VG_FAILED;
    }
    return VG_OK;
}

/* SQLite answers "delete" and goes on without WAL if it cannot have it. */
static enum vg_status ask_for_wal(sqlite3 *db, struct vg_error *error)
{
    sqlite3_stmt *statement;
    enum vg_status status =
        vg_db_prepare(db, "PRAGMA journal_mode=WAL", &statement, error);
    if (status != VG_OK) {
        return status;
    }
    bool granted = sqlite3_step(statement) == SQLITE_ROW &&
                   strcmp(vg_db_column(statement, 0).text, "wal") == 0;
    sqlite3_finalize(statement);
    if (!granted) {
        return vg_db_failed(db, "put the store into WAL mode", error);
    }
    return VG_OK;
}

static enum vg_status set_up_writer(sqlite3 *db, struct vg_error *error)
{
    enum vg_status status = ask_for_wal(db, error);
    if (status == VG_OK) {
        status = vg_db_run(db,
                           "PRAGMA synchronous=FULL;"
                           "PRAGMA temp_store=MEMORY;"
                           "PRAGMA cell_size_check=ON;"
                           "PRAGMA wal_autocheckpoint=0;"
                           "PRAGMA journal_size_limit=67108864;"
                           "PRAGMA cache_size=-1024;"
                           "PRAGMA mmap_size=0;",
                           error);
    }
    int64_t synchronous = 0;
    if (status == VG_OK) {
        status = vg_db_number(db, "PRAGMA synchronous", &synchronous, error);
    }
    if (status == VG_OK && synchronous != 2) {
        vg_error_set(error, "SQLite does not grant synchronous=FULL");
        return VG_FAILED;
    }
    return status;
}

static enum vg_status open_file(const char *path, int flags, sqlite3 **out,
                                struct vg_error *error)
{
    if (sqlite3_open_v2(path, out, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
                        NULL) != SQLITE_OK) {
        int reason = sqlite3_system_errno(*out);
        vg_error_set(error, "cannot open the store \"%.120s\": %s", path,
                     reason != 0 ? strerrordesc_np(reason) : sqlite3_errmsg(*out));
        sqlite3_close(*out);
        *out = NULL;
        return VG_FAILED;
    }
    harden(*out);
    if (vg_message_table(*out) != SQLITE_OK) {
        const enum vg_status status = vg_db_failed(*out, "make room for tables", error);
        sqlite3_close(*out);
        *out = NULL;
        return status;
    }
    return VG_OK;
}

/* The log is laid out with zeros beforehand: a sync that only overwrites does not wait for the
 * file system to extend a file, which is what the slowest one in a hundred waits for. Zeros
 * are no log to SQLite. Failing costs speed only: on a disk that is nearly full it is left, or given
 * up, else there would be no room for the start itself. */
#define LOG_BYTES ((size_t)16 << 20)
static bool roomy(int fd)
{
    struct statvfs disk;

    return fstatvfs(fd, &disk) != 0 ||
           (uint64_t)disk.f_bavail * disk.f_frsize >= 2 * LOG_BYTES;
}

static void lay_log(const char *path)
{
    static const char zeros[65536];
    char name[4096];
    int n = snprintf(name, sizeof name, "%s-wal", path);
    if (n < 0 || (size_t)n >= sizeof name) {
        return;
    }
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return; /* there is a log: SQLite's business */
    }
    size_t written = roomy(fd) ? 0 : LOG_BYTES;
    while (written < LOG_BYTES &&
           write(fd, zeros, sizeof zeros) == (ssize_t)sizeof zeros) {
        written += sizeof zeros;
    }
    if (written < LOG_BYTES && ftruncate(fd, 0) != 0) {
        (void)unlink(name); /* nobody has seen it but us */
    }
    (void)fdatasync(fd);
    (void)close(fd);
}

static int64_t number_at(const unsigned char head[72], size_t at)
{
    return (int64_t)((uint32_t)head[at] << 24 | (uint32_t)head[at + 1] << 16 |
                     (uint32_t)head[at + 2] << 8 | head[at + 3]);
}

/* From the file's head, where a store that was closed has it: no log, so SQLite need not be
 * asked, which would make one. */
static int64_t version_of_head(const char *path)
{
    unsigned char head[72];
    const int fd = /* a pipe would wait for somebody to write into it */
        open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    const bool ours = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
                      memcmp(head, "SQLite format 3", 16) == 0 &&
                      number_at(head, 68) == VG_STORE_APPLICATION;

    if (fd >= 0) {
        (void)close(fd);
    }
    return ours ? number_at(head, 60) : 0;
}

int64_t vg_db_version(const char *path)
{
    char log[4096];
    struct stat st;
    struct vg_error error;
    sqlite3 *db;
    int64_t version = 0;
    const int n = snprintf(log, sizeof log, "%s-wal", path);

    if (n < 0 || (size_t)n >= sizeof log || stat(log, &st) != 0 || st.st_size == 0) {
        return version_of_head(path);
    }
    if (vg_db_open_reader(path, &db, &error) == VG_OK) {
        (void)vg_db_number(db, "PRAGMA user_version", &version, &error);
        sqlite3_close(db);
    }
    return version;
}

enum vg_status vg_db_open_writer(const char *path, sqlite3 **out,
                                 struct vg_error *error)
{
    if (vg_file_plain(path, error) != VG_OK) {
        return VG_FAILED;
    }
    mode_t before =
        umask(077); /* the -wal and -shm files follow the main file's mode */
    lay_log(path);
    enum vg_status status =
        open_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, out, error);
    if (status == VG_OK) {
        status = check_owner(*out, path, error);
    }
    if (status == VG_OK) {
        status = set_up_writer(*out, error);
    }
    umask(before);
    if (status != VG_OK) {
        sqlite3_close(*out);
        *out = NULL;
    }
    return status;
}

enum vg_status vg_db_open_reader(const char *path, sqlite3 **out,
                                 struct vg_error *error)
{
    if (access(path, F_OK) != 0) {
        vg_error_set(error, "there is no store at \"%.120s\": %s", path,
                     strerrordesc_np(errno));
        return VG_ABSENT;
    }
    enum vg_status status = vg_file_plain(path, error);
    if (status == VG_OK) {
        status = open_file(path, SQLITE_OPEN_READONLY, out, error);
    }
    if (status != VG_OK) {
        return status;
    }
    /* only the writer checkpoints */
    sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    status = check_owner(*out, path, error);
    if (status == VG_OK) {
        status = vg_db_run(*out,
                           "PRAGMA query_only=ON;"
                           "PRAGMA cell_size_check=ON;"
                           "PRAGMA mmap_size=0;",
                           error);
    }
    if (status != VG_OK) {
        sqlite3_close(*out);
        *out = NULL;
    }
    return status;
}

/* ---- Whether it is sound */

#define CHECK_FOR   (1 * VG_SECOND)
#define CHECK_STEPS 10000

static int out_of_time(void *to)
{
    const vg_ms *until = to;
    return vg_clock_boot() > *until;
}

enum vg_status vg_db_quick_check(sqlite3 *db, struct vg_error *error)
{
    vg_ms until = vg_clock_boot() + CHECK_FOR;
    sqlite3_stmt *statement;
    enum vg_status status =
        vg_db_prepare(db, "PRAGMA quick_check(1)", &statement, error);
    if (status != VG_OK) {
        return status;
    }
    sqlite3_progress_handler(db, CHECK_STEPS, out_of_time, &until);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW && strcmp(vg_db_column(statement, 0).text, "ok") != 0) {
        vg_error_set(error, "the store is damaged: %.150s",
                     vg_db_column(statement, 0).text);
        status = VG_FAILED;
    } else if (code != SQLITE_ROW && code != SQLITE_INTERRUPT) {
        status = vg_db_failed(db, "check the store", error);
    }
    sqlite3_finalize(statement);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return status;
}
