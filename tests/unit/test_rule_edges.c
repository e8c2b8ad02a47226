/* SPDX-License-Identifier: Apache-2.0
 *
 * The edges of a rule's life: the very instant at which a pause is too long, a severity eases,
 * a late reading counts. Each was a change of the code that no other test noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rule_help.h"

static const struct row rows[] = {
    /* A stream may pause for 600 s; at a hold's end that long is lately, and 1 s more is not. */
    {HELD("601s"), {MONITOR(0, 385), MONITOR(1, 385)}, 700, "601000 raised HOT 0;"},
    {HELD("602s"), {MONITOR(0, 385), MONITOR(1, 385)}, 700, ""},
    /* A hold is that long and not a second less, whatever is measured. */
    {HELD("600s"), {MONITOR(0, 385), MONITOR(599, 385)}, 0, ""},
    {HELD("600s"), {MONITOR(0, 385), MONITOR(600, 385)}, 0, "600000 raised HOT 0;"},
    /* A severity eases when it has been milder for five minutes, not before. */
    {STEPS,
     {SPOT(0, 385), SPOT(60, 400), SPOT(120, 390), SPOT(419, 390)},
     0,
     "0 raised HOT 0;60000 escalated HOT 0;"},
    {STEPS,
     {SPOT(0, 385), SPOT(60, 400), SPOT(120, 390), SPOT(420, 390)},
     0,
     "0 raised HOT 0;60000 escalated HOT 0;420000 eased HOT 0;"},
    /* Worse in between: the five minutes begin again. */
    {STEPS,
     {SPOT(0, 400), SPOT(60, 390), SPOT(300, 401), SPOT(360, 390), SPOT(659, 390),
      SPOT(660, 390)},
     0,
     "0 raised HOT 0;660000 eased HOT 0;"},
    /* A late "no" inside a pending span: it begins at the next of its own readings, whatever
     * else was measured before. */
    {HELD("20m"),
     {SPOT(0, 385), PULSE(360, 90), SPOT(600, 385), LATE(660, 300, 370),
      SPOT(1500, 385), SPOT(1800, 385)},
     0,
     "1800000 raised HOT 600000;"},
    /* And nothing of its own behind it: no span is pending any more. */
    {HELD("20m"),
     {SPOT(0, 385), PULSE(600, 90), LATE(660, 300, 370), SPOT(1500, 385),
      SPOT(2700, 385)},
     0,
     "2700000 raised HOT 1500000;"},
    /* A late run of its own is told although an earlier one has ended; part of that is not. */
    {RULE("temp >= 38.0 Cel", ""),
     {SPOT(0, 385), SPOT(600, 370), SPOT(2400, 370), LATE(3600, 1800, 385)},
     0,
     "0 raised HOT 0;600000 ended HOT 0;3600000 raised HOT 1800000;3600000 ended HOT 1800000;"},
    {RULE("temp >= 38.0 Cel", ""),
     {SPOT(0, 385), SPOT(600, 370), LATE(3600, 300, 386)},
     0,
     "0 raised HOT 0;600000 ended HOT 0;"},
    /* A stream that lags by 60 s: what time alone would decide waits that long. */
    {HELD("2m"), {LAGS(60, 0, 385), LAGS(90, 30, 385), LAGS(150, 90, 370)}, 300, ""},
    {HELD("2m"), {LAGS(60, 0, 385), LAGS(90, 30, 385)}, 179, ""},
    {HELD("2m"), {LAGS(60, 0, 385), LAGS(90, 30, 385)}, 180, "180000 raised HOT 0;"},
    /* What would end it is known and does not hold; whether it holds is not known any more. */
    {RULE("hr > 100 /min", "    clear: temp < 37.0 Cel\n"),
     {BEAT(0, 110), SPOT(1, 380)},
     3601,
     "0 raised HOT 0;3600001 data_lost HOT 0;"},
    /* A late "no": the span begins when that has left the window, as it would have in time. */
    {RULE("min(temp, 10m) >= 38.0 Cel", "    hold: 30m\n"),
     {SPOT(0, 385), SPOT(600, 385), SPOT(1200, 385), LATE(1260, 300, 370),
      SPOT(1800, 385), SPOT(2400, 385)},
     2701,
     "2700001 raised HOT 900001;"},
    /* What a late reading says of its own time, not of what was measured since. */
    {RULE("slope(temp, 1h) > 3 Cel", ""),
     {SPOT(0, 370), SPOT(1200, 370), LATE(1260, 600, 390)},
     0,
     "1260000 raised HOT 600000;1260000 ended HOT 600000;"},
    /* What is known from assessments began with the first reading of theirs. */
    {RULE("bp.hypotension", ""),
     {CUFF(0, 85), CUFF(300, 84)},
     0,
     "300000 raised HOT 0;"},
    /* How long a pulse may pause is its own matter, whatever else is measured. */
    {RULE("hr > 100 /min", "    hold: 10m\n"),
     {PULSE(0, 110), MONITOR(1, 370), PULSE(590, 110), PULSE(600, 110),
      PULSE(610, 110)},
     0,
     ""},
    /* Not known in between whether it is milder: the five minutes begin again. */
    {STEPS,
     {SPOT(0, 400), SPOT(60, 390), BEAT(3700, 80), SPOT(3800, 390), SPOT(3900, 390)},
     0,
     "0 raised HOT 0;3660001 data_lost HOT 0;3800000 data_back HOT 0;"},
    /* Raised by what was known hours ago: that nothing newer is known is said at once. */
    {RULE("fever.confirmed", ""),
     {LATE(7200, 0, 390)},
     0,
     "7200000 raised HOT 0;7200000 data_lost HOT 0;"},
    /* What is counted is what each reading said in its own time; others' readings are not. */
    {RULE("temp >= 38.0 Cel in 2 of last 3 readings", ""),
     {SPOT(0, 370), SPOT(600, 370), SPOT(1200, 385), LATE(1260, 900, 370)},
     0,
     ""},
    {RULE("temp >= 38.0 Cel in 2 of last 3 readings", ""),
     {SPOT(0, 385), BEAT(60, 80), BEAT(120, 81)},
     0,
     ""},
    /* The first one that counts: two of the last three, kept in order of measurement. */
    {RULE("temp >= 38.0 Cel in 2 of last 3 readings", ""),
     {SPOT(0, 385), SPOT(600, 370), SPOT(1200, 370), SPOT(1800, 385),
      LATE(1860, 900, 385)},
     0,
     "1860000 raised HOT 900000;"},
    /* With a "for" the count must stay met so long: from the reading that first met it. */
    {RULE("temp >= 38.0 Cel in 2 of last 3 readings for 1h", ""),
     {SPOT(0, 385), SPOT(1800, 370), SPOT(3600, 385), SPOT(7199, 385)},
     0,
     ""},
    {RULE("temp >= 38.0 Cel in 2 of last 3 readings for 1h", ""),
     {SPOT(0, 385), SPOT(1800, 370), SPOT(3600, 385), SPOT(7200, 385)},
     0,
     "7200000 raised HOT 3600000;"},
    /* A "clear" that counts: those since the alert was raised. */
    {RULE("temp >= 38.0 Cel", "    clear: temp <= 37.5 Cel in 2 of last 2 readings\n"),
     {SPOT(0, 370), SPOT(600, 370), SPOT(1200, 385), SPOT(1800, 370), SPOT(2400, 379),
      SPOT(3000, 370), SPOT(3600, 370)},
     0,
     "1200000 raised HOT 1200000;3600000 ended HOT 1200000;"},
    {RULE("temp >= 38.0 Cel",
          "    clear: temp <= 37.5 Cel in 2 of last 2 readings 10m apart\n"),
     {SPOT(0, 385), SPOT(600, 370), SPOT(1199, 370), SPOT(1799, 370)},
     0,
     "0 raised HOT 0;1799000 ended HOT 0;"},
    /* Each reading counts, also where what is assessed stays as it was; one behind newer ones ends
     * nothing. */
    {RULE("oxygen.hypoxia", "    clear: not oxygen.hypoxia in 2 of last 2 readings\n"),
     {{0, 0, VG_SPO2, 85, VG_SOURCE_SPOT},
      {600, 600, VG_SPO2, 96, VG_SOURCE_SPOT},
      {1200, 1200, VG_SPO2, 97, VG_SOURCE_SPOT}},
     0,
     "0 raised HOT 0;1200000 ended HOT 0;"},
    {RULE("temp >= 38.0 Cel", "    clear: temp <= 37.5 Cel in 2 of last 2 readings\n"),
     {SPOT(0, 385), SPOT(600, 370), LATE(660, 300, 370), SPOT(1200, 370)},
     0,
     "0 raised HOT 0;1200000 ended HOT 0;"},
};

