/* SPDX-License-Identifier: Apache-2.0
 *
 * Plays recordings, or the model, against the time that is handed in.
 */
#include "cli/simulate_ward.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/sim_bed.h"
#include "cli/sim_moves.h"

#define BURST        64  /* messages of one bed in one go: leaves room for others */
#define STAGGER      400 /* ms between the first messages of neighbouring beds */
#define STAGGERED    (5 * VG_SECOND) /* and the last of them begins no later */
#define PAUSE_AT_END VG_HOUR         /* recorded time between two rounds */

struct vg_sim_ward {
    struct vg_sim_plan plan;
    struct vg_buffer buffer;
    struct vg_sim_moves moves;
    struct vg_sim_bed bed[];
};

static void init_bed(struct vg_sim_bed *bed, const struct vg_sim_plan *plan,
                     size_t index, struct vg_sim_chance *chance)
{
    static const char *const products[] = {"car_t", "car_nk", "nk"};
    vg_ms stagger = STAGGERED / (vg_ms)plan->beds;
    (void)snprintf(bed->id, sizeof bed->id, "%zu", index + 1);
    (void)snprintf(bed->patient, sizeof bed->patient, "p-%04zu", index + 1);
    (void)snprintf(bed->device, sizeof bed->device, "mon-%zu", index + 1);
    bed->product = products[vg_sim_below(chance, sizeof products / sizeof products[0])];
    bed->product = plan->product != NULL ? plan->product : bed->product;
    bed->sender = plan->sender[index % plan->senders];
    bed->start = (vg_ms)index * (stagger < STAGGER ? stagger : STAGGER);
    bed->infused_before = (vg_ms)(48 + vg_sim_below(chance, 192)) * VG_HOUR;
    bed->last = VG_UNSET;
    bed->chance = vg_sim_chance_of(plan->seed, 3000 + index);
}

/* Every recording is played before one is played twice, in an order by chance. False: no
 * memory. */
