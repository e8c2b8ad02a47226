/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory ends while what was due in a lagging feed is asked before its next reading: fed again, the
 * same is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/ward.h"

#define S 1000

/* Both are due in one step: room must be made for the second when the first has taken what there was. */
static const char rules[] =
    "  - {id: FIRST, class: lab, severity: urgent, when: temp >= 37.5 Cel, hold: 100s, "
    "text: t, source: s}\n"
    "  - {id: HELD, class: lab, severity: urgent, when: temp >= 37.5 Cel, hold: 2m, "
    "text: t, source: s}\n";

/* Whether a call failed. */
static bool lags(struct ward *w, int64_t arrives, int64_t at, int64_t value)
{
    struct vg_reading reading = {.signal = VG_TEMP,
                                 .source = VG_SOURCE_CONTINUOUS,
                                 .value = value,
                                 .measured = {WARD_START + at * S},
                                 .pi = -1,
                                 .uln = VG_NO_VALUE,
                                 .lln = VG_NO_VALUE};
    const struct vg_message message = {.kind = VG_KIND_VITALS,
                                       .ward = "onc-7",
                                       .bed = "12",
                                       .measured = reading.measured,
                                       .reading_count = 1,
                                       .readings = &reading};
    struct vg_event event = {.kind = VG_EVENT_MESSAGE, .message = &message};

    w->now = arrives * S;
    event.at.ms = WARD_START + w->now;
    enum vg_status status = vg_engine_step(w->engine, &event, &w->effects);
    const bool failed = fail_disarm() > 0;
    if (status != VG_OK) {
        assert_true(failed);
        assert_int_equal(status, VG_NO_MEMORY);
        assert_int_equal(w->effects.count, 0);
        status = vg_engine_step(w->engine, &event, &w->effects);
    }
    assert_int_equal(status, VG_OK);
    return failed;
}

static size_t raised(const struct ward *w, const char *rule)
{
    size_t count = 0;

    for (size_t i = 0; i < w->effects.count; i++) {
        const struct vg_effect *e = &w->effects.item[i];
        count += e->kind == VG_EFFECT_ALERT && e->alert->event == VG_RAISED &&
                 strcmp(e->alert->rule, rule) == 0 && e->alert->onset.ms == WARD_START;
    }
    return count;
}

static void nothing_due_is_lost(void **state)
{
    static struct ward w;
    size_t points = 0;
    bool met = true;

    (void)state;
    for (size_t n = 1; met; n++) {
        ward_open(&w, rules);
        (void)lags(&w, 60, 0, 376);
        (void)lags(&w, 90, 30, 385);
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        met = lags(&w, 155, 130, 370); /* it was due at 120, whatever comes now */
        points += met;
        assert_int_equal(raised(&w, "FIRST"), 1);
        assert_int_equal(raised(&w, "HELD"), 1);
        ward_close(&w);
    }
    assert_true(points > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_due_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
