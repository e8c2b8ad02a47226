/* SPDX-License-Identifier: Apache-2.0
 *
 * Following what goes on, as server-sent events. A reader has nothing but a number, that of
 * the last event it was given; what comes next is looked up in the ring and among the beds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/live_inside.h"

#define PORTION 32 /* events in one go */

void vg_live_put_id(struct vg_live *live, uint64_t at, struct vg_buffer *b)
{
    char text[VG_ID_LEN + 24];

    (void)snprintf(text, sizeof text, "%s-%llu", live->epoch, (unsigned long long)at);
    vg_put_raw(b, text);
}

/* False: of another run, or no number. */
static bool number_of(const struct vg_live *live, const char *id, uint64_t *out)
{
    const size_t length = strlen(live->epoch);
    char *end = NULL;

    if (strncmp(id, live->epoch, length) != 0 || id[length] != '-' ||
        id[length + 1] < '0' || id[length + 1] > '9') {
        return false;
    }
    *out = strtoull(id + length + 1, &end, 10);
    return *end == '\0';
}

enum vg_live_next vg_live_follow(struct vg_live *live, const char *after,
                                 struct vg_live_cursor *out)
{
    enum vg_live_next next = VG_LIVE_MORE;
    uint64_t at = 0;

    (void)pthread_mutex_lock(&live->lock);
    out->at = live->last;
    if (after != NULL && after[0] != '\0') {
        if (!number_of(live, after, &at) || at < live->dropped || at > live->last) {
            next = VG_LIVE_RESYNC;
        } else {
            out->at = at;
        }
    }
    (void)pthread_mutex_unlock(&live->lock);
    return next;
}

/* ---- What comes next */

struct next_event {
    uint64_t number;
    const char *name;
    struct vg_shared *text; /* NULL: a bed */
    size_t bed;
};

static bool concerns(const struct vg_live_cursor *cursor, const char *ward)
{
    return cursor->ward[0] == '\0' || ward[0] == '\0' ||
           strcmp(cursor->ward, ward) == 0;
}

static void add(struct next_event *list, size_t *count, struct next_event event)
{
    size_t at = *count;

    while (at > 0 && list[at - 1].number > event.number) {
        at--;
    }
    memmove(&list[at + 1], &list[at], (*count - at) * sizeof *list);
    list[at] = event;
    (*count)++;
}

