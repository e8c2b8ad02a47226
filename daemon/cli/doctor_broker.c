/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil doctor: the broker as the daemon meets it. One connection with the daemon's own
 * address, name, password and certificates, and its own subscriptions; one message on
 * wards/<ward>/results/<a client that there is not>, which must come back.
 */
#include "cli/doctor_broker.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/doctor_reach.h"
#include "cli/doctor_tls.h"
#include "shell/clock.h"
#include "shell/mqtt_settings.h"

#define TICK          100 /* ms */
#define INBOX_LETTERS 20000
#define INBOX_BYTES   ((size_t)16 << 20)
#define WRONG_PASSWORD                                                                  \
    "Compare mqtt.username and the first line of mqtt.password_file with the broker's " \
    "password file (mosquitto_passwd), let the broker read that again, and then "       \
    "restart vigild: it reads its password at a start."
#define DENIES                                         \
    "Let the broker's ACL allow the daemon's topics: " \
    "contrib/mosquitto/make-acl writes them."
#define STRANGER "Let the broker allow client ids that begin with vigil-."
#define REFUSES  "refuses a subscription" /* as mqtt.c says it */

static void on_state(void *to, struct vg_mqtt *mqtt, enum vg_mqtt_state state,
                     const char *reason)
{
    struct vg_doctor_link *link = to;
    struct vg_publisher *publisher = vg_mqtt_publisher(mqtt);
    const struct vg_publication probe = {
        .topic = link->probe, .payload = link->client, .length = strlen(link->client)};

    if (state == VG_MQTT_DOWN) {
        (void)snprintf(link->down, sizeof link->down, "%s", reason);
        uv_stop(&link->loop);
        return;
    }
    link->down[0] = '\0';
    link->up_at = vg_clock_boot();
    vg_pulse_link(&link->pulse, true, link->up_at);
    (void)publisher->publish(publisher,
                             &probe); /* what does not go does not come back */
}

static void on_tick(uv_timer_t *timer)
{
    struct vg_doctor_link *link = timer->data;
    const vg_ms now = vg_clock_boot();

    if (now - link->begun >= link->doctor->within || vg_doctor_heard_all(link, now)) {
        uv_stop(&link->loop);
    }
}

static void deliver(void *to, const struct vg_item *list)
{
    struct vg_doctor_link *link = to;

    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        if (item->kind == VG_ITEM_LINK) {
            vg_mqtt_handle(item->link, item);
        } else {
            vg_doctor_hear(link, item);
        }
    }
}

/* The daemon's own subscriptions, what it says of itself, our message, and what the
 * broker says of itself. */
static enum vg_status open_link(struct vg_doctor_link *link, struct vg_error *error)
{
    struct vg_mqtt_options options = vg_mqtt_by_settings(&link->doctor->settings);
    struct vg_mqtt_topics own;
    const char *list[VG_MQTT_TOPICS + 4] = {[VG_MQTT_TOPICS] = link->probe,
                                            link->status,
                                            link->beat,
                                            "$SYS/broker/publish/messages/dropped"};

    vg_mqtt_topics(&link->doctor->settings, &own);
    memcpy(list, own.list, sizeof own.list);
    options.client_id = link->client;
    options.clean_session = true;
    options.subscription_count = VG_MQTT_TOPICS + (link->sys ? 4 : 3);
    options.subscription = list;
    const struct vg_mqtt_owner owner = {
        .loop = &link->loop, .inbox = link->inbox, .on_state = on_state, .to = link};
    return vg_mqtt_open(&options, &owner, &link->mqtt, error);
}

static bool name_topics(struct vg_doctor_link *link)
{
    const struct vg_settings *s = &link->doctor->settings;
    const char *ward = s->ward_count > 0 ? s->ward[0].id : "doctor";

    return vg_post_client(link->client) &&
           vg_topic_build(link->probe, s->mqtt_root, "wards", ward, "results",
                          link->client, NULL) == VG_OK &&
           vg_topic_build(link->status, s->mqtt_root, "nodes", s->node, "status",
                          NULL) == VG_OK &&
           vg_topic_build(link->beat, s->mqtt_root, "nodes", s->node, "heartbeat",
                          NULL) == VG_OK;
}

