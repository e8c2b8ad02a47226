/* SPDX-License-Identifier: Apache-2.0
 *
 * Fever. See fever.h.
 */
#include "core/assess/fever.h"

#include "core/course.h"

/* 0.1 Cel. */
#define FEVER      380 /* 1.2; ASTCT */
#define CALM       377 /* 1.2, clear */
#define COOL_PATCH 355 /* 10.2 */
#define DRIFT      375 /* 1.2, drift */
#define DRIFT_RISE 10
#define BELOW_40   399 /* clears > 40.0: project proposal */
#define BELOW_41   400 /* clears > 41.0: the same */
#define REPEAT_MAX 382 /* 5.3 */

#define CLEAR      VG_FEVER_CLEAR
#define HOT_CLEAR  (30 * VG_MINUTE) /* project proposal */
#define LONG       (72 * VG_HOUR)   /* 1.2, strict */
#define REPEAT_END VG_FEVER_REPEAT
#define SUSTAINED  (60 * VG_MINUTE) /* 5.3 */
#define PAUSE      (8 * VG_HOUR)    /* 5.3 */
#define RETRO      (24 * VG_HOUR)   /* as long as it counts for CRS (1.2, F1) */
#define ANSWERED   (4 * VG_HOUR)    /* re-alert of TEMP_PATCH_CHECK, 9.3 */

static bool marked(const struct vg_item *item, unsigned mark)
{
    return (item->marks & mark) != 0;
}

/* Nothing above a level in the half-open span up to `at`. */
static bool quiet(struct vg_instant above, struct vg_instant at, vg_ms span)
{
    return !vg_state_set(above) || vg_since(at, above) >= span;
}

bool vg_fever_open(const struct vg_fever *fever)
{
    for (unsigned i = 0; i < VG_FEVER_LANES; i++) {
        if (vg_state_set(fever->lane[i].since)) {
            return true;
        }
    }
    return false;
}

static void first(struct vg_instant *since, const struct vg_fever_run *run)
{
    if (run->confirmed && !vg_state_set(*since)) {
        *since = run->from;
    }
}

/* ---- What is confirmed now, and what was found late */

static void note_confirmed(struct vg_fever *fever, const struct vg_fever_lane *lane,
                           const struct vg_item *item)
{
    const struct vg_fever_run *run = lane->run;

    if (run[VG_FEVER_380].confirmed) {
        fever->last_confirmed = item->to;
        fever->confirmed_from = run[VG_FEVER_380].from;
        fever->last_confirmed_value = (int16_t)vg_fever_level(lane, item);
    }
    if (marked(item, VG_MARK_OLD)) {
        return; /* 0.3: later than 8 h it pages no fever in neutropenia */
    }
    if (run[VG_FEVER_381].confirmed) {
        fever->nice = item->to;
        fever->nice_from = run[VG_FEVER_381].from;
    }
    if (run[VG_FEVER_383].confirmed) {
        fever->single = item->to;
        fever->single_from = run[VG_FEVER_383].from;
    }
}

static void open_states(struct vg_fever *fever, struct vg_fever_lane *lane,
                        const struct vg_item *item)
{
    const struct vg_fever_run *run = lane->run;

    if (!marked(item, VG_MARK_LATE | VG_MARK_OLD)) {
        first(&lane->since, &run[VG_FEVER_380]);
        first(&lane->high, &run[VG_FEVER_390]);
    } else if (run[VG_FEVER_380].confirmed && !vg_fever_open(fever)) {
        fever->retro = item->to; /* 0.3 */
    }
    /* A floor of 9.4 does not mind how late it comes as the newest value, and up to 8 h
     * if there is a newer one (0.3). */
    if (!marked(item, VG_MARK_LATE) || !marked(item, VG_MARK_OLD)) {
        first(&lane->over_40, &run[VG_FEVER_401]);
        first(&lane->over_41, &run[VG_FEVER_411]);
    }
}

/* ---- Clear (1.2) */

static void note_above(struct vg_fever_lane *lane, const struct vg_item *item)
{
    const struct {
        struct vg_instant *at;
        int64_t over;
    } rows[] = {{&lane->above_374, DRIFT - 1},
                {&lane->above_377, CALM},
                {&lane->above_399, BELOW_40},
                {&lane->above_400, BELOW_41},
                {&lane->fever, FEVER - 1}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (item->high > rows[i].over) {
            *rows[i].at = item->to;
        }
    }
}

