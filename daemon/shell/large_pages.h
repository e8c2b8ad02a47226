/* SPDX-License-Identifier: Apache-2.0
 *
 * The heap in large pages, as far as it is full.
 *
 * A message touches memory of many beds, each on a page of its own: on virtual machines finding
 * those pages may take as long as the work (measured with 1,000: 13 to 15 us a message in the
 * engine, 8 with large pages). glibc's own way (glibc.malloc.hugetlb=1) takes a large page
 * whenever the heap grows, before there is anything in it, and large blocks lie there too that
 * would have pages of their own, of which only those touched count: 31.2 MB instead of 28.9 for
 * 1,000 beds with 1,000 open alerts. So the heap grows in small pages, and what lies whole below
 * its end is gathered into large ones afterwards: the work takes as little time.
 *
 * On the loop thread, which stands still for the copy of one large page (2 to 4 ms for 2 MB), at
 * most one in each call. The kernel's setting "never" is heeded.
 */
#ifndef VIGIL_SHELL_LARGE_PAGES_H
#define VIGIL_SHELL_LARGE_PAGES_H

#include <stddef.h>
#include <stdint.h>

struct vg_large_pages {
    size_t size;     /* of one, bytes; 0: there are none */
    uintptr_t until; /* the heap below is done */
};

void vg_large_pages_begin(struct vg_large_pages *pages);

/* Looks whether the heap has grown by another large page, and gathers it: mostly a comparison. */
void vg_large_pages_follow(struct vg_large_pages *pages);

#endif
