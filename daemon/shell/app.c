/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's life: start order and stop order, mirror images of each other.
 *
 *   start   protocols, engine, store, journal, rebuild, inbox, HTTP, broker (both ways)
 *   stop    say "draining", take what is in the inbox, commit, tell what waits, say
 *           "offline", broker, HTTP, journal, store
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/app_inside.h"
#include "shell/mqtt_settings.h"
#include "shell/store_schema.h"

#define INBOX_LETTERS 200000
#define INBOX_BYTES   ((size_t)256 << 20)

/* ---- The inbox */

/* So many of a list have one commit (a third of a ms): the second alert among them would wait for that of the first. */
#define TOGETHER 16

static void take_item(struct vg_app *app, const struct vg_item *item)
{
    if (item->kind == VG_ITEM_LINK) {
        vg_mqtt_handle(item->link, item);
    } else if (item->kind == VG_ITEM_AUDIT) {
        vg_app_audit_said(app, item);
    } else if (item->waits != 0 || !vg_app_leftover(app, &item->letter)) {
        app->behind = item->behind ? item->ordinal : 0;
        if (vg_app_post_begin(app, item)) {
            vg_app_letter(app, &item->letter, item->received, item->ordinal,
                          item->duplicate, item->whole_length);
            vg_app_post_end(app);
        }
    }
}

static void on_letters(void *to, const struct vg_item *list)
{
    struct vg_app *app = to;
    size_t taken = 0;

    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        app->gathers = true;
        take_item(app, item);
        app->gathers = false;
        if (++taken % TOGETHER == 0 || item->next == NULL) {
            vg_app_commit_soon(app);
        }
    }
    if (app->behind != 0) {
        app->behind = 0;
        vg_app_hold_backlog(app);
    }
    vg_app_arm(app);
}

static const char *state_of(const struct vg_app *app)
{
    return app->said_offline ? "offline" : app->stopping ? "draining" : "online";
}

static void on_state(void *to, struct vg_mqtt *mqtt, enum vg_mqtt_state state,
                     const char *reason)
{
    struct vg_app *app = to;
    const char *which = mqtt == app->outlet ? "outlet" : "intake";

    vg_log_write(app->log, state == VG_MQTT_UP ? VG_LOG_NOTICE : VG_LOG_WARNING,
                 state == VG_MQTT_UP ? "mqtt.up" : "mqtt.down", "%s: %s", which,
                 reason);
    if (mqtt == app->outlet && state == VG_MQTT_UP) {
        vg_app_status(app, state_of(app));
        for (size_t i = 0; i < app->ward_count; i++) {
            app->ward[i].dirty = true;
        }
        vg_app_marks(app, true);
        vg_app_release(app);
        vg_app_answers(app);
        vg_app_pages_up(app);
        vg_app_indexes(app);
        vg_app_states_due(app);
        vg_app_states(app);
        vg_app_leftovers_ask(app);
    }
    vg_app_check_ready(app);
}

/* ---- Timers and signals */

static void on_housekeeping(uv_timer_t *timer)
{
    struct vg_app *app = timer->data;

    if (app->ticked != 0) {
        const vg_ms late = vg_clock_boot() - app->ticked - VG_HOUSEKEEP;
        app->lag_worst = late > app->lag_worst ? late : app->lag_worst;
    }
    app->ticked = vg_clock_boot();
    vg_app_clock(app);
    if (app->busy) {
        vg_app_commit_now(app); /* only if the last one failed */
    }
    vg_app_release(app);
    vg_app_pages(app);
    vg_app_answers(app);
    vg_app_marks(app, false);
    vg_app_indexes(app);
    vg_app_states(app);
    vg_app_assess_due(app, app->ticked);
    vg_app_sealing(app, app->ticked);
    vg_app_leftovers_due(app, app->ticked);
    if (!app->stopping) {
        vg_app_troubles(app);
        vg_app_audit(app);
    }
    vg_log_sweep(app->log);
    vg_large_pages_follow(&app->large);
    vg_app_check_ready(app);
    vg_app_live(app);
}

static void on_heartbeat(uv_timer_t *timer)
{
    vg_app_canary(timer->data);
}

static bool settled(const struct vg_app *app)
{
    return !app->busy && vg_batch_records(app->filling.batch) == 0 &&
           ((app->notices == NULL && app->answers == NULL &&
             vg_answers_left(app->telling) == 0) ||
            !vg_mqtt_up(app->outlet));
}

/* Every 20 ms of the stop: until all is committed and told, then until the broker has the last word; for 2 s at most, so
 * that the whole stop takes less than 3. What a broker that does not answer was not told is stored, and told after the next start. */
