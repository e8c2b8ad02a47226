/* SPDX-License-Identifier: Apache-2.0
 *
 * Which observations are overdue. See schedule.h, vigil/schedule.h.
 *
 * An observation is due one interval after the last one, or, if there is none since the
 * admission, after that or the start of the infusion; overdue when more than the grace has passed too (strict, Clinical reference
 * 7.2). A phase that begins does not set the clock back: what was overdue stays so.
 *
 * A set that is charted comes value by value. The first of them may begin a state of shorter intervals
 * (fever, NEWS2), by which the rest, on its way, is overdue at once: so for a minute it is not said.
 */
#include "core/assess/schedule.h"

#include <string.h>

#include "core/course.h"
#include "core/expr_code.h"

/* ---- What was observed when */

#define SET \
    VG_MINUTE /* what is charted with no longer pauses is one set: project decision */

static void note_set(struct vg_schedule_state *seen, const struct vg_item *item)
{
    if (!vg_state_set(seen->set_from) || vg_since(item->at, seen->set_to) > SET) {
        seen->set_from = item->at;
    }
    seen->set_to = item->at;
}

/* Monitoring counts as observation; an invalid value or one of a wrong clock does not. */
void vg_schedule_step(struct vg_state *state, const struct vg_view *view,
                      const struct vg_item *item)
{
    struct vg_schedule_state *seen = &state->schedule;

    (void)view;
    if (!vg_item_stream(item) || item->signal >= VG_MEASURED_COUNT) {
        note_set(seen, item);
    }
    if (item->signal < VG_MEASURED_COUNT) {
        if (vg_item_valid(item) && (item->marks & VG_MARK_CLOCK) == 0) {
            seen->last[item->signal] = vg_later(seen->last[item->signal], item->to);
        }
    } else if (item->signal == VG_NEURO && item->name == VG_TREMOR && item->low != 0) {
        seen->tremor = item->at;
    }
}

/* ACVPU, or what cannot be found out without it. */
static struct vg_instant consciousness(const struct vg_state *state)
{
    const struct vg_instant *last = state->schedule.last;
    const struct vg_instant charted =
        vg_later(state->chart.acvpu_at, state->chart.arousal_at);

    return vg_later(charted, vg_later(last[VG_ICE], last[VG_GCS]));
}

/* A set is as old as its oldest member (7.2). Diastolic pressure comes with the systolic, or
 * not at all (palpated); an oxygen device is latched (0.4). Consciousness is a member
 * from its first charting on: a ward that never charts it would be alarmed for good. */
static struct vg_instant vitals(const struct vg_state *state)
{
    static const enum vg_signal members[] = {VG_TEMP, VG_HR, VG_RR, VG_SPO2, VG_SBP};
    struct vg_instant oldest = VG_NEVER;

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        oldest = vg_earlier(oldest, state->schedule.last[members[i]]);
    }
    return vg_state_set(state->chart.acvpu_at)
               ? vg_earlier(oldest, consciousness(state))
               : oldest;
}

/* A blood count and creatinine mark the daily draw of 7.3; the rest of it is not waited for
 * (project decision). */
static struct vg_instant laboratory(const struct vg_state *state)
{
    const struct vg_instant *last = state->schedule.last;

    return vg_earlier(vg_later(last[VG_WBC], last[VG_PLT]), last[VG_CREAT]);
}

static struct vg_instant observed(const struct vg_state *state, unsigned expect,
                                  struct vg_instant at)
{
    struct vg_instant last;

    switch (expect) {
    case VG_EXPECT_VITALS:
        last = vitals(state);
        break;
    case VG_EXPECT_LABS:
        last = laboratory(state);
        break;
    case VG_EXPECT_NEURO:
        last = consciousness(state);
        break;
    default:
        last = state->schedule.last[expect];
        break;
    }
    return vg_earlier(last, at);
}

/* ---- In which state the patient is */

struct asked {
    const struct vg_state *state;
    const struct vg_assessment *out;
};

/* The loader has put the symptom's number into the query. */
static struct vg_instant noted(const struct vg_state *state,
                               const struct vg_query *query)
{
    return query->field < VG_SYMPTOM_OTHER ? state->chart.symptom[query->field]
                                           : state->schedule.tremor;
}

static struct vg_number answer(const void *subject, const struct vg_query *query,
                               size_t index, struct vg_instant at)
{
    const struct asked *asked = subject;

    (void)index;
    if (query->kind == VG_ASK_FIELD) {
        return vg_field_value(&vg_fields()[query->field], asked->out);
    }
    if (query->kind == VG_ASK_NOTED) {
        const struct vg_instant when = noted(asked->state, query);
        const bool yes = vg_state_set(when) && vg_since(at, when) <= query->span;
        return vg_number_of(yes, 1);
    }
    return VG_NUMBER_UNKNOWN; /* not reached: refused when the file was loaded */
}

/* A noted symptom leaves its span. */
static void next_noted(const struct vg_expr *expr, const struct vg_queries *queries,
                       const struct vg_state *state, struct vg_instant at,
                       struct vg_instant *next)
{
    for (uint16_t i = 0; i < expr->length; i++) {
        const struct vg_query *query = expr->code[i].code == VG_OP_ASK
                                           ? &queries->item[expr->code[i].query]
                                           : NULL;
        if (query != NULL && query->kind == VG_ASK_NOTED) {
            const struct vg_instant when = noted(state, query);
            if (vg_state_set(when)) {
                vg_next(next, at, vg_after(when, query->span + 1));
            }
        }
    }
}

