/* SPDX-License-Identifier: Apache-2.0
 *
 * What is going on, for HTTP's threads (live.h): the loop thread says what is new, and hands
 * it on ten times a second, alerts and answers at once.
 */
#include <string.h>

#include "shell/app_inside.h"

static bool look(void *to, const char *ward, const char *bed, struct vg_bed_look *out)
{
    const struct vg_app *app = to;

    return vg_engine_look(app->engine, ward, bed, out);
}

static bool show_alert(void *to, const struct vg_alert *alert)
{
    struct vg_app *app = to;

    vg_live_alert(app->live, alert, true);
    return true;
}

static bool show_bed(void *to, const struct vg_bed_look *bed)
{
    struct vg_app *app = to;

    vg_live_touch(app->live, bed->assessed.ward, bed->assessed.bed);
    return true;
}

void vg_app_live_wards(struct vg_app *app)
{
    vg_limits_shown_set(app->limits, app->protocols.protocol, app->protocols.count);
    for (size_t i = 0; i < app->book.ward_count; i++) {
        const struct vg_ward *ward = &app->book.ward[i];
        vg_live_ward(app->live, ward->id,
                     ward->protocol != NULL ? ward->protocol->name : "",
                     vg_engine_ward_counter(app->engine, ward->id));
    }
}

#define COUNT_EVERY \
    (2 * VG_SECOND) /* each bed is looked at: thousands of cache lines */

static void count_beds(struct vg_app *app, struct vg_live_node *node)
{
    const vg_ms now = vg_clock_boot();

    if (app->live_counted != 0 && now - app->live_counted < COUNT_EVERY) {
        return;
    }
    app->live_counted = now;
    const struct vg_engine_counts engine = vg_engine_counts(app->engine);
    node->beds = engine.beds;
    node->patients = engine.patients;
}

static void fill(const struct vg_app *app, struct vg_live_node *node)
{
    const struct vg_engine_counts engine = vg_engine_tally(app->engine);

    node->draining = app->stopping;
    node->broker_in = app->intake != NULL && vg_mqtt_up(app->intake);
    node->broker_out = app->outlet != NULL && vg_mqtt_up(app->outlet);
    node->store_failed = app->store_failed;
    node->ready = node->broker_in && node->broker_out && !app->store_failed;
    node->beats = app->beats;
    node->letters = app->count.letters;
    node->repeats = app->count.repeats;
    node->refused = app->count.refused;
    node->dropped = app->count.dropped;
    node->notices = app->count.notices;
    node->early = app->count.early;
    node->pages = app->count.pages;
    node->commands = app->count.commands;
    node->inbox_refused = app->inbox != NULL ? vg_inbox_refused(app->inbox) : 0;
    node->batches = app->stored_batch;
    node->steps = engine.steps;
    node->readings = engine.readings;
    node->asked = engine.asked;
    node->path = app->canary_back - app->canary_sent;
    node->commit_age = vg_clock_boot() - app->committed_at;
    node->loop_lag = app->lag_worst;
}

static void say_node(struct vg_app *app)
{
    fill(app, &app->live_node);
    count_beds(app, &app->live_node);
    vg_live_node(app->live, &app->live_node);
}

void vg_app_live_begin(struct vg_app *app)
{
    struct vg_live_node *node = &app->live_node;

    (void)vg_copy(node->node, sizeof node->node, app->settings->node);
    (void)vg_copy(node->epoch, sizeof node->epoch, app->epoch);
    (void)vg_copy(node->self_check, sizeof node->self_check, "ok");
    node->at = vg_clock_wall();
    vg_app_live_wards(app);
    vg_engine_look_all(app->engine, show_bed, app);
    vg_engine_open_alerts(app->engine, NULL, show_alert, app);
    vg_app_live(app);
}

#define LOOK_EVERY (500 * (vg_ms)1) /* at a thousand beds; alerts are told at once */

void vg_app_live(struct vg_app *app)
{
    const vg_ms now = vg_clock_boot();

    if (now - app->live_looked < LOOK_EVERY) {
        vg_app_live_now(app); /* what found the lock taken */
        return;
    }
    app->live_looked = now;
    say_node(app);
    vg_live_publish(app->live, now, look, app);
}

void vg_app_live_now(struct vg_app *app)
{
    vg_live_publish(app->live, vg_clock_boot(), NULL, NULL);
}

void vg_app_live_beat(struct vg_app *app, const char *wrong)
{
    (void)vg_copy(app->live_node.self_check, sizeof app->live_node.self_check,
                  wrong != NULL ? wrong : "ok");
    if (wrong == NULL) {
        app->live_node.at = vg_clock_wall();
        app->live_node.audit_rows = app->store->ops->audit(app->store).count;
    }
    say_node(app);
    if (wrong == NULL) {
        app->live_node.beats = app->beats + 1; /* as the heartbeat will say */
        vg_live_node(app->live, &app->live_node);
    }
    vg_live_beat(app->live);
    vg_app_live_now(app);
}

void vg_app_live_notices(struct vg_app *app)
{
    const vg_ms now = vg_clock_boot();
    bool any = false;

    for (struct vg_pending_notice *n = app->notices; n != NULL; n = n->next) {
        if (!n->shown && vg_app_notice_may(app, n, now)) {
            vg_live_alert(app->live, &n->told->alert, n->stored);
            n->shown = any = true;
        }
    }
    if (any) {
        vg_app_live_now(app);
    }
}
