/* SPDX-License-Identifier: Apache-2.0
 *
 * Every part of every kind of text we read, put wrong in every way: another type, nothing, too
 * long, out of range, gone. What is refused says why; what is taken stays the same when it is
 * written and read once more; nothing of it reaches beyond its room (the sanitizer build looks).
 */
#include <cjson/cJSON.h>

#include "decode_help.h"

static char longest[400], many[4000], nested[64];

static const char *const wrong[] = {"null",
                                    "true",
                                    "false",
                                    "-1",
                                    "0",
                                    "1",
                                    "7",
                                    "1.5",
                                    "1e300",
                                    "-1e300",
                                    "99999999999999999999",
                                    "\"\"",
                                    "\"x\"",
                                    "\"no such word\"",
                                    "\"2026-13-45T00:00:00Z\"",
                                    "\"2026-11-23T06:12:00Z\"",
                                    "\"\\u0001\"",
                                    "\"mm[Hg]\"",
                                    "\"Cel\"",
                                    longest,
                                    "[]",
                                    "{}",
                                    "[null]",
                                    "[{}]",
                                    "[\"x\",\"x\"]",
                                    many,
                                    nested,
                                    NULL /* gone */};
#define WAYS (sizeof wrong / sizeof wrong[0])

static void make_long(void)
{
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = longest[sizeof longest - 2] = '"';
    strcpy(many, "[");
    while (strlen(many) < sizeof many - 20) {
        strcat(many, "\"aa\",");
    }
    strcat(many, "\"bb\"]");
    strcpy(nested, "[[[[[[[[[[[[0]]]]]]]]]]]]");
}

/* The n-th part of a text, in its order, without recursion; NULL: there are fewer. */
static cJSON *part(cJSON *root, size_t n, cJSON **parent)
{
    cJSON *stack[32] = {root}, *item = root->child;
    size_t depth = 1;

    while (depth > 0) {
        if (item == NULL) {
            depth--;
            item = depth > 0 ? stack[depth]->next : NULL;
            continue;
        }
        *parent = stack[depth - 1];
        if (n-- == 0) {
            return item;
        }
        assert_true(depth < 31);
        stack[depth++] = item;
        item = item->child;
    }
    return NULL;
}

/* The text with one part put wrong; NULL: there is no such part. The caller frees it. */
static char *damaged(const char *text, size_t n, const char *value)
{
    cJSON *root = cJSON_Parse(text), *parent = NULL;
    char *out = NULL;

    assert_non_null(root);
    cJSON *item = part(root, n, &parent);
    if (item != NULL) {
        if (value == NULL) {
            cJSON_Delete(cJSON_DetachItemViaPointer(parent, item));
        } else {
            cJSON *fresh = cJSON_Parse(value);
            assert_non_null(fresh);
            if (item->string != NULL) {
                fresh->string = strdup(item->string);
            }
            assert_true(cJSON_ReplaceItemViaPointer(parent, item, fresh));
        }
        out = cJSON_PrintUnformatted(root);
    }
    cJSON_Delete(root);
    return out;
}

typedef bool look_fn(const char *text); /* whether it was taken */

static size_t tried, refused;

static void every_way(const char *text, look_fn *look)
{
    assert_true(look(text));
    for (size_t way = 0; way < WAYS; way++) {
        char *out = NULL;
        for (size_t n = 0; (out = damaged(text, n, wrong[way])) != NULL; n++) {
            tried++;
            refused += !look(out);
            free(out);
        }
    }
}

/* ---- Letters */

static const char *topic;

static bool letter(const char *text)
{
    decode(topic, text);
    for (size_t i = 0; i < decoded.refusal_count; i++) {
        assert_true(decoded.refusal[i].detail[0] != '\0');
        assert_true(decoded.refusal[i].reason < VG_REASON_COUNT);
    }
    assert_true(decoded.kind != VG_DECODED_REFUSED || decoded.refusal_count == 1);
    if (decoded.kind == VG_DECODED_MESSAGE) {
        assert_true(decoded.message.reading_count + decoded.message.entry_count <=
                    VG_MESSAGE_ITEMS);
    }
    return decoded.refusal_count == 0;
}

