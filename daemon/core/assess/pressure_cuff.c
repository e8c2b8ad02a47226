/* SPDX-License-Identifier: Apache-2.0
 *
 * Single values of systolic pressure: what waits, what confirms at once, what ends. See
 * pressure.h. Project proposals of Clinical reference 1.3.
 */
#include "core/assess/pressure_inside.h"
#include "core/course.h"

#define REPEAT      (10 * VG_MINUTE) /* not repeated so long: confirmed */
#define TORN_REPEAT (2 * VG_MINUTE)  /* of an inconsistent triple, near an infusion */
#define PAIR        (30 * VG_MINUTE) /* any two low values within, inclusive */
#define AFTER_END   (2 * VG_HOUR)    /* near an infusion: [T0, T_end + 2 h] */
#define CONTEXT     (5 * VG_MINUTE)
#define FAST        130

static const struct vg_pressure_run none;

bool vg_pressure_near_infusion(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_instant began = vg_infusion_began(&state->chart, at);

    return vg_is_set(began) && at.ms >= began.ms &&
           at.ms <= vg_after(vg_infusion_end(&state->chart, at), AFTER_END).ms;
}

/* ---- Context that makes a low value count at once */

static bool recent(struct vg_instant t, struct vg_instant at)
{
    return vg_state_set(t) && vg_since(at, t) <= CONTEXT;
}

static bool not_alert(const struct vg_state *state, struct vg_instant at)
{
    enum vg_acvpu acvpu;

    return vg_acvpu_at(&state->chart, at, &acvpu) && acvpu != VG_ALERT;
}

static bool alarming(const struct vg_state *state, struct vg_instant at)
{
    return recent(state->pressure.fast, at) || recent(state->pressure.hypoxic, at) ||
           not_alert(state, at);
}

static void confirm(struct vg_pressure_cuff *cuff, struct vg_instant since)
{
    if (!vg_state_set(cuff->on)) {
        cuff->on = since;
    }
    cuff->pending = (struct vg_instant){0};
    cuff->fall = 0;
    cuff->at_95 = cuff->at_90 = none;
}

/* A low value that waits, when something alarming comes to it. */
void vg_pressure_context(struct vg_state *state, const struct vg_item *item)
{
    struct vg_pressure *p = &state->pressure;
    const int64_t low =
        vg_flag_holds(&state->chart, VG_FLAG_SCALE2, item->at) ? 86 : 90;

    if (item->signal == VG_HR && vg_item_valid(item) && item->high >= FAST) {
        p->fast = item->to;
    } else if (item->signal == VG_SPO2 && vg_item_valid(item) && item->low < low &&
               (item->marks & VG_MARK_POOR) == 0) {
        p->hypoxic = item->to;
    }
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        struct vg_pressure_cuff *cuff = &p->cuff[i];
        if (vg_state_set(cuff->pending) && !cuff->pending_torn &&
            recent(cuff->pending, item->at) && alarming(state, item->at)) {
            confirm(cuff, cuff->pending);
        }
    }
}

/* ---- Single values */

vg_ms vg_pressure_patience(const struct vg_state *state,
                           const struct vg_pressure_cuff *cuff)
{
    return cuff->pending_torn && vg_pressure_near_infusion(state, cuff->pending)
               ? TORN_REPEAT
               : REPEAT;
}

bool vg_pressure_overdue(const struct vg_state *state,
                         const struct vg_pressure_cuff *cuff, struct vg_instant at)
{
    return vg_state_set(cuff->pending) &&
           vg_since(at, cuff->pending) >= vg_pressure_patience(state, cuff);
}

static struct vg_instant torn_of(const struct vg_state *state,
                                 const struct vg_pressure_cuff *cuff,
                                 struct vg_instant at)
{
    return cuff->pending_torn && vg_pressure_overdue(state, cuff, at) ? cuff->pending
                                                                      : cuff->torn_low;
}

struct vg_instant vg_pressure_torn(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_pressure_cuff *cuff = state->pressure.cuff;

    return vg_later(torn_of(state, &cuff[0], at), torn_of(state, &cuff[1], at));
}

struct vg_instant vg_pressure_torn_due(const struct vg_state *state)
{
    struct vg_instant due = VG_NEVER;

    for (unsigned i = 0; i < VG_SLOTS; i++) {
        const struct vg_pressure_cuff *cuff = &state->pressure.cuff[i];
        if (vg_state_set(cuff->pending) && cuff->pending_torn) {
            due = vg_earlier(
                due, vg_after(cuff->pending, vg_pressure_patience(state, cuff)));
        }
    }
    return due;
}

static void wait_for_second(struct vg_pressure_cuff *cuff, const struct vg_item *item,
                            bool torn)
{
    if (!vg_state_set(cuff->pending)) {
        cuff->pending = item->at;
        cuff->pending_torn = torn;
        cuff->pending_stream = vg_item_stream(item);
    }
}

/* What waits is confirmed by a low value of any device. */
static void confirm_pending(struct vg_pressure_cuff *cuff)
{
    cuff->torn_low = cuff->pending_torn ? cuff->pending : cuff->torn_low;
    confirm(cuff, cuff->pending);
}

static void torn_step(struct vg_pressure_cuff *cuff, struct vg_pressure_cuff *other,
                      const struct vg_item *item)
{
    if (item->low >= VG_PRESSURE_LOW) {
        return;
    }
    if (vg_state_set(other->pending) && other->pending_torn) {
        confirm_pending(other);
    }
    if (vg_state_set(cuff->pending) && cuff->pending_torn) {
        confirm(cuff, cuff->pending);
        cuff->torn_low = item->at;
    } else {
        wait_for_second(cuff, item, true);
    }
}

