/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the text of a bed's assessments with the one printed last, by a hash of 64
 * bits. See replay_each.h.
 */
#include "cli/replay_each.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vg_each_bed {
    bool used;
    uint64_t patient, scores;
};

void vg_each_finish(struct vg_each *each)
{
    vg_keys_finish(&each->beds);
    vg_buffer_finish(&each->scores);
    free(each->bed);
    memset(each, 0, sizeof *each);
}

static uint64_t hash_scores(struct vg_each *each, const struct vg_assessment *now)
{
    vg_buffer_clear(&each->scores);
    vg_put_assessment(&each->scores, now);
    return vg_hash(0, each->scores.bytes, each->scores.length);
}

static struct vg_each_bed *bed_of(struct vg_each *each,
                                  const struct vg_assessed *assessed)
{
    char name[2 * VG_ID_LEN + 2];

    (void)snprintf(name, sizeof name, "%s/%s", assessed->ward, assessed->bed);
    const size_t place = vg_keys_put(&each->beds, name);
    if (place == SIZE_MAX) {
        return NULL;
    }
    struct vg_each_bed *beds =
        vg_keys_grow(each->bed, &each->room, place + 1, sizeof *beds);
    if (beds == NULL) {
        return NULL;
    }
    each->bed = beds;
    return &beds[place];
}

enum vg_status vg_each_changed(struct vg_each *each, const struct vg_assessed *assessed,
                               bool *changed)
{
    struct vg_each_bed *bed = bed_of(each, assessed);
    const uint64_t patient = vg_hash(0, assessed->patient, strlen(assessed->patient));

    if (bed == NULL) {
        return VG_NO_MEMORY;
    }
    if (!bed->used || bed->patient != patient) {
        *bed = (struct vg_each_bed){true, patient, hash_scores(each, NULL)};
    }
    const uint64_t now = hash_scores(each, assessed->known ? &assessed->now : NULL);
    *changed = now != bed->scores;
    bed->scores = now;
    return each->scores.failed ? VG_NO_MEMORY : VG_OK;
}
