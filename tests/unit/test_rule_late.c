/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings that come behind newer ones, and rules with a hold: nobody is missed
 * whom the same readings in time would have called for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"
#include "lib/random.h"

#define RULE(when, rest)                                              \
    "  - id: HOT\n    class: fever_infection\n    severity: urgent\n" \
    "    when: " when "\n" rest "    text: t\n    source: test\n"
#define HELD   RULE("temp >= 38.0 Cel for 45s", "")
#define WINDOW RULE("avg(temp, 1m) >= 38.0 Cel for 45s", "")

struct read {
    int64_t arrives, at; /* seconds in the rows; ms where drawn */
    int64_t value;       /* 0.1 Cel */
};

static const struct row {
    const char *why, *rules;
    struct read read[12]; /* until one whose value is 0 */
    int64_t until;        /* seconds; 0: the last arrival */
    const char *told;
} rows[] = {
    {"the span begins with the late reading, and is over before a reading says "
     "no",
     HELD,
     {{0, 0, 370},
      {20, 20, 385},
      {21, 10, 385},
      {30, 30, 385},
      {50, 50, 385},
      {60, 60, 370}},
     0,
     "55000 raised HOT 10000;60000 ended HOT 10000;"},
    {"a late reading that says no keeps it from beginning earlier",
     HELD,
     {{0, 0, 385}, {20, 20, 385}, {21, 10, 370}, {60, 60, 370}},
     0,
     ""},
    {"the whole span was over when its first reading came",
     HELD,
     {{0, 0, 370}, {20, 20, 385}, {50, 50, 385}, {60, 60, 370}, {62, 10, 385}},
     0,
     "62000 raised HOT 10000;62000 ended HOT 10000;"},
    {"one reading in the middle of the span came last",
     HELD,
     {{0, 0, 370},
      {10, 10, 385},
      {1100, 1100, 385},
      {1110, 550, 385},
      {1120, 1120, 370}},
     0,
     "1110000 raised HOT 10000;1120000 ended HOT 10000;"},
    {"a run that reaches to the newest reading goes on being watched",
     HELD,
     {{0, 0, 370}, {30, 30, 385}, {31, 10, 385}},
     56,
     "55000 raised HOT 10000;"},
    {"it is not told again when it was on and has ended",
     HELD,
     {{0, 0, 385}, {30, 30, 385}, {50, 50, 385}, {60, 60, 370}, {61, 40, 385}},
     0,
     "45000 raised HOT 0;60000 ended HOT 0;"},
    {"nor when its first reading comes after its end",
     HELD,
     {{10, 10, 385}, {30, 30, 385}, {60, 60, 385}, {70, 70, 370}, {71, 0, 385}},
     0,
     "55000 raised HOT 10000;70000 ended HOT 10000;"},
    {"a window is asked as it was at each reading",
     WINDOW,
     {{0, 0, 370}, {40, 40, 390}, {70, 70, 390}, {71, 20, 390}, {90, 90, 300}},
     0,
     "71000 raised HOT 20000;90000 ended HOT 20000;"},
};

static void act(struct ward *w, const char *rules, const struct read *read,
                size_t count, int64_t unit)
{
    ward_open(w, rules);
    for (size_t i = 0; i < count && read[i].value != 0; i++) {
        ward_read_late(w, read[i].arrives * unit, read[i].at * unit, VG_TEMP,
                       read[i].value, VG_SOURCE_CONTINUOUS);
    }
}

static void test_rows(void **state)
{
    struct ward w;
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        act(&w, rows[i].rules, rows[i].read,
            sizeof rows[i].read / sizeof rows[i].read[0], S);
        if (rows[i].until > 0) {
            ward_wait(&w, rows[i].until * S);
        }
        if (strcmp(w.told, rows[i].told) != 0) {
            print_error("%s:\n  told \"%s\"\n  expected \"%s\"\n", rows[i].why, w.told,
                        rows[i].told);
            bad++;
        }
        ward_close(&w);
    }
    assert_int_equal(bad, 0);
}