/* Unknown is no state: the phase's own interval stands. */
static bool in_state(const struct vg_schedule *schedule,
                     const struct vg_schedule_line *line, const struct asked *asked,
                     struct vg_instant at, struct vg_instant *next)
{
    const struct vg_facts facts = {asked, answer};

    next_noted(&line->when, schedule->queries, asked->state, at, next);
    return vg_expr_ask(&line->when, schedule->queries, &facts, at) == VG_TRUE;
}

/* ---- What is overdue */

struct judged {
    const struct vg_state *state;
    const struct vg_patient *patient;
    struct vg_instant at;
    struct vg_assessment *out;
    struct vg_instant *next;
};

/* The line that counts for one observation, and since when its span is open. */
struct winner {
    const struct vg_schedule_line *line;
    struct vg_instant opened;
};

static void say(struct vg_finding *finding, struct vg_instant since, bool soon)
{
    if (finding->truth == VG_TRUE) {
        since = vg_earlier(since, finding->since);
        soon = soon && finding->soon;
    }
    *finding = vg_found(true, since);
    finding->soon = soon;
}

static void place(struct vg_schedule_out *out, unsigned expect,
                  struct vg_finding **found, struct vg_finding **late)
{
    const bool ice = expect == VG_ICE || expect == VG_EXPECT_NEURO;
    const bool labs = expect == VG_EXPECT_LABS ||
                      (!ice && expect < VG_MEASURED_COUNT &&
                       vg_signal_info((enum vg_signal)expect)->kind == VG_LAB);

    *found = ice ? &out->ice : labs ? &out->labs : &out->vitals;
    *late = ice ? &out->ice_late : labs ? &out->labs_late : &out->vitals_late;
}

/* What was never observed counts from the admission, or from the infusion since. */
static struct vg_instant counted_from(const struct judged *j, struct vg_instant last)
{
    return last.ms >= j->patient->admitted.ms
               ? last
               : vg_later(j->patient->admitted, j->state->chart.last_start);
}

static struct vg_instant due(const struct judged *j, const struct winner *w)
{
    const struct vg_instant last = observed(j->state, w->line->expect, j->at);

    if (w->line->once) {
        return last.ms >= w->opened.ms ? VG_NEVER : vg_after(w->opened, w->line->every);
    }
    const struct vg_instant when = vg_after(counted_from(j, last), w->line->every);
    return w->line->hours ? vg_later(when, w->opened) : when; /* nobody asks at night */
}

/* By a state that the set under way may have begun. */
static bool under_way(const struct judged *j, const struct winner *w)
{
    const struct vg_instant from = j->state->schedule.set_from;
    const struct vg_instant until = vg_after(from, SET);

    if (!vg_state_set(from) || (!w->line->has_when && w->opened.ms < from.ms) ||
        j->at.ms >= until.ms) {
        return false;
    }
    vg_next(j->next, j->at, until);
    return true;
}

static void judge_line(const struct judged *j, const struct winner *w)
{
    const struct vg_instant when = due(j, w);
    const struct vg_instant over = vg_after(when, w->line->grace + 1); /* strict */
    const struct vg_instant worse =
        w->line->escalate > 0 ? vg_after(over, w->line->escalate) : VG_NEVER;
    const struct vg_instant since = vg_later(when, w->opened);
    struct vg_finding *found = NULL;
    struct vg_finding *late = NULL;

    place(&j->out->schedule, w->line->expect, &found, &late);
    vg_next(j->next, j->at, over);
    vg_next(j->next, j->at, worse);
    if (j->at.ms >= over.ms) {
        const bool soon = under_way(j, w);
        say(found, since, soon);
        if (j->at.ms >= worse.ms) {
            say(late, since, soon);
        }
    }
}

/* Shortest interval wins (7.3), then the shortest grace. */
static bool stricter(const struct vg_schedule_line *a, const struct vg_schedule_line *b)
{
    return b == NULL || a->every < b->every ||
           (a->every == b->every && a->grace < b->grace);
}

static void take_lines(const struct judged *j, bool states, struct winner *best)
{
    const struct vg_schedule *schedule = j->patient->schedule;
    const struct asked asked = {j->state, j->out};

    for (size_t i = 0; i < schedule->count; i++) {
        struct winner w = {&schedule->line[i], VG_UNSET};

        if (w.line->has_when != states ||
            !vg_line_open(w.line, j->state, j->patient, j->at, &w.opened, j->next)) {
            continue;
        }
        if (w.line->once) {
            judge_line(j, &w);
        } else if (stricter(w.line, best[w.line->expect].line) &&
                   (!states || in_state(schedule, w.line, &asked, j->at, j->next))) {
            best[w.line->expect] = w;
        }
    }
}

void vg_schedule_judge(const struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at, struct vg_assessment *out,
                       struct vg_instant *next)
{
    const struct judged j = {state, view->patient, at, out, next};
    const struct vg_finding no = vg_found(false, VG_UNSET);
    struct winner best[VG_EXPECT_COUNT] = {{NULL, {0}}};

    out->schedule = (struct vg_schedule_out){no, no, no, no, no, no};
    /* Nobody has promised anything for a patient we do not know. */
    if (!view->patient->linked || view->patient->schedule == NULL) {
        return;
    }
    take_lines(&j, false, best);
    take_lines(&j, true, best);
    for (unsigned i = 0; i < VG_EXPECT_COUNT; i++) {
        if (best[i].line != NULL) {
            judge_line(&j, &best[i]);
        }
    }
}
