/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said twice: an admission that comes again, and what must be. See stay.h.
 */
#include <string.h>

#include "core/stay.h"

static uint64_t add_text(uint64_t hash, const char *text)
{
    return vg_hash(hash, text, strlen(text) + 1);
}

/* All that it says of the stay; not its number, under which it may be sent anew. */
static uint64_t content_of(const struct vg_admission *a)
{
    const int64_t numbers[] = {a->at.ms,
                               a->product,
                               a->age,
                               a->has_setting,
                               a->outpatient,
                               a->has_pregnant,
                               a->pregnant,
                               a->infusion_planned.ms,
                               (int64_t)a->flag_count};
    uint64_t hash = vg_hash(0, numbers, sizeof numbers);

    hash = vg_hash(hash, a->baseline, sizeof a->baseline);
    hash = vg_hash(hash, a->uln, sizeof a->uln);
    hash = add_text(add_text(hash, a->patient), a->protocol);
    hash = add_text(add_text(add_text(hash, a->target), a->donor), a->chain_id);
    for (size_t i = 0; i < a->flag_count; i++) {
        hash = add_text(hash, a->flags[i]);
    }
    return hash;
}

bool vg_stay_is_again(const struct vg_bed *bed, const struct vg_admission *a)
{
    return bed->admitted == content_of(a);
}

void vg_stay_note(struct vg_bed *bed, const struct vg_admission *a)
{
    bed->admitted = content_of(a);
}

/* A discharge with an open critical alert must be said twice, or with "confirm": the first time
 * may be a slip (Alert states T36). */
#define CONFIRM_WITHIN (30 * VG_MINUTE)

bool vg_stay_must_confirm(const struct vg_engine *engine, const struct vg_bed *bed,
                          const struct vg_admission *a)
{
    bool critical = false;

    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        const struct vg_alert *alert = bed->state[i].alert;
        critical = critical || (alert != NULL && alert->severity == VG_CRITICAL &&
                                (alert->condition != VG_ENDED || !alert->care.noticed));
    }
    const bool asked = vg_is_set(bed->discharge_asked) &&
                       vg_since(engine->now, bed->discharge_asked) <= CONFIRM_WITHIN;
    return critical && !asked && !a->confirm;
}
