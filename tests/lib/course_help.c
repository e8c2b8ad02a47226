/* SPDX-License-Identifier: Apache-2.0
 *
 * See course_help.h.
 */
#include "lib/course_help.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BASE INT64_C(1767945600000)

struct vg_instant try_instant(int64_t seconds)
{
    return (struct vg_instant){BASE + seconds * VG_SECOND};
}

struct vg_try *try_begin(void)
{
    struct vg_try *t = calloc(1, sizeof *t);

    assert(t != NULL);
    t->course = vg_course_create();
    assert(t->course != NULL);
    struct vg_patient *patient = &t->course->patient;
    patient->linked = true;
    patient->age = 55;
    patient->product = VG_CAR_T;
    patient->bcma = true;
    patient->admitted = try_instant(-30 * INT64_C(86400));
    patient->baseline[VG_SBP] = 125;
    patient->baseline[VG_TEMP] = 366;
    t->uln = t->lln = VG_NO_VALUE;
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        t->window[s] = malloc(sizeof *t->window[s]);
        assert(t->window[s] != NULL);
        vg_window_init(t->window[s], (enum vg_signal)s, VG_HOUR);
    }
    return t;
}

void try_end(struct vg_try *t)
{
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        vg_window_finish(t->window[s]);
        free(t->window[s]);
    }
    vg_course_destroy(t->course);
    free(t);
}

void try_item(struct vg_try *t, struct vg_item item)
{
    item.marks |= t->marks;
    item.device = item.device != 0 ? item.device : t->device;
    assert(vg_log_reserve(&t->course->log, 64, 64));
    (void)vg_course_condense(t->course, t->window, item.at);
    if (vg_item_stream(&item) && item.signal < VG_STREAMS && item.at.ms == item.to.ms) {
        const struct vg_sample sample = {.measured = item.at,
                                         .value = item.low,
                                         .source = (enum vg_source)item.source,
                                         .method = (enum vg_method)item.method,
                                         .marks = item.marks,
                                         .device = item.device};
        (void)vg_window_put(t->window[item.signal], &sample);
    }
    (void)vg_course_put(t->course, &item);
}

static struct vg_item plain(int64_t seconds, enum vg_signal signal, int64_t value)
{
    return (struct vg_item){.at = try_instant(seconds),
                            .to = try_instant(seconds),
                            .low = value,
                            .high = value,
                            .a = VG_NO_VALUE,
                            .b = VG_NO_VALUE,
                            .raw = value,
                            .count = 1,
                            .signal = (uint8_t)signal,
                            .source = VG_SOURCE_MANUAL,
                            .unit = (uint8_t)vg_signal_info(signal)->unit};
}

void try_obs(struct vg_try *t, int64_t seconds, enum vg_signal signal, int64_t value,
             enum vg_source source, enum vg_method method)
{
    struct vg_item item = plain(seconds, signal, value);

    item.source = (uint8_t)source;
    item.method = (uint8_t)method;
    try_item(t, item);
}

void try_lab_raw(struct vg_try *t, int64_t seconds, enum vg_signal signal,
                 int64_t value, int64_t raw, enum vg_unit unit)
{
    struct vg_item item = plain(seconds, signal, value);

    item.source = VG_SOURCE_SPOT;
    item.raw = raw;
    item.unit = (uint8_t)unit;
    item.a = t->uln;
    item.b = t->lln;
    try_item(t, item);
}

void try_lab(struct vg_try *t, int64_t seconds, enum vg_signal signal, int64_t value)
{
    try_lab_raw(t, seconds, signal, value, value, vg_signal_info(signal)->unit);
}

void try_chart(struct vg_try *t, int64_t seconds, enum vg_signal signal,
               const char *word, bool on)
{
    struct vg_item item = plain(seconds, signal, on);

    item.name = vg_chart_name(signal, word);
    if (signal == VG_VASOPRESSOR && item.name == VG_PRESSOR_UNKNOWN) {
        item.a = vg_pressor_label(word);
    }
    if (signal == VG_FLAG) {
        const vg_ms life = vg_flag_rows[item.name].expiry_ms;
        item.a = life > 0 ? vg_after(item.at, life).ms : INT64_MAX;
    }
    try_item(t, item);
}

void try_infusion(struct vg_try *t, int64_t start, int64_t end)
{
    try_chart(t, start, VG_INFUSION, "start", true);
    try_chart(t, end, VG_INFUSION, "end", true);
}

void try_oxygen(struct vg_try *t, int64_t seconds, const char *device,
                int64_t flow_tenths)
{
    struct vg_item item = plain(seconds, VG_O2_DEVICE, 1);

    item.name = vg_chart_name(VG_O2_DEVICE, device);
    item.a = flow_tenths;
    try_item(t, item);
}

const struct vg_assessment *try_at_ms(struct vg_try *t, int64_t ms)
{
    const struct vg_view view = {&t->course->patient, &t->course->log};

    vg_course_fold(t->course, t->window, VG_NEVER, NULL);
    memset(&t->now, 0, sizeof t->now);
    t->next = VG_NEVER;
    for (unsigned i = 0; i < VG_TOPICS; i++) {
        t->topic_next[i] = VG_NEVER;
        if (vg_topics[i].judge != NULL) {
            vg_topics[i].judge(&t->course->state, &view, (struct vg_instant){BASE + ms},
                               &t->now, &t->topic_next[i]);
        }
        t->next = vg_earlier(t->next, t->topic_next[i]);
    }
    return &t->now;
}

const struct vg_assessment *try_at(struct vg_try *t, int64_t seconds)
{
    return try_at_ms(t, seconds * VG_SECOND);
}
