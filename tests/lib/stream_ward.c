/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens on a generated ward, minute by minute. See stream.h.
 */
#include <stdio.h>
#include <string.h>

#include "lib/stream.h"

#define S     1000
#define M     (INT64_C(60) * S)
#define MICRO INT64_C(1000000)

/* Canonical steps, about which readings scatter. */
struct mood {
    int temp, hr, rr, spo2, sbp;
};

static const struct mood moods[] = {
    {366, 78, 15, 97, 124},                          /* well */
    {366, 84, 16, 96, 116}, {380, 101, 20, 94, 104}, /* about the limits */
    {388, 118, 23, 93, 98},                          /* fever */
    {379, 128, 25, 90, 91}, {394, 134, 27, 89, 88},  {390, 139, 30, 85, 78}, /* shock */
    {404, 148, 33, 82, 68}, {358, 42, 9, 95, 168},   {350, 38, 7, 91, 182},
    {377, 110, 21, 92, 95}, {412, 182, 41, 74, 50},
};

struct maker {
    unsigned s;
    struct stream *out;
    unsigned patient;
    bool moved;
    int64_t at; /* ms from the start: the minute */
    struct mood mood;
    bool minute, patch, line, oxygen, two;
    int cuff; /* minutes between measurements */
    int bout; /* minutes by the second that are left */
    struct stream_event now;
};

static unsigned r(struct maker *m, unsigned below)
{
    return stream_random(&m->s, below);
}

static bool one_in(struct maker *m, unsigned n)
{
    return r(m, n) == 0;
}

static int64_t about(struct maker *m, int64_t middle, unsigned spread)
{
    return middle - (int64_t)spread + (int64_t)r(m, 2 * spread + 1);
}

static void place(const struct maker *m, char *ward, char *bed)
{
    (void)vg_copy(ward, VG_ID_LEN + 1, STREAM_WARD);
    (void)snprintf(bed, VG_ID_LEN + 1, "%u", m->patient + (m->moved ? 20 : 10));
}

static void begin(struct maker *m, enum vg_kind kind, int64_t measured,
                  const char *device)
{
    memset(&m->now, 0, sizeof m->now);
    m->now.patient = m->patient;
    m->now.message.kind = kind;
    m->now.message.measured.ms = STREAM_START + measured;
    place(m, m->now.message.ward, m->now.message.bed);
    (void)vg_copy(m->now.message.device, sizeof m->now.message.device, device);
}

static struct vg_reading *put(struct maker *m, enum vg_signal signal, int64_t value,
                              enum vg_source source, enum vg_method method)
{
    const struct vg_signal_info *info = vg_signal_info(signal);
    struct vg_reading *reading =
        &m->now.readings[m->now.message.reading_count++ % STREAM_READINGS];

    *reading = (struct vg_reading){
        .signal = signal,
        .source = source,
        .method = method,
        .measured = m->now.message.measured,
        .value = value,
        .raw = vg_decimal_of(value, info->places),
        .unit = info->unit,
        .pi = -1,
        .uln = VG_NO_VALUE,
        .lln = VG_NO_VALUE,
        .out_of_range = value < info->hard_low || value > info->hard_high,
        .suspect = value < info->plausible_low || value > info->plausible_high};
    if (one_in(m, 150)) {
        reading->quality = (enum vg_quality)r(m, VG_QUALITY_COUNT);
    }
    return reading;
}

static struct vg_entry *chart(struct maker *m, enum vg_signal signal, const char *word)
{
    struct vg_entry *entry =
        &m->now.entries[m->now.message.entry_count++ % STREAM_ENTRIES];

    *entry = (struct vg_entry){.signal = signal,
                               .at = m->now.message.measured,
                               .on = true,
                               .duration_s = -1,
                               .flow = VG_NO_VALUE,
                               .fio2 = VG_NO_VALUE,
                               .until = VG_UNSET};
    (void)vg_copy(entry->value, sizeof entry->value, word);
    return entry;
}

