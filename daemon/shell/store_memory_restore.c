/* SPDX-License-Identifier: Apache-2.0
 *
 * Restoring from memory: several walks over the log, each for one thing. What was said
 * last counts, so a record is told when no later one of the same key follows; quadratic
 * in the few records that have keys, and fine for what this store is for.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/store_memory.h"

static bool same_epoch(const struct vg_record *a, const struct vg_record *b)
{
    return vg_same_text(a->origin.gateway, b->origin.gateway) &&
           vg_same_text(a->origin.epoch, b->origin.epoch);
}

/* Whether a record after `at` matches. */
static bool follows(const struct vg_memory_walk *walk, size_t at,
                    const struct vg_record *record, vg_memory_match *match)
{
    return vg_memory_find(walk, at, SIZE_MAX, record, match);
}

static bool same_gateway(const struct vg_record *earlier, const struct vg_record *later)
{
    return later->kind == VG_RECORD_GATEWAY && same_epoch(earlier, later);
}

static bool later_mark(const struct vg_record *earlier, const struct vg_record *later)
{
    return later->kind == VG_RECORD_MARK && same_epoch(earlier, later);
}

static bool later_in_ward(const struct vg_record *earlier,
                          const struct vg_record *later)
{
    return later->kind == VG_RECORD_ALERT &&
           vg_same_text(earlier->alert.ward, later->alert.ward);
}

/* ---- One teller for each thing. They answer false to stop everything. */

static bool tell_gateway(struct vg_memory_walk *walk, size_t before, size_t after,
                         const struct vg_record *record)
{
    (void)before;
    if (record->kind != VG_RECORD_GATEWAY || walk->calls->gateway == NULL ||
        follows(walk, after, record, same_gateway)) {
        return true;
    }
    return walk->calls->gateway(walk->calls->to, record->origin.gateway.text,
                                record->origin.epoch.text, record->mark.upto);
}

static bool tell_mark(struct vg_memory_walk *walk, size_t before, size_t after,
                      const struct vg_record *record)
{
    (void)before;
    if (record->kind != VG_RECORD_MARK || walk->calls->mark == NULL ||
        follows(walk, after, record, later_mark)) {
        return true;
    }
    struct vg_range *ranges;
    size_t count;
    if (vg_ranges_unpack(record->mark.ranges, &ranges, &count) != VG_OK) {
        walk->refused = true;
        return false;
    }
    bool go_on =
        walk->calls->mark(walk->calls->to, record->origin.gateway.text,
                          record->origin.epoch.text, record->mark.upto, ranges, count);
    free(ranges);
    return go_on;
}

/* A number is told if its epoch's last mark was put before it. */
static bool tell_number(struct vg_memory_walk *walk, size_t before, size_t after,
                        const struct vg_record *record)
{
    (void)before;
    if (record->origin.seq == 0 || walk->calls->number == NULL ||
        (after < walk->last_mark && follows(walk, after, record, later_mark))) {
        return true;
    }
    return walk->calls->number(walk->calls->to, record->origin.gateway.text,
                               record->origin.epoch.text, record->origin.seq,
                               record->origin.hash);
}

static bool tell_content(struct vg_memory_walk *walk, size_t before, size_t after,
                         const struct vg_record *record)
{
    (void)before;
    (void)after;
    if ((record->kind != VG_RECORD_QUARANTINE && record->kind != VG_RECORD_ADMISSION) ||
        walk->calls->content == NULL) {
        return true;
    }
    return walk->calls->content(walk->calls->to, record->origin.gateway.text,
                                record->origin.epoch.text, record->origin.seq,
                                record->origin.hash);
}

static bool tell_ward(struct vg_memory_walk *walk, size_t before, size_t after,
                      const struct vg_record *record)
{
    (void)before;
    if (record->kind != VG_RECORD_ALERT || walk->calls->ward == NULL ||
        follows(walk, after, record, later_in_ward)) {
        return true;
    }
    return walk->calls->ward(walk->calls->to, record->alert.ward.text, record->alert.n,
                             record->alert.at);
}

