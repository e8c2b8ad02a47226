/* SPDX-License-Identifier: Apache-2.0
 *
 * What may end an alert, and what may not: data that have stopped, a clock in the future, a
 * value of hours ago.
 */
#include "lib/ward_moves.h"
#include "rule_help.h"

#define COUNT RULE("count(hr, 10m) >= 2", "")
#define HOT   RULE("temp >= 38.0 Cel", "")

#define OXYGEN_AT(arrives, at, value, how)           \
    {                                                \
        arrives, at, VG_SPO2, value, VG_SOURCE_##how \
    }
#define OXYGEN(at, value)               OXYGEN_AT(at, at, value, SPOT)
#define OXYGEN_LATE(arrives, at, value) OXYGEN_AT(arrives, at, value, SPOT)
#define FLOWS(at, value)                OXYGEN_AT(at, at, value, CONTINUOUS)
#define FLOWS_LATE(arrives, at, value)  OXYGEN_AT(arrives, at, value, CONTINUOUS)
#define HYPOXIC                         RULE("oxygen.hypoxia", "")
#define LOW                             RULE("max(spo2, 60s) < 90 % and count(spo2, 60s) >= 3", "")

static const struct row rows[] = {
    /* The readings leave the window and nothing else came: not over, unknown. */
    {COUNT,
     {PULSE(0, 80), PULSE(60, 80)},
     3 * 3600,
     "60000 raised HOT 60000;600001 data_lost HOT 60000;"},
    /* The monitor goes on, at a slower pace: known to be false. */
    {COUNT,
     {PULSE(1, 80), PULSE(60, 80), PULSE(600, 80)},
     661,
     "60000 raised HOT 60000;660001 ended HOT 60000;"},
    /* Its readings left the window while the feed, which lags, had a gap: the same alert goes on, however late the next one is
     * heard. */
    {RULE("min(spo2, 10m) < 85 %", ""),
     {FLOWS_LATE(201, 1, 80), FLOWS_LATE(260, 60, 90), FLOWS_LATE(875, 700, 84)},
     0,
     "201000 raised HOT 1000;801001 data_lost HOT 1000;875000 data_back HOT 1000;"},
    {RULE("min(spo2, 10m) < 85 %", ""),
     {FLOWS_LATE(201, 1, 80), FLOWS_LATE(260, 60, 90), FLOWS_LATE(750, 700, 84)},
     0,
     "201000 raised HOT 1000;750000 data_lost HOT 1000;750000 data_back HOT 1000;"},
    /* A clock that is two minutes ahead ends nothing; the next honest reading does. */
    {HOT,
     {SPOT(1, 385), LATE(600, 720, 370), SPOT(1200, 370)},
     1201,
     "1000 raised HOT 1000;600000 raised CLOCK_FUTURE 600000;1200000 ended CLOCK_FUTURE "
     "600000;1200000 ended HOT 1000;"},
    /* Measured two hours ago, though the newest there is. */
    {HOT,
     {SPOT(1, 385), LATE(3 * 3600, 3600, 370)},
     0,
     "1000 raised HOT 1000;3601001 data_lost HOT 1000;"},
    /* What comes three hours late behind a newer one is told as late, and over at once. */
    {HOT,
     {SPOT(4 * 3600, 370), LATE(4 * 3600 + 1, 3600, 385)},
     0,
     "14401000 raised HOT 3600000;14401000 ended HOT 3600000;"},
    /* Forty minutes are within what a value speaks for. */
    {HOT,
     {SPOT(1, 385), LATE(3600, 1200, 370)},
     0,
     "1000 raised HOT 1000;3600000 ended HOT 1000;"},
    /* What is assessed the same: of two hours ago it ends nothing, nor does time after it; the next value does. */
    {HYPOXIC,
     {OXYGEN(1, 85), OXYGEN_LATE(3 * 3600, 3600, 97)},
     8 * 3600,
     "1000 raised HOT 1000;3601001 data_lost HOT 1000;"},
    {HYPOXIC,
     {OXYGEN(1, 85), OXYGEN_LATE(3 * 3600, 3600, 97), OXYGEN(4 * 3600, 96)},
     0,
     "1000 raised HOT 1000;3601001 data_lost HOT 1000;14400000 data_back HOT 1000;"
     "14400000 ended HOT 1000;"},
    {HYPOXIC,
     {OXYGEN(1, 85), OXYGEN_LATE(3 * 3600, 3600, 97), OXYGEN(4 * 3600, 86)},
     0,
     "1000 raised HOT 1000;3601001 data_lost HOT 1000;14400000 data_back HOT 1000;"},
    {RULE("oxygen.hypoxia", "    clear: not oxygen.hypoxia for 10m\n"),
     {OXYGEN(1, 85), OXYGEN_LATE(3 * 3600, 3600, 97), OXYGEN(4 * 3600, 96),
      OXYGEN(4 * 3600 + 600, 96)},
     0,
     "1000 raised HOT 1000;3601001 data_lost HOT 1000;14400000 data_back HOT 1000;"
     "14400000 clearing HOT 1000;15000000 ended HOT 1000;"},
    {HYPOXIC,
     {OXYGEN(1, 85), OXYGEN_LATE(7000, 3401, 97)},
     0,
     "1000 raised HOT 1000;3601001 data_lost HOT 1000;7000000 data_back HOT 1000;"
     "7000000 ended HOT 1000;"},
    /* A value that comes behind others, inside a run, breaks it in the past only (T42). The run goes on; */
    {HYPOXIC,
     {FLOWS(0, 85), FLOWS(30, 85), FLOWS(60, 85), FLOWS_LATE(65, 45, 97), FLOWS(90, 85),
      FLOWS(120, 85), FLOWS(180, 85), FLOWS(1000, 85)},
     0,
     "60000 raised HOT 0;"},
    {LOW,
     {FLOWS(0, 85), FLOWS(30, 85), FLOWS(60, 85), FLOWS_LATE(65, 45, 97), FLOWS(80, 85),
      FLOWS(100, 85), FLOWS(120, 85)},
     0,
     "60000 raised HOT 60000;"},
    /* or it is over: that is seen when no such run is left, by new values. */
    {HYPOXIC,
     {FLOWS(0, 85), FLOWS(30, 85), FLOWS(60, 85), FLOWS_LATE(65, 45, 97), FLOWS(90, 97),
      FLOWS(959, 97), FLOWS(960, 97)},
     0,
     "60000 raised HOT 0;960000 ended HOT 0;"},
    /* A correction of the newest is no such value. */
    {LOW,
     {FLOWS(0, 85), FLOWS(30, 85), FLOWS(60, 85), FLOWS_LATE(65, 60, 97)},
     0,
     "60000 raised HOT 60000;65000 ended HOT 60000;"},
};

