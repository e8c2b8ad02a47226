/* SPDX-License-Identifier: Apache-2.0
 *
 * Trees, arenas, faults and "did you mean".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/tree.h"

static void arena_gives_zeroed_aligned_pieces(void **state)
{
    struct vg_arena *arena = vg_arena_create();

    (void)state;
    assert_non_null(arena);
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        unsigned char *piece = vg_arena_take(arena, size);

        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(piece[i], 0);
        }
        memset(piece, 0xff, size);
    }
    assert_null(vg_arena_take(arena, SIZE_MAX));
    assert_string_equal(vg_arena_text(arena, "sbp < 90", 3), "sbp");
    vg_arena_destroy(arena);
    vg_arena_destroy(NULL);
}

static void finds_keys(void **state)
{
    struct vg_node second = {.kind = VG_NODE_SCALAR, .key = "b", .text = "2"};
    struct vg_node first = {
        .kind = VG_NODE_SCALAR, .key = "a", .text = "1", .next = &second};
    struct vg_node map = {.kind = VG_NODE_MAP, .count = 2, .first = &first};

    (void)state;
    assert_ptr_equal(vg_node_get(&map, "b"), &second);
    assert_null(vg_node_get(&map, "c"));
    assert_null(vg_node_get(&first, "a"));
    assert_null(vg_node_get(NULL, "a"));
}

static void faults_are_sorted_and_bounded(void **state)
{
    struct vg_faults *faults = calloc(1, sizeof *faults);

    (void)state;
    assert_non_null(faults);
    for (unsigned i = 0; i < VG_FAULTS + 5; i++) {
        vg_fault_add(faults, (struct vg_place){VG_FAULTS - i % VG_FAULTS, 1},
                     "fault %u", i);
    }
    vg_fault_warn(faults, (struct vg_place){1, 1}, "warning");
    assert_int_equal(faults->count, VG_FAULTS);
    assert_int_equal(faults->errors, VG_FAULTS + 5);
    vg_faults_sort(faults);
    for (size_t i = 1; i < faults->count; i++) {
        assert_true(faults->item[i - 1].place.line <= faults->item[i].place.line);
    }
    free(faults);
}

static void suggests_the_nearest_name(void **state)
{
    static const char *const names[] = {"severity", "sbp", "spo2", "text", NULL};
    static const struct {
        const char *wrong, *right;
    } rows[] = {
        {"sevrity", "severity"},
        {"severtiy", "severity"},
        {"spb", "sbp"},
        {"spo", "spo2"},
        {"txt", "text"},
        {"zzz", NULL},
        {"", NULL},
        {"priority", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = vg_nearest(rows[i].wrong, names);

        if (rows[i].right == NULL) {
            assert_null(got);
        } else {
            assert_non_null(got);
            assert_string_equal(got, rows[i].right);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_pieces),
        cmocka_unit_test(finds_keys),
        cmocka_unit_test(faults_are_sorted_and_bounded),
        cmocka_unit_test(suggests_the_nearest_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
