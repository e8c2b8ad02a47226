/* SPDX-License-Identifier: Apache-2.0
 *
 * When readings were committed, sealed or not, after a crash, from before it was kept, and until
 * they are purged; and from when to when a device was a bed's and a patient's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lib/past.h"
#include "lib/past_old.h"
#include "lib/sample.h"
#include "shell/clock.h"
#include "shell/history.h"
#include "shell/store_retain.h"
#include "shell/store_schema.h"
#include "shell/store_write_inside.h"

/* ---- Commits */

struct stamps {
    struct vg_instant at[20000]; /* by message id */
    size_t count;
};

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct stamps *stamps = to;
    const int64_t id = row->order / VG_MESSAGE_ITEMS;

    assert_true(id > 0 && id < 20000);
    stamps->at[id] = row->committed;
    stamps->count++;
    return true;
}

static void ask(const struct past *past, struct stamps *stamps)
{
    struct vg_reader *reader = past_reader(past);
    struct vg_page_end end;
    struct vg_error error = {""};
    const struct vg_history_query all = {
        .from = VG_UNSET, .to = VG_NEVER, .arrival = true};

    memset(stamps, 0, sizeof *stamps);
    if (vg_history_readings(reader, &all, on_reading, stamps, &end, &error) != VG_OK) {
        fail_msg("cannot read: %s", error.text);
    }
    vg_store_read_close(reader);
}

/* As if so long had passed since the row that is growing was begun. */
static void pass(struct past *past, vg_ms span)
{
    past->writer->committed_since -= span;
}

/* Of the latest message up to `id` that had a reading: only by readings a question tells. */
static struct vg_instant told_of(const struct stamps *stamps, int64_t id)
{
    while (id > 1 && stamps->at[id].ms == 0) {
        id--;
    }
    return stamps->at[id];
}

/* A commit in three portions, of which the second belongs to the first's second. */
static void committed_is_kept_to_the_second(void **state)
{
    (void)state;
    static struct stamps stamps;
    static struct stamps later;
    struct random_source source = random_seeded();
    struct past past;
    const struct vg_instant begin = vg_clock_wall();

    past_begin(&past, &source);
    past_live(&past, VG_HOUR);
    const int64_t first = past.messages;
    assert_int_equal(past_number(&past, "SELECT count(*) FROM committed"), 0);
    ask(&past, &stamps);
    for (int64_t id = 1; id <= first; id++) {
        assert_true(
            stamps.at[id].ms == 0 || /* it had no reading */
            (stamps.at[id].ms >= begin.ms && stamps.at[id].ms <= vg_clock_wall().ms));
    }
    const struct vg_instant known = told_of(&stamps, first);
    past_live(&past, VG_MINUTE);
    pass(&past, VG_SECOND);
    const int64_t second = past.messages;
    past_live(&past, VG_MINUTE);
    assert_int_equal(past_number(&past, "SELECT max(last) FROM committed"), second);
    ask(&past, &later);
    const struct vg_instant of_second = told_of(&later, second);
    assert_true(of_second.ms >= known.ms);
    assert_int_equal(told_of(&later, first).ms, of_second.ms); /* a row's latest */
    assert_true(told_of(&later, past.messages).ms >= of_second.ms);

    /* sealed they are the same, and after a crash */
    past_hot(&past, 10 * VG_MINUTE);
    while (vg_writer_seal(past.writer)) {
    }
    assert_true(past_number(&past, "SELECT count(*) FROM stretch") > 0);
    past_reopen(&past);
    ask(&past, &stamps);
    assert_memory_equal(&stamps, &later, sizeof stamps);
    past_end(&past);
}

static void a_row_a_second_at_most(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;

    past_begin(&past, &source);
    past.step = VG_SECOND;
    for (unsigned i = 0; i < 20; i++) {
        past_live(&past, 5 * VG_SECOND);
    }
    const vg_ms began = past.writer->committed_since;
    assert_true(past_number(&past, "SELECT count(*) FROM committed") <=
                1 + (vg_clock_boot() - began) / VG_SECOND);
    for (unsigned i = 0; i < 5; i++) {
        pass(&past, VG_SECOND);
        past_live(&past, 5 * VG_SECOND);
    }
    assert_true(past_number(&past, "SELECT count(*) FROM committed") >= 5);
    past_end(&past);
}

