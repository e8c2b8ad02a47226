/* SPDX-License-Identifier: Apache-2.0
 *
 * Rebuilding: the store gives the engine its past, the journal what had been taken but
 * not stored.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"

static bool on_mark(void *to, const char *gateway, const char *epoch, uint64_t upto,
                    const struct vg_range *ranges, size_t count)
{
    struct vg_app *app = to;
    size_t index = 0;
    struct vg_gateway_epoch *g = vg_app_gateway(app, gateway, epoch, &index);

    if (g == NULL) {
        return false;
    }
    const uint64_t given_up =
        g->received.upto; /* on_from: perhaps later than the mark */
    if (!vg_sequence_set(&g->received, upto, NULL, 0)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!vg_sequence_append(&g->received, ranges[i].first, ranges[i].last)) {
            return false;
        }
    }
    vg_sequence_forget(&g->received, given_up + 1);
    return true;
}

/* In its place the latest number stays. Of those that were given up it says which came: others may be on their way. */
static void note_content(struct vg_gateway_epoch *g, uint64_t seq, uint64_t hash)
{
    if (seq < g->given_up) {
        (void)vg_sequence_add(&g->came, seq);
    }
    if (g->recent[seq % VG_RECENT].seq <= (uint32_t)seq) {
        g->recent[seq % VG_RECENT].seq = (uint32_t)seq;
        g->recent[seq % VG_RECENT].hash = (uint32_t)hash;
    }
}

static bool on_content(void *to, const char *gateway, const char *epoch, uint64_t seq,
                       uint64_t hash)
{
    struct vg_app *app = to;
    size_t index = 0;

    if (seq == 0) {
        vg_seen_put(app->seen, hash);
        return true;
    }
    struct vg_gateway_epoch *g = vg_app_gateway(app, gateway, epoch, &index);
    if (g != NULL) {
        note_content(g, seq, hash);
    }
    return g != NULL;
}

static bool on_number(void *to, const char *gateway, const char *epoch, uint64_t seq,
                      uint64_t hash)
{
    struct vg_app *app = to;
    size_t index = 0;
    struct vg_gateway_epoch *g = vg_app_gateway(app, gateway, epoch, &index);

    if (g == NULL) {
        return false;
    }
    (void)vg_sequence_add(&g->received, seq);
    note_content(g, seq, hash);
    vg_app_gateway_current(app, index);
    return true;
}

static bool on_from(void *to, const char *gateway, const char *epoch, uint64_t from)
{
    struct vg_app *app = to;
    size_t index = 0;
    struct vg_gateway_epoch *g = vg_app_gateway(app, gateway, epoch, &index);

    if (g != NULL) {
        g->given_up = from;
        vg_sequence_forget(&g->received, from);
    }
    return g != NULL;
}

static bool step(struct vg_app *app, struct vg_event event)
{
    event.at = app->now;
    return vg_engine_step(app->engine, &event, &app->effects) != VG_NO_MEMORY;
}

static bool on_ward(void *to, const char *ward, uint64_t n, struct vg_instant at)
{
    struct vg_app *app = to;
    const struct vg_event event = {
        .kind = VG_EVENT_WARD, .at = at, .counter = {ward, n}};

    vg_app_ward_dirty(app, ward);
    vg_live_ward(app->live, ward, "", n);
    return vg_engine_step(app->engine, &event, &app->effects) != VG_NO_MEMORY;
}

static bool on_alert(void *to, const struct vg_alert *alert)
{
    struct vg_app *app = to;

    app->lived = vg_later(app->lived, alert->at);
    return step(to, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = alert});
}

static bool on_episode(void *to, const struct vg_letter *letter,
                       struct vg_instant received)
{
    struct vg_app *app = to;
    struct vg_decoded decoded;

    app->now = vg_later(app->now, received);
    vg_decode(app->decoder, letter, &decoded);
    vg_seen_put(app->seen, vg_hash(vg_hash(0, letter->topic, letter->topic_length),
                                   letter->payload, letter->payload_length));
    if (decoded.kind != VG_DECODED_EPISODE) {
        return true;
    }
    vg_live_admission(app->live, &decoded.admission);
    return step(app, (struct vg_event){.kind = VG_EVENT_EPISODE,
                                       .admission = &decoded.admission});
}