static void on_ending(uv_timer_t *timer)
{
    struct vg_app *app = timer->data;
    const bool late = vg_clock_boot() - app->stop_begun > 2 * VG_SECOND;

    vg_inbox_drain(app->inbox);
    vg_app_commit_now(app);
    vg_app_release(app);
    vg_app_pages(app);
    vg_app_answers(app);
    if (!app->said_offline && (settled(app) || late)) {
        app->said_offline = true;
        vg_app_status(app, "offline"); /* first, while there is room for it */
        vg_app_marks(app, true);
        vg_app_indexes(app);
    } else if (app->said_offline && (late || vg_mqtt_in_flight(app->outlet) == 0)) {
        (void)uv_timer_stop(&app->ending);
        uv_stop(&app->loop);
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct vg_app *app = handle->data;

    if (app->stopping) { /* nor does it say "online" again */
        return;
    }
    if (number == SIGHUP) {
        vg_app_reload(app);
        return;
    }
    app->stopping = true;
    app->stop_begun = vg_clock_boot();
    vg_log_write(app->log, VG_LOG_NOTICE, "stopping", "signal %d: draining", number);
    (void)uv_timer_stop(&app->heartbeat);
    vg_app_stopping(app);
    vg_app_status(app, "draining");
    (void)vg_batch_audit(app->filling.batch, app->now, "stop", app->settings->node,
                         "asked to stop");
    app->ending.data = app;
    (void)uv_timer_start(&app->ending, on_ending, 0, 20);
}

static void start_timers(struct vg_app *app)
{
    static const int numbers[3] = {SIGTERM, SIGINT, SIGHUP};

    for (size_t i = 0; i < 3; i++) {
        (void)uv_signal_init(&app->loop, &app->signals[i]);
        app->signals[i].data = app;
        (void)uv_signal_start(&app->signals[i], on_signal, numbers[i]);
    }
    sigset_t hup; /* main() held it back until here */
    sigemptyset(&hup);
    sigaddset(&hup, SIGHUP);
    (void)pthread_sigmask(SIG_UNBLOCK, &hup, NULL);
    app->housekeeping.data = app->heartbeat.data = app;
    (void)uv_timer_start(&app->housekeeping, on_housekeeping, VG_HOUSEKEEP,
                         VG_HOUSEKEEP);
    (void)uv_timer_start(&app->heartbeat, on_heartbeat, 500, VG_HEARTBEAT);
}

/* ---- Start */

static enum vg_status open_link(struct vg_app *app, bool intake, struct vg_error *error)
{
    const struct vg_settings *s = app->settings;
    struct vg_mqtt_options options = vg_mqtt_by_settings(s);
    struct vg_mqtt_topics topics;
    char id[VG_SETTING_LEN + 16];
    char will[VG_TOPIC_LEN + 1];

    (void)snprintf(id, sizeof id, intake ? "vigil-%s" : "vigil-%s-out", s->node);
    options.client_id = id;
    options.clean_session = !intake;
    if (intake) {
        vg_mqtt_topics(s, &topics);
        options.subscription_count = VG_MQTT_TOPICS;
        options.subscription = topics.list;
    } else if (vg_topic_build(will, s->mqtt_root, "nodes", s->node, "status", NULL) ==
               VG_OK) {
        (void)vg_app_status_text(app, "offline");
        options.will_topic = will;
        options.will_payload = app->json.bytes;
    }
    const struct vg_mqtt_owner owner = {
        &app->loop, app->inbox, intake ? app->journal : NULL, app->log, on_state, app};
    return vg_mqtt_open(&options, &owner, intake ? &app->intake : &app->outlet, error);
}

/* The channels of the settings, beside MQTT. */
static enum vg_status open_channels(struct vg_app *app, struct vg_error *error)
{
    const struct vg_settings *s = app->settings;
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < s->channel_count && status == VG_OK; i++) {
        const struct vg_channel_setup setup = {.kind = s->channel[i].kind,
                                               .done = vg_app_paged,
                                               .to = app,
                                               .loop = &app->loop,
                                               .node = s->node,
                                               .settings = &s->channel[i]};
        status = vg_channel_open(&setup, &app->way[i].channel, error);
        app->way[i].name = s->channel[i].name;
        app->way_count += status == VG_OK;
    }
    return status;
}

static enum vg_status open_ways(struct vg_app *app, struct vg_error *error)
{
    enum vg_status status = vg_inbox_create(&app->loop, INBOX_LETTERS, INBOX_BYTES,
                                            on_letters, app, &app->inbox);

    if (status == VG_OK) {
        status = vg_access_create(app->settings->users, app->log, &app->access, error);
    }
    if (status == VG_OK) {
        const struct vg_http_setup setup = {.settings = app->settings,
                                            .live = app->live,
                                            .inbox = app->inbox,
                                            .access = app->access,
                                            .log = app->log,
                                            .limits = app->limits};
        status = vg_http_open(&setup, &app->http, error);
    }
    if (status == VG_OK) {
        status = open_link(app, false, error);
    }
    if (status == VG_OK) {
        app->telling = vg_answers_create(vg_mqtt_publisher(app->outlet), app->log);
        const struct vg_channel_setup setup = {.kind = "mqtt",
                                               .done = vg_app_arrived,
                                               .to = app,
                                               .root = app->settings->mqtt_root,
                                               .publisher =
                                                   vg_mqtt_publisher(app->outlet)};
        status = app->telling == NULL ? VG_NO_MEMORY
                                      : vg_channel_open(&setup, &app->channel, error);
    }
    if (status == VG_OK) {
        status = open_channels(app, error);
    }
    return status == VG_OK ? open_link(app, true, error) : status;
}

