/* SPDX-License-Identifier: Apache-2.0
 *
 * Protocol files: the golden pairs of tests/protocols (what `vigil protocol check` reports
 * about NAME.yaml is NAME.check, what `show` prints is NAME.show), and what a protocol
 * holds once it is built. Run from the top of the tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/slurp.h"
#include "shell/protocol_file.h"
#include "shell/yaml.h"

#define FOLDER "tests/protocols/"

static void write_out(void *to, const char *text, size_t length)
{
    assert_int_equal(fwrite(text, 1, length, to), length);
}

static char *shown(const struct vg_protocol *protocol)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    vg_protocol_show(protocol, write_out, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *reported(const struct vg_protocol_file *file)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    vg_protocol_file_report(file, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void expect_file(const char *name, const char *ending, const char *got)
{
    char path[256];

    (void)snprintf(path, sizeof path, FOLDER "%s.%s", name, ending);
    char *wanted = slurp(path);

    assert_string_equal(got, wanted);
    free(wanted);
}

static void faults_are_as_on_file(void **state)
{
    static const struct {
        const char *name;
        enum vg_status status;
    } rows[] = {
        {"faulty-keys", VG_REFUSED},
        {"faulty-tests", VG_REFUSED},
        {"warned", VG_OK},
        {"doubtful", VG_OK},
        {"folded", VG_REFUSED},
        {"bom", VG_REFUSED},
        {"yaml-alias", VG_REFUSED},
        {"yaml-twice", VG_REFUSED},
        {"yaml-two", VG_REFUSED},
        {"yaml-tab", VG_REFUSED},
        {"yaml-utf8", VG_REFUSED},
        {"yaml-deep", VG_REFUSED},
        {"yaml-empty", VG_REFUSED},
        {"yaml-open", VG_REFUSED},
        {"yaml-words", VG_REFUSED},
        {"ladders-warned", VG_OK},
        {"ladders-refused", VG_REFUSED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_protocol_file file;
        struct vg_error error = {""};
        char path[256];

        (void)snprintf(path, sizeof path, FOLDER "%s.yaml", rows[i].name);
        assert_int_equal(vg_protocol_file_load(path, &file, &error), rows[i].status);
        char *report = reported(&file);

        expect_file(rows[i].name, "check", report);
        free(report);
        vg_protocol_file_finish(&file);
    }
}

static struct vg_protocol *load(const char *path, struct vg_protocol_file *file)
{
    struct vg_error error = {""};
    const enum vg_status status = vg_protocol_file_load(path, file, &error);

    if (status != VG_OK) {
        fail_msg("%s: %s", path, file->faults->item[0].text);
    }
    return file->protocol;
}

/* show(load(show(load(f)))) is show(load(f)). */
static void expect_fixpoint(const struct vg_protocol *protocol)
{
    struct vg_faults *faults = calloc(1, sizeof *faults);
    struct vg_arena *arena = vg_arena_create();
    const struct vg_node *root = NULL;
    struct vg_protocol *again = NULL;
    char *first = shown(protocol);

    assert_true(faults != NULL && arena != NULL);
    assert_int_equal(vg_yaml_parse(first, strlen(first), arena, faults, &root), VG_OK);
    const enum vg_status status =
        vg_protocol_build(root, protocol->name, "", arena, faults, &again);

    if (status != VG_OK) {
        fail_msg("%u: %s", faults->item[0].place.line, faults->item[0].text);
    }
    char *second = shown(again);

    assert_string_equal(second, first);
    assert_int_equal(again->queries.count, protocol->queries.count);
    assert_memory_equal(again->keep, protocol->keep, sizeof again->keep);
    free(first);
    free(second);
    free(faults);
    vg_protocol_destroy(again);
}

static void show_means_the_same(void **state)
{
    static const char *const files[] = {FOLDER "good.yaml",
                                        FOLDER "warned.yaml",
                                        FOLDER "ladders-warned.yaml",
                                        FOLDER "ladders.yaml",
                                        "config/protocols/car-t.yaml",
                                        "config/protocols/car-nk.yaml",
                                        "config/protocols/nk.yaml"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct vg_protocol_file file;

        expect_fixpoint(load(files[i], &file));
        assert_int_equal(file.faults->errors, 0);
        assert_true(i < 4 ||
                    file.faults->count == 0); /* what we ship gives no warning */
        vg_protocol_file_finish(&file);
    }
}

