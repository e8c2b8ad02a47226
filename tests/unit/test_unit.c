/* SPDX-License-Identifier: Apache-2.0
 *
 * Units: each has a name, is found by it, and converts as Clinical reference 10.3
 * says and no further.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/signal.h"

#include "core/unit_table.h"

static enum vg_unit unit_of(const char *text)
{
    enum vg_unit unit = VG_UNIT_COUNT;
    assert_int_equal(vg_unit_find(text, strlen(text), &unit), VG_OK);
    return unit;
}

static void every_unit_is_found_by_its_text(void **state)
{
    (void)state;
    for (int i = VG_UNIT_NONE + 1; i < VG_UNIT_COUNT; i++) {
        assert_int_equal(unit_of(vg_unit_text((enum vg_unit)i)), i);
    }
    assert_string_equal(vg_unit_text(VG_UNIT_NONE), "");
}

static void the_table_is_sorted(void **state)
{
    (void)state;
    size_t count;
    const struct vg_unit_name *row = vg_unit_names(&count);
    for (size_t i = 1; i < count; i++) {
        assert_true(strcmp(row[i - 1].text, row[i].text) < 0);
    }
}

static void mdc_units_are_found(void **state)
{
    (void)state;
    assert_int_equal(unit_of("MDC_DIM_DEGC"), VG_UNIT_CEL);
    assert_int_equal(unit_of("268192"), VG_UNIT_CEL);
    assert_int_equal(unit_of("mdc:266560"), VG_UNIT_DEGF);
    assert_int_equal(unit_of("266016"), VG_UNIT_MMHG);
    assert_int_equal(unit_of("265987"), VG_UNIT_KPA);
    assert_int_equal(unit_of("262688"), VG_UNIT_PERCENT);
    assert_int_equal(unit_of("264864"), VG_UNIT_BEATS_PER_MIN);
    assert_int_equal(unit_of("MDC_DIM_RESP_PER_MIN"), VG_UNIT_BREATHS_PER_MIN);
}

static void what_looks_like_a_unit_is_none(void **state)
{
    (void)state;
    static const char *const rows[] = {"",     "C",    "cel", "mmHg", "bpm", "degF",
                                       "Cel ", "mdc:", "kPA", "Ce",   "Cell"};
    enum vg_unit unit;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(vg_unit_find(rows[i], strlen(rows[i]), &unit), VG_ABSENT);
    }
    assert_int_equal(vg_unit_find("Cel\0x", 5, &unit), VG_ABSENT);
}

struct row {
    enum vg_signal signal;
    const char *number, *unit;
    int64_t steps;
};

static void check(const struct row *row)
{
    struct vg_decimal raw;
    int64_t steps;
    assert_int_equal(vg_decimal_parse(row->number, strlen(row->number), &raw), VG_OK);
    assert_int_equal(vg_signal_convert(row->signal, raw, unit_of(row->unit), &steps),
                     VG_OK);
    assert_int_equal(steps, row->steps);
}

/* The worked conversions of the clinical reference, then one of each other row of
 * 10.3. */
