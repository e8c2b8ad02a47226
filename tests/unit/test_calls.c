/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is called, beside the ladder: the patient's card, comfort care, what has become worse
 * since it was taken, roles that cannot be reached, the node's own troubles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"

/* ---- The card */

static void test_one_call_for_one_thing(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_TEMP, 385); /* FEVER has a call; WARM says the same, and less */
    heard(d, "FEVER call bedside-nurse charge-nurse;");
    assert_true(open_of(d, "WARM")->care.folded);
    spot(d, 1 * M, VG_TEMP, 376); /* fever is over: warm alone */
    heard(d, "FEVER end bedside-nurse charge-nurse;WARM call bedside-nurse;");
    assert_false(open_of(d, "WARM")->care.folded);
    desk_close(d);
}

static void test_global_calls_only_alone(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_HR, 130);
    heard(d, "FAST call bedside-nurse charge-nurse;");
    desk_close(d);
    d = desk_open();
    spot(d, 0, VG_TEMP, 385);
    d->heard[0] = '\0';
    spot(d, 1 * M, VG_HR, 130); /* another class is as severe */
    heard(d, "");
    quick(d, 2 * M, VG_DO_ACCEPT, ANNA, "FEVER", VG_RESULT_OK);
    heard(d, "FEVER taken charge-nurse;"); /* and has somebody's attention */
    spot(d, 3 * M, VG_TEMP, 370);
    heard(d, "FEVER end bedside-nurse charge-nurse;"
             "FAST call bedside-nurse charge-nurse;");
    desk_close(d);
}

