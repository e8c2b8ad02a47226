/* SPDX-License-Identifier: Apache-2.0
 *
 * What we write is the contract's words in the contract's order, and an alert that
 * is read back is the alert that was written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

#define T INT64_C(1795414320000)

static struct vg_buffer out;

static int free_buffer(void **state)
{
    (void)state;
    vg_buffer_finish(&out);
    return 0;
}

static const struct vg_alert sample = {
    .id = "01JDABCDEFGHJKMNPQRSTVWXYZ",
    .rev = 3,
    .n = 812,
    .event = VG_RAISED,
    .at = {T},
    .ward = "onc-7",
    .bed = "12",
    .patient = "p-0042",
    .episode = "01JDEP",
    .rule = "HYPOTENSION",
    .class_ = VG_CLASS_HAEMODYNAMIC,
    .severity = VG_CRITICAL,
    .peak = VG_CRITICAL,
    .condition = VG_CLEARING,
    .latched = true,
    .late = false,
    .onset = {T - 300000},
    .raised = {T},
    .clear_since = {T + 1},
    .since_infusion = 172800 * VG_SECOND,
    .text = "SBP 84 mm[Hg], \"below\" 90",
    .reference = "Site protocol",
    .text_zh = "收缩压 84 mm[Hg]，低于 90",
    .reference_zh = "本院方案",
    .evidence_count = 2,
    .evidence = {{VG_SBP, 84, {T}, VG_SOURCE_CUFF},
                 {VG_TEMP, 384, {T - 1}, VG_SOURCE_SPOT}},
    .missing = UINT64_C(1) << VG_RR | UINT64_C(1) << VG_ICE,
    .offer = VG_OFFERED_STATE,
    .ladder = "critical",
    .step = 1,
    .target_count = 2,
    .target = {"bedside-nurse", "charge-nurse"},
    .respond_by = {T + 120000},
    .claim_count = 2,
    .claim = {{VG_CLAIM_ACKNOWLEDGE, VG_CRITICAL, {T}, {T + 600000}, "nurse:li", ""},
              {VG_CLAIM_SILENCE, VG_URGENT, {T + 1}, {T + 120001}, "charge:wu", "MRI"}},
    .remark = "acknowledged by nurse:li",
    .care = {.hold_until = {INT64_MAX}},
    .protocol = "car-nk",
    .version = "2026.1",
    .digest = "ab12",
    .scores = {.crs = 2, .icans = VG_GRADE_NULL, .news2 = 7, .masked = true},
};

static void an_alert_is_written_in_order(void **state)
{
    (void)state;
    static const char *const keys[] = {"id",
                                       "rev",
                                       "n",
                                       "event",
                                       "ts",
                                       "ward",
                                       "bed",
                                       "patient",
                                       "episode",
                                       "rule",
                                       "class",
                                       "severity",
                                       "peak",
                                       "condition",
                                       "latched",
                                       "late",
                                       "mode",
                                       "onset",
                                       "raised",
                                       "since_infusion_s",
                                       "text",
                                       "evidence",
                                       "assessment",
                                       "missing",
                                       "fever_may_be_masked",
                                       "responsibility",
                                       "claims",
                                       "protocol",
                                       "persisted",
                                       "reference",
                                       "disclaimer",
                                       "remark",
                                       "clear_since",
                                       "text_zh",
                                       "reference_zh"};
    vg_buffer_clear(&out);
    vg_encode_alert(&out, &sample, true);
    const char *at = out.bytes;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char key[40];
        snprintf(key, sizeof key, "\"%s\":", keys[i]);
        at = strstr(at, key);
        assert_non_null(at);
    }
    static const char *const parts[] = {
        "\"rev\":3,\"n\":812,\"event\":\"",
        "\"ts\":\"2026-11-23T06:12:00.000Z\",\"ward\":\"onc-7\",\"bed\":\"12\"",
        "\"latched\":true,\"late\":false,\"mode\":\"real\",\"onset\":",
        "\"since_infusion_s\":172800,\"text\":\"SBP 84 mm[Hg], \\\"below\\\" 90\"",
        "\"evidence\":[{\"code\":\"sbp\",\"value\":84,\"unit\":\"mm[Hg]\",\"ts\":",
        "\"source\":\"cuff\"},{\"code\":\"temp\",\"value\":38.4,\"unit\":\"Cel\"",
        "\"assessment\":{\"crs\":{\"grade\":2,\"complete\":true},"
        "\"icans\":{\"grade\":null,\"complete\":false},"
        "\"news2\":{\"score\":7,\"complete\":false}},"
        "\"missing\":[\"rr\",\"ice\"],\"fever_may_be_masked\":true",
        "\"owner\":null,\"ladder\":\"critical\",\"step\":1,\"targets\":",
        "[\"bedside-nurse\",\"charge-nurse\"],\"respond_by\":\"2026-11-23T06:14:00.000Z\","
        "\"hold_until\":null},\"claims\":",
        "\"protocol\":{\"name\":\"car-nk\",\"version\":\"2026.1\",\"digest\":\"ab12\"}",
        "\"claims\":[{\"kind\":\"acknowledge\",\"by\":\"nurse:li\","
        "\"severity\":\"critical\",\"at\":\"2026-11-23T06:12:00.000Z\","
        "\"until\":\"2026-11-23T06:22:00.000Z\",\"reason\":null},{\"kind\":\"silence\",",
        "\"reason\":\"MRI\"}],\"protocol\":",
        "\"remark\":\"acknowledged by nurse:li\",\"clear_since\":",
        "\"persisted\":true,\"reference\":\"Site protocol\"",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        assert_non_null(strstr(out.bytes, parts[i]));
    }
}

static void check_same(const struct vg_alert *a, const struct vg_alert *b)
{
    struct vg_buffer first = {0}, second = {0};
    vg_encode_alert(&first, a, false);
    vg_encode_alert(&second, b, false);
    assert_string_equal(first.bytes, second.bytes);
    vg_buffer_finish(&first);
    vg_buffer_finish(&second);
}

static void an_alert_is_read_back(void **state)
{
    (void)state;
    struct vg_alert back;
    vg_buffer_clear(&out);
    vg_encode_alert(&out, &sample, false);
    assert_int_equal(vg_decode_alert(out.bytes, out.length, &back), VG_OK);
    check_same(&sample, &back);
    assert_string_equal(back.text, sample.text);
    assert_string_equal(back.text_zh, sample.text_zh);
    assert_string_equal(back.reference_zh, sample.reference_zh);
    assert_int_equal(back.clear_since.ms, T + 1);
    assert_int_equal(back.evidence[1].value, 384);
    assert_true(back.missing == sample.missing);
    assert_int_equal(back.since_infusion, sample.since_infusion);
    assert_int_equal(back.offer, sample.offer);
    assert_int_equal(back.event, sample.event);
    assert_int_equal(back.claim_count, 2);
    assert_memory_equal(back.claim, sample.claim, sizeof back.claim);
    assert_string_equal(back.remark, sample.remark);
    assert_string_equal(back.owner, "");
    assert_true(vg_is_never(back.care.hold_until));
}

static void who_has_it_is_read_back(void **state)
{
    (void)state;
    struct vg_alert taken = sample;
    struct vg_alert back;
    taken.offer = VG_ACCEPTED_STATE;
    vg_copy(taken.owner, sizeof taken.owner, "nurse:li");
    taken.care.hold_until.ms = T + 600000;
    taken.respond_by = VG_UNSET;
    vg_buffer_clear(&out);
    vg_encode_alert(&out, &taken, false);
    assert_non_null(
        strstr(out.bytes, "{\"state\":\"accepted\",\"owner\":\"nurse:li\","));
    assert_non_null(strstr(out.bytes, "\"hold_until\":\"2026-11-23T06:22:00.000Z\"}"));
    assert_int_equal(vg_decode_alert(out.bytes, out.length, &back), VG_OK);
    assert_string_equal(back.owner, "nurse:li");
    assert_int_equal(back.care.hold_until.ms, T + 600000);
    check_same(&taken, &back);
}

/* What an older version wrote: no claims, no owner, no remark. */
static void an_older_alert_is_read(void **state)
{
    static const char older[] =
        "{\"id\":\"x\",\"rev\":1,\"n\":1,\"event\":\"raised\",\"ts\":null,\"ward\":\"w\","
        "\"bed\":\"1\",\"rule\":\"R\",\"class\":\"lab\",\"severity\":\"watch\","
        "\"peak\":\"watch\",\"condition\":\"active\",\"text\":\"t\",\"reference\":\"\","
        "\"responsibility\":{\"state\":\"offered\",\"owner\":null,\"ladder\":null,"
        "\"step\":0,\"targets\":[],\"respond_by\":null},\"claims\":[]}";
    struct vg_alert back;
    (void)state;
    assert_int_equal(vg_decode_alert(older, sizeof older - 1, &back), VG_OK);
    assert_int_equal(back.claim_count, 0);
    assert_string_equal(back.remark, "");
    assert_true(vg_is_never(back.care.hold_until) && vg_is_never(back.care.resend_at));
    assert_false(vg_is_set(back.care.told_at));
    assert_int_equal(back.care.worst_news2, VG_GRADE_NULL);
}

