/* SPDX-License-Identifier: Apache-2.0
 *
 * Admissions: what decides is refused when wrong, what does not is left out and
 * answered.
 */
#include "decode_help.h"

static void admissions_are_understood(void **state)
{
    (void)state;
    decode(EPISODE,
           "{\"ts\":\"" TS "\",\"by\":\"adt\",\"do\":\"admit\",\"patient\":\"p-0042\","
           "\"product\":\"car_nk\",\"protocol\":\"car-nk\",\"age\":55,"
           "\"setting\":\"outpatient\",\"identity\":{\"donor\":\"allogeneic\","
           "\"chain_id\":\"C-9\"},\"infusion_planned\":\"2026-11-24T06:12:00Z\","
           "\"target\":\"cd19\",\"pregnant\":false,\"baseline\":{\"sbp\":125,"
           "\"temp\":{\"value\":97.88,\"unit\":\"[degF]\"},\"crp\":null},"
           "\"uln\":{\"ferritin\":300},\"flags\":[\"scale2\"],\"gateway\":\"adt\","
           "\"epoch\":\"e\",\"seq\":4}");
    const struct vg_admission *a = &decoded.admission;
    assert_int_equal(decoded.kind, VG_DECODED_EPISODE);
    assert_int_equal(decoded.refusal_count, 0);
    assert_int_equal(a->action, VG_ADMIT);
    assert_string_equal(a->ward, "onc-7");
    assert_string_equal(a->bed, "12");
    assert_string_equal(a->origin.gateway, "adt");
    assert_int_equal(a->origin.seq, 4);
    assert_int_equal(a->at.ms, T);
    assert_string_equal(a->by, "adt");
    assert_string_equal(a->patient, "p-0042");
    assert_int_equal(a->product, VG_CAR_NK);
    assert_string_equal(a->protocol, "car-nk");
    assert_int_equal(a->age, 55);
    assert_true(a->has_setting && a->outpatient);
    assert_true(a->has_pregnant && !a->pregnant);
    assert_int_equal(a->infusion_planned.ms, T + VG_DAY);
    assert_string_equal(a->target, "cd19");
    assert_string_equal(a->donor, "allogeneic");
    assert_string_equal(a->chain_id, "C-9");
    assert_int_equal(a->baseline[VG_SBP], 125);
    assert_int_equal(a->baseline[VG_TEMP], 366);
    assert_true(a->baseline[VG_CRP] == VG_NO_VALUE);
    assert_int_equal(a->uln[VG_FERRITIN], 300 * 1000000);
    assert_int_equal(a->flag_count, 1);
    assert_string_equal(a->flags[0], "scale2");
}

static void short_episode_messages_are_understood(void **state)
{
    (void)state;
    decode(EPISODE, "{\"ts\":\"" TS "\",\"do\":\"discharge\"}");
    assert_int_equal(decoded.kind, VG_DECODED_EPISODE);
    assert_int_equal(decoded.admission.action, VG_DISCHARGE);
    assert_int_equal(decoded.admission.age, -1);
    assert_false(vg_is_set(decoded.admission.infusion_planned));
    assert_false(decoded.admission.confirm);
    decode(EPISODE, "{\"ts\":\"" TS "\",\"do\":\"discharge\",\"confirm\":true}");
    assert_true(decoded.admission.confirm);
    assert_false(decoded.admission.has_pregnant);
    decode(EPISODE, "{\"ts\":\"" TS "\",\"do\":\"transfer\",\"to_ward\":\"icu\","
                    "\"to_bed\":\"3\"}");
    assert_string_equal(decoded.admission.to_ward, "icu");
    assert_string_equal(decoded.admission.to_bed, "3");
}

