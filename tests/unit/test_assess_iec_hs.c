/* SPDX-License-Identifier: Apache-2.0
 *
 * The screen for IEC-HS: each element from both sides, age, since when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/assess/labs.h"
#include "lib/course_help.h"

#define H(hours) ((int64_t)(hours)*3600)
#define D(days)  ((int64_t)(days)*86400)

/* A value in thousandths of its unit. */
static void lab(struct vg_try *t, int64_t seconds, enum vg_signal signal, int64_t milli)
{
    try_lab(t, seconds, signal, milli * 1000);
}

/* ULN 300 and 40; baselines of ferritin 400, AST 25, platelets 180, Hb 11, ANC 2500. */
static struct vg_try *begin(void)
{
    struct vg_try *t = try_begin();
    struct vg_patient *p = &t->course->patient;

    p->uln[VG_FERRITIN] = 300 * VG_MICRO;
    p->uln[VG_AST] = p->uln[VG_ALT] = 40 * VG_MICRO;
    p->baseline[VG_FERRITIN] = 400 * VG_MICRO;
    p->baseline[VG_AST] = 25 * VG_MICRO;
    p->baseline[VG_PLT] = 180 * VG_MICRO;
    p->baseline[VG_HB] = 11 * VG_MICRO;
    p->baseline[VG_ANC] = 2500 * VG_MICRO;
    try_infusion(t, 0, 1800);
    return t;
}

static void elements(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t yes, no; /* thousandths */
        enum vg_iec_hs_support support;
    } rows[] = {
        {VG_AST, 200001, 200000, VG_HS_LFT},
        {VG_ALT, 200001, 200000, VG_HS_LFT},
        {VG_FIBRINOGEN, 149999, 150000, VG_HS_FIBRINOGEN},
        {VG_ANC, 499999, 500000, VG_HS_CYTOPENIA},
        {VG_PLT, 49999, 50000, VG_HS_CYTOPENIA},
        {VG_HB, 7999, 8000, VG_HS_CYTOPENIA},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        lab(t, D(9), rows[i].signal, rows[i].no);
        assert_int_equal(try_at(t, D(9))->iec_hs.supporting, 0);
        lab(t, D(9) + 1, rows[i].signal, rows[i].yes);
        assert_int_equal(try_at(t, D(12) + 1)->iec_hs.supporting,
                         1U << rows[i].support);
        assert_int_equal(try_at_ms(t, (D(12) + 1) * 1000 + 1)->iec_hs.supporting, 0);
        try_end(t);
    }
}

/* An abnormal baseline raises the limit; no ULN, no rule; the item's limits come first. */
static void limits_of_the_laboratory(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    t->course->patient.baseline[VG_AST] = 100 * VG_MICRO;
    lab(t, D(1), VG_AST, 500000);
    assert_int_equal(try_at(t, D(1))->iec_hs.supporting, 0);
    lab(t, D(2), VG_AST, 500001);
    assert_int_equal(try_at(t, D(2))->iec_hs.supporting, 1U << VG_HS_LFT);
    t->uln = 120 * VG_MICRO;
    lab(t, D(3), VG_AST, 600000);
    assert_int_equal(try_at(t, D(3))->iec_hs.supporting, 0);
    t->uln = VG_NO_VALUE;
    t->course->patient.uln[VG_AST] = VG_NO_VALUE;
    lab(t, D(4), VG_AST, 5000000);
    assert_int_equal(try_at(t, D(4))->iec_hs.supporting, 0);
    t->uln = t->course->patient.uln[VG_AST] =
        0; /* "none", not a limit that all exceed */
    t->course->patient.baseline[VG_AST] = VG_NO_VALUE;
    lab(t, D(4) + 1, VG_AST, 20000);
    assert_int_equal(try_at(t, D(4) + 1)->iec_hs.supporting, 0);
    t->lln = 180 * VG_MICRO;
    lab(t, D(4), VG_FIBRINOGEN, 179999);
    assert_int_equal(try_at(t, D(4))->iec_hs.supporting, 1U << VG_HS_FIBRINOGEN);
    lab(t, D(5), VG_FIBRINOGEN, 180000);
    assert_int_equal(try_at(t, D(5))->iec_hs.supporting, 0);
    try_end(t);
}