static const struct {
    const char *topic, *text;
} letters[] = {
    {VITALS,
     HEAD ",\"patient\":\"p-1\",\"device\":\"mon-1\",\"obs\":["
          "{\"code\":\"temp\",\"value\":100.4,\"unit\":\"[degF]\",\"source\":\"spot\","
          "\"method\":\"oral\",\"quality\":\"questionable\",\"ts\":\"" TS "\"},"
          "{\"code\":\"spo2\",\"value\":95,\"unit\":\"%\",\"pi\":1.5},"
          "{\"code\":\"sbp\",\"value\":92,\"unit\":\"mm[Hg]\",\"source\":\"cuff\"}]}"},
    {LABS,
     HEAD ",\"obs\":[{\"code\":\"creat\",\"value\":1.1,\"unit\":\"mg/dL\",\"uln\":1.2,"
          "\"lln\":0.5},{\"code\":\"inr\",\"value\":1.1}]}"},
    {ASSESSMENT, HEAD
     ",\"obs\":[{\"code\":\"ice\",\"items\":{\"year\":1,\"month\":1,\"city\":1,"
     "\"hospital\":1,\"name1\":1,\"name2\":1,\"name3\":1,\"command\":1,\"sentence\":1,"
     "\"attention\":0}},{\"code\":\"ice\",\"value\":8},{\"code\":\"consciousness\","
     "\"value\":\"A\"},{\"code\":\"seizure\",\"value\":true,\"duration_s\":60,"
     "\"no_return\":false},{\"code\":\"neuro\",\"value\":\"edema_focal\","
     "\"haemorrhage\":true},{\"code\":\"flag\",\"value\":\"scale2\",\"on\":true,"
     "\"by\":\"nurse:li\",\"until\":\"" TS "\"}]}"},
    {THERAPY,
     HEAD ",\"obs\":[{\"code\":\"o2_device\",\"value\":\"venturi\",\"flow\":6,"
          "\"fio2\":35},{\"code\":\"vasopressor\",\"value\":\"norepinephrine\","
          "\"on\":true},{\"code\":\"infusion\",\"value\":\"start\",\"product\":"
          "\"car_t\",\"dose_id\":\"d-1\"},{\"code\":\"medication\",\"value\":"
          "\"tocilizumab\"}]}"},
    {EPISODE,
     "{\"ts\":\"" TS "\",\"by\":\"adt\",\"do\":\"admit\",\"patient\":\"p-0042\","
     "\"product\":\"car_nk\",\"protocol\":\"car-nk\",\"age\":55,\"setting\":"
     "\"inpatient\",\"identity\":{\"donor\":\"allogeneic\",\"chain_id\":\"c-1\"},"
     "\"infusion_planned\":\"" TS "\",\"target\":\"cd19\",\"pregnant\":false,"
     "\"baseline\":{\"sbp\":125,\"temp\":{\"value\":98.6,\"unit\":\"[degF]\"}},"
     "\"uln\":{\"ferritin\":300},\"flags\":[\"scale2\"],\"gateway\":\"gw-1\","
     "\"epoch\":\"e\",\"seq\":4}"},
    {EPISODE,
     "{\"ts\":\"" TS "\",\"by\":\"adt\",\"do\":\"transfer\",\"patient\":\"p-0042\","
     "\"to_ward\":\"onc-8\",\"to_bed\":\"3\",\"confirm\":true}"},
    {EPISODE,
     "{\"ts\":\"" TS "\",\"by\":\"adt\",\"do\":\"discharge\",\"patient\":\"p-0042\"}"},
    {STATUS, "{\"state\":\"online\",\"epoch\":\"7f3a\",\"from\":12,\"ts\":\"" TS "\"}"},
    {COMMAND,
     "{\"id\":\"c-1\",\"by\":\"nurse:li\",\"do\":\"silence\",\"alert\":\"01JD\","
     "\"rev\":3,\"for\":\"5m\",\"ts\":\"" TS "\"}"},
    {COMMAND, "{\"id\":\"c-2\",\"by\":\"nurse:li\",\"do\":\"pause\",\"bed\":\"12\","
              "\"for\":\"30m\",\"reason\":\"CT\",\"ts\":\"" TS "\"}"},
    {COMMAND, "{\"id\":\"c-3\",\"by\":\"nurse:li\",\"do\":\"judge\",\"alert\":\"01JD\","
              "\"judgement\":\"artefact\"}"},
    {COMMAND,
     "{\"id\":\"c-4\",\"by\":\"display:d\",\"do\":\"received\",\"page\":\"01JE\"}"},
};

static void test_letters(void **state)
{
    (void)state;
    tried = refused = 0;
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        topic = letters[i].topic;
        decode(topic, letters[i].text);
        if (decoded.refusal_count > 0) {
            fail_msg("letter %zu: %s", i, decoded.refusal[0].detail);
        }
        every_way(letters[i].text, letter);
    }
    print_message("%zu damaged letters, %zu with a refusal\n", tried, refused);
    assert_true(refused > tried / 3);
}

/* ---- Our own: an alert and its care, read back after a restart */

static struct vg_buffer once, again;

static bool alert(const char *text)
{
    static struct vg_alert read;

    if (vg_decode_alert(text, strlen(text), &read) != VG_OK) {
        return false;
    }
    for (int i = 0; i < 2;
         i++) { /* a gateway without a name is null when it is written */
        vg_buffer_clear(&once);
        vg_encode_alert(&once, &read, true);
        assert_int_equal(vg_decode_alert(once.bytes, once.length, &read), VG_OK);
    }
    vg_buffer_clear(&again);
    vg_encode_alert(&again, &read, true);
    assert_int_equal(once.length, again.length);
    assert_memory_equal(once.bytes, again.bytes, once.length);
    return true;
}

