/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil doctor: what came from the broker, and what it means.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/doctor_broker.h"
#include "shell/clock.h"

#define SETTLE  (1500 * (vg_ms)1) /* retained messages have come by then */
#define SLOW    VG_SECOND
#define APART   (2 * VG_SECOND)
#define DROPPED "$SYS/broker/publish/messages/dropped"

/* ---- What comes */

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL ? text : "";
}

static vg_ms span_of(const cJSON *object, const char *name)
{
    int64_t number = 0;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return item != NULL && vg_json_integer(item, &number) ? number : 0;
}

/* The protocols that the daemon runs, by their digests, against those on disk. */
static void compare_protocols(struct vg_doctor_link *link, const cJSON *digests)
{
    const struct vg_protocol_set *set = &link->doctor->protocols;

    for (size_t i = 0; cJSON_IsObject(digests) && i < set->count; i++) {
        const struct vg_protocol *ours = set->protocol[i];
        if (strcmp(text_of(digests, ours->name), ours->digest) != 0) {
            (void)vg_copy(link->stale, sizeof link->stale, ours->name);
        }
    }
}

static void take_excesses(struct vg_doctor_link *link, const cJSON *words)
{
    const cJSON *word;

    link->excesses = 0;
    link->excesses_said = cJSON_IsArray(words);
    cJSON_ArrayForEach(word, words)
    {
        const char *text = cJSON_GetStringValue(word);
        const enum vg_excess found = vg_excess_find(text != NULL ? text : "");
        link->excesses |= found < VG_EXCESS_COUNT ? 1U << found : 0;
    }
}

static void take_status(struct vg_doctor_link *link, const struct vg_letter *letter)
{
    const cJSON *tree =
        vg_json_parse(link->json, letter->payload, letter->payload_length);

    if (cJSON_IsObject(tree)) {
        (void)vg_copy(link->state, sizeof link->state, text_of(tree, "state"));
        (void)vg_copy(link->version, sizeof link->version, text_of(tree, "version"));
        link->stale[0] = '\0';
        compare_protocols(link, cJSON_GetObjectItemCaseSensitive(tree, "protocols"));
        (void)vg_copy(link->settings, sizeof link->settings, text_of(tree, "settings"));
        take_excesses(link, cJSON_GetObjectItemCaseSensitive(tree, "excess"));
    }
}

static void take_beat(struct vg_doctor_link *link, const struct vg_letter *letter)
{
    struct vg_beat beat;

    if (!vg_beat_parse(link->json, letter->payload, letter->payload_length, &beat)) {
        return;
    }
    const enum vg_beat_verdict verdict =
        vg_pulse_take(&link->pulse, &beat, vg_clock_boot());
    link->unwell = verdict == VG_BEAT_UNWELL;
    link->ahead = vg_is_set(beat.ts) ? vg_since(beat.ts, vg_clock_wall()) : 0;
    const cJSON *tree =
        vg_json_parse(link->json, letter->payload, letter->payload_length);
    link->path = span_of(tree, "path_ms");
    link->lag = span_of(tree, "loop_lag_ms");
}

static bool is(const struct vg_letter *letter, const char *topic)
{
    return letter->topic_length == strlen(topic) &&
           memcmp(letter->topic, topic, letter->topic_length) == 0;
}

void vg_doctor_hear(struct vg_doctor_link *link, const struct vg_item *item)
{
    const struct vg_letter *letter = &item->letter;
    char number[24] = "";

    if (is(letter, link->status)) {
        take_status(link, letter);
    } else if (is(letter, link->beat) &&
               !item->retained) { /* else it says nothing of now */
        take_beat(link, letter);
    } else if (is(letter, link->probe)) {
        link->echoed = true;
    } else if (is(letter, DROPPED) && letter->payload_length < sizeof number) {
        memcpy(number, letter->payload, letter->payload_length);
        link->dropped = (int64_t)strtoll(number, NULL, 10);
    }
}

bool vg_doctor_heard_all(const struct vg_doctor_link *link, vg_ms now)
{
    const bool expected = link->doctor->locked || strcmp(link->state, "online") == 0;

    return link->up_at != 0 && now - link->up_at >= SETTLE && link->echoed &&
           (link->pulse.heard || !expected);
}

/* ---- What it means: the broker */

static void judge_queue(const struct vg_doctor_link *link)
{
    if (link->dropped > 0) {
        vg_doctor_say(
            link->doctor, VG_GRADE_WARN,
            "In mosquitto.conf set max_queued_messages 0 (100000000 beside an ACL), "
            "max_queued_bytes and max_inflight_messages 200: config/mosquitto.conf.",
            "The broker has dropped %lld messages since it started: its queues are too "
            "short for some client.",
            (long long)link->dropped);
    } else {
        vg_doctor_say(link->doctor, VG_GRADE_OK, NULL,
                      link->dropped == 0
                          ? "The broker has dropped nothing since it started."
                          : "The broker does not say whether it has dropped messages.");
    }
}