static void from_before_it_was_kept_it_is_not_known(void **state)
{
    (void)state;
    static struct stamps stamps;
    struct random_source source = random_seeded();
    struct past past;

    past_begin(&past, &source);
    past_live(&past, 10 * VG_MINUTE);
    const int64_t old = past.messages;
    past_become_old(&past, 4);
    past_reopen(&past);
    assert_int_equal(past_number(&past, "PRAGMA user_version"),
                     (int64_t)vg_schema_step_count);
    ask(&past, &stamps);
    assert_false(vg_is_set(stamps.at[old]));
    past_live(&past, VG_MINUTE);
    ask(&past, &stamps);
    assert_false(vg_is_set(stamps.at[old]));
    assert_true(vg_is_set(stamps.at[past.messages]));
    past_end(&past);
}

static void purged_with_the_readings(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;
    struct vg_error error = {""};
    const struct vg_store_plan plan = {.keep_readings = 2 * VG_DAY};

    past_begin(&past, &source);
    past.step = 10 * VG_MINUTE;
    past.whole = 30;
    for (unsigned day = 0; day < 4; day++) {
        past_live(&past, VG_DAY);
        pass(&past, VG_SECOND);
    }
    assert_int_equal(past_number(&past, "SELECT count(*) FROM committed"), 3);
    assert_int_equal(vg_db_run(past.writer->db,
                               "UPDATE committed SET at = (SELECT received FROM message"
                               " WHERE id = last)",
                               &error),
                     VG_OK); /* as in life: soon after they came */
    past_hot(&past, VG_HOUR);
    while (vg_writer_seal(past.writer)) {
    }
    vg_writer_keep(past.writer, &plan);
    past.writer->retainer->next_look = 0;
    while (vg_writer_purge(past.writer)) {
    }
    assert_string_equal(past.writer->retainer->error.text, "");
    assert_in_range(past_number(&past, "SELECT count(*) FROM committed"), 1, 2);
    past_end(&past);
}

/* ---- Devices */

#define T INT64_C(1768032000000)
#define M VG_MINUTE

/* Under an episode it names the patient, else nobody. */
static void put(struct past *past, const char *bed, const char *episode,
                const char *device, int64_t at)
{
    struct sample sample;

    sample_vitals(&sample, 1);
    sample.message.measured.ms = T + at;
    for (size_t i = 0; i < sample.message.reading_count; i++) {
        sample.readings[i].measured.ms = T + at;
    }
    if (strncmp(device, "th-", 3) == 0) {
        sample.message.reading_count = 1;
        sample.readings[0].signal = VG_TEMP;
    } else if (strncmp(device, "cuff-", 5) == 0) {
        sample.message.reading_count = 1;
        sample.readings[0].signal = VG_WEIGHT; /* nothing that the others have */
    }
    strcpy(sample.message.ward, "onc-7");
    strcpy(sample.message.bed, bed);
    strcpy(sample.message.patient, episode[0] != '\0' ? "p-a" : "");
    strcpy(sample.message.device, device);
    assert_int_equal(vg_batch_message(past->batch, &sample.message, episode,
                                      (struct vg_instant){T + at}, 1),
                     VG_OK);
}

static void put_tie(struct past *past, const char *bed, int64_t from, int64_t to)
{
    struct vg_tie tie = {.ward = "onc-7",
                         .episode = "ep-a",
                         .patient = "p-a",
                         .from = {T + from},
                         .to = {T + to}};

    strcpy(tie.bed, bed);
    if (to == 0) {
        tie.to = VG_NEVER;
    }
    assert_int_equal(vg_batch_tie(past->batch, &tie), VG_OK);
}

static void commit(struct past *past)
{
    struct vg_error error = {""};

    assert_int_equal(vg_writer_commit(past->writer, past->batch, &error), VG_OK);
    vg_batch_clear(past->batch);
}

static bool see_device(void *to, const struct vg_device_row *row)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s@%s %d-%d%s;", row->device, row->bed,
                   (int)((row->since.ms - T) / M), (int)((row->seen.ms - T) / M),
                   row->there ? "+" : "");
    strcat(to, line);
    return true;
}

