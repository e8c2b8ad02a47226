/* SPDX-License-Identifier: Apache-2.0
 *
 * A row, or a few, for each record of a batch.
 */
#include "shell/store_write_inside.h"

enum vg_status vg_writer_meta(struct vg_writer *writer, const char *key, int64_t value,
                              struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_META];
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, value);
    return vg_writer_run(writer, VG_SQL_META, error);
}

/* Binds "gateway's epoch, seq, hash" at three places in a row. */
static void bind_origin(sqlite3_stmt *statement, int index, int64_t epoch,
                        const struct vg_record_origin *origin)
{
    sqlite3_bind_int64(statement, index, epoch);
    sqlite3_bind_int64(statement, index + 1, (int64_t)origin->seq);
    sqlite3_bind_int64(statement, index + 2, (int64_t)origin->hash);
}

/* The origin's id; from now on its mark does not say everything, if it is numbered. */
static enum vg_status origin_of(struct vg_writer *writer,
                                const struct vg_record *record, int64_t *epoch,
                                struct vg_error *error)
{
    enum vg_status status = vg_writer_epoch(writer, &record->origin, epoch, error);
    if (status == VG_OK && record->origin.seq > 0) {
        writer->epoch[*epoch].dirty = true;
    }
    return status;
}

static enum vg_status put_message(struct vg_writer *writer,
                                  const struct vg_record *record,
                                  struct vg_error *error)
{
    int64_t place = 0;
    int64_t subject = 0;
    int64_t epoch = 0;
    enum vg_status status = vg_writer_place(writer, record->message.ward,
                                            record->message.bed, &place, error);
    if (status == VG_OK) {
        status = vg_writer_subject(writer, record, &subject, error);
    }
    if (status == VG_OK) {
        status = origin_of(writer, record, &epoch, error);
    }
    if (status == VG_OK) {
        const struct vg_sight sight = {
            subject, place, record->message.oldest,
            vg_earlier(record->message.newest, record->received),
            record->message.signals};
        status = vg_writer_sight(writer, &sight, error);
    }
    if (status != VG_OK) {
        return status;
    }
    const int64_t id = writer->last_message + 1;
    const struct vg_bundle_message message = {.id = id,
                                              .received = record->received.ms,
                                              .measured = record->message.measured.ms,
                                              .place = place,
                                              .subject = subject,
                                              .epoch = epoch,
                                              .seq = (int64_t)record->origin.seq,
                                              .previous = writer->place[place].last,
                                              .hash = record->origin.hash};
    status = vg_writer_message(writer, &message, record, error);
    if (status != VG_OK) {
        return status;
    }
    writer->last_message = id;
    writer->readings += (int64_t)record->message.readings;
    return vg_writer_chain(writer, place, id, record, error);
}

static enum vg_status put_quarantine(struct vg_writer *writer,
                                     const struct vg_record *record,
                                     struct vg_error *error)
{
    int64_t epoch;
    enum vg_status status = origin_of(writer, record, &epoch, error);
    if (status != VG_OK) {
        return status;
    }
    sqlite3_stmt *statement = writer->statement[VG_SQL_QUARANTINE];
    sqlite3_bind_int64(statement, 1, ++writer->last_quarantine);
    sqlite3_bind_int64(statement, 2, record->received.ms);
    vg_db_bind_blob(statement, 3, record->letter.topic);
    vg_db_bind_blob(statement, 4, record->letter.payload);
    sqlite3_bind_int(statement, 5, record->letter.retained);
    bind_origin(statement, 6, epoch, &record->origin);
    vg_db_bind_text(statement, 9, record->letter.reason);
    vg_db_bind_text(statement, 10, record->letter.detail);
    sqlite3_bind_int64(statement, 11, record->letter.item);
    return vg_writer_run(writer, VG_SQL_QUARANTINE, error);
}

static enum vg_status put_admission(struct vg_writer *writer,
                                    const struct vg_record *record,
                                    struct vg_error *error)
{
    int64_t epoch;
    enum vg_status status = origin_of(writer, record, &epoch, error);
    if (status != VG_OK) {
        return status;
    }
    sqlite3_stmt *statement = writer->statement[VG_SQL_ADMISSION];
    sqlite3_bind_int64(statement, 1, ++writer->last_admission);
    sqlite3_bind_int64(statement, 2, record->received.ms);
    sqlite3_bind_int64(statement, 3, writer->last_message);
    vg_db_bind_text(statement, 4, record->letter.topic);
    vg_db_bind_blob(statement, 5, record->letter.payload);
    sqlite3_bind_int(statement, 6, record->letter.retained);
    bind_origin(statement, 7, epoch, &record->origin);
    return vg_writer_run(writer, VG_SQL_ADMISSION, error);
}

