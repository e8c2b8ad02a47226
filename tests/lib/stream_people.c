/* SPDX-License-Identifier: Apache-2.0
 *
 * What nurses, physicians and laboratories give. See stream.h.
 */
#include <stdio.h>
#include <string.h>

#include "lib/stream_maker.h"

void maker_spot(struct maker *m, int64_t at)
{
    static const enum vg_method methods[] = {VG_METHOD_ORAL, VG_METHOD_TYMPANIC,
                                             VG_METHOD_AXILLARY, VG_METHOD_NONE};

    maker_begin(m, VG_KIND_VITALS, at, "");
    (void)maker_put(m, VG_TEMP, maker_about(m, m->mood.temp, 2), VG_SOURCE_SPOT,
                    methods[maker_random(m, 4)]);
    if (!maker_one_in(m, 4)) {
        (void)maker_put(m, VG_HR, maker_about(m, m->mood.hr, 4), VG_SOURCE_SPOT,
                        VG_METHOD_NONE);
        (void)maker_put(m, VG_RR, maker_about(m, m->mood.rr, 2), VG_SOURCE_SPOT,
                        VG_METHOD_NONE);
        (void)maker_put(m, VG_SPO2, m->mood.spo2, VG_SOURCE_MANUAL, VG_METHOD_NONE);
        maker_pressures(m, maker_one_in(m, 2) ? VG_SOURCE_CUFF : VG_SOURCE_MANUAL,
                        false);
    }
    if (maker_one_in(m, 3)) {
        static const char *const words[] = {"A", "A", "A", "C", "V", "P"};
        (void)maker_chart(m, VG_CONSCIOUSNESS, words[maker_random(m, 6)]);
    }
    maker_end(m);
}

struct lab {
    enum vg_signal signal;
    int64_t low, high; /* in thousandths */
};

static const struct lab tests_of_blood[] = {
    {VG_ANC, 100000, 4000000},
    {VG_WBC, 300, 14000},
    {VG_HB, 5500, 13000},
    {VG_PLT, 5000, 220000},
    {VG_CRP, 200, 30000},
    {VG_FERRITIN, 100000, 15000000},
    {VG_FIBRINOGEN, 70000, 600000},
    {VG_AST, 10000, 900000},
    {VG_ALT, 10000, 700000},
    {VG_LDH, 100000, 1500000},
    {VG_CREAT, 600, 3500},
    {VG_URATE, 3000, 11000},
    {VG_K, 2300, 7100},
    {VG_NA, 115000, 160000},
    {VG_PHOS, 2000, 7000},
    {VG_CA, 6000, 10500},
    {VG_GLUCOSE, 40000, 420000},
    {VG_LACTATE, 600, 6000},
    {VG_BILI, 300, 6000},
    {VG_ALC, 50, 2500},
};

void maker_laboratory(struct maker *m, int64_t at)
{
    const unsigned count = sizeof tests_of_blood / sizeof tests_of_blood[0];

    maker_begin(m, VG_KIND_LABS, at, "");
    for (unsigned i = maker_random(m, count), k = 0; k < STREAM_READINGS; k++) {
        const struct lab *lab = &tests_of_blood[(i + k) % count];
        const int64_t value =
            lab->low + (lab->high - lab->low) * (int64_t)maker_random(m, 101) / 100;
        (void)maker_put(m, lab->signal, value * 1000, VG_SOURCE_SPOT, VG_METHOD_NONE);
    }
    maker_end(m);
}

void maker_ice(struct maker *m, int64_t at)
{
    const int64_t total = maker_one_in(m, 3) ? (int64_t)maker_random(m, 11) : 10;

    maker_begin(m, VG_KIND_ASSESSMENT, at, "");
    struct vg_reading *reading =
        maker_put(m, VG_ICE, total, VG_SOURCE_MANUAL, VG_METHOD_NONE);
    reading->unarousable = total == 0 && maker_one_in(m, 2);
    maker_end(m);
}

struct charting {
    enum vg_signal signal;
    const char *word;
};

static const struct charting chartings[] = {
    {VG_O2_DEVICE, "room_air"},
    {VG_O2_DEVICE, "nasal_cannula"},
    {VG_O2_DEVICE, "nasal_cannula"},
    {VG_O2_DEVICE, "venturi"},
    {VG_O2_DEVICE, "hfnc"},
    {VG_O2_DEVICE, "bipap"},
    {VG_O2_DEVICE, "unknown"},
    {VG_VASOPRESSOR, "norepinephrine"},
    {VG_VASOPRESSOR, "vasopressin"},
    {VG_VASOPRESSOR, "norepinephrine"},
    {VG_MEDICATION, "paracetamol"},
    {VG_MEDICATION, "tocilizumab"},
    {VG_MEDICATION, "corticosteroid"},
    {VG_MEDICATION, "antibiotic"},
    {VG_MEDICATION, "gcsf"},
    {VG_MEDICATION, "naproxen"},
    {VG_CONSCIOUSNESS, "A"},
    {VG_CONSCIOUSNESS, "V"},
    {VG_AROUSAL, "spontaneous"},
    {VG_AROUSAL, "voice"},
    {VG_SEIZURE, "generalised"},
    {VG_NEURO, "tremor"},
    {VG_NEURO, "papilloedema"},
    {VG_NEURO, "haemorrhage"},
    {VG_SYMPTOM, "rigors"},
    {VG_SYMPTOM, "urticaria"},
    {VG_SYMPTOM, "wheeze"},
    {VG_SYMPTOM, "headache"},
    {VG_FLAG, "fever_other_cause"},
    {VG_FLAG, "hypotension_other_cause"},
    {VG_FLAG, "scale2"},
    {VG_FLAG, "fn_treated"},
    {VG_FLAG, "crs_resolving"},
    {VG_FLAG, "sedated"},
};

void maker_person(struct maker *m, int64_t at)
{
    const struct charting *c =
        &chartings[maker_random(m, sizeof chartings / sizeof chartings[0])];

    maker_begin(m, c->signal == VG_O2_DEVICE ? VG_KIND_THERAPY : VG_KIND_ASSESSMENT, at,
                "");
    struct vg_entry *entry = maker_chart(m, c->signal, c->word);
    if (c->signal == VG_O2_DEVICE && strcmp(c->word, "room_air") != 0) {
        entry->flow =
            maker_one_in(m, 4) ? VG_NO_VALUE : (int64_t)maker_random(m, 12) * 10;
        entry->fio2 =
            maker_one_in(m, 3) ? 21 + (int64_t)maker_random(m, 60) : VG_NO_VALUE;
    }
    if (c->signal == VG_VASOPRESSOR || c->signal == VG_FLAG) {
        entry->on = !maker_one_in(m, 2);
    }
    if (c->signal == VG_SEIZURE) {
        entry->duration_s = maker_one_in(m, 2) ? (int32_t)maker_random(m, 400) : -1;
        entry->no_return = maker_one_in(m, 5);
    }
    if (c->signal == VG_FLAG && maker_one_in(m, 2)) {
        entry->until.ms = STREAM_START + at + (int64_t)maker_random(m, 600) * M;
    }
    entry->haemorrhage = c->signal == VG_NEURO && strcmp(c->word, "haemorrhage") == 0;
    maker_end(m);
}

void maker_infusion(struct maker *m, int64_t at, const char *word)
{
    maker_begin(m, VG_KIND_THERAPY, at, "");
    (void)maker_chart(m, VG_INFUSION, word);
    maker_end(m);
}
