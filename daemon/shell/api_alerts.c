/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts: lists from the store, one with all its changes from the store, as it stands from
 * memory where it is open.
 */
#include <string.h>

#include "shell/api.h"
#include "shell/history.h"

struct list {
    struct vg_buffer *b;
    size_t count;
};

static bool put_item(void *to, const char *json, size_t length)
{
    struct list *list = to;

    vg_put_raw(list->b, list->count++ > 0 ? ",\n" : "");
    vg_buffer_add(list->b, json, length);
    return !list->b->failed;
}

static bool state_of(const struct vg_api_call *call, struct vg_api_answer *answer,
                     enum vg_alert_state *out)
{
    const char *text = vg_api_argument(call, "state");

    *out = VG_ALERTS_ALL;
    if (text == NULL) {
        return true;
    }
    if (strcmp(text, "open") != 0 && strcmp(text, "closed") != 0) {
        vg_api_problem(call, answer, 400, "state must be open or closed");
        return false;
    }
    *out = text[0] == 'o' ? VG_ALERTS_OPEN : VG_ALERTS_CLOSED;
    return true;
}

static bool query_of(const struct vg_api_call *call, struct vg_api_answer *answer,
                     struct vg_alerts_query *q)
{
    static const char *const names[] = {"state", "ward",  "patient", "from",
                                        "to",    "limit", "after",   NULL};

    q->of.ward = vg_api_argument(call, "ward");
    q->of.patient = vg_api_argument(call, "patient");
    q->of.from = VG_UNSET;
    q->of.to = VG_NEVER;
    return vg_api_only(call, answer, names) && state_of(call, answer, &q->of.state) &&
           vg_api_span(call, answer, &q->of.from, &q->of.to) &&
           vg_api_limit(call, answer, &q->limit) &&
           vg_api_after(call, answer, &q->after);
}

void vg_api_alerts(struct vg_api *api, const struct vg_api_call *call,
                   struct vg_api_answer *answer)
{
    struct vg_alerts_query query = {.limit = 0};
    struct vg_page_end end = {0};
    struct vg_error error = {"no memory"};
    struct list list = {&answer->text, 0};

    if (!query_of(call, answer, &query) || !vg_api_ward(call, answer, &query.of.ward) ||
        !vg_api_ward_known(api->live, call, answer, query.of.ward) ||
        !vg_api_reads_in(api, call, answer, call->who.user.ward,
                         query.of.patient != NULL ? query.of.patient : "", "alerts")) {
        return;
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return;
    }
    struct vg_live_node node;
    vg_live_node_get(api->live, &node);
    /* a list that lacks the newest must not look whole */
    vg_put_raw(list.b,
               node.store_failed ? "{\"behind\":true,\"alerts\":[" : "{\"alerts\":[");
    const enum vg_status status =
        vg_history_alerts(reader, &query, put_item, &list, &end, &error);
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
    } else {
        vg_api_history_end(call, answer, reader, &end);
    }
}

/* ---- One */

/* The alert as it was in its latest stored change. */
static bool keep_last(void *to, const char *json, size_t length)
{
    struct vg_buffer *last = to;

    vg_buffer_clear(last);
    vg_buffer_add(last, json, length);
    return !last->failed;
}

/* `alert` is one JSON object: its members, then its changes. */
static enum vg_status put_with_changes(struct vg_reader *reader, const char *id,
                                       const struct vg_buffer *alert,
                                       struct vg_buffer *b, struct vg_error *error)
{
    struct list list = {b, 0};

    vg_buffer_add(b, alert->bytes, alert->length - 1);
    vg_put_raw(b, ",\"changes\":[\n");
    const enum vg_status status =
        vg_store_alert_history(reader, id, put_item, &list, error);
    vg_put_raw(b, "]}\n");
    return status;
}

static enum vg_status find(struct vg_api *api, struct vg_reader *reader, const char *id,
                           struct vg_buffer *out, struct vg_error *error)
{
    const struct vg_alert_query query = {
        .state = VG_ALERTS_ALL, .id = id, .from = VG_UNSET, .to = VG_NEVER};
    char ward[VG_ID_LEN + 1];
    struct vg_shared *live = vg_live_alert_get(api->live, id, ward);

    if (live != NULL) {
        vg_buffer_add(out, vg_shared_bytes(live), vg_shared_length(live));
        vg_shared_done(live);
        return VG_OK;
    }
    const enum vg_status status =
        vg_store_alerts(reader, &query, keep_last, out, error);
    if (status == VG_OK && out->length == 0) {
        vg_error_set(error, "there is no alert \"%.40s\"", id);
        return VG_ABSENT;
    }
    return status;
}

static bool may_look(struct vg_api *api, const struct vg_api_call *call,
                     struct vg_api_answer *answer, const struct vg_buffer *json)
{
    struct vg_alert alert;

    if (vg_decode_alert(json->bytes, json->length, &alert) != VG_OK) {
        vg_api_problem(call, answer, 503, "the alert as it was stored is unreadable");
        return false;
    }
    return vg_api_reads_in(api, call, answer, alert.ward, alert.patient, "alerts");
}

void vg_api_alert(struct vg_api *api, const struct vg_api_call *call,
                  struct vg_api_answer *answer)
{
    static const char *const names[] = {NULL};
    struct vg_error error = {"no memory"};
    struct vg_buffer alert = {0};

    if (!vg_api_only(call, answer, names)) {
        return;
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return;
    }
    enum vg_status status = find(api, reader, call->part[3], &alert, &error);
    if (status == VG_OK && !may_look(api, call, answer, &alert)) {
        vg_buffer_finish(&alert);
        return;
    }
    if (status == VG_OK) {
        status = put_with_changes(reader, call->part[3], &alert, &answer->text, &error);
    }
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
    }
    vg_buffer_finish(&alert);
}
