/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking things up: history is exact however late a reading arrived and wherever it lies
 * in the chains, beside a running daemon and without one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/sample.h"
#include "lib/stored.h"
#include "shell/store_read.h"

#define MESSAGES 8000u /* 800 of each place: a closed segment and an open one */

/* Every hundredth message is an hour late. */
static void fill(struct sample *sample, unsigned n)
{
    sample_vitals(sample, n);
    if (n % 100 == 99) {
        sample->message.measured = vg_after(sample->message.measured, -VG_HOUR);
        for (size_t i = 0; i < sample->message.reading_count; i++) {
            sample->readings[i].measured = sample->message.measured;
        }
    }
    if (n % 1000 == 0) {
        strcpy(sample->message.patient, "p-0042");
    }
}

static int set_up(void **state)
{
    static char kind[] = "sqlite";
    *state = kind;
    stored_set_up(state);
    struct stored *stored = *state;
    struct sample sample;
    for (unsigned n = 0; n < MESSAGES; n++) {
        fill(&sample, n);
        vg_batch_message(stored->batch, &sample.message, n == 5 ? "ep-5" : "",
                         (struct vg_instant){(int64_t)n}, n);
        if (n % 500 == 0) {
            assert_int_equal(stored_commit(stored), VG_OK);
        }
    }
    struct vg_episode episode = sample_episode(9);
    strcpy(episode.id, "ep-5");
    strcpy(episode.patient, "p-five");
    vg_batch_episode(stored->batch, &episode);
    episode = sample_episode(10);
    episode.end = vg_after(episode.begin, VG_DAY);
    vg_batch_episode(stored->batch, &episode);
    return stored_commit(stored) == VG_OK ? 0 : -1;
}

static struct vg_reader *open_reader(const struct stored *stored)
{
    struct vg_reader *reader;
    struct vg_error error;
    if (vg_store_read_open(stored->path, &reader, &error) != VG_OK) {
        fail_msg("cannot open: %s", error.text);
    }
    return reader;
}

/* What a query found. */
struct tally {
    size_t count;
    struct vg_instant latest;
    uint64_t sum; /* of content, in any order */
    char bed[VG_ID_LEN + 1], patient[VG_PATIENT_LEN + 1], episode[VG_EPISODE_LEN + 1];
};

static uint64_t fingerprint(const struct vg_reading *reading)
{
    uint64_t hash = vg_hash(reading->signal, &reading->measured, sizeof(int64_t));
    hash = vg_hash(hash, &reading->raw.mantissa, sizeof(int64_t));
    return vg_hash(hash, &reading->value, sizeof(int64_t));
}

static bool count_reading(void *to, const struct vg_reading_row *row)
{
    struct tally *tally = to;
    assert_true(tally->count == 0 || row->reading->measured.ms >= tally->latest.ms);
    tally->latest = row->reading->measured;
    tally->count++;
    tally->sum += fingerprint(row->reading);
    vg_copy(tally->bed, sizeof(tally->bed), row->bed);
    vg_copy(tally->patient, sizeof(tally->patient), row->patient);
    vg_copy(tally->episode, sizeof(tally->episode), row->episode);
    return true;
}

static struct tally ask(const struct stored *stored,
                        const struct vg_reading_query *query)
{
    struct tally tally = {0};
    struct vg_error error = {""};
    struct vg_reader *reader = open_reader(stored);
    enum vg_status status =
        vg_store_readings(reader, query, count_reading, &tally, &error);
    if (status != VG_OK) {
        fail_msg("cannot read: %s", error.text);
    }
    vg_store_read_close(reader);
    return tally;
}

/* The same by looking at every message. */
static struct tally expected(const struct vg_reading_query *query)
{
    struct tally tally = {0};
    struct sample sample;
    for (unsigned n = 0; n < MESSAGES; n++) {
        fill(&sample, n);
        bool theirs = query->patient == NULL ||
                      strcmp(query->patient, sample.message.patient) == 0;
        bool here =
            (query->ward == NULL || !strcmp(query->ward, sample.message.ward)) &&
            (query->bed == NULL || !strcmp(query->bed, sample.message.bed));
        for (size_t i = 0; theirs && here && i < sample.message.reading_count; i++) {
            const struct vg_reading *reading = &sample.readings[i];
            if (reading->measured.ms >= query->from.ms &&
                reading->measured.ms < query->to.ms &&
                (query->signals == 0 || query->signals >> reading->signal & 1)) {
                tally.count++;
                tally.sum += fingerprint(reading);
            }
        }
    }
    return tally;
}