static void test_rows(void **state)
{
    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

/* An assessment that time ends (a seizure counts for 24 h) beside a reading of which nothing came since: the alert ends
 * with the next. */
static void test_assessed_and_read(void **state)
{
    struct desk *d = desk_open_with(RULE("neuro.seizure and hr > 100 /min", ""));

    (void)state;
    spot(d, 0, VG_HR, 110);
    chart(d, 60 * S, VG_SEIZURE, "");
    for (int64_t h = 1; h <= 30; h++) { /* somebody is called again and again */
        d->heard[0] = d->ward.told[0] = '\0';
        wait_until(d, h * H);
        assert_null(strstr(d->ward.told, "ended HOT"));
    }
    d->ward.told[0] = '\0';
    spot(d, 30 * H, VG_HR, 110);
    assert_string_equal(d->ward.told, "108000000 data_back HOT 60000;"
                                      "108000000 ended HOT 60000;");
    desk_close(d);
}

/* What time ends, it ends beside a reading of a clock in the future that says nothing of it. */
static void test_a_clock_of_another(void **state)
{
    struct desk *d = desk_open_with(RULE("neuro.seizure", ""));
    const int64_t over = 24 * H;

    (void)state;
    chart(d, 0, VG_SEIZURE, "");
    for (int64_t at = H; at < over; at += H) {
        wait_until(d, at);
        d->ward.told[0] = d->heard[0] = '\0';
    }
    ward_read_late(&d->ward, over - 5 * S, over - 25 * S, VG_HR, 80,
                   VG_SOURCE_CONTINUOUS); /* deadlines wait for a feed that lags */
    assert_int_equal(open_of(d, "HOT")->condition, VG_ACTIVE);
    ward_read_late(&d->ward, over + 5 * S, over + 10 * M, VG_TEMP, 370, VG_SOURCE_SPOT);
    wait_until(d, over + 1 * M);
    assert_int_equal(open_of(d, "HOT")->rev, 0);
    desk_close(d);
}

static void old_and_late(struct desk *d)
{
    spot(d, 1 * S, VG_SPO2, 85);
    wait_until(d, 3 * H);
    ward_read_late(&d->ward, 3 * H, 1 * H, VG_SPO2, 97, VG_SOURCE_SPOT);
}

/* A value behind others begins no span of calm, nor does what asks after it: the next of its own time does. */
static void test_no_calm_from_the_past(void **state)
{
    (void)state;
    for (int update = 0; update < 2; update++) {
        struct desk *d = desk_open_with(
            RULE("oxygen.hypoxia", "    clear: not oxygen.hypoxia for 10m\n"));
        const struct vg_admission word = admission(VG_UPDATE, 70 * S);
        for (int64_t at = 0; at <= 60; at += 30) {
            ward_read(&d->ward, at * S, VG_SPO2, 85, VG_SOURCE_CONTINUOUS);
        }
        ward_read_late(&d->ward, 65 * S, 45 * S, VG_SPO2, 97, VG_SOURCE_CONTINUOUS);
        if (update == 1) {
            tell(d, 70 * S, &word);
        }
        assert_int_equal(open_of(d, "HOT")->condition, VG_ACTIVE);
        for (int64_t at = 90; at <= 690; at += 30) {
            assert_int_not_equal(open_of(d, "HOT")->rev, 0);
            ward_read(&d->ward, at * S, VG_SPO2, 97, VG_SOURCE_CONTINUOUS);
        }
        assert_int_equal(open_of(d, "HOT")->rev, 0);
        desk_close(d);
    }
}

/* Begun again, it still waits for a value that speaks. */
static void test_over_a_restart(void **state)
{
    struct desk *d = desk_open_with(HYPOXIC);

    (void)state;
    old_and_late(d);
    const struct vg_alert open = *open_of(d, "HOT");
    assert_int_equal(open.condition, VG_CONDITION_UNKNOWN);
    begin_again(d);
    ward_admit(&d->ward, 0, "P1");
    step(d, 0, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &open});
    old_and_late(d);
    d->ward.told[0] = '\0';
    restored(d, 3 * H + M);
    wait_until(d, 4 * H - M);
    assert_int_equal(open_of(d, "HOT")->condition, VG_CONDITION_UNKNOWN);
    d->ward.told[0] = '\0';
    spot(d, 4 * H, VG_SPO2, 97);
    assert_string_equal(d->ward.told,
                        "14400000 data_back HOT 1000;14400000 ended HOT 1000;");
    desk_close(d);
}

