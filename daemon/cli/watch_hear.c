/* SPDX-License-Identifier: Apache-2.0
 *
 * What vigil watch hears: heartbeats, what a daemon says of its state, and what an earlier
 * watcher left.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/watch.h"
#include "shell/clock.h"

#define HEADS_EVERY VG_MINUTE

static void write_all(int fd, const char *line, size_t length)
{
    if (fd < 0 || write(fd, line, length) != (ssize_t)length) {
        (void)fprintf(stderr, "vigil watch: the audit heads cannot be kept: %s\n",
                      strerrordesc_np(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* The file is opened for each line, so that it can be moved away at any time. */
static void keep_head(const struct vg_watch *watch, struct vg_watch_node *node,
                      vg_ms now)
{
    const struct vg_beat *beat = &node->pulse.last;
    char at[VG_TIME_TEXT];
    char line[256];

    if (watch->options.heads == NULL || beat->audit_count < 0 ||
        beat->audit_hash[0] == '\0' ||
        (node->headed_at > 0 && now - node->headed_at < HEADS_EVERY)) {
        return;
    }
    node->headed_at = now;
    vg_time_format(vg_clock_wall(), at);
    const int length =
        snprintf(line, sizeof line, "%s %lld %s %s\n", at, (long long)beat->audit_count,
                 beat->audit_hash, node->id);
    write_all(
        open(watch->options.heads, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640),
        line, (size_t)length);
}

static void tell_why(struct vg_watch_node *node, enum vg_watch_why why,
                     const char *what)
{
    node->why = why;
    if (node->told_why != why) { /* once, not with each heartbeat */
        node->told_why = why;
        vg_watch_print(node, what, "");
    }
}

static void take_beat(struct vg_watch *watch, struct vg_watch_node *node,
                      const struct vg_letter *letter)
{
    static const struct {
        enum vg_watch_why why;
        const char *what;
    } bad[VG_BEAT_VERDICTS] = {
        [VG_BEAT_STUCK] = {VG_WATCH_STUCK, "repeats itself: not counted"},
        [VG_BEAT_OLD_EPOCH] = {VG_WATCH_OLD,
                               "heartbeat of an earlier run: not counted"},
        [VG_BEAT_UNWELL] = {VG_WATCH_UNWELL, "says that it is not well: not counted"},
        [VG_BEAT_MALFORMED] = {VG_WATCH_UNWELL,
                               "heartbeat not understood: not counted"},
    };
    const vg_ms now = vg_clock_boot();
    struct vg_beat beat;

    if (letter->retained) { /* says nothing of now */
        return;
    }
    const enum vg_beat_verdict verdict =
        vg_beat_parse(watch->json, letter->payload, letter->payload_length, &beat)
            ? vg_pulse_take(&node->pulse, &beat, now)
            : VG_BEAT_MALFORMED;
    if (verdict != VG_BEAT_ALIVE) {
        tell_why(node, bad[verdict].why, bad[verdict].what);
        return;
    }
    node->why = node->told_why = VG_WATCH_SILENT;
    keep_head(watch, node, now);
}

/* A will that was left by a connection before is not about this one. */
static bool of_this_run(const struct vg_watch_node *node, const char *epoch)
{
    return !node->pulse.heard || node->pulse.last.epoch[0] == '\0' ||
           epoch[0] == '\0' || strcmp(epoch, node->pulse.last.epoch) == 0;
}

static void take_status(struct vg_watch *watch, struct vg_watch_node *node,
                        const struct vg_letter *letter)
{
    static const char *const names[] = {"state", "epoch"};
    const cJSON *field[2] = {0};
    const cJSON *root =
        letter->payload_length <= (size_t)4 * VG_BEAT_BYTES
            ? vg_json_parse(watch->json, letter->payload, letter->payload_length)
            : NULL;

    if (!cJSON_IsObject(root)) {
        return;
    }
    vg_json_pick(root, names, 2, field);
    const char *state = cJSON_IsString(field[0]) ? field[0]->valuestring : "";
    if (!of_this_run(node, cJSON_IsString(field[1]) ? field[1]->valuestring : "")) {
        return;
    }
    if (strcmp(state, "draining") == 0) {
        tell_why(node, VG_WATCH_STOPPED, "is stopping");
    } else if (strcmp(state, "offline") == 0 && node->why != VG_WATCH_STOPPED) {
        tell_why(node, letter->retained ? VG_WATCH_STOPPED : VG_WATCH_BROKE_OFF,
                 "is offline");
    } else if (strcmp(state, "online") == 0) {
        node->why = node->told_why = VG_WATCH_SILENT;
    }
}

static bool is_topic(const struct vg_letter *letter, const char *topic)
{
    return letter->topic_length == strlen(topic) &&
           memcmp(letter->topic, topic, letter->topic_length) == 0;
}

void vg_watch_hear(struct vg_watch *watch, const struct vg_letter *letter)
{
    for (size_t i = 0; i < watch->options.node_count; i++) {
        struct vg_watch_node *node = &watch->node[i];
        if (is_topic(letter, node->beat_topic)) {
            take_beat(watch, node, letter);
            return;
        }
        if (is_topic(letter, node->status_topic)) {
            take_status(watch, node, letter);
            return;
        }
    }
    if (letter->retained && !watch->options.once) {
        vg_watch_adopt(watch, letter->payload, letter->payload_length);
    }
}