/* ---- Whoever is called for when all comes in time is called for when some of
 * it comes late */

#define READINGS 100

struct spell {
    int64_t onset, raised, ended; /* ms; ended: INT64_MAX, not yet */
};

/* What was told, as spells. */
static size_t spells_of(const char *told, struct spell *spell)
{
    long long at = 0;
    long long onset = 0;
    char what[32];
    size_t count = 0;
    int used = 0;

    for (; sscanf(told, "%lld %31s HOT %lld;%n", &at, what, &onset, &used) == 3;
         told += used) {
        if (strcmp(what, "raised") == 0) {
            spell[count++] = (struct spell){onset, at, INT64_MAX};
        } else if (strcmp(what, "ended") == 0) {
            assert_true(count > 0);
            spell[count - 1].ended = at;
        }
    }
    return count;
}

static int by_arrival(const void *a, const void *b)
{
    const struct read *x = a;
    const struct read *y = b;

    return x->arrives != y->arrives ? (x->arrives < y->arrives ? -1 : 1)
                                    : (x->at < y->at ? -1 : 1);
}

static size_t play(const char *rules, const struct read *read, struct spell *spell)
{
    static struct ward w; /* large for a stack with the sanitizer's room around it */

    act(&w, rules, read, READINGS, 1);
    ward_wait(&w, read[READINGS - 1].arrives + 60 * S);
    const size_t count = spells_of(w.told, spell);
    ward_close(&w);
    return count;
}

static bool called(const struct spell *due, const struct spell *told, size_t count,
                   int64_t latest)
{
    for (size_t i = 0; i < count; i++) {
        if (told[i].raised <= due->raised + latest && told[i].ended >= due->onset) {
            return true;
        }
    }
    return false;
}

/* Windows are asked by time alone when a stream pauses for 10 s (core/facts.c), and then what was known
 * counts: their readings are so dense that none does, late as they are. */
static const struct kind {
    const char *rules;
    int64_t step, spread, latest; /* ms */
} kinds[] = {
    {HELD, 5 * S, 12 * S, 25 * S},
    {WINDOW, 2 * S, 2 * S, 5 * S},
};

static void try_one(struct random_source *luck, const struct kind *kind)
{
    static struct read timely[READINGS];
    static struct read late[READINGS];
    static struct spell due[READINGS];
    static struct spell told[READINGS];
    int64_t at = 0;

    for (size_t i = 0; i < READINGS; i++) {
        at += kind->step + (int64_t)(random_next(luck) % (uint64_t)kind->spread);
        const int64_t value = random_next(luck) % 7 == 0 ? 370 : 385;
        timely[i] = late[i] = (struct read){at, at, value};
        if (random_next(luck) % 4 == 0) {
            late[i].arrives += (int64_t)(random_next(luck) % (uint64_t)kind->latest);
        }
    }
    qsort(late, READINGS, sizeof late[0], by_arrival);
    const size_t want = play(kind->rules, timely, due);
    const size_t got = play(kind->rules, late, told);
    for (size_t i = 0; i < want; i++) {
        if (due[i].raised < timely[READINGS - 1].at &&
            !called(&due[i], told, got, kind->latest)) {
            print_error("missed: onset %lld raised %lld\n", (long long)due[i].onset,
                        (long long)due[i].raised);
            fail();
        }
    }
}

static void test_nobody_is_missed(void **state)
{
    struct random_source luck = random_seeded();

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        try_one(&luck, &kinds[i % 2]);
    }
}

/* ---- A span that charted flags decide as well is not gone through again */

#define CHARTED RULE("temp >= 38.0 Cel and not flag(scale2) for 60s", "")

