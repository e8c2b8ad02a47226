/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is called beside what is open already (Clinical reference 9.4, rules 1 and 9): classes,
 * severities, grades, a shelved card, one that somebody has taken, and comfort care.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"

#define RULE(id, class, severity, when)                                   \
    "  - id: " id                                                         \
    "\n    class: " class "\n    severity: " severity "\n    when: " when \
                          "\n    text: t\n    source: s\n    ladder: one\n"
#define LADDER                                      \
    "ladders:\n  one:\n    hold: 30m\n    steps:\n" \
    "      - {offer: [nurse], wait: 30m}\n"         \
    "    fallback: {offer: [doctor], repeat: 8h}\n"

static const char rules[] = RULE("G1", "global", "urgent", "hr > 120 /min")
    RULE("G2", "global", "urgent", "rr > 30 /min")
        RULE("HEART", "haemodynamic", "urgent", "sbp < 95 mm[Hg]")
            RULE("HEART2", "haemodynamic", "urgent", "dbp < 40 mm[Hg]")
                RULE("GRAVE", "haemodynamic", "critical", "map < 55 mm[Hg]")
                    RULE("BREATH", "respiratory", "watch", "spo2 < 94 %")
                        RULE("T1", "technical", "technical", "glucose > 200 mg/dL")
                            RULE("T2", "technical", "urgent", "k > 6.0 mmol/L")
                                RULE("T3", "technical", "technical", "na > 150 mmol/L")
                                    RULE("INFO", "lab", "info", "hb < 7.0 g/dL")
                                        RULE("GRAVE2", "haemodynamic", "critical",
                                             "weight > 150 kg\n    latch: yes")
                                            RULE("MILD2", "haemodynamic", "urgent",
                                                 "height > 200 cm\n    latch: yes")
                                                LADDER;

static void is_folded(struct desk *d, const char *rule, bool folded)
{
    const struct vg_alert *alert = open_of(d, rule);

    assert_int_not_equal(alert->rev, 0);
    if (alert->care.folded != folded) {
        fail_msg("%s is %sfolded", rule, folded ? "not " : "");
    }
}

#define LAB 1000000 /* laboratory values are kept in millionths */

/* What is open, then what comes: whether it calls. */
static void who_covers_whom(void **state)
{
    static const struct {
        enum vg_signal read[2];
        const char *rule; /* of the second */
        bool calls;
    } rows[] = {
        {{VG_HR, VG_RR}, "G2", false},       /* global beside global */
        {{VG_SBP, VG_RR}, "G2", false},      /* beside what is as severe */
        {{VG_SPO2, VG_RR}, "G2", true},      /* beside what is milder */
        {{VG_K, VG_RR}, "G2", true},         /* technical: says nothing of a patient */
        {{VG_SBP, VG_DBP}, "HEART2", false}, /* the same class */
        {{VG_MAP, VG_SBP}, "HEART", false},  /* the same class, graver */
        {{VG_SBP, VG_MAP}, "GRAVE", true},   /* raises the card */
        {{VG_SBP, VG_SPO2}, "BREATH", true}, /* another class, though milder */
        {{VG_HR, VG_SBP}, "HEART", true},    /* global covers no class */
        {{VG_GLUCOSE, VG_NA}, "T3", false},  /* technical beside technical */
        {{VG_K, VG_NA}, "T3", true},         /* but not beside another severity */
        {{VG_SBP, VG_GLUCOSE}, "T1", true},
    };
    static const int64_t high[VG_MEASURED_COUNT] = {
        [VG_HR] = 130,          [VG_RR] = 34,        [VG_SBP] = 90,
        [VG_DBP] = 35,          [VG_MAP] = 50,       [VG_SPO2] = 93,
        [VG_K] = 65 * LAB / 10, [VG_NA] = 155 * LAB, [VG_GLUCOSE] = 250 * LAB};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open_with(rules);
        for (int k = 0; k < 2; k++) {
            const enum vg_signal s = rows[i].read[k];
            spot(d, k * S, s, high[s]);
        }
        const struct vg_alert *alert = open_of(d, rows[i].rule);
        if (alert->rev == 0 || alert->care.folded == rows[i].calls) {
            fail_msg("row %zu: %s is %s", i, rows[i].rule,
                     alert->rev == 0 ? "not open" : "told otherwise");
        }
        desk_close(d);
    }
}

/* A shelved alert has nobody's attention: what it covered calls by itself. */
static void a_shelved_one_covers_nothing(void **state)
{
    struct desk *d = desk_open_with(rules);
    struct vg_command c;

    (void)state;
    spot(d, 0, VG_SBP, 90);
    spot(d, 1 * S, VG_DBP, 35);
    heard(d, "HEART call nurse;");
    is_folded(d, "HEART2", true);
    quick(d, 2 * S, VG_DO_SILENCE, ANNA, "HEART", VG_RESULT_OK); /* no shelf */
    is_folded(d, "HEART2", true);
    c = command(d, VG_DO_SHELVE, ANNA, "HEART");
    c.span = 20 * M;
    say(d, 3 * S, &c, VG_RESULT_OK);
    heard(d, "HEART2 call nurse;");
    is_folded(d, "HEART2", false);
    spot(d, 4 * S, VG_HR, 130); /* HEART2 covers it */
    heard(d, "");
    desk_close(d);
}

