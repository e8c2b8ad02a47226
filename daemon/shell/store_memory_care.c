/* SPDX-License-Identifier: Apache-2.0
 *
 * Restoring alerts from memory, and what people did with them: see store_memory_restore.c.
 */
#include <string.h>

#include "shell/store_memory.h"

bool vg_same_text(struct vg_slice a, struct vg_slice b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

bool vg_memory_find(const struct vg_memory_walk *walk, size_t at, size_t end,
                    const struct vg_record *record, vg_memory_match *match)
{
    struct vg_record other;

    while (at < end && vg_record_next(walk->log, &at, &other)) {
        if (match(record, &other)) {
            return true;
        }
    }
    return false;
}

static bool same_state(const struct vg_record *record, const struct vg_record *other)
{
    return other->kind == VG_RECORD_ALERT &&
           vg_same_text(record->alert.id, other->alert.id);
}

static bool its_delivery(const struct vg_record *record, const struct vg_record *other)
{
    return other->kind == VG_RECORD_DELIVERED &&
           vg_same_text(record->alert.id, other->alert.id) &&
           record->alert.rev == other->alert.rev;
}

static bool same_command(const struct vg_record *record, const struct vg_record *other)
{
    return other->kind == VG_RECORD_COMMAND &&
           vg_same_text(record->command.client, other->command.client) &&
           vg_same_text(record->command.id, other->command.id);
}

static bool same_bed(const struct vg_record *record, const struct vg_record *other)
{
    return other->kind == VG_RECORD_PAUSE &&
           vg_same_text(record->pause.ward, other->pause.ward) &&
           vg_same_text(record->pause.bed, other->pause.bed);
}

static bool same_page(const struct vg_record *record, const struct vg_record *other)
{
    return other->kind == VG_RECORD_PAGE &&
           vg_same_text(record->page.id, other->page.id);
}

static bool read_alert(struct vg_memory_walk *walk, struct vg_slice json,
                       struct vg_slice care, struct vg_alert *out)
{
    if (vg_decode_alert(json.text, json.length, out) != VG_OK) {
        walk->refused = true;
        return false;
    }
    vg_care_read(care, &out->care);
    return true;
}

bool vg_memory_alert(struct vg_memory_walk *walk, size_t before, size_t after,
                     const struct vg_record *record)
{
    struct vg_alert alert;

    (void)before;
    if (record->kind != VG_RECORD_ALERT || !record->alert.open ||
        walk->calls->alert == NULL ||
        vg_memory_find(walk, after, SIZE_MAX, record, same_state)) {
        return true;
    }
    return read_alert(walk, record->alert.json, record->alert.care, &alert) &&
           walk->calls->alert(walk->calls->to, &alert);
}

bool vg_memory_unsent(struct vg_memory_walk *walk, size_t before, size_t after,
                      const struct vg_record *record)
{
    struct vg_alert alert;

    (void)before;
    if (record->kind != VG_RECORD_ALERT || walk->calls->unsent == NULL ||
        vg_memory_find(walk, after, SIZE_MAX, record, its_delivery)) {
        return true;
    }
    return read_alert(walk, record->alert.json, (struct vg_slice){"", 0}, &alert) &&
           walk->calls->unsent(walk->calls->to, &alert);
}

size_t vg_memory_count_answers(const struct vg_memory_walk *walk)
{
    struct vg_record record;
    size_t count = 0;

    for (size_t at = 0, before = 0; vg_record_next(walk->log, &at, &record);
         before = at) {
        count += record.kind == VG_RECORD_COMMAND &&
                 !vg_memory_find(walk, 0, before, &record, same_command);
    }
    return count;
}

/* The first answer to a command stands. */
bool vg_memory_answer(struct vg_memory_walk *walk, size_t before, size_t after,
                      const struct vg_record *record)
{
    struct vg_answer answer;

    (void)after;
    if (record->kind != VG_RECORD_COMMAND || walk->calls->answer == NULL ||
        vg_memory_find(walk, 0, before, record, same_command) ||
        walk->answers-- > VG_RESTORE_ANSWERS) {
        return true;
    }
    vg_record_answer(record, &answer);
    return walk->calls->answer(walk->calls->to, &answer);
}

bool vg_memory_pause(struct vg_memory_walk *walk, size_t before, size_t after,
                     const struct vg_record *record)
{
    struct vg_pause pause;

    (void)before;
    if (record->kind != VG_RECORD_PAUSE || walk->calls->pause == NULL ||
        !vg_is_set(record->pause.until) ||
        vg_memory_find(walk, after, SIZE_MAX, record, same_bed)) {
        return true;
    }
    vg_record_pause(record, &pause);
    return walk->calls->pause(walk->calls->to, &pause);
}

static bool same_stay(const struct vg_record *record, const struct vg_record *other)
{
    return other->kind == VG_RECORD_CARRIED &&
           vg_same_text(record->carried.episode, other->carried.episode);
}

static bool its_end(const struct vg_record *record, const struct vg_record *other)
{
    return other->kind == VG_RECORD_EPISODE && !vg_is_never(other->episode.end) &&
           vg_same_text(record->carried.episode, other->episode.id);
}

bool vg_memory_carried(struct vg_memory_walk *walk, size_t before, size_t after,
                       const struct vg_record *record)
{
    (void)before;
    return record->kind != VG_RECORD_CARRIED || walk->calls->carried == NULL ||
           vg_memory_find(walk, after, SIZE_MAX, record, same_stay) ||
           vg_memory_find(walk, after, SIZE_MAX, record, its_end) ||
           walk->calls->carried(walk->calls->to, record->carried.episode.text,
                                &record->carried.value);
}

/* Whether nothing is left to be tried after what the log last says of the page. */
static bool settled(const struct vg_memory_walk *walk, size_t at,
                    const struct vg_record *page)
{
    struct vg_record other;
    bool done = false;

    while (vg_record_next(walk->log, &at, &other)) {
        if (other.kind == VG_RECORD_WAY && other.way.settled &&
            vg_same_text(page->page.id, other.way.page)) {
            done = true;
        } else if (same_page(page, &other)) {
            done = false; /* the same page again */
        }
    }
    return done;
}

bool vg_memory_page(struct vg_memory_walk *walk, size_t before, size_t after,
                    const struct vg_record *record)
{
    struct vg_alert alert;
    enum vg_page_kind kind;

    if (record->kind != VG_RECORD_PAGE || walk->calls->page == NULL ||
        vg_memory_find(walk, 0, before, record, same_page) ||
        settled(walk, after, record)) {
        return true;
    }
    if (vg_page_find(record->page.kind.text, &kind) != VG_OK) {
        walk->refused = true;
        return false;
    }
    return read_alert(walk, record->page.json, record->page.care, &alert) &&
           walk->calls->page(walk->calls->to, &alert, kind, record->page.role.text,
                             record->page.at);
}

bool vg_memory_paged(struct vg_memory_walk *walk, size_t before, size_t after,
                     const struct vg_record *record)
{
    (void)before;
    (void)after;
    return record->kind != VG_RECORD_PAGE || walk->calls->paged == NULL ||
           walk->calls->paged(walk->calls->to, record->page.ward.text,
                              record->page.id.text);
}
