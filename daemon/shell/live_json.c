/* SPDX-License-Identifier: Apache-2.0
 *
 * Beds and the daemon as JSON (config/openapi.yaml: Bed, Node).
 */
#include <string.h>

#include "shell/live_inside.h"
#include "wire/encode_parts.h"

/* ---- Values */

static bool shows(const struct vg_live_bed *bed, struct vg_instant ts)
{
    return vg_is_set(ts) && (!bed->look.linked ||
                             ts.ms >= bed->look.episode.begin.ms); /* somebody else's */
}

bool vg_live_bed_empty(const struct vg_live_bed *bed)
{
    return !bed->look.linked && bed->values.count == 0;
}

static void put_value(struct vg_buffer *b, const struct vg_live_value *value,
                      struct vg_instant now)
{
    const struct vg_signal_info *info = vg_signal_info((enum vg_signal)value->signal);
    const vg_ms age = vg_since(now, value->ts);

    vg_put_raw(b, "{\"value\":");
    vg_put_decimal(b, value->value);
    vg_key_text(b, "unit", vg_unit_text(info->unit));
    if (value->unit != info->unit) {
        vg_key(b, "raw_value");
        vg_put_decimal(b, value->raw);
        vg_key_text(b, "raw_unit", vg_unit_text((enum vg_unit)value->unit));
    }
    vg_key_time(b, "ts", value->ts);
    vg_key_text(b, "source", vg_source_text((enum vg_source)value->source));
    vg_key_text_or_null(b, "method", vg_method_text((enum vg_method)value->method));
    vg_key_text(b, "quality", vg_quality_text((enum vg_quality)value->quality));
    vg_key_int(b, "age_s", age > 0 ? age / VG_SECOND : 0);
    vg_key_bool(b, "stale", age > info->carry);
    vg_put_raw(b, "}");
}

static void put_values(struct vg_buffer *b, const struct vg_live_bed *bed,
                       struct vg_instant now)
{
    bool first = true;

    vg_key(b, "values");
    vg_put_raw(b, "{");
    for (size_t i = 0; i < bed->values.count; i++) {
        const struct vg_live_value *value = &bed->values.item[i];
        if (shows(bed, value->ts)) {
            vg_put_raw(b, first ? "" : ",");
            vg_put_string(b, vg_signal_info((enum vg_signal)value->signal)->code);
            vg_put_raw(b, ":");
            put_value(b, value, now);
            first = false;
        }
    }
    vg_put_raw(b, "}");
}

static void put_o2(struct vg_buffer *b, const struct vg_live_entry *entry)
{
    vg_key(b, "flow");
    if (entry->flow == VG_NO_VALUE) {
        vg_put_raw(b, "null");
    } else {
        vg_put_decimal(b, vg_decimal_of(entry->flow, 1));
    }
    vg_key(b, "fio2");
    if (entry->fio2 == VG_NO_VALUE) {
        vg_put_raw(b, "null");
    } else {
        vg_put_int(b, entry->fio2);
    }
}

static void put_charted(struct vg_buffer *b, const struct vg_live_bed *bed)
{
    static const char *const names[VG_LIVE_CHARTED] = {[VG_LIVE_O2] = "o2_device",
                                                       [VG_LIVE_CONSCIOUSNESS] =
                                                           "consciousness",
                                                       [VG_LIVE_AROUSAL] = "arousal"};
    bool first = true;

    vg_key(b, "charted");
    vg_put_raw(b, "{");
    for (size_t i = 0; i < VG_LIVE_CHARTED; i++) {
        const struct vg_live_entry *entry = &bed->charted[i];
        if (!shows(bed, entry->at)) {
            continue;
        }
        vg_put_raw(b, first ? "" : ",");
        vg_put_string(b, names[i]);
        vg_put_raw(b, ":{\"value\":");
        vg_put_string(b, entry->value);
        vg_key_time(b, "ts", entry->at);
        if (i == VG_LIVE_O2) {
            put_o2(b, entry);
        }
        vg_put_raw(b, "}");
        first = false;
    }
    vg_put_raw(b, "}");
}

/* ---- What is computed */

