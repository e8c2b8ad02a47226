/* SPDX-License-Identifier: Apache-2.0
 *
 * The last six hours of all patients of a ward in steps of ten minutes, for the small curves on a
 * board: one question where a question for each patient kept a board busy for longer than all else.
 */
#include <stdio.h>
#include <string.h>

#include "shell/api.h"
#include "shell/history.h"
#include "wire/encode_parts.h"

#define SPAN (6 * VG_HOUR)
#define STEP (10 * VG_MINUTE)

struct ward {
    struct vg_buffer *b;
    struct vg_reader *reader;
    struct vg_error *error;
    struct vg_instant begin; /* of the first step */
    size_t steps;            /* of the patient, told */
};

struct patient {
    char patient[VG_PATIENT_LEN + 1], bed[VG_ID_LEN + 1];
};

/* ["hr",k,min,max,mean]: the k-th step from `from` on. */
static bool put_step(void *to, const struct vg_history_step *step)
{
    struct ward *ward = to;
    struct vg_buffer *b = ward->b;
    struct vg_decimal mean = {0, 0};
    char text[64];

    (void)snprintf(text, sizeof text, "%.2f", step->mean);
    (void)vg_decimal_parse(text, strlen(text), &mean);
    vg_put_raw(b, ward->steps++ > 0 ? ",[" : "[");
    vg_put_string(b, vg_signal_info(step->signal)->code);
    vg_put_raw(b, ",");
    vg_put_int(b, vg_since(step->at, ward->begin) / STEP);
    vg_put_raw(b, ",");
    vg_put_decimal(b, vg_decimal_of(step->min, VG_HISTORY_PLACES));
    vg_put_raw(b, ",");
    vg_put_decimal(b, vg_decimal_of(step->max, VG_HISTORY_PLACES));
    vg_put_raw(b, ",");
    vg_put_decimal(b, mean);
    vg_put_raw(b, "]");
    return !b->failed;
}

/* Kept until the list is done: the reader answers one question at a time. */
static bool keep_patient(void *to, const struct vg_episode *episode)
{
    struct patient patient;

    memset(&patient, 0, sizeof patient);
    (void)vg_copy(patient.patient, sizeof patient.patient, episode->patient);
    (void)vg_copy(patient.bed, sizeof patient.bed, episode->bed);
    vg_buffer_add(to, (const char *)&patient, sizeof patient);
    return !((struct vg_buffer *)to)->failed;
}

static enum vg_status put_patient(struct ward *ward, const struct patient *patient)
{
    const uint64_t drawn =
        1U << VG_HR | 1U << VG_RR | 1U << VG_SPO2 | 1U << VG_SBP | 1U << VG_TEMP;
    const struct vg_history_query query = {.patient = patient->patient,
                                           .signals = drawn,
                                           .from = ward->begin,
                                           .to = VG_NEVER,
                                           .step = STEP};
    struct vg_page_end end = {0};

    vg_put_raw(ward->b, "\n{\"patient\":");
    vg_put_string(ward->b, patient->patient);
    vg_key_text(ward->b, "bed", patient->bed);
    vg_put_raw(ward->b, ",\"steps\":[");
    ward->steps = 0;
    const enum vg_status status =
        vg_history_steps(ward->reader, &query, put_step, ward, &end, ward->error);
    vg_put_raw(ward->b, "]}");
    return ward->b->failed ? VG_NO_MEMORY : status;
}

static enum vg_status put_patients(struct ward *ward, const struct vg_buffer *list)
{
    const size_t count = list->length / sizeof(struct patient);
    enum vg_status status = list->failed ? VG_NO_MEMORY : VG_OK;

    for (size_t i = 0; i < count && status == VG_OK; i++) {
        struct patient patient;
        memcpy(&patient, list->bytes + i * sizeof patient, sizeof patient);
        vg_put_raw(ward->b, i > 0 ? "," : "");
        status = put_patient(ward, &patient);
    }
    return status;
}

static struct vg_instant first_step(struct vg_instant now)
{
    const vg_ms from = now.ms - SPAN;

    return (struct vg_instant){from - from % STEP};
}

void vg_api_trends(struct vg_api *api, const struct vg_api_call *call,
                   struct vg_api_answer *answer)
{
    static const char *const names[] = {NULL};
    const char *name = call->part[3];
    struct vg_error error = {"no memory"};
    struct ward ward = {
        .b = &answer->text, .error = &error, .begin = first_step(call->now)};
    const struct vg_episodes_query lying = {
        .ward = name, .open_only = true, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_page_end end = {0};
    struct vg_buffer list = {0};

    if (!vg_api_only(call, answer, names) || !vg_api_ward(call, answer, &name) ||
        !vg_api_ward_known(api->live, call, answer, name) ||
        !vg_api_reads_in(api, call, answer, name, "", "trends")) {
        return;
    }
    ward.reader = vg_api_reader(api, call, answer);
    if (ward.reader == NULL) {
        return;
    }
    vg_put_raw(ward.b, "{\"from\":");
    vg_put_time(ward.b, ward.begin);
    vg_key_int(ward.b, "step_s", STEP / VG_SECOND);
    vg_key_text(ward.b, "ward", name);
    vg_put_raw(ward.b, ",\"trends\":[");
    enum vg_status status =
        vg_history_episodes(ward.reader, &lying, keep_patient, &list, &end, &error);
    if (status == VG_OK) {
        status = put_patients(&ward, &list);
    }
    vg_buffer_finish(&list);
    vg_put_raw(ward.b, "]}\n");
    answer->changing = true;
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
    }
}
