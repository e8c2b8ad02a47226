/* SPDX-License-Identifier: Apache-2.0
 *
 * Who lay where, on disk: what came before it was known who lay there is found under the patient by
 * the ties, each reading by its own time; infusions and devices come with the stay; what lies in
 * quarantine for its identity is told until it is released, by each kind of store.
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

#define T INT64_C(1768032000000)
#define M VG_MINUTE

static struct vg_tie tie(const char *bed, const char *episode, const char *patient,
                         int64_t from, int64_t to)
{
    struct vg_tie made = {.ward = "onc-7", .from = {T + from}, .to = {T + to}};

    if (to == 0) {
        made.to = VG_NEVER;
    }
    strcpy(made.bed, bed);
    strcpy(made.episode, episode);
    strcpy(made.patient, patient);
    return made;
}

static void put_tie(struct stored *stored, struct vg_tie made)
{
    assert_int_equal(vg_batch_tie(stored->batch, &made), VG_OK);
}

static void put_episode(struct stored *stored, const char *id, const char *patient)
{
    struct vg_episode episode = sample_episode(1);

    strcpy(episode.id, id);
    strcpy(episode.patient, patient);
    strcpy(episode.donor, "allogeneic");
    strcpy(episode.chain_id, "coi-9");
    assert_int_equal(vg_batch_episode(stored->batch, &episode), VG_OK);
}

/* Two readings of one message, `apart` ms from each other. */
static void put_readings(struct stored *stored, const char *bed, const char *episode,
                         const char *patient, int64_t at, vg_ms apart)
{
    struct sample sample;

    sample_vitals(&sample, 1);
    sample.message.reading_count = 2;
    sample.message.measured.ms = T + at;
    sample.readings[0].measured.ms = T + at;
    sample.readings[1].measured.ms = T + at + apart;
    strcpy(sample.message.ward, "onc-7");
    strcpy(sample.message.bed, bed);
    strcpy(sample.message.patient, patient);
    strcpy(sample.message.device, "mon-12");
    assert_int_equal(vg_batch_message(stored->batch, &sample.message, episode,
                                      (struct vg_instant){T + at + apart}, 1),
                     VG_OK);
}

struct seen {
    char text[1024];
};

static void note(struct seen *seen, const char *line)
{
    strncat(seen->text, line, sizeof seen->text - strlen(seen->text) - 1);
}

static bool see_reading(void *to, const struct vg_reading_row *row)
{
    char line[64];

    (void)snprintf(line, sizeof line, "%s+%d ", row->bed,
                   (int)((row->reading->measured.ms - T) / M));
    note(to, line);
    return true;
}

static bool see_tie(void *to, const struct vg_tie *found)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s/%s %d-%d;", found->episode, found->bed,
                   (int)((found->from.ms - T) / M),
                   vg_is_never(found->to) ? -1 : (int)((found->to.ms - T) / M));
    note(to, line);
    return true;
}

static bool see_infusion(void *to, const struct vg_infusion_row *row)
{
    char line[200];

    (void)snprintf(line, sizeof line, "%s %s%s %s %s %d;", row->episode, row->what,
                   row->taken_back ? " taken back" : "", row->product, row->dose_id,
                   (int)((row->at.ms - T) / M));
    note(to, line);
    return true;
}

static bool see_device(void *to, const struct vg_device_row *row)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s %s %s %d-%d%s;", row->episode, row->device,
                   row->bed, (int)((row->since.ms - T) / M),
                   (int)((row->seen.ms - T) / M), row->there ? " there" : "");
    note(to, line);
    return true;
}

static struct vg_reader *reader_of(const struct stored *stored)
{
    struct vg_reader *reader = NULL;
    struct vg_error error;

    assert_int_equal(vg_store_read_open(stored->path, &reader, &error), VG_OK);
    return reader;
}

static int set_up(void **state)
{
    static char kind[] = "sqlite";

    *state = kind;
    return stored_set_up(state);
}

