/* SPDX-License-Identifier: Apache-2.0
 *
 * The broker: QoS 1, retained messages, a kept session for the daemon's intake and none for its
 * outlet. It loses, doubles and delays; of one publisher it keeps the order, of several it
 * does not; it goes away and may come back without what it had not given away.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shell/inbox.h"
#include "sim/sim.h"

enum kind { LETTER, TAKE, EVENT };

struct job {
    struct job *next;
    vg_ms due;
    enum kind kind;
    int client;
    unsigned connection; /* of that client, when it began */
    unsigned ticket;
    int event, code;
    bool retained, duplicate;
    char *topic, *payload;
    size_t length;
};

#define PUBLISHERS 8

static struct {
    struct job *jobs;                 /* by due */
    struct job *parked, **parked_end; /* for the intake's session */
    vg_ms last_letter[PUBLISHERS], last_take;
    bool up, connected[2], subscribed, session;
    unsigned connection[2];
    vg_ms away_at, back_at, lost_at[2];
} broker;

static vg_ms some_time(vg_ms mean)
{
    return mean == 0 ? SIM_NEVER
                     : sim.boot + luck_between(LUCK_BROKER, mean / 4, mean * 7 / 4);
}

static void plan_weather(void)
{
    const bool calm = sim.boot >= sim.busy_until;

    broker.away_at = calm ? SIM_NEVER : some_time(sim.plan.broker_away);
    for (int i = 0; i < 2; i++) {
        broker.lost_at[i] = calm ? SIM_NEVER : some_time(sim.plan.link_lost);
    }
}

void broker_reset(void)
{
    memset(&broker, 0, sizeof broker);
    broker.parked_end = &broker.parked;
    broker.up = true;
    broker.back_at = SIM_NEVER;
    plan_weather();
}

bool broker_up(void)
{
    return broker.up;
}

static void free_job(struct job *job)
{
    free(job->topic);
    free(job->payload);
    free(job);
}

static void note_due(void)
{
    vg_ms due = broker.jobs == NULL ? SIM_NEVER : broker.jobs->due;
    const vg_ms other[] = {broker.away_at, broker.back_at, broker.lost_at[0],
                           broker.lost_at[1]};

    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        due = other[i] < due ? other[i] : due;
    }
    sim.due[ACT_BROKER] = due;
}

static void enqueue(struct job *job)
{
    struct job **at = &broker.jobs;

    while (*at != NULL && (*at)->due <= job->due) {
        at = &(*at)->next;
    }
    job->next = *at;
    *at = job;
    note_due();
}

static void *copy_of(const void *bytes, size_t length)
{
    char *copy = malloc(length + 1);

    assert(copy != NULL);
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    copy[length] = '\0';
    return copy;
}

static struct job *new_job(enum kind kind, int client, const char *topic,
                           const void *payload, size_t length)
{
    struct job *job = calloc(1, sizeof *job);

    assert(job != NULL);
    job->kind = kind;
    job->client = client;
    job->connection = broker.connection[client];
    if (topic != NULL) {
        job->topic = copy_of(topic, strlen(topic));
        job->payload = copy_of(payload, length);
        job->length = length;
    }
    return job;
}

static vg_ms hop(void)
{
    return luck_percent(LUCK_BROKER, 90) || sim.quiet
               ? luck_between(LUCK_BROKER, 0, 3)
               : luck_between(LUCK_BROKER, 0, sim.plan.broker_slow);
}

/* ---- From the world to the daemon */

static void letter(unsigned publisher, const char *topic, const char *payload,
                   bool duplicate)
{
    struct job *job = new_job(LETTER, 0, topic, payload, strlen(payload));
    const vg_ms due = sim.boot + hop();

    job->due =
        due > broker.last_letter[publisher] ? due : broker.last_letter[publisher];
    job->duplicate = duplicate;
    broker.last_letter[publisher] = job->due;
    enqueue(job);
}

void broker_send(unsigned publisher, const char *topic, const char *payload,
                 bool retained)
{
    assert(publisher < PUBLISHERS);
    if (!broker.up) {
        return;
    }
    if (retained) {
        broker_retain(topic, payload, strlen(payload));
    }
    if (!sim.quiet && luck_percent(LUCK_BROKER, sim.plan.lose)) {
        return;
    }
    letter(publisher, topic, payload, false);
    if (!sim.quiet && luck_percent(LUCK_BROKER, sim.plan.twice)) {
        letter(publisher, topic, payload, luck_below(LUCK_BROKER, 2) == 0);
    }
}

static void park(struct job *job)
{
    job->next = NULL;
    *broker.parked_end = job;
    broker.parked_end = &job->next;
}

static void unpark(void)
{
    struct job *next = NULL;

    for (struct job *job = broker.parked; job != NULL; job = next) {
        next = job->next;
        job->due = sim.boot;
        job->duplicate = job->duplicate || luck_below(LUCK_BROKER, 4) == 0;
        enqueue(job);
    }
    broker.parked = NULL;
    broker.parked_end = &broker.parked;
}

/* ---- From the daemon to the world */

static void world_hears(const struct job *job)
{
    static const char gateways[] = "vigil/v1/gateways/";

    if (job->retained) {
        broker_retain(job->topic, job->payload, job->length);
    }
    trace_bytes(job->topic, strlen(job->topic));
    trace_bytes(job->payload, job->length);
    check_heard(job->topic, job->payload, job->length);
    if (strncmp(job->topic, gateways, sizeof gateways - 1) == 0) {
        gateway_heard(job->topic + sizeof gateways - 1, job->payload);
    } else {
        people_heard(job->topic, job->payload, job->length);
    }
}

