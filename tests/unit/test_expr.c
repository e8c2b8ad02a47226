/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule language: what is understood, what is refused and why, what is true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/expr_code.h"

struct compiled {
    struct vg_arena *arena;
    struct vg_queries *queries;
    struct vg_faults *faults;
    struct vg_expr expr;
    enum vg_status status;
};

static struct compiled compile(const char *text)
{
    struct compiled c = {.arena = vg_arena_create(),
                         .queries = calloc(1, sizeof(struct vg_queries)),
                         .faults = calloc(1, sizeof(struct vg_faults))};

    assert_true(c.arena != NULL && c.queries != NULL && c.faults != NULL);
    c.status = vg_expr_compile(text, (struct vg_place){7, 11}, c.arena, c.queries,
                               c.faults, &c.expr);
    return c;
}

static void discard(struct compiled *c)
{
    vg_arena_destroy(c->arena);
    free(c->queries);
    free(c->faults);
}

/* One patient: what is asked is looked up by kind and signal or name. */
struct fact {
    enum vg_query_kind kind;
    enum vg_signal signal;
    const char *name;
    struct vg_number answer;
};

static const struct fact patient[] = {
    {VG_ASK_LAST, VG_SBP, "", {true, 84, 1}},
    {VG_ASK_LAST, VG_TEMP, "", {true, 380, 10}},
    {VG_ASK_LAST, VG_HR, "", {true, 104, 1}},
    {VG_ASK_LAST, VG_INR, "", {true, 1500000, 1000000}},
    {VG_ASK_LAST, VG_CREAT, "", {true, 1130971, 1000000}},
    {VG_ASK_MAX, VG_SBP, "", {true, 120, 1}},
    {VG_ASK_AVG, VG_SBP, "", {true, 2699, 30}}, /* 89.966… */
    {VG_ASK_COUNT, VG_SBP, "", {true, 3, 1}},
    {VG_ASK_DROP, VG_SBP, "", {true, 36, 1}},
    {VG_ASK_RISE, VG_TEMP, "", {true, 10, 10}},
    {VG_ASK_SLOPE, VG_SBP, "", {true, -12, 1}},
    {VG_ASK_AGE, VG_SBP, "", {true, 90000, 1}},
    {VG_ASK_BASELINE, VG_SBP, "", {true, 125, 1}},
    {VG_ASK_BASELINE, VG_TEMP, "", {true, 368, 10}},
    {VG_ASK_NONE, VG_RR, "", {true, 1, 1}},
    {VG_ASK_GIVEN, VG_SIGNAL_COUNT, "paracetamol", {true, 1, 1}},
    {VG_ASK_ON, VG_SIGNAL_COUNT, "norepinephrine", {true, 0, 1}},
    {VG_ASK_SINCE_INFUSION, VG_SIGNAL_COUNT, "", {true, 2 * VG_DAY, 1}},
};

static struct vg_number answer(const void *subject, const struct vg_query *query,
                               size_t index, struct vg_instant at)
{
    (void)subject;
    (void)index;
    (void)at;
    for (size_t i = 0; i < sizeof patient / sizeof patient[0]; i++) {
        if (patient[i].kind == query->kind && patient[i].signal == query->signal &&
            strcmp(patient[i].name, query->name) == 0) {
            return patient[i].answer;
        }
    }
    return VG_NUMBER_UNKNOWN;
}

static const struct vg_facts facts = {NULL, answer};

