/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings as Observations: vital signs by FHIR's vital-signs profiles, laboratory results, and
 * what else has a number. A number that cannot be used as one is said to be absent, with
 * the reason; what was sent stands in a note.
 */
#include <string.h>

#include "encode_parts.h"
#include "fhir.h"

/* The LOINC code of where a temperature was measured. */
static const char *const sites[VG_METHOD_COUNT] = {
    [VG_METHOD_ORAL] = "8331-1",     [VG_METHOD_TYMPANIC] = "8333-7",
    [VG_METHOD_AXILLARY] = "8328-7", [VG_METHOD_RECTAL] = "8332-9",
    [VG_METHOD_CORE] = "8329-5",
};

static bool is_panel(const struct vg_fhir_reading *r)
{
    return r->part[0] == NULL || r->part[0]->signal == VG_SBP;
}

/* The one that is there. */
static const struct vg_reading *first_of(const struct vg_fhir_reading *r)
{
    return r->part[0] != NULL ? r->part[0] : r->part[1];
}

/* ---- The resource */

static void put_head(struct vg_buffer *b, const struct vg_fhir_reading *r)
{
    const struct vg_fhir_kind kind = vg_fhir_kind(first_of(r)->signal);

    vg_put_raw(b, "{\"resourceType\":\"Observation\"");
    vg_key_text(b, "id", r->id);
    if (kind.profile != NULL) {
        vg_key(b, "meta");
        vg_put_raw(b, "{\"profile\":[\"http://hl7.org/fhir/StructureDefinition/");
        vg_put_raw(b, kind.profile);
        vg_put_raw(b, "\"]}");
    }
    vg_key_text(b, "status", "final");
    vg_key(b, "category");
    vg_put_raw(b, "[");
    vg_fhir_put_concept(b, VG_FHIR_TERMS "observation-category",
                        vg_fhir_kind(first_of(r)->signal).category, NULL);
    vg_put_raw(b, "]");
}

/* Codes of one signal: LOINC's, the second one, the site's, and our own. */
static void put_codes(struct vg_buffer *b, const struct vg_reading *r)
{
    const char *first = vg_signal_loinc(r->signal);
    const char *beside = vg_fhir_kind(r->signal).beside;
    const char *site = r->signal == VG_TEMP ? sites[r->method] : NULL;

    vg_put_raw(b, "{\"coding\":[");
    if (beside != NULL) {
        vg_fhir_put_coding(b, true, VG_FHIR_LOINC, beside);
    }
    if (first != NULL) {
        vg_fhir_put_coding(b, beside == NULL, VG_FHIR_LOINC, first);
    }
    if (site != NULL) {
        vg_fhir_put_coding(b, false, VG_FHIR_LOINC, site);
    }
    vg_fhir_put_coding(b, first == NULL, VG_FHIR_SIGNAL,
                       vg_signal_info(r->signal)->code);
    vg_put_raw(b, "]");
    vg_key_text(b, "text", vg_signal_info(r->signal)->label);
    vg_put_raw(b, "}");
}

static void put_panel_codes(struct vg_buffer *b)
{
    vg_put_raw(b, "{\"coding\":[");
    vg_fhir_put_coding(b, true, VG_FHIR_LOINC, VG_FHIR_PANEL);
    vg_fhir_put_coding(b, false, VG_FHIR_SIGNAL, "bp");
    vg_put_raw(b, "]");
    vg_key_text(b, "text", "blood pressure");
    vg_put_raw(b, "}");
}

/* Why it is no number that anybody may use; NULL: it is one. */
static const char *absence(const struct vg_reading *r)
{
    if (r->quality == VG_QUALITY_CALIBRATING) {
        return "temp-unknown";
    }
    return r->quality > VG_QUALITY_QUESTIONABLE || r->out_of_range ? "error" : NULL;
}

static void key_value(struct vg_buffer *b, const struct vg_reading *r,
                      struct vg_decimal value)
{
    const char *absent = absence(r);

    if (absent != NULL) {
        vg_fhir_key_absent(b, absent);
    } else {
        vg_fhir_key_quantity(b, "valueQuantity", value,
                             vg_signal_info(r->signal)->unit);
    }
}

/* Both, always: one that did not come is absent, not normal. */
static void key_components(struct vg_buffer *b, const struct vg_fhir_reading *r)
{
    static const enum vg_signal signals[] = {VG_SBP, VG_DBP};

    vg_key(b, "component");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < 2; i++) {
        const struct vg_reading stand_in = {.signal = signals[i]};
        const struct vg_reading *part = r->part[i];
        vg_put_raw(b, i == 0 ? "{\"code\":" : ",{\"code\":");
        put_codes(b, part != NULL ? part : &stand_in);
        if (part != NULL) {
            key_value(b, part, r->value[i]);
        } else {
            vg_fhir_key_absent(b, "unknown");
        }
        vg_put_raw(b, "}");
    }
    vg_put_raw(b, "]");
}

