/* SPDX-License-Identifier: Apache-2.0
 *
 * What a bed answers to the questions of the rule language, and that an answer which changes by
 * time alone is told at its own instant. Rules of one question each; the first reading comes at
 * 0, so that the bed is watched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/item.h"
#include "lib/desk.h"

enum act { END, CHART, READ, FLAG_ON, FLAG_OFF, WAIT };

struct step {
    int64_t at; /* seconds */
    enum act act;
    enum vg_signal signal;
    const char *word; /* CHART, FLAG */
    int64_t value;    /* READ */
};

struct row {
    const char *when;
    struct step step[6];
    const char *told; /* "at event R onset;", ms */
};

#define AT(s, signal, word)       \
    {                             \
        s, CHART, signal, word, 0 \
    }
#define SPOT(s, signal, value)       \
    {                                \
        s, READ, signal, NULL, value \
    }
#define TIME(s)                 \
    {                           \
        s, WAIT, VG_HR, NULL, 0 \
    }
#define FLAG(s, word)                \
    {                                \
        s, FLAG_ON, VG_FLAG, word, 0 \
    }

static const struct row rows[] = {
    /* medication: for the whole span, both ends included */
    {"given(paracetamol, 6h)",
     {AT(60, VG_MEDICATION, "paracetamol"), TIME(60 + 6 * 3600), TIME(7 * 3600)},
     "60000 raised R 60000;21660001 ended R 60000;"},
    {"given(paracetamol, 6h)", {AT(60, VG_MEDICATION, "tocilizumab")}, ""},
    /* symptoms; tremor is charted as a neurologic finding */
    {"noted(rigors, 1h)",
     {AT(60, VG_SYMPTOM, "rigors"), TIME(7200)},
     "60000 raised R 60000;3660001 ended R 60000;"},
    {"noted(tremor, 1h)",
     {AT(60, VG_NEURO, "tremor"), TIME(7200)},
     "60000 raised R 60000;3660001 ended R 60000;"},
    {"noted(gait, 1h)", {AT(60, VG_NEURO, "gait")}, ""},
    /* oxygen that was never charted is not room air */
    {"not on(oxygen)", {SPOT(60, VG_SPO2, 97)}, ""},
    {"not on(oxygen)", {AT(60, VG_O2_DEVICE, "unknown")}, ""},
    {"not on(oxygen)", {AT(60, VG_O2_DEVICE, "room_air")}, "60000 raised R 60000;"},
    {"on(oxygen)",
     {AT(60, VG_O2_DEVICE, "nasal_cannula"), AT(120, VG_O2_DEVICE, "room_air")},
     "60000 raised R 60000;120000 ended R 60000;"},
    {"on(norepinephrine)",
     {AT(60, VG_VASOPRESSOR, "norepinephrine")},
     "60000 raised R 60000;"},
    {"on(norepinephrine)", {AT(60, VG_VASOPRESSOR, "vasopressin")}, ""},
    /* who lies there */
    {"setting is inpatient", {SPOT(60, VG_HR, 80)}, "0 raised R 0;"},
    {"setting is outpatient", {SPOT(60, VG_HR, 80)}, ""},
    /* flags end by themselves: an attribution after 24 h */
    {"flag(fever_other_cause)",
     {FLAG(60, "fever_other_cause"), TIME(86459), TIME(86460)},
     "60000 raised R 60000;86460000 ended R 60000;"},
    {"flag(scale2)",
     {FLAG(60, "scale2"), {120, FLAG_OFF, VG_FLAG, "scale2", 0}},
     "60000 raised R 60000;120000 ended R 60000;"},
    /* spans that grow: true at the limit, or just past it */
    {"since_infusion >= 1h",
     {AT(60, VG_INFUSION, "start"), TIME(3659), TIME(3660)},
     "3660000 raised R 3660000;"},
    {"since_infusion > 1h",
     {AT(60, VG_INFUSION, "start"), TIME(3660), TIME(3661)},
     "3660001 raised R 3660001;"},
    {"since_infusion < 1h",
     {AT(60, VG_INFUSION, "start"), TIME(3661)},
     "60000 raised R 60000;3660000 ended R 60000;"},
    {"since_infusion >= 1s", {SPOT(60, VG_HR, 80)}, ""}, /* none is charted */
    {"since_admission >= 2h",
     {SPOT(60, VG_HR, 80), TIME(7200)},
     "7200000 raised R 7200000;"},
    {"age(temp) > 1h",
     {SPOT(60, VG_TEMP, 370), TIME(3660), SPOT(3661, VG_HR, 80)},
     "3660001 raised R 3660001;"},
    {"age(temp) > 1h", {SPOT(60, VG_HR, 80), TIME(7200)}, ""}, /* never measured */
    /* the newest value speaks for 60 minutes; then it is unknown, which ends nothing */
    {"hr > 100 /min",
     {SPOT(60, VG_HR, 110), TIME(3660), TIME(3661)},
     "60000 raised R 60000;3660001 data_lost R 60000;"},
    {"count(hr, 10m) >= 2",
     {SPOT(60, VG_HR, 80), SPOT(120, VG_HR, 81), TIME(660), TIME(661)},
     "60000 raised R 60000;660001 ended R 60000;"}, /* with the one at 0 */
    /* no trend of one reading; of two there is */
    {"slope(sbp, 1h) < 1 mm[Hg]", {SPOT(60, VG_SBP, 120)}, ""},
    {"slope(sbp, 1h) < 1 mm[Hg]",
     {SPOT(60, VG_SBP, 120), SPOT(120, VG_SBP, 119)},
     "120000 raised R 120000;"},
    {"no rr for 1h",
     {SPOT(60, VG_HR, 80), TIME(3601)},
     "3600001 raised R 3600001;"}, /* watched for the whole span */
    {"no hr for 1h", {SPOT(60, VG_HR, 80), TIME(3661)}, "3660001 raised R 3660001;"},
    /* a baseline that nobody has said is none */
    {"hr > baseline(hr)", {SPOT(60, VG_HR, 140)}, ""},
};

