/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes along when patients come, move and go. Whose a reading is: test_ties.c.
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

static const char *refusal(const struct desk *d)
{
    for (size_t i = 0; i < d->ward.effects.count; i++) {
        if (d->ward.effects.item[i].kind == VG_EFFECT_REFUSED) {
            return d->ward.effects.item[i].refusal.detail;
        }
    }
    return "";
}

/* ---- The chain of identity */

static void the_chain_is_kept(void **state)
{
    struct desk *d = desk_open();
    struct vg_admission a = admission(VG_UPDATE, 0);

    (void)state;
    (void)vg_copy(a.donor, sizeof a.donor, "allogeneic");
    (void)vg_copy(a.chain_id, sizeof a.chain_id, "C-17");
    tell(d, 0, &a);
    a = admission(VG_UPDATE, 1 * M); /* says nothing of it */
    a.age = 61;
    tell(d, 1 * M, &a);
    const struct vg_episode *e = vg_engine_episode(d->ward.engine, "onc-7", "12");
    assert_string_equal(e->donor, "allogeneic");
    assert_string_equal(e->chain_id, "C-17");
    assert_int_equal(e->age, 61);
    desk_close(d);
}

/* The product that runs is not what the patient was admitted for. */
static void a_wrong_product_is_told(void **state)
{
    static const struct {
        const char *what, *product;
        bool told;
    } rows[] = {{"start", "car_t", false},
                {"start", "Kymriah", false},
                {"start", "", false},
                {"end", "car_nk", false},
                {"start", "car_nk", true}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open();
        infuse(d, 1 * M, rows[i].what, rows[i].product);
        const struct vg_alert *alert = open_of(d, "IDENTITY_MISMATCH");
        assert_int_equal(alert->rev != 0, rows[i].told);
        if (rows[i].told) {
            assert_string_equal(alert->text,
                                "An infusion of car_nk was charted; this patient is "
                                "admitted for car_t. Check product and patient now.");
        }
        desk_close(d);
    }
}

/* ---- Two stays of one patient */

static void an_update_cannot_make_two_of_one(void **state)
{
    struct desk *d = desk_open();
    struct vg_admission a = admission(VG_ADMIT, 0);

    (void)state;
    (void)vg_copy(a.bed, sizeof a.bed, "home-1");
    a.has_setting = a.outpatient = true; /* one at home beside the one in the house */
    tell(d, 1 * S, &a);
    assert_string_equal(refusal(d), "");
    a = admission(VG_UPDATE, 1 * M);
    a.has_setting = a.outpatient = true;
    tell(d, 1 * M, &a);
    assert_string_equal(refusal(d),
                        "this patient has another open stay of that setting");
    assert_false(vg_engine_episode(d->ward.engine, "onc-7", "12")->outpatient);
    a.outpatient = false; /* as it is */
    tell(d, 2 * M, &a);
    assert_string_equal(refusal(d), "");
    desk_close(d);
}

static void who_is_not_here_is_refused(void **state)
{
    static const struct {
        enum vg_episode_do action;
        const char *bed, *patient;
    } rows[] = {{VG_UPDATE, "99", "P1"},
                {VG_DISCHARGE, "12", "P2"},
                {VG_TRANSFER, "13", ""}}; /* watched, and nobody's */
    struct desk *d = desk_open();
    const struct ward_reading hr = {"13", "", 0, VG_HR, 80, VG_SOURCE_SPOT};

    (void)state;
    ward_feed(&d->ward, 0, &hr);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_admission a = admission(rows[i].action, 1 * M);
        (void)vg_copy(a.bed, sizeof a.bed, rows[i].bed);
        (void)vg_copy(a.patient, sizeof a.patient, rows[i].patient);
        (void)vg_copy(a.to_ward, sizeof a.to_ward, "onc-7");
        (void)vg_copy(a.to_bed, sizeof a.to_bed, "14");
        tell(d, 1 * M, &a);
        assert_string_equal(refusal(d), "this patient is not admitted to this bed");
    }
    assert_non_null(vg_engine_episode(d->ward.engine, "onc-7", "12"));
    assert_null(vg_engine_episode(d->ward.engine, "onc-7", "14"));
    desk_close(d);
}

/* ---- What comes along */

/* Late word of an admission: what was charted in the bed since the patient came is theirs, what was
 * charted before is not. */
