/* SPDX-License-Identifier: Apache-2.0
 *
 * A stored message, encoded, is decoded as the same message: what `vigil export` rests on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

#include "lib/random.h"
#include "lib/sample.h"

/* There and back. */
static void check(const struct vg_message *message)
{
    struct vg_decoder *decoder = vg_decoder_create("vigil/v1");
    struct vg_buffer b = {0};
    struct vg_decoded decoded;
    char topic[VG_TOPIC_LEN + 1];

    assert_int_equal(vg_topic_build(topic, "vigil/v1", "beds", message->ward,
                                    message->bed, vg_kind_text(message->kind), NULL),
                     VG_OK);
    vg_encode_message(&b, message);
    assert_false(b.failed);
    const struct vg_letter letter = {topic, strlen(topic), b.bytes, b.length, false};
    vg_decode(decoder, &letter, &decoded);
    if (decoded.kind != VG_DECODED_MESSAGE) {
        fail_msg("refused: %s in %s", decoded.refusal[0].detail, b.bytes);
    }
    assert_same_message(&decoded.message, message);
    vg_buffer_finish(&b);
    vg_decoder_destroy(decoder);
}

static void head(struct vg_message *m)
{
    strcpy(m->ward, "onc-7");
    strcpy(m->bed, "12");
    strcpy(m->origin.gateway, "gw-1");
    strcpy(m->origin.epoch, "e1");
    m->origin.seq = 17;
    m->measured.ms = 1767225600000;
    strcpy(m->patient, "p-0042");
    strcpy(m->device, "mon-1");
}

/* Whether a gateway can have sent it: the unit fits, and what follows from the value does. */
static bool possible(struct vg_reading *r)
{
    const struct vg_signal_info *info = vg_signal_info(r->signal);
    struct vg_conversion c;

    if (r->unit == VG_UNIT_NONE || r->signal == VG_ICE ||
        vg_unit_conversion(info->quantity, r->unit, info->unit, &c) != VG_OK ||
        vg_signal_convert(r->signal, r->raw, r->unit, &r->value) != VG_OK ||
        r->raw.mantissa > INT64_C(99999999999999) ||
        r->raw.mantissa < -INT64_C(99999999999999) || r->raw.exponent > 12 ||
        (info->unit == VG_UNIT_SCORE && r->raw.exponent > 0)) {
        return false;
    }
    r->out_of_range = r->value < info->hard_low || r->value > info->hard_high;
    r->suspect = r->value < info->plausible_low || r->value > info->plausible_high;
    r->pi = r->signal == VG_SPO2 && r->pi <= 10000 ? r->pi : -1;
    r->uln = VG_NO_VALUE;
    r->lln = VG_NO_VALUE;
    r->ice_items = 0;
    r->unarousable = false;
    return true;
}

static void readings_of_every_kind_come_back(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    static struct vg_obs obs; /* large */
    size_t checked = 0;

    for (unsigned round = 0; round < 1500; round++) {
        struct vg_message m = {.kind = VG_KIND_VITALS};
        size_t n = 0;
        head(&m);
        random_obs(&source, m.measured, &obs);
        for (size_t i = 0; i < obs.reading_count; i++) {
            if (possible(&obs.readings[i])) {
                obs.readings[n++] = obs.readings[i];
            }
        }
        for (size_t i = 0; i < obs.entry_count; i++) {
            obs.entries[i].on = true; /* a device has neither */
            obs.entries[i].duration_s = -1;
            obs.entries[i].by[0] = '\0';
        }
        vg_obs_into(&obs, &m);
        m.reading_count = n;
        if (vg_message_says_something(&m)) {
            check(&m);
            checked += n;
        }
    }
    assert_true(checked > 5000);
}

static struct vg_reading lab(enum vg_signal signal, int64_t mantissa, uint8_t exponent,
                             enum vg_unit unit)
{
    struct vg_reading r = {.signal = signal,
                           .source = VG_SOURCE_SPOT,
                           .measured = {1767225600000},
                           .raw = {mantissa, exponent},
                           .unit = unit,
                           .pi = -1,
                           .uln = VG_NO_VALUE,
                           .lln = VG_NO_VALUE};
    assert_int_equal(vg_signal_convert(signal, r.raw, unit, &r.value), VG_OK);
    return r;
}

