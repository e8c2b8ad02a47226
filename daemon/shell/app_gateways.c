/* SPDX-License-Identifier: Apache-2.0
 *
 * Gateways: their numbers, the marks that say what is safe, the answers to what was
 * refused.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"

size_t vg_app_hint(const char *gateway)
{
    return (size_t)vg_hash(0, gateway, strlen(gateway)) % VG_HINTS;
}

static bool is(const struct vg_gateway_epoch *g, const char *gateway, const char *epoch)
{
    return strcmp(g->gateway, gateway) == 0 && strcmp(g->epoch, epoch) == 0;
}

struct vg_gateway_epoch *vg_app_gateway(struct vg_app *app, const char *gateway,
                                        const char *epoch, size_t *index)
{
    uint32_t *hint = &app->gateway_hint[vg_app_hint(gateway)];

    if (*hint < app->gateway_count && is(app->gateway[*hint], gateway, epoch)) {
        *index = *hint; /* as for nearly every message */
        return app->gateway[*index];
    }
    for (size_t i = 0; i < app->gateway_count; i++) {
        if (is(app->gateway[i], gateway, epoch)) {
            *hint = (uint32_t)i;
            *index = i;
            return app->gateway[i];
        }
    }
    if (app->gateway_count == app->gateway_size) {
        const size_t size = app->gateway_size * 2 + 16;
        struct vg_gateway_epoch **grown =
            realloc(app->gateway, size * sizeof(struct vg_gateway_epoch *));
        if (grown == NULL) {
            return NULL;
        }
        app->gateway = grown;
        app->gateway_size = size;
    }
    struct vg_gateway_epoch *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL) {
        return NULL;
    }
    (void)vg_copy(fresh->gateway, sizeof fresh->gateway, gateway);
    (void)vg_copy(fresh->epoch, sizeof fresh->epoch, epoch);
    for (size_t i = 0; i < VG_RECENT; i++) {
        fresh->recent[i].at =
            (uint32_t)(vg_later(vg_clock_wall(), app->now).ms / VG_SECOND);
    }
    *index = app->gateway_count;
    app->gateway[app->gateway_count++] = fresh;
    return fresh;
}

/* The epoch a gateway used last is the one its mark is about. */
void vg_app_gateway_current(struct vg_app *app, size_t index)
{
    struct vg_gateway_epoch *used = app->gateway[index];

    if (used->current) {
        return;
    }
    for (size_t i = 0; i < app->gateway_count; i++) {
        if (strcmp(app->gateway[i]->gateway, used->gateway) == 0) {
            app->gateway[i]->current = false;
        }
    }
    used->current = true;
    /* A mark of nothing would say nothing, and put off the one that is due soon. */
    used->dirty = used->committed.upto > 0 || used->committed.count > 0;
}

bool vg_app_number_known(const struct vg_gateway_epoch *g, uint64_t seq)
{
    return vg_sequence_has(seq < g->given_up ? &g->came : &g->received, seq);
}

bool vg_app_numbers_full(const struct vg_gateway_epoch *g, uint64_t seq)
{
    return vg_sequence_full(seq < g->given_up ? &g->came : &g->received, seq);
}

void vg_app_number_came(struct vg_gateway_epoch *g, uint64_t seq)
{
    (void)vg_sequence_add(seq < g->given_up ? &g->came : &g->received, seq);
}

/* What has come of the numbers below `from`, on top of what was given up before. */
static bool keep_known(struct vg_gateway_epoch *g, uint64_t from)
{
    const struct vg_sequence *r = &g->received;
    bool kept = true;

    if (g->given_up == 0) {
        kept = vg_sequence_set(&g->came, r->upto, NULL, 0);
    } else if (r->upto >= g->given_up) {
        kept = vg_sequence_append(&g->came, g->given_up, r->upto);
    }
    for (size_t i = 0; kept && i < r->count && r->range[i].first < from; i++) {
        kept = vg_sequence_append(&g->came, r->range[i].first, r->range[i].last);
    }
    return kept;
}

void vg_app_numbers_end(struct vg_gateway_epoch *g, uint64_t from)
{
    /* Without memory what still comes is taken for a repeat; better than counted twice. */
    g->given_up = keep_known(g, from) ? from : 0;
    vg_sequence_forget(&g->received, from);
    vg_sequence_forget(&g->committed, from);
}

bool vg_app_publish(struct vg_app *app, const char *topic, const void *payload,
                    size_t length, bool retained)
{
    const struct vg_publication publication = {
        .topic = topic, .payload = payload, .length = length, .retained = retained};

    if (app->quiet || app->outlet == NULL || !vg_mqtt_up(app->outlet)) {
        return false;
    }
    struct vg_publisher *publisher = vg_mqtt_publisher(app->outlet);
    return publisher->publish(publisher, &publication) == VG_OK;
}

