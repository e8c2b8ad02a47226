/* SPDX-License-Identifier: Apache-2.0
 *
 * What is carried over a restart, from the state and into it. See recall.h.
 */
#include "core/assess/recall.h"

#include <string.h>

#include "core/course.h"

_Static_assert(VG_CARRIED_TEMP == 0 &&
                   (int)VG_BASELINE_SIGNALS == (int)VG_CARRIED_MAX_GRADE,
               "vigil/carried.h");

static struct vg_instant earlier(struct vg_instant a, struct vg_instant b)
{
    return !vg_state_set(a) || (vg_state_set(b) && b.ms < a.ms) ? b : a;
}

/* ---- Instants that stand in the state by themselves. Of those ALONG the row above decides. */

enum how { LATER, EARLIER, ALONG };
#define IN(field) offsetof(struct vg_state, field)

static const struct {
    enum vg_carried_time time;
    enum how how;
    size_t field;
} rows[] = {{VG_CARRIED_CONFIRMED, LATER, IN(fever.last_confirmed)},
            {VG_CARRIED_CONFIRMED_FROM, ALONG, IN(fever.confirmed_from)},
            {VG_CARRIED_SINGLE, LATER, IN(fever.single)},
            {VG_CARRIED_SINGLE_FROM, ALONG, IN(fever.single_from)},
            {VG_CARRIED_NICE, LATER, IN(fever.nice)},
            {VG_CARRIED_NICE_FROM, ALONG, IN(fever.nice_from)},
            {VG_CARRIED_SUSTAINED, LATER, IN(fever.sustained)},
            {VG_CARRIED_SUSTAINED_FROM, ALONG, IN(fever.sustained_from)},
            {VG_CARRIED_VALID, LATER, IN(fever.last_valid)},
            {VG_CARRIED_FN_SINCE, EARLIER, IN(fn.since)},
            {VG_CARRIED_LAST_TEMP, LATER, IN(schedule.last[VG_TEMP])},
            {VG_CARRIED_LAST_HR, LATER, IN(schedule.last[VG_HR])},
            {VG_CARRIED_LAST_RR, LATER, IN(schedule.last[VG_RR])},
            {VG_CARRIED_LAST_SPO2, LATER, IN(schedule.last[VG_SPO2])},
            {VG_CARRIED_LAST_SBP, LATER, IN(schedule.last[VG_SBP])}};
#define ROWS (sizeof rows / sizeof rows[0])

static void carry_rows(const struct vg_state *state, struct vg_carried *out)
{
    for (size_t i = 0; i < ROWS; i++) {
        memcpy(&out->time[rows[i].time], (const char *)state + rows[i].field,
               sizeof out->time[0]);
    }
}

static void recall_rows(struct vg_state *state, const struct vg_carried *carried)
{
    bool taken = false;

    for (size_t i = 0; i < ROWS; i++) {
        const struct vg_instant was = carried->time[rows[i].time];
        struct vg_instant is;
        memcpy(&is, (char *)state + rows[i].field, sizeof is);
        taken = rows[i].how == LATER     ? was.ms > is.ms
                : rows[i].how == EARLIER ? earlier(is, was).ms != is.ms
                                         : taken;
        if (taken) {
            memcpy((char *)state + rows[i].field, &was, sizeof was);
        }
    }
}

/* ---- When each was heard of */

static void recall_heard(struct vg_instant heard[], const struct vg_carried *carried)
{
    static const struct {
        enum vg_signal signal;
        enum vg_carried_time time;
    } of[] = {{VG_TEMP, VG_CARRIED_LAST_TEMP},
              {VG_HR, VG_CARRIED_LAST_HR},
              {VG_RR, VG_CARRIED_LAST_RR},
              {VG_SPO2, VG_CARRIED_LAST_SPO2},
              {VG_SBP, VG_CARRIED_LAST_SBP}};

    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        heard[of[i].signal] = vg_later(heard[of[i].signal], carried->time[of[i].time]);
    }
}

/* ---- Fever that goes on: of the device that takes most to end it */

