/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule goes from its file, and comes back (Alert states T38): its open alert is its own again, at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"

#define OTHER_RULE                                                               \
    "  - {id: OTHER, class: lab, severity: info, when: hr > 200 /min, text: t, " \
    "source: s}\n"

static const char *rule_of(const char *tests)
{
    static char text[1024];

    (void)snprintf(
        text, sizeof text,
        "  - {id: RATE, class: lab, severity: critical, ladder: one, text: t, "
        "source: s, %s}\n"
        "ladders:\n  one:\n    hold: 30m\n    steps:\n"
        "      - {offer: [nurse], wait: 10m}\n"
        "    fallback: {offer: [doctor], repeat: 1h}\n",
        tests);
    return text;
}

static void adopt(struct desk *d, struct ward *next, const char *rules)
{
    ward_open(next, rules);
    next->protocol->digest = "1";
    d->ward.told[0] = d->heard[0] = '\0';
    assert_int_equal(vg_engine_adopt(d->ward.engine, &next->book), VG_OK);
}

/* As a restart would have it. */
static void it_comes_back(void **state)
{
    static const char before[] = "when: hr > 120 /min, clear: hr < 110 /min for 5m";
    static const struct {
        const char *tests, *told;
        bool latched;
    } rows[] = {
        {before, "60000 data_back RATE 0;", false},
        {"when: hr > 110 /min", "60000 data_back RATE 0;", false},
        {"when: hr > 130 /min, clear: hr < 100 /min", /* between its two tests */
         "60000 noted RATE 0;60000 data_back RATE 0;", true},
        {"when: hr > 130 /min", "60000 data_back RATE 0;60000 ended RATE 0;", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct ward gone, back;
        struct desk *d = desk_open_with(rule_of(before));
        spot(d, 0, VG_HR, 125);
        const struct vg_alert raised = *open_of(d, "RATE");
        wait_until(d, 1 * M);
        adopt(d, &gone, OTHER_RULE);
        wait_until(d, 1 * M);
        assert_int_equal(open_of(d, "RATE")->condition, VG_CONDITION_UNKNOWN);
        adopt(d, &back, rule_of(rows[i].tests));
        wait_until(d, 1 * M);
        const struct vg_alert *now = open_of(d, "RATE");
        if (strcmp(d->ward.told, rows[i].told) != 0 ||
            now->latched != rows[i].latched) {
            fail_msg("row %zu: %s %d", i, d->ward.told, now->latched);
        }
        assert_string_equal(now->id, raised.id);
        assert_int_equal(now->respond_by.ms, raised.respond_by.ms);
        desk_close(d);
        ward_close(&gone);
        ward_close(&back);
    }
}

/* It was clearing when the data stopped, and the rule went: the span begins anew once it is back. */
static void it_comes_back_behind_a_gap(void **state)
{
    static const char tests[] = "when: hr > 120 /min, clear: hr < 110 /min for 5m";
    static struct ward gone, back;
    struct desk *d = desk_open_with(rule_of(tests));

    (void)state;
    spot(d, 0, VG_HR, 125);
    spot(d, 1 * M, VG_HR, 100);
    wait_until(d, 3 * H);
    assert_int_equal(open_of(d, "RATE")->condition, VG_CONDITION_UNKNOWN);
    adopt(d, &gone, OTHER_RULE);
    spot(d, 3 * H + 1 * M, VG_HR, 100);
    adopt(d, &back, rule_of(tests));
    spot(d, 3 * H + 2 * M, VG_HR, 100);
    assert_int_equal(open_of(d, "RATE")->condition, VG_CLEARING);
    spot(d, 3 * H + 7 * M, VG_HR, 100);
    assert_int_equal(open_of(d, "RATE")->rev, 0);
    desk_close(d);
    ward_close(&gone);
    ward_close(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_back),
        cmocka_unit_test(it_comes_back_behind_a_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
