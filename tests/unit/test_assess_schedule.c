/* SPDX-License-Identifier: Apache-2.0
 *
 * What is overdue when: every limit from both sides, to the millisecond.
 */
#include "lib/ward.h"
#include "schedule_help.h"

static void ward_interval_is_strict(void **state)
{
    struct box box = open_box(COURSE);

    (void)state;
    try_infusion(box.t, 0, 30 * M);
    try_oxygen(box.t, 2 * D, "room_air", VG_NO_VALUE);
    try_chart(box.t, 2 * D, VG_CONSCIOUSNESS, "A", true);
    take_set(&box, 2 * D);
    overdue_after(&box, F(vitals), 2 * D + 4 * H + 30 * M, 2 * D + 4 * H);
    overdue_after(&box, F(vitals_late), 2 * D + 5 * H, 2 * D + 4 * H);
    close_box(&box);
}

static void the_oldest_member_counts(void **state)
{
    static const enum vg_signal members[] = {VG_TEMP, VG_HR, VG_RR, VG_SPO2, VG_SBP};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct box box = open_box(COURSE);
        try_infusion(box.t, 0, 30 * M);
        take_set(&box, 2 * D);
        for (size_t k = 0; k < 5; k++) {
            if (k != i) {
                observe(&box, 2 * D + 3 * H, members[k],
                        members[k] == VG_TEMP ? 368 : 96);
            }
        }
        overdue_after(&box, F(vitals), 2 * D + 4 * H + 30 * M, 2 * D + 4 * H);
        observe(&box, 2 * D + 5 * H, members[i], members[i] == VG_TEMP ? 368 : 96);
        assert_int_equal(ask(&box, (2 * D + 5 * H) * 1000)->vitals.truth, VG_FALSE);
        close_box(&box);
    }
}

/* Consciousness belongs to the set once it has been charted, not before. */
static void consciousness_once_charted(void **state)
{
    struct box box = open_box(COURSE);

    (void)state;
    try_infusion(box.t, 0, 30 * M);
    take_set(&box, 2 * D);
    assert_int_equal(ask(&box, (2 * D + H) * 1000)->vitals.truth, VG_FALSE);
    try_chart(box.t, 2 * D, VG_CONSCIOUSNESS, "A", true);
    take_set(&box, 2 * D + 4 * H);
    overdue_after(&box, F(vitals), 2 * D + 4 * H + 30 * M, 2 * D + 4 * H);
    try_chart(box.t, 2 * D + 5 * H, VG_CONSCIOUSNESS, "A", true);
    overdue_after(&box, F(vitals), 2 * D + 8 * H + 30 * M, 2 * D + 8 * H);
    close_box(&box);
}

/* With nothing measured the clock starts at the admission or the infusion; a phase sets nothing back. */
static void armed_from_admission(void **state)
{
    struct box box = open_box(COURSE);

    (void)state;
    box.t->course->patient.admitted = try_instant(-M);
    try_infusion(box.t, 0, 30 * M);
    observe(&box, 0, VG_SBP, 124);
    overdue_after(&box, F(vitals), 20 * M, 15 * M);
    overdue_after(&box, F(vitals_late), 25 * M, 15 * M);
    assert_int_equal(ask(&box, INT64_C(1000) * 31 * M)->vitals_late.truth, VG_TRUE);
    /* between the phases of this schedule nothing is expected */
    assert_int_equal(ask(&box, INT64_C(1000) * 91 * M)->vitals.truth, VG_FALSE);
    close_box(&box);
}

/* While the end is not charted the infusion goes on, for at most four hours. */
static void ice_is_its_own(void **state)
{
    struct box box = open_box(COURSE);

    (void)state;
    try_infusion(box.t, 0, 30 * M);
    observe(&box, 35 * H, VG_ICE, 10);
    take_set(&box, 47 * H);
    overdue_after(&box, F(ice), 47 * H + 30 * M, 47 * H);
    assert_int_equal(ask(&box, INT64_C(1000) * (47 * H + 31 * M))->vitals.truth,
                     VG_FALSE);
    overdue_after(&box, F(ice_late), 48 * H + 30 * M, 47 * H);
    close_box(&box);
}

/* A monitor's stream counts as observation, whether kept as samples or as stretches. */
static void monitoring_counts(void **state)
{
    struct box box = open_box("  - {from: admission, expect: hr, every: 10m}\n");

    (void)state;
    for (int64_t at = 0; at <= 2 * H; at += 60) {
        try_obs(box.t, at, VG_HR, 80, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE);
    }
    overdue_after(&box, F(vitals), 2 * H + 10 * M, 2 * H + 10 * M);
    close_box(&box);
}

static void what_does_not_count(void **state)
{
    static const uint8_t marks[] = {VG_MARK_VOID, VG_MARK_TORN, VG_MARK_CLOCK};
    struct box box = open_box("  - {from: admission, expect: temp, every: 1h}\n");

    (void)state;
    observe(&box, 0, VG_TEMP, 368);
    for (size_t i = 0; i < sizeof marks; i++) {
        box.t->marks = marks[i];
        observe(&box, 30 * M + (int64_t)i, VG_TEMP, 368);
    }
    overdue_after(&box, F(vitals), H, H);
    box.t->marks = VG_MARK_SUSPECT; /* kept, so somebody has measured */
    observe(&box, 40 * M, VG_TEMP, 368);
    overdue_after(&box, F(vitals), H + 40 * M, H + 40 * M);
    close_box(&box);
}

