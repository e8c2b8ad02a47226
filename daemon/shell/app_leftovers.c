/* SPDX-License-Identifier: Apache-2.0
 *
 * Retained alerts that are open nowhere: a broker that was killed comes back with what it had written
 * minutes ago, a daemon told one from memory and died before it was stored, a store was lost. Each would
 * stand on displays for ever, and nobody could answer it. So each time the outlet comes up the broker is
 * asked for what it retains of alerts, and those of our wards that the engine does not have are emptied.
 *
 * What `vigil watch` says of us (MONITORING_LOST) is not ours to end, nor what another vigild has open: a second
 * one started to try something, against the broker of the ward, would clear every display. So nodes are asked
 * first, and in a ward that another one, which is online, watches too nothing is emptied. A broker that does not
 * let us read them (an access list of before) says nothing, and all stays as it was.
 */
#include <stdio.h>
#include <string.h>

#include "shell/app_inside.h"

/* What is retained comes at once. Behind it come echoes of our own, and while they do, the broker's answers to what
 * we publish wait for them (its small packets wait for the acknowledgement of those before: 40 ms each), so
 * that alerts are late: measured, 0.4 s instead of 3 ms. So not for long. */
#define LOOK_FOR (1 * VG_SECOND)

#define ONLINE  "\"state\":\"online\""
#define WARDS   "\"wards\":["
#define WATCHED "\"MONITORING_LOST\"" /* the rule; no other text of ours is that */

/* In this order: who else is there is known before what is retained comes. */
static void ask(struct vg_app *app, bool on)
{
    static const char *const asked[] = {"nodes/+/status", "wards/+/alerts/+"};
    char topic[VG_TOPIC_LEN + 1];

    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        if ((size_t)snprintf(topic, sizeof topic, "%s/%s", app->settings->mqtt_root,
                             asked[i]) < sizeof topic) {
            vg_mqtt_ask(app->outlet, topic, on);
        }
    }
}

void vg_app_leftovers_ask(struct vg_app *app)
{
    app->leftovers_asked = vg_clock_boot();
    memset(app->elsewhere, 0, sizeof app->elsewhere);
    ask(app, true);
}

void vg_app_leftovers_due(struct vg_app *app, vg_ms now)
{
    if (app->leftovers_asked != 0 && now - app->leftovers_asked >= LOOK_FOR) {
        app->leftovers_asked = 0;
        ask(app, false);
    }
}

/* Cuts root/wards/WARD/alerts/ALERT; false: it is no such topic. */
static bool cut(const char *root, const struct vg_letter *letter,
                char ward[VG_ID_LEN + 1], char alert[VG_ALERT_LEN + 1])
{
    char topic[VG_TOPIC_LEN + 1];
    const size_t size = strlen(root);

    if (letter->topic_length >= sizeof topic || letter->topic_length <= size + 7 ||
        memcmp(letter->topic + size, "/wards/", 7) != 0 ||
        memcmp(letter->topic, root, size) != 0) {
        return false;
    }
    memcpy(topic, letter->topic, letter->topic_length);
    topic[letter->topic_length] = '\0';
    const char *name = topic + size + 7;
    const char *behind = strstr(name, "/alerts/");
    return behind != NULL && behind > name && (size_t)(behind - name) <= VG_ID_LEN &&
           strlen(behind + 8) <= VG_ALERT_LEN && strchr(behind + 8, '/') == NULL &&
           snprintf(ward, VG_ID_LEN + 1, "%.*s", (int)(behind - name), name) > 0 &&
           snprintf(alert, VG_ALERT_LEN + 1, "%s", behind + 8) > 0;
}

/* ---- Who else is there */

/* Cuts root/nodes/NODE/status; false: it is no such topic. */
static bool cut_node(const char *root, const struct vg_letter *letter,
                     char node[VG_ID_LEN + 1])
{
    const size_t size = strlen(root);
    const size_t around = size + strlen("/nodes/") + strlen("/status");

    if (letter->topic_length <= around || letter->topic_length > around + VG_ID_LEN ||
        memcmp(letter->topic, root, size) != 0 ||
        memcmp(letter->topic + size, "/nodes/", 7) != 0 ||
        memcmp(letter->topic + letter->topic_length - 7, "/status", 7) != 0) {
        return false;
    }
    memcpy(node, letter->topic + size + 7, letter->topic_length - around);
    node[letter->topic_length - around] = '\0';
    return true;
}