void vg_app_tell(struct vg_app *app, const char *topic)
{
    if (app->quiet || app->telling == NULL) {
        return;
    }
    if (app->json.failed || vg_answers_put(app->telling, topic, app->json.bytes,
                                           app->json.length) != VG_OK) {
        vg_log_write(app->log, VG_LOG_ERROR, "answer.memory",
                     "no memory for an answer");
    }
}

void vg_app_answer(struct vg_app *app, const struct vg_letter *letter,
                   const struct vg_origin *origin, const struct vg_refusal *refusal)
{
    char topic[VG_TOPIC_LEN + 1];
    const char *gateway = origin->gateway[0] != '\0' ? origin->gateway : "unknown";

    app->count.refused++;
    if (app->post != NULL) {
        vg_app_post_refused(app, refusal);
        return;
    }
    if (vg_topic_build(topic, app->settings->mqtt_root, "gateways", gateway, "rejected",
                       NULL) != VG_OK) {
        return;
    }
    vg_buffer_clear(&app->json);
    vg_encode_refusal(&app->json, origin, letter->topic, letter->topic_length, refusal,
                      app->now);
    vg_app_tell(app, topic);
}

/* Holes that a mark names: a gateway fills these first, and is told of the next. */
#define NAMED 256

static void encode_mark(struct vg_app *app, const struct vg_gateway_epoch *g)
{
    const struct vg_sequence *s = &g->committed;
    struct vg_buffer *b = &app->json;
    uint64_t hole = s->upto + 1;

    vg_buffer_clear(b);
    vg_put_raw(b, "{\"epoch\":");
    vg_put_string(b, g->epoch);
    vg_put_raw(b, ",\"upto\":");
    vg_put_int(b, (int64_t)s->upto);
    vg_put_raw(b, ",\"missing\":[");
    for (size_t i = 0; i < s->count && i < NAMED; i++) {
        vg_put_raw(b, i > 0 ? ",[" : "[");
        vg_put_int(b, (int64_t)hole);
        vg_put_raw(b, ",");
        vg_put_int(b, (int64_t)(s->range[i].first - 1));
        vg_put_raw(b, "]");
        hole = s->range[i].last + 1;
    }
    vg_put_raw(b, "],\"ts\":");
    vg_put_time(b, app->now);
    vg_put_raw(b, "}");
}

/* A few gateways at a time, so that their marks never stand in a row before an alert. A mark
 * follows its commit within 1 s: VG_MARK_EVERY after the last, then all have had their turn
 * after four calls, one each VG_HOUSEKEEP. */
static size_t turn(const struct vg_app *app)
{
    return app->gateway_count / 4 + 2;
}

static bool publish_mark(struct vg_app *app, const struct vg_gateway_epoch *g)
{
    char topic[VG_TOPIC_LEN + 1];

    if (vg_topic_build(topic, app->settings->mqtt_root, "gateways", g->gateway,
                       "committed", NULL) != VG_OK) {
        return false;
    }
    encode_mark(app, g);
    return vg_app_publish(app, topic, app->json.bytes, app->json.length, true);
}

void vg_app_marks(struct vg_app *app, bool all)
{
    const vg_ms now = vg_clock_boot();
    size_t left = all ? app->gateway_count : turn(app);

    for (size_t i = 0; i < app->gateway_count && left > 0; i++) {
        struct vg_gateway_epoch *g =
            app->gateway[app->mark_next++ % app->gateway_count];
        const bool due = g->dirty && now - g->published >= VG_MARK_EVERY;
        if (g->current && (due || all)) {
            left--;
            if (publish_mark(app, g)) {
                g->dirty = false;
                g->published = now;
            }
        }
    }
}

static bool store_mark(struct vg_app *app, const struct vg_gateway_epoch *g)
{
    struct vg_range *ranges = NULL;

    if (g->received.count > 0) {
        ranges = malloc(g->received.count * sizeof *ranges);
        if (ranges == NULL) {
            return false; /* later: the numbers themselves are in the store */
        }
    }
    for (size_t i = 0; i < g->received.count; i++) {
        ranges[i] =
            (struct vg_range){g->received.range[i].first, g->received.range[i].last};
    }
    const bool stored =
        vg_batch_mark(app->filling.batch, g->gateway, g->epoch, g->received.upto,
                      ranges, g->received.count) == VG_OK;
    free(ranges);
    return stored;
}

/* Into the batch that is about to go: a mark then names exactly what this and earlier
 * batches hold. */
void vg_app_store_marks(struct vg_app *app)
{
    const vg_ms now = vg_clock_boot();
    size_t left = turn(app);

    for (size_t i = 0; i < app->gateway_count && left > 0; i++) {
        struct vg_gateway_epoch *g =
            app->gateway[app->store_next++ % app->gateway_count];
        if (g->unmarked && now - g->stored >= VG_SECOND) {
            left--;
            if (store_mark(app, g)) {
                g->unmarked = false;
                g->stored = now;
            }
        }
    }
}
