/* SPDX-License-Identifier: Apache-2.0
 *
 * See replay_numbers.h.
 */
#include "cli/replay_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "core/sequence.h"

struct vg_replay_epoch {
    char gateway[VG_ID_LEN + 1], epoch[VG_ID_LEN + 1];
    struct vg_sequence got;
    struct {
        uint64_t seq, hash;
    } recent[VG_REPLAY_RECENT];
};

void vg_replay_numbers_finish(struct vg_replay_numbers *numbers)
{
    for (size_t i = 0; i < numbers->count; i++) {
        vg_sequence_finish(&numbers->item[i]->got);
        free(numbers->item[i]);
    }
    free(numbers->item);
    *numbers = (struct vg_replay_numbers){0};
}

/* The one of that name, made if there is none; NULL: no memory. */
static struct vg_replay_epoch *find(struct vg_replay_numbers *numbers,
                                    const char *gateway, const char *epoch)
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
        numbers->item[numbers->count++] = fresh;
    }
    return fresh;
}

enum vg_replay_news vg_replay_number(struct vg_replay_numbers *numbers,
                                     const struct vg_origin *origin, uint64_t hash)
{
    const size_t slot = origin->seq % VG_REPLAY_RECENT;

    if (origin->gateway[0] == '\0' || origin->seq == 0) {
        return VG_REPLAY_NEW;
    }
    struct vg_replay_epoch *e = find(numbers, origin->gateway, origin->epoch);
    if (e == NULL) {
        return VG_REPLAY_NO_MEMORY;
    }
    if (vg_sequence_has(&e->got, origin->seq)) {
        return e->recent[slot].seq == origin->seq && e->recent[slot].hash != hash
                   ? VG_REPLAY_REUSED
                   : VG_REPLAY_REPEAT;
    }
    if (vg_sequence_add(&e->got, origin->seq) == VG_OK) {
        e->recent[slot].seq = origin->seq;
        e->recent[slot].hash = hash;
    }
    return VG_REPLAY_NEW;
}

bool vg_replay_from(struct vg_replay_numbers *numbers,
                    const struct vg_gateway_status *status)
{
    if (!status->online || status->epoch[0] == '\0' || status->from <= 1) {
        return true;
    }
    struct vg_replay_epoch *e = find(numbers, status->gateway, status->epoch);
    if (e != NULL && e->got.upto + 1 < status->from) {
        vg_sequence_forget(&e->got, status->from);
    }
    return e != NULL;
}