static void history_is_what_a_full_search_finds(void **state)
{
    struct sample first;
    sample_vitals(&first, 0);
    struct vg_instant t = first.message.measured;
    const struct vg_reading_query queries[] = {
        {NULL, "onc-0", "4", 0, {0}, VG_NEVER},
        {NULL, "onc-0", NULL, 1ull << VG_TEMP, {0}, VG_NEVER},
        {NULL, "onc-1", "1", 0, vg_after(t, 900000), vg_after(t, 1000000)},
        {NULL, "onc-1", "4", 0, vg_after(t, -VG_HOUR), t}, /* only what came late */
        {NULL, "onc-1", "4", 0, vg_after(t, 7000000), VG_NEVER},
        {NULL, NULL, NULL, 1ull << VG_HR | 1ull << VG_SBP, vg_after(t, 1), VG_NEVER},
        {NULL, "nowhere", NULL, 0, {0}, VG_NEVER},
        {"p-0042", NULL, NULL, 0, {0}, VG_NEVER},
        {"nobody", NULL, NULL, 0, {0}, VG_NEVER},
    };
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        struct tally found = ask(*state, &queries[i]);
        struct tally wanted = expected(&queries[i]);
        assert_int_equal(found.count, wanted.count);
        assert_int_equal(found.sum, wanted.sum);
    }
}

static void the_span_is_closed_below_and_open_above(void **state)
{
    struct sample sample;
    sample_vitals(&sample, 10);
    struct vg_instant t = sample.message.measured;
    struct vg_reading_query query = {NULL,          "onc-0", "0",
                                     1ull << VG_HR, t,       vg_after(t, 10000)};
    struct tally found = ask(*state, &query); /* the next of this bed is 10 s later */
    assert_int_equal(found.count, 1);
    assert_int_equal(found.latest.ms, t.ms);
}

static void a_patient_is_found_through_their_episode(void **state)
{
    struct vg_reading_query query = {"p-five", NULL, NULL, 0, {0}, VG_NEVER};
    struct tally found = ask(*state, &query);
    assert_int_equal(found.count, 7);
    assert_string_equal(found.bed, "0");
    assert_string_equal(found.episode, "ep-5");
}

static void it_works_without_a_daemon(void **state)
{
    struct stored *stored = *state;
    struct vg_reading_query query = {NULL, "onc-0", "4", 0, {0}, VG_NEVER};
    stored_close(stored);
    assert_int_equal(ask(stored, &query).count, MESSAGES / 10 * 7);
    stored_open(stored);
    assert_int_equal(ask(stored, &query).count, MESSAGES / 10 * 7);
}

static void counts_agree(void **state)
{
    struct stored *stored = *state;
    const struct vg_letter letter = {"t", 1, "x", 1, false};
    const struct vg_origin origin = {"gw-0", "", 0};
    struct vg_refusal refusal = {VG_NOT_JSON, -1, ""};
    struct vg_store_counts counts;
    struct vg_error error;
    vg_batch_quarantine(stored->batch, &letter, &origin, &refusal,
                        (struct vg_instant){1}, 1);
    refusal.reason = VG_IDENTITY;
    vg_batch_quarantine(stored->batch, &letter, &origin, &refusal,
                        (struct vg_instant){1}, 1);
    struct vg_alert alert = sample_alert("onc-7", 1);
    vg_batch_alert(stored->batch, &alert);
    assert_int_equal(stored_commit(stored), VG_OK);
    struct vg_reader *reader = open_reader(stored);
    assert_int_equal(vg_store_counts(reader, &counts, &error), VG_OK);
    assert_int_equal(counts.messages, MESSAGES);
    assert_int_equal(counts.readings, 7 * MESSAGES);
    assert_int_equal(counts.quarantined, 2);
    assert_int_equal(counts.reason[VG_NOT_JSON], 1);
    assert_int_equal(counts.reason[VG_IDENTITY], 1);
    assert_int_equal(counts.alerts, 1);
    assert_int_equal(counts.open_alerts, 1);
    assert_int_equal(counts.unsent, 1);
    assert_int_equal(counts.newest.ms, MESSAGES - 1);
    vg_store_read_close(reader);
}

static bool count_json(void *to, const char *json, size_t length)
{
    size_t *count = to;
    assert_int_equal(strlen(json), length);
    (*count)++;
    return true;
}

static bool sum_events(void *to, uint64_t n, const char *json, size_t length)
{
    (void)json;
    (void)length;
    uint64_t *sum = to;
    *sum = *sum * 10 + n;
    return true;
}

