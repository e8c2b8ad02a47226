/* SPDX-License-Identifier: Apache-2.0
 *
 * Fever: every limit of Clinical reference 1.2 and 5.3 at both sides, by source.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/course.h"
#include "lib/course_help.h"

/* Only what is under test, so that a case shows this topic and no other. */
const struct vg_topic vg_topics[VG_TOPICS] = {
    [VG_TOPIC_CHART] = {.signals = ~UINT64_C(0), .step = vg_chart_step},
    [VG_TOPIC_BASELINE] = {.signals = VG_BASELINE_WANTS,
                           .step = vg_baseline_step,
                           .after = vg_baseline_after},
    [VG_TOPIC_FEVER] = {.signals = VG_SIGNAL_BIT(VG_TEMP),
                        .step = vg_fever_step,
                        .judge = vg_fever_judge},
};

#define X    INT64_C(172800)
#define H    INT64_C(3600)
#define NONE INT64_MIN

enum who { SPOT, AXILLA, PATCH, CORE };

static void take(struct vg_try *t, int64_t at, enum who who, int64_t value)
{
    static const struct {
        enum vg_source source;
        enum vg_method method;
    } of[] = {[SPOT] = {VG_SOURCE_SPOT, VG_METHOD_ORAL},
              [AXILLA] = {VG_SOURCE_SPOT, VG_METHOD_AXILLARY},
              [PATCH] = {VG_SOURCE_CONTINUOUS, VG_METHOD_AXILLARY},
              [CORE] = {VG_SOURCE_CONTINUOUS, VG_METHOD_CORE}};

    try_obs(t, X + at, VG_TEMP, value, of[who].source, of[who].method);
}

struct reading {
    int64_t at, value;
    enum who who;
};

/* A row: readings (the list ends with value 0), and at `judged` whether fever, from when. */
struct row {
    struct reading reading[6];
    int64_t judged, since; /* NONE: no fever */
};

static void check_confirmation(void **unused)
{
    static const struct row rows[] = {
        {{{0, 379, SPOT}}, 0, NONE},
        {{{0, 380, SPOT}}, 0, 0},
        {{{0, 380, AXILLA}}, 0, 0},
        {{{0, 380, PATCH}, {120, 380, PATCH}, {240, 380, PATCH}}, 240, 0},
        {{{0, 380, PATCH}, {120, 380, PATCH}, {239, 380, PATCH}}, 239, NONE},
        {{{0, 380, PATCH}, {240, 380, PATCH}}, 240, NONE},
        {{{0, 380, CORE}, {120, 380, CORE}, {240, 380, CORE}}, 240, 0},
        {{{0, 380, PATCH}, {120, 379, PATCH}, {240, 380, PATCH}}, 240, NONE},
        {{{0, 381, PATCH}, {600, 381, PATCH}}, 600, NONE}, /* no pause, no third */
        {{{0, 381, PATCH}, {600, 381, PATCH}, {1200, 381, PATCH}}, 1200, 0},
        {{{0, 381, PATCH}, {601, 381, PATCH}}, 601, 0}, /* sparse */
        {{{0, 381, PATCH}, {3600, 381, PATCH}}, 3600, 0},
        {{{0, 381, PATCH}, {3601, 381, PATCH}}, 3601, NONE},
        /* Sources do not help each other. */
        {{{0, 380, PATCH}, {120, 380, CORE}, {240, 380, PATCH}}, 240, NONE},
        /* Clear: 37.7 with an hour below, open at its far end. */
        {{{0, 380, SPOT}, {3599, 377, SPOT}}, 3599, 0},
        {{{0, 380, SPOT}, {3600, 377, SPOT}}, 3600, NONE},
        {{{0, 380, SPOT}, {3600, 378, SPOT}}, 3600, 0},
        {{{0, 380, SPOT}, {1800, 378, SPOT}, {5399, 377, SPOT}}, 5399, 0},
        {{{0, 380, SPOT}, {1800, 378, SPOT}, {5400, 377, SPOT}}, 5400, NONE},
        {{{0, 380, SPOT}}, 200 * H, 0}, /* missing data never clear */
        /* Less trusted sources do not clear, more trusted ones do. */
        {{{0, 380, SPOT}, {3600, 370, AXILLA}}, 3600, 0},
        {{{0, 380, SPOT}, {3600, 370, PATCH}}, 3600, 0},
        {{{0, 380, AXILLA}, {3600, 377, SPOT}}, 3600, NONE},
        {{{0, 380, AXILLA}, {3599, 377, SPOT}}, 3599, 0},
        {{{0, 380, PATCH}, {601, 380, PATCH}, {4201, 354, PATCH}}, 4201, 0},
        {{{0, 380, PATCH}, {601, 380, PATCH}, {4201, 355, PATCH}}, 4201, NONE},
        {{{0, 382, SPOT}, {1800, 379, SPOT}, {2700, 380, SPOT}}, 2700, 0},
        {{{0, 382, SPOT}, {5400, 375, SPOT}, {19800, 380, SPOT}}, 19800, 19800},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = try_begin();
        for (const struct reading *r = rows[i].reading; r->value != 0; r++) {
            take(t, r->at, r->who, r->value);
        }
        const struct vg_finding got = try_at(t, X + rows[i].judged)->fever.confirmed;
        const bool want = rows[i].since != NONE;
        if ((got.truth == VG_TRUE) != want ||
            (want && got.since.ms != try_instant(X + rows[i].since).ms)) {
            fail_msg("row %zu: fever %d", i, (int)got.truth);
        }
        try_end(t);
    }
}

