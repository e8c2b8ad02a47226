/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with this node becomes alerts with owners, like any other: in every ward, or
 * in the wards that it concerns. Looked at every second.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shell/app_inside.h"

/* How long something must be wrong before it is said. Clinical reference 9.4, rule 5: the
 * broker 60 s; the others are project proposals. */
#define STORE_AFTER  (5 * VG_SECOND)
#define BROKER_AFTER (60 * VG_SECOND)
#define CLOCK_SAID   VG_HOUR
#define CLOCK_TOLD   (30 * VG_SECOND)

void vg_app_step(struct vg_app *app, const struct vg_event *event)
{
    if (vg_engine_step(app->engine, event, &app->effects) == VG_OK) {
        vg_app_effects(app);
    }
    vg_app_arm(app);
}

static void tell(struct vg_app *app, enum vg_trouble trouble, const char *ward,
                 const char *slot, bool on, const char *text)
{
    const struct vg_event event = {.kind = VG_EVENT_NODE,
                                   .at = app->now,
                                   .node = {ward, slot, trouble, on, text, VG_INFO}};

    vg_app_step(app, &event);
}

void vg_app_trouble_ward(struct vg_app *app, enum vg_trouble trouble, const char *ward,
                         bool on, const char *text)
{
    tell(app, trouble, ward, "", on, text);
}

void vg_app_trouble_gateway(struct vg_app *app, enum vg_trouble trouble,
                            const char *ward, const char *gateway, bool on,
                            const char *text)
{
    tell(app, trouble, ward, gateway, on, text);
}

void vg_app_trouble(struct vg_app *app, enum vg_trouble trouble, bool on,
                    const char *text)
{
    if (app->trouble[trouble] == on) {
        return;
    }
    app->trouble[trouble] = on;
    vg_log_write(app->log, on ? VG_LOG_ERROR : VG_LOG_NOTICE,
                 on ? "trouble" : "trouble.over", "%s",
                 text != NULL ? text : "see the wards' alerts");
    for (size_t i = 0; i < app->settings->ward_count; i++) {
        tell(app, trouble, app->settings->ward[i].id, "", on, text);
    }
}

void vg_app_trouble_grave(struct vg_app *app, enum vg_trouble trouble,
                          enum vg_severity severity, const char *text)
{
    if (!app->trouble[trouble]) {
        vg_log_write(app->log, VG_LOG_ERROR, "trouble", "%s", text);
    }
    app->trouble[trouble] = true;
    for (size_t i = 0; i < app->settings->ward_count; i++) {
        const struct vg_event event = {
            .kind = VG_EVENT_NODE,
            .at = app->now,
            .node = {app->settings->ward[i].id, "", trouble, true, text, severity}};
        vg_app_step(app, &event);
    }
}

bool vg_app_known_trouble(void *to, const struct vg_alert *alert)
{
    struct vg_app *app = to;
    unsigned which = 0;

    while (which < VG_TROUBLE_COUNT &&
           strcmp(vg_trouble_text((enum vg_trouble)which), alert->rule) != 0) {
        which++;
    }
    if (which == VG_TROUBLE_COUNT || alert->condition == VG_ENDED) {
        return true;
    }
    if (alert->bed[0] == ':') {
        vg_app_known_sender(app, alert, (enum vg_trouble)which);
    } else if (which == VG_PAGE_UNDELIVERABLE) {
        struct vg_dirty_ward *ward = vg_app_ward(app, alert->ward);
        if (ward != NULL) {
            ward->undeliverable = true;
        }
    } else {
        app->trouble[which] = true;
        if (which == VG_CERT_EXPIRING) {
            (void)vg_copy(app->certificate_text, sizeof app->certificate_text,
                          alert->text);
        }
        app->clock_said = vg_clock_boot();
    }
    return true;
}

/* ---- The clock. Durations run on the boot clock; the wall clock is for stamps. */

/* `by`: how far time has jumped forward; then each alert passes over one step at most. */
static void jumped(struct vg_app *app, vg_ms by, const char *text)
{
    const struct vg_event event = {.kind = VG_EVENT_JUMP, .at = app->now};

    (void)vg_batch_audit(app->filling.batch, app->now, "clock", app->settings->node,
                         text);
    vg_log_write(app->log, VG_LOG_WARNING, "clock.step", "%s", text);
    if (by > 0) {
        vg_app_step(app, &event);
    }
    if (by > CLOCK_TOLD || by < -CLOCK_TOLD) {
        app->clock_said = vg_clock_boot();
        vg_app_trouble(app, VG_CLOCK_STEP, true, text);
    }
}

