/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of signals is complete, its codes are unique and well formed, and each code
 * says what the clinical reference says of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/reading.h"

#include "core/signal_codes.h"

static void every_signal_has_a_row(void **state)
{
    (void)state;
    for (int i = 0; i < VG_SIGNAL_COUNT; i++) {
        const struct vg_signal_info *info = vg_signal_info((enum vg_signal)i);
        struct vg_code code;
        assert_non_null(info->code);
        assert_true(info->label[0] != '\0');
        assert_true(info->hard_low < info->hard_high);
        assert_true(info->plausible_low < info->plausible_high);
        assert_int_equal(vg_signal_find(info->code, strlen(info->code), &code), VG_OK);
        assert_int_equal(code.signal, i);
        if (i < VG_MEASURED_COUNT) {
            assert_int_not_equal(info->unit, VG_UNIT_NONE);
            assert_true(info->carry > 0);
        }
        assert_true((info->kind == VG_CHARTED) == (i >= VG_ICE));
    }
}

static void codes_are_sorted_and_so_unique(void **state)
{
    (void)state;
    for (int system = 0; system < VG_CODE_SYSTEMS; system++) {
        size_t count;
        const struct vg_code_row *row =
            vg_code_table((enum vg_code_system)system, &count);
        for (size_t i = 1; i < count; i++) {
            assert_true(strcmp(row[i - 1].text, row[i].text) < 0);
        }
    }
    size_t names;
    (void)vg_code_table(VG_CODES_NAME, &names);
    assert_int_equal(names, VG_SIGNAL_COUNT);
}

static void every_loinc_code_passes_its_check_digit(void **state)
{
    (void)state;
    size_t count;
    const struct vg_code_row *row = vg_code_table(VG_CODES_LOINC, &count);
    bool seen[VG_SIGNAL_COUNT] = {false};
    for (size_t i = 0; i < count; i++) {
        assert_true(vg_loinc_valid(row[i].text, strlen(row[i].text)));
        seen[row[i].code.signal] = true;
    }
    for (int i = 0; i < VG_SIGNAL_COUNT; i++) {
        const char *first = vg_signal_loinc((enum vg_signal)i);
        struct vg_code code;
        assert_int_equal(first != NULL, seen[i]);
        if (first != NULL) {
            assert_int_equal(vg_signal_find(first, strlen(first), &code), VG_OK);
            assert_int_equal(code.signal, i);
        }
    }
    assert_string_equal(vg_signal_loinc(VG_TEMP), "8310-5");
    assert_string_equal(vg_signal_loinc(VG_FIO2), "3150-0");
}

static void malformed_loinc_codes_are_seen(void **state)
{
    (void)state;
    static const char *const rows[] = {"3150-6", "8310-4",  "",       "-",     "1-",
                                       "83105",  "8310-55", "831x-5", "8310_5"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(vg_loinc_valid(rows[i], strlen(rows[i])));
    }
}

static void codes_say_site_and_source(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum vg_signal signal;
        enum vg_method method;
        int source; /* -1: not said */
    } rows[] = {
        {"temp", VG_TEMP, VG_METHOD_NONE, -1},
        {"8310-5", VG_TEMP, VG_METHOD_NONE, -1},
        {"loinc:8331-1", VG_TEMP, VG_METHOD_ORAL, -1},
        {"8328-7", VG_TEMP, VG_METHOD_AXILLARY, -1},
        {"MDC_TEMP_BODY", VG_TEMP, VG_METHOD_NONE, -1},
        {"mdc:150364", VG_TEMP, VG_METHOD_NONE, -1},
        {"150364", VG_TEMP, VG_METHOD_NONE, -1},
        {"mdc:MDC_TEMP_CORE", VG_TEMP, VG_METHOD_CORE, -1},
        {"mdc:188452", VG_TEMP, VG_METHOD_AXILLARY, -1},
        {"mdc:188496", VG_TEMP, VG_METHOD_AXILLARY, -1},
        {"MDC_TEMP_AXIL", VG_TEMP, VG_METHOD_AXILLARY, -1},
        {"MDC_TEMP_AXILLA", VG_TEMP, VG_METHOD_AXILLARY, -1},
        {"mdc:150392", VG_TEMP, VG_METHOD_TYMPANIC, -1},
        {"MDC_TEMP_RECT", VG_TEMP, VG_METHOD_RECTAL, -1},
        {"59408-5", VG_SPO2, VG_METHOD_NONE, -1},
        {"2708-6", VG_SPO2, VG_METHOD_NONE, -1},
        {"MDC_PULS_OXIM_SAT_O2", VG_SPO2, VG_METHOD_NONE, -1},
        {"mdc:151650", VG_RR, VG_METHOD_NONE, -1},
        {"MDC_PRESS_BLD_NONINV_SYS", VG_SBP, VG_METHOD_NONE, VG_SOURCE_CUFF},
        {"mdc:150302", VG_DBP, VG_METHOD_NONE, VG_SOURCE_CUFF},
        {"MDC_PRESS_BLD_MEAN", VG_MAP, VG_METHOD_NONE, -1},
        {"MDC_PRESS_BLD_ART_ABP_SYS", VG_SBP, VG_METHOD_NONE, VG_SOURCE_ARTERIAL},
        {"mdc:150035", VG_MAP, VG_METHOD_NONE, VG_SOURCE_ARTERIAL},
        {"MDC_PULS_RATE_NON_INV", VG_HR, VG_METHOD_NONE, VG_SOURCE_CUFF},
        {"3150-0", VG_FIO2, VG_METHOD_NONE, -1},
        {"14682-9", VG_CREAT, VG_METHOD_NONE, -1},
        {"26499-4", VG_ANC, VG_METHOD_NONE, -1},
        {"vasopressor", VG_VASOPRESSOR, VG_METHOD_NONE, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_code code;
        assert_int_equal(vg_signal_find(rows[i].text, strlen(rows[i].text), &code),
                         VG_OK);
        assert_int_equal(code.signal, rows[i].signal);
        assert_int_equal(code.method, rows[i].method);
        assert_int_equal(code.has_source, rows[i].source >= 0);
        if (code.has_source) {
            assert_int_equal(code.source, rows[i].source);
        }
    }
}

