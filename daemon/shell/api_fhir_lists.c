/* SPDX-License-Identifier: Apache-2.0
 *
 * Patients, Encounters, Flags and Communications: rows of the store, one by one, those left
 * out that a filter does not want, until the page is full.
 */
#include <string.h>

#include "shell/api_fhir.h"
#include "shell/store_question_told.h"

#define WHAT "fhir" /* as the audit trail calls it */

/* The whole of a read, or the next entry of a page. */
static void begin(struct vg_fhir_call *f, bool read, const char *id)
{
    if (!read) {
        vg_fhir_entry(f, id);
    }
}

static void end(struct vg_fhir_call *f, bool read)
{
    if (read) {
        f->rows++;
        vg_put_raw(&f->answer->text, "\n");
    } else {
        vg_fhir_entry_end(f);
    }
}

static bool may(struct vg_fhir_call *f, const char *ward, const char *patient)
{
    return vg_api_reads_in(f->api, f->call, f->answer, ward, patient, WHAT);
}

static bool fits(const struct vg_fhir_call *f, struct vg_instant from,
                 struct vg_instant to)
{
    bool all = true;

    for (size_t i = 0; i < f->date_count && all; i++) {
        all = vg_fhir_date_fits(&f->date[i], from, to);
    }
    return all;
}

/* status=in-progress,finished: one of them. */
static bool has_status(const struct vg_fhir_call *f, const char *status)
{
    const char *at = f->status;
    const size_t length = strlen(status);
    bool found = at == NULL;

    while (!found && *at != '\0') {
        const size_t size = strcspn(at, ",");
        found = size == length && strncmp(at, status, length) == 0;
        at += size + (at[size] == ',');
    }
    return found;
}

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/* VG_OK, or for a read that found nothing VG_ABSENT. */
static enum vg_status found(const struct vg_fhir_call *f, bool read,
                            enum vg_status status)
{
    return status == VG_OK && read && f->rows == 0 && f->answer->status == 200
               ? VG_ABSENT
               : status;
}

/* ---- Patient */

struct stays {
    size_t count;
    bool open;
};

static bool count_stay(void *to, const struct vg_episode *episode)
{
    struct stays *stays = to;

    stays->count++;
    stays->open = stays->open || vg_is_never(episode->end);
    return true;
}

enum vg_status vg_fhir_patient(struct vg_fhir_call *f, bool read)
{
    struct stays stays = {0, false};
    char patient[VG_PATIENT_LEN + 1];
    char id[VG_FHIR_ID_LEN + 1];

    if (f->id == NULL) {
        vg_error_set(&f->error, "say which: _id=p-0042 or identifier=p-0042");
        return VG_REFUSED;
    }
    if (f->nothing || vg_fhir_patient_of(f->id, patient) != VG_OK ||
        vg_fhir_patient_id(patient, id) != VG_OK ||
        (f->patient[0] != '\0' && strcmp(f->patient, patient) != 0)) {
        return read ? VG_ABSENT : VG_OK;
    }
    if (!vg_api_may_read(f->api, f->call, f->answer, patient, WHAT)) {
        return VG_OK;
    }
    bool known = false;
    enum vg_status status =
        vg_store_episodes(f->reader, NULL, patient, count_stay, &stays, &f->error);
    if (status == VG_OK && stays.count == 0) { /* named by messages only? */
        status = vg_fhir_has_readings(f, patient, &known);
    }
    if (status == VG_OK && (known || stays.count > 0)) {
        begin(f, read, id);
        vg_fhir_put_patient(&f->answer->text, patient, stays.open);
        end(f, read);
    }
    return found(f, read, status);
}

/* ---- Encounter */

struct listing {
    struct vg_fhir_call *f;
    bool read, stopped;
};

static bool wants_stay(const struct vg_fhir_call *f, const struct vg_episode *episode)
{
    const char *status = vg_is_never(episode->end) ? "in-progress" : "finished";

    return has_status(f, status) && fits(f, episode->begin, episode->end);
}

static bool put_stay(void *to, const struct vg_episode *episode)
{
    struct listing *list = to;
    struct vg_fhir_call *f = list->f;

    if (!wants_stay(f, episode)) {
        return true;
    }
    if (f->patient[0] == '\0' && !may(f, episode->ward, episode->patient)) {
        return false;
    }
    if (!vg_fhir_room(f)) {
        return false;
    }
    begin(f, list->read, episode->id);
    vg_fhir_put_encounter(&f->answer->text, episode);
    end(f, list->read);
    f->last = (struct vg_cursor){.set = true, .at = episode->begin.ms};
    (void)vg_copy(f->last.id, sizeof f->last.id, episode->id);
    return !f->answer->text.failed;
}

enum vg_status vg_fhir_encounter(struct vg_fhir_call *f, bool read)
{
    struct listing list = {f, read, false};
    const struct vg_episodes_query query = {.id = f->id,
                                            .patient = or_null(f->patient),
                                            .from = VG_UNSET,
                                            .to = VG_NEVER,
                                            .after = f->after};
    struct vg_page_end ignored = {0};