/* The laboratory's limit was sent in the unit of the value. */
static void limits_of_a_laboratory_come_back_in_its_unit(void **state)
{
    (void)state;
    struct vg_reading readings[] = {
        lab(VG_FERRITIN, 81225, 2, vg_signal_info(VG_FERRITIN)->unit),
        lab(VG_CREAT, 88, 0, VG_UNIT_UMOL_PER_L)};
    struct vg_message m = {
        .kind = VG_KIND_LABS, .readings = readings, .reading_count = 2};

    head(&m);
    assert_int_equal(vg_signal_convert(VG_FERRITIN, (struct vg_decimal){300, 0},
                                       readings[0].unit, &readings[0].uln),
                     VG_OK);
    assert_int_equal(vg_signal_convert(VG_CREAT, (struct vg_decimal){104, 0},
                                       VG_UNIT_UMOL_PER_L, &readings[1].uln),
                     VG_OK);
    assert_int_equal(vg_signal_convert(VG_CREAT, (struct vg_decimal){595, 1},
                                       VG_UNIT_UMOL_PER_L, &readings[1].lln),
                     VG_OK);
    check(&m);
}

static void what_people_chart_comes_back(void **state)
{
    (void)state;
    struct vg_entry entries[] = {
        {.signal = VG_INFUSION, .value = "start", .product = "car-t", .dose_id = "d.1"},
        {.signal = VG_INFUSION, .value = "end", .on = true},
        {.signal = VG_LYMPHODEPLETION, .value = "start"},
        {.signal = VG_O2_DEVICE, .value = "hfnc", .flow = 300, .fio2 = 45},
        {.signal = VG_VASOPRESSOR, .value = "norepinephrine"},
        {.signal = VG_VASOPRESSOR, .value = "vasopressin", .on = true},
        {.signal = VG_MEDICATION, .value = "tocilizumab"},
        {.signal = VG_CONSCIOUSNESS, .value = "V"},
        {.signal = VG_AROUSAL, .value = "touch"},
        {.signal = VG_SEIZURE, .value = "true", .duration_s = 301, .no_return = true},
        {.signal = VG_NEURO, .value = "edema_focal", .haemorrhage = true},
        {.signal = VG_SYMPTOM, .value = "rigors"},
        {.signal = VG_FLAG, .value = "scale2", .by = "nurse:li"}};
    struct vg_reading ice = lab(VG_ICE, 7, 0, VG_UNIT_NONE);
    struct vg_message m = {.kind = VG_KIND_ASSESSMENT,
                           .readings = &ice,
                           .reading_count = 1,
                           .entries = entries,
                           .entry_count = sizeof entries / sizeof *entries};

    head(&m);
    ice.ice_items = 0x000aaaa9; /* the first failed, the others passed */
    for (size_t i = 0; i < m.entry_count; i++) {
        struct vg_entry *e = &entries[i];
        e->at = vg_after(m.measured, i % 2 == 0 ? 0 : -1500);
        e->on = e->on || (e->signal != VG_VASOPRESSOR && e->signal != VG_INFUSION &&
                          e->signal != VG_LYMPHODEPLETION);
        e->duration_s = e->signal == VG_SEIZURE ? e->duration_s : -1;
        e->flow = e->signal == VG_O2_DEVICE ? e->flow : VG_NO_VALUE;
        e->fio2 = e->signal == VG_O2_DEVICE ? e->fio2 : VG_NO_VALUE;
        e->until = e->signal == VG_FLAG ? vg_after(m.measured, VG_DAY) : VG_UNSET;
    }
    check(&m);
    m.origin.seq = 0; /* then the epoch says nothing, and is not kept */
    m.origin.epoch[0] = '\0';
    m.patient[0] = '\0';
    m.device[0] = '\0';
    check(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readings_of_every_kind_come_back),
        cmocka_unit_test(limits_of_a_laboratory_come_back_in_its_unit),
        cmocka_unit_test(what_people_chart_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