static void good_is_understood(void **state)
{
    struct vg_protocol_file file;
    const struct vg_protocol *p = load(FOLDER "good.yaml", &file);
    char *text = shown(p);

    (void)state;
    expect_file("good", "show", text);
    free(text);
    assert_int_equal(strlen(p->digest), 64);
    assert_int_equal(p->product_count, 2);
    assert_int_equal(p->product[1], VG_NK);
    assert_string_equal(p->signed_by, "Dr. A. Li (2026-03-01); pharmacy");
    /* Its window, and behind that a span and how late a reading may come into it. */
    assert_int_equal(p->keep[VG_SBP], 2 * VG_HOUR + 12 * VG_MINUTE);
    assert_int_equal(p->keep[VG_TEMP], 0);
    assert_int_equal(p->longest, 2 * VG_HOUR);

    const struct vg_rule *rule = vg_protocol_rule(p, "PRESSURE_FALLING");

    assert_non_null(rule);
    assert_int_equal(rule->when.hold, 10 * VG_MINUTE);
    assert_int_equal(rule->clear.hold, 30 * VG_MINUTE);
    assert_true(rule->has_clear && rule->latch && rule->watches_chart);
    assert_int_equal(rule->watches, 1U << VG_SBP);
    assert_int_equal(rule->realert, VG_HOUR);
    assert_string_equal(rule->ladder->name, "low");
    assert_int_equal(rule->ladder->step_count, 2);
    assert_int_equal(rule->ladder->step[0].resend, 10 * VG_MINUTE);
    assert_string_equal(rule->ladder->step[1].target[1], "on-call-physician");
    assert_int_equal(rule->ladder->fallback.resend, 2 * VG_HOUR);
    assert_false(rule->ladder->step[0].reject_same);
    assert_true(rule->ladder->step[1].reject_same);

    rule = vg_protocol_rule(p, "FEVER_IN_2_OF_3");
    assert_int_equal(rule->when.of_true, 2);
    assert_int_equal(rule->when.of_last, 3);
    assert_int_equal(rule->when.apart, 5 * VG_MINUTE);
    assert_int_equal(rule->when.hold, VG_HOUR);
    assert_null(vg_protocol_rule(p, "NO_SUCH_RULE"));
    vg_protocol_file_finish(&file);
}

static struct vg_number answer(const void *subject, const struct vg_query *query,
                               size_t index, struct vg_instant at)
{
    const struct vg_queries *queries = subject;

    (void)at;
    assert_ptr_equal(query, &queries->item[index]);
    if (query->kind == VG_ASK_LAST && query->signal == VG_SBP) {
        return vg_number_of(84, 1);
    }
    return query->kind == VG_ASK_DROP ? vg_number_of(36, 1) : VG_NUMBER_UNKNOWN;
}

static void sentences_are_filled_in(void **state)
{
    struct vg_protocol_file file;
    const struct vg_protocol *p = load(FOLDER "good.yaml", &file);
    const struct vg_rule *rule = vg_protocol_rule(p, "PRESSURE_FALLING");
    const struct vg_facts facts = {&p->queries, answer};
    const struct vg_instant now = {0};
    char text[128];

    (void)state;
    (void)vg_rule_text(rule, &p->queries, &facts, now, rule->text.en, text,
                       sizeof text);
    assert_string_equal(text,
                        "Systolic pressure 84 mm[Hg], \"fell\" by 36 mm[Hg] (limit 30 "
                        "mm[Hg]); costs $5");
    (void)vg_rule_text(rule, &p->queries, &facts, now, rule->text.zh, text,
                       sizeof text);
    assert_string_equal(text, "下降 36 mm[Hg]。");
    /* Cut between characters, not inside one. */
    assert_int_equal(
        vg_rule_text(rule, &p->queries, &facts, now, rule->text.zh, text, 6), 3);
    assert_string_equal(text, "下");
    rule = vg_protocol_rule(p, "FEVER_IN_2_OF_3");
    (void)vg_rule_text(rule, &p->queries, &facts, now, rule->text.en, text,
                       sizeof text);
    assert_string_equal(text, "Temperature unknown");
    vg_protocol_file_finish(&file);
}

/* Whatever is cut off or broken: an answer, and no crash (best run with SAN=address). */
static void damaged_files_are_answered(void **state)
{
    char *text = slurp(FOLDER "good.yaml");
    const size_t length = strlen(text);
    struct vg_faults *faults = calloc(1, sizeof *faults);

    (void)state;
    assert_non_null(faults);
    for (size_t i = 0; i < 2 * length; i++) {
        const char damage[] = "[]{}:,-\"'#&*!|>%@`\t\n $\xff\x01"
                              "0a(";
        struct vg_arena *arena = vg_arena_create();
        struct vg_protocol *protocol = NULL;
        const struct vg_node *root = NULL;
        const char kept = text[i % length];

        memset(faults, 0, sizeof *faults);
        if (i >= length) {
            text[i - length] = damage[i % (sizeof damage - 1)];
        }
        (void)vg_yaml_parse(text, i < length ? i : length, arena, faults, &root);
        if (root == NULL ||
            vg_protocol_build(root, "good", "", arena, faults, &protocol) != VG_OK) {
            assert_true(faults->errors > 0);
            vg_arena_destroy(arena);
        }
        vg_protocol_destroy(protocol);
        text[i % length] = kept;
    }
    free(faults);
    free(text);
}

