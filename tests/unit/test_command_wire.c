/* SPDX-License-Identifier: Apache-2.0
 *
 * What people ask is understood or answered: a malformed command comes back with a
 * sentence and, where it can be read, its id. What we write of a command reads back.
 */
#include "decode_help.h"

#define ID    "\"id\":\"c-1\",\"by\":\"nurse:li\""
#define ALERT "\"alert\":\"01JDABCDEFGHJKMNPQRSTVWXYZ\""

static struct vg_buffer out;

static int finish(void **state)
{
    vg_buffer_finish(&out);
    return free_decoder(state);
}

static const struct vg_command *command(const char *payload)
{
    decode(COMMAND, payload);
    assert_int_equal(decoded.kind, VG_DECODED_COMMAND);
    assert_int_equal(decoded.refusal_count, 0);
    return &decoded.command;
}

static const struct vg_command *good(const char *payload)
{
    const struct vg_command *c = command(payload);
    assert_string_equal(decoded.invalid, "");
    assert_string_equal(c->ward, "onc-7");
    assert_string_equal(c->client, "tablet");
    return c;
}

static void commands_are_understood(void **state)
{
    (void)state;
    const struct vg_command *c =
        good("{" ID ",\"do\":\"acknowledge\"," ALERT ",\"rev\":3,\"ts\":\"" TS "\"}");
    assert_string_equal(c->id, "c-1");
    assert_string_equal(c->by, "nurse:li");
    assert_int_equal(c->what, VG_DO_ACKNOWLEDGE);
    assert_string_equal(c->alert, "01JDABCDEFGHJKMNPQRSTVWXYZ");
    assert_int_equal(c->rev, 3);
    assert_int_equal(c->ts.ms, T);
    assert_int_equal(c->span, 0);
    c = good("{" ID ",\"do\":\"shelve\"," ALERT
             ",\"for\":\"15m\",\"reason\":\"known\"}");
    assert_int_equal(c->span, 15 * VG_MINUTE);
    assert_string_equal(c->reason, "known");
    assert_int_equal(c->rev, 0);
    assert_false(vg_is_set(c->ts));
    c = good("{" ID ",\"do\":\"pause\",\"bed\":\"12\",\"for\":90.5,\"reason\":\"CT\"}");
    assert_int_equal(c->span, 90500);
    assert_string_equal(c->bed, "12");
    c = good(
        "{\"id\":\"r\",\"do\":\"displayed\",\"page\":\"01JDP\",\"ts\":1795414320000}");
    assert_int_equal(c->what, VG_DO_DISPLAYED);
    assert_string_equal(c->page, "01JDP");
    assert_string_equal(c->by, "");
    assert_int_equal(c->ts.ms, T);
}

static void names_that_vary_are_understood(void **state)
{
    static const struct {
        const char *field;
        enum vg_judgement judgement;
    } rows[] = {
        {"\"judgement\":\"artefact\"", VG_ARTEFACT},
        {"\"value\":\"false\"", VG_FALSE_ALARM},
        {"\"as\":\"not_relevant\"", VG_NOT_RELEVANT},
        {"\"as\":null,\"value\":\"actionable\"", VG_ACTIONABLE},
        {"\"value\":\"false\",\"judgement\":\"artefact\"", VG_ARTEFACT},
    };
    static const char *const notes[] = {"note", "text", "reason"};
    char payload[256];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(payload, sizeof payload, "{" ID ",\"do\":\"judge\"," ALERT ",%s}",
                 rows[i].field);
        assert_int_equal(good(payload)->judgement, rows[i].judgement);
    }
    for (size_t i = 0; i < 3; i++) {
        snprintf(payload, sizeof payload,
                 "{" ID ",\"do\":\"note\"," ALERT ",\"%s\":\"seen\"}", notes[i]);
        assert_string_equal(good(payload)->reason, "seen");
    }
}

