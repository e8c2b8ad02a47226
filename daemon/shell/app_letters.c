/* SPDX-License-Identifier: Apache-2.0
 *
 * One letter: decode, look at its number, hand it to the engine, record what became of it.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"

static const struct vg_refusal *refused_by_engine(const struct vg_app *app)
{
    for (size_t i = 0; i < app->effects.count; i++) {
        if (app->effects.item[i].kind == VG_EFFECT_REFUSED) {
            return &app->effects.item[i].refusal;
        }
    }
    return NULL;
}

/* ---- Numbers */

struct intake {
    const struct vg_letter *letter;
    struct vg_instant received;
    uint64_t hash;
    struct vg_origin sent;            /* as the letter says: answers carry its number */
    bool message;                     /* readings and entries */
    struct vg_instant measured;       /* VG_UNSET: says nothing of its number */
    struct vg_gateway_epoch *gateway; /* NULL: not numbered */
    size_t index;
};

static void note_number(struct vg_app *app, const struct intake *in,
                        const struct vg_origin *origin)
{
    struct vg_load *load = &app->filling;

    if (in->gateway == NULL) {
        vg_seen_put(app->seen, in->hash);
        return;
    }
    vg_app_number_came(in->gateway, origin->seq);
    in->gateway->recent[origin->seq % VG_RECENT].seq = (uint32_t)origin->seq;
    in->gateway->recent[origin->seq % VG_RECENT].hash = (uint32_t)in->hash;
    in->gateway->recent[origin->seq % VG_RECENT].at =
        (uint32_t)(vg_later(app->now, in->measured).ms / VG_SECOND);
    in->gateway->unmarked = true;
    if (load->seq_count == load->seq_size) {
        const size_t size = load->seq_size * 2 + 256;
        struct vg_pending_number *grown = realloc(load->seq, size * sizeof *grown);
        if (grown == NULL) {
            return; /* its mark waits for a restart: late, never early */
        }
        load->seq = grown;
        load->seq_size = size;
    }
    load->seq[load->seq_count++] = (struct vg_pending_number){in->index, origin->seq};
}

static enum vg_status quarantine(struct vg_app *app, const struct intake *in,
                                 const struct vg_origin *origin,
                                 const struct vg_refusal *refusal)
{
    return vg_batch_quarantine(app->filling.batch, in->letter, origin, refusal,
                               in->received, in->hash);
}

/* What is not in the batch no mark may cover. */
static void not_recorded(struct vg_app *app)
{
    app->count.dropped++;
    vg_log_write(app->log, VG_LOG_ERROR, "batch.memory",
                 "no memory to record a message; its gateway sends it again");
}

/* The same number with other content: kept aside, the first one stands. */
static void reused(struct vg_app *app, const struct intake *in,
                   const struct vg_origin *origin)
{
    struct vg_refusal refusal = {.reason = VG_SEQ_REUSED, .item = -1};
    struct vg_origin unnumbered = *origin;

    (void)vg_copy(refusal.detail, sizeof refusal.detail,
                  "this number was used before with other content");
    unnumbered.seq = 0; /* its number is taken by the first */
    vg_app_number_twice(app, origin->gateway);
    (void)quarantine(app, in, &unnumbered, &refusal);
    vg_app_answer(app, in->letter, origin, &refusal);
    vg_app_commit_soon(app);
}

/* Too many holes: it is taken all the same, for it may be what an alert hangs on, but as if
 * it had no number. No mark covers it, so it comes again, and is known by its content. */
static bool without_number(struct vg_app *app, struct intake *in,
                           struct vg_origin *origin)
{
    in->gateway = NULL;
    origin->seq = 0;
    if (vg_seen_has(app->seen, in->hash)) {
        app->count.repeats++;
        return false;
    }
    return true;
}

/* How far ahead of ours a gateway's clock may be: one that is further is an alert of its own, and what is
 * known of it (app_gateway_clocks.c) counts instead. */
#define AHEAD  (30 * VG_SECOND)
#define BEYOND (5 * VG_SECOND)

static vg_ms ahead_of_us(struct vg_app *app, const char *gateway)
{
    const struct vg_sender *sender = vg_app_sender(app, gateway);

    if (sender == NULL || !sender->clock.known) {
        return AHEAD;
    }
    return sender->clock.value > 0 ? sender->clock.value + BEYOND : BEYOND;
}

/* A number that has come already: with this content? That of older numbers is forgotten; but what
 * was measured after a later number had come (or, should our clock have been set back, after that was
 * measured) was never sent under this one. A counter that began again in its old epoch, or a second
 * gateway of that name, would else be taken for repeats. */
static bool is_other(struct vg_app *app, const struct intake *in,
                     const struct vg_origin *origin)
{
    const size_t slot = origin->seq % VG_RECENT;

    if (in->gateway->recent[slot].seq == (uint32_t)origin->seq) {
        return in->gateway->recent[slot].hash != (uint32_t)in->hash;
    }
    const vg_ms came = (vg_ms)in->gateway->recent[slot].at * VG_SECOND;
    return vg_is_set(in->measured) &&
           in->measured.ms - came > ahead_of_us(app, origin->gateway);
}

