/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches: what is put comes back field by field; no memory leaves the batch as it was;
 * bytes that cannot be right are refused, never believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/sample.h"
#include "shell/batch.h"

static const struct vg_letter letter = {"a/b", 3, "{\"x\":1}", 7, true};
static const struct vg_origin origin = {"gw-1", "e", 9};
static const struct vg_refusal refusal = {VG_UNIT_MISSING, 2,
                                          "obs[2]: unit is missing"};

static void messages_come_back_exactly(void **state)
{
    (void)state;
    struct vg_batch *batch = vg_batch_create();
    struct vg_obs *obs = malloc(sizeof(*obs));
    struct sample sample;
    for (unsigned n = 0; n < 40; n++) {
        (n % 2 == 0 ? sample_vitals : sample_rich)(&sample, n);
        assert_int_equal(vg_batch_message(batch, &sample.message, "ep",
                                          (struct vg_instant){n}, ~0u + n),
                         VG_OK);
    }
    assert_int_equal(vg_batch_records(batch), 40);
    struct vg_record record;
    size_t at = 0;
    for (unsigned n = 0; n < 40; n++) {
        struct vg_message back;
        assert_true(vg_record_next(&batch->pack, &at, &record));
        assert_int_equal(record.kind, VG_RECORD_MESSAGE);
        assert_int_equal(record.received.ms, n);
        assert_int_equal(record.origin.hash, ~0u + n);
        assert_string_equal(record.message.episode.text, "ep");
        assert_int_equal(vg_record_message(&record, &back, obs), VG_OK);
        (n % 2 == 0 ? sample_vitals : sample_rich)(&sample, n);
        assert_same_message(&sample.message, &back);
    }
    assert_false(vg_record_next(&batch->pack, &at, &record));
    free(obs);
    vg_batch_destroy(batch);
}

static void a_message_spans_all_its_parts(void **state)
{
    (void)state;
    struct vg_batch *batch = vg_batch_create();
    struct sample sample;
    struct vg_record record;
    size_t at = 0;
    sample_rich(&sample, 0);
    vg_batch_message(batch, &sample.message, "", (struct vg_instant){0}, 0);
    assert_true(vg_record_next(&batch->pack, &at, &record));
    assert_int_equal(record.message.oldest.ms, sample.readings[0].measured.ms);
    assert_int_equal(record.message.newest.ms, sample.readings[1].measured.ms);
    vg_batch_destroy(batch);
}

static void a_vital_signs_message_is_small(void **state)
{
    (void)state;
    struct vg_pack pack = {0};
    struct sample sample;
    sample_vitals(&sample, 3);
    vg_obs_pack(&pack, &sample.message);
    assert_true(pack.length <= 7 * 6 + 3);
    vg_pack_finish(&pack);
}

/* Each putter once. */
static enum vg_status put_message(struct vg_batch *batch)
{
    struct sample sample;
    sample_rich(&sample, 1);
    return vg_batch_message(batch, &sample.message, "ep", (struct vg_instant){1}, 1);
}

static enum vg_status put_quarantine(struct vg_batch *batch)
{
    return vg_batch_quarantine(batch, &letter, &origin, &refusal,
                               (struct vg_instant){2}, 2);
}

static enum vg_status put_admission(struct vg_batch *batch)
{
    return vg_batch_admission(batch, &letter, &origin, (struct vg_instant){3}, 3);
}

static enum vg_status put_episode(struct vg_batch *batch)
{
    struct vg_episode episode = sample_episode(4);
    return vg_batch_episode(batch, &episode);
}

static enum vg_status put_alert(struct vg_batch *batch)
{
    struct vg_alert alert = sample_alert("onc-7", 5);
    return vg_batch_alert(batch, &alert);
}

static enum vg_status put_delivered(struct vg_batch *batch)
{
    return vg_batch_delivered(batch, "01JD", 6);
}

static enum vg_status put_gateway(struct vg_batch *batch)
{
    return vg_batch_gateway(batch, "gw-1", "e", 7);
}

static enum vg_status put_mark(struct vg_batch *batch)
{
    const struct vg_range ranges[] = {{12, 15}, {UINT64_MAX - 1, UINT64_MAX}};
    return vg_batch_mark(batch, "gw-1", "e", 8, ranges, 2);
}

static enum vg_status put_page(struct vg_batch *batch)
{
    struct vg_alert alert = sample_alert("onc-7", 5);
    return vg_batch_page(batch, &alert, VG_PAGE_CALL, "nurse", (struct vg_instant){9});
}

static enum vg_status put_way(struct vg_batch *batch)
{
    return vg_batch_way(batch, "01JP", "mqtt", VG_WAY_DISPLAYED, true,
                        (struct vg_instant){10}, NULL);
}