/* It arrives up to two seconds after it was measured. */
static void end(struct maker *m)
{
    m->now.at.ms = m->now.message.measured.ms + (int64_t)r(m, 3) * S;
    stream_add(m->out, &m->now);
}

/* ---- Devices */

static void monitor(struct maker *m, int64_t at)
{
    const enum vg_source continuous = VG_SOURCE_CONTINUOUS;

    begin(m, VG_KIND_VITALS, at, m->two && one_in(m, 3) ? "mon-2" : "mon-1");
    if (!one_in(m, 30)) {
        (void)put(m, VG_HR, about(m, m->mood.hr, 4), continuous, VG_METHOD_NONE);
    }
    if (!one_in(m, 30)) {
        struct vg_reading *spo2 =
            put(m, VG_SPO2, about(m, m->mood.spo2, 1), continuous, VG_METHOD_NONE);
        spo2->value = spo2->value > 100 ? 100 : spo2->value;
        spo2->pi = one_in(m, 2) ? (int32_t)r(m, 12) * 10 : -1;
    }
    if (!one_in(m, 10)) {
        (void)put(m, VG_RR, about(m, m->mood.rr, 2), continuous, VG_METHOD_NONE);
    }
    end(m);
}

static void patch(struct maker *m, int64_t at)
{
    static const enum vg_method methods[] = {VG_METHOD_AXILLARY, VG_METHOD_SKIN,
                                             VG_METHOD_CORE};
    const int64_t value = one_in(m, 90) ? 330 : about(m, m->mood.temp, 2);

    begin(m, VG_KIND_VITALS, at, "patch");
    (void)put(m, VG_TEMP, value, VG_SOURCE_CONTINUOUS, methods[m->patient % 3]);
    end(m);
}

static void pressures(struct maker *m, enum vg_source source, bool torn)
{
    const int64_t sbp = about(m, m->mood.sbp, 5);
    const int64_t dbp = torn ? sbp - 2 : sbp * 6 / 10;

    (void)put(m, VG_SBP, sbp, source, VG_METHOD_NONE);
    (void)put(m, VG_DBP, dbp, source, VG_METHOD_NONE);
    (void)put(m, VG_MAP, torn ? sbp + 9 : (sbp + 2 * dbp) / 3, source, VG_METHOD_NONE);
}

static void cuff(struct maker *m, int64_t at)
{
    begin(m, VG_KIND_VITALS, at, "cuff");
    pressures(m, VG_SOURCE_CUFF, one_in(m, 15));
    end(m);
}

static void line(struct maker *m, int64_t at)
{
    begin(m, VG_KIND_VITALS, at, "line");
    pressures(m, VG_SOURCE_ARTERIAL, one_in(m, 60));
    end(m);
}

static void spot(struct maker *m, int64_t at)
{
    static const enum vg_method methods[] = {VG_METHOD_ORAL, VG_METHOD_TYMPANIC,
                                             VG_METHOD_AXILLARY, VG_METHOD_NONE};

    begin(m, VG_KIND_VITALS, at, "");
    (void)put(m, VG_TEMP, about(m, m->mood.temp, 2), VG_SOURCE_SPOT, methods[r(m, 4)]);
    if (!one_in(m, 4)) {
        (void)put(m, VG_HR, about(m, m->mood.hr, 4), VG_SOURCE_SPOT, VG_METHOD_NONE);
        (void)put(m, VG_RR, about(m, m->mood.rr, 2), VG_SOURCE_SPOT, VG_METHOD_NONE);
        (void)put(m, VG_SPO2, m->mood.spo2, VG_SOURCE_MANUAL, VG_METHOD_NONE);
        pressures(m, one_in(m, 2) ? VG_SOURCE_CUFF : VG_SOURCE_MANUAL, false);
    }
    if (one_in(m, 3)) {
        static const char *const words[] = {"A", "A", "A", "C", "V", "P"};
        (void)chart(m, VG_CONSCIOUSNESS, words[r(m, 6)]);
    }
    end(m);
}

