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
static void extent_of(struct vg_sealer *sealer, sqlite3_stmt *row,
                      struct vg_seal_kept *kept)
{
    const struct vg_instant measured = {sqlite3_column_int64(row, 2)};
    const struct vg_slice bytes = vg_db_column(row, 8);
    struct vg_obs *obs = &sealer->obs;

    kept->oldest = measured;
    kept->newest = measured;
    if (vg_obs_unpack(bytes.text, bytes.length, measured, obs) != VG_OK) {
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
                           sqlite3_stmt *row)
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
    kept->id = sqlite3_column_int64(row, 0);
    extent_of(sealer, row, kept);
    return VG_OK;
}

static enum vg_status take(struct vg_sealer *sealer, sqlite3_stmt *row)
{
    const int64_t id = sqlite3_column_int64(row, 3);

    if (room_for(sealer, id) != VG_OK) {
        return VG_NO_MEMORY;
    }
    struct vg_seal_place *place = &sealer->place[id];
    if (sqlite3_column_int(row, 7) != 0) {
        return keep(sealer, place, row);
    }
    const struct vg_slice obs = vg_db_column(row, 8);
    const size_t length = place->messages.length;
    static const int columns[] = {0, 1, 2, 4, 5, 6};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        vg_pack_signed(&place->messages, sqlite3_column_int64(row, columns[i]));
    }
    vg_pack_varint(&place->messages, obs.length);
    vg_pack_bytes(&place->messages, obs.text, obs.length);
    sealer->bytes += place->messages.length - length;
    place->count++;
    sealer->full =
        sealer->full || place->count >= sealer->whole || sealer->bytes >= VG_SEAL_BYTES;
    return place->messages.failed ? VG_NO_MEMORY : VG_OK;
}

/* A restart must still find the numbers that its gateway's mark does not name as rows. */
static bool is_marked(const struct vg_writer *writer, sqlite3_stmt *row)
{
    const uint64_t epoch = (uint64_t)sqlite3_column_int64(row, 5);

    return sqlite3_column_int64(row, 6) == 0 ||
           (epoch < writer->epoch_capacity &&
            sqlite3_column_int64(row, 0) <= writer->epoch[epoch].message);
}

/* Why the window ends before a row. */
enum end { NO_END, WHOLE, TOO_NEW, UNMARKED, DAMAGED };

static bool is_damaged(struct vg_sealer *sealer, sqlite3_stmt *row)
{
    const struct vg_slice obs = vg_db_column(row, 8);

    return sqlite3_column_int(row, 7) == 0 &&
           vg_obs_unpack(obs.text, obs.length, (struct vg_instant){0}, &sealer->obs) !=
               VG_OK;
}

static enum end end_before(const struct vg_writer *writer, sqlite3_stmt *row)
{
    struct vg_sealer *sealer = writer->sealer;
    const int64_t id = sqlite3_column_int64(row, 0);
    const int64_t received = sqlite3_column_int64(row, 1);

    if (sealer->last != 0 ? id > sealer->last
                          : sealer->full || received > sealer->span_end) {
        return WHOLE;
    }
    if (is_damaged(sealer, row)) {
        return DAMAGED;
    }
    if (sealer->last != 0) {
        return NO_END;
    }
    if (received > sealer->cut || id > writer->tail || id >= writer->last_message) {
        return TOO_NEW;
    }
    return is_marked(writer, row) ? NO_END : UNMARKED;
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
    sqlite3_stmt *row = sealer->statement[VG_SEAL_ROW];
    enum vg_status status = VG_OK;
    enum end end = NO_END;
    int code = SQLITE_ROW;

    sqlite3_bind_int64(row, 1, sealer->at);
    for (unsigned n = 1; status == VG_OK; n++) {
        code = sqlite3_step(row);
        end = code != SQLITE_ROW ? TOO_NEW : end_before(writer, row);
        if (end != NO_END || (n % LOOK_AT_CLOCK == 0 && vg_clock_boot() > until)) {
            break;
        }
        if (sqlite3_column_int64(row, 3) > sealer->sealing_place) {
            status = take(sealer, row);
        }
        sealer->at = sqlite3_column_int64(row, 0);
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        status = vg_db_failed(writer->db, "read the store", error);
    }
    sqlite3_reset(row);
    if (status != VG_OK || end == NO_END) {
        return status;
    }
    if (code == SQLITE_DONE && sealer->last != 0) {
        end = WHOLE;
    }
    return close_window(writer, end, error);
}
