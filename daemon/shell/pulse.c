/* SPDX-License-Identifier: Apache-2.0
 *
 * See pulse.h.
 */
#include "shell/pulse.h"

#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

/* ---- One heartbeat */

static void take_text(const cJSON *item, char *out, size_t capacity)
{
    if (item == NULL || !cJSON_IsString(item) ||
        !vg_copy(out, capacity, item->valuestring)) {
        out[0] = '\0';
    }
}

static int64_t take_count(const cJSON *item)
{
    int64_t number = -1;

    return vg_json_integer(item, &number) && number >= 0 ? number : -1;
}

static struct vg_instant take_time(const cJSON *item)
{
    struct vg_instant at = VG_UNSET;

    if (cJSON_IsString(item) &&
        vg_time_parse(item->valuestring, strlen(item->valuestring), &at) != VG_OK) {
        at = VG_UNSET;
    }
    return at;
}

bool vg_beat_parse(struct vg_json *json, const char *bytes, size_t length,
                   struct vg_beat *out)
{
    static const char *const names[] = {"epoch", "ts", "counter", "self_check",
                                        "audit"};
    static const char *const audit[] = {"count", "hash"};
    const cJSON *field[5] = {0};
    const cJSON *head[2] = {0};
    const cJSON *root =
        length <= VG_BEAT_BYTES ? vg_json_parse(json, bytes, length) : NULL;

    *out = (struct vg_beat){.ts = VG_UNSET, .counter = -1, .audit_count = -1};
    if (!cJSON_IsObject(root)) {
        return false;
    }
    vg_json_pick(root, names, 5, field);
    if (cJSON_IsObject(field[4])) {
        vg_json_pick(field[4], audit, 2, head);
    }
    take_text(field[0], out->epoch, sizeof out->epoch);
    out->ts = take_time(field[1]);
    out->counter = take_count(field[2]);
    out->unwell = cJSON_IsString(field[3]) && strcmp(field[3]->valuestring, "ok") != 0;
    out->audit_count = take_count(head[0]);
    take_text(head[1], out->audit_hash, sizeof out->audit_hash);
    return true;
}

/* ---- One daemon */

void vg_pulse_begin(struct vg_pulse *pulse, vg_ms now)
{
    *pulse = (struct vg_pulse){.heard_at = now};
}

/* The daemon's epochs are hexadecimal and rise; others are only the same or not. */
static bool is_older(const char *epoch, const char *known)
{
    char *end = NULL;
    char *known_end = NULL;
    const unsigned long long number = strtoull(epoch, &end, 16);
    const unsigned long long other = strtoull(known, &known_end, 16);

    return end != epoch && known_end != known && *end == '\0' && *known_end == '\0' &&
           number < other;
}

/* Whatever both say must have moved: a timer that still sends while the counter stands is
 * as stuck as a repeated message. */
static bool moved(const struct vg_beat *beat, const struct vg_beat *before)
{
    const bool counted = beat->counter >= 0 && before->counter >= 0;
    const bool timed = vg_is_set(beat->ts) && vg_is_set(before->ts);

    return (!counted || beat->counter > before->counter) &&
           (!timed || beat->ts.ms != before->ts.ms);
}

static enum vg_beat_verdict count(struct vg_pulse *pulse, const struct vg_beat *beat,
                                  vg_ms now)
{
    pulse->last = *beat;
    pulse->older_count = 0;
    pulse->heard = true;
    pulse->heard_at = now;
    return VG_BEAT_ALIVE;
}

static enum vg_beat_verdict take_older(struct vg_pulse *pulse,
                                       const struct vg_beat *beat, vg_ms now)
{
    const bool same =
        pulse->older_count > 0 && strcmp(beat->epoch, pulse->older.epoch) == 0;

    if (same && !moved(beat, &pulse->older)) {
        return VG_BEAT_STUCK;
    }
    pulse->older = *beat;
    pulse->older_count = same ? pulse->older_count + 1 : 1;
    return pulse->older_count >= VG_PULSE_CONVINCED ? count(pulse, beat, now)
                                                    : VG_BEAT_OLD_EPOCH;
}

enum vg_beat_verdict vg_pulse_take(struct vg_pulse *pulse, const struct vg_beat *beat,
                                   vg_ms now)
{
    const bool same = strcmp(beat->epoch, pulse->last.epoch) == 0;

    if (beat->unwell) {
        return VG_BEAT_UNWELL;
    }
    if (pulse->heard && !same && is_older(beat->epoch, pulse->last.epoch)) {
        return take_older(pulse, beat, now);
    }
    if (pulse->heard && same && !moved(beat, &pulse->last)) {
        return VG_BEAT_STUCK;
    }
    return count(pulse, beat, now);
}

void vg_pulse_link(struct vg_pulse *pulse, bool up, vg_ms now)
{
    pulse->up_at = up ? now : 0;
}

void vg_pulse_deaf(struct vg_pulse *pulse, vg_ms span)
{
    pulse->heard_at += span;
}

void vg_pulse_adopt(struct vg_pulse *pulse, const struct vg_pulse_limits *limits,
                    vg_ms now)
{
    pulse->lost = true;
    pulse->say_at = now + limits->after;
}

static vg_ms deadline(const struct vg_pulse *pulse,
                      const struct vg_pulse_limits *limits)
{
    const vg_ms plain = pulse->heard_at + limits->after;
    const vg_ms fresh = pulse->up_at + limits->after;
    const vg_ms last = pulse->heard_at + 4 * limits->after;

    if (pulse->up_at == 0 || fresh <= plain) {
        return plain;
    }
    return fresh < last ? fresh : last;
}

enum vg_pulse_news vg_pulse_judge(struct vg_pulse *pulse,
                                  const struct vg_pulse_limits *limits, vg_ms now)
{
    /* what was heard outweighs the wait that a new connection is given */
    const bool fresh = pulse->heard && now - pulse->heard_at < limits->after;

    if (pulse->lost && fresh) {
        pulse->lost = false;
        return VG_PULSE_BACK;
    }
    if (pulse->lost && now >= pulse->say_at) {
        pulse->say_at = now + limits->again;
        return VG_PULSE_AGAIN;
    }
    if (!pulse->lost && now >= deadline(pulse, limits)) {
        pulse->lost = true;
        pulse->say_at = now + limits->again;
        return VG_PULSE_LOST;
    }
    return VG_PULSE_NOTHING;
}
