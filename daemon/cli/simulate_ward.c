/* SPDX-License-Identifier: Apache-2.0
 *
 * Plays recordings against the boot clock. Messages carry the wall clock of the moment they
 * are made: to the daemon the ward is live, only that an hour of it takes a minute.
 */
#include "cli/simulate_ward.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "shell/clock.h"

#define BURST        64      /* messages of one bed in one go: leaves room for others */
#define STAGGER      400     /* ms between the first messages of neighbouring beds */
#define PAUSE_AT_END VG_HOUR /* recorded time between two rounds */
#define ADMITTED_FOR (30 * VG_MINUTE) /* before the infusion */

struct bed {
    char id[VG_ID_LEN + 1], patient[VG_PATIENT_LEN + 1], device[VG_ID_LEN + 1];
    const char *product;
    unsigned age;
    struct vg_gateway *gateway;
    const struct vg_recording *recording;
    size_t next;            /* sample */
    unsigned charted;       /* admission, infusion: how many are done */
    vg_ms start;            /* boot clock at offset 0 */
    struct vg_instant last; /* each message has a stamp of its own */
    vg_ms infused_before;   /* the start of the simulation */
    bool over;
};

struct vg_sim_ward {
    struct vg_sim_plan plan;
    struct vg_instant begun;
    struct vg_buffer buffer; /* used again for each message */
    struct bed bed[];
};

/* SplitMix64: small, and the same numbers everywhere. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static size_t draw_below(uint64_t *state, size_t limit)
{
    return (size_t)(draw(state) % limit);
}

static void init_bed(struct bed *bed, const struct vg_sim_plan *plan, size_t index,
                     uint64_t *chance)
{
    static const char *const products[] = {"car_t", "car_nk", "nk"};
    (void)snprintf(bed->id, sizeof bed->id, "%zu", index + 1);
    (void)snprintf(bed->patient, sizeof bed->patient, "p-%04zu", index + 1);
    (void)snprintf(bed->device, sizeof bed->device, "mon-%zu", index + 1);
    bed->product = products[draw_below(chance, sizeof products / sizeof products[0])];
    bed->gateway = plan->gateway[index % plan->gateways];
    bed->start = vg_clock_boot() + (vg_ms)index * STAGGER;
    bed->infused_before = (vg_ms)(2 + draw_below(chance, 6)) * VG_HOUR;
    bed->last = VG_UNSET;
}

/* Every recording is played before one is played twice, in an order by chance. False: no
 * memory. */
