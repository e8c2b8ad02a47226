/* SPDX-License-Identifier: Apache-2.0
 *
 * Property: a wrong identity never changes a patient's windows, scores or alerts, in any order of
 * events. A ward of three beds lives generated days: patients come, go, move and change places,
 * readings come at once or late, named or not. One engine gets this life; another one gets it
 * with messages strewn in that name somebody else than whoever lay in the bed when they were
 * measured, or name somebody in an empty bed. What is told of each patient and what is assessed
 * must be the same, step by step. The seed is printed; VIGIL_SEED sets another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ward_moves.h"

#define S 1000
#define M (60 * S)

#define RULE(id, when, rest)                                                   \
    "  - id: " id "\n    class: global\n    severity: urgent\n    when: " when \
    "\n" rest "    text: t\n    source: s\n"

static const char rules[] =
    RULE("FEVER", "temp >= 38.0 Cel", "    clear: temp <= 37.7 Cel for 10m\n")
        RULE("LOW", "min(sbp, 5m) < 90 mm[Hg]", "")
            RULE("HELD", "hr > 120 /min", "    hold: 90s\n")
                RULE("SCORE", "news2.score >= 5", "")
                    RULE("TWICE", "sbp < 95 mm[Hg] in 2 of last 3 readings", "");

static const char *const beds[] = {"1", "2", "3"};
static const char *const people[] = {"p-a", "p-b", "p-c",
                                     "p-x"}; /* p-x is never here */
#define BEDS   3
#define PEOPLE 4

/* ---- What is compared */

static uint64_t hear(const struct ward *w, uint64_t hash, unsigned *told)
{
    for (size_t i = 0; i < w->effects.count; i++) {
        const struct vg_effect *effect = &w->effects.item[i];
        if (effect->kind != VG_EFFECT_ALERT || effect->alert->patient[0] == '\0' ||
            strcmp(effect->alert->rule, "IDENTITY_MISMATCH") == 0) {
            continue;
        }
        const struct vg_alert *alert = effect->alert;
        char line[512];
        const int n =
            snprintf(line, sizeof line, "%lld %s %s %s %s %lld %d %u %s",
                     (long long)effect->at.ms, alert->id, vg_change_text(alert->event),
                     alert->rule, alert->patient, (long long)alert->onset.ms,
                     (int)alert->severity, alert->rev, alert->text);
        hash = vg_hash(hash, line, (size_t)n);
        (*told)++;
    }
    return hash;
}

struct scores {
    size_t count;
    struct vg_assessed item[8];
};

static bool take_scores(void *to, const struct vg_assessed *assessed)
{
    struct scores *scores = to;

    if (assessed->known && assessed->patient[0] != '\0' && scores->count < 8) {
        scores->item[scores->count++] = *assessed;
    }
    return true;
}

/* Of patients who are admitted: an empty bed may name one too. */
static void same_scores(const struct ward *a, const struct ward *b)
{
    static struct scores one;
    static struct scores other;

    one.count = other.count = 0;
    vg_engine_assess(a->engine, take_scores, &one);
    vg_engine_assess(b->engine, take_scores, &other);
    for (size_t i = 0; i < one.count; i++) {
        const struct vg_assessed *s = &one.item[i];
        if (vg_engine_episode(a->engine, s->ward, s->bed) == NULL) {
            continue;
        }
        size_t k = 0;
        while (k < other.count && strcmp(other.item[k].bed, s->bed) != 0) {
            k++;
        }
        assert_true(k < other.count);
        assert_string_equal(s->patient, other.item[k].patient);
        assert_memory_equal(&s->now, &other.item[k].now, sizeof s->now);
    }
}

/* ---- The life */

static unsigned seed(void)
{
    const char *given = getenv("VIGIL_SEED");

    return given != NULL ? (unsigned)strtoul(given, NULL, 10) : 20261128U;
}

struct stay {
    int patient; /* in people; -1: empty */
    int64_t from, to;
};
#define STAYS 4096

struct life {
    unsigned s;
    int64_t now;
    struct ward plain, strewn;
    uint64_t hash[2];
    unsigned told[2], foreign, late;
    size_t count[BEDS];
    struct stay stay[BEDS][STAYS]; /* the last one is the present */
};

static unsigned next(struct life *life, unsigned below)
{
    life->s = life->s * 1664525U + 1013904223U;
    return (life->s >> 8) % below;
}

static struct stay *present(struct life *life, unsigned bed)
{
    return &life->stay[bed][life->count[bed] - 1];
}

static int who_lay(const struct life *life, unsigned bed, int64_t at)
{
    for (size_t i = life->count[bed]; i > 0; i--) {
        const struct stay *stay = &life->stay[bed][i - 1];
        if (stay->from <= at && at < stay->to) {
            return stay->patient;
        }
    }
    return -1;
}

static void change(struct life *life, unsigned bed, int patient)
{
    present(life, bed)->to = life->now;
    assert_true(life->count[bed] < STAYS);
    life->stay[bed][life->count[bed]++] = (struct stay){patient, life->now, INT64_MAX};
}

