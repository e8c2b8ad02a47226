/* SPDX-License-Identifier: Apache-2.0
 *
 * Patients, who are a pseudonym and nothing else, and their episodes as Encounters.
 */
#include <stdio.h>

#include "encode_parts.h"
#include "fhir.h"

void vg_fhir_put_patient(struct vg_buffer *b, const char *pseudonym, bool active)
{
    char id[VG_FHIR_ID_LEN + 1];

    vg_put_raw(b, "{\"resourceType\":\"Patient\"");
    if (vg_fhir_patient_id(pseudonym, id) == VG_OK) {
        vg_key_text(b, "id", id);
    }
    vg_key(b, "identifier");
    vg_put_raw(b, "[{\"system\":\"urn:vigil:patient\"");
    vg_key_text(b, "value", pseudonym);
    vg_put_raw(b, "}]");
    vg_key_bool(b, "active", active);
    vg_put_raw(b, "}");
}

static void key_bed(struct vg_buffer *b, const struct vg_episode *e, bool open)
{
    char text[2 * VG_ID_LEN + 16];

    vg_key(b, "location");
    vg_put_raw(b, "[{\"location\":{\"type\":\"Location\",\"identifier\":{\"system\":"
                  "\"urn:vigil:bed\"");
    (void)snprintf(text, sizeof text, "%s/%s", e->ward, e->bed);
    vg_key_text(b, "value", text);
    (void)snprintf(text, sizeof text, "ward %s, bed %s", e->ward, e->bed);
    vg_put_raw(b, "}");
    vg_key_text(b, "display", text);
    vg_put_raw(b, "}");
    vg_key_text(b, "status", open ? "active" : "completed");
    vg_put_raw(b, "}]");
}

static void key_type(struct vg_buffer *b, const struct vg_episode *e)
{
    char text[64];

    (void)snprintf(text, sizeof text, "watched after an infusion of cells%s%s",
                   e->product != VG_PRODUCT_UNKNOWN ? ": " : "",
                   vg_product_text(e->product));
    vg_key(b, "type");
    vg_put_raw(b, "[{\"text\":");
    vg_put_string(b, text);
    vg_put_raw(b, "}]");
}

void vg_fhir_put_encounter(struct vg_buffer *b, const struct vg_episode *e)
{
    const bool open = vg_is_never(e->end);

    vg_put_raw(b, "{\"resourceType\":\"Encounter\"");
    vg_key_text(b, "id", e->id);
    vg_put_raw(b, ",\"identifier\":[{\"system\":\"urn:vigil:episode\"");
    vg_key_text(b, "value", e->id);
    vg_put_raw(b, "}]");
    vg_key_text(b, "status", open ? "in-progress" : "finished");
    vg_key(b, "class");
    vg_fhir_put_coding(b, true, VG_FHIR_TERMS "v3-ActCode",
                       e->outpatient ? "AMB" : "IMP");
    key_type(b, e);
    vg_fhir_key_patient(b, "subject", e->patient);
    vg_key(b, "period");
    vg_put_raw(b, "{\"start\":");
    vg_put_time(b, e->begin);
    if (!open) {
        vg_key_time(b, "end", e->end);
    }
    vg_put_raw(b, "}");
    key_bed(b, e, open);
    vg_put_raw(b, "}");
}
