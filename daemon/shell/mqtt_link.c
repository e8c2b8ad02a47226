/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of one connection and the window of publications in flight: a state machine on
 * the loop thread, fed by the items that paho's callbacks post and by two timers.
 *
 *     WAITING --retry--> CONNECTING --connected--> SUBSCRIBING --granted--> UP
 *        ^                   |failed, deadline          |                   | lost, renewed
 *        +-------------------+--------------------------+-------------------+
 *
 * A session that the broker kept, and in which we were subscribed, goes on at once: CONNECTING becomes UP, and
 * the subscription is renewed meanwhile. Its answer comes behind all that the broker sends again, and a link that
 * breaks before it would never be called up, though messages come in. For the same reason the deadline of a
 * subscription begins anew while messages come.
 *
 * A publication that is not acknowledged within 5 s, or whose connection is lost, has failed as far as anybody can
 * know: paho does not say so itself on a loss. A broker that acknowledges nothing for 10 s is left, though it may
 * answer pings: sending again on the same connection would only pile up inside paho, which gives up nothing.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "shell/clock.h"
#include "shell/mqtt.h"
#include "shell/mqtt_paho.h"

#define RETRY_FIRST     (1 * VG_SECOND)
#define RETRY_LONGEST   (5 * VG_SECOND)
#define CONNECT_WITHIN  (6 * VG_SECOND) /* paho's own is late without CONNACK */
#define PUBLISH_WITHIN  (5 * VG_SECOND)
#define SILENT_AT_MOST  (10 * VG_SECOND)
#define SWEEP_EVERY     (1 * VG_SECOND)
#define SHORT_LIFE      (10 * VG_SECOND)
#define SHORT_LIVES     5 /* in a row, the broker being there each time: see on_lost */
#define WINDOW          200
#define PAYLOAD_AT_MOST ((size_t)1 << 24)

enum phase { WAITING, CONNECTING, SUBSCRIBING, UP, CLOSED };

struct slot {
    bool used;
    unsigned ticket;
    vg_ms deadline; /* boot clock */
    vg_published_fn *done;
    void *to, *tag;
};

struct vg_mqtt {
    struct vg_publisher publisher; /* first, so that it can be turned back */
    struct vg_mqtt_owner owner;
    struct vg_paho *paho;
    char name[40]; /* client id, for the log */
    enum phase phase;
    bool told_down, session_present;
    bool granted; /* the session has our subscriptions, if it is still the same */
    unsigned next_ticket, attempt; /* attempt: the ticket whose answer counts */
    unsigned heard;                /* of paho's messages, when the deadline began */
    vg_ms retry, connected_at;
    vg_ms unanswered; /* the first publication since the last PUBACK; 0: none */
    unsigned short_lives;
    uv_timer_t timer; /* retry or connect deadline */
    uv_timer_t sweep; /* publish deadlines, while anything is in flight */
    size_t in_flight;
    struct slot window[WINDOW];
};

static unsigned take_ticket(struct vg_mqtt *mqtt)
{
    mqtt->next_ticket = (mqtt->next_ticket + 1) % VG_TICKETS;
    return mqtt->next_ticket;
}

static void on_timer(uv_timer_t *timer);

static void set_timer(struct vg_mqtt *mqtt, vg_ms span)
{
    uv_update_time(mqtt->owner.loop);
    uv_timer_start(&mqtt->timer, on_timer, (uint64_t)span, 0);
}

static void tell(struct vg_mqtt *mqtt, enum vg_mqtt_state state, const char *reason)
{
    if (mqtt->owner.on_state != NULL) {
        mqtt->owner.on_state(mqtt->owner.to, mqtt, state, reason);
    }
}

static void settle(struct vg_mqtt *mqtt, struct slot *slot, enum vg_status status)
{
    struct slot settled = *slot;
    slot->used = false;
    assert(mqtt->in_flight > 0);
    mqtt->in_flight--;
    if (settled.done != NULL) {
        settled.done(settled.to, settled.tag, status);
    }
}

