/* SPDX-License-Identifier: Apache-2.0
 *
 * Extremes of what comes in any order, against a list that keeps everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/peaks.h"

#define MOST 4000

struct model {
    size_t count;
    struct vg_peak seen[MOST];
};

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % sides;
}

static void check(const struct vg_peaks *peaks, const struct model *model, int64_t from)
{
    const struct vg_peak *found = vg_peaks_since(peaks, (struct vg_instant){from});
    bool any = false;
    int64_t best = 0;

    for (size_t i = 0; i < model->count; i++) {
        const struct vg_peak *p = &model->seen[i];
        if (p->at.ms >= from &&
            (!any || (peaks->low ? p->value < best : p->value > best))) {
            best = p->value;
            any = true;
        }
    }
    assert_int_equal(found != NULL, any);
    if (any) {
        assert_int_equal(found->value, best);
    }
}

static void run(uint32_t seed, bool low, uint32_t late)
{
    static struct model model;
    struct vg_peaks peaks = {.low = low};

    model.count = 0;
    for (int64_t i = 0; i < MOST; i++) {
        const int64_t back = dice(&seed, 100) < late ? dice(&seed, 2000) : 0;
        const struct vg_peak p = {{i - back}, dice(&seed, 50)};
        assert_true(vg_peaks_reserve(&peaks));
        vg_peaks_insert(&peaks, p.at, p.value);
        model.seen[model.count++] = p;
        check(&peaks, &model, i - dice(&seed, 2500));
        assert_true(peaks.count <= 50); /* one for each distinct value at most */
    }
    vg_peaks_finish(&peaks);
}

static void test_any_order(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 5; seed++) {
        run(seed, true, 0);
        run(seed, true, 40);
        run(seed, false, 40);
        run(seed, false, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_order)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
