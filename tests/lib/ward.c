/* SPDX-License-Identifier: Apache-2.0
 *
 * A ward in a box. See ward.h.
 */
#include "lib/ward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void ward_open(struct ward *ward, const char *rules)
{
    struct vg_arena *arena = vg_arena_create();
    struct vg_faults *faults = calloc(1, sizeof *faults);
    const struct vg_node *root = NULL;
    char text[8192];
    const int n = snprintf(text, sizeof text,
                           "protocol: box\nversion: \"1\"\nproducts: [car_t]\n"
                           "title: box\nrules:\n%s",
                           rules);

    assert_true(n > 0 && (size_t)n < sizeof text);
    memset(ward, 0, sizeof *ward);
    assert_int_equal(vg_yaml_parse(text, (size_t)n, arena, faults, &root), VG_OK);
    const enum vg_status status =
        vg_protocol_build(root, "box", "0", arena, faults, &ward->protocol);
    for (size_t i = 0; status != VG_OK && i < faults->count; i++) {
        print_error("%u: %s\n", faults->item[i].place.line, faults->item[i].text);
    }
    assert_int_equal(status, VG_OK);
    free(faults);
    ward->list[0] = ward->protocol;
    ward->book.protocol_count = 1;
    ward->book.protocol = ward->list;
    ward->engine = vg_engine_create(&ward->book);
    assert_non_null(ward->engine);
}

void ward_close(struct ward *ward)
{
    vg_engine_destroy(ward->engine);
    vg_effects_finish(&ward->effects);
    vg_protocol_destroy(ward->protocol);
}

static void note(struct ward *ward, const struct vg_effect *effect)
{
    const size_t used = strlen(ward->told);
    const int n = snprintf(ward->told + used, sizeof ward->told - used,
                           "%lld %s %s %lld;", (long long)(effect->at.ms - WARD_START),
                           vg_change_text(effect->alert->event), effect->alert->rule,
                           (long long)(effect->alert->onset.ms - WARD_START));

    assert_true(n > 0 && (size_t)n < sizeof ward->told - used);
    ward->last = *effect->alert;
}

void ward_step(struct ward *ward, struct vg_event event)
{
    event.at.ms = WARD_START + ward->now;
    assert_int_equal(vg_engine_step(ward->engine, &event, &ward->effects), VG_OK);
    for (size_t i = 0; i < ward->effects.count; i++) {
        if (ward->effects.item[i].kind == VG_EFFECT_ALERT) {
            note(ward, &ward->effects.item[i]);
        }
    }
}

void ward_wait(struct ward *ward, int64_t until)
{
    ward->now = until;
    ward_step(ward, (struct vg_event){.kind = VG_EVENT_TIME});
}

static void read_in(struct ward *ward, const char *bed, int64_t arrives, int64_t at,
                    enum vg_signal signal, int64_t value, enum vg_source source)
{
    struct vg_reading reading = {.signal = signal,
                                 .source = source,
                                 .value = value,
                                 .measured = {WARD_START + at},
                                 .pi = -1,
                                 .uln = VG_NO_VALUE,
                                 .lln = VG_NO_VALUE};
    struct vg_message message = {.kind = VG_KIND_VITALS,
                                 .ward = "onc-7",
                                 .measured = {WARD_START + at},
                                 .reading_count = 1,
                                 .readings = &reading};

    (void)vg_copy(message.bed, sizeof message.bed, bed);
    reading.out_of_range = value < vg_signal_info(signal)->hard_low ||
                           value > vg_signal_info(signal)->hard_high;
    ward->now = arrives;
    ward_step(ward, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

void ward_read_late(struct ward *ward, int64_t arrives, int64_t at,
                    enum vg_signal signal, int64_t value, enum vg_source source)
{
    read_in(ward, "12", arrives, at, signal, value, source);
}

void ward_read_in(struct ward *ward, const char *bed, int64_t at, enum vg_signal signal,
                  int64_t value, enum vg_source source)
{
    read_in(ward, bed, at, at, signal, value, source);
}

void ward_read(struct ward *ward, int64_t at, enum vg_signal signal, int64_t value,
               enum vg_source source)
{
    ward_read_late(ward, at, at, signal, value, source);
}

static void stay(struct ward *ward, int64_t at, const char *patient,
                 enum vg_episode_do action)
{
    struct vg_admission admission = {.action = action,
                                     .ward = "onc-7",
                                     .bed = "12",
                                     .at = {WARD_START + at},
                                     .product = VG_CAR_T,
                                     .age = 55,
                                     .confirm = true};

    admission.infusion_planned = VG_UNSET;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        admission.baseline[i] = admission.uln[i] = VG_NO_VALUE;
    }
    assert_true(vg_copy(admission.patient, sizeof admission.patient, patient));
    ward->now = at;
    ward_step(ward,
              (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &admission});
}

void ward_admit(struct ward *ward, int64_t at, const char *patient)
{
    stay(ward, at, patient, VG_ADMIT);
}

void ward_discharge(struct ward *ward, int64_t at, const char *patient)
{
    stay(ward, at, patient, VG_DISCHARGE);
}
