/* SPDX-License-Identifier: Apache-2.0
 *
 * The kept messages are a list by rising number. Marks take from its head; pumping walks
 * it, which is cheap because a healthy daemon keeps it short.
 */
#include "cli/gateway_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/mqtt.h"
#include "wire/json.h"

#define CONFIRM_WITHIN (10 * VG_SECOND)
#define MISSED_AFTER \
    (2 * VG_SECOND) /* named missing so soon, it may still be under way */
#define KEPT_AT_MOST 20000
#define MARK_BYTES   ((size_t)256 * 1024)

struct kept {
    struct kept *next;
    uint64_t seq;
    vg_ms sent; /* boot clock */
    unsigned tries;
    bool due; /* not sent on this connection, or named as missing */
    bool ever_sent;
    size_t length;
    const char *payload; /* in bytes[], behind the topic */
    char bytes[];
};

struct vg_gateway {
    struct vg_mqtt *mqtt;
    struct vg_json *json;
    char id[VG_ID_LEN + 1], epoch[VG_ID_LEN + 1];
    char status[VG_TOPIC_LEN + 1], committed[VG_TOPIC_LEN + 1],
        rejected[VG_TOPIC_LEN + 1];
    uint64_t next_seq;
    struct kept *head, **tail;
    vg_ms marked; /* boot clock, when the latest mark came */
    struct vg_gateway_counts counts;
    char refusal[200];
};

static void publish_status(struct vg_gateway *gateway, const char *state)
{
    struct vg_buffer text = {0};
    vg_put_raw(&text, "{\"state\":");
    vg_put_string(&text, state);
    vg_put_raw(&text, ",\"epoch\":");
    vg_put_string(&text, gateway->epoch);
    vg_put_raw(&text, ",\"ts\":");
    vg_put_time(&text, vg_clock_wall());
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
    (void)mqtt;
    if (state == VG_MQTT_DOWN) {
        (void)fprintf(stderr, "vigil simulate: %s: %s; trying again\n", gateway->id,
                      reason);
        return;
    }
    publish_status(gateway, "online");
    for (struct kept *kept = gateway->head; kept != NULL; kept = kept->next) {
        kept->due = true;
    }
}