static enum vg_status put_episode(struct vg_writer *writer,
                                  const struct vg_record *record,
                                  struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_EPISODE];
    const struct vg_slice texts[] = {record->episode.id,      record->episode.patient,
                                     record->episode.ward,    record->episode.bed,
                                     record->episode.product, record->episode.protocol};
    for (int i = 0; i < 6; i++) {
        vg_db_bind_text(statement, i + 1, texts[i]);
    }
    sqlite3_bind_int64(statement, 7, record->episode.age);
    sqlite3_bind_int(statement, 8, record->episode.outpatient);
    sqlite3_bind_int64(statement, 9, record->episode.begin.ms);
    if (vg_is_never(record->episode.end)) {
        sqlite3_bind_null(statement, 10);
    } else {
        sqlite3_bind_int64(statement, 10, record->episode.end.ms);
    }
    vg_db_bind_text(statement, 11, record->episode.donor);
    vg_db_bind_text(statement, 12, record->episode.chain_id);
    return vg_writer_run(writer, VG_SQL_EPISODE, error);
}

static enum vg_status put_carried(struct vg_writer *writer,
                                  const struct vg_record *record,
                                  struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_CARRIED];
    const struct vg_carried *value = &record->carried.value;
    int index = 1;

    vg_db_bind_text(statement, index++, record->carried.episode);
    sqlite3_bind_int64(statement, index++, value->at.ms);
    for (size_t i = 0; i < VG_CARRIED_TIMES; i++) {
        sqlite3_bind_int64(statement, index++, value->time[i].ms);
    }
    for (size_t i = 0; i < VG_CARRIED_NUMBERS; i++) {
        sqlite3_bind_int(statement, index++, value->number[i]);
    }
    return vg_writer_run(writer, VG_SQL_CARRIED, error);
}

static enum vg_status put_state(struct vg_writer *writer,
                                const struct vg_record *record, struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_ALERT];
    vg_db_bind_text(statement, 1, record->alert.id);
    sqlite3_bind_int(statement, 2, record->alert.open);
    sqlite3_bind_int64(statement, 3, (int64_t)record->alert.rev);
    sqlite3_bind_int64(statement, 4, (int64_t)record->alert.n);
    const struct vg_slice texts[] = {record->alert.ward, record->alert.bed,
                                     record->alert.patient, record->alert.rule,
                                     record->alert.severity};
    for (int i = 0; i < 5; i++) {
        vg_db_bind_text(statement, i + 5, texts[i]);
    }
    sqlite3_bind_int64(statement, 10, record->alert.onset.ms);
    vg_db_bind_text(statement, 11, record->alert.json);
    vg_db_bind_text(statement, 12, record->alert.care);
    return vg_writer_run(writer, VG_SQL_ALERT, error);
}

static enum vg_status put_event(struct vg_writer *writer,
                                const struct vg_record *record, struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_ALERT_EVENT];
    vg_db_bind_text(statement, 1, record->alert.ward);
    sqlite3_bind_int64(statement, 2, (int64_t)record->alert.n);
    sqlite3_bind_int64(statement, 3, record->alert.at.ms);
    vg_db_bind_text(statement, 4, record->alert.id);
    sqlite3_bind_int64(statement, 5, (int64_t)record->alert.rev);
    vg_db_bind_text(statement, 6, record->alert.event);
    vg_db_bind_text(statement, 7, record->alert.json);
    return vg_writer_run(writer, VG_SQL_ALERT_EVENT, error);
}

static enum vg_status put_alert(struct vg_writer *writer,
                                const struct vg_record *record, struct vg_error *error)
{
    enum vg_status status = put_state(writer, record, error);
    if (status == VG_OK) {
        status = put_event(writer, record, error);
    }
    if (status == VG_OK) {
        vg_db_bind_text(writer->statement[VG_SQL_WARD], 1, record->alert.ward);
        sqlite3_bind_int64(writer->statement[VG_SQL_WARD], 2, (int64_t)record->alert.n);
        status = vg_writer_run(writer, VG_SQL_WARD, error);
    }
    if (status == VG_OK) {
        sqlite3_stmt *statement = writer->statement[VG_SQL_OUTBOX];
        vg_db_bind_text(statement, 1, record->alert.id);
        sqlite3_bind_int64(statement, 2, (int64_t)record->alert.rev);
        vg_db_bind_text(statement, 3, record->alert.json);
        status = vg_writer_run(writer, VG_SQL_OUTBOX, error);
    }
    return status;
}

