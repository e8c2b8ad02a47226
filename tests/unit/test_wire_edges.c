/* SPDX-License-Identifier: Apache-2.0
 *
 * The edges of what comes in and what goes out: letters far too long, commands about what is in
 * quarantine, lines of recordings, times, dates and codes of a search, notes of FHIR resources.
 */
#include <stdio.h>
#include <stdlib.h>

#include "decode_help.h"
#include "wire/fhir.h"

/* ---- Letters */

#define LONGEST (4 * 65536) /* more than that is not parsed */

/* Too long is said once, whatever else is wrong with it, and its sender is found if it can be. */
static void letters_far_too_long(void **state)
{
    static const struct {
        size_t length;
        const char *piece; /* repeated behind the head */
    } rows[] = {
        {LONGEST, " "},
        {LONGEST + 1, " "},
        {LONGEST, ",{\"\":0}"}, /* more keys than are looked at */
    };
    char *text = malloc(LONGEST + 2);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t used = (size_t)sprintf(text, "%s,\"obs\":[{\"\":0}", HEAD);
        const size_t piece = strlen(rows[i].piece);
        while (used + piece + 2 < rows[i].length) {
            memcpy(text + used, rows[i].piece, piece);
            used += piece;
        }
        memset(text + used, ' ', rows[i].length - used);
        memcpy(text + rows[i].length - 2, "]}", 2);
        decode_bytes(VITALS, text, rows[i].length, false);
        assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
        assert_int_equal(refusal()->reason, VG_TOO_BIG);
        if (rows[i].piece[0] == ' ') {
            assert_string_equal(decoded.origin.gateway, "gw-03");
        }
    }
    free(text);
}

/* A topic that is none of ours is said, however long it is. */
static void topics_of_any_length(void **state)
{
    static const char *const topics[] = {
        "else/where",
        "vigil/v1/beds/onc-7/12/something-that-is-much-longer-than-any-part-of-a-topic-can-"
        "be-and-longer-than-is-shown"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        decode(topics[i], OBS("{\"code\":\"hr\",\"value\":80,\"unit\":\"/min\"}"));
        assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
        assert_int_equal(refusal()->reason, VG_BAD_ID);
        assert_non_null(strstr(refusal()->detail, "the topic is none of ours: "));
    }
}

/* ---- Values at their limits */

