/* SPDX-License-Identifier: Apache-2.0
 *
 * Time for the engine: it is handed on when something is due.
 */
#include "shell/app_inside.h"

static void on_deadline(uv_timer_t *timer)
{
    struct vg_app *app = timer->data;

    vg_inbox_look(app->inbox); /* or a bed would count as silent that has just spoken */
    vg_app_clock(app);
    vg_app_time(app);
    vg_app_arm(app);
}

void vg_app_arm(struct vg_app *app)
{
    const struct vg_instant due = vg_engine_deadline(app->engine);

    if (vg_is_never(due)) {
        (void)uv_timer_stop(&app->deadline);
        return;
    }
    uv_update_time(&app->loop);
    const vg_ms wait = vg_since(due, vg_after(vg_clock_wall(), app->clock_ahead));
    app->deadline.data = app;
    (void)uv_timer_start(&app->deadline, on_deadline, wait > 0 ? (uint64_t)wait : 0, 0);
}

void vg_app_time(struct vg_app *app)
{
    const struct vg_event event = {.kind = VG_EVENT_TIME, .at = app->now};

    if (vg_engine_step(app->engine, &event, &app->effects) == VG_OK) {
        vg_app_effects(app);
    }
}
