/* SPDX-License-Identifier: Apache-2.0
 *
 * See scores.h.
 */
#include "shell/scores.h"

#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/protocol_file.h"

#define LEAD \
    (26 * VG_HOUR) /* of vital signs before `from`: the longest baseline, and more */
#define LEAD_OTHER (100 * VG_DAY) /* of laboratory values and what is charted */
#define LOOK_EVERY VG_MINUTE
/* Of a monitor's stream one message so often, before `from` and in the span: runs of continuous
 * values bear pauses of 30 s (Clinical reference 1.2, 10.1). */
#define THIN_BEFORE (15 * VG_SECOND)
#define THIN        (5 * VG_SECOND)

struct admission {
    char *topic;
    char *payload;
    size_t payload_length;
    struct vg_instant received;
    int64_t after; /* id of the message before it */
};

struct run {
    const struct vg_scores_query *query;
    struct vg_protocol_set set;
    struct vg_ward *wards;
    struct vg_rulebook book;
    struct vg_engine *engine;
    struct vg_effects effects;
    struct vg_decoder *decoder;
    size_t admission_count, admission_next;
    struct admission *admission;
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1]; /* where the patient lies */
    struct vg_instant looked, fed; /* fed: of the stream's latest that was taken */
    struct vg_instant changed;     /* the latest change, and which of that instant */
    int64_t order;
    bool unseen;                  /* something came since */
    struct vg_instant came;       /* the latest message */
    struct vg_buffer last, fresh; /* as told last, and now */
    vg_assessed_row_fn *each;
    void *to;
    struct vg_page_end *end;
    bool stopped;
    enum vg_status status;
};

/* ---- What is needed */

static enum vg_status load_rules(struct run *r, struct vg_error *error)
{
    const struct vg_settings *s = r->query->settings;
    enum vg_status status = vg_protocol_set_load(s->protocols, NULL, &r->set, error);

    if (status != VG_OK) {
        return status;
    }
    r->wards = calloc(s->ward_count + 1, sizeof *r->wards);
    if (r->wards == NULL) {
        return VG_NO_MEMORY;
    }
    for (size_t i = 0; i < s->ward_count; i++) {
        const struct vg_protocol *protocol =
            vg_protocol_set_find(&r->set, s->ward[i].protocol);
        if (protocol != NULL) {
            (void)vg_copy(r->wards[r->book.ward_count].id, sizeof r->wards[0].id,
                          s->ward[i].id);
            r->wards[r->book.ward_count++].protocol = protocol;
        }
    }
    r->book.protocol_count = r->set.count;
    r->book.protocol = (const struct vg_protocol *const *)r->set.protocol;
    r->book.ward = r->wards;
    r->engine = vg_engine_create(&r->book);
    r->decoder = vg_decoder_create(s->mqtt_root);
    return r->engine != NULL && r->decoder != NULL ? VG_OK : VG_NO_MEMORY;
}

static bool is_theirs(struct run *r, const struct vg_letter *letter)
{
    struct vg_decoded decoded;

    vg_decode(r->decoder, letter, &decoded);
    return decoded.kind == VG_DECODED_EPISODE &&
           strcmp(decoded.admission.patient, r->query->patient) == 0;
}

static bool keep_admission(void *to, const struct vg_letter *letter,
                           struct vg_instant received, int64_t after)
{
    struct run *r = to;

    if (!is_theirs(r, letter)) {
        return true;
    }
    struct admission *grown =
        realloc(r->admission, (r->admission_count + 1) * sizeof *grown);
    if (grown == NULL) {
        r->status = VG_NO_MEMORY;
        return false;
    }
    r->admission = grown;
    struct admission *a = &grown[r->admission_count];
    *a = (struct admission){.topic = strndup(letter->topic, letter->topic_length),
                            .payload = strndup(letter->payload, letter->payload_length),
                            .payload_length = letter->payload_length,
                            .received = received,
                            .after = after};
    if (a->topic == NULL || a->payload == NULL) {
        free(a->topic);
        free(a->payload);
        r->status = VG_NO_MEMORY;
        return false;
    }
    r->admission_count++;
    return true;
}

