/* SPDX-License-Identifier: Apache-2.0
 *
 * Two devices of one bed: Clinical reference 0.9, each rule that counts readings. What one
 * says is counted as if it were alone; a good one silences and ends nothing of a bad one
 * that is there; one that is gone holds nothing open for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/course_help.h"

#define X INT64_C(172800)

#define MONITOR VG_SOURCE_CONTINUOUS, VG_METHOD_NONE
#define LINE    VG_SOURCE_ARTERIAL, VG_METHOD_NONE

#define FIELD(member) offsetof(struct vg_assessment, member)

/* `span`: the bad one alone raises then, and not a step before. `back`: for so long the good one
 * has to be good; `gone`: for so long the bad one has to be silent. */
static const struct rule {
    const char *what;
    enum vg_signal signal;
    enum vg_source source;
    enum vg_method method;
    int64_t bad, good;
    int64_t step, span, back, gone;
    size_t field;
} rules[] = {
    {"very low saturation", VG_SPO2, MONITOR, 78, 97, 1, 15, 60, 300,
     FIELD(oxygen.severe)},
    {"low saturation", VG_SPO2, MONITOR, 88, 97, 1, 60, 60, 300, FIELD(oxygen.hypoxia)},
    {"a line, very low", VG_SBP, LINE, 60, 99, 1, 15, 300, 300,
     FIELD(pressure.hypotension)},
    {"a line, low", VG_SBP, LINE, 85, 120, 1, 60, 300, 300,
     FIELD(pressure.hypotension)},
    {"mean pressure", VG_MAP, LINE, 58, 80, 1, 60, 60, 300, FIELD(pressure.map_low)},
    {"mean pressure, very low", VG_MAP, LINE, 50, 80, 1, 15, 60, 300,
     FIELD(pressure.map_critical)},
    {"slow pulse", VG_HR, MONITOR, 30, 80, 1, 60, 60, 300, FIELD(extreme.vital)},
    {"fast pulse", VG_HR, MONITOR, 155, 80, 1, 60, 60, 300, FIELD(extreme.vital)},
    {"fast breath", VG_RR, MONITOR, 40, 16, 1, 60, 60, 300, FIELD(extreme.vital)},
    {"a patch", VG_TEMP, VG_SOURCE_CONTINUOUS, VG_METHOD_AXILLARY, 385, 368, 60, 240,
     3600, 3600, FIELD(fever.confirmed)},
    {"a probe above 40", VG_TEMP, VG_SOURCE_CONTINUOUS, VG_METHOD_CORE, 405, 368, 60,
     240, 3600, 3600, FIELD(fever.above_40)},
    {"a cuff", VG_SBP, VG_SOURCE_CUFF, VG_METHOD_NONE, 85, 120, 300, 300, 300, 900,
     FIELD(pressure.hypotension)},
};

#define RULES (sizeof rules / sizeof *rules)

static const struct pair {
    uint8_t bad, good;
} pairs[] = {{1, 2}, {2, 1}, {1, 0}, {0, 1}};

#define PAIRS (sizeof pairs / sizeof *pairs)

static void say(struct vg_try *t, const struct rule *rule, int64_t at, uint8_t device,
                int64_t value)
{
    t->device = device;
    try_obs(t, X + at, rule->signal, value, rule->source, rule->method);
}

static enum vg_truth asked(struct vg_try *t, const struct rule *rule, int64_t at)
{
    const struct vg_assessment *now = try_at(t, X + at);
    const struct vg_finding *finding = (const void *)((const char *)now + rule->field);

    return finding->truth;
}

static void expect(struct vg_try *t, const struct rule *rule, int64_t at,
                   enum vg_truth truth, const char *when)
{
    if (asked(t, rule, at) != truth) {
        fail_msg("%s: %s at %lld s", rule->what, when, (long long)at);
    }
}

/* By turns, the good one last. Returns when the bad one was heard last. */
static int64_t by_turns(struct vg_try *t, const struct rule *rule, struct pair who,
                        int64_t from, int64_t to)
{
    int64_t last = from;

    for (int64_t at = from; at <= to; at += rule->step) {
        say(t, rule, at, who.bad, rule->bad);
        say(t, rule, at, who.good, rule->good);
        last = at;
    }
    return last;
}

static void one_alone(void **state)
{
    (void)state;
    for (size_t r = 0; r < RULES; r++) {
        const struct rule *rule = &rules[r];
        struct vg_try *t = try_begin();
        for (int64_t at = 0; at <= rule->span; at += rule->step) {
            say(t, rule, at, 1, rule->bad);
            expect(t, rule, at, at < rule->span ? VG_FALSE : VG_TRUE, "alone");
        }
        try_end(t);
    }
}