static void cytopenia_needs_a_better_baseline(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    t->course->patient.baseline[VG_PLT] = 30 * VG_MICRO;
    t->course->patient.baseline[VG_HB] = VG_NO_VALUE;
    lab(t, D(1), VG_PLT, 30000);
    lab(t, D(1), VG_HB, 7000);
    assert_int_equal(try_at(t, D(1))->iec_hs.supporting, 0);
    lab(t, D(2), VG_PLT, 29000);
    assert_int_equal(try_at(t, D(2))->iec_hs.supporting, 1U << VG_HS_CYTOPENIA);
    try_end(t);
}

static enum vg_truth ferritin(int64_t uln, int64_t baseline, int64_t before,
                              int64_t hours, int64_t value)
{
    struct vg_try *t = begin();

    t->course->patient.uln[VG_FERRITIN] = uln > 0 ? uln * VG_MICRO : VG_NO_VALUE;
    t->course->patient.baseline[VG_FERRITIN] =
        baseline > 0 ? baseline * VG_MICRO : VG_NO_VALUE;
    if (before > 0) {
        lab(t, D(9) - H(hours), VG_FERRITIN, before * 1000);
    }
    lab(t, D(9), VG_FERRITIN, value * 1000);
    const enum vg_truth truth = try_at(t, D(9))->iec_hs.ferritin;

    try_end(t);
    return truth;
}

static void ferritin_conditions(void **state)
{
    (void)state;
    assert_int_equal(ferritin(300, 400, 0, 0, 600), VG_FALSE);
    assert_int_equal(ferritin(300, 400, 0, 0, 601), VG_TRUE);
    assert_int_equal(ferritin(900, 400, 0, 0, 800), VG_FALSE);
    assert_int_equal(ferritin(900, 400, 0, 0, 801), VG_TRUE);
    assert_int_equal(ferritin(1000, 900, 800, 48, 1600), VG_TRUE);
    assert_int_equal(ferritin(1000, 900, 800, 49, 1600), VG_FALSE);
    assert_int_equal(ferritin(1000, 900, 801, 48, 1601), VG_FALSE);
    assert_int_equal(ferritin(1000, 900, 500, 24, 1000), VG_FALSE); /* not above ULN */
    assert_int_equal(ferritin(1000, 900, 500, 24, 1001), VG_TRUE);
    assert_int_equal(ferritin(0, 900, 0, 0, 1801), VG_TRUE);
    assert_int_equal(ferritin(0, 0, 0, 0, 9999), VG_UNKNOWN); /* nothing to compare */
    assert_int_equal(ferritin(0, 0, 0, 0, 10000), VG_TRUE);
}

