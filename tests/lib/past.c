/* SPDX-License-Identifier: Apache-2.0
 *
 * A past.
 */
#include "lib/past.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/store_seal.h"

static void open_writer(struct past *past)
{
    struct vg_error error = {""};

    /* an empty log, so that none is laid out beforehand */
    char log[160];
    (void)snprintf(log, sizeof log, "%s-wal", past->path);
    FILE *file = fopen(log, "a");
    if (file == NULL) {
        fail_msg("cannot make the empty log \"%s\"", log);
    }
    (void)fclose(file);
    if (vg_writer_open(past->path, &past->writer, &error) != VG_OK) {
        fail_msg("cannot open: %s", error.text);
    }
}

void past_hot(struct past *past, vg_ms hot)
{
    vg_writer_hot(past->writer, hot);
    past->writer->sealer->whole = past->whole;
    past->writer->sealer->least = VG_MINUTE;
    past->writer->sealer->budget = 0; /* each place in a transaction of its own */
    past->writer->sealer->next_look = 0;
}

void past_begin(struct past *past, struct random_source *source)
{
    memset(past, 0, sizeof *past);
    temp_create(&past->temp);
    temp_path(&past->temp, "vigil.db", past->path, sizeof past->path);
    past_start(past, source);
}

void past_start(struct past *past, struct random_source *source)
{
    past->source = source;
    past->batch = vg_batch_create();
    past->marks = true;
    past->whole = 300;
    past->step = 2 * VG_SECOND;
    past->now = 1767225600000;
    open_writer(past);
}

void past_end(struct past *past)
{
    past_stop(past);
    temp_remove(&past->temp);
}

void past_stop(struct past *past)
{
    vg_writer_close(past->writer);
    vg_batch_destroy(past->batch);
    free(past->row);
}

void past_reopen(struct past *past)
{
    vg_writer_close(past->writer);
    open_writer(past);
}

static void tell(const struct past *past, const char *what)
{
    if (past->tell != NULL) {
        (void)fprintf(past->tell, "%s %lld %zu\n", what, (long long)past->messages,
                      past->count);
        (void)fflush(past->tell);
    }
}

static void commit(struct past *past)
{
    struct vg_error error = {""};

    for (unsigned i = 0; i < 3 && past->marks; i++) {
        char gateway[8];
        (void)snprintf(gateway, sizeof gateway, "gw-%u", i);
        vg_batch_mark(past->batch, gateway, "e", past->seq[i], NULL, 0);
    }
    past->writer->swept =
        INT64_MIN / 2; /* sweep with each batch, and close what is open */
    for (size_t i = 0; i < past->writer->place_capacity; i++) {
        past->writer->place[i].opened = INT64_MIN / 2;
    }
    tell(past, "trying");
    if (vg_writer_commit(past->writer, past->batch, &error) != VG_OK) {
        fail_msg("cannot commit: %s", error.text);
    }
    past->committed = past->messages;
    tell(past, "committed");
    vg_batch_clear(past->batch);
}

static void note(struct past *past, const struct vg_message *message, int64_t received)
{
    for (size_t i = 0; i < message->reading_count; i++) {
        if (past->count == past->capacity) {
            past->capacity = past->capacity == 0 ? 4096 : 2 * past->capacity;
            past->row = realloc(past->row, past->capacity * sizeof *past->row);
            assert_non_null(past->row);
        }
        struct past_row *row = &past->row[past->count++];
        row->reading = message->readings[i];
        row->received.ms = received;
        row->order = past->messages * VG_MESSAGE_ITEMS + (int64_t)i;
        row->kind = message->kind;
        (void)vg_copy(row->ward, sizeof row->ward, message->ward);
        (void)vg_copy(row->bed, sizeof row->bed, message->bed);
        (void)vg_copy(row->patient, sizeof row->patient, message->patient);
        (void)vg_copy(row->device, sizeof row->device, message->device);
    }
}

/* Who, where and what; the readings are random. */
static void put_message(struct past *past)
{
    static struct vg_obs obs; /* large */
    struct vg_message message = {.kind = VG_KIND_VITALS};
    const unsigned bed = (unsigned)(random_next(past->source) % PAST_BEDS);
    const unsigned luck = (unsigned)(random_next(past->source) % 100);

    (void)snprintf(message.ward, sizeof message.ward, "onc-%u", bed % 2);
    (void)snprintf(message.bed, sizeof message.bed, "%u", bed);
    if (bed != 3) {
        (void)snprintf(message.patient, sizeof message.patient, "p-%u", bed % 3);
    }
    (void)snprintf(message.device, sizeof message.device, luck < 10 ? "pump" : "mon");
    (void)snprintf(message.origin.gateway, sizeof message.origin.gateway, "gw-%u",
                   bed % 3);
    strcpy(message.origin.epoch, "e");
    message.origin.seq = luck == 99 ? 0 : ++past->seq[bed % 3];
    if (message.origin.seq == 0) {
        message.origin.epoch[0] = '\0';
    }
    message.measured.ms = past->now - (luck == 98 ? 90 * VG_MINUTE : 0);
    message.kind = luck == 97 ? VG_KIND_LABS : VG_KIND_VITALS;
    random_obs(past->source, message.measured, &obs);
    vg_obs_into(&obs, &message);
    const int64_t received = past->now + (int64_t)(random_next(past->source) % 200);
    past->messages++;
    assert_int_equal(vg_batch_message(past->batch, &message, "",
                                      (struct vg_instant){received},
                                      (uint64_t)past->messages),
                     VG_OK);
    note(past, &message, received);
}

static int by_time(const void *a, const void *b)
{
    const struct past_row *left = a;
    const struct past_row *right = b;

    if (left->reading.measured.ms != right->reading.measured.ms) {
        return left->reading.measured.ms < right->reading.measured.ms ? -1 : 1;
    }
    return (left->order > right->order) - (left->order < right->order);
}

void past_live(struct past *past, vg_ms span)
{
    const int64_t end = past->now + span;

    for (unsigned n = 1; past->now < end; n++) {
        put_message(past);
        past->now += (int64_t)(random_next(past->source) % (uint64_t)(2 * past->step));
        if (n % 200 == 0) {
            commit(past);
        }
    }
    commit(past);
    qsort(past->row, past->count, sizeof *past->row, by_time);
}

struct vg_reader *past_reader(const struct past *past)
{
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};

    if (vg_store_read_open(past->path, &reader, &error) != VG_OK) {
        fail_msg("cannot open: %s", error.text);
    }
    vg_store_read_within(reader, 60 * VG_SECOND);
    return reader;
}

int64_t past_number(const struct past *past, const char *sql)
{
    sqlite3 *db;
    int64_t answer = -1;
    struct vg_error error;

    assert_int_equal(vg_db_open_reader(past->path, &db, &error), VG_OK);
    assert_int_equal(vg_db_number(db, sql, &answer, &error), VG_OK);
    sqlite3_close(db);
    return answer;
}

void past_tie(struct past *past)
{
    struct vg_tie tie = {.from = {PAST_LAIN_FROM}, .to = {PAST_LAIN_TO}};

    strcpy(tie.ward, "onc-1");
    strcpy(tie.bed, "3");
    strcpy(tie.episode, "ep-9");
    strcpy(tie.patient, "p-9");
    assert_int_equal(vg_batch_tie(past->batch, &tie), VG_OK);
    commit(past);
}
