/* SPDX-License-Identifier: Apache-2.0
 *
 * What is served: one table, which the search asks and /metadata shows.
 */
#include <string.h>

#include "encode_parts.h"
#include "fhir.h"

#define PARAMETERS 10

struct parameter {
    const char *name, *type, *about;
};

static const struct resource {
    const char *name, *about;
    struct parameter parameter[PARAMETERS]; /* name NULL ends them */
} resources[VG_FHIR_TYPES] = {
    [VG_FHIR_PATIENT] =
        {"Patient",
         "A pseudonym, and whether an episode is open; no name is known here.",
         {{"_id", "token", "The pseudonym as an id"},
          {"identifier", "token", "The pseudonym; system urn:vigil:patient"},
          {"_count", "number", "1 to 1000"}}},
    [VG_FHIR_ENCOUNTER] =
        {"Encounter",
         "A monitored stay, newest first.",
         {{"_id", "token", "The episode"},
          {"identifier", "token", "The same; system urn:vigil:episode"},
          {"patient", "reference", "Required unless _id or identifier is given"},
          {"subject", "reference", "The same as patient"},
          {"date", "date", "Of the period; prefixes eq ne gt ge lt le sa eb ap"},
          {"status", "token", "in-progress or finished"},
          {"_sort", "special", "-date, which is the order anyway"},
          {"_count", "number", "1 to 1000, usually 100"}}},
    [VG_FHIR_OBSERVATION] =
        {"Observation",
         "Readings and computed scores of one patient. A blood pressure is one panel: it is "
         "found by the codes of its components, too.",
         {{"_id", "token", "One observation"},
          {"patient", "reference", "Required unless _id is given"},
          {"subject", "reference", "The same as patient"},
          {"code", "token",
           "One or several, between commas: 8310-5,http://loinc.org|8867-4"},
          {"category", "token", "vital-signs, laboratory, survey, exam, therapy"},
          {"date", "date",
           "Of the measurement; prefixes eq gt ge lt le sa eb; may be repeated"},
          {"_sort", "special", "date (oldest first, as without it) or -date"},
          {"_count", "number", "1 to 1000, usually 100"}}},
    [VG_FHIR_FLAG] = {"Flag",
                      "Alerts, open and ended, in the order of their onset.",
                      {{"_id", "token", "The alert"},
                       {"identifier", "token", "The same; system urn:vigil:alert"},
                       {"patient", "reference", "Without it those of everybody"},
                       {"subject", "reference", "The same as patient"},
                       {"date", "date",
                        "Of the period; prefixes eq ne gt ge lt le sa eb ap"},
                       {"status", "token", "active or inactive"},
                       {"encounter", "reference", "The episode"},
                       {"_sort", "special", "date, which is the order anyway"},
                       {"_count", "number", "1 to 1000, usually 100"}}},
    [VG_FHIR_COMMUNICATION] =
        {"Communication",
         "Pages about alerts and what people answered, oldest first.",
         {{"_id", "token", "One of them"},
          {"patient", "reference", "Required unless _id is given"},
          {"subject", "reference", "The same as patient"},
          {"sent", "date", "When; prefixes eq gt ge lt le sa eb; may be repeated"},
          {"_sort", "special", "sent, which is the order anyway"},
          {"_count", "number", "1 to 1000, usually 100"}}},
};

const char *vg_fhir_type_text(enum vg_fhir_type type)
{
    return resources[type].name;
}

enum vg_status vg_fhir_type_find(const char *text, enum vg_fhir_type *out)
{
    for (unsigned i = 0; i < VG_FHIR_TYPES; i++) {
        if (strcmp(resources[i].name, text) == 0) {
            *out = (enum vg_fhir_type)i;
            return VG_OK;
        }
    }
    return VG_ABSENT;
}

bool vg_fhir_searchable(enum vg_fhir_type type, const char *parameter)
{
    const struct parameter *at = resources[type].parameter;

    for (size_t i = 0; i < PARAMETERS && at[i].name != NULL; i++) {
        if (strcmp(at[i].name, parameter) == 0) {
            return true;
        }
    }
    return false;
}

/* Those with an underscore are no search parameters to FHIR but for _id. */
static void put_parameters(struct vg_buffer *b, const struct resource *resource)
{
    bool first = true;

    vg_key(b, "searchParam");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < PARAMETERS && resource->parameter[i].name != NULL; i++) {
        const struct parameter *p = &resource->parameter[i];
        vg_put_raw(b, first ? "{\"name\":" : ",{\"name\":");
        vg_put_string(b, p->name);
        vg_key_text(b, "type", p->type);
        vg_key_text(b, "documentation", p->about);
        vg_put_raw(b, "}");
        first = false;
    }
    vg_put_raw(b, "]");
}

static void put_resource(struct vg_buffer *b, const struct resource *resource)
{
    vg_put_raw(b, "{\"type\":");
    vg_put_string(b, resource->name);
    vg_key_text(b, "documentation", resource->about);
    vg_put_raw(b, ",\"interaction\":[{\"code\":\"read\"},{\"code\":\"search-type\"}],"
                  "\"versioning\":\"no-version\",\"conditionalRead\":\"not-match\"");
    put_parameters(b, resource);
    vg_put_raw(b, "}");
}

void vg_fhir_put_metadata(struct vg_buffer *b, const char *base, const char *version)
{
    vg_put_raw(b, "{\"resourceType\":\"CapabilityStatement\",\"status\":\"active\","
                  "\"date\":\"2026-11-28\",\"kind\":\"instance\","
                  "\"fhirVersion\":\"4.0.1\",\"format\":[\"json\"],"
                  "\"software\":{\"name\":\"vigil\",\"version\":");
    vg_put_string(b, version);
    vg_put_raw(b, "},\"implementation\":{\"description\":\"What vigil knows of its "
                  "patients, read only\"");
    if (base[0] != '\0') {
        vg_key_text(b, "url", base);
    }
    vg_put_raw(b, "},\"rest\":[{\"mode\":\"server\",\"documentation\":");
    vg_put_string(
        b, "Searches by GET. A parameter that is not known is ignored, and left "
           "out of the link \"self\"; with Prefer: handling=strict it is an error.");
    vg_put_raw(b, ",\"resource\":[");
    for (unsigned i = 0; i < VG_FHIR_TYPES; i++) {
        vg_put_raw(b, i == 0 ? "" : ",");
        put_resource(b, &resources[i]);
    }
    vg_put_raw(b, "]}]}\n");
}
