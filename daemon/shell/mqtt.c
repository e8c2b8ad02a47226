/* SPDX-License-Identifier: Apache-2.0
 *
 * The only file that knows paho (MQTTAsync 1.3.12). Its callbacks run on paho's threads
 * with paho's one lock held, so they do exactly this: copy, journal, post, give paho's
 * memory back, return. No paho call, no log, no lock but the inbox's and the journal's.
 *
 * Told to paho on purpose: MQTT 3.1.1 at create and at connect (the default falls back to
 * 3.1 on a reconnect; version 5 stalls at the receive maximum); no automatic reconnect
 * (3 s granularity, and only the first success is reported); no buffer and no
 * persistence (the outbox is the only thing that tries again); never isConnected (it
 * breaks paho's lock inside callbacks); never destroy (it races with paho's threads).
 */
#include "shell/mqtt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <MQTTAsync.h>

#include "shell/clock.h"
#include "shell/mqtt_options.h"
#include "shell/mqtt_paho.h"

#define KEEPALIVE_S       5
#define CONNECT_TIMEOUT_S 5 /* mqtt_link.c has the deadline that counts */
#define REFUSED_BY_BROKER 0x80

/* What paho's callbacks get as context. Never changes after create, so that paho's threads
 * may read it at any time, however late. */
struct ticket {
    struct vg_paho *paho;
    unsigned number;
};

struct vg_paho {
    MQTTAsync client;
    struct vg_mqtt_texts texts;
    struct vg_inbox *inbox;
    struct vg_journal *journal;
    struct vg_glance *glance; /* NULL: no memory, or no vital signs come here */
    void *link;
    atomic_uint heard;
    struct ticket tickets[VG_TICKETS];
};

/* ---- On paho's threads */

static void post(struct vg_paho *paho, enum vg_link_event event, unsigned ticket,
                 int code, bool rests)
{
    struct vg_item *item = vg_inbox_item(paho->inbox, VG_ITEM_LINK, 0);
    if (item == NULL) {
        return; /* no memory: the deadlines of mqtt_link.c notice in its place */
    }
    item->rests = rests;
    item->link = paho->link;
    item->event = event;
    item->ticket = ticket;
    item->code = code;
    vg_inbox_post(paho->inbox, item);
}

static void post_event(struct vg_paho *paho, enum vg_link_event event, unsigned ticket,
                       int code)
{
    post(paho, event, ticket, code, false);
}

static uint64_t journal_item(struct vg_journal *journal, const struct vg_item *item)
{
    if (journal == NULL) {
        return 0;
    }
    struct vg_journal_entry entry = {.letter = item->letter,
                                     .whole_length = item->whole_length,
                                     .received = item->received,
                                     .duplicate = item->duplicate};
    return vg_journal_append(journal, &entry);
}

