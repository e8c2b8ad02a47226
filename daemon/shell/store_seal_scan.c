/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the window. See store_seal.h.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/store_seal.h"

#define LOOK_AT_CLOCK 64 /* rows */

static enum vg_status room_for(struct vg_sealer *sealer, int64_t place)
{
    const size_t wanted = (size_t)place + 1;

    if (wanted <= sealer->place_capacity) {
        return VG_OK;
    }
    struct vg_seal_place *larger =
        realloc(sealer->place, 2 * wanted * sizeof *sealer->place);
    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    memset(larger + sealer->place_capacity, 0,
           (2 * wanted - sealer->place_capacity) * sizeof *larger);
    sealer->place = larger;
    sealer->place_capacity = 2 * wanted;
    return VG_OK;
}

/* The span of a message that stays. Damaged: still found by the message's own time. */
static void extent_of(struct vg_sealer *sealer, const struct vg_row *row,
                      struct vg_seal_kept *kept)
{
    struct vg_obs *obs = &sealer->obs;

    kept->oldest.ms = row->message.measured;
    kept->newest.ms = row->message.measured;
    if (vg_rows_unpack(sealer->rows, obs) != VG_OK) {
        return;
    }
    for (size_t i = 0; i < obs->reading_count; i++) {
        kept->oldest = vg_earlier(kept->oldest, obs->readings[i].measured);
        kept->newest = vg_later(kept->newest, obs->readings[i].measured);
    }
    for (size_t i = 0; i < obs->entry_count; i++) {
        kept->oldest = vg_earlier(kept->oldest, obs->entries[i].at);
        kept->newest = vg_later(kept->newest, obs->entries[i].at);
    }
}

static enum vg_status keep(struct vg_sealer *sealer, struct vg_seal_place *place,
                           const struct vg_row *row)
{
    if (place->kept_count == place->kept_capacity) {
        const size_t capacity = 2 * place->kept_capacity + 8;
        struct vg_seal_kept *larger =
            realloc(place->kept, capacity * sizeof *place->kept);
        if (larger == NULL) {
            return VG_NO_MEMORY;
        }
        place->kept = larger;
        place->kept_capacity = capacity;
    }
    struct vg_seal_kept *kept = &place->kept[place->kept_count++];
    kept->id = row->message.id;
    extent_of(sealer, row, kept);
    return VG_OK;
}

static enum vg_status take(struct vg_sealer *sealer, const struct vg_row *row,
                           struct vg_slice obs)
{
    const struct vg_bundle_message *m = &row->message;

    if (room_for(sealer, m->place) != VG_OK) {
        return VG_NO_MEMORY;
    }
    struct vg_seal_place *place = &sealer->place[m->place];
    if (row->kind != 0) {
        return keep(sealer, place, row);
    }
    const size_t length = place->messages.length;
    const int64_t numbers[] = {m->subject,  m->epoch,    m->id,
                               m->received, m->measured, m->seq};
    uint8_t bytes[VG_VARINT_MOST * sizeof numbers / sizeof *numbers];
    uint8_t *at = bytes;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        at = vg_put_signed(at, numbers[i]);
    }
    vg_pack_varint(&place->messages, (size_t)(at - bytes) + obs.length);
    vg_pack_bytes(&place->messages, bytes, (size_t)(at - bytes));
    vg_pack_bytes(&place->messages, obs.text, obs.length);
    sealer->bytes += place->messages.length - length;
    place->count++;
    sealer->full =
        sealer->full || place->count >= sealer->whole || sealer->bytes >= VG_SEAL_BYTES;
    return place->messages.failed ? VG_NO_MEMORY : VG_OK;
}

/* A restart must still find the numbers that its gateway's mark does not name as rows. */
static bool is_marked(const struct vg_writer *writer, const struct vg_bundle_message *m)
{
    const uint64_t epoch = (uint64_t)m->epoch;

    return m->seq == 0 ||
           (epoch < writer->epoch_capacity && m->id <= writer->epoch[epoch].message);
}

/* Why the window ends before a row. */
enum end { NO_END, WHOLE, TOO_NEW, UNMARKED, DAMAGED };

static enum end end_before(const struct vg_writer *writer, const struct vg_row *row)
{
    const struct vg_sealer *sealer = writer->sealer;
    const struct vg_bundle_message *m = &row->message;

    if (sealer->last != 0 ? m->id > sealer->last
                          : sealer->full || m->received > sealer->span_end) {
        return WHOLE;
    }
    if (sealer->last != 0) {
        return NO_END;
    }
    if (m->received > sealer->cut || m->id > writer->tail ||
        m->id >= writer->last_message) {
        return TOO_NEW;
    }
    return is_marked(writer, m) ? NO_END : UNMARKED;
}

/* The message at which the rows stand, if it is in the window. */
static enum vg_status take_if(struct vg_writer *writer, enum end *end)
{
    struct vg_sealer *sealer = writer->sealer;
    const struct vg_row *row = vg_rows_now(sealer->rows);
    struct vg_slice obs = {"", 0};
    enum vg_status status = VG_OK;

    *end = end_before(writer, row);
    if (*end != NO_END) {
        return VG_OK;
    }
    if ((uint64_t)row->message.place >= writer->place_capacity) {
        *end = DAMAGED;
        return VG_OK;
    }
    if (row->kind == 0) {
        status = vg_rows_sound(sealer->rows, &sealer->obs, &obs);
    }
    if (status == VG_REFUSED) {
        *end = DAMAGED;
        return VG_OK;
    }
    if (status == VG_OK && row->message.place > sealer->sealing_place) {
        status = take(sealer, row, obs);
    }
    sealer->at = status == VG_OK ? row->message.id : sealer->at;
    return status;
}

/* A window that is not whole waits until it is; but what cannot go on now is not waited for. */
static enum vg_status close_window(struct vg_writer *writer, enum end end,
                                   struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;

    if (end == TOO_NEW && sealer->last == 0) {
        vg_seal_forget(sealer);
        return VG_OK;
    }
    if (sealer->last == 0 && sealer->at > sealer->sealed) {
        sealer->last = sealer->at;
    } else if (end == UNMARKED || end == DAMAGED) {
        vg_error_set(error, "cannot seal beyond message %lld: %s",
                     (long long)sealer->at,
                     end == DAMAGED ? "the next one cannot be read back"
                                    : "the mark of the next one's gateway is missing");
        return VG_FAILED;
    }
    sealer->at = sealer->last;
    sealer->stage = VG_SEAL_PLACES;
    return VG_OK;
}

enum vg_status vg_seal_scan(struct vg_writer *writer, vg_ms until,
                            struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    enum vg_status status = VG_OK;
    enum end end = NO_END;
    int code = vg_rows_seek(sealer->rows, sealer->at + 1, INT64_MAX, false);

    for (unsigned n = 1; code == SQLITE_ROW && status == VG_OK; n++) {
        status = take_if(writer, &end);
        if (end != NO_END || (n % LOOK_AT_CLOCK == 0 && vg_clock_boot() > until)) {
            break;
        }
        code = status == VG_OK ? vg_rows_next(sealer->rows) : code;
    }
    if (code == SQLITE_CORRUPT_VTAB) {
        end = DAMAGED;
    } else if (code == SQLITE_DONE) {
        end = sealer->last != 0 ? WHOLE : TOO_NEW;
    } else if (code != SQLITE_ROW) {
        status = vg_db_failed(writer->db, "read the store", error);
    }
    vg_rows_rest(sealer->rows);
    return status != VG_OK || end == NO_END ? status : close_window(writer, end, error);
}
