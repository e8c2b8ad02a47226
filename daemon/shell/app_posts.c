/* SPDX-License-Identifier: Apache-2.0
 *
 * A message that came by HTTP is not in the journal, and nobody sends it again: who sent it is
 * told when it is on disk, or why it was refused, and not before.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"

#define REFUSALS 8 /* that are told; more of one message are only counted */

struct vg_post_in {
    struct vg_post_in *next;
    uint64_t waits, batch;
    const struct vg_user *who; /* while it is taken; NULL: nobody is known */
    char forbidden[160]; /* why they may not enter it: nothing of it is taken; "" */
    size_t refused;
    bool whole; /* nothing of it was taken */
    struct vg_refusal refusal[REFUSALS];
};

void vg_app_audit_said(struct vg_app *app, const struct vg_item *item)
{
    char subject[VG_PATIENT_LEN + 1];
    char text[256];

    (void)snprintf(subject, sizeof subject, "%.*s", (int)item->letter.topic_length,
                   item->letter.topic);
    (void)snprintf(text, sizeof text, "%.*s", (int)item->letter.payload_length,
                   (const char *)item->letter.payload);
    (void)vg_batch_audit(app->filling.batch, item->received, item->link, subject, text);
    vg_app_commit_soon(app);
}

bool vg_app_post_begin(struct vg_app *app, const struct vg_item *item)
{
    app->post = item->waits != 0 ? calloc(1, sizeof *app->post) : NULL;
    if (app->post != NULL) {
        app->post->waits = item->waits;
        app->post->who = item->who;
    }
    return item->waits == 0 || app->post != NULL;
}

const struct vg_user *vg_app_post_who(const struct vg_app *app)
{
    return app->post->who;
}

void vg_app_post_forbid(struct vg_app *app, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(app->post->forbidden, sizeof app->post->forbidden, format, list);
    va_end(list);
}

void vg_app_post_refused(struct vg_app *app, const struct vg_refusal *refusal)
{
    struct vg_post_in *post = app->post;

    if (post->refused < REFUSALS) {
        post->refusal[post->refused] = *refusal;
    }
    post->refused++;
    post->whole = post->whole || refusal->item < 0;
}

static void reply(struct vg_app *app, const struct vg_post_in *post,
                  struct vg_buffer *text)
{
    char client[VG_ID_LEN + 1];

    (void)snprintf(client, sizeof client, VG_HTTP_POST,
                   (unsigned long long)post->waits);
    vg_live_reply(app->live, client, text);
}

/* Nothing is to be stored that it would have to wait for. */
static void forbid_now(struct vg_app *app, struct vg_post_in *post)
{
    struct vg_buffer b = {0};

    vg_put_raw(&b, VG_HTTP_FORBIDDEN);
    vg_put_raw(&b, post->forbidden);
    reply(app, post, &b);
    free(post);
    vg_app_live_now(app);
}

void vg_app_post_end(struct vg_app *app)
{
    struct vg_post_in *post = app->post;

    app->post = NULL;
    if (post == NULL) {
        return;
    }
    post->who = NULL; /* its item goes back */
    if (post->forbidden[0] != '\0') {
        forbid_now(app, post);
        return;
    }
    if (app->posts == NULL) {
        app->posts_end = &app->posts;
    }
    post->batch = app->filling.number;
    *app->posts_end = post;
    app->posts_end = &post->next;
    app->filling.urgent = true; /* somebody waits */
    vg_app_commit_soon(app);
}

static void put_post(struct vg_buffer *b, const struct vg_post_in *post)
{
    vg_put_raw(b, post->whole ? "{\"result\":\"refused\"" : "{\"result\":\"stored\"");
    vg_put_raw(b, ",\"refused\":[");
    for (size_t i = 0; i < post->refused && i < REFUSALS; i++) {
        vg_put_raw(b, i > 0 ? ",{\"item\":" : "{\"item\":");
        if (post->refusal[i].item < 0) {
            vg_put_raw(b, "null");
        } else {
            vg_put_int(b, post->refusal[i].item);
        }
        vg_put_raw(b, ",\"reason\":");
        vg_put_string(b, vg_reason_text(post->refusal[i].reason));
        vg_put_raw(b, ",\"detail\":");
        vg_put_string(b, post->refusal[i].detail);
        vg_put_raw(b, "}");
    }
    vg_put_raw(b, "]}");
}

void vg_app_posts(struct vg_app *app)
{
    bool any = false;

    while (app->posts != NULL && app->posts->batch <= app->stored_batch) {
        struct vg_post_in *post = app->posts;
        struct vg_buffer b = {0};
        app->posts = post->next;
        put_post(&b, post);
        reply(app, post, &b);
        free(post);
        any = true;
    }
    if (any) {
        vg_app_live_now(app);
    }
}
