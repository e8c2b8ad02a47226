/* SPDX-License-Identifier: Apache-2.0
 *
 * Items of a message: what each comes to, and that one bad item does not sink the good
 * ones beside it.
 */
#include "decode_help.h"

struct item {
    const char *topic, *item;
    enum vg_reason reason;
};

static void items_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct item rows[] = {
        {VITALS, "5", VG_WRONG_TYPE},
        {VITALS, "null", VG_WRONG_TYPE},
        {VITALS, "{\"value\":1}", VG_FIELD_MISSING},
        {VITALS, "{\"code\":null,\"value\":1}", VG_FIELD_MISSING},
        {VITALS, "{\"code\":5,\"value\":1}", VG_WRONG_TYPE},
        {VITALS, "{\"code\":\"pulse\",\"value\":1}", VG_CODE_UNKNOWN},
        {VITALS, "{\"code\":\"MDC_TEMP_SKIN\",\"value\":30,\"unit\":\"Cel\"}",
         VG_CODE_UNKNOWN},
        {VITALS, "{\"code\":\"hr\",\"value\":\"72\",\"unit\":\"/min\"}", VG_WRONG_TYPE},
        {VITALS, "{\"code\":\"hr\",\"value\":true,\"unit\":\"/min\"}", VG_WRONG_TYPE},
        {VITALS, "{\"code\":\"hr\",\"value\":72}", VG_UNIT_MISSING},
        {VITALS, "{\"code\":\"hr\",\"value\":72,\"unit\":null}", VG_UNIT_MISSING},
        {VITALS, "{\"code\":\"hr\",\"value\":72,\"unit\":\"bpm\"}", VG_UNIT_UNKNOWN},
        {VITALS, "{\"code\":\"hr\",\"value\":72,\"unit\":\"%\"}", VG_UNIT_UNKNOWN},
        {VITALS, "{\"code\":\"hr\",\"value\":72,\"unit\":5}", VG_WRONG_TYPE},
        {VITALS, "{\"code\":\"hr\",\"value\":72,\"unit\":\"\"}", VG_UNIT_UNKNOWN},
        {VITALS, "{\"code\":\"hr\",\"value\":72,\"unit\":\"/min\",\"ts\":\"x\"}",
         VG_BAD_TIME},
        {VITALS, "{\"code\":\"hr\",\"value\":72,\"unit\":\"/min\",\"source\":\"x\"}",
         VG_CODE_UNKNOWN},
        {VITALS, "{\"code\":\"hr\",\"value\":72,\"unit\":\"/min\",\"source\":1}",
         VG_WRONG_TYPE},
        {VITALS, "{\"code\":\"hr\",\"value\":72,\"unit\":\"/min\",\"quality\":\"ok\"}",
         VG_CODE_UNKNOWN},
        {VITALS, "{\"code\":\"temp\",\"value\":37,\"unit\":\"Cel\",\"method\":\"ear\"}",
         VG_CODE_UNKNOWN},
        {VITALS, "{\"code\":\"hr\",\"value\":1e300,\"unit\":\"/min\"}",
         VG_OUT_OF_RANGE},
        {VITALS, "{\"code\":\"gcs\",\"value\":14.5}", VG_WRONG_TYPE},
        {LABS, "{\"code\":\"751-8\",\"value\":1,\"unit\":\"mmol/L\"}", VG_UNIT_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"ice\",\"value\":9.5}", VG_WRONG_TYPE},
        {ASSESSMENT, "{\"code\":\"ice\",\"value\":9,\"unit\":\"%\"}", VG_UNIT_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"ice\",\"items\":{\"year\":1}}", VG_FIELD_MISSING},
        {ASSESSMENT, "{\"code\":\"ice\",\"value\":9,\"items\":{\"year\":2}}",
         VG_WRONG_TYPE},
        {ASSESSMENT, "{\"code\":\"ice\",\"value\":9,\"items\":[]}", VG_WRONG_TYPE},
        {ASSESSMENT, "{\"code\":\"consciousness\",\"value\":\"a\"}", VG_CODE_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"consciousness\",\"value\":1}", VG_WRONG_TYPE},
        {ASSESSMENT, "{\"code\":\"arousal\",\"value\":\"pain\"}", VG_CODE_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"seizure\",\"value\":\"true\"}", VG_WRONG_TYPE},
        {ASSESSMENT, "{\"code\":\"seizure\",\"value\":false}", VG_CODE_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"neuro\",\"value\":\"tremors\"}", VG_CODE_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"symptom\",\"value\":\"a\\nb\"}", VG_CODE_UNKNOWN},
        {ASSESSMENT,
         "{\"code\":\"symptom\",\"value\":"
         "\"a2345678901234567890123456789012345678901\"}",
         VG_CODE_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"flag\",\"value\":\"scale3\"}", VG_CODE_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"flag\",\"value\":\"sedated\",\"by\":\" \"}",
         VG_WRONG_TYPE},
        {ASSESSMENT, "{\"code\":\"flag\",\"value\":\"scale2\",\"on\":1}",
         VG_WRONG_TYPE},
        {ASSESSMENT, "{\"code\":\"flag\",\"value\":\"scale2\",\"until\":\"soon\"}",
         VG_BAD_TIME},
        {THERAPY, "{\"code\":\"infusion\",\"value\":\"begin\"}", VG_CODE_UNKNOWN},
        {THERAPY, "{\"code\":\"medication\",\"value\":\"\"}", VG_CODE_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"seizure\",\"value\":true,\"quality\":\"test\"}",
         VG_CODE_UNKNOWN},
        {THERAPY, "{\"code\":\"infusion\",\"value\":\"start\",\"quality\":\"invalid\"}",
         VG_CODE_UNKNOWN},
        {VITALS, "{\"code\":\"hr\",\"value\":1e999,\"unit\":\"/min\"}", VG_NOT_FINITE},
        {VITALS, "{\"code\":\"hr\",\"value\":80,\"unit\":\"/min\",\"ts\":1e999}",
         VG_BAD_TIME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char payload[1024];
        snprintf(payload, sizeof payload,
                 HEAD ",\"obs\":[{\"code\":\"rr\",\"value\":18,\"unit\":\"/min\"},%s]}",
                 rows[i].item);
        decode(rows[i].topic, payload);
        assert_int_equal(reading()->signal, VG_RR);
        assert_int_equal(decoded.message.entry_count, 0);
        assert_int_equal(refusal()->reason, rows[i].reason);
        assert_int_equal(refusal()->item, 1);
        assert_memory_equal(refusal()->detail, "obs[1]", 6);
    }
}

