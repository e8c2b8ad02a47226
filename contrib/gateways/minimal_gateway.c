/* SPDX-License-Identifier: Apache-2.0
 *
 * A gateway to vigil as short as an honest one can be, in C: what minimal_gateway.py beside it does and
 * promises, with the same input, the same answers and the same spool file. One thread, paho's synchronous
 * client, cJSON. Built by `make contrib` as build/contrib/gateways/minimal_gateway.
 *
 *   minimal_gateway --gateway NAME --spool FILE [--keep N] [--keep 200000] [--url mqtt://127.0.0.1:1883]
 *                   [--root vigil/v1] [--ca FILE --cert FILE --key FILE]
 *
 * Standard input: {"ward":"onc-7","bed":"12","ts":"2026-11-23T06:12:00Z","obs":[…]} a line, and beside it
 * "kind" (vitals, labs, assessment, therapy), "patient", "device". Standard output, for each line:
 * "taken EPOCH SEQ" once it is on disk, or "refused: WHY". Ends with 0 when the input has ended and
 * vigil has stored everything, 2 for wrong usage, 3 when the spool cannot be written.
 */
#include <MQTTClient.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "line.h"
#include "spool.h"

#define AGAIN_MS \
    10000 /* without a mark for so long: sent again; doubles, up to 64 times that */
#define MISSED_MS \
    2000 /* named missing sooner after it was sent, it may still be under way */
#define PROOF_MS \
    5000 /* how long the first mark, the proof of our counter, is waited for */
#define KEEP  "200000" /* messages: then the oldest are given up, and `from` says so */
#define BURST 100      /* of the backlog at once, some 100 times a second */

struct gateway {
    const char *name, *path, *keep, *url, *root, *ca, *cert, *key;
    char status[256], committed[256], rejected[256];
    struct spool spool;
    MQTTClient client;
    bool up, proved, ended;
    int64_t since, tried, marked; /* when it came up; that was tried; a mark came */
    char input[LINE_BYTES], payload[LINE_BYTES + 256];
    size_t length;
};

/* ---- Out */

static bool publish(struct gateway *g, const char *topic, const char *payload,
                    int retained)
{
    int rc = MQTTClient_publish(g->client, topic, (int)strlen(payload), payload, 1,
                                retained, NULL);
    if (rc != MQTTCLIENT_SUCCESS) {
        g->up = false;
    }
    return g->up;
}

static void say(struct gateway *g, const char *state)
{
    char text[256];
    (void)snprintf(text, sizeof text,
                   "{\"state\":\"%s\",\"epoch\":\"%s\",\"ts\":%" PRId64
                   ",\"from\":%" PRIu64 "}",
                   state, g->spool.epoch, vg_clock_ms(CLOCK_REALTIME), g->spool.first);
    (void)publish(g, g->status, text, 1);
}

static bool send_one(struct gateway *g, size_t index)
{
    struct entry *e = &g->spool.kept[index];
    const int64_t now = vg_clock_ms(CLOCK_MONOTONIC);
    char topic[256];
    if (!g->up || (!g->proved && now - g->since < PROOF_MS)) {
        return false;
    }
    const char *body = strchr(e->line, ' ') + 1; /* "{…" */
    (void)snprintf(topic, sizeof topic, "%s/%.*s", g->root, (int)(body - 1 - e->line),
                   e->line);
    (void)snprintf(g->payload, sizeof g->payload,
                   "{\"gateway\":\"%s\",\"epoch\":\"%s\",\"seq\":%" PRIu64 ",%s",
                   g->name, g->spool.epoch, g->spool.first + index, body + 1);
    e->sent = now;
    e->tries++;
    e->due = false;
    return publish(g, topic, g->payload, 0);
}

/* What an outage left, what was named missing, and what was not confirmed for long. While
 * marks come they name what is missing, but for the newest: that alone is then sent again
 * by the clock. */
static void pump(struct gateway *g)
{
    const int64_t now = vg_clock_ms(CLOCK_MONOTONIC);
    int left = BURST;
    for (size_t i = 0; i < g->spool.count && left > 0; i++) {
        const struct entry *e = &g->spool.kept[i];
        const unsigned times = e->tries < 7 ? e->tries - (e->tries > 0) : 6;
        const bool unheard = g->marked < e->sent + MISSED_MS || i + 1 == g->spool.count;
        if (e->due || (unheard && now - e->sent > (int64_t)AGAIN_MS << times)) {
            if (!send_one(g, i)) {
                return;
            }
            left--;
            if (e->tries == 5) {
                (void)fprintf(stderr,
                              "not stored after 5 tries: %" PRIu64 "; does vigil run,"
                              " does the broker let us write there?\n",
                              g->spool.first + i);
            }
        }
    }
}

/* ---- Connection */