/* Somebody is with the patient: what they have covers, also what called before. */
static void what_is_taken_covers(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    spot(d, 0, VG_HR, 121);
    spot(d, 1 * S, VG_SPO2, 93);
    spot(d, 2 * S, VG_SBP, 94);
    heard(d, "G1 call nurse;BREATH call nurse;HEART call nurse;");
    is_folded(d, "G1", false);
    quick(d, 3 * S, VG_DO_ACCEPT, ANNA, "HEART", VG_RESULT_OK);
    is_folded(d, "G1", true);
    assert_int_equal(open_of(d, "G1")->offer, VG_OFFER_NONE);
    is_folded(d, "BREATH", false); /* another class goes on */
    assert_int_equal(open_of(d, "BREATH")->offer, VG_OFFERED_STATE);
    heard(d, "HEART taken nurse;");
    wait_until(d, 30 * M - 1 * S);
    heard(d, "");
    desk_close(d);
}

/* Once it is on the board again it covers again. */
static void after_the_shelf(void **state)
{
    struct desk *d = desk_open_with(rules);
    struct vg_command c;

    (void)state;
    spot(d, 0, VG_SBP, 90);
    c = command(d, VG_DO_SHELVE, ANNA, "HEART");
    c.span = 5 * M;
    say(d, 1 * S, &c, VG_RESULT_OK);
    wait_until(d, 6 * M);
    d->heard[0] = '\0';
    spot(d, 7 * M, VG_HR, 121);
    heard(d, "");
    is_folded(d, "G1", true);
    desk_close(d);
}

/* What nobody may miss calls whatever else is open. */
static void a_built_in_danger_always_calls(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    spot(d, 0, VG_MAP, 50);          /* critical */
    spot(d, 0, VG_K, 65 * LAB / 10); /* technical, urgent */
    d->heard[0] = '\0';
    spot(d, 1 * M, VG_SBP, vg_signal_info(VG_SBP)->hard_low - 1);
    assert_non_null(strstr(d->heard, "CHECK_PATIENT call"));
    quick(d, 2 * M, VG_DO_ACCEPT, ANNA, "GRAVE", VG_RESULT_OK);
    quick(d, 2 * M, VG_DO_ACCEPT, ANNA, "T2", VG_RESULT_OK);
    is_folded(d, "CHECK_PATIENT", false); /* and goes on */
    assert_int_equal(open_of(d, "CHECK_PATIENT")->offer, VG_OFFERED_STATE);
    desk_close(d);
}

/* Over, critical, and called by nobody: whoever takes what covered it has seen it, and it goes by
 * itself an hour later. */
static void what_is_over_is_seen_with_it(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    spot(d, 0, VG_MAP, 50);
    spot(d, 0, VG_WEIGHT, 2000); /* GRAVE2 */
    is_folded(d, "GRAVE2", true);
    spot(d, 1 * M, VG_WEIGHT, 800);
    assert_int_equal(open_of(d, "GRAVE2")->condition, VG_ENDED);
    wait_until(d, 20 * M);
    quick(d, 20 * M, VG_DO_ACCEPT, ANNA, "GRAVE", VG_RESULT_OK);
    bool said = false;
    for (size_t i = 0; i < d->ward.effects.count; i++) {
        const struct vg_effect *e = &d->ward.effects.item[i];
        said =
            said || (e->kind == VG_EFFECT_ALERT &&
                     strcmp(e->alert->remark, "with GRAVE, which " ANNA " has") == 0);
    }
    assert_true(said);
    spot(d, 21 * M, VG_MAP, 50);
    wait_until(d, 80 * M - 1);
    assert_int_not_equal(open_of(d, "GRAVE2")->rev, 0);
    wait_until(d, 80 * M);
    assert_int_equal(open_of(d, "GRAVE2")->rev, 0);
    desk_close(d);
}

/* What covered it is over too: what was critical and is latched calls, for nobody saw it; what was
 * milder does not. */
static void over_and_seen_by_nobody(void **state)
{
    static const struct {
        enum vg_signal cover, covered;
        int64_t bad, good, worse, better;
        const char *rule;
        bool calls;
    } rows[] = {{VG_MAP, VG_WEIGHT, 50, 80, 2000, 800, "GRAVE2", true},
                {VG_SBP, VG_HEIGHT, 90, 120, 2500, 1800, "MILD2", false}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct desk *d = desk_open_with(rules);
        char call[32];
        spot(d, 0, rows[i].cover, rows[i].bad);
        spot(d, 1 * S, rows[i].covered, rows[i].worse);
        spot(d, 1 * M, rows[i].covered, rows[i].better);
        assert_int_equal(open_of(d, rows[i].rule)->condition, VG_ENDED);
        is_folded(d, rows[i].rule, true);
        d->heard[0] = '\0';
        spot(d, 2 * M, rows[i].cover, rows[i].good);
        (void)snprintf(call, sizeof call, "%s call nurse;", rows[i].rule);
        assert_int_equal(strstr(d->heard, call) != NULL, rows[i].calls);
        desk_close(d);
    }
}

