/* SPDX-License-Identifier: Apache-2.0
 *
 * The closed list of flags (Clinical reference 0.6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/flag.h"

static const struct {
    const char *name;
    vg_ms expiry;
    bool review;
} listed[] = {
    {"fever_other_cause", 86400000, false},
    {"hypotension_other_cause", 86400000, false},
    {"hypoxia_other_cause", 86400000, false},
    {"home_cpap", 0, false},
    {"airway_only", 43200000, false},
    {"scale2", 0, true},
    {"sedated", 43200000, false},
    {"anc_expected_lt500", 172800000, false},
    {"allergen_probable", 0, true},
    {"crs_resolving", 604800000, false},
    {"crs_closed", 0, false},
    {"irr_resolved", 0, false},
    {"fn_treated", 0, false},
    {"comfort_care", 0, false},
};
#define LISTED (sizeof listed / sizeof listed[0])

static void test_every_flag_is_found_with_its_expiry(void **state)
{
    (void)state;
    assert_int_equal(LISTED, VG_FLAG_COUNT);
    for (size_t i = 0; i < LISTED; i++) {
        const enum vg_flag flag = vg_flag_find(listed[i].name, strlen(listed[i].name));

        assert_int_not_equal(flag, VG_FLAG_COUNT);
        assert_string_equal(vg_flag_rows[flag].name, listed[i].name);
        assert_string_equal(vg_flag_names[flag], listed[i].name);
        assert_int_equal(vg_flag_rows[flag].expiry_ms, listed[i].expiry);
        assert_int_equal(vg_flag_rows[flag].review_24h, listed[i].review);
    }
    assert_null(vg_flag_names[VG_FLAG_COUNT]);
    assert_int_equal(vg_flag_find("scale2", 6), VG_FLAG_SCALE2);
}

static void test_nothing_else_is_a_flag(void **state)
{
    static const char *const others[] = {"", "scale", "scale22", "Scale2", "sedated "};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(vg_flag_find(others[i], strlen(others[i])), VG_FLAG_COUNT);
    }
    assert_int_equal(vg_flag_find("sedated, …", 7), VG_FLAG_SEDATED);
}

/* Whoever sets a flag may shorten it; never lengthen it (0.6). */
static void test_until_shortens(void **state)
{
    const struct vg_instant at = {0};
    const struct vg_instant soon = {VG_HOUR};
    const struct vg_instant late = {72 * VG_HOUR};

    (void)state;
    assert_int_equal(vg_flag_end(VG_FLAG_SEDATED, at, VG_UNSET).ms, 12 * VG_HOUR);
    assert_int_equal(vg_flag_end(VG_FLAG_SEDATED, at, soon).ms, VG_HOUR);
    assert_int_equal(vg_flag_end(VG_FLAG_SEDATED, at, late).ms, 12 * VG_HOUR);
    assert_int_equal(vg_flag_end(VG_FLAG_HOME_CPAP, at, late).ms, 72 * VG_HOUR);
    assert_true(vg_is_never(vg_flag_end(VG_FLAG_HOME_CPAP, at, VG_UNSET)));
}

/* Comfort care is ordered by a physician; who is not known for one is none (0.6). */
static void test_whose_order_it_is(void **state)
{
    static const struct {
        const char *by;
        bool may;
    } rows[] = {{"physician:wu", true},
                {"on-call-physician:wu", true},
                {"attending:wu", true},
                {"dr:wu", true},
                {"nurse:li", false},
                {"bedside-nurse:physician", false},
                {"physician-assistant:x", false},
                {"Physician:wu", true},
                {"physician", true},
                {"Dr. Wu", true},
                {"dr-wu", true},
                {"MD:wu", true},
                {"dr-assistant:x", false},
                {"drain-team:x", false},
                {":physician", false},
                {"adt", false},
                {"", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(vg_flag_may_put(VG_FLAG_COMFORT_CARE, rows[i].by),
                         rows[i].may);
        assert_true(vg_flag_may_put(VG_FLAG_SEDATED, rows[i].by));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_flag_is_found_with_its_expiry),
        cmocka_unit_test(test_nothing_else_is_a_flag),
        cmocka_unit_test(test_until_shortens),
        cmocka_unit_test(test_whose_order_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