static void say_change(struct vg_app *app, struct vg_clock_change change)
{
    char text[160];

    if (change.slept != 0) {
        (void)snprintf(text, sizeof text,
                       "This computer was asleep for %lld s: nobody was watched.",
                       (long long)(change.slept / VG_SECOND));
        jumped(app, change.slept, text);
    }
    if (change.step != 0) {
        (void)snprintf(text, sizeof text,
                       "The clock of this computer was set by %lld s.",
                       (long long)(change.step / VG_SECOND));
        jumped(app, change.step, text);
    }
}

/* Never backwards, and never slower than the boot clock: a wall clock set back must not hold up what is
 * due. It is ahead of the wall until that has caught up. */
void vg_app_clock(struct vg_app *app)
{
    const vg_ms boot = vg_clock_boot();
    const struct vg_instant wall = vg_clock_wall();
    const struct vg_clock_change change =
        vg_clock_watch(&app->clock_watch, wall, boot, vg_clock_awake());

    if (change.step < 0) {
        app->clock_ahead += -change.step;
    } else if (change.step > 0) {
        app->clock_ahead =
            change.step > app->clock_ahead ? 0 : app->clock_ahead - change.step;
    }
    app->now = vg_later(app->now, vg_after(wall, app->clock_ahead));
    if (change.step != 0) {
        vg_app_arm(app); /* what is due was counted by the clock before */
    }
    say_change(app, change);
    if (app->trouble[VG_CLOCK_STEP] && boot - app->clock_said > CLOCK_SAID) {
        vg_app_trouble(app, VG_CLOCK_STEP, false, NULL);
    }
}

/* ---- Every second */

/* What the store has lost, if anything is known of it. */
static const char *damage(const struct vg_app *app)
{
    if (app->aside[0] != '\0') {
        return "The store was damaged: who lies where and which alerts were open is not "
               "known any more. Look at the patients, admit them again, call IT now.";
    }
    return app->unreadable > 0
               ? "Some of what was stored could not be read back at the start. Look at the "
                 "patients and the board, call IT now."
               : NULL;
}

/* A batch that does not come back is as bad as one that failed. */
static void store(struct vg_app *app, vg_ms now)
{
    const bool hangs = app->busy && now - app->busy_since >= VG_SECOND;

    if (!app->store_failed && !hangs) {
        app->store_bad = 0;
    } else if (app->store_bad == 0) {
        app->store_bad = app->busy ? app->busy_since : now;
    }
    const bool fails = app->store_bad != 0 && now - app->store_bad >= STORE_AFTER;
    vg_app_trouble(app, VG_STORE_DEGRADED, fails || damage(app) != NULL, damage(app));
}

/* A store that was damaged is gone for the engine. People must know until somebody has taken
 * the file away, who then has seen it. */
void vg_app_look_aside(struct vg_app *app)
{
    if (vg_file_aside(app->settings->store_path, app->aside) != VG_OK) {
        app->aside[0] = '\0';
        return;
    }
    vg_log_write(
        app->log, VG_LOG_ERROR, "store.damaged",
        "the store was damaged and lies as \"%.200s\": admit the patients again or "
        "bring a backup back, and take that file away",
        app->aside);
}

static void broker(struct vg_app *app, vg_ms now)
{
    const bool contested =
        vg_mqtt_contested(app->intake) || vg_mqtt_contested(app->outlet);

    if (vg_mqtt_up(app->intake) && vg_mqtt_up(app->outlet)) {
        app->broker_bad = 0;
    } else if (app->broker_bad == 0) {
        app->broker_bad = now;
    }
    vg_app_trouble(
        app, VG_BROKER_LOST,
        contested || (app->broker_bad != 0 && now - app->broker_bad >= BROKER_AFTER),
        contested ? "Another client takes this daemon's connection to the broker "
                    "(two daemons of one node name?): neither hears all. Stop "
                    "one of them."
                  : NULL);
}

void vg_app_troubles(struct vg_app *app)
{
    const vg_ms now = vg_clock_boot();

    if (now - app->troubles_seen < VG_SECOND) {
        return;
    }
    app->troubles_seen = now;
    if (app->aside[0] != '\0' && access(app->aside, F_OK) != 0) {
        app->aside[0] = '\0';
    }
    store(app, now);
    broker(app, now);
    vg_app_silent_gateways(app, now);
    vg_app_gateway_clocks(app);
    vg_app_certificates(app, now);
}