static void bring_up(struct gateway *g)
{
    MQTTClient_connectOptions o = MQTTClient_connectOptions_initializer;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    MQTTClient_SSLOptions tls = MQTTClient_SSLOptions_initializer;
    char *const topics[] = {g->committed, g->rejected};
    int qos[] = {1, 1};
    char text[128];
    (void)snprintf(text, sizeof text, "{\"state\":\"offline\",\"epoch\":\"%s\"}",
                   g->spool.epoch);
    will.topicName = g->status;
    will.message = text;
    will.retained = will.qos = 1;
    tls.trustStore = g->ca;
    tls.keyStore = g->cert;
    tls.privateKey = g->key;
    tls.verify = 1;
    o.will = &will;
    o.ssl = g->ca != NULL ? &tls : NULL;
    o.MQTTVersion = MQTTVERSION_3_1_1;
    o.cleansession = 1;
    o.reliable = 0;
    o.keepAliveInterval = 20;
    o.connectTimeout = 3;
    o.maxInflightMessages = 1000;
    g->tried = vg_clock_ms(CLOCK_MONOTONIC);
    (void)MQTTClient_disconnect(g->client, 0);
    int rc = MQTTClient_connect(g->client, &o);
    g->up = rc == MQTTCLIENT_SUCCESS &&
            MQTTClient_subscribeMany(g->client, 2, topics, qos) == MQTTCLIENT_SUCCESS;
    if (!g->up) {
        (void)fprintf(stderr, "no connection to %s (%d); trying again\n", g->url, rc);
        return;
    }
    g->since = vg_clock_ms(CLOCK_MONOTONIC);
    for (size_t i = 0; i < g->spool.count; i++) {
        g->spool.kept[i].due = true; /* whatever was under way may be lost */
    }
    say(g, "online");
}

static void begin_again(struct gateway *g)
{
    vg_spool_new_epoch(&g->spool);
    (void)fprintf(stderr, "the counter was not to be trusted; new epoch %s\n",
                  g->spool.epoch);
    (void)MQTTClient_disconnect(g->client, 1000);
    g->up = g->proved = false; /* and up again with a will that names the new epoch */
}

/* ---- In: marks and refusals */

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static uint64_t number(const cJSON *item)
{
    return cJSON_IsNumber(item) && item->valuedouble > 0 ? (uint64_t)item->valuedouble
                                                         : 0;
}

static void take_missing(struct spool *s, const cJSON *ranges)
{
    const int64_t now = vg_clock_ms(CLOCK_MONOTONIC);
    const cJSON *range;
    cJSON_ArrayForEach(range, ranges)
    {
        const uint64_t first = number(cJSON_GetArrayItem(range, 0));
        const uint64_t last = number(cJSON_GetArrayItem(range, 1));
        for (size_t i = 0; i < s->count; i++) {
            if (s->first + i >= first && s->first + i <= last &&
                now - s->kept[i].sent > MISSED_MS) {
                s->kept[i].due = true;
            }
        }
    }
}

/* One that the broker kept may be behind: no proof of our counter. */
static void marked(struct gateway *g, const cJSON *mark, bool retained)
{
    struct spool *s = &g->spool;
    const uint64_t upto = number(cJSON_GetObjectItemCaseSensitive(mark, "upto"));
    g->proved = g->proved || !retained;
    g->marked = vg_clock_ms(CLOCK_MONOTONIC);
    if (upto >= s->first + s->count) {
        /* vigil has numbers that we do not know to have given. What was in the file is among them. */
        vg_spool_release(s, s->started - 1);
        begin_again(g);
        return;
    }
    vg_spool_release(s, upto);
    take_missing(s, cJSON_GetObjectItemCaseSensitive(mark, "missing"));
    if (s->first > upto + 1) {
        say(g, "online"); /* it waits for what we have no longer: `from` says so */
    }
}

static void heard(struct gateway *g, const char *topic,
                  const MQTTClient_message *message)
{
    const int length = message->payloadlen;
    cJSON *tree = cJSON_ParseWithLength(message->payload, (size_t)length);
    const char *epoch = text_of(tree, "epoch");
    const char *reason = text_of(tree, "reason");
    const bool ours = epoch != NULL && strcmp(epoch, g->spool.epoch) == 0;
    if (strcmp(topic, g->rejected) == 0) { /* stored by vigil, but somebody must look */
        (void)fprintf(stderr, "rejected: %.*s\n", length,
                      (const char *)message->payload);
        if (ours && reason != NULL && strcmp(reason, "seq_reused") == 0) {
            begin_again(g); /* some may count twice: better than not at all */
        }
    } else if (ours) {
        marked(g, tree, message->retained != 0);
    }
    cJSON_Delete(tree);
}

