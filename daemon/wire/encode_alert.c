/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert as JSON: the fields of the outside contract, section 3, in its order. One
 * member follows them, "clear_since", for our own reading back.
 */
#include "vigil/wire.h"

/* Every member but the first is put with these, the comma before it. */
static void put_key(struct vg_buffer *b, const char *key)
{
    vg_put_raw(b, ",\"");
    vg_put_raw(b, key);
    vg_put_raw(b, "\":");
}

static void put_text(struct vg_buffer *b, const char *key, const char *text)
{
    put_key(b, key);
    vg_put_string(b, text);
}

static void put_text_or_null(struct vg_buffer *b, const char *key, const char *text)
{
    put_key(b, key);
    if (text[0] == '\0') {
        vg_put_raw(b, "null");
    } else {
        vg_put_string(b, text);
    }
}

static void put_number(struct vg_buffer *b, const char *key, int64_t number)
{
    put_key(b, key);
    vg_put_int(b, number);
}

static void put_bool(struct vg_buffer *b, const char *key, bool yes)
{
    put_key(b, key);
    vg_put_raw(b, yes ? "true" : "false");
}

static void put_instant(struct vg_buffer *b, const char *key, struct vg_instant at)
{
    put_key(b, key);
    vg_put_time(b, at);
}

static void put_head(struct vg_buffer *b, const struct vg_alert *alert)
{
    vg_put_raw(b, "{\"id\":");
    vg_put_string(b, alert->id);
    put_number(b, "rev", alert->rev);
    put_number(b, "n", (int64_t)alert->n);
    put_text(b, "event", vg_change_text(alert->event));
    put_instant(b, "ts", alert->at);
    put_text(b, "ward", alert->ward);
    put_text(b, "bed", alert->bed);
    put_text_or_null(b, "patient", alert->patient);
    put_text_or_null(b, "episode", alert->episode);
}

static void put_state(struct vg_buffer *b, const struct vg_alert *alert)
{
    put_text(b, "rule", alert->rule);
    put_text(b, "class", vg_class_text(alert->class_));
    put_text(b, "severity", vg_severity_text(alert->severity));
    put_text(b, "peak", vg_severity_text(alert->peak));
    put_text(b, "condition", vg_condition_text(alert->condition));
    put_bool(b, "latched", alert->latched);
    put_bool(b, "late", alert->late);
    put_text(b, "mode", "real");
    put_instant(b, "onset", alert->onset);
    put_instant(b, "raised", alert->raised);
    put_key(b, "since_infusion_s");
    if (alert->since_infusion == VG_NO_VALUE) {
        vg_put_raw(b, "null");
    } else {
        vg_put_int(b, alert->since_infusion / VG_SECOND);
    }
    put_text(b, "text", alert->text);
}

static void put_evidence(struct vg_buffer *b, const struct vg_alert *alert)
{
    put_key(b, "evidence");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < alert->evidence_count; i++) {
        const struct vg_evidence *evidence = &alert->evidence[i];
        const struct vg_signal_info *info = vg_signal_info(evidence->signal);
        vg_put_raw(b, i == 0 ? "{\"code\":" : ",{\"code\":");
        vg_put_string(b, info->code);
        put_key(b, "value");
        vg_put_decimal(b, vg_decimal_of(evidence->value, info->places));
        put_text(b, "unit", vg_unit_text(info->unit));
        put_instant(b, "ts", evidence->measured);
        put_text(b, "source", vg_source_text(evidence->source));
        vg_put_raw(b, "}");
    }
    vg_put_raw(b, "]");
}

static void put_missing(struct vg_buffer *b, uint64_t missing)
{
    bool first = true;
    put_key(b, "missing");
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
    put_key(b, "responsibility");
    vg_put_raw(b, "{\"state\":");
    vg_put_string(b, vg_offer_text(alert->offer));
    put_key(b, "owner");
    vg_put_raw(b, "null");
    put_text_or_null(b, "ladder", alert->ladder);
    put_number(b, "step", alert->step);
    put_key(b, "targets");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < alert->target_count; i++) {
        vg_put_raw(b, i == 0 ? "" : ",");
        vg_put_string(b, alert->target[i]);
    }
    vg_put_raw(b, "]");
    put_instant(b, "respond_by", alert->respond_by);
    vg_put_raw(b, "}");
}

static void put_protocol(struct vg_buffer *b, const struct vg_alert *alert)
{
    put_key(b, "protocol");
    vg_put_raw(b, "{\"name\":");
    vg_put_string(b, alert->protocol);
    put_text(b, "version", alert->version);
    put_text(b, "digest", alert->digest);
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
    put_key(b, "assessment");
    vg_put_raw(b, "{");
    put_score(b, "\"crs\"", "\"grade\"", scores->crs, scores->crs != VG_GRADE_NULL);
    put_score(b, ",\"icans\"", "\"grade\"", scores->icans, scores->icans_complete);
    put_score(b, ",\"news2\"", "\"score\"", scores->news2, scores->news2_complete);
    vg_put_raw(b, "}");
}

void vg_encode_alert(struct vg_buffer *b, const struct vg_alert *alert, bool persisted)
{
    put_head(b, alert);
    put_state(b, alert);
    put_evidence(b, alert);
    put_scores(b, &alert->scores);
    put_missing(b, alert->missing);
    put_bool(b, "fever_may_be_masked", alert->scores.masked);
    put_responsibility(b, alert);
    put_key(b, "claims");
    vg_put_raw(b, "[]");
    put_protocol(b, alert);
    put_bool(b, "persisted", persisted);
    put_text(b, "reference", alert->reference);
    put_text(b, "disclaimer", vg_disclaimer);
    put_instant(b, "clear_since", alert->clear_since);
    vg_put_raw(b, "}");
}
