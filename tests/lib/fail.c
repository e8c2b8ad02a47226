/* SPDX-License-Identifier: Apache-2.0
 *
 * Failing on purpose. See fail.h.
 *
 * The definitions here come before the C library's for every library of the process.
 * Memory is passed on to what would have served it otherwise: the sanitizer if there is
 * one, else the C library; so that free() and leak detection know it.
 */
#include "lib/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Called before a sanitizer has set itself up, so not instrumented. */
#define PLAIN    __attribute__((no_sanitize("address")))
#define IN_FRONT __attribute__((visibility("default"))) PLAIN

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#endif

#ifdef SANITIZED
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *old, size_t size);

/* Static, as malloc is called before anything else. */
static atomic_bool armed;
static _Atomic(enum fail_what) armed_what;
static _Atomic(enum fail_how) armed_how;
static atomic_size_t left, failed;

void fail_arm(enum fail_what what, size_t n, enum fail_how how)
{
    atomic_store(&armed_what, what);
    atomic_store(&armed_how, how);
    atomic_store(&left, n);
    atomic_store(&failed, 0);
    atomic_store(&armed, true);
}

size_t fail_disarm(void)
{
    atomic_store(&armed, false);
    return atomic_load(&failed);
}

/* Counts down to 1, the point, and stays at 0 behind it. */
PLAIN bool fail_now(enum fail_what what, enum fail_how *how)
{
    if (!atomic_load(&armed) || atomic_load(&armed_what) != what) {
        return false;
    }
    *how = atomic_load(&armed_how);
    size_t before = atomic_load(&left);
    while (before > 0 && !atomic_compare_exchange_weak(&left, &before, before - 1)) {
    }
    const bool hit = before == 1 || (before == 0 && *how == FAIL_FROM);
    atomic_fetch_add(&failed, (size_t)hit);
    return hit;
}

PLAIN static bool no_memory(void)
{
    enum fail_how how;

    if (!fail_now(FAIL_MEMORY, &how)) {
        return false;
    }
    errno = ENOMEM;
    return true;
}

IN_FRONT void *malloc(size_t size)
{
    return no_memory() ? NULL : REAL(malloc)(size);
}

IN_FRONT void *calloc(size_t count, size_t size)
{
    return no_memory() ? NULL : REAL(calloc)(count, size);
}

IN_FRONT void *realloc(void *old, size_t size)
{
    return no_memory() ? NULL : REAL(realloc)(old, size);
}

/* ---- Files: those of the journal. SQLite's are failed by fail_vfs.c. */

static int reason(enum fail_how how)
{
    if (how == FAIL_INTERRUPTED) {
        return EINTR;
    }
    return how == FAIL_FULL ? ENOSPC : EIO;
}

IN_FRONT int open(const char *path, int flags, ...)
{
    va_list rest;
    enum fail_how how;

    va_start(rest, flags);
    const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    if (fail_now(FAIL_OPEN, &how)) {
        errno = EMFILE;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

IN_FRONT int fallocate(int fd, int mode, off_t offset, off_t length)
{
    enum fail_how how;

    if (fail_now(FAIL_ROOM, &how)) {
        errno = ENOSPC;
        return -1;
    }
    return (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

/* On 64-bit machines the offset is one argument and the upper half is ignored. */
IN_FRONT ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    enum fail_how how;

    if (!fail_now(FAIL_WRITE, &how)) {
        return syscall(SYS_pwritev, fd, parts, count, offset, 0);
    }
    if (how == FAIL_SHORT) { /* all of the first part, half of the second */
        const struct iovec half[] = {parts[0],
                                     {parts[1].iov_base, parts[1].iov_len / 2}};
        return syscall(SYS_pwritev, fd, half, 2, offset, 0);
    }
    errno = reason(how);
    return -1;
}

IN_FRONT ssize_t pread(int fd, void *out, size_t length, off_t offset)
{
    enum fail_how how;

    if (!fail_now(FAIL_READ, &how)) {
        return syscall(SYS_pread64, fd, out, length, offset);
    }
    if (how == FAIL_SHORT) {
        return syscall(SYS_pread64, fd, out, (length + 1) / 2, offset);
    }
    errno = reason(how);
    return -1;
}