/* Two, one of them of the core; from 10000 one of any. */
static void combinations(void **state)
{
    static const struct {
        int64_t ferritin;
        bool lft, fibrinogen, cytopenia, timing, screen;
    } rows[] = {
        {5000, 0, 0, 0, 0, false},  {5000, 1, 0, 0, 0, false},
        {5000, 0, 1, 0, 0, false},  {5000, 0, 0, 1, 1, false},
        {5000, 1, 1, 0, 0, true},   {5000, 1, 0, 1, 0, true},
        {5000, 0, 1, 0, 1, true},   {9999, 0, 1, 0, 0, false},
        {10000, 0, 0, 0, 0, false}, {10000, 0, 1, 0, 0, true},
        {10000, 0, 0, 0, 1, true},  {10000, 0, 0, 1, 0, true},
        {600, 1, 1, 1, 1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        lab(t, D(9), VG_FERRITIN, rows[i].ferritin * 1000);
        lab(t, D(9), VG_AST, rows[i].lft ? 300000 : 30000);
        lab(t, D(9), VG_FIBRINOGEN, rows[i].fibrinogen ? 120000 : 300000);
        lab(t, D(9), VG_PLT, rows[i].cytopenia ? 20000 : 150000);
        try_chart(t, D(9), VG_FLAG, "crs_resolving", rows[i].timing);
        assert_int_equal(try_at(t, D(9))->iec_hs.screen.truth, rows[i].screen);
        try_end(t);
    }
}

/* `since` is when it became complete and stays; values that only grow old leave it open; a
 * normal one closes it. */
static void since_and_age(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    lab(t, D(8), VG_FERRITIN, 5000000);
    lab(t, D(9), VG_FIBRINOGEN, 120000);
    lab(t, D(9) + 60, VG_AST, 300000);
    assert_int_equal(try_at(t, D(9) + 60)->iec_hs.screen.since.ms,
                     try_instant(D(9) + 60).ms);
    lab(t, D(10), VG_FERRITIN, 6000000);
    lab(t, D(10), VG_AST, 400000);
    assert_int_equal(try_at(t, D(10))->iec_hs.screen.since.ms,
                     try_instant(D(9) + 60).ms);
    assert_int_equal(try_at(t, D(12))->iec_hs.screen.truth, VG_TRUE);
    assert_int_equal(t->next.ms, try_instant(D(12)).ms + 1);
    assert_int_equal(try_at_ms(t, D(12) * 1000 + 1)->iec_hs.screen.truth, VG_UNKNOWN);
    lab(t, D(12), VG_FIBRINOGEN, 300000);
    assert_int_equal(try_at(t, D(12) + 1)->iec_hs.screen.truth, VG_FALSE);
    try_end(t);
}

/* Not known is only what the old values could still make: 80 h old is the fibrinogen, or a
 * ferritin that the newer one had doubled from. */
static void what_grew_old(void **state)
{
    static const struct {
        int64_t before, ferritin, fibrinogen, ast,
            plt; /* before, fibrinogen: 80 h old */
        enum vg_truth screen, required;
    } rows[] = {
        {0, 5000, 120, 30, 150, VG_FALSE, VG_TRUE}, /* one of two at most */
        {0, 5000, 120, 30, 20, VG_UNKNOWN, VG_TRUE},
        {0, 5000, 300, 30, 20, VG_FALSE, VG_TRUE},
        {0, 5000, 120, 300, 20, VG_TRUE, VG_TRUE}, /* without it */
        {0, 600, 120, 300, 20, VG_FALSE, VG_FALSE},
        {0, 600, 120, 30, 20, VG_FALSE, VG_FALSE},
        {250, 510, 120, 300, 20, VG_FALSE, VG_FALSE}, /* doubled, too long ago */
        {250, 510, 120, 30, 20, VG_FALSE, VG_FALSE},
        {0, 12000, 120, 30, 150, VG_UNKNOWN, VG_TRUE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_try *t = begin();

        if (rows[i].before > 0) {
            lab(t, D(9) - H(80), VG_FERRITIN, rows[i].before * 1000);
            lab(t, D(9) - H(40), VG_FERRITIN, rows[i].ferritin * 1000);
        }
        lab(t, D(9) - H(80), VG_FIBRINOGEN, rows[i].fibrinogen * 1000);
        lab(t, D(9) - H(10), VG_FERRITIN, rows[i].ferritin * 1000);
        lab(t, D(9) - H(10), VG_AST, rows[i].ast * 1000);
        lab(t, D(9) - H(10), VG_PLT, rows[i].plt * 1000);
        assert_int_equal(try_at(t, D(9))->iec_hs.ferritin, rows[i].required);
        assert_int_equal(t->now.iec_hs.screen.truth, rows[i].screen);
        try_end(t);
    }
}

static void a_future_stamp_clears_nothing_and_the_gate_closes(void **state)
{
    struct vg_try *t = begin();

    (void)state;
    lab(t, D(9), VG_FERRITIN, 12000000);
    lab(t, D(9), VG_FIBRINOGEN, 120000);
    t->marks = VG_MARK_CLOCK;
    lab(t, D(9) + 60, VG_FIBRINOGEN, 300000);
    assert_int_equal(try_at(t, D(9) + 60)->iec_hs.screen.truth, VG_TRUE);
    t->course->patient.linked = false;
    assert_int_equal(try_at(t, D(9) + 60)->iec_hs.screen.truth, VG_FALSE);
    assert_int_equal(t->now.iec_hs.supporting, 0);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements),
        cmocka_unit_test(limits_of_the_laboratory),
        cmocka_unit_test(cytopenia_needs_a_better_baseline),
        cmocka_unit_test(ferritin_conditions),
        cmocka_unit_test(combinations),
        cmocka_unit_test(since_and_age),
        cmocka_unit_test(what_grew_old),
        cmocka_unit_test(a_future_stamp_clears_nothing_and_the_gate_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
