/* SPDX-License-Identifier: Apache-2.0
 *
 * Where messages go: those of monitors into the bundle that is being filled (store_bundle.h),
 * all others, and what no bundle can hold, as rows of their own.
 */
#include "shell/store_write_inside.h"

enum vg_status vg_writer_bundle(struct vg_writer *writer, struct vg_error *error)
{
    const struct vg_bundle *bundle = &writer->bundle;
    sqlite3_stmt *statement = writer->statement[VG_SQL_BUNDLE];

    if (!writer->bundle_changed) {
        return VG_OK;
    }
    enum vg_status status = vg_bundle_pack(bundle, &writer->bundled);
    if (status == VG_OK) {
        const struct vg_slice data = {(const char *)writer->bundled.bytes,
                                      writer->bundled.length};
        sqlite3_bind_int64(statement, 1, bundle->base.id);
        sqlite3_bind_int64(statement, 2, bundle->base.id + (int64_t)bundle->count - 1);
        vg_db_bind_blob(statement, 3, data);
        status = vg_writer_run(writer, VG_SQL_BUNDLE, error);
    }
    writer->bundle_changed = status != VG_OK;
    return status;
}

/* The one that is being filled is full, or its ids would have a gap. */
static enum vg_status begin_another(struct vg_writer *writer, struct vg_error *error)
{
    const enum vg_status status = vg_writer_bundle(writer, error);

    vg_bundle_clear(&writer->bundle);
    return status;
}

static enum vg_status add_to_bundle(struct vg_writer *writer,
                                    const struct vg_bundle_message *message,
                                    struct vg_slice obs, struct vg_error *error)
{
    struct vg_bundle *bundle = &writer->bundle;
    enum vg_status status = VG_OK;

    if (bundle->count > 0 && bundle->base.id + (int64_t)bundle->count != message->id) {
        status = begin_another(writer, error);
    }
    if (status == VG_OK) {
        status = vg_bundle_add(bundle, message, obs);
    }
    if (status == VG_FULL) {
        status = begin_another(writer, error);
        status = status == VG_OK ? vg_bundle_add(bundle, message, obs) : status;
    }
    writer->bundle_changed = writer->bundle_changed || status == VG_OK;
    return status;
}

static enum vg_status add_row(struct vg_writer *writer,
                              const struct vg_bundle_message *m,
                              const struct vg_record *record, struct vg_error *error)
{
    const int64_t numbers[] = {m->id,
                               m->received,
                               m->measured,
                               m->place,
                               m->subject,
                               m->epoch,
                               m->seq,
                               (int64_t)m->hash,
                               (int64_t)record->message.kind,
                               (int64_t)record->message.readings,
                               m->previous};
    sqlite3_stmt *statement = writer->statement[VG_SQL_MESSAGE];

    for (int i = 0; i < 11; i++) {
        sqlite3_bind_int64(statement, i + 1, numbers[i]);
    }
    vg_db_bind_blob(statement, 12, record->message.obs);
    return vg_writer_run(writer, VG_SQL_MESSAGE, error);
}

enum vg_status vg_writer_message(struct vg_writer *writer,
                                 const struct vg_bundle_message *message,
                                 const struct vg_record *record, struct vg_error *error)
{
    enum vg_status status = VG_REFUSED;

    if (record->message.kind == VG_KIND_VITALS) {
        status = add_to_bundle(writer, message, record->message.obs, error);
    }
    return status == VG_REFUSED ? add_row(writer, message, record, error) : status;
}