void broker_take(int client, const char *topic, const void *payload, size_t length,
                 bool retained, unsigned ticket)
{
    if (sim.dead) {
        return;
    }
    struct job *job = new_job(TAKE, client, topic, payload, length);
    const vg_ms due = sim.boot + hop();

    job->due = due > broker.last_take ? due : broker.last_take;
    broker.last_take = job->due;
    job->retained = retained;
    job->ticket = ticket;
    enqueue(job);
}

static void later(int client, int event, unsigned ticket, int code)
{
    struct job *job = new_job(EVENT, client, NULL, NULL, 0);

    job->due = sim.boot + 1 + hop();
    job->event = event;
    job->ticket = ticket;
    job->code = code;
    enqueue(job);
}

int broker_connect(int client, unsigned ticket)
{
    broker.connection[client]++;
    broker.connected[client] = broker.up;
    later(client, broker.up ? VG_LINK_CONNECTED : VG_LINK_CONNECT_FAILED, ticket,
          broker.up ? (client == 0 && broker.session) : -1);
    return 0;
}

void broker_subscribe(int client, unsigned ticket)
{
    later(client, VG_LINK_SUBSCRIBED, ticket, 0);
    broker.subscribed = true;
    broker.session = true;
    unpark();
}

/* The connection is over: of what was on its way the beginning may have come through, unanswered. */
static void cut(int client)
{
    bool through = broker.up;

    for (struct job **at = &broker.jobs; *at != NULL;) {
        struct job *job = *at;
        if (job->client != client || job->kind == LETTER) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        through = through && (job->kind != TAKE || luck_below(LUCK_BROKER, 4) != 0);
        if (job->kind == TAKE && through) {
            world_hears(job);
        }
        free_job(job);
    }
    broker.connected[client] = false;
    broker.subscribed = client == 0 ? false : broker.subscribed;
    broker.connection[client]++;
    note_due();
}

void broker_disconnect(int client)
{
    cut(client);
}

void broker_daemon_gone(void)
{
    static const char will[] = "{\"state\":\"offline\"}";

    cut(0);
    cut(1);
    broker_retain("vigil/v1/nodes/sim/status", will, sizeof will - 1);
}

/* ---- Weather */

static void lose(int client)
{
    if (broker.connected[client]) {
        trace_line("{\"t\":%lld,\"e\":\"lost\",\"client\":%d}", (long long)sim.boot,
                   client);
        cut(client);
        later(client, VG_LINK_LOST, 0, 0);
    }
}

static void go_away(void)
{
    const bool forgets = luck_below(LUCK_BROKER, 2) == 0;

    trace_line("{\"t\":%lld,\"e\":\"broker\",\"up\":false}", (long long)sim.boot);
    broker.up = false;
    lose(0);
    lose(1);
    for (struct job **at = &broker.jobs; *at != NULL;) {
        struct job *job = *at;
        if (forgets && job->kind == LETTER) {
            *at = job->next;
            free_job(job);
        } else {
            at = &job->next;
        }
    }
    while (forgets && broker.parked != NULL) {
        struct job *job = broker.parked;
        broker.parked = job->next;
        free_job(job);
    }
    broker.parked_end = broker.parked == NULL ? &broker.parked : broker.parked_end;
    broker.session = broker.session && !forgets;
    broker.away_at = SIM_NEVER;
    const vg_ms back = sim.boot + (luck_below(LUCK_BROKER, 4) == 0
                                       ? luck_between(LUCK_BROKER, 60000, 240000)
                                       : luck_between(LUCK_BROKER, 500, 20000));
    broker.back_at = back < sim.busy_until ? back : sim.busy_until;
}

static void come_back(void)
{
    trace_line("{\"t\":%lld,\"e\":\"broker\",\"up\":true}", (long long)sim.boot);
    broker.up = true;
    broker.back_at = SIM_NEVER;
    plan_weather();
}

static void weather(void)
{
    if (broker.back_at <= sim.boot) {
        come_back();
    }
    if (sim.boot >= sim.busy_until) {
        broker.away_at = broker.lost_at[0] = broker.lost_at[1] = SIM_NEVER;
    }
    if (broker.up && broker.away_at <= sim.boot) {
        go_away();
    }
    for (int i = 0; i < 2; i++) {
        if (broker.lost_at[i] <= sim.boot) {
            lose(i);
            broker.lost_at[i] =
                sim.boot >= sim.busy_until ? SIM_NEVER : some_time(sim.plan.link_lost);
        }
    }
}

/* ---- */

static void settle(struct job *job)
{
    if (job->kind == LETTER) {
        if (!broker.up || !broker.subscribed || sim.app == NULL) {
            park(job);
            return;
        }
        paho_letter(job->topic, job->payload, job->length, job->retained,
                    job->duplicate);
    } else if (job->kind == TAKE) {
        if (broker.up && broker.connected[job->client]) {
            world_hears(job);
            paho_event(job->client, VG_LINK_PUBLISHED, job->ticket, 0);
        }
    } else {
        paho_event(job->client, job->event, job->ticket, job->code);
    }
    free_job(job);
}

void broker_act(void)
{
    weather();
    while (broker.jobs != NULL && broker.jobs->due <= sim.boot) {
        struct job *job = broker.jobs;
        broker.jobs = job->next;
        settle(job);
    }
    note_due();
}

bool broker_drained(void)
{
    return broker.jobs == NULL && broker.parked == NULL;
}
