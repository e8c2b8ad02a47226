/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule is another one, and its alert is open (Alert states T37, T38): what still holds is the same alert; what does
 * not ends as the new rule says, with the reason, and not without a person if it was grave. What is the
 * same as before is not touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"

#define LADDER                                                                      \
    "ladders:\n  one:\n    hold: 30m\n    steps:\n"                                 \
    "      - {offer: [nurse], wait: 10m}\n    fallback: {offer: [doctor], repeat: " \
    "1h}\n"

/* One rule, of that severity and tests. */
static const char *rule_of(const char *severity, const char *tests)
{
    static char text[2][1024];
    static unsigned next;
    char *out = text[next++ % 2];

    (void)snprintf(out, sizeof text[0],
                   "  - {id: RATE, class: lab, severity: %s, ladder: one, text: t, "
                   "source: s, %s}\n" LADDER,
                   severity, tests);
    return out;
}

struct other {
    struct desk *d;
    struct ward ward;
};

static void adopt(struct other *o, const char *rules)
{
    ward_open(&o->ward, rules);
    o->ward.protocol->digest = "1";
    o->d->ward.told[0] = o->d->heard[0] = '\0';
    assert_int_equal(vg_engine_adopt(o->d->ward.engine, &o->ward.book), VG_OK);
}

static void open_with(struct other *o, const char *severity, const char *tests)
{
    o->d = desk_open_with(rule_of(severity, tests));
    spot(o->d, 0, VG_HR, 125);
    assert_int_equal(open_of(o->d, "RATE")->condition, VG_ACTIVE);
}

static void close_both(struct other *o)
{
    desk_close(o->d);
    ward_close(&o->ward);
}

static bool says_why(const struct vg_alert *alert)
{
    return strncmp(alert->remark, "rule_changed: ", 14) == 0;
}

/* ---- SIGHUP */

