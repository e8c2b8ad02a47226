/* SPDX-License-Identifier: Apache-2.0
 *
 * What people ask of alerts and beds, and what they are answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"

/* ---- Answers */

static void test_each_answer(void **state)
{
    struct desk *d = desk_open();
    struct vg_command c;

    (void)state;
    spot(d, 0, VG_TEMP, 385);
    c = command(d, VG_DO_ACKNOWLEDGE, ANNA, "FEVER");
    say(d, 1 * M, &c, VG_RESULT_OK);
    const uint32_t rev = d->answer.rev;
    say(d, 2 * M, &c, VG_RESULT_DUPLICATE);
    assert_int_equal(d->answer.rev, rev);
    assert_string_equal(d->answer.detail, "ok");
    assert_int_equal(open_of(d, "FEVER")->rev, rev); /* nothing was done */
    c = command(d, VG_DO_NOTE, CARL, "FEVER");
    c.rev--;
    say(d, 3 * M, &c, VG_RESULT_STALE_VIEW); /* done */
    assert_int_equal(open_of(d, "FEVER")->rev, rev + 1);
    c = command(d, VG_DO_ACCEPT, CARL, "FEVER");
    c.rev += 5;
    say(d, 4 * M, &c, VG_RESULT_INVALID);
    c = command(d, VG_DO_ACCEPT, CARL, "FEVER");
    (void)vg_copy(c.ward, sizeof c.ward, "onc-8");
    say(d, 4 * M, &c, VG_RESULT_FORBIDDEN);
    quick(d, 4 * M, VG_DO_ACCEPT, "ward:7", "FEVER", VG_RESULT_FORBIDDEN);
    quick(d, 4 * M, VG_DO_RELEASE, CARL, "FEVER", VG_RESULT_FORBIDDEN);
    quick(d, 4 * M, VG_DO_RESET, CARL, "FEVER", VG_RESULT_FORBIDDEN);
    c = command(d, VG_DO_ACCEPT, CARL, "FEVER"); /* of the mild one */
    spot(d, 5 * M, VG_TEMP, 395);
    say(d, 6 * M, &c, VG_RESULT_SUPERSEDED);
    assert_string_equal(open_of(d, "FEVER")->owner, "");
    spot(d, 7 * M, VG_TEMP, 370);
    say(d, 8 * M, &c, VG_RESULT_DUPLICATE);
    (void)vg_copy(c.id, sizeof c.id, "other");
    say(d, 9 * M, &c, VG_RESULT_CLOSED);
    (void)vg_copy(c.client, sizeof c.client, "tablet"); /* its own numbers */
    say(d, 9 * M, &c, VG_RESULT_CLOSED);
    desk_close(d);
}

static void test_reasons_and_limits(void **state)
{
    static const struct {
        enum vg_do what;
        const char *rule;
        vg_ms span;
        bool reason;
        enum vg_result result;
    } rows[] = {
        {VG_DO_SHELVE, "PULSE", 1 * M, true, VG_RESULT_FORBIDDEN},
        {VG_DO_SHELVE, "FEVER", 31 * M, true, VG_RESULT_OVER_CAP},
        {VG_DO_SHELVE, "FEVER", 30 * M, false, VG_RESULT_INVALID},
        {VG_DO_SHELVE, "FEVER", 30 * M, true, VG_RESULT_OK},
        {VG_DO_SHELVE, "WARM", 8 * H + 1, true, VG_RESULT_OVER_CAP},
        {VG_DO_SHELVE, "WARM", 8 * H, true, VG_RESULT_OK},
        {VG_DO_SILENCE, "PULSE", 15 * M, false, VG_RESULT_OK},
        {VG_DO_SILENCE, "PULSE", 0, false, VG_RESULT_OK},
        {VG_DO_SILENCE, "PULSE", 15 * M + 1, false, VG_RESULT_OVER_CAP},
        {VG_DO_REJECT, "PULSE", 0, false, VG_RESULT_INVALID},
        {VG_DO_NOTE, "PULSE", 0, false, VG_RESULT_INVALID},
        {VG_DO_PAUSE, "PULSE", 60 * M + 1, true, VG_RESULT_OVER_CAP},
        {VG_DO_PAUSE, "PULSE", 60 * M, false, VG_RESULT_INVALID},
        {VG_DO_PAUSE, "PULSE", 0, true, VG_RESULT_INVALID}, /* for how long? */
        {VG_DO_PAUSE, "PULSE", 60 * M, true, VG_RESULT_OK},
    };
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_TEMP, 385);
    spot(d, 0, VG_HR, 145);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_command c = command(d, rows[i].what, ANNA, rows[i].rule);
        c.span = rows[i].span;
        c.reason[0] = rows[i].reason ? 'w' : '\0';
        (void)vg_copy(c.bed, sizeof c.bed, "12");
        say(d, 1 * S, &c, rows[i].result);
    }
    struct vg_command c = command(d, VG_DO_PAUSE, ANNA, "");
    c.span = M;
    (void)vg_copy(c.bed, sizeof c.bed, "99");
    say(d, 2 * S, &c, VG_RESULT_INVALID);
    desk_close(d);
}