/* The latest numbers are known by their content too, or one that is used again after a start would pass for a
 * repeat. And our clock may stand behind what it was: what is known came before now all the same. */
static bool note_came(struct vg_app *app, const struct vg_message *message,
                      struct vg_instant received, uint64_t hash)
{
    const struct vg_instant at = vg_later(received, message->measured);
    size_t index = 0;

    if (message->origin.seq == 0) {
        return true;
    }
    struct vg_gateway_epoch *g =
        vg_app_gateway(app, message->origin.gateway, message->origin.epoch, &index);
    if (g == NULL) {
        return false;
    }
    note_content(g, message->origin.seq, hash);
    if (at.ms / VG_SECOND > g->was) {
        g->was = (uint32_t)(at.ms / VG_SECOND);
    }
    return true;
}

/* What the store has of a gateway is committed. */
static void all_came(struct vg_gateway_epoch *g)
{
    (void)vg_sequence_set(&g->committed, g->received.upto, g->received.range,
                          g->received.count);
    g->dirty = true;
    for (size_t i = 0; i < VG_RECENT; i++) {
        g->recent[i].at = g->recent[i].at > g->was ? g->recent[i].at : g->was;
    }
}

static bool on_message(void *to, const struct vg_message *message, const char *episode,
                       struct vg_instant received, uint64_t hash)
{
    struct vg_app *app = to;
    struct vg_message known = *message;

    /* Whose it is was decided when it came. */
    (void)vg_copy(known.episode, sizeof known.episode, episode);
    app->now = vg_later(app->now, received);
    if (message->origin.seq == 0) {
        vg_seen_put(app->seen, hash);
    }
    vg_app_show_message(app, &known, episode);
    vg_app_sender_was(app, message, received);
    return note_came(app, message, received, hash) &&
           step(app, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &known});
}

static bool on_unsent(void *to, const struct vg_alert *alert)
{
    struct vg_told *told = vg_app_told(alert);

    if (told == NULL) {
        return false;
    }
    vg_app_notice(to, told, true, false);
    vg_app_told_done(told);
    return true;
}

static bool on_page(void *to, const struct vg_alert *alert, enum vg_page_kind kind,
                    const char *role, struct vg_instant at)
{
    struct vg_told *told = vg_app_told(alert);

    (void)at;
    if (told == NULL) {
        return false;
    }
    const bool kept = vg_app_page(to, told, kind, role, true, false);
    vg_app_told_done(told);
    return kept;
}

static bool on_paged(void *to, const char *ward, const char *page)
{
    vg_app_is_paged(to, ward, page);
    return true;
}

static bool on_answer(void *to, const struct vg_answer *answer)
{
    return step(to, (struct vg_event){.kind = VG_EVENT_ANSWERED, .answer = answer});
}

static bool on_pause(void *to, const struct vg_pause *pause)
{
    return step(to, (struct vg_event){.kind = VG_EVENT_PAUSED, .pause = pause});
}

static bool on_carried(void *to, const char *episode, const struct vg_carried *carried)
{
    return step(
        to, (struct vg_event){.kind = VG_EVENT_CARRIED, .carried = {episode, carried}});
}

static void on_damaged(void *to, const char *what)
{
    struct vg_app *app = to;

    if (app->unreadable++ < 8) {
        vg_log_write(app->log, VG_LOG_ERROR, "store.damaged",
                     "a row of the store cannot be read back and is passed over: %s",
                     what);
    }
}

static bool on_journal(void *to, const struct vg_journal_entry *entry)
{
    struct vg_app *app = to;

    vg_app_letter(app, &entry->letter, entry->received, entry->ordinal, true,
                  entry->whole_length);
    return true;
}

