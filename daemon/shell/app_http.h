/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's side of HTTP, on the loop thread: what is going on, handed to live.h, and letters
 * that somebody waits for. A part of app_inside.h.
 */
#ifndef VIGIL_SHELL_APP_HTTP_H
#define VIGIL_SHELL_APP_HTTP_H

#include "vigil/reading.h"

#include "shell/inbox.h"

struct vg_app;

/* ---- app_posts.c */
void vg_app_audit_said(struct vg_app *app, const struct vg_item *item);
void vg_app_post_begin(struct vg_app *app, uint64_t waits);
void vg_app_post_end(struct vg_app *app);
void vg_app_post_refused(struct vg_app *app, const struct vg_refusal *refusal);
void vg_app_posts(struct vg_app *app); /* those whose batch is on disk */

/* ---- app_live.c */
void vg_app_live_begin(struct vg_app *app); /* wards, and what was open before */
void vg_app_live_wards(struct vg_app *app); /* their protocols have changed */
void vg_app_live(struct vg_app *app);       /* every VG_HOUSEKEEP */
void vg_app_live_now(struct vg_app *app);   /* somebody waits for it */
void vg_app_live_beat(struct vg_app *app, const char *wrong); /* NULL: all is well */
void vg_app_live_notices(struct vg_app *app);                 /* those that may go */

#endif
