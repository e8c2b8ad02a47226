/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts as Flags, and what was said about them as Communications. Both carry the sentence that
 * this is no diagnosis.
 */
#include <stdio.h>
#include <string.h>

#include "encode_parts.h"
#include "fhir.h"

/* FHIR's words for how pressing it is: of a Flag (flag-priority), of a Communication. */
static const struct urgency {
    const char *flag, *communication;
} urgencies[VG_SEVERITY_COUNT] = {
    [VG_CRITICAL] = {"PH", "stat"}, [VG_URGENT] = {"PM", "urgent"},
    [VG_WATCH] = {"PL", "routine"}, [VG_TECHNICAL] = {"PL", "routine"},
    [VG_INFO] = {"PN", "routine"},
};

/* Who is in the bed, or the bed itself, or the ward. */
static void key_subject(struct vg_buffer *b, const struct vg_alert *alert)
{
    const bool bed = alert->bed[0] != '\0' && alert->bed[0] != ':';
    char text[2 * VG_ID_LEN + 16];

    if (alert->patient[0] != '\0') {
        vg_fhir_key_patient(b, "subject", alert->patient);
        return;
    }
    (void)snprintf(text, sizeof text, "%s%s%s", alert->ward, bed ? "/" : "",
                   bed ? alert->bed : "");
    vg_key(b, "subject");
    vg_put_raw(b, "{\"type\":\"Location\",\"identifier\":{\"system\":");
    vg_put_string(b, bed ? "urn:vigil:bed" : "urn:vigil:ward");
    vg_key_text(b, "value", text);
    vg_put_raw(b, "}");
    vg_key_text(b, "display", text);
    vg_put_raw(b, "}");
}

static const char *category_of(const struct vg_alert *alert)
{
    if (alert->class_ == VG_CLASS_TECHNICAL) {
        return "admin";
    }
    return alert->class_ == VG_CLASS_LAB ? "lab" : "clinical";
}

static void key_period(struct vg_buffer *b, const struct vg_alert *alert)
{
    vg_key(b, "period");
    vg_put_raw(b, "{\"start\":");
    vg_put_time(b, alert->raised);
    if (!vg_alert_open(alert)) {
        vg_key_time(b, "end", alert->at);
    }
    vg_put_raw(b, "}");
}

void vg_fhir_put_flag(struct vg_buffer *b, const struct vg_alert *alert)
{
    char state[160];
    const char *const paragraphs[] = {alert->text, state, vg_disclaimer};

    (void)snprintf(state, sizeof state, "%s: %s, %s%s%s", alert->rule,
                   vg_severity_text(alert->severity),
                   vg_condition_text(alert->condition),
                   alert->owner[0] != '\0' ? ", taken by " : "", alert->owner);
    vg_put_raw(b, "{\"resourceType\":\"Flag\"");
    vg_key_text(b, "id", alert->id);
    vg_fhir_key_narrative(b, paragraphs, 3);
    vg_put_raw(b, ",\"extension\":[{\"url\":"
                  "\"http://hl7.org/fhir/StructureDefinition/flag-priority\","
                  "\"valueCodeableConcept\":");
    vg_fhir_put_concept(b, "http://hl7.org/fhir/flag-priority-code",
                        urgencies[alert->severity].flag,
                        vg_severity_text(alert->severity));
    vg_put_raw(b, "}],\"identifier\":[{\"system\":\"urn:vigil:alert\"");
    vg_key_text(b, "value", alert->id);
    vg_put_raw(b, "}]");
    vg_key_text(b, "status", vg_alert_open(alert) ? "active" : "inactive");
    vg_put_raw(b, ",\"category\":[");
    vg_fhir_put_concept(b, VG_FHIR_TERMS "flag-category", category_of(alert), NULL);
    vg_put_raw(b, "]");
    vg_key(b, "code");
    vg_fhir_put_concept(b, "urn:vigil:rule", alert->rule, alert->text);
    key_subject(b, alert);
    key_period(b, alert);
    vg_fhir_key_encounter(b, alert->episode);
    vg_put_raw(b, ",\"author\":{\"type\":\"Device\",\"display\":\"vigil\"}}");
}

/* ---- Communications */

static const char *status_of(const struct vg_fhir_told *told)
{
    if (told->answer || told->sent || vg_is_set(told->received)) {
        return "completed";
    }
    return told->settled ? "not-done" : "in-progress";
}

static const char *kind_of(const struct vg_fhir_told *told)
{
    if (told->answer) {
        return "notification";
    }
    if (strcmp(told->what, vg_page_text(VG_PAGE_CALL)) == 0) {
        return "alert";
    }
    return strcmp(told->what, vg_page_text(VG_PAGE_REMIND)) == 0 ? "reminder"
                                                                 : "notification";
}

/* Roles and names are the hospital's words: no resources of ours. */
static void put_party(struct vg_buffer *b, const char *type, const char *name)
{
    vg_put_raw(b, "{\"type\":");
    vg_put_string(b, type);
    vg_key_text(b, "display", name);
    vg_put_raw(b, "}");
}

static void key_parties(struct vg_buffer *b, const struct vg_fhir_told *told)
{
    vg_key(b, "recipient");
    vg_put_raw(b, "[");
    put_party(b, told->answer ? "Device" : "PractitionerRole",
              told->answer ? "vigil" : told->who);
    vg_put_raw(b, "]");
    vg_key(b, "sender");
    put_party(b, told->answer ? "PractitionerRole" : "Device",
              told->answer ? told->who : "vigil");
}

static void key_payload(struct vg_buffer *b, const struct vg_fhir_told *told)
{
    char text[VG_ALERT_TEXT + VG_NAME_LEN + VG_REASON_LEN + 64];

    if (told->answer) {
        (void)snprintf(text, sizeof text, "%s%s%s (%s)", told->what,
                       told->text[0] != '\0' ? ": " : "", told->text, told->result);
    } else {
        (void)snprintf(text, sizeof text, "%s: %s", told->alert->rule,
                       told->alert->text);
    }
    vg_put_raw(b, ",\"payload\":[{\"contentString\":");
    vg_put_string(b, text);
    vg_put_raw(b, "}]");
}

void vg_fhir_put_communication(struct vg_buffer *b, const struct vg_fhir_told *told)
{
    const struct vg_alert *alert = told->alert;

    vg_put_raw(b, "{\"resourceType\":\"Communication\"");
    vg_key_text(b, "id", told->id);
    vg_key_text(b, "status", status_of(told));
    vg_put_raw(b, ",\"category\":[");
    vg_fhir_put_concept(b, VG_FHIR_TERMS "communication-category", kind_of(told),
                        told->what);
    vg_put_raw(b, "]");
    vg_key_text(b, "priority", urgencies[alert->severity].communication);
    if (alert->patient[0] != '\0') {
        vg_fhir_key_patient(b, "subject", alert->patient);
    }
    vg_put_raw(b, ",\"about\":[{\"reference\":\"Flag/");
    vg_put_raw(b, alert->id);
    vg_put_raw(b, "\"}]");
    vg_fhir_key_encounter(b, alert->episode);
    vg_key_time(b, "sent", told->at);
    if (vg_is_set(told->received)) {
        vg_key_time(b, "received", told->received);
    }
    key_parties(b, told);
    key_payload(b, told);
    vg_put_raw(b, ",\"note\":[{\"text\":");
    vg_put_string(b, vg_disclaimer);
    vg_put_raw(b, "}]}");
}
