/* SPDX-License-Identifier: Apache-2.0
 *
 * The log in one write, by hand: what is handed over, and what goes on to the layer below, which is deaf to all of it
 * and only says what it was asked. That SQLite's log is whole all the same: test_store_gather.c.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/temp.h"
#include "shell/store_db.h"
#include "shell/store_gather.h"

static sqlite3_io_methods below;
static const sqlite3_io_methods *real;
static int write_code; /* how writes end */
static bool deaf;      /* else it does what it is for, at the beginning and the end */
static char said[512]; /* what it was asked, as far as there is room */

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    const size_t length = strlen(said);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(said + length, sizeof said - length, format, arguments);
    va_end(arguments);
}

static char shown(char byte)
{
    return byte == 0 || byte == 1 ? 'z' : byte;
}

/* "w32 a10 z24;": at 32 ten times 'a', then 24 bytes of 0 or 1. */
static void say_write(const char *bytes, int length, sqlite3_int64 at)
{
    say("w%lld", (long long)at);
    for (int from = 0, i = 0; i < length; from = i) {
        while (i < length && shown(bytes[i]) == shown(bytes[from])) {
            i++;
        }
        say(" %c%d", shown(bytes[from]), i - from);
    }
    say(";");
}

static int on_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    if (deaf) {
        say_write(bytes, length, at);
        return write_code;
    }
    return real->xWrite(file, bytes, length, at);
}

static int on_sync(sqlite3_file *file, int flags)
{
    say("sync %d;", flags);
    return deaf ? SQLITE_OK : real->xSync(file, flags);
}

static int on_read(sqlite3_file *file, void *out, int length, sqlite3_int64 at)
{
    say("read %d at %lld;", length, (long long)at);
    return deaf ? SQLITE_OK : real->xRead(file, out, length, at);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size)
{
    say("size;");
    return deaf ? SQLITE_OK : real->xFileSize(file, size);
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    say("cut to %lld;", (long long)size);
    return deaf ? SQLITE_OK : real->xTruncate(file, size);
}

static int on_close(sqlite3_file *file)
{
    say(file->pMethods == &below ? "close;" : "closed under another's methods;");
    return deaf ? SQLITE_OK : real->xClose(file);
}

struct logged {
    struct temp temp;
    sqlite3 *db;
    sqlite3_file *log;
    struct vg_gather *gather;
};

static int set_up(void **state)
{
    struct logged *l = calloc(1, sizeof *l);
    struct vg_error error;
    char path[256];

    assert_non_null(l);
    temp_create(&l->temp);
    temp_path(&l->temp, "vigil.db", path, sizeof path);
    assert_int_equal(vg_db_open_writer(path, &l->db, &error), VG_OK);
    assert_int_equal(vg_db_run(l->db, "CREATE TABLE t(x)", &error), VG_OK);
    assert_int_equal(
        sqlite3_file_control(l->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &l->log),
        SQLITE_OK);
    real = l->log->pMethods;
    below = *real;
    below.xWrite = on_write;
    below.xSync = on_sync;
    below.xRead = on_read;
    below.xFileSize = on_size;
    below.xTruncate = on_truncate;
    below.xClose = on_close;
    l->log->pMethods = &below;
    l->gather = vg_gather_open(l->db);
    assert_non_null(l->gather);
    write_code = SQLITE_OK;
    deaf = true;
    said[0] = '\0';
    *state = l;
    return 0;
}

static int tear_down(void **state)
{
    struct logged *l = *state;

    deaf = false;
    assert_int_equal(sqlite3_close(l->db), SQLITE_OK);
    vg_gather_close(l->gather);
    temp_remove(&l->temp);
    free(l);
    return 0;
}

static int give(struct logged *l, sqlite3_int64 at, char fill, int length)
{
    static char bytes[200000];

    assert_true((size_t)length <= sizeof bytes);
    memset(bytes, fill, (size_t)length);
    return l->log->pMethods->xWrite(l->log, bytes, length, at);
}

/* The head of a page: zero but for one byte of it; -1: for none. */
static void head(struct logged *l, sqlite3_int64 at, int byte)
{
    char bytes[24] = {0};

    if (byte >= 0) {
        bytes[byte] = 1;
    }
    assert_int_equal(l->log->pMethods->xWrite(l->log, bytes, sizeof bytes, at),
                     SQLITE_OK);
}

static void heard(const char *expected)
{
    assert_string_equal(said, expected);
    said[0] = '\0';
}

static int sync_log(struct logged *l)
{
    return l->log->pMethods->xSync(l->log, SQLITE_SYNC_NORMAL);
}

static void gives(struct logged *l, sqlite3_int64 at, char fill, int length)
{
    assert_int_equal(give(l, at, fill, length), SQLITE_OK);
}

static void synced(struct logged *l, const char *expected)
{
    assert_int_equal(sync_log(l), SQLITE_OK);
    heard(expected);
}

static void with_the_last_page_of_its_transaction(void **state)
{
    struct logged *l = *state;

    gives(l, 0, 'l', 32);
    head(l, 32, -1);
    gives(l, 56, 'p', 4096);
    head(l, 4152, 7);
    heard("");
    gives(l, 4176, 'q', 4096);
    heard("w0 l32 z24 p4096 z24 q4096;");
    head(l, 8272, -1);
    heard("");
    synced(l, "w8272 z24;sync 2;");
    synced(l, "sync 2;");
}

/* Section 4.1 of SQLite's file format: bytes 4 to 7 are the size of the database behind a commit, else 0. */
static void only_a_size_ends_it(void **state)
{
    struct logged *l = *state;
    sqlite3_int64 at = 0;

    for (int byte = -1; byte < 24; byte++) {
        const bool ends = byte >= 4 && byte <= 7;
        head(l, at, byte);
        gives(l, at + 24, 'p', 100);
        assert_int_equal(said[0] != '\0', ends);
        assert_int_equal(sync_log(l), SQLITE_OK);
        said[0] = '\0';
        at += 124;
    }
}

