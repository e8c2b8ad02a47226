/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling a batch. Each record is a 32-bit length, a 32-bit kind and its fields, packed;
 * batch_read.c reads them in the same order. A record that does not fit into memory is
 * taken back whole. What concerns people (pages, commands, pauses, the trail) is put in
 * batch_care.c, what concerns who lay where in batch_ties.c.
 */
#include "shell/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct vg_batch *vg_batch_create(void)
{
    return calloc(1, sizeof(struct vg_batch));
}

void vg_batch_destroy(struct vg_batch *batch)
{
    if (batch != NULL) {
        vg_pack_finish(&batch->pack);
        vg_buffer_finish(&batch->json);
        vg_buffer_finish(&batch->care);
        free(batch);
    }
}

void vg_batch_clear(struct vg_batch *batch)
{
    batch->pack.length = 0;
    batch->records = 0;
    batch->journal = 0;
    batch->serial = 0;
}

size_t vg_batch_records(const struct vg_batch *batch)
{
    return batch->records;
}

size_t vg_record_begin(struct vg_batch *batch, enum vg_record_kind kind)
{
    size_t start = batch->pack.length;
    uint32_t head[2] = {0, (uint32_t)kind};
    vg_pack_bytes(&batch->pack, head, sizeof(head));
    return start;
}

enum vg_status vg_record_end(struct vg_batch *batch, size_t start)
{
    struct vg_pack *pack = &batch->pack;
    size_t length = pack->length - start;
    if (pack->failed || length > UINT32_MAX) {
        pack->failed = false;
        pack->length = start;
        return VG_NO_MEMORY;
    }
    uint32_t stored = (uint32_t)length;
    memcpy(pack->bytes + start, &stored, sizeof(stored));
    batch->records++;
    return VG_OK;
}

static void put_instant(struct vg_pack *pack, struct vg_instant at)
{
    vg_pack_signed(pack, at.ms);
}

static void put_origin(struct vg_pack *pack, const struct vg_origin *origin,
                       uint64_t hash)
{
    vg_pack_string(pack, origin->gateway);
    vg_pack_string(pack, origin->epoch);
    vg_pack_varint(pack, origin->seq);
    vg_pack_varint(pack, hash);
}

/* The span of measured time that the message speaks of, and what was measured. */
static void put_extent(struct vg_pack *pack, const struct vg_message *message)
{
    struct vg_instant oldest = message->measured;
    struct vg_instant newest = message->measured;
    uint64_t signals = 0;
    for (size_t i = 0; i < message->reading_count; i++) {
        oldest = vg_earlier(oldest, message->readings[i].measured);
        newest = vg_later(newest, message->readings[i].measured);
        signals |= (uint64_t)1 << message->readings[i].signal;
    }
    for (size_t i = 0; i < message->entry_count; i++) {
        oldest = vg_earlier(oldest, message->entries[i].at);
        newest = vg_later(newest, message->entries[i].at);
    }
    put_instant(pack, oldest);
    put_instant(pack, newest);
    vg_pack_varint(pack, message->reading_count);
    vg_pack_varint(pack, signals);
}

enum vg_status vg_batch_message(struct vg_batch *batch,
                                const struct vg_message *message, const char *episode,
                                struct vg_instant received, uint64_t hash)
{
    assert(message->reading_count <= VG_MESSAGE_ITEMS);
    assert(message->entry_count <= VG_MESSAGE_ITEMS);
    struct vg_pack *pack = &batch->pack;
    size_t start = vg_record_begin(batch, VG_RECORD_MESSAGE);
    put_instant(pack, received);
    put_origin(pack, &message->origin,
               message->origin.seq != 0 ? hash & UINT32_MAX : hash);
    vg_pack_byte(pack, (unsigned)message->kind);
    put_instant(pack, message->measured);
    put_extent(pack, message);
    vg_pack_string(pack, message->ward);
    vg_pack_string(pack, message->bed);
    vg_pack_string(pack, episode);
    vg_pack_string(pack, message->patient);
    vg_pack_string(pack, message->device);
    vg_obs_pack(pack, message);
    return vg_record_end(batch, start);
}

static void put_letter(struct vg_pack *pack, const struct vg_letter *letter)
{
    vg_pack_byte(pack, letter->retained);
    vg_pack_text(pack, letter->topic, letter->topic_length);
    vg_pack_text(pack, letter->payload, letter->payload_length);
}

enum vg_status vg_batch_quarantine(struct vg_batch *batch,
                                   const struct vg_letter *letter,
                                   const struct vg_origin *origin,
                                   const struct vg_refusal *refusal,
                                   struct vg_instant received, uint64_t hash)
{
    struct vg_pack *pack = &batch->pack;
    size_t start = vg_record_begin(batch, VG_RECORD_QUARANTINE);
    put_instant(pack, received);
    put_origin(pack, origin, hash);
    put_letter(pack, letter);
    vg_pack_string(pack, vg_reason_text(refusal->reason));
    vg_pack_string(pack, refusal->detail);
    vg_pack_signed(pack, refusal->item);
    return vg_record_end(batch, start);
}

