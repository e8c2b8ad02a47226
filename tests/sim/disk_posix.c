/* SPDX-License-Identifier: Apache-2.0
 *
 * open(2) and its like for files below /sim/; all others are the machine's. The linker gives
 * us the daemon's calls (--wrap in the Makefile).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim/disk.h"

#define FIRST 10000
#define MANY  4096

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names */
int __real_open(const char *path, int flags, ...);
int __real_close(int fd);
int __real_unlink(const char *path);
int __real_access(const char *path, int mode);
int __real_stat(const char *path, struct stat *info);
int __real_fstat(int fd, struct stat *info);
int __real_fallocate(int fd, int mode, off_t at, off_t length);
int __real_flock(int fd, int what);
ssize_t __real_pread(int fd, void *out, size_t length, off_t at);
ssize_t __real_pwritev(int fd, const struct iovec *parts, int count, off_t at);

int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_unlink(const char *path);
int __wrap_access(const char *path, int mode);
int __wrap_stat(const char *path, struct stat *info);
int __wrap_fstat(int fd, struct stat *info);
int __wrap_fallocate(int fd, int mode, off_t at, off_t length);
int __wrap_flock(int fd, int what);
ssize_t __wrap_pread(int fd, void *out, size_t length, off_t at);
ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t at);

static struct file *opened[MANY]; /* never used twice: a run opens some hundreds */
static int open_count;

static bool ours(const char *path)
{
    return strncmp(path, "/sim/", 5) == 0;
}

static struct file *file_of(int fd)
{
    return fd >= FIRST && fd < FIRST + MANY ? opened[fd - FIRST] : NULL;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (!ours(path)) {
        return __real_open(path, flags, mode);
    }
    if ((flags & O_EXCL) != 0) { /* the log laid out beforehand: for speed alone */
        errno = EACCES;
        return -1;
    }
    struct file *f = disk_open(path, (flags & O_CREAT) != 0);
    if (f == NULL) {
        errno = ENOENT;
        return -1;
    }
    if (open_count == MANY) {
        errno = EMFILE;
        return -1;
    }
    opened[open_count] = f;
    return FIRST + open_count++;
}

int __wrap_close(int fd)
{
    return file_of(fd) != NULL ? 0 : __real_close(fd);
}

int __wrap_unlink(const char *path)
{
    if (!ours(path)) {
        return __real_unlink(path);
    }
    disk_delete(path, false);
    return 0;
}

int __wrap_access(const char *path, int mode)
{
    if (!ours(path)) {
        return __real_access(path, mode);
    }
    errno = ENOENT;
    return disk_exists(path) ? 0 : -1;
}

int __wrap_stat(const char *path, struct stat *info)
{
    if (!ours(path)) {
        return __real_stat(path, info);
    }
    if (!disk_exists(path)) {
        errno = ENOENT;
        return -1;
    }
    const struct file *f = disk_open(path, false);
    memset(info, 0, sizeof *info);
    info->st_mode = S_IFREG | 0600;
    info->st_size = (off_t)disk_size(f);
    info->st_dev = 1;
    info->st_ino = (ino_t)(uintptr_t)f; /* the same as long as it is the same file */
    return 0;
}

int __wrap_fstat(int fd, struct stat *info)
{
    const struct file *f = file_of(fd);

    if (f == NULL) {
        return __real_fstat(fd, info);
    }
    memset(info, 0, sizeof *info);
    info->st_mode = S_IFREG | 0600;
    info->st_size = (off_t)disk_size(f);
    return 0;
}

int __wrap_fallocate(int fd, int mode, off_t at, off_t length)
{
    struct file *f = file_of(fd);

    if (f == NULL) {
        return __real_fallocate(fd, mode, at, length);
    }
    errno = disk_failing()
                ? ENOSPC
                : EOPNOTSUPP; /* some file systems cannot: files stay small */
    return -1;
}

int __wrap_flock(int fd, int what)
{
    return file_of(fd) != NULL ? 0 : __real_flock(fd, what);
}

ssize_t __wrap_pread(int fd, void *out, size_t length, off_t at)
{
    struct file *f = file_of(fd);

    return f != NULL ? (ssize_t)disk_read(f, out, length, (size_t)at)
                     : __real_pread(fd, out, length, at);
}

ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    struct file *f = file_of(fd);
    size_t done = 0;

    if (f == NULL) {
        return __real_pwritev(fd, parts, count, at);
    }
    if (disk_failing()) {
        errno = EIO;
        return -1;
    }
    for (int i = 0; i < count; i++) {
        disk_write(f, parts[i].iov_base, parts[i].iov_len, (size_t)at + done);
        done += parts[i].iov_len;
    }
    return (ssize_t)done;
}
/* NOLINTEND(bugprone-reserved-identifier) */
