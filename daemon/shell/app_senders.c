/* SPDX-License-Identifier: Apache-2.0
 *
 * What gateways do as senders: whether one has fallen silent, whether two use one name,
 * whether most of what one sends is refused, or values of it for their unit. Each is an alert in the wards it sends to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"

/* Project proposals. */
#define OFFLINE_AFTER VG_MINUTE
#define CONFLICT_FOR  (10 * VG_MINUTE)
#define RETURNS       4 /* of an epoch, in a row */
#define TWICE         3 /* numbers that came with two contents, in a row */
#define REFUSED_MANY  20
#define UNIT_FOR      VG_HOUR /* laboratories send one now and then */
#define PRESENT       (VG_SENDER_MINUTES - 1)

struct vg_sender *vg_app_sender(struct vg_app *app, const char *gateway)
{
    uint32_t *hint = &app->sender_hint[vg_app_hint(gateway)];

    if (*hint < app->sender_count && strcmp(app->sender[*hint].gateway, gateway) == 0) {
        return &app->sender[*hint]; /* as for nearly every message */
    }
    for (size_t i = 0; i < app->sender_count; i++) {
        if (strcmp(app->sender[i].gateway, gateway) == 0) {
            *hint = (uint32_t)i;
            return &app->sender[i];
        }
    }
    if (app->sender_count == app->sender_size) {
        const size_t size = app->sender_size * 2 + 16;
        struct vg_sender *grown = realloc(app->sender, size * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        app->sender = grown;
        app->sender_size = size;
    }
    struct vg_sender *fresh = &app->sender[app->sender_count++];
    memset(fresh, 0, sizeof *fresh);
    (void)vg_copy(fresh->gateway, sizeof fresh->gateway, gateway);
    fresh->minute_begin = vg_clock_boot();
    return fresh;
}

void vg_app_tell_sender(struct vg_app *app, const struct vg_sender *sender,
                        enum vg_trouble trouble, bool on, const char *what)
{
    char text[160];

    (void)snprintf(text, sizeof text, "Gateway %s %s", sender->gateway, what);
    for (size_t i = 0; i < sender->ward_count; i++) {
        vg_app_trouble_gateway(app, trouble, sender->ward[i], sender->gateway, on,
                               text);
    }
}

static void note_ward(struct vg_sender *sender, const char *ward)
{
    for (size_t i = 0; i < sender->ward_count; i++) {
        if (strcmp(sender->ward[i], ward) == 0) {
            return;
        }
    }
    if (sender->ward_count < VG_SENDER_WARDS) {
        (void)vg_copy(sender->ward[sender->ward_count++], VG_ID_LEN + 1, ward);
    }
}

/* An epoch that comes back: one of two senders, each with its own counter. Once to and fro
 * may be a broker that delivers again what came before a restart. */
static void note_epoch(struct vg_sender *sender, const char *epoch, vg_ms now)
{
    if (epoch[0] == '\0' || strcmp(sender->epoch, epoch) == 0) {
        return;
    }
    if (strcmp(sender->before, epoch) != 0 || now - sender->changed > CONFLICT_FOR) {
        sender->returns = 0;
    } else if (++sender->returns >= RETURNS) {
        sender->conflict_at = now;
    }
    (void)vg_copy(sender->before, sizeof sender->before, sender->epoch);
    (void)vg_copy(sender->epoch, sizeof sender->epoch, epoch);
    sender->changed = now;
}

void vg_app_number_twice(struct vg_app *app, const char *gateway)
{
    struct vg_sender *sender = vg_app_sender(app, gateway);
    const vg_ms now = vg_clock_boot();

    if (sender == NULL) {
        return;
    }
    if (now - sender->twice_at > CONFLICT_FOR) {
        sender->twice = 0;
    }
    sender->twice_at = now;
    if (++sender->twice >= TWICE) {
        sender->conflict_at = now;
    }
}

/* A signal that always comes so is not watched, however good what comes beside it: one is told of (Clinical reference
 * 10.3). */
static bool lacks_unit(const struct vg_decoded *decoded)
{
    for (size_t i = 0; i < decoded->refusal_count; i++) {
        const enum vg_reason reason = decoded->refusal[i].reason;
        if (reason == VG_UNIT_MISSING || reason == VG_UNIT_UNKNOWN) {
            return true;
        }
    }
    return false;
}

/* Vital signs of a while ago, by our clock and by its own: what a broker or a gateway kept, perhaps from before a
 * restart, comes between those of now. */
static bool is_backlog(const struct vg_app *app, struct vg_sender *sender,
                       const struct vg_decoded *decoded)
{
    if (decoded->kind != VG_DECODED_MESSAGE ||
        decoded->message.kind != VG_KIND_VITALS) {
        return false;
    }
    const struct vg_instant measured = decoded->message.measured;
    const bool newer_came = vg_since(sender->newest, measured) > VG_BACKLOG;
    sender->newest = vg_later(sender->newest, measured);
    return newer_came && vg_since(app->now, measured) > VG_BACKLOG;
}

void vg_app_heard(struct vg_app *app, const struct vg_decoded *decoded, bool refused)
{
    const vg_ms now = vg_clock_boot();
    struct vg_sender *sender = decoded->origin.gateway[0] == '\0'
                                   ? NULL
                                   : vg_app_sender(app, decoded->origin.gateway);
    const bool retained = decoded->kind == VG_DECODED_REFUSED &&
                          decoded->refusal[0].reason == VG_RETAINED;

    if (sender == NULL || retained) { /* the broker sends that, whoever is gone */
        return;
    }
    if (decoded->topic.kind == VG_TOPIC_BED && decoded->topic.ward[0] != '\0') {
        note_ward(sender, decoded->topic.ward);
    }
    if (!is_backlog(app, sender, decoded)) {
        note_epoch(sender, decoded->origin.epoch, now);
    }
    sender->unit_at = lacks_unit(decoded) ? now : sender->unit_at;
    sender->refused[PRESENT] += refused;
    sender->taken[PRESENT] += !refused;
    if (decoded->kind == VG_DECODED_MESSAGE &&
        decoded->message.kind == VG_KIND_VITALS) {
        vg_cadence_note(&sender->cadence, now);
    }
    sender->heard = now;
    sender->offline = 0;
}

void vg_app_gateway_state(struct vg_app *app, const struct vg_gateway_status *status)
{
    struct vg_sender *sender = vg_app_sender(app, status->gateway);

    if (sender == NULL) {
        return;
    }
    if (status->online) {
        sender->offline = 0;
    } else if (sender->offline == 0 && (status->epoch[0] == '\0' ||
                                        strcmp(status->epoch, sender->epoch) == 0)) {
        sender->offline = vg_clock_boot(); /* a will of an older epoch says nothing */
    }
}

void vg_app_sender_was(struct vg_app *app, const struct vg_message *message,
                       struct vg_instant received)
{
    const vg_ms now = vg_clock_boot();
    struct vg_sender *sender = message->origin.gateway[0] == '\0'
                                   ? NULL
                                   : vg_app_sender(app, message->origin.gateway);

