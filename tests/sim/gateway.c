/* SPDX-License-Identifier: Apache-2.0
 *
 * Gateways as the contract has them: every message has a number, is kept until the mark has
 * passed it, and is sent again when a mark names it, after a silence and after an outage. The
 * last one is the admission system. One may lose all it has, and then begins a new epoch.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "sim/sim.h"

#define GATEWAYS 5
#define ADT      (GATEWAYS - 1)
#define BEDS     8
#define AGAIN    (10 * VG_SECOND)
#define MOST     60 /* sent again in one go */

struct kept {
    struct kept *next;
    uint64_t seq;
    vg_ms sent;
    char topic[128];
    char payload[1200];
};

static struct gateway {
    char id[8], epoch[16];
    unsigned epochs;
    uint64_t seq, upto;
    struct kept *kept, **end;
    vg_ms next[BEDS]; /* message of its bed; SIM_NEVER: not its bed */
    vg_ms back_at;    /* away until then; 0: it is there */
    vg_ms away_at, look_at;
} gateways[GATEWAYS];

static void new_epoch(struct gateway *g)
{
    (void)snprintf(g->epoch, sizeof g->epoch, "e%u", ++g->epochs);
    g->seq = g->upto = 0;
    trace_line("{\"t\":%lld,\"e\":\"epoch\",\"gw\":\"%s\",\"epoch\":\"%s\"}",
               (long long)sim.boot, g->id, g->epoch);
}

static vg_ms next_away(void)
{
    const vg_ms mean = sim.plan.gateway_away;

    return mean == 0 || sim.boot >= sim.busy_until
               ? SIM_NEVER
               : sim.boot + luck_between(LUCK_GATEWAY, mean / 4, mean * 7 / 4);
}

void gateway_start(void)
{
    for (unsigned i = 0; i < GATEWAYS; i++) {
        struct gateway *g = &gateways[i];
        (void)snprintf(g->id, sizeof g->id, i == ADT ? "adt" : "gw-%u", i);
        g->end = &g->kept;
        new_epoch(g);
        g->away_at = i == ADT ? SIM_NEVER : next_away();
        for (unsigned b = 0; b < BEDS; b++) {
            const bool own = i != ADT && i < sim.plan.gateways && b < sim.plan.beds &&
                             b % sim.plan.gateways == i;
            g->next[b] =
                own ? 5000 + luck_below(LUCK_GATEWAY, sim.plan.period) : SIM_NEVER;
        }
    }
    sim.due[ACT_GATEWAYS] = sim.boot;
}

static void say(unsigned index, struct kept *k)
{
    k->sent = sim.boot;
    if (gateways[index].back_at == 0) {
        broker_send(index, k->topic, k->payload, false);
    }
}

static struct kept *keep(struct gateway *g)
{
    struct kept *k = calloc(1, sizeof *k);

    assert(k != NULL);
    k->seq = ++g->seq;
    *g->end = k;
    g->end = &k->next;
    return k;
}

static void measure(unsigned index, unsigned bed)
{
    struct gateway *g = &gateways[index];
    struct vitals v;
    struct kept *k = keep(g);
    const int patient = moves_patient_in(bed);
    char spot[80] = "";

    patient_read(patient >= 0 ? (unsigned)patient : 90 + bed, &v);
    if (v.temp > 0) {
        (void)snprintf(
            spot, sizeof spot,
            ",{\"code\":\"temp\",\"value\":%d.%d,\"unit\":\"Cel\",\"source\":\"spot\"}",
            v.temp / 10, v.temp % 10);
    }
    (void)snprintf(k->topic, sizeof k->topic, "vigil/v1/beds/%s/vitals", bed_name(bed));
    (void)snprintf(
        k->payload, sizeof k->payload,
        "{\"gateway\":\"%s\",\"epoch\":\"%s\",\"seq\":%llu,\"ts\":%lld,\"obs\":["
        "{\"code\":\"hr\",\"value\":%d,\"unit\":\"/min\"},"
        "{\"code\":\"rr\",\"value\":%d,\"unit\":\"/min\"},"
        "{\"code\":\"spo2\",\"value\":%d,\"unit\":\"%%\"},"
        "{\"code\":\"sbp\",\"value\":%d,\"unit\":\"mm[Hg]\",\"source\":\"cuff\"}%s]}",
        g->id, g->epoch, (unsigned long long)k->seq, (long long)sim_true(), v.hr, v.rr,
        v.spo2, v.sbp, spot);
    trace_line("{\"t\":%lld,\"e\":\"read\",\"gw\":\"%s\",\"epoch\":\"%s\",\"seq\":%llu,"
               "\"bed\":\"%s\",\"ts\":%lld,\"hr\":%d,\"rr\":%d,\"spo2\":%d,\"sbp\":%d,"
               "\"temp\":%d}",
               (long long)sim.boot, g->id, g->epoch, (unsigned long long)k->seq,
               bed_name(bed), (long long)sim_true(), v.hr, v.rr, v.spo2, v.sbp, v.temp);
    say(index, k);
}

