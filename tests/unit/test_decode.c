/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters to messages: what is understood, and what is refused as a whole and why.
 */
#include <time.h>

#include "decode_help.h"

static const char example[] =
    "{\"gateway\":\"gw-03\",\"epoch\":\"7f3a\",\"seq\":1234,\"ts\":\"" TS "\","
    "\"patient\":\"p-0042\",\"device\":\"mon-12\",\"obs\":["
    "{\"code\":\"temp\",\"value\":38.4,\"unit\":\"Cel\",\"source\":\"spot\","
    "\"method\":\"oral\"},"
    "{\"code\":\"hr\",\"value\":104,\"unit\":\"/min\"},"
    "{\"code\":\"rr\",\"value\":22,\"unit\":\"/min\"},"
    "{\"code\":\"spo2\",\"value\":95,\"unit\":\"%\"},"
    "{\"code\":\"sbp\",\"value\":92,\"unit\":\"mm[Hg]\",\"source\":\"cuff\"},"
    "{\"code\":\"dbp\",\"value\":51,\"unit\":\"mm[Hg]\",\"source\":\"cuff\"},"
    "{\"code\":\"map\",\"value\":65,\"unit\":\"mm[Hg]\",\"source\":\"cuff\"}]}";

static void the_example_is_understood(void **state)
{
    (void)state;
    static const struct {
        enum vg_signal signal;
        int64_t value;
        enum vg_source source;
    } rows[] = {
        {VG_TEMP, 384, VG_SOURCE_SPOT},    {VG_HR, 104, VG_SOURCE_CONTINUOUS},
        {VG_RR, 22, VG_SOURCE_CONTINUOUS}, {VG_SPO2, 95, VG_SOURCE_CONTINUOUS},
        {VG_SBP, 92, VG_SOURCE_CUFF},      {VG_DBP, 51, VG_SOURCE_CUFF},
        {VG_MAP, 65, VG_SOURCE_CUFF},
    };
    decode(VITALS, example);
    const struct vg_message *message = &decoded.message;
    assert_int_equal(decoded.kind, VG_DECODED_MESSAGE);
    assert_int_equal(decoded.refusal_count, 0);
    assert_int_equal(message->kind, VG_KIND_VITALS);
    assert_string_equal(message->ward, "onc-7");
    assert_string_equal(message->bed, "12");
    assert_string_equal(message->origin.gateway, "gw-03");
    assert_string_equal(message->origin.epoch, "7f3a");
    assert_int_equal(message->origin.seq, 1234);
    assert_memory_equal(&message->origin, &decoded.origin, sizeof decoded.origin);
    assert_int_equal(message->measured.ms, T);
    assert_string_equal(message->patient, "p-0042");
    assert_string_equal(message->device, "mon-12");
    assert_int_equal(message->reading_count, 7);
    for (size_t i = 0; i < 7; i++) {
        const struct vg_reading *r = &message->readings[i];
        assert_int_equal(r->signal, rows[i].signal);
        assert_int_equal(r->value, rows[i].value);
        assert_int_equal(r->source, rows[i].source);
        assert_int_equal(r->measured.ms, T);
        assert_int_equal(r->pi, -1);
        assert_true(r->uln == VG_NO_VALUE && r->lln == VG_NO_VALUE);
        assert_false(r->out_of_range || r->suspect || r->unarousable);
    }
    assert_int_equal(message->readings[0].method, VG_METHOD_ORAL);
    assert_int_equal(message->readings[0].raw.mantissa, 384);
    assert_int_equal(message->readings[0].raw.exponent, 1);
}

