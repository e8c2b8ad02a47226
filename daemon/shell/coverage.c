/* SPDX-License-Identifier: Apache-2.0
 *
 * Coverage, minute by minute. See coverage.h.
 */
#include "shell/coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

#include "shell/keys.h"

enum why {
    WHY_NO_STAY,
    WHY_NO_RULE,
    WHY_NO_DATA,
    WHY_NORMAL,
    WHY_SUPPRESSED,
    WHY_ALERT,
    WHY_COUNT
};
static const struct {
    const char *word, *text;
} whys[WHY_COUNT] = {
    [WHY_NO_STAY] = {"episode_not_begun", "no stay had begun, or it was over"},
    [WHY_NO_RULE] = {"rule_not_loaded", "no rule of the protocol asks it"},
    [WHY_NO_DATA] = {"no_data", "no usable value"},
    [WHY_NORMAL] = {"values_normal", "values normal"},
    [WHY_SUPPRESSED] = {"suppressed", "suppressed"},
    [WHY_ALERT] = {"alert", "an alert was open"},
};

/* One minute: why, and which of the details (0: none). */
struct minute {
    uint8_t why;
    uint16_t detail;
};

struct coverage {
    const char *patient;
    struct vg_instant from, to;
    size_t minutes;
    struct minute *minute; /* of the signal in hand */
    enum vg_signal signal;
    struct vg_keys details, beds;
    const struct vg_protocol_set *protocols;
    const struct vg_protocol *protocol; /* of the episode in hand */
    vg_coverage_fn *each;
    void *to_whom;
    bool stopped;
    bool failed;           /* no memory */
    struct vg_alert alert; /* in hand */
};

/* 0: none, or no room for it. */
static size_t detail_of(struct coverage *c, const char *text)
{
    const size_t place = vg_keys_put(&c->details, text);

    c->failed = c->failed || place == SIZE_MAX;
    return place < UINT16_MAX - 1 ? place + 1 : 0;
}

