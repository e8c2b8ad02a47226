/* SPDX-License-Identifier: Apache-2.0
 *
 * Missing data never clears, over generated wards: when everything falls silent, or some
 * signals do, nothing ends that only readings can end. See test_course_properties.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/stream_run.h"

/* ---- Missing data never clears (invariant of rule.c) */

#define SILENCES 3

/* What ends by the passing of time alone, and where the clinical reference says so. */
static const struct {
    const char *rule, *section;
} by_time[] = {
    {"FEBRILE_NEUTROPENIA", "5.3: a fever of the last 8 h; an ANC speaks for 24 h"},
    {"SEIZURE", "2.2: counts for 24 h"},
    {"ICH_EXCLUDED", "2.2: counts for 24 h"},
    {"ICANS_GRADE_1", "2.2: its seizure, motor or oedema finding counts for 24 h"},
    {"ICANS_GRADE_2", "2.2: the same"},
    {"ICANS_GRADE_3_4", "2.2: the same"},
    {"IRR_SUSPECTED", "3.3: windows about the infusion"},
    {"ANAPHYLAXIS_SUSPECTED", "3.3: the same"},
    {"TEMP_REPEAT", "5.3: repeated within 60 min, or too late"},
    {"CRS_GRADE_1", "1.2: a fever of the last 24 h"},
    {"CRS_GRADE_2", "1.2: the same"},
    {"CRS_GRADE_3_4", "1.2: the same"},
    {"ICP_PATTERN", "2.2: signs within 15 min, once one was seen calm"},
    {"ICE_OVERDUE", "7.2, 7.3: a phase or a state that asks for it is over"},
    {"VITALS_OVERDUE", "7.2, 7.3: the same"},
    {"SUPPORT_RISE", "1.5: paged through a CRS grade, or the rise is past"},
    {"IEC_HS_SCREEN", "6.1, 0.6: its timing, and a flag that lapses"},
    {"NEWS2_7", "4.2: all scores over 30 min, of values that speak for 1 h (0.4)"},
    {"NEWS2_5", "4.2: the same"},
};

static bool ends_by_time(const char *rule)
{
    for (size_t i = 0; i < sizeof by_time / sizeof by_time[0]; i++) {
        if (strcmp(by_time[i].rule, rule) == 0) {
            return true;
        }
    }
    return false;
}

/* Silence from `cut` on, watched for four days: nothing that was on may end. */
static bool silent_from(const struct stream *stream, size_t cut)
{
    struct run run;
    bool well = true;

    run_open(&run);
    run_events(&run, stream, 0, cut);
    for (vg_ms waited = 0; waited < 4 * VG_DAY; waited += VG_HOUR) {
        run_time(&run, vg_after(run.now, VG_HOUR));
        for (size_t i = 0; i < run.effects.count; i++) {
            const struct vg_alert *alert = run.effects.item[i].alert;
            if (run.effects.item[i].kind == VG_EFFECT_ALERT &&
                alert->event == VG_ENDED_CHANGE && !ends_by_time(alert->rule)) {
                well = false;
                run_say("%s of bed %s ended %lld h after all fell silent "
                        "(event %zu)\n",
                        alert->rule, alert->bed, (long long)(waited / VG_HOUR), cut);
            }
        }
    }
    run_close(&run);
    return well;
}

static bool agrees_missing(const struct stream *stream, unsigned seed,
                           const struct run *plain, struct vg_instant end)
{
    bool well = true;

    (void)plain;
    (void)end;
    for (unsigned i = 0; i < SILENCES; i++) {
        const size_t cut = run_cut(stream, stream_random(&seed, RUN_MINUTES));
        well = silent_from(stream, cut) && well;
    }
    return well;
}

/* ---- Some signals fall silent, all else goes on */

#define BIT(signal) (UINT64_C(1) << (signal))

/* Rules that ask nothing but these signals. */
static const struct {
    const char *rule;
    uint64_t signals;
} depends[] = {
    {"HYPOXIA", BIT(VG_SPO2)},
    {"HYPOXIA_SEVERE", BIT(VG_SPO2)},
    {"FEVER_CONFIRMED", BIT(VG_TEMP)},
    {"HYPERPYREXIA", BIT(VG_TEMP)},
    {"HYPOTENSION", BIT(VG_SBP) | BIT(VG_DBP) | BIT(VG_MAP)},
    {"MAP_LOW", BIT(VG_SBP) | BIT(VG_DBP) | BIT(VG_MAP)},
    {"CRIT_K", BIT(VG_K)},
    {"CRIT_NA", BIT(VG_NA)},
    {"CRIT_PLT", BIT(VG_PLT)},
    {"CRIT_HB", BIT(VG_HB)},
    {"LACTATE_2", BIT(VG_LACTATE)},
    {"LACTATE_4", BIT(VG_LACTATE)},
};

/* The message without the readings of those signals. */
static void take_away(struct stream_event *event, uint64_t signals)
{
    size_t kept = 0;

    for (size_t i = 0; !event->stay && i < event->message.reading_count; i++) {
        if ((signals >> event->readings[i].signal & 1) == 0) {
            event->readings[kept++] = event->readings[i];
        }
    }
    if (!event->stay) {
        event->message.reading_count = kept;
    }
}

static uint64_t all_signals(void)
{
    uint64_t all = 0;

    for (size_t i = 0; i < sizeof depends / sizeof depends[0]; i++) {
        all |= depends[i].signals;
    }
    return all;
}

/* One of those rules has ended in the latest step. */
static bool ended(const struct run *run, size_t cut)
{
    bool any = false;

    for (size_t i = 0; i < run->effects.count; i++) {
        const struct vg_alert *alert = run->effects.item[i].alert;
        for (size_t k = 0; k < sizeof depends / sizeof depends[0]; k++) {
            if (run->effects.item[i].kind == VG_EFFECT_ALERT &&
                alert->event == VG_ENDED_CHANGE &&
                strcmp(alert->rule, depends[k].rule) == 0) {
                run_say("%s ended without a reading since event %zu\n", alert->rule,
                        cut);
                any = true;
            }
        }
    }
    return any;
}

static bool lasts_without(const struct stream *stream, uint64_t signals, size_t cut)
{
    struct run run;
    bool well = true;

    run_open(&run);
    run_events(&run, stream, 0, cut);
    for (size_t i = cut; i < stream->count && well; i++) {
        struct stream_event event = stream->event[i];
        take_away(&event, signals);
        if (!event.stay) { /* who leaves takes alerts along */
            const struct vg_event one = stream_engine_event(&event);
            run_step(&run, &one);
            well = !ended(&run, cut);
        }
    }
    run_close(&run);
    return well;
}

static bool agrees_some_missing(const struct stream *stream, unsigned seed,
                                const struct run *plain, struct vg_instant end)
{
    bool well = true;

    (void)plain;
    (void)end;
    for (unsigned i = 0; i < SILENCES; i++) {
        const size_t cut = run_cut(stream, stream_random(&seed, RUN_MINUTES));
        well = lasts_without(stream, all_signals(), cut) && well;
    }
    return well;
}

static void test_missing(void **state)
{
    (void)state;
    run_check("silence never clears", agrees_missing);
}

static void test_some_missing(void **state)
{
    (void)state;
    run_check("the silence of some signals never clears", agrees_some_missing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_some_missing),
    };

    return cmocka_run_group_tests(tests, run_load, run_unload);
}
