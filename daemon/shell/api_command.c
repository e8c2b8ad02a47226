/* SPDX-License-Identifier: Apache-2.0
 *
 * A command becomes a letter like any other; its answer is waited for, which is there when the
 * command is on disk.
 */
#include <stdio.h>
#include <string.h>

#include <uv.h>

#include "shell/api.h"
#include "shell/http.h"

/* The same person, alert, verb and id again is the same command; nobody else's is. */
static void client_of(const struct vg_command_frame *frame, char out[VG_ID_LEN + 1])
{
    const char *const parts[] = {frame->by, frame->alert, frame->what};
    uint64_t hash = 0;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        hash = vg_hash(hash, parts[i], strlen(parts[i]) + 1);
    }
    (void)snprintf(out, VG_ID_LEN + 1, VG_HTTP_CLIENT "%016llx",
                   (unsigned long long)hash);
}

static bool new_id(char out[VG_COMMAND_LEN + 1])
{
    uint64_t number[2];

    if (uv_random(NULL, NULL, number, sizeof number, 0, NULL) != 0) {
        return false;
    }
    (void)snprintf(out, VG_COMMAND_LEN + 1, "%016llx%016llx",
                   (unsigned long long)number[0], (unsigned long long)number[1]);
    return true;
}

static struct vg_item *letter_of(struct vg_api *api, const char *ward,
                                 const char *client, const struct vg_buffer *payload)
{
    char topic[VG_TOPIC_LEN + 1];

    if (vg_topic_build(topic, api->settings->mqtt_root, "wards", ward, "commands",
                       client, NULL) != VG_OK) {
        return NULL;
    }
    const struct vg_letter letter = {.topic = topic,
                                     .topic_length = strlen(topic),
                                     .payload = payload->bytes,
                                     .payload_length = payload->length};
    return vg_inbox_letter(api->inbox, &letter);
}

static void ask(struct vg_api *api, const struct vg_api_call *call,
                struct vg_api_answer *answer, const char *ward,
                const struct vg_command_frame *frame, const struct vg_buffer *payload)
{
    struct vg_api_question question = {0};
    char late[160];

    client_of(frame, question.client);
    question.item = letter_of(api, ward, question.client, payload);
    question.late = late;
    (void)snprintf(late, sizeof late,
                   "the daemon has not answered within %d s: ask again with the same "
                   "id, \"%s\"",
                   (int)(VG_API_ANSWER_WITHIN / VG_SECOND), frame->id);
    struct vg_shared *text = vg_api_ask(api, call, answer, &question);
    if (text != NULL) {
        vg_buffer_add(&answer->text, vg_shared_bytes(text), vg_shared_length(text));
        vg_shared_done(text);
    }
}

/* ---- Which ward: the alert's */

struct place {
    enum vg_severity severity;
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    bool found;
};

static bool take_place(void *to, const char *json, size_t length)
{
    struct place *place = to;
    struct vg_alert alert;

    if (vg_decode_alert(json, length, &alert) == VG_OK) {
        (void)vg_copy(place->ward, sizeof place->ward, alert.ward);
        (void)vg_copy(place->bed, sizeof place->bed, alert.bed);
        place->severity = alert.severity;
        place->found = true;
    }
    return false;
}

/* Also of one that is closed: the command is answered "closed", and recorded. */
static enum vg_status find_place(struct vg_api *api, const struct vg_api_call *call,
                                 struct vg_api_answer *answer, struct place *place)
{
    const struct vg_alert_query query = {
        .state = VG_ALERTS_ALL, .id = call->part[3], .from = VG_UNSET, .to = VG_NEVER};
    struct vg_error error = {"no memory"};
    struct vg_shared *text = vg_live_alert_get(api->live, call->part[3], place->ward);

    if (text != NULL) {
        (void)take_place(place, vg_shared_bytes(text), vg_shared_length(text));
        vg_shared_done(text);
        return VG_OK;
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return VG_FAILED;
    }
    const enum vg_status status =
        vg_store_alerts(reader, &query, take_place, place, &error);
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
    } else if (!place->found) {
        vg_api_problem(call, answer, 404, "there is no alert \"%.40s\"", call->part[3]);
    }
    return status == VG_OK && !place->found ? VG_ABSENT : status;
}

/* ---- Who: whoever is logged in speaks for nobody else, in the roles they have */

static bool may(const struct vg_api_call *call, struct vg_api_answer *answer,
                enum vg_do what, const struct place *place)
{
    const struct vg_user *user = &call->who.user;
    const char *ward = place->ward;

    if (!vg_api_ward(call, answer, &ward)) {
        return false;
    }
    if (call->who.known && !vg_right_may(user->right, what, place->severity)) {
        vg_api_problem(call, answer, 403,
                       "%s of an alert of severity %s is not for the "
                       "right \"%s\"",
                       vg_do_text(what), vg_severity_text(place->severity),
                       vg_right_text(user->right));
        return false;
    }
    return true;
}

void vg_api_command(struct vg_api *api, const struct vg_api_call *call,
                    struct vg_api_answer *answer)
{
    static const char *const names[] = {NULL};
    struct vg_command_frame frame = {.what = call->part[4], .alert = call->part[3]};
    struct place place = {.found = false};
    struct vg_buffer payload = {0};
    struct vg_error error = {"no memory"};
    enum vg_do what;

    answer->changing = true;
    if (!vg_api_only(call, answer, names)) {
        return;
    }
    if (vg_do_find(call->part[4], &what) != VG_OK) {
        vg_api_problem(call, answer, 404,
                       "nothing is called \"%.40s\" that can be done", call->part[4]);
        return;
    }
    if (!vg_api_json(call, answer)) {
        return;
    }
    if (!new_id(frame.id)) {
        vg_api_problem(call, answer, 503, "the system gives no random number");
        return;
    }
    if (find_place(api, call, answer, &place) != VG_OK) {
        return;
    }
    if (!may(call, answer, what, &place)) {
        return;
    }
    frame.bed = what == VG_DO_PAUSE ? place.bed : "";
    if (call->who.known) {
        vg_user_by(&call->who.user, frame.by);
    }
    const enum vg_status status =
        vg_complete_command(&payload, &frame, call->body, call->body_length, &error);
    if (status == VG_OK && call->who.known &&
        !vg_user_is_by(&call->who.user, frame.by)) {
        vg_api_problem(call, answer, 403, "\"%.80s\" is not who is logged in",
                       frame.by);
    } else if (status == VG_OK) {
        ask(api, call, answer, place.ward, &frame, &payload);
    } else {
        vg_api_failed(api, call, answer, status, &error);
    }
    vg_buffer_finish(&payload);
}