static int on_message(void *context, char *topic, int topic_length,
                      MQTTAsync_message *message)
{
    struct vg_paho *paho = context;
    struct vg_letter letter = {
        .topic = topic,
        .topic_length = topic_length > 0 ? (size_t)topic_length : strlen(topic),
        .payload = message->payload,
        .payload_length = message->payloadlen > 0 ? (size_t)message->payloadlen : 0,
        .retained = message->retained != 0};
    struct vg_item *item = vg_inbox_letter(paho->inbox, &letter);
    atomic_fetch_add_explicit(&paho->heard, 1, memory_order_relaxed);
    if (item != NULL) {
        item->received = vg_clock_wall();
        item->duplicate = message->dup != 0;
        item->behind = vg_letter_backlog(&item->letter, item->received);
        item->calm = paho->glance != NULL && !item->crowded && !item->behind &&
                     vg_letter_calm(paho->glance, &item->letter);
        item->ordinal = journal_item(paho->journal, item);
        vg_inbox_post(paho->inbox, item);
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1; /* 0 would be called again at once and hold up all that follows */
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the callback's type is paho's */
static void on_lost(void *context, char *cause)
{
    (void)cause; /* always NULL in 1.3.12 */
    post_event(context, VG_LINK_LOST, 0, 0);
}

static void on_connected(void *context, MQTTAsync_successData *data)
{
    const struct ticket *ticket = context;
    int session_present = data != NULL ? data->alt.connect.sessionPresent : 0;
    post_event(ticket->paho, VG_LINK_CONNECTED, ticket->number, session_present);
}

static void post_failure(const struct ticket *ticket, enum vg_link_event event,
                         const MQTTAsync_failureData *data)
{
    int code = data != NULL ? data->code : MQTTASYNC_FAILURE;
    post_event(ticket->paho, event, ticket->number, code);
}

static void on_connect_failed(void *context, MQTTAsync_failureData *data)
{
    post_failure(context, VG_LINK_CONNECT_FAILED, data);
}

static void on_subscribed(void *context, MQTTAsync_successData *data)
{
    const struct ticket *ticket = context;
    size_t count = ticket->paho->texts.subscription_count;
    int code = 0;
    for (size_t i = 0; data != NULL && i < count; i++) {
        int granted = count == 1 ? data->alt.qos : data->alt.qosList[i];
        code = granted == REFUSED_BY_BROKER ? REFUSED_BY_BROKER : code;
    }
    post_event(ticket->paho, code == 0 ? VG_LINK_SUBSCRIBED : VG_LINK_SUBSCRIBE_FAILED,
               ticket->number, code);
}

static void on_subscribe_failed(void *context, MQTTAsync_failureData *data)
{
    post_failure(context, VG_LINK_SUBSCRIBE_FAILED, data);
}

static void on_published(void *context, MQTTAsync_successData *data)
{
    (void)data;
    const struct ticket *ticket = context;
    post_event(ticket->paho, VG_LINK_PUBLISHED, ticket->number, 0);
}

/* Of what nobody waits for: a mark, an index. */
static void on_published_alone(void *context, MQTTAsync_successData *data)
{
    (void)data;
    const struct ticket *ticket = context;
    post(ticket->paho, VG_LINK_PUBLISHED, ticket->number, 0, true);
}

static void on_publish_failed(void *context, MQTTAsync_failureData *data)
{
    post_failure(context, VG_LINK_PUBLISH_FAILED, data);
}

/* ---- On the loop thread */

void vg_mqtt_library(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* paho would do so too, later */
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
    options.do_openssl_init =
        0; /* it comes up by itself with the first TLS link: 1.5 MB */
    MQTTAsync_global_init(&options);
    /* Else each of its functions writes a line into a list that nobody reads. */
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
}

/* Paho's threads must not take our signals; they inherit the mask of whoever starts them. */
static void block_signals(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before);
}

static int create_client(struct vg_paho *paho)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.sendWhileDisconnected = 0;
    options.deleteOldestMessages = 0;
    options.restoreMessages = 0;
    options.maxBufferedMessages =
        1000; /* beyond our own window: its 100 would fail a storm */
    sigset_t before;
    block_signals(&before);
    int code = MQTTAsync_createWithOptions(&paho->client, paho->texts.uri,
                                           paho->texts.client_id,
                                           MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (code == MQTTASYNC_SUCCESS) {
        code = MQTTAsync_setCallbacks(paho->client, paho, on_lost, on_message, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

enum vg_status vg_paho_create(const struct vg_mqtt_options *options,
                              const struct vg_mqtt_owner *owner, void *link,
                              struct vg_paho **out, struct vg_error *error)
{
    struct vg_paho *paho = calloc(1, sizeof(*paho));
    if (paho == NULL) {
        return VG_NO_MEMORY;
    }
    paho->inbox = owner->inbox;
    paho->journal = owner->journal;
    paho->glance = owner->journal == NULL ? NULL : vg_glance_create();
    paho->link = link;
    for (unsigned i = 0; i < VG_TICKETS; i++) {
        paho->tickets[i] = (struct ticket){paho, i};
    }
    enum vg_status status = vg_mqtt_texts_init(&paho->texts, options, error);
    int code = status == VG_OK ? create_client(paho) : 0;
    if (code != 0) {
        vg_error_set(error, "paho cannot make a client for %s: %s", options->url,
                     vg_paho_reason(code));
        status = VG_FAILED;
    }
    if (status != VG_OK) {
        vg_paho_discard(paho);
        return status;
    }
    *out = paho;
    return VG_OK;
}

void vg_paho_discard(struct vg_paho *paho)
{
    /* paho's own handle, if it got that far, is left to the exit of the process */
    vg_mqtt_texts_finish(&paho->texts);
    vg_glance_destroy(paho->glance);
    free(paho);
}

static MQTTAsync_SSLOptions tls_options(const struct vg_mqtt_texts *texts)
{
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.trustStore = texts->ca;
    tls.keyStore = texts->cert;
    tls.privateKey = texts->key;
    tls.enableServerCertAuth = 1;
    tls.verify = 1; /* the host name too */
    tls.disableDefaultTrustStore = 1;
    return tls;
}

int vg_paho_connect(struct vg_paho *paho, unsigned ticket)
{
    const struct vg_mqtt_texts *texts = &paho->texts;
    MQTTAsync_SSLOptions tls = tls_options(texts);
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    will.topicName = texts->will_topic;
    will.message = texts->will_payload;
    will.retained = 1;
    will.qos = 1;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.keepAliveInterval = KEEPALIVE_S;
    options.connectTimeout = CONNECT_TIMEOUT_S;
    options.cleansession = texts->clean_session;
    options.automaticReconnect = 0;
    options.username = texts->username;
    options.password = texts->password;
    options.ssl = texts->tls ? &tls : NULL;
    options.will = texts->will_topic != NULL ? &will : NULL;
    options.onSuccess = on_connected;
    options.onFailure = on_connect_failed;
    options.context = &paho->tickets[ticket];
    sigset_t before;
    block_signals(&before);
    int code = MQTTAsync_connect(paho->client, &options);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

int vg_paho_disconnect(struct vg_paho *paho)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    options.timeout = 0;
    return MQTTAsync_disconnect(paho->client, &options);
}

int vg_paho_subscribe(struct vg_paho *paho, unsigned ticket)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    response.onSuccess = on_subscribed;
    response.onFailure = on_subscribe_failed;
    response.context = &paho->tickets[ticket];
    return MQTTAsync_subscribeMany(paho->client, (int)paho->texts.subscription_count,
                                   paho->texts.subscription, paho->texts.qos,
                                   &response);
}

int vg_paho_ask(struct vg_paho *paho, const char *topic, bool on)
{
    return on ? MQTTAsync_subscribe(paho->client, topic, 1, NULL)
              : MQTTAsync_unsubscribe(paho->client, topic, NULL);
}

int vg_paho_send(struct vg_paho *paho, const struct vg_publication *publication,
                 unsigned ticket)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    response.onSuccess = publication->done != NULL ? on_published : on_published_alone;
    response.onFailure = on_publish_failed;
    response.context = &paho->tickets[ticket];
    return MQTTAsync_send(paho->client, publication->topic, (int)publication->length,
                          publication->payload, 1, publication->retained, &response);
}

bool vg_paho_subscribes(const struct vg_paho *paho)
{
    return paho->texts.subscription_count > 0;
}

unsigned vg_paho_heard(const struct vg_paho *paho)
{
    return atomic_load_explicit(&paho->heard, memory_order_relaxed);
}

const char *vg_paho_reason(int code)
{
    static const struct {
        int code;
        const char *text;
    } rows[] = {{1, "the broker does not speak MQTT 3.1.1"},
                {2, "the broker rejects the client id"},
                {3, "the broker is unavailable"},
                {4, "wrong user name or password"},
                {5, "not authorized"},
                {REFUSED_BY_BROKER, "the broker refuses a subscription"},
                {MQTTASYNC_FAILURE,
                 "no connection: the broker is away, or its certificate is refused"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].code == code) {
            return rows[i].text;
        }
    }
    const char *text = MQTTAsync_strerror(code);
    return text != NULL ? text : "unknown reason";
}