/* Fails what was sent before `deadline`. */
static void fail_until(struct vg_mqtt *mqtt, vg_ms deadline)
{
    for (size_t i = 0; i < WINDOW; i++) {
        if (mqtt->window[i].used && mqtt->window[i].deadline <= deadline) {
            settle(mqtt, &mqtt->window[i], VG_FAILED);
        }
    }
}

/* Every way down ends here. */
static void go_down(struct vg_mqtt *mqtt, const char *reason)
{
    mqtt->phase = WAITING;
    bool first = !mqtt->told_down;
    mqtt->told_down = true;
    set_timer(mqtt, mqtt->retry);
    vg_log_write(mqtt->owner.log, VG_LOG_WARNING, "mqtt.down",
                 "%s: %s; next attempt in %d ms", mqtt->name, reason, (int)mqtt->retry);
    mqtt->retry = mqtt->retry * 2 > RETRY_LONGEST ? RETRY_LONGEST : mqtt->retry * 2;
    fail_until(mqtt, INT64_MAX);
    if (first) {
        tell(mqtt, VG_MQTT_DOWN, reason);
    }
}

/* Ours to end: tells paho, which does not answer with a loss. */
static void drop(struct vg_mqtt *mqtt, const char *reason)
{
    vg_paho_disconnect(mqtt->paho); /* not connected any more is fine too */
    go_down(mqtt, reason);
}

static void go_up(struct vg_mqtt *mqtt)
{
    const char *reason =
        mqtt->session_present ? "the broker kept the session" : "the session is new";
    mqtt->phase = UP;
    mqtt->unanswered = 0;
    mqtt->told_down = false;
    uv_timer_stop(&mqtt->timer);
    vg_log_write(mqtt->owner.log, VG_LOG_NOTICE, "mqtt.up", "%s: connected, %s",
                 mqtt->name, reason);
    tell(mqtt, VG_MQTT_UP, reason);
}

static void start_attempt(struct vg_mqtt *mqtt)
{
    mqtt->phase = CONNECTING;
    mqtt->attempt = take_ticket(mqtt);
    int code = vg_paho_connect(mqtt->paho, mqtt->attempt);
    if (code != 0) {
        go_down(mqtt, vg_paho_reason(code));
        return;
    }
    set_timer(mqtt, CONNECT_WITHIN);
}

static void on_timer(uv_timer_t *timer)
{
    struct vg_mqtt *mqtt = timer->data;
    const unsigned heard = vg_paho_heard(mqtt->paho);
    if (mqtt->phase == WAITING) {
        start_attempt(mqtt);
    } else if (mqtt->phase == SUBSCRIBING && heard != mqtt->heard) {
        mqtt->heard = heard; /* it talks; its answer comes behind what it kept for us */
        set_timer(mqtt, CONNECT_WITHIN);
    } else {
        mqtt->short_lives = 0;
        drop(mqtt, "the broker did not answer within 6 s");
    }
}

/* The deadline of the connect goes on: it covers the subscriptions too. */
static void on_connected(struct vg_mqtt *mqtt, const struct vg_item *item)
{
    mqtt->session_present = item->code != 0;
    mqtt->connected_at = vg_clock_boot();
    if (!vg_paho_subscribes(mqtt->paho)) {
        go_up(mqtt);
        return;
    }
    mqtt->granted = mqtt->granted && mqtt->session_present;
    mqtt->phase = SUBSCRIBING;
    mqtt->heard = vg_paho_heard(mqtt->paho);
    mqtt->attempt = take_ticket(mqtt);
    int code = vg_paho_subscribe(mqtt->paho, mqtt->attempt);
    if (code != 0) {
        drop(mqtt, vg_paho_reason(code));
    } else if (mqtt->granted) {
        go_up(mqtt);
    }
}