static void wrong_admissions_are_refused(void **state)
{
    (void)state;
#define ADMIT "{\"ts\":\"" TS "\",\"do\":\"admit\",\"patient\":\"p\""
    static const struct whole rows[] = {
        {EPISODE, "{\"do\":\"discharge\"}", VG_FIELD_MISSING},
        {EPISODE, "{\"ts\":\"" TS "\"}", VG_FIELD_MISSING},
        {EPISODE, "{\"ts\":\"" TS "\",\"do\":\"leave\"}", VG_CODE_UNKNOWN},
        {EPISODE, "{\"ts\":\"" TS "\",\"do\":1}", VG_WRONG_TYPE},
        {EPISODE, "{\"ts\":\"" TS "\",\"do\":\"admit\"}", VG_FIELD_MISSING},
        {EPISODE, "{\"ts\":\"" TS "\",\"do\":\"transfer\",\"to_bed\":\"3\"}",
         VG_FIELD_MISSING},
        {EPISODE, "{\"ts\":\"" TS "\",\"do\":\"admit\",\"patient\":\"a b\"}",
         VG_BAD_ID},
        {EPISODE, "{\"ts\":1,\"do\":\"discharge\"}", VG_BAD_TIME},
        {EPISODE, ADMIT ",\"gateway\":\"G\"}", VG_BAD_ID},
        {EPISODE, ADMIT ",\"epoch\":\"e\"}", VG_FIELD_MISSING},
        {EPISODE, ADMIT ",\"product\":\"car_x\"}", VG_CODE_UNKNOWN},
        {EPISODE, ADMIT ",\"confirm\":\"yes\"}", VG_WRONG_TYPE},
        {EPISODE, ADMIT ",\"protocol\":\"../x\"}", VG_BAD_ID},
        {EPISODE, ADMIT ",\"age\":\"55\"}", VG_WRONG_TYPE},
        {EPISODE, ADMIT ",\"age\":-1}", VG_OUT_OF_RANGE},
        {EPISODE, ADMIT ",\"setting\":\"home\"}", VG_CODE_UNKNOWN},
        {EPISODE, ADMIT ",\"pregnant\":0}", VG_WRONG_TYPE},
        {EPISODE, ADMIT ",\"infusion_planned\":\"soon\"}", VG_BAD_TIME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_whole(&rows[i]);
    }
}

static void what_is_wrong_beside_an_admission_is_left_out(void **state)
{
    (void)state;
    decode(EPISODE, ADMIT ",\"baseline\":{\"sbp\":125,\"xyz\":1,\"hr\":\"7\",\"rr\":0,"
                          "\"temp\":{\"value\":1,\"unit\":\"%\"}},\"uln\":[],"
                          "\"flags\":[\"scale2\",\"x\"],\"by\":7,"
                          "\"identity\":\"C-9\"}");
    assert_int_equal(decoded.kind, VG_DECODED_EPISODE);
    assert_int_equal(decoded.admission.baseline[VG_SBP], 125);
    assert_true(decoded.admission.baseline[VG_HR] == VG_NO_VALUE);
    assert_int_equal(decoded.admission.flag_count, 1);
    assert_int_equal(decoded.refusal_count, 8);
}

/* Taking it off brings calls back: anybody's. Who has logged in is judged by their right. */
static void an_order_of_comfort_care_is_a_physicians(void **state)
{
    (void)state;
    decode(ASSESSMENT, OBS("{\"code\":\"flag\",\"value\":\"comfort_care\","
                           "\"by\":\"on-call-physician:wu\"}"));
    assert_string_equal(entry()->value, "comfort_care");
    decode(ASSESSMENT, OBS("{\"code\":\"flag\",\"value\":\"comfort_care\","
                           "\"on\":false}"));
    assert_false(entry()->on);
    vg_decoder_known(decoder, true);
    decode(ASSESSMENT, OBS("{\"code\":\"flag\",\"value\":\"comfort_care\"}"));
    assert_true(entry()->on);
    decode(ASSESSMENT, OBS("{\"code\":\"flag\",\"value\":\"comfort_care\"}"));
    assert_int_equal(decoded.kind == VG_DECODED_MESSAGE ? decoded.message.entry_count
                                                        : 0,
                     0); /* the next letter is another's */
    assert_int_equal(refusal()->reason, VG_FIELD_MISSING);
    decode(ASSESSMENT, OBS("{\"code\":\"flag\",\"value\":\"comfort_care\","
                           "\"by\":\"nurse:li\"}"));
    assert_int_equal(refusal()->reason, VG_BAD_ID);
    assert_int_equal(refusal()->item, 0);
}

static void comfort_care_is_a_physicians(void **state)
{
    static const struct {
        const char *by;
        size_t flags;
    } rows[] = {{"", 0}, {",\"by\":\"adt\"", 0}, {",\"by\":\"physician:wu\"", 1}};
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(text, sizeof text, "%s,\"flags\":[\"comfort_care\"]%s}", ADMIT,
                       rows[i].by);
        decode(EPISODE, text);
        assert_int_equal(decoded.kind, VG_DECODED_EPISODE);
        assert_int_equal(decoded.admission.flag_count, rows[i].flags);
        assert_int_equal(decoded.refusal_count, 1 - rows[i].flags);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(admissions_are_understood),
        cmocka_unit_test(short_episode_messages_are_understood),
        cmocka_unit_test(wrong_admissions_are_refused),
        cmocka_unit_test(what_is_wrong_beside_an_admission_is_left_out),
        cmocka_unit_test(an_order_of_comfort_care_is_a_physicians),
        cmocka_unit_test(comfort_care_is_a_physicians),
    };
    return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
