/* SPDX-License-Identifier: Apache-2.0
 *
 * What may end an alert, and what may not: data that have stopped, a clock in the future, a
 * value of hours ago.
 */
#include "rule_help.h"

#define COUNT RULE("count(hr, 10m) >= 2", "")
#define HOT   RULE("temp >= 38.0 Cel", "")

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
};

static void test_rows(void **state)
{
    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