static bool immediate(const struct vg_state *state, const struct vg_item *item,
                      bool lone)
{
    return !lone &&
           (item->low < VG_PRESSURE_VERY_LOW || item->source == VG_SOURCE_MANUAL ||
            vg_pressure_near_infusion(state, item->at) || alarming(state, item->at));
}

/* `lone`: the first value of what may be a line, which is never believed at once. */
static void low_step(struct vg_state *state, struct vg_pressure_cuff *cuff,
                     const struct vg_item *item, bool lone)
{
    struct vg_pressure *p = &state->pressure;
    struct vg_pressure_cuff *other = &p->cuff[cuff == &p->cuff[0] ? 1 : 0];

    if (vg_state_set(other->pending)) {
        confirm_pending(other);
    }
    if (vg_state_set(cuff->pending)) {
        confirm_pending(cuff);
    } else if (immediate(state, item, lone)) {
        confirm(cuff, item->at);
    } else if (vg_state_set(p->last_low) && vg_since(item->at, p->last_low) <= PAIR) {
        confirm(cuff, p->last_low);
    } else {
        wait_for_second(cuff, item, false);
    }
}

static void back_step(struct vg_pressure_cuff *cuff, struct vg_pressure_cuff *other,
                      const struct vg_item *item)
{
    vg_pressure_run(&cuff->at_95, item, item->low >= VG_PRESSURE_BACK, VG_DAY);
    vg_pressure_run(&cuff->at_90, item, item->low >= VG_PRESSURE_LOW, VG_DAY);
    if (!vg_pressure_cleared(&cuff->at_95, &cuff->at_90)) {
        return;
    }
    cuff->on = (struct vg_instant){0};
    if (vg_pressure_cleared_other(&cuff->slot, &other->slot, cuff->at_95, cuff->at_90,
                                  item, VG_SLOT_SINGLE)) {
        other->on = (struct vg_instant){0};
        other->slot.bad = vg_state_set(other->pending);
    }
}

/* The value counts for this device; a person's is not one of its own. */
static void cuff_heard(struct vg_pressure_cuff *cuff,
                       const struct vg_pressure_cuff *other, const struct vg_item *item)
{
    const bool bad =
        vg_state_set(cuff->pending) || vg_state_set(cuff->on) || cuff->fall != 0;

    if (item->source == VG_SOURCE_MANUAL && vg_state_set(cuff->slot.heard) &&
        !cuff->person) {
        cuff->slot.bad = bad;
        return;
    }
    cuff->person = item->source == VG_SOURCE_MANUAL;
    vg_slot_heard(&cuff->slot, &other->slot, item, bad);
}

static void single_step(struct vg_state *state, struct vg_pressure_cuff *cuff,
                        const struct vg_item *item, bool lone)
{
    struct vg_pressure *p = &state->pressure;
    struct vg_pressure_cuff *other = &p->cuff[cuff == &p->cuff[0] ? 1 : 0];
    const bool may_clear = (item->marks & VG_MARK_CLOCK) == 0;

    if ((item->marks & VG_MARK_TORN) != 0) {
        torn_step(cuff, other, item);
    } else {
        if (item->low < VG_PRESSURE_LOW) {
            low_step(state, cuff, item, lone);
        } else if (may_clear) {
            cuff->pending = (struct vg_instant){0};
        }
        if (may_clear) {
            back_step(cuff, other, item);
        }
        vg_pressure_fall(cuff, other, item);
    }
    cuff_heard(cuff, other, item);
}

/* The item's device's; what a device that is gone has opened stays open. */
static unsigned cuff_of(struct vg_pressure *p, const struct vg_item *item)
{
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        if (p->cuff[i].person) {
            p->cuff[i].slot.device = item->device;
            return i;
        }
    }
    const unsigned i =
        vg_slot_pick(&p->cuff[0].slot, &p->cuff[1].slot, item, VG_SLOT_SINGLE);
    if (i < VG_SLOTS && vg_slot_taken(&p->cuff[i].slot, item)) {
        const struct vg_pressure_cuff old = p->cuff[i];
        p->cuff[i] = (struct vg_pressure_cuff){
            .on = old.on, .torn_low = old.torn_low, .fall = old.fall};
    }
    return i;
}

/* A person's value goes to every device that has been heard. */
void vg_pressure_singles(struct vg_state *state, const struct vg_item *item, bool lone)
{
    struct vg_pressure *p = &state->pressure;
    const bool person = item->source == VG_SOURCE_MANUAL;
    const bool any = vg_state_set(p->cuff[0].slot.heard);
    const unsigned mine = person && any ? VG_SLOTS : cuff_of(p, item);

    for (unsigned i = 0; i < VG_SLOTS; i++) {
        if (i == mine || (person && any && vg_state_set(p->cuff[i].slot.heard))) {
            single_step(state, &p->cuff[i], item, lone);
        }
    }
    if (item->low < VG_PRESSURE_LOW && (item->marks & VG_MARK_TORN) == 0) {
        p->last_low = item->at;
    }
}

void vg_pressure_before(struct vg_state *state, const struct vg_view *view,
                        struct vg_instant at)
{
    (void)view;
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        struct vg_pressure_cuff *cuff = &state->pressure.cuff[i];
        cuff->torn_low = torn_of(state, cuff, at);
        if (vg_pressure_overdue(state, cuff, at)) {
            confirm(cuff, cuff->pending);
        }
    }
}
