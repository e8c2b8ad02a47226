/* SPDX-License-Identifier: Apache-2.0
 *
 * The methods of the log's file are replaced by ours, which know the ones they stand for. The
 * file itself stays as it is, whichever layer of files it comes from.
 */
#include "shell/store_gather.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 131072 /* 31 pages with their heads */
#define HEAD 24     /* bytes of a page's head; the head of the log itself has 32 */

struct vg_gather {
    sqlite3_io_methods methods; /* first: the file points to it */
    const sqlite3_io_methods *real;
    sqlite3_int64 at; /* where the first of what is gathered belongs */
    int length;
    sqlite3_int64 end; /* behind all that was written since the log began */
    bool last;         /* the page that ends its transaction is being written */
    char bytes[ROOM];
};

/* SQLite's pointer is const, what it points to is ours. */
static struct vg_gather *of(const sqlite3_file *file)
{
    const union {
        const sqlite3_io_methods *methods;
        struct vg_gather *gather;
    } either = {file->pMethods};

    return either.gather;
}

/* What could not be written is forgotten: its transaction has failed. */
static int pass_on(sqlite3_file *file)
{
    struct vg_gather *gather = of(file);
    const int length = gather->length;

    gather->length = 0;
    return length == 0 ? SQLITE_OK
                       : gather->real->xWrite(file, gather->bytes, length, gather->at);
}

/* The second word of a page's head is zero but in the one that ends a transaction (section 4.1 of
 * SQLite's file format). */
static bool ends(const unsigned char *head)
{
    return (head[4] | head[5] | head[6] | head[7]) != 0;
}

/* What lies there already is not appended: a page of the same transaction that was taken out of memory, and the
 * checksums that are put right behind its last one, heads alone. */
static bool again(struct vg_gather *gather, int length, sqlite3_int64 at)
{
    const sqlite3_int64 end = at == 0 ? 0 : gather->end; /* at 0 the log begins anew */

    gather->end = at + length > end ? at + length : end;
    return at < end;
}

static int append(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    struct vg_gather *gather = of(file);
    const bool follows = gather->length > 0 && at == gather->at + gather->length;
    int code = SQLITE_OK;

    if (!follows || length > ROOM - gather->length) {
        code = pass_on(file);
        gather->at = at;
    }
    if (code != SQLITE_OK) {
        return code;
    }
    if (length > ROOM) {
        return gather->real->xWrite(file, bytes, length, at);
    }
    memcpy(gather->bytes + gather->length, bytes, (size_t)length);
    gather->length += length;
    if (length == HEAD) {
        gather->last = ends(bytes);
        return SQLITE_OK;
    }
    return gather->last ? pass_on(file) : SQLITE_OK;
}

static int on_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    if (!again(of(file), length, at)) {
        return append(file, bytes, length, at);
    }
    const int code = pass_on(file);

    return code == SQLITE_OK ? of(file)->real->xWrite(file, bytes, length, at) : code;
}

static int on_sync(sqlite3_file *file, int flags)
{
    const int code = pass_on(file);

    return code == SQLITE_OK ? of(file)->real->xSync(file, flags) : code;
}

static int on_read(sqlite3_file *file, void *out, int length, sqlite3_int64 at)
{
    const int code = pass_on(file);

    return code == SQLITE_OK ? of(file)->real->xRead(file, out, length, at) : code;
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size)
{
    const int code = pass_on(file);

    return code == SQLITE_OK ? of(file)->real->xFileSize(file, size) : code;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    const int code = pass_on(file);

    return code == SQLITE_OK ? of(file)->real->xTruncate(file, size) : code;
}

/* Nobody waits for it, and its place may be another connection's next. */
static void on_rollback(void *to)
{
    ((struct vg_gather *)to)->length = 0;
}

/* What is left belongs to no transaction that has ended. */
static int on_close(sqlite3_file *file)
{
    const sqlite3_io_methods *real = of(file)->real;

    file->pMethods = real;
    return real->xClose(file);
}

struct vg_gather *vg_gather_open(sqlite3 *db)
{
    sqlite3_file *log = NULL;
    const int code =
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

    if (code != SQLITE_OK || log == NULL || log->pMethods == NULL) {
        return NULL;
    }
    struct vg_gather *gather = malloc(sizeof *gather);
    if (gather == NULL) {
        return NULL;
    }
    gather->real = log->pMethods;
    gather->length = 0;
    gather->at = gather->end = 0;
    gather->last = false;
    gather->methods = *log->pMethods;
    gather->methods.xClose = on_close;
    gather->methods.xRead = on_read;
    gather->methods.xWrite = on_write;
    gather->methods.xTruncate = on_truncate;
    gather->methods.xSync = on_sync;
    gather->methods.xFileSize = on_size;
    log->pMethods = &gather->methods;
    (void)sqlite3_rollback_hook(db, on_rollback, gather);
    return gather;
}

void vg_gather_close(struct vg_gather *gather)
{
    free(gather);
}