static void both(struct life *life, const struct ward_move *m)
{
    struct ward *const wards[] = {&life->plain, &life->strewn};

    for (unsigned i = 0; i < 2; i++) {
        ward_move(wards[i], life->now, m);
        life->hash[i] = hear(wards[i], life->hash[i], &life->told[i]);
        wards[i]->told[0] = '\0';
    }
}

static int bed_of(struct life *life, int patient)
{
    for (unsigned i = 0; i < BEDS; i++) {
        if (present(life, i)->patient == patient) {
            return (int)i;
        }
    }
    return -1;
}

static void somebody_moves(struct life *life)
{
    const unsigned bed = next(life, BEDS);
    const unsigned to = (bed + 1 + next(life, BEDS - 1)) % BEDS;
    const int here = present(life, bed)->patient;
    const int there = present(life, to)->patient;
    struct ward_move m = {.bed = beds[bed], .at = life->now, .patient = ""};

    if (here < 0) {
        const int patient = (int)next(life, PEOPLE - 1);
        if (bed_of(life, patient) >= 0) {
            return;
        }
        m.action = VG_ADMIT;
        m.patient = people[patient];
        both(life, &m);
        change(life, bed, patient);
    } else if (next(life, 3) == 0) {
        m.action = VG_DISCHARGE;
        both(life, &m);
        change(life, bed, -1);
    } else {
        m.action = VG_TRANSFER;
        m.to = beds[to];
        m.swap = there >= 0;
        both(life, &m);
        change(life, bed, there);
        change(life, to, here);
    }
}

static struct ward_reading any_reading(struct life *life)
{
    static const enum vg_signal signals[] = {VG_TEMP, VG_SBP, VG_HR, VG_RR, VG_SPO2};
    static const int64_t low[] = {365, 80, 70, 12, 88};
    static const unsigned range[] = {25, 60, 80, 18, 12};
    const unsigned which = next(life, 5);
    const int64_t back = next(life, 4) == 0 ? (int64_t)next(life, 90) * M : 0;
    const int64_t at = life->now > back ? life->now - back : 0;

    life->late += back > 0;
    return (struct ward_reading){.bed = beds[next(life, BEDS)],
                                 .patient = "",
                                 .at = at,
                                 .signal = signals[which],
                                 .value = low[which] + next(life, range[which]),
                                 .source = next(life, 3) == 0 ? VG_SOURCE_CONTINUOUS
                                                              : VG_SOURCE_SPOT};
}

/* An empty bed gets only messages that name somebody who never comes: one that names who comes
 * next is theirs, provisionally. */
static void somebody_is_measured(struct life *life)
{
    struct ward_reading r = any_reading(life);
    const unsigned bed = (unsigned)(r.bed[0] - '1');
    const int owner = who_lay(life, bed, r.at);

    if (owner < 0) {
        r.patient =
            people[present(life, bed)->patient < 0 ? PEOPLE - 1 : next(life, PEOPLE)];
        if (present(life, bed)->patient >= 0 &&
            strcmp(r.patient, people[present(life, bed)->patient]) == 0) {
            return; /* that would be theirs: from just before they came */
        }
    } else if (next(life, 3) == 0) {
        r.patient = people[((unsigned)owner + 1 + next(life, PEOPLE - 1)) % PEOPLE];
    }
    const bool foreign = r.patient[0] != '\0';
    if (!foreign && next(life, 2) == 0) {
        r.patient = people[owner];
    }
    if (!foreign) {
        ward_feed(&life->plain, life->now, &r);
        life->hash[0] = hear(&life->plain, life->hash[0], &life->told[0]);
    } else {
        ward_wait(&life->plain, life->now);
        life->hash[0] = hear(&life->plain, life->hash[0], &life->told[0]);
        life->foreign++;
    }
    ward_feed(&life->strewn, life->now, &r);
    life->hash[1] = hear(&life->strewn, life->hash[1], &life->told[1]);
    life->plain.told[0] = life->strewn.told[0] = '\0';
}

#define STEPS 6000

static void test_a_wrong_identity_changes_nothing(void **state)
{
    static struct life life;

    (void)state;
    print_message("seed %u\n", seed());
    memset(&life, 0, sizeof life);
    life.s = seed();
    ward_open(&life.plain, rules);
    ward_open(&life.strewn, rules);
    for (unsigned i = 0; i < BEDS; i++) {
        life.stay[i][life.count[i]++] = (struct stay){-1, 0, INT64_MAX};
    }
    for (unsigned i = 0; i < STEPS; i++) {
        life.now += 1 + (int64_t)next(&life, 120) * S;
        if (next(&life, 40) == 0) {
            somebody_moves(&life);
        } else {
            somebody_is_measured(&life);
        }
        if (life.hash[0] != life.hash[1]) {
            fail_msg("step %u of seed %u: another patient's message was told of", i,
                     seed());
        }
        same_scores(&life.plain, &life.strewn);
    }
    print_message("%u changes of alerts, %u foreign messages, %u late ones\n",
                  life.told[0], life.foreign, life.late);
    assert_true(life.told[0] > 300 && life.foreign > 500 && life.late > 500);
    ward_close(&life.plain);
    ward_close(&life.strewn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_wrong_identity_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
