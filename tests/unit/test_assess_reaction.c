/* SPDX-License-Identifier: Apache-2.0
 *
 * Infusion reaction and anaphylaxis: Clinical reference 3.3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/course_help.h"

/* Signs charted at 10 min, "" for none; a spot value beside them. */
static const struct {
    const char *sign[2];
    enum vg_signal signal;
    int64_t value;
    const char *flag;
    enum vg_truth suspected, critical, anaphylaxis;
} cases[] = {
    {{"urticaria", ""}, VG_SPO2, 98, NULL, VG_TRUE, VG_FALSE, VG_FALSE},
    {{"urticaria", ""}, VG_SPO2, 92, NULL, VG_TRUE, VG_TRUE, VG_TRUE},
    {{"urticaria", ""}, VG_SPO2, 93, NULL, VG_TRUE, VG_FALSE, VG_FALSE},
    {{"flushing", ""}, VG_RR, 25, NULL, VG_TRUE, VG_FALSE, VG_TRUE},
    {{"flushing", ""}, VG_RR, 24, NULL, VG_TRUE, VG_FALSE, VG_FALSE},
    {{"itch", ""}, VG_SBP, 89, NULL, VG_TRUE, VG_TRUE, VG_TRUE},
    {{"wheeze", "gi_severe"}, VG_HR, 80, NULL, VG_TRUE, VG_TRUE, VG_TRUE},
    {{"wheeze", "stridor"}, VG_HR, 80, NULL, VG_TRUE, VG_TRUE, VG_FALSE},
    {{"voice_change", ""}, VG_HR, 80, NULL, VG_TRUE, VG_TRUE, VG_FALSE},
    {{"voice_change", ""}, VG_HR, 80, "allergen_probable", VG_TRUE, VG_TRUE, VG_TRUE},
    {{"urticaria", ""}, VG_HR, 80, "allergen_probable", VG_TRUE, VG_FALSE, VG_FALSE},
    {{"syncope", "angioedema"}, VG_HR, 80, NULL, VG_TRUE, VG_TRUE, VG_TRUE},
    {{"", ""}, VG_SBP, 87, NULL, VG_TRUE, VG_TRUE, VG_FALSE},
    {{"", ""}, VG_SBP, 90, NULL, VG_FALSE, VG_FALSE, VG_FALSE},
    {{"headache", ""}, VG_HR, 80, NULL, VG_FALSE, VG_FALSE, VG_FALSE},
};

static void elements(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vg_try *t = try_begin();
        try_infusion(t, 0, 1800);
        for (size_t k = 0; k < 2; k++) {
            if (cases[i].sign[k][0] != '\0') {
                try_chart(t, 600, VG_SYMPTOM, cases[i].sign[k], true);
            }
        }
        if (cases[i].flag != NULL) {
            try_chart(t, 500, VG_FLAG, cases[i].flag, true);
        }
        try_obs(t, 600, cases[i].signal, cases[i].value, VG_SOURCE_SPOT,
                VG_METHOD_NONE);
        const struct vg_reaction_out *r = &try_at(t, 600)->reaction;
        if (r->suspected.truth != cases[i].suspected ||
            r->critical.truth != cases[i].critical ||
            r->anaphylaxis.truth != cases[i].anaphylaxis) {
            fail_msg("row %zu: %d %d %d", i, (int)r->suspected.truth,
                     (int)r->critical.truth, (int)r->anaphylaxis.truth);
        }
        try_end(t);
    }
}

