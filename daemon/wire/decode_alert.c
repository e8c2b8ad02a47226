/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads back an alert that encode_alert.c wrote: after a restart, and for queries.
 * It comes from our own store, so a fault means that the record is damaged: it is
 * refused as a whole.
 */
#include <string.h>

#include "vigil/wire.h"

#include "json.h"

enum field {
    ID,
    REV,
    N,
    EVENT,
    TS,
    WARD,
    BED,
    PATIENT,
    EPISODE,
    RULE,
    CLASS,
    SEVERITY,
    PEAK,
    CONDITION,
    LATCHED,
    LATE,
    ONSET,
    RAISED,
    SINCE_INFUSION,
    TEXT,
    EVIDENCE,
    MISSING,
    RESPONSIBILITY,
    PROTOCOL,
    REFERENCE,
    CLEAR_SINCE,
    ASSESSMENT,
    MASKED,
    CLAIMS,
    REMARK,
    GATEWAY,
    TEXT_ZH,
    REFERENCE_ZH,
    FIELD_COUNT
};

/* Absent and null leave out as is, which is "" or unset. */
static bool take_text(const cJSON *json, char *out, size_t capacity)
{
    return json == NULL ||
           (cJSON_IsString(json) && vg_copy(out, capacity, json->valuestring));
}

/* For sentences, which are cut rather than lost. */
static bool take_sentence(const cJSON *json, char *out, size_t capacity)
{
    if (!cJSON_IsString(json)) {
        return false;
    }
    (void)vg_copy(out, capacity, json->valuestring);
    return true;
}

static bool take_said(const cJSON *json, char *out, size_t capacity)
{
    return json == NULL || take_sentence(json, out, capacity);
}

static bool take_instant(const cJSON *json, struct vg_instant *out)
{
    *out = VG_UNSET;
    return json == NULL ||
           (cJSON_IsString(json) &&
            vg_time_parse(json->valuestring, strlen(json->valuestring), out) == VG_OK);
}

static bool take_count(const cJSON *json, int64_t limit, int64_t *out)
{
    return vg_json_integer(json, out) && *out >= 0 && *out <= limit;
}

static const char *word(const cJSON *json)
{
    return cJSON_IsString(json) ? json->valuestring : "";
}

static bool take_names(const cJSON *const *field, struct vg_alert *out)
{
    return take_text(field[ID], out->id, sizeof out->id) && out->id[0] != '\0' &&
           take_text(field[WARD], out->ward, sizeof out->ward) &&
           take_text(field[BED], out->bed, sizeof out->bed) &&
           take_text(field[PATIENT], out->patient, sizeof out->patient) &&
           take_text(field[EPISODE], out->episode, sizeof out->episode) &&
           take_text(field[RULE], out->rule, sizeof out->rule) &&
           take_sentence(field[TEXT], out->text, sizeof out->text) &&
           take_sentence(field[REFERENCE], out->reference, sizeof out->reference);
}

/* Of a gateway: it stands where the bed does (core/node.c). */
static bool take_gateway(const cJSON *json, struct vg_alert *out)
{
    if (json == NULL) {
        return true;
    }
    out->bed[0] = ':';
    return take_text(json, out->bed + 1, sizeof out->bed - 1);
}

static bool take_words(const cJSON *const *field, struct vg_alert *out)
{
    return vg_change_find(word(field[EVENT]), &out->event) == VG_OK &&
           vg_class_find(word(field[CLASS]), &out->class_) == VG_OK &&
           vg_severity_find(word(field[SEVERITY]), &out->severity) == VG_OK &&
           vg_severity_find(word(field[PEAK]), &out->peak) == VG_OK &&
           vg_condition_find(word(field[CONDITION]), &out->condition) == VG_OK;
}

static bool take_numbers(const cJSON *const *field, struct vg_alert *out)
{
    int64_t rev;
    int64_t n;
    int64_t seconds;
    if (!take_count(field[REV], UINT32_MAX, &rev) ||
        !take_count(field[N], INT64_MAX, &n)) {
        return false;
    }
    out->rev = (uint32_t)rev;
    out->n = (uint64_t)n;
    out->latched = cJSON_IsTrue(field[LATCHED]);
    out->late = cJSON_IsTrue(field[LATE]);
    out->since_infusion = VG_NO_VALUE;
    if (field[SINCE_INFUSION] == NULL) {
        return true;
    }
    if (!vg_json_integer(field[SINCE_INFUSION], &seconds)) {
        return false;
    }
    return !__builtin_mul_overflow(seconds, VG_SECOND, &out->since_infusion);
}

