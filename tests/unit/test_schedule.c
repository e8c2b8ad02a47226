/* SPDX-License-Identifier: Apache-2.0
 *
 * The schedule of a protocol file: what is understood, what is refused and in which words.
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

#include "core/item.h"
#include "shell/yaml.h"

/* The first fault is left in `fault`. */
static struct vg_protocol *build(const char *line, char *fault, size_t room)
{
    char text[2048];
    struct vg_arena *arena = vg_arena_create();
    struct vg_faults *faults = calloc(1, sizeof *faults);
    const struct vg_node *root = NULL;
    struct vg_protocol *protocol = NULL;
    const int n = snprintf(
        text, sizeof text,
        "protocol: box\nversion: \"1\"\nproducts: [car_t]\ntitle: box\nrules:\n"
        "  - {id: R, class: lab, severity: info, when: phase is ward, text: x, source: x}\n"
        "schedule:\n  - {phase: ward, from: admission, expect: hr, every: 1h}\n  - {%s}\n",
        line);

    assert_non_null(faults);
    assert_int_equal(vg_yaml_parse(text, (size_t)n, arena, faults, &root), VG_OK);
    if (vg_protocol_build(root, "box", "0", arena, faults, &protocol) != VG_OK) {
        vg_arena_destroy(arena);
    }
    (void)snprintf(fault, room, "%s", faults->count > 0 ? faults->item[0].text : "");
    free(faults);
    return protocol;
}