/* ---- Looking */

static void tell(struct run *r, struct vg_instant at, const struct vg_episode *episode)
{
    const struct vg_assessed_row row = {.at = at,
                                        .ward = r->ward,
                                        .bed = r->bed,
                                        .patient = r->query->patient,
                                        .episode = episode != NULL ? episode->id : "",
                                        .json = r->fresh.bytes,
                                        .length = r->fresh.length};

    if (r->end->rows == r->query->limit) {
        r->end->more = r->stopped = true;
        return;
    }
    r->stopped = !r->each(r->to, &row);
    r->end->rows++;
    r->end->next = (struct vg_cursor){.set = true, .at = at.ms, .order = r->order};
}

static void look(struct run *r, struct vg_instant at)
{
    const struct vg_scores_query *q = r->query;
    struct vg_assessed assessed;

    r->looked = at;
    r->unseen = false;
    if (at.ms < q->from.ms || r->ward[0] == '\0' ||
        !vg_engine_assess_bed(r->engine, r->ward, r->bed, &assessed) ||
        !assessed.known) {
        return;
    }
    vg_buffer_clear(&r->fresh);
    vg_put_assessment(&r->fresh, &assessed.now);
    if (r->fresh.failed ||
        (r->fresh.length == r->last.length &&
         memcmp(r->fresh.bytes, r->last.bytes, r->fresh.length) == 0)) {
        return;
    }
    vg_buffer_clear(&r->last);
    vg_buffer_add(&r->last, r->fresh.bytes, r->fresh.length);
    r->order = at.ms == r->changed.ms ? r->order + 1 : 0;
    r->changed = at;
    if (!q->after.set || at.ms > q->after.at ||
        (at.ms == q->after.at && r->order > q->after.order)) {
        tell(r, at, vg_engine_episode(r->engine, r->ward, r->bed));
    }
}

/* ---- Feeding */

static void step(struct run *r, const struct vg_event *event)
{
    if (vg_engine_step(r->engine, event, &r->effects) == VG_NO_MEMORY) {
        r->status = VG_NO_MEMORY;
        r->stopped = true;
    }
}

/* Time goes on: scores change by it too, at instants that the engine knows. While a stream
 * flows it is looked at once a minute, and where it ends as it stood then. */
static void rest(struct run *r, struct vg_instant until, bool last)
{
    if (r->looked.ms < r->query->from.ms) { /* nobody wants what was before */
        r->looked =
            vg_earlier(vg_later(r->looked, vg_after(r->query->from, -1)), until);
    }
    if (!last && vg_since(until, r->looked) < LOOK_EVERY) {
        return;
    }
    if (r->unseen) {
        look(r, r->came); /* the engine stands there still */
    }
    struct vg_instant due = vg_engine_deadline(r->engine);
    while (!r->stopped && due.ms < until.ms) {
        const struct vg_event event = {.kind = VG_EVENT_TIME, .at = due};
        step(r, &event);
        look(r, due);
        due = vg_engine_deadline(r->engine);
    }
}

static void take_admission(struct run *r, const struct admission *a)
{
    const struct vg_letter letter = {.topic = a->topic,
                                     .topic_length = strlen(a->topic),
                                     .payload = a->payload,
                                     .payload_length = a->payload_length};
    struct vg_decoded decoded;

    rest(r, a->received, false);
    vg_decode(r->decoder, &letter, &decoded);
    if (decoded.kind != VG_DECODED_EPISODE) {
        return;
    }
    const struct vg_admission *said = &decoded.admission;
    const struct vg_event event = {
        .kind = VG_EVENT_EPISODE, .at = a->received, .admission = said};
    const bool moves = said->action == VG_TRANSFER;
    step(r, &event);
    (void)vg_copy(r->ward, sizeof r->ward, moves ? said->to_ward : said->ward);
    (void)vg_copy(r->bed, sizeof r->bed, moves ? said->to_bed : said->bed);
    look(r, a->received);
}

