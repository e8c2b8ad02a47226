/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory ends anywhere while the engine works. The event is fed again, and what is told in
 * the end is byte for byte what an engine tells that never ran short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

#include "lib/fail.h"
#include "lib/ward.h"

#define RULE(id, when, rest)                                                   \
    "  - id: " id "\n    class: global\n    severity: urgent\n    when: " when \
    "\n" rest "    text: t\n    source: s\n"

static const char rules[] =
    RULE("FEVER", "temp >= 38.0 Cel", "    clear: temp <= 37.7 Cel for 1m\n")
        RULE("LOW", "min(sbp, 5m) < 90 mm[Hg]", "    latch: yes\n")
            RULE("HELD", "hr > 120 /min", "    hold: 90s\n")
                RULE("AGAIN", "spo2 < 90 % in 2 of last 3 readings", "")
                    RULE("FLAGGED", "flag(sedated)", "")
                        RULE("SILENT", "no hr for 10m", "");

/* Every byte that was told. The buffer is roomy from the start: what is failed is the
 * engine. */
struct transcript {
    struct vg_buffer text;
    size_t failed_steps;
};

static size_t points;

static void note(struct transcript *told, const struct vg_effect *effect)
{
    struct vg_buffer *b = &told->text;

    vg_put_int(b, effect->at.ms);
    if (effect->kind == VG_EFFECT_ALERT) {
        vg_encode_alert(b, effect->alert, true);
    } else if (effect->kind == VG_EFFECT_EPISODE) {
        vg_put_string(b, effect->episode->id);
        vg_put_string(b, effect->episode->bed);
        vg_put_string(b, effect->episode->protocol);
    } else {
        vg_put_string(b, effect->refusal.detail);
    }
    vg_put_raw(b, "\n");
}

/* Feeds the event until it is taken: at most once more, as memory is back then. */
static void feed(struct ward *w, struct transcript *told, struct vg_event event)
{
    event.at.ms = WARD_START + w->now;
    enum vg_status status = vg_engine_step(w->engine, &event, &w->effects);

    if (status != VG_OK) {
        told->failed_steps++;
        points += fail_disarm();
        assert_int_equal(status, VG_NO_MEMORY);
        assert_int_equal(w->effects.count, 0);
        status = vg_engine_step(w->engine, &event, &w->effects);
    }
    assert_int_equal(status, VG_OK);
    for (size_t i = 0; i < w->effects.count; i++) {
        note(told, &w->effects.item[i]);
    }
}

/* ---- The script */

struct line {
    int64_t at; /* ms */
    const char *bed;
    enum vg_signal signal;
    int64_t value;
    int64_t before[3]; /* more of the same this much earlier, 0: no more */
};

static void read_line(struct ward *w, struct transcript *told, const struct line *line)
{
    struct vg_reading readings[4];
    struct vg_message message = {.kind = VG_KIND_VITALS,
                                 .ward = "onc-7",
                                 .measured = {WARD_START + line->at},
                                 .readings = readings};

    (void)vg_copy(message.bed, sizeof message.bed, line->bed);
    for (size_t i = 0; i < 4; i++) {
        const int64_t before = i == 0 ? 0 : line->before[i - 1];
        if (i == 0 || before != 0) {
            readings[message.reading_count++] =
                (struct vg_reading){.signal = line->signal,
                                    .source = VG_SOURCE_CONTINUOUS,
                                    .value = line->value,
                                    .measured = {WARD_START + line->at - before},
                                    .pi = -1,
                                    .uln = VG_NO_VALUE,
                                    .lln = VG_NO_VALUE};
        }
    }
    w->now = line->at;
    feed(w, told, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

static void stay(struct ward *w, struct transcript *told, int64_t at,
                 struct vg_admission admission)
{
    admission.at.ms = WARD_START + at;
    admission.infusion_planned = VG_UNSET;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        admission.baseline[i] = admission.uln[i] = VG_NO_VALUE;
    }
    (void)vg_copy(admission.ward, sizeof admission.ward, "onc-7");
    w->now = at;
    feed(w, told, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &admission});
}