static const struct {
    const char *text;
    enum vg_truth truth;
} truths[] = {
    {"sbp < 90 mm[Hg]", VG_TRUE},
    {"90 mm[Hg] > sbp", VG_TRUE},
    {"sbp < 84 mm[Hg]", VG_FALSE},
    {"sbp <= 84 mm[Hg]", VG_TRUE},
    {"sbp < 12 kPa", VG_TRUE},             /* 90.007 is 90 on the display */
    {"sbp < 11.2 kPa", VG_FALSE},          /* 84.007 is 84 */
    {"avg(sbp, 5m) < 90 mm[Hg]", VG_TRUE}, /* exact: 89.967 */
    {"avg(sbp, 5m) < 89.9 mm[Hg]", VG_FALSE},
    {"temp >= 100.4 [degF]", VG_TRUE}, /* 38.0 with the offset */
    {"temp > 100.4 [degF]", VG_FALSE},
    {"temp >= 37.95 Cel", VG_TRUE}, /* 38.0 on the display */
    {"temp >= 37.94 Cel and temp < 38.04 Cel", VG_FALSE},
    {"rise(temp, 2h) >= 1.8 [degF]", VG_TRUE}, /* a difference: scale only */
    {"rise(temp, 2h) > 1.8 [degF]", VG_FALSE},
    {"temp - baseline(temp) >= 2.16 [degF]", VG_TRUE},
    {"temp >= baseline(temp) + 1.8 [degF]", VG_TRUE},
    {"temp >= baseline(temp) + 1.3 Cel", VG_FALSE},
    {"100.4 [degF] - temp == 0 Cel", VG_TRUE},
    {"sbp < 0.8 * baseline(sbp)", VG_TRUE},
    {"10 * sbp < 7 * baseline(sbp)", VG_TRUE},
    {"sbp / baseline(sbp) < 0.672", VG_FALSE},
    {"sbp / baseline(sbp) <= 0.672", VG_TRUE},
    {"drop(sbp, 2h) >= 30 mm[Hg] and count(sbp, 2h) >= 3 and since_infusion < 10d",
     VG_TRUE},
    {"slope(sbp, 1h) <= -10 mm[Hg]", VG_TRUE},
    {"age(sbp) > 60s and age(sbp) < 2m", VG_TRUE},
    {"since_infusion > 24h + 23h", VG_TRUE},
    {"since_infusion / 1h == 48", VG_TRUE},
    {"inr >= 1.5 and inr <= 1.5 {INR}", VG_TRUE},
    {"creat >= 100 umol/L", VG_TRUE}, /* 1.130965… is not rounded to the display */
    {"max(sbp, 10m) - sbp == drop(sbp, 10m)", VG_TRUE},
    /* unknown is a third value */
    {"rr > 20 /min", VG_UNKNOWN},
    {"rr > 20 /min or sbp < 90 mm[Hg]", VG_TRUE},
    {"rr > 20 /min and sbp > 90 mm[Hg]", VG_FALSE},
    {"not rr > 20 /min", VG_UNKNOWN},
    {"sbp / (sbp - sbp) > 2", VG_UNKNOWN},
    /* yes or no */
    {"given(paracetamol, 6h) and not on(norepinephrine)", VG_TRUE},
    {"flag(scale2)", VG_UNKNOWN},
    {"no rr for 8h", VG_TRUE},
    {"not (sbp < 90 mm[Hg] or hr > 100 /min)", VG_FALSE},
    /* "or" binds less than "and", "not" less than a comparison */
    {"sbp < 90 mm[Hg] or hr < 10 /min and hr > 200 /min", VG_TRUE},
    {"(sbp < 90 mm[Hg] or hr < 10 /min) and hr > 200 /min", VG_FALSE},
    {"sbp - 4 mm[Hg] - 80 mm[Hg] == 0 mm[Hg]", VG_TRUE},
    {"sbp - (84 mm[Hg] - 80 mm[Hg]) == 80 mm[Hg]", VG_TRUE},
    {"2 + 3 * count(sbp, 1h) == 11", VG_TRUE},
};

static void answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        struct compiled c = compile(truths[i].text);

        if (c.status != VG_OK) {
            fail_msg("%s: %s", truths[i].text, c.faults->item[0].text);
        }
        const enum vg_truth got =
            vg_expr_ask(&c.expr, c.queries, &facts, (struct vg_instant){0});

        if (got != truths[i].truth) {
            fail_msg("%s is %d, not %d", truths[i].text, (int)got,
                     (int)truths[i].truth);
        }
        discard(&c);
    }
}