static void understood(void **state)
{
    static const struct {
        const char *line;
        struct vg_schedule_line want;
    } rows[] = {
        {"from: infusion.start, to: infusion.end + 1h, expect: vitals, every: 15m, grace: 5m, "
         "escalate: 6m",
         {.from = {VG_MOMENT_START, 0, 0},
          .to = {VG_MOMENT_END, 0, VG_HOUR},
          .expect = VG_EXPECT_VITALS,
          .every = 15 * VG_MINUTE,
          .grace = 5 * VG_MINUTE,
          .escalate = 6 * VG_MINUTE}},
        {"from: infusion.start-60m, to: discharge, expect: ice, once: yes, every: 1h",
         {.from = {VG_MOMENT_START, 0, -VG_HOUR},
          .to = {VG_MOMENT_DISCHARGE, 0, 0},
          .expect = VG_ICE,
          .once = true,
          .every = VG_HOUR}},
        {"from: day 0, to: day 100 - 1h, expect: labs, every: 1d, setting: inpatient",
         {.from = {VG_MOMENT_DAY, 0, 0},
          .to = {VG_MOMENT_DAY, 100, -VG_HOUR},
          .expect = VG_EXPECT_LABS,
          .setting = VG_STAY_INPATIENT,
          .every = VG_DAY}},
        {"from: first corticosteroid, to: given tocilizumab + 4h, expect: neuro, every: 1h",
         {.from = {VG_MOMENT_FIRST, VG_CORTICOSTEROID, 0},
          .to = {VG_MOMENT_GIVEN, VG_TOCILIZUMAB, 4 * VG_HOUR},
          .expect = VG_EXPECT_NEURO,
          .every = VG_HOUR}},
        {"from: fever.last, hours: 06-24, setting: outpatient, expect: temp, every: 4h",
         {.from = {VG_MOMENT_FEVER, 0, 0},
          .expect = VG_TEMP,
          .setting = VG_STAY_OUTPATIENT,
          .hours = true,
          .opens = 6 * VG_HOUR,
          .closes = 0,
          .every = 4 * VG_HOUR}},
        {"from: confusion.new, to: confusion.new + 12h, expect: ice, once: yes, every: 30m",
         {.from = {VG_MOMENT_CONFUSED, 0, 0},
          .to = {VG_MOMENT_CONFUSED, 0, 12 * VG_HOUR},
          .expect = VG_ICE,
          .once = true,
          .every = 30 * VG_MINUTE}},
        {"when: \"crs.grade >= 2 and noted(headache, 4h)\", expect: sbp, every: 1h",
         {.has_when = true, .expect = VG_SBP, .every = VG_HOUR}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char fault[256];
        struct vg_protocol *protocol = build(rows[i].line, fault, sizeof fault);
        assert_string_equal(fault, "");
        assert_int_equal(protocol->expected.count, 2);
        const struct vg_schedule_line *got = &protocol->expected.line[1];
        const struct vg_schedule_line *want = &rows[i].want;
        assert_memory_equal(&got->from, &want->from, sizeof got->from);
        assert_memory_equal(&got->to, &want->to, sizeof got->to);
        assert_int_equal(got->has_when, want->has_when);
        assert_int_equal(got->setting, want->setting);
        assert_int_equal(got->hours, want->hours);
        assert_int_equal(got->opens, want->opens);
        assert_int_equal(got->closes, want->closes);
        assert_int_equal(got->expect, want->expect);
        assert_int_equal(got->once, want->once);
        assert_int_equal(got->every, want->every);
        assert_int_equal(got->grace, want->grace);
        assert_int_equal(got->escalate, want->escalate);
        vg_protocol_destroy(protocol);
    }
}

static void refused(void **state)
{
    static const struct {
        const char *line, *fault;
    } rows[] = {
        {"from: infusion.middle, expect: hr, every: 1h",
         "\"infusion.middle\" is no moment"},
        {"from: day, expect: hr, every: 1h", "\"day\" is no moment"},
        {"from: day 1000, expect: hr, every: 1h", "\"day 1000\" is no moment"},
        {"from: day 1 * 2h, expect: hr, every: 1h", "\"day 1 * 2h\" is no moment"},
        {"from: admission + 6, expect: hr, every: 1h",
         "\"admission + 6\" is no moment"},
        {"from: given aspirine, expect: hr, every: 1h",
         "\"given aspirine\" is no moment"},
        {"from: given, expect: hr, every: 1h", "\"given\" is no moment"},
        {"from: admission, expect: vital, every: 1h",
         "unknown observation \"vital\", did you mean \"vitals\"?"},
        {"from: admission, expect: infusion, every: 1h",
         "unknown observation \"infusion\""},
        {"from: admission, expect: hr, every: never",
         "\"every\" must be longer than 0"},
        {"from: admission, expect: hr, every: 0s", "\"every\" must be longer than 0"},
        {"from: admission, expect: hr, every: often", "\"often\" is no span of time"},
        {"from: admission, expect: hr", "\"every\" is missing"},
        {"from: admission, expect: hr, every: 1h, hours: 06", "\"06\" are no hours"},
        {"from: admission, expect: hr, every: 1h, hours: 24-06",
         "\"24-06\" are no hours"},
        {"from: admission, expect: hr, every: 1h, hours: 06-25",
         "\"06-25\" are no hours"},
        {"from: admission, expect: hr, every: 1h, hours: 06-06",
         "\"06-06\" are no hours"},
        {"from: admission, expect: hr, every: 1h, setting: inpatent",
         "unknown setting \"inpatent\", did you mean \"inpatient\"?"},
        {"expect: hr, every: 1h", "needs \"from\" or \"when\""},
        {"when: crs.grade >= 1, once: yes, expect: hr, every: 1h",
         "it needs \"from\" and no \"when\""},
        {"when: sbp < 100 mm[Hg], expect: hr, every: 1h", "asks only assessments"},
        {"when: \"noted(hiccups, 4h)\", expect: hr, every: 1h",
         "asks only assessments"},
        {"when: overdue.vitals, expect: hr, every: 1h", "asks only assessments"},
        {"when: crs.grade >= 1 for 1h, expect: hr, every: 1h",
         "asks for the present state"},
        {"when: crs.grad >= 1, expect: hr, every: 1h", "did you mean \"crs.grade\"?"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char fault[256];
        struct vg_protocol *protocol = build(rows[i].line, fault, sizeof fault);
        if (protocol != NULL || strstr(fault, rows[i].fault) == NULL) {
            fail_msg("%s: \"%s\"", rows[i].line, fault);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understood),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
