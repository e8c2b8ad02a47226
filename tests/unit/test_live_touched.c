/* SPDX-License-Identifier: Apache-2.0
 *
 * A bed that changes between the look at it and the moment in which readers let it be shown is looked at
 * again at once, and not when its turn would come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "shell/live_inside.h"

static bool look(void *to, const char *ward, const char *bed, struct vg_bed_look *out)
{
    memset(out, 0, sizeof *out);
    (void)vg_copy(out->assessed.ward, sizeof out->assessed.ward, ward);
    (void)vg_copy(out->assessed.bed, sizeof out->assessed.bed, bed);
    out->infusion = VG_UNSET;
    out->pause.until = *(const struct vg_instant *)to;
    return true;
}

static void what_comes_while_a_reader_has_the_lock_is_not_lost(void **state)
{
    struct vg_live *live = vg_live_create("run1", 100);
    struct vg_instant paused = VG_UNSET;
    const vg_ms begin = VG_DAY; /* boot clock */

    (void)state;
    assert_non_null(live);
    vg_live_ward(live, "w", "p", 0);
    vg_live_touch(live, "w", "1");
    assert_int_equal(pthread_mutex_lock(&live->lock), 0); /* a reader */
    vg_live_publish(live, begin, look, &paused);
    assert_int_equal(pthread_mutex_unlock(&live->lock), 0);
    paused.ms = 5000;
    vg_live_touch(live, "w", "1");
    vg_live_publish(live, begin + 100, look, &paused);
    vg_live_publish(live, begin + 700, look, &paused);
    assert_int_equal(live->shown_count, 1);
    assert_int_equal(live->shown[0]->brief.pause.until.ms, 5000);
    vg_live_destroy(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_while_a_reader_has_the_lock_is_not_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