static enum vg_status put_command(struct vg_batch *batch)
{
    const struct vg_command command = {.id = "c-1",
                                       .by = "nurse:li",
                                       .what = VG_DO_JUDGE,
                                       .alert = "01JA",
                                       .rev = 3,
                                       .span = -1,
                                       .reason = "moved",
                                       .judgement = VG_ARTEFACT,
                                       .ward = "onc-7",
                                       .client = "tab-1",
                                       .ts = VG_UNSET};
    const struct vg_answer answer = {.id = "c-1",
                                     .ward = "onc-7",
                                     .client = "tab-1",
                                     .result = VG_RESULT_STALE_VIEW,
                                     .rev = 4,
                                     .detail = "it changed"};
    return vg_batch_command(batch, &command, &answer, (struct vg_instant){11});
}

static enum vg_status put_pause(struct vg_batch *batch)
{
    const struct vg_pause pause = {"onc-7", "3", {12}, VG_UNSET, "nurse:li", "X-ray"};
    return vg_batch_pause(batch, &pause);
}

static enum vg_status put_carried(struct vg_batch *batch)
{
    const struct vg_carried carried = {{1}, {{2}, {3}}, {6, 7, 8, 9, -10}};
    return vg_batch_carried(batch, "01JE", &carried);
}

static enum vg_status put_audit(struct vg_batch *batch)
{
    return vg_batch_audit(batch, (struct vg_instant){13}, "start", "node-a", "0.1.0");
}

static enum vg_status (*const putters[])(struct vg_batch *) = {
    put_message,   put_quarantine, put_admission, put_episode, put_alert,
    put_delivered, put_gateway,    put_mark,      put_carried, put_page,
    put_way,       put_command,    put_pause,     put_audit};
#define PUTTERS (sizeof(putters) / sizeof(putters[0]))

static void other_records_come_back(void **state)
{
    (void)state;
    struct vg_batch *batch = vg_batch_create();
    struct vg_record record;
    size_t at = 0;
    for (size_t i = 0; i < PUTTERS; i++) {
        assert_int_equal(putters[i](batch), VG_OK);
    }
    vg_record_next(&batch->pack, &at, &record);
    assert_true(vg_record_next(&batch->pack, &at, &record));
    assert_int_equal(record.kind, VG_RECORD_QUARANTINE);
    assert_string_equal(record.letter.reason.text, "unit_missing");
    assert_string_equal(record.letter.detail.text, refusal.detail);
    assert_int_equal(record.letter.item, 2);
    assert_true(record.letter.retained);
    assert_int_equal(record.origin.seq, 9);
    vg_record_next(&batch->pack, &at, &record);
    assert_int_equal(record.letter.payload.length, 7);
    assert_string_equal(record.letter.topic.text, "a/b");
    vg_record_next(&batch->pack, &at, &record);
    assert_string_equal(record.episode.product.text, "car_nk");
    assert_true(vg_is_never(record.episode.end));
    vg_record_next(&batch->pack, &at, &record);
    assert_true(record.alert.open);
    assert_int_equal(record.alert.n, 5);
    vg_record_next(&batch->pack, &at, &record);
    assert_int_equal(record.alert.rev, 6);
    vg_record_next(&batch->pack, &at, &record);
    assert_int_equal(record.mark.upto, 7);
    vg_record_next(&batch->pack, &at, &record);
    struct vg_range *ranges;
    size_t count;
    assert_int_equal(vg_ranges_unpack(record.mark.ranges, &ranges, &count), VG_OK);
    assert_int_equal(count, 2);
    assert_int_equal(ranges[1].first, UINT64_MAX - 1);
    assert_int_equal(ranges[1].last, UINT64_MAX);
    free(ranges);
    vg_batch_destroy(batch);
}

/* The records of what concerns people, from `at` on. */
static void what_concerns_people_comes_back(void **state)
{
    (void)state;
    struct vg_batch *batch = vg_batch_create();
    struct vg_record record;
    struct vg_answer answer;
    struct vg_pause pause;
    size_t at = 0;
    for (size_t i = PUTTERS - 5; i < PUTTERS; i++) {
        assert_int_equal(putters[i](batch), VG_OK);
    }
    assert_true(vg_record_next(&batch->pack, &at, &record));
    assert_string_equal(record.page.role.text, "nurse");
    assert_string_equal(record.page.kind.text, "call");
    assert_int_equal(record.page.id.length, VG_ALERT_LEN);
    assert_true(record.page.json.length > 0 && record.page.care.length > 0);
    assert_true(vg_record_next(&batch->pack, &at, &record));
    assert_string_equal(record.way.way.text, "displayed");
    assert_true(record.way.settled);
    assert_true(vg_record_next(&batch->pack, &at, &record));
    assert_string_equal(record.command.judgement.text, "artefact");
    assert_int_equal(record.command.seen, 3);
    assert_int_equal(record.command.span, -1);
    vg_record_answer(&record, &answer);
    assert_int_equal(answer.result, VG_RESULT_STALE_VIEW);
    assert_string_equal(answer.detail, "it changed");
    assert_true(vg_record_next(&batch->pack, &at, &record));
    vg_record_pause(&record, &pause);
    assert_string_equal(pause.reason, "X-ray");
    assert_false(vg_is_set(pause.until));
    assert_true(vg_record_next(&batch->pack, &at, &record));
    assert_string_equal(record.audit.kind.text, "start");
    assert_int_equal(record.audit.at.ms, 13);
    assert_false(vg_record_next(&batch->pack, &at, &record));
    vg_batch_destroy(batch);
}