static void on_subscribe_failed(struct vg_mqtt *mqtt, int code)
{
    mqtt->granted = false;
    drop(mqtt, vg_paho_reason(code));
}

/* MQTT 3.1.1 does not say why a connection ends. When another client takes our id, young connections end one
 * after another and each next attempt succeeds; a broker that starts again is away for a while. So this is a guess. */
static void on_lost(struct vg_mqtt *mqtt)
{
    vg_ms age = vg_clock_boot() - mqtt->connected_at;
    mqtt->short_lives = age < SHORT_LIFE ? mqtt->short_lives + 1 : 0;
    if (mqtt->short_lives < SHORT_LIVES) {
        mqtt->retry = RETRY_FIRST;
        go_down(mqtt, "the connection was lost");
        return;
    }
    mqtt->retry = RETRY_LONGEST;
    const char *reason =
        "the connection is lost again and again within 10 s while the broker is there: "
        "probably another client uses the same id (two daemons of one node name?)";
    if (mqtt->short_lives == SHORT_LIVES) {
        vg_log_write(mqtt->owner.log, VG_LOG_ERROR, "mqtt.taken_over", "%s: %s",
                     mqtt->name, reason);
    }
    go_down(mqtt, reason);
}

static void on_settled(struct vg_mqtt *mqtt, const struct vg_item *item)
{
    enum vg_status status = item->event == VG_LINK_PUBLISHED ? VG_OK : VG_FAILED;
    mqtt->unanswered = status == VG_OK ? 0 : mqtt->unanswered;
    for (size_t i = 0; i < WINDOW; i++) {
        if (mqtt->window[i].used && mqtt->window[i].ticket == item->ticket) {
            settle(mqtt, &mqtt->window[i], status);
            return;
        }
    }
}

void vg_mqtt_handle(struct vg_mqtt *mqtt, const struct vg_item *item)
{
    bool current = item->ticket == mqtt->attempt; /* else of an attempt given up */
    switch (item->event) {
    case VG_LINK_CONNECTED:
        if (current && mqtt->phase == CONNECTING) {
            on_connected(mqtt, item);
        }
        break;
    case VG_LINK_CONNECT_FAILED:
        if (current && mqtt->phase == CONNECTING) {
            mqtt->short_lives = 0; /* the broker was away: nobody's doing */
            go_down(mqtt, vg_paho_reason(item->code));
        }
        break;
    case VG_LINK_SUBSCRIBED:
        mqtt->granted = mqtt->granted || current;
        if (current && mqtt->phase == SUBSCRIBING) {
            go_up(mqtt);
        }
        break;
    case VG_LINK_SUBSCRIBE_FAILED:
        if (current && (mqtt->phase == SUBSCRIBING || mqtt->phase == UP)) {
            on_subscribe_failed(mqtt, item->code);
        }
        break;
    case VG_LINK_LOST:
        if (mqtt->phase == SUBSCRIBING || mqtt->phase == UP) {
            on_lost(mqtt);
        }
        break;
    case VG_LINK_PUBLISHED:
    case VG_LINK_PUBLISH_FAILED:
        on_settled(mqtt, item);
        break;
    }
}

static void on_sweep(uv_timer_t *timer)
{
    struct vg_mqtt *mqtt = timer->data;
    vg_ms now = vg_clock_boot();
    fail_until(mqtt, now);
    if (mqtt->phase == UP && mqtt->unanswered != 0 &&
        now - mqtt->unanswered >= SILENT_AT_MOST) {
        mqtt->retry = RETRY_FIRST;
        drop(mqtt, "the broker acknowledged nothing for 10 s");
    }
    if (mqtt->in_flight == 0) {
        uv_timer_stop(&mqtt->sweep);
    }
}

static struct slot *free_slot(struct vg_mqtt *mqtt)
{
    size_t i = 0;
    while (mqtt->window[i].used) {
        i++;
        assert(i < WINDOW);
    }
    return &mqtt->window[i];
}