static void a_page_says_what_may_be_answered(void **state)
{
    static const struct {
        enum vg_page_kind kind;
        enum vg_severity severity;
        const char *tail;
    } rows[] = {
        {VG_PAGE_CALL, VG_CRITICAL,
         "\"kind\":\"call\",\"role\":\"charge-nurse\",\"step\":1,"
         "\"respond_by\":\"2026-11-23T06:14:00.000Z\","
         "\"answers\":[\"acknowledge\",\"accept\",\"reject\"]}"},
        {VG_PAGE_CALL, VG_URGENT,
         "\"answers\":[\"acknowledge\",\"accept\",\"reject\",\"shelve\"]}"},
        {VG_PAGE_REMIND, VG_CRITICAL, "\"answers\":[\"accept\",\"release\",\"note\"]}"},
        {VG_PAGE_TAKEN, VG_URGENT, "\"answers\":[]}"},
        {VG_PAGE_END, VG_WATCH, "\"answers\":[]}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_alert alert = sample;
        struct vg_alert back;
        char id[VG_ALERT_LEN + 1];
        char page[64];
        alert.severity = rows[i].severity;
        vg_page_id(&alert, rows[i].kind, "charge-nurse", id);
        snprintf(page, sizeof page, "\"page\":\"%s\",\"kind\":", id);
        vg_buffer_clear(&out);
        vg_encode_page(&out, &alert, true, rows[i].kind, "charge-nurse");
        const char *tail = strstr(out.bytes, rows[i].tail);
        assert_non_null(tail);
        assert_string_equal(tail, rows[i].tail);
        assert_non_null(strstr(out.bytes, page));
        /* It is an alert all the same. */
        assert_int_equal(vg_decode_alert(out.bytes, out.length, &back), VG_OK);
        check_same(&alert, &back);
    }
}

static void a_bare_alert_is_read_back(void **state)
{
    (void)state;
    struct vg_alert bare = {.id = "x",
                            .rev = 1,
                            .at = {T},
                            .onset = {T},
                            .raised = {T},
                            .ward = "w",
                            .rule = "GATEWAY_SILENT",
                            .clear_since = VG_UNSET,
                            .since_infusion = VG_NO_VALUE,
                            .respond_by = VG_UNSET};
    struct vg_alert back;
    /* A sentence cut in the middle of a character grows when it is written. */
    memset(bare.text, 'a', sizeof bare.text - 3);
    memcpy(bare.text + sizeof bare.text - 3, "\xe2\x82", 3);
    vg_buffer_clear(&out);
    vg_encode_alert(&out, &bare, false);
    assert_non_null(
        strstr(out.bytes, "\"bed\":null,\"patient\":null,\"episode\":null"));
    assert_non_null(strstr(out.bytes, "\"since_infusion_s\":null"));
    assert_non_null(strstr(out.bytes, "\"ladder\":null,\"step\":0,\"targets\":[],"
                                      "\"respond_by\":null"));
    assert_int_equal(vg_decode_alert(out.bytes, out.length, &back), VG_OK);
    assert_string_equal(back.patient, "");
    assert_string_equal(back.bed, "");
    assert_false(vg_is_set(back.respond_by));
    assert_true(back.since_infusion == VG_NO_VALUE);
}

static void laboratory_evidence_is_exact(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 1, 499000000, 123456789012, 7410000, 333333};
    struct vg_alert alert = sample;
    alert.evidence_count = 1;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct vg_alert back;
        alert.evidence[0] =
            (struct vg_evidence){VG_ANC, values[i], {T}, VG_SOURCE_SPOT};
        vg_buffer_clear(&out);
        vg_encode_alert(&out, &alert, false);
        assert_int_equal(vg_decode_alert(out.bytes, out.length, &back), VG_OK);
        assert_int_equal(back.evidence[0].value, values[i]);
    }
}

