/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling a batch with what concerns people: pages and their ways, commands, beds off the
 * ward, and what else the audit trail must have. See batch.c.
 */
#include <assert.h>

#include "shell/batch.h"

const char *vg_way_text(enum vg_way way)
{
    static const char *const words[VG_WAY_COUNT] = {[VG_WAY_SENT] = "sent",
                                                    [VG_WAY_FAILED] = "failed",
                                                    [VG_WAY_RECEIVED] = "received",
                                                    [VG_WAY_DISPLAYED] = "displayed",
                                                    [VG_WAY_DROPPED] = "dropped"};

    assert(way < VG_WAY_COUNT);
    return words[way];
}

enum vg_status vg_batch_page(struct vg_batch *batch, const struct vg_alert *alert,
                             enum vg_page_kind kind, const char *role,
                             struct vg_instant at)
{
    char id[VG_ALERT_LEN + 1];

    vg_buffer_clear(&batch->json);
    vg_buffer_clear(&batch->care);
    vg_encode_alert(&batch->json, alert, true);
    vg_encode_care(&batch->care, &alert->care);
    if (batch->json.failed || batch->care.failed) {
        return VG_NO_MEMORY;
    }
    vg_page_id(alert, kind, role, id);
    struct vg_pack *pack = &batch->pack;
    const size_t start = vg_record_begin(batch, VG_RECORD_PAGE);
    vg_pack_string(pack, id);
    vg_pack_string(pack, alert->id);
    vg_pack_varint(pack, alert->rev);
    vg_pack_string(pack, alert->ward);
    vg_pack_string(pack, role);
    vg_pack_string(pack, vg_page_text(kind));
    vg_pack_signed(pack, at.ms);
    vg_pack_text(pack, batch->json.bytes, batch->json.length);
    vg_pack_text(pack, batch->care.bytes, batch->care.length);
    return vg_record_end(batch, start);
}

/* NOLINTNEXTLINE(readability-function-size): one row of the table of deliveries */
enum vg_status vg_batch_way(struct vg_batch *batch, const char *page,
                            const char *channel, enum vg_way way, bool settled,
                            struct vg_instant at, const char *detail)
{
    struct vg_pack *pack = &batch->pack;
    const size_t start = vg_record_begin(batch, VG_RECORD_WAY);

    vg_pack_string(pack, page);
    vg_pack_string(pack, channel);
    vg_pack_string(pack, vg_way_text(way));
    vg_pack_byte(pack, settled);
    vg_pack_signed(pack, at.ms);
    vg_pack_string(pack, detail != NULL ? detail : "");
    return vg_record_end(batch, start);
}

enum vg_status vg_batch_command(struct vg_batch *batch,
                                const struct vg_command *command,
                                const struct vg_answer *answer, struct vg_instant at)
{
    const char *const judgement =
        command->what == VG_DO_JUDGE ? vg_judgement_text(command->judgement) : "";
    const char *const texts[] = {command->client,
                                 command->id,
                                 command->ward,
                                 command->by,
                                 vg_do_text(command->what),
                                 command->alert,
                                 command->page,
                                 command->bed,
                                 command->reason,
                                 judgement,
                                 vg_result_text(answer->result),
                                 answer->detail};
    struct vg_pack *pack = &batch->pack;
    const size_t start = vg_record_begin(batch, VG_RECORD_COMMAND);

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        vg_pack_string(pack, texts[i]);
    }
    vg_pack_varint(pack, command->rev);
    vg_pack_varint(pack, answer->rev);
    vg_pack_signed(pack, command->span);
    vg_pack_signed(pack, at.ms);
    vg_pack_signed(pack, command->ts.ms);
    return vg_record_end(batch, start);
}

enum vg_status vg_batch_pause(struct vg_batch *batch, const struct vg_pause *pause)
{
    struct vg_pack *pack = &batch->pack;
    const size_t start = vg_record_begin(batch, VG_RECORD_PAUSE);

    vg_pack_string(pack, pause->ward);
    vg_pack_string(pack, pause->bed);
    vg_pack_string(pack, pause->by);
    vg_pack_string(pack, pause->reason);
    vg_pack_signed(pack, pause->at.ms);
    vg_pack_signed(pack, pause->until.ms);
    return vg_record_end(batch, start);
}

enum vg_status vg_batch_audit(struct vg_batch *batch, struct vg_instant at,
                              const char *kind, const char *subject, const char *text)
{
    struct vg_pack *pack = &batch->pack;
    const size_t start = vg_record_begin(batch, VG_RECORD_AUDIT);

    vg_pack_string(pack, kind);
    vg_pack_string(pack, subject);
    vg_pack_string(pack, text);
    vg_pack_signed(pack, at.ms);
    return vg_record_end(batch, start);
}

enum vg_status vg_batch_assessed(struct vg_batch *batch,
                                 const struct vg_assessed_part *assessed)
{
    struct vg_pack *pack = &batch->pack;
    const size_t start = vg_record_begin(batch, VG_RECORD_ASSESSED);
    const char *const texts[] = {assessed->ward,    assessed->bed,  assessed->patient,
                                 assessed->episode, assessed->part, assessed->json};

    for (size_t i = 0; i < 6; i++) {
        vg_pack_string(pack, texts[i]);
    }
    vg_pack_signed(pack, assessed->at.ms);
    return vg_record_end(batch, start);
}
