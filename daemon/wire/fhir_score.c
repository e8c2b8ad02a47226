/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores as derived Observations: as they were when alerts were raised.
 */
#include <string.h>

#include "encode_parts.h"
#include "fhir.h"
#include "json.h"

#define BIT(signal) ((uint64_t)1 << VG_##signal)

/* `uses`: signals that go into it (Clinical reference 1, 2, 4). */
static const struct score {
    const char *code, *label, *incomplete;
    uint64_t uses;
} scores[VG_FHIR_SCORES] = {
    [VG_FHIR_NEWS2] = {"news2", "National Early Warning Score 2 (NEWS2)",
                       "Incomplete: parts are missing, the score is at least this.",
                       BIT(RR) | BIT(SPO2) | BIT(O2_FLOW) | BIT(FIO2) | BIT(SBP) |
                           BIT(HR) | BIT(TEMP)},
    [VG_FHIR_CRS] = {"crs",
                     "Grade of a pattern compatible with cytokine release syndrome "
                     "(ASTCT 2019)",
                     "",
                     BIT(TEMP) | BIT(SBP) | BIT(DBP) | BIT(MAP) | BIT(SPO2) |
                         BIT(O2_FLOW) | BIT(FIO2)},
    [VG_FHIR_ICANS] = {"icans",
                       "Grade of a pattern compatible with immune effector "
                       "cell-associated neurotoxicity syndrome (ASTCT 2019)",
                       "Incomplete: parts are missing, the grade is at least this.",
                       BIT(ICE)},
};

const char *vg_fhir_score_text(enum vg_fhir_score score)
{
    return scores[score].code;
}

enum vg_status vg_fhir_score_find(const char *text, enum vg_fhir_score *out)
{
    for (unsigned i = 0; i < VG_FHIR_SCORES; i++) {
        if (strcmp(scores[i].code, text) == 0) {
            *out = (enum vg_fhir_score)i;
            return VG_OK;
        }
    }
    return VG_ABSENT;
}

bool vg_fhir_scored_of(const struct vg_alert *alert, enum vg_fhir_score which,
                       struct vg_fhir_scored *out)
{
    const struct vg_scores *s = &alert->scores;
    const int values[VG_FHIR_SCORES] = {
        [VG_FHIR_NEWS2] = s->news2, [VG_FHIR_CRS] = s->crs, [VG_FHIR_ICANS] = s->icans};
    const bool complete[VG_FHIR_SCORES] = {[VG_FHIR_NEWS2] = s->news2_complete,
                                           [VG_FHIR_CRS] = true,
                                           [VG_FHIR_ICANS] = s->icans_complete};

    if (values[which] == VG_GRADE_NULL || alert->patient[0] == '\0') {
        return false;
    }
    *out = (struct vg_fhir_scored){.which = which,
                                   .value = values[which],
                                   .complete = complete[which],
                                   .masked = which == VG_FHIR_CRS && s->masked,
                                   .at = alert->raised};
    (void)vg_copy(out->patient, sizeof out->patient, alert->patient);
    (void)vg_copy(out->episode, sizeof out->episode, alert->episode);
    for (size_t i = 0; i < alert->evidence_count; i++) {
        const struct vg_evidence *e = &alert->evidence[i];
        if (e->signal < VG_MEASURED_COUNT && (scores[which].uses >> e->signal & 1)) {
            out->evidence[out->evidence_count++] = *e;
        }
    }
    return true;
}

static int grade_of(const cJSON *json, const char *name, bool *complete)
{
    const char *const names[] = {name, "complete"};
    const cJSON *field[2];
    int64_t value;

    vg_json_pick(json, names, 2, field);
    *complete = field[1] == NULL || cJSON_IsTrue(field[1]);
    return vg_json_integer(field[0], &value) && value >= 0 && value <= 100
               ? (int)value
               : VG_GRADE_NULL;
}

enum vg_status vg_fhir_known_parse(const char *json, size_t length,
                                   struct vg_fhir_known *out)
{
    static const char *const names[] = {"news2", "crs", "icans"};
    static const char *const values[VG_FHIR_SCORES] = {
        [VG_FHIR_NEWS2] = "score", [VG_FHIR_CRS] = "grade", [VG_FHIR_ICANS] = "grade"};
    static const char *const masked[] = {"fever_may_be_masked"};
    struct vg_buffer whole = {0};
    const cJSON *field[VG_FHIR_SCORES];
    const cJSON *mask;

