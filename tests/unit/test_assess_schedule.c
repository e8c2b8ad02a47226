/* SPDX-License-Identifier: Apache-2.0
 *
 * What is overdue when: every limit from both sides, to the millisecond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/protocol.h"

#include "lib/course_help.h"
#include "shell/yaml.h"

#define M 60
#define H (60 * M)
#define D (24 * H)

struct box {
    struct vg_try *t;
    struct vg_protocol *protocol;
};

static struct box open_box(const char *lines)
{
    char text[4096];
    struct vg_arena *arena = vg_arena_create();
    struct vg_faults *faults = calloc(1, sizeof *faults);
    const struct vg_node *root = NULL;
    struct box box = {try_begin(), NULL};
    const int n = snprintf(
        text, sizeof text,
        "protocol: box\nversion: \"1\"\nproducts: [car_t]\ntitle: box\nrules:\n"
        "  - {id: R, class: lab, severity: watch, when: hb < 1 g/L, text: x, "
        "source: x}\nschedule:\n%s",
        lines);

    assert_non_null(faults);
    assert_int_equal(vg_yaml_parse(text, (size_t)n, arena, faults, &root), VG_OK);
    if (vg_protocol_build(root, "box", "0", arena, faults, &box.protocol) != VG_OK) {
        fail_msg("%s", faults->item[0].text);
    }
    free(faults);
    box.t->course->patient.schedule = &box.protocol->expected;
    return box;
}

static void close_box(struct box *box)
{
    try_end(box->t);
    vg_protocol_destroy(box->protocol);
}

static void observe(struct box *box, int64_t at, enum vg_signal signal, int64_t value)
{
    try_obs(box->t, at, signal, value, VG_SOURCE_SPOT, VG_METHOD_ORAL);
}

static void take_set(struct box *box, int64_t at)
{
    observe(box, at, VG_TEMP, 368);
    observe(box, at, VG_HR, 75);
    observe(box, at, VG_RR, 16);
    observe(box, at, VG_SPO2, 98);
    observe(box, at, VG_SBP, 120);
}

static const struct vg_schedule_out *ask(struct box *box, int64_t ms)
{
    return &try_at_ms(box->t, ms)->schedule;
}

static struct vg_finding finding(struct box *box, size_t offset, int64_t ms)
{
    struct vg_finding found;

    memcpy(&found, (const char *)ask(box, ms) + offset, sizeof found);
    return found;
}

/* Overdue from 1 ms after `limit` s on, as foretold at `limit`; due since `since` s. */
static void overdue_after(struct box *box, size_t offset, int64_t limit, int64_t since)
{
    assert_int_equal(finding(box, offset, limit * 1000).truth, VG_FALSE);
    assert_int_equal(box->t->next.ms, try_instant(limit).ms + 1);
    const struct vg_finding found = finding(box, offset, limit * 1000 + 1);
    assert_int_equal(found.truth, VG_TRUE);
    assert_int_equal(found.since.ms, try_instant(since).ms);
}

#define F(member) offsetof(struct vg_schedule_out, member)

static const char course[] =
    "  - {phase: infusion, from: infusion.start, to: infusion.end, expect: vitals, every: "
    "15m, grace: 5m, escalate: 5m}\n"
    "  - {phase: post-1, from: infusion.end, to: infusion.end + 1h, expect: vitals, every: "
    "15m, grace: 5m, escalate: 5m}\n"
    "  - {phase: ward, from: infusion.end + 6h, to: day 10, expect: vitals, every: 4h, "
    "grace: 30m, escalate: 30m}\n"
    "  - {phase: ward, from: infusion.end + 6h, to: day 10, expect: ice, every: 12h, "
    "grace: 30m, escalate: 1h}\n"
    "  - {when: crs.grade >= 2, expect: vitals, every: 1h, grace: 10m, escalate: 10m}\n";