static enum vg_status build_topics(struct vg_gateway *gateway, const char *root)
{
    struct {
        char *out;
        const char *last;
    } rows[] = {{gateway->status, "status"},
                {gateway->committed, "committed"},
                {gateway->rejected, "rejected"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (vg_topic_build(rows[i].out, root, "gateways", gateway->id, rows[i].last,
                           NULL) != VG_OK) {
            return VG_REFUSED;
        }
    }
    return VG_OK;
}

static enum vg_status connect_gateway(struct vg_gateway *gateway,
                                      const struct vg_gateway_options *options,
                                      struct vg_error *error)
{
    char client[80];
    char will[80];
    (void)snprintf(client, sizeof client, "sim-%s-%s", gateway->id, gateway->epoch);
    (void)snprintf(will, sizeof will, "{\"state\":\"offline\",\"epoch\":\"%s\"}",
                   gateway->epoch);
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

enum vg_status vg_gateway_open(const struct vg_gateway_options *options,
                               struct vg_gateway **out, struct vg_error *error)
{
    struct vg_gateway *gateway = calloc(1, sizeof *gateway);
    struct vg_json *json = gateway != NULL ? vg_json_create(MARK_BYTES) : NULL;
    enum vg_status status = VG_NO_MEMORY;
    if (json != NULL) {
        gateway->json = json;
        gateway->next_seq = 1;
        gateway->tail = &gateway->head;
        bool fits = vg_copy(gateway->id, sizeof gateway->id, options->id) &&
                    vg_copy(gateway->epoch, sizeof gateway->epoch, options->epoch);
        vg_error_set(error, "the root \"%.80s\" cannot begin a topic", options->root);
        status = fits ? build_topics(gateway, options->root) : VG_REFUSED;
    }
    if (status == VG_OK) {
        status = connect_gateway(gateway, options, error);
    }
    if (status != VG_OK) {
        vg_json_destroy(json);
        free(gateway);
        return status;
    }
    *out = gateway;
    return VG_OK;
}

bool vg_gateway_full(const struct vg_gateway *gateway)
{
    return gateway->counts.waiting >= KEPT_AT_MOST;
}

void vg_gateway_begin(const struct vg_gateway *gateway, struct vg_buffer *buffer)
{
    vg_buffer_clear(buffer);
    vg_put_raw(buffer, "{\"gateway\":");
    vg_put_string(buffer, gateway->id);
    vg_put_raw(buffer, ",\"epoch\":");
    vg_put_string(buffer, gateway->epoch);
    vg_put_raw(buffer, ",\"seq\":");
    vg_put_int(buffer, (int64_t)gateway->next_seq);
}

enum vg_status vg_gateway_put(struct vg_gateway *gateway, const char *topic,
                              const struct vg_buffer *message)
{
    size_t topic_size = strlen(topic) + 1;
    if (vg_gateway_full(gateway)) {
        return VG_FULL;
    }
    if (message->failed) {
        return VG_NO_MEMORY;
    }
    struct kept *kept = malloc(sizeof *kept + topic_size + message->length);
    if (kept == NULL) {
        return VG_NO_MEMORY;
    }
    memcpy(kept->bytes, topic, topic_size);
    memcpy(kept->bytes + topic_size, message->bytes, message->length);
    kept->next = NULL;
    kept->seq = gateway->next_seq++;
    kept->sent = 0;
    kept->due = true;
    kept->ever_sent = false;
    kept->length = message->length;
    kept->payload = kept->bytes + topic_size;
    *gateway->tail = kept;
    gateway->tail = &kept->next;
    gateway->counts.waiting++;
    return VG_OK;
}

static bool send_one(struct vg_gateway *gateway, struct kept *kept, vg_ms now)
{
    struct vg_publisher *publisher = vg_mqtt_publisher(gateway->mqtt);
    struct vg_publication publication = {
        .topic = kept->bytes, .payload = kept->payload, .length = kept->length};
    if (publisher->publish(publisher, &publication) != VG_OK) {
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
static vg_ms patience(const struct vg_gateway *gateway, const struct kept *kept)
{
    if (gateway->marked > kept->sent || kept->tries == 0) {
        return CONFIRM_WITHIN;
    }
    return CONFIRM_WITHIN << (kept->tries < 7 ? kept->tries - 1 : 6);
}

void vg_gateway_pump(struct vg_gateway *gateway)
{
    vg_ms now = vg_clock_boot();
    bool going = vg_mqtt_up(gateway->mqtt);
    for (struct kept *kept = gateway->head; going && kept != NULL; kept = kept->next) {
        if (kept->due || now - kept->sent >= patience(gateway, kept)) {
            going = send_one(gateway, kept, now);
        }
    }
}

/* Everything up to `upto` is on the daemon's disk. */
static void release(struct vg_gateway *gateway, uint64_t upto)
{
    while (gateway->head != NULL && gateway->head->seq <= upto) {
        struct kept *kept = gateway->head;
        gateway->head = kept->next;
        gateway->counts.confirmed++;
        gateway->counts.waiting--;
        free(kept);
    }
    if (gateway->head == NULL) {
        gateway->tail = &gateway->head;
    }
}

static void send_again(struct vg_gateway *gateway, uint64_t first, uint64_t last)
{
    vg_ms now = vg_clock_boot();
    for (struct kept *kept = gateway->head; kept != NULL && kept->seq <= last;
         kept = kept->next) {
        if (kept->seq >= first && kept->ever_sent && now - kept->sent >= MISSED_AFTER) {
            kept->due = true;
        }
    }
}

static void take_missing(struct vg_gateway *gateway, const cJSON *missing)
{
    const cJSON *range;
    cJSON_ArrayForEach(range, missing)
    {
        int64_t first;
        int64_t last;
        if (cJSON_IsArray(range) && cJSON_GetArraySize(range) == 2 &&
            vg_json_integer(cJSON_GetArrayItem(range, 0), &first) &&
            vg_json_integer(cJSON_GetArrayItem(range, 1), &last) && first > 0 &&
            last >= first) {
            send_again(gateway, (uint64_t)first, (uint64_t)last);
        }
    }
}

static void on_committed(struct vg_gateway *gateway, const cJSON *mark)
{
    enum { UPTO, MISSING, COUNT };
    static const char *const names[COUNT] = {"upto", "missing"};
    const cJSON *field[COUNT];
    int64_t upto;
    vg_json_pick(mark, names, COUNT, field);
    if (field[UPTO] != NULL && vg_json_integer(field[UPTO], &upto) && upto >= 0) {
        gateway->marked = vg_clock_boot();
        release(gateway, (uint64_t)upto);
        if (cJSON_IsArray(field[MISSING])) {
            take_missing(gateway, field[MISSING]);
        }
    }
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL ? text : "";
}

static void on_rejected(struct vg_gateway *gateway, const cJSON *answer)
{
    gateway->counts.refused++;
    (void)snprintf(gateway->refusal, sizeof gateway->refusal, "%s: %s",
                   text_of(answer, "reason"), text_of(answer, "detail"));
}

void vg_gateway_letter(struct vg_gateway *gateway, const struct vg_item *item)
{
    bool committed = strcmp(item->letter.topic, gateway->committed) == 0;
    if (!committed && strcmp(item->letter.topic, gateway->rejected) != 0) {
        return;
    }
    const cJSON *tree =
        vg_json_parse(gateway->json, item->letter.payload, item->letter.payload_length);
    if (!cJSON_IsObject(tree) || strcmp(text_of(tree, "epoch"), gateway->epoch) != 0) {
        return; /* of an earlier run */
    }
    (committed ? on_committed : on_rejected)(gateway, tree);
}

struct vg_gateway_counts vg_gateway_counts(const struct vg_gateway *gateway)
{
    return gateway->counts;
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