static void take_admissions(struct run *r, int64_t before_message)
{
    while (!r->stopped && r->admission_next < r->admission_count &&
           r->admission[r->admission_next].after < before_message) {
        take_admission(r, &r->admission[r->admission_next++]);
    }
}

/* Only what a monitor sends by itself: what a person or a cuff took is never left out. */
static bool is_stream(const struct vg_message *m)
{
    bool stream = m->kind == VG_KIND_VITALS && m->entry_count == 0;

    for (size_t i = 0; i < m->reading_count && stream; i++) {
        stream = vg_source_streams(m->readings[i].source);
    }
    return stream;
}

static bool is_left_out(struct run *r, const struct vg_message_row *row)
{
    const bool before = row->received.ms < r->query->from.ms;

    if (vg_since(r->query->from, row->received) > LEAD ||
        vg_since(row->received, r->fed) < (before ? THIN_BEFORE : THIN)) {
        return true;
    }
    r->fed = row->received;
    return false;
}

static bool take_message(void *to, const struct vg_message_row *row)
{
    struct run *r = to;
    const struct vg_message *m = row->message;
    const bool stream = is_stream(m);
    const struct vg_event event = {
        .kind = VG_EVENT_MESSAGE, .at = row->received, .message = m};

    if (row->received.ms >= r->query->to.ms) {
        return false;
    }
    if (stream && is_left_out(r, row)) {
        return true;
    }
    take_admissions(r, row->id);
    rest(r, row->received, false);
    if (r->stopped) {
        return false;
    }
    step(r, &event);
    (void)vg_copy(r->ward, sizeof r->ward, m->ward);
    (void)vg_copy(r->bed, sizeof r->bed, m->bed);
    r->unseen = true;
    r->came = row->received;
    if (!stream || vg_since(row->received, r->looked) >= LOOK_EVERY) {
        look(r, row->received);
    }
    return !r->stopped;
}

static enum vg_status feed(struct run *r, struct vg_reader *reader,
                           struct vg_error *error)
{
    const struct vg_scores_query *q = r->query;
    const struct vg_history_query messages = {
        .patient = q->patient, .from = vg_after(q->from, -LEAD_OTHER), .to = q->to};
    enum vg_status status = vg_history_admissions(reader, keep_admission, r, error);

    if (status == VG_OK && r->status == VG_OK) {
        status = vg_history_messages(reader, &messages, take_message, r, error);
    }
    if (status == VG_OK && r->status == VG_OK && !r->stopped) {
        while (r->admission_next < r->admission_count && !r->stopped &&
               r->admission[r->admission_next].received.ms < q->to.ms) {
            take_admission(r, &r->admission[r->admission_next++]);
        }
        rest(r, q->to, true);
    }
    return status == VG_OK ? r->status : status;
}

static void finish(struct run *r)
{
    for (size_t i = 0; i < r->admission_count; i++) {
        free(r->admission[i].topic);
        free(r->admission[i].payload);
    }
    free(r->admission);
    vg_decoder_destroy(r->decoder);
    vg_engine_destroy(r->engine);
    vg_effects_finish(&r->effects);
    free(r->wards);
    vg_protocol_set_finish(&r->set);
    vg_buffer_finish(&r->last);
    vg_buffer_finish(&r->fresh);
}

enum vg_status vg_scores(struct vg_reader *reader, const struct vg_scores_query *query,
                         vg_assessed_row_fn *each, void *to, struct vg_page_end *end,
                         struct vg_error *error)
{
    struct run run = {
        .query = query, .each = each, .to = to, .end = end, .looked = {INT64_MAX}};

    *end = (struct vg_page_end){0};
    enum vg_status status = load_rules(&run, error);
    if (status == VG_OK) {
        status = feed(&run, reader, error);
    }
    if (status == VG_NO_MEMORY) {
        vg_error_set(error, "no memory to compute the scores");
    }
    finish(&run);
    return status;
}