static enum vg_truth spot(int64_t value, size_t field)
{
    struct vg_try *t = try_begin();

    take(t, 0, SPOT, value);
    const struct vg_fever_out *out = &try_at(t, X)->fever;
    const enum vg_truth truth =
        ((const struct vg_finding *)(const void *)((const char *)out + field))->truth;
    try_end(t);
    return truth;
}

#define FIELD(name) offsetof(struct vg_fever_out, name)

static void check_levels(void **unused)
{
    (void)unused;
    assert_int_equal(spot(389, FIELD(high)), VG_FALSE);
    assert_int_equal(spot(390, FIELD(high)), VG_TRUE);
    assert_int_equal(spot(400, FIELD(above_40)), VG_FALSE);
    assert_int_equal(spot(401, FIELD(above_40)), VG_TRUE);
    assert_int_equal(spot(410, FIELD(above_41)), VG_FALSE);
    assert_int_equal(spot(411, FIELD(above_41)), VG_TRUE);
    assert_int_equal(spot(375, FIELD(rise)), VG_FALSE); /* baseline 36.6 */
    assert_int_equal(spot(376, FIELD(rise)), VG_TRUE);
    assert_int_equal(spot(379, FIELD(rise)), VG_TRUE);
    assert_int_equal(spot(380, FIELD(rise)), VG_FALSE);
    assert_int_equal(spot(379, FIELD(repeat)), VG_FALSE);
    assert_int_equal(spot(380, FIELD(repeat)), VG_TRUE);
    assert_int_equal(spot(382, FIELD(repeat)), VG_TRUE);
    assert_int_equal(spot(383, FIELD(repeat)), VG_FALSE);
    assert_int_equal(spot(379, FIELD(patch_check)), VG_FALSE); /* oral needs no check */
}

static void check_hyperpyrexia_clears(void **unused)
{
    struct vg_try *t = try_begin();

    (void)unused;
    take(t, 0, SPOT, 412);
    take(t, 1799, SPOT, 399);
    assert_int_equal(try_at(t, X + 1799)->fever.above_40.truth, VG_TRUE);
    take(t, 1800, SPOT, 400);
    assert_int_equal(try_at(t, X + 1800)->fever.above_41.truth, VG_FALSE);
    assert_int_equal(try_at(t, X + 1800)->fever.above_40.truth, VG_TRUE);
    take(t, 3600, SPOT, 399);
    assert_int_equal(try_at(t, X + 3600)->fever.above_40.truth, VG_FALSE);
    assert_int_equal(try_at(t, X + 3600)->fever.high.truth, VG_TRUE);
    try_end(t);
}

/* Nobody has to send anything for these. */
static void check_time_alone(void **unused)
{
    struct vg_try *t = try_begin();

    (void)unused;
    take(t, 0, SPOT, 381);
    assert_int_equal(try_at_ms(t, (X + 5400) * 1000 - 1)->fever.repeat.truth, VG_TRUE);
    assert_int_equal(t->next.ms, try_instant(X + 5400).ms);
    assert_int_equal(try_at(t, X + 5400)->fever.repeat.truth, VG_FALSE);
    assert_int_equal(try_at(t, X + 72 * H)->fever.three_days.truth, VG_FALSE);
    assert_int_equal(t->next.ms, try_instant(X + 72 * H).ms + 1);
    assert_int_equal(try_at_ms(t, (X + 72 * H) * 1000 + 1)->fever.three_days.truth,
                     VG_TRUE);
    try_end(t);
}