static void values_at_their_limits(void **state)
{
    static const struct {
        const char *topic, *item;
        enum vg_reason reason;
    } rows[] = {
        {LABS, "{\"code\":\"ferritin\",\"value\":900000000000000,\"unit\":\"ng/mL\"}",
         VG_OUT_OF_RANGE},
        {VITALS, "{\"code\":\"gcs\",\"value\":12.5}", VG_WRONG_TYPE},
        {VITALS, "{\"code\":\"spo2\",\"value\":95,\"unit\":\"%\",\"pi\":1e30}",
         VG_OUT_OF_RANGE},
        {ASSESSMENT, "{\"code\":\"ice\",\"value\":8,\"unit\":\"mg\"}", VG_UNIT_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"ice\",\"value\":8,\"unit\":7}", VG_UNIT_UNKNOWN},
        {ASSESSMENT, "{\"code\":\"ice\",\"ts\":\"never\",\"value\":8}", VG_BAD_TIME},
        {THERAPY, "{\"code\":\"o2_device\",\"value\":\"nasal_cannula\",\"flow\":1e300}",
         VG_OUT_OF_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char payload[512];
        (void)snprintf(payload, sizeof payload, "%s,\"obs\":[%s]}", HEAD, rows[i].item);
        decode(rows[i].topic, payload);
        if (decoded.refusal_count == 0 || decoded.refusal[0].reason != rows[i].reason) {
            fail_msg("row %zu: %zu refusals, %s", i, decoded.refusal_count,
                     decoded.refusal_count > 0 ? decoded.refusal[0].detail : "");
        }
    }
}

/* ---- Commands about quarantine */

#define ASSIGN "{\"id\":\"c\",\"by\":\"nurse:a\",\"do\":\"assign\",\"bed\":\"12\","

static void assignments(void **state)
{
    static const struct {
        const char *rest, *invalid; /* part of it; NULL: taken */
    } rows[] = {
        {"\"patient\":\"p-1\"}", NULL},
        {"\"patient\":\"p-1\",\"named\":\"p-2\",\"from\":1795414320000,\"to\":\"" TS
         "\"}",
         NULL},
        {"\"patient\":\"p 1\"}", "patient"},
        {"\"patient\":7}", "patient"},
        {"\"named\":\"p-2\"}", "patient"},
        {"\"patient\":\"p-1\",\"named\":\"\"}", "named"},
        {"\"patient\":\"p-1\",\"from\":\"soon\"}", "from and to are times"},
        {"\"patient\":\"p-1\",\"to\":\"soon\"}", "from and to are times"},
        {"\"patient\":\"p-1\",\"ts\":\"soon\"}", "ts is not a time"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char payload[256];
        (void)snprintf(payload, sizeof payload, "%s%s", ASSIGN, rows[i].rest);
        decode(COMMAND, payload);
        const char *said = decoded.refusal_count > 0 ? decoded.refusal[0].detail
                           : decoded.kind == VG_DECODED_COMMAND ? decoded.invalid
                                                                : "another kind";
        if (rows[i].invalid == NULL ? said[0] != '\0'
                                    : strstr(said, rows[i].invalid) == NULL) {
            fail_msg("row %zu: %s", i, said);
        }
    }
    decode(COMMAND,
           ASSIGN "\"patient\":\"p-1\",\"named\":\"p-2\",\"from\":1795414320000,"
                  "\"to\":1795414330000}");
    assert_string_equal(decoded.command.patient, "p-1");
    assert_string_equal(decoded.command.named, "p-2");
    assert_int_equal(decoded.command.from.ms, T);
    assert_int_equal(decoded.command.to.ms, T + 10000);
}

/* ---- A command by HTTP: what the address says stands unless the body says it */

static void bodies_are_completed(void **state)
{
    static const struct {
        const char *bed, *by, *body, *whole;
    } rows[] = {
        {"", "nurse:a", "{}",
         "{\"do\":\"pause\",\"alert\":\"A\",\"id\":\"i\",\"by\":\"nurse:a\"}"},
        {"12", "", "{\"for\":\"5m\"}",
         "{\"do\":\"pause\",\"alert\":\"A\",\"id\":\"i\",\"bed\":\"12\",\"for\":\"5m\"}"},
        {"12", "nurse:a", "{\"id\":\"j\",\"bed\":\"13\",\"by\":\"nurse:b\"}",
         "{\"do\":\"pause\",\"alert\":\"A\",\"id\":\"j\",\"by\":\"nurse:b\",\"bed\":\"13\"}"},
        {"", "", "{\"id\":7,\"by\":true}",
         "{\"do\":\"pause\",\"alert\":\"A\",\"id\":7,\"by\":false}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_command_frame frame = {.what = "pause", .alert = "A", .id = "i"};
        frame.bed = rows[i].bed;
        (void)vg_copy(frame.by, sizeof frame.by, rows[i].by);
        struct vg_buffer b = {0};
        struct vg_error error = {""};
        assert_int_equal(
            vg_complete_command(&b, &frame, rows[i].body, strlen(rows[i].body), &error),
            VG_OK);
        vg_put_raw(&b, "");
        assert_string_equal(b.bytes, rows[i].whole);
        vg_buffer_finish(&b);
    }
    /* a name that is too long is nobody's: what is answered does not cut it */
    char body[256];
    struct vg_command_frame frame = {
        .what = "pause", .alert = "A", .id = "i", .bed = ""};
    struct vg_buffer b = {0};
    struct vg_error error = {""};
    (void)snprintf(body, sizeof body, "{\"by\":\"nurse:%0100d\"}", 7);
    assert_int_equal(vg_complete_command(&b, &frame, body, strlen(body), &error),
                     VG_OK);
    assert_string_equal(frame.by, "");
    vg_buffer_finish(&b);
}

/* ---- Searches of FHIR */

static void dates_with_each_prefix(void **state)
{
    /* what lasted from begin to end, against what is written: [100, 110) */
    static const struct {
        enum vg_fhir_prefix prefix;
        int64_t begin, end;
        bool fits;
    } rows[] = {
        {VG_FHIR_NE, 99, 105, true},   {VG_FHIR_NE, 100, 109, false},
        {VG_FHIR_NE, 105, 110, true},  {VG_FHIR_AP, 90, 99, false},
        {VG_FHIR_AP, 90, 100, true},   {VG_FHIR_AP, 109, 120, true},
        {VG_FHIR_AP, 110, 120, false}, {VG_FHIR_SA, 109, 120, false},
        {VG_FHIR_SA, 110, 120, true},  {VG_FHIR_EB, 90, 99, true},
        {VG_FHIR_EB, 90, 100, false},  {VG_FHIR_LE, 109, 200, true},
        {VG_FHIR_LE, 110, 200, false}, {VG_FHIR_PREFIXES, 100, 109, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vg_fhir_date date = {rows[i].prefix, {100}, {110}};
        if (vg_fhir_date_fits(&date, (struct vg_instant){rows[i].begin},
                              (struct vg_instant){rows[i].end}) != rows[i].fits) {
            fail_msg("row %zu", i);
        }
    }
}

static void codes_by_our_own_names(void **state)
{
    const uint64_t pressures = (uint64_t)1 << VG_SBP | (uint64_t)1 << VG_DBP;
    static char many[VG_FHIR_TOKENS * 2 + 8];
    struct vg_fhir_pick pick = {0};

    (void)state;
    assert_int_equal(vg_fhir_pick_codes("urn:vigil:signal|bp", &pick), VG_OK);
    assert_true(pick.signals == pressures);
    pick = (struct vg_fhir_pick){0};
    assert_int_equal(vg_fhir_pick_codes("urn:vigil:signal|sbp", &pick), VG_OK);
    assert_true(pick.signals == pressures); /* they are one observation */
    pick = (struct vg_fhir_pick){0};
    assert_int_equal(vg_fhir_pick_codes("urn:vigil:signal|hr,urn:vigil:signal|seizure,"
                                        "urn:vigil:signal|8867-4",
                                        &pick),
                     VG_OK);
    assert_true(pick.signals == (uint64_t)1 << VG_HR);
    for (size_t i = 0; i < VG_FHIR_TOKENS; i++) {
        (void)strcat(many, "x,");
    }
    many[strlen(many) - 1] = '\0';
    assert_int_equal(vg_fhir_pick_codes(many, &pick), VG_OK);
    (void)strcat(many, ",x");
    assert_int_equal(vg_fhir_pick_codes(many, &pick), VG_FULL);
}

static void notes_say_what_is_doubtful(void **state)
{
    struct vg_fhir_scored score = {.patient = "p-1",
                                   .which = VG_FHIR_CRS,
                                   .value = 1,
                                   .complete = true,
                                   .masked = false,
                                   .at = {T}};
    struct vg_fhir_scored worse = score;
    struct vg_buffer b = {0};

    (void)state;
    vg_fhir_put_scored(&b, &score);
    assert_null(strstr(b.bytes, "A drug may hide fever"));
    worse.value = 3;
    worse.masked = true;
    worse.complete = false;
    worse.evidence_count = 1;
    vg_fhir_scored_merge(&score, &worse);
    assert_int_equal(score.value, 3);
    assert_false(score.complete);
    assert_int_equal(score.evidence_count, 1);
    worse.value = 2;
    worse.masked = false;
    vg_fhir_scored_merge(&score, &worse); /* the worse of both */
    assert_int_equal(score.value, 3);
    assert_true(score.masked);
    assert_int_equal(score.evidence_count, 2);
    vg_buffer_clear(&b);
    vg_fhir_put_scored(&b, &score);
    assert_non_null(strstr(b.bytes, "A drug may hide fever: the grade may be higher."));
    vg_buffer_finish(&b);
}

static void readings_hardly_plausible(void **state)
{
    const struct vg_reading reading = {.signal = VG_HR,
                                       .suspect = true,
                                       .measured = {T},
                                       .raw = {250, 0},
                                       .unit = VG_UNIT_PER_MIN,
                                       .value = 250,
                                       .uln = VG_NO_VALUE,
                                       .lln = VG_NO_VALUE};
    const struct vg_fhir_reading r = {.id = "x",
                                      .patient = "p-1",
                                      .episode = "",
                                      .device = "",
                                      .received = VG_UNSET,
                                      .part = {&reading, NULL},
                                      .value = {{250, 0}, {0, 0}}};
    struct vg_buffer b = {0};

    (void)state;
    vg_fhir_put_reading(&b, &r);
    assert_non_null(strstr(b.bytes, "250 /min is hardly plausible."));
    vg_buffer_finish(&b);
}

/* ---- Times */

static void times_at_their_limits(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* 0: refused */
    } rows[] = {
        {"2026-03-01T00:00:00Z", INT64_C(1772323200000)},
        {"2026-02-00T00:00:00Z", 0},
        {"2026-01-32T00:00:00Z", 0},
        {"2026-11-23T06:12:00.5", 0},
        {"2026-11-23T06:12:00+08:0x", 0},
        {"2026-11-23T06:12:00+x8:00", 0},
        {"2026-11-23T06:12:00+08-00", 0},
        {"2026-11-23T06:12:00+08:00:", 0},
        {"2026-11-23T06:12:00*08:00", 0},
        {"2026-11-23T06:12:00-24:00", 0},
        {"2026-11-23T06:12:00-00:60", 0},
        {"2026-11-23T06:12:00", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_instant at = {0};
        const bool taken =
            vg_time_parse(rows[i].text, strlen(rows[i].text), &at) == VG_OK;
        if (taken != (rows[i].ms != 0) || (taken && at.ms != rows[i].ms)) {
            fail_msg("%s: %lld", rows[i].text, (long long)at.ms);
        }
    }
}

static void recordings_without_a_time(void **state)
{
    static const char *const rows[] = {"{\"topic\":\"t\",\"payload\":{}}",
                                       "{\"at\":\"\"}",
                                       "{\"at\":1}",
                                       "{\"at\":\"2026-11-23T06:12:00Z}",
                                       "{\"at\":1795414320000,7:1}",
                                       "{\"at\":1795414320000,\"",
                                       "{\"at\":1795414320000 ]"};
    struct vg_buffer keep = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_replay_line line;
        struct vg_error error = {""};
        assert_int_equal(
            vg_replay_parse(rows[i], strlen(rows[i]), &keep, &line, &error),
            VG_REFUSED);
        assert_true(error.text[0] != '\0');
    }
    vg_buffer_finish(&keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_far_too_long),
        cmocka_unit_test(topics_of_any_length),
        cmocka_unit_test(values_at_their_limits),
        cmocka_unit_test(assignments),
        cmocka_unit_test(bodies_are_completed),
        cmocka_unit_test(dates_with_each_prefix),
        cmocka_unit_test(codes_by_our_own_names),
        cmocka_unit_test(notes_say_what_is_doubtful),
        cmocka_unit_test(readings_hardly_plausible),
        cmocka_unit_test(times_at_their_limits),
        cmocka_unit_test(recordings_without_a_time),
    };

    return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
