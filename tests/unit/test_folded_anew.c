/* SPDX-License-Identifier: Apache-2.0
 *
 * When everything of a patient is folded anew, a day of a monitor's readings is there: what rested on older ones goes on
 * all the same (vigil/carried.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/days.h"

static const char rules[] =
    "  - id: SUPPORTED\n    class: global\n    severity: urgent\n"
    "    when: crs.grade == 2\n    text: t\n    source: s\n";

static void update(struct ward *w)
{
    struct vg_admission a = {
        .action = VG_UPDATE, .ward = "onc-7", .bed = "12", .patient = "p-1", .age = 56};

    a.at.ms = WARD_START + w->now;
    a.infusion_planned = VG_UNSET;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a.baseline[i] = a.uln[i] = VG_NO_VALUE;
    }
    ward_step(w, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &a});
}

static void reload(struct ward *w)
{
    assert_int_equal(vg_engine_adopt(w->engine, &w->book), VG_OK);
}

/* A low pressure until 44 h is the last sign of the episode. A monitor's pressures are kept for a day: what comes of an
 * update or a reload at 94 h must not have the waiver end early. */
static void test_folded_anew(void **state)
{
    static void (*const anew[])(struct ward *) = {NULL, update, reload};
    static struct ward w;
    const struct days_thing start = {T0, VG_INFUSION, 0, "start", false, 0};
    const struct days_thing given = {30 * HOUR,     VG_MEDICATION, 0,
                                     "tocilizumab", false,         0};
    const struct days_thing oxygen = {110 * HOUR,      VG_O2_DEVICE, 0,
                                      "nasal_cannula", false,        0};

    (void)state;
    for (size_t i = 0; i < sizeof anew / sizeof anew[0]; i++) {
        ward_open(&w, rules);
        ward_admit(&w, 0, "p-1");
        days_chart(&w, &start);
        for (int64_t m = 25 * 60; m < 110 * 60; m++) {
            const int64_t at = m * 60000;
            if (m == 30 * 60) {
                days_chart(&w, &given);
            }
            ward_read(&w, at, VG_TEMP, m < 34 * 60 ? 386 : 368, VG_SOURCE_CONTINUOUS);
            ward_read(&w, at + 1000, VG_SBP, m > 26 * 60 && m < 44 * 60 ? 84 : 120,
                      VG_SOURCE_CONTINUOUS);
            if (m == 94 * 60 && anew[i] != NULL) {
                anew[i](&w);
            }
            w.told[0] = '\0';
        }
        days_chart(&w, &oxygen);
        assert_non_null(strstr(w.told, "raised SUPPORTED"));
        ward_close(&w);
    }
}

/* ---- What was carried adds nothing to what readings say that are there */

#define MINUTES INT64_C(60000)

static const char states[] =
    "  - id: GRADED\n    class: global\n    severity: urgent\n    when: crs.grade >= 1\n"
    "    text: t\n    source: s\n"
    "  - id: FEVERISH\n    class: global\n    severity: urgent\n    when: fever.confirmed\n"
    "    text: t\n    source: s\n"
    "  - id: NEUTROPENIC\n    class: global\n    severity: urgent\n    when: fn.page\n"
    "    text: t\n    source: s\n";

/* 60 calm hours, an infusion at 24 h; then, if so, a restart. */
static void open_calm(struct ward *w, bool restarted)
{
    static struct ward before;
    static struct days days;

    memset(&days, 0, sizeof days);
    for (int64_t h = 1; h < 60; h++) {
        days_add(&days, (struct days_thing){h * HOUR, VG_SBP, 120, NULL, false, 0});
        days_add(&days,
                 (struct days_thing){h * HOUR + MINUTES, VG_TEMP, 368, NULL, false, 0});
    }
    days_add(&days, (struct days_thing){T0, VG_INFUSION, 0, "start", false, 0});
    ward_open(restarted ? &before : w, states);
    ward_admit(restarted ? &before : w, 0, "p-1");
    for (size_t i = 0; i < days.count; i++) {
        days_live(restarted ? &before : w, &days, i);
    }
    if (restarted) {
        ward_open(w, states);
        days_rebuild(w, &before, &days, days.count);
        ward_close(&before);
    }
    w->told[0] = '\0';
}