static bool tell_message(struct vg_memory_walk *walk, const struct vg_record *record)
{
    struct vg_message message;
    struct vg_instant since = record->message.kind == VG_KIND_VITALS
                                  ? walk->since
                                  : vg_earlier(walk->since, walk->charted_since);
    if (record->received.ms < since.ms || walk->calls->message == NULL) {
        return true;
    }
    if (vg_record_message(record, &message, walk->obs) != VG_OK) {
        walk->refused = true;
        return false;
    }
    return walk->calls->message(walk->calls->to, &message, record->message.episode.text,
                                record->received, record->origin.hash);
}

static bool tell_arrival(struct vg_memory_walk *walk, size_t before, size_t after,
                         const struct vg_record *record)
{
    (void)before;
    (void)after;
    if (record->kind == VG_RECORD_MESSAGE) {
        return tell_message(walk, record);
    }
    if (record->kind != VG_RECORD_ADMISSION || walk->calls->episode == NULL) {
        return true;
    }
    struct vg_letter letter = {record->letter.topic.text, record->letter.topic.length,
                               record->letter.payload.text,
                               record->letter.payload.length, record->letter.retained};
    return walk->calls->episode(walk->calls->to, &letter, record->received);
}

/* What one walk over all records can say at once. */
static void look_ahead(struct vg_memory_walk *walk)
{
    struct vg_instant newest = VG_UNSET;
    struct vg_record record;
    size_t at = 0;
    while (vg_record_next(walk->log, &at, &record)) {
        if (record.kind == VG_RECORD_MESSAGE) {
            newest = vg_later(newest, record.received);
        } else if (record.kind == VG_RECORD_MARK) {
            walk->last_mark = at;
        }
    }
    walk->answers = walk->calls->answer != NULL ? vg_memory_count_answers(walk) : 0;
    walk->charted_since = vg_after(newest, -VG_RESTORE_CHARTED);
}

enum vg_status vg_memory_restore(const struct vg_pack *log,
                                 struct vg_instant messages_since,
                                 const struct vg_restore *calls, struct vg_error *error)
{
    static vg_memory_teller *const tellers[] = {
        tell_gateway,      tell_mark,        tell_content,     tell_number,
        tell_ward,         vg_memory_answer, vg_memory_pause,  vg_memory_alert,
        vg_memory_carried, tell_arrival,     vg_memory_unsent, vg_memory_page,
        vg_memory_paged};
    struct vg_memory_walk walk = {.log = log, .since = messages_since, .calls = calls};
    walk.obs = malloc(sizeof(*walk.obs));
    look_ahead(&walk);
    bool go_on = walk.obs != NULL;
    enum vg_status status = go_on ? VG_OK : VG_NO_MEMORY;
    for (size_t i = 0; go_on && i < sizeof(tellers) / sizeof(tellers[0]); i++) {
        struct vg_record record;
        size_t at = 0;
        size_t before = 0;
        while (go_on && vg_record_next(log, &at, &record)) {
            go_on = tellers[i](&walk, before, at, &record);
            before = at;
        }
    }
    if (walk.refused) {
        vg_error_set(error, "a stored record cannot be read back");
        status = VG_FAILED;
    }
    free(walk.obs);
    return status;
}

static bool is_released(const struct vg_pack *log, uint64_t id)
{
    struct vg_record record;
    size_t at = 0;

    while (vg_record_next(log, &at, &record)) {
        if (record.kind == VG_RECORD_RELEASED && record.released.quarantine == id) {
            return true;
        }
    }
    return false;
}

void vg_memory_refused(const struct vg_pack *log, uint64_t after, vg_refused_fn *each,
                       void *to)
{
    struct vg_record record;
    size_t at = 0;
    uint64_t id = 0;
    bool go_on = true;

    while (go_on && vg_record_next(log, &at, &record)) {
        if (record.kind != VG_RECORD_QUARANTINE || ++id <= after ||
            strcmp(record.letter.reason.text, vg_reason_text(VG_IDENTITY)) != 0 ||
            is_released(log, id)) {
            continue;
        }
        const struct vg_refused refused = {
            .id = id,
            .letter = {record.letter.topic.text, record.letter.topic.length,
                       record.letter.payload.text, record.letter.payload.length, false},
            .received = record.received,
            .hash = record.origin.hash};
        go_on = each(to, &refused);
    }
}