static void history_goes_by_the_ties(void **state)
{
    struct stored *stored = *state;
    struct seen seen = {""};
    struct vg_error error;
    const struct vg_reading_query query = {"p-a", NULL, NULL, 0, {0}, VG_NEVER};

    put_episode(stored, "ep-a", "p-a");
    put_tie(stored, tie("1", "ep-a", "p-a", 0, 60 * M));
    put_tie(stored, tie("2", "ep-a", "p-a", 60 * M, 0));
    put_readings(stored, "1", "", "", -10 * M, 20 * M);  /* one before, one theirs */
    put_readings(stored, "1", "", "", 55 * M, 10 * M);   /* one theirs, one after */
    put_readings(stored, "2", "", "", 50 * M, 15 * M);   /* one before, one theirs */
    put_readings(stored, "3", "", "", 20 * M, M);        /* another bed */
    put_readings(stored, "1", "", "p-x", 20 * M, M);     /* names somebody else */
    put_readings(stored, "1", "ep-b", "p-b", 30 * M, M); /* another stay */
    put_readings(stored, "1", "ep-a", "p-a", 40 * M, M); /* theirs */
    assert_int_equal(stored_commit(stored), VG_OK);
    struct vg_reader *reader = reader_of(stored);
    assert_int_equal(vg_store_readings(reader, &query, see_reading, &seen, &error),
                     VG_OK);
    assert_string_equal(seen.text, "1+10 1+40 1+41 1+55 2+65 ");
    vg_store_read_close(reader);
}

static void a_stay_comes_back_whole(void **state)
{
    struct stored *stored = *state;
    struct seen seen = {""};
    struct vg_error error;
    struct vg_message message = {.ward = "onc-7", .bed = "1"};
    struct vg_entry entry = {.signal = VG_INFUSION,
                             .at = {T + 5 * M},
                             .on = true,
                             .value = "start",
                             .product = "car_nk",
                             .dose_id = "d-1"};

    put_episode(stored, "ep-a", "p-a");
    put_tie(stored, tie("1", "ep-a", "p-a", 0, 0));
    put_tie(stored, tie("1", "ep-a", "p-a", 0, 60 * M)); /* and it ended */
    put_tie(stored, tie("2", "ep-a", "p-a", 60 * M, 60 * M));
    put_tie(stored, tie("3", "ep-a", "p-a", 60 * M, 0)); /* moved on at once */
    put_readings(stored, "1", "ep-a", "p-a", 3 * M, M);
    assert_int_equal(vg_batch_infusion(stored->batch, &message, "", &entry, NULL),
                     VG_OK);
    entry.at.ms += 70 * M; /* after they left the bed: not theirs */
    assert_int_equal(vg_batch_infusion(stored->batch, &message, "", &entry, NULL),
                     VG_OK);
    strcpy(message.bed, "3");
    strcpy(entry.dose_id, "d-2");
    assert_int_equal(vg_batch_infusion(stored->batch, &message, "ep-a", &entry, NULL),
                     VG_OK);
    assert_int_equal(stored_commit(stored), VG_OK);
    struct vg_reader *reader = reader_of(stored);
    assert_int_equal(vg_store_ties(reader, "p-a", see_tie, &seen, &error), VG_OK);
    assert_string_equal(seen.text, "ep-a/1 0-60;ep-a/3 60--1;");
    seen.text[0] = '\0';
    assert_int_equal(vg_store_infusions(reader, "p-a", see_infusion, &seen, &error),
                     VG_OK);
    assert_string_equal(seen.text, "ep-a start car_nk d-1 5;ep-a start car_nk d-2 75;");
    seen.text[0] = '\0';
    assert_int_equal(vg_store_devices(reader, "p-a", see_device, &seen, &error), VG_OK);
    assert_string_equal(seen.text, "ep-a mon-12 1 3-4;");
    vg_store_read_close(reader);
}

