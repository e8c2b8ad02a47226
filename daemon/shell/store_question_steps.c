/* SPDX-License-Identifier: Apache-2.0
 *
 * Running steps. See store_question.h.
 */
#include <string.h>

#include "shell/store_question.h"

static int64_t step_of(int64_t at, vg_ms step)
{
    const int64_t rest = at % step;
    return at - rest - (rest < 0 ? step : 0);
}

void vg_stepping_begin(struct vg_stepping *stepping, vg_ms step, vg_step_fn *each,
                       void *to)
{
    memset(stepping, 0, sizeof *stepping);
    stepping->step = step;
    stepping->at = INT64_MIN;
    stepping->each = each;
    stepping->to = to;
}

/* Tells what the open step holds, by signal. */
static void close_step(struct vg_stepping *stepping)
{
    for (unsigned i = 0; i < VG_MEASURED_COUNT && !stepping->stopped; i++) {
        const struct vg_running *r = &stepping->running[i];
        if (r->count == 0) {
            continue;
        }
        const struct vg_history_step step = {
            .signal = (enum vg_signal)i,
            .at = {stepping->at},
            .count = r->count,
            .min = r->min,
            .max = r->max,
            .first = r->first,
            .last = r->last,
            .mean = (double)r->sum / (double)r->count / 1e6,
            .first_at = r->first_at,
            .last_at = r->last_at,
        };
        stepping->stopped = !stepping->each(stepping->to, &step);
    }
    memset(stepping->running, 0, sizeof stepping->running);
}

bool vg_stepping_put(struct vg_stepping *stepping, enum vg_signal signal,
                     const struct vg_running *running)
{
    const int64_t at = step_of(running->first_at.ms, stepping->step);

    if (at != stepping->at) {
        if (stepping->at != INT64_MIN) {
            close_step(stepping);
        }
        stepping->at = at;
    }
    vg_running_add(&stepping->running[signal], running);
    return !stepping->stopped;
}

void vg_stepping_end(struct vg_stepping *stepping)
{
    if (stepping->at != INT64_MIN && !stepping->stopped) {
        close_step(stepping);
    }
}