/* By our own text of a status. One of before it named wards may watch any. */
static bool watches(const struct vg_letter *letter, const char *ward)
{
    char word[VG_ID_LEN + 3];
    const char *const text = letter->payload;
    const char *list =
        memmem(letter->payload, letter->payload_length, WARDS, strlen(WARDS));
    const char *close =
        list == NULL
            ? NULL
            : memchr(list, ']', letter->payload_length - (size_t)(list - text));
    const int length = snprintf(word, sizeof word, "\"%s\"", ward);

    return close == NULL ||
           memmem(list, (size_t)(close - list), word, (size_t)length) != NULL;
}

static void note_node(struct vg_app *app, const struct vg_letter *letter,
                      const char *node)
{
    size_t both = 0;

    if (strcmp(node, app->settings->node) == 0 || app->leftovers_asked == 0 ||
        memmem(letter->payload, letter->payload_length, ONLINE, strlen(ONLINE)) ==
            NULL) {
        return;
    }
    for (size_t i = 0; i < app->settings->ward_count; i++) {
        if (watches(letter, app->wards[i].id)) {
            app->elsewhere[i / 64] |= UINT64_C(1) << i % 64;
            both++;
        }
    }
    if (both > 0) {
        vg_log_write(
            app->log, VG_LOG_WARNING, "shared",
            "node %s watches %zu of our wards, too: people are called twice, and "
            "displays hear two stories. Stop one of them.",
            node, both);
    }
}

/* One of the settings, which nobody else watches. */
static bool ours(const struct vg_app *app, const char *ward)
{
    size_t i = 0;

    while (i < app->settings->ward_count && strcmp(app->wards[i].id, ward) != 0) {
        i++;
    }
    return i < app->settings->ward_count && (app->elsewhere[i / 64] >> i % 64 & 1) == 0;
}

struct search {
    const char *id;
    bool found;
};

static bool is_it(void *to, const struct vg_alert *alert)
{
    struct search *search = to;

    search->found = strcmp(alert->id, search->id) == 0;
    return !search->found;
}

static bool is_open(const struct vg_app *app, const char *ward, const char *alert)
{
    struct search search = {alert, false};

    vg_engine_open_alerts(app->engine, ward, is_it, &search);
    return search.found;
}

static bool by_the_watch(const struct vg_letter *letter)
{
    return memmem(letter->payload, letter->payload_length, WATCHED, strlen(WATCHED)) !=
           NULL;
}

static void empty(struct vg_app *app, const char *ward, const char *alert)
{
    char topic[VG_TOPIC_LEN + 1];

    if (vg_topic_build(topic, app->settings->mqtt_root, "wards", ward, "alerts", alert,
                       (const char *)NULL) != VG_OK ||
        !vg_app_publish(app, topic, "", 0, true)) {
        return; /* the next time the outlet comes up */
    }
    vg_log_write(app->log, VG_LOG_NOTICE, "leftover",
                 "ward %s: the broker retained alert %s, which is not open: emptied",
                 ward, alert);
    (void)vg_batch_audit(app->filling.batch, app->now, "leftover", alert,
                         "retained by the broker and not open: emptied");
    vg_app_commit_soon(app);
}

bool vg_app_leftover(struct vg_app *app, const struct vg_letter *letter)
{
    char ward[VG_ID_LEN + 1];
    char alert[VG_ALERT_LEN + 1];
    char node[VG_ID_LEN + 1];

    if (cut_node(app->settings->mqtt_root, letter, node)) {
        note_node(app, letter, node);
        return true;
    }
    if (!cut(app->settings->mqtt_root, letter, ward, alert)) {
        return false;
    }
    if (letter->retained && letter->payload_length > 0 && app->leftovers_asked != 0 &&
        ours(app, ward) && !by_the_watch(letter) && !is_open(app, ward, alert)) {
        empty(app, ward, alert);
    }
    return true;
}
