/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands between a program and the C library (LD_PRELOAD) and makes calls fail or wait, as
 * told by a table in the file that FAULTY names and both sides map; faulty.py writes it. The
 * file is looked for once, before the program takes its environment away.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define ROWS 8

/* As FORMAT in faulty.py has it. */
struct row {
    char call[16]; /* "": not in use */
    char end[48];  /* only files whose names end so; "": all */
    int32_t error; /* 0: it only waits */
    int32_t wait_ms;
    int64_t skip;  /* so many go through first */
    int64_t times; /* then so many fail; below 0: all */
    int64_t hits;  /* how many did */
    int64_t from;  /* only where the file is read or written from here on */
};

static struct row *table;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("FAULTY");
    const int fd = name != NULL ? open(name, O_RDWR | O_CLOEXEC) : -1;

    if (fd >= 0) {
        void *at = mmap(NULL, ROWS * sizeof(struct row), PROT_READ | PROT_WRITE,
                        MAP_SHARED, fd, 0);
        table = at != MAP_FAILED ? at : NULL;
        (void)close(fd);
    }
}

static int concerns(const struct row *row, int fd, int64_t at)
{
    char link[64];
    char path[512];

    if (at < row->from) {
        return 0;
    }
    if (row->end[0] == '\0') {
        return 1;
    }
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path);
    const size_t end = strlen(row->end);
    return length >= (ssize_t)end &&
           memcmp(path + length - (ssize_t)end, row->end, end) == 0;
}

/* 0: go on; else the call fails with errno set. */
static int fails(const char *call, int fd, int64_t at)
{
    for (int i = 0; table != NULL && i < ROWS; i++) {
        struct row *row = &table[i];
        if (strcmp(row->call, call) != 0 || !concerns(row, fd, at)) {
            continue;
        }
        if (__atomic_load_n(&row->skip, __ATOMIC_SEQ_CST) > 0) {
            (void)__atomic_sub_fetch(&row->skip, 1, __ATOMIC_SEQ_CST);
            continue;
        }
        if (row->times == 0) {
            continue;
        }
        if (row->times > 0) {
            (void)__atomic_sub_fetch(&row->times, 1, __ATOMIC_SEQ_CST);
        }
        (void)__atomic_add_fetch(&row->hits, 1, __ATOMIC_SEQ_CST);
        const struct timespec wait = {row->wait_ms / 1000,
                                      row->wait_ms % 1000 * 1000000L};
        (void)nanosleep(&wait, NULL);
        if (row->error != 0) {
            errno = row->error;
            return 1;
        }
    }
    return 0;
}

/* The next one of that name, found once. */
#define NEXT(name)                                 \
    static __typeof__(name) *next;                 \
    if (next == NULL) {                            \
        *(void **)&next = dlsym(RTLD_NEXT, #name); \
    }

#define CALL(result, name, word, parameters, fd, at, arguments)   \
    result name parameters                                        \
    {                                                             \
        NEXT(name)                                                \
        return fails(word, fd, at) ? (result)-1 : next arguments; \
    }

CALL(ssize_t, pwrite, "write", (int f, const void *b, size_t n, off_t o), f, o,
     (f, b, n, o))
CALL(ssize_t, pwrite64, "write", (int f, const void *b, size_t n, off64_t o), f, o,
     (f, b, n, o))
CALL(ssize_t, pwritev, "write", (int f, const struct iovec *v, int n, off_t o), f, o,
     (f, v, n, o))
CALL(ssize_t, write, "write", (int f, const void *b, size_t n), f, 0, (f, b, n))
CALL(ssize_t, pread, "read", (int f, void *b, size_t n, off_t o), f, o, (f, b, n, o))
CALL(ssize_t, pread64, "read", (int f, void *b, size_t n, off64_t o), f, o,
     (f, b, n, o))
CALL(ssize_t, read, "read", (int f, void *b, size_t n), f, 0, (f, b, n))
CALL(int, fsync, "sync", (int f), f, 0, (f))
CALL(int, fdatasync, "sync", (int f), f, 0, (f))
CALL(int, ftruncate, "cut", (int f, off_t n), f, n, (f, n))
CALL(int, ftruncate64, "cut", (int f, off64_t n), f, n, (f, n))

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*what)(void *),
                   void *to)
{
    NEXT(pthread_create)
    return fails("thread", -1, 0) ? errno : next(thread, how, what, to);
}
