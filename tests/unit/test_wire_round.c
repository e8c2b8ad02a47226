/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes out and comes back, or is searched by its name: commands with every field, observations
 * with notes, ranges and sites, ids of scores. Beside test_wire_edges.c and test_fhir.c.
 */
#include <inttypes.h>
#include <stdio.h>

#include "decode_help.h"
#include "wire/fhir.h"

static void commands_there_and_back(void **state)
{
    static const struct {
        int64_t from, to, ts;
        vg_ms span;
    } rows[] = {{0, 0, 0, 0},     {T, 0, 0, 0},
                {0, T + 1, 0, 0}, {T, T + 1000, T + 2000, 0},
                {0, 0, T, 90500}, {0, 0, 0, 90000}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vg_command c = {
            .id = "c-1",
            .by = "nurse:a",
            .what = VG_DO_ASSIGN,
            .bed = "12",
            .patient = "p-1",
            .named = "p-2",
            .reason = "moved",
            .span = rows[i].span,
            .from = rows[i].from != 0 ? (struct vg_instant){rows[i].from} : VG_UNSET,
            .to = rows[i].to != 0 ? (struct vg_instant){rows[i].to} : VG_NEVER,
            .ts = rows[i].ts != 0 ? (struct vg_instant){rows[i].ts} : VG_UNSET};
        struct vg_buffer b = {0};
        vg_encode_command(&b, &c);
        decode_bytes(COMMAND, b.bytes, b.length, false);
        assert_int_equal(decoded.kind, VG_DECODED_COMMAND);
        assert_string_equal(decoded.invalid, "");
        const struct vg_command *back = &decoded.command;
        assert_string_equal(back->patient, c.patient);
        assert_string_equal(back->named, c.named);
        assert_string_equal(back->reason, c.reason);
        assert_int_equal(back->span, c.span);
        assert_int_equal(back->from.ms, c.from.ms);
        assert_int_equal(back->to.ms, c.to.ms);
        assert_int_equal(back->ts.ms, c.ts.ms);
        vg_buffer_finish(&b);
    }
}

/* ---- Observations */

static void put(struct vg_buffer *b, const struct vg_reading *first,
                const struct vg_reading *second, struct vg_decimal value)
{
    const struct vg_fhir_reading r = {.id = "x",
                                      .patient = "p-1",
                                      .episode = "e-1",
                                      .device = "",
                                      .received = VG_UNSET,
                                      .part = {first, second},
                                      .value = {value, value}};

    vg_buffer_clear(b);
    vg_fhir_put_reading(b, &r);
    assert_false(b->failed);
}

static struct vg_reading read_of(enum vg_signal signal, int64_t raw, enum vg_unit unit)
{
    return (struct vg_reading){.signal = signal,
                               .source = VG_SOURCE_SPOT,
                               .raw = {raw, 0},
                               .unit = unit,
                               .measured = {T},
                               .pi = -1,
                               .uln = VG_NO_VALUE,
                               .lln = VG_NO_VALUE};
}

static void has(const struct vg_buffer *b, const char *piece, bool there)
{
    if ((strstr(b->bytes, piece) != NULL) != there) {
        fail_msg("%s: %s", piece, b->bytes);
    }
}

/* What was sent otherwise, what is doubtful, and both. */
static void notes_of_readings(void **state)
{
    struct vg_reading creat = read_of(VG_CREAT, 100, VG_UNIT_UMOL_PER_L);
    struct vg_buffer b = {0};

    (void)state;
    put(&b, &creat, NULL, (struct vg_decimal){1131, 3});
    has(&b, "Sent as 100 umol/L.", true);
    has(&b, "questionable", false);
    creat.quality = VG_QUALITY_QUESTIONABLE;
    creat.suspect = true;
    put(&b, &creat, NULL, (struct vg_decimal){1131, 3});
    has(&b, "Sent as 100 umol/L.", true);
    has(&b, "The sender called 100 umol/L questionable.", true);
    has(&b, "hardly plausible", false); /* once is enough */
    creat.unit = VG_UNIT_MG_PER_DL;
    creat.quality = VG_QUALITY_VALID;
    creat.suspect = false;
    put(&b, &creat, NULL, (struct vg_decimal){1131, 3});
    has(&b, "\"note\"", false);
    creat.out_of_range = creat.suspect = true;
    put(&b, &creat, NULL, (struct vg_decimal){1131, 3});
    has(&b, "not usable as a number.", true);
    has(&b, "hardly plausible", false);
    vg_buffer_finish(&b);
}

static void ranges_of_laboratories(void **state)
{
    static const struct {
        int64_t lln, uln;
        const char *low, *high; /* NULL: not there */
    } rows[] = {
        {VG_NO_VALUE, VG_NO_VALUE, NULL, NULL},
        {3500000, VG_NO_VALUE, "\"low\":{\"value\":3.5", NULL},
        {VG_NO_VALUE, 5100000, NULL, "\"high\":{\"value\":5.1"},
        {3500000, 5100000, "\"low\":{\"value\":3.5", "\"high\":{\"value\":5.1"}};
    struct vg_buffer b = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_reading k = read_of(VG_K, 4, VG_UNIT_MMOL_PER_L);
        k.lln = rows[i].lln;
        k.uln = rows[i].uln;
        put(&b, &k, NULL, (struct vg_decimal){4, 0});
        has(&b, "referenceRange", rows[i].low != NULL || rows[i].high != NULL);
        has(&b, rows[i].low != NULL ? rows[i].low : "\"low\"", rows[i].low != NULL);
        has(&b, rows[i].high != NULL ? rows[i].high : "\"high\"", rows[i].high != NULL);
    }
    vg_buffer_finish(&b);
}

