/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a batch's records back, in the order of batch.c.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vigil/assess.h"

#include "shell/batch.h"
#include "shell/batch_ties.h"

static struct vg_instant get_instant(struct vg_unpack *unpack)
{
    return (struct vg_instant){vg_unpack_signed(unpack)};
}

static void get_origin(struct vg_unpack *unpack, struct vg_record *out)
{
    out->received = get_instant(unpack);
    out->origin.gateway = vg_unpack_text(unpack);
    out->origin.epoch = vg_unpack_text(unpack);
    out->origin.seq = vg_unpack_varint(unpack);
    out->origin.hash = vg_unpack_varint(unpack);
}

static void get_message(struct vg_unpack *unpack, struct vg_record *out)
{
    get_origin(unpack, out);
    out->message.kind = (enum vg_kind)vg_unpack_byte(unpack);
    out->message.measured = get_instant(unpack);
    out->message.oldest = get_instant(unpack);
    out->message.newest = get_instant(unpack);
    out->message.readings = vg_unpack_varint(unpack);
    out->message.signals = vg_unpack_varint(unpack);
    out->message.ward = vg_unpack_text(unpack);
    out->message.bed = vg_unpack_text(unpack);
    out->message.episode = vg_unpack_text(unpack);
    out->message.patient = vg_unpack_text(unpack);
    out->message.device = vg_unpack_text(unpack);
    out->message.obs = vg_unpack_rest(unpack);
}

static void get_admission(struct vg_unpack *unpack, struct vg_record *out)
{
    get_origin(unpack, out);
    out->letter.retained = vg_unpack_byte(unpack) != 0;
    out->letter.topic = vg_unpack_text(unpack);
    out->letter.payload = vg_unpack_text(unpack);
}

static void get_quarantine(struct vg_unpack *unpack, struct vg_record *out)
{
    get_admission(unpack, out);
    out->letter.reason = vg_unpack_text(unpack);
    out->letter.detail = vg_unpack_text(unpack);
    out->letter.item = vg_unpack_signed(unpack);
}

static void get_episode(struct vg_unpack *unpack, struct vg_record *out)
{
    out->episode.id = vg_unpack_text(unpack);
    out->episode.patient = vg_unpack_text(unpack);
    out->episode.ward = vg_unpack_text(unpack);
    out->episode.bed = vg_unpack_text(unpack);
    out->episode.product = vg_unpack_text(unpack);
    out->episode.protocol = vg_unpack_text(unpack);
    out->episode.age = vg_unpack_signed(unpack);
    out->episode.outpatient = vg_unpack_byte(unpack) != 0;
    out->episode.begin = get_instant(unpack);
    out->episode.end = get_instant(unpack);
    out->episode.donor = vg_unpack_text(unpack);
    out->episode.chain_id = vg_unpack_text(unpack);
}

static void get_delivered(struct vg_unpack *unpack, struct vg_record *out)
{
    out->alert.id = vg_unpack_text(unpack);
    out->alert.rev = vg_unpack_varint(unpack);
}

static void get_alert(struct vg_unpack *unpack, struct vg_record *out)
{
    get_delivered(unpack, out);
    out->alert.open = vg_unpack_byte(unpack) != 0;
    out->alert.n = vg_unpack_varint(unpack);
    out->alert.ward = vg_unpack_text(unpack);
    out->alert.bed = vg_unpack_text(unpack);
    out->alert.patient = vg_unpack_text(unpack);
    out->alert.rule = vg_unpack_text(unpack);
    out->alert.severity = vg_unpack_text(unpack);
    out->alert.event = vg_unpack_text(unpack);
    out->alert.onset = get_instant(unpack);
    out->alert.at = get_instant(unpack);
    out->alert.owner = vg_unpack_text(unpack);
    out->alert.remark = vg_unpack_text(unpack);
    out->alert.json = vg_unpack_text(unpack);
    out->alert.care = vg_unpack_text(unpack);
}

static void get_gateway(struct vg_unpack *unpack, struct vg_record *out)
{
    out->origin.gateway = vg_unpack_text(unpack);
    out->origin.epoch = vg_unpack_text(unpack);
    out->mark.upto = vg_unpack_varint(unpack);
}

static void get_mark(struct vg_unpack *unpack, struct vg_record *out)
{
    get_gateway(unpack, out);
    out->mark.ranges = vg_unpack_rest(unpack);
}

