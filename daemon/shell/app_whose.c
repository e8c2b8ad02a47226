/* SPDX-License-Identifier: Apache-2.0
 *
 * Under whom a message is stored: each of its readings, entries and failed cuff cycles belongs to
 * whoever lay in the bed when it was measured (vg_engine_owner), whether the gateway names them or
 * not. A message whose readings belong to several is stored in as many parts, the first of which has its number.
 */
#include <string.h>

#include "shell/app_inside.h"

static bool is_theirs(const struct vg_app *app, const struct vg_message *whole,
                      struct vg_instant measured, const struct vg_owner *owner)
{
    if (measured.ms >= owner->from.ms && measured.ms < owner->to.ms) {
        return true; /* mostly */
    }
    const struct vg_owner other = vg_engine_owner(app->engine, whole, measured);
    return strcmp(other.episode, owner->episode) == 0;
}

/* Their readings to the front; how many. */
static size_t front_readings(const struct vg_app *app, const struct vg_message *whole,
                             struct vg_message *rest, const struct vg_owner *owner)
{
    size_t count = 0;

    for (size_t i = 0; i < rest->reading_count; i++) {
        const struct vg_reading reading = rest->readings[i];
        if (is_theirs(app, whole, reading.measured, owner)) {
            memmove(&rest->readings[count + 1], &rest->readings[count],
                    (i - count) * sizeof reading);
            rest->readings[count++] = reading;
        }
    }
    return count;
}

static size_t front_entries(const struct vg_app *app, const struct vg_message *whole,
                            struct vg_message *rest, const struct vg_owner *owner)
{
    size_t count = 0;

    for (size_t i = 0; i < rest->entry_count; i++) {
        const struct vg_entry entry = rest->entries[i];
        if (is_theirs(app, whole, entry.at, owner)) {
            memmove(&rest->entries[count + 1], &rest->entries[count],
                    (i - count) * sizeof entry);
            rest->entries[count++] = entry;
        }
    }
    return count;
}

static size_t front_failed(const struct vg_app *app, const struct vg_message *whole,
                           struct vg_message *rest, const struct vg_owner *owner)
{
    size_t count = 0;

    for (size_t i = 0; i < rest->failed_count; i++) {
        const struct vg_instant at = rest->failed[i];
        if (is_theirs(app, whole, at, owner)) {
            rest->failed[i] = rest->failed[count];
            rest->failed[count++] = at;
        }
    }
    return count;
}

static void drop_failed(struct vg_message *rest, size_t count)
{
    rest->failed_count -= count;
    memmove(rest->failed, rest->failed + count,
            rest->failed_count * sizeof *rest->failed);
}

/* What a bed shows is of whoever lies there: what came late of somebody else is not. */
void vg_app_show_message(struct vg_app *app, const struct vg_message *message,
                         const char *episode)
{
    const struct vg_episode *there =
        vg_engine_episode(app->engine, message->ward, message->bed);

    if (strcmp(there != NULL ? there->id : "", episode) == 0) {
        vg_live_message(app->live, message, app->now);
    }
}

static enum vg_status record_part(struct vg_app *app, const struct vg_message *part,
                                  const char *episode, struct vg_instant received,
                                  uint64_t hash)
{
    const struct vg_episode *there =
        vg_engine_episode(app->engine, part->ward, part->bed);
    enum vg_status status =
        vg_batch_message(app->filling.batch, part, episode, received, hash);

    vg_app_show_message(app, part, episode);
    for (size_t i = 0; i < part->entry_count && status == VG_OK; i++) {
        if (part->entries[i].signal == VG_INFUSION) {
            status = vg_batch_infusion(
                app->filling.batch, part, episode, &part->entries[i],
                there != NULL && strcmp(there->id, episode) == 0 ? there : NULL);
        }
    }
    return status;
}

static struct vg_instant first_of(const struct vg_message *message)
{
    if (message->reading_count > 0) {
        return message->readings[0].measured;
    }
    if (message->entry_count > 0) {
        return message->entries[0].at;
    }
    return message->failed_count > 0 ? message->failed[0] : message->measured;
}

enum vg_status vg_app_record_message(struct vg_app *app,
                                     const struct vg_message *message,
                                     struct vg_instant received, uint64_t hash)
{
    struct vg_message rest = *message;
    enum vg_status status = VG_OK;

    do {
        const struct vg_owner owner =
            vg_engine_owner(app->engine, message, first_of(&rest));
        const size_t failed = front_failed(app, message, &rest, &owner);
        struct vg_message part = rest;
        part.reading_count = front_readings(app, message, &rest, &owner);
        part.entry_count = front_entries(app, message, &rest, &owner);
        part.failed_count = failed;
        if (owner.episode[0] != '\0') {
            (void)vg_copy(part.patient, sizeof part.patient, owner.patient);
        }
        status = record_part(app, &part, owner.episode, received, hash);
        rest.readings += part.reading_count;
        rest.reading_count -= part.reading_count;
        rest.entries += part.entry_count;
        rest.entry_count -= part.entry_count;
        drop_failed(&rest, failed);
        rest.origin.seq = 0;
    } while (status == VG_OK && vg_message_says_something(&rest));
    return status;
}
