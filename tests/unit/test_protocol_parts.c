/* SPDX-License-Identifier: Apache-2.0
 *
 * One part of a protocol put wrong, or at its limit: what is refused says why in words that
 * mend it; what is taken is what the hospital meant. Beside the golden pairs of test_protocol.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol_help.h"

#define WITH(yes) RULES RULE("R", "sbp < 90 mm[Hg]", "    text: t\n" yes)
#define LADDER(rest) \
    HEAD GOOD        \
        "ladders:\n  low:\n    hold: 1h\n    fallback: {offer: [a], repeat: 2h}\n" rest
#define LINE(rest) HEAD GOOD "schedule:\n  - {expect: sbp, " rest "}\n"
#define STEP       "      - {offer: [a], wait: 1m}\n"

static const struct {
    const char *text, *sentence;
} refusals[] = {
    {"protocol: box\nversion: a23456789b123456789c123456789d123\n"
     "products: [car_t]\ntitle: b\n" GOOD,
     "a version has at most 32 characters"},
    {"protocol: box\nversion: \"1\"\nproducts: [\"\"]\ntitle: b\n" GOOD,
     "a product must be a single word"},
    {"protocol: box\nversion: \"1\"\nproducts: [[car_t]]\ntitle: b\n" GOOD,
     "a product must be a single word"},
    {"protocol: box\nversion: \"1\"\nproducts: [unknown]\ntitle: b\n" GOOD,
     "unknown product \"unknown\""},
    {"protocol: box\nversion: \"1\"\nproducts: []\ntitle: b\n" GOOD,
     "at least one product is needed"},
    {HEAD "rules: []\n", "a protocol has 1 to 128 rules, not 0"},
    {HEAD "signed: [\"\"]\n" GOOD, "nobody has signed with \"\""},
    {HEAD "signed: [Dr. A. Li, \" \"]\n" GOOD, "nobody has signed with \" \""},
    {HEAD "signed: [~]\n" GOOD, "nobody has signed with \"~\""},
    {HEAD "signed: [null]\n" GOOD, "nobody has signed with \"null\""},
    {HEAD "signed: [\"None \"]\n" GOOD, "nobody has signed with \"None \""},
    {HEAD "signed: [TBD]\n" GOOD, "nobody has signed with \"TBD\""},
    {HEAD "signed: [\"\xE3\x80\x80\"]\n" GOOD, "nobody has signed with"},
    {HEAD "signed: [\"\xC2\xA0\xE2\x80\x83\"]\n" GOOD, "nobody has signed with"},
    {HEAD "signed: [\"\xE2\x80\x94\"]\n" GOOD, "nobody has signed with"},
    {HEAD "signed: [{who: Dr. A. Li, when: null}]\n" GOOD, "nobody has signed"},
    {HEAD "signed: [{who: Dr. A. Li, when: \"\xE3\x80\x80\"}]\n" GOOD,
     "nobody has signed"},
    {HEAD "signed: [{who: \" \", when: 2026-03-01}]\n" GOOD, "nobody has signed"},
    {HEAD "signed: [{who: Dr. A. Li, when: \" \"}]\n" GOOD, "nobody has signed"},
    /* ids */
    {HEAD RULES RULE("\"9R\"", "sbp < 90 mm[Hg]", "    text: t\n"),
     "a rule's id is written in capitals"},
    {HEAD RULES RULE("\"[R\"", "sbp < 90 mm[Hg]", "    text: t\n"),
     "a rule's id is written in capitals"},
    {HEAD RULES RULE("A23456789B123456789C123456789D123456789E1", "sbp < 90 mm[Hg]",
                     "    text: t\n"),
     "at most 40"},
    /* marks at which it is said again */
    {HEAD WITH("    again: []\n"), "\"again\" has 1 to 6 tests"},
    {HEAD WITH("    again: [sbp < 1 kPa, sbp < 2 kPa, sbp < 3 kPa, sbp < 4 kPa, "
               "sbp < 5 kPa, sbp < 6 kPa, sbp < 7 kPa]\n"),
     "\"again\" has 1 to 6 tests"},
    {HEAD WITH("    again: [[sbp < 1 kPa]]\n"), "a test is one line of text"},
    {HEAD WITH("    again: [sbp < 80]\n"), "needs its unit"},
    {HEAD WITH("    again: [sbp < 80 mm[Hg] for 5m]\n"),
     "\"again\" takes no \"for\" and no counts"},
    {HEAD WITH("    again: [sbp < 80 mm[Hg] in 2 of last 3 readings]\n"),
     "\"again\" takes no \"for\" and no counts"},
    /* a severity that rises */
    {HEAD WITH("    escalate: sbp < 80 mm[Hg] for 5m\n    escalated: critical\n"),
     "\"escalate\" takes no \"for\" and no counts"},
    {HEAD WITH("    escalate: sbp < 80 mm[Hg] in 2 of last 3 readings\n"
               "    escalated: critical\n"),
     "\"escalate\" takes no \"for\" and no counts"},
    /* ladders */
    {LADDER("    steps:\n" STEP STEP STEP STEP STEP STEP STEP STEP STEP),
     "at most 8 steps a ladder"},
    {LADDER("    steps:\n      - {offer: [[a]], wait: 1m}\n"),
     "a role must be a single word"},
    {LADDER("    steps:\n      - {offer: [\"\"], wait: 1m}\n"),
     "a role must be a single word"},
    {LADDER("    steps:\n      - {offer: [[a], a, a], wait: 1m}\n"),
     "a role must be a single word"},
    {LADDER("    steps:\n      - {offer: [a, b, a], wait: 1m}\n"),
     "the role \"a\" is offered twice in one step"},
    {LADDER("    steps:\n      - {offer: [a, b, c, d, e, f, g, h, i], wait: 1m}\n"),
     "at most 8 of these"},
    {LADDER("    steps:\n      - {offer: [], wait: 1m}\n"),
     "at least one role is needed"},
    /* the schedule */
    {LINE("every: 4h"), "needs \"from\" or \"when\""},
    {LINE("from: admission, every: 0h"), "\"every\" must be longer than 0"},
    {LINE("from: given paracetamoll, every: 4h"), "given paracetamoll"},
    {LINE("from: given a23456789b123456789c123456789d123456789ef, every: 4h"),
     "given a2"},
    {LINE("from: day x, every: 4h"), "day x"},
    {LINE("when: temp > 38 Cel, every: 4h"), "asks only assessments"},
    {LINE("when: \"overdue.ice\", every: 4h"), "asks only assessments"},
    {LINE("when: \"noted(humming, 4h)\", every: 4h"), "symptoms that vigil knows"},
    {LINE("when: \"crs.grade >= 2 for 5m\", every: 4h"), "asks for the present"},
    {LINE("when: \"crs.grade >= 2 in 2 of last 3 assessments\", every: 4h"),
     "asks for the present"},
    {LINE("when: crs.grade >= 2, once: yes, every: 4h"), "\"once\" counts from"},
    {LINE("from: admission, when: crs.grade >= 2, once: yes, every: 4h"),
     "\"once\" counts from"},
    {LINE("from: admission, every: 4h, hours: 06-06"), "are no hours of the day"},
    {LINE("from: admission, every: 4h, hours: 24-06"), "are no hours of the day"},
    {LINE("from: admission, every: 4h, hours: 06-25"), "are no hours of the day"},
    {LINE("from: admission, every: 4h, hours: \"06\""), "are no hours of the day"},
    {LINE("from: admission, every: 4h, hours: six-ten"), "are no hours of the day"},
    {LINE("from: admission, every: 4h, setting: house"), "unknown setting"},
    /* settings */
    {HEAD GOOD "settings:\n  fn.rule: [nice]\n", "must be a single value"},
    {HEAD GOOD "settings:\n  fn.rule: nicer\n", "did you mean \"nice\"?"},
    {HEAD GOOD "settings:\n  fn.rul: nice\n", "did you mean \"fn.rule\"?"},
    {HEAD GOOD "settings:\n  moonlight: yes\n", "unknown setting \"moonlight\""},
    /* sentences */
    {HEAD RULES RULE("R", "sbp < 90 mm[Hg]",
                     "    text: t $a23456789b123456789c123456789d123456789e1\n"),
     "cannot be filled in"},
};