static void test_two_nurses_at_once(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_TEMP, 385);
    const struct vg_command first = command(d, VG_DO_ACCEPT, ANNA, "FEVER");
    const struct vg_command second = command(d, VG_DO_ACCEPT, CARL, "FEVER");
    d->heard[0] = '\0';
    say(d, 1 * M, &first, VG_RESULT_OK);
    say(d, 1 * M, &second, VG_RESULT_SUPERSEDED);
    assert_string_equal(d->answer.detail, "taken by " ANNA);
    heard(d, "FEVER taken charge-nurse;");
    quick(d, 2 * M, VG_DO_REJECT, CARL, "FEVER", VG_RESULT_FORBIDDEN);
    quick(d, 2 * M, VG_DO_ACCEPT, CARL, "FEVER",
          VG_RESULT_OK); /* has seen who has it */
    assert_string_equal(open_of(d, "FEVER")->owner, CARL);
    quick(d, 3 * M, VG_DO_RELEASE, ANNA, "FEVER", VG_RESULT_FORBIDDEN);
    quick(d, 3 * M, VG_DO_RELEASE, CARL, "FEVER", VG_RESULT_OK);
    heard(d, "FEVER taken bedside-nurse;FEVER call bedside-nurse charge-nurse;");
    desk_close(d);
}

/* The same command from two devices is two commands: the first to come has it, the second is told who. The
 * same person twice has it longer, and nobody is told again. */
static void test_one_command_by_two_devices(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_TEMP, 385);
    struct vg_command c = command(d, VG_DO_ACCEPT, ANNA, "FEVER");
    const uint32_t rev = c.rev;
    d->heard[0] = d->ward.told[0] = '\0';
    say(d, 1 * M, &c, VG_RESULT_OK);
    say(d, 1 * M, &c, VG_RESULT_DUPLICATE);
    assert_string_equal(d->answer.detail, "ok");
    assert_int_equal(d->answer.rev, rev + 1);
    assert_string_equal(d->ward.told, "60000 accepted FEVER 0;");
    heard(d, "FEVER taken charge-nurse;");
    (void)strcpy(c.client, "tablet");
    (void)strcpy(c.by, CARL);
    say(d, 2 * M, &c, VG_RESULT_SUPERSEDED);
    assert_string_equal(d->answer.detail, "taken by " ANNA);
    assert_int_equal(d->answer.rev, rev + 1);
    say(d, 2 * M, &c, VG_RESULT_DUPLICATE); /* not done, and not later either */
    assert_string_equal(d->answer.detail, "superseded");
    assert_string_equal(open_of(d, "FEVER")->owner, ANNA);
    heard(d, "");
    (void)strcpy(c.client, "phone");
    (void)strcpy(c.by, ANNA);
    say(d, 3 * M, &c, VG_RESULT_STALE_VIEW);
    assert_int_equal(open_of(d, "FEVER")->care.hold_until.ms, WARD_START + 33 * M);
    assert_string_equal(d->ward.told, "180000 accepted FEVER 0;");
    heard(d, "");
    desk_close(d);
}

