/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon says of itself: node status, heartbeat, ward index.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/app_inside.h"

/* What it may do and does not need: confine.h. */
static void put_excesses(struct vg_buffer *b, vg_excesses found)
{
    for (unsigned i = 0; i < VG_EXCESS_COUNT; i++) {
        if ((found >> i & 1) != 0) {
            vg_put_raw(b, b->bytes[b->length - 1] == '[' ? "" : ",");
            vg_put_string(b, vg_excess_word((enum vg_excess)i));
        }
    }
}

/* Leaves the text in app->json; returns its length. */
size_t vg_app_status_text(struct vg_app *app, const char *state)
{
    struct vg_buffer *b = &app->json;

    vg_buffer_clear(b);
    vg_put_raw(b, "{\"state\":");
    vg_put_string(b, state);
    vg_put_raw(b, ",\"epoch\":");
    vg_put_string(b, app->epoch);
    vg_put_raw(b, ",\"version\":");
    vg_put_string(b, VG_VERSION);
    vg_put_raw(b, ",\"research_use_only\":true,\"protocols\":{");
    for (size_t i = 0; i < app->protocols.count; i++) {
        vg_put_raw(b, i > 0 ? "," : "");
        vg_put_string(b, app->protocols.protocol[i]->name);
        vg_put_raw(b, ":");
        vg_put_string(b, app->protocols.protocol[i]->digest);
    }
    vg_put_raw(b, "},\"excess\":[");
    put_excesses(b, app->excesses);
    vg_put_raw(b, "],\"wards\":[");
    for (size_t i = 0; i < app->settings->ward_count; i++) {
        vg_put_raw(b, i > 0 ? "," : "");
        vg_put_string(b, app->settings->ward[i].id);
    }
    vg_put_raw(b, "],\"settings\":");
    vg_put_string(b, app->settings->digest);
    vg_put_raw(b, ",\"ts\":");
    vg_put_time(b, vg_clock_wall());
    vg_put_raw(b, "}");
    return b->length;
}

void vg_app_status(struct vg_app *app, const char *state)
{
    char topic[VG_TOPIC_LEN + 1];

    if (vg_topic_build(topic, app->settings->mqtt_root, "nodes", app->settings->node,
                       "status", NULL) == VG_OK) {
        const size_t length = vg_app_status_text(app, state);
        (void)vg_app_publish(app, topic, app->json.bytes, length, true);
    }
}

/* ---- Heartbeat: only behind a letter that has just come through the whole path */

void vg_app_canary(struct vg_app *app)
{
    char topic[VG_TOPIC_LEN + 1];

    if (vg_topic_build(topic, app->settings->mqtt_root, "nodes", app->settings->node,
                       "canary", NULL) != VG_OK) {
        return;
    }
    const struct vg_letter letter = {.topic = topic,
                                     .topic_length = strlen(topic),
                                     .payload = "{}",
                                     .payload_length = 2};
    struct vg_item *item = vg_inbox_letter(app->inbox, &letter);
    if (item != NULL) {
        item->received = vg_clock_wall();
        app->canary_sent = vg_clock_boot();
        (void)vg_inbox_post(app->inbox, item);
    }
}

/* What lies behind the letter that came through: enough to see a daemon that is alive but
 * late, and the end of the audit trail, so that cutting it off is seen from outside. */
static void put_heartbeat(struct vg_app *app, struct vg_buffer *b)
{
    const struct vg_engine_counts counts = vg_engine_counts(app->engine);
    const struct vg_audit_head head = app->store->ops->audit(app->store);
    const struct vg_instant due = vg_engine_deadline(app->engine);
    const vg_ms late = vg_is_never(due) ? 0 : vg_since(app->now, due);
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"counter", (int64_t)++app->beats},
        {"path_ms", app->canary_back - app->canary_sent},
        {"loop_lag_ms", app->lag_worst},
        {"commit_age_ms", vg_clock_boot() - app->committed_at},
        {"oldest_due_ms", late > 0 ? late : 0},
        {"beds", (int64_t)counts.beds},
        {"asked", (int64_t)counts.asked},
        {"letters", (int64_t)app->count.letters},
        {"pages", (int64_t)app->count.pages},
    };

    vg_buffer_clear(b);
    vg_put_raw(b, "{\"epoch\":");
    vg_put_string(b, app->epoch);
    vg_put_raw(b, ",\"ts\":");
    vg_put_time(b, vg_clock_wall());
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        vg_put_raw(b, ",\"");
        vg_put_raw(b, numbers[i].name);
        vg_put_raw(b, "\":");
        vg_put_int(b, numbers[i].value);
    }
    vg_put_raw(b, ",\"audit\":{\"count\":");
    vg_put_int(b, (int64_t)head.count);
    vg_put_raw(b, ",\"hash\":");
    vg_put_string(b, head.hash);
    vg_put_raw(b, "},\"self_check\":\"ok\"}");
    app->lag_worst = 0;
}