static void put_note(struct vg_buffer *b, bool *first, const char *before,
                     const struct vg_reading *r, const char *after)
{
    char text[VG_DECIMAL_TEXT];
    struct vg_buffer note = {0};

    (void)vg_decimal_format(r->raw, text, sizeof text);
    vg_put_raw(&note, before);
    vg_put_raw(&note, text);
    vg_put_raw(&note, r->unit == VG_UNIT_NONE ? "" : " ");
    vg_put_raw(&note, vg_unit_text(r->unit));
    vg_put_raw(&note, after);
    b->failed = b->failed || note.failed;
    if (!b->failed) {
        vg_put_raw(b, *first ? ",\"note\":[{\"text\":" : ",{\"text\":");
        vg_put_string(b, note.bytes);
        vg_put_raw(b, "}");
        *first = false;
    }
    vg_buffer_finish(&note);
}

/* What its sender said that has no field: another unit, doubts. */
static void key_notes(struct vg_buffer *b, const struct vg_fhir_reading *r)
{
    bool first = true;

    for (size_t i = 0; i < 2; i++) {
        const struct vg_reading *part = r->part[i];
        if (part == NULL) {
            continue;
        }
        const struct vg_signal_info *info = vg_signal_info(part->signal);
        if (absence(part) != NULL) {
            put_note(b, &first, "Sent as ", part, ", not usable as a number.");
        } else if (part->unit != info->unit && part->unit != VG_UNIT_NONE) {
            put_note(b, &first, "Sent as ", part, ".");
        }
        if (part->quality == VG_QUALITY_QUESTIONABLE) {
            put_note(b, &first, "The sender called ", part, " questionable.");
        } else if (part->suspect && absence(part) == NULL) {
            put_note(b, &first, "", part, " is hardly plausible.");
        }
    }
    vg_put_raw(b, first ? "" : "]");
}

static void put_limit(struct vg_buffer *b, const char *before, const char *name,
                      int64_t steps, const struct vg_signal_info *info)
{
    struct vg_buffer quantity = {0};

    vg_fhir_key_quantity(&quantity, name, vg_decimal_of(steps, info->places),
                         info->unit);
    b->failed = b->failed || quantity.failed;
    if (!b->failed) {
        vg_put_raw(b, before);
        vg_put_raw(b, quantity.bytes + 1); /* without its comma */
    }
    vg_buffer_finish(&quantity);
}

/* The laboratory's own limits. */
static void key_limits(struct vg_buffer *b, const struct vg_reading *r)
{
    const struct vg_signal_info *info = vg_signal_info(r->signal);
    const bool low = r->lln != VG_NO_VALUE;

    if (info->kind != VG_LAB || (!low && r->uln == VG_NO_VALUE)) {
        return;
    }
    vg_key(b, "referenceRange");
    vg_put_raw(b, "[{");
    if (low) {
        put_limit(b, "", "low", r->lln, info);
    }
    if (r->uln != VG_NO_VALUE) {
        put_limit(b, low ? "," : "", "high", r->uln, info);
    }
    vg_put_raw(b, "}]");
}

static void key_way(struct vg_buffer *b, const struct vg_fhir_reading *r)
{
    const struct vg_reading *one = first_of(r);

    if (vg_signal_info(one->signal)->kind == VG_VITAL) {
        vg_key(b, "method");
        vg_put_raw(b, "{\"coding\":[");
        vg_fhir_put_coding(b, true, "urn:vigil:source", vg_source_text(one->source));
        vg_put_raw(b, "]}");
    }
    if (one->method != VG_METHOD_NONE) {
        vg_key(b, "bodySite");
        vg_put_raw(b, "{\"text\":");
        vg_put_string(b, vg_method_text(one->method));
        vg_put_raw(b, "}");
    }
    if (r->device[0] != '\0') {
        vg_key(b, "device");
        vg_put_raw(
            b, "{\"type\":\"Device\",\"identifier\":{\"system\":\"urn:vigil:device\"");
        vg_key_text(b, "value", r->device);
        vg_put_raw(b, "}");
        vg_key_text(b, "display", r->device);
        vg_put_raw(b, "}");
    }
}

void vg_fhir_put_reading(struct vg_buffer *b, const struct vg_fhir_reading *reading)
{
    const struct vg_reading *one = first_of(reading);
    const bool panel = is_panel(reading);

    put_head(b, reading);
    vg_key(b, "code");
    if (panel) {
        put_panel_codes(b);
    } else {
        put_codes(b, one);
    }
    vg_fhir_key_patient(b, "subject", reading->patient);
    vg_fhir_key_encounter(b, reading->episode);
    vg_key_time(b, "effectiveDateTime", one->measured);
    if (vg_is_set(reading->received)) {
        vg_key_time(b, "issued", reading->received);
    }
    if (panel) {
        key_components(b, reading);
    } else {
        key_value(b, one, reading->value[0]);
    }
    key_way(b, reading);
    key_limits(b, one);
    key_notes(b, reading);
    vg_put_raw(b, "}");
}
