/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling a batch with who lay where and what they were given, and reading it back. See
 * batch.c.
 */
#include "shell/batch_ties.h"

enum vg_status vg_batch_tie(struct vg_batch *batch, const struct vg_tie *tie)
{
    struct vg_pack *pack = &batch->pack;
    const size_t start = vg_record_begin(batch, VG_RECORD_TIE);

    vg_pack_string(pack, tie->ward);
    vg_pack_string(pack, tie->bed);
    vg_pack_string(pack, tie->episode);
    vg_pack_string(pack, tie->patient);
    vg_pack_signed(pack, tie->from.ms);
    vg_pack_signed(pack, tie->to.ms);
    return vg_record_end(batch, start);
}

void vg_record_get_tie(struct vg_unpack *unpack, struct vg_record *out)
{
    out->tie.ward = vg_unpack_text(unpack);
    out->tie.bed = vg_unpack_text(unpack);
    out->tie.episode = vg_unpack_text(unpack);
    out->tie.patient = vg_unpack_text(unpack);
    out->tie.from.ms = vg_unpack_signed(unpack);
    out->tie.to.ms = vg_unpack_signed(unpack);
}

enum vg_status vg_batch_infusion(struct vg_batch *batch,
                                 const struct vg_message *message, const char *episode,
                                 const struct vg_entry *entry,
                                 const struct vg_episode *of)
{
    const char *const texts[] = {message->ward,
                                 message->bed,
                                 episode,
                                 message->patient,
                                 entry->value,
                                 entry->product,
                                 entry->dose_id,
                                 of != NULL ? of->donor : "",
                                 of != NULL ? of->chain_id : ""};
    struct vg_pack *pack = &batch->pack;
    const size_t start = vg_record_begin(batch, VG_RECORD_INFUSION);

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        vg_pack_string(pack, texts[i]);
    }
    vg_pack_signed(pack, entry->at.ms);
    vg_pack_byte(pack, entry->on ? 0 : 1);
    return vg_record_end(batch, start);
}

void vg_record_get_infusion(struct vg_unpack *unpack, struct vg_record *out)
{
    struct vg_slice *const texts[] = {
        &out->infusion.ward,    &out->infusion.bed,   &out->infusion.episode,
        &out->infusion.patient, &out->infusion.what,  &out->infusion.product,
        &out->infusion.dose_id, &out->infusion.donor, &out->infusion.chain_id};

    for (size_t i = 0; i < sizeof texts / sizeof(struct vg_slice *); i++) {
        *texts[i] = vg_unpack_text(unpack);
    }
    out->infusion.at.ms = vg_unpack_signed(unpack);
    out->infusion.taken_back = vg_unpack_byte(unpack) != 0;
}

enum vg_status vg_batch_released(struct vg_batch *batch, uint64_t quarantine,
                                 const char *patient)
{
    const size_t start = vg_record_begin(batch, VG_RECORD_RELEASED);

    vg_pack_varint(&batch->pack, quarantine);
    vg_pack_string(&batch->pack, patient);
    return vg_record_end(batch, start);
}

void vg_record_get_released(struct vg_unpack *unpack, struct vg_record *out)
{
    out->released.quarantine = vg_unpack_varint(unpack);
    out->released.patient = vg_unpack_text(unpack);
}
