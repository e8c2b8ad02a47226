/* SPDX-License-Identifier: Apache-2.0
 *
 * Episodes, and the scores computed in them over time.
 */
#include <string.h>

#include "shell/api.h"
#include "shell/history.h"
#include "wire/encode_parts.h"

struct list {
    struct vg_buffer *b;
    size_t count;
    char ward[VG_ID_LEN + 1], patient[VG_PATIENT_LEN + 1]; /* of the last one */
};

static bool put_episode(void *to, const struct vg_episode *e)
{
    struct list *list = to;
    struct vg_buffer *b = list->b;

    (void)vg_copy(list->ward, sizeof list->ward, e->ward);
    (void)vg_copy(list->patient, sizeof list->patient, e->patient);
    vg_put_raw(b, list->count++ > 0 ? ",\n{\"id\":" : "{\"id\":");
    vg_put_string(b, e->id);
    vg_key_text(b, "patient", e->patient);
    vg_key_text(b, "ward", e->ward);
    vg_key_text(b, "bed", e->bed);
    vg_key_text_or_null(b, "product", vg_product_text(e->product));
    vg_key_text_or_null(b, "donor", e->donor);
    vg_key_text_or_null(b, "chain_id", e->chain_id);
    vg_key_text(b, "protocol", e->protocol);
    vg_key(b, "age");
    if (e->age < 0) {
        vg_put_raw(b, "null");
    } else {
        vg_put_int(b, e->age);
    }
    vg_key_text(b, "setting", e->outpatient ? "outpatient" : "inpatient");
    vg_key_time(b, "begin", e->begin);
    vg_key_time(b, "end", e->end);
    vg_put_raw(b, "}");
    return !b->failed;
}

void vg_api_episodes(struct vg_api *api, const struct vg_api_call *call,
                     struct vg_api_answer *answer)
{
    static const char *const names[] = {"patient", "limit", "after", NULL};
    struct vg_episodes_query query = {
        .oldest_first = true, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_page_end end = {0};
    struct vg_error error = {"no memory"};
    struct list list = {.b = &answer->text};

    if (!vg_api_only(call, answer, names) ||
        !vg_api_patient(call, answer, &query.patient) ||
        !vg_api_limit(call, answer, &query.limit) ||
        !vg_api_after(call, answer, &query.after) ||
        !vg_api_may_read(api, call, answer, query.patient, "episodes")) {
        return;
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return;
    }
    vg_put_raw(list.b, "{\"episodes\":[");
    const enum vg_status status =
        vg_history_episodes(reader, &query, put_episode, &list, &end, &error);
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
    } else {
        vg_api_history_end(call, answer, reader, &end);
    }
}

void vg_api_episode(struct vg_api *api, const struct vg_api_call *call,
                    struct vg_api_answer *answer)
{
    static const char *const names[] = {NULL};
    struct vg_error error = {"no memory"};
    struct list list = {.b = &answer->text};

    if (!vg_api_only(call, answer, names)) {
        return;
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return;
    }
    const enum vg_status status =
        vg_store_episodes(reader, call->part[3], NULL, put_episode, &list, &error);
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
    } else if (list.count == 0) {
        vg_api_problem(call, answer, 404, "there is no episode \"%.40s\"",
                       call->part[3]);
    } else if (vg_api_reads_in(api, call, answer, list.ward, list.patient,
                               "episodes")) {
        vg_put_raw(list.b, "\n");
    }
}

/* ---- Scores over time */

static bool put_assessment(void *to, const struct vg_assessed_row *row)
{
    struct list *list = to;
    struct vg_buffer *b = list->b;

    vg_put_raw(b, list->count++ > 0 ? ",\n{\"ts\":" : "{\"ts\":");
    vg_put_time(b, row->at);
    vg_key_text(b, "ward", row->ward);
    vg_key_text(b, "bed", row->bed);
    vg_key_text_or_null(b, "patient", row->patient);
    vg_key_text_or_null(b, "episode", row->episode);
    vg_put_raw(b, row->length > 0 ? "," : "");
    vg_buffer_add(b, row->json, row->length);
    vg_put_raw(b, "}");
    return !b->failed;
}

static bool assessments_query(const struct vg_api_call *call,
                              struct vg_api_answer *answer, struct vg_history_query *q)
{
    static const char *const names[] = {"patient", "from",  "to", "held",
                                        "limit",   "after", NULL};
    const char *held = vg_api_argument(call, "held");

    q->from = VG_UNSET;
    q->to = VG_NEVER;
    q->before = held != NULL;
    if (held != NULL && strcmp(held, "true") != 0) {
        vg_api_problem(call, answer, 400, "held can only be true");
        return false;
    }
    return vg_api_only(call, answer, names) &&
           vg_api_patient(call, answer, &q->patient) &&
           vg_api_span(call, answer, &q->from, &q->to) &&
           vg_api_limit(call, answer, &q->limit) &&
           vg_api_after(call, answer, &q->after);
}

void vg_api_assessments(struct vg_api *api, const struct vg_api_call *call,
                        struct vg_api_answer *answer)
{
    struct vg_history_query query = {0};
    struct vg_page_end end = {0};
    struct vg_error error = {"no memory"};
    struct list list = {.b = &answer->text};

    if (!assessments_query(call, answer, &query) ||
        !vg_api_may_read(api, call, answer, query.patient, "assessments")) {
        return;
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return;
    }
    vg_put_raw(list.b, "{\"assessments\":[");
    const enum vg_status status =
        vg_history_assessments(reader, &query, put_assessment, &list, &end, &error);
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
    } else {
        vg_api_history_end(call, answer, reader, &end);
    }
}