static bool take_instants(const cJSON *const *field, struct vg_alert *out)
{
    return take_instant(field[TS], &out->at) &&
           take_instant(field[ONSET], &out->onset) &&
           take_instant(field[RAISED], &out->raised) &&
           take_instant(field[CLEAR_SINCE], &out->clear_since);
}

static bool take_one_evidence(const cJSON *json, struct vg_evidence *out)
{
    static const char *const names[] = {"code", "value", "ts", "source"};
    const cJSON *field[4];
    struct vg_code code;
    struct vg_decimal value;
    vg_json_pick(json, names, 4, field);
    if (vg_signal_find(word(field[0]), strlen(word(field[0])), &code) != VG_OK ||
        !cJSON_IsNumber(field[1]) ||
        vg_decimal_from_double(field[1]->valuedouble, &value) != VG_OK) {
        return false;
    }
    out->signal = code.signal;
    return vg_signal_convert(code.signal, value, vg_signal_info(code.signal)->unit,
                             &out->value) == VG_OK &&
           take_instant(field[2], &out->measured) &&
           vg_source_find(word(field[3]), &out->source) == VG_OK;
}

static bool take_evidence(const cJSON *json, struct vg_alert *out)
{
    const cJSON *item = cJSON_IsArray(json) ? json->child : NULL;
    for (; item != NULL; item = item->next) {
        if (out->evidence_count == VG_EVIDENCE ||
            !take_one_evidence(item, &out->evidence[out->evidence_count])) {
            return false;
        }
        out->evidence_count++;
    }
    return true;
}

static bool take_missing(const cJSON *json, struct vg_alert *out)
{
    const cJSON *item = cJSON_IsArray(json) ? json->child : NULL;
    for (; item != NULL; item = item->next) {
        struct vg_code code;
        if (vg_signal_find(word(item), strlen(word(item)), &code) != VG_OK ||
            code.signal >= VG_MEASURED_COUNT) {
            return false;
        }
        out->missing |= UINT64_C(1) << code.signal;
    }
    return true;
}

static bool take_targets(const cJSON *json, struct vg_alert *out)
{
    const cJSON *item = cJSON_IsArray(json) ? json->child : NULL;
    for (; item != NULL; item = item->next) {
        if (out->target_count == VG_TARGETS || !cJSON_IsString(item) ||
            !take_text(item, out->target[out->target_count], sizeof *out->target)) {
            return false;
        }
        out->target_count++;
    }
    return true;
}

static bool take_responsibility(const cJSON *json, struct vg_alert *out)
{
    static const char *const names[] = {"state",      "ladder", "step",      "targets",
                                        "respond_by", "owner",  "hold_until"};
    const cJSON *field[7];
    int64_t step;
    vg_json_pick(json, names, 7, field);
    if (vg_offer_find(word(field[0]), &out->offer) != VG_OK ||
        !take_text(field[1], out->ladder, sizeof out->ladder) ||
        !take_count(field[2], UINT32_MAX, &step)) {
        return false;
    }
    out->step = (unsigned)step;
    return take_targets(field[3], out) && take_instant(field[4], &out->respond_by) &&
           take_text(field[5], out->owner, sizeof out->owner) &&
           (field[6] == NULL || take_instant(field[6], &out->care.hold_until));
}

static bool take_one_claim(const cJSON *json, struct vg_claim *out)
{
    static const char *const names[] = {"kind", "by",    "severity",
                                        "at",   "until", "reason"};
    const cJSON *field[6];

    vg_json_pick(json, names, 6, field);
    return vg_claim_find(word(field[0]), &out->kind) == VG_OK &&
           take_text(field[1], out->by, sizeof out->by) &&
           vg_severity_find(word(field[2]), &out->severity) == VG_OK &&
           take_instant(field[3], &out->at) && take_instant(field[4], &out->until) &&
           (field[5] == NULL ||
            take_sentence(field[5], out->reason, sizeof out->reason));
}

static bool take_claims(const cJSON *json, struct vg_alert *out)
{
    const cJSON *item = cJSON_IsArray(json) ? json->child : NULL;
    for (; item != NULL; item = item->next) {
        if (out->claim_count == VG_CLAIMS ||
            !take_one_claim(item, &out->claim[out->claim_count])) {
            return false;
        }
        out->claim_count++;
    }
    return true;
}

/* What an alert has before anything is known of its care: it stands in a record of its
 * own (vg_decode_care), which alerts stored by an older version do not have. */