/* Whether it is one of the names between commas. */
static bool is_named(const char *list, const char *name)
{
    const size_t length = strlen(name);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += strspn(at, ", ");
        if (strncmp(at, name, length) == 0 &&
            (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

/* Several alerts may be open at once: all of their rules are named, each once. */
static size_t joined(struct coverage *c, const struct minute *m, size_t detail)
{
    char text[400];

    if (m->why != WHY_ALERT || m->detail == 0 || detail == 0) {
        return detail;
    }
    if (is_named(c->details.text[m->detail - 1], c->details.text[detail - 1])) {
        return m->detail;
    }
    (void)snprintf(text, sizeof text, "%s, %s", c->details.text[m->detail - 1],
                   c->details.text[detail - 1]);
    return detail_of(c, text);
}

/* From one instant to before another. */
static void mark(struct coverage *c, struct vg_instant from, struct vg_instant to,
                 enum why why, size_t detail)
{
    const int64_t first = (from.ms - c->from.ms) / VG_MINUTE;
    const int64_t span = vg_since(to, c->from);
    const int64_t last = span > 0 ? (span - 1) / VG_MINUTE : -1;

    for (int64_t i = from.ms <= c->from.ms ? 0 : first;
         i <= last && i < (int64_t)c->minutes; i++) {
        /* data counts within a stay that has a rule, what people said within a stay */
        if ((why == WHY_NORMAL && c->minute[i].why != WHY_NO_DATA) ||
            (why > WHY_NORMAL && c->minute[i].why == WHY_NO_STAY)) {
            continue;
        }
        c->minute[i] = (struct minute){
            (uint8_t)why,
            (uint16_t)(why == WHY_ALERT ? joined(c, &c->minute[i], detail) : detail)};
    }
}

/* ---- What there was */

static bool on_episode(void *to, const struct vg_episode *episode)
{
    struct coverage *c = to;
    const struct vg_protocol *protocol =
        vg_protocol_set_find(c->protocols, episode->protocol);
    bool asked = false;

    for (size_t i = 0; protocol != NULL && i < protocol->rule_count; i++) {
        asked = asked || (protocol->rule[i].watches >> c->signal & 1) != 0;
    }
    c->protocol = protocol != NULL ? protocol : c->protocol;
    mark(c, episode->begin, episode->end, asked ? WHY_NO_DATA : WHY_NO_RULE,
         detail_of(c, protocol != NULL ? episode->protocol : "protocol not installed"));
    return !c->failed;
}

/* A value speaks for the patient as long as its gap (a stream) or carry limit (a spot). */
static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct coverage *c = to;
    const struct vg_reading *r = row->reading;
    const struct vg_signal_info *info = vg_signal_info(r->signal);
    char name[2 * VG_ID_LEN + 2];

    if (r->quality > VG_QUALITY_QUESTIONABLE || r->out_of_range) {
        return true;
    }
    (void)snprintf(name, sizeof name, "%s/%s", row->ward, row->bed);
    c->failed = vg_keys_put(&c->beds, name) == SIZE_MAX || c->failed;
    mark(c, r->measured,
         vg_after(r->measured, vg_source_streams(r->source) && info->gap > 0
                                   ? info->gap
                                   : info->carry),
         WHY_NORMAL, 0);
    return !c->failed;
}

static bool on_pause(void *to, const struct vg_pause *pause)
{
    struct coverage *c = to;
    char name[2 * VG_ID_LEN + 2];
    char text[VG_BY_LEN + VG_REASON_LEN + 40];

    (void)snprintf(name, sizeof name, "%s/%s", pause->ward, pause->bed);
    if (vg_keys_find(&c->beds, name) == SIZE_MAX || !vg_is_set(pause->until)) {
        return true;
    }
    (void)snprintf(text, sizeof text, "bed off the ward, by %s: %s", pause->by,
                   pause->reason);
    mark(c, pause->at, pause->until, WHY_SUPPRESSED, detail_of(c, text));
    return !c->failed;
}

/* An alert of a rule that watches the signal, from onset to its last change. */
static bool on_alert(void *to, const char *json, size_t length)
{
    struct coverage *c = to;
    struct vg_alert *alert = &c->alert;

    if (vg_decode_alert(json, length, alert) != VG_OK) {
        return true;
    }
    const struct vg_rule *rule =
        c->protocol != NULL ? vg_protocol_rule(c->protocol, alert->rule) : NULL;
    if (rule != NULL && (rule->watches >> c->signal & 1) != 0) {
        mark(c, alert->onset, vg_alert_open(alert) ? c->to : alert->at, WHY_ALERT,
             detail_of(c, alert->rule));
    }
    return !c->failed;
}

/* ---- Telling */

static void tell_span(struct coverage *c, size_t first, size_t end)
{
    const struct minute m = c->minute[first];
    const struct vg_coverage_span span = {
        .signal = c->signal,
        .from = vg_after(c->from, (vg_ms)first * VG_MINUTE),
        .to = vg_after(c->from, (vg_ms)end * VG_MINUTE),
        .minutes = end - first,
        .why = whys[m.why].word,
        .text = whys[m.why].text,
        .detail = m.detail > 0 ? c->details.text[m.detail - 1] : "",
    };

    c->stopped = !c->each(c->to_whom, &span);
}

static void tell_signal(struct coverage *c)
{
    size_t first = 0;

    for (size_t i = 1; i <= c->minutes && !c->stopped; i++) {
        if (i == c->minutes || c->minute[i].why != c->minute[first].why ||
            c->minute[i].detail != c->minute[first].detail) {
            tell_span(c, first, i);
            first = i;
        }
    }
}

/* ---- One signal */

static enum vg_status cover(struct coverage *c, struct vg_reader *reader,
                            struct vg_error *error)
{
    const struct vg_signal_info *info = vg_signal_info(c->signal);
    struct vg_history_query query = {.patient = c->patient,
                                     .signals = (uint64_t)1 << c->signal,
                                     .from = vg_after(c->from, -info->carry),
                                     .to = c->to};
    const struct vg_episodes_query episodes = {
        .patient = query.patient, .from = VG_UNSET, .to = VG_NEVER};
    const struct vg_alerts_query alerts = {
        .of = {.patient = query.patient, .from = VG_UNSET, .to = c->to}};
    struct vg_page_end end = {0};

    memset(c->minute, 0, c->minutes * sizeof *c->minute);
    enum vg_status status =
        vg_history_episodes(reader, &episodes, on_episode, c, &end, error);
    if (status == VG_OK) {
        status = vg_history_readings(reader, &query, on_reading, c, &end, error);
    }
    if (status == VG_OK) {
        status = vg_history_pauses(reader, on_pause, c, error);
    }
    if (status == VG_OK) {
        status = vg_history_alerts(reader, &alerts, on_alert, c, &end, error);
    }
    if (status == VG_OK && !c->failed) {
        tell_signal(c);
    }
    return c->failed ? VG_NO_MEMORY : status;
}

/* ---- The whole */

/* Whole minutes; false: none, or too many. */
static bool choose_span(struct coverage *c, const struct vg_coverage_query *query)
{
    const struct vg_instant end = vg_earlier(query->to, query->now);

    c->from.ms = query->from.ms - query->from.ms % VG_MINUTE;
    c->to = end;
    if (query->from.ms < 0 || end.ms <= c->from.ms ||
        vg_since(end, c->from) > VG_COVERAGE_MOST) {
        return false;
    }
    c->minutes = (size_t)((vg_since(end, c->from) + VG_MINUTE - 1) / VG_MINUTE);
    return true;
}

static void finish(struct coverage *c)
{
    free(c->minute);
    vg_keys_finish(&c->details);
    vg_keys_finish(&c->beds);
    free(c);
}

enum vg_status vg_coverage(struct vg_reader *reader,
                           const struct vg_coverage_query *query, vg_coverage_fn *each,
                           void *to, struct vg_error *error)
{
    struct coverage *c = calloc(1, sizeof *c);
    enum vg_status status = VG_OK;

    if (c == NULL) {
        return VG_NO_MEMORY;
    }
    c->patient = query->patient;
    c->protocols = query->protocols;
    c->each = each;
    c->to_whom = to;
    if (!choose_span(c, query)) {
        free(c);
        vg_error_set(error,
                     "coverage is told of a span of up to %d days that has begun",
                     (int)(VG_COVERAGE_MOST / VG_DAY));
        return VG_REFUSED;
    }
    c->minute = malloc(c->minutes * sizeof *c->minute);
    if (c->minute == NULL) {
        status = VG_NO_MEMORY;
    }
    for (unsigned i = 0; i < VG_MEASURED_COUNT && status == VG_OK && !c->stopped; i++) {
        c->signal = (enum vg_signal)i;
        if ((query->signals >> i & 1) != 0) {
            status = cover(c, reader, error);
        }
    }
    finish(c);
    return status;
}