void vg_doctor_judge_broker(const struct vg_doctor_link *link)
{
    const char *url = link->doctor->settings.mqtt_url;

    vg_doctor_say(link->doctor, VG_GRADE_OK, NULL,
                  "%s takes the daemon's name and its subscriptions.", url);
    if (link->echoed) {
        vg_doctor_say(link->doctor, VG_GRADE_OK, NULL,
                      "A message to %s comes back from it.", link->probe);
    } else {
        vg_doctor_say(
            link->doctor, VG_GRADE_BAD,
            "Let the broker's ACL allow the daemon to write and read its topics "
            "(contrib/mosquitto/make-acl): a broker acknowledges what it "
            "denies.",
            "A message to %s was taken by the broker and did not come back.",
            link->probe);
    }
    if (vg_confine_is_plain(url)) {
        vg_doctor_say(link->doctor, VG_GRADE_WARN, vg_excess_mend(VG_EXCESS_PLAIN),
                      "%s", vg_excess_text(VG_EXCESS_PLAIN));
    }
    judge_queue(link);
}

/* ---- The daemon */

static void judge_beat(const struct vg_doctor_link *link)
{
    struct vg_doctor *doctor = link->doctor;

    vg_doctor_say(doctor, VG_GRADE_OK, NULL,
                  "It is alive: a letter through all of it took %lld ms.",
                  (long long)link->path);
    if (link->path > SLOW || link->lag > SLOW) {
        vg_doctor_say(
            doctor, VG_GRADE_WARN,
            "Look at the machine's load and at its disk: alerts are late.",
            "It is slow: %lld ms through all of it, its loop up to %lld ms late.",
            (long long)link->path, (long long)link->lag);
    }
    if (link->ahead > APART || link->ahead < -APART) {
        vg_doctor_say(doctor, VG_GRADE_WARN,
                      "Synchronise the clocks of both machines by NTP.",
                      "Its clock and this machine's are %lld s apart.",
                      (long long)(link->ahead / VG_SECOND));
    }
    if (!doctor->locked) {
        vg_doctor_say(
            doctor, VG_GRADE_WARN,
            "Run the doctor on the daemon's host; there, compare store.path with "
            "what the daemon was started with.",
            "It does not use the store that these settings name.");
    }
}

static void judge_silence(const struct vg_doctor_link *link)
{
    struct vg_doctor *doctor = link->doctor;

    if (doctor->locked && link->down[0] != '\0') {
        vg_doctor_say(
            doctor, VG_GRADE_BAD, "Mend the way to the broker first.",
            "It runs; whether it is well cannot be heard without the broker.");
    } else if (doctor->locked) {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "See \"self-check\" and \"mqtt.down\" in the daemon's log. If it was refused, "
            "and a password was changed: restart it, it reads that at a start. If all is "
            "well there, compare node and mqtt.root, and let the ACL allow reading "
            "nodes/<node>/heartbeat.",
            link->unwell ? "It runs and says that it is not well."
                         : "It runs, but no heartbeat was heard: a self-check "
                           "fails, or it cannot publish.");
    } else {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "systemctl start vigild; if it ends again, journalctl -u vigild says "
            "why.",
            "It does not run%s: nobody watches.",
            strcmp(link->state, "online") == 0 ? ", though it never said goodbye" : "");
    }
}

/* Of its files, and of the way to the broker, the doctor has its own findings. */
static void judge_excesses(const struct vg_doctor_link *link)
{
    const vg_excesses own =
        1U << VG_EXCESS_STORE | 1U << VG_EXCESS_SECRETS | 1U << VG_EXCESS_PLAIN;
    const vg_excesses found = link->excesses & ~own;

    for (unsigned i = 0; i < VG_EXCESS_COUNT; i++) {
        const enum vg_excess excess = (enum vg_excess)i;
        if ((found >> i & 1) != 0) {
            vg_doctor_say(link->doctor, VG_GRADE_WARN, vg_excess_mend(excess), "%s",
                          vg_excess_text(excess));
        }
    }
    if (link->excesses_said && found == 0) {
        vg_doctor_say(link->doctor, VG_GRADE_OK, NULL,
                      "It may do little beyond what it needs.");
    }
}

/* Elsewhere, or with another store, there is another file. */
static void judge_settings(const struct vg_doctor_link *link)
{
    const struct vg_settings *s = &link->doctor->settings;

    if (link->doctor->locked && link->settings[0] != '\0' && s->digest[0] != '\0' &&
        strcmp(link->settings, s->digest) != 0) {
        vg_doctor_say(link->doctor, VG_GRADE_WARN,
                      "systemctl restart vigild: a reload takes protocols and "
                      "certificates only.",
                      "It was started with other settings than stand in %s now.",
                      s->file);
    }
}

void vg_doctor_judge_daemon(const struct vg_doctor_link *link)
{
    struct vg_doctor *doctor = link->doctor;

    if (!link->pulse.heard) {
        judge_silence(link);
        return;
    }
    judge_beat(link);
    if (link->state[0] == '\0') {
        return; /* the ACL may let us hear the one and not the other */
    }
    if (strcmp(link->version, VG_VERSION) != 0) {
        vg_doctor_say(doctor, VG_GRADE_WARN, "systemctl restart vigild.",
                      "It is version %s, this tool is %s.", link->version, VG_VERSION);
    }
    if (link->stale[0] != '\0') {
        vg_doctor_say(doctor, VG_GRADE_WARN,
                      "systemctl reload vigild; if nothing changes, its log says which "
                      "file it refused.",
                      "It does not run the protocol \"%s\" as it is on disk.",
                      link->stale);
    }
    judge_settings(link);
    judge_excesses(link);
}