static void chart(struct ward *w, struct transcript *told, int64_t at, const char *drug)
{
    struct vg_entry entry = {
        .signal = VG_MEDICATION, .at = {WARD_START + at}, .on = true};
    struct vg_message message = {.kind = VG_KIND_THERAPY,
                                 .ward = "onc-7",
                                 .bed = "1",
                                 .measured = {WARD_START + at},
                                 .entry_count = 1,
                                 .entries = &entry};

    entry.until = VG_UNSET;
    (void)vg_copy(entry.value, sizeof entry.value, drug);
    w->now = at;
    feed(w, told, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

static void pass(struct ward *w, struct transcript *told, int64_t at)
{
    w->now = at;
    feed(w, told, (struct vg_event){.kind = VG_EVENT_TIME});
}

#define S INT64_C(1000)

static const struct line lines[] = {
    {10 * S, "1", VG_TEMP, 385, {0}},
    {11 * S, "2", VG_HR, 130, {0}},
    {12 * S, "1", VG_HR, 131, {0}},
    {13 * S, "1", VG_SBP, 95, {0}},
    {20 * S, "1", VG_SBP, 80, {1 * S, 2 * S, 3 * S}},
    {25 * S, "1", VG_SPO2, 85, {1 * S, 2 * S, 3 * S}}, /* raised inside the message */
    {40 * S, "1", VG_TEMP, 372, {0}},
    {50 * S, "2", VG_HR, 135, {0}},
    {60 * S, "1", VG_HR, 140, {20 * S, 10 * S}},
    {80 * S, "1", VG_SPO2, 97, {0}},
    {85 * S, "1", VG_HR, 140, {0}},
    {90 * S, "3", VG_TEMP, 391, {0}},
    {95 * S, "2", VG_HR, 135, {0}},
    {110 * S, "1", VG_TEMP, 371, {0}},
    {115 * S, "4", VG_SBP, 20, {0}}, /* out of range */
};

/* Windows that grow, and extremes that must be kept. */
static void falling(struct ward *w, struct transcript *told)
{
    for (int64_t i = 0; i < 40; i++) {
        const struct line line = {130 * S + i * S, "1", VG_SBP, 140 - i, {0}};
        read_line(w, told, &line);
    }
}

static const struct {
    int64_t at;
    struct vg_admission admission;
} stays[] = {
    {0,
     {.action = VG_ADMIT,
      .bed = "1",
      .patient = "p-1",
      .age = 50,
      .product = VG_CAR_T,
      .flag_count = 1,
      .flags = {"sedated"}}},
    /* the same bed, another patient: refused */
    {200 * S, {.action = VG_ADMIT, .bed = "1", .patient = "p-2", .age = -1}},
    {210 * S, {.action = VG_UPDATE, .bed = "1", .age = 51}},
    {220 * S,
     {.action = VG_TRANSFER, .bed = "1", .age = -1, .to_ward = "icu", .to_bed = "9"}},
    {2010 * S, {.action = VG_ADMIT, .bed = "2", .patient = "p-3", .age = -1}},
    /* onto a bed with an open alert */
    {2020 * S,
     {.action = VG_TRANSFER, .bed = "2", .age = -1, .to_ward = "onc-7", .to_bed = "3"}},
    {2030 * S, {.action = VG_DISCHARGE, .bed = "3", .age = -1}},
};

static void script(struct ward *w, struct transcript *told)
{
    stay(w, told, stays[0].at, stays[0].admission);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        read_line(w, told, &lines[i]);
    }
    chart(w, told, 120 * S, "paracetamol");
    falling(w, told);
    for (size_t i = 1; i < sizeof stays / sizeof *stays; i++) {
        if (stays[i].at == 2010 * S) {
            pass(w, told, 2000 * S); /* several beds fall silent in one step */
        }
        stay(w, told, stays[i].at, stays[i].admission);
    }
    pass(w, told, 4000 * S);
}

static void run(struct transcript *told, size_t n, enum fail_how how)
{
    static struct ward w;

    ward_open(&w, rules);
    vg_buffer_clear(&told->text);
    if (n > 0) {
        fail_arm(FAIL_MEMORY, n, how);
    }
    script(&w, told);
    points += fail_disarm();
    ward_close(&w);
}

static void room(struct transcript *told)
{
    static const char blanks[1 << 18];

    vg_buffer_add(&told->text, blanks, sizeof blanks);
    vg_buffer_clear(&told->text);
}

static void every_step_is_taken_whole_or_not_at_all(void **state)
{
    struct transcript whole = {{0}, 0};
    struct transcript told = {{0}, 0};

    (void)state;
    room(&whole);
    room(&told);
    run(&whole, 0, FAIL_ONCE);
    assert_true(whole.text.length > 20000);
    for (size_t way = 0; way < 2; way++) {
        size_t before = SIZE_MAX;
        for (size_t n = 1; before != points; n++) {
            before = points;
            run(&told, n, fail_ways[way]);
            assert_string_equal(told.text.bytes, whole.text.bytes);
        }
    }
    assert_true(told.failed_steps > 200);
    vg_buffer_finish(&whole.text);
    vg_buffer_finish(&told.text);
}

/* A bed made for a message that was not taken is not there; going through what is open
 * needs no memory. */
static bool count_one(void *to, const struct vg_alert *alert)
{
    (void)alert;
    (*(size_t *)to)++;
    return true;
}

static void what_is_open_is_listed_without_memory(void **state)
{
    struct transcript told = {{0}, 0};
    static struct ward w;
    size_t open = 0;

    (void)state;
    ward_open(&w, rules);
    read_line(&w, &told, &lines[0]);
    fail_arm(FAIL_MEMORY, 1, FAIL_FROM);
    vg_engine_open_alerts(w.engine, "onc-7", count_one, &open);
    assert_int_equal(fail_disarm(), 0);
    assert_int_equal(open, 1);
    ward_close(&w);
    vg_buffer_finish(&told.text);
}

/* ---- Restore */

struct kept {
    size_t count;
    struct vg_alert alert[16];
};

static bool keep_one(void *to, const struct vg_alert *alert)
{
    struct kept *kept = to;

    assert_true(kept->count < 16);
    kept->alert[kept->count++] = *alert;
    return true;
}

static enum vg_status end_restore(struct ward *w)
{
    return vg_engine_restore_end(w->engine, (struct vg_instant){WARD_START + w->now},
                                 &w->effects);
}

static void restore(const struct kept *kept, struct transcript *told, size_t n)
{
    static struct ward w;

    ward_open(&w, rules);
    vg_buffer_clear(&told->text);
    if (n > 0) {
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
    }
    vg_engine_restore_begin(w.engine);
    feed(&w, told, (struct vg_event){.kind = VG_EVENT_WARD, .counter = {"onc-7", 40}});
    for (size_t i = 0; i < kept->count; i++) {
        feed(&w, told,
             (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &kept->alert[i]});
    }
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        read_line(&w, told, &lines[i]);
    }
    enum vg_status status = end_restore(&w);
    if (status != VG_OK) {
        points += fail_disarm();
        assert_int_equal(w.effects.count, 0);
        status = end_restore(&w);
    }
    assert_int_equal(status, VG_OK);
    for (size_t i = 0; i < w.effects.count; i++) {
        note(told, &w.effects.item[i]);
    }
    pass(&w, told, 4000 * S);
    points += fail_disarm();
    ward_close(&w);
}

static void a_restore_is_the_same(void **state)
{
    struct kept *kept = calloc(1, sizeof *kept);
    struct transcript whole = {{0}, 0};
    struct transcript told = {{0}, 0};
    static struct ward w;

    (void)state;
    room(&whole);
    room(&told);
    ward_open(&w, rules);
    for (size_t i = 0; i + 8 < sizeof lines / sizeof *lines; i++) {
        read_line(&w, &whole, &lines[i]); /* what comes later is told on the end */
    }
    vg_engine_open_alerts(w.engine, NULL, keep_one, kept);
    ward_close(&w);
    assert_true(kept->count >= 2);
    restore(kept, &whole, 0);
    assert_true(whole.text.length > 1000);
    size_t before = SIZE_MAX;
    for (size_t n = 1; before != points; n++) {
        before = points;
        restore(kept, &told, n);
        assert_string_equal(told.text.bytes, whole.text.bytes);
    }
    vg_buffer_finish(&whole.text);
    vg_buffer_finish(&told.text);
    free(kept);
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
        cmocka_unit_test(every_step_is_taken_whole_or_not_at_all),
        cmocka_unit_test(what_is_open_is_listed_without_memory),
        cmocka_unit_test(a_restore_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, tell);
}