static enum vg_status publish(struct vg_publisher *self,
                              const struct vg_publication *publication)
{
    struct vg_mqtt *mqtt = (struct vg_mqtt *)self;
    if (mqtt->phase != UP) {
        return VG_ABSENT;
    }
    if (mqtt->in_flight == WINDOW) {
        return VG_FULL;
    }
    if (publication->length > PAYLOAD_AT_MOST) {
        return VG_FAILED;
    }
    struct slot *slot = free_slot(mqtt);
    *slot = (struct slot){true,
                          take_ticket(mqtt),
                          vg_clock_boot() + PUBLISH_WITHIN,
                          publication->done,
                          publication->to,
                          publication->tag};
    int code = vg_paho_send(mqtt->paho, publication, slot->ticket);
    if (code != 0) {
        slot->used = false;
        vg_log_write(mqtt->owner.log, VG_LOG_WARNING, "mqtt.not_sent", "%s: %s",
                     mqtt->name, vg_paho_reason(code));
        return VG_FAILED;
    }
    mqtt->unanswered = mqtt->unanswered == 0 ? vg_clock_boot() : mqtt->unanswered;
    if (mqtt->in_flight++ == 0) {
        uv_timer_start(&mqtt->sweep, on_sweep, SWEEP_EVERY, SWEEP_EVERY);
    }
    return VG_OK;
}

enum vg_status vg_mqtt_open(const struct vg_mqtt_options *options,
                            const struct vg_mqtt_owner *owner, struct vg_mqtt **out,
                            struct vg_error *error)
{
    struct vg_mqtt *mqtt = calloc(1, sizeof(*mqtt));
    if (mqtt == NULL) {
        return VG_NO_MEMORY;
    }
    mqtt->publisher.publish = publish;
    mqtt->owner = *owner;
    mqtt->retry = RETRY_FIRST;
    (void)snprintf(mqtt->name, sizeof(mqtt->name), "%s", options->client_id);
    enum vg_status status = vg_paho_create(options, owner, mqtt, &mqtt->paho, error);
    if (status != VG_OK) {
        free(mqtt);
        return status;
    }
    uv_timer_init(owner->loop, &mqtt->timer); /* cannot fail */
    uv_timer_init(owner->loop, &mqtt->sweep);
    mqtt->timer.data = mqtt->sweep.data = mqtt;
    *out = mqtt; /* before on_state can be called */
    start_attempt(mqtt);
    return VG_OK;
}

struct vg_publisher *vg_mqtt_publisher(struct vg_mqtt *mqtt)
{
    return &mqtt->publisher;
}

bool vg_mqtt_up(const struct vg_mqtt *mqtt)
{
    return mqtt->phase == UP;
}

bool vg_mqtt_contested(const struct vg_mqtt *mqtt)
{
    return mqtt->short_lives >= SHORT_LIVES &&
           (mqtt->phase != UP || vg_clock_boot() - mqtt->connected_at < SHORT_LIFE);
}

size_t vg_mqtt_in_flight(const struct vg_mqtt *mqtt)
{
    return mqtt->in_flight;
}

void vg_mqtt_renew(struct vg_mqtt *mqtt, const char *reason)
{
    if (mqtt->phase == UP) {
        mqtt->retry = RETRY_FIRST;
        drop(mqtt, reason);
    }
}

void vg_mqtt_ask(struct vg_mqtt *mqtt, const char *topic, bool on)
{
    (void)vg_paho_ask(mqtt->paho, topic, on); /* not connected: nothing happens */
}

void vg_mqtt_close(struct vg_mqtt *mqtt)
{
    if (mqtt->phase == CLOSED) {
        return;
    }
    mqtt->phase = CLOSED;
    vg_paho_disconnect(mqtt->paho);
    fail_until(mqtt, INT64_MAX);
    uv_close((uv_handle_t *)&mqtt->timer, NULL);
    uv_close((uv_handle_t *)&mqtt->sweep, NULL);
}