static void whole_messages_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct whole rows[] = {
        {VITALS, "", VG_NOT_JSON},
        {VITALS, "{", VG_NOT_JSON},
        {VITALS, HEAD ",\"obs\":[],\"obs\":[]}", VG_NOT_JSON},
        {VITALS, OBS("{\"code\":\"hr\",\"value\":NaN}"), VG_NOT_JSON},
        {"vigil/v1/beds/onc-7/12/episode",
         "{\"do\":\"admit\",\"patient\":\"p\",\"ts\":\"" TS "\",\"age\":1e999}",
         VG_NOT_FINITE},
        {VITALS, HEAD ",\"pad\":1e999,\"obs\":[],\"obs\":[]}", VG_NOT_JSON},
        {VITALS, OBS("[[[[[[[]]]]]]]"), VG_TOO_DEEP},
        {VITALS, "[]", VG_WRONG_TYPE},
        {VITALS, "5", VG_WRONG_TYPE},
        {VITALS, HEAD ",\"obs\":{}}", VG_WRONG_TYPE},
        {VITALS, HEAD "}", VG_FIELD_MISSING},
        {VITALS, HEAD ",\"obs\":null}", VG_FIELD_MISSING},
        {VITALS, "{\"gateway\":\"g\",\"obs\":[]}", VG_FIELD_MISSING},
        {VITALS, "{\"ts\":\"" TS "\",\"obs\":[]}", VG_FIELD_MISSING},
        {VITALS, "{\"gateway\":\"G\",\"ts\":\"" TS "\",\"obs\":[]}", VG_BAD_ID},
        {VITALS, "{\"gateway\":\"unknown\",\"ts\":\"" TS "\",\"obs\":[]}", VG_BAD_ID},
        {VITALS, "{\"gateway\":5,\"ts\":\"" TS "\",\"obs\":[]}", VG_WRONG_TYPE},
        {VITALS, HEAD ",\"device\":\"M 1\",\"obs\":[]}", VG_BAD_ID},
        {VITALS, HEAD ",\"patient\":\"-p\",\"obs\":[]}", VG_BAD_ID},
        {VITALS, "{\"gateway\":\"g\",\"epoch\":\"a b\",\"seq\":1,\"ts\":0,\"obs\":[]}",
         VG_BAD_ID},
        {VITALS, "{\"gateway\":\"g\",\"epoch\":\"a\",\"ts\":\"" TS "\",\"obs\":[]}",
         VG_FIELD_MISSING},
        {VITALS, "{\"gateway\":\"g\",\"seq\":1,\"ts\":\"" TS "\",\"obs\":[]}",
         VG_FIELD_MISSING},
        {VITALS,
         "{\"gateway\":\"g\",\"epoch\":\"a\",\"seq\":0,\"ts\":\"" TS "\",\"obs\":[]}",
         VG_WRONG_TYPE},
        {VITALS,
         "{\"gateway\":\"g\",\"epoch\":\"a\",\"seq\":1.5,\"ts\":\"" TS "\",\"obs\":[]}",
         VG_WRONG_TYPE},
        {VITALS,
         "{\"gateway\":\"g\",\"epoch\":\"a\",\"seq\":\"1\",\"ts\":\"" TS
         "\",\"obs\":[]}",
         VG_WRONG_TYPE},
        {VITALS,
         "{\"gateway\":\"g\",\"epoch\":\"a\",\"seq\":9007199254740994,"
         "\"ts\":\"" TS "\",\"obs\":[]}",
         VG_WRONG_TYPE},
        {VITALS,
         "{\"gateway\":\"g\",\"epoch\":\"a\",\"seq\":9007199254740993,"
         "\"ts\":\"" TS "\",\"obs\":[]}",
         VG_WRONG_TYPE},
        {VITALS, "{\"gateway\":\"g\",\"ts\":\"1795414320000\",\"obs\":[]}",
         VG_BAD_TIME},
        {VITALS, "{\"gateway\":\"g\",\"ts\":\"\",\"obs\":[]}", VG_BAD_TIME},
        {VITALS, "{\"gateway\":\"g\",\"ts\":\"yesterday\",\"obs\":[]}", VG_BAD_TIME},
        {VITALS, "{\"gateway\":\"g\",\"ts\":0,\"obs\":[]}", VG_BAD_TIME},
        {VITALS, "{\"gateway\":\"g\",\"ts\":true,\"obs\":[]}", VG_BAD_TIME},
        {VITALS, "{\"gateway\":\"g\",\"ts\":4102444800001,\"obs\":[]}", VG_BAD_TIME},
        {"vigil/v1/beds/Onc/12/vitals", OBS(""), VG_BAD_ID},
        {"vigil/v1/beds/onc/12/notes", OBS(""), VG_BAD_ID},
        {"other/topic", "{}", VG_BAD_ID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_whole(&rows[i]);
    }
}

static void seq_goes_up_to_where_doubles_stop_to_count(void **state)
{
    (void)state;
    decode(VITALS, "{\"gateway\":\"g\",\"epoch\":\"a\",\"seq\":9007199254740991,"
                   "\"ts\":1795414320000,\"obs\":[]}");
    assert_int_equal(decoded.kind, VG_DECODED_MESSAGE);
    assert_int_equal(decoded.origin.seq, INT64_C(9007199254740991));
    assert_int_equal(decoded.message.measured.ms, T);
}