static void check_late(void **unused)
{
    struct vg_try *t = try_begin();

    (void)unused;
    take(t, 5 * H, SPOT, 371);
    t->marks = VG_MARK_LATE;
    take(t, 0, SPOT, 386);
    assert_int_equal(try_at(t, X + 5 * H)->fever.confirmed.truth, VG_FALSE);
    assert_int_equal(try_at(t, X + 5 * H)->fever.retro.truth, VG_TRUE);
    assert_int_equal(t->course->state.fever.last_confirmed.ms, try_instant(X).ms);
    t->marks = 0;
    take(t, 6 * H, SPOT, 380);
    t->marks = VG_MARK_CLOCK;
    take(t, 8 * H, SPOT, 370);
    assert_int_equal(try_at(t, X + 8 * H)->fever.confirmed.truth, VG_TRUE);
    t->marks = VG_MARK_VOID;
    take(t, 9 * H, SPOT, 412);
    assert_int_equal(try_at(t, X + 9 * H)->fever.above_40.truth, VG_FALSE);
    try_end(t);
}

static void check_patch_asks(void **unused)
{
    struct vg_try *t = try_begin();

    (void)unused;
    take(t, 0, PATCH, 375);
    take(t, 120, PATCH, 375);
    assert_int_equal(try_at(t, X + 120)->fever.patch_check.truth, VG_FALSE);
    take(t, 240, PATCH, 375);
    assert_int_equal(try_at(t, X + 240)->fever.patch_check.truth, VG_TRUE);
    assert_int_equal(t->now.fever.confirmed.truth, VG_FALSE);
    take(t, 600, SPOT, 374);
    assert_int_equal(try_at(t, X + 600)->fever.patch_check.truth, VG_FALSE);
    take(t, 5 * H, AXILLA, 374);
    assert_int_equal(try_at(t, X + 5 * H)->fever.patch_check.truth, VG_FALSE);
    take(t, 6 * H, AXILLA, 375);
    assert_int_equal(try_at(t, X + 6 * H)->fever.patch_check.truth, VG_TRUE);
    try_end(t);
}

/* HYPERPYREXIA stays behind the gate (0.7), the rest is that of adults. */
static void check_gate(void **unused)
{
    struct vg_try *t = try_begin();

    (void)unused;
    t->course->patient.age = 17;
    take(t, 0, SPOT, 412);
    assert_int_equal(try_at(t, X)->fever.confirmed.truth, VG_FALSE);
    assert_int_equal(t->now.fever.above_40.truth, VG_TRUE);
    assert_int_equal(t->now.fever.above_41.truth, VG_TRUE);
    t->course->patient.linked = false;
    assert_int_equal(try_at(t, X)->fever.confirmed.truth, VG_TRUE);
    try_end(t);
}

/* A stretch says the same as its samples, whole or cut into pieces. */
static void check_stretch(void **unused)
{
    struct vg_fever_lane samples = {0}, whole = {0}, pieces = {0};
    const struct vg_item one = {.signal = VG_TEMP,
                                .source = VG_SOURCE_CONTINUOUS,
                                .low = 384,
                                .high = 384,
                                .count = 1};

    (void)unused;
    for (int64_t s = 0; s <= 360; s += 120) {
        struct vg_item item = one;
        item.at = item.to = try_instant(s);
        vg_fever_runs(&samples, &item);
    }
    struct vg_item item = one;
    item.count = 4;
    item.at = try_instant(0);
    item.to = try_instant(360);
    vg_fever_runs(&whole, &item);
    for (int64_t s = 0; s <= 360; s += 60) {
        item.at = try_instant(s);
        item.to = try_instant(s == 360 ? s : s + 59);
        vg_fever_runs(&pieces, &item);
    }
    for (unsigned i = 0; i < VG_FEVER_LIMITS; i++) {
        assert_int_equal(samples.run[i].confirmed, i <= VG_FEVER_383);
        assert_int_equal(whole.run[i].confirmed, samples.run[i].confirmed);
        assert_int_equal(pieces.run[i].confirmed, samples.run[i].confirmed);
        assert_int_equal(whole.run[i].from.ms, samples.run[i].from.ms);
        assert_int_equal(pieces.run[i].from.ms, samples.run[i].from.ms);
    }
    /* Two samples ten minutes apart, in pieces, are still two. */
    pieces = (struct vg_fever_lane){0};
    item.count = 2;
    for (int64_t s = 0; s <= 600; s += 60) {
        item.at = try_instant(s);
        item.to = try_instant(s == 600 ? s : s + 59);
        vg_fever_runs(&pieces, &item);
    }
    assert_false(pieces.run[VG_FEVER_380].confirmed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_confirmation),
        cmocka_unit_test(check_levels),
        cmocka_unit_test(check_hyperpyrexia_clears),
        cmocka_unit_test(check_time_alone),
        cmocka_unit_test(check_late),
        cmocka_unit_test(check_patch_asks),
        cmocka_unit_test(check_gate),
        cmocka_unit_test(check_stretch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