static void test_late_in_a_charted_span(void **state)
{
    static const struct {
        const char *why;
        int64_t at, value; /* s; of the temperature that comes at 50 s */
        const char *told;
    } late[] = {
        {"a yes inside breaks nothing", 40, 386, "70000 raised HOT 0;"},
        {"a no before the onset neither", -10, 370, "60000 raised HOT 0;"},
        {"a no before another yes: from that on", 20, 370, "90000 raised HOT 30000;"},
        {"a no behind the last yes ends it", 40, 370, "145000 raised HOT 85000;"},
    };
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof late / sizeof late[0]; i++) {
        struct desk *d = desk_open_with(CHARTED);
        flag(d, 0, "scale2", false);
        ward_read(&d->ward, 0, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
        ward_read(&d->ward, 30 * S, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
        ward_read(&d->ward, 45 * S, VG_HR, 80, VG_SOURCE_CONTINUOUS);
        ward_read_late(&d->ward, 50 * S, late[i].at * S, VG_TEMP, late[i].value,
                       VG_SOURCE_CONTINUOUS);
        ward_read(&d->ward, 85 * S, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
        ward_read(&d->ward, 140 * S, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
        ward_wait(&d->ward, 200 * S);
        if (strcmp(d->ward.told, late[i].told) != 0) {
            print_error("%s: told \"%s\"\n", late[i].why, d->ward.told);
            bad++;
        }
        desk_close(d);
    }
    assert_int_equal(bad, 0);
}

/* True now by what was charted since, but for a time it was not: a hold does not reach back over that. */
static void test_late_before_a_flag(void **state)
{
    struct desk *d =
        desk_open_with(RULE("temp >= 38.0 Cel or flag(scale2) for 60s", ""));

    (void)state;
    ward_read(&d->ward, 0, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
    ward_read(&d->ward, 30 * S, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
    flag(d, 42 * S, "scale2", true);
    ward_read_late(&d->ward, 50 * S, 40 * S, VG_TEMP, 370, VG_SOURCE_CONTINUOUS);
    ward_wait(&d->ward, 80 * S);
    assert_string_equal(d->ward.told, "");
    ward_read(&d->ward, 85 * S, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
    ward_read(&d->ward, 150 * S, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
    assert_non_null(strstr(d->ward.told, "raised HOT"));
    assert_null(strstr(d->ward.told, "raised HOT 0;"));
    desk_close(d);
}

/* Temperatures lie in a gateway while the pulse comes in time. What ends the alert is measured long before the
 * bed was asked last, and so is the next run, which is still there. */
static void test_a_run_behind_a_late_end(void **state)
{
    static const struct {
        const char *rules, *told;
    } rows_of[] = {
        {HELD, "201000 ended HOT 0;201000 raised HOT 100000;"},
        {RULE("temp >= 38.0 Cel", ""), "201000 ended HOT 0;201000 raised HOT 100000;"}};
    static const struct read late[] = {
        {201, 60, 370}, {201, 100, 385}, {201, 130, 385}, {201, 150, 385}};
    struct ward w;

    (void)state;
    for (size_t i = 0; i < sizeof rows_of / sizeof rows_of[0]; i++) {
        ward_open(&w, rows_of[i].rules);
        for (int64_t at = 0; at <= 50; at += 25) {
            ward_read_late(&w, at * S, at * S, VG_TEMP, 385, VG_SOURCE_CONTINUOUS);
        }
        ward_read_late(&w, 200 * S, 200 * S, VG_HR, 80, VG_SOURCE_CONTINUOUS);
        w.told[0] = '\0';
        for (size_t k = 0; k < sizeof late / sizeof late[0]; k++) {
            ward_read_late(&w, late[k].arrives * S, late[k].at * S, VG_TEMP,
                           late[k].value, VG_SOURCE_CONTINUOUS);
        }
        assert_string_equal(w.told, rows_of[i].told);
        ward_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_late_in_a_charted_span),
        cmocka_unit_test(test_late_before_a_flag),
        cmocka_unit_test(test_a_run_behind_a_late_end),
        cmocka_unit_test(test_nobody_is_missed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
