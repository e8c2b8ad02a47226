/* SPDX-License-Identifier: Apache-2.0
 *
 * What people enter on the board: the same messages that a tool would publish, by the same way.
 * The answer comes when they are on disk.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "shell/api.h"
#include "shell/http.h"

static bool topic_of(const struct vg_api *api, const struct vg_api_call *call,
                     struct vg_api_answer *answer, char topic[VG_TOPIC_LEN + 1])
{
    static const char *const kinds[] = {"assessment", "therapy", "vitals"};
    const char *ward = call->part[3];
    const char *bed = call->part[4];
    bool known = false;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        known = known || strcmp(kinds[i], call->part[5]) == 0;
    }
    if (!known || !vg_id_valid(ward, strlen(ward)) || !vg_id_valid(bed, strlen(bed)) ||
        vg_topic_build(topic, api->settings->mqtt_root, "beds", ward, bed,
                       call->part[5], NULL) != VG_OK) {
        vg_api_problem(call, answer, 404,
                       "it is beds/<ward>/<bed>/ and assessment, therapy or vitals");
        return false;
    }
    return true;
}

static struct vg_item *letter_of(struct vg_api *api, const struct vg_api_call *call,
                                 const char *topic, uint64_t waits)
{
    const struct vg_letter letter = {.topic = topic,
                                     .topic_length = strlen(topic),
                                     .payload = call->body,
                                     .payload_length = call->body_length};
    struct vg_item *item =
        vg_inbox_entry(api->inbox, &letter, call->who.known ? &call->who.user : NULL);

    if (item != NULL) {
        item->waits = waits;
    }
    return item;
}

static void reply(const struct vg_api_call *call, struct vg_api_answer *answer,
                  const struct vg_shared *text)
{
    static const char forbidden[] = VG_HTTP_FORBIDDEN;
    static const char refused[] = "{\"result\":\"refused\"";
    const size_t mark = sizeof forbidden - 1;

    vg_buffer_add(&answer->text, vg_shared_bytes(text), vg_shared_length(text));
    if (answer->text.failed) {
        return;
    }
    if (strncmp(answer->text.bytes, forbidden, mark) == 0) {
        vg_api_problem(call, answer, 403, "%.*s", (int)(vg_shared_length(text) - mark),
                       vg_shared_bytes(text) + mark);
    } else if (strncmp(answer->text.bytes, refused, sizeof refused - 1) == 0) {
        answer->status = 422;
    }
}

void vg_api_message(struct vg_api *api, const struct vg_api_call *call,
                    struct vg_api_answer *answer)
{
    static const char *const names[] = {NULL};
    char topic[VG_TOPIC_LEN + 1];
    const uint64_t waits = atomic_fetch_add(api->turns, 1) + 1;
    struct vg_api_question question = {
        .late = "it is not known to be on disk: look whether it is shown, and enter it "
                "again if not"};

    answer->changing = true;
    if (!vg_api_only(call, answer, names) || !vg_api_json(call, answer) ||
        !topic_of(api, call, answer, topic) ||
        !vg_api_reads_in(api, call, answer, call->part[3], "", "")) {
        return;
    }
    (void)snprintf(question.client, sizeof question.client, VG_HTTP_POST,
                   (unsigned long long)waits);
    question.item = letter_of(api, call, topic, waits);
    struct vg_shared *text = vg_api_ask(api, call, answer, &question);
    if (text != NULL) {
        reply(call, answer, text);
        vg_shared_done(text);
    }
}