void vg_app_heartbeat(struct vg_app *app)
{
    char topic[VG_TOPIC_LEN + 1];
    const char *wrong = vg_app_self_check(app);

    vg_app_live_beat(app, wrong);
    if (wrong != NULL) { /* whoever waits for the heartbeat must know */
        vg_log_write(app->log, VG_LOG_ERROR, "self-check",
                     "the heartbeat is withheld: %s", wrong);
        return;
    }
    if (vg_topic_build(topic, app->settings->mqtt_root, "nodes", app->settings->node,
                       "heartbeat", NULL) == VG_OK) {
        put_heartbeat(app, &app->json);
        (void)vg_app_publish(app, topic, app->json.bytes, app->json.length, false);
    }
}

/* ---- Ward index */

struct vg_dirty_ward *vg_app_ward(struct vg_app *app, const char *ward)
{
    for (size_t i = 0; i < app->ward_count; i++) {
        if (strcmp(app->ward[i].id, ward) == 0) {
            return &app->ward[i];
        }
    }
    if (app->ward_count == app->ward_size) {
        const size_t size = app->ward_size * 2 + 16;
        struct vg_dirty_ward *grown = realloc(app->ward, size * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        app->ward = grown;
        app->ward_size = size;
    }
    struct vg_dirty_ward *fresh = &app->ward[app->ward_count++];
    memset(fresh, 0, sizeof *fresh);
    (void)vg_copy(fresh->id, sizeof fresh->id, ward);
    return fresh;
}

void vg_app_ward_dirty(struct vg_app *app, const char *ward)
{
    struct vg_dirty_ward *found = vg_app_ward(app, ward);

    if (found != NULL) {
        found->dirty = true;
    }
}

/* A broker hangs up on a text above its limit (config/mosquitto.conf: 70,000), each time, and then no
 * alert gets out. So an index of some 1,400 open alerts is cut, which says so. */
#define INDEX_BYTES 64000

static bool put_open(void *to, const struct vg_alert *alert)
{
    struct vg_buffer *b = to;

    if (b->length > INDEX_BYTES) {
        return false;
    }
    vg_put_raw(b, b->bytes[b->length - 1] == '[' ? "{\"id\":" : ",{\"id\":");
    vg_put_string(b, alert->id);
    vg_put_raw(b, ",\"rev\":");
    vg_put_int(b, alert->rev);
    vg_put_raw(b, "}");
    return true;
}

static void index_text(const struct vg_app *app, const char *ward, struct vg_buffer *b)
{
    vg_buffer_clear(b);
    vg_put_raw(b, "{\"n\":");
    vg_put_int(b, (int64_t)vg_engine_ward_counter(app->engine, ward));
    vg_put_raw(b, ",\"open\":[");
    vg_engine_open_alerts(app->engine, ward, put_open, b);
    vg_put_raw(b, b->length > INDEX_BYTES ? "],\"more\":true,\"ts\":" : "],\"ts\":");
    vg_put_time(b, app->now);
    vg_put_raw(b, "}");
}

/* The first that is not taken ends it: the window is full, or the broker away. None is made for
 * nothing then. */
void vg_app_indexes(struct vg_app *app)
{
    bool taken = app->outlet != NULL && vg_mqtt_up(app->outlet);

    for (size_t i = 0; i < app->ward_count && taken; i++) {
        struct vg_dirty_ward *ward = &app->ward[i];
        char topic[VG_TOPIC_LEN + 1];
        if (!ward->dirty || vg_topic_build(topic, app->settings->mqtt_root, "wards",
                                           ward->id, "index", NULL) != VG_OK) {
            continue;
        }
        index_text(app, ward->id, &app->json);
        taken = vg_app_publish(app, topic, app->json.bytes, app->json.length, true);
        ward->dirty = !taken;
    }
}

/* ---- Ready */

void vg_app_check_ready(struct vg_app *app)
{
    /* the outlet may be told that it is down before there is an intake */
    const bool up =
        app->intake != NULL && vg_mqtt_up(app->intake) && vg_mqtt_up(app->outlet);
    const char *listen = app->settings->http_listen;
    const int host = (int)(strrchr(listen, ':') - listen);
    char line[96];

    vg_http_ready(app->http, up && !app->store_failed);
    if (!up || app->ready) {
        return;
    }
    app->ready = true;
    const int n = snprintf(line, sizeof line, "ready http=%.*s:%u\n", host, listen,
                           vg_http_port(app->http));
    if (app->ready_fd >= 0 && n > 0) {
        (void)!write(app->ready_fd, line, (size_t)n);
    }
    vg_log_write(app->log, VG_LOG_NOTICE, "ready",
                 "subscribed and listening on %.*s:%u; research use only", host, listen,
                 vg_http_port(app->http));
}