void gateway_adt(const char *bed, const char *payload_rest)
{
    struct kept *k = keep(&gateways[ADT]);

    (void)snprintf(k->topic, sizeof k->topic, "vigil/v1/beds/%s/episode", bed);
    (void)snprintf(k->payload, sizeof k->payload,
                   "{\"gateway\":\"adt\",\"epoch\":\"%s\",\"seq\":%llu,\"ts\":%lld,%s}",
                   gateways[ADT].epoch, (unsigned long long)k->seq,
                   (long long)sim_true(), payload_rest);
    say(ADT, k);
}

bool gateway_adt_settled(void)
{
    return gateways[ADT].kept == NULL;
}

/* ---- Marks */

static void forget_until(struct gateway *g, uint64_t upto)
{
    while (g->kept != NULL && g->kept->seq <= upto) {
        struct kept *k = g->kept;
        g->kept = k->next;
        free(k);
    }
    if (g->kept == NULL) {
        g->end = &g->kept;
    }
}

static void again(unsigned index, uint64_t from, uint64_t to, vg_ms sent_before)
{
    int count = 0;

    for (struct kept *k = gateways[index].kept; k != NULL && count < MOST;
         k = k->next) {
        if (k->seq >= from && k->seq <= to && k->sent <= sent_before) {
            say(index, k);
            count++;
        }
    }
}

static void take_mark(unsigned index, const cJSON *mark)
{
    struct gateway *g = &gateways[index];
    const char *epoch = cJSON_GetStringValue(cJSON_GetObjectItem(mark, "epoch"));
    const uint64_t upto =
        (uint64_t)cJSON_GetNumberValue(cJSON_GetObjectItem(mark, "upto"));
    const cJSON *hole = NULL;

    if (epoch == NULL || strcmp(epoch, g->epoch) != 0) {
        return;
    }
    forget_until(g, upto);
    cJSON_ArrayForEach(hole, cJSON_GetObjectItem(mark, "missing"))
    {
        again(index, (uint64_t)cJSON_GetArrayItem(hole, 0)->valuedouble,
              (uint64_t)cJSON_GetArrayItem(hole, 1)->valuedouble, sim.boot - 1000);
    }
}

void gateway_heard(const char *topic, const char *payload)
{
    const char *slash = strchr(topic, '/');

    for (unsigned i = 0; i < GATEWAYS && slash != NULL; i++) {
        const size_t length = strlen(gateways[i].id);
        if (length != (size_t)(slash - topic) ||
            memcmp(gateways[i].id, topic, length) != 0) {
            continue;
        }
        if (strcmp(slash, "/rejected") == 0) {
            sim_violation("%s was refused: %s", gateways[i].id, payload);
        }
        cJSON *mark = cJSON_Parse(payload);
        if (strcmp(slash, "/committed") == 0 && mark != NULL) {
            ledger_mark(
                gateways[i].id,
                cJSON_GetStringValue(cJSON_GetObjectItem(mark, "epoch")),
                (uint64_t)cJSON_GetNumberValue(cJSON_GetObjectItem(mark, "upto")));
            if (gateways[i].back_at == 0) {
                take_mark(i, mark);
            }
        }
        cJSON_Delete(mark);
    }
}

/* ---- */

static void away_or_back(unsigned index)
{
    struct gateway *g = &gateways[index];

    if (g->back_at != 0 && (g->back_at <= sim.boot || sim.quiet)) {
        g->back_at = 0;
        again(index, 0, UINT64_MAX, sim.boot);
        g->away_at = next_away();
    } else if (g->away_at <= sim.boot) {
        g->away_at = SIM_NEVER;
        g->back_at = sim.boot + luck_between(LUCK_GATEWAY, 5000, 300000);
        if (luck_percent(LUCK_GATEWAY, 15)) {
            forget_until(g, UINT64_MAX);
            new_epoch(g);
        }
    }
}

void gateway_act(void)
{
    vg_ms due = SIM_NEVER;

    for (unsigned i = 0; i < GATEWAYS; i++) {
        struct gateway *g = &gateways[i];
        away_or_back(i);
        for (unsigned b = 0; b < BEDS; b++) {
            if (g->next[b] <= sim.boot && sim.boot < sim.busy_until) {
                g->next[b] = sim.boot + sim.plan.period -
                             luck_below(LUCK_GATEWAY, sim.plan.period / 4 + 1);
                if (!moves_held(b)) {
                    measure(i, b);
                }
            }
            due = sim.boot < sim.busy_until && g->next[b] < due ? g->next[b] : due;
        }
        if (g->look_at <= sim.boot) {
            g->look_at = sim.boot + 2500;
            again(i, 0, UINT64_MAX, sim.boot - AGAIN);
        }
        due = g->look_at < due ? g->look_at : due;
    }
    sim.due[ACT_GATEWAYS] = due;
}

bool gateway_drained(void)
{
    for (unsigned i = 0; i < GATEWAYS; i++) {
        if (gateways[i].kept != NULL) {
            return false;
        }
    }
    return true;
}

uint64_t gateway_sent(const char *gateway, const char *epoch)
{
    for (unsigned i = 0; i < GATEWAYS; i++) {
        if (strcmp(gateways[i].id, gateway) == 0 &&
            strcmp(gateways[i].epoch, epoch) == 0) {
            return gateways[i].seq;
        }
    }
    return 0;
}
