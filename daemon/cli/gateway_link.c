/* SPDX-License-Identifier: Apache-2.0
 *
 * The kept messages are a list by rising number (gateway_keep.h). Pumping walks it, which is cheap because
 * a healthy daemon keeps it short.
 */
#include "cli/gateway_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gateway_inside.h"
#include "shell/clock.h"

#define KEPT_AT_MOST 20000
#define MARK_BYTES   ((size_t)256 * 1024)

const char *vg_gateway_epoch(const struct vg_gateway *gateway)
{
    const struct vg_kept *head = vg_keep_head(gateway->keep);
    return head != NULL ? head->epoch : gateway->sender.epoch;
}

static void publish_status(struct vg_gateway *gateway, const char *state)
{
    struct vg_buffer text = {0};
    const struct vg_kept *head = vg_keep_head(gateway->keep);
    (void)vg_copy(gateway->said, sizeof gateway->said, vg_gateway_epoch(gateway));
    vg_put_raw(&text, "{\"state\":");
    vg_put_string(&text, state);
    vg_put_raw(&text, ",\"epoch\":");
    vg_put_string(&text, gateway->said);
    vg_put_raw(&text, ",\"from\":"); /* what stands below is safe, or lost for good */
    vg_put_int(&text, (int64_t)(head != NULL ? head->seq : gateway->sender.next_seq));
    vg_put_raw(&text, ",\"ts\":");
    vg_put_time(&text, vg_after(vg_clock_wall(), gateway->sender.skew));
    vg_put_raw(&text, "}");
    struct vg_publisher *publisher = vg_mqtt_publisher(gateway->mqtt);
    struct vg_publication publication = {.topic = gateway->status,
                                         .payload = text.bytes,
                                         .length = text.length,
                                         .retained = true};
    if (!text.failed) {
        (void)publisher->publish(publisher, &publication); /* the will stands in */
    }
    vg_buffer_finish(&text);
}

/* Whatever was under way when the connection ended may be lost: all is due again. */
static void on_state(void *to, struct vg_mqtt *mqtt, enum vg_mqtt_state state,
                     const char *reason)
{
    struct vg_gateway *gateway = to;
    if (mqtt != gateway->mqtt && gateway->mqtt != NULL) {
        return; /* of before a restart */
    }
    vg_sim_wire_clear(gateway->wire);
    if (state == VG_MQTT_DOWN) {
        (void)fprintf(stderr, "vigil simulate: %s: %s; trying again\n",
                      gateway->sender.id, reason);
        return;
    }
    publish_status(gateway, "online");
    for (struct vg_kept *kept = vg_keep_head(gateway->keep); kept != NULL;
         kept = kept->next) {
        kept->due = true;
    }
}

