/* SPDX-License-Identifier: Apache-2.0
 *
 * What was charted about a patient: infusions, oxygen, medicines, flags, symptoms. The messages
 * in which it came, without the numbers that came beside it: those are readings.
 */
#include "shell/api.h"
#include "shell/history.h"
#include "wire/encode_parts.h"

#define CHARTED_WITHIN (8 * VG_SECOND) /* all messages of the span are walked through */

struct list {
    struct vg_buffer *b;
    size_t count, limit;
    bool cut;
};

static bool put_message(void *to, const struct vg_message_row *row)
{
    struct list *list = to;
    struct vg_message message = *row->message;

    if (message.entry_count == 0) {
        return true;
    }
    if (list->count == list->limit) {
        list->cut = true;
        return false;
    }
    message.reading_count = 0;
    message.failed_count = 0;
    vg_put_raw(list->b, list->count++ > 0 ? ",\n" : "");
    vg_encode_message(list->b, &message);
    return !list->b->failed;
}

static bool query_of(const struct vg_api_call *call, struct vg_api_answer *answer,
                     struct vg_history_query *q)
{
    static const char *const names[] = {"patient", "from", "to", "limit", NULL};

    q->from = vg_after(call->now, -VG_DAY);
    q->to = VG_NEVER;
    return vg_api_only(call, answer, names) &&
           vg_api_patient(call, answer, &q->patient) &&
           vg_api_span(call, answer, &q->from, &q->to) &&
           vg_api_limit(call, answer, &q->limit);
}

void vg_api_charted(struct vg_api *api, const struct vg_api_call *call,
                    struct vg_api_answer *answer)
{
    struct vg_history_query query = {0};
    struct vg_error error = {"no memory"};

    if (!query_of(call, answer, &query) ||
        !vg_api_may_read(api, call, answer, query.patient, "charted")) {
        return;
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return;
    }
    struct list list = {.b = &answer->text, .limit = query.limit};
    query.limit = 0;
    vg_put_raw(list.b, "{\"charted\":[");
    vg_store_read_within(reader, CHARTED_WITHIN);
    const enum vg_status status =
        vg_history_messages(reader, &query, put_message, &list, &error);
    vg_store_read_within(reader, VG_API_READ_WITHIN);
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
        return;
    }
    vg_put_raw(list.b, "]");
    vg_key_bool(list.b, "cut", list.cut);
    vg_api_put_known(call, list.b, reader);
    vg_put_raw(list.b, "}\n");
}
