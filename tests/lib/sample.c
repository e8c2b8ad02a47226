/* SPDX-License-Identifier: Apache-2.0
 *
 * Sample values.
 */
#include "lib/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define EPOCH_MS INT64_C(1767225600000) /* 2026-01-01 */

static struct vg_reading reading_of(enum vg_signal signal, int64_t mantissa,
                                    uint8_t exponent, enum vg_unit unit,
                                    struct vg_instant measured)
{
    struct vg_reading reading = {.signal = signal,
                                 .measured = measured,
                                 .raw = {mantissa, exponent},
                                 .unit = unit,
                                 .pi = -1,
                                 .uln = VG_NO_VALUE,
                                 .lln = VG_NO_VALUE};
    if (vg_signal_convert(signal, reading.raw, unit, &reading.value) != VG_OK) {
        reading.value = VG_NO_VALUE;
    }
    return reading;
}

static void head(struct sample *sample, enum vg_kind kind, unsigned n)
{
    struct vg_message *message = &sample->message;
    memset(sample, 0, sizeof(*sample));
    message->kind = kind;
    message->measured.ms = EPOCH_MS + (int64_t)n * VG_SECOND;
    snprintf(message->ward, sizeof(message->ward), "onc-%u", n % 2);
    snprintf(message->bed, sizeof(message->bed), "%u", n % 5);
    snprintf(message->origin.gateway, sizeof(message->origin.gateway), "gw-%u", n % 3);
    strcpy(message->origin.epoch, "7f3a");
    message->origin.seq = n + 1;
    message->readings = sample->readings;
    message->entries = sample->entries;
}

void sample_vitals(struct sample *sample, unsigned n)
{
    head(sample, VG_KIND_VITALS, n);
    struct vg_instant at = sample->message.measured;
    int64_t swing = n % 10;
    const struct vg_reading readings[] = {
        reading_of(VG_TEMP, 375 + swing, 1, VG_UNIT_CEL, at),
        reading_of(VG_HR, 80 + swing, 0, VG_UNIT_PER_MIN, at),
        reading_of(VG_RR, 16, 0, VG_UNIT_PER_MIN, at),
        reading_of(VG_SPO2, 97, 0, VG_UNIT_PERCENT, at),
        reading_of(VG_SBP, 120 - swing, 0, VG_UNIT_MMHG, at),
        reading_of(VG_DBP, 70, 0, VG_UNIT_MMHG, at),
        reading_of(VG_MAP, 86, 0, VG_UNIT_MMHG, at)};
    memcpy(sample->readings, readings, sizeof(readings));
    sample->message.reading_count = sizeof(readings) / sizeof(readings[0]);
}

static void rich_readings(struct sample *sample)
{
    struct vg_instant at = sample->message.measured;
    struct vg_reading *r = sample->readings;
    r[0] = reading_of(VG_TEMP, 100456, 3, VG_UNIT_DEGF, vg_after(at, -VG_HOUR));
    r[0].source = VG_SOURCE_SPOT;
    r[0].method = VG_METHOD_TYMPANIC;
    r[0].quality = VG_QUALITY_QUESTIONABLE;
    r[1] = reading_of(VG_SPO2, 88, 0, VG_UNIT_PERCENT, vg_after(at, 5));
    r[1].pi = 25;
    r[1].suspect = true;
    r[2] = reading_of(VG_FERRITIN, 1234567, 2, VG_UNIT_UG_PER_L, at);
    r[2].uln = 300000000;
    r[2].lln = -1;
    r[3] = reading_of(VG_HR, -5, 0, VG_UNIT_PER_MIN, at);
    r[3].out_of_range = true;
    r[3].source = VG_SOURCE_MANUAL;
    r[3].quality = VG_QUALITY_TEST;
    r[4] = reading_of(VG_ICE, 7, 0, VG_UNIT_SCORE, at);
    r[4].ice_items = 0xAAAAA;
    r[4].unarousable = true;
    r[5] = reading_of(VG_CREAT, INT64_C(999999999999999), 18, VG_UNIT_UMOL_PER_L, at);
    sample->message.reading_count = 6;
}

static struct vg_entry entry_of(enum vg_signal signal, const char *value,
                                struct vg_instant at)
{
    struct vg_entry entry = {.signal = signal,
                             .at = at,
                             .on = true,
                             .duration_s = -1,
                             .flow = VG_NO_VALUE,
                             .fio2 = VG_NO_VALUE,
                             .until = VG_UNSET};
    strcpy(entry.value, value);
    return entry;
}

static void rich_entries(struct sample *sample)
{
    struct vg_instant at = sample->message.measured;
    struct vg_entry *e = sample->entries;
    e[0] = entry_of(VG_INFUSION, "start", vg_after(at, -1));
    strcpy(e[0].product, "car_nk");
    strcpy(e[0].dose_id, "dose-1");
    e[1] = entry_of(VG_O2_DEVICE, "nasal_cannula", at);
    e[1].flow = 25;
    e[1].fio2 = 28;
    e[2] = entry_of(VG_SEIZURE, "true", at);
    e[2].duration_s = 90;
    e[2].no_return = true;
    e[2].haemorrhage = true;
    e[3] = entry_of(VG_FLAG, "scale2", at);
    e[3].on = false;
    e[3].until = vg_after(at, VG_DAY);
    strcpy(e[3].by, "nurse:li");
    sample->message.entry_count = 4;
    sample->message.failed_count = 2;
    sample->message.failed[0] = at;
    sample->message.failed[1] = vg_after(at, -VG_MINUTE);
}

