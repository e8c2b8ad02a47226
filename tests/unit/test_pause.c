/* SPDX-License-Identifier: Apache-2.0
 *
 * A bed off the ward (Clinical reference 7.3): what is recorded of it and what stands on each of
 * its alerts, how long it may last in all, and that it is over when the patient is back, arrives
 * elsewhere or goes.
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

/* The latest that the last step told of the bed; NULL: nothing. */
static const struct vg_pause *told(const struct desk *d)
{
    const struct vg_pause *pause = NULL;

    for (size_t i = 0; i < d->ward.effects.count; i++) {
        if (d->ward.effects.item[i].kind == VG_EFFECT_PAUSE) {
            pause = &d->ward.effects.item[i].pause;
        }
    }
    return pause;
}

static void told_is(const struct desk *d, const char *bed, const char *by, int64_t at,
                    int64_t until)
{
    const struct vg_pause *pause = told(d);

    if (pause == NULL) {
        fail_msg("nothing was told of bed %s", bed);
        return;
    }
    assert_string_equal(pause->ward, "onc-7");
    assert_string_equal(pause->bed, bed);
    assert_string_equal(pause->by, by);
    assert_string_equal(pause->reason, "why");
    assert_int_equal(pause->at.ms, WARD_START + at);
    if (until < 0) {
        assert_false(vg_is_set(pause->until));
    } else {
        assert_int_equal(pause->until.ms, WARD_START + until);
    }
}

/* The claims of the alert: "kind by until;", until in ms from the start. */
static void claims_are(struct desk *d, const char *rule, const char *expected)
{
    const struct vg_alert *alert = open_of(d, rule);
    char text[512] = "";

    for (size_t i = 0; i < alert->claim_count; i++) {
        const struct vg_claim *c = &alert->claim[i];
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s %s %lld;",
                       vg_claim_text(c->kind), c->by,
                       (long long)(c->until.ms - WARD_START));
        if (c->kind == VG_CLAIM_PAUSE) { /* whatever it rises to */
            assert_int_equal(c->severity, VG_CRITICAL);
            assert_string_equal(c->reason, "why");
        }
    }
    assert_string_equal(text, expected);
}

/* Each change of an alert that the last step told as "paused" says why. */
static unsigned paused_because(const struct desk *d, const char *why)
{
    unsigned count = 0;

    for (size_t i = 0; i < d->ward.effects.count; i++) {
        const struct vg_effect *e = &d->ward.effects.item[i];
        if (e->kind == VG_EFFECT_ALERT && e->alert->event == VG_PAUSED) {
            assert_string_equal(e->alert->remark, why);
            count++;
        }
    }
    return count;
}

static void recorded_and_on_each_alert(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_HR, 145);   /* PULSE, FAST */
    spot(d, 0, VG_TEMP, 385); /* FEVER, the first of the rules, and WARM */
    put_off_ward(d, 10 * S, ANNA, 30 * M);
    told_is(d, "12", ANNA, 10 * S, 30 * M + 10 * S);
    assert_int_equal(paused_because(d, "why"), 4);
    claims_are(d, "FEVER", "pause " ANNA " 1810000;");
    claims_are(d, "FAST", "pause " ANNA " 1810000;");
    wait_until(d, 20 * M);
    spot(d, 20 * M, VG_SBP, 90); /* raised meanwhile */
    claims_are(d, "LOW", "pause " ANNA " 1810000;");
    assert_null(told(d));
    wait_until(d, 30 * M + 10 * S);
    told_is(d, "12", ANNA, 10 * S, -1);
    claims_are(d, "FEVER", "");
    claims_are(d, "LOW", "");
    spot(d, 31 * M, VG_SBP, 120);
    spot(d, 32 * M, VG_SBP, 90);
    claims_are(d, "LOW", ""); /* a new one is not off the ward */
    desk_close(d);
}

/* One at a time on each alert, whatever else people have said of it. */
static void the_latest_word_counts(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_HR, 145);
    quick(d, 1 * S, VG_DO_ACKNOWLEDGE, CARL, "PULSE", VG_RESULT_OK);
    put_off_ward(d, 10 * S, ANNA, 30 * M);
    quick(d, 11 * S, VG_DO_SILENCE, ANNA, "PULSE", VG_RESULT_OK);
    claims_are(d, "PULSE",
               "acknowledge " CARL " 601000;pause " ANNA " 1810000;silence " ANNA
               " 131000;");
    put_off_ward(d, 20 * S, CARL, 5 * M);
    claims_are(d, "PULSE",
               "acknowledge " CARL " 601000;silence " ANNA " 131000;pause " CARL
               " 320000;");
    told_is(d, "12", CARL, 10 * S, 5 * M + 20 * S); /* since the first */
    desk_close(d);
}

