/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings of any bed, and moves. See ward_moves.h.
 */
#include "lib/ward_moves.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void ward_message(const struct ward_reading *r, struct vg_message *message,
                  struct vg_reading *reading)
{
    *reading = (struct vg_reading){.signal = r->signal,
                                   .source = r->source,
                                   .value = r->value,
                                   .measured = {WARD_START + r->at},
                                   .pi = -1,
                                   .uln = VG_NO_VALUE,
                                   .lln = VG_NO_VALUE};
    *message = (struct vg_message){.kind = VG_KIND_VITALS,
                                   .ward = "onc-7",
                                   .measured = {WARD_START + r->at},
                                   .reading_count = 1,
                                   .readings = reading};
    assert_true(vg_copy(message->bed, sizeof message->bed, r->bed));
    assert_true(vg_copy(message->patient, sizeof message->patient, r->patient));
}

void ward_feed(struct ward *w, int64_t now, const struct ward_reading *r)
{
    struct vg_reading reading;
    struct vg_message message;

    ward_message(r, &message, &reading);
    w->now = now;
    ward_step(w, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

void ward_move(struct ward *w, int64_t now, const struct ward_move *m)
{
    struct vg_admission a = {.action = m->action,
                             .ward = "onc-7",
                             .to_ward = "onc-7",
                             .at = {WARD_START + m->at},
                             .product = VG_CAR_T,
                             .age = 55,
                             .confirm = true,
                             .swap = m->swap,
                             .has_setting = m->outpatient,
                             .outpatient = m->outpatient};

    a.infusion_planned = VG_UNSET;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a.baseline[i] = a.uln[i] = VG_NO_VALUE;
    }
    assert_true(vg_copy(a.bed, sizeof a.bed, m->bed));
    (void)vg_copy(a.patient, sizeof a.patient, m->patient);
    (void)vg_copy(a.to_bed, sizeof a.to_bed, m->to != NULL ? m->to : "");
    w->now = now;
    ward_step(w, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &a});
}