static enum vg_status begin(struct vg_doctor_link *link, struct vg_error *error)
{
    vg_error_set(error, "no memory");
    vg_mqtt_library();
    link->json = vg_json_create((size_t)64 * 1024);
    if (link->json == NULL || !name_topics(link) || uv_loop_init(&link->loop) != 0 ||
        vg_inbox_create(&link->loop, INBOX_LETTERS, INBOX_BYTES, deliver, link,
                        &link->inbox) != VG_OK) {
        return VG_NO_MEMORY;
    }
    link->begun = vg_clock_boot();
    vg_pulse_begin(&link->pulse, link->begun);
    (void)uv_timer_init(&link->loop, &link->timer);
    link->timer.data = link;
    return open_link(link, error);
}

/* ---- Why there is no connection */

/* `named`: where mqtt.username is set; mosquitto says "not authorized" of a wrong password, too. */
static const char *mend_of(const char *reason, bool named, bool reached, bool tls)
{
    static const struct {
        const char *part, *mend, *named;
    } rows[] = {
        {"user name or password", WRONG_PASSWORD, WRONG_PASSWORD},
        {"not authorized",
         "The broker lets nobody in without a name it knows: give mqtt.username and "
         "mqtt.password_file, or a certificate (contrib/mosquitto).",
         WRONG_PASSWORD},
        {REFUSES, DENIES, DENIES},
        {"client id", STRANGER, STRANGER},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strstr(reason, rows[i].part) != NULL) {
            return named ? rows[i].named : rows[i].mend;
        }
    }
    if (!reached) {
        return "Start the broker (systemctl status mosquitto), compare mqtt.url with its "
               "\"listener\" lines, look at firewalls between.";
    }
    return tls ? "Somebody listens there, but TLS fails: mqtt.ca must be the authority of "
                 "the broker's certificate, mqtt.url must name the host that stands in it, "
                 "and the broker may want mqtt.cert and mqtt.key."
               : "Somebody listens there who speaks no MQTT, or speaks it in TLS only: then "
                 "write mqtts:// and give mqtt.ca. Or the broker hangs: restart it.";
}

static void say_down(struct vg_doctor_link *link)
{
    const struct vg_settings *s = &link->doctor->settings;
    struct vg_error error = {""};
    struct vg_reach to;
    const int fd =
        vg_reach_parse(s->mqtt_url, &to) ? vg_reach_connect(&to, &error) : -1;
    const bool tls = strncmp(s->mqtt_url, "mqtts:", 6) == 0;

    struct vg_tls_fault fault = {
        .mend = mend_of(link->down, s->mqtt_username[0] != '\0', fd >= 0, tls)};
    (void)vg_copy(fault.why, sizeof fault.why,
                  fd < 0 && error.text[0] != '\0' ? error.text : link->down);
    if (fd >= 0) {
        (void)(tls && vg_tls_fault_find(fd, to.host, s, &fault));
        (void)close(fd);
    }
    vg_doctor_say(link->doctor, VG_GRADE_BAD, fault.mend, "The broker %s: %s.",
                  s->mqtt_url, fault.why);
}

static void listen_to(struct vg_doctor_link *link)
{
    (void)snprintf(link->down, sizeof link->down, "does not answer");
    (void)uv_timer_start(&link->timer, on_tick, TICK, TICK);
    (void)uv_run(&link->loop, UV_RUN_DEFAULT);
    vg_mqtt_close(link->mqtt);
}

void vg_doctor_broker(struct vg_doctor *doctor)
{
    static struct vg_doctor_link link; /* paho's threads may still look at it */
    struct vg_error error = {""};

    link = (struct vg_doctor_link){.doctor = doctor, .sys = true, .dropped = -1};
    enum vg_status status = begin(&link, &error);
    if (status == VG_OK) {
        listen_to(&link);
        if (strstr(link.down, REFUSES) != NULL) { /* perhaps only what is not ours */
            link.sys = false;
            status = open_link(&link, &error);
        }
    }
    if (status == VG_OK && !link.sys) {
        listen_to(&link);
    }
    if (status != VG_OK) {
        vg_doctor_say(doctor, VG_GRADE_BAD, "Mend the settings \"mqtt\".",
                      "No connection to the broker can be made: %s.", error.text);
        return;
    }
    if (link.down[0] != '\0') {
        say_down(&link);
    } else {
        vg_doctor_judge_broker(&link);
    }
    doctor->check = "daemon";
    vg_doctor_judge_daemon(&link);
}