/* ---- People */

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

static void laboratory(struct maker *m, int64_t at)
{
    const unsigned count = sizeof tests_of_blood / sizeof tests_of_blood[0];

    begin(m, VG_KIND_LABS, at, "");
    for (unsigned i = r(m, count), k = 0; k < STREAM_READINGS; k++) {
        const struct lab *lab = &tests_of_blood[(i + k) % count];
        const int64_t value =
            lab->low + (lab->high - lab->low) * (int64_t)r(m, 101) / 100;
        (void)put(m, lab->signal, value * 1000, VG_SOURCE_SPOT, VG_METHOD_NONE);
    }
    end(m);
}

static void ice(struct maker *m, int64_t at)
{
    const int64_t total = one_in(m, 3) ? (int64_t)r(m, 11) : 10;

    begin(m, VG_KIND_ASSESSMENT, at, "");
    struct vg_reading *reading =
        put(m, VG_ICE, total, VG_SOURCE_MANUAL, VG_METHOD_NONE);
    reading->unarousable = total == 0 && one_in(m, 2);
    end(m);
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

static void person(struct maker *m, int64_t at)
{
    const struct charting *c = &chartings[r(m, sizeof chartings / sizeof chartings[0])];

    begin(m, c->signal == VG_O2_DEVICE ? VG_KIND_THERAPY : VG_KIND_ASSESSMENT, at, "");
    struct vg_entry *entry = chart(m, c->signal, c->word);
    if (c->signal == VG_O2_DEVICE && strcmp(c->word, "room_air") != 0) {
        entry->flow = one_in(m, 4) ? VG_NO_VALUE : (int64_t)r(m, 12) * 10;
        entry->fio2 = one_in(m, 3) ? 21 + (int64_t)r(m, 60) : VG_NO_VALUE;
    }
    if (c->signal == VG_VASOPRESSOR || c->signal == VG_FLAG) {
        entry->on = !one_in(m, 2);
    }
    if (c->signal == VG_SEIZURE) {
        entry->duration_s = one_in(m, 2) ? (int32_t)r(m, 400) : -1;
        entry->no_return = one_in(m, 5);
    }
    if (c->signal == VG_FLAG && one_in(m, 2)) {
        entry->until.ms = STREAM_START + at + (int64_t)r(m, 600) * M;
    }
    entry->haemorrhage = c->signal == VG_NEURO && strcmp(c->word, "haemorrhage") == 0;
    end(m);
}

static void infusion(struct maker *m, int64_t at, const char *word)
{
    begin(m, VG_KIND_THERAPY, at, "");
    (void)chart(m, VG_INFUSION, word);
    end(m);
}

/* ---- The stay */

static void stay(struct maker *m, int64_t at, enum vg_episode_do action,
                 const char *patient)
{
    struct vg_admission *a = &m->now.admission;

    memset(&m->now, 0, sizeof m->now);
    m->now.patient = m->patient;
    m->now.at.ms = STREAM_START + at;
    m->now.stay = true;
    place(m, a->ward, a->bed);
    a->action = action;
    a->at = m->now.at;
    a->product = VG_CAR_T;
    a->age = m->patient == 2 ? -1 : 40 + (int)m->patient;
    a->infusion_planned = VG_UNSET;
    (void)vg_copy(a->patient, sizeof a->patient, patient);
    (void)vg_copy(a->target, sizeof a->target, m->patient == 1 ? "BCMA" : "CD19");
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        a->baseline[i] = a->uln[i] = VG_NO_VALUE;
    }
    if (m->patient == 0) {
        a->baseline[VG_SBP] = 125;
        a->baseline[VG_TEMP] = 366;
        a->baseline[VG_PLT] = 200 * MICRO;
    }
    if (action == VG_TRANSFER) {
        m->moved = true;
        place(m, a->to_ward, a->to_bed);
    }
    stream_add(m->out, &m->now);
}