static void what_was_charted_since_they_came(void **state)
{
    static const struct {
        int64_t admitted; /* in time; it is told at 30 min */
        bool fever_masked;
    } rows[] = {{5 * M, true}, {15 * M, false}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct desk *d = desk_open_with(
            "  - {id: MASKED, class: lab, severity: info, when: \"given(paracetamol, "
            "8h)\", text: t, source: s}\n");
        struct vg_admission a = admission(VG_DISCHARGE, 0);
        tell(d, 0, &a);
        chart(d, 10 * M, VG_MEDICATION, "paracetamol");
        chart(d, 20 * M, VG_CONSCIOUSNESS, "A");
        assert_int_not_equal(open_of(d, "MASKED")->rev, 0); /* of the bed */
        a = admission(VG_ADMIT, rows[i].admitted);
        (void)vg_copy(a.patient, sizeof a.patient, "P2");
        tell(d, 30 * M, &a);
        spot(d, 31 * M, VG_HR, 80);
        const bool open = open_of(d, "MASKED")->rev != 0;
        assert_int_equal(open, rows[i].fever_masked);
        desk_close(d);
    }
}

/* What was charted in the new bed before the word of the move came is the patient's. */
static void what_was_charted_where_they_are(void **state)
{
    struct desk *d =
        desk_open_with("  - {id: GIVEN, class: lab, severity: info, when: \"given("
                       "paracetamol, 8h)\", text: t, source: s}\n");
    struct vg_entry entry = {.signal = VG_MEDICATION,
                             .at = {WARD_START + 10 * M},
                             .on = true,
                             .duration_s = -1,
                             .flow = VG_NO_VALUE,
                             .fio2 = VG_NO_VALUE,
                             .value = "paracetamol",
                             .until = VG_UNSET};
    const struct vg_message message = {.kind = VG_KIND_THERAPY,
                                       .ward = "onc-7",
                                       .bed = "14",
                                       .measured = {WARD_START + 10 * M},
                                       .entry_count = 1,
                                       .entries = &entry};

    (void)state;
    spot(d, 1 * M, VG_HR, 80);
    step(d, 10 * M, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
    ward_move(&d->ward, 20 * M,
              &(struct ward_move){VG_TRANSFER, "12", "P1", "14", 5 * M, false, false});
    const struct vg_alert *alert = open_of(d, "GIVEN");
    assert_string_equal(alert->patient, "P1");
    assert_string_equal(alert->bed, "14");
    desk_close(d);
}

/* Two have changed places, and that is told late: what was charted in the bed meanwhile is of who lies there now, also
 * an order that keeps from calling. What was ordered before holds for who was there then. */
static void an_order_for_who_lies_there_now(void **state)
{
    static const struct {
        bool before, since; /* an order before they changed places; the word since */
        const char *bed;    /* 13: P1 lies there now; 12: P2 */
        bool calls;
    } rows[] = {{false, true, "13", true},
                {false, true, "12", false},
                {true, false, "13", false},
                {true, false, "12", true}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open();
        const struct ward_reading hr = {rows[i].bed, "",  21 * M,
                                        VG_HR,       145, VG_SOURCE_SPOT};
        ward_move(&d->ward, 0,
                  &(struct ward_move){VG_ADMIT, "13", "P2", NULL, 0, false, false});
        if (rows[i].before) {
            flag(d, 1 * M, "comfort_care", true);
        }
        flag(d, 10 * M, "comfort_care", rows[i].since);
        ward_move(
            &d->ward, 20 * M,
            &(struct ward_move){VG_TRANSFER, "12", "P1", "13", 5 * M, true, false});
        ward_feed(&d->ward, 21 * M, &hr);
        assert_string_equal(open_of(d, "PULSE")->bed, rows[i].bed);
        assert_true(open_of(d, "PULSE")->care.folded != rows[i].calls);
        desk_close(d);
    }
}

/* Word that is ahead of time: what it says counts from when it came, or all that is measured until then would be of
 * the past. */
static void word_that_is_ahead(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: AIR, class: respiratory, severity: urgent, text: t, source: s, "
        "when: oxygen.severe}\n"
        "  - {id: NEUTRO, class: fever_infection, severity: urgent, text: t, source: s, "
        "when: fn.page}\n");
    struct vg_admission a = admission(VG_DISCHARGE, 0);

    (void)state;
    tell(d, 0, &a);
    a = admission(VG_ADMIT, 3 * H);
    a.age = 50;
    a.flag_count = 1;
    (void)vg_copy(a.flags[0], sizeof a.flags[0], "scale2");
    tell(d, 1 * M, &a);
    spot(d, 2 * M, VG_SPO2, 80);
    spot(d, 2 * M, VG_TEMP, 385);
    assert_int_equal(open_of(d, "AIR")->condition, VG_ACTIVE);
    assert_int_not_equal(open_of(d, "AIR")->rev, 0);
    assert_int_not_equal(open_of(d, "NEUTRO")->rev,
                         0); /* assumed since the admission */
    spot(d, 3 * M, VG_SPO2, 90);
    assert_int_equal(open_of(d, "AIR")->rev, 0); /* 88 ends it on scale 2 */
    desk_close(d);
}

/* Word of a move or a discharge comes late, and what was measured in the bed since then holds: it
 * is raised for whoever it belongs to at once, not with the next reading. */