/* At most 60 min in all, however often it is said. */
static void sixty_minutes_in_all(void **state)
{
    static const struct {
        vg_ms span;
        enum vg_result result;
    } rows[] = {{50 * M + 1, VG_RESULT_OVER_CAP},
                {50 * M, VG_RESULT_OK},
                {60 * M, VG_RESULT_OVER_CAP}};
    struct desk *d = desk_open();

    (void)state;
    put_off_ward(d, 0, ANNA, 20 * M);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_command c = command(d, VG_DO_PAUSE, CARL, "");
        c.span = rows[i].span;
        (void)vg_copy(c.bed, sizeof c.bed, "12");
        say(d, 10 * M, &c, rows[i].result);
        if (rows[i].result == VG_RESULT_OK) {
            told_is(d, "12", CARL, 0, 60 * M);
        } else {
            assert_null(told(d));
            assert_non_null(strstr(d->answer.detail, "at most 60 min"));
        }
    }
    wait_until(d, 60 * M);
    put_off_ward(d, 61 * M, ANNA, 60 * M); /* and again once it was over */
    told_is(d, "12", ANNA, 61 * M, 121 * M);
    desk_close(d);
}

static void back_at_once(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    put_off_ward(d, 0, ANNA, 30 * M);
    spot(d, 1 * M, VG_TEMP, 395);
    spot(d, 1 * M, VG_HR, 145);
    heard(d, "");
    put_off_ward(d, 2 * M, CARL, 0);
    assert_string_equal(d->answer.detail, "the bed is back on the ward");
    told_is(d, "12", ANNA, 0, -1);
    claims_are(d, "FEVER", "");
    heard(d, "FEVER call bedside-nurse;PULSE call bedside-nurse;");
    wait_until(d, 30 * M);
    assert_null(told(d)); /* once */
    desk_close(d);
}

/* Who cannot take an alert cannot say that its patient is away; troubles of the node have no
 * bed that could be. */
static void who_and_which(void **state)
{
    struct desk *d = desk_open();
    struct vg_command c = command(d, VG_DO_PAUSE, "ward:tablet", "");

    (void)state;
    c.span = 5 * M;
    (void)vg_copy(c.bed, sizeof c.bed, "12");
    say(d, 0, &c, VG_RESULT_FORBIDDEN);
    assert_null(told(d));
    step(d, 1 * S,
         (struct vg_event){
             .kind = VG_EVENT_NODE,
             .node = {"onc-7", "gw-1", VG_GATEWAY_SILENT, true, NULL, VG_INFO}});
    c = command(d, VG_DO_PAUSE, ANNA, "");
    c.span = 5 * M;
    (void)vg_copy(c.bed, sizeof c.bed, ":gw-1");
    say(d, 2 * S, &c, VG_RESULT_INVALID);
    assert_string_equal(d->answer.detail, "there is no such bed in this ward");
    desk_close(d);
}

static void move(struct desk *d, int64_t at, struct ward_move move)
{
    ward_move(&d->ward, at, &move);
}

/* A patient who is moved while away has arrived; one who is discharged is gone. */
static void over_when_the_patient_moves(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_HR, 145);
    put_off_ward(d, 1 * S, ANNA, 30 * M);
    move(d, 2 * M,
         (struct ward_move){VG_TRANSFER, "12", "P1", "14", 2 * M, false, false});
    told_is(d, "12", ANNA, 1 * S, -1);
    assert_string_equal(open_of(d, "PULSE")->bed, "14");
    claims_are(d, "PULSE", "");
    struct vg_command c = command(d, VG_DO_PAUSE, ANNA, "");
    c.span = 30 * M;
    (void)vg_copy(c.bed, sizeof c.bed, "14");
    say(d, 3 * M, &c, VG_RESULT_OK);
    move(d, 4 * M,
         (struct ward_move){VG_DISCHARGE, "14", "P1", NULL, 4 * M, false, false});
    told_is(d, "14", ANNA, 3 * M, -1);
    assert_int_equal(open_of(d, "PULSE")->rev, 0);
    desk_close(d);
}

/* An empty bed that is off the ward is back when somebody is moved into it. */
static void over_when_somebody_comes(void **state)
{
    struct desk *d = desk_open();
    const struct ward_reading hr = {"14", "", 0, VG_HR, 80, VG_SOURCE_SPOT};

    (void)state;
    ward_feed(&d->ward, 0, &hr);
    struct vg_command c = command(d, VG_DO_PAUSE, ANNA, "");
    c.span = 30 * M;
    (void)vg_copy(c.bed, sizeof c.bed, "14");
    say(d, 1 * S, &c, VG_RESULT_OK);
    told_is(d, "14", ANNA, 1 * S, 30 * M + 1 * S);
    move(d, 2 * M,
         (struct ward_move){VG_TRANSFER, "12", "P1", "14", 2 * M, false, false});
    told_is(d, "14", ANNA, 1 * S, -1);
    spot(d, 3 * M, VG_HR, 80);
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_and_on_each_alert),
        cmocka_unit_test(the_latest_word_counts),
        cmocka_unit_test(sixty_minutes_in_all),
        cmocka_unit_test(back_at_once),
        cmocka_unit_test(who_and_which),
        cmocka_unit_test(over_when_the_patient_moves),
        cmocka_unit_test(over_when_somebody_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