static void listen_to_vigil(struct gateway *g)
{
    char *topic = NULL;
    int length = 0;
    MQTTClient_message *message = NULL;
    int rc = MQTTClient_receive(g->client, &topic, &length, &message, 5);
    g->up = g->up &&
            (rc == MQTTCLIENT_SUCCESS || rc == MQTTCLIENT_TOPICNAME_TRUNCATED) &&
            MQTTClient_isConnected(g->client);
    if (message != NULL) {
        heard(g, topic, message);
        MQTTClient_freeMessage(&message);
        MQTTClient_free(topic);
    }
}

/* ---- In: readings */

/* A line of input: onto the disk, then answered, then sent. */
static void take(struct gateway *g, const char *text)
{
    struct spool *s = &g->spool;
    char *line = vg_line_understood(text);
    if (line == NULL) {
        (void)puts(
            "refused: no JSON, without ward, bed or obs, of no known kind, or too long");
        return;
    }
    vg_spool_add(s, line);
    (void)printf("taken %s %" PRIu64 "\n", s->epoch, s->first + s->count - 1);
    if (s->count > strtoul(g->keep, NULL, 10)) {
        (void)fprintf(stderr, "given up: %" PRIu64 ", the spool is full\n", s->first);
        vg_spool_release(s, s->first);
    }
    (void)send_one(g, s->count - 1); /* what is live does not wait behind a backlog */
}

static void read_input(struct gateway *g, int wait)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    if (g->ended || poll(&in, 1, wait) <= 0) {
        return;
    }
    ssize_t n =
        read(STDIN_FILENO, g->input + g->length, sizeof g->input - 1 - g->length);
    g->ended = n <= 0;
    g->length += n > 0 ? (size_t)n : 0;
    g->input[g->length] = '\0';
    char *begin = g->input;
    for (char *end = strchr(begin, '\n'); end != NULL; end = strchr(begin, '\n')) {
        *end = '\0';
        take(g, begin);
        begin = end + 1;
    }
    g->length -= (size_t)(begin - g->input);
    memmove(g->input, begin, g->length + 1);
    if (g->length == sizeof g->input - 1) {
        (void)puts("refused: longer than vigil takes");
        g->length = 0;
    }
}

/* ---- The whole */

static bool options(struct gateway *g, int count, char **word)
{
    const struct {
        const char *name;
        const char **to;
    } rows[] = {{"--gateway", &g->name}, {"--spool", &g->path}, {"--keep", &g->keep},
                {"--url", &g->url},      {"--root", &g->root},  {"--ca", &g->ca},
                {"--cert", &g->cert},    {"--key", &g->key}};
    const size_t known = sizeof rows / sizeof *rows;
    for (int i = 1; i < count; i += 2) {
        size_t r = 0;
        while (r < known && strcmp(word[i], rows[r].name) != 0) {
            r++;
        }
        if (r == known || i + 1 == count) {
            return false;
        }
        *rows[r].to = word[i + 1];
    }
    return vg_line_place(g->name) && g->path != NULL && strtoul(g->keep, NULL, 10) > 0;
}

int main(int count, char **word)
{
    static struct gateway gateway = {
        .url = "mqtt://127.0.0.1:1883", .root = "vigil/v1", .keep = KEEP};
    struct gateway *g = &gateway;
    if (!options(g, count, word)) {
        (void)fprintf(
            stderr,
            "usage: minimal_gateway --gateway NAME --spool FILE [--keep N] [--url URL] [--root ROOT]"
            " [--ca FILE --cert FILE --key FILE]\n");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)snprintf(g->status, sizeof g->status, "%s/gateways/%s/status", g->root,
                   g->name);
    (void)snprintf(g->committed, sizeof g->committed, "%s/gateways/%s/committed",
                   g->root, g->name);
    (void)snprintf(g->rejected, sizeof g->rejected, "%s/gateways/%s/rejected", g->root,
                   g->name);
    vg_spool_open(&g->spool, g->path);
    if (MQTTClient_create(&g->client, g->url, g->name, MQTTCLIENT_PERSISTENCE_NONE,
                          NULL) != MQTTCLIENT_SUCCESS) {
        (void)fprintf(stderr, "the url is not understood: %s\n", g->url);
        return 2;
    }
    while (!g->ended || g->spool.count > 0) {
        if (!g->up &&
            (g->tried == 0 || vg_clock_ms(CLOCK_MONOTONIC) - g->tried > 1000)) {
            bring_up(g);
        }
        if (g->up) {
            listen_to_vigil(g);
        }
        read_input(g, g->up ? 0 : 100);
        pump(g);
    }
    if (g->up) { /* whoever ends otherwise leaves it to the will */
        say(g, "offline");
        (void)MQTTClient_disconnect(g->client, 3000);
    }
    MQTTClient_destroy(&g->client);
    return 0;
}