static const struct {
    const char *text;
    unsigned column; /* of the first fault; the text begins in column 11 */
    const char *sentence;
} refusals[] = {
    {"sbp >= 38 Cel", 18, "mm[Hg] against Cel"},
    {"sbp >= 90", 18, "needs its unit, such as mm[Hg]"},
    {"sbp < hr", 17, "mm[Hg] against /min"},
    {"spb < 90 mm[Hg]", 11, "unknown name \"spb\", did you mean \"sbp\"?"},
    {"mni(sbp, 5m) < 90 mm[Hg]", 11, "did you mean \"min\"?"},
    {"sbp < 90 mmHg", 20, "unknown unit \"mmHg\", did you mean \"mm[Hg]\"?"},
    {"temp >= 38.0 C", 24, "did you mean \"Cel\"?"},
    {"sbp < 90mm[Hg]", 17, "a space is missing"},
    {"80 mm[Hg] < sbp < 90 mm[Hg]", 27, "cannot be chained"},
    {"sbp", 11, "a number is no test"},
    {"sbp and hr > 100 /min", 11, "a number is no test"},
    {"flag(scale2) == 1", 11, "yes or no is no number"},
    {"3 < 4", 11, "two fixed numbers"},
    {"sbp * hr > 5 mm[Hg]", 17, "one factor must be a plain number"},
    {"sbp / 0 > 5 mm[Hg]", 17, "divides by zero"},
    {"min(sbp) < 90 mm[Hg]", 11, "min needs a span of time"},
    {"age(sbp, 5m) < 4h", 11, "age takes no span"},
    {"age(sbp) < 4", 22, "a span of time against a number without unit"},
    {"sbp < 90 mm[Hg] for", 30, "a span of time is missing"},
    {"sbp < 90 mm[Hg] for 10 m", 31, "a span of time is missing"},
    {"sbp < 90 mm[Hg] for 1.5h", 31, "is no span of time"},
    {"sbp < 90 mm[Hg] in 3 of last 2 readings", 30, "can never be true"},
    {"sbp < 90 mm[Hg] in 2 of last 17 readings", 40, "from 1 to 16"},
    {"sbp < 90 mm[Hg] in 1.5 of last 2 readings", 30, "a whole number"},
    {"sbp < 90 mm[Hg] in 2 of 2 readings", 35, "\"of last\" is missing"},
    {"(sbp < 90 mm[Hg]", 27, "\")\" is missing"},
    {"sbp < 90 mm[Hg])", 26, "has no meaning here"},
    {"", 11, "ends too early"},
    {"temp ≥ 38.0 Cel", 16, "did you mean \">=\"?"},
    {"flag(scale3)", 16, "unknown flag \"scale3\", did you mean \"scale2\"?"},
    {"on(noradrenaline)", 14, "unknown support"},
    {"setting is home", 22, "unknown setting"},
    {"consciousness == 3", 11, "is charted, not measured"},
    {"bp.hypotention", 11, "unknown assessment \"bp.hypotention\", did you mean"},
    {"temp - 98.6 [degF] > 1 Cel", 18, "not clear whether [degF]"},
    {"38 Cel + 1 [degF] < temp", 20, "same unit"},
    {"aptt > 60s", 18, "write the unit after a space"},
    {"2 * 30 mm[Hg] * count(sbp, 1h) > drop(sbp, 1h)", 11, "multiply readings"},
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct compiled c = compile(refusals[i].text);

        if (c.status != VG_REFUSED || c.faults->count == 0) {
            fail_msg("%s is not refused", refusals[i].text);
        }
        const struct vg_fault *fault = &c.faults->item[0];

        if (strstr(fault->text, refusals[i].sentence) == NULL ||
            fault->place.column != refusals[i].column || fault->place.line != 7) {
            fail_msg("%s: column %u: %s", refusals[i].text, fault->place.column,
                     fault->text);
        }
        discard(&c);
    }
}

static void reports_every_fault(void **state)
{
    struct compiled c = compile("spb < 90 mm[Hg] and sbp < 38 Cel and hrr > 1 /min");

    (void)state;
    assert_int_equal(c.faults->errors, 3);
    discard(&c);
}

static void limits_hold(void **state)
{
    char text[8192] = "";

    (void)state;
    for (int i = 0; i < 31; i++) {
        strcat(text, "(");
    }
    strcat(text, "sbp < 90 mm[Hg]");
    for (int i = 0; i < 31; i++) {
        strcat(text, ")");
    }
    struct compiled c = compile(text);

    assert_int_equal(c.status, VG_OK);
    discard(&c);
    memmove(text + 2, text, strlen(text) + 1);
    memcpy(text, "((", 2);
    c = compile(text);
    assert_int_equal(c.status, VG_REFUSED);
    assert_non_null(strstr(c.faults->item[0].text, "nested too deeply"));
    discard(&c);

    strcpy(text, "sbp < 90 mm[Hg]");
    for (int i = 0; i < 63; i++) { /* 3 steps, then 4 more each */
        strcat(text, " and sbp < 90 mm[Hg]");
    }
    c = compile(text);
    assert_int_equal(c.status, VG_OK);
    assert_int_equal(c.expr.length, 255);
    discard(&c);
    strcat(text, " and sbp < 90 mm[Hg]");
    c = compile(text);
    assert_int_equal(c.status, VG_REFUSED);
    assert_non_null(strstr(c.faults->item[0].text, "too long"));
    discard(&c);
}

static void knows_what_to_watch(void **state)
{
    struct compiled c =
        compile("min(hr, 5m) > 90 /min and (temp > 38 Cel or flag(scale2))");

    (void)state;
    assert_int_equal(c.expr.watches, (1U << VG_HR) | (1U << VG_TEMP));
    assert_true(c.expr.watches_chart);
    discard(&c);
    c = compile("hr > 90 /min and age(rr) > 1h");
    assert_int_equal(c.expr.watches, (1U << VG_HR) | (1U << VG_RR));
    assert_false(c.expr.watches_chart);
    discard(&c);
    c = compile("since_infusion > 1h");
    assert_true(c.expr.watches_chart);
    discard(&c);
}

