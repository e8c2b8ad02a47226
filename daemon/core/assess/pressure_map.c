/* SPDX-License-Identifier: Apache-2.0
 *
 * MAP_LOW: Clinical reference 1.3, project proposal; never a CRS tier. Below 60 at two
 * readings, or at one that is not repeated for 10 min; below 55 at once. A line needs the
 * spans that its systolic pressure needs. Its end is not given: a value of 60 or more.
 */
#include "core/course.h"

#define LOW      60
#define VERY_LOW 55
#define REPEAT   (10 * VG_MINUTE)
#define PAUSE    (120 * VG_SECOND)
#define LINE     (60 * VG_SECOND)
#define LINE_LOW (15 * VG_SECOND)

static void run_step(struct vg_pressure_run *run, const struct vg_item *item,
                     bool inside)
{
    if (!inside) {
        *run = (struct vg_pressure_run){0};
        return;
    }
    if (!vg_state_set(run->start) || vg_since(item->at, run->last) > PAUSE) {
        run->start = item->at;
    }
    run->last = item->to;
}

static bool held(const struct vg_pressure_run *run, vg_ms span)
{
    return vg_state_set(run->start) && vg_since(run->last, run->start) >= span;
}

static void set(struct vg_instant *since, struct vg_instant at)
{
    if (!vg_state_set(*since)) {
        *since = at;
    }
}

static void line_step(struct vg_pressure *p, const struct vg_item *item)
{
    run_step(&p->map_60, item, item->high < LOW);
    run_step(&p->map_55, item, item->high < VERY_LOW);
    run_step(&p->map_back, item, item->low >= LOW);
    if (held(&p->map_60, LINE)) {
        set(&p->map_on, p->map_60.start);
    }
    if (held(&p->map_55, LINE_LOW)) {
        set(&p->map_critical, p->map_55.start);
    }
    if (held(&p->map_back, LINE)) {
        p->map_on = p->map_critical = (struct vg_instant){0};
    }
}

static void single_step(struct vg_pressure *p, const struct vg_item *item)
{
    if (item->low >= LOW) {
        p->map_pending = p->map_on = p->map_critical = (struct vg_instant){0};
        return;
    }
    if (vg_state_set(p->map_pending)) {
        set(&p->map_on, p->map_pending);
    }
    set(&p->map_pending, item->at);
    if (item->low < VERY_LOW) {
        set(&p->map_critical, item->at);
    } else {
        p->map_critical = (struct vg_instant){0};
    }
}

void vg_pressure_map_step(struct vg_pressure *p, const struct vg_item *item)
{
    if (!vg_item_valid(item)) {
        return;
    }
    if (vg_item_stream(item)) {
        line_step(p, item);
    } else {
        single_step(p, item);
    }
}

void vg_pressure_map_judge(const struct vg_state *state, struct vg_instant at,
                           bool adult, struct vg_assessment *out,
                           struct vg_instant *next)
{
    const struct vg_pressure *p = &state->pressure;
    const bool unrepeated =
        vg_state_set(p->map_pending) && vg_since(at, p->map_pending) >= REPEAT;
    const bool low = vg_state_set(p->map_on) || unrepeated;

    out->pressure.map_low =
        vg_found(adult && low, vg_state_set(p->map_on) ? p->map_on : p->map_pending);
    out->pressure.map_critical =
        vg_found(adult && vg_state_set(p->map_critical), p->map_critical);
    if (vg_state_set(p->map_pending)) {
        vg_next(next, at, vg_after(p->map_pending, REPEAT));
    }
}