static vg_ms longest(const struct vg_app *app)
{
    vg_ms span = VG_HOUR; /* carry-forward of vital signs */

    for (size_t i = 0; i < app->protocols.count; i++) {
        const struct vg_protocol *p = app->protocols.protocol[i];
        span = p->longest > span ? p->longest : span;
        span = p->asks_assessments && span < VG_DAY ? VG_DAY : span;
    }
    return span + VG_HOUR;
}

/* What is older may be sealed: a restart does not ask for it any more. */
#define LEAST_HOT (26 * VG_HOUR)
void vg_app_keep(struct vg_app *app)
{
    const struct vg_settings *s = app->settings;
    const vg_ms needed = longest(app) + VG_HOUR;
    const struct vg_store_plan plan = {
        .hot = needed > LEAST_HOT ? needed : LEAST_HOT,
        .keep_readings = vg_settings_keep(s->keep_readings),
        .keep_alerts = vg_settings_keep(s->keep_alerts),
        .keep_quarantine = vg_settings_keep(s->keep_quarantine)};

    app->store->ops->keep(app->store, &plan);
}

void vg_app_sealing(struct vg_app *app, vg_ms now)
{
    struct vg_sealing told;

    if (now - app->sealing_looked < VG_MINUTE) {
        return;
    }
    app->sealing_looked = now;
    app->store->ops->sealing(app->store, &told);
    const uint64_t said = vg_hash(1, told.error.text, strlen(told.error.text));
    if (said != app->sealing_said && told.error.text[0] != '\0') {
        vg_log_write(
            app->log, VG_LOG_WARNING, "store.sealing",
            "old readings were not sealed or purged; they stay, and it is tried "
            "again: %s",
            told.error.text);
    }
    app->sealing_said = said;
}

enum vg_status vg_app_restore(struct vg_app *app, struct vg_error *error)
{
    const struct vg_restore calls = {.to = app,
                                     .mark = on_mark,
                                     .episode = on_episode,
                                     .alert = on_alert,
                                     .ward = on_ward,
                                     .message = on_message,
                                     .number = on_number,
                                     .content = on_content,
                                     .unsent = on_unsent,
                                     .answer = on_answer,
                                     .pause = on_pause,
                                     .carried = on_carried,
                                     .page = on_page,
                                     .paged = on_paged,
                                     .gateway = on_from,
                                     .damaged = on_damaged};
    const struct vg_instant since = vg_after(vg_clock_wall(), -longest(app));
    struct vg_journal_found found = {0};

    app->quiet = true;
    vg_engine_restore_begin(app->engine);
    enum vg_status status = app->store->ops->restore(app->store, since, &calls, error);
    if (status != VG_OK) {
        return status;
    }
    for (size_t i = 0; i < app->gateway_count; i++) {
        all_came(app->gateway[i]);
    }
    /* Alerts that time alone had raised must find their rules as they left them. */
    app->now = vg_later(app->now, app->lived);
    if (!step(app, (struct vg_event){.kind = VG_EVENT_TIME})) {
        vg_error_set(error, "no memory to rebuild from the store");
        return VG_NO_MEMORY;
    }
    status = vg_engine_restore_end(app->engine, app->now, &app->effects);
    if (status != VG_OK) {
        vg_error_set(error, "no memory to rebuild from the store");
        return status;
    }
    vg_app_effects(app);
    vg_engine_open_alerts(app->engine, NULL, vg_app_known_trouble, app);
    vg_app_keep(app);
    status = vg_journal_recover(app->journal, app->store->ops->journal(app->store),
                                on_journal, app, &found);
    app->quiet = false;
    if (status != VG_OK) {
        vg_error_set(error, "cannot read the journal of letters beside the store: %s",
                     status == VG_NO_MEMORY ? "no memory" : "the disk failed");
        return status;
    }
    vg_log_write(app->log, VG_LOG_NOTICE, "restored",
                 "%zu beds rebuilt, %llu letters taken from the journal, %u damaged",
                 vg_engine_counts(app->engine).beds, (unsigned long long)found.letters,
                 found.damaged);
    return status;
}
