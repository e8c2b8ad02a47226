/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert as JSON: the fields of the outside contract, section 3, in its order. After
 * them: "remark", what people said with the latest change; "clear_since", for our own
 * reading back; and the Chinese sentences, where the protocol has them.
 */
#include "encode_parts.h"

static void put_head(struct vg_buffer *b, const struct vg_alert *alert)
{
    vg_put_raw(b, "{\"id\":");
    vg_put_string(b, alert->id);
    vg_key_int(b, "rev", alert->rev);
    vg_key_int(b, "n", (int64_t)alert->n);
    vg_key_text(b, "event", vg_change_text(alert->event));
    vg_key_time(b, "ts", alert->at);
    vg_key_text(b, "ward", alert->ward);
    /* of the node or of a gateway (":gw-3"): no bed */
    vg_key_text_or_null(b, "bed", alert->bed[0] == ':' ? "" : alert->bed);
    vg_key_text_or_null(b, "patient", alert->patient);
    vg_key_text_or_null(b, "episode", alert->episode);
}

static void put_state(struct vg_buffer *b, const struct vg_alert *alert)
{
    vg_key_text(b, "rule", alert->rule);
    vg_key_text(b, "class", vg_class_text(alert->class_));
    vg_key_text(b, "severity", vg_severity_text(alert->severity));
    vg_key_text(b, "peak", vg_severity_text(alert->peak));
    vg_key_text(b, "condition", vg_condition_text(alert->condition));
    vg_key_bool(b, "latched", alert->latched);
    vg_key_bool(b, "late", alert->late);
    vg_key_text(b, "mode", "real");
    vg_key_time(b, "onset", alert->onset);
    vg_key_time(b, "raised", alert->raised);
    vg_key(b, "since_infusion_s");
    if (alert->since_infusion == VG_NO_VALUE) {
        vg_put_raw(b, "null");
    } else {
        vg_put_int(b, alert->since_infusion / VG_SECOND);
    }
    vg_key_text(b, "text", alert->text);
}

static void put_evidence(struct vg_buffer *b, const struct vg_alert *alert)
{
    vg_key(b, "evidence");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < alert->evidence_count; i++) {
        const struct vg_evidence *evidence = &alert->evidence[i];
        const struct vg_signal_info *info = vg_signal_info(evidence->signal);
        vg_put_raw(b, i == 0 ? "{\"code\":" : ",{\"code\":");
        vg_put_string(b, info->code);
        vg_key(b, "value");
        vg_put_decimal(b, vg_decimal_of(evidence->value, info->places));
        vg_key_text(b, "unit", vg_unit_text(info->unit));
        vg_key_time(b, "ts", evidence->measured);
        vg_key_text(b, "source", vg_source_text(evidence->source));
        vg_put_raw(b, "}");
    }
    vg_put_raw(b, "]");
}

static void put_missing(struct vg_buffer *b, uint64_t missing)
{
    bool first = true;
    vg_key(b, "missing");
    vg_put_raw(b, "[");
    for (int i = 0; i < VG_MEASURED_COUNT; i++) {
        if ((missing >> i & 1) != 0) {
            vg_put_raw(b, first ? "" : ",");
            vg_put_string(b, vg_signal_info((enum vg_signal)i)->code);
            first = false;
        }
    }
    vg_put_raw(b, "]");
}

static void put_responsibility(struct vg_buffer *b, const struct vg_alert *alert)
{
    vg_key(b, "responsibility");
    vg_put_raw(b, "{\"state\":");
    vg_put_string(b, vg_offer_text(alert->offer));
    vg_key_text_or_null(b, "owner", alert->owner);
    vg_key_text_or_null(b, "ladder", alert->ladder);
    vg_key_int(b, "step", alert->step);
    vg_key(b, "targets");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < alert->target_count; i++) {
        vg_put_raw(b, i == 0 ? "" : ",");
        vg_put_string(b, alert->target[i]);
    }
    vg_put_raw(b, "]");
    vg_key_time(b, "respond_by", alert->respond_by);
    vg_key_time(b, "hold_until",
                alert->owner[0] == '\0' ? VG_NEVER : alert->care.hold_until);
    vg_put_raw(b, "}");
}

static void put_claims(struct vg_buffer *b, const struct vg_alert *alert)
{
    vg_key(b, "claims");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < alert->claim_count; i++) {
        const struct vg_claim *claim = &alert->claim[i];
        vg_put_raw(b, i == 0 ? "{\"kind\":" : ",{\"kind\":");
        vg_put_string(b, vg_claim_text(claim->kind));
        vg_key_text(b, "by", claim->by);
        vg_key_text(b, "severity", vg_severity_text(claim->severity));
        vg_key_time(b, "at", claim->at);
        vg_key_time(b, "until", claim->until);
        vg_key_text_or_null(b, "reason", claim->reason);
        vg_put_raw(b, "}");
    }
    vg_put_raw(b, "]");
}

static void put_protocol(struct vg_buffer *b, const struct vg_alert *alert)
{
    vg_key(b, "protocol");
    vg_put_raw(b, "{\"name\":");
    vg_put_string(b, alert->protocol);
    vg_key_text(b, "version", alert->version);
    vg_key_text(b, "digest", alert->digest);
    vg_put_raw(b, "}");
}

static void put_score(struct vg_buffer *b, const char *name, const char *field,
                      int score, bool complete)
{
    vg_put_raw(b, name);
    vg_put_raw(b, ":{");
    vg_put_raw(b, field);
    vg_put_raw(b, ":");
    if (score == VG_GRADE_NULL) {
        vg_put_raw(b, "null");
    } else {
        vg_put_int(b, score);
    }
    vg_put_raw(b, complete ? ",\"complete\":true}" : ",\"complete\":false}");
}

static void put_scores(struct vg_buffer *b, const struct vg_scores *scores)
{
    vg_key(b, "assessment");
    vg_put_raw(b, "{");
    put_score(b, "\"crs\"", "\"grade\"", scores->crs, scores->crs != VG_GRADE_NULL);
    put_score(b, ",\"icans\"", "\"grade\"", scores->icans, scores->icans_complete);
    put_score(b, ",\"news2\"", "\"score\"", scores->news2, scores->news2_complete);
    vg_put_raw(b, "}");
}

static void put_if_said(struct vg_buffer *b, const char *key, const char *sentence)
{
    if (sentence[0] != '\0') {
        vg_key_text(b, key, sentence);
    }
}

void vg_put_alert_open(struct vg_buffer *b, const struct vg_alert *alert,
                       bool persisted)
{
    put_head(b, alert);
    put_state(b, alert);
    put_evidence(b, alert);
    put_scores(b, &alert->scores);
    put_missing(b, alert->missing);
    vg_key_bool(b, "fever_may_be_masked", alert->scores.masked);
    put_responsibility(b, alert);
    put_claims(b, alert);
    put_protocol(b, alert);
    vg_key_bool(b, "persisted", persisted);
    vg_key_text(b, "reference", alert->reference);
    vg_key_text(b, "disclaimer", vg_disclaimer);
    vg_key_text_or_null(b, "remark", alert->remark);
    vg_key_time(b, "clear_since", alert->clear_since);
    put_if_said(b, "text_zh", alert->text_zh);
    put_if_said(b, "reference_zh", alert->reference_zh);
    if (alert->bed[0] == ':') {
        vg_key_text_or_null(b, "gateway", alert->bed + 1);
    }
}

void vg_encode_alert(struct vg_buffer *b, const struct vg_alert *alert, bool persisted)
{
    vg_put_alert_open(b, alert, persisted);
    vg_put_raw(b, "}");
}
