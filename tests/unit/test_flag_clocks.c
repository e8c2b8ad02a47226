/* SPDX-License-Identifier: Apache-2.0
 *
 * Flags that are put and taken off by clocks that differ (Clinical reference 0.3, 0.6): nothing is quieter for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"

/* Word of a flag comes at `now`, stamped by another clock. */
static void word(struct desk *d, int64_t now, int64_t stamped, const char *name,
                 bool on)
{
    struct vg_entry entry = {.signal = VG_FLAG,
                             .at = {WARD_START + stamped},
                             .on = on,
                             .duration_s = -1,
                             .flow = VG_NO_VALUE,
                             .fio2 = VG_NO_VALUE,
                             .until = VG_UNSET};
    const struct vg_message message = {.kind = VG_KIND_ASSESSMENT,
                                       .ward = "onc-7",
                                       .bed = "12",
                                       .measured = {WARD_START + stamped},
                                       .entry_count = 1,
                                       .entries = &entry};

    (void)vg_copy(entry.value, sizeof entry.value, name);
    step(d, now, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

/* Two tablets whose clocks differ: the order of the one is taken back by the other, whose stamp is older. What is
 * told long after is of an order before. */
static void two_clocks_and_an_order(void **state)
{
    static const struct {
        int64_t ordered, withdrawn, told;
        bool calls;
    } rows[] = {{31 * M, 30 * M + 30 * S, 30 * M + 30 * S, true}, /* a minute ahead */
                {30 * M, 27 * M, 32 * M, true},                   /* five behind */
                {30 * M, 15 * M, 32 * M, true},
                {30 * M, 15 * M - 1, 32 * M, false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open();
        word(d, 30 * M, rows[i].ordered, "comfort_care", true);
        word(d, rows[i].told, rows[i].withdrawn, "comfort_care", false);
        spot(d, 33 * M, VG_HR, 145);
        heard(d, rows[i].calls ? "PULSE call bedside-nurse;" : "");
        desk_close(d);
    }
}

/* No flag is of the future: what shifts the limits of saturation is gone with its withdrawal. */
static void a_flag_of_a_clock_ahead(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: AIR, class: respiratory, severity: urgent, text: t, source: s, "
        "when: oxygen.hypoxia}\n");

    (void)state;
    word(d, 30 * M, 31 * M, "scale2", true);
    word(d, 30 * M + 30 * S, 30 * M + 30 * S, "scale2", false);
    spot(d, 33 * M, VG_SPO2, 88);
    assert_int_not_equal(open_of(d, "AIR")->rev, 0);
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_clocks_and_an_order),
        cmocka_unit_test(a_flag_of_a_clock_ahead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