static void what_lies_there_goes_on_at_once(void **state)
{
    struct logged *l = *state;
    static const struct {
        int at;
        char fill;
        int length;
        const char *then, *synced;
    } rows[] = {
        {0, 'a', 100, "", "w0 a100;sync 2;"},
        {50, 'b', 10, "w50 b10;", "sync 2;"},
        {100, 'c', 10, "", NULL}, /* where it ends */
        {99, 'd', 1, "w100 c10;w99 d1;", NULL},
        {110, 'e', 5, "", "w110 e5;sync 2;"},
        {0, 'f', 32, "", "w0 f32;sync 2;"}, /* it begins anew */
        {32, 'g', 5, "", "w32 g5;sync 2;"},
        {10, 'h', 1, "w10 h1;", NULL},
        {37, 'i', 3, "", "w37 i3;sync 2;"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gives(l, rows[i].at, rows[i].fill, rows[i].length);
        heard(rows[i].then);
        if (rows[i].synced != NULL) {
            synced(l, rows[i].synced);
        }
    }
}

static void what_does_not_follow_begins_anew(void **state)
{
    struct logged *l = *state;

    gives(l, 0, 'a', 1);
    gives(l, 1, 'b', 1);
    heard("");
    gives(l, 10, 'c', 1);
    heard("w0 a1 b1;");
    synced(l, "w10 c1;sync 2;");
}

/* 128 KiB are gathered, and no byte more. */
static void as_much_as_there_is_room_for(void **state)
{
    struct logged *l = *state;

    gives(l, 0, 'a', 131072);
    heard("");
    gives(l, 131072, 'b', 1);
    heard("w0 a131072;");
    synced(l, "w131072 b1;sync 2;");
    gives(l, 131073, 'c', 100000);
    gives(l, 231073, 'd', 31072);
    heard("");
    gives(l, 262145, 'e', 1);
    heard("w131073 c100000 d31072;");
    gives(l, 262146, 'f', 131073);
    heard("w262145 e1;w262146 f131073;");
    gives(l, 393219, 'g', 1);
    synced(l, "w393219 g1;sync 2;");
}

static void roll_back(struct logged *l)
{
    assert_int_equal(sqlite3_exec(l->db, "BEGIN; ROLLBACK", NULL, NULL, NULL),
                     SQLITE_OK);
}

static int again_at_0(struct logged *l)
{
    return give(l, 1, 'x', 1);
}

static int elsewhere(struct logged *l)
{
    return give(l, 100000, 'x', 1);
}

static int read_log(struct logged *l)
{
    char out[5];

    return l->log->pMethods->xRead(l->log, out, sizeof out, 3);
}

static int size_log(struct logged *l)
{
    sqlite3_int64 size = 0;

    return l->log->pMethods->xFileSize(l->log, &size);
}

static int cut_log(struct logged *l)
{
    return l->log->pMethods->xTruncate(l->log, 7);
}

/* What is gathered goes first; if that fails the rest is not done, and what has failed is not tried again. What was
 * rolled back is not written at all. */
static void whatever_comes_next(void **state)
{
    struct logged *l = *state;
    static const struct {
        int (*act)(struct logged *l);
        const char *word;
    } rows[] = {
        {sync_log, "sync 2;"},  {read_log, "read 5 at 3;"}, {size_log, "size;"},
        {cut_log, "cut to 7;"}, {again_at_0, "w1 x1;"},     {elsewhere, ""},
    };
    char expected[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gives(l, 0, 'a', 10);
        (void)snprintf(expected, sizeof expected, "w0 a10;%s", rows[i].word);
        assert_int_equal(rows[i].act(l), SQLITE_OK);
        heard(expected);
        roll_back(l);
        gives(l, 0, 'a', 10);
        write_code = SQLITE_FULL;
        assert_int_equal(rows[i].act(l), SQLITE_FULL);
        heard("w0 a10;");
        write_code = SQLITE_OK;
        synced(l, "sync 2;");
    }
}

static void closing_writes_nothing_and_steps_aside(void **state)
{
    struct logged *l = *state;

    gives(l, 0, 'a', 10);
    assert_int_equal(l->log->pMethods->xClose(l->log), SQLITE_OK);
    heard("close;");
    assert_ptr_equal(l->log->pMethods, &below);
}

/* What it does not stand for is the layer's below. */
static void the_rest_stays(void **state)
{
    const struct logged *l = *state;
    const sqlite3_io_methods *now = l->log->pMethods;

    assert_int_equal(now->iVersion, below.iVersion);
    assert_true(now->xLock == below.xLock && now->xFileControl == below.xFileControl);
    assert_true(now->xSectorSize == below.xSectorSize);
}

static void without_a_log_there_is_none(void **state)
{
    sqlite3 *db = NULL;

    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_null(vg_gather_open(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    vg_gather_close(NULL);
}

#define BY_HAND(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    (void)mallopt(M_PERTURB, 0xaa); /* nothing is zero by luck */
    const struct CMUnitTest tests[] = {
        BY_HAND(with_the_last_page_of_its_transaction),
        BY_HAND(only_a_size_ends_it),
        BY_HAND(what_lies_there_goes_on_at_once),
        BY_HAND(what_does_not_follow_begins_anew),
        BY_HAND(as_much_as_there_is_room_for),
        BY_HAND(whatever_comes_next),
        BY_HAND(closing_writes_nothing_and_steps_aside),
        BY_HAND(the_rest_stays),
        cmocka_unit_test(without_a_log_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