/* Shortest interval wins, and a longer one of a state changes nothing. */
static void states_shorten(void **state)
{
    struct box box = open_box(
        "  - {from: admission, expect: ice, every: 12h, grace: 30m}\n"
        "  - {when: \"noted(headache, 24h)\", expect: ice, every: 8h, grace: 30m}\n"
        "  - {when: \"noted(tremor, 1h)\", expect: ice, every: 13h}\n");

    (void)state;
    observe(&box, 0, VG_ICE, 10);
    try_chart(box.t, 0, VG_SYMPTOM, "headache", true);
    try_chart(box.t, 12 * H, VG_NEURO, "tremor", true);
    overdue_after(&box, F(ice), 8 * H + 30 * M, 8 * H);
    overdue_after(&box, F(ice), 8 * H + 30 * M, 8 * H);
    close_box(&box);
}

static void a_state_ends(void **state)
{
    struct box box =
        open_box("  - {when: \"noted(tremor, 1h)\", expect: ice, every: 30m}\n");

    (void)state;
    observe(&box, 0, VG_ICE, 10);
    try_chart(box.t, 0, VG_NEURO, "tremor", true);
    assert_int_equal(ask(&box, INT64_C(1000) * H)->ice.truth, VG_TRUE);
    assert_int_equal(box.t->topic_next[VG_TOPIC_SCHEDULE].ms, try_instant(H).ms + 1);
    assert_int_equal(ask(&box, INT64_C(1000) * H + 1)->ice.truth, VG_FALSE);
    close_box(&box);
}

/* The base of the tests is 08:00 UTC. Nobody asks at night, and the morning starts anew. */
/* One set within the hour before a planned infusion, however late that begins. */
/* What a phase did not ask for before was not due before; and it is overdue at once. */
/* A start within a day of the plan is the planned one: nothing lies ahead then. */
static void laboratory(void **state)
{
    struct box box = open_box(
        "  - {from: admission, expect: labs, every: 24h, grace: 6h, escalate: 6h}\n");

    (void)state;
    try_lab(box.t, 0, VG_PLT, 100000000);
    try_lab(box.t, 6 * H, VG_CREAT, 1000000);
    overdue_after(&box, F(labs), 30 * H, 24 * H);
    overdue_after(&box, F(labs_late), 36 * H, 24 * H);
    try_lab(box.t, 36 * H, VG_WBC, 5000000);
    overdue_after(&box, F(labs), 36 * H, 30 * H);
    close_box(&box);
}

static void nobody_known_nothing_promised(void **state)
{
    struct box box = open_box("  - {from: admission, expect: temp, every: 1h}\n");

    (void)state;
    box.t->course->patient.linked = false;
    assert_int_equal(ask(&box, 0)->vitals.truth, VG_FALSE);
    box.t->course->patient.linked = true;
    assert_int_equal(ask(&box, 0)->vitals.truth, VG_TRUE);
    box.t->course->patient.age = 12; /* being late has no age */
    assert_int_equal(ask(&box, 0)->vitals.truth, VG_TRUE);
    close_box(&box);
}

/* Through the engine, on time alone: onset is the due time, and phases can be asked for. */
static void rules_see_it(void **state)
{
    struct ward ward;

    (void)state;
    ward_open(
        &ward,
        "  - {id: PHASE, class: lab, severity: watch, when: phase is one, text: x, "
        "source: x}\n"
        "  - {id: LATE, class: technical, severity: technical, when: "
        "overdue.vitals, escalate: overdue.vitals_late, escalated: urgent, text: "
        "x, source: x}\n"
        "schedule:\n"
        "  - {phase: one, from: admission + 1h, to: admission + 2h, expect: hr, "
        "every: 9h}\n"
        "  - {from: admission, expect: temp, every: 3h, grace: 1h, escalate: 1h}\n");
    ward_admit(&ward, 0, "p-1");
    ward_wait(&ward, 6 * VG_HOUR);
    ward_read(&ward, 7 * VG_HOUR, VG_TEMP, 370, VG_SOURCE_SPOT);
    ward_wait(&ward, 8 * VG_HOUR);
    assert_string_equal(ward.told, "3600000 raised PHASE 3600000;"
                                   "7200000 ended PHASE 3600000;"
                                   "14400001 raised LATE 10800000;"
                                   "18000001 escalated LATE 10800000;"
                                   "25200000 ended LATE 10800000;");
    ward_close(&ward);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ward_interval_is_strict),
        cmocka_unit_test(the_oldest_member_counts),
        cmocka_unit_test(consciousness_once_charted),
        cmocka_unit_test(armed_from_admission),
        cmocka_unit_test(ice_is_its_own),
        cmocka_unit_test(monitoring_counts),
        cmocka_unit_test(what_does_not_count),
        cmocka_unit_test(states_shorten),
        cmocka_unit_test(a_state_ends),
        cmocka_unit_test(laboratory),
        cmocka_unit_test(nobody_known_nothing_promised),
        cmocka_unit_test(rules_see_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