    if (f->id == NULL && f->patient[0] == '\0') {
        vg_error_set(&f->error, "say whose: patient=p-0042");
        return VG_REFUSED;
    }
    if (f->nothing) {
        return VG_OK;
    }
    if (f->patient[0] != '\0' &&
        !vg_api_may_read(f->api, f->call, f->answer, f->patient, WHAT)) {
        return VG_OK;
    }
    return found(
        f, read,
        vg_history_episodes(f->reader, &query, put_stay, &list, &ignored, &f->error));
}

/* ---- Flag */

static bool wants_alert(const struct vg_fhir_call *f, const struct vg_alert *alert)
{
    const bool open = vg_alert_open(alert);

    return has_status(f, open ? "active" : "inactive") &&
           (f->episode[0] == '\0' || strcmp(f->episode, alert->episode) == 0) &&
           fits(f, alert->raised, open ? VG_NEVER : alert->at);
}

static bool put_alert(void *to, const char *json, size_t length)
{
    struct listing *list = to;
    struct vg_fhir_call *f = list->f;
    struct vg_alert alert;

    if (vg_decode_alert(json, length, &alert) != VG_OK) {
        vg_error_set(&f->error, "an alert in the store is unreadable");
        list->stopped = true;
        return false;
    }
    if (!wants_alert(f, &alert)) {
        return true;
    }
    if (list->read && !may(f, alert.ward, alert.patient)) {
        return false;
    }
    if (!vg_fhir_room(f)) {
        return false;
    }
    begin(f, list->read, alert.id);
    vg_fhir_put_flag(&f->answer->text, &alert);
    end(f, list->read);
    f->last = (struct vg_cursor){.set = true};
    (void)vg_copy(f->last.id, sizeof f->last.id, alert.id);
    return !f->answer->text.failed;
}

enum vg_status vg_fhir_flag(struct vg_fhir_call *f, bool read)
{
    struct listing list = {f, read, false};
    struct vg_alerts_query query = {.of = {.state = VG_ALERTS_ALL,
                                           .id = f->id,
                                           .patient = or_null(f->patient),
                                           .from = VG_UNSET,
                                           .to = VG_NEVER},
                                    .after = f->after};
    struct vg_page_end ignored = {0};

    if (f->nothing) {
        return VG_OK;
    }
    if (!read && (!vg_api_ward(f->call, f->answer, &query.of.ward) ||
                  !may(f, f->call->who.user.ward, f->patient))) {
        return VG_OK;
    }
    const enum vg_status status =
        vg_history_alerts(f->reader, &query, put_alert, &list, &ignored, &f->error);
    return list.stopped ? VG_FAILED : found(f, read, status);
}

/* ---- Communication */

static bool put_told(void *to, const struct vg_told_row *row)
{
    struct listing *list = to;
    struct vg_fhir_call *f = list->f;
    struct vg_alert alert;
    const struct vg_fhir_told told = {.id = row->id,
                                      .answer = row->answer,
                                      .who = row->who,
                                      .what = row->what,
                                      .text = row->text,
                                      .result = row->result,
                                      .at = row->at,
                                      .received = row->received,
                                      .sent = row->sent,
                                      .settled = row->settled,
                                      .alert = &alert};

    if (vg_decode_alert(row->json, row->length, &alert) != VG_OK) {
        vg_error_set(&f->error, "an alert in the store is unreadable");
        list->stopped = true;
        return false;
    }
    if (f->patient[0] == '\0' && !may(f, alert.ward, alert.patient)) {
        return false;
    }
    if (!vg_fhir_room(f)) {
        return false;
    }
    begin(f, list->read, row->id);
    vg_fhir_put_communication(&f->answer->text, &told);
    end(f, list->read);
    f->last = (struct vg_cursor){.set = true, .at = row->at.ms, .order = row->order};
    return !f->answer->text.failed;
}

enum vg_status vg_fhir_communication(struct vg_fhir_call *f, bool read)
{
    struct listing list = {f, read, false};
    const struct vg_told_query query = {.patient = or_null(f->patient),
                                        .id = f->id,
                                        .from = f->from,
                                        .to = f->to,
                                        .after = f->after};

    if (f->id == NULL && f->patient[0] == '\0') {
        vg_error_set(&f->error, "say whose: patient=p-0042");
        return VG_REFUSED;
    }
    if (f->nothing) {
        return VG_OK;
    }
    if (f->patient[0] != '\0' &&
        !vg_api_may_read(f->api, f->call, f->answer, f->patient, WHAT)) {
        return VG_OK;
    }
    const enum vg_status status =
        vg_history_told(f->reader, &query, put_told, &list, &f->error);
    return list.stopped ? VG_FAILED : found(f, read, status);
}