static void details_are_sentences(void **state)
{
    (void)state;
    decode(VITALS, OBS("{},{},{\"code\":\"temp\",\"value\":38}"));
    assert_int_equal(decoded.message.reading_count, 0);
    assert_int_equal(decoded.refusal_count, 3);
    assert_string_equal(decoded.refusal[0].detail, "obs[0]: code is missing");
    assert_string_equal(decoded.refusal[2].detail, "obs[2] \"temp\": unit is missing");
}

static void missing_values_are_skipped(void **state)
{
    (void)state;
    decode(VITALS, OBS("{\"code\":\"hr\"},{\"code\":\"hr\",\"value\":null},"
                       "{\"code\":\"o2_device\"},{\"code\":\"ice\"},"
                       "{\"code\":\"ice\",\"value\":null,\"unarousable\":false},"
                       "{\"code\":\"seizure\",\"value\":null},"
                       "{\"code\":\"ice\",\"items\":{}}"));
    assert_int_equal(decoded.kind, VG_DECODED_MESSAGE);
    assert_int_equal(decoded.refusal_count, 0);
    assert_int_equal(decoded.message.reading_count, 0);
    assert_int_equal(decoded.message.entry_count, 0);
}

static void zero_is_a_value(void **state)
{
    (void)state;
    decode(LABS, OBS("{\"code\":\"anc\",\"value\":0,\"unit\":\"/uL\"}"));
    assert_int_equal(reading()->value, 0);
    assert_false(reading()->out_of_range);
    assert_int_equal(reading()->source, VG_SOURCE_SPOT);
}