enum vg_status vg_batch_admission(struct vg_batch *batch,
                                  const struct vg_letter *letter,
                                  const struct vg_origin *origin,
                                  struct vg_instant received, uint64_t hash)
{
    size_t start = vg_record_begin(batch, VG_RECORD_ADMISSION);
    put_instant(&batch->pack, received);
    put_origin(&batch->pack, origin, hash);
    put_letter(&batch->pack, letter);
    return vg_record_end(batch, start);
}

enum vg_status vg_batch_episode(struct vg_batch *batch,
                                const struct vg_episode *episode)
{
    struct vg_pack *pack = &batch->pack;
    size_t start = vg_record_begin(batch, VG_RECORD_EPISODE);
    vg_pack_string(pack, episode->id);
    vg_pack_string(pack, episode->patient);
    vg_pack_string(pack, episode->ward);
    vg_pack_string(pack, episode->bed);
    vg_pack_string(pack, vg_product_text(episode->product));
    vg_pack_string(pack, episode->protocol);
    vg_pack_signed(pack, episode->age);
    vg_pack_byte(pack, episode->outpatient);
    put_instant(pack, episode->begin);
    put_instant(pack, episode->end);
    vg_pack_string(pack, episode->donor);
    vg_pack_string(pack, episode->chain_id);
    return vg_record_end(batch, start);
}

/* Read back by get_carried. */
enum vg_status vg_batch_carried(struct vg_batch *batch, const char *episode,
                                const struct vg_carried *carried)
{
    struct vg_pack *pack = &batch->pack;
    size_t start = vg_record_begin(batch, VG_RECORD_CARRIED);
    vg_pack_string(pack, episode);
    put_instant(pack, carried->at);
    for (size_t i = 0; i < VG_CARRIED_TIMES; i++) {
        put_instant(pack, carried->time[i]);
    }
    for (size_t i = 0; i < VG_CARRIED_NUMBERS; i++) {
        vg_pack_signed(pack, carried->number[i]);
    }
    return vg_record_end(batch, start);
}

static void put_alert_fields(struct vg_pack *pack, const struct vg_alert *alert)
{
    vg_pack_string(pack, alert->id);
    vg_pack_varint(pack, alert->rev);
    vg_pack_byte(pack, vg_alert_open(alert));
    vg_pack_varint(pack, alert->n);
    vg_pack_string(pack, alert->ward);
    vg_pack_string(pack, alert->bed);
    vg_pack_string(pack, alert->patient);
    vg_pack_string(pack, alert->rule);
    vg_pack_string(pack, vg_severity_text(alert->severity));
    vg_pack_string(pack, vg_change_text(alert->event));
    put_instant(pack, alert->onset);
    put_instant(pack, alert->at);
    vg_pack_string(pack, alert->owner);
    vg_pack_string(pack, alert->remark);
}

enum vg_status vg_batch_alert(struct vg_batch *batch, const struct vg_alert *alert)
{
    vg_buffer_clear(&batch->json);
    vg_buffer_clear(&batch->care);
    vg_encode_alert(&batch->json, alert, true);
    if (vg_alert_open(alert)) {
        vg_encode_care(&batch->care, &alert->care);
    }
    if (batch->json.failed || batch->care.failed) {
        return VG_NO_MEMORY;
    }
    size_t start = vg_record_begin(batch, VG_RECORD_ALERT);
    put_alert_fields(&batch->pack, alert);
    vg_pack_text(&batch->pack, batch->json.bytes, batch->json.length);
    vg_pack_text(&batch->pack, batch->care.bytes, batch->care.length);
    return vg_record_end(batch, start);
}

enum vg_status vg_batch_delivered(struct vg_batch *batch, const char *alert,
                                  uint32_t rev)
{
    size_t start = vg_record_begin(batch, VG_RECORD_DELIVERED);
    vg_pack_string(&batch->pack, alert);
    vg_pack_varint(&batch->pack, rev);
    return vg_record_end(batch, start);
}

enum vg_status vg_batch_gateway(struct vg_batch *batch, const char *gateway,
                                const char *epoch, uint64_t from)
{
    size_t start = vg_record_begin(batch, VG_RECORD_GATEWAY);
    vg_pack_string(&batch->pack, gateway);
    vg_pack_string(&batch->pack, epoch);
    vg_pack_varint(&batch->pack, from);
    return vg_record_end(batch, start);
}

enum vg_status vg_batch_mark(struct vg_batch *batch, const char *gateway,
                             const char *epoch, uint64_t upto,
                             const struct vg_range *ranges, size_t range_count)
{
    size_t start = vg_record_begin(batch, VG_RECORD_MARK);
    vg_pack_string(&batch->pack, gateway);
    vg_pack_string(&batch->pack, epoch);
    vg_pack_varint(&batch->pack, upto);
    for (size_t i = 0; i < range_count; i++) {
        vg_pack_varint(&batch->pack, ranges[i].first);
        vg_pack_varint(&batch->pack, ranges[i].last - ranges[i].first);
    }
    return vg_record_end(batch, start);
}

void vg_batch_journal(struct vg_batch *batch, uint64_t ordinal)
{
    batch->journal = ordinal > batch->journal ? ordinal : batch->journal;
}
