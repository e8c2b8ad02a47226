/* SPDX-License-Identifier: Apache-2.0
 *
 * What a stay carries over a restart (vigil/carried.h): an engine that read one day of vital signs back says of what is
 * older what the one says that was never killed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ward.h"

#define HOUR  INT64_C(3600000)
#define T0    (24 * HOUR)
#define READ  (25 * HOUR) /* so much of the vital signs is read back */
#define END   (130 * HOUR)
#define STEPS 1024
#define TOLD  sizeof((struct ward *)0)->told

#define RULE(id, when)                                                         \
    "  - id: " id "\n    class: global\n    severity: urgent\n    when: " when \
    "\n    text: t\n    source: s\n"

static const char rules[] = RULE("LOWER", "sbp < 0.7 * baseline(sbp)")
    RULE("SUPPORTED", "crs.grade == 2") RULE("MOST", "crs.max_grade >= 2");

struct thing {
    int64_t at;
    enum vg_signal signal;
    int64_t value;    /* of a vital sign */
    const char *name; /* charted */
    bool off;
    int64_t ts; /* charted for an earlier time; 0: for then */
};

struct life {
    size_t count;
    struct thing thing[STEPS];
    struct vg_carried carried; /* as last told */
    unsigned told;             /* how often */
    char episode[VG_EPISODE_LEN + 1];
};

static void add(struct life *life, struct thing thing)
{
    size_t i = life->count++;

    assert_true(life->count <= STEPS);
    for (; i > 0 && life->thing[i - 1].at > thing.at; i--) {
        life->thing[i] = life->thing[i - 1];
    }
    life->thing[i] = thing;
}

/* Three days: 140 over the day before, fever from 10 h to 20 h after the infusion, with tocilizumab; then nothing but
 * pressures. On the last day oxygen, and a pressure that is low for this patient alone. */
static void fill(struct life *life)
{
    memset(life, 0, sizeof *life);
    for (int64_t h = 1; h < END / HOUR; h++) {
        const bool feverish = h >= 34 && h <= 44;
        const int64_t sbp = h == 100 || h == 120 ? 92 : h < 24 ? 140 : 128;
        add(life, (struct thing){h * HOUR, VG_SBP, sbp, NULL, false, 0});
        add(life, (struct thing){h * HOUR + 60000, VG_TEMP, feverish ? 386 : 368, NULL,
                                 false, 0});
    }
    add(life, (struct thing){T0, VG_INFUSION, 0, "start", false, 0});
    add(life, (struct thing){T0 + HOUR, VG_INFUSION, 0, "end", false, 0});
    add(life,
        (struct thing){36 * HOUR + 1000, VG_MEDICATION, 0, "tocilizumab", false, 0});
    add(life,
        (struct thing){90 * HOUR + 1000, VG_O2_DEVICE, 0, "nasal_cannula", false, 0});
    add(life, (struct thing){96 * HOUR + 1000, VG_O2_DEVICE, 0, "room_air", false, 0});
}

static void note(struct life *life, const struct ward *w)
{
    for (size_t i = 0; i < w->effects.count; i++) {
        const struct vg_effect *e = &w->effects.item[i];
        if (e->kind == VG_EFFECT_CARRIED) {
            life->carried = e->carried.value;
            life->told++;
            (void)vg_copy(life->episode, sizeof life->episode, e->carried.episode);
        }
    }
}

static void chart(struct ward *w, const struct thing *thing)
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

static void live(struct ward *w, struct life *life, size_t i)
{
    const struct thing *thing = &life->thing[i];

    if (thing->name != NULL) {
        chart(w, thing);
    } else {
        ward_read(w, thing->at, thing->signal, thing->value, VG_SOURCE_SPOT);
    }
    note(life, w);
}

static bool restore_one(void *to, const struct vg_alert *alert)
{
    ward_step(to, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = alert});
    return true;
}

