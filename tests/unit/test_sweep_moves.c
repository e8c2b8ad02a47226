/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory ends anywhere while patients move, people ask, beds go off the ward, protocols change and
 * a restart is under way. The event is fed again, and what is told in the end is what an engine
 * tells that never ran short. Readings: test_sweep_engine.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/care.h"
#include "lib/fail.h"
#include "lib/ward.h"

#define S 1000
#define M (60 * S)

#define RULE(id, when)                                                         \
    "  - id: " id                                                              \
    "\n    class: lab\n    severity: urgent\n    ladder: one\n    when: " when \
    "\n    text: t\n    source: s\n"
#define LADDER                                      \
    "ladders:\n  one:\n    hold: 30m\n    steps:\n" \
    "      - {offer: [nurse], wait: 10m}\n"         \
    "    fallback: {offer: [doctor], repeat: 1h}\n"

static const char rules[] = RULE("FEVER", "temp >= 38.0 Cel")
    RULE("MEAN", "avg(hr, 2h) > 100 /min and count(hr, 2h) >= 3")
        RULE("LATELY", "no hr for 20m") LADDER;
static const char scored[] = RULE("FEVER", "temp >= 38.0 Cel")
    RULE("SCORE", "news2.score >= 15") RULE("MEAN", "avg(hr, 3h) > 100 /min") LADDER;

struct run {
    struct ward w, other; /* other: the protocol that comes */
    uint64_t told;
    size_t changes;
};
static struct run it;
static size_t points, failed;

/* ---- What is told */

static void note(void)
{
    for (size_t i = 0; i < it.w.effects.count; i++) {
        const struct vg_effect *e = &it.w.effects.item[i];
        char line[512];
        int n =
            snprintf(line, sizeof line, "%lld %d ", (long long)e->at.ms, (int)e->kind);
        if (e->kind == VG_EFFECT_ALERT || e->kind == VG_EFFECT_PAGE) {
            n += snprintf(line + n, sizeof line - (size_t)n, "%s %s %s %s %u %u %d",
                          e->alert->rule, e->alert->bed, e->alert->patient,
                          vg_change_text(e->alert->event), (unsigned)e->alert->rev,
                          (unsigned)e->to, (int)e->page);
        } else if (e->kind == VG_EFFECT_ANSWER) {
            n += snprintf(line + n, sizeof line - (size_t)n, "%s %d %u %s",
                          e->answer->id, (int)e->answer->result,
                          (unsigned)e->answer->rev, e->answer->detail);
        } else if (e->kind == VG_EFFECT_TIE) {
            n += snprintf(line + n, sizeof line - (size_t)n, "%s %s %lld", e->tie.bed,
                          e->tie.patient, (long long)e->tie.to.ms);
        } else if (e->kind == VG_EFFECT_PAUSE) {
            n += snprintf(line + n, sizeof line - (size_t)n, "%s %lld", e->pause.bed,
                          (long long)e->pause.until.ms);
        } else if (e->kind == VG_EFFECT_REFUSED) {
            n += snprintf(line + n, sizeof line - (size_t)n, "%s", e->refusal.detail);
        }
        it.told = vg_hash(it.told, line, (size_t)n);
        it.changes++;
    }
}

/* ---- The script: what happens at minute `at` */

static void again(enum vg_status status)
{
    assert_int_equal(status, VG_NO_MEMORY);
    failed++;
    points += fail_disarm();
}

static void feed(int64_t at, struct vg_event event)
{
    it.w.now = at * M;
    event.at.ms = WARD_START + it.w.now;
    enum vg_status status = vg_engine_step(it.w.engine, &event, &it.w.effects);
    if (status != VG_OK) {
        again(status);
        assert_int_equal(it.w.effects.count, 0);
        status = vg_engine_step(it.w.engine, &event, &it.w.effects);
    }
    assert_int_equal(status, VG_OK);
    note();
}

