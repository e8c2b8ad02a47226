/* SPDX-License-Identifier: Apache-2.0
 *
 * A layer over SQLite's own VFS. Each file is a head followed by the file of the layer
 * below; each method asks fail.h first.
 */
#include "lib/fail_vfs.h"

#include <assert.h>
#include <string.h>

#include <sqlite3.h>

#include "lib/fail.h"
#include "lib/fail_cut_inside.h"

static sqlite3_vfs *below;

struct layer {
    sqlite3_file head; /* first, so that it can be turned back */
    sqlite3_file *real;
    const char *path; /* SQLite's, or NULL */
};

static sqlite3_file *real(sqlite3_file *file)
{
    return ((struct layer *)file)->real;
}

static const char *path_of(sqlite3_file *file)
{
    return ((struct layer *)file)->path;
}

/* SQLITE_OK, or how it is to fail. */
static int asked(enum fail_what what, int code)
{
    enum fail_how how;

    if (!fail_now(what, &how)) {
        return SQLITE_OK;
    }
    return how == FAIL_FULL ? SQLITE_FULL : code;
}

static int on_close(sqlite3_file *file)
{
    return real(file)->pMethods->xClose(real(file));
}

static int on_read(sqlite3_file *file, void *out, int length, sqlite3_int64 at)
{
    const int code = asked(FAIL_DB_READ, SQLITE_IOERR_READ);

    return code != SQLITE_OK ? code
                             : real(file)->pMethods->xRead(real(file), out, length, at);
}

static int on_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    int code = asked(FAIL_DB_WRITE, SQLITE_IOERR_WRITE);

    if (code != SQLITE_OK) { /* as much as a disk may do of it */
        (void)real(file)->pMethods->xWrite(real(file), bytes, length / 2, at);
        return code;
    }
    code = real(file)->pMethods->xWrite(real(file), bytes, length, at);
    if (code == SQLITE_OK) {
        cut_wrote(path_of(file), bytes, (size_t)length, (size_t)at);
    }
    return code;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = asked(FAIL_DB_TRUNCATE, SQLITE_IOERR_TRUNCATE);

    if (code == SQLITE_OK) {
        code = real(file)->pMethods->xTruncate(real(file), size);
    }
    if (code == SQLITE_OK) {
        cut_truncated(path_of(file), (size_t)size);
    }
    return code;
}

static int on_sync(sqlite3_file *file, int flags)
{
    int code = asked(FAIL_DB_SYNC, SQLITE_IOERR_FSYNC);

    if (code == SQLITE_OK) {
        code = real(file)->pMethods->xSync(real(file), flags);
    }
    if (code == SQLITE_OK) {
        cut_synced(path_of(file));
    }
    return code;
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real(file)->pMethods->xFileSize(real(file), size);
}

static int on_lock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xLock(real(file), level);
}

static int on_unlock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xUnlock(real(file), level);
}

static int on_reserved(sqlite3_file *file, int *out)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int on_control(sqlite3_file *file, int op, void *argument)
{
    return real(file)->pMethods->xFileControl(real(file), op, argument);
}

static int on_sector(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}

static int on_kind(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int on_map(sqlite3_file *file, int page, int size, int extend,
                  void volatile **out)
{
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}

static int on_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return real(file)->pMethods->xShmLock(real(file), offset, n, flags);
}

static void on_barrier(sqlite3_file *file)
{
    real(file)->pMethods->xShmBarrier(real(file));
}

static int on_unmap(sqlite3_file *file, int delete_it)
{
    return real(file)->pMethods->xShmUnmap(real(file), delete_it);
}

/* Version 2: shared memory for the log, no mapped pages. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_reserved,
    .xFileControl = on_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = on_kind,
    .xShmMap = on_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_barrier,
    .xShmUnmap = on_unmap,
};

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                   int *out_flags)
{
    struct layer *layer = (struct layer *)file;
    int code = asked(FAIL_DB_OPEN, SQLITE_CANTOPEN);

    (void)vfs;
    memset(layer, 0, sizeof *layer);
    layer->real = (sqlite3_file *)(void *)(layer + 1);
    if (code == SQLITE_OK) {
        code = below->xOpen(below, name, layer->real, flags, out_flags);
    }
    if (code == SQLITE_OK) {
        layer->head.pMethods = &methods;
        layer->path = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0 ? NULL : name;
        cut_opened(layer->path);
    }
    return code;
}

void fail_vfs_install(void)
{
    static sqlite3_vfs vfs;

    below = sqlite3_vfs_find(NULL);
    assert(below != NULL);
    vfs =
        *below; /* the rest goes to the layer below, which takes what it needs of it */
    vfs.pNext = NULL;
    vfs.zName = "fail";
    vfs.szOsFile = (int)sizeof(struct layer) + below->szOsFile;
    vfs.xOpen = on_open;
    sqlite3_vfs_register(&vfs, 1);
}
