/* SPDX-License-Identifier: Apache-2.0
 *
 * A restart finds alerts that belong nowhere: their rule is gone from the protocol, their patient
 * is gone from the bed. Nobody who was called is left without word (Alert states 3.6, T38), and
 * the book of protocols says which ward is watched by which.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"
#include "lib/ward_moves.h"

/* The end of the past; what is told by it is noted. */
static void all_restored(struct desk *d, int64_t at)
{
    d->ward.told[0] = d->heard[0] = '\0';
    restored(d, at);
}

static void give(struct desk *d, const struct vg_alert *alert)
{
    step(d, 0, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = alert});
}

static struct vg_alert under(const struct vg_alert *alert, const char *rule, char id)
{
    struct vg_alert other = *alert;

    (void)vg_copy(other.rule, sizeof other.rule, rule);
    other.id[0] = id;
    return other;
}

/* The rule went while the daemon was down: kept, of unknown condition, its ladder runs on, until
 * somebody resets it. */
static void the_rule_is_gone(void **state)
{
    struct desk *d = desk_open();
    static struct vg_alert stored;
    struct vg_alert other;

    (void)state;
    spot(d, 0, VG_HR, 145);
    stored = *open_of(d, "PULSE");
    begin_again(d);
    ward_admit(&d->ward, 0, "P1");
    other = under(&stored, "GONE", 'A');
    give(d, &other);
    other = under(&stored, "GONE_TOO", 'B');
    give(d, &other);
    all_restored(d, 10 * S);
    assert_int_equal(open_of(d, "GONE")->condition, VG_CONDITION_UNKNOWN);
    size_t said = 0;
    for (size_t i = 0; i < d->ward.effects.count; i++) {
        const struct vg_effect *e = &d->ward.effects.item[i];
        said += e->kind == VG_EFFECT_ALERT && e->alert->event == VG_DATA_LOST &&
                strncmp(e->alert->remark, "rule_changed: ", 14) == 0;
    }
    assert_int_equal(said, 2);
    assert_int_not_equal(open_of(d, "GONE_TOO")->rev, 0);
    spot(d, 11 * S, VG_HR, 80); /* says nothing to either */
    assert_int_not_equal(open_of(d, "GONE")->rev, 0);
    wait_until(d, 2 * M);
    assert_int_equal(open_of(d, "GONE")->offer, VG_EXHAUSTED);
    assert_non_null(strstr(d->heard, "GONE call rapid-response charge-nurse;"));
    d->heard[0] = '\0';
    quick(d, 2 * M + 1 * S, VG_DO_RESET, CARL, "GONE", VG_RESULT_OK);
    assert_int_equal(open_of(d, "GONE")->rev, 0);
    assert_non_null(
        strstr(d->heard, "GONE end bedside-nurse rapid-response charge-nurse;"));
    assert_int_not_equal(open_of(d, "GONE_TOO")->rev, 0);
    desk_close(d);
}

/* What was wrong with a clock before a restart ends by as long a calm behind it as ever. */
static void a_clock_is_watched_on(void **state)
{
    const struct ward_reading fast = {"12", "", 3 * H, VG_HR, 80, VG_SOURCE_SPOT};
    struct ward_reading right = {"12", "", 0, VG_HR, 80, VG_SOURCE_SPOT};
    struct desk *d = desk_open();
    static struct vg_alert stored;

    (void)state;
    ward_feed(&d->ward, 0, &fast);
    stored = *open_of(d, "CLOCK_FUTURE");
    assert_int_not_equal(stored.rev, 0);
    begin_again(d);
    ward_admit(&d->ward, 0, "P1");
    give(d, &stored);
    all_restored(d, 10 * M);
    for (right.at = 10 * M; right.at < 15 * M; right.at += M) {
        ward_feed(&d->ward, right.at, &right);
        assert_int_not_equal(open_of(d, "CLOCK_FUTURE")->rev, 0);
    }
    ward_feed(&d->ward, right.at, &right);
    assert_non_null(strstr(d->ward.told, "ended CLOCK_FUTURE"));
    desk_close(d);
}

/* It stood between its limits for longer than vital signs are read back, and the daemon dies: who begins anew cannot
 * know that it stands. */
static void older_than_what_is_read_back(void **state)
{
    static const char *const rules[] = {
        "  - {id: AIR, class: respiratory, severity: urgent, text: t, source: s, "
        "when: oxygen.hypoxia}\n",
        "  - {id: AIR, class: respiratory, severity: urgent, text: t, source: s, "
        "when: oxygen.hypoxia, clear: not oxygen.hypoxia for 5m}\n"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct desk *d = desk_open_with(rules[i % 2]);
        const int64_t from = i < 2 ? 4 * H : 0; /* else all of it is read back */
        static struct vg_alert stored;
        spot(d, 0, VG_SPO2, 85);
        stored = *open_of(d, "AIR");
        assert_int_not_equal(stored.rev, 0);
        begin_again(d);
        ward_admit(&d->ward, 0, "P1");
        give(d, &stored);
        for (int64_t at = from; at <= 30 * H; at += 10 * M) {
            spot(d, at, VG_SPO2, at == 0 ? 85 : 91);
        }
        all_restored(d, 30 * H);
        for (int64_t at = 0; at <= 10 * M; at += 5 * M) {
            spot(d, 30 * H + 5 * M + at, VG_SPO2, 91);
        }
        const struct vg_alert *now = open_of(d, "AIR");
        assert_int_equal(now->condition, i < 2 ? VG_ENDED : VG_ACTIVE);
        assert_true(now->latched == (i < 2)); /* somebody looks */
        assert_string_equal(now->id, stored.id);
        desk_close(d);
    }
}