static void expect(const struct past *past, const char *expected)
{
    struct vg_reader *reader = past_reader(past);
    struct vg_error error = {""};
    char text[1024] = "";

    if (vg_store_devices(reader, "p-a", see_device, text, &error) != VG_OK) {
        fail_msg("cannot read: %s", error.text);
    }
    vg_store_read_close(reader);
    assert_string_equal(text, expected);
}

static void begin_stay(struct past *past, struct random_source *source)
{
    struct vg_episode episode = sample_episode(1);

    past_begin(past, source);
    strcpy(episode.id, "ep-a");
    strcpy(episode.patient, "p-a");
    assert_int_equal(vg_batch_episode(past->batch, &episode), VG_OK);
    put_tie(past, "1", 0, 0);
}

static void a_device_is_a_beds_from_when_to_when(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;

    begin_stay(&past, &source);
    put(&past, "1", "ep-a", "mon-1", M);
    put(&past, "1", "ep-a", "cuff-1", 2 * M);
    put(&past, "1", "ep-a", "mon-1", 3 * M);
    commit(&past);
    expect(&past, "mon-1@1 1-3+;cuff-1@1 2-2+;");
    past_reopen(&past); /* what is in no segment yet is read again */
    put(&past, "1", "ep-a", "mon-1", 4 * M);
    put(&past, "1", "ep-a", "mon-1", -M); /* late: it was there before */
    commit(&past);
    expect(&past, "mon-1@1 -1-4+;cuff-1@1 2-2+;");

    /* another monitor takes its place; the cuff measures something else and stays */
    put(&past, "1", "ep-a", "mon-2", 5 * M);
    commit(&past);
    expect(&past, "mon-1@1 -1-4;cuff-1@1 2-2+;mon-2@1 5-5+;");
    put(&past, "1", "ep-a", "mon-1", 6 * M); /* both: they may disagree, that is all */
    commit(&past);
    expect(&past, "mon-1@1 -1-6+;cuff-1@1 2-2+;mon-2@1 5-5+;");

    /* the cuff goes to somebody else, the patient home */
    put(&past, "2", "", "cuff-1", 7 * M);
    commit(&past);
    expect(&past, "mon-1@1 -1-6+;cuff-1@1 2-2;mon-2@1 5-5+;");
    put(&past, "1", "", "mon-2", 7 * M); /* it was not known who lay there */
    commit(&past);
    expect(&past, "mon-1@1 -1-6+;cuff-1@1 2-2;mon-2@1 5-7+;");
    put_tie(&past, "1", 0, 8 * M);
    commit(&past);
    expect(&past, "mon-1@1 -1-6;cuff-1@1 2-2;mon-2@1 5-7;");
    past_end(&past);
}

static void it_moves_with_the_patient(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;

    begin_stay(&past, &source);
    put(&past, "1", "ep-a", "mon-1", M);
    put_tie(&past, "1", 0, 10 * M);
    put_tie(&past, "2", 10 * M, 0);
    put(&past, "2", "ep-a", "mon-1", 11 * M);
    commit(&past);
    expect(&past, "mon-1@1 1-1;mon-1@2 11-11+;");
    past.writer->swept -= VG_HOUR; /* segments are closed, and it is written */
    for (size_t i = 0; i < past.writer->place_capacity; i++) {
        past.writer->place[i].opened -= VG_HOUR;
    }
    put(&past, "2", "ep-a", "mon-1", 12 * M);
    commit(&past);
    assert_int_equal(past_number(&past, "SELECT max(seen) FROM stay"), T + 12 * M);
    past_reopen(&past);
    expect(&past, "mon-1@1 1-1;mon-1@2 11-12+;");
    past_end(&past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(committed_is_kept_to_the_second),
        cmocka_unit_test(a_row_a_second_at_most),
        cmocka_unit_test(from_before_it_was_kept_it_is_not_known),
        cmocka_unit_test(purged_with_the_readings),
        cmocka_unit_test(a_device_is_a_beds_from_when_to_when),
        cmocka_unit_test(it_moves_with_the_patient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