/* From what was charted, the last day's vital signs, and what was carried over. */
static void rebuild(struct ward *to, const struct ward *from, struct life *life,
                    size_t cut)
{
    const uint64_t n = vg_engine_ward_counter(from->engine, "onc-7");
    const struct vg_carried carried = life->carried;
    const unsigned told = life->told;

    vg_engine_restore_begin(to->engine);
    ward_step(to, (struct vg_event){.kind = VG_EVENT_WARD, .counter = {"onc-7", n}});
    vg_engine_open_alerts(from->engine, NULL, restore_one, to);
    if (told > 0) {
        ward_step(to, (struct vg_event){.kind = VG_EVENT_CARRIED,
                                        .carried = {life->episode, &carried}});
    }
    ward_admit(to, 0, "p-1");
    for (size_t i = 0; i < cut; i++) {
        if (life->thing[i].name != NULL || life->thing[i].at > from->now - READ) {
            live(to, life, i);
        }
    }
    assert_int_equal(vg_engine_restore_end(to->engine,
                                           (struct vg_instant){WARD_START + from->now},
                                           &to->effects),
                     VG_OK);
    note(life, to);
    assert_int_equal(life->told, told); /* what was handed back is not told again */
}

/* What both say of the rest, which must be the same, goes to `told`. */
static void kill_at(struct life *life, int64_t hour, char told[TOLD])
{
    static struct ward whole;
    static struct ward killed;
    static struct life other;
    size_t cut = 0;

    ward_open(&whole, rules);
    ward_open(&killed, rules);
    ward_admit(&whole, 0, "p-1");
    for (; life->thing[cut].at < hour * HOUR; cut++) {
        live(&whole, life, cut);
    }
    whole.told[0] = '\0';
    rebuild(&killed, &whole, life, cut);
    other = *life;
    for (size_t i = cut; i < life->count; i++) {
        live(&whole, life, i);
        live(&killed, &other, i);
    }
    if (strcmp(whole.told, killed.told) != 0) {
        fail_msg("killed at %d h:\n%s\nnot\n%s", (int)hour, killed.told, whole.told);
    }
    (void)vg_copy(told, sizeof whole.told, whole.told);
    ward_close(&whole);
    ward_close(&killed);
}

static void test_killed_at_any_hour(void **state)
{
    static struct life life;
    static char told[TOLD];

    (void)state;
    for (int64_t hour = 2; hour < END / HOUR - 1; hour += 3) {
        fill(&life);
        kill_at(&life, hour, told);
        if (hour == 2) { /* there is something to lose */
            assert_non_null(strstr(told, "raised LOWER 360000000;"));
            assert_non_null(strstr(told, "raised LOWER 432000000;"));
            assert_non_null(strstr(told, "raised SUPPORTED"));
        }
    }
}

/* Ten hours of fever, and a reading an hour: the disk is not written for each. */
static void test_told_seldom(void **state)
{
    static struct life life;
    static char told[TOLD];

    (void)state;
    fill(&life);
    kill_at(&life, 2, told);
    assert_in_range(life.told, 3, 25);
}

/* A physician closes the episode after the restart, for a time before it; and takes that back. */
static void test_closed_for_an_earlier_time(void **state)
{
    static struct life life;
    static char told[TOLD];
    const struct thing oxygen = {60 * HOUR, VG_O2_DEVICE, 0, "nasal_cannula", false, 0};
    const struct thing closed = {63 * HOUR, VG_FLAG, 0, "crs_closed", false, 50 * HOUR};
    const struct thing opened = {92 * HOUR, VG_FLAG, 0, "crs_closed", true, 0};

    (void)state;
    fill(&life);
    add(&life, oxygen);
    add(&life, closed);
    kill_at(&life, 62, told);
    assert_non_null(strstr(told, "226800000 ended SUPPORTED")); /* at 63 h */
    assert_null(strstr(told, "raised SUPPORTED"));
    add(&life, opened);
    kill_at(&life, 62, told);
    assert_non_null(strstr(told, "331200000 raised SUPPORTED")); /* at 92 h */
}

/* An infusion that was at another time has other baselines. */
static void test_another_infusion(void **state)
{
    static struct life life;
    static struct ward w;
    struct vg_carried carried = {.at = {WARD_START + 40 * HOUR},
                                 .frozen = {WARD_START + T0 - 1},
                                 .baseline = {0, 0, 0, 0, 180}};

    (void)state;
    for (int same = 0; same < 2; same++) {
        fill(&life);
        ward_open(&w, rules);
        ward_admit(&w, 0, "p-1");
        live(&w, &life, 0);
        for (size_t i = 0; life.told == 0; i++) {
            live(&w, &life, i);
        }
        ward_close(&w);
        ward_open(&w, rules);
        vg_engine_restore_begin(w.engine);
        carried.frozen.ms = WARD_START + T0 - !same;
        ward_step(&w, (struct vg_event){.kind = VG_EVENT_CARRIED,
                                        .carried = {life.episode, &carried}});
        ward_admit(&w, 0, "p-1");
        for (size_t i = 0; life.thing[i].at < 40 * HOUR; i++) {
            live(&w, &life, i);
        }
        assert_int_equal(
            vg_engine_restore_end(w.engine, (struct vg_instant){WARD_START + 40 * HOUR},
                                  &w.effects),
            VG_OK);
        ward_read(&w, 40 * HOUR, VG_SBP, 110, VG_SOURCE_SPOT);
        assert_int_equal(strstr(w.told, "raised LOWER") != NULL, same);
        ward_close(&w);
    }
}