static bool deal_recordings(struct vg_sim_ward *ward, struct vg_sim_chance *chance)
{
    const struct vg_recordings *all = ward->plan.recordings;
    size_t *order = calloc(all->count, sizeof *order);
    if (order == NULL) {
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        size_t j = vg_sim_below(chance, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < ward->plan.beds; i++) {
        struct vg_sim_bed *bed = &ward->bed[i];
        unsigned usual = 35 + (unsigned)vg_sim_below(chance, VG_SIM_PATIENT_AGES);
        bed->recording = &all->recording[order[i % all->count]];
        bed->age = bed->recording->age != 0 ? bed->recording->age : usual;
    }
    free(order);
    return true;
}

static void deal_patients(struct vg_sim_ward *ward, struct vg_sim_chance *chance)
{
    const struct vg_sim_plan *plan = &ward->plan;
    for (size_t i = 0; i < plan->beds; i++) {
        struct vg_sim_bed *bed = &ward->bed[i];
        bed->age = 35 + (unsigned)vg_sim_below(chance, VG_SIM_PATIENT_AGES);
        vg_sim_patient_init(&bed->person, plan->illness[i],
                            vg_sim_chance_of(plan->seed, 10000 + i), plan->monitor);
    }
}

struct vg_sim_ward *vg_sim_ward_create(const struct vg_sim_plan *plan)
{
    assert(plan->senders > 0);
    struct vg_sim_chance chance = {plan->seed};
    struct vg_sim_ward *ward =
        calloc(1, sizeof *ward + plan->beds * sizeof(struct vg_sim_bed));
    if (ward == NULL) {
        return NULL;
    }
    ward->plan = *plan;
    ward->moves.next = plan->moves;
    ward->moves.chance = vg_sim_chance_of(plan->seed, 2000);
    for (size_t i = 0; i < plan->beds; i++) {
        init_bed(&ward->bed[i], plan, i, &chance);
    }
    if (plan->recordings == NULL) {
        deal_patients(ward, &chance);
    } else if (!deal_recordings(ward, &chance)) {
        free(ward);
        return NULL;
    }
    return ward;
}

void vg_sim_ward_destroy(struct vg_sim_ward *ward)
{
    if (ward != NULL) {
        vg_buffer_finish(&ward->buffer);
        free(ward);
    }
}

static vg_ms real(const struct vg_sim_ward *ward, vg_ms recorded)
{
    return (vg_ms)((double)recorded / ward->plan.speed);
}

static void rewind_bed(const struct vg_sim_ward *ward, struct vg_sim_bed *bed)
{
    vg_ms length = bed->recording->sample[bed->recording->count - 1].offset;
    bed->over = ward->plan.once;
    bed->start += real(ward, length + PAUSE_AT_END);
    bed->next = 0;
}

/* They come to the ward as their recording begins, the infusion two to ten days behind them: admitted
 * any earlier they would seem not to have been looked at since, and infused any later, since
 * these are people with other illnesses, to react to it. */
static enum vg_status chart(const struct vg_sim_desk *desk, struct vg_sim_bed *bed)
{
    struct vg_instant infused = vg_after(desk->plan->begun, -bed->infused_before);
    enum vg_status status = VG_OK;
    if (!desk->plan->admit) {
        return VG_OK;
    }
    if (bed->charted == 0) {
        status = vg_sim_bed_admit(desk, bed, desk->plan->begun);
        bed->charted += status == VG_OK;
    }
    if (bed->charted == 1 && status == VG_OK) {
        status = vg_sim_bed_infuse(desk, bed, infused);
        bed->charted += status == VG_OK;
    }
    return status;
}

static vg_ms due_of(const struct vg_sim_ward *ward, const struct vg_sim_bed *bed)
{
    vg_ms offset;
    if (bed->over) {
        return INT64_MAX;
    }
    if (bed->recording != NULL) {
        offset = bed->recording->sample[bed->next].offset;
    } else {
        (void)vg_sim_patient_next(&bed->person, &offset);
    }
    return bed->start + real(ward, offset);
}

static enum vg_status play_bed(struct vg_sim_ward *ward, struct vg_sim_bed *bed,
                               const struct vg_sim_desk *desk, vg_ms elapsed)
{
    enum vg_status status = VG_OK;
    if (bed->recording != NULL) {
        status = chart(desk, bed);
    }
    for (unsigned n = 0; n < BURST && status == VG_OK && due_of(ward, bed) <= elapsed;
         n++) {
        status = bed->recording != NULL ? vg_sim_bed_recorded(desk, bed)
                                        : vg_sim_bed_modelled(desk, bed);
        if (bed->recording != NULL && bed->next == bed->recording->count) {
            rewind_bed(ward, bed);
        }
    }
    return status == VG_FULL ? VG_OK : status;
}

enum vg_status vg_sim_ward_play(struct vg_sim_ward *ward, vg_ms elapsed,
                                struct vg_instant wall)
{
    const struct vg_sim_desk desk = {&ward->plan, &ward->buffer, wall};
    enum vg_status status = vg_sim_moves_play(&ward->moves, &desk, ward->bed, elapsed);
    for (size_t i = 0; i < ward->plan.beds && status == VG_OK; i++) {
        if (!vg_sim_moves_holds(&ward->moves, &ward->bed[i])) {
            status = play_bed(ward, &ward->bed[i], &desk, elapsed);
        }
    }
    return status;
}

vg_ms vg_sim_ward_next(const struct vg_sim_ward *ward)
{
    vg_ms next = INT64_MAX;
    for (size_t i = 0; i < ward->plan.beds; i++) {
        vg_ms due = due_of(ward, &ward->bed[i]);
        next = due < next ? due : next;
    }
    return next;
}

bool vg_sim_ward_over(const struct vg_sim_ward *ward)
{
    for (size_t i = 0; i < ward->plan.beds; i++) {
        if (!ward->bed[i].over) {
            return false;
        }
    }
    return true;
}