/* Place in the ring of the first event with a higher number. */
static size_t first_behind(const struct vg_live *live, uint64_t number)
{
    size_t low = 0;
    size_t high = live->ring_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (live->ring[(live->ring_first + middle) % live->ring_size].number > number) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static const char *const names[] = {[VG_LIVE_ALERT] = "alert",
                                    [VG_LIVE_STATUS] = "status",
                                    [VG_LIVE_TROUBLE] = "trouble"};

/* Under the lock: the oldest PORTION of each kind, merged. Both are in order, so the first
 * PORTION of the whole are among them. `list` has room for twice that. */
static size_t look(struct vg_live *live, const struct vg_live_cursor *cursor,
                   struct next_event *list)
{
    size_t count = 0;
    size_t taken = 0;
    struct vg_live_shown *bed = live->newest;

    while (bed != NULL && bed->event > cursor->at && bed->older != NULL &&
           bed->older->event > cursor->at) {
        bed = bed->older;
    }
    for (; bed != NULL && taken < PORTION; bed = bed->newer) {
        if (bed->event > cursor->at && concerns(cursor, bed->brief.ward)) {
            list[count++] = (struct next_event){
                .number = bed->event, .name = "values", .bed = bed->index};
            taken++;
        }
    }
    taken = 0;
    for (size_t i = first_behind(live, cursor->at);
         i < live->ring_count && taken < PORTION; i++) {
        const struct vg_live_event *e =
            &live->ring[(live->ring_first + i) % live->ring_size];
        if (concerns(cursor, e->ward)) {
            add(list, &count,
                (struct next_event){
                    .number = e->number, .name = names[e->kind], .text = e->text});
            taken++;
        }
    }
    return count < PORTION ? count : PORTION;
}

/* ---- Writing */

static void put_head(struct vg_live *live, struct vg_buffer *b, uint64_t number,
                     const char *name)
{
    vg_put_raw(b, "id: ");
    vg_live_put_id(live, number, b);
    vg_put_raw(b, "\nevent: ");
    vg_put_raw(b, name);
    vg_put_raw(b, "\ndata: ");
}

/* The bed as it is sent, written by the first who asks and kept for the others. NULL: overtaken
 * meanwhile (it comes later, under a higher number), or no memory. */
static struct vg_shared *bed_text(struct vg_live *live, const struct next_event *event,
                                  struct vg_live_bed *scratch)
{
    struct vg_live_shown *shown = live->shown[event->bed];
    struct vg_shared *text = NULL;
    struct vg_buffer b = {0};

    (void)pthread_mutex_lock(&live->lock);
    const bool current = shown->event == event->number;
    if (current && shown->text != NULL) {
        text = vg_shared_ref(shown->text);
    } else if (current) {
        vg_live_bed_copy(scratch, shown);
    }
    (void)pthread_mutex_unlock(&live->lock);
    if (!current || text != NULL) {
        return text;
    }
    put_head(live, &b, event->number, event->name);
    vg_live_put_bed(&b, scratch, vg_clock_wall());
    vg_put_raw(&b, ",\"event\":\"");
    vg_live_put_id(live, event->number, &b);
    vg_put_raw(&b, "\"}\n\n");
    text = b.failed ? NULL : vg_shared_of(b.bytes, b.length);
    vg_buffer_finish(&b);
    (void)pthread_mutex_lock(&live->lock);
    if (text != NULL && shown->event == event->number && shown->text == NULL) {
        shown->text = vg_shared_ref(text);
    }
    (void)pthread_mutex_unlock(&live->lock);
    return text;
}

static void put_bed(struct vg_live *live, const struct next_event *event,
                    struct vg_live_bed *scratch, struct vg_buffer *b)
{
    struct vg_shared *text = bed_text(live, event, scratch);

    if (text != NULL) {
        vg_buffer_add(b, vg_shared_bytes(text), vg_shared_length(text));
        vg_shared_done(text);
    }
}

static void put_events(struct vg_live *live, const struct next_event *list,
                       size_t count, struct vg_buffer *b)
{
    struct vg_live_bed *scratch = vg_live_bed_create();

    b->failed = b->failed || scratch == NULL;
    for (size_t i = 0; i < count && scratch != NULL; i++) {
        if (list[i].text == NULL) {
            put_bed(live, &list[i], scratch, b);
        } else {
            put_head(live, b, list[i].number, list[i].name);
            vg_buffer_add(b, vg_shared_bytes(list[i].text),
                          vg_shared_length(list[i].text));
            vg_put_raw(b, "\n\n");
        }
    }
    vg_live_bed_destroy(scratch);
}

enum vg_live_next vg_live_read(struct vg_live *live, struct vg_live_cursor *cursor,
                               struct vg_buffer *b)
{
    struct next_event list[2 * PORTION + 1];
    size_t count = 0;

    (void)pthread_mutex_lock(&live->lock);
    const bool behind = cursor->at < live->dropped;
    const bool nothing = cursor->at >= live->last;
    const uint64_t last = live->last;
    if (!behind && !nothing) {
        count = look(live, cursor, list);
        for (size_t i = 0; i < count; i++) {
            if (list[i].text != NULL) {
                (void)vg_shared_ref(list[i].text);
            }
        }
    }
    (void)pthread_mutex_unlock(&live->lock);
    if (behind || nothing) {
        cursor->at = behind ? last : cursor->at;
        return behind ? VG_LIVE_RESYNC : VG_LIVE_NOTHING;
    }
    put_events(live, list, count, b);
    cursor->at = count == PORTION ? list[count - 1].number : last;
    for (size_t i = 0; i < count; i++) {
        vg_shared_done(list[i].text);
    }
    return VG_LIVE_MORE;
}
