/* SPDX-License-Identifier: Apache-2.0
 *
 * See replay_numbers.h.
 */
#include "cli/replay_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "core/sequence.h"
#include "shell/app_seen.h"

struct vg_replay_epoch {
    char gateway[VG_ID_LEN + 1], epoch[VG_ID_LEN + 1];
    struct vg_sequence got;
    struct {
        uint64_t seq, hash;
        struct vg_instant at; /* it had come by then */
    } recent[VG_REPLAY_RECENT];
};

void vg_replay_numbers_finish(struct vg_replay_numbers *numbers)
{
    for (size_t i = 0; i < numbers->count; i++) {
        vg_sequence_finish(&numbers->item[i]->got);
        free(numbers->item[i]);
    }
    free(numbers->item);
    free(numbers->seen);
    *numbers = (struct vg_replay_numbers){0};
}

/* The one of that name, made if there is none; NULL: no memory. */
static struct vg_replay_epoch *find(struct vg_replay_numbers *numbers,
                                    const char *gateway, const char *epoch,
                                    struct vg_instant now)
{
    for (size_t i = 0; i < numbers->count; i++) {
        struct vg_replay_epoch *e = numbers->item[i];
        if (strcmp(e->gateway, gateway) == 0 && strcmp(e->epoch, epoch) == 0) {
            return e;
        }
    }
    if (numbers->count == numbers->size) {
        const size_t size = numbers->size * 2 + 16;
        struct vg_replay_epoch **grown =
            realloc(numbers->item, size * sizeof(struct vg_replay_epoch *));
        if (grown == NULL) {
            return NULL;
        }
        numbers->item = grown;
        numbers->size = size;
    }
    struct vg_replay_epoch *fresh = calloc(1, sizeof *fresh);
    if (fresh != NULL) {
        (void)vg_copy(fresh->gateway, sizeof fresh->gateway, gateway);
        (void)vg_copy(fresh->epoch, sizeof fresh->epoch, epoch);
        for (size_t i = 0; i < VG_REPLAY_RECENT; i++) {
            fresh->recent[i].at = now;
        }
        numbers->item[numbers->count++] = fresh;
    }
    return fresh;
}

/* How far ahead a gateway's clock may be. */
#define AHEAD (30 * VG_SECOND)

/* Of a number that has come: with this content? If that is forgotten: what was measured after a later number had come
 * was never sent under this one. */
static bool is_other(const struct vg_replay_epoch *e, const struct vg_replay_came *came)
{
    const size_t slot = came->origin->seq % VG_REPLAY_RECENT;

    if (e->recent[slot].seq == came->origin->seq) {
        return e->recent[slot].hash != came->hash;
    }
    return vg_is_set(came->measured) &&
           vg_since(came->measured, e->recent[slot].at) > AHEAD;
}

/* An admission that comes again is the engine's to answer. */
static enum vg_replay_news by_content(struct vg_replay_numbers *numbers,
                                      const struct vg_replay_came *came)
{
    if (!came->message) {
        return VG_REPLAY_NEW;
    }
    if (numbers->seen == NULL) {
        numbers->seen = calloc(1, sizeof *numbers->seen);
        if (numbers->seen == NULL) {
            return VG_REPLAY_NO_MEMORY;
        }
    }
    if (vg_seen_has(numbers->seen, came->hash)) {
        return VG_REPLAY_AGAIN;
    }
    vg_seen_put(numbers->seen, came->hash);
    return VG_REPLAY_NEW;
}

enum vg_replay_news vg_replay_number(struct vg_replay_numbers *numbers,
                                     const struct vg_replay_came *came)
{
    const struct vg_origin *origin = came->origin;
    const size_t slot = origin->seq % VG_REPLAY_RECENT;

    if (origin->gateway[0] == '\0' || origin->seq == 0) {
        return by_content(numbers, came);
    }
    struct vg_replay_epoch *e =
        find(numbers, origin->gateway, origin->epoch, came->now);
    if (e == NULL) {
        return VG_REPLAY_NO_MEMORY;
    }
    if (vg_sequence_has(&e->got, origin->seq)) {
        return is_other(e, came) ? VG_REPLAY_REUSED : VG_REPLAY_REPEAT;
    }
    if (vg_sequence_add(&e->got, origin->seq) != VG_OK) {
        return by_content(numbers, came); /* too many holes */
    }
    e->recent[slot].seq = origin->seq;
    e->recent[slot].hash = came->hash;
    e->recent[slot].at = vg_later(came->now, came->measured);
    return VG_REPLAY_NEW;
}
