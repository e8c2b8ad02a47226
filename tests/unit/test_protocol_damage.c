/* SPDX-License-Identifier: Apache-2.0
 *
 * Protocol files and tests of rules with one part put wrong, each part in every way: what is
 * refused says where and why, what is taken shows itself, and whatever is asked of a test it
 * answers true, false or unknown. Run from the top of the tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/protocol.h"

#include "lib/slurp.h"
#include "shell/yaml.h"

static size_t tried, refused;
static struct vg_faults faults;

/* ---- Files */

static void count(void *to, const char *text, size_t length)
{
    (void)text;
    *(size_t *)to += length;
}

static void said(enum vg_status status)
{
    tried++;
    refused += status != VG_OK;
    assert_true(status == VG_OK || faults.errors > 0);
    for (size_t i = 0; i < faults.count; i++) {
        assert_true(faults.item[i].place.line > 0);
        assert_true(faults.item[i].text[0] != '\0');
    }
}

static void build(const char *text)
{
    static const char digest[65] = "0";
    struct vg_protocol *protocol = NULL;
    const struct vg_node *root = NULL;
    struct vg_arena *arena = vg_arena_create();
    size_t shown = 0;

    faults.count = faults.errors = 0;
    enum vg_status status = vg_yaml_parse(text, strlen(text), arena, &faults, &root);
    if (root != NULL && status == VG_OK) {
        status = vg_protocol_build(root, "good", digest, arena, &faults, &protocol);
    }
    said(status);
    if (status != VG_OK) {
        vg_arena_destroy(arena);
        return;
    }
    vg_protocol_show(protocol, count, &shown);
    assert_true(shown > 0);
    vg_protocol_destroy(protocol); /* and its arena */
}