static void ranges_mark_and_refuse(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        bool out, suspect;
    } rows[] = {
        {"{\"code\":\"temp\",\"value\":30.0,\"unit\":\"Cel\"}", false, true},
        {"{\"code\":\"temp\",\"value\":29.96,\"unit\":\"Cel\"}", false, true},
        {"{\"code\":\"temp\",\"value\":29.9,\"unit\":\"Cel\"}", true, true},
        {"{\"code\":\"temp\",\"value\":41.5,\"unit\":\"Cel\"}", false, false},
        {"{\"code\":\"temp\",\"value\":41.6,\"unit\":\"Cel\"}", false, true},
        {"{\"code\":\"hr\",\"value\":0,\"unit\":\"/min\"}", true, true},
        {"{\"code\":\"hr\",\"value\":250,\"unit\":\"/min\"}", false, true},
        {"{\"code\":\"hr\",\"value\":251,\"unit\":\"/min\"}", true, true},
        {"{\"code\":\"spo2\",\"value\":0.95,\"unit\":\"1\"}", false, false},
        {"{\"code\":\"spo2\",\"value\":0.95,\"unit\":\"%\"}", true, true},
        {"{\"code\":\"spo2\",\"value\":69,\"unit\":\"%\"}", false, true},
        {"{\"code\":\"ice\",\"value\":11}", true, false},
        {"{\"code\":\"crp\",\"value\":-1,\"unit\":\"mg/L\"}", true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char payload[512];
        snprintf(payload, sizeof payload, HEAD ",\"obs\":[%s]}", rows[i].item);
        decode(VITALS, payload);
        assert_int_equal(reading()->out_of_range, rows[i].out);
        assert_int_equal(reading()->suspect, rows[i].suspect);
        assert_int_equal(decoded.refusal_count, rows[i].out ? 1 : 0);
        if (rows[i].out) {
            assert_int_equal(refusal()->reason, VG_OUT_OF_RANGE);
            assert_int_equal(refusal()->item, 0);
        }
    }
}

static void codes_imply_and_fields_overrule(void **state)
{
    (void)state;
    decode(VITALS, OBS("{\"code\":\"MDC_PRESS_BLD_ART_ABP_SYS\",\"value\":90,"
                       "\"unit\":\"MDC_DIM_MMHG\"}"));
    assert_int_equal(reading()->source, VG_SOURCE_ARTERIAL);
    assert_int_equal(reading()->unit, VG_UNIT_MMHG);
    decode(VITALS, OBS("{\"code\":\"MDC_PRESS_BLD_ART_ABP_SYS\",\"value\":90,"
                       "\"unit\":\"mm[Hg]\",\"source\":\"manual\"}"));
    assert_int_equal(reading()->source, VG_SOURCE_MANUAL);
    decode(VITALS, OBS("{\"code\":\"8331-1\",\"value\":100.4,\"unit\":\"[degF]\"}"));
    assert_int_equal(reading()->method, VG_METHOD_ORAL);
    assert_int_equal(reading()->source, VG_SOURCE_CONTINUOUS);
    assert_int_equal(reading()->value, 380);
    assert_int_equal(reading()->raw.mantissa, 1004);
    decode(VITALS, OBS("{\"code\":\"8331-1\",\"value\":37,\"unit\":\"Cel\","
                       "\"method\":\"core\"}"));
    assert_int_equal(reading()->method, VG_METHOD_CORE);
}

static void readings_carry_what_was_said(void **state)
{
    (void)state;
    decode(VITALS, OBS("{\"code\":\"spo2\",\"value\":95,\"unit\":\"%\",\"pi\":0.25,"
                       "\"ts\":1795414310000,\"quality\":\"questionable\",\"x\":[]}"));
    assert_int_equal(reading()->pi, 25);
    assert_int_equal(reading()->measured.ms, T - 10000);
    assert_int_equal(reading()->quality, VG_QUALITY_QUESTIONABLE);
    decode(LABS, OBS("{\"code\":\"bili\",\"value\":34.2,\"unit\":\"umol/L\","
                     "\"uln\":17.1,\"lln\":0}"));
    assert_int_equal(reading()->value, 2000000);
    assert_int_equal(reading()->uln, 1000000);
    assert_int_equal(reading()->lln, 0);
    decode(LABS, OBS("{\"code\":\"inr\",\"value\":1.2}"));
    assert_int_equal(reading()->unit, VG_UNIT_NONE);
    assert_int_equal(reading()->value, 1200000);
}