/* A login that a whole ward shares can see, and take nothing: the answer says so, and nothing has changed. */
static void test_who_cannot_take(void **state)
{
    static const char *const logins[] = {"ward:tablet", "patient:p", "caregiver:c",
                                         "vigil:restart"};
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_TEMP, 385);
    const uint32_t rev = open_of(d, "FEVER")->rev;
    d->heard[0] = '\0';
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        quick(d, 1000, VG_DO_ACCEPT, logins[i], "FEVER", VG_RESULT_FORBIDDEN);
        quick(d, 1000, VG_DO_SHELVE, logins[i], "FEVER", VG_RESULT_FORBIDDEN);
    }
    assert_int_equal(open_of(d, "FEVER")->offer, VG_OFFERED_STATE);
    assert_int_equal(open_of(d, "FEVER")->claim_count, 0);
    assert_int_equal(open_of(d, "FEVER")->rev, rev);
    assert_string_equal(open_of(d, "FEVER")->owner, "");
    heard(d, "");
    desk_close(d);
}

/* ---- A bed off the ward */

static void test_off_the_ward(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    put_off_ward(d, 0, ANNA, 30 * M);
    spot(d, 1 * M, VG_HR, 145);
    spot(d, 2 * M, VG_TEMP, 395);
    wait_until(d, 30 * M - 1);
    heard(d, "");
    wait_until(d, 30 * M); /* everything that holds, at once */
    heard(d, "FEVER call bedside-nurse;PULSE call bedside-nurse;");
    desk_close(d);
}

static void test_back_before_the_time(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_HR, 145);
    heard(d, "PULSE call bedside-nurse;");
    put_off_ward(d, 10 * S, ANNA, 60 * M);
    put_off_ward(d, 20 * S, CARL, 5 * M); /* the latest word counts */
    wait_until(d, 5 * M + 20 * S);
    heard(d, "PULSE call bedside-nurse;");
    put_off_ward(d, 6 * M, ANNA, 60 * M);
    wait_until(d, 10 * M);
    heard(d, "PULSE call bedside-nurse;"); /* its resend before the pause */
    put_off_ward(d, 11 * M, CARL, 0);
    heard(d, "PULSE call bedside-nurse;");
    desk_close(d);
}

/* A patient who was moved here last week: the restore does not take the pause of today for
 * theirs, and keeps it. */
static void test_off_the_ward_over_a_restart(void **state)
{
    struct desk *d = desk_open();
    struct vg_admission move = {.action = VG_TRANSFER,
                                .ward = "onc-7",
                                .bed = "11",
                                .to_ward = "onc-7",
                                .to_bed = "12",
                                .at = {WARD_START + 1000},
                                .infusion_planned = VG_UNSET};
    struct vg_admission admit = {.action = VG_ADMIT,
                                 .ward = "onc-7",
                                 .bed = "11",
                                 .patient = "P2",
                                 .product = VG_CAR_T,
                                 .age = 50,
                                 .at = {WARD_START},
                                 .infusion_planned = VG_UNSET};
    const struct vg_pause off = {.ward = "onc-7",
                                 .bed = "12",
                                 .at = {WARD_START + 10 * M},
                                 .until = {WARD_START + 40 * M},
                                 .by = ANNA,
                                 .reason = "scan"};

    (void)state;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        admit.baseline[i] = move.baseline[i] = admit.uln[i] = move.uln[i] = VG_NO_VALUE;
    }
    vg_engine_destroy(d->ward.engine);
    d->ward.engine = vg_engine_create(&d->ward.book);
    vg_engine_restore_begin(d->ward.engine);
    step(d, 0, (struct vg_event){.kind = VG_EVENT_PAUSED, .pause = &off});
    step(d, 0, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &admit});
    step(d, 1000, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &move});
    assert_int_equal(vg_engine_restore_end(d->ward.engine,
                                           (struct vg_instant){WARD_START + 11 * M},
                                           &d->ward.effects),
                     VG_OK);
    spot(d, 12 * M, VG_HR, 145);
    heard(d, "");
    wait_until(d, 40 * M);
    heard(d, "PULSE call bedside-nurse;");
    desk_close(d);
}