static void refused_with_its_reason(void **state)
{
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const bool taken = build(refusals[i].text) != NULL;
        bool said = false;
        for (size_t k = 0; k < faults.count; k++) {
            said = said || (strstr(faults.item[k].text, refusals[i].sentence) != NULL &&
                            !faults.item[k].warning);
        }
        if (taken || !said) {
            print_error("row %zu, \"%s\": %s\n", i, refusals[i].sentence,
                        taken ? "taken" : error());
            bad++;
        }
        finish();
    }
    assert_int_equal(bad, 0);
}

/* Each where it stands, also within a text of several lines. */
static void wrong_names_are_found_where_they_stand(void **state)
{
    static const struct {
        const char *text;
        struct vg_place place[2];
    } rows[] = {
        {"    text: low $spb now\n", {{11, 15}, {0, 0}}},
        {"    text: {en: \"\xE4\xBD\x8E $spb\", zh: a $hrr}\n", {{11, 19}, {11, 32}}},
        {"    text: |\n      low $sbp now\n      and $spb,\n      $hrr\n",
         {{13, 11}, {14, 7}}},
        {"    text: >\n      low\n      or $spb\n", {{13, 10}, {0, 0}}},
        {"    text: \"low\n      or $spb\"\n", {{12, 10}, {0, 0}}},
    };
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(text, sizeof text, "%s%s%s", HEAD RULES,
                       RULE("R", "sbp < 90 mm[Hg]", ""), rows[i].text);
        assert_null(build(text));
        size_t n = 0;
        for (size_t k = 0; k < faults.count; k++) {
            if (!faults.item[k].warning) {
                assert_int_equal(faults.item[k].place.line, rows[i].place[n].line);
                assert_int_equal(faults.item[k].place.column,
                                 rows[i].place[n++].column);
            }
        }
        assert_int_equal(n, rows[i].place[1].line == 0 ? 1 : 2);
        finish();
    }
}

