/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the window's messages of one place as stretches, and putting its segments right.
 * See store_seal.h.
 */
#include <stdlib.h>

#include "shell/store_seal.h"
#include "shell/store_words.h"

/* A message of the window, read back. */
struct row {
    struct vg_stretch_message message;
    int64_t subject, epoch;
    struct vg_slice obs;
};

/* The bytes of the next one; false: there is none. */
static bool next_row(struct vg_unpack *rows, struct vg_unpack *out)
{
    if (rows->at == rows->end) {
        return false;
    }
    const size_t length = (size_t)vg_unpack_varint(rows);
    *out = (struct vg_unpack){rows->at, rows->at + length, false};
    rows->at += length;
    return true;
}

static void read_row(struct vg_unpack *u, struct row *out)
{
    out->subject = vg_unpack_signed(u);
    out->epoch = vg_unpack_signed(u);
    out->message.id = vg_unpack_signed(u);
    out->message.received.ms = vg_unpack_signed(u);
    out->message.measured.ms = vg_unpack_signed(u);
    out->message.seq = (uint64_t)vg_unpack_signed(u);
    out->obs = vg_unpack_rest(u);
}

static struct vg_slice slice_of(const struct vg_pack *pack)
{
    return (struct vg_slice){(const char *)pack->bytes, pack->length};
}

static enum vg_status put_stretch(struct vg_writer *writer, int64_t place,
                                  const struct row *of, int64_t *id,
                                  struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    struct vg_stretch *s = &sealer->stretch;
    sqlite3_stmt *statement = sealer->statement[VG_SEAL_STRETCH];
    int64_t received = INT64_MIN;

    sealer->data.length = 0;
    sealer->sums.length = 0;
    enum vg_status status = vg_stretch_times(s, &sealer->zip, &sealer->data);
    if (status == VG_OK) {
        status = vg_stretch_rest(s, &sealer->zip, &sealer->sums);
    }
    if (status != VG_OK) {
        return status;
    }
    for (size_t i = 0; i < s->messages; i++) {
        received = s->received[i] > received ? s->received[i] : received;
    }
    const int64_t numbers[] = {place,
                               of->subject,
                               of->epoch,
                               s->id[0],
                               s->oldest.ms,
                               s->newest.ms,
                               received,
                               (int64_t)s->messages,
                               (int64_t)s->readings,
                               (int64_t)vg_words_of(s->signals)};
    for (int i = 0; i < 10; i++) {
        sqlite3_bind_int64(statement, i + 1, numbers[i]);
    }
    vg_db_bind_blob(statement, 11, slice_of(&sealer->data));
    vg_db_bind_blob(statement, 12, slice_of(&sealer->sums));
    status = vg_seal_run(writer, VG_SEAL_STRETCH, error);
    *id = sqlite3_last_insert_rowid(writer->db);
    return status;
}

/* VG_FULL: a block cannot hold so much that looks so different. */
static enum vg_status put_block(struct vg_writer *writer, int64_t stretch,
                                enum vg_signal signal, struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    sqlite3_stmt *statement = sealer->statement[VG_SEAL_BLOCK];
    struct vg_block_head head;

    sealer->data.length = 0;
    sealer->sums.length = 0;
    const enum vg_status status = vg_stretch_block(
        &sealer->stretch, signal, &sealer->zip, &sealer->data, &sealer->sums, &head);
    if (status != VG_OK) {
        return status;
    }
    sqlite3_bind_int64(statement, 1,
                       stretch * VG_BLOCKS + vg_word_number(VG_WORD_SIGNAL, signal));
    sqlite3_bind_int64(statement, 2, head.oldest.ms);
    sqlite3_bind_int64(statement, 3, head.newest.ms);
    sqlite3_bind_int64(statement, 4, (int64_t)head.readings);
    vg_db_bind_blob(statement, 5, slice_of(&sealer->sums));
    vg_db_bind_blob(statement, 6, slice_of(&sealer->data));
    return vg_seal_run(writer, VG_SEAL_BLOCK, error);
}