    vg_put_raw(&whole, "{");
    vg_buffer_add(&whole, json, length);
    vg_put_raw(&whole, "}");
    cJSON *root =
        whole.failed ? NULL : cJSON_ParseWithLength(whole.bytes, whole.length);
    const bool good = cJSON_IsObject(root);
    vg_json_pick(root, names, VG_FHIR_SCORES, field);
    for (unsigned i = 0; i < VG_FHIR_SCORES; i++) {
        out->value[i] = grade_of(field[i], values[i], &out->complete[i]);
    }
    vg_json_pick(field[VG_FHIR_CRS], masked, 1, &mask);
    out->masked = cJSON_IsTrue(mask);
    cJSON_Delete(root);
    vg_buffer_finish(&whole);
    return good ? VG_OK : VG_REFUSED;
}

void vg_fhir_scored_merge(struct vg_fhir_scored *into,
                          const struct vg_fhir_scored *other)
{
    into->value = other->value > into->value ? other->value : into->value;
    into->complete = into->complete && other->complete;
    into->masked = into->masked || other->masked;
    for (size_t i = 0;
         i < other->evidence_count && into->evidence_count < VG_FHIR_EVIDENCE; i++) {
        into->evidence[into->evidence_count++] = other->evidence[i];
    }
}

/* The readings of the alert's evidence that go into the score, each once. */
static void key_derived(struct vg_buffer *b, const struct vg_fhir_scored *s)
{
    char id[VG_FHIR_ID_LEN + 1];
    char known[VG_FHIR_EVIDENCE][VG_FHIR_ID_LEN + 1];
    size_t count = 0;

    for (size_t i = 0; i < s->evidence_count; i++) {
        const struct vg_reading reading = {.signal = s->evidence[i].signal,
                                           .source = s->evidence[i].source,
                                           .measured = s->evidence[i].measured};
        size_t same = 0;
        vg_fhir_reading_id(id, s->patient, &reading, 0);
        while (same < count && strcmp(known[same], id) != 0) {
            same++;
        }
        if (same == count) {
            (void)vg_copy(known[count++], sizeof *known, id);
            vg_put_raw(b, count == 1 ? ",\"derivedFrom\":[{\"reference\":\"Observation/"
                                     : ",{\"reference\":\"Observation/");
            vg_put_raw(b, id);
            vg_put_raw(b, "\"}");
        }
    }
    vg_put_raw(b, count > 0 ? "]" : "");
}

static void put_note(struct vg_buffer *b, const char *text)
{
    vg_put_raw(b, ",{\"text\":");
    vg_put_string(b, text);
    vg_put_raw(b, "}");
}

static void key_notes(struct vg_buffer *b, const struct vg_fhir_scored *s)
{
    vg_key(b, "note");
    vg_put_raw(b, "[{\"text\":");
    vg_put_string(b, vg_disclaimer);
    vg_put_raw(b, "}");
    if (!s->complete) {
        put_note(b, scores[s->which].incomplete);
    }
    if (s->masked) {
        put_note(b, "A drug may hide fever: the grade may be higher.");
    }
    vg_put_raw(b, "]");
}

void vg_fhir_put_scored(struct vg_buffer *b, const struct vg_fhir_scored *scored)
{
    const struct score *score = &scores[scored->which];
    char id[VG_FHIR_ID_LEN + 1];

    vg_fhir_scored_id(id, scored);
    vg_put_raw(b, "{\"resourceType\":\"Observation\"");
    vg_key_text(b, "id", id);
    vg_key_text(b, "status", "final");
    vg_key(b, "category");
    vg_put_raw(b, "[");
    vg_fhir_put_concept(b, VG_FHIR_TERMS "observation-category", "survey", NULL);
    vg_put_raw(b, "]");
    vg_key(b, "code");
    vg_fhir_put_concept(b, "urn:vigil:score", score->code, score->label);
    vg_fhir_key_patient(b, "subject", scored->patient);
    vg_fhir_key_encounter(b, scored->episode);
    vg_key_time(b, "effectiveDateTime", scored->at);
    vg_key_int(b, "valueInteger", scored->value);
    vg_put_raw(b, ",\"device\":{\"type\":\"Device\",\"display\":\"vigil\"}");
    key_derived(b, scored);
    key_notes(b, scored);
    vg_put_raw(b, "}");
}
