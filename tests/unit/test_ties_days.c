/* SPDX-License-Identifier: Apache-2.0
 *
 * Two properties of generated days on a ward of three beds: readings that come late, and moves
 * that are told late, end with the same assessments as if all had come in time (of what is given
 * singly: streams older than 15 min are joined, and folded anew not to the last sample). And an
 * engine
 * that is rebuilt from what was stored, anywhere, goes on as the one that was not killed. The seed
 * is printed; VIGIL_SEED sets another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

#include "lib/ward_moves.h"

#define S    1000
#define M    (60 * S)
#define SPOT VG_SOURCE_SPOT

static const char rules[] =
    "  - id: FEVER\n    class: global\n    severity: urgent\n    when: temp >= 38.0 Cel\n"
    "    clear: temp <= 37.7 Cel for 10m\n    text: t\n    source: s\n"
    "  - id: HELD\n    class: global\n    severity: urgent\n    when: hr > 120 /min\n"
    "    hold: 90s\n    text: t\n    source: s\n"
    "  - id: SCORE\n    class: global\n    severity: urgent\n    when: news2.score >= 5\n"
    "    text: t\n    source: s\n";

static bool refused(const struct ward *w)
{
    for (size_t i = 0; i < w->effects.count; i++) {
        if (w->effects.item[i].kind == VG_EFFECT_REFUSED) {
            return true;
        }
    }
    return false;
}

/* ---- Generated days: what happens, and when it is told */

static unsigned seed(void)
{
    const char *given = getenv("VIGIL_SEED");

    return given != NULL ? (unsigned)strtoul(given, NULL, 10) : 20261129U;
}

static unsigned next(unsigned *s, unsigned below)
{
    *s = *s * 1664525U + 1013904223U;
    return (*s >> 8) % below;
}

struct happening {
    int64_t at, told;
    bool moves;
    struct ward_reading reading;
    struct ward_move move;
    size_t order;
    /* As it was stored when it came. */
    char episode[VG_EPISODE_LEN + 1], owner[VG_PATIENT_LEN + 1];
};
#define HAPPENINGS 1500
#define BEDS       3

static const char *const beds[] = {"1", "2", "3"};
static const char *const people[] = {"p-a", "p-b"};

struct day {
    struct happening item[HAPPENINGS];
    int who[BEDS]; /* -1: empty */
    bool streams;
    unsigned s;
};

static bool make_move(struct day *day, struct happening *h)
{
    const unsigned bed = next(&day->s, BEDS);
    const unsigned to = (bed + 1 + next(&day->s, BEDS - 1)) % BEDS;
    const int here = day->who[bed];
    const int there = day->who[to];

    h->moves = true;
    h->move = (struct ward_move){.bed = beds[bed], .patient = "", .at = h->at};
    if (here < 0) {
        const int patient = (int)next(&day->s, 2);
        for (unsigned i = 0; i < BEDS; i++) {
            if (day->who[i] == patient) {
                return false;
            }
        }
        h->move.action = VG_ADMIT;
        h->move.patient = people[patient];
        day->who[bed] = patient;
        return true;
    }
    h->move.action = VG_TRANSFER;
    h->move.to = beds[to];
    h->move.swap = there >= 0;
    day->who[bed] = there;
    day->who[to] = here;
    return true;
}

static void make_reading(struct day *day, struct happening *h)
{
    static const enum vg_signal signals[] = {VG_TEMP, VG_SBP, VG_HR, VG_RR, VG_SPO2};
    static const int64_t low[] = {365, 80, 70, 12, 88};
    static const unsigned range[] = {25, 60, 80, 18, 12};
    const unsigned which = next(&day->s, 5);

    h->reading = (struct ward_reading){beds[next(&day->s, BEDS)],
                                       "",
                                       h->at,
                                       signals[which],
                                       low[which] + next(&day->s, range[which]),
                                       SPOT};
    if (day->streams && next(&day->s, 2) == 0) {
        h->reading.source = VG_SOURCE_CONTINUOUS;
    }
}

/* Moves are told in their order, up to `moves` late; readings up to `readings` late. */
static void make(struct day *day, unsigned s, unsigned moves, unsigned readings)
{
    int64_t at = 0;
    int64_t last = 0; /* told */
    unsigned late = s ^ 0x5a5a;

    const bool streams = day->streams;

    memset(day, 0, sizeof *day);
    day->streams = streams;
    day->s = s;
    day->who[0] = day->who[1] = day->who[2] = -1;
    for (size_t i = 0; i < HAPPENINGS; i++) {
        struct happening *h = &day->item[i];
        at += 1 + next(&day->s, 40) * S;
        h->at = h->told = at;
        h->order = i;
        if (next(&day->s, 60) == 0 && make_move(day, h)) {
            h->told = at + (moves > 0 ? (61 + next(&late, moves)) * S : 0);
            h->told = last = h->told > last ? h->told : last + 1;
        } else {
            h->moves = false;
            make_reading(day, h);
            h->told = at + (readings > 0 ? next(&late, readings) * S : 0);
        }
    }
}

static int by_told(const void *a, const void *b)
{
    const struct happening *left = a;
    const struct happening *right = b;

    if (left->told != right->told) {
        return left->told < right->told ? -1 : 1;
    }
    return (left->order > right->order) - (left->order < right->order);
}

