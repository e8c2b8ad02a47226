/* SPDX-License-Identifier: Apache-2.0
 *
 * A state that was put away comes back byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/course.h"

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % sides;
}

/* As many bytes changed, anywhere; the instant is set. */
static void disturb(struct vg_state *state, uint32_t *seed, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        ((unsigned char *)state)[dice(seed, sizeof *state)] =
            (unsigned char)dice(seed, 256);
    }
    state->at.ms = 1 + (int64_t)dice(seed, 1000);
}

static void comes_back(void **state)
{
    static const uint32_t bytes[] = {0, 1, 3, 20, 200, 2000, 40000, 5, 0};
    static const struct vg_state empty;
    static struct vg_state a, b, back;
    struct vg_saved saved = {.size = 0};
    uint32_t seed = 3;

    (void)state;
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
        memset(&a, 0, sizeof a);
        disturb(&a, &seed, bytes[i]);
        assert_true(vg_saved_put(&saved, &a, &empty));
        assert_int_equal(saved.at.ms, a.at.ms);
        back = empty;
        vg_saved_get(&saved, &back);
        assert_memory_equal(&a, &back, sizeof a);

        assert_true(vg_saved_close(&saved, &a));
        assert_int_equal(saved.at.ms, a.at.ms);
        disturb(&back, &seed, 100); /* what was there does not matter */
        vg_saved_open(&saved, &back);
        assert_memory_equal(&a, &back, sizeof a);

        b = a;
        disturb(&b, &seed, bytes[i]);
        assert_true(vg_saved_put(&saved, &a, &b));
        back = b;
        vg_saved_get(&saved, &back);
        assert_memory_equal(&a, &back, sizeof a);
    }
    vg_saved_finish(&saved);
}

/* First and last word; nothing that differs. */
static void ends(void **state)
{
    static struct vg_state a, b;
    struct vg_saved saved = {.size = 0};

    (void)state;
    a.at.ms = 7;
    b = a;
    assert_true(vg_saved_put(&saved, &a, &b));
    assert_int_equal(saved.size, 0);
    ((unsigned char *)&a)[sizeof a - 1] = 1;
    a.at.ms = 8;
    assert_true(vg_saved_put(&saved, &a, &b));
    assert_in_range(saved.size, 4, 10); /* two pieces, of a block at most */
    vg_saved_get(&saved, &b);
    assert_memory_equal(&a, &b, sizeof a);
    vg_saved_finish(&saved);
}

/* The empty state is none: there is nothing to go back to. */
static void of_nothing(void **state)
{
    static struct vg_state a, b;
    struct vg_saved saved = {.size = 0};

    (void)state;
    b.at.ms = 5;
    assert_true(vg_saved_put(&saved, &a, &b));
    assert_false(vg_state_set(saved.at));
    vg_saved_finish(&saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(ends),
        cmocka_unit_test(of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
