/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop thread's half: news go in, nothing is locked.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/history.h"
#include "shell/live_inside.h"

#define FUTURE \
    (60 * VG_SECOND) /* judged as measured on arrival (Clinical reference 0.3) */

/* ---- Beds */

static uint64_t hash_of(const char *ward, const char *bed)
{
    return vg_hash(vg_hash(0, ward, strlen(ward)), bed, strlen(bed));
}

static bool is_bed(const struct vg_live_fed *fed, const char *ward, const char *bed)
{
    return strcmp(fed->bed_id, bed) == 0 && strcmp(fed->ward_id, ward) == 0;
}

static void forget_values(struct vg_live_fed *fed)
{
    fed->values.count = 0;
    for (size_t i = 0; i < VG_LIVE_CHARTED; i++) {
        fed->charted[i].at = VG_UNSET;
    }
}

/* Without memory nothing is left where it does not belong: it is shown again when measured. */
static void move_on(struct vg_live_fed *to, struct vg_live_fed *from)
{
    forget_values(to);
    if (vg_live_values_reserve(&to->values, from->values.count)) {
        vg_live_values_copy(&to->values, &from->values);
        memcpy(to->charted, from->charted, sizeof to->charted);
    }
}

static struct vg_live_fed *make_bed(struct vg_live *live, const char *ward,
                                    const char *bed)
{
    struct vg_live_fed *made =
        live->fed_count < VG_LIVE_BEDS ? calloc(1, sizeof *made) : NULL;

    if (made == NULL) {
        return NULL;
    }
    (void)vg_copy(made->ward_id, sizeof made->ward_id, ward);
    (void)vg_copy(made->bed_id, sizeof made->bed_id, bed);
    forget_values(made);
    made->ward = vg_live_ward_index(live, ward);
    live->fed[live->fed_count++] = made;
    return made;
}

struct vg_live_fed *vg_live_fed_of(struct vg_live *live, const char *ward,
                                   const char *bed)
{
    size_t at = hash_of(ward, bed) % VG_LIVE_SLOTS;

    while (live->slot[at] != 0) {
        struct vg_live_fed *fed = live->fed[live->slot[at] - 1];
        if (is_bed(fed, ward, bed)) {
            return fed;
        }
        at = (at + 1) % VG_LIVE_SLOTS;
    }
    struct vg_live_fed *made = make_bed(live, ward, bed);
    if (made != NULL) {
        live->slot[at] = (uint16_t)live->fed_count;
    }
    return made;
}

void vg_live_touch(struct vg_live *live, const char *ward, const char *bed)
{
    struct vg_live_fed *fed = NULL;

    if (bed[0] != '\0' && bed[0] != ':') { /* not of the node or a gateway */
        fed = vg_live_fed_of(live, ward, bed);
    }
    if (fed != NULL) {
        fed->dirty = true;
    }
}

/* ---- Values */

static void take_reading(struct vg_live_values *values,
                         const struct vg_reading *reading, struct vg_instant now)
{
    const struct vg_instant ts =
        vg_since(reading->measured, now) > FUTURE ? now : reading->measured;

    if (reading->quality > VG_QUALITY_QUESTIONABLE || reading->out_of_range ||
        !vg_live_values_reserve(values, values->count + (size_t)1)) {
        return;
    }
    struct vg_live_value *value = vg_live_values_of(values, reading->signal);
    if (ts.ms >= value->ts.ms) {
        *value = (struct vg_live_value){.ts = ts,
                                        .value = vg_history_value(reading),
                                        .raw = reading->raw,
                                        .signal = (uint8_t)reading->signal,
                                        .unit = (uint8_t)reading->unit,
                                        .source = (uint8_t)reading->source,
                                        .method = (uint8_t)reading->method,
                                        .quality = (uint8_t)reading->quality};
    }
}

static void take_entry(struct vg_live_fed *fed, const struct vg_entry *entry)
{
    static const enum vg_signal signals[VG_LIVE_CHARTED] = {
        [VG_LIVE_O2] = VG_O2_DEVICE,
        [VG_LIVE_CONSCIOUSNESS] = VG_CONSCIOUSNESS,
        [VG_LIVE_AROUSAL] = VG_AROUSAL};

    for (size_t i = 0; i < VG_LIVE_CHARTED; i++) {
        struct vg_live_entry *charted = &fed->charted[i];
        if (signals[i] == entry->signal && entry->at.ms >= charted->at.ms) {
            charted->at = entry->at;
            charted->flow = entry->flow;
            charted->fio2 = entry->fio2;
            memcpy(charted->value, entry->value, sizeof charted->value);
        }
    }
}

void vg_live_message(struct vg_live *live, const struct vg_message *message,
                     struct vg_instant now)
{
    struct vg_live_fed *fed = vg_live_fed_of(live, message->ward, message->bed);

    if (fed == NULL) {
        return;
    }
    for (size_t i = 0; i < message->reading_count; i++) {
        take_reading(&fed->values, &message->readings[i], now);
    }
    for (size_t i = 0; i < message->entry_count; i++) {
        take_entry(fed, &message->entries[i]);
    }
    fed->dirty = true;
}

/* ---- Stays */

/* What was measured goes with the patient, and is not left for the next one. */
static void move_values(struct vg_live *live, struct vg_live_fed *to,
                        const struct vg_episode *episode)
{
    for (size_t i = 0; i < live->fed_count; i++) {
        struct vg_live_fed *from = live->fed[i];
        if (from == to || from->episode[0] == '\0' ||
            strcmp(from->episode, episode->id) != 0) {
            continue;
        }
        move_on(to, from);
        forget_values(from);
        from->episode[0] = '\0';
        from->dirty = true;
        from->published = 0;
    }
}

