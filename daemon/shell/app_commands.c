/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands: from the letter to the engine, the record and the answer. An answer goes out once
 * its batch is on disk, so that nobody is told of something that a power cut undoes; if the
 * store is slow, as late as a notice may be.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"

struct vg_pending_answer {
    struct vg_pending_answer *next;
    struct vg_answer answer;
    struct vg_instant at;
    uint64_t batch;
    vg_ms queued; /* boot clock */
};

static void keep_answer(struct vg_app *app, const struct vg_answer *answer)
{
    struct vg_pending_answer *pending = calloc(1, sizeof *pending);

    if (pending == NULL) {
        return; /* asked again, it is answered "duplicate" */
    }
    pending->answer = *answer;
    pending->at = app->now;
    pending->batch = app->filling.number;
    pending->queued = vg_clock_boot();
    struct vg_pending_answer **end = &app->answers;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = pending;
    app->filling.urgent = true;
}

static void publish_answer(struct vg_app *app, const struct vg_pending_answer *pending)
{
    const struct vg_answer *answer = &pending->answer;
    char topic[VG_TOPIC_LEN + 1];

    if (strncmp(answer->client, VG_HTTP_CLIENT, strlen(VG_HTTP_CLIENT)) == 0) {
        vg_live_answer(app->live, answer, pending->at);
        vg_app_live_now(app);
        return;
    }
    if (vg_topic_build(topic, app->settings->mqtt_root, "wards", answer->ward,
                       "results", answer->client, NULL) != VG_OK) {
        return;
    }
    vg_buffer_clear(&app->json);
    vg_encode_answer(&app->json, answer, pending->at);
    vg_app_tell(app, topic);
}

void vg_app_answers(struct vg_app *app)
{
    const vg_ms now = vg_clock_boot();
    struct vg_pending_answer **link = &app->answers;

    vg_app_assignments(app);
    while (*link != NULL) {
        struct vg_pending_answer *pending = *link;
        if (pending->batch <= app->stored_batch || app->store_failed ||
            now - pending->queued > VG_NOTICE_WAIT) {
            publish_answer(app, pending);
            *link = pending->next;
            free(pending);
        } else {
            link = &pending->next;
        }
    }
    if (app->telling != NULL) {
        vg_answers_send(app->telling);
    }
}

void vg_app_record_command(struct vg_app *app, const struct vg_command *command,
                           const struct vg_answer *answer)
{
    if (vg_batch_command(app->filling.batch, command, answer, app->now) != VG_OK) {
        vg_log_write(app->log, VG_LOG_ERROR, "batch.memory",
                     "no memory to record a command");
    }
    keep_answer(app, answer);
}

static const struct vg_answer *answer_in(const struct vg_app *app)
{
    for (size_t i = 0; i < app->effects.count; i++) {
        if (app->effects.item[i].kind == VG_EFFECT_ANSWER) {
            return app->effects.item[i].answer;
        }
    }
    return NULL;
}

/* Before the engine has seen it: the same again is refused again, and no duplicate. */
static void refuse(struct vg_app *app, const struct vg_decoded *decoded,
                   const char *sentence)
{
    struct vg_answer answer = {.result = VG_RESULT_INVALID};

    (void)vg_copy(answer.id, sizeof answer.id, decoded->command.id);
    (void)vg_copy(answer.ward, sizeof answer.ward, decoded->topic.ward);
    (void)vg_copy(answer.client, sizeof answer.client, decoded->topic.client);
    (void)vg_copy(answer.detail, sizeof answer.detail, sentence);
    vg_app_record_command(app, &decoded->command, &answer);
    vg_app_commit_soon(app);
}

/* An assignment takes its time, and is answered then; without memory it is not, and its sender
 * asks again. */
static bool is_assigned(struct vg_app *app, const struct vg_command *command,
                        const struct vg_answer *answer)
{
    if (command->what != VG_DO_ASSIGN) {
        return false;
    }
    if (vg_app_assigning(app, command)) {
        return true;
    }
    if (answer->result != VG_RESULT_OK) {
        return false;
    }
    if (!vg_app_assign(app, command, answer)) {
        vg_log_write(app->log, VG_LOG_ERROR, "batch.memory",
                     "no memory for an assignment; its sender asks again");
    }
    return true;
}

void vg_app_command(struct vg_app *app, const struct vg_decoded *decoded)
{
    const struct vg_command *command = &decoded->command;
    const struct vg_event event = {
        .kind = VG_EVENT_COMMAND, .at = app->now, .command = command};

    app->count.commands++;
    if (decoded->invalid[0] != '\0') {
        refuse(app, decoded, decoded->invalid);
        return;
    }
    const bool receipt =
        command->what == VG_DO_RECEIVED || command->what == VG_DO_DISPLAYED;
    if (receipt && !vg_app_was_paged(app, command->ward, command->page)) {
        refuse(app, decoded, "no page of this ward has this id");
        return;
    }
    if (vg_engine_step(app->engine, &event, &app->effects) != VG_OK) {
        vg_log_write(app->log, VG_LOG_ERROR, "engine.memory",
                     "no memory for a command");
        return; /* unanswered: its sender asks again */
    }
    const struct vg_answer *answer = answer_in(app);
    if (receipt) {
        vg_app_receipt(app, command);
    }
    if (answer != NULL && !is_assigned(app, command, answer)) {
        vg_app_record_command(app, command, answer);
    }
    vg_app_effects(app);
}