/* Patient 1 moves to another bed; patient 3 is not known at first, goes, and another comes. */
static void visit(struct maker *m, int64_t minute, int64_t minutes)
{
    static const char *const names[STREAM_PATIENTS] = {"p-0", "p-1", "p-2", "p-3"};
    const char *name = names[m->patient];
    const int64_t at = m->at + 500;

    if (minute == (m->patient == 3 ? 90 : 2)) {
        stay(m, at, VG_ADMIT, name);
    } else if (m->patient == 1 && minute == minutes / 2) {
        stay(m, at, VG_TRANSFER, name);
    } else if (m->patient == 3 && minute == minutes * 2 / 3) {
        stay(m, at, VG_DISCHARGE, name);
    } else if (m->patient == 3 && minute == minutes * 2 / 3 + 20) {
        stay(m, at, VG_ADMIT, "p-4");
    } else if (m->patient == 2 && minute == minutes / 3) {
        stay(m, at, VG_UPDATE, name);
        m->out->event[m->out->count - 1].admission.age = 60;
    }
    if (minute == 120 + 40 * (int64_t)m->patient) {
        infusion(m, m->at, "start");
    } else if (minute == 155 + 40 * (int64_t)m->patient) {
        infusion(m, m->at, "end");
    }
}

/* ---- A minute */

static void change(struct maker *m)
{
    if (one_in(m, 45)) {
        m->mood = moods[r(m, sizeof moods / sizeof moods[0])];
    }
    if (one_in(m, 150)) {
        m->mood = moods[0];
    }
    m->minute = one_in(m, 120) ? !m->minute : m->minute;
    m->patch = one_in(m, 240) ? !m->patch : m->patch;
    m->line = one_in(m, 300) ? !m->line : m->line;
    m->two = one_in(m, 400) ? !m->two : m->two;
    m->bout = one_in(m, 300) ? 2 + (int)r(m, 5) : m->bout;
    m->cuff = one_in(m, 200) ? 15 << r(m, 4) : m->cuff;
}

static void bout(struct maker *m)
{
    if (m->bout > 0) {
        m->bout--;
        for (int64_t second = 0; second < 60; second++) {
            monitor(m, m->at + second * S);
        }
    } else if (m->minute) {
        monitor(m, m->at);
    }
}

static void minute(struct maker *m, int64_t number)
{
    const int64_t off = one_in(m, 2) ? 0 : (int64_t)r(m, 55) * S;

    change(m);
    bout(m);
    if (m->patch) {
        patch(m, m->at);
    }
    if (m->line) {
        line(m, m->at);
    }
    if (number % m->cuff == 0) {
        cuff(m, m->at);
    }
    if (one_in(m, 90)) {
        spot(m, m->at + off);
    }
    if (one_in(m, 60)) {
        person(m, m->at + off);
    }
    if (one_in(m, 240)) {
        ice(m, m->at + off);
    }
    if (one_in(m, 300)) {
        laboratory(m, m->at + off);
    }
}

struct stream stream_generate(unsigned seed, int64_t minutes)
{
    struct stream out = {0};

    for (unsigned p = 0; p < STREAM_PATIENTS; p++) {
        struct maker m = {.s = seed + p * 7919U,
                          .out = &out,
                          .patient = p,
                          .mood = moods[0],
                          .minute = p != 2,
                          .patch = p == 1,
                          .cuff = 30};
        int64_t gap = 0; /* minutes in which nothing comes */
        for (int64_t i = 0; i < minutes; i++) {
            m.at = i * M;
            visit(&m, i, minutes);
            gap = one_in(&m, 700) ? (int64_t)r(&m, 150) : gap - 1;
            if (gap <= 0) {
                minute(&m, i);
            }
        }
    }
    stream_sort(&out);
    return out;
}
