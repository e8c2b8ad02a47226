/* SPDX-License-Identifier: Apache-2.0
 *
 * What a rule keeps from one reading to the next: what was known, of which alert, and for how long.
 * Each row was a change of core/rule.c that no other test noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rule_help.h"

#define COUNTED       "temp >= 38.0 Cel in 2 of last 3 readings"
#define CLEARS(clear) RULE("temp >= 38.0 Cel", "    clear: " clear "\n")
#define TOLD_LATE     SPOT(0, 375), SPOT(3600, 375), LATE(3660, 1800, 385)
#define LOW           "3660000 raised HOT 1800000;"

#define LADDER                                      \
    "ladders:\n  own:\n    hold: 30m\n    steps:\n" \
    "      - {offer: [bedside-nurse], wait: 10m}\n" \
    "    fallback: {offer: [charge-nurse], repeat: 10m}\n"

static const struct row rows[] = {
    /* Asked for another signal's sake, it counts the readings of its own only. */
    {RULE(COUNTED, "    escalate: hr > 130 /min\n    escalated: critical\n"),
     {SPOT(0, 385), BEAT(60, 80), BEAT(120, 81)},
     0,
     ""},
    /* Two signals: what was seen last of either is what was seen last. */
    {RULE("temp >= 38.0 Cel and hr > 100 /min", "    hold: 10m\n"),
     {SPOT(0, 385), BEAT(1, 110), SPOT(300, 385)},
     601,
     "601000 raised HOT 1000;"},
    {RULE("temp >= 38.0 Cel and hr > 100 /min", "    hold: 10m\n"),
     {BEAT(0, 110), SPOT(1, 385), BEAT(300, 110)},
     601,
     "601000 raised HOT 1000;"},
    /* A "no" ends the span that is pending: it begins with the next "yes". */
    {RULE("temp >= 38.0 Cel and age(hr) < 10h", "    hold: 10m\n"),
     {BEAT(0, 80), SPOT(1, 385), SPOT(300, 370), SPOT(610, 385)},
     0,
     ""},
    /* The five minutes of a milder alert are its own: the next one begins them anew. */
    {STEPS,
     {SPOT(0, 400), SPOT(60, 390), SPOT(120, 370), SPOT(600, 400), SPOT(660, 390)},
     0,
     "0 raised HOT 0;120000 ended HOT 0;600000 raised HOT 600000;"},
    /* Told late, and so quietly; aloud when the newest reading, no more than 15 minutes old, says so too. */
    {CLEARS("temp <= 37.0 Cel"),
     {TOLD_LATE, SPOT(3900, 385)},
     0,
     LOW "3900000 escalated HOT 1800000;"},
    {CLEARS("temp <= 37.0 Cel"),
     {TOLD_LATE, LATE(4800, 3900, 385)},
     0,
     LOW "4800000 escalated HOT 1800000;"},
    {CLEARS("temp <= 37.0 Cel"), {TOLD_LATE, LATE(4801, 3900, 385)}, 0, LOW},
    {CLEARS("temp <= 37.0 Cel"), {TOLD_LATE, SPOT(3900, 376)}, 0, LOW},
    /* One reading of long ago, with nothing of its own seen since: no span has lasted. */
    {HELD("10m"), {BEAT(1300, 80), LATE(1320, 400, 385)}, 0, ""},
    /* Found by what was measured hours ago: that nothing newer is known is said with it. */
    {RULE("fever.confirmed", ""),
     {BEAT(7200, 80), LATE(7210, 0, 390)},
     0,
     "7210000 raised HOT 0;7210000 data_lost HOT 0;"},
    /* Values that leave the clear test's window end nothing, nor do they begin an end; the next reading does. */
    {CLEARS("max(temp, 10m) < 38.0 Cel"),
     {SPOT(0, 385), SPOT(60, 370), SPOT(700, 370)},
     0,
     "0 raised HOT 0;700000 ended HOT 0;"},
    /* Clear for ten minutes: at that very instant it ends, a second before it does not. */
    {CLEARS("temp <= 37.7 Cel for 10m"),
     {SPOT(0, 385), SPOT(60, 370), SPOT(659, 370)},
     0,
     "0 raised HOT 0;60000 clearing HOT 0;"},
    {CLEARS("temp <= 37.7 Cel for 10m"),
     {SPOT(0, 385), SPOT(60, 370), SPOT(660, 370)},
     0,
     "0 raised HOT 0;60000 clearing HOT 0;660000 ended HOT 0;"},
    /* Data lost while it clears are no relapse; the gap breaks the span. */
    {CLEARS("temp <= 37.7 Cel for 2h"),
     {SPOT(0, 385), SPOT(60, 370), SPOT(7200, 370), SPOT(7300, 370), SPOT(10800, 370),
      SPOT(14399, 370)},
     0,
     "0 raised HOT 0;60000 clearing HOT 0;3660001 data_lost HOT 0;"
     "7200000 data_back HOT 0;"},
    {CLEARS("temp <= 37.7 Cel for 2h"),
     {SPOT(0, 385), SPOT(60, 370), SPOT(7200, 370), SPOT(7300, 370), SPOT(10800, 370),
      SPOT(14400, 370)},
     0,
     "0 raised HOT 0;60000 clearing HOT 0;3660001 data_lost HOT 0;"
     "7200000 data_back HOT 0;14400000 ended HOT 0;"},
    /* A backlog of hours ago brings nothing back; a reading of now does, whatever it says. */
    {CLEARS("temp <= 37.7 Cel"),
     {SPOT(0, 385), LATE(10800, 5000, 385), LATE(10801, 5600, 379), SPOT(10860, 379)},
     0,
     "0 raised HOT 0;3600001 data_lost HOT 0;10860000 data_back HOT 0;"},
    {CLEARS("temp <= 37.7 Cel"),
     {SPOT(0, 385), LATE(10800, 5000, 385), SPOT(10860, 385)},
     0,
     "0 raised HOT 0;3600001 data_lost HOT 0;10860000 data_back HOT 0;"},
};

