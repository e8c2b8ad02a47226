/* SPDX-License-Identifier: Apache-2.0
 *
 * FHIR's ids, dates and codes of a search, and what readings become.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wire/fhir.h"

#define OWNER "p0123456789abcdef"

/* ---- Ids */

static bool is_id(const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789.-";
    const size_t length = strlen(text);

    return length > 0 && length <= 64 && strspn(text, plain) == length;
}

static void test_pseudonyms_there_and_back(void **state)
{
    static const char *const names[] = {"p-0042", "a_b",   "a__b", "a..b",  "a...b",
                                        "a._b",   "a_..b", "a..u", "a..d_", "x....",
                                        "P",      "a..._", "u..",  "a_u"};
    char id[sizeof names / sizeof *names][VG_FHIR_ID_LEN + 1];
    char back[VG_PATIENT_LEN + 1];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(vg_fhir_patient_id(names[i], id[i]), VG_OK);
        assert_true(is_id(id[i]));
        assert_int_equal(vg_fhir_patient_of(id[i], back), VG_OK);
        assert_string_equal(back, names[i]);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(id[i], id[k]);
        }
    }
    assert_int_equal(vg_fhir_patient_id("a__________________________________________"
                                        "____________________",
                                        id[0]),
                     VG_FULL);
    assert_int_equal(vg_fhir_patient_of("", back), VG_REFUSED);
    assert_int_equal(vg_fhir_patient_of("a/b", back), VG_REFUSED);
}

/* All short words over the letters that matter: no two have one id. */
static void test_every_short_pseudonym(void **state)
{
    static const char letters[] = "._ud";
    char name[8];
    char id[VG_FHIR_ID_LEN + 1];
    char back[VG_PATIENT_LEN + 1];

    (void)state;
    for (unsigned n = 0; n < 4096; n++) {
        (void)snprintf(name, sizeof name, "a%c%c%c%c%c%c", letters[n & 3],
                       letters[n >> 2 & 3], letters[n >> 4 & 3], letters[n >> 6 & 3],
                       letters[n >> 8 & 3], letters[n >> 10 & 3]);
        assert_int_equal(vg_fhir_patient_id(name, id), VG_OK);
        assert_int_equal(vg_fhir_patient_of(id, back), VG_OK);
        assert_string_equal(back, name);
    }
}

static void test_readings_are_named_by_what_they_are(void **state)
{
    char id[VG_FHIR_ID_LEN + 1];
    char owner[VG_FHIR_OWNER_LEN + 1];
    struct vg_fhir_named named;

    (void)state;
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        const struct vg_reading reading = {.signal = (enum vg_signal)i,
                                           .source = VG_SOURCE_MANUAL,
                                           .measured = {1795889653010}};
        vg_fhir_reading_id(id, "p-0042", &reading, 2000);
        assert_true(is_id(id));
        assert_int_equal(vg_fhir_observation_named(id, &named), VG_OK);
        vg_fhir_owner("p-0042", owner);
        assert_string_equal(named.owner, owner);
        assert_true((named.signals >> i & 1) != 0);
        assert_int_equal(named.at.ms, 1795889653010);
    }
    const struct vg_reading dbp = {.signal = VG_DBP, .measured = {1}};
    vg_fhir_reading_id(id, "p-0042", &dbp, 0);
    assert_string_equal(id + VG_FHIR_OWNER_LEN, "-bp-1-c");
    static const char *const none[] = {"",
                                       "-",
                                       "---",
                                       OWNER,
                                       OWNER "-temp",
                                       OWNER "-temp-1",
                                       OWNER "-temp-x-c",
                                       OWNER "-sbp-1-c",
                                       OWNER "-infusion-1-c",
                                       OWNER "-8310-5-1-c",
                                       OWNER "-temp-99999999999999999999-c"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(vg_fhir_observation_named(none[i], &named), VG_REFUSED);
    }
}

/* ---- Dates */

