/* SPDX-License-Identifier: Apache-2.0
 *
 * Coverage: why there was no alert, for each span of a patient's signals.
 */
#include <string.h>

#include "shell/api.h"
#include "shell/coverage.h"
#include "wire/encode_parts.h"

#define COVERAGE_WITHIN \
    (8 * VG_SECOND) /* all readings of the span are walked through */

struct list {
    struct vg_buffer *b;
    const struct vg_cursor *after;
    size_t limit;
    struct vg_page_end end;
};

/* In pages by signal, then time: what is behind the cursor. */
static bool put_span(void *to, const struct vg_coverage_span *span)
{
    struct list *list = to;
    const int64_t signal = (int64_t)span->signal;

    if (list->after->set &&
        (signal < list->after->order ||
         (signal == list->after->order && span->from.ms <= list->after->at))) {
        return true;
    }
    if (list->end.rows == list->limit) {
        list->end.more = true;
        return false;
    }
    vg_put_raw(list->b, list->end.rows++ > 0 ? ",\n{" : "{");
    vg_put_raw(list->b, "\"code\":");
    vg_put_string(list->b, vg_signal_info(span->signal)->code);
    vg_key(list->b, "from");
    vg_put_time(list->b, span->from);
    vg_key(list->b, "to");
    vg_put_time(list->b, span->to);
    vg_key_int(list->b, "minutes", (int64_t)span->minutes);
    vg_key_text(list->b, "why", span->why);
    vg_key_text(list->b, "detail", span->detail);
    vg_put_raw(list->b, "}");
    list->end.next =
        (struct vg_cursor){.set = true, .at = span->from.ms, .order = signal};
    return !list->b->failed;
}

static bool query_of(const struct vg_api_call *call, struct vg_api_answer *answer,
                     struct vg_history_query *q)
{
    static const char *const names[] = {"patient", "code",  "from", "to",
                                        "limit",   "after", NULL};

    q->from = vg_after(call->now, -VG_DAY);
    q->to = VG_NEVER;
    q->signals = 0;
    return vg_api_only(call, answer, names) &&
           vg_api_patient(call, answer, &q->patient) &&
           (vg_api_argument(call, "code") == NULL ||
            vg_api_codes(call, answer, &q->signals)) &&
           vg_api_span(call, answer, &q->from, &q->to) &&
           vg_api_limit(call, answer, &q->limit) &&
           vg_api_after(call, answer, &q->after);
}

static enum vg_status cover(struct vg_api *api, const struct vg_history_query *asked,
                            struct vg_instant now, struct list *list,
                            struct vg_error *error)
{
    struct vg_protocol_set protocols = {0};
    struct vg_error unsaid = {""};

    (void)vg_protocol_set_load(api->settings->protocols, NULL, &protocols, &unsaid);
    const struct vg_coverage_query query = {
        .patient = asked->patient,
        .signals = asked->signals != 0 ? asked->signals : VG_COVERAGE_USUAL,
        .from = asked->from,
        .to = asked->to,
        .now = now,
        .protocols = &protocols};
    const enum vg_status status =
        vg_coverage(api->reader, &query, put_span, list, error);
    vg_protocol_set_finish(&protocols);
    return status;
}

void vg_api_coverage(struct vg_api *api, const struct vg_api_call *call,
                     struct vg_api_answer *answer)
{
    struct vg_history_query query = {0};
    struct vg_error error = {"no memory"};

    if (!query_of(call, answer, &query) ||
        !vg_api_may_read(api, call, answer, query.patient, "coverage")) {
        return;
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return;
    }
    struct list list = {
        .b = &answer->text, .after = &query.after, .limit = query.limit};
    vg_put_raw(list.b, "{\"coverage\":[");
    vg_store_read_within(reader, COVERAGE_WITHIN);
    const enum vg_status status = cover(api, &query, call->now, &list, &error);
    vg_store_read_within(reader, VG_API_READ_WITHIN);
    if (status == VG_REFUSED) {
        vg_api_problem(call, answer, 400, "%s", error.text);
    } else if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
    } else {
        vg_api_history_end(call, answer, reader, &list.end);
    }
}