static void malformed_commands_are_answered(void **state)
{
#define ACCEPT "{" ID ",\"do\":\"accept\"," ALERT
    static const struct {
        const char *payload, *id, *says;
    } rows[] = {
        {"", "", "byte 0"},
        {"hello", "", "byte 0"},
        {"[]", "", "object"},
        {"{}", "", "id is missing"},
        {"{\"do\":\"accept\"," ALERT "}", "", "id is missing"},
        {"{\"ID\":\"c\",\"do\":\"accept\"}", "", "id is missing"},
        {"{\"id\":7}", "", "id must be"},
        {"{\"id\":\"\"}", "", "id must be"},
        {"{\"id\":\"a\\nb\"}", "", "id must be"},
        {"{\"id\":\"12345678901234567890123456789012345678901234567890123456789012345\"}",
         "", "id must be"},
        {"{" ID "}", "c-1", "do is missing"},
        {"{" ID ",\"do\":1}", "c-1", "do must be"},
        {"{" ID ",\"do\":\"mute\"}", "c-1", "there is no do \"mute\""},
        {"{" ID ",\"do\":\"accept\"}", "c-1", "alert is missing, which accept needs"},
        {"{\"id\":\"c\",\"do\":\"accept\"," ALERT "}", "c", "by is missing"},
        {"{\"id\":\"c\",\"by\":\"li\",\"do\":\"accept\"}", "c", "by must be role:name"},
        {"{\"id\":\"c\",\"by\":\":li\",\"do\":\"accept\"}", "c", "by must be"},
        {"{\"id\":\"c\",\"by\":\"nurse:\",\"do\":\"accept\"}", "c", "by must be"},
        {"{\"id\":\"c\",\"by\":\"nurse: \",\"do\":\"accept\"}", "c", "by must be"},
        {"{\"id\":\"c\",\"by\":\"\",\"do\":\"accept\"}", "c", "by must be"},
        {"{\"id\":\"c\",\"by\":\"Nurse:li\",\"do\":\"accept\"}", "c", "by must be"},
        {"{\"id\":\"c\",\"by\":\"n:\\u001b[2J\",\"do\":\"accept\"}", "c", "by must be"},
        {"{\"id\":\"c\",\"by\":\"n:\\u202eil\",\"do\":\"accept\"}", "c", "by must be"},
        {"{\"id\":\"c\",\"by\":\"n:l\\u200bi\",\"do\":\"accept\"}", "c", "by must be"},
        {"{\"id\":\"c\",\"do\":\"a\\u202ec\"}", "c", "no do \"a c\""},
        {"{\"id\":\"c\",\"by\":5,\"do\":\"accept\"}", "c", "by must be"},
        {"{" ID ",\"do\":\"accept\",\"alert\":\"a/b\"}", "c-1", "alert must be"},
        {"{" ID ",\"do\":\"accept\",\"alert\":\"01JDABCDEFGHJKMNPQRSTVWXYZ0\"}", "c-1",
         "alert must be"},
        {ACCEPT ",\"rev\":\"3\"}", "c-1", "rev must be"},
        {ACCEPT ",\"rev\":0}", "c-1", "rev must be"},
        {ACCEPT ",\"rev\":1.5}", "c-1", "rev must be"},
        {ACCEPT ",\"rev\":4294967296}", "c-1", "rev must be"},
        {ACCEPT ",\"ts\":\"now\"}", "c-1", "ts is not"},
        {ACCEPT ",\"for\":\"soon\"}", "c-1", "for must be"},
        {ACCEPT ",\"for\":0}", "c-1", "for must be"},
        {ACCEPT ",\"for\":-60}", "c-1", "for must be"},
        {ACCEPT ",\"for\":\"-5m\"}", "c-1", "for must be"},
        {ACCEPT ",\"for\":\"367d\"}", "c-1", "for must be"},
        {ACCEPT ",\"for\":1e300}", "c-1", "for must be"},
        {ACCEPT ",\"for\":true}", "c-1", "for must be"},
        {ACCEPT ",\"for\":1e999}", "c-1", "too large"},
        {ACCEPT ",\"for\":NaN}", "", "byte"},
        {ACCEPT ",\"reason\":{}}", "c-1", "reason must be"},
        {ACCEPT ",\"x\":[[[[[[[[1]]]]]]]]}", "", "byte"},
        {ACCEPT ",\"id\":\"twice\"}", "", "byte"},
        {"{" ID ",\"do\":\"judge\"," ALERT "}", "c-1", "judgement is missing"},
        {"{" ID ",\"do\":\"judge\"," ALERT ",\"as\":\"silly\"}", "c-1",
         "judgement must"},
        {"{" ID ",\"do\":\"judge\"," ALERT ",\"as\":false}", "c-1", "judgement must"},
        {"{" ID ",\"do\":\"pause\",\"for\":60,\"reason\":\"r\"}", "c-1",
         "bed is missing"},
        {"{" ID ",\"do\":\"pause\",\"bed\":\"B 1\"}", "c-1", "bed must be"},
        {"{" ID ",\"do\":\"received\"}", "c-1", "page is missing"},
        {"{" ID ",\"do\":\"received\",\"page\":7}", "c-1", "page must be"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vg_command *c = command(rows[i].payload);
        if (strstr(decoded.invalid, rows[i].says) == NULL) {
            print_error("%s: \"%s\"\n", rows[i].payload, decoded.invalid);
        }
        assert_non_null(strstr(decoded.invalid, rows[i].says));
        assert_string_equal(c->id, rows[i].id);
        assert_string_equal(c->client, "tablet");
        assert_true(c->what < VG_DO_COUNT && c->judgement < VG_JUDGEMENT_COUNT);
    }
}

static void retained_and_large_ones_are_answered(void **state)
{
    static char large[VG_MESSAGE_BYTES + 100];
    static const char payload[] = ACCEPT "}";
    (void)state;
    decode_bytes(COMMAND, payload, sizeof payload - 1, true);
    assert_int_equal(decoded.kind, VG_DECODED_COMMAND);
    assert_non_null(strstr(decoded.invalid, "must not be retained"));
    assert_string_equal(decoded.command.id, "c-1");
    memset(large, ' ', sizeof large);
    memcpy(large, payload, sizeof payload - 1);
    decode_bytes(COMMAND, large, sizeof large, false);
    assert_int_equal(decoded.kind, VG_DECODED_COMMAND);
    assert_non_null(strstr(decoded.invalid, "the limit is"));
    assert_string_equal(decoded.command.id, "c-1");
}

/* Nowhere to answer to: refused like any other letter. */
static void a_topic_that_is_none_is_refused(void **state)
{
    (void)state;
    decode("vigil/v1/wards/onc-7/commands/T A", ACCEPT "}");
    assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
    assert_int_equal(refusal()->reason, VG_BAD_ID);
}

/* Every length around the limit, with characters of one to four bytes. */
static void reasons_are_cut_between_characters(void **state)
{
    static const char *const characters[] = {"x", "\xc3\xa4", "\xe6\x82\xa3",
                                             "\xf0\x9f\x98\xb7"};
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        const size_t size = strlen(characters[k]);
        for (size_t shift = 0; shift < 4; shift++) {
            char payload[1024];
            snprintf(payload, sizeof payload, ACCEPT ",\"reason\":\"%.*s", (int)shift,
                     "aaaa");
            for (size_t i = 0; i < 200; i++) {
                strcat(payload, characters[k]);
            }
            strcat(payload, "\"}");
            const struct vg_command *c = good(payload);
            assert_int_equal(strlen(c->reason),
                             shift + (VG_REASON_LEN - shift) / size * size);
        }
    }
    /* One line, whatever was sent: it is shown in tables. */
    const struct vg_command *c = good(ACCEPT ",\"reason\":\"a\\n\\u001bb\\tc\"}");
    assert_string_equal(c->reason, "a  b c");
    c = good(ACCEPT ",\"reason\":\" \\n\"}");
    assert_string_equal(c->reason, "");
}