/* ---- As many as there may be */

/* "#" in the line is its number. */
static void repeated(char *text, const char *head, const char *line, size_t count)
{
    const size_t before = strcspn(line, "#");
    size_t used = strlen(strcpy(text, head));

    for (size_t i = 0; i < count; i++) {
        used += (size_t)sprintf(text + used, "%.*s%zu%s", (int)before, line, i,
                                line + before + 1);
    }
}

static void as_many_as_there_may_be(void **state)
{
    static const struct {
        const char *head, *line;
        size_t most;
        const char *sentence;
    } rows[] = {
        {HEAD RULES,
         "  - {id: R#, class: lab, severity: urgent, when: sbp < 90 mm[Hg], text: t, "
         "source: s}\n",
         128, "a protocol has 1 to 128 rules, not 129"},
        {HEAD GOOD "schedule:\n",
         "  - {phase: p#, from: admission, expect: sbp, every: 4h}\n", 64,
         "a schedule has at most 64 lines, not 65"},
    };
    static char text[32768];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        repeated(text, rows[i].head, rows[i].line, rows[i].most);
        assert_non_null(build(text));
        finish();
        repeated(text, rows[i].head, rows[i].line, rows[i].most + 1);
        assert_null(build(text));
        assert_string_equal(error(), rows[i].sentence);
        finish();
    }
}

/* A sentence may ask something of its own, and that counts too. */
static void a_sentence_asks_as_well(void **state)
{
    static char text[65536];
    size_t used = strlen(strcpy(text, HEAD RULES));
    int span = 0;

    (void)state;
    for (int rule = 0; rule < 9; rule++) { /* 508, and 4 of the floors */
        used += (size_t)sprintf(text + used,
                                "  - id: R%d\n    class: lab\n    severity: info\n"
                                "    text: t%s\n    source: s\n    when: >\n",
                                rule, rule == 8 ? " $hr" : "");
        for (int i = 0; i < 60 && span < 512; i++) {
            used += (size_t)sprintf(text + used, "      %smin(sbp, %ds) < 1 mm[Hg]\n",
                                    i > 0 ? "or " : "", ++span);
        }
    }
    assert_null(build(text));
    bool said = false;
    for (size_t k = 0; k < faults.count; k++) {
        said = said || strstr(faults.item[k].text, "more than 512 different") != NULL;
    }
    assert_true(said);
    finish();
}

/* ---- What the hospital meant */

static void settings_are_as_chosen(void **state)
{
    static const struct {
        const char *settings;
        bool nice, grades, howard;
    } rows[] = {
        {"", false, false, false},
        {"settings:\n  fn.rule: nice\n", true, false, false},
        {"settings:\n  fn.rule: idsa\n", false, false, false},
        {"settings:\n  crs.relative_hypotension: grade\n", false, true, false},
        {"settings:\n  crs.relative_hypotension: watch\n", false, false, false},
        {"settings:\n  tls.rule: howard\n", false, false, true},
        {"settings:\n  tls.rule: cairo-bishop\n", false, false, false},
    };
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(text, sizeof text, "%s%s", HEAD GOOD, rows[i].settings);
        const struct vg_protocol *p = build(text);
        assert_non_null(p);
        assert_int_equal(p->clinical.fn_nice, rows[i].nice);
        assert_int_equal(p->clinical.relative_grades, rows[i].grades);
        assert_int_equal(p->clinical.tls_howard, rows[i].howard);
        finish();
    }
}

static void hours_and_moments(void **state)
{
    static const struct {
        const char *line;
        vg_ms opens, closes;
        enum vg_moment_of of;
    } rows[] = {
        {LINE("from: admission, every: 4h, hours: 06-22"), 6 * VG_HOUR, 22 * VG_HOUR,
         VG_MOMENT_ADMISSION},
        {LINE("from: first tocilizumab, every: 4h, hours: 22-24"), 22 * VG_HOUR, 0,
         VG_MOMENT_FIRST},
        {LINE("from: given tocilizumab + 6h, every: 4h, hours: 00-23"), 0, 23 * VG_HOUR,
         VG_MOMENT_GIVEN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vg_protocol *p = build(rows[i].line);
        if (p == NULL) {
            fail_msg("row %zu: %s", i, error());
        }
        const struct vg_schedule_line *line = &p->expected.line[0];
        assert_true(line->hours);
        assert_int_equal(line->opens, rows[i].opens);
        assert_int_equal(line->closes, rows[i].closes);
        assert_int_equal(line->from.of, rows[i].of);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_with_its_reason),
        cmocka_unit_test(wrong_names_are_found_where_they_stand),
        cmocka_unit_test(as_many_as_there_may_be),
        cmocka_unit_test(a_sentence_asks_as_well),
        cmocka_unit_test(settings_are_as_chosen),
        cmocka_unit_test(hours_and_moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