/* What each new test makes of an alert that `hr > 120` raised with 125, 1 min after it. */
static void each_new_test(void **state)
{
    static const struct {
        const char *severity, *tests;
        const char *told; /* of the alert */
        bool latched, says, open;
    } rows[] = {
        {"critical", "when: hr > 120 /min", "", false, false, true},
        {"critical", "when: hr > 110 /min", "", false, false, true},
        {"critical", "when: hr > 130 /min", "60000 ended RATE 0;", true, true, true},
        {"urgent", "when: hr > 130 /min", "60000 ended RATE 0;", true, true, true},
        {"watch", "when: hr > 130 /min", "60000 ended RATE 0;", false, true, false},
        {"critical", "when: hr > 130 /min, clear: hr < 126 /min",
         "60000 clearing RATE 0;", true, true, true},
        {"critical", "when: hr > 130 /min, clear: hr < 126 /min for 5m",
         "60000 clearing RATE 0;", true, true, true},
        {"watch", "when: hr > 130 /min, clear: hr < 126 /min for 5m",
         "60000 clearing RATE 0;", false, true, true},
        /* between its two tests */
        {"critical", "when: hr > 130 /min, clear: hr < 120 /min", "60000 noted RATE 0;",
         true, true, true},
        /* it has no answer yet: what raised it stands */
        {"critical", "when: sbp < 90 mm[Hg]", "60000 data_lost RATE 0;", false, false,
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct other o;
        open_with(&o, rows[i].severity, "when: hr > 120 /min");
        const struct vg_alert before = *open_of(o.d, "RATE");
        wait_until(o.d, 1 * M);
        adopt(&o, rule_of(rows[i].severity, rows[i].tests));
        wait_until(o.d, 1 * M);
        const struct vg_alert now = *open_of(o.d, "RATE");
        const bool told = o.d->ward.told[0] != '\0';
        if (strcmp(o.d->ward.told, rows[i].told) != 0 ||
            now.latched != rows[i].latched || (now.rev != 0) != rows[i].open ||
            (told && says_why(&o.d->ward.last) != rows[i].says)) {
            fail_msg("row %zu: %s %s", i, o.d->ward.told, o.d->ward.last.remark);
        }
        if (now.rev != 0) {
            assert_string_equal(now.id, before.id);
            assert_int_equal(now.offer, VG_OFFERED_STATE);
            assert_int_equal(now.respond_by.ms, before.respond_by.ms);
        }
        close_both(&o);
    }
}

/* It waits for a person, and its ladder for them. */
static void a_person_looks(void **state)
{
    static struct other o;

    (void)state;
    open_with(&o, "critical", "when: hr > 120 /min");
    adopt(&o, rule_of("critical", "when: hr > 130 /min, clear: hr < 126 /min for 5m"));
    quick(o.d, 1 * M, VG_DO_RESET, "nurse:a", "RATE", VG_RESULT_FORBIDDEN);
    spot(o.d, 4 * M, VG_HR, 125);
    spot(o.d, 5 * M, VG_HR, 125);
    assert_int_equal(open_of(o.d, "RATE")->condition, VG_ENDED);
    wait_until(o.d, 10 * M);
    heard(o.d, "RATE call doctor;");
    quick(o.d, 11 * M, VG_DO_RESET, "nurse:a", "RATE", VG_RESULT_OK);
    heard(o.d, "RATE end nurse doctor;");
    close_both(&o);
}

/* The first answer counts, whenever it comes; a new occurrence is the new rule's own. */
static void it_answers_later(void **state)
{
    static struct other o;

    (void)state;
    open_with(&o, "critical", "when: hr > 120 /min");
    adopt(&o, rule_of("critical", "when: sbp < 90 mm[Hg]"));
    spot(o.d, 1 * M, VG_SBP, 110);
    assert_int_equal(open_of(o.d, "RATE")->condition, VG_ENDED);
    assert_true(open_of(o.d, "RATE")->latched);
    assert_true(says_why(&o.d->ward.last));
    spot(o.d, 2 * M, VG_SBP, 85);
    assert_false(open_of(o.d, "RATE")->latched);
    spot(o.d, 3 * M, VG_SBP, 110);
    assert_int_equal(open_of(o.d, "RATE")->rev, 0);
    close_both(&o);
    open_with(&o, "critical", "when: hr > 120 /min");
    adopt(&o, rule_of("critical", "when: sbp < 90 mm[Hg]"));
    spot(o.d, 1 * M, VG_SBP, 85); /* it is the new rule's from now on */
    spot(o.d, 2 * M, VG_SBP, 110);
    assert_int_equal(open_of(o.d, "RATE")->rev, 0);
    close_both(&o);
}

/* The file is another, the rule is not: between its tests, and what its readings said is kept. */
static void the_same_rule(void **state)
{
    static const char counts[] = "when: \"hr > 120 /min in 2 of last 3 readings\"";
    static struct other o;

    (void)state;
    open_with(&o, "critical", "when: hr > 120 /min, clear: hr < 100 /min");
    spot(o.d, 1 * M, VG_HR, 110);
    adopt(&o, rule_of("critical", "when: hr > 120 /min, clear: hr < 100 /min"));
    wait_until(o.d, 2 * M);
    assert_string_equal(o.d->ward.told, "");
    assert_false(open_of(o.d, "RATE")->latched);
    close_both(&o);
    o.d = desk_open_with(rule_of("critical", counts));
    spot(o.d, 0, VG_HR, 125);
    spot(o.d, 1 * M, VG_HR, 125);
    assert_int_not_equal(open_of(o.d, "RATE")->rev, 0);
    adopt(&o, rule_of("critical", counts));
    spot(o.d, 2 * M, VG_HR, 115); /* two of three */
    assert_string_equal(o.d->ward.told, "");
    spot(o.d, 3 * M, VG_HR, 115);
    assert_int_equal(open_of(o.d, "RATE")->rev, 0);
    close_both(&o);
}

/* Of values that have left its window a rule says nothing of now: new files end no alert. */
static void no_end_for_want_of_data(void **state)
{
    static const char counts[] =
        "when: \"count(hr, 2h) >= 1 and max(hr, 2h) > 120 /min\"";
    static struct other o;

    (void)state;
    open_with(&o, "critical", counts);
    wait_until(o.d, 130 * M);
    assert_int_equal(open_of(o.d, "RATE")->condition, VG_CONDITION_UNKNOWN);
    adopt(&o, rule_of("critical", counts));
    wait_until(o.d, 131 * M);
    assert_int_equal(open_of(o.d, "RATE")->condition, VG_CONDITION_UNKNOWN);
    close_both(&o);
}

/* ---- A restart */

/* The file changed while nobody watched. */
static void changed_over_a_restart(void **state)
{
    static const struct {
        const char *digest, *tests;
        enum vg_condition condition;
        bool latched;
    } rows[] = {
        {"0", "when: hr > 120 /min", VG_ACTIVE, false},
        {"1", "when: hr > 110 /min", VG_ACTIVE, false},
        {"1", "when: hr > 130 /min", VG_ENDED, true},
        {"1", "when: hr > 130 /min, clear: hr < 126 /min for 5m", VG_CLEARING, true},
        /* between its two tests */
        {"1", "when: hr > 130 /min, clear: hr < 100 /min", VG_ACTIVE, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct other o;
        open_with(&o, "critical", "when: hr > 120 /min");
        const struct vg_alert stored = *open_of(o.d, "RATE");
        ward_open(&o.ward, rule_of("critical", rows[i].tests));
        o.ward.protocol->digest = rows[i].digest;
        o.d->ward.book = o.ward.book;
        begin_again(o.d);
        step(o.d, 0, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &stored});
        ward_admit(&o.d->ward, 0, "P1");
        spot(o.d, 0, VG_HR, 125);
        restored(o.d, 1 * M);
        const struct vg_alert *now = open_of(o.d, "RATE");
        if (now->condition != rows[i].condition || now->latched != rows[i].latched) {
            fail_msg("row %zu: %s, latched %d", i, vg_condition_text(now->condition),
                     now->latched);
        }
        assert_string_equal(now->id, stored.id);
        close_both(&o);
    }
}

/* Dies with what is open of RATE, and is built anew under these tests from what `again` gives. */
static void restart(struct other *o, const char *tests, void again(struct desk *),
                    int64_t at)
{
    const struct vg_alert stored = *open_of(o->d, "RATE");
    static struct ward before;

    before = o->ward;
    ward_open(&o->ward, rule_of("critical", tests));
    o->ward.protocol->digest = "1";
    o->d->ward.book = o->ward.book;
    begin_again(o->d);
    ward_close(&before);
    step(o->d, 0, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &stored});
    ward_admit(&o->d->ward, 0, "P1");
    again(o->d);
    restored(o->d, at);
}