static const struct vg_care no_care = {
    .resend_at = {INT64_MAX},
    .hold_until = {INT64_MAX},
    .reset_at = {INT64_MAX},
    .told_at = {INT64_MIN},
    .worst_sbp = VG_NO_VALUE,
    .worst_news2 = VG_GRADE_NULL,
    .worst_crs = VG_GRADE_NULL,
    .worst_icans = VG_GRADE_NULL,
    .seen_sbp = VG_NO_VALUE,
    .seen_news2 = VG_GRADE_NULL,
    .seen_crs = VG_GRADE_NULL,
    .seen_icans = VG_GRADE_NULL,
};

static bool take_protocol(const cJSON *json, struct vg_alert *out)
{
    static const char *const names[] = {"name", "version", "digest"};
    const cJSON *field[3];
    vg_json_pick(json, names, 3, field);
    return take_text(field[0], out->protocol, sizeof out->protocol) &&
           take_text(field[1], out->version, sizeof out->version) &&
           take_text(field[2], out->digest, sizeof out->digest);
}

/* Absent (an alert stored before there were scores) or null: unknown. */
static int take_score(const cJSON *json, const char *name, bool *complete)
{
    const char *const names[] = {name, "complete"};
    const cJSON *field[2];
    int64_t score;

    vg_json_pick(json, names, 2, field);
    *complete = cJSON_IsTrue(field[1]);
    return vg_json_integer(field[0], &score) && score >= 0 && score <= 100
               ? (int)score
               : VG_GRADE_NULL;
}

static void take_scores(const cJSON *json, struct vg_scores *out)
{
    static const char *const names[] = {"crs", "icans", "news2"};
    const cJSON *field[3];
    bool complete;

    vg_json_pick(json, names, 3, field);
    out->crs = take_score(field[0], "grade", &complete);
    out->icans = take_score(field[1], "grade", &out->icans_complete);
    out->news2 = take_score(field[2], "score", &out->news2_complete);
}

enum vg_status vg_decode_alert(const char *json, size_t length, struct vg_alert *out)
{
    static const char *const names[FIELD_COUNT] = {
        [ID] = "id",
        [REV] = "rev",
        [N] = "n",
        [EVENT] = "event",
        [TS] = "ts",
        [WARD] = "ward",
        [BED] = "bed",
        [PATIENT] = "patient",
        [EPISODE] = "episode",
        [RULE] = "rule",
        [CLASS] = "class",
        [SEVERITY] = "severity",
        [PEAK] = "peak",
        [CONDITION] = "condition",
        [LATCHED] = "latched",
        [LATE] = "late",
        [ONSET] = "onset",
        [RAISED] = "raised",
        [SINCE_INFUSION] = "since_infusion_s",
        [TEXT] = "text",
        [EVIDENCE] = "evidence",
        [MISSING] = "missing",
        [RESPONSIBILITY] = "responsibility",
        [PROTOCOL] = "protocol",
        [REFERENCE] = "reference",
        [CLEAR_SINCE] = "clear_since",
        [ASSESSMENT] = "assessment",
        [MASKED] = "fever_may_be_masked",
        [CLAIMS] = "claims",
        [REMARK] = "remark",
        [GATEWAY] = "gateway",
        [TEXT_ZH] = "text_zh",
        [REFERENCE_ZH] = "reference_zh",
    };
    const cJSON *field[FIELD_COUNT];
    struct vg_alert alert = {.care = no_care};
    cJSON *root = cJSON_ParseWithLength(json, length);
    vg_json_pick(root, names, FIELD_COUNT, field);
    bool good =
        take_names(field, &alert) && take_gateway(field[GATEWAY], &alert) &&
        take_words(field, &alert) && take_numbers(field, &alert) &&
        take_instants(field, &alert) && take_evidence(field[EVIDENCE], &alert) &&
        take_missing(field[MISSING], &alert) &&
        take_responsibility(field[RESPONSIBILITY], &alert) &&
        take_claims(field[CLAIMS], &alert) && take_protocol(field[PROTOCOL], &alert) &&
        take_said(field[REMARK], alert.remark, sizeof alert.remark) &&
        take_said(field[TEXT_ZH], alert.text_zh, sizeof alert.text_zh) &&
        take_said(field[REFERENCE_ZH], alert.reference_zh, sizeof alert.reference_zh);
    take_scores(field[ASSESSMENT], &alert.scores);
    alert.scores.masked = cJSON_IsTrue(field[MASKED]);
    cJSON_Delete(root);
    if (!good) {
        return VG_REFUSED;
    }
    *out = alert;
    return VG_OK;
}
