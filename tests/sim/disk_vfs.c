/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite's files on the simulated disk. A sync takes its time, in which the loop goes on.
 */
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "sim/disk.h"
#include "sim/disk_shm.h"

struct handle {
    sqlite3_file head; /* first */
    struct file *file;
    struct shm_user user;
    bool passing;   /* goes when it is closed */
    bool names_too; /* its first sync syncs the folder, as SQLite's own VFS does */
    char name[64];
};

static struct handle *of(sqlite3_file *file)
{
    return (struct handle *)file;
}

static int on_close(sqlite3_file *file)
{
    struct handle *h = of(file);

    if (!sim.dead && h->user.share != NULL) {
        shm_leave(&h->user);
        shm_unlock_file(&h->user, SQLITE_LOCK_NONE);
    }
    if (h->passing) {
        disk_delete(h->name, true);
    }
    return SQLITE_OK;
}

static int on_read(sqlite3_file *file, void *out, int length, sqlite3_int64 at)
{
    const size_t got = disk_read(of(file)->file, out, (size_t)length, (size_t)at);

    if (got == (size_t)length) {
        return SQLITE_OK;
    }
    memset((char *)out + got, 0, (size_t)length - got);
    return SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    if (disk_failing()) {
        return SQLITE_IOERR_WRITE;
    }
    disk_write(of(file)->file, bytes, (size_t)length, (size_t)at);
    return SQLITE_OK;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (disk_failing()) {
        return SQLITE_IOERR_TRUNCATE;
    }
    disk_truncate(of(file)->file, (size_t)size);
    return SQLITE_OK;
}

static int on_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    const bool slow =
        !sim.quiet && luck_percent(LUCK_DISK, sim.plan.sync_slow > 100 ? 15 : 3);

    thread_wait_disk(luck_between(LUCK_DISK, 0, slow ? sim.plan.sync_slow : 3));
    if (disk_failing()) {
        disk_sync_failed(of(file)->file);
        return SQLITE_IOERR_FSYNC;
    }
    disk_sync(of(file)->file);
    if (of(file)->names_too) {
        disk_sync_names();
        of(file)->names_too = false;
    }
    return SQLITE_OK;
}

static int on_size(sqlite3_file *file, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)disk_size(of(file)->file);
    return SQLITE_OK;
}

static int on_lock(sqlite3_file *file, int level)
{
    return shm_lock_file(&of(file)->user, level);
}

static int on_unlock(sqlite3_file *file, int level)
{
    shm_unlock_file(&of(file)->user, level);
    return SQLITE_OK;
}

static int on_reserved(sqlite3_file *file, int *out)
{
    *out = shm_reserved(&of(file)->user);
    return SQLITE_OK;
}

static int on_control(sqlite3_file *file, int op, void *argument)
{
    (void)file;
    (void)op;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int on_sector(sqlite3_file *file)
{
    (void)file;
    return 4096;
}

static int on_kind(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int on_map(sqlite3_file *file, int page, int size, int extend,
                  void volatile **out)
{
    return shm_map(&of(file)->user, page, size, extend, out);
}

static int on_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return shm_lock(&of(file)->user, offset, n, flags);
}

static void on_barrier(sqlite3_file *file)
{
    (void)file;
}

static int on_unmap(sqlite3_file *file, int gone)
{
    (void)gone;
    shm_leave(&of(file)->user);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {.iVersion = 2,
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
                                           .xShmUnmap = on_unmap};

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                   int *out_flags)
{
    static unsigned passing;
    struct handle *h = of(file);

    (void)vfs;
    memset(h, 0, sizeof *h);
    h->passing = name == NULL || (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    if (name == NULL) {
        (void)sqlite3_snprintf(sizeof h->name, h->name, "/sim/passing-%u",
                               passing++ % 8);
    } else {
        (void)sqlite3_snprintf(sizeof h->name, h->name, "%s", name);
    }
    h->file = disk_open(h->name, name == NULL || (flags & SQLITE_OPEN_CREATE) != 0);
    if (h->file == NULL) {
        return SQLITE_CANTOPEN;
    }
    h->names_too = (flags & SQLITE_OPEN_CREATE) != 0 &&
                   (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    h->user.share = shm_of((flags & SQLITE_OPEN_MAIN_DB) != 0 ? h->name : "(others)");
    h->head.pMethods = &methods;
    if (out_flags != NULL) {
        *out_flags = flags;
    }
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int synced)
{
    (void)vfs;
    if (!disk_exists(name)) {
        return SQLITE_IOERR_DELETE_NOENT;
    }
    disk_delete(name, synced != 0);
    return SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    (void)flags;
    *out = disk_exists(name);
    return SQLITE_OK;
}

static int on_full(sqlite3_vfs *vfs, const char *name, int room, char *out)
{
    (void)vfs;
    (void)sqlite3_snprintf(room, out, "%s", name);
    return SQLITE_OK;
}

static int on_random(sqlite3_vfs *vfs, int length, char *out)
{
    (void)vfs;
    for (int i = 0; i < length; i++) {
        out[i] = (char)luck(LUCK_DISK);
    }
    return length;
}

static int on_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds;
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
    (void)vfs;
    *out = INT64_C(210866760000000) + sim_true() + sim.wall_off;
    return SQLITE_OK;
}

static int on_time_old(sqlite3_vfs *vfs, double *out)
{
    sqlite3_int64 now;

    (void)on_time(vfs, &now);
    *out = (double)now / 86400000.0;
    return SQLITE_OK;
}

static int on_error(sqlite3_vfs *vfs, int room, char *out)
{
    (void)vfs;
    if (room > 0) {
        out[0] = '\0';
    }
    return 0;
}

void vfs_install(void)
{
    static sqlite3_vfs vfs = {.iVersion = 2,
                              .szOsFile = (int)sizeof(struct handle),
                              .mxPathname = 60,
                              .zName = "sim",
                              .xOpen = on_open,
                              .xDelete = on_delete,
                              .xAccess = on_access,
                              .xFullPathname = on_full,
                              .xRandomness = on_random,
                              .xSleep = on_sleep,
                              .xCurrentTime = on_time_old,
                              .xCurrentTimeInt64 = on_time,
                              .xGetLastError = on_error};

    sqlite3_vfs_register(&vfs, 1);
}
