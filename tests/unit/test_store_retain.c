/* SPDX-License-Identifier: Apache-2.0
 *
 * Retention: what is older than it is to be kept goes, two days a run at most, and nothing
 * else; the trail says so and stays whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/past.h"
#include "lib/random.h"
#include "lib/sample.h"
#include "shell/history.h"
#include "shell/store_retain.h"
#include "shell/store_stats.h"

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct vg_instant *oldest = to;
    *oldest = vg_earlier(*oldest, row->received);
    return true;
}

/* Arrival of the oldest reading that is still there. */
static struct vg_instant oldest(const struct past *past)
{
    struct vg_reader *reader = past_reader(past);
    struct vg_instant at = VG_NEVER;
    struct vg_page_end end;
    struct vg_error error = {""};
    const struct vg_history_query all = {.to = VG_NEVER, .arrival = true};

    if (vg_history_readings(reader, &all, on_reading, &at, &end, &error) != VG_OK) {
        fail_msg("cannot read: %s", error.text);
    }
    vg_store_read_close(reader);
    return at;
}

static bool on_fault(void *to, const char *sentence)
{
    (void)to;
    fail_msg("%s", sentence);
    return false;
}

static void is_whole(const struct past *past)
{
    struct vg_reader *reader = past_reader(past);
    struct vg_check check = {.fault = on_fault};
    struct vg_error error = {""};

    assert_int_equal(vg_store_check(reader, &check, &error), VG_OK);
    vg_store_read_close(reader);
}

static void put_alerts(struct past *past)
{
    static struct vg_alert alert; /* large */
    struct vg_error error = {""};

    for (unsigned n = 1; n <= 10; n++) {
        alert = sample_alert("onc-0", n);
        alert.onset.ms = 1767225600000 + (int64_t)n * VG_DAY;
        vg_content_id(alert.id, alert.onset, n, n);
        if (n % 2 == 0) {
            alert.condition = VG_ENDED;
            alert.offer = VG_OFFER_CLOSED;
        }
        assert_int_equal(vg_batch_alert(past->batch, &alert), VG_OK);
        assert_int_equal(
            vg_batch_page(past->batch, &alert, VG_PAGE_CALL, "nurse", alert.onset),
            VG_OK);
    }
    assert_int_equal(vg_writer_commit(past->writer, past->batch, &error), VG_OK);
    vg_batch_clear(past->batch);
}

/* A day's run. */
static unsigned purge(struct past *past, const struct vg_store_plan *plan)
{
    unsigned n = 0;

    vg_writer_keep(past->writer, plan);
    past->writer->retainer->next_look = 0;
    while (vg_writer_purge(past->writer)) {
        n++;
    }
    assert_string_equal(past->writer->retainer->error.text, "");
    return n;
}

static void ten_days(struct past *past, struct random_source *source)
{
    past_begin(past, source);
    past->step = 10 * VG_MINUTE;
    past->whole = 30;
    past_live(past, 10 * VG_DAY);
    past_hot(past, VG_DAY);
    while (vg_writer_seal(past->writer)) {
    }
    assert_true(past_number(past, "SELECT count(*) FROM stretch") > 20);
}

static void old_readings_go_two_days_a_run(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;
    const struct vg_store_plan plan = {.keep_readings = 4 * VG_DAY};

    ten_days(&past, &source);
    const struct vg_instant first = oldest(&past);
    assert_true(purge(&past, &plan) > 2);
    struct vg_instant now = oldest(&past);
    /* two days, and a gap of the feed that may follow */
    assert_true(now.ms > first.ms && now.ms <= first.ms + 2 * VG_DAY + 12 * VG_HOUR);
    is_whole(&past);
    for (unsigned day = 0; day < 6; day++) {
        (void)purge(&past, &plan);
    }
    now = oldest(&past);
    const int64_t cut =
        past_number(&past, "SELECT max(received) FROM message") - plan.keep_readings;
    /* a stretch goes when all of it is old: a day's window at most behind */
    assert_true(now.ms > cut - VG_DAY - VG_HOUR && now.ms <= cut + VG_DAY);
    is_whole(&past);
    past_reopen(&past);
    is_whole(&past);
    assert_true(past_number(&past, "SELECT count(*) FROM audit WHERE kind = 'purge'") >=
                4);
    assert_int_equal(past_number(&past, "SELECT count(*) FROM audit WHERE kind ="
                                        " 'purge' AND body LIKE '%begins%'"),
                     past_number(&past, "SELECT count(*) FROM audit WHERE kind ="
                                        " 'purge' AND body LIKE '%done%'"));
    past_end(&past);
}

static void closed_alerts_go_and_open_ones_stay(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;
    const struct vg_store_plan plan = {.keep_alerts = 3 * VG_DAY};

    ten_days(&past, &source);
    put_alerts(&past);
    for (unsigned day = 0; day < 6; day++) {
        (void)purge(&past, &plan);
    }
    assert_int_equal(past_number(&past, "SELECT count(*) FROM alert WHERE open"), 5);
    const int64_t closed =
        past_number(&past, "SELECT count(*) FROM alert WHERE NOT open");
    assert_true(closed >= 1 && closed <= 2); /* of days 8 and 10 */
    assert_int_equal(past_number(&past, "SELECT count(*) FROM alert_event"),
                     5 + closed);
    assert_int_equal(past_number(&past, "SELECT count(*) FROM page"), 5 + closed);
    is_whole(&past);
    past_end(&past);
}

static void nothing_goes_that_is_kept_for_ever(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;
    const struct vg_store_plan some = {.keep_quarantine = VG_DAY};

    ten_days(&past, &source);
    put_alerts(&past);
    const int64_t readings = past_number(&past, "SELECT sum(readings) FROM stretch");
    (void)purge(&past, &some);
    assert_int_equal(past_number(&past, "SELECT sum(readings) FROM stretch"), readings);
    assert_int_equal(past_number(&past, "SELECT count(*) FROM alert"), 10);
    past_end(&past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_readings_go_two_days_a_run),
        cmocka_unit_test(closed_alerts_go_and_open_ones_stay),
        cmocka_unit_test(nothing_goes_that_is_kept_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