/* A line that is read aloud is the one that is taken: also in a comment what hides, or turns it round, is warned of. The
 * file is read all the same. */
static void what_cannot_be_seen_is_warned_of(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column; /* 0: good */
        bool refused;
    } rows[] = {
        {"\xEF\xBB\xBFk: v\n", 0, 0, false}, /* a mark of UTF-8 in front */
        {"k: \xE9\x94\xAE\n", 0, 0, false},
        {"k: v\xE2\x80\xA8l: v\xC2\x85m: v\n", 0, 0, false}, /* line breaks of YAML's */
        {"k: \xE9\x94\xAE\xE2\x80\x8Bv\n", 1, 5, false},
        {"k: v\r\n# \xE2\x80\xAE 09\n", 2, 3, false},
        {"k: v # \xE2\x81\xA6", 1, 8, false},
        {"k: v # \xE2\x80", 1, 8, true}, /* cut: libyaml's fault, at the same place */
    };
    struct vg_faults *faults = calloc(1, sizeof *faults);

    (void)state;
    assert_non_null(faults);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_arena *arena = vg_arena_create();
        const struct vg_node *root = NULL;

        faults->count = faults->errors = 0;
        assert_int_equal(
            vg_yaml_parse(rows[i].text, strlen(rows[i].text), arena, faults, &root),
            rows[i].refused ? VG_REFUSED : VG_OK);
        assert_int_equal(faults->errors, rows[i].refused);
        assert_int_equal(faults->count, rows[i].line != 0);
        if (rows[i].line != 0) {
            assert_int_equal(faults->item[0].place.line, rows[i].line);
            assert_int_equal(faults->item[0].place.column, rows[i].column);
        }
        vg_arena_destroy(arena);
    }
    free(faults);
}

/* Lines are the parser's: whatever ends one, a text of two lines is found where it stands. */
static void any_line_break_ends_a_line(void **state)
{
    static const char *const breaks[] = {"\n",       "\r\n",         "\r",
                                         "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    struct vg_faults *faults = calloc(1, sizeof *faults);

    (void)state;
    assert_non_null(faults);
    for (size_t i = 0; i < sizeof breaks / sizeof breaks[0]; i++) {
        const char *b = breaks[i];
        struct vg_arena *arena = vg_arena_create();
        const struct vg_node *root = NULL;
        char text[64];

        (void)snprintf(text, sizeof text, "# 1%s# 2%s# 3%s键: \"ab%s  cd\"\n", b, b, b,
                       i < 3 ? b : "\n");
        assert_int_equal(vg_yaml_parse(text, strlen(text), arena, faults, &root),
                         VG_OK);
        const struct vg_node *node = vg_node_get(root, "键");
        assert_string_equal(node->text, "ab cd");
        assert_int_equal(node->line_count, 2);
        assert_int_equal(node->line[0].place.line, 4);
        assert_int_equal(node->line[0].place.column, 5);
        assert_int_equal(node->line[1].character, 3);
        assert_int_equal(node->line[1].place.line, 5);
        assert_int_equal(node->line[1].place.column, 3);
        vg_arena_destroy(arena);
    }
    free(faults);
}

static void folders_are_all_or_nothing(void **state)
{
    struct vg_protocol_set set;
    struct vg_error error = {""};
    FILE *nowhere = fopen("/dev/null", "w");

    (void)state;
    assert_non_null(nowhere);
    assert_int_equal(vg_protocol_set_load("config/protocols", nowhere, &set, &error),
                     VG_OK);
    assert_int_equal(set.count, 3);
    assert_string_equal(set.protocol[0]->name, "car-nk");
    assert_string_equal(set.protocol[1]->name, "car-t");
    assert_non_null(vg_protocol_set_find(&set, "nk"));
    assert_null(vg_protocol_set_find(&set, "nkk"));
    vg_protocol_set_finish(&set);
    assert_int_equal(vg_protocol_set_load(FOLDER, nowhere, &set, &error), VG_REFUSED);
    assert_int_equal(set.count, 0);
    assert_int_equal(vg_protocol_set_load("no/such/file.yaml", nowhere, &set, &error),
                     VG_FAILED);
    assert_non_null(strstr(error.text, "no/such/file.yaml"));
    assert_int_equal(vg_protocol_set_load("include", nowhere, &set, &error), VG_FAILED);
    (void)fclose(nowhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_as_on_file),
        cmocka_unit_test(show_means_the_same),
        cmocka_unit_test(good_is_understood),
        cmocka_unit_test(sentences_are_filled_in),
        cmocka_unit_test(damaged_files_are_answered),
        cmocka_unit_test(what_cannot_be_seen_is_warned_of),
        cmocka_unit_test(any_line_break_ends_a_line),
        cmocka_unit_test(folders_are_all_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
