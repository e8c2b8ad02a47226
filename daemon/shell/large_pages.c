/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the kernel for large pages. See large_pages.h.
 */
#include "shell/large_pages.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KERNEL "/sys/kernel/mm/transparent_hugepage/"
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1; the C library of Debian 12 does not name it */
#endif

/* The first bytes of a small file, or "". */
static void read_word(const char *path, char out[64])
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, out, 63) : 0;

    out[n > 0 ? n : 0] = '\0';
    if (fd >= 0) {
        (void)close(fd);
    }
}

static uintptr_t heap_end(const struct vg_large_pages *pages)
{
    return (uintptr_t)sbrk(0) & ~(uintptr_t)(pages->size - 1);
}

void vg_large_pages_begin(struct vg_large_pages *pages)
{
    char use[64];
    char size[64];

    *pages = (struct vg_large_pages){0};
    read_word(KERNEL "enabled", use);
    read_word(KERNEL "hpage_pmd_size", size);
    if (use[0] == '\0' || strstr(use, "[never]") != NULL) {
        return;
    }
    pages->size = strtoul(size, NULL, 10);
    if ((pages->size & (pages->size - 1)) != 0) {
        pages->size = 0;
    }
    if (pages->size > 0) {
        /* It began somewhere below. Of the first large page a part is not ours, then the
         * kernel declines. */
        pages->until = heap_end(pages);
    }
}

/* Older kernels, and one that is short of memory just now, do it later by themselves where they
 * were told that it is wanted. So nothing hangs on what comes back. */
static void gather(uintptr_t at, size_t size)
{
    void *region = (void *)at; /* NOLINT(performance-no-int-to-ptr): an address it is */

    (void)madvise(region, size, MADV_HUGEPAGE);
    (void)madvise(region, size, MADV_COLLAPSE);
}

void vg_large_pages_follow(struct vg_large_pages *pages)
{
    if (pages->size == 0) {
        return;
    }
    const uintptr_t end = heap_end(pages);
    if (pages->until < end) {
        gather(pages->until, pages->size);
        pages->until += pages->size;
    } else {
        pages->until = end; /* given back: what grows there again is new */
    }
}