static void carry_fever(const struct vg_fever *fever, struct vg_carried *out)
{
    struct vg_instant *time = out->time;
    unsigned best = VG_FEVER_LANES;

    for (unsigned i = 0; i < VG_FEVER_LANES; i++) {
        const struct vg_fever_lane *lane = &fever->lane[i];
        if (!vg_state_set(lane->since)) {
            continue;
        }
        time[VG_CARRIED_FEVER_SINCE] =
            earlier(time[VG_CARRIED_FEVER_SINCE], lane->since);
        time[VG_CARRIED_FEVER_HIGH] = earlier(time[VG_CARRIED_FEVER_HIGH], lane->high);
        time[VG_CARRIED_OVER_40] = earlier(time[VG_CARRIED_OVER_40], lane->over_40);
        time[VG_CARRIED_OVER_41] = earlier(time[VG_CARRIED_OVER_41], lane->over_41);
        if (best == VG_FEVER_LANES ||
            vg_fever_trust(vg_fever_class(i)) < vg_fever_trust(vg_fever_class(best))) {
            best = i;
        }
    }
    out->number[VG_CARRIED_FEVER_LANE] = (int16_t)(best % VG_FEVER_LANES);
    out->time[VG_CARRIED_REPEAT] = fever->repeat;
    out->number[VG_CARRIED_REPEAT_CLASS] = fever->repeat_class;
}

/* Call before what is confirmed is recalled. */
static void recall_fever(struct vg_fever *fever, const struct vg_carried *carried)
{
    const unsigned which =
        (unsigned)carried->number[VG_CARRIED_FEVER_LANE] % VG_FEVER_LANES;

    if (vg_state_set(carried->time[VG_CARRIED_FEVER_SINCE])) {
        struct vg_fever_lane *lane = &fever->lane[which];
        lane->since = earlier(lane->since, carried->time[VG_CARRIED_FEVER_SINCE]);
        lane->high = earlier(lane->high, carried->time[VG_CARRIED_FEVER_HIGH]);
        lane->over_40 = earlier(lane->over_40, carried->time[VG_CARRIED_OVER_40]);
        lane->over_41 = earlier(lane->over_41, carried->time[VG_CARRIED_OVER_41]);
        lane->fever = vg_later(lane->fever, carried->time[VG_CARRIED_CONFIRMED]);
    }
    if (carried->time[VG_CARRIED_REPEAT].ms > fever->repeat.ms) {
        fever->repeat = carried->time[VG_CARRIED_REPEAT];
        fever->repeat_class =
            (uint8_t)((unsigned)carried->number[VG_CARRIED_REPEAT_CLASS] %
                      VG_TEMP_CLASSES);
    }
}

/* ---- Fever in neutropenia */

static void carry_fn(const struct vg_fn *fn, struct vg_carried *out)
{
    out->time[VG_CARRIED_LOW_TEMP] = fn->low;
    out->number[VG_CARRIED_LOW_CLASS] = fn->low_class;
    if (vg_state_set(fn->treated)) {
        out->time[VG_CARRIED_TREATED] = fn->treated;
        out->time[VG_CARRIED_COOL] = fn->cool;
        out->number[VG_CARRIED_FN_SCORE] = fn->score;
        out->number[VG_CARRIED_FN_MARKS] =
            (int16_t)((fn->by_flag ? VG_CARRIED_BY_FLAG : 0) |
                      (fn->low_pressure ? VG_CARRIED_HYPO : 0) |
                      (fn->was_better ? VG_CARRIED_BETTER : 0) |
                      (fn->fell ? VG_CARRIED_FELL : 0));
    }
}

/* A flag that was taken back since treats no more. */
static void recall_fn(struct vg_fn *fn, const struct vg_chart *chart,
                      const struct vg_carried *carried)
{
    const int marks = carried->number[VG_CARRIED_FN_MARKS];
    const bool by_flag = (marks & VG_CARRIED_BY_FLAG) != 0;

    if (vg_state_set(carried->time[VG_CARRIED_LOW_TEMP])) {
        fn->low = earlier(fn->low, carried->time[VG_CARRIED_LOW_TEMP]);
        fn->low_class = (uint8_t)((unsigned)carried->number[VG_CARRIED_LOW_CLASS] %
                                  VG_TEMP_CLASSES);
    }
    if (!vg_state_set(carried->time[VG_CARRIED_TREATED]) ||
        (by_flag && !chart->flag_on[VG_FLAG_FN_TREATED])) {
        return;
    }
    fn->treated = carried->time[VG_CARRIED_TREATED];
    fn->cool = vg_later(fn->cool, carried->time[VG_CARRIED_COOL]);
    fn->score = carried->number[VG_CARRIED_FN_SCORE];
    fn->by_flag = by_flag;
    fn->low_pressure = (marks & VG_CARRIED_HYPO) != 0;
    fn->was_better = (marks & VG_CARRIED_BETTER) != 0;
    fn->fell = (marks & VG_CARRIED_FELL) != 0;
}