/* Every piece cut off at the end, and every byte lost: refused or read, never a
 * crash. */
static void a_damaged_record_is_survived(void **state)
{
    (void)state;
    struct vg_alert back;
    vg_buffer_clear(&out);
    vg_encode_alert(&out, &sample, false);
    for (size_t i = 0; i < out.length; i++) {
        char kept = out.bytes[i];
        assert_int_equal(vg_decode_alert(out.bytes, i, &back), VG_REFUSED);
        out.bytes[i] = '0';
        (void)vg_decode_alert(out.bytes, out.length, &back);
        out.bytes[i] = kept;
    }
    assert_int_equal(vg_decode_alert("{}", 2, &back), VG_REFUSED);
    assert_int_equal(vg_decode_alert("[]", 2, &back), VG_REFUSED);
}

static void a_refusal_is_written(void **state)
{
    (void)state;
    const struct vg_origin origin = {"gw-03", "7f3a", 12};
    const struct vg_origin nobody = {"", "", 0};
    const struct vg_refusal refusal = {VG_UNIT_MISSING, 2,
                                       "obs[2] \"temp\": unit is missing"};
    vg_buffer_clear(&out);
    vg_encode_refusal(&out, &origin, "a/b", 3, &refusal, (struct vg_instant){T});
    assert_string_equal(
        out.bytes,
        "{\"epoch\":\"7f3a\",\"seq\":12,\"topic\":\"a/b\",\"reason\":\"unit_missing\","
        "\"detail\":\"obs[2] \\\"temp\\\": unit is missing\","
        "\"ts\":\"2026-11-23T06:12:00.000Z\"}");
    vg_buffer_clear(&out);
    vg_encode_refusal(&out, &nobody, "", 0, &refusal, (struct vg_instant){T});
    assert_ptr_equal(strstr(out.bytes, "{\"epoch\":null,\"seq\":null,\"topic\":\"\","),
                     out.bytes);
}

