/* SPDX-License-Identifier: Apache-2.0
 *
 * Laboratory tumour lysis: limits as delivered, the 25 % clause, windows, age.
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

/* An infusion at 0, a phosphate that counts, and one more value. */
static struct vg_try *with_phosphate(int64_t seconds)
{
    struct vg_try *t = try_begin();

    try_infusion(t, 0, 1800);
    lab(t, seconds, VG_PHOS, 4500);
    return t;
}

struct row {
    enum vg_signal signal;
    int64_t milli, raw; /* thousandths */
    enum vg_unit unit;
    int n, n_howard; /* of this value alone */
};
static const struct row rows[] = {
    {VG_URATE, 8000, 8000, VG_UNIT_MG_PER_DL, 1, 0},
    {VG_URATE, 7999, 7999, VG_UNIT_MG_PER_DL, 0, 0},
    {VG_URATE, 8001, 8001, VG_UNIT_MG_PER_DL, 1, 1},
    {VG_URATE, 8003, 476000, VG_UNIT_UMOL_PER_L, 1, 0},
    {VG_URATE, 8001, 475900, VG_UNIT_UMOL_PER_L, 0, 0},
    {VG_K, 6000, 6000, VG_UNIT_MMOL_PER_L, 1, 0},
    {VG_K, 6000, 6000, VG_UNIT_MEQ_PER_L, 1, 0},
    {VG_K, 5999, 5999, VG_UNIT_MMOL_PER_L, 0, 0},
    {VG_PHOS, 4500, 4500, VG_UNIT_MG_PER_DL, 1, 0},
    {VG_PHOS, 4499, 4499, VG_UNIT_MG_PER_DL, 0, 0},
    {VG_PHOS, 4491, 1450, VG_UNIT_MMOL_PER_L, 1, 0},
    {VG_PHOS, 4487, 1449, VG_UNIT_MMOL_PER_L, 0, 0},
    {VG_CA, 7000, 7000, VG_UNIT_MG_PER_DL, 1, 0},
    {VG_CA, 7001, 7001, VG_UNIT_MG_PER_DL, 0, 0},
    {VG_CA, 6999, 6999, VG_UNIT_MG_PER_DL, 1, 1},
    {VG_CA, 7014, 1750, VG_UNIT_MMOL_PER_L, 1, 0},
    {VG_CA, 7018, 1751, VG_UNIT_MMOL_PER_L, 0, 0},
};

static void limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct vg_try *t = try_begin();

        try_infusion(t, 0, 1800);
        try_lab_raw(t, H(1), row->signal, row->milli * 1000, row->raw * 1000,
                    row->unit);
        assert_int_equal(try_at(t, H(1))->tls.n, row->n);
        assert_int_equal(t->now.tls.lab.truth, VG_FALSE);
        t->course->patient.clinical.tls_howard = true;
        assert_int_equal(try_at(t, H(1))->tls.n, row->n_howard);
        try_end(t);
    }
}

static void two_make_it(void **state)
{
    struct vg_try *t = with_phosphate(H(1));

    (void)state;
    lab(t, H(2), VG_K, 6000);
    assert_int_equal(try_at(t, H(2))->tls.lab.truth, VG_TRUE);
    assert_int_equal(t->now.tls.absolute.truth, VG_TRUE);
    assert_int_equal(t->now.tls.lab.since.ms, try_instant(H(2)).ms);
    lab(t, H(3), VG_PHOS, 4600);
    assert_int_equal(try_at(t, H(3))->tls.lab.since.ms, try_instant(H(3)).ms);
    t->marks = VG_MARK_CLOCK; /* stamped in the future: clears nothing */
    lab(t, H(4) - 60, VG_K, 5000);
    assert_int_equal(try_at(t, H(4) - 60)->tls.lab.truth, VG_TRUE);
    t->marks = 0;
    lab(t, H(4), VG_K, 5000);
    assert_int_equal(try_at(t, H(4))->tls.lab.truth, VG_FALSE);
    assert_int_equal(t->now.tls.n, 1);
    t->course->patient.age = -1;
    assert_int_equal(try_at(t, H(4))->tls.n, 0);
    try_end(t);
}

/* 25 % or more, inclusive, against the last value before T0 or the admission's. */
static void from_the_25_percent_clause_alone(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    t->course->patient.baseline[VG_URATE] = 4000000;
    lab(t, -H(1), VG_K, 4000);
    lab(t, 0, VG_CA, 10000);
    try_infusion(t, 0, 1800);
    lab(t, H(1), VG_K, 4999);
    lab(t, H(1), VG_URATE, 4999);
    lab(t, H(1), VG_CA, 7501);
    assert_int_equal(try_at(t, H(1))->tls.n, 0);
    lab(t, H(2), VG_K, 5000);
    lab(t, H(2), VG_URATE, 5000);
    assert_int_equal(try_at(t, H(2))->tls.n, 2);
    assert_int_equal(t->now.tls.lab.truth, VG_TRUE);
    assert_int_equal(t->now.tls.absolute.truth, VG_FALSE);
    lab(t, H(3), VG_CA, 7500);
    assert_int_equal(try_at(t, H(3))->tls.n, 3);
    t->course->patient.clinical.tls_howard = true;
    assert_int_equal(try_at(t, H(3))->tls.n, 0);
    try_end(t);
}