/* It was called about, is over, and waits to be looked at: whoever takes its card has that too. */
static void what_calls_and_is_over(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    spot(d, 0, VG_HEIGHT, 2100);
    spot(d, 1 * M, VG_HEIGHT, 1700);
    spot(d, 1 * M, VG_WEIGHT, 1600);
    assert_int_equal(open_of(d, "MILD2")->condition, VG_ENDED);
    assert_int_equal(open_of(d, "MILD2")->offer, VG_OFFERED_STATE);
    quick(d, 2 * M, VG_DO_ACCEPT, "nurse:a", "GRAVE2", VG_RESULT_OK);
    is_folded(d, "MILD2", true);
    wait_until(d, 62 * M - 1);
    assert_int_not_equal(open_of(d, "MILD2")->rev, 0);
    wait_until(d, 62 * M);
    assert_int_equal(open_of(d, "MILD2")->rev, 0);
    desk_close(d);
}

/* ---- Comfort care */

/* The same, and an order comes: nobody has looked at it, and when the order ends it calls on. */
static void an_order_closes_nothing(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    spot(d, 0, VG_HEIGHT, 2100);
    spot(d, 0, VG_WEIGHT, 1600);
    spot(d, 1 * M, VG_HEIGHT, 1700);
    spot(d, 1 * M, VG_WEIGHT, 600);
    flag(d, 2 * M, "comfort_care", true);
    wait_until(d, 3 * H);
    d->heard[0] = '\0';
    flag(d, 3 * H, "comfort_care", false);
    heard(d, "GRAVE2 call nurse;MILD2 call nurse;");
    desk_close(d);
}

static void an_order_stops_what_calls(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    spot(d, 0, VG_SBP, 90);
    spot(d, 0, VG_GLUCOSE, 250 * LAB);
    wait_until(d, 30 * M); /* both ladders are behind their last step */
    assert_int_equal(open_of(d, "HEART")->offer, VG_EXHAUSTED);
    flag(d, 31 * M, "comfort_care", true);
    is_folded(d, "HEART", true);
    assert_int_equal(open_of(d, "HEART")->offer, VG_OFFER_NONE);
    assert_string_equal(open_of(d, "HEART")->remark, "");
    assert_string_equal(d->ward.last.rule, "HEART");
    assert_string_equal(d->ward.last.remark, "comfort care");
    is_folded(d, "T1", false); /* what is technical is no order's */
    d->heard[0] = '\0';
    spot(d, 32 * M, VG_MAP, 50);
    heard(d, "");
    is_folded(d, "GRAVE", true);
    flag(d, 33 * M, "comfort_care", false);
    is_folded(d, "GRAVE", false); /* at once */
    desk_close(d);
}

static void order(struct desk *d, int64_t at, int64_t from, int64_t until)
{
    struct vg_entry entry = {.signal = VG_FLAG,
                             .at = {WARD_START + from},
                             .on = true,
                             .duration_s = -1,
                             .flow = VG_NO_VALUE,
                             .fio2 = VG_NO_VALUE,
                             .value = "comfort_care",
                             .until = {WARD_START + until}};
    const struct vg_message message = {.kind = VG_KIND_ASSESSMENT,
                                       .ward = "onc-7",
                                       .bed = "12",
                                       .measured = {WARD_START + from},
                                       .entry_count = 1,
                                       .entries = &entry};

    step(d, at, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

/* It ends by itself at its time, and whoever it kept from calling calls then, not with the next
 * reading, which may be hours away. */
static void an_order_ends_by_itself(void **state)
{
    for (int linked = 0; linked < 2; linked++) { /* also where nobody is admitted */
        struct desk *d = desk_open_with(rules);

        (void)state;
        if (linked == 0) {
            ward_discharge(&d->ward, 0, "P1");
        }
        order(d, 0, 0, 40 * M);
        flag(d, 0, "scale2", true); /* another flag is no order */
        spot(d, 1 * M, VG_SBP, 90);
        heard(d, "");
        wait_until(d, 40 * M - 1);
        heard(d, "");
        wait_until(d, 40 * M);
        heard(d, "HEART call nurse;");
        spot(d, 41 * M, VG_SPO2, 93);
        heard(d, "BREATH call nurse;");
        desk_close(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_covers_whom),
        cmocka_unit_test(a_shelved_one_covers_nothing),
        cmocka_unit_test(what_is_taken_covers),
        cmocka_unit_test(after_the_shelf),
        cmocka_unit_test(a_built_in_danger_always_calls),
        cmocka_unit_test(what_is_over_is_seen_with_it),
        cmocka_unit_test(over_and_seen_by_nobody),
        cmocka_unit_test(what_calls_and_is_over),
        cmocka_unit_test(an_order_closes_nothing),
        cmocka_unit_test(an_order_stops_what_calls),
        cmocka_unit_test(an_order_ends_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