static void get_page(struct vg_unpack *unpack, struct vg_record *out)
{
    out->page.id = vg_unpack_text(unpack);
    out->page.alert = vg_unpack_text(unpack);
    out->page.rev = vg_unpack_varint(unpack);
    out->page.ward = vg_unpack_text(unpack);
    out->page.role = vg_unpack_text(unpack);
    out->page.kind = vg_unpack_text(unpack);
    out->page.at = get_instant(unpack);
    out->page.json = vg_unpack_text(unpack);
    out->page.care = vg_unpack_text(unpack);
}

static void get_way(struct vg_unpack *unpack, struct vg_record *out)
{
    out->way.page = vg_unpack_text(unpack);
    out->way.channel = vg_unpack_text(unpack);
    out->way.way = vg_unpack_text(unpack);
    out->way.settled = vg_unpack_byte(unpack) != 0;
    out->way.at = get_instant(unpack);
    out->way.detail = vg_unpack_text(unpack);
}

static void get_command(struct vg_unpack *unpack, struct vg_record *out)
{
    struct vg_slice *const texts[] = {
        &out->command.client,    &out->command.id,     &out->command.ward,
        &out->command.by,        &out->command.what,   &out->command.alert,
        &out->command.page,      &out->command.bed,    &out->command.reason,
        &out->command.judgement, &out->command.result, &out->command.detail};

    for (size_t i = 0; i < sizeof texts / sizeof(struct vg_slice *); i++) {
        *texts[i] = vg_unpack_text(unpack);
    }
    out->command.seen = vg_unpack_varint(unpack);
    out->command.rev = vg_unpack_varint(unpack);
    out->command.span = vg_unpack_signed(unpack);
    out->command.at = get_instant(unpack);
    out->command.ts = get_instant(unpack);
}

static void get_pause(struct vg_unpack *unpack, struct vg_record *out)
{
    out->pause.ward = vg_unpack_text(unpack);
    out->pause.bed = vg_unpack_text(unpack);
    out->pause.by = vg_unpack_text(unpack);
    out->pause.reason = vg_unpack_text(unpack);
    out->pause.at = get_instant(unpack);
    out->pause.until = get_instant(unpack);
}

static void get_assessed(struct vg_unpack *unpack, struct vg_record *out)
{
    struct vg_slice *const texts[] = {&out->assessed.ward,    &out->assessed.bed,
                                      &out->assessed.patient, &out->assessed.episode,
                                      &out->assessed.part,    &out->assessed.json};

    for (size_t i = 0; i < 6; i++) {
        *texts[i] = vg_unpack_text(unpack);
    }
    out->assessed.at = get_instant(unpack);
}

static void get_audit(struct vg_unpack *unpack, struct vg_record *out)
{
    out->audit.kind = vg_unpack_text(unpack);
    out->audit.subject = vg_unpack_text(unpack);
    out->audit.text = vg_unpack_text(unpack);
    out->audit.at = get_instant(unpack);
}

static void get_carried(struct vg_unpack *unpack, struct vg_record *out)
{
    struct vg_carried *value = &out->carried.value;

    out->carried.episode = vg_unpack_text(unpack);
    value->at = get_instant(unpack);
    for (size_t i = 0; i < VG_CARRIED_TIMES; i++) {
        value->time[i] = get_instant(unpack);
    }
    for (size_t i = 0; i < VG_CARRIED_NUMBERS; i++) {
        value->number[i] = (int16_t)vg_unpack_signed(unpack);
    }
}

static void (*const getters[VG_RECORD_KIND_COUNT])(struct vg_unpack *,
                                                   struct vg_record *) = {
    [VG_RECORD_MESSAGE] = get_message,
    [VG_RECORD_QUARANTINE] = get_quarantine,
    [VG_RECORD_EPISODE] = get_episode,
    [VG_RECORD_ADMISSION] = get_admission,
    [VG_RECORD_ALERT] = get_alert,
    [VG_RECORD_DELIVERED] = get_delivered,
    [VG_RECORD_GATEWAY] = get_gateway,
    [VG_RECORD_MARK] = get_mark,
    [VG_RECORD_PAGE] = get_page,
    [VG_RECORD_WAY] = get_way,
    [VG_RECORD_COMMAND] = get_command,
    [VG_RECORD_PAUSE] = get_pause,
    [VG_RECORD_AUDIT] = get_audit,
    [VG_RECORD_TIE] = vg_record_get_tie,
    [VG_RECORD_INFUSION] = vg_record_get_infusion,
    [VG_RECORD_RELEASED] = vg_record_get_released,
    [VG_RECORD_ASSESSED] = get_assessed,
    [VG_RECORD_CARRIED] = get_carried,
};

