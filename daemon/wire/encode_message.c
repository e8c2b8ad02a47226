/* SPDX-License-Identifier: Apache-2.0
 *
 * A stored message as a gateway could have sent it: what is decoded of it is the message.
 * Values are the decimals that came, in the units in which they came.
 */
#include "vigil/wire.h"

struct putting {
    struct vg_buffer *b;
    bool first;
};

static void key(struct putting *p, const char *name)
{
    vg_put_raw(p->b, p->first ? "\"" : ",\"");
    vg_put_raw(p->b, name);
    vg_put_raw(p->b, "\":");
    p->first = false;
}

static void text(struct putting *p, const char *name, const char *value)
{
    if (value[0] != '\0') {
        key(p, name);
        vg_put_string(p->b, value);
    }
}

static void yes(struct putting *p, const char *name, bool value)
{
    if (value) {
        key(p, name);
        vg_put_raw(p->b, "true");
    }
}

static void number(struct putting *p, const char *name, int64_t steps, unsigned places)
{
    if (steps != VG_NO_VALUE) {
        key(p, name);
        vg_put_decimal(p->b, vg_decimal_of(steps, places));
    }
}

static void instant(struct putting *p, const char *name, struct vg_instant at)
{
    key(p, name);
    vg_put_time(p->b, at);
}

/* A laboratory's limit is kept in canonical steps and was sent in the value's unit. Left out
 * where no decimal of nine places becomes the same steps again. */
static void limit(struct putting *p, const char *name, const struct vg_reading *r,
                  int64_t steps)
{
    static const struct vg_decimal nothing = {0, 0};
    const struct vg_signal_info *info = vg_signal_info(r->signal);
    struct vg_conversion c;
    int64_t raw;
    int64_t back;

    if (steps == VG_NO_VALUE) {
        return;
    }
    if (r->unit == info->unit || r->unit == VG_UNIT_NONE ||
        vg_unit_conversion(info->quantity, r->unit, info->unit, &c) != VG_OK) {
        number(p, name, steps, info->places);
        return;
    }
    const struct vg_ratio inverse = {c.scale.denominator, c.scale.numerator};
    if (c.offset.mantissa == 0 && c.scale.numerator > 0 &&
        vg_decimal_scale(vg_decimal_of(steps, info->places), nothing, inverse, 9,
                         &raw) == VG_OK &&
        vg_signal_convert(r->signal, vg_decimal_of(raw, 9), r->unit, &back) == VG_OK &&
        back == steps) {
        number(p, name, raw, 9);
    }
}

static void ice(struct putting *p, const struct vg_reading *r)
{
    static const char *const names[] = {"year",     "month",    "city",  "hospital",
                                        "name1",    "name2",    "name3", "command",
                                        "sentence", "attention"};
    struct putting items = {p->b, true};

    yes(p, "unarousable", r->unarousable);
    if (r->ice_items == 0) {
        return;
    }
    key(p, "items");
    vg_put_raw(p->b, "{");
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        const unsigned point = r->ice_items >> (2 * i) & 3;
        if (point != 0) {
            key(&items, names[i]);
            vg_put_int(p->b, (int64_t)point - 1);
        }
    }
    vg_put_raw(p->b, "}");
}

static void reading(struct vg_buffer *b, const struct vg_message *message,
                    const struct vg_reading *r)
{
    struct putting p = {b, true};

    vg_put_raw(b, "{");
    text(&p, "code", vg_signal_info(r->signal)->code);
    key(&p, "value");
    vg_put_decimal(b, r->raw);
    text(&p, "unit", vg_unit_text(r->unit));
    text(&p, "source", vg_source_text(r->source));
    text(&p, "method", r->method != VG_METHOD_NONE ? vg_method_text(r->method) : "");
    if (r->quality != VG_QUALITY_VALID) {
        text(&p, "quality", vg_quality_text(r->quality));
    }
    if (r->measured.ms != message->measured.ms) {
        instant(&p, "ts", r->measured);
    }
    number(&p, "pi", r->pi >= 0 ? r->pi : VG_NO_VALUE, vg_signal_info(VG_PI)->places);
    limit(&p, "uln", r, r->uln);
    limit(&p, "lln", r, r->lln);
    ice(&p, r);
    vg_put_raw(b, "}");
}

static void entry(struct vg_buffer *b, const struct vg_message *message,
                  const struct vg_entry *e)
{
    const bool has_on = e->signal == VG_VASOPRESSOR || e->signal == VG_FLAG ||
                        e->signal == VG_INFUSION || e->signal == VG_LYMPHODEPLETION;
    struct putting p = {b, true};

    vg_put_raw(b, "{");
    text(&p, "code", vg_signal_info(e->signal)->code);
    key(&p, "value");
    if (e->signal == VG_SEIZURE) {
        vg_put_raw(b, e->value);
    } else {
        vg_put_string(b, e->value);
    }
    if (e->at.ms != message->measured.ms) {
        instant(&p, "ts", e->at);
    }
    if (has_on && !e->on) {
        key(&p, "on");
        vg_put_raw(b, "false");
    }
    yes(&p, "no_return", e->no_return);
    yes(&p, "haemorrhage", e->haemorrhage);
    number(&p, "duration_s", e->duration_s >= 0 ? e->duration_s : VG_NO_VALUE, 0);
    number(&p, "flow", e->flow, vg_signal_info(VG_O2_FLOW)->places);
    number(&p, "fio2", e->fio2, vg_signal_info(VG_FIO2)->places);
    if (vg_is_set(e->until)) {
        instant(&p, "until", e->until);
    }
    text(&p, "by", e->by);
    text(&p, "product", e->product);
    text(&p, "dose_id", e->dose_id);
    vg_put_raw(b, "}");
}

/* An item that has no value, as it was sent. */
static void failed_cycle(struct vg_buffer *b, const struct vg_message *message,
                         struct vg_instant at)
{
    struct putting p = {b, true};

    vg_put_raw(b, "{");
    text(&p, "code", vg_signal_info(VG_SBP)->code);
    key(&p, "value");
    vg_put_raw(b, "null");
    text(&p, "source", vg_source_text(VG_SOURCE_CUFF));
    if (at.ms != message->measured.ms) {
        instant(&p, "ts", at);
    }
    vg_put_raw(b, "}");
}

void vg_encode_message(struct vg_buffer *b, const struct vg_message *message)
{
    struct putting p = {b, true};

    vg_put_raw(b, "{");
    text(&p, "gateway", message->origin.gateway);
    if (message->origin.seq > 0) {
        text(&p, "epoch", message->origin.epoch);
        number(&p, "seq", (int64_t)message->origin.seq, 0);
    }
    instant(&p, "ts", message->measured);
    text(&p, "patient", message->patient);
    text(&p, "device", message->device);
    key(&p, "obs");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < message->reading_count; i++) {
        vg_put_raw(b, i > 0 ? "," : "");
        reading(b, message, &message->readings[i]);
    }
    for (size_t i = 0; i < message->entry_count; i++) {
        vg_put_raw(b, i > 0 || message->reading_count > 0 ? "," : "");
        entry(b, message, &message->entries[i]);
    }
    for (size_t i = 0; i < message->failed_count; i++) {
        const bool first = i + message->reading_count + message->entry_count == 0;
        vg_put_raw(b, first ? "" : ",");
        failed_cycle(b, message, message->failed[i]);
    }
    vg_put_raw(b, "]}");
}