/* Writes what the stretch holds. */
static enum vg_status flush(struct vg_writer *writer, int64_t place,
                            const struct row *of, struct vg_error *error)
{
    struct vg_stretch *stretch = &writer->sealer->stretch;
    struct vg_sealing *told = &writer->sealer->told;
    int64_t id = 0;
    enum vg_status status = put_stretch(writer, place, of, &id, error);

    for (unsigned i = 0; i < VG_MEASURED_COUNT && status == VG_OK; i++) {
        if ((stretch->signals >> i & 1) != 0) {
            status = put_block(writer, id, (enum vg_signal)i, error);
        }
    }
    told->messages += stretch->messages;
    told->readings += stretch->readings;
    told->stretches++;
    return status;
}

/* Rows of one subject and epoch, which become one stretch or more. */
struct group {
    int64_t place;
    const struct vg_seal_order *first;
    size_t count;
    struct row of;
    size_t most; /* messages of a stretch */
};

static enum vg_status add_row(struct vg_writer *writer, struct group *group,
                              struct row *row, struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;

    if (vg_obs_unpack(row->obs.text, row->obs.length, row->message.measured,
                      &sealer->obs) != VG_OK) {
        vg_error_set(error, "message %lld of the store cannot be read back",
                     (long long)row->message.id);
        return VG_FAILED;
    }
    row->message.obs = &sealer->obs;
    enum vg_status status = vg_stretch_add(&sealer->stretch, &row->message);
    if (status == VG_FULL) {
        status = flush(writer, group->place, &group->of, error);
        vg_stretch_clear(&sealer->stretch, group->most);
        if (status == VG_OK) {
            status = vg_stretch_add(&sealer->stretch, &row->message);
        }
    }
    return status;
}

static struct vg_unpack rows_of(const struct vg_seal_place *place, size_t from)
{
    return (struct vg_unpack){place->messages.bytes + from,
                              place->messages.bytes + place->messages.length, false};
}

/* VG_FULL: with fewer messages in a stretch it will do. */
static enum vg_status put_group(struct vg_writer *writer, struct group *group,
                                struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    struct row row = {.subject = 0};
    enum vg_status status = VG_OK;

    vg_stretch_clear(&sealer->stretch, group->most);
    for (size_t i = 0; i < group->count && status == VG_OK; i++) {
        struct vg_unpack rows =
            rows_of(&sealer->place[group->place], group->first[i].offset);
        struct vg_unpack of;
        (void)next_row(&rows, &of);
        read_row(&of, &row);
        group->of = row;
        status = add_row(writer, group, &row, error);
    }
    return status == VG_OK ? flush(writer, group->place, &group->of, error) : status;
}

/* The group, in a savepoint, with shorter and shorter stretches until it fits. */
static enum vg_status put_group_somehow(struct vg_writer *writer, struct group *group,
                                        struct vg_error *error)
{
    enum vg_status status = vg_db_run(writer->db, "SAVEPOINT stretch", error);

    for (group->most = VG_STRETCH_MESSAGES; status == VG_OK; group->most /= 4) {
        status = put_group(writer, group, error);
        if (status != VG_FULL || group->most < 4) {
            break;
        }
        status = vg_db_run(writer->db, "ROLLBACK TO stretch", error);
    }
    return status == VG_OK ? vg_db_run(writer->db, "RELEASE stretch", error) : status;
}

/* By subject, epoch and arrival. */
static int by_group(const void *a, const void *b)
{
    const struct vg_seal_order *left = a;
    const struct vg_seal_order *right = b;

    if (left->subject != right->subject) {
        return left->subject < right->subject ? -1 : 1;
    }
    if (left->epoch != right->epoch) {
        return left->epoch < right->epoch ? -1 : 1;
    }
    return (left->offset > right->offset) - (left->offset < right->offset);
}