/* `judge` is the lane that shows it, `lane` the one whose state may end. */
static void clear_lane(struct vg_fever_lane *lane, const struct vg_fever_lane *judge,
                       const struct vg_item *item)
{
    const struct vg_instant zero = {0};

    if (item->high <= CALM && quiet(judge->above_377, item->to, CLEAR) &&
        quiet(lane->fever, item->to, CLEAR)) {
        lane->since = lane->high = lane->over_40 = lane->over_41 = zero;
    }
    if (item->high <= BELOW_40 && quiet(judge->above_399, item->to, HOT_CLEAR) &&
        quiet(lane->above_399, item->to, HOT_CLEAR)) {
        lane->over_40 = zero;
    }
    if (item->high <= BELOW_41 && quiet(judge->above_400, item->to, HOT_CLEAR) &&
        quiet(lane->above_400, item->to, HOT_CLEAR)) {
        lane->over_41 = zero;
    }
}

static void clear(struct vg_fever *fever, unsigned mine, const struct vg_item *item)
{
    for (unsigned i = 0; i < VG_FEVER_LANES; i++) {
        struct vg_fever_lane *lane = &fever->lane[i];
        if ((lane->since.ms | lane->high.ms | lane->over_40.ms | lane->over_41.ms) !=
                0 &&
            vg_fever_may_end(fever, mine, i, item->to)) {
            clear_lane(lane, &fever->lane[mine], item);
        }
    }
}

/* ---- Sustained, and the repeat that is due (5.3) */

static void sustain(struct vg_fever *fever, struct vg_fever_lane *lane,
                    struct vg_instant previous, const struct vg_item *item)
{
    if (item->low < FEVER) {
        lane->sustained = (struct vg_instant){0};
        return;
    }
    if (!vg_state_set(lane->sustained) || vg_since(item->at, previous) > PAUSE) {
        lane->sustained = item->at;
    }
    if (vg_since(item->to, lane->sustained) >= SUSTAINED &&
        !marked(item, VG_MARK_OLD)) {
        fever->sustained = item->to;
        fever->sustained_from = lane->sustained;
    }
}

static void answer_repeat(struct vg_fever *fever, enum vg_temp_class mine,
                          const struct vg_item *item)
{
    if (!vg_state_set(fever->repeat) || marked(item, VG_MARK_CLOCK) ||
        vg_fever_trust(mine) >
            vg_fever_trust((enum vg_temp_class)fever->repeat_class)) {
        return;
    }
    /* It came too late: what went before counts as sustained. */
    if (vg_since(item->at, fever->repeat) > REPEAT_END &&
        fever->sustained.ms < fever->repeat.ms) {
        fever->sustained = fever->sustained_from = fever->repeat;
    }
    fever->repeat = (struct vg_instant){0};
}

static void repeat(struct vg_fever *fever, enum vg_temp_class mine,
                   const struct vg_item *item)
{
    answer_repeat(fever, mine, item);
    if (!vg_item_stream(item) && item->low >= FEVER && item->low <= REPEAT_MAX) {
        fever->repeat = item->at;
        fever->repeat_class = (uint8_t)mine;
        fever->repeat_late = marked(item, VG_MARK_LATE | VG_MARK_OLD);
    }
}

/* ---- Drift and patch check (1.2) */

static void drift(struct vg_state *state, const struct vg_view *view, unsigned mine,
                  const struct vg_item *item)
{
    struct vg_fever *fever = &state->fever;
    const int64_t base = vg_baseline_of(state, view, VG_TEMP);
    const bool up = base != VG_NO_VALUE && item->low >= DRIFT && item->low < FEVER &&
                    item->low >= base + DRIFT_RISE;
    const bool may = !vg_state_set(fever->rise) ||
                     vg_fever_may_end(fever, mine, fever->rise_lane, item->to);

    if (up && !marked(item, VG_MARK_LATE | VG_MARK_OLD)) {
        fever->rise = vg_state_set(fever->rise) ? fever->rise : item->at;
        fever->rise_lane = (uint8_t)(may ? mine : fever->rise_lane);
    } else if (!up && may && !marked(item, VG_MARK_CLOCK)) {
        fever->rise = (struct vg_instant){0};
    }
}

static void patch_check(struct vg_fever *fever, unsigned mine,
                        const struct vg_item *item)
{
    const struct vg_fever_run *run = &fever->lane[mine].run[VG_FEVER_375];

    if (vg_fever_trust(vg_fever_class(mine)) == 0) { /* what was asked for */
        if (!marked(item, VG_MARK_CLOCK)) {
            fever->asked = item->to;
            fever->check = (struct vg_instant){0};
        }
        return;
    }
    if (run->confirmed && !marked(item, VG_MARK_LATE | VG_MARK_OLD) &&
        quiet(fever->asked, item->to, ANSWERED)) {
        fever->check = vg_state_set(fever->check) ? fever->check : run->from;
    }
}

/* Without an answer it ends with an hour below 37.5 of all that asked. */
static void patch_calm(struct vg_fever *fever, unsigned mine,
                       const struct vg_item *item)
{
    const struct vg_fever_lane *lane = &fever->lane[mine];
    const struct vg_fever_lane *twin = &fever->lane[vg_fever_twin(mine)];

    if (item->high < DRIFT && quiet(lane->above_374, item->to, CLEAR) &&
        quiet(twin->above_374, item->to, CLEAR)) {
        fever->check = (struct vg_instant){0};
    }
}