    if (sender == NULL) {
        return;
    }
    note_ward(sender, message->ward);
    if (message->origin.epoch[0] != '\0') {
        (void)vg_copy(sender->epoch, sizeof sender->epoch, message->origin.epoch);
    }
    if (message->kind == VG_KIND_VITALS) {
        vg_cadence_note(&sender->cadence, now - vg_since(vg_clock_wall(), received));
    }
    sender->heard = now; /* it may have sent all the time that nobody listened */
}

void vg_app_known_sender(struct vg_app *app, const struct vg_alert *alert,
                         enum vg_trouble trouble)
{
    struct vg_sender *sender = vg_app_sender(app, alert->bed + 1);

    if (sender == NULL) {
        return;
    }
    note_ward(sender, alert->ward);
    sender->silent = sender->silent || trouble == VG_GATEWAY_SILENT;
    sender->heard = sender->silent ? 0 : sender->heard; /* not until it sends */
    sender->conflict = sender->conflict || trouble == VG_GATEWAY_CONFLICT;
    sender->refusing = sender->refusing || trouble == VG_MESSAGES_REFUSED;
    sender->skewed = sender->skewed || trouble == VG_GATEWAY_CLOCK_SKEW;
}

static void silence(struct vg_app *app, struct vg_sender *sender, vg_ms now)
{
    const vg_ms patience = vg_cadence_patience(&sender->cadence);

    if (sender->heard == 0) {
        return; /* nothing since the start: it is as it was known then */
    }
    const bool silent =
        ((patience != 0 && now - sender->heard >= patience) ||
         (sender->offline != 0 && now - sender->offline >= OFFLINE_AFTER));

    if (silent != sender->silent) {
        sender->silent = silent;
        vg_app_tell_sender(app, sender, VG_GATEWAY_SILENT, silent,
                           "sends nothing. Its beds are not watched.");
    }
}

static void conflict(struct vg_app *app, struct vg_sender *sender, vg_ms now)
{
    const bool two =
        sender->conflict_at != 0 && now - sender->conflict_at < CONFLICT_FOR;

    if (two != sender->conflict) {
        sender->conflict = two;
        vg_app_tell_sender(
            app, sender, VG_GATEWAY_CONFLICT, two,
            "seems to be two senders under one name. Check which is right.");
    }
}

static unsigned sum(const unsigned *minutes)
{
    unsigned all = 0;

    for (size_t i = 0; i < VG_SENDER_MINUTES; i++) {
        all += minutes[i];
    }
    return all;
}

/* A minute is over, and the oldest is forgotten: five whole ones are left. */
static void turn(struct vg_sender *sender)
{
    sender->minute_begin += VG_MINUTE;
    for (size_t i = 0; i < PRESENT; i++) {
        sender->refused[i] = sender->refused[i + 1];
        sender->taken[i] = sender->taken[i + 1];
    }
    sender->refused[PRESENT] = sender->taken[PRESENT] = 0;
}

/* Wherever five minutes begin, they lie in five whole ones and the present one. */
static void refusals(struct vg_app *app, struct vg_sender *sender, vg_ms now)
{
    const unsigned refused = sum(sender->refused);
    const bool most = refused >= REFUSED_MANY && refused > sum(sender->taken);
    const bool unit = sender->unit_at != 0 && now - sender->unit_at < UNIT_FOR;

    if (!sender->refusing && (most || unit)) {
        sender->refusing = true;
        vg_app_tell_sender(
            app, sender, VG_MESSAGES_REFUSED, true,
            most
                ? "sends mostly what cannot be understood. Check its set-up."
                : "sends values without a unit, or in a wrong one. They are not judged. "
                  "Check its set-up.");
    }
    while (now - sender->minute_begin >= VG_MINUTE) {
        turn(sender);
        if (sender->refusing && !unit && sum(sender->taken) > sum(sender->refused)) {
            sender->refusing = false;
            vg_app_tell_sender(app, sender, VG_MESSAGES_REFUSED, false, "");
        }
    }
}

void vg_app_silent_gateways(struct vg_app *app, vg_ms now)
{
    for (size_t i = 0; i < app->sender_count; i++) {
        struct vg_sender *sender = &app->sender[i];
        silence(app, sender, now);
        conflict(app, sender, now);
        refusals(app, sender, now);
    }
}