void vg_live_episode(struct vg_live *live, const struct vg_episode *episode)
{
    struct vg_live_fed *fed = vg_live_fed_of(live, episode->ward, episode->bed);

    if (fed == NULL) {
        return;
    }
    fed->dirty = true;
    fed->published = 0; /* at once, both beds: nobody lies in two */
    move_values(live, fed, episode);
    if (!vg_is_never(episode->end)) {
        forget_values(fed);
    }
}

void vg_live_admission(struct vg_live *live, const struct vg_admission *admission)
{
    struct vg_live_fed *from = vg_live_fed_of(live, admission->ward, admission->bed);
    struct vg_live_fed *to =
        admission->action == VG_TRANSFER
            ? vg_live_fed_of(live, admission->to_ward, admission->to_bed)
            : NULL;

    if (from != NULL && to != NULL && from != to) {
        move_on(to, from);
    }
    if (from != NULL && (to != NULL || admission->action == VG_DISCHARGE)) {
        forget_values(from);
        from->dirty = true;
    }
}

/* ---- The ward, alerts, answers, the daemon */

size_t vg_live_ward_index(struct vg_live *live, const char *ward)
{
    size_t i = 0;

    while (i < live->ward_next_count && strcmp(live->ward_next[i].id, ward) != 0) {
        i++;
    }
    if (i == live->ward_next_count && i < VG_LIVE_WARDS) {
        (void)vg_copy(live->ward_next[i].id, sizeof live->ward_next[i].id, ward);
        live->ward_next_count++;
        live->node_news = true;
    }
    return i;
}

void vg_live_ward(struct vg_live *live, const char *ward, const char *protocol,
                  uint64_t n)
{
    const size_t i = vg_live_ward_index(live, ward);

    if (i == VG_LIVE_WARDS) {
        return;
    }
    struct vg_live_ward_row *row = &live->ward_next[i];
    if (protocol[0] != '\0') {
        (void)vg_copy(row->protocol, sizeof row->protocol, protocol);
    }
    row->n = n > row->n ? n : row->n;
    live->node_news = true;
}

static void add_news(struct vg_live *live, struct vg_live_item *item)
{
    item->next = NULL;
    *live->news_end = item;
    live->news_end = &item->next;
}

/* The text becomes an item; NULL: no memory. */
static struct vg_live_item *item_of(enum vg_live_kind kind, struct vg_buffer *b)
{
    struct vg_live_item *item = b->failed ? NULL : calloc(1, sizeof *item);

    if (item != NULL) {
        item->kind = kind;
        item->text = vg_shared_of(b->bytes, b->length);
    }
    if (item != NULL && item->text == NULL) {
        free(item);
        item = NULL;
    }
    vg_buffer_finish(b);
    return item;
}

static struct vg_live_open *open_of(const struct vg_alert *alert,
                                    struct vg_shared *text)
{
    struct vg_live_open *open = calloc(1, sizeof *open);

    if (open != NULL) {
        (void)vg_copy(open->id, sizeof open->id, alert->id);
        (void)vg_copy(open->ward, sizeof open->ward, alert->ward);
        (void)vg_copy(open->bed, sizeof open->bed, alert->bed);
        open->severity = alert->severity;
        (void)vg_copy(open->trouble, sizeof open->trouble,
                      alert->class_ == VG_CLASS_TECHNICAL ? alert->rule : "");
        open->open = vg_alert_open(alert);
        open->owned = alert->owner[0] != '\0';
        open->n = alert->n;
        open->text = vg_shared_ref(text);
    }
    return open;
}

void vg_live_alert(struct vg_live *live, const struct vg_alert *alert, bool persisted)
{
    struct vg_buffer b = {0};

    vg_encode_alert(&b, alert, persisted);
    struct vg_live_item *item = item_of(VG_LIVE_ALERT, &b);
    if (item != NULL) {
        item->alert = open_of(alert, item->text);
    }
    if (item == NULL || item->alert == NULL) {
        live->lost = true; /* whoever follows is told to ask anew */
        if (item != NULL) {
            vg_shared_done(item->text);
            free(item);
        }
        return;
    }
    add_news(live, item);
    item->alert->ward_index = vg_live_ward_index(live, alert->ward);
    vg_live_touch(live, alert->ward, alert->bed);
}

void vg_live_answer(struct vg_live *live, const struct vg_answer *answer,
                    struct vg_instant at)
{
    struct vg_buffer b = {0};

    vg_encode_answer(&b, answer, at);
    vg_live_reply(live, answer->client, &b);
}

void vg_live_reply(struct vg_live *live, const char *client, struct vg_buffer *text)
{
    struct vg_live_item *item = item_of(VG_LIVE_ANSWER, text);

    if (item != NULL) { /* else: nobody is told; who asks again is */
        (void)vg_copy(item->client, sizeof item->client, client);
        add_news(live, item);
    }
}

void vg_live_node(struct vg_live *live, const struct vg_live_node *node)
{
    live->node_next = *node;
    live->node_news = true;
}

void vg_live_beat(struct vg_live *live)
{
    struct vg_buffer b = {0};

    vg_live_put_node(&b, &live->node_next);
    struct vg_live_item *item =
        item_of(strcmp(live->node_next.self_check, "ok") == 0 ? VG_LIVE_STATUS
                                                              : VG_LIVE_TROUBLE,
                &b);
    if (item != NULL) {
        add_news(live, item);
    }
}