/* 6.9 + 0.8 x (4.0 - 3.0) = 7.7; 1.70 + 0.02 x (40 - 30) = 1.90; and at the limit. */
static void calcium_is_corrected_for_albumin(void **state)
{
    struct vg_try *t = with_phosphate(H(1));

    (void)state;
    lab(t, H(1), VG_CA, 6900);
    assert_int_equal(try_at(t, H(1))->tls.n, 2);
    lab(t, H(1), VG_ALBUMIN, 3000);
    assert_int_equal(try_at(t, H(1))->tls.n, 1);
    lab(t, H(2), VG_CA, 6200);
    assert_int_equal(try_at(t, H(2))->tls.n, 2);
    lab(t, H(3), VG_CA, 6201);
    assert_int_equal(try_at(t, H(3))->tls.n, 1);
    try_lab_raw(t, H(4), VG_CA, 6212000, 1550000, VG_UNIT_MMOL_PER_L);
    assert_int_equal(try_at(t, H(4))->tls.n, 2);
    try_lab_raw(t, H(5), VG_CA, 6216000, 1551000, VG_UNIT_MMOL_PER_L);
    assert_int_equal(try_at(t, H(5))->tls.n, 1);
    try_end(t);
}

/* Values count for 24 h, inclusive; a yes that only lost them is not taken back. */
static void values_lapse(void **state)
{
    struct vg_try *t = with_phosphate(D(2));

    (void)state;
    lab(t, D(2), VG_K, 6000);
    assert_int_equal(try_at(t, D(3))->tls.lab.truth, VG_TRUE);
    assert_int_equal(t->next.ms, try_instant(D(3)).ms + 1);
    assert_int_equal(try_at_ms(t, D(3) * 1000 + 1)->tls.lab.truth, VG_UNKNOWN);
    assert_int_equal(t->now.tls.n, 0);
    assert_int_equal(try_at(t, D(7))->tls.lab.truth, VG_UNKNOWN);
    assert_int_equal(try_at_ms(t, D(7) * 1000 + 1)->tls.lab.truth, VG_FALSE);
    lab(t, D(7), VG_K, 5000);
    assert_int_equal(try_at(t, D(7))->tls.lab.truth, VG_FALSE);
    try_end(t);
}

static int n_at(int64_t lab_at, int64_t lymphodepletion, int64_t planned, int64_t start)
{
    struct vg_try *t = try_begin();

    if (planned != INT64_MIN) {
        t->course->patient.infusion_planned = try_instant(planned);
    } else {
        t->course->patient.infusion_planned = VG_UNSET;
    }
    if (lymphodepletion != INT64_MIN) {
        try_chart(t, lymphodepletion, VG_LYMPHODEPLETION, "start", true);
    }
    if (start != INT64_MIN) {
        try_infusion(t, start, start + 1800);
    }
    lab(t, lab_at, VG_K, 6000);
    lab(t, lab_at, VG_URATE, 8000);
    const int64_t now = start != INT64_MIN && start > lab_at ? start : lab_at;
    const int n = try_at(t, now)->tls.n;

    try_end(t);
    return n;
}

static void windows(void **state)
{
    const int64_t none = INT64_MIN;

    (void)state;
    assert_int_equal(n_at(D(7), none, none, 0), 2);
    assert_int_equal(n_at(D(7) + 1, none, none, 0), 0);
    assert_int_equal(n_at(-H(20), none, none, 0), 2);
    assert_int_equal(n_at(-D(3), none, 0, none), 2); /* planned serves as T0 */
    assert_int_equal(n_at(-D(3) - 1, none, 0, none), 0);
    assert_int_equal(n_at(D(2), none, D(20), 0), 2); /* a start counts, not the plan */
    assert_int_equal(n_at(-D(12), -D(5), 0, none), 0);
    assert_int_equal(n_at(-D(8), -D(5), 0, none), 2);    /* by lymphodepletion */
    assert_int_equal(n_at(-D(20), none, none, none), 2); /* open from admission */
    assert_int_equal(n_at(-D(31), none, none, none), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits),
        cmocka_unit_test(two_make_it),
        cmocka_unit_test(from_the_25_percent_clause_alone),
        cmocka_unit_test(calcium_is_corrected_for_albumin),
        cmocka_unit_test(values_lapse),
        cmocka_unit_test(windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