static void the_sender_is_known_though_refused(void **state)
{
    (void)state;
    decode_bytes(VITALS, example, sizeof example - 1, true);
    assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
    assert_int_equal(refusal()->reason, VG_RETAINED);
    assert_string_equal(decoded.origin.gateway, "gw-03");
    assert_string_equal(decoded.origin.epoch, "7f3a");
    assert_int_equal(decoded.origin.seq, 1234);

    struct vg_buffer big = {0};
    vg_put_raw(&big, HEAD ",\"obs\":[],\"pad\":\"");
    while (big.length <= VG_MESSAGE_BYTES) {
        vg_put_raw(&big, "xxxxxxxxxxxxxxxx");
    }
    vg_put_raw(&big, "\"}");
    decode_bytes(VITALS, big.bytes, big.length, false);
    assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
    assert_int_equal(refusal()->reason, VG_TOO_BIG);
    assert_string_equal(decoded.origin.gateway, "gw-03");
    decode_bytes(VITALS, big.bytes, big.length, true);
    assert_int_equal(refusal()->reason, VG_RETAINED);
    vg_buffer_clear(&big); /* what we cut has no end */
    vg_put_raw(&big, HEAD ",\"obs\":[],\"pad\":\"");
    while (big.length < VG_LETTER_BYTES) {
        vg_put_raw(&big, "xxxxxxxxxxxxxxxx");
    }
    decode_bytes(VITALS, big.bytes, VG_LETTER_BYTES, false);
    assert_int_equal(refusal()->reason, VG_TOO_BIG);
    assert_int_equal(decoded.origin.seq, 12);
    decode_bytes(VITALS, big.bytes, VG_LETTER_BYTES - 1, false);
    assert_int_equal(decoded.origin.seq, 0);
    vg_buffer_finish(&big);

    decode(VITALS, HEAD "}");
    assert_int_equal(decoded.origin.seq, 12);
    static const char *const broken[] = {HEAD ",\"obs\":[],\"x\":1,\"x\":2}",
                                         HEAD ",\"obs\":[],\"x\":[[[[[[[[[]]]]]]]]]}",
                                         HEAD ",\"obs\":[],\"x\":\"\xff\"}",
                                         OBS("{\"code\":\"hr\",\"value\":NaN}"),
                                         OBS("{\"x\":[-Infinity,]},"),
                                         HEAD ",\"obs\":[+1]} ",
                                         HEAD ",\"obs\":[],} ",
                                         HEAD ",\"obs\":}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        decode(VITALS, broken[i]);
        assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
        assert_string_equal(decoded.origin.gateway, "gw-03");
        assert_int_equal(decoded.origin.seq, 12);
    }
    /* What may come whole under this number does not count. */
    static const char *const lost[] = {HEAD ",\"obs\":[NaN]",
                                       HEAD ",\"obs\":[NaN",
                                       "{\"gateway\":\"gw-03\",\"x\":NaN,\"seq\":1",
                                       "{\"gateway\":gw-03,\"x\":NaN}",
                                       "{NaN}",
                                       HEAD ",\"obs\":[],"};
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        decode(VITALS, lost[i]);
        assert_int_equal(refusal()->reason, VG_NOT_JSON);
        assert_string_equal(decoded.origin.gateway, "");
    }
    decode(VITALS, "{\"gateway\":\"g\",\"seq\":3,\"ts\":0}");
    assert_string_equal(decoded.origin.gateway, "g");
    assert_int_equal(decoded.origin.seq, 0);
    decode("vigil/v1/beds/Onc/12/vitals", example);
    assert_int_equal(decoded.origin.seq, 1234);
}

/* A number that nobody asks for may be what it likes. */
static void a_large_number_is_its_items_affair(void **state)
{
    (void)state;
    decode(VITALS, HEAD ",\"pad\":1e999,\"obs\":[{\"code\":\"rr\",\"value\":18,"
                        "\"unit\":\"/min\",\"pad\":-1e999}]}");
    assert_int_equal(reading()->signal, VG_RR);
    assert_int_equal(decoded.refusal_count, 0);
}

static void a_list_has_at_most_256_items(void **state)
{
    (void)state;
    for (int count = 256; count <= 257; count++) {
        struct vg_buffer b = {0};
        vg_put_raw(&b, HEAD ",\"obs\":[");
        for (int i = 0; i < count; i++) {
            vg_put_raw(&b, i == 0 ? "" : ",");
            vg_put_raw(&b, "{\"code\":\"hr\",\"value\":5,\"unit\":\"/min\"}");
        }
        vg_put_raw(&b, "]}");
        decode(VITALS, b.bytes);
        vg_buffer_finish(&b);
        if (count == 257) {
            assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
            assert_int_equal(refusal()->reason, VG_TOO_MANY);
        } else {
            assert_int_equal(decoded.message.reading_count, 256);
            assert_int_equal(decoded.refusal_count, 256);
            assert_int_equal(decoded.refusal[255].item, 255);
        }
    }
}

