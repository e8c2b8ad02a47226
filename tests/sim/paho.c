/* SPDX-License-Identifier: Apache-2.0
 *
 * shell/mqtt_paho.h on the simulated broker: what shell/mqtt.c does with paho, without paho.
 * mqtt_link.c above it is the real one.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/mqtt_paho.h"
#include "sim/sim.h"

struct vg_paho {
    struct vg_inbox *inbox;
    struct vg_journal *journal;
    struct vg_glance *glance;
    void *link;
    int client;
    unsigned heard;
    bool subscribes;
};

static struct vg_paho client[2]; /* 0: intake, 1: outlet */

void paho_reset(void)
{
    vg_glance_destroy(client[0].glance);
    memset(client, 0, sizeof client);
}

/* ---- What paho's threads do. The daemon that they belonged to may be gone. */

void paho_event(int which, int event, unsigned ticket, int code)
{
    struct vg_item *item = client[which].inbox == NULL
                               ? NULL
                               : vg_inbox_item(client[which].inbox, VG_ITEM_LINK, 0);

    if (item != NULL) {
        item->link = client[which].link;
        item->event = (enum vg_link_event)event;
        item->ticket = ticket;
        item->code = code;
        (void)vg_inbox_post(client[which].inbox, item);
    }
}

/* For the oracle: when the daemon first had the message. */
static void trace_arrival(const char *payload)
{
    char gateway[16];
    char epoch[16];
    unsigned long long seq = 0;

    if (sscanf(payload, "{\"gateway\":\"%15[^\"]\",\"epoch\":\"%15[^\"]\",\"seq\":%llu",
               gateway, epoch, &seq) == 3) {
        trace_line(
            "{\"t\":%lld,\"e\":\"arr\",\"gw\":\"%s\",\"epoch\":\"%s\",\"seq\":%llu}",
            (long long)sim.boot, gateway, epoch, seq);
    }
}

void paho_letter(const char *topic, const char *payload, size_t length, bool retained,
                 bool duplicate)
{
    const struct vg_letter letter = {.topic = topic,
                                     .topic_length = strlen(topic),
                                     .payload = payload,
                                     .payload_length = length,
                                     .retained = retained};
    struct vg_item *item =
        client[0].inbox == NULL ? NULL : vg_inbox_letter(client[0].inbox, &letter);

    client[0].heard++;
    if (item == NULL) {
        return;
    }
    item->received = vg_clock_wall();
    item->duplicate = duplicate;
    item->behind = vg_letter_backlog(&item->letter, item->received);
    item->calm = client[0].glance != NULL && !item->crowded && !item->behind &&
                 vg_letter_calm(client[0].glance, &item->letter);
    const struct vg_journal_entry entry = {.letter = item->letter,
                                           .whole_length = item->whole_length,
                                           .received = item->received,
                                           .duplicate = item->duplicate};
    trace_arrival(payload);
    item->ordinal = vg_journal_append(client[0].journal, &entry);
    (void)vg_inbox_post(client[0].inbox, item);
}

/* What is retained, to the outlet, which has no journal. */
static void paho_retained(const char *topic, const char *payload, size_t length)
{
    const struct vg_letter letter = {.topic = topic,
                                     .topic_length = strlen(topic),
                                     .payload = payload,
                                     .payload_length = length,
                                     .retained = true};
    struct vg_item *item = strstr(topic, "/alerts/") == NULL
                               ? NULL
                               : vg_inbox_letter(client[1].inbox, &letter);

    if (item != NULL) {
        item->received = vg_clock_wall();
        (void)vg_inbox_post(client[1].inbox, item);
    }
}

/* ---- mqtt_paho.h */

void vg_mqtt_library(void)
{
}

enum vg_status vg_paho_create(const struct vg_mqtt_options *options,
                              const struct vg_mqtt_owner *owner, void *link,
                              struct vg_paho **out, struct vg_error *error)
{
    struct vg_paho *paho = &client[options->clean_session ? 1 : 0];

    (void)error;
    vg_glance_destroy(paho->glance);
    *paho =
        (struct vg_paho){.inbox = owner->inbox,
                         .journal = owner->journal,
                         .glance = owner->journal == NULL ? NULL : vg_glance_create(),
                         .link = link,
                         .client = options->clean_session ? 1 : 0,
                         .subscribes = options->subscription_count > 0};
    *out = paho;
    return VG_OK;
}

void vg_paho_discard(struct vg_paho *paho)
{
    vg_glance_destroy(paho->glance);
    memset(paho, 0, sizeof *paho);
}

int vg_paho_connect(struct vg_paho *paho, unsigned ticket)
{
    return broker_connect(paho->client, ticket);
}

int vg_paho_disconnect(struct vg_paho *paho)
{
    broker_disconnect(paho->client);
    return 0;
}

int vg_paho_subscribe(struct vg_paho *paho, unsigned ticket)
{
    broker_subscribe(paho->client, ticket);
    return 0;
}

/* The echoes that a real broker would send too are of no consequence. */
int vg_paho_ask(struct vg_paho *paho, const char *topic, bool on)
{
    if (on && strstr(topic, "/alerts/") != NULL) {
        assert(paho->client == 1);
        broker_retained(paho_retained);
    }
    return 0;
}

int vg_paho_send(struct vg_paho *paho, const struct vg_publication *publication,
                 unsigned ticket)
{
    sim_step();
    broker_take(paho->client, publication->topic, publication->payload,
                publication->length, publication->retained, ticket);
    return 0;
}

bool vg_paho_subscribes(const struct vg_paho *paho)
{
    return paho->subscribes;
}

unsigned vg_paho_heard(const struct vg_paho *paho)
{
    return paho->heard;
}

const char *vg_paho_reason(int code)
{
    return code == 0 ? "fine" : "the simulated broker is away";
}