static void act(struct desk *d, const struct step *s)
{
    switch (s->act) {
    case CHART:
        chart(d, s->at * S, s->signal, s->word);
        break;
    case READ:
        spot(d, s->at * S, s->signal, s->value);
        break;
    case FLAG_ON:
    case FLAG_OFF:
        flag(d, s->at * S, s->word, s->act == FLAG_ON);
        break;
    case WAIT:
        wait_until(d, s->at * S);
        break;
    case END:
        break;
    }
}

static void each_question_is_answered(void **state)
{
    char rules[256];
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(rules, sizeof rules,
                       "  - {id: R, class: lab, severity: info, when: \"%s\", text: t, "
                       "source: s}\n",
                       rows[i].when);
        struct desk *d = desk_open_with(rules);
        spot(d, 0, VG_HR, 80);
        for (size_t k = 0; k < 6 && rows[i].step[k].act != END; k++) {
            act(d, &rows[i].step[k]);
        }
        if (strcmp(d->ward.told, rows[i].told) != 0) {
            print_error("%s: told \"%s\"\n  expected \"%s\"\n", rows[i].when,
                        d->ward.told, rows[i].told);
            bad++;
        }
        desk_close(d);
    }
    assert_int_equal(bad, 0);
}

/* A baseline that the admission says, and a planned infusion that serves until one starts
 * (Clinical reference 0.3). */
static void what_an_update_says(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: LOW, class: lab, severity: info, when: sbp < 0.8 * baseline(sbp), "
        "text: t, source: s}\n"
        "  - {id: SOON, class: lab, severity: info, when: since_infusion >= 1h, text: t, "
        "source: s}\n");
    struct vg_admission a = admission(VG_UPDATE, 60 * S);

    (void)state;
    spot(d, 0, VG_SBP, 95);
    heard(d, "");
    a.baseline[VG_SBP] = 120;
    a.infusion_planned.ms = WARD_START + 10 * M;
    step(d, 60 * S, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &a});
    assert_int_not_equal(open_of(d, "LOW")->rev, 0); /* 95 < 96 */
    spot(d, 11 * M, VG_SBP, 96);
    assert_int_equal(open_of(d, "LOW")->rev, 0);
    chart(d, 30 * M, VG_INFUSION, "start"); /* later than planned */
    wait_until(d, 70 * M);
    assert_int_equal(open_of(d, "SOON")->rev, 0);
    wait_until(d, 90 * M);
    assert_int_not_equal(open_of(d, "SOON")->rev, 0);
    desk_close(d);
}

