/* SPDX-License-Identifier: Apache-2.0
 *
 * Days with a kill. See days.h.
 */
#include "lib/days.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

void days_add(struct days *days, struct days_thing thing)
{
    size_t i = days->count++;

    assert_true(days->count <= STEPS);
    for (; i > 0 && days->thing[i - 1].at > thing.at; i--) {
        days->thing[i] = days->thing[i - 1];
    }
    days->thing[i] = thing;
}

static void note(struct days *days, const struct ward *w)
{
    for (size_t i = 0; i < w->effects.count; i++) {
        const struct vg_effect *e = &w->effects.item[i];
        if (e->kind == VG_EFFECT_CARRIED) {
            days->carried = e->carried.value;
            days->told++;
            (void)vg_copy(days->episode, sizeof days->episode, e->carried.episode);
        }
    }
}

void days_chart(struct ward *w, const struct days_thing *thing)
{
    struct vg_entry entry = {
        .signal = thing->signal,
        .on = !thing->off,
        .at = {WARD_START + (thing->ts != 0 ? thing->ts : thing->at)},
        .until = VG_UNSET,
        .flow = VG_NO_VALUE,
        .fio2 = VG_NO_VALUE,
        .duration_s = -1};
    struct vg_message message = {.kind = VG_KIND_THERAPY,
                                 .ward = "onc-7",
                                 .bed = "12",
                                 .measured = entry.at,
                                 .entry_count = 1,
                                 .entries = &entry};

    (void)vg_copy(entry.value, sizeof entry.value, thing->name);
    w->now = thing->at;
    ward_step(w, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

void days_live(struct ward *w, struct days *days, size_t i)
{
    const struct days_thing *thing = &days->thing[i];

    if (thing->name != NULL) {
        days_chart(w, thing);
    } else {
        ward_read(w, thing->at, thing->signal, thing->value, VG_SOURCE_SPOT);
    }
    note(days, w);
}

static bool restore_one(void *to, const struct vg_alert *alert)
{
    ward_step(to, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = alert});
    return true;
}

void days_rebuild(struct ward *to, const struct ward *from, struct days *days,
                  size_t cut)
{
    const uint64_t n = vg_engine_ward_counter(from->engine, "onc-7");
    const struct vg_carried carried = days->carried;
    const unsigned told = days->told;

    vg_engine_restore_begin(to->engine);
    ward_step(to, (struct vg_event){.kind = VG_EVENT_WARD, .counter = {"onc-7", n}});
    vg_engine_open_alerts(from->engine, NULL, restore_one, to);
    if (told > 0) {
        ward_step(to, (struct vg_event){.kind = VG_EVENT_CARRIED,
                                        .carried = {days->episode, &carried}});
    }
    ward_admit(to, 0, "p-1");
    for (size_t i = 0; i < cut; i++) {
        if (days->thing[i].name != NULL || days->thing[i].at > from->now - READ) {
            days_live(to, days, i);
        }
    }
    assert_int_equal(vg_engine_restore_end(to->engine,
                                           (struct vg_instant){WARD_START + from->now},
                                           &to->effects),
                     VG_OK);
    note(days, to);
    assert_int_equal(days->told, told); /* what was handed back is not told again */
    for (size_t i = 0; i < to->effects.count; i++) { /* nor anything else */
        const struct vg_effect *e = &to->effects.item[i];
        if (e->kind == VG_EFFECT_ALERT) {
            fail_msg("killed at %d h: %s %s", (int)(from->now / HOUR),
                     vg_change_text(e->alert->event), e->alert->rule);
        }
    }
}

void days_kill_at(const char *rules, struct days *days, int64_t hour, char told[TOLD])
{
    static struct ward whole;
    static struct ward killed;
    static struct days other;
    size_t cut = 0;

    ward_open(&whole, rules);
    ward_open(&killed, rules);
    ward_admit(&whole, 0, "p-1");
    for (; days->thing[cut].at < hour * HOUR; cut++) {
        days_live(&whole, days, cut);
    }
    whole.told[0] = '\0';
    days_rebuild(&killed, &whole, days, cut);
    other = *days;
    for (size_t i = cut; i < days->count; i++) {
        days_live(&whole, days, i);
        days_live(&killed, &other, i);
    }
    if (strcmp(whole.told, killed.told) != 0) {
        fail_msg("killed at %d h:\n%s\nnot\n%s", (int)hour, killed.told, whole.told);
    }
    (void)vg_copy(told, sizeof whole.told, whole.told);
    ward_close(&whole);
    ward_close(&killed);
}