static void an_assessment_has_every_field(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "crs",     "icans",  "news2", "sirs",      "qsofa", "fn",     "icaht",
        "t_icaht", "iec_hs", "tls",   "hematotox", "easix", "measix", "shock_index"};
    const struct vg_assessed assessed = {.ward = "onc-7", .bed = "12"};
    vg_buffer_clear(&out);
    vg_encode_assessed(&out, &assessed, (struct vg_instant){T});
    static const char head[] = "{\"at\":\"2026-11-23T06:12:00.000Z\",\"assess\":"
                               "{\"ward\":\"onc-7\",\"bed\":\"12\",\"patient\":null,";
    assert_memory_equal(out.bytes, head, sizeof head - 1);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char key[24];
        snprintf(key, sizeof key, "\"%s\":{", keys[i]);
        assert_non_null(strstr(out.bytes, key));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_is_written_in_order),
        cmocka_unit_test(an_alert_is_read_back),
        cmocka_unit_test(a_bare_alert_is_read_back),
        cmocka_unit_test(who_has_it_is_read_back),
        cmocka_unit_test(an_older_alert_is_read),
        cmocka_unit_test(a_page_says_what_may_be_answered),
        cmocka_unit_test(laboratory_evidence_is_exact),
        cmocka_unit_test(a_damaged_record_is_survived),
        cmocka_unit_test(a_refusal_is_written),
        cmocka_unit_test(an_assessment_has_every_field),
    };
    return cmocka_run_group_tests(tests, NULL, free_buffer);
}