/* Where data have stopped, neither a restart nor word of the patient (a new baseline, the same admission again, another
 * bed) ends what the passing of time did not. */
static void test_nothing_new(void **state)
{
    enum { RESTART, UPDATE, ADMIT, TRANSFER, WAYS };

    (void)state;
    for (int way = RESTART; way < WAYS; way++) {
        struct desk *d = desk_open_with(COUNT);
        const struct vg_admission again =
            admission(way == ADMIT ? VG_ADMIT : VG_UPDATE, way == ADMIT ? 0 : 21 * M);
        ward_read(&d->ward, 1 * S, VG_HR, 80, VG_SOURCE_CONTINUOUS);
        ward_read(&d->ward, 1 * M, VG_HR, 80, VG_SOURCE_CONTINUOUS);
        wait_until(d, 20 * M);
        const struct vg_alert open = *open_of(d, "HOT");
        assert_int_equal(open.condition, VG_CONDITION_UNKNOWN);
        if (way == RESTART) {
            begin_again(d);
            step(d, 0, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &open});
            ward_admit(&d->ward, 0, "P1");
            ward_read(&d->ward, 1 * S, VG_HR, 80, VG_SOURCE_CONTINUOUS);
            ward_read(&d->ward, 1 * M, VG_HR, 80, VG_SOURCE_CONTINUOUS);
            restored(d, 21 * M);
        } else if (way == TRANSFER) {
            ward_move(&d->ward, 21 * M,
                      &(struct ward_move){VG_TRANSFER, "12", "P1", "14", 21 * M, false,
                                          false});
        } else {
            tell(d, 21 * M, &again);
        }
        if (open_of(d, "HOT")->condition != VG_CONDITION_UNKNOWN ||
            open_of(d, "HOT")->rev < open.rev) {
            fail_msg("way %d: %s", way, d->ward.told);
        }
        desk_close(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
                                       cmocka_unit_test(test_assessed_and_read),
                                       cmocka_unit_test(test_no_calm_from_the_past),
                                       cmocka_unit_test(test_over_a_restart),
                                       cmocka_unit_test(test_nothing_new),
                                       cmocka_unit_test(test_a_clock_of_another)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