static bool care(const char *text)
{
    static struct vg_care first, second;

    if (vg_decode_care(text, strlen(text), &first) != VG_OK) {
        return false;
    }
    vg_buffer_clear(&once);
    vg_encode_care(&once, &first);
    assert_int_equal(vg_decode_care(once.bytes, once.length, &second), VG_OK);
    vg_buffer_clear(&again);
    vg_encode_care(&again, &second);
    assert_int_equal(once.length, again.length);
    assert_memory_equal(once.bytes, again.bytes, once.length);
    return true;
}

static void fill(struct vg_alert *a)
{
    static const struct vg_evidence sbp = {VG_SBP, 84, {T}, VG_SOURCE_CUFF};

    memset(a, 0, sizeof *a);
    vg_content_id(a->id, (struct vg_instant){T}, 1, 2);
    (void)vg_copy(a->ward, sizeof a->ward, "onc-7");
    (void)vg_copy(a->bed, sizeof a->bed, "12");
    (void)vg_copy(a->patient, sizeof a->patient, "p-1");
    (void)vg_copy(a->episode, sizeof a->episode, "e-1");
    (void)vg_copy(a->rule, sizeof a->rule, "HYPOTENSION");
    (void)vg_copy(a->text, sizeof a->text, "SBP 84 mm[Hg], below 90");
    (void)vg_copy(a->protocol, sizeof a->protocol, "car-nk");
    (void)vg_copy(a->version, sizeof a->version, "1");
    (void)vg_copy(a->digest, sizeof a->digest, "00");
    (void)vg_copy(a->owner, sizeof a->owner, "nurse:li");
    (void)vg_copy(a->ladder, sizeof a->ladder, "critical");
    (void)vg_copy(a->remark, sizeof a->remark, "actionable");
    (void)vg_copy(a->target[0], sizeof a->target[0], "bedside-nurse");
    a->target_count = 1;
    a->rev = 3;
    a->n = 812;
    a->class_ = VG_CLASS_HAEMODYNAMIC;
    a->severity = a->peak = VG_CRITICAL;
    a->offer = VG_ACCEPTED_STATE;
    a->at = a->onset = a->raised = a->respond_by = (struct vg_instant){T};
    a->clear_since = VG_UNSET;
    a->since_infusion = 172800 * VG_SECOND;
    a->evidence[0] = sbp;
    a->evidence_count = 1;
    a->missing = (uint64_t)1 << VG_MAP;
    a->care.hold_until = (struct vg_instant){T + VG_HOUR};
    a->claim[0] = (struct vg_claim){.kind = VG_CLAIM_SHELVE,
                                    .severity = VG_CRITICAL,
                                    .at = {T},
                                    .until = {T + VG_HOUR},
                                    .by = "nurse:li",
                                    .reason = "CT"};
    a->claim_count = 1;
    a->scores.crs = 2;
    a->scores.icans = a->scores.news2 = VG_GRADE_NULL;
}

static void test_alert(void **state)
{
    static struct vg_alert a;

    (void)state;
    tried = refused = 0;
    for (unsigned gateway = 0; gateway < 2; gateway++) {
        fill(&a);
        if (gateway == 1) { /* of a gateway: its bed is its name */
            a.patient[0] = a.episode[0] = '\0';
            (void)vg_copy(a.bed, sizeof a.bed, ":gw-1");
        }
        vg_buffer_clear(&once);
        vg_encode_alert(&once, &a, true);
        assert_false(once.failed);
        char *text = strndup(once.bytes, once.length);
        every_way(text, alert);
        free(text);
    }
    print_message("%zu damaged alerts, %zu refused\n", tried, refused);
    assert_true(refused > tried / 4);
}

static void test_care(void **state)
{
    static struct vg_care c;

    (void)state;
    tried = refused = 0;
    memset(&c, 0, sizeof c);
    c.plan = (struct vg_plan){.name = "ladder",
                              .hold = VG_HOUR,
                              .role_count = 2,
                              .step_count = 1,
                              .role = {"a", "b"},
                              .step = {{1, VG_MINUTE, VG_SECOND, true}},
                              .fallback = {2, 0, VG_MINUTE, false}};
    c.resend_at = c.hold_until = c.reset_at = (struct vg_instant){T};
    c.told_at = VG_UNSET;
    c.worst_sbp = 84;
    vg_buffer_clear(&once);
    vg_encode_care(&once, &c);
    char *text = strndup(once.bytes, once.length);
    every_way(text, care);
    free(text);
    print_message("%zu damaged cares, %zu refused\n", tried, refused);
    assert_true(refused > tried / 4);
}

static int set_up(void **state)
{
    make_long();
    return make_decoder(state);
}

static int tear_down(void **state)
{
    vg_buffer_finish(&once);
    vg_buffer_finish(&again);
    return free_decoder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_alert),
        cmocka_unit_test(test_care),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
