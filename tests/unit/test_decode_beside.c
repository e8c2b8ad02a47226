/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands beside a value and cannot be costs nobody the value: it is left out, and answered.
 */
#include "decode_help.h"

static void a_limit_that_is_none_leaves_the_value(void **state)
{
    (void)state;
    decode(LABS, OBS("{\"code\":\"ast\",\"value\":20,\"unit\":\"U/L\",\"uln\":0,"
                     "\"lln\":-1}"));
    assert_int_equal(reading()->value, 20000000);
    assert_true(reading()->uln == VG_NO_VALUE && reading()->lln == VG_NO_VALUE);
    assert_string_equal(decoded.refusal[0].detail,
                        "obs[0] \"ast\": uln is out of range, it is left out");
}

/* One item: a code with its value, and fields beside it. */
static void decode_beside(const char *topic, const char *word, const char *fields)
{
    char payload[1024];

    snprintf(payload, sizeof payload, HEAD ",\"obs\":[{\"code\":\"%s,%s}]}", word,
             fields);
    decode(topic, payload);
}

/* T0 is worth more than a label: the infusion stays, and the label is answered. */
static void a_bad_label_leaves_the_infusion(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *product, *dose_id;
        size_t refusals;
    } rows[] = {
        {"\"product\":\"car_t\",\"dose_id\":\"=A99991712345600 7\"", "car_t",
         "=A99991712345600 7", 0},
        {"\"product\":\"anti-CD19 (lot 7)\",\"dose_id\":\"D-1\"", "", "D-1", 1},
        {"\"product\":5,\"dose_id\":6", "", "", 1},
        {"\"on\":\"false\"", "", "", 1},
        {"\"dose_id\":\"a2345678901234567890123456789012345678901234567890123456789012345\"",
         "", "", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        decode_beside(THERAPY, "infusion\",\"value\":\"start\"", rows[i].fields);
        assert_string_equal(entry()->value, "start");
        assert_true(entry()->on);
        assert_string_equal(entry()->product, rows[i].product);
        assert_string_equal(entry()->dose_id, rows[i].dose_id);
        assert_int_equal(decoded.refusal_count, rows[i].refusals);
    }
}

static void a_bad_detail_leaves_the_seizure(void **state)
{
    (void)state;
    static const char *const details[] = {"\"duration_s\":-1", "\"duration_s\":\"90\"",
                                          "\"no_return\":\"yes\"",
                                          "\"duration_s\":1e999"};
    for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
        decode_beside(ASSESSMENT, "seizure\",\"value\":true", details[i]);
        assert_string_equal(entry()->value, "true");
        assert_int_equal(entry()->duration_s, -1);
        assert_false(entry()->no_return);
        assert_int_equal(refusal()->item, 0);
    }
}

/* A support is never dropped for a wrong number beside it. */
static void an_impossible_flow_leaves_the_device(void **state)
{
    (void)state;
    decode(THERAPY, OBS("{\"code\":\"o2_device\",\"value\":\"venturi\",\"flow\":900,"
                        "\"fio2\":5}"));
    assert_string_equal(entry()->value, "venturi");
    assert_true(entry()->flow == VG_NO_VALUE && entry()->fio2 == VG_NO_VALUE);
    assert_int_equal(refusal()->reason, VG_OUT_OF_RANGE);
}

/* A saturation is worth more than the index beside it: devices give -1 where they have none. */
static void a_bad_index_leaves_the_saturation(void **state)
{
    (void)state;
    static const struct {
        const char *pi;
        enum vg_reason reason;
    } rows[] = {{"-1", VG_OUT_OF_RANGE},
                {"101", VG_OUT_OF_RANGE},
                {"1e999", VG_OUT_OF_RANGE},
                {"\"low\"", VG_WRONG_TYPE},
                {"false", VG_WRONG_TYPE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char payload[512];
        snprintf(payload, sizeof payload,
                 HEAD ",\"obs\":[{\"code\":\"spo2\",\"value\":84,\"unit\":\"%%\","
                      "\"pi\":%s}]}",
                 rows[i].pi);
        decode(VITALS, payload);
        assert_int_equal(reading()->value, 84);
        assert_int_equal(reading()->pi, -1);
        assert_int_equal(refusal()->reason, rows[i].reason);
        assert_int_equal(refusal()->item, 0);
    }
    /* That the value itself cannot be is said before what stands beside it. */
    decode(VITALS, OBS("{\"code\":\"spo2\",\"value\":7,\"unit\":\"%\",\"pi\":\"x\"}"));
    assert_true(reading()->out_of_range);
    assert_int_equal(refusal()->reason, VG_OUT_OF_RANGE);
}

static void a_limit_of_another_type_leaves_the_value(void **state)
{
    (void)state;
    decode(LABS, OBS("{\"code\":\"ast\",\"value\":20,\"unit\":\"U/L\",\"uln\":\"35\","
                     "\"lln\":5}"));
    assert_int_equal(reading()->value, 20000000);
    assert_true(reading()->uln == VG_NO_VALUE);
    assert_int_equal(reading()->lln, 5000000);
    assert_int_equal(refusal()->reason, VG_WRONG_TYPE);
}

static void a_flow_of_another_type_leaves_the_device(void **state)
{
    (void)state;
    decode(THERAPY, OBS("{\"code\":\"o2_device\",\"value\":\"hfnc\",\"flow\":\"40\","
                        "\"fio2\":60}"));
    assert_string_equal(entry()->value, "hfnc");
    assert_true(entry()->flow == VG_NO_VALUE);
    assert_int_equal(entry()->fio2, 60);
    assert_int_equal(refusal()->reason, VG_WRONG_TYPE);
}

static void a_bad_cause_leaves_the_finding(void **state)
{
    (void)state;
    decode_beside(ASSESSMENT, "neuro\",\"value\":\"edema_diffuse\"",
                  "\"haemorrhage\":\"no\"");
    assert_string_equal(entry()->value, "edema_diffuse");
    assert_false(entry()->haemorrhage);
    assert_int_equal(refusal()->reason, VG_WRONG_TYPE);
}

/* A charted entry keeps no quality: one that must not count is not taken (test_decode_items.c). */
static void what_is_doubted_is_charted(void **state)
{
    (void)state;
    decode_beside(ASSESSMENT, "seizure\",\"value\":true",
                  "\"quality\":\"questionable\"");
    assert_string_equal(entry()->value, "true");
    assert_int_equal(decoded.refusal_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_that_is_none_leaves_the_value),
        cmocka_unit_test(a_limit_of_another_type_leaves_the_value),
        cmocka_unit_test(a_bad_label_leaves_the_infusion),
        cmocka_unit_test(a_bad_detail_leaves_the_seizure),
        cmocka_unit_test(an_impossible_flow_leaves_the_device),
        cmocka_unit_test(a_flow_of_another_type_leaves_the_device),
        cmocka_unit_test(a_bad_index_leaves_the_saturation),
        cmocka_unit_test(a_bad_cause_leaves_the_finding),
        cmocka_unit_test(what_is_doubted_is_charted),
    };
    return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