static void a_good_one_between(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULES * PAIRS; i++) {
        const struct rule *rule = &rules[i / PAIRS];
        struct vg_try *t = try_begin();
        (void)by_turns(t, rule, pairs[i % PAIRS], 0, rule->span - rule->step);
        expect(t, rule, rule->span - rule->step, VG_FALSE, "too early");
        (void)by_turns(t, rule, pairs[i % PAIRS], rule->span, rule->span);
        expect(t, rule, rule->span, VG_TRUE, "not raised");
        const int64_t end = rule->span + 2 * rule->back;
        (void)by_turns(t, rule, pairs[i % PAIRS], rule->span + rule->step, end);
        expect(t, rule, end, VG_TRUE, "a good one ended it");
        try_end(t);
    }
}

static void both_are_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULES * PAIRS; i++) {
        const struct rule *rule = &rules[i / PAIRS];
        const struct pair who = pairs[i % PAIRS];
        struct vg_try *t = try_begin();
        for (int64_t at = 0; at <= 2 * rule->span + 600; at += rule->step) {
            say(t, rule, at, who.bad, rule->good);
            say(t, rule, at, who.good, rule->good);
        }
        expect(t, rule, 2 * rule->span + 600, VG_FALSE, "nothing is wrong");
        try_end(t);
    }
}

static void it_ends_what_it_opened(void **state)
{
    (void)state;
    for (size_t r = 0; r < RULES; r++) {
        const struct rule *rule = &rules[r];
        struct vg_try *t = try_begin();
        const int64_t last =
            by_turns(t, rule, (struct pair){1, 2}, 0, rule->span) + rule->step;
        for (int64_t at = last; at <= last + rule->back + rule->step;
             at += rule->step) {
            say(t, rule, at, 1, rule->good);
        }
        expect(t, rule, last + rule->back + rule->step, VG_FALSE, "it is well again");
        try_end(t);
    }
}

/* Swapped, or taken off. */
static void the_bad_one_is_gone(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULES * PAIRS; i++) {
        const struct rule *rule = &rules[i / PAIRS];
        const struct pair who = pairs[i % PAIRS];
        struct vg_try *t = try_begin();
        const int64_t last = by_turns(t, rule, who, 0, rule->span);
        const int64_t gone = rule->gone > rule->back ? rule->gone : rule->back;
        int64_t at = last + rule->step;
        for (; at < last + gone; at += rule->step) {
            say(t, rule, at, who.good, rule->good);
            expect(t, rule, at, VG_TRUE, "it is not gone yet");
        }
        for (; at <= last + gone + rule->step; at += rule->step) {
            say(t, rule, at, who.good, rule->good);
        }
        expect(t, rule, at, VG_FALSE, "it is gone");
        try_end(t);
    }
}

static void silence_alone_ends_nothing(void **state)
{
    (void)state;
    for (size_t r = 0; r < RULES; r++) {
        const struct rule *rule = &rules[r];
        struct vg_try *t = try_begin();
        (void)by_turns(t, rule, (struct pair){1, 2}, 0, rule->span);
        expect(t, rule, 12 * 3600, VG_TRUE, "nobody said that it is well");
        try_end(t);
    }
}

/* The good one was there before; one word of it after the silence is no clearing run. */
static void a_swap_needs_the_whole_run(void **state)
{
    struct vg_try *t = try_begin();
    const struct rule *cuff = &rules[RULES - 1];

    (void)state;
    say(t, cuff, 0, 2, 120);
    say(t, cuff, 60, 1, 78);
    say(t, cuff, 120, 2, 120); /* alone since */
    expect(t, cuff, 120, VG_TRUE, "78");
    say(t, cuff, 121, 1, 78);
    say(t, cuff, 1100, 2, 120);
    expect(t, cuff, 1100, VG_TRUE, "one value");
    say(t, cuff, 1399, 2, 120);
    expect(t, cuff, 1399, VG_TRUE, "4 min 59 s");
    say(t, cuff, 1400, 2, 120);
    expect(t, cuff, 1400, VG_FALSE, "5 min");
    try_end(t);
}

/* ---- More than two, a person, and what is said about the signals */

static const struct rule *const severe = &rules[0];

static void of_three(const uint8_t bad[3], enum vg_truth truth)
{
    struct vg_try *t = try_begin();

    for (int64_t at = 0; at <= 20; at++) {
        for (uint8_t d = 0; d < 3; d++) {
            say(t, severe, at, (uint8_t)(d + 1), bad[d] ? severe->bad : severe->good);
        }
    }
    expect(t, severe, 20, truth, "of three");
    try_end(t);
}

static void three_devices(void **state)
{
    (void)state;
    for (unsigned mask = 0; mask < 8; mask++) {
        const uint8_t bad[3] = {mask & 1U, mask >> 1 & 1U, mask >> 2 & 1U};
        of_three(bad, mask == 0 ? VG_FALSE : VG_TRUE);
    }
}

/* Of three that are swapped one after the other none holds the alert open. */
static void swapped_twice(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 1000; at++) {
        say(t, severe, at, at < 20 ? 1 : 2, severe->bad);
    }
    for (int64_t at = 1001; at <= 1290; at++) {
        say(t, severe, at, 3, severe->good);
    }
    expect(t, severe, 1290, VG_TRUE, "device 2 is not gone");
    for (int64_t at = 1291; at <= 1400; at++) {
        say(t, severe, at, 3, severe->good);
    }
    expect(t, severe, 1400, VG_FALSE, "all that was bad is gone");
    try_end(t);
}