static void gateways_are_understood(void **state)
{
    (void)state;
    const char *online =
        "{\"state\":\"online\",\"epoch\":\"7f3a\",\"ts\":\"" TS "\",\"from\":17}";
    decode_bytes(STATUS, online, strlen(online), true);
    assert_int_equal(decoded.kind, VG_DECODED_GATEWAY);
    assert_string_equal(decoded.status.gateway, "gw-03");
    assert_string_equal(decoded.origin.gateway, "gw-03");
    assert_string_equal(decoded.status.epoch, "7f3a");
    assert_true(decoded.status.online);
    assert_int_equal(decoded.status.ts.ms, T);
    assert_int_equal(decoded.status.from, 17);
    decode(STATUS, "{\"state\":\"offline\"}");
    assert_int_equal(decoded.kind, VG_DECODED_GATEWAY);
    assert_false(decoded.status.online);
    assert_false(vg_is_set(decoded.status.ts));
    static const struct whole rows[] = {
        {STATUS, "{}", VG_FIELD_MISSING},
        {STATUS, "{\"state\":\"up\"}", VG_CODE_UNKNOWN},
        {STATUS, "{\"state\":1}", VG_WRONG_TYPE},
        {STATUS, "{\"state\":\"online\",\"epoch\":\"a b\"}", VG_BAD_ID},
        {STATUS, "{\"state\":\"online\",\"from\":0}", VG_WRONG_TYPE},
        {STATUS, "{\"state\":\"online\",\"ts\":\"x\"}", VG_BAD_TIME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_whole(&rows[i]);
    }
}

/* Its topic says whose it is, and it has no number: one that a payload names would be taken from a message. */
static void a_refused_status_is_its_topics_and_has_no_number(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "online", "", "7",
        "{\"state\":\"up\",\"gateway\":\"gw-04\",\"epoch\":\"7f3a\",\"seq\":1}",
        "{\"state\":\"online\",\"state\":\"online\",\"gateway\":\"gw-04\","
        "\"epoch\":\"7f3a\",\"seq\":1}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        decode(STATUS, bad[i]);
        assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
        assert_int_equal(decoded.refusal_count, 1);
        assert_string_equal(decoded.origin.gateway, "gw-03");
        assert_int_equal(decoded.origin.seq, 0);
    }
}

/* Each byte changed to each value: no crash, no read beyond the end (sanitizers
 * look), and always an answer. */
static void damage_is_survived(void **state)
{
    (void)state;
    size_t length = sizeof example - 1;
    char *copy = malloc(length);
    assert_non_null(copy);
    for (size_t i = 0; i < length; i++) {
        for (unsigned value = 0; value < 256; value += 5) {
            memcpy(copy, example, length);
            copy[i] = (char)value;
            decode_bytes(VITALS, copy, length, false);
            assert_true(decoded.kind == VG_DECODED_MESSAGE ||
                        decoded.refusal_count == 1);
        }
        decode_bytes(VITALS, copy, i, false);
        assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
    }
    free(copy);
}

static void the_time_it_takes_is_shown(void **state)
{
    (void)state;
    const int rounds = 20000;
    struct timespec begin, end;
    timespec_get(&begin, TIME_UTC);
    for (int i = 0; i < rounds; i++) {
        decode_bytes(VITALS, example, sizeof example - 1, false);
    }
    timespec_get(&end, TIME_UTC);
    double ns = (double)(end.tv_sec - begin.tv_sec) * 1e9 +
                (double)(end.tv_nsec - begin.tv_nsec);
    print_message("%zu bytes, 7 readings: %.2f us\n", sizeof example - 1,
                  ns / rounds / 1000);
}

/* The answer says what became of it. */
static void an_item_has_one_answer(void **state)
{
    (void)state;
    decode(THERAPY, OBS("{\"code\":\"o2_device\",\"value\":\"mask\",\"flow\":900}"));
    assert_string_equal(entry()->value, "unknown");
    assert_int_equal(refusal()->reason, VG_CODE_UNKNOWN);
    decode(THERAPY, OBS("{\"code\":\"o2_device\",\"value\":\"mask\",\"flow\":900,"
                        "\"fio2\":\"x\"}"));
    assert_string_equal(entry()->value, "unknown");
    assert_int_equal(refusal()->reason, VG_CODE_UNKNOWN);
    decode(THERAPY, OBS("{\"code\":\"vasopressor\",\"value\":\"terlipressin\","
                        "\"on\":\"yes\"}"));
    assert_int_equal(decoded.message.entry_count, 0);
    assert_int_equal(refusal()->reason, VG_WRONG_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_has_one_answer),
        cmocka_unit_test(the_example_is_understood),
        cmocka_unit_test(whole_messages_are_refused_with_the_reason),
        cmocka_unit_test(seq_goes_up_to_where_doubles_stop_to_count),
        cmocka_unit_test(the_sender_is_known_though_refused),
        cmocka_unit_test(a_large_number_is_its_items_affair),
        cmocka_unit_test(a_list_has_at_most_256_items),
        cmocka_unit_test(gateways_are_understood),
        cmocka_unit_test(a_refused_status_is_its_topics_and_has_no_number),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(the_time_it_takes_is_shown),
    };
    return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