static void ice_is_summed_only_when_complete(void **state)
{
    (void)state;
    decode(ASSESSMENT,
           OBS("{\"code\":\"ice\",\"items\":{\"year\":1,\"month\":1,\"city\":1,"
               "\"hospital\":1,\"name1\":1,\"name2\":1,\"name3\":1,\"command\":1,"
               "\"sentence\":0,\"attention\":1}}"));
    assert_int_equal(reading()->signal, VG_ICE);
    assert_int_equal(reading()->value, 9);
    assert_int_equal(reading()->ice_items, 0xaaaaa - (1U << 16));
    decode(ASSESSMENT, OBS("{\"code\":\"ice\",\"value\":7,\"unit\":\"{score}\","
                           "\"items\":{\"year\":0,\"city\":null}}"));
    assert_int_equal(reading()->value, 7);
    assert_int_equal(reading()->ice_items, 1);
    decode(ASSESSMENT, OBS("{\"code\":\"ice\",\"unarousable\":true}"));
    assert_int_equal(reading()->value, 0);
    assert_true(reading()->unarousable);
}

static void names_that_are_free_are_free(void **state)
{
    (void)state;
    decode(THERAPY, OBS("{\"code\":\"medication\",\"value\":\"Corticosteroid\"}"));
    assert_string_equal(entry()->value, "corticosteroid");
    decode(THERAPY, OBS("{\"code\":\"medication\",\"value\":\"Acetaminophen\"}"));
    assert_string_equal(entry()->value, "paracetamol");
    decode(THERAPY, OBS("{\"code\":\"medication\",\"value\":\"Dexamethasone 10 mg\"}"));
    assert_string_equal(entry()->value, "dexamethasone 10 mg");
    decode(ASSESSMENT, OBS("{\"code\":\"symptom\",\"value\":\"\xc3\x9c"
                           "bel\"}"));
    assert_string_equal(entry()->value, "\xc3\x9c"
                                        "bel");
}

static void entries_carry_what_was_said(void **state)
{
    (void)state;
    decode(THERAPY, OBS("{\"code\":\"infusion\",\"value\":\"start\","
                        "\"product\":\"car_nk\",\"dose_id\":\"D-1\"}"));
    assert_int_equal(entry()->signal, VG_INFUSION);
    assert_int_equal(entry()->at.ms, T);
    assert_string_equal(entry()->value, "start");
    assert_string_equal(entry()->product, "car_nk");
    assert_string_equal(entry()->dose_id, "D-1");
    assert_true(entry()->on);
    decode(THERAPY, OBS("{\"code\":\"infusion\",\"value\":\"start\",\"on\":false}"));
    assert_false(entry()->on);
    decode(THERAPY,
           OBS("{\"code\":\"lymphodepletion\",\"value\":\"start\",\"on\":false}"));
    assert_false(entry()->on);
    decode(THERAPY, OBS("{\"code\":\"o2_device\",\"value\":\"nasal_cannula\","
                        "\"flow\":2.5,\"fio2\":28}"));
    assert_int_equal(entry()->flow, 25);
    assert_int_equal(entry()->fio2, 28);
    decode(THERAPY, OBS("{\"code\":\"vasopressor\",\"value\":\"norepinephrine\","
                        "\"on\":false}"));
    assert_false(entry()->on);
    assert_true(entry()->flow == VG_NO_VALUE && entry()->fio2 == VG_NO_VALUE);
    decode(THERAPY, OBS("{\"code\":\"medication\",\"value\":\"new-drug_7\"}"));
    assert_true(entry()->on);
    assert_string_equal(entry()->value, "new-drug_7");
    decode(ASSESSMENT, OBS("{\"code\":\"seizure\",\"value\":true,"
                           "\"duration_s\":300.5,\"no_return\":true}"));
    assert_int_equal(entry()->duration_s, 301);
    assert_true(entry()->no_return);
    assert_string_equal(entry()->value, "true");
    decode(ASSESSMENT, OBS("{\"code\":\"neuro\",\"value\":\"edema_diffuse\","
                           "\"haemorrhage\":true}"));
    assert_true(entry()->haemorrhage);
    assert_int_equal(entry()->duration_s, -1);
    decode(ASSESSMENT, OBS("{\"code\":\"flag\",\"value\":\"sedated\",\"by\":\"dr:wu\","
                           "\"until\":\"2026-11-23T18:12:00Z\"}"));
    assert_string_equal(entry()->by, "dr:wu");
    assert_int_equal(entry()->until.ms, T + 12 * VG_HOUR);
    decode(ASSESSMENT, OBS("{\"code\":\"consciousness\",\"value\":\"V\"}"));
    assert_false(vg_is_set(entry()->until));
}