static void a_command_reads_back(void **state)
{
    static const struct vg_command rows[] = {
        {.id = "c",
         .by = "nurse:li",
         .what = VG_DO_ACKNOWLEDGE,
         .alert = "01JD",
         .rev = 4294967295,
         .ts = {T}},
        {.id = "c",
         .by = "nurse:li",
         .what = VG_DO_SHELVE,
         .alert = "01JD",
         .span = 900 * VG_SECOND,
         .reason = "say \"no\"",
         .ts = {T}},
        {.id = "c",
         .by = "nurse:li",
         .what = VG_DO_JUDGE,
         .alert = "01JD",
         .judgement = VG_FALSE_ALARM,
         .ts = {T}},
        {.id = "c",
         .by = "nurse:li",
         .what = VG_DO_NOTE,
         .alert = "01JD",
         .reason = "seen",
         .ts = {T}},
        {.id = "c",
         .by = "nurse:li",
         .what = VG_DO_PAUSE,
         .bed = "12",
         .span = 1500,
         .reason = "CT",
         .ts = {T}},
        {.id = "c", .what = VG_DO_RECEIVED, .page = "01JDP", .ts = {T}},
        {.id = "c",
         .by = "nurse:li",
         .what = VG_DO_ASSIGN,
         .bed = "12",
         .patient = "p-1",
         .named = "p-2",
         .from = {T},
         .to = {T + 1},
         .reason = "monitor moved",
         .ts = {T}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vg_command *c = &rows[i];
        vg_buffer_clear(&out);
        vg_encode_command(&out, c);
        const struct vg_command *back = good(out.bytes);
        assert_string_equal(back->id, c->id);
        assert_string_equal(back->by, c->by);
        assert_int_equal(back->what, c->what);
        assert_string_equal(back->alert, c->alert);
        assert_int_equal(back->rev, c->rev);
        assert_int_equal(back->span, c->span);
        assert_string_equal(back->reason, c->reason);
        assert_int_equal(back->judgement, c->judgement);
        assert_string_equal(back->bed, c->bed);
        assert_string_equal(back->page, c->page);
        assert_int_equal(back->ts.ms, c->ts.ms);
        assert_string_equal(back->patient, c->patient);
        assert_string_equal(back->named, c->named);
        if (c->what == VG_DO_ASSIGN) {
            assert_int_equal(back->from.ms, c->from.ms);
            assert_int_equal(back->to.ms, c->to.ms);
        }
    }
}

static void answers_are_written(void **state)
{
    const struct vg_answer done = {.id = "c-1", .result = VG_RESULT_OK, .rev = 4};
    const struct vg_answer wrong = {.result = VG_RESULT_INVALID,
                                    .detail = "id is missing"};
    (void)state;
    vg_buffer_clear(&out);
    vg_encode_answer(&out, &done, (struct vg_instant){T});
    assert_string_equal(out.bytes, "{\"id\":\"c-1\",\"result\":\"ok\",\"rev\":4,"
                                   "\"detail\":\"\",\"ts\":\"" TS "\"}");
    vg_buffer_clear(&out);
    vg_encode_answer(&out, &wrong, (struct vg_instant){T});
    assert_string_equal(out.bytes, "{\"id\":\"\",\"result\":\"invalid\",\"rev\":null,"
                                   "\"detail\":\"id is missing\",\"ts\":\"" TS "\"}");
}

/* Each byte changed to each value: no crash, and always an answer. */
static void damage_is_survived(void **state)
{
    static const char example[] = "{" ID ",\"do\":\"shelve\"," ALERT
                                  ",\"rev\":3,\"for\":\"15m\",\"reason\":\"r\"}";
    char copy[sizeof example];
    (void)state;
    for (size_t i = 0; i < sizeof example - 1; i++) {
        memcpy(copy, example, sizeof example);
        for (int value = 0; value < 256; value++) {
            copy[i] = (char)value;
            decode_bytes(COMMAND, copy, sizeof example - 1, false);
            assert_int_equal(decoded.kind, VG_DECODED_COMMAND);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_understood),
        cmocka_unit_test(names_that_vary_are_understood),
        cmocka_unit_test(malformed_commands_are_answered),
        cmocka_unit_test(retained_and_large_ones_are_answered),
        cmocka_unit_test(a_topic_that_is_none_is_refused),
        cmocka_unit_test(reasons_are_cut_between_characters),
        cmocka_unit_test(a_command_reads_back),
        cmocka_unit_test(answers_are_written),
        cmocka_unit_test(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, make_decoder, finish);
}