static void test_edges(void **state)
{
    (void)state;
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void test_the_peak_stays(void **state)
{
    const struct row row = {
        STEPS, {SPOT(0, 385), SPOT(60, 400), SPOT(120, 390), SPOT(420, 390)}, 0, NULL};
    struct ward w;

    (void)state;
    act(&row, &w);
    assert_int_equal(w.last.severity, VG_URGENT);
    assert_int_equal(w.last.peak, VG_CRITICAL);
    ward_close(&w);
}

/* Another seizure while the alert of the first is open: that one ends, and its own begins; one
 * that is told twice is one. */
static void test_events_occur_again(void **state)
{
    static const struct {
        const char *latch, *told;
    } fits[] = {{"no", "120000 ended FIT 60000;120000 raised FIT 120000;"},
                {"yes", "120000 ended FIT 60000;120000 closed FIT 60000;"
                        "120000 raised FIT 120000;"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char rules[256];
        (void)snprintf(
            rules, sizeof rules,
            "  - {id: FIT, class: neuro, severity: critical, latch: %s, when: "
            "neuro.seizure, text: t, source: s}\n",
            fits[i].latch);
        struct desk *d = desk_open_with(rules);
        spot(d, 0, VG_HR, 80);
        chart(d, 60 * S, VG_SEIZURE, "");
        assert_string_equal(d->ward.told, "60000 raised FIT 60000;");
        char first[VG_ALERT_LEN + 1];
        (void)vg_copy(first, sizeof first, open_of(d, "FIT")->id);
        d->ward.told[0] = '\0';
        chart(d, 60 * S, VG_SEIZURE, "");
        spot(d, 90 * S, VG_GCS, 14); /* the same assessment is judged again */
        assert_string_equal(d->ward.told, "");
        chart(d, 120 * S, VG_SEIZURE, "");
        assert_string_equal(d->ward.told, fits[i].told);
        assert_string_not_equal(open_of(d, "FIT")->id, first);
        desk_close(d);
    }
}

/* Asked again for another reason, what happened once has happened once. */
static void test_an_event_is_not_told_twice(void **state)
{
    struct desk *d =
        desk_open_with("  - {id: FIT, class: neuro, severity: critical, when: "
                       "neuro.seizure or flag(scale2), text: t, source: s}\n");

    (void)state;
    spot(d, 0, VG_HR, 80);
    chart(d, 60 * S, VG_SEIZURE, "");
    flag(d, 90 * S, "scale2", true);
    flag(d, 95 * S, "scale2", false);
    assert_string_equal(d->ward.told, "60000 raised FIT 60000;");
    desk_close(d);
}

/* A score that was lower in between, which is known late: its span begins anew. */
static void test_a_score_that_was_lower(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: HIGH, class: lab, severity: info, when: news2.score >= 3, hold: 10m, "
        "text: t, source: s}\n");

    (void)state;
    spot(d, 0, VG_RR, 25);
    spot(d, 5 * M, VG_RR, 26);
    ward_read_late(&d->ward, 5 * M + 10 * S, 2 * M, VG_RR, 16, VG_SOURCE_SPOT);
    spot(d, 10 * M, VG_RR, 26);
    assert_string_equal(d->ward.told, "");
    spot(d, 15 * M, VG_RR, 26);
    assert_string_equal(d->ward.told, "900000 raised HIGH 300000;");
    desk_close(d);
}

/* A score that is lower because a part of it is not known any more is no lower score. */
static void test_a_score_no_longer_known(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: HIGH, class: lab, severity: info, when: news2.score >= 3, text: t, "
        "source: s}\n");

    (void)state;
    spot(d, 0, VG_RR, 25);
    spot(d, 50 * M, VG_HR, 80);
    assert_string_equal(d->ward.told, "0 raised HIGH 0;");
    spot(d, 61 * M, VG_HR, 81);
    spot(d, 62 * M, VG_HR, 82);
    assert_string_equal(d->ward.told, "0 raised HIGH 0;3600001 data_lost HIGH 0;");
    spot(d, 63 * M, VG_RR, 16); /* the others are not known yet */
    assert_null(strstr(d->ward.told, "ended"));
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_occur_again),
        cmocka_unit_test(test_an_event_is_not_told_twice),
        cmocka_unit_test(test_a_score_that_was_lower),
        cmocka_unit_test(test_a_score_no_longer_known),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_the_peak_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
