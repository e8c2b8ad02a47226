/* SPDX-License-Identifier: Apache-2.0
 *
 * When a line of the schedule is open, and what that means for what is due.
 */
#include "schedule_help.h"

static void infusion_without_an_end(void **state)
{
    struct box box = open_box(COURSE);
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
    assert_int_equal(box.t->topic_next[VG_TOPIC_SCHEDULE].ms, try_instant(14 * H).ms);
    assert_int_equal(ask(&box, INT64_C(1000) * 14 * H)->vitals.truth,
                     VG_FALSE); /* 22:00 */
    assert_int_equal(box.t->topic_next[VG_TOPIC_SCHEDULE].ms, try_instant(22 * H).ms);
    overdue_after(&box, F(vitals), 23 * H, 22 * H);           /* 07:00, due at 06:00 */
    box.t->course->patient.clinical.utc_offset = 2 * VG_HOUR; /* now 09:00 there */
    assert_int_equal(ask(&box, INT64_C(1000) * 21 * H)->vitals.truth, VG_FALSE);
    overdue_after(&box, F(vitals), 21 * H, 20 * H);
    box.t->course->patient.outpatient = false;
    assert_int_equal(ask(&box, INT64_C(1000) * 23 * H)->vitals.truth, VG_FALSE);
    close_box(&box);
}

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

static void due_no_earlier_than_the_phase(void **state)
{
    struct box box = open_box(COURSE);

    (void)state;
    take_set(&box, -50 * M);
    try_infusion(box.t, 0, 30 * M);
    const struct vg_finding found = finding(&box, F(vitals), 0);
    assert_int_equal(found.truth, VG_TRUE);
    assert_int_equal(found.since.ms, try_instant(0).ms);
    close_box(&box);
}

static void a_start_meets_its_plan(void **state)
{
    static const struct {
        int64_t planned;
        enum vg_truth overdue;
    } rows[] = {{10 * M, VG_FALSE}, {D, VG_FALSE}, {D + 1, VG_TRUE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct box box =
            open_box("  - {from: infusion.start - 60m, to: infusion.start, expect: "
                     "vitals, once: yes, every: 60m}\n");
        box.t->course->patient.infusion_planned = try_instant(rows[i].planned);
        try_infusion(box.t, 0, 30 * M);
        assert_int_equal(finding(&box, F(vitals), (rows[i].planned + 1) * 1000).truth,
                         rows[i].overdue);
        close_box(&box);
    }
}

static void repeats_with_each_infusion(void **state)
{
    struct box box = open_box(COURSE);

    (void)state;
    try_infusion(box.t, 0, 30 * M);
    try_infusion(box.t, 7 * D, 7 * D + 30 * M);
    take_set(&box, 7 * D);
    overdue_after(&box, F(vitals), 7 * D + 20 * M, 7 * D + 15 * M);
    close_box(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(infusion_without_an_end),
        cmocka_unit_test(doses_and_fever_open_spans),
        cmocka_unit_test(hours_of_the_day),
        cmocka_unit_test(once_before_the_infusion),
        cmocka_unit_test(due_no_earlier_than_the_phase),
        cmocka_unit_test(a_start_meets_its_plan),
        cmocka_unit_test(repeats_with_each_infusion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