static void what_holds_is_told_with_the_word(void **state)
{
    static const struct {
        enum vg_episode_do action;
        const char *bed, *patient; /* where the fever was, and whose it is */
        const char *where;
    } rows[] = {{VG_TRANSFER, "14", "P1", "14"}, {VG_DISCHARGE, "12", "", "12"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct desk *d = desk_open();
        const struct ward_reading fever = {rows[i].bed, "",  10 * M,
                                           VG_TEMP,     391, VG_SOURCE_SPOT};
        spot(d, 1 * M, VG_TEMP, 370);
        ward_feed(&d->ward, 10 * M, &fever);
        ward_move(
            &d->ward, 20 * M,
            &(struct ward_move){rows[i].action, "12", "P1", "14", 5 * M, false, false});
        const struct vg_alert *alert = open_of(d, "FEVER");
        assert_string_equal(alert->bed, rows[i].where);
        assert_string_equal(alert->patient, rows[i].patient);
        assert_int_equal(alert->severity, VG_CRITICAL);
        assert_int_equal(alert->raised.ms, WARD_START + 20 * M);
        desk_close(d);
    }
}

/* Somebody lies unknown in the new bed, and a critical alert of theirs is open: said twice. */
static void into_a_bed_that_calls(void **state)
{
    struct desk *d = desk_open();
    const struct ward_reading hr = {"14", "", 0, VG_HR, 145, VG_SOURCE_SPOT};

    (void)state;
    ward_feed(&d->ward, 0, &hr);
    struct vg_admission a = admission(VG_TRANSFER, 1 * M);
    (void)vg_copy(a.to_ward, sizeof a.to_ward, "onc-7");
    (void)vg_copy(a.to_bed, sizeof a.to_bed, "14");
    tell(d, 1 * M, &a);
    assert_non_null(strstr(refusal(d), "a critical alert is open in the new bed"));
    assert_non_null(vg_engine_episode(d->ward.engine, "onc-7", "12"));
    assert_int_not_equal(open_of(d, "PULSE")->rev, 0);
    a.at.ms += 1000;
    tell(d, 2 * M, &a);
    assert_string_equal(refusal(d), "");
    assert_string_equal(vg_engine_episode(d->ward.engine, "onc-7", "14")->patient,
                        "P1");
    desk_close(d);
}

/* ---- As many moves as are remembered */

/* What was measured before they came and nobody lay there is theirs if it names them; nobody's
 * otherwise. */
static void before_they_came(void **state)
{
    static const char *const names[] = {"P1", "", "P2"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct desk *d = desk_open();
        const struct ward_reading fever = {"12",    names[i], -5 * M,
                                           VG_TEMP, 391,      VG_SOURCE_SPOT};
        ward_feed(&d->ward, 1 * M, &fever);
        assert_int_equal(open_of(d, "FEVER")->rev != 0, i == 0);
        assert_int_equal(open_of(d, "IDENTITY_MISMATCH")->rev,
                         0); /* nobody lay there */
        desk_close(d);
    }
}

static void the_oldest_move_is_forgotten(void **state)
{
    struct desk *d = desk_open();
    const struct vg_message message = {.ward = "onc-7", .bed = "12"};
    const int64_t far = 5000 * M;

    (void)state;
    for (int64_t i = 0; i < 5000; i++) { /* 4096 are remembered */
        ward_move(&d->ward, i * M,
                  &(struct ward_move){VG_TRANSFER, i % 2 == 0 ? "12" : "13", "P1",
                                      i % 2 == 0 ? "13" : "12", i * M, false, false});
        d->ward.told[0] = '\0';
    }
    /* P1 was in bed 12 in each odd minute: lately that is known, of long ago it is not. */
    const struct vg_engine *engine = d->ward.engine;
    const struct vg_instant late = {WARD_START + far - 100 * M - 30 * S};
    const struct vg_instant early = {WARD_START + 101 * M + 30 * S};
    assert_string_equal(vg_engine_owner(engine, &message, late).patient, "P1");
    assert_int_equal(vg_engine_owner(engine, &message, late).to.ms,
                     WARD_START + far - 100 * M);
    assert_string_equal(vg_engine_owner(engine, &message, early).patient, "");
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chain_is_kept),
        cmocka_unit_test(a_wrong_product_is_told),
        cmocka_unit_test(an_update_cannot_make_two_of_one),
        cmocka_unit_test(who_is_not_here_is_refused),
        cmocka_unit_test(what_was_charted_since_they_came),
        cmocka_unit_test(what_was_charted_where_they_are),
        cmocka_unit_test(an_order_for_who_lies_there_now),
        cmocka_unit_test(word_that_is_ahead),
        cmocka_unit_test(what_holds_is_told_with_the_word),
        cmocka_unit_test(before_they_came),
        cmocka_unit_test(into_a_bed_that_calls),
        cmocka_unit_test(the_oldest_move_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
