/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that have come, against a plain table of yes and no.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/sequence.h"

static void test_in_order(void **state)
{
    struct vg_sequence s = {0};

    (void)state;
    for (uint64_t i = 1; i <= 100; i++) {
        assert_int_equal(vg_sequence_add(&s, i), VG_OK);
    }
    assert_int_equal(s.upto, 100);
    assert_int_equal(s.count, 0);
    assert_int_equal(vg_sequence_add(&s, 50), VG_REFUSED);
    vg_sequence_finish(&s);
}

static void test_hole_is_seen_and_filled(void **state)
{
    struct vg_sequence s = {0};

    (void)state;
    assert_int_equal(vg_sequence_add(&s, 1), VG_OK);
    assert_int_equal(vg_sequence_add(&s, 4), VG_OK);
    assert_int_equal(vg_sequence_add(&s, 5), VG_OK);
    assert_int_equal(s.upto, 1);
    assert_int_equal(s.range[0].first, 4);
    assert_int_equal(s.range[0].last, 5);
    assert_int_equal(vg_sequence_add(&s, 3), VG_OK);
    assert_int_equal(vg_sequence_add(&s, 2), VG_OK);
    assert_int_equal(s.upto, 5);
    assert_int_equal(s.count, 0);
    vg_sequence_finish(&s);
}

static void test_what_cannot_come_is_closed(void **state)
{
    struct vg_sequence s = {0};

    (void)state;
    assert_int_equal(vg_sequence_add(&s, 10), VG_OK);
    vg_sequence_forget(&s, 8);
    assert_int_equal(s.upto, 7);
    vg_sequence_forget(&s, 10);
    assert_int_equal(s.upto, 10);
    vg_sequence_forget(&s, 3); /* never backwards */
    assert_int_equal(s.upto, 10);
    vg_sequence_finish(&s);
}

static void test_too_many_holes(void **state)
{
    struct vg_sequence s = {0};

    (void)state;
    for (uint64_t i = 0; i < VG_SEQUENCE_RANGES; i++) {
        assert_int_equal(vg_sequence_add(&s, 3 + 2 * i), VG_OK);
    }
    assert_int_equal(vg_sequence_add(&s, 3 + 2 * VG_SEQUENCE_RANGES), VG_FULL);
    assert_false(vg_sequence_has(&s, 3 + 2 * VG_SEQUENCE_RANGES));
    assert_int_equal(vg_sequence_add(&s, 4), VG_OK); /* joins two: no new range */
    assert_int_equal(vg_sequence_add(&s, 3 + 2 * VG_SEQUENCE_RANGES), VG_OK);
    vg_sequence_finish(&s);
}

/* What is known of it, from the store: in one go, or range by range. */
static void test_set_and_append(void **state)
{
    const struct vg_span_of_numbers ranges[] = {{5, 6}, {9, 9}, {12, 20}};
    struct vg_sequence s = {0};

    (void)state;
    assert_true(vg_sequence_set(&s, 3, ranges, 3));
    assert_int_equal(s.upto, 3);
    for (uint64_t n = 1; n <= 22; n++) {
        const bool there = n <= 3 || n == 5 || n == 6 || n == 9 || (n >= 12 && n <= 20);
        assert_int_equal(vg_sequence_has(&s, n), there);
    }
    assert_true(vg_sequence_append(&s, 30, 31));
    assert_true(vg_sequence_has(&s, 30));
    assert_false(vg_sequence_has(&s, 29));
    assert_int_equal(vg_sequence_add(&s, 4), VG_OK); /* up to the next hole */
    assert_int_equal(s.upto, 6);
    assert_int_equal(s.count, 3);
    assert_true(vg_sequence_set(&s, 7, NULL, 0)); /* nothing of before stays */
    assert_int_equal(s.count, 0);
    assert_false(vg_sequence_has(&s, 9));
    vg_sequence_finish(&s);
}

/* A range grows at both ends, and two become one. */
static void test_ranges_grow(void **state)
{
    struct vg_sequence s = {0};

    (void)state;
    assert_int_equal(vg_sequence_add(&s, 10), VG_OK);
    assert_int_equal(vg_sequence_add(&s, 9), VG_OK);
    assert_int_equal(vg_sequence_add(&s, 11), VG_OK);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.range[0].first, 9);
    assert_int_equal(s.range[0].last, 11);
    assert_int_equal(vg_sequence_add(&s, 13), VG_OK);
    assert_int_equal(s.count, 2);
    assert_int_equal(vg_sequence_add(&s, 12), VG_OK);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.range[0].last, 13);
    assert_int_equal(vg_sequence_add(&s, 10), VG_REFUSED);
    vg_sequence_forget(&s, 11); /* into the middle of it */
    assert_int_equal(s.upto, 13);
    assert_int_equal(s.count, 0);
    vg_sequence_finish(&s);
}

/* One hole too many is foreseen, and what makes none is not refused. */
static void test_full(void **state)
{
    const uint64_t behind = 3 + 2 * VG_SEQUENCE_RANGES;
    struct vg_sequence s = {0};

    (void)state;
    for (uint64_t i = 0; i + 1 < VG_SEQUENCE_RANGES; i++) {
        assert_true(vg_sequence_append(&s, 3 + 2 * i, 3 + 2 * i));
    }
    assert_false(vg_sequence_full(&s, behind)); /* there is room for one */
    assert_int_equal(vg_sequence_add(&s, behind - 2), VG_OK);
    assert_true(vg_sequence_full(&s, behind));
    assert_int_equal(vg_sequence_add(&s, behind), VG_FULL);
    assert_false(vg_sequence_full(&s, behind - 1)); /* joins the one before it */
    assert_false(vg_sequence_full(&s, 2));          /* joins the one behind it */
    assert_false(vg_sequence_full(&s, 1));          /* the next that is due */
    assert_false(vg_sequence_full(&s, 3));          /* known */
    vg_sequence_finish(&s);
}

#define MOST 400

static void test_any_order_against_a_table(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        struct vg_sequence s = {0};
        bool came[MOST + 2] = {false};
        uint64_t upto = 0;
        for (unsigned i = 0; i < 600; i++) {
            seed = seed * 1664525U + 1013904223U;
            const uint64_t n = 1 + (seed >> 8) % MOST;
            assert_int_equal(vg_sequence_has(&s, n), came[n]);
            assert_int_equal(vg_sequence_add(&s, n), came[n] ? VG_REFUSED : VG_OK);
            came[n] = true;
            while (came[upto + 1]) {
                upto++;
            }
            assert_int_equal(s.upto, upto);
        }
        vg_sequence_finish(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_hole_is_seen_and_filled),
        cmocka_unit_test(test_what_cannot_come_is_closed),
        cmocka_unit_test(test_too_many_holes),
        cmocka_unit_test(test_set_and_append),
        cmocka_unit_test(test_ranges_grow),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_any_order_against_a_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