/* ---- The end of a stay */

static enum vg_reason refusal(const struct desk *d)
{
    for (size_t i = 0; i < d->ward.effects.count; i++) {
        if (d->ward.effects.item[i].kind == VG_EFFECT_REFUSED) {
            return d->ward.effects.item[i].refusal.reason;
        }
    }
    return VG_REASON_COUNT;
}

static void discharge(struct desk *d, int64_t at, bool confirm)
{
    struct vg_admission a = {.action = VG_DISCHARGE,
                             .ward = "onc-7",
                             .bed = "12",
                             .patient = "P1",
                             .at = {WARD_START + at},
                             .age = -1,
                             .confirm = confirm,
                             .infusion_planned = VG_UNSET};

    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a.baseline[i] = a.uln[i] = VG_NO_VALUE;
    }
    step(d, at, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &a});
}

static void test_discharge_is_confirmed(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_HR, 145);
    heard(d, "PULSE call bedside-nurse;");
    discharge(d, 1 * S, false);
    assert_int_equal(refusal(d), VG_CONFIRM);
    assert_non_null(vg_engine_episode(d->ward.engine, "onc-7", "12"));
    wait_until(d, 40 * M);
    d->heard[0] = '\0';
    discharge(d, 40 * M, false); /* too late to be the second time */
    assert_int_equal(refusal(d), VG_CONFIRM);
    discharge(d, 41 * M, false);
    assert_int_equal(refusal(d), VG_REASON_COUNT);
    assert_null(vg_engine_episode(d->ward.engine, "onc-7", "12"));
    assert_int_equal(open_of(d, "PULSE")->rev, 0);
    assert_non_null(
        strstr(d->heard, "PULSE end bedside-nurse rapid-response charge-nurse;"));
    desk_close(d);
    d = desk_open();
    spot(d, 0, VG_HR, 145);
    discharge(d, 1 * S, true);
    assert_int_equal(refusal(d), VG_REASON_COUNT);
    desk_close(d);
}

/* ---- Its rule is gone */

static void test_orphan(void **state)
{
    struct desk *d = desk_open();
    static struct ward other;
    struct vg_command c;

    (void)state;
    ward_open(&other, "  - id: OTHER\n    class: lab\n    severity: info\n"
                      "    when: temp > 43.0 Cel\n    text: t\n    source: s\n");
    spot(d, 0, VG_HR, 145);
    heard(d, "PULSE call bedside-nurse;");
    assert_int_equal(vg_engine_adopt(d->ward.engine, &other.book), VG_OK);
    wait_until(d, 10 * S);
    assert_int_equal(open_of(d, "PULSE")->condition, VG_CONDITION_UNKNOWN);
    wait_until(d, 30 * S); /* its ladder runs on */
    heard(d, "PULSE call bedside-nurse;");
    spot(d, 40 * S, VG_HR, 80); /* says nothing to it */
    assert_int_equal(open_of(d, "PULSE")->condition, VG_CONDITION_UNKNOWN);
    c = command(d, VG_DO_RESET, CARL, "PULSE");
    say(d, 50 * S, &c, VG_RESULT_OK);
    heard(d, "PULSE end bedside-nurse;" /* FAST was covered by it, and is alone now */
             "FAST call bedside-nurse charge-nurse;");
    assert_int_equal(open_of(d, "PULSE")->rev, 0);
    desk_close(d);
    ward_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_answer),
        cmocka_unit_test(test_reasons_and_limits),
        cmocka_unit_test(test_two_nurses_at_once),
        cmocka_unit_test(test_one_command_by_two_devices),
        cmocka_unit_test(test_who_cannot_take),
        cmocka_unit_test(test_off_the_ward),
        cmocka_unit_test(test_back_before_the_time),
        cmocka_unit_test(test_off_the_ward_over_a_restart),
        cmocka_unit_test(test_discharge_is_confirmed),
        cmocka_unit_test(test_orphan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