bool vg_record_next(const struct vg_pack *pack, size_t *at, struct vg_record *out)
{
    uint32_t head[2];
    if (*at == pack->length) {
        return false;
    }
    memcpy(head, pack->bytes + *at, sizeof(head));
    assert(head[0] >= sizeof(head) && head[0] <= pack->length - *at);
    assert(head[1] < VG_RECORD_KIND_COUNT);
    struct vg_unpack unpack = {pack->bytes + *at + sizeof(head),
                               pack->bytes + *at + head[0], false};
    memset(out, 0, sizeof(*out));
    out->kind = (enum vg_record_kind)head[1];
    getters[head[1]](&unpack, out);
    assert(!unpack.failed && unpack.at == unpack.end);
    *at += head[0];
    return true;
}

enum vg_status vg_ranges_unpack(struct vg_slice packed, struct vg_range **out,
                                size_t *count)
{
    const uint8_t *bytes = (const uint8_t *)packed.text;
    struct vg_unpack unpack = {bytes, bytes + packed.length, false};
    *out = NULL;
    *count = 0;
    if (packed.length == 0) {
        return VG_OK;
    }
    /* two bytes a range at least */
    struct vg_range *ranges = calloc(packed.length / 2 + 1, sizeof(*ranges));
    if (ranges == NULL) {
        return VG_NO_MEMORY;
    }
    while (unpack.at < unpack.end && !unpack.failed) {
        uint64_t first = vg_unpack_varint(&unpack);
        ranges[(*count)++] =
            (struct vg_range){first, first + vg_unpack_varint(&unpack)};
    }
    if (unpack.failed) {
        free(ranges);
        *count = 0;
        return VG_REFUSED;
    }
    *out = ranges;
    return VG_OK;
}

enum vg_status vg_record_message(const struct vg_record *record, struct vg_message *out,
                                 struct vg_obs *obs)
{
    *out = (struct vg_message){.kind = record->message.kind,
                               .measured = record->message.measured,
                               .origin.seq = record->origin.seq};
    bool fits =
        vg_copy(out->origin.gateway, sizeof(out->origin.gateway),
                record->origin.gateway.text) &&
        vg_copy(out->origin.epoch, sizeof(out->origin.epoch),
                record->origin.epoch.text) &&
        vg_copy(out->ward, sizeof(out->ward), record->message.ward.text) &&
        vg_copy(out->bed, sizeof(out->bed), record->message.bed.text) &&
        vg_copy(out->patient, sizeof(out->patient), record->message.patient.text) &&
        vg_copy(out->device, sizeof(out->device), record->message.device.text);
    if (!fits || out->kind >= VG_KIND_EPISODE ||
        vg_obs_unpack(record->message.obs.text, record->message.obs.length,
                      out->measured, obs) != VG_OK) {
        return VG_REFUSED;
    }
    vg_obs_into(obs, out);
    return VG_OK;
}

void vg_record_answer(const struct vg_record *record, struct vg_answer *out)
{
    *out = (struct vg_answer){.rev = (uint32_t)record->command.rev};
    (void)vg_copy(out->id, sizeof out->id, record->command.id.text);
    (void)vg_copy(out->ward, sizeof out->ward, record->command.ward.text);
    (void)vg_copy(out->client, sizeof out->client, record->command.client.text);
    (void)vg_copy(out->detail, sizeof out->detail, record->command.detail.text);
    if (vg_result_find(record->command.result.text, &out->result) != VG_OK) {
        out->result = VG_RESULT_INVALID; /* a word of a later version: not done again */
    }
}

void vg_record_pause(const struct vg_record *record, struct vg_pause *out)
{
    *out = (struct vg_pause){.at = record->pause.at, .until = record->pause.until};
    (void)vg_copy(out->ward, sizeof out->ward, record->pause.ward.text);
    (void)vg_copy(out->bed, sizeof out->bed, record->pause.bed.text);
    (void)vg_copy(out->by, sizeof out->by, record->pause.by.text);
    (void)vg_copy(out->reason, sizeof out->reason, record->pause.reason.text);
}

void vg_care_read(struct vg_slice json, struct vg_care *out)
{
    if (json.length > 0 && vg_decode_care(json.text, json.length, out) == VG_OK) {
        return;
    }
    *out = (struct vg_care){.resend_at = VG_NEVER,
                            .hold_until = VG_NEVER,
                            .reset_at = VG_NEVER,
                            .told_at = VG_UNSET,
                            .worst_sbp = VG_NO_VALUE,
                            .worst_news2 = VG_GRADE_NULL,
                            .worst_crs = VG_GRADE_NULL,
                            .worst_icans = VG_GRADE_NULL,
                            .seen_sbp = VG_NO_VALUE,
                            .seen_news2 = VG_GRADE_NULL,
                            .seen_crs = VG_GRADE_NULL,
                            .seen_icans = VG_GRADE_NULL};
}