void sample_rich(struct sample *sample, unsigned n)
{
    head(sample, n % 2 == 0 ? VG_KIND_LABS : VG_KIND_ASSESSMENT, n);
    strcpy(sample->message.patient, "p-0042");
    strcpy(sample->message.device, "mon-12");
    rich_readings(sample);
    rich_entries(sample);
}

struct vg_alert sample_alert(const char *ward, unsigned n)
{
    struct vg_alert alert = {.rev = 1,
                             .n = n,
                             .event = VG_RAISED,
                             .at = {EPOCH_MS + n},
                             .class_ = VG_CLASS_HAEMODYNAMIC,
                             .severity = VG_CRITICAL,
                             .peak = VG_CRITICAL,
                             .condition = VG_ACTIVE,
                             .onset = {EPOCH_MS},
                             .raised = {EPOCH_MS + n},
                             .clear_since = VG_UNSET,
                             .since_infusion = 172800 * VG_SECOND,
                             .respond_by = VG_UNSET};
    vg_content_id(alert.id, alert.onset, n, vg_hash(0, ward, strlen(ward)));
    vg_copy(alert.ward, sizeof(alert.ward), ward);
    strcpy(alert.bed, "12");
    strcpy(alert.patient, "p-0042");
    strcpy(alert.rule, "HYPOTENSION");
    strcpy(alert.text, "Systolic pressure 84 mm[Hg], below 90");
    strcpy(alert.protocol, "car-nk");
    strcpy(alert.version, "2026.1");
    strcpy(alert.digest, "00");
    return alert;
}

struct vg_episode sample_episode(unsigned n)
{
    struct vg_episode episode = {
        .product = VG_CAR_NK, .age = 55, .begin = {EPOCH_MS + n}, .end = VG_NEVER};
    vg_content_id(episode.id, episode.begin, n, 1);
    snprintf(episode.patient, sizeof(episode.patient), "p-%04u", n);
    strcpy(episode.ward, "onc-0");
    strcpy(episode.bed, "1");
    strcpy(episode.protocol, "car-nk");
    return episode;
}

void assert_same_reading(const struct vg_reading *a, const struct vg_reading *b)
{
    assert_int_equal(a->signal, b->signal);
    assert_int_equal(a->source, b->source);
    assert_int_equal(a->method, b->method);
    assert_int_equal(a->quality, b->quality);
    assert_int_equal(a->measured.ms, b->measured.ms);
    assert_int_equal(a->value, b->value);
    assert_int_equal(a->raw.mantissa, b->raw.mantissa);
    assert_int_equal(a->raw.exponent, b->raw.exponent);
    assert_int_equal(a->unit, b->unit);
    assert_int_equal(a->pi, b->pi);
    assert_int_equal(a->uln, b->uln);
    assert_int_equal(a->lln, b->lln);
    assert_int_equal(a->ice_items, b->ice_items);
    assert_int_equal(a->unarousable, b->unarousable);
    assert_int_equal(a->out_of_range, b->out_of_range);
    assert_int_equal(a->suspect, b->suspect);
}

static void assert_same_entry(const struct vg_entry *a, const struct vg_entry *b)
{
    assert_int_equal(a->signal, b->signal);
    assert_int_equal(a->at.ms, b->at.ms);
    assert_string_equal(a->value, b->value);
    assert_int_equal(a->on, b->on);
    assert_int_equal(a->no_return, b->no_return);
    assert_int_equal(a->haemorrhage, b->haemorrhage);
    assert_int_equal(a->duration_s, b->duration_s);
    assert_int_equal(a->flow, b->flow);
    assert_int_equal(a->fio2, b->fio2);
    assert_int_equal(a->until.ms, b->until.ms);
    assert_string_equal(a->by, b->by);
    assert_string_equal(a->product, b->product);
    assert_string_equal(a->dose_id, b->dose_id);
}

void assert_same_message(const struct vg_message *a, const struct vg_message *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_string_equal(a->ward, b->ward);
    assert_string_equal(a->bed, b->bed);
    assert_string_equal(a->origin.gateway, b->origin.gateway);
    assert_string_equal(a->origin.epoch, b->origin.epoch);
    assert_int_equal(a->origin.seq, b->origin.seq);
    assert_int_equal(a->measured.ms, b->measured.ms);
    assert_string_equal(a->patient, b->patient);
    assert_string_equal(a->device, b->device);
    assert_int_equal(a->reading_count, b->reading_count);
    for (size_t i = 0; i < a->reading_count; i++) {
        assert_same_reading(&a->readings[i], &b->readings[i]);
    }
    assert_int_equal(a->entry_count, b->entry_count);
    for (size_t i = 0; i < a->entry_count; i++) {
        assert_same_entry(&a->entries[i], &b->entries[i]);
    }
    assert_int_equal(a->failed_count, b->failed_count);
    for (size_t i = 0; i < a->failed_count; i++) {
        assert_int_equal(a->failed[i].ms, b->failed[i].ms);
    }
}
