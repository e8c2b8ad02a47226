/* SPDX-License-Identifier: Apache-2.0
 *
 * New protocols: every bed changes over, or none. Rules keep their state and their open
 * alerts by id (what a new test makes of those: rule_end.c); an open alert whose rule is gone
 * stays, of unknown condition, with its ladder running, until somebody resets it or its rule comes back.
 */
#include <stdlib.h>
#include <string.h>

#include "core/stay.h"

void vg_bed_tell_orphans(struct vg_engine *engine, struct vg_bed *bed,
                         struct vg_instant stamp)
{
    struct vg_rule_state *first =
        &bed->state[bed->protocol->rule_count + (size_t)VG_BUILTIN_COUNT];

    for (size_t i = 0; i < bed->orphan_count; i++) {
        struct vg_alert *alert = first[i].alert;
        if (alert != NULL && alert->condition != VG_CONDITION_UNKNOWN &&
            alert->condition != VG_ENDED) {
            (void)vg_copy(alert->remark, sizeof alert->remark,
                          "rule_changed: its rule is gone from the protocol: reset it "
                          "when it is dealt with");
            first[i].phase = VG_ON;
            first[i].lost = true;
            vg_tell_change(engine, bed, &first[i], VG_DATA_LOST, stamp);
        }
    }
}

static const struct vg_protocol *next_of(const struct vg_bed *bed,
                                         const struct vg_rulebook *book)
{
    return bed->linked
               ? vg_book_of_episode(book, bed->ward,
                                    bed->wanted[0] != '\0' ? bed->wanted
                                                           : bed->episode.protocol,
                                    bed->episode.product)
               : vg_book_of_ward(book, bed->ward);
}

/* Everything that needs memory. */
static bool prepare(struct vg_engine *engine, const struct vg_rulebook *book,
                    struct vg_bed_swap *swap)
{
    size_t orphans = 0;

    for (size_t i = 0; i < engine->heap_count; i++) {
        struct vg_bed *bed = engine->heap[i];
        if (!bed->node && !vg_bed_swap_make(bed, next_of(bed, book), &swap[i])) {
            return false;
        }
        orphans += swap[i].orphans;
    }
    return vg_tell_room(engine, orphans, 0);
}

/* What the new rules say of what is known is told at once (Alert states T38), not with the next
 * reading, which may be hours away. Without memory it is. */
static void begin_anew(struct vg_engine *engine, struct vg_bed *bed)
{
    vg_bed_tell_orphans(engine, bed, engine->now);
    if (!bed->node && vg_is_set(bed->since) && vg_tell_reserve(engine, bed, 0)) {
        vg_bed_ask_all(engine, bed, true);
        vg_stay_check_protocol(engine, bed);
    }
}

enum vg_status vg_engine_adopt(struct vg_engine *engine, const struct vg_rulebook *book)
{
    struct vg_bed_swap *swap = calloc(engine->heap_count + 1, sizeof *swap);
    const bool ready = swap != NULL && prepare(engine, book, swap);

    for (size_t i = 0; swap != NULL && i < engine->heap_count; i++) {
        if (ready && !engine->heap[i]->node) {
            vg_bed_swap(engine->heap[i], &swap[i]);
        }
        vg_bed_swap_free(&swap[i]);
    }
    free(swap);
    if (!ready) {
        return VG_NO_MEMORY;
    }
    engine->book = book;
    vg_tell_begin(engine);
    for (size_t i = 0; i < engine->heap_count; i++) {
        begin_anew(engine, engine->sorted[i]);
    }
    engine->failed = true; /* what was told goes out with the next step */
    return VG_OK;
}
