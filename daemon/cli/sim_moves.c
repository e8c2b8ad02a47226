/* SPDX-License-Identifier: Apache-2.0
 *
 * Three transfers, all through the gateway of the first.
 */
#include "cli/sim_moves.h"

#include <string.h>

#define SPARE "spare"

bool vg_sim_moves_holds(const struct vg_sim_moves *moves, const struct vg_sim_bed *bed)
{
    return bed == moves->a || bed == moves->b;
}

static void begin(struct vg_sim_moves *moves, const struct vg_sim_desk *desk,
                  struct vg_sim_bed *beds, vg_ms elapsed)
{
    double span = (double)desk->plan->moves;
    struct vg_sim_bed *a = &beds[vg_sim_below(&moves->chance, desk->plan->beds)];
    struct vg_sim_bed *b = &beds[vg_sim_below(&moves->chance, desk->plan->beds)];
    moves->next = elapsed + (vg_ms)vg_sim_between(&moves->chance, span / 2, span * 1.5);
    if (a != b && vg_sim_bed_admitted(a) && vg_sim_bed_admitted(b)) {
        moves->a = a;
        moves->b = b;
        moves->stage = 0;
    }
}

/* The second patient's transfer goes through the first one's gateway too: a gateway keeps its order. */
static enum vg_status step(struct vg_sim_moves *moves, const struct vg_sim_desk *desk)
{
    struct vg_sim_bed *a = moves->a;
    struct vg_sim_bed *b = moves->b;
    struct vg_sim_sender *sender = b->sender;
    enum vg_status status = VG_REFUSED;
    b->sender = a->sender;
    if (moves->stage == 0) {
        status = vg_sim_bed_transfer(desk, a, a->id, SPARE);
    } else if (moves->stage == 1) {
        status = vg_sim_bed_transfer(desk, b, b->id, a->id);
    } else {
        status = vg_sim_bed_transfer(desk, a, SPARE, b->id);
    }
    b->sender = sender;
    moves->stage += status == VG_OK;
    return status;
}

static void settle(struct vg_sim_moves *moves)
{
    char id[sizeof moves->a->id];
    memcpy(id, moves->a->id, sizeof id);
    memcpy(moves->a->id, moves->b->id, sizeof id);
    memcpy(moves->b->id, id, sizeof id);
    moves->a = moves->b = NULL;
}

enum vg_status vg_sim_moves_play(struct vg_sim_moves *moves,
                                 const struct vg_sim_desk *desk,
                                 struct vg_sim_bed *beds, vg_ms elapsed)
{
    enum vg_status status = VG_OK;
    if (moves->a == NULL && desk->plan->moves > 0 && elapsed >= moves->next) {
        begin(moves, desk, beds, elapsed);
    }
    while (moves->a != NULL && status == VG_OK) {
        status = step(moves, desk);
        if (moves->stage == 3) {
            settle(moves);
        }
    }
    return status == VG_FULL ? VG_OK : status;
}