/* The same of what raised its severity: it eases when that was true again and has passed, or where all was read back. */
static void graver_than_what_is_read_back(void **state)
{
    (void)state;
    for (int whole = 0; whole < 2; whole++) {
        struct desk *d = desk_open_with(
            "  - {id: MEAN, class: haemodynamic, severity: urgent, text: t, source: s, "
            "when: bp.map_low or map < 55 mm[Hg], escalate: bp.map_critical, escalated: "
            "critical}\n");
        static struct vg_alert stored;
        spot(d, 0, VG_MAP, 50);
        stored = *open_of(d, "MEAN");
        assert_int_equal(stored.severity, VG_CRITICAL);
        begin_again(d);
        ward_admit(&d->ward, 0, "P1");
        give(d, &stored);
        if (whole == 1) {
            spot(d, 0, VG_MAP, 50);
        }
        spot(d, 29 * H + 30 * M, VG_MAP, 58);
        all_restored(d, 30 * H);
        for (int64_t at = 30 * H + M; at <= 30 * H + 11 * M; at += 5 * M) {
            spot(d, at, VG_MAP, 58);
        }
        assert_string_equal(open_of(d, "MEAN")->id, stored.id);
        assert_int_equal(open_of(d, "MEAN")->severity,
                         whole == 1 ? VG_URGENT : VG_CRITICAL);
        for (int64_t at = 30 * H + 15 * M; at <= 30 * H + 30 * M; at += 5 * M) {
            spot(d, at, VG_MAP, at == 30 * H + 15 * M ? 52 : 58);
        }
        assert_int_equal(open_of(d, "MEAN")->severity, VG_URGENT);
        desk_close(d);
    }
}

static void warm_since(struct desk *d, int64_t from)
{
    for (int64_t at = 0; at <= 30 * H; at += H) {
        if (at % (10 * H) == 0) {
            spot(d, at, VG_ANC, 300 * INT64_C(1000000));
        }
        if (at > from) {
            spot(d, at, VG_TEMP, at == H ? 390 : 379);
        }
    }
}

/* Laboratory values are read back for longer than vital signs: that one of them is older says nothing of these. Nor
 * need any of those have been read back. */
static void what_is_read_back_longer(void **state)
{
    static const int64_t from[] = {0, 7 * H, 30 * H}; /* all of it; a day; nothing */

    (void)state;
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        struct desk *d = desk_open_with(
            "  - {id: HOT, class: fever_infection, severity: critical, text: t, source: "
            "s, when: fever.confirmed and anc < 500 /uL}\n");
        static struct vg_alert stored;
        warm_since(d, 0);
        stored = *open_of(d, "HOT");
        assert_int_not_equal(stored.rev, 0);
        begin_again(d);
        ward_admit(&d->ward, 0, "P1");
        give(d, &stored);
        warm_since(d, from[i]);
        all_restored(d, 30 * H);
        spot(d, 31 * H, VG_TEMP, 379);
        const struct vg_alert *now = open_of(d, "HOT");
        assert_int_equal(now->condition, i == 0 ? VG_ACTIVE : VG_ENDED);
        assert_true(now->latched == (i > 0)); /* somebody looks */
        assert_string_equal(now->id, stored.id);
        desk_close(d);
    }
}

static bool count(void *to, const struct vg_alert *alert)
{
    (void)alert;
    (*(size_t *)to)++;
    return true;
}

/* One that is over and kept only for somebody to see is not lost either. */
static void two_of_one_rule(void **state)
{
    struct desk *d = desk_open();
    static struct vg_alert stored;
    struct vg_alert other;

    (void)state;
    spot(d, 0, VG_HR, 145);
    stored = *open_of(d, "PULSE");
    begin_again(d);
    ward_admit(&d->ward, 0, "P1");
    spot(d, 0, VG_HR, 145);
    give(d, &stored);
    other = under(&stored, "PULSE", 'A');
    give(d, &other);
    all_restored(d, 10 * S);
    size_t open = 0;
    vg_engine_open_alerts(d->ward.engine, NULL, count, &open);
    assert_int_equal(open, 3); /* FAST, too */
    desk_close(d);
}

/* The patient it was about is gone, and another lies there: whoever was called hears the end, and
 * the other patient gets no alert of a stranger. */