static void care_that_cannot_be_read_is_empty(void **state)
{
    (void)state;
    struct vg_care care;
    vg_care_read((struct vg_slice){"nonsense", 8}, &care);
    assert_int_equal(care.run, 0);
    assert_true(vg_is_never(care.hold_until) && vg_is_never(care.resend_at));
    vg_care_read((struct vg_slice){"", 0}, &care);
    assert_true(vg_is_never(care.reset_at));
}

static void clearing_keeps_nothing(void **state)
{
    (void)state;
    struct vg_batch *batch = vg_batch_create();
    put_message(batch);
    vg_batch_journal(batch, 5);
    vg_batch_journal(batch, 3);
    assert_int_equal(batch->journal, 5);
    vg_batch_clear(batch);
    assert_int_equal(vg_batch_records(batch), 0);
    assert_int_equal(batch->journal, 0);
    struct vg_record record;
    size_t at = 0;
    assert_false(vg_record_next(&batch->pack, &at, &record));
    vg_batch_destroy(batch);
}

/* A pack that has already failed stands in for the allocation that does. */
static void no_memory_leaves_the_batch_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < PUTTERS; i++) {
        struct vg_batch *batch = vg_batch_create();
        put_gateway(batch);
        size_t length = batch->pack.length;
        batch->pack.failed = true;
        assert_int_equal(putters[i](batch), VG_NO_MEMORY);
        assert_int_equal(batch->pack.length, length);
        assert_int_equal(vg_batch_records(batch), 1);
        assert_int_equal(putters[i](batch), VG_OK);
        vg_batch_destroy(batch);
    }
}

static void damaged_observations_are_refused_or_harmless(void **state)
{
    (void)state;
    struct vg_pack pack = {0};
    struct sample sample;
    struct vg_obs *obs = malloc(sizeof(*obs));
    sample_rich(&sample, 1);
    vg_obs_pack(&pack, &sample.message);
    for (size_t length = 0; length < pack.length; length++) {
        assert_int_equal(
            vg_obs_unpack(pack.bytes, length, sample.message.measured, obs),
            VG_REFUSED);
        assert_int_equal(obs->reading_count, 0);
    }
    for (size_t at = 0; at < pack.length; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t kept = pack.bytes[at];
            pack.bytes[at] = (uint8_t)byte;
            vg_obs_unpack(pack.bytes, pack.length, sample.message.measured, obs);
            pack.bytes[at] = kept;
        }
    }
    free(obs);
    vg_pack_finish(&pack);
}

static void whole_numbers_survive_packing(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0,   1,       -1,        63,        64,       -64,
                                      -65, 1 << 20, INT64_MAX, INT64_MIN, INT32_MIN};
    struct vg_pack pack = {0};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        vg_pack_signed(&pack, numbers[i]);
        vg_pack_varint(&pack, (uint64_t)numbers[i]);
    }
    struct vg_unpack unpack = {pack.bytes, pack.bytes + pack.length, false};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_int_equal(vg_unpack_signed(&unpack), numbers[i]);
        assert_int_equal(vg_unpack_varint(&unpack), (uint64_t)numbers[i]);
    }
    assert_false(unpack.failed);
    vg_unpack_varint(&unpack);
    assert_true(unpack.failed);
    vg_pack_finish(&pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_back_exactly),
        cmocka_unit_test(a_message_spans_all_its_parts),
        cmocka_unit_test(a_vital_signs_message_is_small),
        cmocka_unit_test(other_records_come_back),
        cmocka_unit_test(what_concerns_people_comes_back),
        cmocka_unit_test(care_that_cannot_be_read_is_empty),
        cmocka_unit_test(clearing_keeps_nothing),
        cmocka_unit_test(no_memory_leaves_the_batch_as_it_was),
        cmocka_unit_test(damaged_observations_are_refused_or_harmless),
        cmocka_unit_test(whole_numbers_survive_packing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