static bool is_bad(const struct vg_fever_lane *lane)
{
    return vg_state_set(lane->run[VG_FEVER_375].from) || vg_state_set(lane->since) ||
           vg_state_set(lane->over_40) || vg_state_set(lane->over_41);
}

/* What a lane says, and what it ends. */
static void count(struct vg_state *state, const struct vg_view *view, unsigned mine,
                  const struct vg_item *item)
{
    struct vg_fever *fever = &state->fever;
    struct vg_fever_lane *lane = &fever->lane[mine];
    const struct vg_instant previous = lane->last;

    vg_fever_runs(lane, item);
    note_confirmed(fever, lane, item);
    open_states(fever, lane, item);
    sustain(fever, lane, previous, item);
    patch_check(fever, mine, item);
    if (vg_fever_class(mine) == VG_TEMP_PATCH && item->low < COOL_PATCH) {
        return; /* 10.2: it neither clears nor says that there is no fever */
    }
    repeat(fever, vg_fever_class(mine), item);
    drift(state, view, mine, item);
    fever->last_valid = vg_later(fever->last_valid, item->to);
    if (!marked(item, VG_MARK_CLOCK)) {
        clear(fever, mine, item);
        if (vg_fever_trust(vg_fever_class(mine)) > 0) {
            patch_calm(fever, mine, item);
        }
    }
    note_above(lane, item);
}

void vg_fever_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item)
{
    struct vg_fever *fever = &state->fever;

    if (item->signal != VG_TEMP || !vg_item_valid(item)) {
        return;
    }
    const unsigned mine = vg_fever_lane(fever, vg_item_temp_class(item), item);
    if (mine == VG_FEVER_LANES) {
        return;
    }
    struct vg_fever_lane *lane = &fever->lane[mine];
    count(state, view, mine, item);
    if (vg_item_stream(item)) {
        vg_slot_heard(&lane->slot, &fever->lane[vg_fever_twin(mine)].slot, item,
                      is_bad(lane));
    }
}

/* ---- What is to be said */

/* The earliest of one field of the lanes; 0: none. */
static struct vg_instant earliest(const struct vg_fever *fever, size_t field)
{
    struct vg_instant best = VG_NEVER;

    for (unsigned i = 0; i < VG_FEVER_LANES; i++) {
        const struct vg_instant *t =
            (const void *)((const char *)&fever->lane[i] + field);
        best = vg_state_set(*t) ? vg_earlier(best, *t) : best;
    }
    if (vg_is_never(best)) {
        best = (struct vg_instant){0};
    }
    return best;
}

static struct vg_finding since(bool on, struct vg_instant from)
{
    return vg_found(on && vg_state_set(from), from);
}

#define LANES(fever, field) earliest((fever), offsetof(struct vg_fever_lane, field))

/* What stands until a temperature ends it. TEMP_REPEAT and what was found late say themselves that
 * none has come. */
static void lose(struct vg_fever_out *say, const struct vg_state *state,
                 struct vg_instant at, struct vg_instant *next)
{
    struct vg_finding *const of[] = {&say->confirmed,  &say->high,     &say->three_days,
                                     &say->above_40,   &say->above_41, &say->rise,
                                     &say->patch_check};

    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        vg_lost_with(of[i], state, VG_TEMP, at, next);
    }
}

void vg_fever_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next)
{
    const struct vg_fever *fever = &state->fever;
    const bool adult = vg_patient_adult(view->patient);
    struct vg_fever_out *say = &out->fever;
    const struct vg_instant from = LANES(fever, since);
    const struct vg_instant three_days = vg_after(from, LONG + 1);
    const struct vg_instant retro_end = vg_after(fever->retro, RETRO + 1);
    const struct vg_instant overdue = vg_after(fever->repeat, REPEAT_END);

    say->confirmed = since(adult, from);
    say->high = since(adult, LANES(fever, high));
    say->three_days = since(adult && at.ms >= three_days.ms, from);
    say->above_40 = since(true, LANES(fever, over_40)); /* 0.7: never gated */
    say->above_41 = since(true, LANES(fever, over_41));
    say->retro = since(adult && at.ms < retro_end.ms, fever->retro);
    say->rise = since(adult, fever->rise);
    say->patch_check = since(adult, fever->check);
    say->repeat =
        since(adult && !fever->repeat_late && at.ms < overdue.ms, fever->repeat);
    lose(say, state, at, next);
    const struct {
        struct vg_instant set, when;
    } turns[] = {
        {from, three_days}, {fever->retro, retro_end}, {fever->repeat, overdue}};
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        if (vg_state_set(turns[i].set)) {
            vg_next(next, at, turns[i].when);
        }
    }
}
