/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages carry the clock of the moment they are made: to the daemon the ward is live, even where an
 * hour of it takes a minute.
 */
#include "cli/sim_bed.h"

#include <stdio.h>
#include <string.h>

static void put_text(struct vg_buffer *buffer, const char *name, const char *value)
{
    vg_put_raw(buffer, ",\"");
    vg_put_raw(buffer, name);
    vg_put_raw(buffer, "\":");
    vg_put_string(buffer, value);
}

static void begin(const struct vg_sim_desk *desk, const struct vg_sim_bed *bed,
                  struct vg_instant ts)
{
    vg_sim_begin(bed->sender, desk->buffer);
    vg_put_raw(desk->buffer, ",\"ts\":");
    vg_put_time(desk->buffer, vg_after(ts, bed->sender->skew));
    if (desk->plan->admit) {
        put_text(desk->buffer, "patient", bed->patient);
    }
}

/* A slip as gateways make them: a code that does not exist, or `obs` under a wrong name. An
 * item is refused for the first, the whole for the second. */
static void spoil(struct vg_buffer *buffer, struct vg_sim_bed *bed)
{
    char *item = strstr(buffer->bytes, "\"code\":\"hr\"");
    char *obs = strstr(buffer->bytes, "\"obs\":");
    if (item != NULL && vg_sim_happens(&bed->chance, 0.5)) {
        memcpy(item, "\"code\":\"hx\"", 11);
    } else if (obs != NULL) {
        memcpy(obs, "\"obz\":", 6);
    }
}

static enum vg_status finish_at(const struct vg_sim_desk *desk, struct vg_sim_bed *bed,
                                const char *place, const char *kind)
{
    char topic[VG_TOPIC_LEN + 1];
    struct vg_sim_sender *sender = bed->sender;
    vg_put_raw(desk->buffer, "}");
    enum vg_status status = vg_topic_build(topic, desk->plan->root, "beds",
                                           desk->plan->ward, place, kind, NULL);
    if (status == VG_OK && !desk->buffer->failed &&
        vg_sim_happens(&bed->chance, desk->plan->mistakes)) {
        spoil(desk->buffer, bed);
    }
    return status == VG_OK ? sender->put(sender, topic, desk->buffer) : status;
}

static enum vg_status finish(const struct vg_sim_desk *desk, struct vg_sim_bed *bed,
                             const char *kind)
{
    return finish_at(desk, bed, bed->id, kind);
}

enum vg_status vg_sim_bed_admit(const struct vg_sim_desk *desk, struct vg_sim_bed *bed,
                                struct vg_instant at)
{
    begin(desk, bed, at);
    put_text(desk->buffer, "by", "simulate");
    put_text(desk->buffer, "do", "admit");
    put_text(desk->buffer, "product", bed->product);
    put_text(desk->buffer, "setting", "inpatient");
    vg_put_raw(desk->buffer, ",\"age\":");
    vg_put_int(desk->buffer, bed->age);
    return finish(desk, bed, "episode");
}

enum vg_status vg_sim_bed_infuse(const struct vg_sim_desk *desk, struct vg_sim_bed *bed,
                                 struct vg_instant at)
{
    char dose[VG_PATIENT_LEN + 1];
    (void)snprintf(dose, sizeof dose, "dose-%.40s", bed->patient);
    begin(desk, bed, at);
    vg_put_raw(desk->buffer, ",\"obs\":[{\"code\":\"infusion\",\"value\":\"start\"");
    put_text(desk->buffer, "product", bed->product);
    put_text(desk->buffer, "dose_id", dose);
    vg_put_raw(desk->buffer, "}]");
    return finish(desk, bed, "therapy");
}

/* No two messages of a bed have the same stamp. */
static struct vg_instant stamp(const struct vg_sim_desk *desk,
                               const struct vg_sim_bed *bed)
{
    return vg_later(desk->wall, vg_after(bed->last, 1));
}

enum vg_status vg_sim_bed_transfer(const struct vg_sim_desk *desk,
                                   struct vg_sim_bed *bed, const char *from,
                                   const char *to)
{
    struct vg_instant ts = stamp(desk, bed);
    begin(desk, bed, ts);
    put_text(desk->buffer, "by", "simulate");
    put_text(desk->buffer, "do", "transfer");
    put_text(desk->buffer, "to_ward", desk->plan->ward);
    put_text(desk->buffer, "to_bed", to);
    enum vg_status status = finish_at(desk, bed, from, "episode");
    if (status == VG_OK) {
        bed->last = ts;
    }
    return status;
}

bool vg_sim_bed_admitted(const struct vg_sim_bed *bed)
{
    return bed->recording != NULL ? bed->charted > 0
                                  : bed->person.due[VG_SIM_ADMIT] > 0;
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

enum vg_status vg_sim_bed_recorded(const struct vg_sim_desk *desk,
                                   struct vg_sim_bed *bed)
{
    struct vg_instant ts = stamp(desk, bed);
    size_t end = instant_end(bed->recording, bed->next);
    begin(desk, bed, ts);
    put_text(desk->buffer, "device", bed->device);
    vg_put_raw(desk->buffer, ",\"obs\":[");
    for (size_t i = bed->next; i < end; i++) {
        vg_put_raw(desk->buffer, i > bed->next ? "," : "");
        put_sample(desk->buffer, &bed->recording->sample[i]);
    }
    vg_put_raw(desk->buffer, "]");
    enum vg_status status = finish(desk, bed, "vitals");
    if (status == VG_OK) {
        bed->last = ts;
        bed->next = end;
    }
    return status;
}

static enum vg_status observe(const struct vg_sim_desk *desk, struct vg_sim_bed *bed,
                              enum vg_sim_task task, struct vg_instant ts)
{
    begin(desk, bed, ts);
    if (task == VG_SIM_MONITOR) {
        put_text(desk->buffer, "device", bed->device);
    }
    vg_put_raw(desk->buffer, ",\"obs\":[");
    vg_sim_patient_write(&bed->person, task, desk->buffer);
    vg_put_raw(desk->buffer, "]");
    return finish(desk, bed, vg_sim_patient_topic(&bed->person, task));
}

enum vg_status vg_sim_bed_modelled(const struct vg_sim_desk *desk,
                                   struct vg_sim_bed *bed)
{
    vg_ms due;
    struct vg_sim_patient before =
        bed->person; /* a full gateway asks for the same again */
    struct vg_instant ts = stamp(desk, bed);
    enum vg_sim_task task = vg_sim_patient_next(&bed->person, &due);
    enum vg_status status = VG_OK;
    if (task == VG_SIM_ADMIT || task == VG_SIM_INFUSE) {
        if (desk->plan->admit) {
            status = task == VG_SIM_ADMIT ? vg_sim_bed_admit(desk, bed, ts)
                                          : vg_sim_bed_infuse(desk, bed, ts);
        }
    } else {
        status = observe(desk, bed, task, ts);
    }
    if (status != VG_OK) {
        bed->person = before;
        return status;
    }
    bed->last = ts;
    vg_sim_patient_done(&bed->person, task);
    return VG_OK;
}