/* By the sender's clock, `from`, until that time. */
static void comfort(struct desk *d, int64_t from, int64_t until)
{
    struct vg_entry entry = {.signal = VG_FLAG,
                             .at = {WARD_START + from},
                             .on = true,
                             .duration_s = -1,
                             .flow = VG_NO_VALUE,
                             .fio2 = VG_NO_VALUE,
                             .value = "comfort_care",
                             .until = {until}};
    const struct vg_message message = {.kind = VG_KIND_ASSESSMENT,
                                       .ward = "onc-7",
                                       .bed = "12",
                                       .measured = {WARD_START + from},
                                       .entry_count = 1,
                                       .entries = &entry};

    step(d, d->ward.now,
         (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

static void test_comfort_care(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    flag(d, 0, "comfort_care", true);
    spot(d, 1 * M, VG_HR, 145);
    spot(d, 1 * M, VG_TEMP, 395);
    wait_until(d, 20 * M);
    heard(d, ""); /* recorded and shown, nobody is called */
    assert_int_equal(open_of(d, "PULSE")->severity, VG_CRITICAL);
    flag(d, 21 * M, "comfort_care", false); /* withdrawn */
    assert_non_null(strstr(d->heard, "PULSE call bedside-nurse;"));
    assert_non_null(strstr(d->heard, "FEVER call bedside-nurse;"));
    desk_close(d);
}

/* What somebody had taken before the order came, and what then becomes of it. */
static void given_back(struct desk *d, enum vg_do what)
{
    struct vg_command c = command(d, what, ANNA, "FEVER");

    (void)vg_copy(c.reason, sizeof c.reason, "busy");
    say(d, 3 * M, &c, VG_RESULT_OK);
}

static void test_comfort_care_outlasts_who_has_it(void **state)
{
    enum { LAPSES, RELEASED, REJECTED, RISES, WORSE, WAYS };

    (void)state;
    for (int way = LAPSES; way < WAYS; way++) {
        const char *rule = way == WORSE ? "LOW" : "FEVER";
        struct desk *d = desk_open();
        spot(d, 0, way == WORSE ? VG_SBP : VG_TEMP, way == WORSE ? 94 : 385);
        quick(d, 1 * M, VG_DO_ACCEPT, ANNA, rule, VG_RESULT_OK);
        flag(d, 2 * M, "comfort_care", true);
        d->heard[0] = '\0';
        if (way == RELEASED || way == REJECTED) {
            given_back(d, way == RELEASED ? VG_DO_RELEASE : VG_DO_REJECT);
        } else if (way == RISES) {
            spot(d, 3 * M, VG_TEMP, 395);
        } else if (way == WORSE) {
            spot(d, 3 * M, VG_SBP, 79);
        }
        wait_until(d, 9 * H); /* longer than any acceptance */
        heard(d, "");
        assert_true(open_of(d, rule)->rev > 0); /* shown all the same */
        assert_int_equal(open_of(d, rule)->severity,
                         way == RISES ? VG_CRITICAL : VG_URGENT);
        assert_string_equal(open_of(d, rule)->owner, "");
        spot(d, 9 * H + M, way == WORSE ? VG_SBP : VG_TEMP, way == WORSE ? 79 : 385);
        heard(d, "");
        flag(d, 9 * H + 2 * M, "comfort_care", false);
        assert_non_null(strstr(d->heard, " call bedside-nurse"));
        desk_close(d);
    }
}

/* ---- Worse since it was taken: Clinical reference 9.4, rule 7 */

static void test_pressure_falls_on(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    ward_read(&d->ward, 0, VG_SBP, 94, VG_SOURCE_CUFF);
    quick(d, 1 * M, VG_DO_ACCEPT, ANNA, "LOW", VG_RESULT_OK);
    d->heard[0] = '\0';
    spot(d, 2 * M, VG_SBP, 86); /* 8 lower: who has it knows */
    heard(d, "");
    spot(d, 3 * M, VG_SBP, 84); /* 10 lower */
    assert_non_null(strstr(d->heard, "LOW call bedside-nurse"));
    assert_string_equal(open_of(d, "LOW")->owner, ANNA); /* still */
    d->heard[0] = '\0';
    spot(d, 4 * M, VG_SBP, 83);
    assert_null(strstr(d->heard, "LOW call"));
    spot(d, 5 * M, VG_SBP, 79); /* below 80 */
    assert_non_null(strstr(d->heard, "LOW call bedside-nurse"));
    desk_close(d);
}

static void test_severity_rises_over_who_has_it(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_TEMP, 385);
    quick(d, 1 * M, VG_DO_ACCEPT, ANNA, "FEVER", VG_RESULT_OK);
    d->heard[0] = '\0';
    spot(d, 2 * M, VG_TEMP, 395);
    heard(d, "FEVER call bedside-nurse;");
    assert_string_equal(open_of(d, "FEVER")->owner, "");
    desk_close(d);
}

/* ---- Roles without a way */

static void unreachable(struct desk *d, int64_t at, const char *rule, const char *role)
{
    static struct vg_alert alert;
    char page[VG_ALERT_LEN + 1];

    alert = *open_of(d, rule);
    vg_page_id(&alert, VG_PAGE_CALL, role, page);
    step(d, at,
         (struct vg_event){.kind = VG_EVENT_UNREACHABLE,
                           .unreachable = {alert.ward, alert.id, page, role}});
}

static void test_unreachable(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    spot(d, 0, VG_TEMP, 385);
    heard(d, "FEVER call bedside-nurse charge-nurse;");
    unreachable(d, 10 * S, "FEVER", "bedside-nurse"); /* the other is still asked */
    heard(d, "");
    unreachable(d, 20 * S, "FEVER", "nobody");
    heard(d, "");
    unreachable(d, 30 * S, "FEVER", "charge-nurse");
    heard(d, "FEVER call charge-nurse attending;");
    desk_close(d);
}

/* ---- The node */

static void trouble(struct desk *d, int64_t at, const char *slot, enum vg_trouble which,
                    bool on)
{
    step(d, at,
         (struct vg_event){.kind = VG_EVENT_NODE,
                           .node = {"onc-7", slot, which, on, "It hangs.", VG_INFO}});
}

/* One that is open rises with the severity that it is told with, and its text and ladder with
 * it; it does not fall. */
static void test_a_trouble_that_becomes_graver(void **state)
{
    static const struct {
        enum vg_severity told, is;
    } rows[] = {{VG_INFO, VG_TECHNICAL},
                {VG_TECHNICAL, VG_TECHNICAL},
                {VG_URGENT, VG_URGENT},
                {VG_WATCH, VG_URGENT}};
    struct desk *d = desk_open();
    unsigned rev[4];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        step(d, (int64_t)i * S,
             (struct vg_event){.kind = VG_EVENT_NODE,
                               .node = {"onc-7", "", VG_CERT_EXPIRING, true,
                                        i < 2 ? "Soon." : "Now.", rows[i].told}});
        const struct vg_alert *alert = open_of(d, "CERT_EXPIRING");
        assert_int_equal(alert->severity, rows[i].is);
        assert_string_equal(alert->text, i < 2 ? "Soon." : "Now.");
        rev[i] = (unsigned)alert->rev;
    }
    assert_true(rev[0] == rev[1] && rev[1] < rev[2] && rev[2] == rev[3]);
    assert_int_equal(open_of(d, "CERT_EXPIRING")->peak, VG_URGENT);
    heard(d, "CERT_EXPIRING call bedside-nurse;CERT_EXPIRING call bedside-nurse "
             "charge-nurse;");
    trouble(d, 9 * S, "", VG_CERT_EXPIRING, false);
    assert_int_equal(open_of(d, "CERT_EXPIRING")->rev, 0);
    desk_close(d);
}

static void test_troubles(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    trouble(d, 0, "gw-1", VG_GATEWAY_SILENT, true);
    trouble(d, 1 * S, "gw-2", VG_GATEWAY_SILENT, true);
    trouble(d, 2 * S, "gw-1", VG_GATEWAY_SILENT, true); /* known */
    heard(d, "GATEWAY_SILENT call bedside-nurse;GATEWAY_SILENT call bedside-nurse;");
    assert_string_equal(open_of(d, "GATEWAY_SILENT")->text, "It hangs.");
    quick(d, 3 * S, VG_DO_ACCEPT, ANNA, "GATEWAY_SILENT", VG_RESULT_OK);
    trouble(d, 4 * S, "gw-1", VG_GATEWAY_SILENT, false);
    heard(d, "GATEWAY_SILENT end bedside-nurse;");
    assert_string_equal(open_of(d, "GATEWAY_SILENT")->bed, ":gw-2");
    trouble(d, 5 * S, "gw-1", VG_GATEWAY_SILENT, false); /* is right already */
    heard(d, "");
    trouble(d, 6 * S, "", VG_STORE_DEGRADED, true);
    heard(d, "STORE_DEGRADED call bedside-nurse charge-nurse;");
    trouble(d, 7 * S, "", VG_LADDER_STALLED, true);
    const struct vg_alert *alert = open_of(d, "LADDER_STALLED");
    assert_int_equal(alert->severity, VG_CRITICAL);
    assert_true(vg_since(alert->respond_by, alert->at) <= 3 * VG_MINUTE);
    trouble(d, 8 * S, "", VG_LADDER_STALLED, false);
    trouble(d, 9 * S, "", VG_STORE_DEGRADED, false);
    assert_int_equal(open_of(d, "STORE_DEGRADED")->rev, 0);
    assert_int_equal(vg_engine_counts(d->ward.engine).beds, 1); /* they are no beds */
    desk_close(d);
}

/* Ordered once more, by a clock that is ahead: the order goes on. */
static void test_comfort_care_again(void **state)
{
    struct desk *d = desk_open();

    (void)state;
    flag(d, 0, "comfort_care", true);
    wait_until(d, 1 * M);
    comfort(d, 1 * M + 50 * S, VG_NEVER.ms);
    spot(d, 1 * M + 1 * S, VG_HR, 145);
    wait_until(d, 10 * M);
    heard(d, "");
    flag(d, 10 * M, "comfort_care", false);
    assert_non_null(strstr(d->heard, "PULSE call bedside-nurse;"));
    d->heard[0] = '\0';
    comfort(d, 10 * M + 50 * S, VG_NEVER.ms); /* a new one counts from when it came */
    spot(d, 10 * M + 1 * S, VG_TEMP, 395);
    heard(d, "");
    desk_close(d);
}

/* A mark that was passed while nobody was to be called is told with the call at the end of the order. */
static void test_mark_under_comfort_care(void **state)
{
    static const char rules[] =
        "  - {id: HOT, class: fever_infection, severity: urgent, ladder: one, text: t, "
        "source: s, when: temp >= 38.0 Cel, again: [temp >= 39.0 Cel]}\n"
        "ladders:\n  one:\n    hold: 30m\n    steps:\n"
        "      - {offer: [nurse], wait: 10m}\n    fallback: {offer: [doctor], repeat: "
        "1h}\n";

    (void)state;
    for (int64_t until = 0; until <= 10 * M; until += 10 * M) { /* 0: withdrawn */
        struct desk *d = desk_open_with(rules);
        comfort(d, 0, until > 0 ? WARD_START + until : VG_NEVER.ms);
        spot(d, 1 * M, VG_TEMP, 385);
        spot(d, 2 * M, VG_TEMP, 392);
        heard(d, "");
        if (until > 0) {
            wait_until(d, until);
        } else {
            flag(d, 10 * M, "comfort_care", false);
        }
        heard(d, "HOT call nurse;");
        d->ward.told[0] = '\0';
        spot(d, 11 * M, VG_TEMP, 392);
        spot(d, 12 * M, VG_TEMP, 380);
        spot(d, 13 * M, VG_TEMP, 391); /* once */
        heard(d, "");
        assert_string_equal(d->ward.told, "");
        desk_close(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_call_for_one_thing),
        cmocka_unit_test(test_global_calls_only_alone),
        cmocka_unit_test(test_comfort_care),
        cmocka_unit_test(test_comfort_care_again),
        cmocka_unit_test(test_mark_under_comfort_care),
        cmocka_unit_test(test_comfort_care_outlasts_who_has_it),
        cmocka_unit_test(test_pressure_falls_on),
        cmocka_unit_test(test_severity_rises_over_who_has_it),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_troubles),
        cmocka_unit_test(test_a_trouble_that_becomes_graver),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
