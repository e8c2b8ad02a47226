/* SPDX-License-Identifier: Apache-2.0
 *
 * Which ladder an alert has. What the checker says of ladders: the golden pairs of
 * test_protocol.c. Run from the top of the tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/protocol_file.h"
#include "shell/yaml.h"

#define FOLDER "tests/protocols/"

static struct vg_protocol *load(const char *path, struct vg_protocol_file *file)
{
    struct vg_error error = {""};
    const enum vg_status status = vg_protocol_file_load(path, file, &error);

    if (status != VG_OK) {
        fail_msg("%s: %s", path, file->faults->item[0].text);
    }
    return file->protocol;
}

/* The ladder of each rule of ladders.yaml, at each severity, on the ward and at home. */
static void each_finds_its_ladder(void **state)
{
    static const struct {
        const char *rule;
        enum vg_severity severity;
        const char *ward, *home;
    } rows[] = {
        {"PLAIN", VG_URGENT, "own", "own-outpatient"},
        /* It cannot rise by itself; if it is raised, the ladder of that severity. */
        {"PLAIN", VG_CRITICAL, "critical", "critical-outpatient"},
        {"PLAIN", VG_WATCH, "own", "own-outpatient"},
        /* No variant of its own: that of the severity. */
        {"RISES", VG_WATCH, "other", "other"},
        {"RISES", VG_CRITICAL, "critical", "critical-outpatient"},
        {"RISES_TO_NAMED", VG_CRITICAL, "third", "critical-outpatient"},
        {"RISES_TO_NOBODY", VG_WATCH, "other", "other"},
        {"RISES_TO_NOBODY", VG_CRITICAL, NULL, NULL},
        /* There is no ladder named "urgent": its own. */
        {"RISES_TO_URGENT", VG_URGENT, "own", "own-outpatient"},
        {"NOBODY_UNTIL_IT_RISES", VG_TECHNICAL, NULL, NULL},
        {"NOBODY_UNTIL_IT_RISES", VG_CRITICAL, "critical", "critical-outpatient"},
        {"HYPOTENSION", VG_CRITICAL, "critical", "critical-outpatient"},
    };
    struct vg_protocol_file file;
    const struct vg_protocol *p = load(FOLDER "ladders.yaml", &file);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vg_rule *rule = vg_protocol_rule(p, rows[i].rule);

        assert_non_null(rule);
        for (int home = 0; home < 2; home++) {
            const struct vg_ladder *ladder =
                vg_rule_ladder(p, rule, rows[i].severity, home == 1);
            const char *wanted = home == 1 ? rows[i].home : rows[i].ward;

            if ((ladder == NULL) != (wanted == NULL) ||
                (wanted != NULL && strcmp(ladder->name, wanted) != 0)) {
                fail_msg("row %zu, %s: %s", i, home == 1 ? "home" : "ward",
                         ladder == NULL ? "none" : ladder->name);
            }
        }
    }
    vg_protocol_file_finish(&file);
}

/* A built-in rule calls by the hospital's ladder of its name; only where there is none, by the
 * one that stands in. */
static void built_in_rules_call_by_the_hospitals_ladders(void **state)
{
    static const struct vg_rule grave = {.severity = VG_CRITICAL,
                                         .stand_in = "critical"};
    static const struct vg_rule check = {.severity = VG_CRITICAL,
                                         .stand_in = "check-patient"};
    struct vg_protocol_file file;
    const struct vg_protocol *p = load(FOLDER "ladders.yaml", &file);
    const struct vg_ladder *own = vg_rule_ladder(p, &grave, VG_CRITICAL, false);

    (void)state;
    assert_true(own >= p->ladder && own < p->ladder + p->ladder_count);
    assert_string_equal(vg_rule_ladder(p, &grave, VG_CRITICAL, true)->name,
                        "critical-outpatient");
    assert_string_equal(vg_rule_ladder(p, &check, VG_CRITICAL, false)->name,
                        "check-patient");
    assert_string_equal(vg_rule_ladder(NULL, &grave, VG_CRITICAL, true)->name,
                        "critical");
    vg_protocol_file_finish(&file);
}

/* Without a ladder of that name in the file, a floor has a built-in one. */
static void no_floor_is_without_a_ladder(void **state)
{
    static const char *const files[] = {FOLDER "good.yaml", FOLDER "ladders.yaml",
                                        FOLDER "warned.yaml"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct vg_protocol_file file;
        const struct vg_protocol *p = load(files[i], &file);
        size_t floors = 0;

        for (size_t k = 0; k < p->rule_count; k++) {
            const struct vg_rule *rule = &p->rule[k];

            if (rule->floor) {
                floors++;
                assert_non_null(rule->ladder);
                assert_string_equal(rule->ladder->name,
                                    vg_severity_text(rule->severity));
                assert_true(rule->ladder->fallback.target_count >= 2);
                assert_int_equal(rule->latch, rule->severity == VG_CRITICAL);
            }
        }
        assert_int_equal(floors, 6);
        vg_protocol_file_finish(&file);
    }
}

/* A name for each in messages, and room for each in the protocol, but not without end. */
static void ladders_have_an_end(void **state)
{
    (void)state;
    for (unsigned count = VG_LADDERS; count <= VG_LADDERS + 1; count++) {
        struct vg_faults *faults = calloc(1, sizeof *faults);
        struct vg_arena *arena = vg_arena_create();
        struct vg_protocol *protocol = NULL;
        const struct vg_node *root = NULL;
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        assert_true(faults != NULL && arena != NULL && out != NULL);
        (void)fputs("protocol: p\nversion: v\nproducts: [nk]\ntitle: t\nrules:\n"
                    "  - {id: A, class: lab, severity: info, when: flag(scale2), text: "
                    "x, source: y}\nladders:\n",
                    out);
        for (unsigned i = 0; i < count; i++) {
            (void)fprintf(out,
                          "  l%u: {hold: 1m, steps: [{offer: [a], wait: 1m}], "
                          "fallback: {offer: [b], repeat: 1m}}\n",
                          i);
        }
        assert_int_equal(fclose(out), 0);
        assert_int_equal(vg_yaml_parse(text, size, arena, faults, &root), VG_OK);
        const enum vg_status status =
            vg_protocol_build(root, "p", "", arena, faults, &protocol);

        assert_int_equal(status, count == VG_LADDERS ? VG_OK : VG_REFUSED);
        if (status == VG_OK) { /* the floors' own are added */
            assert_int_equal(protocol->ladder_count, VG_LADDERS + 2);
            vg_protocol_destroy(protocol);
        } else {
            assert_string_equal(faults->item[0].text,
                                "a protocol has at most 64 ladders, not 65");
            vg_arena_destroy(arena);
        }
        free(text);
        free(faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_finds_its_ladder),
        cmocka_unit_test(built_in_rules_call_by_the_hospitals_ladders),
        cmocka_unit_test(no_floor_is_without_a_ladder),
        cmocka_unit_test(ladders_have_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
