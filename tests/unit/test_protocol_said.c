/* SPDX-License-Identifier: Apache-2.0
 *
 * What a protocol says: sentences filled in, what is not known in them, itself so that it can be read
 * again. What is refused of it: test_protocol_parts.c.
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

/* ---- Sentences */

static struct vg_number answer(const void *subject, const struct vg_query *query,
                               size_t index, struct vg_instant at)
{
    (void)subject;
    (void)index;
    (void)at;
    switch ((int)query->kind) {
    case VG_ASK_SINCE_INFUSION:
        return vg_number_of(50 * VG_HOUR + 30999, 1);
    case VG_ASK_FIELD:
        return strcmp(query->name, "news2.score") == 0  ? vg_number_of(7, 1)
               : strcmp(query->name, "fn.met") == 0     ? vg_number_of(1, 1)
               : strcmp(query->name, "sirs.count") == 0 ? vg_number_of(2, 1)
               : strcmp(query->name, "crs.grade") == 0  ? vg_number_of(0, 1)
                                                        : VG_NUMBER_UNKNOWN;
    default:
        return query->signal == VG_SBP ? vg_number_of(84, 1) : VG_NUMBER_UNKNOWN;
    }
}

static void sentences_say_it(void **state)
{
    static const struct {
        const char *when, *sentence, *said;
    } rows[] = {
        {"since_infusion > 48h", "$value after ($limit)", "180030 s after (48 h)"},
        {"age(temp) > 1h", "$value", "unknown"},
        {"news2.score >= 5", "NEWS2 $value, limit $limit", "NEWS2 7, limit 5"},
        {"news2.score >= 5", "met: $fn.met, CRS $crs.grade", "met: yes, CRS 0"},
        {"news2.score >= 5", "ICANS $icans.grade, $hr", "ICANS unknown, unknown"},
        {"sbp < baseline(sbp)", "$value of $sbp", "84 mm[Hg] of 84 mm[Hg]"},
        {"flag(scale2)", "$$$sbp", "$84 mm[Hg]"},
        /* a limit inside what is asked: said if there is one */
        {"bp.hypotension", "below $limit", "below 90 mm[Hg]"},
        {"fever.high", "from $limit", "from 39.0 Cel"},
    };
    static char text[1024];
    char said[128];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(text, sizeof text,
                       HEAD RULES RULE("R", "%s", "    text: \"%s\"\n"), rows[i].when,
                       rows[i].sentence);
        const struct vg_protocol *p = build(text);
        if (p == NULL) {
            fail_msg("row %zu: %s", i, error());
        }
        const struct vg_facts facts = {NULL, answer};
        (void)vg_rule_text(&p->rule[0], &p->queries, &facts, (struct vg_instant){0},
                           p->rule[0].text.en, said, sizeof said);
        assert_string_equal(said, rows[i].said);
        finish();
    }
}

/* Two limits, or none, are not one: such a sentence is refused when the protocol is loaded. */
static void no_limit_is_guessed(void **state)
{
    static const char *const whens[] = {"oxygen.hypoxia", "fn.met", "flag(scale2)",
                                        "bp.hypotension and fn.met",
                                        "since_infusion > age(temp)"};
    static char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof whens / sizeof whens[0]; i++) {
        (void)snprintf(text, sizeof text,
                       HEAD RULES RULE("R", "%s", "    text: \"below $limit\"\n"),
                       whens[i]);
        assert_null(build(text));
        assert_non_null(strstr(error(), "\"$limit\" cannot be filled in"));
        finish();
    }
}

/* What is put into a Chinese sentence is Chinese. */
static void chinese_sentences_say_it_in_chinese(void **state)
{
    static const struct {
        const char *sentence, *said;
    } rows[] = {
        {"体温 $temp，血压 $sbp", "体温 未知，血压 84 mm[Hg]"},
        {"符合：$fn.met，CRS $crs.grade", "符合：是，CRS 0"},
        {"$news2.parts",
         "呼吸 未知，血氧 未知，氧疗 未知，收缩压 未知，脉率 未知，意识 未知，体温 未知"},
    };
    static char text[1024];
    char said[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(text, sizeof text,
                       HEAD RULES RULE("R", "news2.score >= 5",
                                       "    text: {en: \"$fn.met\", zh: \"%s\"}\n"),
                       rows[i].sentence);
        const struct vg_protocol *p = build(text);
        if (p == NULL) {
            fail_msg("row %zu: %s", i, error());
        }
        const struct vg_facts facts = {NULL, answer};
        (void)vg_rule_text(&p->rule[0], &p->queries, &facts, (struct vg_instant){0},
                           p->rule[0].text.zh, said, sizeof said);
        assert_string_equal(said, rows[i].said);
        (void)vg_rule_text(&p->rule[0], &p->queries, &facts, (struct vg_instant){0},
                           p->rule[0].text.en, said, sizeof said);
        assert_string_equal(said, "yes");
        finish();
    }
}

/* A name that no protocol asks is unknown, not a guess (an alert may outlive its protocol). */
static void what_is_not_asked_is_unknown(void **state)
{
    const struct vg_protocol *p = build(HEAD GOOD);
    const struct vg_facts facts = {NULL, answer};
    char said[32];

    (void)state;
    assert_non_null(p);
    (void)vg_rule_text(&p->rule[0], &p->queries, &facts, (struct vg_instant){0},
                       "$temp, $nonsense, $limit", said, sizeof said);
    assert_string_equal(said, "unknown, unknown, 90 mm[Hg]");
    assert_int_equal(vg_rule_text(&p->rule[0], &p->queries, &facts,
                                  (struct vg_instant){0}, "abcdef", said, 4),
                     3);
    assert_string_equal(said, "abc");
    finish();
}

/* ---- Shown as it can be read again */

static void put(void *to, const char *text, size_t length)
{
    char *all = to;

    strncat(all, text, length);
}

static void shown_so_that_it_is_read_again(void **state)
{
    static char text[16384];
    const struct vg_protocol *p = build(
        HEAD RULES RULE("R", "sbp < 90 mm[Hg]",
                        "    text: \"\\x01 tab\\t line\\n \\\"q\\\" \\\\ end \"\n") "");

    (void)state;
    text[0] = '\0';
    if (p == NULL) {
        fail_msg("%s", error());
    }
    vg_protocol_show(p, put, text);
    assert_non_null(strstr(text, "\"\\x01 tab\\t line\\n \\\"q\\\" \\\\ end \""));
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_say_it),
        cmocka_unit_test(no_limit_is_guessed),
        cmocka_unit_test(chinese_sentences_say_it_in_chinese),
        cmocka_unit_test(what_is_not_asked_is_unknown),
        cmocka_unit_test(shown_so_that_it_is_read_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
