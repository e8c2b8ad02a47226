/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages that are in quarantine because they name another patient than the bed's, given to
 * the right one by a person (command "assign"): taken in again as if they had said so, late, in
 * the order in which they came, and stored under that patient's episode of the time. A piece at
 * a time, so that nothing waits for it. The command is answered when it is done; after a crash
 * in between it is unanswered, and asked again it goes on with what is left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"

#define AT_ONCE 100 /* messages looked at in one go: some 10 ms */

struct vg_assignment {
    struct vg_assignment *next;
    struct vg_command command;
    struct vg_answer answer;
    uint64_t batch;         /* what came before the command is on disk with this one */
    uint64_t after;         /* id of the last message looked at */
    uint64_t taken, failed; /* messages; failed: no memory */
};

bool vg_app_assigning(const struct vg_app *app, const struct vg_command *command)
{
    for (const struct vg_assignment *a = app->assignments; a != NULL; a = a->next) {
        if (strcmp(a->command.client, command->client) == 0 &&
            strcmp(a->command.id, command->id) == 0) {
            return true;
        }
    }
    return false;
}

static void audit(struct vg_app *app, const struct vg_assignment *a, const char *what)
{
    const struct vg_command *c = &a->command;
    char subject[2 * VG_ID_LEN + 2];
    char text[400];

    (void)snprintf(subject, sizeof subject, "%s/%s", c->ward, c->bed);
    (void)snprintf(text, sizeof text, "%s: messages that name %s are %s's, by %s: %s",
                   what, c->named[0] != '\0' ? c->named : c->patient, c->patient, c->by,
                   c->reason);
    (void)vg_batch_audit(app->filling.batch, app->now, "assign", subject, text);
}

bool vg_app_assign(struct vg_app *app, const struct vg_command *command,
                   const struct vg_answer *answer)
{
    struct vg_assignment *made = calloc(1, sizeof *made);
    struct vg_assignment **end = &app->assignments;

    if (made == NULL) {
        return false;
    }
    made->command = *command;
    made->answer = *answer;
    made->batch = app->filling.number;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = made;
    audit(app, made, "asked");
    app->filling.urgent = true;
    return true;
}

/* ---- One message */

static bool is_meant(const struct vg_command *c, const struct vg_decoded *decoded)
{
    const struct vg_message *message = &decoded->message;

    return decoded->kind == VG_DECODED_MESSAGE && strcmp(message->ward, c->ward) == 0 &&
           strcmp(message->bed, c->bed) == 0 &&
           strcmp(message->patient, c->named[0] != '\0' ? c->named : c->patient) == 0 &&
           message->measured.ms >= c->from.ms && message->measured.ms < c->to.ms;
}

/* Stored and, if the patient is admitted, evaluated. False: no memory. */
static bool give(struct vg_app *app, const struct vg_command *c,
                 struct vg_message *message, uint64_t hash)
{
    const struct vg_owner owner =
        vg_engine_owner_named(app->engine, message, c->patient, message->measured);
    const struct vg_event event = {
        .kind = VG_EVENT_MESSAGE, .at = app->now, .message = message};

    (void)vg_copy(message->patient, sizeof message->patient, c->patient);
    (void)vg_copy(message->episode, sizeof message->episode, owner.episode);
    message->origin.seq = 0;        /* its number is that of the row in quarantine */
    if (owner.episode[0] == '\0') { /* not known here then: kept under the name */
        return vg_batch_message(app->filling.batch, message, "", app->now, hash) ==
               VG_OK;
    }
    if (vg_engine_step(app->engine, &event, &app->effects) != VG_OK) {
        return false;
    }
    const bool kept = vg_app_record_message(app, message, app->now, hash) == VG_OK;
    vg_app_effects(app);
    return kept;
}

struct looking {
    struct vg_app *app;
    struct vg_assignment *assignment;
    unsigned left;
};

static bool on_refused(void *to, const struct vg_refused *refused)
{
    struct looking *looking = to;
    struct vg_app *app = looking->app;
    struct vg_assignment *a = looking->assignment;
    struct vg_decoded decoded;

    a->after = refused->id;
    vg_decode(app->decoder, &refused->letter, &decoded);
    if (is_meant(&a->command, &decoded)) {
        const bool given = give(app, &a->command, &decoded.message, refused->hash) &&
                           vg_batch_released(app->filling.batch, refused->id,
                                             a->command.patient) == VG_OK;
        a->taken += given;
        a->failed += !given;
    }
    return --looking->left > 0;
}

/* ---- The whole */

static void done(struct vg_app *app, struct vg_assignment *a, const char *trouble)
{
    const unsigned long long taken = a->taken;

    if (trouble != NULL || a->failed > 0) {
        a->answer.result = VG_RESULT_INVALID;
        (void)snprintf(a->answer.detail, sizeof a->answer.detail,
                       "%llu messages were taken, not all: %.100s; ask again", taken,
                       trouble != NULL ? trouble : "no memory");
    } else if (taken == 0) {
        a->answer.result = VG_RESULT_INVALID;
        (void)snprintf(a->answer.detail, sizeof a->answer.detail,
                       "no message of this bed in quarantine names that patient");
    } else {
        (void)snprintf(a->answer.detail, sizeof a->answer.detail,
                       "%llu message%s given to the patient", taken,
                       taken == 1 ? "" : "s");
    }
    audit(app, a, a->answer.detail);
    vg_app_record_command(app, &a->command, &a->answer);
    app->assignments = a->next;
    free(a);
    vg_app_commit_soon(app);
}

void vg_app_assignments(struct vg_app *app)
{
    struct vg_assignment *a = app->assignments;
    struct looking looking = {app, a, AT_ONCE};
    struct vg_error error = {""};

    if (a == NULL || a->batch > app->stored_batch) {
        return;
    }
    if (app->store->ops->refused(app->store, a->after, on_refused, &looking, &error) !=
        VG_OK) {
        done(app, a, error.text);
    } else if (looking.left > 0) {
        done(app, a, NULL);
    }
}
