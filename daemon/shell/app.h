/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon: turns the world into events and effects into the world, and does nothing
 * else. Start and stop order are on one page in app.c.
 */
#ifndef VIGIL_SHELL_APP_H
#define VIGIL_SHELL_APP_H

#include "shell/log.h"
#include "shell/notify.h"
#include "shell/settings.h"

struct vg_app;

/* Opens everything and rebuilds the engine from the store. `ready_fd` gets one line once the
 * daemon is subscribed and listening; -1: nobody waits. `settings`, `log` and `notify` are
 * borrowed. VG_OK or what failed, with the sentence. */
enum vg_status vg_app_create(const struct vg_settings *settings, struct vg_log *log,
                             const struct vg_notify *notify, int ready_fd,
                             struct vg_app **out, struct vg_error *error);

/* Runs until SIGTERM or SIGINT has been served: everything taken is committed and told. The
 * process then ends by _exit: paho's threads must not outlive a destroyed client. */
void vg_app_run(struct vg_app *app);

/* Loads the protocols of the settings and checks the wards against them, for --check. */
enum vg_status vg_app_check(const struct vg_settings *settings, FILE *report,
                            struct vg_error *error);

#endif