static void test_rows(void **state)
{
    (void)state;
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void temp(struct desk *d, int64_t at, int64_t value)
{
    ward_read(&d->ward, at, VG_TEMP, value, VG_SOURCE_CONTINUOUS);
}

/* Charted once more when the hold is over: that is evidence, nothing else need be measured. */
static void test_charted_again(void **state)
{
    struct desk *d =
        desk_open_with(RULE("temp >= 38.0 Cel or flag(scale2)", "    hold: 10m\n"));

    (void)state;
    flag(d, 0, "scale2", true);
    flag(d, 10 * M, "scale2", true);
    assert_string_equal(d->ward.told, "600000 raised HOT 0;");
    desk_close(d);
}

/* True again by time alone, when a medicine no longer masks it: the span begins then, not with the next
 * reading, whatever said yes before. */
static void test_true_again_by_time(void **state)
{
    static const struct {
        int64_t given; /* s: after it was raised, or while the span is pending */
        const char *told;
    } spans[] = {
        {700, "600000 raised HOT 0;700000 ended HOT 0;1600001 raised HOT 1000001;"},
        {595, "1495001 raised HOT 895001;"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct desk *d = desk_open_with(
            RULE("temp >= 38.0 Cel and not given(paracetamol, 5m)", "    hold: 10m\n"));
        temp(d, 0, 385);
        temp(d, 590 * S, 385);
        if (i == 0) {
            temp(d, 600 * S, 385);
        }
        chart(d, spans[i].given * S, VG_MEDICATION, "paracetamol");
        temp(d, 1300 * S, 385);
        wait_until(d, 1700 * S);
        assert_string_equal(d->ward.told, spans[i].told);
        desk_close(d);
    }
}

/* What was charted wears off, and that ends it: no reading is waited for. */
static void test_charted_clears_by_time(void **state)
{
    struct desk *d = desk_open_with(RULE("temp >= 38.0 Cel and given(tocilizumab, 30m)",
                                         "    clear: not given(tocilizumab, 30m)\n"));

    (void)state;
    temp(d, 0, 385);
    chart(d, 60 * S, VG_MEDICATION, "tocilizumab");
    wait_until(d, 2 * H);
    assert_string_equal(d->ward.told,
                        "60000 raised HOT 60000;1860001 ended HOT 60000;");
    desk_close(d);
}

/* What counts assessments has its answer from those, each of them, also where two are the same; not from
 * the newest alone. */
static void test_counted_assessments(void **state)
{
    struct desk *d =
        desk_open_with(RULE("news2.score >= 3 in 2 of last 3 readings", ""));

    (void)state;
    spot(d, 0, VG_RR, 25);
    assert_string_equal(d->ward.told, "");
    spot(d, 5 * M, VG_RR, 25);
    assert_string_equal(d->ward.told, "300000 raised HOT 0;");
    spot(d, 10 * M, VG_RR, 16);
    assert_string_equal(d->ward.told, "300000 raised HOT 0;");
    desk_close(d);
}

/* A reading asks the rules it concerns and no other; the node's status says how many. */
static void test_asked_are_counted(void **state)
{
    static struct ward w;

    (void)state;
    ward_open(&w, RULE("temp >= 38.0 Cel", ""));
    ward_read(&w, 0, VG_TEMP, 370, VG_SOURCE_SPOT);
    const uint64_t before = vg_engine_tally(w.engine).asked;
    ward_read(&w, 60 * S, VG_HR, 80, VG_SOURCE_SPOT);
    assert_int_equal(vg_engine_tally(w.engine).asked, before);
    ward_read(&w, 120 * S, VG_TEMP, 371, VG_SOURCE_SPOT);
    assert_int_equal(vg_engine_tally(w.engine).asked, before + 1);
    ward_close(&w);
}

/* A floor waits while the file's own rule calls for the same, and is told when that does not. */
static void test_floors(void **state)
{
    static const struct {
        const char *rules, *told;
    } files[] = {{RULE("temp > 40.0 Cel", "    ladder: own\n") LADDER,
                  "60000 raised HOT 60000;"},
                 {RULE("hr > 200 /min", "    ladder: own\n") LADDER,
                  "60000 raised HYPERPYREXIA 60000;"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct desk *d = desk_open_with(files[i].rules);
        ward_admit(&d->ward, 0, "P1");
        spot(d, 60 * S, VG_TEMP, 405);
        assert_string_equal(d->ward.told, files[i].told);
        desk_close(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_charted_again),
        cmocka_unit_test(test_true_again_by_time),
        cmocka_unit_test(test_charted_clears_by_time),
        cmocka_unit_test(test_counted_assessments),
        cmocka_unit_test(test_asked_are_counted),
        cmocka_unit_test(test_floors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
