/* SPDX-License-Identifier: Apache-2.0
 *
 * Edges of the fold: a baseline beside a reading that lasts, what is judged at a late instant that
 * nothing lies behind, what a window says of a time that is past.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/assess/baseline.h"
#include "core/cells.h"
#include "core/tracker.h"
#include "lib/course_help.h"

/* A stretch is folded at its begin: what it says of its end is not known then, and the baseline is
 * what was measured until then. */
static void a_stretch_has_no_end_yet(void **state)
{
    struct vg_state folded = {0};
    const struct vg_view view = {NULL, NULL};
    const struct vg_item item = {.at = try_instant(0),
                                 .to = try_instant(64),
                                 .low = 80,
                                 .high = 100,
                                 .a = VG_NO_VALUE,
                                 .b = VG_NO_VALUE,
                                 .count = 2,
                                 .signal = VG_HR,
                                 .source = VG_SOURCE_CONTINUOUS};

    (void)state;
    vg_baseline_step(&folded, &view, &item);
    vg_baseline_after(&folded, &view, item.at);
    assert_int_equal(folded.baseline.value[VG_BASELINE_HR], 80);
    folded.baseline.changed = 1U << VG_BASELINE_HR;
    vg_baseline_after(&folded, &view, item.to);
    assert_int_equal(folded.baseline.value[VG_BASELINE_HR], 100);
}

/* The late instant is the newest of all: it is judged there, with all that was put. */
static void a_late_instant_behind_all(void **state)
{
    struct vg_try *t = try_begin();
    struct vg_try *plain = try_begin();
    struct vg_assessment then = {0};

    (void)state;
    try_obs(plain, 0, VG_TEMP, 391, VG_SOURCE_SPOT, VG_METHOD_ORAL);
    try_obs(t, 0, VG_TEMP, 391, VG_SOURCE_SPOT, VG_METHOD_ORAL);
    vg_course_fold(t->course, t->window, try_instant(60), &then);
    const struct vg_assessment *now = try_at(plain, 60);
    assert_int_equal(then.fever.confirmed.truth, VG_TRUE);
    assert_int_equal(then.fever.confirmed.truth, now->fever.confirmed.truth);
    assert_int_equal(then.fever.confirmed.since.ms, now->fever.confirmed.since.ms);
    try_end(plain);
    try_end(t);
}

/* Asked about a time that is past (a late reading does), what came since does not count, to a cell. */
static void asked_about_what_is_past(void **state)
{
    static const struct vg_query mean = {
        .kind = VG_ASK_AVG, .signal = VG_HR, .span = VG_HOUR};
    static const struct vg_query number = {
        .kind = VG_ASK_COUNT, .signal = VG_HR, .span = VG_HOUR};
    const struct vg_instant begin = vg_cell_start(try_instant(0));
    const struct vg_instant then = vg_after(begin, 7199 * VG_SECOND);
    struct vg_window w = {0};

    (void)state;
    vg_window_init(&w, VG_HR, 3 * VG_HOUR);
    vg_window_keep(&w, 3 * VG_HOUR, 3 * VG_HOUR);
    for (int64_t s = 0; s < 3 * 3600; s += 10) {
        const struct vg_sample sample = {.measured = vg_after(begin, s * VG_SECOND),
                                         .value = s < 7200 ? 60 : 120,
                                         .source = VG_SOURCE_CONTINUOUS};
        (void)vg_window_put(&w, &sample);
    }
    assert_int_equal(
        vg_number_compare(vg_window_scan(&w, &mean, then), vg_number_of(60, 1)), 0);
    assert_int_equal(
        vg_number_compare(vg_window_scan(&w, &number, then), vg_number_of(390, 1)), 0);
    vg_window_finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stretch_has_no_end_yet),
        cmocka_unit_test(a_late_instant_behind_all),
        cmocka_unit_test(asked_about_what_is_past),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