/* What cannot be undone is said: `before` is what the store was, 0: there was none. */
static void say_version(const struct vg_app *app, int64_t before)
{
    const int64_t now = vg_schema_newest();

    if (before > 0 && before < now) {
        vg_log_write(app->log, VG_LOG_NOTICE, "store.upgraded",
                     "the store had version %lld and has %lld now: an older vigil "
                     "refuses it",
                     (long long)before, (long long)now);
    }
}

static enum vg_status open_state(struct vg_app *app, struct vg_error *error)
{
    const char *path = app->settings->store_path;
    enum vg_status status = vg_app_load_rules(app, error);

    if (status != VG_OK) {
        return status;
    }
    app->engine = vg_engine_create(&app->book);
    app->decoder = vg_decoder_create(app->settings->mqtt_root);
    app->seen = calloc(1, sizeof *app->seen);
    app->limits = vg_limits_shown_create();
    app->live = vg_live_create(app->epoch,
                               (size_t)vg_settings_number(app->settings->http_queue));
    if (app->engine == NULL || app->live == NULL || app->limits == NULL ||
        app->decoder == NULL || app->seen == NULL || vg_app_batches(app) != VG_OK) {
        vg_error_set(error, "out of memory");
        return VG_NO_MEMORY;
    }
    const int64_t version = vg_db_version(path);
    status = vg_store_open("sqlite", path, &app->loop, &app->store, error);
    if (status == VG_OK) {
        say_version(app, version);
        vg_app_look_aside(app);
        status = vg_journal_open(path, VG_JOURNAL_SEGMENT, &app->journal, error);
    }
    return status == VG_OK ? vg_app_restore(app, error) : status;
}

enum vg_status vg_app_create(const struct vg_settings *settings, struct vg_log *log,
                             const struct vg_notify *notify, int ready_fd,
                             struct vg_app **out, struct vg_error *error)
{
    struct vg_app *app = calloc(1, sizeof *app);

    if (app == NULL || uv_loop_init(&app->loop) != 0) {
        free(app);
        vg_error_set(error, "out of memory");
        return VG_NO_MEMORY;
    }
    app->settings = settings;
    app->log = log;
    app->notify = notify;
    app->ready_fd = ready_fd;
    vg_large_pages_begin(&app->large);
    app->now = app->lived = VG_UNSET;
    (void)snprintf(app->epoch, sizeof app->epoch, "%llx",
                   (unsigned long long)vg_clock_wall().ms);
    uv_timer_t *const timers[] = {&app->deadline, &app->commit, &app->housekeeping,
                                  &app->heartbeat, &app->ending};
    for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++) {
        (void)uv_timer_init(&app->loop, timers[i]);
    }
    enum vg_status status = open_state(app, error);
    if (status == VG_OK) {
        app->excesses = vg_confine_look(settings);
        vg_confine_say(app->excesses, log);
        status = open_ways(app, error);
    }
    if (status != VG_OK) {
        return status; /* the process ends; nothing is worth freeing */
    }
    start_timers(app);
    *out = app;
    return VG_OK;
}

/* ---- Stop */

void vg_app_run(struct vg_app *app)
{
    struct vg_event event = {.kind = VG_EVENT_JUMP, .jump = {.restart = true}};

    /* A clock that is behind what was stored: time goes on from there, or nothing would fall
     * due until the wall has caught up. */
    const vg_ms ahead = vg_since(app->now, vg_clock_wall());
    app->clock_ahead = vg_is_set(app->now) && ahead > 0 ? ahead : 0;
    app->audited = vg_clock_boot();
    vg_app_clock(app);
    event.at = app->now;
    vg_app_audit_start(app);
    vg_app_audit_protocols(app);
    vg_app_step(app, &event);
    vg_app_trouble(app, VG_PROTOCOL_REFUSED, false,
                   NULL); /* those now in force are sound */
    vg_app_live_begin(app);
    (void)uv_run(&app->loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < app->way_count; i++) {
        app->way[i].channel->ops->close(app->way[i].channel);
    }
    vg_mqtt_close(app->intake);
    vg_mqtt_close(app->outlet);
    vg_http_close(app->http);
    vg_journal_close(app->journal);
    app->store->ops->close(app->store);
    vg_log_write(app->log, VG_LOG_NOTICE, "stopped", "all that was taken is stored");
}