/* What hides fever is known with its dose too; what would end a call is not: an antibiotic may be given to prevent. */
static void a_drug_with_its_dose(void **state)
{
    static const struct {
        const char *charted, *kind;
    } drugs[] = {{"paracetamol 1 g", "paracetamol"},
                 {"acetaminophen 500 mg", "paracetamol"},
                 {"tocilizumab 8 mg/kg", "tocilizumab"},
                 {"naproxen 500 mg", "naproxen"},
                 {"ruxolitinib 10 mg", "ruxolitinib"},
                 {"paracetamol", "paracetamol"},
                 {"paracetamolum 1 g", NULL},
                 {"antibiotic 1 g", NULL},
                 {"il2 1 miu", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof drugs / sizeof drugs[0]; i++) {
        const char *kind = vg_chart_word(
            VG_MEDICATION, vg_chart_name(VG_MEDICATION, drugs[i].charted));
        if (drugs[i].kind == NULL) {
            assert_null(kind);
        } else {
            assert_non_null(kind);
            assert_string_equal(kind, drugs[i].kind);
        }
    }
}

/* A drug by its own name is one of its kind too, not the other way; the latest of them counts. */
static void a_drug_is_of_its_kind(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: KIND, class: lab, severity: info, when: \"given(corticosteroid, 1h)\", "
        "text: t, source: s}\n"
        "  - {id: OWN, class: lab, severity: info, when: \"given(dexamethasone, 1h)\", "
        "text: t, source: s}\n");

    (void)state;
    chart(d, 0, VG_MEDICATION, "corticosteroid");
    assert_int_equal(open_of(d, "OWN")->rev, 0);
    chart(d, 50 * M, VG_MEDICATION, "dexamethasone");
    wait_until(d, 110 * M);
    assert_int_not_equal(open_of(d, "KIND")->rev, 0);
    assert_int_not_equal(open_of(d, "OWN")->rev, 0);
    wait_until(d, 110 * M + 1);
    assert_int_equal(open_of(d, "KIND")->rev, 0);
    chart(d, 120 * M, VG_MEDICATION, "dexamethasone 10 mg");
    assert_int_not_equal(open_of(d, "KIND")->rev, 0);
    assert_int_equal(open_of(d, "OWN")->rev, 0);
    chart(d, 240 * M, VG_MEDICATION, "dexamethasone-free drops");
    assert_int_equal(open_of(d, "KIND")->rev, 0);
    desk_close(d);
}

/* Where nobody is admitted, nothing is said of who lies there. */
static void an_empty_bed_has_no_patient(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: HOME, class: lab, severity: info, when: setting is outpatient, text: "
        "t, source: s}\n"
        "  - {id: HOUSE, class: lab, severity: info, when: setting is inpatient, text: t, "
        "source: s}\n"
        "  - {id: STAY, class: lab, severity: info, when: since_admission >= 1s, text: "
        "t, source: s}\n"
        "  - {id: PHASE, class: lab, severity: info, when: phase is one or not phase is "
        "one, text: t, source: s}\n"
        "schedule:\n  - {phase: one, from: admission, expect: sbp, every: 4h}\n");
    static const char *const rules[] = {"HOME", "HOUSE", "STAY", "PHASE"};

    (void)state;
    ward_discharge(&d->ward, 0, "P1");
    spot(d, 1 * M, VG_HR, 80);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(open_of(d, rules[i])->rev, 0);
    }
    ward_admit(&d->ward, 2 * M, "P1");
    spot(d, 3 * M, VG_HR, 80);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(open_of(d, rules[i])->rev != 0, i > 0);
    }
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_question_is_answered),
        cmocka_unit_test(what_an_update_says),
        cmocka_unit_test(a_drug_is_of_its_kind),
        cmocka_unit_test(a_drug_with_its_dose),
        cmocka_unit_test(an_empty_bed_has_no_patient),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