/* Whether the letter is new. Repeats are counted and change nothing. */
static bool is_new(struct vg_app *app, struct intake *in, struct vg_origin *origin,
                   bool again)
{
    if (origin->gateway[0] == '\0' || origin->seq == 0) {
        /* An admission that comes again is the engine's to answer, and so is what a person enters twice over HTTP
         * (app_posts.c). */
        const bool known = again || (app->post == NULL && in->message);
        const bool repeat = known && vg_seen_has(app->seen, in->hash);
        app->count.repeats += repeat;
        return !repeat;
    }
    in->gateway = vg_app_gateway(app, origin->gateway, origin->epoch, &in->index);
    if (in->gateway == NULL) {
        app->count.dropped++; /* no memory: it is sent again */
        return false;
    }
    vg_app_gateway_current(app, in->index);
    if (vg_app_number_known(in->gateway, origin->seq)) {
        app->count.repeats++;
        in->gateway->dirty = true; /* whoever repeats has not seen the mark */
        if (is_other(app, in, origin)) {
            reused(app, in, origin);
        }
        return false;
    }
    if (vg_app_numbers_full(in->gateway, origin->seq)) {
        return without_number(app, in, origin);
    }
    return true;
}

/* ---- The kinds */

static void take_status(struct vg_app *app, const struct vg_gateway_status *status)
{
    size_t index = 0;

    if (status->epoch[0] == '\0' || !status->online) {
        return;
    }
    struct vg_gateway_epoch *g =
        vg_app_gateway(app, status->gateway, status->epoch, &index);
    if (g == NULL) {
        return;
    }
    vg_app_gateway_current(app, index);
    if (status->from > 1 && g->received.upto + 1 < status->from) {
        vg_app_numbers_end(g, status->from);
        g->unmarked = true;
        (void)vg_batch_gateway(app->filling.batch, g->gateway, g->epoch, status->from);
        vg_app_commit_soon(app);
    }
    g->dirty = true;
}

/* Of a message its readings and entries; and whom it names, though all else of it be refused, for that says whose bed it
 * is, after a restart too. Of an admission what is taken of it. */
static bool has_row(const struct vg_decoded *decoded)
{
    return decoded->kind == VG_DECODED_EPISODE || decoded->refusal_count == 0 ||
           vg_message_says_something(&decoded->message) ||
           decoded->message.patient[0] != '\0';
}

/* Of a message that is taken, what the engine refused of it. */
static void answer_parts(struct vg_app *app, const struct intake *in)
{
    for (size_t i = 0; i < app->effects.count; i++) {
        if (app->effects.item[i].kind == VG_EFFECT_REFUSED) {
            vg_app_answer(app, in->letter, &in->sent, &app->effects.item[i].refusal);
        }
    }
}

static enum vg_status record(struct vg_app *app, const struct intake *in,
                             struct vg_decoded *decoded)
{
    const struct vg_refusal *refusal = refused_by_engine(app);
    const bool part =
        refusal != NULL && refusal->item >= 0 && decoded->kind == VG_DECODED_MESSAGE;
    enum vg_status status = VG_OK;

    if (part) {
        answer_parts(app, in);
    }
    if (refusal != NULL && refusal->item < 0) {
        status = quarantine(app, in, &decoded->origin, refusal);
        vg_app_answer(app, in->letter, &in->sent, refusal);
    } else if (decoded->kind == VG_DECODED_EPISODE) {
        if (refusal != NULL) { /* of a part: the stay is taken */
            vg_app_answer(app, in->letter, &in->sent, refusal);
            vg_log_write(app->log, VG_LOG_WARNING, "episode.protocol", "%s",
                         refusal->detail);
        }
        status = vg_batch_admission(app->filling.batch, in->letter, &decoded->origin,
                                    in->received, in->hash);
    } else if (has_row(decoded)) {
        status = vg_app_record_message(app, &decoded->message, in->received, in->hash);
    }
    if (decoded->refusal_count > 0 && (refusal == NULL || part)) {
        struct vg_origin origin = decoded->origin;
        const bool row = has_row(decoded);
        origin.seq = row ? 0 : origin.seq; /* that one has the number */
        const enum vg_status aside = quarantine(app, in, &origin, &decoded->refusal[0]);
        status = row ? status : aside;
    }
    return status;
}

static void take(struct vg_app *app, const struct intake *in,
                 struct vg_decoded *decoded)
{
    struct vg_event event = {.kind = VG_EVENT_MESSAGE, .at = app->now};

    if (decoded->kind == VG_DECODED_EPISODE) {
        event.kind = VG_EVENT_EPISODE;
        event.admission = &decoded->admission;
    } else {
        event.message = &decoded->message;
    }
    if (vg_engine_step(app->engine, &event, &app->effects) != VG_OK) {
        app->count.dropped++;
        vg_log_write(app->log, VG_LOG_ERROR, "engine.memory",
                     "no memory for a message; its gateway sends it again");
        return;
    }
    if (record(app, in, decoded) == VG_OK) {
        note_number(app, in, &decoded->origin);
    } else {
        not_recorded(app);
    }
    if (app->post != NULL) {
        vg_app_entry_taken(app, &decoded->message);
    }
    vg_app_effects(app);
    vg_app_assess(app, decoded);
}