static void the_patient_is_gone(void **state)
{
    struct desk *d = desk_open();
    static struct vg_alert stored;

    (void)state;
    spot(d, 0, VG_HR, 145);
    stored = *open_of(d, "PULSE");
    begin_again(d);
    ward_admit(&d->ward, 1 * S, "P2");
    give(d, &stored);
    d->ward.told[0] = '\0';
    all_restored(d, 10 * S);
    bool ended = false;
    for (size_t i = 0; i < d->ward.effects.count; i++) {
        const struct vg_effect *e = &d->ward.effects.item[i];
        if (e->kind == VG_EFFECT_ALERT && strcmp(e->alert->id, stored.id) == 0) {
            ended = true;
            assert_string_equal(e->alert->patient, "P1");
            assert_int_equal(e->alert->condition, VG_ENDED);
            assert_int_equal(e->page, VG_PAGE_END);
            assert_int_not_equal(e->to, 0);
        }
    }
    assert_true(ended);
    assert_int_equal(open_of(d, "PULSE")->rev, 0);
    desk_close(d);
}

/* A bed's refusals and pauses of the past are not told again. */
static void the_past_is_not_told(void **state)
{
    struct desk *d = desk_open();
    const struct vg_pause off = {.ward = "onc-7",
                                 .bed = "12",
                                 .at = {WARD_START + 1 * M},
                                 .until = {WARD_START + 3 * M},
                                 .by = ANNA,
                                 .reason = "scan"};

    (void)state;
    begin_again(d);
    step(d, 0, (struct vg_event){.kind = VG_EVENT_PAUSED, .pause = &off});
    ward_admit(&d->ward, 0, "P1");
    ward_admit(&d->ward, 1 * S, "P2"); /* refused then */
    assert_int_equal(d->ward.effects.count, 0);
    spot(d, 2 * M, VG_HR, 80);
    spot(d, 5 * M, VG_HR, 81); /* it was over */
    assert_int_equal(d->ward.effects.count, 0);
    all_restored(d, 10 * M);
    assert_int_equal(d->ward.effects.count, 0);
    desk_close(d);
}

/* ---- Which protocol */

static void which_ward_is_watched_by_which(void **state)
{
    static struct ward a, b;
    const struct vg_protocol *list[2];
    struct vg_ward wards[2] = {{.id = "onc-7"}, {.id = "onc-8"}};

    (void)state;
    ward_open(&a,
              "  - {id: A, class: lab, severity: info, when: hr > 100 /min, text: t, "
              "source: s}\n");
    ward_open(&b,
              "  - {id: B, class: lab, severity: info, when: hr > 100 /min, text: t, "
              "source: s}\n");
    list[0] = a.protocol;
    list[1] = b.protocol;
    wards[0].protocol = b.protocol;
    wards[1].protocol = a.protocol;
    a.book = (struct vg_rulebook){2, list, 2, wards};
    assert_int_equal(vg_engine_adopt(a.engine, &a.book), VG_OK);
    static const struct {
        const char *ward, *told;
    } rows[] = {
        {"onc-7", "raised B"}, {"onc-8", "raised A"}, {"elsewhere", "raised B"}};
    for (size_t i = 0; i < 3; i++) {
        struct vg_reading reading = {.signal = VG_HR,
                                     .source = VG_SOURCE_SPOT,
                                     .value = 110,
                                     .measured = {WARD_START},
                                     .pi = -1,
                                     .uln = VG_NO_VALUE,
                                     .lln = VG_NO_VALUE};
        struct vg_message message = {.kind = VG_KIND_VITALS,
                                     .bed = "1",
                                     .measured = {WARD_START},
                                     .reading_count = 1,
                                     .readings = &reading};
        (void)vg_copy(message.ward, sizeof message.ward, rows[i].ward);
        a.told[0] = '\0';
        ward_step(&a, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
        assert_non_null(strstr(a.told, rows[i].told));
    }
    /* Whoever is admitted is watched by what fits their product; what the other said stays, of
     * unknown condition. */
    struct ward *w = &a;
    ward_move(w, 1 * M,
              &(struct ward_move){VG_ADMIT, "1", "p-1", NULL, 0, false, false});
    assert_string_equal(vg_engine_episode(w->engine, "onc-7", "1")->protocol, "box");
    assert_non_null(strstr(w->told, "noted B"));
    assert_non_null(strstr(w->told, "data_lost B"));
    assert_non_null(strstr(w->told, "raised A"));
    ward_close(&a);
    ward_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule_is_gone),
        cmocka_unit_test(two_of_one_rule),
        cmocka_unit_test(graver_than_what_is_read_back),
        cmocka_unit_test(older_than_what_is_read_back),
        cmocka_unit_test(what_is_read_back_longer),
        cmocka_unit_test(a_clock_is_watched_on),
        cmocka_unit_test(the_patient_is_gone),
        cmocka_unit_test(the_past_is_not_told),
        cmocka_unit_test(which_ward_is_watched_by_which),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