/* ---- NEWS2: a page stands until evidence ends it. What is younger than the oldest reading that was read back comes out
 * of those; of what people charted alone, without the readings beside it, another one than there was. */

_Static_assert((int)VG_CARRIED_NEWS2_3 - (int)VG_CARRIED_NEWS2_7 + 1 ==
                   (int)VG_NEWS2_PAGES,
               "vigil/carried.h");

static void carry_news2(const struct vg_news2 *news2, struct vg_carried *out)
{
    for (unsigned i = 0; i < VG_NEWS2_PAGES; i++) {
        if (news2->page[i].on) {
            out->time[VG_CARRIED_NEWS2_7 + i] = news2->page[i].since;
        }
    }
}

static bool unread(const struct vg_state *state, struct vg_instant since)
{
    return !vg_state_set(state->read) || since.ms < state->read.ms;
}

static void recall_news2(struct vg_state *state, const struct vg_carried *carried,
                         struct vg_instant at)
{
    for (unsigned i = 0; i < VG_NEWS2_PAGES; i++) {
        struct vg_news2_pages *page = &state->news2.page[i];
        const struct vg_instant since = carried->time[VG_CARRIED_NEWS2_7 + i];
        const bool was =
            vg_state_set(since) && since.ms < at.ms && unread(state, since);
        if (was || (page->on && unread(state, page->since))) {
            page->on = was;
            page->since = since;
            page->sets = 0;
        }
    }
}

/* ---- CRS. Of an episode that a clinician has closed, what a withdrawal of that brings back. */

static bool closed(const struct vg_chart *chart, struct vg_instant onset)
{
    return chart->flag_on[VG_FLAG_CRS_CLOSED] &&
           chart->flag_at[VG_FLAG_CRS_CLOSED].ms > onset.ms;
}

static void carry_crs(const struct vg_state *state, struct vg_carried *out)
{
    const struct vg_crs *crs = &state->crs;
    const bool is_closed = !vg_state_set(crs->now.fever) &&
                           vg_state_set(crs->closed.onset) &&
                           closed(&state->chart, crs->closed.onset);
    const struct vg_crs_episode *of = is_closed ? &crs->closed : &crs->now;

    if (vg_state_set(of->onset)) {
        out->time[VG_CARRIED_ONSET] = of->onset;
        out->time[VG_CARRIED_FEVER] = of->fever;
        out->time[VG_CARRIED_ACTIVE] = of->active;
    }
    out->number[VG_CARRIED_MAX_GRADE] = of->max_grade;
    out->number[VG_CARRIED_CLOSED] = is_closed;
    out->number[VG_CARRIED_ON_PRESSURE] = crs->rise[VG_CRS_PRESSURE].base;
    out->number[VG_CARRIED_ON_OXYGEN] = crs->rise[VG_CRS_OXYGEN].base;
}

static void recall_rise(struct vg_crs_rise *rise, int tier)
{
    if (tier > rise->base) {
        rise->base = (uint8_t)tier;
        rise->since = (struct vg_instant){0};
    }
}

static void recall_episode(struct vg_crs_episode *to, const struct vg_carried *carried)
{
    to->onset = earlier(to->onset, carried->time[VG_CARRIED_ONSET]);
    to->fever = vg_later(to->fever, carried->time[VG_CARRIED_FEVER]);
    to->active = vg_later(to->active, carried->time[VG_CARRIED_ACTIVE]);
}

static void recall_most(struct vg_crs_episode *to, const struct vg_carried *carried)
{
    const int most = carried->number[VG_CARRIED_MAX_GRADE];

    to->max_grade = most > to->max_grade ? (uint8_t)most : to->max_grade;
}

/* It followed an infusion that stands, or the plan for one: not one that was taken back since. */
static bool followed(const struct vg_chart *chart, struct vg_instant onset,
                     struct vg_instant at)
{
    const bool start = chart->infusions > 0 && onset.ms >= chart->first_start.ms;
    const bool plan = vg_state_set(chart->planned) && onset.ms >= chart->planned.ms;

