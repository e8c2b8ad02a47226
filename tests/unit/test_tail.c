/* SPDX-License-Identifier: Apache-2.0
 *
 * Tails of streams: every sample comes back as it was, from any place, beside a plain array.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/tail.h"

#define COUNT 3000

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % sides;
}

/* Monitors by the minute and by the second, two by turns, jitter, gaps, steps, marks. */
static void generate(struct vg_sample *sample, uint32_t seed)
{
    static const vg_ms pauses[] = {VG_MINUTE,       VG_MINUTE,    VG_SECOND,   0,
                                   123456,          5 * VG_HOUR,  60 * VG_DAY, 1,
                                   VG_MINUTE + 501, 20 * VG_HOUR, 40 * VG_DAY};
    struct vg_sample now = {.measured.ms = INT64_C(1768032000000),
                            .value = 80,
                            .source = VG_SOURCE_CONTINUOUS};
    unsigned pause = 0;

    for (size_t i = 0; i < COUNT; i++) {
        pause = dice(&seed, 20) == 0 ? dice(&seed, 11) : pause;
        now.measured = vg_after(now.measured, pauses[pause]);
        now.value = dice(&seed, 30) == 0 ? (int64_t)dice(&seed, 60000) - 30000
                                         : now.value + (int64_t)dice(&seed, 9) - 4;
        now.value = now.value > INT16_MAX ? INT16_MAX : now.value;
        now.value = now.value < INT16_MIN ? INT16_MIN : now.value;
        now.device = dice(&seed, 3) == 0 ? (uint8_t)dice(&seed, 16) : now.device;
        now.marks = dice(&seed, 50) == 0 ? (uint8_t)dice(&seed, 16) : now.marks;
        now.method = dice(&seed, 90) == 0 ? VG_METHOD_AXILLARY : now.method;
        sample[i] = now;
    }
}

static void assert_sample(const struct vg_sample *a, const struct vg_sample *b)
{
    assert_int_equal(a->measured.ms, b->measured.ms);
    assert_int_equal(a->value, b->value);
    assert_int_equal(a->source, b->source);
    assert_int_equal(a->method, b->method);
    assert_int_equal(a->marks, b->marks);
    assert_int_equal(a->device, b->device);
}

/* What comes after `at` is sample[from], … sample[to - 1]. */
static void assert_after(const struct vg_tail *tail, struct vg_instant at,
                         const struct vg_sample *sample, size_t from, size_t to)
{
    struct vg_tail_place place = vg_tail_after(tail, at);
    struct vg_sample got;

    for (size_t i = from; i < to; i++) {
        assert_true(vg_tail_next(tail, &place, &got));
        assert_sample(&got, &sample[i]);
    }
    assert_false(vg_tail_next(tail, &place, &got));
}

static size_t first_after(const struct vg_sample *sample, struct vg_instant at)
{
    size_t i = 0;

    while (i < COUNT && sample[i].measured.ms <= at.ms) {
        i++;
    }
    return i;
}

static void comes_back(void **state)
{
    static struct vg_sample sample[COUNT];

    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        struct vg_tail tail = {0};
        uint32_t own = seed;
        generate(sample, seed);
        for (size_t i = 0; i < COUNT; i++) {
            assert_true(vg_tail_add(&tail, &sample[i]));
        }
        assert_after(&tail, VG_UNSET, sample, 0, COUNT);
        for (unsigned i = 0; i < 30; i++) {
            const struct vg_instant at =
                vg_after(sample[dice(&own, COUNT)].measured, (vg_ms)dice(&own, 3) - 1);
            assert_after(&tail, at, sample, first_after(sample, at), COUNT);
        }
        for (size_t i = 0; i < COUNT; i += 7) {
            struct vg_sample other = sample[i];
            assert_true(vg_tail_has(&tail, &other));
            other.value = 32000 - (int64_t)seed;
            assert_false(vg_tail_has(&tail, &other));
        }
        vg_tail_finish(&tail);
    }
}

/* Cut at both ends, anywhere, and added to again. */
static void is_cut(void **state)
{
    static struct vg_sample sample[COUNT];

    (void)state;
    for (uint32_t seed = 1; seed <= 200; seed++) {
        struct vg_tail tail = {0};
        uint32_t own = seed;
        generate(sample, seed);
        size_t begin = 0;
        size_t end = dice(&own, COUNT);
        for (size_t i = 0; i < end; i++) {
            assert_true(vg_tail_add(&tail, &sample[i]));
        }
        for (unsigned i = 0; i < 5; i++) {
            const struct vg_instant from = sample[dice(&own, COUNT)].measured;
            const struct vg_instant to = sample[dice(&own, COUNT)].measured;
            const size_t first = first_after(sample, vg_after(from, -1));
            const size_t last = first_after(sample, vg_after(to, -1));
            if (i % 2 == 0) {
                vg_tail_drop_before(&tail, from);
                begin = first > begin ? first : begin;
            } else {
                vg_tail_drop_from(&tail, to);
                end = last < end ? last : end;
            }
            assert_after(&tail, VG_UNSET, sample, begin < end ? begin : end, end);
        }
        for (; end < COUNT; end++) {
            assert_true(vg_tail_add(&tail, &sample[end]));
        }
        assert_after(&tail, VG_UNSET, sample, begin < end ? begin : end, end);
        vg_tail_finish(&tail);
    }
}

/* Half a day by the minute takes a kilobyte. */
static void is_small(void **state)
{
    struct vg_sample sample = {.measured.ms = INT64_C(1768032000000),
                               .source = VG_SOURCE_CONTINUOUS};
    struct vg_tail tail = {0};

    (void)state;
    for (unsigned i = 0; i < 720; i++) {
        sample.value = 80 + i % 7;
        sample.measured = vg_after(sample.measured, VG_MINUTE);
        assert_true(vg_tail_add(&tail, &sample));
    }
    assert_in_range(tail.count, 1, 4);
    vg_tail_finish(&tail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(is_cut),
        cmocka_unit_test(is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