/* One of two pressures is missing: it is said to be, and no number stands for it. */
static void pressures_with_one_part(void **state)
{
    const struct vg_reading sbp = read_of(VG_SBP, 120, VG_UNIT_MMHG);
    const struct vg_reading dbp = read_of(VG_DBP, 70, VG_UNIT_MMHG);
    struct vg_buffer b = {0};

    (void)state;
    put(&b, &sbp, &dbp, (struct vg_decimal){120, 0});
    has(&b, "\"dataAbsentReason\"", false);
    put(&b, &sbp, NULL, (struct vg_decimal){120, 0});
    has(&b, "\"dataAbsentReason\"", true);
    put(&b, NULL, &dbp, (struct vg_decimal){70, 0});
    has(&b, "\"dataAbsentReason\"", true);
    has(&b, "\"value\":70", true);
    vg_buffer_finish(&b);
}

static void sites_of_temperatures(void **state)
{
    static const enum vg_method methods[] = {VG_METHOD_NONE, VG_METHOD_ORAL,
                                             VG_METHOD_TYMPANIC, VG_METHOD_CORE};
    struct vg_buffer b = {0};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct vg_reading temp = read_of(VG_TEMP, 38, VG_UNIT_CEL);
        temp.method = methods[i];
        put(&b, &temp, NULL, (struct vg_decimal){38, 0});
        has(&b, "\"bodySite\"", methods[i] != VG_METHOD_NONE);
        has(&b, "\"8310-5\"", true); /* what every temperature is */
    }
    vg_buffer_finish(&b);
}

/* A page that was received says when. */
static void pages_that_were_received(void **state)
{
    static const struct vg_alert alert = {.id = "01JD",
                                          .rule = "FEVER",
                                          .text = "t",
                                          .severity = VG_URGENT,
                                          .patient = "p-1"};
    struct vg_buffer b = {0};

    (void)state;
    for (int received = 0; received < 2; received++) {
        const struct vg_fhir_told told = {
            .id = "c",
            .who = "nurse",
            .what = "call",
            .text = "",
            .at = {T},
            .received = received == 1 ? (struct vg_instant){T + 5000} : VG_UNSET,
            .result = "",
            .alert = &alert};
        vg_buffer_clear(&b);
        vg_fhir_put_communication(&b, &told);
        has(&b, "\"received\":\"2026-11-23T06:12:05.000Z\"", received == 1);
        has(&b, received == 1 ? "\"completed\"" : "\"in-progress\"", true);
    }
    vg_buffer_finish(&b);
}

/* ---- Ids */

static void scores_are_named_by_what_they_are(void **state)
{
    char id[VG_FHIR_ID_LEN + 1];
    char owner[VG_FHIR_OWNER_LEN + 1];
    struct vg_fhir_named named;

    (void)state;
    vg_fhir_owner("p-1", owner);
    for (unsigned i = 0; i < VG_FHIR_SCORES; i++) {
        const struct vg_fhir_scored score = {
            .patient = "p-1", .which = (enum vg_fhir_score)i, .at = {T}};
        vg_fhir_scored_id(id, &score);
        assert_int_equal(vg_fhir_observation_named(id, &named), VG_OK);
        assert_int_equal(named.scores, 1U << i);
        assert_true(named.signals == 0);
        assert_int_equal(named.at.ms, T);
        assert_string_equal(named.owner, owner);
    }
}

/* Any one character of an id put wrong names nothing, or something else. */
static void a_damaged_id_names_nothing_of_it(void **state)
{
    const struct vg_reading hr = read_of(VG_HR, 80, VG_UNIT_PER_MIN);
    char id[VG_FHIR_ID_LEN + 1];
    struct vg_fhir_named good;
    struct vg_fhir_named named;

    (void)state;
    vg_fhir_reading_id(id, "p-1", &hr, 0);
    assert_int_equal(vg_fhir_observation_named(id, &good), VG_OK);
    const size_t tail = strcspn(id, "-") + 1 + strlen("hr-") + 13; /* of the source */
    for (size_t i = 0; i < tail; i++) {
        for (const char *c = "-09azAZ. "; *c != '\0'; c++) {
            char other[VG_FHIR_ID_LEN + 1];
            (void)vg_copy(other, sizeof other, id);
            if (other[i] == *c) {
                continue;
            }
            other[i] = *c;
            if (vg_fhir_observation_named(other, &named) == VG_OK) {
                assert_true(strcmp(named.owner, good.owner) != 0 ||
                            named.signals != good.signals || named.at.ms != good.at.ms);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_there_and_back),
        cmocka_unit_test(notes_of_readings),
        cmocka_unit_test(ranges_of_laboratories),
        cmocka_unit_test(pressures_with_one_part),
        cmocka_unit_test(sites_of_temperatures),
        cmocka_unit_test(pages_that_were_received),
        cmocka_unit_test(scores_are_named_by_what_they_are),
        cmocka_unit_test(a_damaged_id_names_nothing_of_it),
    };

    return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
