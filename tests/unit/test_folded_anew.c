/* SPDX-License-Identifier: Apache-2.0
 *
 * When everything of a patient is folded anew, a day of a monitor's readings is there: what rested on older ones goes on
 * all the same (vigil/carried.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/days.h"

static const char rules[] =
    "  - id: SUPPORTED\n    class: global\n    severity: urgent\n"
    "    when: crs.grade == 2\n    text: t\n    source: s\n";

static void update(struct ward *w)
{
    struct vg_admission a = {
        .action = VG_UPDATE, .ward = "onc-7", .bed = "12", .patient = "p-1", .age = 56};

    a.at.ms = WARD_START + w->now;
    a.infusion_planned = VG_UNSET;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a.baseline[i] = a.uln[i] = VG_NO_VALUE;
    }
    ward_step(w, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &a});
}

static void reload(struct ward *w)
{
    assert_int_equal(vg_engine_adopt(w->engine, &w->book), VG_OK);
}

/* A low pressure until 44 h is the last sign of the episode. A monitor's pressures are kept for a day: what comes of an
 * update or a reload at 94 h must not have the waiver end early. */
static void test_folded_anew(void **state)
{
    static void (*const anew[])(struct ward *) = {NULL, update, reload};
    static struct ward w;
    const struct days_thing start = {T0, VG_INFUSION, 0, "start", false, 0};
    const struct days_thing given = {30 * HOUR,     VG_MEDICATION, 0,
                                     "tocilizumab", false,         0};
    const struct days_thing oxygen = {110 * HOUR,      VG_O2_DEVICE, 0,
                                      "nasal_cannula", false,        0};

    (void)state;
    for (size_t i = 0; i < sizeof anew / sizeof anew[0]; i++) {
        ward_open(&w, rules);
        ward_admit(&w, 0, "p-1");
        days_chart(&w, &start);
        for (int64_t m = 25 * 60; m < 110 * 60; m++) {
            const int64_t at = m * 60000;
            if (m == 30 * 60) {
                days_chart(&w, &given);
            }
            ward_read(&w, at, VG_TEMP, m < 34 * 60 ? 386 : 368, VG_SOURCE_CONTINUOUS);
            ward_read(&w, at + 1000, VG_SBP, m > 26 * 60 && m < 44 * 60 ? 84 : 120,
                      VG_SOURCE_CONTINUOUS);
            if (m == 94 * 60 && anew[i] != NULL) {
                anew[i](&w);
            }
            w.told[0] = '\0';
        }
        days_chart(&w, &oxygen);
        assert_non_null(strstr(w.told, "raised SUPPORTED"));
        ward_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folded_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
