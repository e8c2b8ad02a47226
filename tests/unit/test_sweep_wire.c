/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory ends anywhere while letters are understood and alerts are written: the decoder
 * lives on and understands the same letter the next time; a buffer says that it failed.
 */
#include "decode_help.h"
#include "lib/fail.h"
#include "lib/sample.h"

/* One letter of each kind, small, and one so large that it spills out of the arena. */
#define ITEM "{\"code\":\"hr\",\"value\":88,\"unit\":\"/min\"}"
static const struct {
    const char *topic, *payload;
    enum vg_decoded_kind kind;
} letters[] = {
    {VITALS, OBS(ITEM), VG_DECODED_MESSAGE},
    {LABS, OBS("{\"code\":\"ferritin\",\"value\":1200,\"unit\":\"ug/L\"}"),
     VG_DECODED_MESSAGE},
    {ASSESSMENT, OBS("{\"code\":\"ice\",\"value\":9,\"unit\":\"{score}\"}"),
     VG_DECODED_MESSAGE},
    {THERAPY, OBS("{\"code\":\"infusion\",\"value\":\"start\"}"), VG_DECODED_MESSAGE},
    {EPISODE, "{\"ts\":\"" TS "\",\"do\":\"admit\",\"patient\":\"p-1\"}",
     VG_DECODED_EPISODE},
    {STATUS, "{\"epoch\":\"7f3a\",\"state\":\"online\"}", VG_DECODED_GATEWAY},
    {COMMAND, "{\"id\":\"c\",\"by\":\"nurse:li\",\"do\":\"accept\",\"alert\":\"01JD\"}",
     VG_DECODED_COMMAND},
    {VITALS, "{\"obs\":[", VG_DECODED_REFUSED},
};
#define LETTERS (sizeof letters / sizeof *letters)

static size_t points;

static void a_decoder_is_made_or_is_not(void **state)
{
    bool met = true;

    (void)state;
    for (size_t n = 1; met; n++) {
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        struct vg_decoder *made = vg_decoder_create("vigil/v1");
        met = fail_disarm() > 0;
        points += met;
        assert_true((made == NULL) == met);
        vg_decoder_destroy(made);
    }
}

/* A usual letter needs no memory at all. */
static void usual_letters_need_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < LETTERS; i++) {
        fail_arm(FAIL_MEMORY, 1, FAIL_FROM);
        decode(letters[i].topic, letters[i].payload);
        const size_t failed = fail_disarm();
        if (letters[i].kind != decoded.kind) {
            print_error("letter %zu: %s\n", i,
                        decoded.refusal_count > 0 ? decoded.refusal[0].detail : "");
        }
        assert_int_equal(failed, 0);
        assert_int_equal(decoded.kind, letters[i].kind);
    }
}

/* Many small members: what a tree of the legal size takes the most of. */
static char *freak(void)
{
    const size_t length = VG_MESSAGE_BYTES - 1024;
    char *text = calloc(1, VG_MESSAGE_BYTES);

    assert_non_null(text);
    strcpy(text, HEAD ",\"obs\":[" ITEM "],\"x\":[1");
    for (size_t at = strlen(text); at < length; at += 2) {
        memcpy(text + at, ",1", 3);
    }
    strcat(text, "]}");
    return text;
}

static void a_freak_is_refused_or_understood(void **state)
{
    char *text = freak();

    (void)state;
    decode(VITALS, text);
    const enum vg_decoded_kind usual = decoded.kind;
    for (size_t way = 0; way < 2; way++) {
        bool met = true;
        for (size_t n = 1; met; n += n < 20 ? 1 : n / 3) {
            fail_arm(FAIL_MEMORY, n, fail_ways[way]);
            decode(VITALS, text);
            met = fail_disarm() > 0;
            points += met;
            assert_int_equal(decoded.kind, met ? VG_DECODED_REFUSED : usual);
            if (met) {
                assert_true(decoded.refusal[0].detail[0] != '\0');
            }
            decode(VITALS, letters[0].payload);
            assert_int_equal(decoded.kind, VG_DECODED_MESSAGE);
            assert_int_equal(reading()->value, 88);
        }
    }
    free(text);
}

static void a_buffer_says_that_it_failed(void **state)
{
    const struct vg_alert alert = sample_alert("onc-0", 1);
    struct vg_buffer whole = {0};
    bool met = true;

    (void)state;
    vg_encode_alert(&whole, &alert, true);
    for (size_t n = 1; met; n++) {
        struct vg_buffer b = {0};
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        vg_encode_alert(&b, &alert, true);
        met = fail_disarm() > 0;
        points += met;
        assert_true(b.failed == met);
        vg_buffer_clear(&b); /* and can be used again */
        vg_encode_alert(&b, &alert, true);
        assert_false(b.failed);
        assert_string_equal(b.bytes, whole.bytes);
        vg_buffer_finish(&b);
    }
    vg_buffer_finish(&whole);
}

/* An alert as stored, and a line of a recording. */
static void what_was_written_reads_back(void **state)
{
    const struct vg_alert alert = sample_alert("onc-0", 1);
    struct vg_buffer json = {0};
    bool met = true;

    (void)state;
    vg_encode_alert(&json, &alert, true);
    for (size_t n = 1; met; n++) {
        struct vg_alert back;
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        const enum vg_status status = vg_decode_alert(json.bytes, json.length, &back);
        met = fail_disarm() > 0;
        points += met;
        assert_true(met ? status != VG_OK : status == VG_OK);
    }
    vg_buffer_finish(&json);
}

static void a_line_is_read_or_says_why_not(void **state)
{
    static const char line[] = "{\"at\":\"" TS "\",\"topic\":\"a/b\",\"payload\":{}}";
    bool met = true;

    (void)state;
    for (size_t n = 1; met; n++) {
        struct vg_buffer keep = {0};
        struct vg_replay_line out;
        struct vg_error error = {""};
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        const enum vg_status status =
            vg_replay_parse(line, sizeof line - 1, &keep, &out, &error);
        met = fail_disarm() > 0;
        points += met;
        assert_true(met ? status != VG_OK && error.text[0] != '\0' : status == VG_OK);
        vg_buffer_finish(&keep);
    }
}

static int tell(void **state)
{
    print_message("%zu points failed\n", points);
    return free_decoder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decoder_is_made_or_is_not),
        cmocka_unit_test(usual_letters_need_none),
        cmocka_unit_test(a_freak_is_refused_or_understood),
        cmocka_unit_test(a_buffer_says_that_it_failed),
        cmocka_unit_test(what_was_written_reads_back),
        cmocka_unit_test(a_line_is_read_or_says_why_not),
    };
    return cmocka_run_group_tests(tests, make_decoder, tell);
}
