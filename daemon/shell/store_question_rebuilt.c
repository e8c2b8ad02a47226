/* SPDX-License-Identifier: Apache-2.0
 *
 * Stretches, put together again. See store_question_rebuilt.h.
 */
#include "shell/store_question_rebuilt.h"

#include <stdlib.h>

/* What SQLite's step says of a row that must be there. */
static enum vg_status there(struct vg_search *search, sqlite3_stmt *row)
{
    const int code = sqlite3_step(row);

    return code == SQLITE_ROW    ? VG_OK
           : code == SQLITE_DONE ? VG_REFUSED
                                 : vg_reader_failed(search->reader, search->error);
}

static enum vg_status add_block(struct vg_search *search, struct vg_rebuilt *o,
                                int64_t id)
{
    size_t message;
    size_t position;
    struct vg_reading reading;

    sqlite3_bind_int64(search->block, 1, id);
    enum vg_status status = there(search, search->block);
    if (status == VG_OK) {
        status =
            vg_block_unpack(search->zip, vg_db_column(search->block, VG_COLUMN_DATA),
                            &o->times, o->block);
    }
    sqlite3_reset(search->block);
    while (status == VG_OK &&
           vg_block_next(o->block, &o->times, &reading, &message, &position)) {
        if (o->count == o->capacity) {
            const size_t capacity = o->capacity == 0 ? 4096 : 2 * o->capacity;
            struct vg_part *larger = realloc(o->part, capacity * sizeof *larger);
            if (larger == NULL) {
                return VG_NO_MEMORY;
            }
            o->part = larger;
            o->capacity = capacity;
        }
        o->part[o->count++] =
            (struct vg_part){(uint32_t)message, (uint32_t)position, reading};
    }
    return status == VG_REFUSED ? vg_search_damaged(search, "block", id) : status;
}

static int by_place(const void *a, const void *b)
{
    const struct vg_part *left = a;
    const struct vg_part *right = b;

    if (left->message != right->message) {
        return left->message < right->message ? -1 : 1;
    }
    return (left->position > right->position) - (left->position < right->position);
}

enum vg_status vg_rebuilt_next_charted(struct vg_search *search, struct vg_rebuilt *o)
{
    const enum vg_status status =
        vg_rest_next(&o->rest, &o->times, &o->charted, o->obs);

    if (status == VG_ABSENT) {
        o->charted = SIZE_MAX;
        return VG_OK;
    }
    return status == VG_OK ? VG_OK
                           : vg_search_damaged(search, "stretch", o->piece->first);
}

static enum vg_status unpack(struct vg_search *search, struct vg_rebuilt *o)
{
    sqlite3_bind_int64(search->stretch, 1, o->piece->first);
    enum vg_status status = there(search, search->stretch);
    if (status == VG_OK) {
        status = vg_times_unpack(
            search->zip, vg_db_column(search->stretch, VG_COLUMN_TIMES), &o->times);
    }
    if (status == VG_OK) {
        status =
            vg_rest_unpack(search->zip, vg_db_column(search->stretch, VG_COLUMN_REST),
                           o->times.messages, &o->rest);
    }
    sqlite3_reset(search->stretch);
    if (status == VG_REFUSED) {
        return vg_search_damaged(search, "stretch", o->piece->first);
    }
    for (unsigned word = 0; word < 64 && status == VG_OK; word++) {
        if ((o->piece->words >> word & 1) != 0) {
            status = add_block(search, o, o->piece->first * VG_BLOCKS + word);
        }
    }
    if (status == VG_OK && o->count > 1) {
        qsort(o->part, o->count, sizeof *o->part, by_place);
    }
    return status == VG_OK ? vg_rebuilt_next_charted(search, o) : status;
}

void vg_rebuilt_close(struct vg_rebuilt *o)
{
    vg_times_finish(&o->times);
    vg_rest_finish(&o->rest);
    free(o->part);
    free(o->obs);
    free(o);
}

enum vg_status vg_rebuilt_open(struct vg_search *search, const struct vg_piece *piece,
                               struct vg_block *block, struct vg_rebuilt **out)
{
    struct vg_rebuilt *o = calloc(1, sizeof *o);

    if (o == NULL) {
        return VG_NO_MEMORY;
    }
    o->piece = piece;
    o->block = block;
    o->obs = malloc(sizeof *o->obs);
    const enum vg_status status = o->obs == NULL ? VG_NO_MEMORY : unpack(search, o);
    if (status != VG_OK) {
        vg_rebuilt_close(o);
        return status;
    }
    *out = o;
    return VG_OK;
}
