/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits as lines in a chart: what is one and what is not; and that the fields' are those at
 * which the assessments change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/limits.h"
#include "lib/course_help.h"
#include "shell/protocol_file.h"

#define X INT64_C(172800) /* 48 h after the infusion */

static const struct vg_field *field_of(const char *name)
{
    const struct vg_field *field = vg_fields();

    while (field->name != NULL && strcmp(field->name, name) != 0) {
        field++;
    }
    assert_non_null(field->name);
    return field;
}

/* Whether the field says yes once the value has come every minute for a quarter of an hour. */
static bool says_yes(const struct vg_field_limit *f, int64_t milli)
{
    const struct vg_signal_info *info = vg_signal_info(f->signal);
    const bool laboratory = info->places == 6;
    struct vg_try *t = try_begin();
    int64_t step = 1000;

    for (unsigned i = 0; i < info->places && !laboratory; i++) {
        step /= 10;
    }
    if (f->scale2) {
        try_chart(t, X - 60, VG_FLAG, "scale2", true);
    }
    for (int64_t at = X; at < X + 900; at += 60) {
        if (laboratory) {
            try_lab(t, at, f->signal, milli * 1000);
        } else {
            try_obs(t, at, f->signal, milli / step,
                    f->signal == VG_SBP || f->signal == VG_MAP ? VG_SOURCE_CUFF
                                                               : VG_SOURCE_SPOT,
                    f->signal == VG_TEMP ? VG_METHOD_ORAL : VG_METHOD_NONE);
        }
    }
    const struct vg_number said =
        vg_field_value(field_of(f->field), try_at(t, X + 900));
    const bool yes = said.known && said.numerator != 0;
    try_end(t);
    return yes;
}

/* The nearest values on both sides, in the signal's own steps. */
static void test_the_fields_limits_are_the_assessments(void **state)
{
    (void)state;
    for (const struct vg_field_limit *f = vg_field_limits(); f->field != NULL; f++) {
        const struct vg_signal_info *info = vg_signal_info(f->signal);
        const int64_t step = info->places == 0 ? 1000 : info->places == 1 ? 100 : 1;
        const bool low = f->side == VG_LIMIT_BELOW || f->side == VG_LIMIT_AT_MOST;
        const bool itself = f->side == VG_LIMIT_AT_MOST || f->side == VG_LIMIT_AT_LEAST;
        const int64_t out = low ? -step : step;

        print_message("%s %s %lld\n", f->field, info->code, (long long)f->milli);
        assert_true(says_yes(f, itself ? f->milli : f->milli + out));
        assert_false(says_yes(f, itself ? f->milli - out : f->milli));
    }
}

/* ---- A protocol's */

static const struct {
    const char *when;
    const char *lines; /* "sbp<90;" in thousandths */
} cases[] = {
    {"hr >= 131 /min and (min(hr, 5m) >= 131 /min or count(hr, 5m) == 0)",
     "hr at_least 131000;"},
    {"90 mm[Hg] > sbp", "sbp below 90000;"},
    {"temp <= 35.5 Cel or spo2 < 88 %", "temp at_most 35500;spo2 below 88000;"},
    {"sbp < 100 mm[Hg] and hr > 120 /min", ""}, /* both at once: no line */
    {"not (sbp < 100 mm[Hg])", ""},             /* where it does not fire */
    {"sbp < 100 mm[Hg] or not bp.hypotension", "sbp below 100000;"},
    {"drop(sbp, 2h) >= 30 mm[Hg] or age(sbp) > 2h", ""}, /* no value */
    {"bp.map_critical", "map below 55000;"},
    {"lab.k", "k below 2500;k at_least 6000;"},
    {"hr > 100 /min and given(paracetamol, 4h)", "hr above 100000;"},
};

static void test_what_is_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static struct vg_protocol protocol;
        struct vg_arena *arena = vg_arena_create();
        static struct vg_faults faults;
        struct vg_rule rule = {.id = "R", .severity = VG_URGENT};
        struct vg_limit limits[VG_LIMITS];
        char said[400] = "";
        size_t at = 0;

        print_message("%s\n", cases[i].when);
        memset(&protocol, 0, sizeof protocol);
        memset(&faults, 0, sizeof faults);
        assert_int_equal(vg_expr_compile(cases[i].when, (struct vg_place){1, 1}, arena,
                                         &protocol.queries, &faults, &rule.when),
                         VG_OK);
        protocol.rule = &rule;
        protocol.rule_count = 1;
        const size_t count = vg_protocol_limits(&protocol, limits, VG_LIMITS);
        for (size_t k = 0; k < count; k++) {
            at += (size_t)snprintf(said + at, sizeof said - at, "%s %s %lld;",
                                   vg_signal_info(limits[k].signal)->code,
                                   vg_limit_side_text(limits[k].side),
                                   (long long)limits[k].milli);
            assert_int_equal(limits[k].severity, VG_URGENT);
            assert_string_equal(limits[k].rule, "R");
        }
        assert_string_equal(said, cases[i].lines);
        assert_true(vg_protocol_limits(&protocol, limits, 1) <= 1);
        vg_arena_destroy(arena);
    }
}

/* Of the shipped protocols: each line once, with its gravest rule. */
static void test_a_whole_protocol(void **state)
{
    struct vg_protocol_set set = {0};
    struct vg_error error = {""};
    struct vg_limit limits[VG_LIMITS];
    unsigned found = 0;

    (void)state;
    assert_int_equal(
        vg_protocol_set_load("config/protocols/car-t.yaml", NULL, &set, &error), VG_OK);
    const size_t count = vg_protocol_limits(set.protocol[0], limits, VG_LIMITS);
    assert_true(count > 15 && count < VG_LIMITS);
    for (size_t i = 0; i < count; i++) {
        const struct vg_limit *l = &limits[i];
        found += l->signal == VG_SBP && l->milli == 90000 &&
                 strcmp(l->rule, "HYPOTENSION") == 0 && l->severity == VG_CRITICAL;
        found += l->signal == VG_MAP && l->milli == 55000 && l->severity == VG_CRITICAL;
        for (size_t k = 0; k < i; k++) {
            assert_false(limits[k].signal == l->signal && limits[k].side == l->side &&
                         limits[k].milli == l->milli && limits[k].scale2 == l->scale2);
        }
    }
    assert_int_equal(found, 2);
    vg_protocol_set_finish(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_fields_limits_are_the_assessments),
        cmocka_unit_test(test_what_is_a_line),
        cmocka_unit_test(test_a_whole_protocol),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