static void what_is_not_ours_is_absent(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "MDC_TEMP_SKIN", "mdc:150388",   "150388",
        "3150-6",        "loinc:3150-6", "",
        "Temp",          "tem",          "temps",
        "loinc:",        "mdc:",         "MDC_",
        "loinc:temp",    "mdc:8310-5",   "85354-9",
        "mdc:150020",    "MDC_150364",   "MDC_FLOW_O2_FG",
        "loinc:150364",
    };
    struct vg_code code;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(vg_signal_find(rows[i], strlen(rows[i]), &code), VG_ABSENT);
    }
    assert_int_equal(vg_signal_find("temp\0", 5, &code), VG_ABSENT);
}

static void carry_and_gap_are_those_of_the_reference(void **state)
{
    (void)state;
    static const struct {
        enum vg_signal signal;
        vg_ms carry, gap;
    } rows[] = {
        {VG_TEMP, VG_HOUR, 600 * VG_SECOND}, {VG_RR, VG_HOUR, 120 * VG_SECOND},
        {VG_SPO2, VG_HOUR, 120 * VG_SECOND}, {VG_HR, VG_HOUR, 120 * VG_SECOND},
        {VG_SBP, VG_HOUR, 120 * VG_SECOND},  {VG_ANC, 72 * VG_HOUR, 0},
        {VG_LACTATE, 6 * VG_HOUR, 0},        {VG_PACO2, 4 * VG_HOUR, 0},
        {VG_ICE, 16 * VG_HOUR, 0},           {VG_CONSCIOUSNESS, 4 * VG_HOUR, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vg_signal_info *info = vg_signal_info(rows[i].signal);
        assert_int_equal(info->carry, rows[i].carry);
        assert_int_equal(info->gap, rows[i].gap);
    }
}

static void ranges_are_those_of_the_reference(void **state)
{
    (void)state;
    static const struct {
        enum vg_signal signal;
        int64_t range[4]; /* hard, plausible, in steps */
    } rows[] = {
        {VG_TEMP, {300, 430, 340, 415}},
        {VG_HR, {20, 250, 30, 220}},
        {VG_RR, {4, 70, 6, 50}},
        {VG_SPO2, {20, 100, 70, 100}},
        {VG_SBP, {40, 260, 60, 240}},
        {VG_DBP, {20, 160, 30, 140}},
        {VG_MAP, {25, 200, 40, 170}},
        {VG_O2_FLOW, {0, 800, 0, 600}},
        {VG_PI, {2, 2000, 30, VG_NO_HIGH}},
        {VG_FIO2, {21, 100, VG_NO_LOW, VG_NO_HIGH}},
        {VG_ICE, {0, 10, VG_NO_LOW, VG_NO_HIGH}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vg_signal_info *info = vg_signal_info(rows[i].signal);
        assert_int_equal(info->hard_low, rows[i].range[0]);
        assert_int_equal(info->hard_high, rows[i].range[1]);
        assert_int_equal(info->plausible_low, rows[i].range[2]);
        assert_int_equal(info->plausible_high, rows[i].range[3]);
    }
}

static void words_go_there_and_back(void **state)
{
    (void)state;
    for (int i = 0; i < VG_SOURCE_COUNT; i++) {
        enum vg_source source;
        assert_int_equal(vg_source_find(vg_source_text((enum vg_source)i), &source),
                         VG_OK);
        assert_int_equal(source, i);
    }
    for (int i = VG_METHOD_NONE + 1; i < VG_METHOD_COUNT; i++) {
        enum vg_method method;
        assert_int_equal(vg_method_find(vg_method_text((enum vg_method)i), &method),
                         VG_OK);
        assert_int_equal(method, i);
    }
    for (int i = 0; i < VG_QUALITY_COUNT; i++) {
        enum vg_quality quality;
        assert_int_equal(vg_quality_find(vg_quality_text((enum vg_quality)i), &quality),
                         VG_OK);
        assert_int_equal(quality, i);
    }
    for (int i = VG_PRODUCT_UNKNOWN + 1; i < VG_PRODUCT_COUNT; i++) {
        enum vg_product product;
        assert_int_equal(vg_product_find(vg_product_text((enum vg_product)i), &product),
                         VG_OK);
        assert_int_equal(product, i);
    }
    enum vg_method method;
    assert_int_equal(vg_method_find("", &method), VG_ABSENT);
    for (int i = 0; i < VG_REASON_COUNT; i++) {
        assert_non_null(vg_reason_text((enum vg_reason)i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_signal_has_a_row),
        cmocka_unit_test(codes_are_sorted_and_so_unique),
        cmocka_unit_test(every_loinc_code_passes_its_check_digit),
        cmocka_unit_test(malformed_loinc_codes_are_seen),
        cmocka_unit_test(codes_say_site_and_source),
        cmocka_unit_test(what_is_not_ours_is_absent),
        cmocka_unit_test(carry_and_gap_are_those_of_the_reference),
        cmocka_unit_test(ranges_are_those_of_the_reference),
        cmocka_unit_test(words_go_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