static void ward_interval_is_strict(void **state)
{
    struct box box = open_box(course);

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
        struct box box = open_box(course);
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
    struct box box = open_box(course);

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

/* With nothing measured the clock starts at the admission; a phase sets nothing back. */
static void armed_from_admission(void **state)
{
    struct box box = open_box(course);

    (void)state;
    box.t->course->patient.admitted = try_instant(-M);
    try_infusion(box.t, 0, 30 * M);
    observe(&box, 0, VG_SBP, 124);
    overdue_after(&box, F(vitals), 19 * M, 14 * M);
    overdue_after(&box, F(vitals_late), 24 * M, 14 * M);
    assert_int_equal(ask(&box, INT64_C(1000) * 31 * M)->vitals_late.truth, VG_TRUE);
    /* between the phases of this schedule nothing is expected */
    assert_int_equal(ask(&box, INT64_C(1000) * 91 * M)->vitals.truth, VG_FALSE);
    close_box(&box);
}

/* While the end is not charted the infusion goes on, for at most four hours. */
static void infusion_without_an_end(void **state)
{
    struct box box = open_box(course);
    struct vg_instant next = VG_NEVER;

    (void)state;
    try_chart(box.t, 0, VG_INFUSION, "start", true);
    (void)ask(&box, 0);
    const struct vg_state *s = &box.t->course->state;
    const struct vg_patient *p = &box.t->course->patient;
    assert_true(vg_phase_is("infusion", s, p, try_instant(0), &next));
    assert_int_equal(next.ms, try_instant(4 * H).ms);
    assert_true(vg_phase_is("infusion", s, p, try_instant(4 * H - 1), &next));
    assert_false(vg_phase_is("infusion", s, p, try_instant(4 * H), &next));
    assert_true(vg_phase_is("post-1", s, p, try_instant(4 * H), &next));
    assert_false(vg_phase_is("ward", s, p, try_instant(10 * H - 1), &next));
    assert_true(vg_phase_is("ward", s, p, try_instant(10 * H), &next));
    assert_true(vg_phase_is("ward", s, p, try_instant(11 * D - 1), &next)); /* day 10 */
    assert_false(vg_phase_is("ward", s, p, try_instant(11 * D), &next));
    close_box(&box);
}

static void ice_is_its_own(void **state)
{
    struct box box = open_box(course);

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
    assert_int_equal(box.t->next.ms, try_instant(H).ms + 1);
    assert_int_equal(ask(&box, INT64_C(1000) * H + 1)->ice.truth, VG_FALSE);
    close_box(&box);
}

static void doses_and_fever_open_spans(void **state)
{
    struct box box = open_box(
        "  - {from: given tocilizumab, to: given tocilizumab + 4h, expect: hr, every: 1h}\n"
        "  - {from: first corticosteroid, to: first corticosteroid + 4h, expect: rr, every: "
        "1h}\n");

    (void)state;
    observe(&box, 0, VG_HR, 80);
    observe(&box, 0, VG_RR, 16);
    assert_int_equal(ask(&box, INT64_C(1000) * 5 * H)->vitals.truth, VG_FALSE);
    try_chart(box.t, 10 * H, VG_MEDICATION, "corticosteroid", true);
    try_chart(box.t, 20 * H, VG_MEDICATION, "corticosteroid", true);
    observe(&box, 20 * H, VG_RR, 16);
    assert_int_equal(ask(&box, INT64_C(1000) * 22 * H)->vitals.truth, VG_FALSE);
    observe(&box, 23 * H, VG_HR, 80);
    try_chart(box.t, 23 * H, VG_MEDICATION, "tocilizumab", true);
    overdue_after(&box, F(vitals), 24 * H, 24 * H);
    assert_int_equal(ask(&box, INT64_C(1000) * 27 * H)->vitals.truth, VG_FALSE);
    close_box(&box);
}

/* The base of the tests is 08:00 UTC. Nobody asks at night, and the morning starts anew. */
static void hours_of_the_day(void **state)
{
    struct box box =
        open_box("  - {setting: outpatient, from: admission, hours: 06-22, expect: "
                 "temp, every: 4h, grace: 60m}\n");

    (void)state;
    box.t->course->patient.outpatient = true;
    observe(&box, 8 * H, VG_TEMP, 368); /* 16:00 */
    overdue_after(&box, F(vitals), 13 * H, 12 * H);
    assert_int_equal(ask(&box, INT64_C(1000) * 14 * H - 1)->vitals.truth, VG_TRUE);
    assert_int_equal(box.t->next.ms, try_instant(14 * H).ms);
    assert_int_equal(ask(&box, INT64_C(1000) * 14 * H)->vitals.truth,
                     VG_FALSE); /* 22:00 */
    assert_int_equal(box.t->next.ms, try_instant(22 * H).ms);
    overdue_after(&box, F(vitals), 23 * H, 22 * H);           /* 07:00, due at 06:00 */
    box.t->course->patient.clinical.utc_offset = 2 * VG_HOUR; /* now 09:00 there */
    assert_int_equal(ask(&box, INT64_C(1000) * 21 * H)->vitals.truth, VG_FALSE);
    overdue_after(&box, F(vitals), 21 * H, 20 * H);
    box.t->course->patient.outpatient = false;
    assert_int_equal(ask(&box, INT64_C(1000) * 23 * H)->vitals.truth, VG_FALSE);
    close_box(&box);
}

/* One set within the hour before a planned infusion, however late that begins. */
static void once_before_the_infusion(void **state)
{
    struct box box =
        open_box("  - {from: infusion.start - 60m, to: infusion.start, expect: "
                 "vitals, once: yes, every: 60m}\n");

    (void)state;
    box.t->course->patient.infusion_planned = try_instant(10 * H);
    take_set(&box, 9 * H - 1);
    overdue_after(&box, F(vitals), 10 * H, 10 * H);
    take_set(&box, 11 * H);
    assert_int_equal(ask(&box, INT64_C(1000) * 15 * H)->vitals.truth, VG_FALSE);
    try_infusion(box.t, 15 * H, 16 * H);
    assert_int_equal(ask(&box, INT64_C(1000) * 17 * H)->vitals.truth, VG_FALSE);
    close_box(&box);
}

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

static void repeats_with_each_infusion(void **state)
{
    struct box box = open_box(course);

    (void)state;
    try_infusion(box.t, 0, 30 * M);
    try_infusion(box.t, 7 * D, 7 * D + 30 * M);
    take_set(&box, 7 * D);
    overdue_after(&box, F(vitals), 7 * D + 20 * M, 7 * D + 15 * M);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ward_interval_is_strict),
        cmocka_unit_test(the_oldest_member_counts),
        cmocka_unit_test(consciousness_once_charted),
        cmocka_unit_test(armed_from_admission),
        cmocka_unit_test(infusion_without_an_end),
        cmocka_unit_test(ice_is_its_own),
        cmocka_unit_test(monitoring_counts),
        cmocka_unit_test(what_does_not_count),
        cmocka_unit_test(states_shorten),
        cmocka_unit_test(a_state_ends),
        cmocka_unit_test(doses_and_fever_open_spans),
        cmocka_unit_test(hours_of_the_day),
        cmocka_unit_test(once_before_the_infusion),
        cmocka_unit_test(laboratory),
        cmocka_unit_test(repeats_with_each_infusion),
        cmocka_unit_test(nobody_known_nothing_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