static void pulse_of_125(struct desk *d)
{
    spot(d, 0, VG_HR, 125);
}

static void pulse_of_100_later(struct desk *d)
{
    spot(d, 0, VG_HR, 125);
    spot(d, 1 * M, VG_HR, 100);
}

/* The new test had no answer yet when the daemon died: what it says first is that of another one still. */
static void killed_before_it_answers(void **state)
{
    static const char pressure[] = "when: sbp < 90 mm[Hg], clear: sbp > 120 mm[Hg]";
    static struct other o;

    (void)state;
    open_with(&o, "critical", "when: hr > 120 /min");
    adopt(&o, rule_of("critical", pressure));
    wait_until(o.d, 1 * M);
    restart(&o, pressure, pulse_of_125, 2 * M);
    assert_false(open_of(o.d, "RATE")->latched);
    spot(o.d, 3 * M, VG_SBP, 100);
    assert_true(open_of(o.d, "RATE")->latched);
    close_both(&o);
}

/* The new test held, and so the alert is its own: a restart does not ask that again. */
static void killed_after_it_answered(void **state)
{
    static const char wider[] = "when: hr > 110 /min, clear: hr < 90 /min";
    static struct other o;

    (void)state;
    open_with(&o, "critical", "when: hr > 120 /min");
    adopt(&o, rule_of("critical", wider));
    spot(o.d, 1 * M, VG_HR, 100);
    assert_false(open_of(o.d, "RATE")->latched);
    restart(&o, wider, pulse_of_100_later, 2 * M);
    assert_int_equal(open_of(o.d, "RATE")->condition, VG_ACTIVE);
    assert_false(open_of(o.d, "RATE")->latched);
    close_both(&o);
}

/* The file changed, and not this rule: it ends as ever, and nobody is told that its rule is another. */
static void another_rule_changed_over_a_restart(void **state)
{
    static const char tests[] = "when: hr > 120 /min, clear: hr < 110 /min for 10m";

    (void)state;
    for (int clearing = 0; clearing < 2;
         clearing++) { /* before the kill, or behind it */
        static struct other o;
        open_with(&o, "critical", tests);
        if (clearing == 1) {
            spot(o.d, 1 * M, VG_HR, 80);
        }
        const struct vg_alert stored = *open_of(o.d, "RATE");
        ward_open(&o.ward, rule_of("critical", tests));
        o.ward.protocol->digest = "1";
        o.d->ward.book = o.ward.book;
        begin_again(o.d);
        step(o.d, 0, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &stored});
        ward_admit(&o.d->ward, 0, "P1");
        spot(o.d, 0, VG_HR, 125);
        spot(o.d, 1 * M, VG_HR, 80);
        restored(o.d, 2 * M);
        spot(o.d, 12 * M, VG_HR, 80);
        assert_int_equal(open_of(o.d, "RATE")->rev, 0);
        assert_string_equal(o.d->ward.last.remark, "");
        close_both(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_new_test),
        cmocka_unit_test(a_person_looks),
        cmocka_unit_test(it_answers_later),
        cmocka_unit_test(the_same_rule),
        cmocka_unit_test(no_end_for_want_of_data),
        cmocka_unit_test(changed_over_a_restart),
        cmocka_unit_test(killed_before_it_answers),
        cmocka_unit_test(killed_after_it_answered),
        cmocka_unit_test(another_rule_changed_over_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