    return vg_is_set(vg_infusion_began(chart, at)) &&
           (!vg_state_set(onset) || start || plan);
}

/* What was graded behind a closing that was charted since does not count. */
static void recall_crs(struct vg_state *state, const struct vg_carried *carried,
                       struct vg_instant at)
{
    const struct vg_instant onset = carried->time[VG_CARRIED_ONSET];
    const bool is_closed = vg_state_set(onset) && closed(&state->chart, onset);
    struct vg_crs *crs = &state->crs;

    if (!followed(&state->chart, onset, at)) {
        return;
    }
    if (vg_state_set(onset)) {
        recall_episode(is_closed ? &crs->closed : &crs->now, carried);
        recall_most(is_closed ? &crs->closed : &crs->now, carried);
    }
    if (!is_closed || carried->number[VG_CARRIED_CLOSED] != 0) {
        recall_most(&crs->now, carried);
        recall_rise(&crs->rise[VG_CRS_PRESSURE],
                    carried->number[VG_CARRIED_ON_PRESSURE]);
        recall_rise(&crs->rise[VG_CRS_OXYGEN], carried->number[VG_CARRIED_ON_OXYGEN]);
    }
}

/* ---- All of it */

struct vg_carried vg_recall_carry(const struct vg_state *state)
{
    struct vg_carried out = {.at = state->at};

    vg_baseline_carry(state, &out);
    carry_rows(state, &out);
    carry_fever(&state->fever, &out);
    carry_fn(&state->fn, &out);
    carry_news2(&state->news2, &out);
    carry_crs(state, &out);
    return out;
}

#define RUN (2 * VG_HOUR) /* a fever's run may have begun before what was read back */

static bool before(struct vg_instant at, struct vg_instant from)
{
    return vg_state_set(at) && at.ms < from.ms;
}

/* Fever, and what followed from it, if it began in the time of which readings are there: those say it, as they have been
 * corrected since. What began earlier goes on in what each of them means. */
static struct vg_carried without_read(const struct vg_state *state,
                                      const struct vg_carried *carried)
{
    const struct vg_instant from =
        vg_later(vg_after(state->read, RUN), vg_after(carried->at, -VG_DAY));
    struct vg_carried out = *carried;

    if (!vg_state_set(state->read) || before(out.time[VG_CARRIED_ONSET], from) ||
        before(out.time[VG_CARRIED_FEVER_SINCE], from)) {
        return out;
    }
    for (unsigned t = VG_CARRIED_ONSET; t <= VG_CARRIED_FN_SINCE; t++) {
        if (out.time[t].ms >= from.ms) {
            out.time[t] = (struct vg_instant){0};
        }
    }
    if (vg_state_set(carried->time[VG_CARRIED_ONSET])) {
        out.number[VG_CARRIED_MAX_GRADE] = out.number[VG_CARRIED_CLOSED] = 0;
        out.number[VG_CARRIED_ON_PRESSURE] = out.number[VG_CARRIED_ON_OXYGEN] = 0;
    }
    return out;
}

void vg_recall(struct vg_state *state, const struct vg_carried *carried,
               struct vg_instant at)
{
    const struct vg_carried older = without_read(state, carried);

    recall_fever(&state->fever, &older);
    recall_rows(state, &older);
    recall_heard(state->heard, &older);
    recall_fn(&state->fn, &state->chart, &older);
    recall_news2(state, &older, at);
    recall_crs(state, &older, at);
    state->recalled = true;
}

void vg_recall_keep(const struct vg_state *state, struct vg_patient *patient)
{
    const struct vg_instant onset = state->crs.now.onset;
    const bool old = vg_state_set(onset) && vg_since(state->at, onset) > VG_DAY;

    if (old || state->recalled) {
        patient->carried = vg_recall_carry(state);
    }
}

/* Of what goes on each reading is a sign anew. */
bool vg_recall_moves(enum vg_carried_time time)
{
    bool moves = time == VG_CARRIED_FEVER || time == VG_CARRIED_ACTIVE ||
                 time == VG_CARRIED_COOL || time == VG_CARRIED_REPEAT;

    for (size_t i = 0; i < ROWS; i++) {
        moves = moves || (rows[i].time == time && rows[i].how != EARLIER);
    }
    return moves;
}
