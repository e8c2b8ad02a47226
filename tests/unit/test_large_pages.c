/* SPDX-License-Identifier: Apache-2.0
 *
 * Large pages beneath a heap that grows and shrinks: one a call, only what lies whole below its
 * end, and nothing of what is in it changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shell/large_pages.h"

#define PAGES 4

static unsigned char byte_of(size_t i)
{
    return (unsigned char)(i * 37 + (i >> 12));
}

/* KiB in large pages between two addresses. */
static unsigned long gathered(uintptr_t from, uintptr_t to)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[512];
    unsigned long sum = 0;
    bool inside = false;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned long begin = 0;
        unsigned long end = 0;
        unsigned long kib = 0;
        if (sscanf(line, "%lx-%lx ", &begin, &end) == 2) {
            inside = begin < to && end > from;
        } else if (inside && sscanf(line, "AnonHugePages: %lu", &kib) == 1) {
            sum += kib;
        }
    }
    (void)fclose(file);
    return sum;
}

static void what_is_full_is_gathered(void **state)
{
    struct vg_large_pages pages;

    (void)state;
    vg_large_pages_begin(&pages);
    if (pages.size == 0 || pages.size > (size_t)16 << 20) {
        print_message("this kernel gives none, or such as no heap of ours fills\n");
        skip();
    }
    vg_large_pages_follow(&pages); /* nothing has grown */
    const uintptr_t before = pages.until;
    unsigned char *heap = sbrk((intptr_t)(PAGES * pages.size));
    assert_true(heap != (void *)-1);
    for (size_t i = 0; i < PAGES * pages.size; i++) {
        heap[i] = byte_of(i);
    }
    for (size_t n = 1; n <= PAGES; n++) {
        vg_large_pages_follow(&pages);
        assert_int_equal(pages.until, before + n * pages.size);
    }
    vg_large_pages_follow(&pages);
    assert_int_equal(pages.until, before + PAGES * pages.size);
    assert_true(pages.until <= (uintptr_t)sbrk(0));
    for (size_t i = 0; i < PAGES * pages.size; i++) {
        assert_int_equal(heap[i], byte_of(i));
    }
    const unsigned long kib = gathered((uintptr_t)heap, pages.until);
    print_message("%lu KiB in large pages\n", kib);
    assert_true(kib >= (PAGES - 1) * (pages.size >> 10) ||
                kib == 0 /* an old kernel: later */);
    assert_true(sbrk(-(intptr_t)(PAGES * pages.size)) != (void *)-1);
    vg_large_pages_follow(&pages);
    assert_int_equal(pages.until, before);
}

static void where_there_are_none_nothing_is_asked(void **state)
{
    struct vg_large_pages pages = {0, 0};

    (void)state;
    vg_large_pages_follow(&pages);
    assert_int_equal(pages.until, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_full_is_gathered),
        cmocka_unit_test(where_there_are_none_nothing_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