/* Vital signs to T_end + 4 h, symptoms to T0 + 24 h; both inclusive. */
static void windows(void **state)
{
    static const struct {
        bool sign;
        int64_t at;
        enum vg_truth is;
    } rows[] = {{false, 1800 + 14400, VG_TRUE}, {false, 1800 + 14401, VG_FALSE},
                {true, 86400, VG_TRUE},         {true, 86401, VG_FALSE},
                {true, -1, VG_FALSE},           {false, -1, VG_FALSE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        try_infusion(t, 0, 1800);
        if (rows[i].sign) {
            try_chart(t, rows[i].at, VG_SYMPTOM, "itch", true);
        } else {
            try_obs(t, rows[i].at, VG_SBP, 85, VG_SOURCE_CUFF, VG_METHOD_NONE);
        }
        assert_int_equal(try_at(t, rows[i].at)->reaction.suspected.truth, rows[i].is);
        try_end(t);
    }
}

static void it_ends(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_infusion(t, 0, 1800);
    try_chart(t, 600, VG_SYMPTOM, "itch", true);
    assert_int_equal(try_at(t, 600 + 1799)->reaction.suspected.truth, VG_TRUE);
    assert_int_equal(try_at(t, 600 + 1800)->reaction.suspected.truth, VG_FALSE);
    try_chart(t, 4000, VG_SYMPTOM, "itch", true);
    try_chart(t, 4100, VG_FLAG, "irr_resolved", true);
    assert_int_equal(try_at(t, 4100)->reaction.suspected.truth, VG_FALSE);
    try_chart(t, 4200, VG_SYMPTOM, "itch", true);
    assert_int_equal(try_at(t, 4200)->reaction.suspected.truth, VG_TRUE);
    try_end(t);
}

static void only_rigors(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_infusion(t, 0, 1800);
    try_chart(t, 600, VG_SYMPTOM, "rigors", true);
    assert_int_equal(try_at(t, 600)->reaction.mild.truth, VG_TRUE);
    try_chart(t, 700, VG_SYMPTOM, "dyspnoea", true);
    assert_int_equal(try_at(t, 700)->reaction.mild.truth, VG_FALSE);
    try_end(t);
}

static void high_pressure_slow_pulse(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t value;
        enum vg_truth is;
    } rows[] = {{VG_SBP, 180, VG_TRUE},
                {VG_SBP, 179, VG_FALSE},
                {VG_HR, 49, VG_TRUE},
                {VG_HR, 50, VG_FALSE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        try_infusion(t, 0, 1800);
        try_obs(t, 1200, rows[i].signal, rows[i].value, VG_SOURCE_SPOT, VG_METHOD_NONE);
        assert_int_equal(try_at(t, 1200)->reaction.htn_brady.truth, rows[i].is);
        try_end(t);
    }
}

/* A pulse says nothing of a pressure that was 190, nor the other way; each ends by its own after 15 min. */
static void each_ends_by_its_own(void **state)
{
    static const struct {
        enum vg_signal sign, other;
        int64_t value, normal;
    } rows[] = {{VG_SBP, VG_HR, 190, 120}, {VG_HR, VG_SBP, 45, 70}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int64_t calm = rows[i].other == VG_HR ? 70 : 120;
        struct vg_try *t = try_begin();
        try_infusion(t, 0, 1800);
        try_obs(t, 900, rows[i].sign, rows[i].value, VG_SOURCE_SPOT, VG_METHOD_NONE);
        try_obs(t, 1800, rows[i].other, calm, VG_SOURCE_SPOT, VG_METHOD_NONE);
        const struct vg_finding *found = &t->now.reaction.htn_brady;
        (void)try_at(t, 1800);
        assert_int_equal(found->truth, VG_TRUE);
        assert_int_equal(found->since.ms, try_instant(900).ms);
        assert_false(found->lost);
        try_obs(t, 4501, rows[i].other, calm, VG_SOURCE_SPOT, VG_METHOD_NONE);
        (void)try_at(t, 4501); /* its own is older than an hour: not known any more */
        assert_int_equal(found->truth, VG_TRUE);
        assert_true(found->lost);
        t->marks = VG_MARK_CLOCK;
        try_obs(t, 4600, rows[i].sign, rows[i].normal, VG_SOURCE_SPOT, VG_METHOD_NONE);
        assert_int_equal(try_at(t, 4600)->reaction.htn_brady.truth, VG_TRUE);
        t->marks = 0;
        try_obs(t, 4700, rows[i].sign, rows[i].normal, VG_SOURCE_SPOT, VG_METHOD_NONE);
        assert_int_equal(try_at(t, 4700)->reaction.htn_brady.truth, VG_FALSE);
        try_end(t);
    }
}

/* An infusion is stopped for a reaction and goes on: what came before the second start and what comes behind it are
 * one reaction, if they lie within 4 h. */
static void an_infusion_goes_on(void **state)
{
    static const struct {
        int64_t start, sign;
        enum vg_truth anaphylaxis;
    } rows[] = {{2400, 2700, VG_TRUE},
                {2400, 600 + 14400, VG_TRUE},
                {14400, 600 + 14401, VG_FALSE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        try_infusion(t, 0, 700);
        try_chart(t, 600, VG_SYMPTOM, "urticaria", true);
        try_infusion(t, rows[i].start, rows[i].start + 1800);
        try_chart(t, rows[i].sign, VG_SYMPTOM, "gi_severe", true);
        assert_int_equal(try_at(t, rows[i].sign)->reaction.anaphylaxis.truth,
                         rows[i].anaphylaxis);
        try_end(t);
    }
}

/* Of a monitor that reports seldom two in a row are as good as a minute. */
static void a_sparse_monitor(void **state)
{
    static const struct {
        int64_t step, between; /* a value between the two; 0: none */
        enum vg_truth is;
    } rows[] = {
        {300, 0, VG_TRUE}, {900, 0, VG_TRUE}, {901, 0, VG_FALSE}, {300, 20, VG_FALSE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        try_infusion(t, 0, 1800);
        try_obs(t, 600, VG_RR, 26, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE);
        assert_int_equal(try_at(t, 600)->reaction.suspected.truth, VG_FALSE);
        if (rows[i].between != 0) {
            try_obs(t, 700, VG_RR, rows[i].between, VG_SOURCE_CONTINUOUS,
                    VG_METHOD_NONE);
        }
        try_obs(t, 600 + rows[i].step, VG_RR, 26, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE);
        assert_int_equal(try_at(t, 600 + rows[i].step)->reaction.suspected.truth,
                         rows[i].is);
        try_end(t);
    }
}

/* Of one that reports often an artefact before its lead comes off and one when it is on again are no run; what goes on
 * then is one. */
static void a_lead_that_is_off(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t normal, bad, span;
    } rows[] = {{VG_RR, 14, 26, 60}, {VG_SPO2, 98, 91, 30}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        try_infusion(t, 0, 1800);
        for (int64_t at = 600; at < 660; at += 5) {
            try_obs(t, at, rows[i].signal, rows[i].normal, VG_SOURCE_CONTINUOUS,
                    VG_METHOD_NONE);
        }
        try_obs(t, 660, rows[i].signal, rows[i].bad, VG_SOURCE_CONTINUOUS,
                VG_METHOD_NONE);
        for (int64_t after = 0; after <= rows[i].span; after += 5) {
            try_obs(t, 1060 + after, rows[i].signal, rows[i].bad, VG_SOURCE_CONTINUOUS,
                    VG_METHOD_NONE);
            assert_int_equal(try_at(t, 1060 + after)->reaction.suspected.truth,
                             after == rows[i].span ? VG_TRUE : VG_FALSE);
        }
        try_end(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sparse_monitor),
        cmocka_unit_test(a_lead_that_is_off),
        cmocka_unit_test(each_ends_by_its_own),
        cmocka_unit_test(an_infusion_goes_on),
        cmocka_unit_test(elements),
        cmocka_unit_test(windows),
        cmocka_unit_test(it_ends),
        cmocka_unit_test(only_rigors),
        cmocka_unit_test(high_pressure_slow_pulse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