static void happen(struct ward *w, struct happening *h)
{
    struct vg_reading reading;
    struct vg_message message;

    if (h->moves) {
        ward_move(w, h->told, &h->move);
        assert_false(refused(w));
        return;
    }
    ward_feed(w, h->told, &h->reading);
    ward_message(&h->reading, &message, &reading);
    const struct vg_owner owner =
        vg_engine_owner(w->engine, &message, reading.measured);
    (void)vg_copy(h->episode, sizeof h->episode, owner.episode);
    (void)vg_copy(h->owner, sizeof h->owner, owner.patient);
}

static void live(struct ward *w, struct day *day, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        happen(w, &day->item[i]);
        w->told[0] = '\0';
    }
}

/* What is published; when a score may page is another matter: late readings do not (0.3). */
static void same_end(struct ward *a, struct ward *b, unsigned s)
{
    static struct vg_assessed is;
    static struct vg_buffer one;
    static struct vg_buffer other;

    for (unsigned i = 0; i < BEDS; i++) {
        if (vg_engine_episode(a->engine, "onc-7", beds[i]) == NULL) {
            continue;
        }
        vg_buffer_clear(&one);
        vg_buffer_clear(&other);
        assert_true(vg_engine_assess_bed(a->engine, "onc-7", beds[i], &is));
        vg_encode_assessed(&one, &is, (struct vg_instant){0});
        assert_true(vg_engine_assess_bed(b->engine, "onc-7", beds[i], &is));
        vg_encode_assessed(&other, &is, (struct vg_instant){0});
        if (strcmp(one.bytes, other.bytes) != 0) {
            print_error("in time %s\n", one.bytes);
            print_error("late    %s\n", other.bytes);
            fail_msg("seed %u: the end is not the same", s);
        }
    }
}

static void wait_until(struct ward *w, int64_t end)
{
    while (w->now < end) {
        ward_wait(w, w->now + M < end ? w->now + M : end);
        w->told[0] = '\0';
    }
}

#define LIVES 6

static void late_equals_in_time(unsigned moves, unsigned readings)
{
    static struct day day;
    static struct ward in_time;
    static struct ward late;

    print_message("seed %u\n", seed());
    for (unsigned k = 0; k < LIVES; k++) {
        ward_open(&in_time, rules);
        ward_open(&late, rules);
        make(&day, seed() + k, moves, readings);
        qsort(day.item, HAPPENINGS, sizeof day.item[0], by_told);
        live(&late, &day, HAPPENINGS);
        make(&day, seed() + k, 0, 0);
        live(&in_time, &day, HAPPENINGS);
        const int64_t end = late.now + M;
        wait_until(&in_time, end);
        wait_until(&late, end);
        same_end(&in_time, &late, seed() + k);
        ward_close(&in_time);
        ward_close(&late);
    }
}

static void test_late_readings_end_the_same(void **state)
{
    (void)state;
    late_equals_in_time(0, 3600);
}

static void test_late_moves_end_the_same(void **state)
{
    (void)state;
    late_equals_in_time(600, 0);
}

/* ---- Killed and rebuilt */

static bool restore_alert(void *to, const struct vg_alert *alert)
{
    ward_step(to, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = alert});
    return true;
}

/* As the store tells it: each message under the episode it was stored under. */
static void rebuild(struct ward *to, const struct ward *from, const struct day *day,
                    size_t count)
{
    vg_engine_restore_begin(to->engine);
    to->now = 0;
    ward_step(to, (struct vg_event){.kind = VG_EVENT_WARD,
                                    .counter = {"onc-7", vg_engine_ward_counter(
                                                             from->engine, "onc-7")}});
    vg_engine_open_alerts(from->engine, NULL, restore_alert, to);
    for (size_t i = 0; i < count; i++) {
        const struct happening *h = &day->item[i];
        struct vg_reading reading;
        struct vg_message message;
        if (h->moves) {
            ward_move(to, h->told, &h->move);
            continue;
        }
        ward_message(&h->reading, &message, &reading);
        (void)vg_copy(message.episode, sizeof message.episode, h->episode);
        (void)vg_copy(message.patient, sizeof message.patient, h->owner);
        to->now = h->told;
        ward_step(to, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
    }
    assert_int_equal(vg_engine_restore_end(to->engine,
                                           (struct vg_instant){WARD_START + to->now},
                                           &to->effects),
                     VG_OK);
}

static void kill_at(struct day *day, size_t cut, unsigned s)
{
    static struct ward whole;
    static struct ward killed;

    ward_open(&whole, rules);
    ward_open(&killed, rules);
    live(&whole, day, cut);
    rebuild(&killed, &whole, day, cut);
    for (size_t i = cut; i < HAPPENINGS; i++) {
        whole.told[0] = killed.told[0] = '\0';
        happen(&whole, &day->item[i]);
        happen(&killed, &day->item[i]);
        if (strcmp(whole.told, killed.told) != 0) {
            fail_msg("seed %u, killed at %zu, told at %zu: %s\ninstead of: %s", s, cut,
                     i, killed.told, whole.told);
        }
    }
    same_end(&whole, &killed, s);
    ward_close(&whole);
    ward_close(&killed);
}

static void test_kill_anywhere(void **state)
{
    static struct day day;

    (void)state;
    print_message("seed %u\n", seed());
    day.streams = true;
    for (unsigned k = 0; k < 2; k++) {
        make(&day, seed() + k, 300, 1200);
        qsort(day.item, HAPPENINGS, sizeof day.item[0], by_told);
        for (size_t cut = 1; cut < HAPPENINGS; cut += 211) {
            kill_at(&day, cut, seed() + k);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_readings_end_the_same),
        cmocka_unit_test(test_late_moves_end_the_same),
        cmocka_unit_test(test_kill_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
