/* SPDX-License-Identifier: Apache-2.0
 *
 * What resources are made of: references, concepts, quantities, text for people.
 */
#include <stdio.h>
#include <string.h>

#include "encode_parts.h"
#include "fhir.h"

void vg_fhir_put_coding(struct vg_buffer *b, bool first, const char *system,
                        const char *code)
{
    vg_put_raw(b, first ? "{\"system\":" : ",{\"system\":");
    vg_put_string(b, system);
    vg_key_text(b, "code", code);
    vg_put_raw(b, "}");
}

void vg_fhir_put_concept(struct vg_buffer *b, const char *system, const char *code,
                         const char *text)
{
    vg_put_raw(b, "{\"coding\":[");
    vg_fhir_put_coding(b, true, system, code);
    vg_put_raw(b, "]");
    if (text != NULL) {
        vg_key_text(b, "text", text);
    }
    vg_put_raw(b, "}");
}

void vg_fhir_key_patient(struct vg_buffer *b, const char *key, const char *pseudonym)
{
    char reference[VG_FHIR_ID_LEN + 16] = "Patient/";
    const bool named =
        vg_fhir_patient_id(pseudonym, reference + strlen(reference)) == VG_OK;

    vg_key(b, key);
    vg_put_raw(b, "{");
    if (named) {
        vg_put_raw(b, "\"reference\":");
        vg_put_string(b, reference);
        vg_put_raw(b, ",");
    }
    vg_put_raw(b, "\"identifier\":{\"system\":\"urn:vigil:patient\",\"value\":");
    vg_put_string(b, pseudonym);
    vg_put_raw(b, "}}");
}

void vg_fhir_key_encounter(struct vg_buffer *b, const char *episode)
{
    char reference[VG_EPISODE_LEN + 16];

    if (episode[0] != '\0') {
        (void)snprintf(reference, sizeof reference, "Encounter/%s", episode);
        vg_key(b, "encounter");
        vg_put_raw(b, "{\"reference\":");
        vg_put_string(b, reference);
        vg_put_raw(b, "}");
    }
}

/* A unit that is only an annotation ("{score}") is a dimensionless one to UCUM. */
void vg_fhir_key_quantity(struct vg_buffer *b, const char *key, struct vg_decimal value,
                          enum vg_unit unit)
{
    vg_key(b, key);
    vg_put_raw(b, "{\"value\":");
    vg_put_decimal(b, value);
    vg_key_text(b, "unit", vg_unit_text(unit));
    vg_key_text(b, "system", VG_FHIR_UCUM);
    vg_key_text(b, "code", vg_unit_text(unit));
    vg_put_raw(b, "}");
}

void vg_fhir_key_absent(struct vg_buffer *b, const char *reason)
{
    vg_key(b, "dataAbsentReason");
    vg_fhir_put_concept(b, VG_FHIR_TERMS "data-absent-reason", reason, NULL);
}

/* What means something to XML; the rest of JSON's and UTF-8's care is vg_put_string's. */
static void put_xml(struct vg_buffer *b, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *name = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : NULL;
        if (*text == '>') {
            name = "&gt;";
        }
        if (name != NULL) {
            vg_put_raw(b, name);
        } else if ((unsigned char)*text >= 0x20) {
            vg_buffer_add(b, text, 1);
        } else {
            vg_put_raw(b, " ");
        }
    }
}

void vg_fhir_key_narrative(struct vg_buffer *b, const char *const *paragraph,
                           size_t count)
{
    struct vg_buffer div = {0};

    vg_put_raw(&div, "<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    for (size_t i = 0; i < count; i++) {
        vg_put_raw(&div, "<p>");
        put_xml(&div, paragraph[i]);
        vg_put_raw(&div, "</p>");
    }
    vg_put_raw(&div, "</div>");
    b->failed = b->failed || div.failed;
    if (!b->failed) {
        vg_key(b, "text");
        vg_put_raw(b, "{\"status\":\"generated\",\"div\":");
        vg_put_string(b, div.bytes);
        vg_put_raw(b, "}");
    }
    vg_buffer_finish(&div);
}
