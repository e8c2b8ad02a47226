/* SPDX-License-Identifier: Apache-2.0
 *
 * What those who ask are told of beds, people and wards.
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

/* ---- Those who ask */

static bool count_beds(void *to, const struct vg_bed_look *look)
{
    char *text = to;

    (void)strcat(strcat(text, look->linked ? look->episode.patient : "-"), " ");
    return strlen(text) < 6;
}

static bool count_assessed(void *to, const struct vg_assessed *assessed)
{
    char *text = to;

    (void)strcat(strcat(text, assessed->bed), " ");
    return strlen(text) < 6;
}

static bool count_open(void *to, const struct vg_alert *alert)
{
    char *text = to;

    (void)strcat(strcat(text, alert->rule), " ");
    return strlen(text) < 10;
}

static void beds_are_shown_in_order(void **state)
{
    struct desk *d = desk_open();
    const struct vg_engine *engine = d->ward.engine;
    const struct ward_reading hr = {"13", "", 0, VG_HR, 80, VG_SOURCE_SPOT};
    const struct ward_reading more = {"14", "", 0, VG_HR, 80, VG_SOURCE_SPOT};
    struct vg_bed_look look;
    char text[64] = "";

    (void)state;
    step(d, 0,
         (struct vg_event){
             .kind = VG_EVENT_NODE,
             .node = {"onc-7", "gw-1", VG_GATEWAY_SILENT, true, NULL, VG_INFO}});
    ward_feed(&d->ward, 0, &hr);
    infuse(d, 1 * M, "start", "");
    put_off_ward(d, 2 * M, ANNA, 5 * M);
    assert_false(vg_engine_look(engine, "onc-7", "99", &look));
    assert_false(vg_engine_look(engine, "onc-7", ":gw-1", &look)); /* is no bed */
    assert_true(vg_engine_look(engine, "onc-7", "12", &look));
    assert_true(look.linked);
    assert_string_equal(look.episode.patient, "P1");
    assert_string_equal(look.protocol, "box");
    assert_int_equal(look.infusion.ms, WARD_START + 1 * M);
    assert_int_equal(look.pause.until.ms, WARD_START + 7 * M);
    assert_string_equal(look.assessed.patient, "P1");
    assert_true(vg_engine_look(engine, "onc-7", "13", &look));
    assert_false(look.linked);
    assert_false(vg_is_set(look.pause.until));
    vg_engine_look_all(engine, count_beds, text);
    assert_string_equal(text, "P1 - "); /* and no node */
    ward_feed(&d->ward, 2 * M, &more);
    text[0] = '\0';
    vg_engine_look_all(engine, count_beds, text);
    assert_string_equal(text, "P1 - - "); /* enough was seen */
    text[0] = '\0';
    vg_engine_assess(engine, count_assessed, text);
    assert_string_equal(text, "12 13 ");
    struct vg_assessed assessed;
    assert_false(vg_engine_assess_bed(engine, "onc-7", "99", &assessed));
    desk_close(d);
}

static void what_is_open_is_listed_by_ward(void **state)
{
    struct desk *d = desk_open();
    char text[64] = "";

    (void)state;
    spot(d, 0, VG_TEMP, 385);
    vg_engine_open_alerts(d->ward.engine, "onc-8", count_open, text);
    assert_string_equal(text, "");
    vg_engine_open_alerts(d->ward.engine, "onc-7", count_open, text);
    assert_string_equal(text, "FEVER WARM ");
    text[0] = '\0';
    strcpy(text, "1234 "); /* enough after one */
    vg_engine_open_alerts(d->ward.engine, NULL, count_open, text);
    assert_string_equal(text, "1234 FEVER ");
    assert_true(vg_engine_ward_counter(d->ward.engine, "onc-7") > 0);
    assert_int_equal(vg_engine_ward_counter(d->ward.engine, "onc-8"), 0);
    assert_true(vg_is_set(vg_engine_deadline(d->ward.engine)));
    struct vg_engine *empty = vg_engine_create(&d->ward.book);
    assert_true(vg_is_never(vg_engine_deadline(empty)));
    assert_int_equal(vg_engine_ward_counter(empty, "onc-7"), 0);
    vg_engine_destroy(empty);
    vg_engine_destroy(NULL);
    desk_close(d);
}

static struct vg_owner of(const struct desk *d, const char *bed, const char *patient,
                          int64_t at)
{
    const struct vg_message message = {.ward = "onc-7", .measured = {WARD_START + at}};
    struct vg_message named = message;

    (void)vg_copy(named.bed, sizeof named.bed, bed);
    return vg_engine_owner_named(d->ward.engine, &named, patient, named.measured);
}

/* What a person says is somebody's, is theirs wherever they lay then: an open stay first, that of
 * this bed before another, the one in the house before the one at home. */
static void whose_a_person_says_it_is(void **state)
{
    struct desk *d = desk_open();
    struct vg_admission a = admission(VG_ADMIT, 0);

    (void)state;
    (void)vg_copy(a.bed, sizeof a.bed, "0"); /* comes before bed 12 */
    a.has_setting = a.outpatient = true;
    tell(d, 1 * S, &a);
    const char *here = vg_engine_episode(d->ward.engine, "onc-7", "12")->id;
    const char *home = vg_engine_episode(d->ward.engine, "onc-7", "0")->id;
    assert_string_equal(of(d, "14", "P1", 1 * M).episode, here);
    assert_string_equal(of(d, "12", "P1", 1 * M).episode, here);
    assert_string_equal(of(d, "0", "P1", 1 * M).episode, home);
    assert_string_equal(of(d, "12", "P2", 1 * M).episode, "");
    assert_string_equal(of(d, "12", "P1", -1 * M).episode, ""); /* before they came */
    assert_string_equal(vg_engine_episode_named(d->ward.engine, home)->bed, "0");
    assert_null(vg_engine_episode_named(d->ward.engine, ""));
    assert_null(vg_engine_episode_named(d->ward.engine, "nobody"));
    /* a stay that is over */
    ward_move(
        &d->ward, 10 * M,
        &(struct ward_move){VG_DISCHARGE, "12", "P1", NULL, 10 * M, false, false});
    ward_move(&d->ward, 10 * M,
              &(struct ward_move){VG_DISCHARGE, "0", "P1", NULL, 5 * M, false, false});
    assert_string_equal(of(d, "14", "P1", 9 * M).patient, "P1");
    assert_int_equal(of(d, "14", "P1", 9 * M).to.ms, WARD_START + 10 * M);
    assert_string_equal(of(d, "14", "P1", 10 * M).patient, "");
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beds_are_shown_in_order),
        cmocka_unit_test(what_is_open_is_listed_by_ward),
        cmocka_unit_test(whose_a_person_says_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
