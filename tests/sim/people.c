/* SPDX-License-Identifier: Apache-2.0
 *
 * Nurses and displays: they receive pages, answer, reject, or are deaf; a latched alert that
 * has ended is reset by somebody. An unanswered command is sent again with its id.
 */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "sim/sim.h"

#define ASKED 256
#define SENDS 4

static struct asked {
    vg_ms due; /* SIM_NEVER: free */
    int left;
    unsigned id;
    char ward[8], payload[320];
} asked[ASKED];
static unsigned ids;

void people_reset(void)
{
    for (size_t i = 0; i < ASKED; i++) {
        asked[i].due = SIM_NEVER;
    }
    sim.due[ACT_PEOPLE] = SIM_NEVER;
}

static const char *text(const cJSON *object, const char *name)
{
    const char *found = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

    return found == NULL ? "" : found;
}

static void ask(const char *ward, vg_ms wait, const char *by, const char *what,
                const cJSON *about)
{
    struct asked *a = asked;

    while (a < asked + ASKED && a->due != SIM_NEVER) {
        a++;
    }
    if (a == asked + ASKED) {
        return;
    }
    *a = (struct asked){.due = sim.boot + wait, .left = SENDS, .id = ++ids};
    (void)snprintf(a->ward, sizeof a->ward, "%s", ward);
    if (strcmp(what, "received") == 0) {
        (void)snprintf(
            a->payload, sizeof a->payload,
            "{\"id\":\"c%u\",\"by\":\"%s:x\",\"do\":\"received\",\"page\":\"%s\"}",
            a->id, by, text(about, "page"));
    } else {
        (void)snprintf(a->payload, sizeof a->payload,
                       "{\"id\":\"c%u\",\"by\":\"%s:x\",\"do\":\"%s\",\"alert\":\"%s\","
                       "\"rev\":%d,\"reason\":\"why\",\"note\":\"what\"}",
                       a->id, by, what, text(about, "id"),
                       (int)cJSON_GetNumberValue(cJSON_GetObjectItem(about, "rev")));
    }
    sim_wake(ACT_PEOPLE, a->due);
}

static void paged(const char *ward, const char *role, const cJSON *page)
{
    static const char *const answers[] = {"accept",      "accept",  "acknowledge",
                                          "acknowledge", "reject",  "note",
                                          "release",     "silence", "shelve"};

    if (strcmp(text(page, "kind"), "call") != 0 ||
        luck_below(LUCK_PEOPLE, 100) < sim.plan.deaf) {
        return;
    }
    if (luck_percent(LUCK_PEOPLE, 60)) {
        ask(ward, luck_between(LUCK_PEOPLE, 50, 1500), role, "received", page);
    }
    if (luck_percent(LUCK_PEOPLE, 70)) {
        ask(ward, luck_between(LUCK_PEOPLE, 2000, 90000), role,
            answers[luck_below(LUCK_PEOPLE, sizeof answers / sizeof answers[0])], page);
    }
}

static void told(const char *ward, const cJSON *alert)
{
    if (strcmp(text(alert, "event"), "ended") == 0 &&
        cJSON_IsTrue(cJSON_GetObjectItem(alert, "latched"))) {
        ask(ward, luck_between(LUCK_PEOPLE, 5000, 300000), "charge-nurse", "reset",
            alert);
    }
}

static void answered(const cJSON *answer)
{
    const unsigned id = (unsigned)strtoul(text(answer, "id") + 1, NULL, 10);

    for (size_t i = 0; i < ASKED; i++) {
        if (asked[i].due != SIM_NEVER && asked[i].id == id) {
            asked[i].due = SIM_NEVER;
        }
    }
}

void people_heard(const char *topic, const char *payload, size_t length)
{
    static const char wards[] = "vigil/v1/wards/";
    char ward[8] = "";

    if (strncmp(topic, wards, sizeof wards - 1) != 0 || length == 0) {
        return;
    }
    (void)snprintf(ward, sizeof ward, "%.3s", topic + sizeof wards - 1);
    const char *rest = topic + sizeof wards - 1 + 4;
    cJSON *json = cJSON_ParseWithLength(payload, length);
    if (strncmp(rest, "pages/", 6) == 0) {
        paged(ward, rest + 6, json);
    } else if (strcmp(rest, "events") == 0) {
        told(ward, json);
    } else if (strncmp(rest, "results/", 8) == 0) {
        answered(json);
    }
    cJSON_Delete(json);
}

void people_act(void)
{
    vg_ms due = SIM_NEVER;
    char topic[64];

    for (size_t i = 0; i < ASKED; i++) {
        struct asked *a = &asked[i];
        if (a->due <= sim.boot) {
            (void)snprintf(topic, sizeof topic, "vigil/v1/wards/%s/commands/tab",
                           a->ward);
            trace_line("{\"t\":%lld,\"e\":\"ask\",\"c\":%s}", (long long)sim.boot,
                       a->payload);
            broker_send(7, topic, a->payload, false);
            a->due = --a->left > 0 ? sim.boot + 8000 : SIM_NEVER;
        }
        due = a->due < due ? a->due : due;
    }
    sim.due[ACT_PEOPLE] = due;
}