static void knows_value_and_limit(void **state)
{
    struct compiled c = compile("given(paracetamol, 6h) and 38.0 Cel <= temp");

    (void)state;
    assert_true(c.expr.has_limit);
    assert_int_equal(c.expr.limit_unit, VG_UNIT_CEL);
    assert_int_equal(c.expr.limit_places, 1);
    assert_int_equal(c.expr.limit.numerator, 380);
    assert_int_equal(c.expr.limit.denominator, 10);
    const struct vg_number value =
        vg_expr_value(&c.expr, c.queries, &facts, (struct vg_instant){0});

    assert_int_equal(vg_number_compare(value, vg_number_of(38, 1)), 0);
    discard(&c);
    c = compile("sbp < 0.8 * baseline(sbp)");
    assert_false(c.expr.has_limit);
    assert_int_equal(c.expr.value_end, 1);
    discard(&c);
}

/* Canonical text, which must compile to the same text again, and plain words. */
static void speaks(void **state)
{
    static const struct {
        const char *text, *canonical, *words;
    } rows[] = {
        {"90 mm[Hg] >  sbp", "sbp < 90 mm[Hg]", "systolic pressure is below 90 mm[Hg]"},
        {"temp>=100.4 [degF] for 72h", "temp >= 38.0 Cel",
         "temperature is at least 38.0 Cel, for 3 d"},
        {"drop(sbp, 120m) >= 4 kPa", "drop(sbp, 2h) >= 30 mm[Hg]",
         "drop of systolic pressure over 2 h is at least 30 mm[Hg]"},
        {"sbp < 90 mm[Hg] in 2 of last 3 readings 5m apart for 10m",
         "sbp < 90 mm[Hg] in 2 of last 3 readings 5m apart",
         "systolic pressure is below 90 mm[Hg], for 10 min, in 2 of the last 3 readings 5 "
         "min apart"},
        {"not (flag(scale2) or not setting is outpatient)",
         "not (flag(scale2) or not setting is outpatient)",
         "it is not so that (the flag scale2 is set or it is not so that the patient is an "
         "outpatient)"},
        {"((sbp < 0.8 * (baseline(sbp))))", "sbp < 0.8 * baseline(sbp)",
         "systolic pressure is below 0.8 times baseline of systolic pressure"},
        {"sbp - (max(sbp, 5m) - min(sbp, 5m)) < 2 * (sbp + 1 mm[Hg])",
         "sbp - (max(sbp, 5m) - min(sbp, 5m)) < 2 * (sbp + 1 mm[Hg])", NULL},
        {"(no rr for 8h or phase is post-1) and noted(wheeze, 4h)",
         "(no rr for 8h or phase is post-1) and noted(wheeze, 4h)", NULL},
        {"slope(sbp, 1h) <= -10 mm[Hg]", "slope(sbp, 1h) <= -10 mm[Hg]", NULL},
        {"avg(creat, 4h) >= 100 umol/L", "avg(creat, 4h) >= 1.130965845 mg/dL", NULL},
        {"hr > 90 /min and (hr > 91 /min and hr > 92 /min)",
         "hr > 90 /min and (hr > 91 /min and hr > 92 /min)", NULL},
        {"not ((not hr > 90 /min or hr > 91 /min) and hr > 92 /min) or hr > 93 /min",
         "not ((not hr > 90 /min or hr > 91 /min) and hr > 92 /min) or hr > 93 /min",
         NULL},
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct compiled c = compile(rows[i].text);

        if (c.status != VG_OK) {
            fail_msg("%s: %s", rows[i].text, c.faults->item[0].text);
        }
        (void)vg_expr_text(&c.expr, c.queries, text, sizeof text);
        assert_string_equal(text, rows[i].canonical);
        if (rows[i].words != NULL) {
            (void)vg_expr_words(&c.expr, c.queries, text, sizeof text);
            assert_string_equal(text, rows[i].words);
        }
        assert_int_equal(vg_expr_words(&c.expr, c.queries, text, 8), 7);
        discard(&c);
        c = compile(rows[i].canonical);
        assert_int_equal(c.status, VG_OK);
        (void)vg_expr_text(&c.expr, c.queries, text, sizeof text);
        assert_string_equal(text, rows[i].canonical);
        discard(&c);
    }
}

static void doubts_free_names(void **state)
{
    struct compiled c = compile("noted(wheez, 4h) or given(dexamethasone, 6h)");

    (void)state;
    assert_int_equal(c.status, VG_OK);
    assert_int_equal(c.faults->count, 1);
    assert_true(c.faults->item[0].warning);
    assert_non_null(strstr(c.faults->item[0].text, "wheeze"));
    discard(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(refuses),
        cmocka_unit_test(reports_every_fault),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(knows_what_to_watch),
        cmocka_unit_test(knows_value_and_limit),
        cmocka_unit_test(speaks),
        cmocka_unit_test(doubts_free_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
