/* SPDX-License-Identifier: Apache-2.0
 *
 * MAP_LOW: Clinical reference 1.3, project proposal; never a CRS tier. Below 60 at two
 * readings, or at one that is not repeated for 10 min; below 55 at once. A line needs the
 * spans that its systolic pressure needs; of a stream that comes seldom two readings are as
 * long. Its end is not given: a value of 60 or more.
 */
#include "core/assess/pressure_inside.h"
#include "core/course.h"

#define LOW      60
#define VERY_LOW 55
#define REPEAT   (10 * VG_MINUTE)
#define PAUSE    (120 * VG_SECOND)
/* Longest between two of a stream that comes seldom: a value speaks so long (0.4). Of one that came often until then the
 * first value behind a pause begins a run, be it low or good. */
#define SELDOM   VG_HOUR
#define LINE     (60 * VG_SECOND)
#define LINE_LOW (15 * VG_SECOND)

static bool held(const struct vg_pressure_run *run, vg_ms span)
{
    return vg_pressure_length(run) >= span;
}

static void set(struct vg_instant *since, struct vg_instant at)
{
    if (!vg_state_set(*since)) {
        *since = at;
    }
}

/* A clock in the future ends nothing (0.3). */
static bool may_end(const struct vg_item *item)
{
    return (item->marks & VG_MARK_CLOCK) == 0;
}

/* A line ends what cuffs have opened, a device that is gone or not (0.9); what another line
 * has opened only when that is gone. */
static void back_step(struct vg_pressure_map *map, struct vg_pressure_map *other,
                      const struct vg_item *item)
{
    const struct vg_instant since =
        vg_slot_since(&map->slot, &other->slot, map->back.start, item);

    map->on = map->critical = (struct vg_instant){0};
    if (!other->line || (vg_slot_gone(&other->slot, item->to, VG_SLOT_SILENT) &&
                         vg_since(item->to, since) >= LINE)) {
        other->on = other->critical = (struct vg_instant){0};
        other->below_60 = other->below_55 = (struct vg_pressure_run){0};
        other->slot.bad = vg_state_set(other->pending);
    }
}

static void note(struct vg_pressure_run *run, const struct vg_item *item, bool inside,
                 bool long_before)
{
    vg_pressure_run(run, item, inside, run->seldom ? SELDOM : PAUSE);
    if (inside && run->start.ms == item->at.ms) {
        run->seldom = long_before;
    }
}

static void line_step(struct vg_pressure_map *map, struct vg_pressure_map *other,
                      const struct vg_item *item)
{
    const bool long_before = vg_since(item->at, map->slot.heard) > PAUSE;

    note(&map->below_60, item, item->high < LOW, long_before);
    note(&map->below_55, item, item->high < VERY_LOW, long_before);
    note(&map->back, item, item->low >= LOW && may_end(item), long_before);
    if (held(&map->below_60, LINE)) {
        set(&map->on, map->below_60.start);
    }
    if (held(&map->below_55, LINE_LOW)) {
        set(&map->critical, map->below_55.start);
    }
    if (held(&map->back, LINE)) {
        back_step(map, other, item);
    }
}

static void single_step(struct vg_pressure_map *map, struct vg_pressure_map *other,
                        const struct vg_item *item)
{
    if (item->low >= LOW && !may_end(item)) {
        return;
    }
    if (item->low >= LOW) {
        map->pending = map->on = map->critical = (struct vg_instant){0};
        if (!other->line && vg_slot_gone(&other->slot, item->to, VG_SLOT_SINGLE)) {
            other->pending = other->on = other->critical = (struct vg_instant){0};
            other->slot.bad = false;
        }
        return;
    }
    if (vg_state_set(other->pending)) { /* two readings, whichever they are of */
        set(&other->on, other->pending);
    }
    if (vg_state_set(map->pending)) {
        set(&map->on, map->pending);
    }
    set(&map->pending, item->at);
    if (item->low < VERY_LOW) {
        set(&map->critical, item->at);
    } else if (may_end(item)) {
        map->critical = (struct vg_instant){0};
    }
}

/* The item's device's; what a device that is gone has opened stays open. */
static unsigned map_of(struct vg_pressure_map map[], const struct vg_item *item)
{
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        if (map[i].person) {
            map[i].slot.device = item->device;
            return i;
        }
    }
    const unsigned i = vg_slot_pick(&map[0].slot, &map[1].slot, item, VG_SLOT_SINGLE);
    if (i < VG_SLOTS && vg_slot_taken(&map[i].slot, item)) {
        const struct vg_pressure_map old = map[i];
        map[i] = (struct vg_pressure_map){
            .line = old.line, .on = old.on, .critical = old.critical};
    }
    return i;
}

/* A person's value is none of the device's own. */
static void count(struct vg_pressure_map *map, struct vg_pressure_map *other,
                  const struct vg_item *item)
{
    const bool person = item->source == VG_SOURCE_MANUAL;

    if (vg_item_stream(item)) {
        line_step(map, other, item);
    } else {
        single_step(map, other, item);
    }
    const bool bad = vg_state_set(map->pending) || vg_state_set(map->on) ||
                     vg_state_set(map->critical) || vg_state_set(map->below_60.start);
    if (person && vg_state_set(map->slot.heard) && !map->person) {
        map->slot.bad = bad;
        return;
    }
    map->person = person;
    map->line = vg_item_stream(item);
    vg_slot_heard(&map->slot, &other->slot, item, bad);
}

void vg_pressure_map_step(struct vg_pressure *p, const struct vg_item *item)
{
    const bool everyone =
        item->source == VG_SOURCE_MANUAL && vg_state_set(p->map[0].slot.heard);

    if (!vg_item_valid(item)) {
        return;
    }
    const unsigned mine = everyone ? VG_SLOTS : map_of(p->map, item);
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        if (i == mine || (everyone && vg_state_set(p->map[i].slot.heard))) {
            count(&p->map[i], &p->map[1 - i], item);
        }
    }
}

static void judge_one(const struct vg_pressure_map *map, struct vg_instant at,
                      struct vg_instant *low, struct vg_instant *critical,
                      struct vg_instant *next)
{
    const bool unrepeated =
        vg_state_set(map->pending) && vg_since(at, map->pending) >= REPEAT;

    if (vg_state_set(map->on) || unrepeated) {
        *low = vg_earlier(*low, vg_state_set(map->on) ? map->on : map->pending);
    }
    if (vg_state_set(map->critical)) {
        *critical = vg_earlier(*critical, map->critical);
    }
    if (vg_state_set(map->pending)) {
        vg_next(next, at, vg_after(map->pending, REPEAT));
    }
}

void vg_pressure_map_judge(const struct vg_state *state, struct vg_instant at,
                           bool adult, struct vg_assessment *out,
                           struct vg_instant *next)
{
    struct vg_instant low = VG_NEVER;
    struct vg_instant critical = VG_NEVER;

    for (unsigned i = 0; i < VG_SLOTS; i++) {
        judge_one(&state->pressure.map[i], at, &low, &critical, next);
    }
    out->pressure.map_low = vg_found(adult && !vg_is_never(low), low);
    out->pressure.map_critical = vg_found(adult && !vg_is_never(critical), critical);
    vg_lost_with(&out->pressure.map_low, state, VG_MAP, at, next);
    vg_lost_with(&out->pressure.map_critical, state, VG_MAP, at, next);
}