static void alerts_are_found_by_each_filter(void **state)
{
    struct stored *stored = *state;
    struct vg_error error;
    struct vg_alert a = sample_alert("onc-7", 1);
    struct vg_alert b = sample_alert("onc-8", 2);
    vg_batch_alert(stored->batch, &a);
    vg_batch_alert(stored->batch, &b);
    a.rev = 2;
    a.n = 3;
    a.event = VG_CLOSED;
    a.condition = VG_ENDED;
    a.offer = VG_OFFER_CLOSED;
    vg_batch_alert(stored->batch, &a);
    assert_int_equal(stored_commit(stored), VG_OK);
    const struct {
        struct vg_alert_query query;
        size_t count;
    } rows[] = {
        {{VG_ALERTS_ALL, NULL, NULL, NULL, VG_UNSET, VG_NEVER}, 2},
        {{VG_ALERTS_OPEN, NULL, NULL, NULL, VG_UNSET, VG_NEVER}, 1},
        {{VG_ALERTS_CLOSED, NULL, NULL, NULL, VG_UNSET, VG_NEVER}, 1},
        {{VG_ALERTS_OPEN, NULL, "onc-7", NULL, VG_UNSET, VG_NEVER}, 0},
        {{VG_ALERTS_ALL, a.id, NULL, NULL, VG_UNSET, VG_NEVER}, 1},
        {{VG_ALERTS_ALL, NULL, NULL, "p-0042", a.onset, VG_NEVER}, 2},
        {{VG_ALERTS_ALL, NULL, NULL, NULL, VG_UNSET, a.onset}, 0},
        {{VG_ALERTS_ALL, NULL, NULL, "nobody", VG_UNSET, VG_NEVER}, 0},
    };
    struct vg_reader *reader = open_reader(stored);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t count = 0;
        assert_int_equal(
            vg_store_alerts(reader, &rows[i].query, count_json, &count, &error), VG_OK);
        assert_int_equal(count, rows[i].count);
    }
    uint64_t events = 0;
    assert_int_equal(
        vg_store_alert_events(reader, "onc-7", 0, sum_events, &events, &error), VG_OK);
    assert_int_equal(events, 13);
    events = 0;
    vg_store_alert_events(reader, "onc-7", 1, sum_events, &events, &error);
    assert_int_equal(events, 3);
    size_t count = 0;
    assert_int_equal(vg_store_alert_history(reader, a.id, count_json, &count, &error),
                     VG_OK);
    assert_int_equal(count, 2);
    vg_store_read_close(reader);
}

static bool keep_first(void *to, const struct vg_episode *episode)
{
    *(struct vg_episode *)to = *episode;
    return false;
}

static void episodes_come_back_whole(void **state)
{
    struct stored *stored = *state;
    struct vg_error error;
    struct vg_episode found = {0};
    struct vg_episode put = sample_episode(10);
    struct vg_reader *reader = open_reader(stored);
    assert_int_equal(
        vg_store_episodes(reader, NULL, put.patient, keep_first, &found, &error),
        VG_OK);
    assert_string_equal(found.id, put.id);
    assert_string_equal(found.ward, put.ward);
    assert_string_equal(found.protocol, put.protocol);
    assert_int_equal(found.product, put.product);
    assert_int_equal(found.age, put.age);
    assert_int_equal(found.end.ms, put.begin.ms + VG_DAY);
    assert_int_equal(
        vg_store_episodes(reader, "ep-5", NULL, keep_first, &found, &error), VG_OK);
    assert_true(vg_is_never(found.end));
    vg_store_read_close(reader);
}

static void a_query_ends_at_its_deadline(void **state)
{
    struct tally tally = {0};
    struct vg_error error = {""};
    struct vg_reader *reader = open_reader(*state);
    struct vg_reading_query query = {NULL, NULL, NULL, 0, {0}, VG_NEVER};
    vg_store_read_within(reader, -1);
    assert_int_equal(vg_store_readings(reader, &query, count_reading, &tally, &error),
                     VG_FAILED);
    assert_non_null(strstr(error.text, "shorter span"));
    vg_store_read_close(reader);
}

static void a_store_that_is_not_there_is_said_so(void **state)
{
    (void)state;
    struct vg_reader *reader;
    struct vg_error error;
    assert_int_equal(vg_store_read_open("/nonexistent/vigil.db", &reader, &error),
                     VG_ABSENT);
    assert_non_null(strstr(error.text, "/nonexistent/vigil.db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, stored_tear_down)
        TEST(history_is_what_a_full_search_finds),
        TEST(the_span_is_closed_below_and_open_above),
        TEST(a_patient_is_found_through_their_episode),
        TEST(it_works_without_a_daemon),
        TEST(counts_agree),
        TEST(alerts_are_found_by_each_filter),
        TEST(episodes_come_back_whole),
        TEST(a_query_ends_at_its_deadline),
        cmocka_unit_test(a_store_that_is_not_there_is_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