static void a_person_stands_beside_every_cuff(void **state)
{
    const struct rule *cuff = &rules[RULES - 1];
    struct vg_try *t = try_begin();

    (void)state;
    say(t, cuff, 0, 1, 85);
    t->device = 0;
    try_obs(t, X + 60, VG_SBP, 118, VG_SOURCE_MANUAL, VG_METHOD_NONE);
    expect(t, cuff, 900, VG_FALSE, "what waited was taken back");
    try_obs(t, X + 1000, VG_SBP, 78, VG_SOURCE_MANUAL, VG_METHOD_NONE);
    expect(t, cuff, 1000, VG_TRUE, "78");
    say(t, cuff, 1100, 1, 118);
    say(t, cuff, 1400, 1, 118);
    expect(t, cuff, 1400, VG_FALSE, "the cuff ranks with it");
    try_end(t);
    t = try_begin();
    try_obs(t, X, VG_SBP, 78, VG_SOURCE_MANUAL, VG_METHOD_NONE);
    say(t, cuff, 60, 1, 118); /* its first device has what it opened */
    expect(t, cuff, 60, VG_TRUE, "one value");
    say(t, cuff, 360, 1, 118);
    expect(t, cuff, 360, VG_FALSE, "the first cuff after a person");
    try_end(t);
}

static void a_line_ends_what_a_cuff_opened(void **state)
{
    const struct rule *cuff = &rules[RULES - 1];
    struct vg_try *t = try_begin();

    (void)state;
    say(t, cuff, 0, 1, 78);
    for (int64_t at = 1; at <= 301; at++) {
        expect(t, cuff, at, VG_TRUE, "the line is too short");
        say(t, &rules[3], at, 2, 120);
    }
    expect(t, cuff, 301, VG_FALSE, "it is trusted more");
    try_end(t);
}

static void a_spot_value(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 20; at++) {
        say(t, severe, at, 1, severe->bad);
    }
    t->device = 0;
    try_obs(t, X + 21, VG_SPO2, 97, VG_SOURCE_SPOT, VG_METHOD_NONE);
    expect(t, severe, 21, VG_TRUE, "the stream is low at that time");
    try_obs(t, X + 141, VG_SPO2, 97, VG_SOURCE_SPOT, VG_METHOD_NONE);
    expect(t, severe, 141, VG_FALSE, "1.4: one spot value ends it");
    try_end(t);
}

/* The patch that fell off takes no value from the other one. */
static void a_probe_that_is_off(void **state)
{
    const struct rule *patch = &rules[9];
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 300; at += 60) {
        say(t, patch, at, 1, 385);
        say(t, patch, at, 2, at < 60 ? 370 : 330);
    }
    expect(t, patch, 300, VG_TRUE, "the one that sits has fever");
    assert_int_equal(t->now.quality.probe_off.truth, VG_TRUE);
    try_end(t);
}

/* A weak pulse at one finger makes nothing of another one weak. */
static void a_poor_signal(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t at = 0; at <= 15; at++) {
        t->device = 1;
        try_obs(t, X + at, VG_PI, 200, MONITOR);
        t->device = 2;
        try_obs(t, X + at, VG_PI, 10, MONITOR);
        say(t, severe, at, 1, severe->bad);
        say(t, severe, at, 2, severe->good);
    }
    expect(t, severe, 15, VG_TRUE, "the good signal is low");
    try_end(t);
}

static void a_reaction(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t bad, good, span;
    } rows[] = {{VG_SPO2, 92, 98, 30}, {VG_RR, 26, 16, 60}};

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        struct vg_try *t = try_begin();
        try_infusion(t, X - 60, X + 1800);
        for (int64_t at = 0; at <= rows[r].span; at++) {
            t->device = 1;
            try_obs(t, X + at, rows[r].signal, rows[r].bad, MONITOR);
            t->device = 2;
            try_obs(t, X + at, rows[r].signal, rows[r].good, MONITOR);
            assert_int_equal(try_at(t, X + at)->reaction.suspected.truth,
                             at < rows[r].span ? VG_FALSE : VG_TRUE);
        }
        try_end(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_alone),
        cmocka_unit_test(a_good_one_between),
        cmocka_unit_test(both_are_good),
        cmocka_unit_test(it_ends_what_it_opened),
        cmocka_unit_test(the_bad_one_is_gone),
        cmocka_unit_test(silence_alone_ends_nothing),
        cmocka_unit_test(a_swap_needs_the_whole_run),
        cmocka_unit_test(three_devices),
        cmocka_unit_test(swapped_twice),
        cmocka_unit_test(a_person_stands_beside_every_cuff),
        cmocka_unit_test(a_line_ends_what_a_cuff_opened),
        cmocka_unit_test(a_spot_value),
        cmocka_unit_test(a_probe_that_is_off),
        cmocka_unit_test(a_poor_signal),
        cmocka_unit_test(a_reaction)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