static bool deal(struct vg_sim_ward *ward, uint64_t *chance)
{
    const struct vg_recordings *all = ward->plan.recordings;
    size_t *order = calloc(all->count, sizeof *order);
    if (order == NULL) {
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        size_t j = draw_below(chance, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < ward->plan.beds; i++) {
        struct bed *bed = &ward->bed[i];
        unsigned usual = 35 + (unsigned)draw_below(chance, 45);
        bed->recording = &all->recording[order[i % all->count]];
        bed->age = bed->recording->age != 0 ? bed->recording->age : usual;
    }
    free(order);
    return true;
}

struct vg_sim_ward *vg_sim_ward_create(const struct vg_sim_plan *plan)
{
    assert(plan->gateways > 0 && plan->recordings->count > 0);
    uint64_t chance = plan->seed;
    struct vg_sim_ward *ward =
        calloc(1, sizeof *ward + plan->beds * sizeof(struct bed));
    if (ward == NULL) {
        return NULL;
    }
    ward->plan = *plan;
    ward->begun = vg_clock_wall();
    for (size_t i = 0; i < plan->beds; i++) {
        init_bed(&ward->bed[i], plan, i, &chance);
    }
    if (!deal(ward, &chance)) {
        free(ward);
        return NULL;
    }
    return ward;
}

void vg_sim_ward_destroy(struct vg_sim_ward *ward)
{
    if (ward != NULL) {
        vg_buffer_finish(&ward->buffer);
        free(ward);
    }
}

static void put_text(struct vg_buffer *buffer, const char *name, const char *value)
{
    vg_put_raw(buffer, ",\"");
    vg_put_raw(buffer, name);
    vg_put_raw(buffer, "\":");
    vg_put_string(buffer, value);
}

static void begin(struct vg_sim_ward *ward, const struct bed *bed, struct vg_instant ts)
{
    vg_gateway_begin(bed->gateway, &ward->buffer);
    vg_put_raw(&ward->buffer, ",\"ts\":");
    vg_put_time(&ward->buffer, ts);
    if (ward->plan.admit) {
        put_text(&ward->buffer, "patient", bed->patient);
    }
}

static enum vg_status finish(struct vg_sim_ward *ward, const struct bed *bed,
                             const char *kind)
{
    char topic[VG_TOPIC_LEN + 1];
    vg_put_raw(&ward->buffer, "}");
    enum vg_status status = vg_topic_build(topic, ward->plan.root, "beds",
                                           ward->plan.ward, bed->id, kind, NULL);
    return status == VG_OK ? vg_gateway_put(bed->gateway, topic, &ward->buffer)
                           : status;
}

static enum vg_status admit(struct vg_sim_ward *ward, const struct bed *bed)
{
    begin(ward, bed, vg_after(ward->begun, -bed->infused_before - ADMITTED_FOR));
    put_text(&ward->buffer, "by", "simulate");
    put_text(&ward->buffer, "do", "admit");
    put_text(&ward->buffer, "product", bed->product);
    put_text(&ward->buffer, "setting", "inpatient");
    vg_put_raw(&ward->buffer, ",\"age\":");
    vg_put_int(&ward->buffer, bed->age);
    return finish(ward, bed, "episode");
}

static enum vg_status infuse(struct vg_sim_ward *ward, const struct bed *bed)
{
    char dose[VG_PATIENT_LEN + 1];
    (void)snprintf(dose, sizeof dose, "dose-%.40s", bed->patient);
    begin(ward, bed, vg_after(ward->begun, -bed->infused_before));
    vg_put_raw(&ward->buffer, ",\"obs\":[{\"code\":\"infusion\",\"value\":\"start\"");
    put_text(&ward->buffer, "product", bed->product);
    put_text(&ward->buffer, "dose_id", dose);
    vg_put_raw(&ward->buffer, "}]");
    return finish(ward, bed, "therapy");
}

static void put_sample(struct vg_buffer *buffer, const struct vg_sample *sample)
{
    vg_put_raw(buffer, "{\"code\":");
    vg_put_string(buffer, sample->code);
    vg_put_raw(buffer, ",\"value\":");
    vg_put_raw(buffer, sample->value);
    if (sample->unit != NULL) {
        put_text(buffer, "unit", sample->unit);
    }
    put_text(buffer, "source", sample->source);
    vg_put_raw(buffer, "}");
}

/* All samples of one recorded instant, at most as many as a message holds. */
static size_t instant_end(const struct vg_recording *recording, size_t from)
{
    size_t end = from + 1;
    while (end < recording->count && end - from < VG_MESSAGE_ITEMS &&
           recording->sample[end].offset == recording->sample[from].offset) {
        end++;
    }
    return end;
}

static enum vg_status send_vitals(struct vg_sim_ward *ward, struct bed *bed)
{
    struct vg_instant ts = vg_later(vg_clock_wall(), vg_after(bed->last, 1));
    size_t end = instant_end(bed->recording, bed->next);
    begin(ward, bed, ts);
    put_text(&ward->buffer, "device", bed->device);
    vg_put_raw(&ward->buffer, ",\"obs\":[");
    for (size_t i = bed->next; i < end; i++) {
        vg_put_raw(&ward->buffer, i > bed->next ? "," : "");
        put_sample(&ward->buffer, &bed->recording->sample[i]);
    }
    vg_put_raw(&ward->buffer, "]");
    enum vg_status status = finish(ward, bed, "vitals");
    if (status == VG_OK) {
        bed->last = ts;
        bed->next = end;
    }
    return status;
}

static vg_ms real(const struct vg_sim_ward *ward, vg_ms recorded)
{
    return (vg_ms)((double)recorded / ward->plan.speed);
}

static void rewind_bed(const struct vg_sim_ward *ward, struct bed *bed)
{
    vg_ms length = bed->recording->sample[bed->recording->count - 1].offset;
    bed->over = ward->plan.once;
    bed->start += real(ward, length + PAUSE_AT_END);
    bed->next = 0;
}

/* Admission and infusion come before the first vital sign. */
static enum vg_status chart(struct vg_sim_ward *ward, struct bed *bed)
{
    static enum vg_status (*const steps[])(struct vg_sim_ward *,
                                           const struct bed *) = {admit, infuse};
    enum vg_status status = VG_OK;
    while (ward->plan.admit && status == VG_OK &&
           bed->charted < sizeof steps / sizeof steps[0]) {
        status = steps[bed->charted](ward, bed);
        bed->charted += status == VG_OK;
    }
    return status;
}

static enum vg_status play_bed(struct vg_sim_ward *ward, struct bed *bed, vg_ms now)
{
    enum vg_status status = chart(ward, bed);
    for (unsigned n = 0; n < BURST && status == VG_OK && !bed->over; n++) {
        vg_ms offset = bed->recording->sample[bed->next].offset;
        if (bed->start + real(ward, offset) > now) {
            break;
        }
        status = send_vitals(ward, bed);
        if (bed->next == bed->recording->count) {
            rewind_bed(ward, bed);
        }
    }
    return status == VG_FULL ? VG_OK : status;
}

enum vg_status vg_sim_ward_play(struct vg_sim_ward *ward)
{
    vg_ms now = vg_clock_boot();
    enum vg_status status = VG_OK;
    for (size_t i = 0; i < ward->plan.beds && status == VG_OK; i++) {
        status = play_bed(ward, &ward->bed[i], now);
    }
    return status;
}

bool vg_sim_ward_over(const struct vg_sim_ward *ward)
{
    for (size_t i = 0; i < ward->plan.beds; i++) {
        if (!ward->bed[i].over) {
            return false;
        }
    }
    return true;
}