static void reads(int64_t at, const char *bed, enum vg_signal signal, int64_t value,
                  int64_t measured)
{
    struct vg_reading r = {.signal = signal,
                           .source = VG_SOURCE_SPOT,
                           .value = value,
                           .measured = {WARD_START + measured * M},
                           .pi = -1,
                           .uln = VG_NO_VALUE,
                           .lln = VG_NO_VALUE};
    struct vg_message message = {.kind = VG_KIND_VITALS,
                                 .ward = "onc-7",
                                 .measured = r.measured,
                                 .device = "mon-1",
                                 .reading_count = 1,
                                 .readings = &r};

    (void)vg_copy(message.bed, sizeof message.bed, bed);
    feed(at, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

static void charts(int64_t at, const char *bed, enum vg_signal signal, const char *word)
{
    struct vg_entry e = {.signal = signal,
                         .at = {WARD_START + at * M},
                         .on = true,
                         .duration_s = -1,
                         .flow = VG_NO_VALUE,
                         .fio2 = VG_NO_VALUE,
                         .until = VG_UNSET};
    struct vg_message message = {.kind = VG_KIND_THERAPY,
                                 .ward = "onc-7",
                                 .measured = e.at,
                                 .entry_count = 1,
                                 .entries = &e};

    (void)vg_copy(message.bed, sizeof message.bed, bed);
    (void)vg_copy(e.value, sizeof e.value, word);
    feed(at, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

static void moves(int64_t at, enum vg_episode_do what, const char *bed,
                  const char *patient, const char *to, int64_t when)
{
    struct vg_admission a = {.action = what,
                             .ward = "onc-7",
                             .to_ward = "onc-7",
                             .at = {WARD_START + when * M},
                             .product = VG_CAR_T,
                             .age = 50,
                             .confirm = true,
                             .swap = true,
                             .flag_count = 1,
                             .flags = {"scale2"},
                             .infusion_planned = VG_UNSET};

    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a.baseline[i] = a.uln[i] = VG_NO_VALUE;
    }
    (void)vg_copy(a.bed, sizeof a.bed, bed);
    (void)vg_copy(a.patient, sizeof a.patient, patient);
    (void)vg_copy(a.to_bed, sizeof a.to_bed, to);
    feed(at, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &a});
}

static bool first(void *to, const struct vg_alert *alert)
{
    *(struct vg_alert *)to = *alert;
    return false;
}

static void asks(int64_t at, enum vg_do what, const char *bed)
{
    static struct vg_alert alert;
    struct vg_command c = {.what = what,
                           .ward = "onc-7",
                           .client = "pc",
                           .by = "nurse:a",
                           .reason = "why",
                           .span = 5 * M,
                           .patient = "p-1",
                           .ts = VG_UNSET};

    memset(&alert, 0, sizeof alert);
    vg_engine_open_alerts(it.w.engine, NULL, first, &alert);
    (void)snprintf(c.id, sizeof c.id, "c%lld", (long long)at);
    (void)vg_copy(c.bed, sizeof c.bed, bed);
    (void)vg_copy(c.alert, sizeof c.alert, alert.id);
    feed(at, (struct vg_event){.kind = VG_EVENT_COMMAND, .command = &c});
    if (what == VG_DO_NOTE) { /* a page of it had no way */
        char page[VG_ALERT_LEN + 1];
        vg_engine_open_alerts(it.w.engine, NULL, first, &alert);
        vg_page_id(&alert, VG_PAGE_CALL, "nurse", page);
        feed(at, (struct vg_event){.kind = VG_EVENT_UNREACHABLE,
                                   .unreachable = {"onc-7", alert.id, page, "nurse"}});
    }
}

static void trouble(int64_t at, bool on)
{
    feed(at, (struct vg_event){
                 .kind = VG_EVENT_NODE,
                 .node = {"onc-7", "gw-1", VG_GATEWAY_SILENT, on, NULL, VG_INFO}});
}

static void adopts(int64_t at, const struct vg_rulebook *book)
{
    enum vg_status status = vg_engine_adopt(it.w.engine, book);
    if (status != VG_OK) {
        again(status);
        status = vg_engine_adopt(it.w.engine, book);
    }
    assert_int_equal(status, VG_OK);
    feed(at, (struct vg_event){.kind = VG_EVENT_TIME});
}

static void script(void)
{
    moves(0, VG_UPDATE, "9", "p-9", "", 0); /* nobody there, and nothing before */
    moves(0, VG_ADMIT, "1", "p-1", "", 0);
    moves(0, VG_ADMIT, "2", "p-2", "", 0);
    reads(1, "1", VG_TEMP, 385, 1);
    asks(2, VG_DO_NOTE, "");
    asks(3, VG_DO_ACCEPT, "");
    asks(4, VG_DO_PAUSE, "2");
    asks(5, VG_DO_ASSIGN, "1");
    asks(6, VG_DO_RECEIVED, "");
    trouble(7, true);
    charts(8, "1", VG_MEDICATION, "paracetamol");
    for (int64_t i = 0; i < 30; i++) {
        reads(10 + i, i % 2 == 0 ? "1" : "3", VG_HR, 95 + i, 10 + i);
    }
    charts(40, "3", VG_O2_DEVICE, "nasal_cannula");
    reads(40, "3", VG_TEMP, 391, 40);
    moves(41, VG_TRANSFER, "1", "p-1", "3", 20); /* it was watched: late word */
    reads(42, "3", VG_HR, 120, 42);
    reads(42, "2", VG_TEMP, 390, 42);
    adopts(43, &it.other.book);
    moves(45, VG_TRANSFER, "3", "p-1", "2", 42); /* change places */
    reads(46, "2", VG_HR, 121, 46);
    charts(46, "2", VG_SYMPTOM, "rigors");
    reads(46, "2", VG_TEMP, 360, 30);            /* late, of the other one */
    moves(50, VG_DISCHARGE, "2", "p-1", "", 44); /* somebody lies there */
    moves(50, VG_UPDATE, "3", "p-2", "", 50);
    moves(51, VG_UPDATE, "9", "p-9", "", 50);
    adopts(52, &it.w.book);
    feed(90, (struct vg_event){.kind = VG_EVENT_JUMP, .jump = {true}});
    trouble(91, false);
    feed(200, (struct vg_event){.kind = VG_EVENT_TIME});
}

static void run(size_t n, enum fail_how how)
{
    ward_open(&it.w, rules);
    ward_open(&it.other, scored);
    it.told = it.changes = 0;
    if (n > 0) {
        fail_arm(FAIL_MEMORY, n, how);
    }
    script();
    points += fail_disarm();
    ward_close(&it.w);
    ward_close(&it.other);
}

static void each_event_is_taken_whole_or_not_at_all(void **state)
{
    (void)state;
    run(0, FAIL_ONCE);
    const uint64_t whole = it.told;
    const size_t changes = it.changes;
    assert_true(changes > 60);
    for (size_t way = 0; way < 2; way++) {
        size_t before = SIZE_MAX;
        for (size_t n = 1; before != points; n++) {
            before = points;
            run(n, fail_ways[way]);
            if (it.told != whole || it.changes != changes) {
                fail_msg("point %zu, way %zu: %zu changes, not %zu", n, way, it.changes,
                         changes);
            }
        }
    }
    assert_true(failed > 100);
}

/* ---- A restart */

static void restarts(size_t n)
{
    const struct vg_pause off = {.ward = "onc-7",
                                 .bed = "7",
                                 .at = {WARD_START},
                                 .until = {WARD_START + 60 * M},
                                 .by = "nurse:a",
                                 .reason = "scan"};
    const struct vg_answer answer = {.id = "c1", .client = "pc"};

    ward_open(&it.w, rules);
    it.told = it.changes = 0;
    if (n > 0) {
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
    }
    vg_engine_restore_begin(it.w.engine);
    feed(0, (struct vg_event){.kind = VG_EVENT_ANSWERED, .answer = &answer});
    feed(0, (struct vg_event){.kind = VG_EVENT_PAUSED, .pause = &off});
    moves(0, VG_ADMIT, "1", "p-1", "", 0);
    reads(1, "1", VG_TEMP, 385, 1);
    const struct vg_pause later = {.ward = "onc-7",
                                   .bed = "8", /* of which nothing else is known */
                                   .at = {WARD_START + 20 * M},
                                   .until = {WARD_START + 60 * M},
                                   .by = "nurse:a",
                                   .reason = "scan"};
    feed(1, (struct vg_event){.kind = VG_EVENT_PAUSED, .pause = &later});
    for (int i = 0; i < 2; i++) { /* their rules are gone */
        static struct vg_alert gone;
        gone = (struct vg_alert){.ward = "onc-7",
                                 .bed = "1",
                                 .severity = VG_URGENT,
                                 .peak = VG_URGENT,
                                 .condition = VG_ACTIVE};
        vg_care_init(&gone);
        (void)snprintf(gone.id, sizeof gone.id, "A%d", i);
        (void)snprintf(gone.rule, sizeof gone.rule, "GONE%d", i);
        feed(1, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &gone});
    }
    it.w.now = 30 * M;
    enum vg_status status;
    while ((status = vg_engine_restore_end(it.w.engine,
                                           (struct vg_instant){WARD_START + it.w.now},
                                           &it.w.effects)) != VG_OK) {
        again(status);
    }
    note();
    feed(70, (struct vg_event){.kind = VG_EVENT_TIME});
    points += fail_disarm();
    ward_close(&it.w);
}

static void a_restart_tells_the_same(void **state)
{
    (void)state;
    restarts(0);
    const uint64_t whole = it.told;
    assert_true(it.changes > 3);
    size_t before = SIZE_MAX;
    for (size_t n = 1; before != points; n++) {
        before = points;
        restarts(n);
        assert_true(it.told == whole);
    }
}

static int tell(void **state)
{
    (void)state;
    print_message("%zu points failed\n", points);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_is_taken_whole_or_not_at_all),
        cmocka_unit_test(a_restart_tells_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, tell);
}