static void conversions_hold(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {VG_TEMP, "100.4", "[degF]", 380},
        {VG_TEMP, "100.3", "[degF]", 379},
        {VG_TEMP, "101.0", "[degF]", 383},
        {VG_TEMP, "100.9", "[degF]", 383},
        {VG_TEMP, "98.6", "[degF]", 370},
        {VG_TEMP, "37.95", "Cel", 380},
        {VG_TEMP, "37.94", "Cel", 379},
        {VG_TEMP, "37.96", "Cel", 380},
        {VG_SBP, "11.9", "kPa", 89},
        {VG_SBP, "12.0", "kPa", 90},
        {VG_SBP, "16.0", "kPa", 120},
        {VG_CRP, "50", "mg/L", 5000000},
        {VG_ANC, "0.499", "10*9/L", 499000000},
        {VG_FIBRINOGEN, "1.5", "g/L", 150000000},
        {VG_HB, "80", "g/L", 8000000},
        {VG_HR, "72", "{beats}/min", 72},
        {VG_RR, "18", "{breaths}/min", 18},
        {VG_SPO2, "0.95", "1", 95},
        {VG_FIO2, "0.21", "1", 21},
        {VG_O2_FLOW, "2500", "mL/min", 25},
        {VG_WBC, "4.2", "10*3/uL", 4200000},
        {VG_WBC, "4200", "/uL", 4200000},
        {VG_ANC, "500", "10*6/L", 500000000},
        {VG_ANC, "0.5", "10*3/uL", 500000000},
        {VG_PLT, "150", "10*3/uL", 150000000},
        {VG_HB, "5", "mmol/L", 8055000},
        {VG_FERRITIN, "2", "ug/mL", 2000000000},
        {VG_FERRITIN, "500", "ug/L", 500000000},
        {VG_DDIMER, "0.5", "ug/mL", 500000000},
        {VG_IL6, "40", "ng/L", 40000000},
        {VG_IGG, "4", "g/L", 400000000},
        {VG_ALBUMIN, "35", "g/L", 3500000},
        {VG_UREA, "10", "mmol/L", 28010000},
        {VG_MG, "1", "mmol/L", 2431000},
        {VG_CREAT, "88.42", "umol/L", 1000000},
        {VG_URATE, "59.48", "umol/L", 1000000},
        {VG_PHOS, "1.45", "mmol/L", 4490650},
        {VG_CA, "1.75", "mmol/L", 7014000},
        {VG_BILI, "17.1", "umol/L", 1000000},
        {VG_BILI_DIRECT, "34.2", "umol/L", 2000000},
        {VG_TG, "2", "mmol/L", 177140000},
        {VG_GLUCOSE, "5", "mmol/L", 90080000},
        {VG_LACTATE, "18.016", "mg/dL", 2000000},
        {VG_LDH, "4", "ukat/L", 240000000},
        {VG_K, "5", "meq/L", 5000000},
        {VG_NA, "140", "meq/L", 140000000},
        {VG_PACO2, "5", "kPa", 37503100},
        {VG_WEIGHT, "70500", "g", 705},
        {VG_HEIGHT, "1.8", "m", 1800},
        {VG_PI, "1.25", "%", 125},
        {VG_INR, "1.2", "{INR}", 1200000},
        {VG_PH, "7.41", "[pH]", 7410000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(&rows[i]);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum vg_signal signal;
        const char *unit;
    } rows[] = {
        {VG_TEMP, "%"},       {VG_TEMP, "mm[Hg]"},   {VG_SBP, "Cel"},
        {VG_ANC, "mmol/L"},   {VG_PI, "1"},          {VG_BANDS, "1"},
        {VG_CA_ION, "meq/L"}, {VG_CA_ION, "mg/dL"},  {VG_GLUCOSE, "umol/L"},
        {VG_CREAT, "mmol/L"}, {VG_PLT, "/uL"},       {VG_GLUCOSE, "mg/L"},
        {VG_CREAT, "g/L"},    {VG_LACTATE, "meq/L"}, {VG_HR, "L/min"},
        {VG_GCS, "1"},        {VG_PH, "1"},
    };
    int64_t steps;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(vg_signal_convert(rows[i].signal, (struct vg_decimal){1, 0},
                                           unit_of(rows[i].unit), &steps),
                         VG_REFUSED);
    }
}

static void only_pure_numbers_go_without_a_unit(void **state)
{
    (void)state;
    int64_t steps;
    for (int i = 0; i < VG_MEASURED_COUNT; i++) {
        enum vg_signal signal = (enum vg_signal)i;
        enum vg_unit unit = vg_signal_info(signal)->unit;
        bool bare = unit == VG_UNIT_SCORE || unit == VG_UNIT_INR || unit == VG_UNIT_PH;
        assert_int_equal(vg_signal_info(signal)->unit_optional, bare);
        assert_int_equal(
            vg_signal_convert(signal, (struct vg_decimal){5, 0}, VG_UNIT_NONE, &steps),
            bare ? VG_OK : VG_REFUSED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_is_found_by_its_text),
        cmocka_unit_test(the_table_is_sorted),
        cmocka_unit_test(mdc_units_are_found),
        cmocka_unit_test(what_looks_like_a_unit_is_none),
        cmocka_unit_test(conversions_hold),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(only_pure_numbers_go_without_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
