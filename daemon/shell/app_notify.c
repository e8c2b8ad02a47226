/* SPDX-License-Identifier: Apache-2.0
 *
 * The service manager's view: ready once the rebuilt engine takes letters, alive as long as
 * it does. It ends a daemon that is not alive and starts it again, so it may only be told
 * what a new start can mend: a broker that is away, a full disk or a page that nobody takes
 * are not (alerts still go out by the other ways); the heartbeat is withheld for those.
 */
#include <stdio.h>

#include "shell/app_inside.h"

#define LATE_ALLOWED VG_MINUTE /* as the self-check's */

static const char *state_of(const struct vg_app *app)
{
    if (!vg_mqtt_up(app->intake) || !vg_mqtt_up(app->outlet)) {
        return "no broker: nothing comes in";
    }
    return app->store_failed ? "the store fails: alerts go out, nothing is kept"
                             : "watching";
}

/* The letter that is sent to ourselves every 5 s has come through the inbox: the loop turns
 * and takes letters. The engine's timers must be served as well. */
void vg_app_progress(struct vg_app *app)
{
    const struct vg_instant due = vg_engine_deadline(app->engine);
    char lines[160];

    if (!vg_is_never(due) && vg_since(app->now, due) > LATE_ALLOWED) {
        return;
    }
    (void)snprintf(lines, sizeof lines, "%sWATCHDOG=1\nSTATUS=%s, %zu beds",
                   app->manager_knows ? "" : "READY=1\n", state_of(app),
                   vg_engine_counts(app->engine).beds);
    app->manager_knows = true;
    vg_notify_send(app->notify, lines);
}

void vg_app_stopping(const struct vg_app *app)
{
    vg_notify_send(app->notify, "STOPPING=1\nSTATUS=storing and telling what is left");
}