static void calm_hours(struct ward *w, int64_t from, int64_t to)
{
    for (int64_t h = from; h < to; h++) {
        ward_read(w, h * HOUR, VG_TEMP, 368, VG_SOURCE_SPOT);
        ward_read(w, h * HOUR + MINUTES, VG_SBP, 120, VG_SOURCE_SPOT);
    }
}

/* The patient left at 60:05, and that is told at 60:45: the fever since is of whoever lies there now. */
static void test_fever_of_somebody_else(void **state)
{
    static struct ward w;
    struct vg_admission a = {.action = VG_TRANSFER,
                             .ward = "onc-7",
                             .bed = "12",
                             .patient = "p-1",
                             .to_ward = "onc-7",
                             .to_bed = "13",
                             .age = -1,
                             .confirm = true};

    (void)state;
    a.at.ms = WARD_START + 60 * HOUR + 5 * MINUTES;
    a.infusion_planned = VG_UNSET;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a.baseline[i] = a.uln[i] = VG_NO_VALUE;
    }
    for (int restarted = 0; restarted < 2; restarted++) {
        open_calm(&w, restarted);
        for (int64_t m = 10; m < 40; m += 5) {
            ward_read(&w, 60 * HOUR + m * MINUTES, VG_TEMP, 395, VG_SOURCE_SPOT);
        }
        w.now = 60 * HOUR + 45 * MINUTES;
        ward_step(&w, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &a});
        w.told[0] = '\0';
        ward_read_in(&w, "13", 60 * HOUR + 50 * MINUTES, VG_TEMP, 368, VG_SOURCE_SPOT);
        assert_string_equal(w.told, "");
        ward_close(&w);
    }
}

/* Two wrong temperatures are corrected 14 h later: the grade that rested on them ends. */
static void test_corrected(void **state)
{
    static struct ward w;

    (void)state;
    for (int restarted = 0; restarted < 2; restarted++) {
        open_calm(&w, restarted);
        for (int64_t m = 10; m <= 20; m += 10) {
            ward_read(&w, 60 * HOUR + m * MINUTES, VG_TEMP, 395, VG_SOURCE_SPOT);
        }
        assert_non_null(strstr(w.told, "raised GRADED"));
        calm_hours(&w, 61, 75);
        w.told[0] = '\0';
        for (int64_t m = 10; m <= 20; m += 10) {
            ward_read_late(&w, 75 * HOUR + m * MINUTES, 60 * HOUR + m * MINUTES,
                           VG_TEMP, 368, VG_SOURCE_SPOT);
        }
        assert_non_null(strstr(w.told, "ended GRADED"));
        ward_close(&w);
    }
}

/* The infusion of 24 h was of somebody else, the patient's was at 88 h: the fever before it was no CRS. */
static void test_of_another_infusion(void **state)
{
    static struct ward w;
    const struct days_thing right = {90 * HOUR, VG_INFUSION, 0,
                                     "start",   false,       88 * HOUR};
    const struct days_thing wrong = {
        90 * HOUR + MINUTES, VG_INFUSION, 0, "start", true, T0};

    (void)state;
    for (int restarted = 0; restarted < 2; restarted++) {
        open_calm(&w, restarted);
        for (int64_t h = 60; h < 70; h++) {
            ward_read(&w, h * HOUR, VG_TEMP, 386, VG_SOURCE_SPOT);
        }
        calm_hours(&w, 70, 90);
        w.told[0] = '\0';
        days_chart(&w, &right);
        days_chart(&w, &wrong);
        assert_non_null(strstr(w.told, "ended GRADED"));
        ward_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folded_anew),
        cmocka_unit_test(test_fever_of_somebody_else),
        cmocka_unit_test(test_corrected),
        cmocka_unit_test(test_of_another_infusion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