static void refuse(struct vg_app *app, const struct intake *in,
                   const struct vg_decoded *decoded)
{
    if (quarantine(app, in, &decoded->origin, &decoded->refusal[0]) == VG_OK) {
        note_number(app, in, &decoded->origin);
    } else {
        not_recorded(app);
    }
    vg_app_commit_soon(app);
}

static void too_big(struct vg_decoded *decoded, struct vg_refusal *refusal)
{
    *refusal = (struct vg_refusal){.reason = VG_TOO_BIG, .item = -1};
    (void)vg_copy(refusal->detail, sizeof refusal->detail,
                  "the message is longer than 64 KiB");
    decoded->kind = VG_DECODED_REFUSED;
    decoded->refusal_count = 1;
    decoded->refusal = refusal;
}

static void answer_all(struct vg_app *app, const struct intake *in,
                       const struct vg_decoded *decoded)
{
    for (size_t i = 0; i < decoded->refusal_count; i++) {
        vg_app_answer(app, in->letter, &in->sent, &decoded->refusal[i]);
    }
}

static void sort_out(struct vg_app *app, struct intake *in, struct vg_decoded *decoded,
                     bool again)
{
    if (decoded->kind == VG_DECODED_GATEWAY) {
        take_status(app, &decoded->status);
        vg_app_gateway_state(app, &decoded->status);
        return;
    }
    if (decoded->kind == VG_DECODED_COMMAND) {
        vg_app_command(app, decoded);
        return;
    }
    if (app->post != NULL) {
        if (!vg_app_entry_may(app, decoded)) {
            return;
        }
    } else if (decoded->topic.kind == VG_TOPIC_BED) {
        /* a page in a browser is no gateway that could fall silent */
        const bool useless = decoded->kind == VG_DECODED_MESSAGE &&
                             decoded->refusal_count > 0 &&
                             !vg_message_says_something(&decoded->message);
        vg_app_heard(app, decoded, decoded->kind == VG_DECODED_REFUSED || useless);
    }
    in->sent = decoded->origin;
    if (decoded->kind == VG_DECODED_REFUSED &&
        decoded->refusal[0].reason == VG_RETAINED) {
        decoded->origin.seq = 0; /* its number may be that of a message sent properly */
    }
    in->message = decoded->kind == VG_DECODED_MESSAGE;
    if (in->message && !again) {
        in->measured = decoded->message.measured;
    }
    const bool fresh = is_new(app, in, &decoded->origin, again);
    if (fresh || (in->gateway == NULL && !again)) { /* whose sender knows no mark */
        answer_all(app, in, decoded);
    }
    if (!fresh) {
        return;
    }
    if (decoded->kind == VG_DECODED_MESSAGE) {
        decoded->message.origin.seq = decoded->origin.seq;
    } else if (decoded->kind == VG_DECODED_EPISODE) {
        decoded->admission.origin.seq = decoded->origin.seq;
    }
    if (decoded->kind == VG_DECODED_REFUSED) {
        refuse(app, in, decoded);
        return;
    }
    if (decoded->kind == VG_DECODED_MESSAGE && !again) {
        vg_app_gateway_clock(app, &decoded->message, in->received);
    }
    take(app, in, decoded);
}

static bool is_canary(const struct vg_app *app, const struct vg_letter *letter)
{
    char topic[VG_TOPIC_LEN + 1];

    return vg_topic_build(topic, app->settings->mqtt_root, "nodes", app->settings->node,
                          "canary", NULL) == VG_OK &&
           strlen(topic) == letter->topic_length &&
           memcmp(topic, letter->topic, letter->topic_length) == 0;
}

void vg_app_letter(struct vg_app *app, const struct vg_letter *letter,
                   struct vg_instant received, uint64_t ordinal, bool again,
                   size_t whole_length)
{
    struct vg_decoded decoded;
    struct vg_refusal refusal;
    struct intake in = {.letter = letter, .received = received, .measured = VG_UNSET};

    app->count.letters++;
    app->now = vg_later(app->now, vg_after(received, app->clock_ahead));
    if (ordinal > app->filling.ordinal) {
        app->filling.ordinal = ordinal;
    }
    if (ordinal == 0 && is_canary(app, letter)) {
        app->filling.canary = true;
        vg_app_progress(app);
        vg_app_commit_now(app);
        return;
    }
    vg_decoder_known(app->decoder, app->post != NULL && vg_app_post_who(app) != NULL);
    vg_decode(app->decoder, letter, &decoded);
    if (whole_length > letter->payload_length) {
        too_big(&decoded, &refusal);
    }
    in.hash = vg_hash(vg_hash(0, letter->topic, letter->topic_length), letter->payload,
                      letter->payload_length);
    sort_out(app, &in, &decoded, again);
}