/* A support is never dropped silently (Clinical reference 0.4, 1.4); "unknown" ends all vasopressors on no list. */
static void a_support_on_no_list_is_kept(void **state)
{
    static const struct {
        const char *code, *sent, *charted;
        size_t refusals;
    } rows[] = {{"o2_device", "mask", "unknown", 1},
                {"o2_device", "nonrebreather", "non_rebreather", 0},
                {"o2_device", "trach_mask", "tracheostomy_mask", 0},
                {"o2_device", "venturi", "venturi", 0},
                {"vasopressor", "Terlipressin", "terlipressin", 1},
                {"vasopressor", "", "unnamed", 1},
                {"vasopressor", "亚甲蓝亚甲蓝亚甲蓝亚甲蓝亚甲蓝",
                 "亚甲蓝亚甲蓝亚甲蓝亚甲蓝亚", 1},
                {"vasopressor", "adrenaline", "epinephrine", 1},
                {"vasopressor", "Noradrenaline", "norepinephrine", 1},
                {"vasopressor", "Dobutamine", "dobutamine", 1},
                {"vasopressor", "unknown", "unknown", 0},
                {"vasopressor", "dopamine", "dopamine", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char payload[512];
        snprintf(payload, sizeof payload,
                 HEAD ",\"obs\":[{\"code\":\"%s\",\"value\":\"%s\"}]}", rows[i].code,
                 rows[i].sent);
        decode(THERAPY, payload);
        assert_int_equal(decoded.message.entry_count, 1);
        assert_string_equal(decoded.message.entries[0].value, rows[i].charted);
        assert_int_equal(decoded.refusal_count, rows[i].refusals);
    }
}

/* The last of an instant is what rules and the board see. */
static void a_rate_of_the_ecg_comes_behind_a_pulse(void **state)
{
    (void)state;
#define RATE(code, value, more) \
    "{\"code\":\"" code "\",\"value\":" value ",\"unit\":\"/min\"" more "}"
    static const struct {
        const char *obs;
        int64_t last;
    } rows[] = {
        {RATE("mdc:147842", "151", "") "," RATE("mdc:149530", "92", ""), 151},
        {RATE("mdc:149530", "92", "") "," RATE("mdc:147842", "151", ""), 151},
        {RATE("hr", "151", "") "," RATE("MDC_PULS_RATE", "92", ""), 151},
        {RATE("mdc:149514", "90", "") "," RATE("mdc:149530", "92", ""), 92},
        {RATE("mdc:147842", "0", "") "," RATE("mdc:149530", "92", ""), 92},
        {RATE("mdc:147842", "151", ",\"quality\":\"invalid\"") "," RATE("mdc:149530",
                                                                        "92", ""),
         92},
        {RATE("mdc:147842", "151",
              ",\"quality\":\"questionable\"") "," RATE("mdc:149530", "92", ""),
         92},
        {RATE("mdc:147842", "151", ",\"ts\":1767225601000") "," RATE("mdc:149530", "92",
                                                                     ""),
         92},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char payload[1024];
        snprintf(payload, sizeof payload, HEAD ",\"obs\":[%s]}", rows[i].obs);
        decode(VITALS, payload);
        assert_int_equal(decoded.message.reading_count, 2);
        assert_int_equal(decoded.message.readings[1].value, rows[i].last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_of_the_ecg_comes_behind_a_pulse),
        cmocka_unit_test(items_are_refused_with_the_reason),
        cmocka_unit_test(a_support_on_no_list_is_kept),
        cmocka_unit_test(details_are_sentences),
        cmocka_unit_test(missing_values_are_skipped),
        cmocka_unit_test(zero_is_a_value),
        cmocka_unit_test(ranges_mark_and_refuse),
        cmocka_unit_test(codes_imply_and_fields_overrule),
        cmocka_unit_test(readings_carry_what_was_said),
        cmocka_unit_test(ice_is_summed_only_when_complete),
        cmocka_unit_test(entries_carry_what_was_said),
        cmocka_unit_test(names_that_are_free_are_free),
    };
    return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
