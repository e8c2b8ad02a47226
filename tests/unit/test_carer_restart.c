/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts over a jump of time, a restart, the end of an order and the way home; an alert of an older
 * store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "carer_help.h"
#include "lib/desk.h"
#include "lib/ward_moves.h"

/* ---- Jumps of time */

static void jump(struct desk *d, int64_t at, bool restart)
{
    step(d, at, (struct vg_event){.kind = VG_EVENT_JUMP, .jump = {restart}});
}

/* After a restart the furthest step that is due is offered, after a clock was set one step. */
static void a_jump_passes_steps(void **state)
{
    static const struct {
        int64_t at;
        bool restart;
        const char *heard;
    } rows[] = {
        {10 * M - 1, true, ""},
        {10 * M, true, "RATE call senior;"},
        {30 * M - 1, true, "RATE call senior;"},
        {30 * M, true, "RATE call head;"},
        {30 * M, false, "RATE call senior;"},
        {60 * M, true, "RATE call doctor;"},
        {60 * M, false, "RATE call senior;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open_with(rules);
        spot(d, 0, VG_HR, 105);
        d->heard[0] = '\0';
        jump(d, rows[i].at, rows[i].restart);
        if (strcmp(d->heard, rows[i].heard) != 0) {
            fail_msg("row %zu: %s", i, d->heard);
        }
        desk_close(d);
    }
}

/* An order of comfort care that ended while time jumped. */
static void a_jump_over_the_end_of_an_order(void **state)
{
    struct vg_entry entry = {.signal = VG_FLAG,
                             .at = {WARD_START},
                             .on = true,
                             .duration_s = -1,
                             .flow = VG_NO_VALUE,
                             .fio2 = VG_NO_VALUE,
                             .value = "comfort_care",
                             .until = {WARD_START + 20 * M}};
    const struct vg_message message = {.kind = VG_KIND_ASSESSMENT,
                                       .ward = "onc-7",
                                       .bed = "12",
                                       .measured = {WARD_START},
                                       .entry_count = 1,
                                       .entries = &entry};
    struct desk *d = desk_open_with(rules);

    (void)state;
    step(d, 0, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
    spot(d, 1 * M, VG_HR, 105);
    heard(d, "");
    jump(d, 20 * M - 1, true);
    heard(d, "");
    jump(d, 20 * M, true);
    heard(d, "RATE call nurse;");
    desk_close(d);
}

/* ---- Restart */

/* What is technical waits a minute after a restart, from the jump to now; what a person has
 * asked for is not touched. */
static void a_minute_after_a_restart(void **state)
{
    struct desk *d = desk_open_with(rules);
    const struct vg_alert *alert;

    (void)state;
    begin_again(d);
    ward_admit(&d->ward, 0, "P1");
    spot(d, 0, VG_GLUCOSE, 250 * INT64_C(1000000));
    restored(d, 5 * M);
    alert = open_of(d, "SUGAR");
    assert_int_not_equal(alert->rev, 0);
    assert_int_equal(alert->claim_count, 1);
    assert_string_equal(alert->claim[0].by, "vigil:restart");
    assert_int_equal(alert->claim[0].until.ms, WARD_START + 6 * M);
    quick(d, 5 * M + 1, VG_DO_SILENCE, ANNA, "SUGAR", VG_RESULT_OK);
    jump(d, 5 * M + 30 * S, true);
    alert = open_of(d, "SUGAR");
    assert_int_equal(alert->claim[0].until.ms, WARD_START + 6 * M + 30 * S);
    assert_int_equal(alert->claim[1].until.ms, WARD_START + 7 * M + 1);
    d->heard[0] = '\0';
    wait_until(d, 6 * M + 30 * S - 1);
    heard(d, "");
    wait_until(d, 6 * M + 30 * S);
    heard(d, "SUGAR call nurse;");
    desk_close(d);
}

/* An alert of an older store has no ladder frozen into it: its rule's goes on from where it
 * stood. */
static void an_alert_of_an_older_store(void **state)
{
    static const struct {
        enum vg_offer offer;
        unsigned step;
        bool answered, has_hold; /* respond_by, hold_until are known */
        unsigned is_step;
        const char *then; /* when its next step is due or the hold is over */
        int64_t due;      /* from the restart */
    } rows[] = {
        {VG_OFFERED_STATE, 1, false, false, 1, "RATE call head;", 0},
        {VG_OFFERED_STATE, 1, true, false, 1, "RATE call head;", 5 * M},
        {VG_OFFERED_STATE, 7, false, false, 3, "RATE call doctor;", 0},
        {VG_ACCEPTED_STATE, 0, false, false, 0, "RATE call senior;", 60 * M},
        {VG_ACCEPTED_STATE, 0, false, true, 0, "RATE call senior;", 9 * M},
        {VG_OFFER_CLOSED, 0, false, false, 0, "",
         0}, /* nobody has it, nobody is told */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_open_with(rules);
        static struct vg_alert old;
        spot(d, 0, VG_HR, 105);
        old = *open_of(d, "RATE");
        memset(&old.care, 0, sizeof old.care);
        old.care.resend_at = old.care.reset_at = VG_NEVER;
        old.care.hold_until =
            rows[i].has_hold ? (struct vg_instant){WARD_START + 10 * M} : VG_NEVER;
        old.offer = rows[i].offer;
        old.step = rows[i].step;
        old.respond_by =
            rows[i].answered ? (struct vg_instant){WARD_START + 6 * M} : VG_UNSET;
        (void)vg_copy(old.owner, sizeof old.owner,
                      rows[i].offer == VG_ACCEPTED_STATE ? "nurse:a" : "");
        begin_again(d);
        ward_admit(&d->ward, 0, "P1");
        step(d, 0, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &old});
        spot(d, 0, VG_HR, 105);
        d->heard[0] = '\0';
        restored(d, 1 * M);
        assert_int_equal(open_of(d, "RATE")->step, rows[i].is_step);
        assert_string_equal(open_of(d, "RATE")->care.plan.name, "one");
        if (rows[i].due > 0) {
            wait_until(d, 1 * M + rows[i].due - 1);
            assert_null(strstr(d->heard, "RATE call"));
        }
        wait_until(d, 1 * M + rows[i].due);
        if (strstr(d->heard, rows[i].then) == NULL) {
            fail_msg("row %zu: %s", i, d->heard);
        }
        d->heard[0] = '\0';
        spot(d, 2 * H, VG_HR, 80);
        /* who was told is told that */
        assert_int_equal(strstr(d->heard, "RATE end ") != NULL,
                         rows[i].offer != VG_OFFER_CLOSED);
        desk_close(d);
    }
}

/* ---- Home */

static void update(struct desk *d, int64_t at, bool outpatient)
{
    struct vg_admission a = admission(VG_UPDATE, at);

    a.has_setting = true;
    a.outpatient = outpatient;
    tell(d, at, &a);
}

/* Whoever goes home is called about by the ladder for home, from its first step; what somebody
 * has is theirs. */
static void home_and_back(void **state)
{
    struct desk *d = desk_open_with(rules);

    (void)state;
    spot(d, 0, VG_HR, 105);
    spot(d, 0, VG_MAP, 50);
    quick(d, 1 * M, VG_DO_ACCEPT, "nurse:a", "GRAVE", VG_RESULT_OK);
    wait_until(d, 11 * M); /* the second step */
    d->heard[0] = '\0';
    update(d, 12 * M, false); /* where they are */
    heard(d, "");
    update(d, 13 * M, true);
    heard(d, "RATE call line;");
    assert_string_equal(d->ward.last.remark, "the patient is at home now");
    assert_string_equal(open_of(d, "RATE")->ladder, "one-outpatient");
    assert_int_equal(open_of(d, "RATE")->step, 0);
    assert_string_equal(open_of(d, "GRAVE")->owner, "nurse:a");
    assert_string_equal(open_of(d, "GRAVE")->ladder, "one");
    update(d, 14 * M, false);
    heard(d, "RATE call nurse;");
    assert_string_equal(d->ward.last.remark, "the patient is on the ward now");
    spot(d, 15 * M, VG_HR, 80);
    heard(d, "RATE end nurse senior line;");
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jump_passes_steps),
        cmocka_unit_test(a_jump_over_the_end_of_an_order),
        cmocka_unit_test(home_and_back),
        cmocka_unit_test(a_minute_after_a_restart),
        cmocka_unit_test(an_alert_of_an_older_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
