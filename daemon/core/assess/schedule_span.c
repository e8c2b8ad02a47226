/* SPDX-License-Identifier: Apache-2.0
 *
 * When a line of the schedule is open. Spans are [from, to), so that no instant lies in two
 * phases that follow each other. Clinical reference 0.3, 7.2.
 */
#include <string.h>

#include "core/course.h"

static struct vg_instant set_or_never(struct vg_instant t)
{
    return vg_state_set(t) ? t : VG_NEVER;
}

/* While the end is not charted it is now, at most 4 h after the start (0.3): so it lies ahead
 * until then. */
static struct vg_instant infusion_end(const struct vg_chart *chart)
{
    if (chart->infusions == 0) {
        return VG_NEVER;
    }
    return vg_state_set(chart->last_end) ? chart->last_end
                                         : vg_after(chart->last_start, 4 * VG_HOUR);
}

static struct vg_instant moment(const struct vg_moment *m, bool closes,
                                const struct vg_state *state,
                                const struct vg_patient *patient)
{
    const struct vg_chart *chart = &state->chart;
    const struct vg_instant start = set_or_never(chart->last_start);
    struct vg_instant at = VG_NEVER;

    switch (m->of) {
    case VG_MOMENT_NONE:
        at = closes ? VG_NEVER : patient->admitted;
        break;
    case VG_MOMENT_ADMISSION:
        at = patient->admitted;
        break;
    case VG_MOMENT_START:
        at = start;
        break;
    case VG_MOMENT_END:
        at = infusion_end(chart);
        break;
    case VG_MOMENT_DAY:
        at = vg_after(start, (vg_ms)(m->number + (closes ? 1 : 0)) * VG_DAY);
        break;
    case VG_MOMENT_GIVEN:
        at = set_or_never(chart->given[m->number]);
        break;
    case VG_MOMENT_FIRST:
        at = set_or_never(chart->first_given[m->number]);
        break;
    case VG_MOMENT_FEVER:
        at = set_or_never(state->fever.last_confirmed);
        break;
    case VG_MOMENT_CONFUSED:
        at = set_or_never(chart->confused_from);
        break;
    case VG_MOMENT_DISCHARGE:
    default:
        break;
    }
    return vg_after(at, m->offset);
}

/* The opening hours around or after `at`: [*opens, *closes). False: closed now. */
static bool hours_open(const struct vg_schedule_line *line, vg_ms offset,
                       struct vg_instant at, struct vg_instant *opens,
                       struct vg_instant *closes)
{
    const vg_ms length = (line->closes - line->opens + VG_DAY) % VG_DAY;
    const vg_ms gone = ((at.ms + offset - line->opens) % VG_DAY + VG_DAY) % VG_DAY;

    *opens = vg_after(at, -gone);
    *closes = vg_after(*opens, length);
    if (gone < length) {
        return true;
    }
    *opens = vg_after(*opens, VG_DAY);
    return false;
}

static bool setting_fits(const struct vg_schedule_line *line,
                         const struct vg_patient *patient)
{
    return line->setting == VG_STAY_ANY ||
           patient->outpatient == (line->setting == VG_STAY_OUTPATIENT);
}

bool vg_line_open(const struct vg_schedule_line *line, const struct vg_state *state,
                  const struct vg_patient *patient, struct vg_instant at,
                  struct vg_instant *opened, struct vg_instant *next)
{
    if (!setting_fits(line, patient)) {
        return false;
    }
    struct vg_instant from = moment(&line->from, false, state, patient);
    struct vg_instant to = moment(&line->to, true, state, patient);
    if (line->from.of == VG_MOMENT_START && line->from.offset < 0 &&
        vg_infusion_ahead(&state->chart, patient->infusion_planned)) {
        from = vg_after(patient->infusion_planned, line->from.offset);
        to = VG_NEVER; /* until it begins, however late */
    }
    vg_next(next, at, from);
    vg_next(next, at, to);
    *opened = from;
    if (at.ms < from.ms || at.ms >= to.ms) {
        return false;
    }
    if (!line->hours) {
        return true;
    }
    struct vg_instant opens = VG_NEVER;
    struct vg_instant closes = VG_NEVER;
    const bool open =
        hours_open(line, patient->clinical.utc_offset, at, &opens, &closes);
    vg_next(next, at, open ? closes : opens);
    *opened = vg_later(from, opens);
    return open;
}

bool vg_phase_is(const char *name, const struct vg_state *state,
                 const struct vg_patient *patient, struct vg_instant at,
                 struct vg_instant *next)
{
    const struct vg_schedule *schedule = patient->schedule;
    bool yes = false;

    for (size_t i = 0; schedule != NULL && i < schedule->count; i++) {
        const struct vg_schedule_line *line = &schedule->line[i];
        struct vg_instant opened = VG_UNSET;

        if (!line->has_when && strcmp(line->phase, name) == 0 &&
            vg_line_open(line, state, patient, at, &opened, next)) {
            yes = true;
        }
    }
    return yes;
}