static void test_dates_stand_for_their_last_digit(void **state)
{
    static const struct {
        const char *text;
        enum vg_fhir_prefix prefix;
        const char *low, *high; /* NULL: refused */
    } rows[] = {
        {"2026", VG_FHIR_EQ, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        {"ge2026-12", VG_FHIR_GE, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        {"lt2026-02", VG_FHIR_LT, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
        {"gt2026-11-23", VG_FHIR_GT, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"},
        {"le2026-11-23T06:12Z", VG_FHIR_LE, "2026-11-23T06:12:00Z",
         "2026-11-23T06:13:00Z"},
        {"sa2026-11-23T06:12:05", VG_FHIR_SA, "2026-11-23T06:12:05Z",
         "2026-11-23T06:12:06Z"},
        {"eb2026-11-23T06:12:05.5Z", VG_FHIR_EB, "2026-11-23T06:12:05.500Z",
         "2026-11-23T06:12:05.600Z"},
        {"ne2026-11-23T06:12:05.050+01:00", VG_FHIR_NE, "2026-11-23T05:12:05.050Z",
         "2026-11-23T05:12:05.051Z"},
        {"ap2026-11-23T06:12:05 08:00", VG_FHIR_AP, "2026-11-22T22:12:05Z",
         "2026-11-22T22:12:06Z"},
        {"2026-02-29", VG_FHIR_EQ, NULL, NULL},
        {"2026-13", VG_FHIR_EQ, NULL, NULL},
        {"xx2026", VG_FHIR_EQ, NULL, NULL},
        {"GE2026", VG_FHIR_EQ, NULL, NULL},
        {"ge", VG_FHIR_EQ, NULL, NULL},
        {"", VG_FHIR_EQ, NULL, NULL},
        {"2026-11-23T06", VG_FHIR_EQ, NULL, NULL},
        {"2026-11-23T06:12:05.1234Z", VG_FHIR_EQ, NULL, NULL},
        {"2026-11-23T06:12:05Zjunk", VG_FHIR_EQ, NULL, NULL},
        {"1795889653010", VG_FHIR_EQ, NULL, NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_fhir_date date;
        struct vg_instant low = VG_UNSET;
        struct vg_instant high = VG_UNSET;
        const enum vg_status status = vg_fhir_date_parse(rows[i].text, &date);
        assert_int_equal(status, rows[i].low != NULL ? VG_OK : VG_REFUSED);
        if (status == VG_OK) {
            assert_int_equal(vg_time_parse(rows[i].low, strlen(rows[i].low), &low),
                             VG_OK);
            assert_int_equal(vg_time_parse(rows[i].high, strlen(rows[i].high), &high),
                             VG_OK);
            assert_int_equal(date.prefix, rows[i].prefix);
            assert_int_equal(date.low.ms, low.ms);
            assert_int_equal(date.high.ms, high.ms);
        }
    }
}

/* An instant fits where the span that the date makes of it says so, with every prefix. */
static void test_narrowing_and_fitting_agree(void **state)
{
    (void)state;
    for (int p = 0; p < VG_FHIR_PREFIXES; p++) {
        const struct vg_fhir_date date = {(enum vg_fhir_prefix)p, {100}, {110}};
        struct vg_instant from = VG_UNSET;
        struct vg_instant to = VG_NEVER;
        if (vg_fhir_date_narrow(&date, &from, &to) != VG_OK) {
            assert_true(p == VG_FHIR_NE || p == VG_FHIR_AP);
            continue;
        }
        for (int64_t at = 95; at < 115; at++) {
            const struct vg_instant instant = {at};
            assert_int_equal(vg_fhir_date_fits(&date, instant, instant),
                             at >= from.ms && at < to.ms);
        }
    }
    const struct vg_fhir_date ge = {VG_FHIR_GE, {100}, {110}};
    const struct vg_fhir_date eq = {VG_FHIR_EQ, {100}, {110}};
    assert_true(vg_fhir_date_fits(&ge, (struct vg_instant){1}, VG_NEVER));
    assert_false(vg_fhir_date_fits(&eq, (struct vg_instant){101}, VG_NEVER));
}

/* ---- Codes */

static void test_codes_name_what_carries_them(void **state)
{
    static const uint64_t pressures = (uint64_t)1 << VG_SBP | (uint64_t)1 << VG_DBP;
    static const struct {
        const char *list;
        uint64_t signals;
        unsigned scores;
    } rows[] = {
        {"8310-5", (uint64_t)1 << VG_TEMP, 0},
        {"http://loinc.org|8310-5", (uint64_t)1 << VG_TEMP, 0},
        {"|8310-5", 0, 0},
        {"http://snomed.info/sct|8310-5", 0, 0},
        {"8867-4,9279-1", (uint64_t)1 << VG_HR | (uint64_t)1 << VG_RR, 0},
        {"2708-6", (uint64_t)1 << VG_SPO2, 0},
        {"59408-5", (uint64_t)1 << VG_SPO2, 0},
        {"85354-9", pressures, 0},
        {"8462-4", pressures, 0},
        {"8478-0", (uint64_t)1 << VG_MAP, 0},
        {"14682-9", 0, 0}, /* creatinine in umol/L: ours is in mg/dL */
        {"temp", (uint64_t)1 << VG_TEMP, 0},
        {"news2", 0, 1U << VG_FHIR_NEWS2},
        {"urn:vigil:score|crs,icans", 0, 1U << VG_FHIR_CRS | 1U << VG_FHIR_ICANS},
        {"urn:vigil:signal|crs", 0, 0},
        {"mdc:150364", 0, 0},
        {",,", 0, 0},
        {"", 0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_fhir_pick pick = {0};
        assert_int_equal(vg_fhir_pick_codes(rows[i].list, &pick), VG_OK);
        assert_true(pick.signals == rows[i].signals);
        assert_int_equal(pick.scores, rows[i].scores);
    }
}

static void test_the_ear_is_not_the_mouth(void **state)
{
    struct vg_fhir_pick pick = {0};
    struct vg_reading ear = {.signal = VG_TEMP, .method = VG_METHOD_TYMPANIC};

    (void)state;
    assert_int_equal(vg_fhir_pick_codes("8331-1", &pick), VG_OK);
    assert_false(vg_fhir_picked(&pick, &ear));
    assert_int_equal(vg_fhir_pick_codes("8333-7", &pick), VG_OK);
    assert_true(vg_fhir_picked(&pick, &ear));
    ear.method = VG_METHOD_NONE;
    assert_false(vg_fhir_picked(&pick, &ear));
    assert_int_equal(vg_fhir_pick_codes("8310-5", &pick), VG_OK);
    assert_true(vg_fhir_picked(&pick, &ear));
}

/* Every signal is in one category, and every LOINC code finds its own signal. */
static void test_no_signal_is_lost(void **state)
{
    uint64_t all = 0;
    static const char *const categories[] = {"vital-signs", "laboratory", "survey",
                                             "exam", "therapy"};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct vg_fhir_pick pick = {0};
        assert_int_equal(vg_fhir_pick_categories(categories[i], &pick), VG_OK);
        assert_true(pick.signals != 0 && (all & pick.signals) == 0);
        all |= pick.signals;
    }
    assert_true(all == vg_fhir_pick_all.signals);
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        const char *code = vg_signal_loinc((enum vg_signal)i);
        struct vg_fhir_pick pick = {0};
        if (code != NULL) {
            assert_int_equal(vg_fhir_pick_codes(code, &pick), VG_OK);
            assert_true((pick.signals >> i & 1) != 0);
        }
    }
}

/* ---- Resources */

static void expect(struct vg_buffer *b, const char *piece, bool there)
{
    assert_false(b->failed);
    if ((strstr(b->bytes, piece) != NULL) != there) {
        fail_msg("%s: %s", piece, b->bytes);
    }
}

static void test_no_number_where_there_is_none(void **state)
{
    static const struct {
        enum vg_quality quality;
        bool out_of_range;
        const char *reason;
    } rows[] = {{VG_QUALITY_VALID, false, NULL},
                {VG_QUALITY_QUESTIONABLE, false, NULL},
                {VG_QUALITY_INVALID, false, "\"error\""},
                {VG_QUALITY_CALIBRATING, false, "\"temp-unknown\""},
                {VG_QUALITY_VALID, true, "\"error\""}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vg_reading reading = {.signal = VG_HR,
                                           .quality = rows[i].quality,
                                           .out_of_range = rows[i].out_of_range,
                                           .measured = {1795889653010},
                                           .raw = {300, 0},
                                           .unit = VG_UNIT_PER_MIN,
                                           .uln = VG_NO_VALUE,
                                           .lln = VG_NO_VALUE};
        const struct vg_fhir_reading r = {.id = "x",
                                          .patient = "p-0042",
                                          .episode = "",
                                          .device = "",
                                          .received = VG_UNSET,
                                          .part = {&reading, NULL},
                                          .value = {{300, 0}}};
        struct vg_buffer b = {0};
        vg_fhir_put_reading(&b, &r);
        expect(&b, "valueQuantity", rows[i].reason == NULL);
        expect(&b, "dataAbsentReason", rows[i].reason != NULL);
        expect(&b, rows[i].reason != NULL ? rows[i].reason : "final", true);
        expect(&b, "issued", false);
        expect(&b, "encounter", false);
        vg_buffer_finish(&b);
    }
}

static void test_what_people_wrote_is_only_text(void **state)
{
    struct vg_alert alert = {.id = "01M8HNTS8J5G8ZJAN1MZ93Y88C",
                             .ward = "onc-7",
                             .bed = "12",
                             .rule = "X",
                             .severity = VG_CRITICAL,
                             .raised = {1795889653010},
                             .at = {1795889653010},
                             .text = "a < b & \"c\" > \x01 d"};
    struct vg_buffer b = {0};

    (void)state;
    vg_fhir_put_flag(&b, &alert);
    expect(&b, "<p>a &lt; b &amp; \\\"c\\\" &gt;   d</p>", true);
    expect(&b, "\"code\":\"PH\"", true);
    expect(&b, "\"value\":\"onc-7/12\"", true);
    vg_buffer_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pseudonyms_there_and_back),
        cmocka_unit_test(test_every_short_pseudonym),
        cmocka_unit_test(test_readings_are_named_by_what_they_are),
        cmocka_unit_test(test_dates_stand_for_their_last_digit),
        cmocka_unit_test(test_narrowing_and_fitting_agree),
        cmocka_unit_test(test_codes_name_what_carries_them),
        cmocka_unit_test(test_the_ear_is_not_the_mouth),
        cmocka_unit_test(test_no_signal_is_lost),
        cmocka_unit_test(test_no_number_where_there_is_none),
        cmocka_unit_test(test_what_people_wrote_is_only_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
