/* SPDX-License-Identifier: Apache-2.0
 *
 * Properties of the engine over generated streams of 10,000 events: duplicates change
 * nothing, coarse time equals fine time, twice is the same. The seed is printed;
 * VIGIL_SEED sets another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ward.h"

#define S 1000
#define M (60 * S)

#define RULE(id, when, rest)                                                        \
    "  - id: " id                                                                   \
    "\n    class: fever_infection\n    severity: urgent\n    when: " when "\n" rest \
    "    text: t\n    source: test\n"

/* ---- Properties */

struct generated {
    int64_t at;
    enum vg_signal signal;
    int64_t value;
    enum vg_source source;
};

#define EVENTS 10000

static const char property_rules[] =
    RULE("FEVER", "temp >= 38.0 Cel", "    clear: temp <= 37.7 Cel for 10m\n")
        RULE("MEAN", "avg(temp, 10m) >= 38.0 Cel and min(sbp, 5m) < 90 mm[Hg]", "")
            RULE("FALL", "drop(sbp, 15m) >= 30 mm[Hg]", "    hold: 60s\n")
                RULE("TWICE", "sbp < 90 mm[Hg] in 2 of last 3 readings", "")
                    RULE("FAST", "hr > 150 /min", "    hold: 60s\n")
                        RULE("NONE", "no hr for 5m", "");

static unsigned seed(void)
{
    const char *given = getenv("VIGIL_SEED");

    return given != NULL ? (unsigned)strtoul(given, NULL, 10) : 20261124U;
}

static unsigned next(unsigned *s)
{
    *s = *s * 1664525U + 1013904223U;
    return *s >> 8;
}

static struct generated *generate(unsigned s)
{
    static const enum vg_signal signals[] = {VG_TEMP, VG_SBP, VG_HR};
    static const int64_t low[] = {365, 75, 60};
    static const unsigned range[] = {25, 70, 110};
    struct generated *all = calloc(EVENTS, sizeof *all);
    int64_t at = 0;
    unsigned mood = 0;

    assert_non_null(all);
    for (size_t i = 0; i < EVENTS; i++) {
        const unsigned which = next(&s) % 3;
        at += next(&s) % 50 == 0 ? 20 * M : (int64_t)(next(&s) % 20) * S;
        mood = next(&s) % 40 == 0 ? next(&s) % 100 : mood;
        all[i].at = at;
        all[i].signal = signals[which];
        all[i].value = low[which] + (mood * range[which] + next(&s) % 100 * 3) / 103;
        all[i].source = next(&s) % 4 == 0 ? VG_SOURCE_SPOT : VG_SOURCE_CONTINUOUS;
    }
    return all;
}

/* A running hash of what was told, so that long runs need no memory. */
struct heard {
    uint64_t hash;
    unsigned changes;
};

static void hear(struct ward *w, struct heard *heard)
{
    const char *from = w->told;

    for (const char *c = w->told; *c != '\0'; c++) {
        if (*c == ';') { /* change by change, however they were grouped */
            heard->hash = vg_hash(heard->hash, from, (size_t)(c - from));
            heard->changes++;
            from = c + 1;
        }
    }
    w->told[0] = '\0';
}

enum how { PLAIN, DOUBLED, FINE };

static struct heard listen(const struct generated *all, enum how how)
{
    struct ward w;
    struct heard heard = {0, 0};

    ward_open(&w, property_rules);
    for (size_t i = 0; i < EVENTS; i++) {
        const struct generated *g = &all[i];
        for (int64_t t = w.now + 777; how == FINE && t < g->at; t += 777) {
            ward_wait(&w, t);
            hear(&w, &heard);
        }
        ward_read(&w, g->at, g->signal, g->value, g->source);
        if (how == DOUBLED) {
            ward_read(&w, g->at, g->signal, g->value, g->source);
        }
        hear(&w, &heard);
    }
    ward_close(&w);
    return heard;
}

static void same(enum how how)
{
    struct generated *all = generate(seed());
    const struct heard plain = listen(all, PLAIN);
    const struct heard other = listen(all, how);

    print_message("seed %u: %u changes told\n", seed(), plain.changes);
    assert_true(plain.changes > 200); /* the stream does exercise the rules */
    assert_int_equal(plain.changes, other.changes);
    assert_true(plain.hash == other.hash);
    free(all);
}

static void test_fine_time_equals_coarse_time(void **state)
{
    (void)state;
    same(FINE);
}

static void test_duplicates_change_nothing(void **state)
{
    (void)state;
    same(DOUBLED);
}

static void test_twice_is_the_same(void **state)
{
    (void)state;
    same(PLAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fine_time_equals_coarse_time),
        cmocka_unit_test(test_duplicates_change_nothing),
        cmocka_unit_test(test_twice_is_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
