/* SPDX-License-Identifier: Apache-2.0
 *
 * The clocks of gateways against ours. Whose is wrong? When most gateways agree with each
 * other and not with us, ours is doubted and the others are measured against what they agree
 * on; with fewer than three nobody can say, and the alert says so.
 */
#include <stdio.h>
#include <stdlib.h>

#include "shell/app_inside.h"

/* Message contract: a warning beyond 2 s, an alert beyond 30 s. Back when 5 s nearer, a
 * project proposal. */
#define OFF    (2 * VG_SECOND)
#define SKEWED (30 * VG_SECOND)
#define BACK   (25 * VG_SECOND)

/* Alone a gateway is judged so long after its clock is known: others that began with it may be about
 * to say that it is ours which is off. A project proposal. */
#define ALONE (20 * VG_SECOND)

static vg_ms size_of(vg_ms offset)
{
    return offset < 0 ? -offset : offset;
}

static void format(vg_ms offset, char *out, size_t size)
{
    const long long s = (long long)(size_of(offset) / VG_SECOND);
    const char *way = offset < 0 ? "behind" : "ahead";

    if (s >= 7200) {
        (void)snprintf(out, size, "%lld h %s", s / 3600, way);
    } else {
        (void)snprintf(out, size, "%lld s %s", s, way);
    }
}

void vg_app_gateway_clock(struct vg_app *app, const struct vg_message *message,
                          struct vg_instant received)
{
    if (message->kind != VG_KIND_VITALS || message->origin.gateway[0] == '\0') {
        return; /* what people and laboratories send is late by nature */
    }
    struct vg_sender *sender = vg_app_sender(app, message->origin.gateway);
    if (sender != NULL && vg_offset_add(&sender->clock, message->measured, received)) {
        app->clocks_news = true;
    }
}

/* What the gateways agree on; false: they do not, or there are too few. */
static bool agree(struct vg_app *app, vg_ms *common)
{
    vg_ms *offset = malloc((app->sender_count + 1) * sizeof *offset);
    size_t count = 0;

    for (size_t i = 0; offset != NULL && i < app->sender_count; i++) {
        if (app->sender[i].clock.known) {
            offset[count++] = app->sender[i].clock.value;
        }
    }
    const bool agreed = offset != NULL && vg_offsets_agree(offset, count, common);
    free(offset);
    return agreed;
}

static void judge_ours(struct vg_app *app, vg_ms common)
{
    const bool was = app->trouble[VG_NODE_CLOCK_SKEW];
    const bool off = size_of(common) > OFF;
    char how[32];
    char text[160];

    format(-common, how, sizeof how);
    (void)snprintf(text, sizeof text,
                   "This computer's clock is %s what the gateways agree on. It is "
                   "probably the wrong one.",
                   how);
    if (off && !app->clock_off) {
        vg_log_write(app->log, VG_LOG_WARNING, "clock.off", "%s", text);
    }
    app->clock_off = off;
    vg_app_trouble(app, VG_NODE_CLOCK_SKEW, size_of(common) > (was ? BACK : SKEWED),
                   text);
}

/* `common`: against what it is measured; 0: our clock. */
static void judge(struct vg_app *app, struct vg_sender *sender, vg_ms common,
                  bool agreed)
{
    const vg_ms by = sender->clock.value - common;
    const bool off = size_of(by) > OFF;
    const bool skewed = size_of(by) > (sender->skewed ? BACK : SKEWED);
    char how[32];
    char what[128];

    format(by, how, sizeof how);
    (void)snprintf(
        what, sizeof what, "has a clock %s %s, or sends that late. Check %s.", how,
        agreed ? "the other gateways'" : "this computer's", agreed ? "it" : "both");
    if (off != sender->off) {
        sender->off = off;
        vg_log_write(app->log, off ? VG_LOG_WARNING : VG_LOG_NOTICE, "gateway.clock",
                     "gateway %s %s", sender->gateway,
                     off ? what : "has the right time again");
    }
    if (skewed != sender->skewed) {
        sender->skewed = skewed;
        vg_app_tell_sender(app, sender, VG_GATEWAY_CLOCK_SKEW, skewed, what);
    }
}

/* Whether something can be said of it. */
static bool may_judge(struct vg_sender *sender, bool agreed)
{
    const vg_ms now = vg_clock_boot();

    if (!sender->clock.known) {
        return false;
    }
    if (sender->clock_known == 0) {
        sender->clock_known = now;
    }
    return agreed || now - sender->clock_known >= ALONE;
}

void vg_app_gateway_clocks(struct vg_app *app)
{
    vg_ms common = 0;

    if (!app->clocks_news) {
        return;
    }
    app->clocks_news = false;
    const bool agreed = agree(app, &common);
    if (agreed) {
        judge_ours(app, common);
    }
    for (size_t i = 0; i < app->sender_count; i++) {
        if (may_judge(&app->sender[i], agreed)) {
            judge(app, &app->sender[i], agreed ? common : 0, agreed);
        }
    }
}
