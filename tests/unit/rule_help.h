/* SPDX-License-Identifier: Apache-2.0
 *
 * One rule and its readings as a row of a table, and what must be told of it.
 */
#ifndef VIGIL_TESTS_UNIT_RULE_HELP_H
#define VIGIL_TESTS_UNIT_RULE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"

#define RULE(when, rest)                                              \
    "  - id: HOT\n    class: fever_infection\n    severity: urgent\n" \
    "    when: " when "\n" rest "    text: t\n    source: test\n"

struct read {
    int64_t arrives, at; /* seconds */
    enum vg_signal signal;
    int64_t value; /* canonical */
    enum vg_source source;
};

struct row {
    const char *rules;
    struct read read[12]; /* until one at 0 with value 0 */
    int64_t until;        /* seconds */
    const char *told;
};

#define SPOT(at, value)                        \
    {                                          \
        at, at, VG_TEMP, value, VG_SOURCE_SPOT \
    }
#define LATE(arrives, at, value)                    \
    {                                               \
        arrives, at, VG_TEMP, value, VG_SOURCE_SPOT \
    }
#define MONITOR(at, value)                           \
    {                                                \
        at, at, VG_TEMP, value, VG_SOURCE_CONTINUOUS \
    }
#define LAGS(arrives, at, value)                          \
    {                                                     \
        arrives, at, VG_TEMP, value, VG_SOURCE_CONTINUOUS \
    }
#define PULSE(at, value)                           \
    {                                              \
        at, at, VG_HR, value, VG_SOURCE_CONTINUOUS \
    }

#define BEAT(at, value)                      \
    {                                        \
        at, at, VG_HR, value, VG_SOURCE_SPOT \
    }
#define CUFF(at, value)                       \
    {                                         \
        at, at, VG_SBP, value, VG_SOURCE_CUFF \
    }

#define HELD(span) RULE("temp >= 38.0 Cel", "    hold: " span "\n")
#define STEPS                \
    RULE("temp >= 38.0 Cel", \
         "    escalate: temp >= 40.0 Cel\n    escalated: critical\n")

static inline void act(const struct row *row, struct ward *w)
{
    ward_open(w, row->rules);
    for (size_t i = 0; i < sizeof row->read / sizeof row->read[0]; i++) {
        const struct read *r = &row->read[i];
        if (r->value != 0) {
            ward_read_late(w, r->arrives * S, r->at * S, r->signal, r->value,
                           r->source);
        }
    }
    if (row->until > 0) {
        ward_wait(w, row->until * S);
    }
}

/* What was told in each row is what the row says. */
static inline void check_rows(const struct row *rows, size_t count)
{
    static struct ward w;
    int bad = 0;

    for (size_t i = 0; i < count; i++) {
        act(&rows[i], &w);
        if (strcmp(w.told, rows[i].told) != 0) {
            print_error("row %zu: told \"%s\"\n  expected \"%s\"\n", i, w.told,
                        rows[i].told);
            bad++;
        }
        ward_close(&w);
    }
    assert_int_equal(bad, 0);
}

#endif
