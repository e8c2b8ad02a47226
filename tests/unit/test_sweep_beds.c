/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory ends while a bed is made: it is not there, and the next try makes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/ward.h"

static const char rules[] =
    "  - id: LOW\n    class: global\n    severity: urgent\n    when: min(sbp, 5m) < 90 "
    "mm[Hg]\n    text: t\n    source: s\n";

static void a_bed_that_was_not_made_is_not_there(void **state)
{
    struct vg_reading reading = {.signal = VG_TEMP, .value = 370, .pi = -1};
    struct vg_message message = {.ward = "onc-7",
                                 .bed = "1",
                                 .measured = {WARD_START},
                                 .reading_count = 1,
                                 .readings = &reading};
    const struct vg_event event = {
        .kind = VG_EVENT_MESSAGE, .at = {WARD_START}, .message = &message};
    enum vg_status status = VG_NO_MEMORY;
    static struct ward w;

    (void)state;
    reading.measured.ms = WARD_START;
    ward_open(&w, rules);
    for (size_t n = 1; status != VG_OK; n++) {
        assert_int_equal(vg_engine_counts(w.engine).beds, 0);
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        status = vg_engine_step(w.engine, &event, &w.effects);
        (void)fail_disarm();
    }
    assert_int_equal(vg_engine_counts(w.engine).beds, 1);
    ward_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bed_that_was_not_made_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