static void put_overdue(struct vg_buffer *b, const struct vg_bed_look *look)
{
    const struct vg_schedule_out *due = &look->assessed.now.schedule;
    const struct {
        const char *what;
        const struct vg_finding *finding, *late;
    } rows[] = {{"vitals", &due->vitals, &due->vitals_late},
                {"ice", &due->ice, &due->ice_late},
                {"labs", &due->labs, &due->labs_late}};
    bool first = true;

    vg_key(b, "overdue");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (look->assessed.known && rows[i].finding->truth == VG_TRUE) {
            vg_put_raw(b, first ? "{\"what\":" : ",{\"what\":");
            vg_put_string(b, rows[i].what);
            vg_key_time(b, "since", rows[i].finding->since);
            vg_key_bool(b, "late", rows[i].late->truth == VG_TRUE);
            vg_put_raw(b, "}");
            first = false;
        }
    }
    vg_put_raw(b, "]");
}

static void put_assessment(struct vg_buffer *b, const struct vg_assessed *assessed)
{
    vg_key(b, "assessment");
    if (!assessed->known) {
        vg_put_raw(b, "null");
        return;
    }
    vg_put_raw(b, "{");
    vg_put_assessment(b, &assessed->now);
    vg_put_raw(b, "}");
}

static void put_pause(struct vg_buffer *b, const struct vg_pause *pause,
                      struct vg_instant now)
{
    vg_key(b, "pause");
    if (!vg_is_set(pause->until) || pause->until.ms <= now.ms) {
        vg_put_raw(b, "null");
        return;
    }
    vg_put_raw(b, "{\"at\":");
    vg_put_time(b, pause->at);
    vg_key_time(b, "until", pause->until);
    vg_key_text_or_null(b, "by", pause->by);
    vg_key_text_or_null(b, "reason", pause->reason);
    vg_put_raw(b, "}");
}

/* ---- Who */

static void put_int_or_null(struct vg_buffer *b, const char *key, bool known,
                            int64_t number)
{
    vg_key(b, key);
    if (known) {
        vg_put_int(b, number);
    } else {
        vg_put_raw(b, "null");
    }
}

static void put_stay(struct vg_buffer *b, const struct vg_bed_look *look,
                     struct vg_instant now)
{
    const struct vg_episode *e = &look->episode; /* zeros if nobody is admitted */
    const char *setting = e->outpatient ? "outpatient" : "inpatient";

    vg_key_text_or_null(b, "patient", look->assessed.patient);
    vg_key_text_or_null(b, "episode", e->id);
    vg_key_text_or_null(b, "product", look->linked ? vg_product_text(e->product) : "");
    vg_key_text_or_null(b, "protocol", look->protocol);
    vg_key_text_or_null(b, "setting", look->linked ? setting : "");
    put_int_or_null(b, "age", look->linked && e->age >= 0, e->age);
    vg_key_time(b, "admitted", look->linked ? e->begin : VG_UNSET);
    vg_key_time(b, "infusion", look->infusion);
    put_int_or_null(
        b, "since_infusion_s", vg_is_set(look->infusion),
        vg_is_set(look->infusion) ? vg_since(now, look->infusion) / VG_SECOND : 0);
}

void vg_live_put_bed(struct vg_buffer *b, const struct vg_live_bed *bed,
                     struct vg_instant now)
{
    vg_put_raw(b, "{\"ward\":");
    vg_put_string(b, bed->look.assessed.ward);
    vg_key_text(b, "bed", bed->look.assessed.bed);
    put_stay(b, &bed->look, now);
    put_values(b, bed, now);
    put_charted(b, bed);
    put_assessment(b, &bed->look.assessed);
    put_overdue(b, &bed->look);
    put_pause(b, &bed->look.pause, now);
    vg_key_time(b, "at", now);
}

void vg_live_put_node(struct vg_buffer *b, const struct vg_live_node *node)
{
    vg_put_raw(b, "{\"node\":");
    vg_put_string(b, node->node);
    vg_key_text(b, "state", node->draining ? "draining" : "online");
    vg_key_bool(b, "ready", node->ready);
    vg_key_text(b, "epoch", node->epoch);
    vg_key_text(b, "version", VG_VERSION);
    vg_key_int(b, "counter", (int64_t)node->beats);
    vg_key_text(b, "self_check", node->self_check);
    vg_key_time(b, "at", node->at);
    vg_put_raw(b, "}");
}