static enum vg_status put_delivered(struct vg_writer *writer,
                                    const struct vg_record *record,
                                    struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_DELIVERED];
    vg_db_bind_text(statement, 1, record->alert.id);
    sqlite3_bind_int64(statement, 2, (int64_t)record->alert.rev);
    return vg_writer_run(writer, VG_SQL_DELIVERED, error);
}

static enum vg_status put_gateway(struct vg_writer *writer,
                                  const struct vg_record *record,
                                  struct vg_error *error)
{
    int64_t epoch;
    enum vg_status status = vg_writer_epoch(writer, &record->origin, &epoch, error);
    if (status != VG_OK) {
        return status;
    }
    sqlite3_bind_int64(writer->statement[VG_SQL_FIRST], 1, epoch);
    sqlite3_bind_int64(writer->statement[VG_SQL_FIRST], 2, (int64_t)record->mark.upto);
    return vg_writer_run(writer, VG_SQL_FIRST, error);
}

/* The mark counts up to the rows written so far: see the invariant in vigil/store.h. */
static enum vg_status put_mark(struct vg_writer *writer, const struct vg_record *record,
                               struct vg_error *error)
{
    int64_t epoch;
    enum vg_status status = vg_writer_epoch(writer, &record->origin, &epoch, error);
    if (status != VG_OK) {
        return status;
    }
    writer->epoch[epoch] = (struct vg_epoch_state){
        writer->last_message, writer->last_admission, writer->last_quarantine, false};
    sqlite3_stmt *statement = writer->statement[VG_SQL_MARK];
    sqlite3_bind_int64(statement, 1, epoch);
    sqlite3_bind_int64(statement, 2, (int64_t)record->mark.upto);
    vg_db_bind_blob(statement, 3, record->mark.ranges);
    sqlite3_bind_int64(statement, 4, writer->last_message);
    sqlite3_bind_int64(statement, 5, writer->last_admission);
    sqlite3_bind_int64(statement, 6, writer->last_quarantine);
    return vg_writer_run(writer, VG_SQL_MARK, error);
}

static enum vg_status put_assessed(struct vg_writer *writer,
                                   const struct vg_record *record,
                                   struct vg_error *error)
{
    sqlite3_stmt *statement = writer->statement[VG_SQL_ASSESSED];
    int64_t place;
    const enum vg_status status = vg_writer_place(writer, record->assessed.ward,
                                                  record->assessed.bed, &place, error);

    if (status != VG_OK) {
        return status;
    }
    sqlite3_bind_int64(statement, 1, place);
    sqlite3_bind_int64(statement, 2, record->assessed.at.ms);
    vg_db_bind_text(statement, 3, record->assessed.patient);
    vg_db_bind_text(statement, 4, record->assessed.episode);
    vg_db_bind_text(statement, 5, record->assessed.part);
    vg_db_bind_text(statement, 6, record->assessed.json);
    return vg_writer_run(writer, VG_SQL_ASSESSED, error);
}

/* Its row of the trail is all there is to write. */
static enum vg_status put_audit(struct vg_writer *writer,
                                const struct vg_record *record, struct vg_error *error)
{
    (void)writer;
    (void)record;
    (void)error;
    return VG_OK;
}

enum vg_status vg_writer_record(struct vg_writer *writer,
                                const struct vg_record *record, struct vg_error *error)
{
    static enum vg_status (*const putters[VG_RECORD_KIND_COUNT])(
        struct vg_writer *, const struct vg_record *, struct vg_error *) = {
        [VG_RECORD_MESSAGE] = put_message,
        [VG_RECORD_QUARANTINE] = put_quarantine,
        [VG_RECORD_EPISODE] = put_episode,
        [VG_RECORD_ADMISSION] = put_admission,
        [VG_RECORD_CARRIED] = put_carried,
        [VG_RECORD_ALERT] = put_alert,
        [VG_RECORD_DELIVERED] = put_delivered,
        [VG_RECORD_GATEWAY] = put_gateway,
        [VG_RECORD_MARK] = put_mark,
        [VG_RECORD_PAGE] = vg_writer_page,
        [VG_RECORD_WAY] = vg_writer_way,
        [VG_RECORD_COMMAND] = vg_writer_command,
        [VG_RECORD_PAUSE] = vg_writer_pause,
        [VG_RECORD_AUDIT] = put_audit,
        [VG_RECORD_ASSESSED] = put_assessed,
        [VG_RECORD_TIE] = vg_writer_tie,
        [VG_RECORD_INFUSION] = vg_writer_infusion,
        [VG_RECORD_RELEASED] = vg_writer_released,
    };
    const enum vg_status status = putters[record->kind](writer, record, error);

    return status == VG_OK ? vg_trail_add(writer->statement[VG_SQL_AUDIT],
                                          &writer->audit, record, &writer->body, error)
                           : status;
}