static enum vg_status build_topics(struct vg_gateway *gateway, struct vg_error *error)
{
    struct {
        char *out;
        const char *last;
    } rows[] = {{gateway->status, "status"},
                {gateway->committed, "committed"},
                {gateway->rejected, "rejected"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (vg_topic_build(rows[i].out, gateway->options.root, "gateways",
                           gateway->sender.id, rows[i].last, NULL) != VG_OK) {
            vg_error_set(error, "the root \"%.80s\" cannot begin a topic",
                         gateway->options.root);
            return VG_REFUSED;
        }
    }
    return VG_OK;
}

static enum vg_status connect_gateway(struct vg_gateway *gateway,
                                      struct vg_error *error)
{
    char client[80];
    char will[80];
    const struct vg_gateway_options *options = &gateway->options;
    const char *epoch = gateway->sender.epoch;
    (void)snprintf(client, sizeof client, "sim-%s-%s", gateway->sender.id, epoch);
    (void)snprintf(will, sizeof will, "{\"state\":\"offline\",\"epoch\":\"%s\"}",
                   epoch);
    const char *const subscription[] = {gateway->committed, gateway->rejected};
    const struct vg_mqtt_options mqtt = {.url = options->url,
                                         .client_id = client,
                                         .clean_session = true,
                                         .username = options->username,
                                         .password_file = options->password_file,
                                         .ca = options->ca,
                                         .cert = options->cert,
                                         .key = options->key,
                                         .will_topic = gateway->status,
                                         .will_payload = will,
                                         .subscription_count = 2,
                                         .subscription = subscription};
    const struct vg_mqtt_owner owner = {.loop = options->loop,
                                        .inbox = options->inbox,
                                        .on_state = on_state,
                                        .to = gateway};
    return vg_mqtt_open(&mqtt, &owner, &gateway->mqtt, error);
}

static enum vg_status arrive(void *to, vg_ms now, const struct vg_letter *letter)
{
    struct vg_gateway *gateway = to;
    struct vg_publisher *publisher = vg_mqtt_publisher(gateway->mqtt);
    const struct vg_publication publication = {.topic = letter->topic,
                                               .payload = letter->payload,
                                               .length = letter->payload_length};
    (void)now;
    return publisher->publish(publisher, &publication);
}

/* Nobody else has it: the name of a new epoch. */
static enum vg_status new_epoch(struct vg_gateway *gateway, struct vg_error *error)
{
    uint32_t number;
    char epoch[9];
    if (uv_random(NULL, NULL, &number, sizeof number, 0, NULL) != 0) {
        vg_error_set(error, "the system gives no random number");
        return VG_FAILED;
    }
    (void)snprintf(epoch, sizeof epoch, "%08x", (unsigned)number);
    enum vg_status status = vg_keep_begin(gateway->keep, epoch);
    if (status != VG_OK) {
        vg_error_set(error, "the spool of %s cannot be written", gateway->sender.id);
    }
    return status;
}

/* The ledger may lack the last of them: a kill came between the two files. */
static enum vg_status ledger_again(struct vg_gateway *gateway, struct vg_error *error)
{
    enum vg_status status = VG_OK;
    for (struct vg_kept *kept = vg_keep_head(gateway->keep);
         kept != NULL && status == VG_OK; kept = kept->next) {
        struct vg_sim_entry entry = {gateway->sender.id, kept->epoch,   kept->bytes,
                                     kept->seq,          kept->payload, kept->length};
        status = vg_sim_ledger_add(gateway->options.ledger, &entry);
    }
    if (status != VG_OK) {
        vg_error_set(error, "the ledger cannot be written");
    }
    return status;
}

static enum vg_status open_keep(struct vg_gateway *gateway, struct vg_error *error)
{
    const struct vg_keep_options options = {gateway->options.spool,
                                            gateway->options.root, gateway->sender.id};
    enum vg_status status = vg_keep_open(&options, &gateway->keep, error);
    if (status == VG_OK &&
        (gateway->options.forget_counter || vg_keep_epoch(gateway->keep)[0] == '\0')) {
        status = new_epoch(gateway, error);
    }
    if (status == VG_OK) {
        struct vg_sim_sender *sender = &gateway->sender;
        (void)vg_copy(sender->epoch, sizeof sender->epoch,
                      vg_keep_epoch(gateway->keep));
        sender->next_seq = vg_keep_next(gateway->keep);
        status = ledger_again(gateway, error);
    }
    return status;
}

static enum vg_status put(struct vg_sim_sender *sender, const char *topic,
                          const struct vg_buffer *message)
{
    struct vg_gateway *gateway = (struct vg_gateway *)sender;
    struct vg_sim_entry entry = {sender->id,       sender->epoch,  topic,
                                 sender->next_seq, message->bytes, message->length};
    if (vg_keep_count(gateway->keep) >= KEPT_AT_MOST) {
        return VG_FULL;
    }
    enum vg_status status = vg_keep_add(gateway->keep, topic, message);
    sender->next_seq = vg_keep_next(gateway->keep);
    return status == VG_OK ? vg_sim_ledger_add(gateway->options.ledger, &entry)
                           : status;
}

enum vg_status vg_gateway_open(const struct vg_gateway_options *options, const char *id,
                               struct vg_sim_chance chance, struct vg_gateway **out,
                               struct vg_error *error)
{
    struct vg_gateway *gateway = calloc(1, sizeof *gateway);
    if (gateway == NULL) {
        return VG_NO_MEMORY;
    }
    gateway->options = *options;
    gateway->sender.put = put;
    (void)vg_copy(gateway->sender.id, sizeof gateway->sender.id, id);
    gateway->json = vg_json_create(MARK_BYTES);
    gateway->wire = vg_sim_wire_create(&options->faults, chance, arrive, gateway);
    if (gateway->json == NULL || gateway->wire == NULL) {
        return VG_NO_MEMORY; /* and the process ends */
    }
    enum vg_status status = build_topics(gateway, error);
    status = status == VG_OK ? open_keep(gateway, error) : status;
    status = status == VG_OK ? connect_gateway(gateway, error) : status;
    if (status == VG_OK) {
        gateway->counts.recovered = vg_keep_count(gateway->keep);
        *out = gateway;
    }
    return status;
}

struct vg_sim_sender *vg_gateway_sender(struct vg_gateway *gateway)
{
    return &gateway->sender;
}

/* From the first that was never sent on: they go out in order, so none behind it was. */
static void remember_unsent(struct vg_gateway *gateway, const char *epoch,
                            uint64_t from)
{
    bool sent = true;
    for (struct vg_kept *kept = vg_keep_head(gateway->keep); kept != NULL;
         kept = kept->next) {
        sent = sent && (kept->seq != from || strcmp(kept->epoch, epoch) != 0);
        kept->ever_sent = sent;
    }
}

enum vg_status vg_gateway_restart(struct vg_gateway *gateway, struct vg_error *error)
{
    char epoch[VG_ID_LEN + 1];
    struct vg_kept *unsent = vg_keep_head(gateway->keep);
    while (unsent != NULL && unsent->ever_sent) {
        unsent = unsent->next;
    }
    uint64_t from = unsent != NULL ? unsent->seq : UINT64_MAX;
    (void)vg_copy(epoch, sizeof epoch, unsent != NULL ? unsent->epoch : "");
    gateway->counts.restarts++;
    vg_sim_wire_clear(gateway->wire);
    vg_mqtt_close(gateway->mqtt);
    gateway->mqtt = NULL;
    enum vg_status status = VG_OK;
    if (gateway->options.spool != NULL) {
        vg_keep_close(gateway->keep);
        gateway->keep = NULL;
        status = open_keep(gateway, error);
    }
    if (status == VG_OK) {
        remember_unsent(gateway, epoch, from);
        status = connect_gateway(gateway, error);
    }
    return status;
}

static bool send_one(struct vg_gateway *gateway, struct vg_kept *kept, vg_ms now)
{
    const struct vg_letter letter = {.topic = kept->bytes,
                                     .topic_length = strlen(kept->bytes),
                                     .payload = kept->payload,
                                     .payload_length = kept->length};
    if (vg_sim_wire_send(gateway->wire, now, &letter) != VG_OK) {
        return false; /* window full or just disconnected: the next pump goes on here */
    }
    gateway->counts.resent += kept->ever_sent;
    gateway->counts.published += !kept->ever_sent;
    kept->ever_sent = true;
    kept->due = false;
    kept->sent = now;
    kept->tries++;
    return true;
}

/* While nobody answers, each repeat waits twice as long: a broker that keeps everything for
 * a daemon that is away must not be filled with the same messages again and again. */
static vg_ms patience(const struct vg_gateway *gateway, const struct vg_kept *kept)
{
    vg_ms first = gateway->options.confirm_within;
    if (gateway->marked > kept->sent || kept->tries == 0) {
        return first;
    }
    return first << (kept->tries < 7 ? kept->tries - 1 : 6);
}

#define LIVE (5 * VG_SECOND)

/* What is live, or what lies behind it, the oldest first. False: no more goes out now. */
static bool send_due(struct vg_gateway *gateway, vg_ms now, bool live)
{
    const char *epoch = vg_gateway_epoch(gateway);
    bool going = true;

    for (struct vg_kept *kept = vg_keep_head(gateway->keep);
         going && kept != NULL && strcmp(kept->epoch, epoch) == 0; kept = kept->next) {
        const bool is_live = kept->added != 0 && now - kept->added < LIVE;
        if (is_live == live &&
            (kept->due || now - kept->sent >= patience(gateway, kept))) {
            going = send_one(gateway, kept, now);
        }
    }
    return going;
}

/* Live first: whoever comes back after an outage has alarms to send, too. */
void vg_gateway_pump(struct vg_gateway *gateway)
{
    vg_ms now = vg_clock_boot();
    bool going = vg_mqtt_up(gateway->mqtt);
    const char *epoch = vg_gateway_epoch(gateway);
    if (going && strcmp(gateway->said, epoch) != 0) {
        vg_sim_wire_clear(gateway->wire); /* nothing of the epoch before may follow */
        publish_status(gateway, "online");
    }
    if (going) {
        vg_sim_wire_run(gateway->wire, now);
    }
    if (going && send_due(gateway, now, true)) {
        (void)send_due(gateway, now, false);
    }
}

struct vg_gateway_counts vg_gateway_counts(const struct vg_gateway *gateway)
{
    struct vg_gateway_counts counts = gateway->counts;
    counts.waiting = vg_keep_count(gateway->keep);
    return counts;
}

struct vg_sim_wire_counts vg_gateway_faults(const struct vg_gateway *gateway)
{
    return vg_sim_wire_counts(gateway->wire);
}

const char *vg_gateway_refusal(const struct vg_gateway *gateway)
{
    return gateway->refusal;
}

void vg_gateway_leave(struct vg_gateway *gateway)
{
    publish_status(gateway, "offline");
}

bool vg_gateway_left(const struct vg_gateway *gateway)
{
    return !vg_mqtt_up(gateway->mqtt) || vg_mqtt_in_flight(gateway->mqtt) == 0;
}
