/* SPDX-License-Identifier: Apache-2.0
 *
 * Stores under test.
 */
#include "lib/stored.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

void stored_open(struct stored *stored)
{
    uv_loop_init(&stored->loop);
    enum vg_status status = vg_store_open(stored->kind, stored->path, &stored->loop,
                                          &stored->store, &stored->error);
    if (status != VG_OK) {
        fail_msg("cannot open: %s", stored->error.text);
    }
}

void stored_close(struct stored *stored)
{
    stored->store->ops->close(stored->store);
    turn_out(&stored->loop);
}

int stored_set_up(void **state)
{
    struct stored *stored = calloc(1, sizeof(*stored));
    stored->kind = *state;
    temp_create(&stored->temp);
    temp_path(&stored->temp, "vigil.db", stored->path, sizeof(stored->path));
    stored->batch = vg_batch_create();
    stored_open(stored);
    *state = stored;
    return 0;
}

int stored_tear_down(void **state)
{
    struct stored *stored = *state;
    stored_close(stored);
    vg_batch_destroy(stored->batch);
    temp_remove(&stored->temp);
    free(stored);
    return 0;
}

static void on_commit(void *to, struct vg_batch *batch, enum vg_status status,
                      const struct vg_error *error)
{
    struct stored *stored = to;
    assert_ptr_equal(batch, stored->batch);
    stored->done = true;
    stored->status = status;
    stored->error = *error;
}

enum vg_status stored_commit(struct stored *stored)
{
    const struct vg_store_ops *ops = stored->store->ops;
    stored->done = false;
    assert_int_equal(ops->commit(stored->store, stored->batch, on_commit, stored),
                     VG_OK);
    assert_int_equal(ops->commit(stored->store, stored->batch, on_commit, stored),
                     VG_FULL);
    turn_until(&stored->loop, &stored->done);
    if (stored->status == VG_OK) {
        vg_batch_clear(stored->batch);
    }
    return stored->status;
}

static void note(struct notebook *notebook, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct notebook *notebook, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length =
        vsnprintf(notebook->text + notebook->length,
                  sizeof(notebook->text) - notebook->length, format, arguments);
    va_end(arguments);
    assert_true(length >= 0);
    notebook->length += (size_t)length;
    assert_true(notebook->length < sizeof(notebook->text));
}

static bool on_mark(void *to, const char *gateway, const char *epoch, uint64_t upto,
                    const struct vg_range *ranges, size_t range_count)
{
    note(to, "mark %s %s %" PRIu64, gateway, epoch, upto);
    for (size_t i = 0; i < range_count; i++) {
        note(to, " %" PRIu64 "-%" PRIu64, ranges[i].first, ranges[i].last);
    }
    note(to, "\n");
    return true;
}

static bool on_episode(void *to, const struct vg_letter *letter,
                       struct vg_instant received)
{
    note(to, "admission %" PRId64 " %.*s %.*s\n", received.ms,
         (int)letter->topic_length, letter->topic, (int)letter->payload_length,
         (const char *)letter->payload);
    return true;
}

static bool on_alert(void *to, const struct vg_alert *alert)
{
    note(to, "alert %s %u %s\n", alert->id, (unsigned)alert->rev, alert->text);
    if (alert->care.run > 0) {
        note(to, "care %s run %u\n", alert->id, (unsigned)alert->care.run);
    }
    return true;
}

static bool on_ward(void *to, const char *ward, uint64_t n, struct vg_instant at)
{
    (void)at;
    note(to, "ward %s %" PRIu64 "\n", ward, n);
    return true;
}

static bool on_message(void *to, const struct vg_message *message, const char *episode,
                       struct vg_instant received, uint64_t hash)
{
    struct notebook *notebook = to;
    note(notebook, "message %" PRId64 " %s/%s %s %s %" PRIu64 "\n", received.ms,
         message->ward, message->bed, vg_kind_text(message->kind), episode, hash);
    if (notebook->on_message != NULL) {
        notebook->on_message(message, notebook->messages);
    }
    notebook->messages++;
    return true;
}

static bool on_number(void *to, const char *gateway, const char *epoch, uint64_t seq,
                      uint64_t hash)
{
    note(to, "number %s %s %" PRIu64 " %" PRIu64 "\n", gateway, epoch, seq, hash);
    return true;
}

static bool on_unsent(void *to, const struct vg_alert *alert)
{
    note(to, "unsent %s %u\n", alert->id, (unsigned)alert->rev);
    return true;
}

static bool on_gateway(void *to, const char *gateway, const char *epoch, uint64_t from)
{
    note(to, "gateway %s %s %" PRIu64 "\n", gateway, epoch, from);
    return true;
}

static bool on_answer(void *to, const struct vg_answer *answer)
{
    note(to, "answer %s %s %s %u %s\n", answer->client, answer->id,
         vg_result_text(answer->result), (unsigned)answer->rev, answer->detail);
    return true;
}

static bool on_pause(void *to, const struct vg_pause *pause)
{
    note(to, "pause %s/%s %" PRId64 " %s %s\n", pause->ward, pause->bed,
         pause->until.ms, pause->by, pause->reason);
    return true;
}

static bool on_carried(void *to, const char *episode, const struct vg_carried *c)
{
    note(to, "carried %s %" PRId64, episode, c->at.ms);
    for (size_t i = 0; i < VG_CARRIED_TIMES; i++) {
        note(to, " %" PRId64, c->time[i].ms);
    }
    for (size_t i = 0; i < VG_CARRIED_NUMBERS; i++) {
        note(to, " %d", c->number[i]);
    }
    note(to, "\n");
    return true;
}

static bool on_page(void *to, const struct vg_alert *alert, enum vg_page_kind kind,
                    const char *role, struct vg_instant at)
{
    char id[VG_ALERT_LEN + 1];
    vg_page_id(alert, kind, role, id);
    note(to, "page %s %u %s %s %" PRId64 "\n", id, (unsigned)alert->rev,
         vg_page_text(kind), role, at.ms);
    return true;
}

void stored_restore(struct stored *stored, struct vg_instant since,
                    struct notebook *notebook)
{
    const struct vg_restore calls = {.to = notebook,
                                     .mark = on_mark,
                                     .episode = on_episode,
                                     .alert = on_alert,
                                     .ward = on_ward,
                                     .message = on_message,
                                     .number = on_number,
                                     .unsent = on_unsent,
                                     .gateway = on_gateway,
                                     .answer = on_answer,
                                     .pause = on_pause,
                                     .carried = on_carried,
                                     .page = on_page};
    notebook->length = 0;
    notebook->text[0] = '\0';
    notebook->messages = 0;
    enum vg_status status =
        stored->store->ops->restore(stored->store, since, &calls, &stored->error);
    if (status != VG_OK) {
        fail_msg("cannot restore: %s", stored->error.text);
    }
}
