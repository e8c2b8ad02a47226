/* SPDX-License-Identifier: Apache-2.0
 *
 * Pressures of one instant that do not fit each other, cuff cycles that failed, and lines
 * that are flat: Clinical reference 10.2.
 */
#include "core/assess/quality_inside.h"

#define PULSE_LEAST 10               /* mmHg, accepted. Clinical reference 10.2 */
#define PULSE_MOST  150              /* accepted */
#define CYCLES_SPAN (10 * VG_MINUTE) /* two failed cycles, inclusive */
#define FLAT_FOR    (10 * VG_SECOND) /* inclusive */
#define FLAT_PAUSE  (30 * VG_SECOND) /* longest pause in it, as in 10.1 */
#define FLAT_MAP    60               /* below: look at the patient */

/* Of one source and device. */
struct pressures {
    struct vg_item *sbp, *dbp, *map; /* NULL: not delivered */
};

static bool together(const struct vg_item *a, const struct vg_item *b)
{
    return a->source == b->source && a->device == b->device;
}

/* The first of its source and device among the pressures? */
static bool leads(const struct vg_item *item, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (item[k].signal >= VG_SBP && item[k].signal <= VG_MAP &&
            together(&item[k], &item[i])) {
            return false;
        }
    }
    return item[i].signal >= VG_SBP && item[i].signal <= VG_MAP;
}

static struct pressures gather(struct vg_item *item, size_t count, size_t i)
{
    struct pressures p = {NULL, NULL, NULL};

    for (size_t k = i; k < count; k++) {
        if (!together(&item[k], &item[i])) {
            continue;
        }
        p.sbp = item[k].signal == VG_SBP ? &item[k] : p.sbp;
        p.dbp = item[k].signal == VG_DBP ? &item[k] : p.dbp;
        p.map = item[k].signal == VG_MAP ? &item[k] : p.map;
    }
    return p;
}

static bool usable(const struct vg_item *item)
{
    return item != NULL && vg_item_valid(item);
}

/* What a future stamp says ends nothing (0.3). */
static void end(struct vg_instant *since, const struct vg_item *item)
{
    if ((item->marks & VG_MARK_CLOCK) == 0) {
        *since = (struct vg_instant){0};
    }
}

static void begin(struct vg_instant *since, struct vg_instant at)
{
    *since = vg_state_set(*since) ? *since : at;
}

/* ---- Cuff */

static void tear(const struct pressures *p)
{
    p->sbp->marks |= VG_MARK_TORN;
    p->dbp->marks |= VG_MARK_TORN;
    if (p->map != NULL) {
        p->map->marks |= VG_MARK_TORN;
    }
}

static void check_pair(struct vg_quality_state *state, const struct pressures *p)
{
    if (!usable(p->sbp) || !usable(p->dbp)) {
        return;
    }
    const int64_t pulse = p->sbp->low - p->dbp->low;
    if (pulse < PULSE_LEAST || pulse > PULSE_MOST) {
        tear(p);
        begin(&state->pair_bad, p->sbp->at);
    } else {
        end(&state->pair_bad, p->sbp);
    }
}

/* DBP < MAP < SBP, and at most max(10, 20 % of the pulse pressure) from DBP + pulse / 3; all
 * times fifteen, so that no fraction is lost. */
static bool map_fits(int64_t sbp, int64_t dbp, int64_t map)
{
    const int64_t pulse = sbp - dbp;
    const int64_t off = 15 * (map - dbp) - 5 * pulse;
    const int64_t most = 3 * pulse > 150 ? 3 * pulse : 150;

    return dbp < map && map < sbp && off <= most && -off <= most;
}

static void check_map(struct vg_quality_state *state, const struct pressures *p)
{
    if (!usable(p->sbp) || !usable(p->dbp) || !usable(p->map)) {
        return;
    }
    if (map_fits(p->sbp->low, p->dbp->low, p->map->low)) {
        end(&state->map_bad, p->map);
    } else {
        p->map->marks |= VG_MARK_VOID;
        begin(&state->map_bad, p->map->at);
    }
}

/* A cycle failed if its SBP is out of range or torn, or was sent without a value or as invalid (void). One without
 * any word of SBP cannot be told from one whose values have stamps of their own; what is reported of one
 * instant is one, under however many names. */
static void count_cycle(struct vg_quality_state *state, const struct pressures *p)
{
    if (p->sbp == NULL) {
        return;
    }
    if (vg_item_valid(p->sbp)) {
        end(&state->check, p->sbp);
        return;
    }
    if (vg_state_set(state->failed) && p->sbp->at.ms > state->failed.ms &&
        vg_since(p->sbp->at, state->failed) <= CYCLES_SPAN) {
        begin(&state->check, state->failed);
    }
    state->failed = p->sbp->at;
}

/* ---- Line */

static bool is_flat(const struct pressures *p)
{
    return p->sbp->high - p->dbp->low < PULSE_LEAST;
}

/* The line's own MAP; without one the estimate of 10.2. */
static bool map_low(const struct pressures *p)
{
    if (usable(p->map)) {
        return p->map->low < FLAT_MAP;
    }
    return 2 * p->dbp->low + p->sbp->low < INT64_C(3) * FLAT_MAP;
}

static void check_line(struct vg_quality_state *state, const struct pressures *p)
{
    if (!usable(p->sbp) || !usable(p->dbp)) {
        return;
    }
    if (!is_flat(p)) {
        end(&state->flat_since, p->sbp);
        return;
    }
    if (!vg_state_set(state->flat_since) ||
        vg_since(p->sbp->at, state->flat_last) > FLAT_PAUSE) {
        state->flat_since = p->sbp->at;
    }
    state->flat_last = vg_earlier(p->sbp->to, p->dbp->to);
    state->flat_low = map_low(p);
}

struct vg_instant vg_quality_flat(const struct vg_quality_state *state)
{
    const bool flat = vg_state_set(state->flat_since) &&
                      vg_since(state->flat_last, state->flat_since) >= FLAT_FOR;

    return flat ? state->flat_since : (struct vg_instant){0};
}

/* Of what is entered by hand only MAP is checked: 10.2 speaks of cuffs, and a nurse-entered
 * pressure is not to wait (1.3). */
void vg_quality_pressures(struct vg_quality_state *state, struct vg_item *item,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!leads(item, i)) {
            continue;
        }
        const struct pressures p = gather(item, count, i);
        if (vg_item_stream(&item[i])) {
            check_line(state, &p);
            continue;
        }
        if (item[i].source != VG_SOURCE_MANUAL) {
            check_pair(state, &p);
            count_cycle(state, &p);
        }
        check_map(state, &p);
    }
}
