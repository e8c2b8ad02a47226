/* SPDX-License-Identifier: Apache-2.0
 *
 * Kill and restart anywhere equals no kill: an engine rebuilt from stored messages and open
 * alerts goes on to tell the same changes, under the same ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ward.h"

#define EVENTS 600

#define RULE(id, when, rest)                                                   \
    "  - id: " id "\n    class: global\n    severity: urgent\n    when: " when \
    "\n" rest "    text: t\n    source: s\n"

static const char rules[] =
    RULE("FEVER", "temp >= 38.0 Cel", "    clear: temp <= 37.7 Cel for 10m\n")
        RULE("LOW", "min(sbp, 5m) < 90 mm[Hg]", "    latch: yes\n")
            RULE("HELD", "hr > 120 /min", "    hold: 90s\n")
                RULE("AGAIN", "hr > 115 /min", "    hold: 60s\n    latch: yes\n");

struct step {
    int64_t at;
    enum vg_signal signal;
    int64_t value;
};

static void generate(struct step *all, unsigned s)
{
    static const enum vg_signal signals[] = {VG_TEMP, VG_SBP, VG_HR};
    static const int64_t low[] = {370, 82, 100};
    int64_t at = 0;
    unsigned mood = 0;

    for (size_t i = 0; i < EVENTS; i++) {
        s = s * 1664525U + 1013904223U;
        const unsigned which = (s >> 8) % 3;
        at += (int64_t)((s >> 12) % 25) * 1000;
        mood = (s >> 16) % 12 == 0 ? (s >> 20) % 30 : mood;
        all[i] = (struct step){at, signals[which], low[which] + mood};
    }
}

static void read_one(struct ward *w, const struct step *step)
{
    ward_read(w, step->at, step->signal, step->value, VG_SOURCE_CONTINUOUS);
}

static bool restore_one(void *to, const struct vg_alert *alert)
{
    struct ward *w = to;

    ward_step(w, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = alert});
    return true;
}

/* Rebuilds `to` from the steps before `cut` and what `from` has open. */
static void rebuild(struct ward *to, const struct ward *from, const struct step *all,
                    size_t cut)
{
    struct vg_effects *effects = &to->effects;

    vg_engine_restore_begin(to->engine);
    to->now = 0;
    ward_step(to, (struct vg_event){.kind = VG_EVENT_WARD,
                                    .counter = {"onc-7", vg_engine_ward_counter(
                                                             from->engine, "onc-7")}});
    vg_engine_open_alerts(from->engine, NULL, restore_one, to);
    for (size_t i = 0; i < cut; i++) {
        read_one(to, &all[i]);
    }
    assert_string_equal(to->told, ""); /* the past is not told again */
    assert_int_equal(vg_engine_restore_end(to->engine,
                                           (struct vg_instant){WARD_START + to->now},
                                           effects),
                     VG_OK);
    assert_int_equal(effects->count, 0); /* nothing was missed, nothing is told twice */
}

static void compare(const struct step *all, size_t cut)
{
    static struct ward whole;
    static struct ward killed;

    ward_open(&whole, rules);
    ward_open(&killed, rules);
    for (size_t i = 0; i < cut; i++) {
        read_one(&whole, &all[i]);
        whole.told[0] = '\0';
    }
    rebuild(&killed, &whole, all, cut);
    for (size_t i = cut; i < EVENTS; i++) {
        read_one(&whole, &all[i]);
        read_one(&killed, &all[i]);
        assert_string_equal(whole.told, killed.told);
        if (whole.told[0] != '\0') {
            assert_string_equal(whole.last.id, killed.last.id);
            assert_int_equal(whole.last.n, killed.last.n);
            assert_int_equal(whole.last.rev, killed.last.rev);
        }
        whole.told[0] = killed.told[0] = '\0';
    }
    ward_close(&whole);
    ward_close(&killed);
}

static void test_kill_anywhere(void **state)
{
    static struct step all[EVENTS];

    (void)state;
    for (unsigned seed = 1; seed <= 3; seed++) {
        generate(all, seed);
        for (size_t cut = 1; cut < EVENTS; cut += 7) {
            compare(all, cut);
        }
    }
}

/* Condition met, nothing stored of the alert: told at the end of the rebuilding, same id. */
static void test_not_yet_told(void **state)
{
    static struct ward whole;
    static struct ward killed;
    const struct step fever = {1000, VG_TEMP, 385};

    (void)state;
    ward_open(&whole, rules);
    ward_open(&killed, rules);
    read_one(&whole, &fever);
    vg_engine_restore_begin(killed.engine);
    read_one(&killed, &fever);
    assert_string_equal(killed.told, "");
    assert_int_equal(vg_engine_restore_end(killed.engine,
                                           (struct vg_instant){WARD_START + 5000},
                                           &killed.effects),
                     VG_OK);
    assert_int_equal(killed.effects.count, 1);
    assert_string_equal(killed.effects.item[0].alert->id, whole.last.id);
    ward_close(&whole);
    ward_close(&killed);
}

/* ---- What is open, by ward */

static void fever_in(struct ward *w, const char *ward, const char *bed)
{
    struct vg_reading reading = {.signal = VG_TEMP,
                                 .source = VG_SOURCE_CONTINUOUS,
                                 .value = 391,
                                 .measured = {WARD_START},
                                 .pi = -1,
                                 .uln = VG_NO_VALUE,
                                 .lln = VG_NO_VALUE};
    struct vg_message message = {.kind = VG_KIND_VITALS,
                                 .measured = {WARD_START},
                                 .reading_count = 1,
                                 .readings = &reading};

    (void)vg_copy(message.ward, sizeof message.ward, ward);
    (void)vg_copy(message.bed, sizeof message.bed, bed);
    ward_step(w, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

struct listed {
    char beds[64];
};

static bool list_one(void *to, const struct vg_alert *alert)
{
    struct listed *listed = to;
    const size_t used = strlen(listed->beds);

    (void)snprintf(listed->beds + used, sizeof listed->beds - used, "%s/%s ",
                   alert->ward, alert->bed);
    return true;
}

/* Wards whose names begin alike, made in no order; one without beds before, between and behind. */
static void what_is_open_in_a_ward_is_that_and_no_more(void **state)
{
    static const char *const rows[][2] = {{"b", "b/1 b/2 "},
                                          {"bb", "bb/1 "},
                                          {"c", "c/3 "},
                                          {"a", ""},
                                          {"ba", ""},
                                          {"d", ""},
                                          {NULL, "b/1 b/2 bb/1 c/3 "}};
    static struct ward w;

    (void)state;
    ward_open(&w, rules);
    fever_in(&w, "c", "3");
    fever_in(&w, "b", "2");
    fever_in(&w, "bb", "1");
    fever_in(&w, "b", "1");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct listed listed = {""};
        vg_engine_open_alerts(w.engine, rows[i][0], list_one, &listed);
        assert_string_equal(listed.beds, rows[i][1]);
    }
    ward_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_anywhere),
        cmocka_unit_test(test_not_yet_told),
        cmocka_unit_test(what_is_open_in_a_ward_is_that_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