/* Of an infusion that is taken back after the restart nothing goes on: the fever was no CRS. */
static void test_taken_back(void **state)
{
    static struct life life;
    static char told[TOLD];
    const struct thing back = {63 * HOUR, VG_INFUSION, 0, "start", true, T0};

    (void)state;
    fill(&life);
    kill_at(&life, 62, told);
    assert_non_null(strstr(told, "raised SUPPORTED"));
    add(&life, back);
    kill_at(&life, 62, told);
    assert_null(strstr(told, "raised SUPPORTED"));
}

/* Nor has another patient in the same bed. */
static void test_another_patient(void **state)
{
    static struct life life;
    static struct ward w;

    (void)state;
    fill(&life);
    ward_open(&w, rules);
    ward_admit(&w, 0, "p-1");
    for (size_t i = 0; life.thing[i].at < 40 * HOUR; i++) {
        live(&w, &life, i);
    }
    assert_true(life.carried.baseline[4] == 140);
    ward_discharge(&w, 40 * HOUR, "p-1");
    ward_admit(&w, 41 * HOUR, "p-2");
    w.told[0] = '\0';
    ward_read(&w, 41 * HOUR, VG_SBP, 92, VG_SOURCE_SPOT);
    assert_null(strstr(w.told, "raised LOWER"));
    ward_close(&w);
}

static void update(struct ward *w)
{
    struct vg_admission a = {
        .action = VG_UPDATE, .ward = "onc-7", .bed = "12", .patient = "p-1", .age = 56};

    a.at.ms = WARD_START + w->now;
    a.infusion_planned = VG_UNSET;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a.baseline[i] = a.uln[i] = VG_NO_VALUE;
    }
    ward_step(w, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &a});
}

static void reload(struct ward *w)
{
    assert_int_equal(vg_engine_adopt(w->engine, &w->book), VG_OK);
}

/* A low pressure until 44 h is the last sign of the episode. A monitor's pressures are kept for a day: what comes of an
 * update or a reload at 94 h must not have the waiver end early. */
static void test_folded_anew(void **state)
{
    static void (*const anew[])(struct ward *) = {NULL, update, reload};
    static struct ward w;
    const struct thing start = {T0, VG_INFUSION, 0, "start", false, 0};
    const struct thing given = {30 * HOUR, VG_MEDICATION, 0, "tocilizumab", false, 0};
    const struct thing oxygen = {110 * HOUR,      VG_O2_DEVICE, 0,
                                 "nasal_cannula", false,        0};

    (void)state;
    for (size_t i = 0; i < sizeof anew / sizeof anew[0]; i++) {
        ward_open(&w, rules);
        ward_admit(&w, 0, "p-1");
        chart(&w, &start);
        for (int64_t m = 25 * 60; m < 110 * 60; m++) {
            const int64_t at = m * 60000;
            if (m == 30 * 60) {
                chart(&w, &given);
            }
            ward_read(&w, at, VG_TEMP, m < 34 * 60 ? 386 : 368, VG_SOURCE_CONTINUOUS);
            ward_read(&w, at + 1000, VG_SBP, m > 26 * 60 && m < 44 * 60 ? 84 : 120,
                      VG_SOURCE_CONTINUOUS);
            if (m == 94 * 60 && anew[i] != NULL) {
                anew[i](&w);
            }
            w.told[0] = '\0';
        }
        chart(&w, &oxygen);
        assert_non_null(strstr(w.told, "raised SUPPORTED"));
        ward_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_at_any_hour),
        cmocka_unit_test(test_told_seldom),
        cmocka_unit_test(test_closed_for_an_earlier_time),
        cmocka_unit_test(test_another_infusion),
        cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_another_patient),
        cmocka_unit_test(test_folded_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