static enum vg_status order_rows(struct vg_sealer *sealer, int64_t id)
{
    const struct vg_seal_place *place = &sealer->place[id];
    struct vg_unpack rows = rows_of(place, 0);
    struct vg_seal_order *larger =
        realloc(sealer->order, (place->count + 1) * sizeof *sealer->order);
    struct vg_unpack of;
    bool sorted = true; /* nearly always: nobody else lay there */
    size_t n = 0;

    if (larger == NULL) {
        return VG_NO_MEMORY;
    }
    sealer->order = larger;
    for (size_t at = 0; next_row(&rows, &of);
         at = (size_t)(rows.at - place->messages.bytes)) {
        const int64_t subject = vg_unpack_signed(&of);
        larger[n] = (struct vg_seal_order){subject, vg_unpack_signed(&of), at};
        sorted = sorted && (n == 0 || by_group(&larger[n - 1], &larger[n]) < 0);
        n++;
    }
    if (!sorted) {
        qsort(larger, n, sizeof *larger, by_group);
    }
    return VG_OK;
}

static enum vg_status put_groups(struct vg_writer *writer, int64_t id,
                                 struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    const size_t count = sealer->place[id].count;
    enum vg_status status = order_rows(sealer, id);

    for (size_t i = 0; i < count && status == VG_OK;) {
        struct group group = {.place = id, .first = &sealer->order[i]};
        while (i < count && sealer->order[i].subject == group.first->subject &&
               sealer->order[i].epoch == group.first->epoch) {
            group.count++;
            i++;
        }
        status = put_group_somehow(writer, &group, error);
    }
    return status;
}

/* Those that stay become a chain and a segment of their own. */
static enum vg_status keep_chain(struct vg_writer *writer, int64_t id,
                                 struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    const struct vg_seal_place *place = &sealer->place[id];
    sqlite3_stmt *relink = sealer->statement[VG_SEAL_RELINK];
    sqlite3_stmt *segment = sealer->statement[VG_SEAL_SEGMENT_KEPT];
    struct vg_instant oldest = VG_NEVER;
    struct vg_instant newest = VG_UNSET;
    int64_t previous = 0;
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < place->kept_count && status == VG_OK; i++) {
        sqlite3_bind_int64(relink, 1, place->kept[i].id);
        sqlite3_bind_int64(relink, 2, previous);
        status = vg_seal_run(writer, VG_SEAL_RELINK, error);
        previous = place->kept[i].id;
        oldest = vg_earlier(oldest, place->kept[i].oldest);
        newest = vg_later(newest, place->kept[i].newest);
    }
    if (status != VG_OK || place->kept_count == 0) {
        return status;
    }
    const int64_t numbers[] = {id, previous, place->kept[0].id, oldest.ms, newest.ms};
    for (int i = 0; i < 5; i++) {
        sqlite3_bind_int64(segment, i + 1, numbers[i]);
    }
    return vg_seal_run(writer, VG_SEAL_SEGMENT_KEPT, error);
}

enum vg_status vg_seal_place(struct vg_writer *writer, int64_t id,
                             struct vg_error *error)
{
    struct vg_sealer *sealer = writer->sealer;
    static const enum vg_seal_sql cuts[] = {VG_SEAL_SEGMENTS_GONE, VG_SEAL_SEGMENT_CUT};
    enum vg_status status = put_groups(writer, id, error);

    for (size_t i = 0; i < 2 && status == VG_OK; i++) {
        sqlite3_bind_int64(sealer->statement[cuts[i]], 1, id);
        sqlite3_bind_int64(sealer->statement[cuts[i]], 2, sealer->last);
        if (cuts[i] == VG_SEAL_SEGMENTS_GONE) {
            sqlite3_bind_int64(sealer->statement[cuts[i]], 3, sealer->sealed);
        }
        status = vg_seal_run(writer, cuts[i], error);
    }
    return status == VG_OK ? keep_chain(writer, id, error) : status;
}