static const char *const values[] = {
    "",
    "~",
    "x",
    "-1",
    "0",
    "1.5",
    "99999999999999999999",
    "yes",
    "maybe",
    "0s",
    "5m",
    "400d",
    "[]",
    "[a, b]",
    "[[a]]",
    "{}",
    "{a: b}",
    "{en: x}",
    "\"\"",
    "temp >= 38.0 Cel",
    "crs.grade >= 2",
    "\"a b\"",
    "critical",
    "none",
    "infusion.end + 1h",
    "day 3",
    "\"\\x01\"",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
#define VALUES (sizeof values / sizeof values[0])

/* Where the value behind the next "key: " of the text ends: at a comma or a bracket inside one, at
 * the end of the line else. */
static const char *value_end(const char *text, const char *value)
{
    const char *line = strchr(value, '\n');
    const char *begin = value;
    bool flow = false;

    while (begin > text && begin[-1] != '\n') {
        begin--;
        flow = flow || *begin == '{';
    }
    return flow ? value + strcspn(value, ",}]\n") : line;
}

static void test_each_value(void **state)
{
    char *text = slurp("tests/protocols/good.yaml");
    char *changed = calloc(1, 100000);

    (void)state;
    tried = refused = 0;
    build(text);
    assert_int_equal(refused, 0);
    for (const char *at = strstr(text, ": "); at != NULL; at = strstr(at + 2, ": ")) {
        const char *end = value_end(text, at + 2);
        for (size_t i = 0; i < VALUES; i++) {
            (void)snprintf(changed, 100000, "%.*s%s%s", (int)(at + 2 - text), text,
                           values[i], end);
            build(changed);
        }
    }
    print_message("%zu damaged files, %zu refused\n", tried, refused);
    assert_true(refused > tried / 2);
    free(text);
    free(changed);
}

/* Each line gone, or there twice. */
static void test_each_line(void **state)
{
    char *text = slurp("tests/protocols/good.yaml");
    char *changed = calloc(1, 200000);

    (void)state;
    tried = refused = 0;
    for (const char *line = text; *line != '\0';) {
        const char *next = strchr(line, '\n') + 1;
        (void)snprintf(changed, 200000, "%.*s%s", (int)(line - text), text, next);
        build(changed);
        (void)snprintf(changed, 200000, "%.*s%s", (int)(next - text), text, line);
        build(changed);
        line = next;
    }
    assert_true(refused > tried / 3);
    free(text);
    free(changed);
}

/* ---- Tests of rules */

static const char *const tests[] = {
    "temp >= 38.0 Cel",
    "temp >= 100.4 [degF] in 2 of last 3 readings 5m apart for 1h",
    "drop ( sbp , 2h ) >= 4 kPa and count ( sbp , 120m ) >= 3 and since_infusion < 10d",
    "not ( on ( oxygen ) or flag ( home_cpap ) ) and noted ( dyspnoea , 4h )",
    "phase is post-1 or setting is outpatient",
    "max ( hr , 1h ) - min ( hr , 1h ) > 40 /min",
    "mean ( map , 30m ) < 65 mm[Hg] for 15m",
    "crs.grade >= 2 and ( icans.grade >= 1 or news2.score > 6 )",
    "no temp for 4h",
    "sbp / baseline ( sbp ) < 0.8",
    "crp > 5 * uln ( crp )",
    "given ( tocilizumab , 24h ) and slope ( ferritin , 48h ) > 10 ng/mL",
    "product is car_t and age >= 65",
    "rise ( creat , 48h ) >= 0.3 mg/dL or creat >= 1.5 * baseline ( creat )",
    "crs.status is indeterminate",
    "hr > 130 /min or hr < 40 /min or spo2 < 88 %",
};

static const char *const tokens[] = {"",
                                     "(",
                                     ")",
                                     ",",
                                     "sbp",
                                     "temp",
                                     "crs.grade",
                                     "crs.status",
                                     "phase",
                                     "and",
                                     "or",
                                     "not",
                                     ">=",
                                     "<",
                                     "=",
                                     "is",
                                     "is not",
                                     "5",
                                     "-5",
                                     "0",
                                     "38.0 Cel",
                                     "90 mm[Hg]",
                                     "12 kPa",
                                     "2h",
                                     "90s",
                                     "for 10m",
                                     "in 2 of last 3 readings",
                                     "in 3 of last 2 readings",
                                     "5m apart",
                                     "99999999999999999999",
                                     "0.0000000000001",
                                     "1e9",
                                     "+",
                                     "-",
                                     "*",
                                     "/",
                                     "unknown_word",
                                     "met",
                                     "outpatient",
                                     "flag(scale2)",
                                     "last",
                                     "no",
                                     "12 furlong",
                                     "((((((((((((((((((((((((((((((((((((((((1",
                                     "$",
                                     "\"x\""};
#define TOKENS (sizeof tokens / sizeof tokens[0])

static struct vg_number answer(const void *subject, const struct vg_query *query,
                               size_t index, struct vg_instant at)
{
    const uint64_t seed = *(const uint64_t *)subject + index * 977U + query->kind;

    (void)at;
    return seed % 3 == 0
               ? VG_NUMBER_UNKNOWN
               : vg_number_of((int64_t)(seed % 20001) - 10000, 1 + (int64_t)(seed % 7));
}

static void compile(const char *text)
{
    static struct vg_queries queries;
    struct vg_arena *arena = vg_arena_create();
    struct vg_expr expr = {0};
    char words[512];

    faults.count = faults.errors = 0;
    memset(&queries, 0, sizeof queries);
    const enum vg_status status =
        vg_expr_compile(text, (struct vg_place){1, 1}, arena, &queries, &faults, &expr);
    said(status);
    for (uint64_t seed = 0; status == VG_OK && seed < 6; seed++) {
        const struct vg_facts facts = {.subject = &seed, .answer = answer};
        const struct vg_instant at = {INT64_C(1768032000000)};
        assert_in_range(vg_expr_ask(&expr, &queries, &facts, at), 0, 2);
        (void)vg_expr_value(&expr, &queries, &facts, at);
    }
    if (status == VG_OK) {
        const size_t length = vg_expr_words(&expr, &queries, words, sizeof words);
        assert_true(length < sizeof words && strlen(words) == length);
        char small[8];
        (void)vg_expr_words(&expr, &queries, small, sizeof small);
        assert_true(strlen(small) < sizeof small);
    }
    vg_arena_destroy(arena);
}

/* `way` 0: in place of the word; 1: before it. */
static void change(const char *text, int way)
{
    char changed[1024];

    for (const char *at = text; at != NULL; at = strchr(at, ' ')) {
        at += *at == ' ';
        const char *rest = at + (way == 0 ? strcspn(at, " ") : 0);
        for (size_t i = 0; i < TOKENS; i++) {
            (void)snprintf(changed, sizeof changed, "%.*s%s %s", (int)(at - text), text,
                           tokens[i], rest);
            compile(changed);
        }
    }
}

static void test_each_word(void **state)
{
    size_t good = 0;

    (void)state;
    tried = refused = 0;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        const size_t before = refused;
        compile(tests[i]);
        good += refused == before;
        change(tests[i], 0);
        change(tests[i], 1);
    }
    print_message("%zu damaged tests, %zu refused; %zu good ones\n", tried, refused,
                  good);
    assert_true(good >= 12);
    assert_true(refused > tried / 2 && refused < tried);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_each_value),
        cmocka_unit_test(test_each_line),
        cmocka_unit_test(test_each_word),
    };

    return cmocka_run_group_tests(all, NULL, NULL);
}