/* It is kept as it was charted, and told apart; whatever bed of the stay, or whatever was known of the stay then. */
static void what_was_taken_back_is_told_apart(void **state)
{
    static const struct {
        const char *bed, *episode, *value;
        int64_t at;
        bool on;
        const char *infusions; /* of p-a, behind it */
    } rows[] = {
        {"1", "", "start", 5, true, "ep-a start car_nk  5;"},
        {"1", "ep-a", "end", 9, true, "ep-a start car_nk  5;ep-a end car_nk  9;"},
        {"1", "ep-a", "start", 9, false, "ep-a start car_nk  5;ep-a end car_nk  9;"},
        {"2", "", "start", 5, false, "ep-a start car_nk  5;ep-a end car_nk  9;"},
        {"1", "ep-a", "start", 5, false,
         "ep-a start taken back car_nk  5;ep-a end car_nk  9;"},
        {"2", "ep-a", "end", 9, false,
         "ep-a start taken back car_nk  5;ep-a end taken back car_nk  9;"},
        {"1", "", "start", 5, true,
         "ep-a start car_nk  5;ep-a end taken back car_nk  9;"}};
    struct stored *stored = *state;
    struct vg_error error;

    put_episode(stored, "ep-a", "p-a");
    put_tie(stored, tie("1", "ep-a", "p-a", 0, 0));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seen seen = {""};
        struct vg_message message = {.ward = "onc-7"};
        struct vg_entry entry = {.signal = VG_INFUSION,
                                 .at = {T + rows[i].at * M},
                                 .on = rows[i].on,
                                 .product = "car_nk"};
        (void)vg_copy(message.bed, sizeof message.bed, rows[i].bed);
        (void)vg_copy(entry.value, sizeof entry.value, rows[i].value);
        assert_int_equal(
            vg_batch_infusion(stored->batch, &message, rows[i].episode, &entry, NULL),
            VG_OK);
        assert_int_equal(stored_commit(stored), VG_OK);
        struct vg_reader *reader = reader_of(stored);
        assert_int_equal(vg_store_infusions(reader, "p-a", see_infusion, &seen, &error),
                         VG_OK);
        assert_string_equal(seen.text, rows[i].infusions);
        vg_store_read_close(reader);
    }
}

static bool see_refused(void *to, const struct vg_refused *refused)
{
    char line[64];

    (void)snprintf(line, sizeof line, "%d%.*s ", (int)refused->id,
                   (int)refused->letter.payload_length,
                   (const char *)refused->letter.payload);
    note(to, line);
    return true;
}

static void check_refused(struct stored *stored, uint64_t after, const char *expected)
{
    struct seen seen = {""};
    struct vg_error error = {""};

    assert_int_equal(
        stored->store->ops->refused(stored->store, after, see_refused, &seen, &error),
        VG_OK);
    assert_string_equal(seen.text, expected);
}

static void what_is_set_aside_is_told_until_released(void **state)
{
    struct stored *stored = *state;
    const struct vg_origin origin = {"gw-0", "", 0};
    static const enum vg_reason reasons[] = {VG_IDENTITY, VG_NOT_JSON, VG_IDENTITY,
                                             VG_IDENTITY};

    check_refused(stored, 0, "");
    for (unsigned i = 0; i < 4; i++) {
        const char payload[] = {(char)('a' + i), '\0'};
        const struct vg_letter letter = {"t", 1, payload, 1, false};
        const struct vg_refusal refusal = {reasons[i], -1, ""};
        assert_int_equal(vg_batch_quarantine(stored->batch, &letter, &origin, &refusal,
                                             (struct vg_instant){T}, i),
                         VG_OK);
    }
    assert_int_equal(stored_commit(stored), VG_OK);
    check_refused(stored, 0, "1a 3c 4d ");
    check_refused(stored, 1, "3c 4d ");
    assert_int_equal(vg_batch_released(stored->batch, 3, "p-a"), VG_OK);
    assert_int_equal(stored_commit(stored), VG_OK);
    check_refused(stored, 0, "1a 4d ");
}

int main(void)
{
    static char sqlite[] = "sqlite";
    static char memory[] = "memory";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(history_goes_by_the_ties, set_up,
                                        stored_tear_down),
        cmocka_unit_test_setup_teardown(what_was_taken_back_is_told_apart, set_up,
                                        stored_tear_down),
        cmocka_unit_test_setup_teardown(a_stay_comes_back_whole, set_up,
                                        stored_tear_down),
        {"set aside, sqlite", what_is_set_aside_is_told_until_released, stored_set_up,
         stored_tear_down, sqlite},
        {"set aside, memory", what_is_set_aside_is_told_until_released, stored_set_up,
         stored_tear_down, memory},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
