/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs over streams, and properties. See stream_run.h.
 */
#include "lib/stream_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/protocol_file.h"

#define EVENTS 10000 /* at least so many make a stream */

static struct vg_protocol_set protocols;
static struct vg_rulebook book;

int run_load(void **state)
{
    struct vg_error error;

    (void)state;
    if (vg_protocol_set_load("config/protocols/car-t.yaml", stderr, &protocols,
                             &error) != VG_OK) {
        return -1;
    }
    book.protocol_count = protocols.count;
    book.protocol = (const struct vg_protocol *const *)protocols.protocol;
    return 0;
}

int run_unload(void **state)
{
    (void)state;
    vg_protocol_set_finish(&protocols);
    return 0;
}

void run_open(struct run *run)
{
    memset(run, 0, sizeof *run);
    run->now.ms = STREAM_START;
    run->engine = vg_engine_create(&book);
    assert_non_null(run->engine);
}

void run_close(struct run *run)
{
    vg_engine_destroy(run->engine);
    vg_effects_finish(&run->effects);
    vg_buffer_finish(&run->told);
    vg_buffer_finish(&run->raised);
    vg_buffer_finish(&run->known);
    vg_buffer_finish(&run->scores);
}

static void note(struct run *run, const struct vg_effect *effect)
{
    const struct vg_alert *alert = effect->alert;
    char line[256];

    if (effect->kind != VG_EFFECT_ALERT) {
        return;
    }
    (void)snprintf(line, sizeof line, "%lld %s %s %s ", (long long)effect->at.ms,
                   alert->bed, alert->rule, vg_change_text(alert->event));
    vg_put_raw(&run->told, line);
    vg_encode_alert(&run->told, alert, true);
    vg_put_raw(&run->told, "\n");
    if (alert->event == VG_RAISED) {
        (void)snprintf(line, sizeof line, "%s %s %lld\n", alert->bed, alert->rule,
                       (long long)alert->onset.ms);
        vg_put_raw(&run->raised, line);
    }
}

void run_step(struct run *run, const struct vg_event *event)
{
    run->now = event->at;
    assert_int_equal(vg_engine_step(run->engine, event, &run->effects), VG_OK);
    for (size_t i = 0; i < run->effects.count; i++) {
        note(run, &run->effects.item[i]);
    }
}

void run_time(struct run *run, struct vg_instant at)
{
    run_step(run, &(struct vg_event){.kind = VG_EVENT_TIME, .at = at});
}

void run_events(struct run *run, const struct stream *stream, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct vg_event event = stream_engine_event(&stream->event[i]);
        run_step(run, &event);
    }
}

void run_restored(struct run *run, struct vg_instant at)
{
    assert_int_equal(vg_engine_restore_end(run->engine, at, &run->effects), VG_OK);
    for (size_t i = 0; i < run->effects.count; i++) {
        note(run, &run->effects.item[i]);
    }
}

size_t run_cut(const struct stream *stream, unsigned minutes)
{
    const int64_t until = STREAM_START + (int64_t)minutes * VG_MINUTE;
    size_t cut = 0;

    while (cut < stream->count && stream->event[cut].at.ms <= until) {
        cut++;
    }
    return cut;
}

static bool know(void *to, const struct vg_assessed *assessed)
{
    struct run *run = to;
    char line[256];

    for (const struct vg_field *f = vg_fields(); assessed->known && f->name != NULL;
         f++) {
        const struct vg_number value = vg_field_value(f, &assessed->now);
        const struct vg_instant since = vg_field_since(f, &assessed->now);
        (void)snprintf(line, sizeof line, "%s %s %d %lld/%lld since %lld\n",
                       assessed->bed, f->name, value.known, (long long)value.numerator,
                       (long long)value.denominator, (long long)since.ms);
        vg_put_raw(&run->known, line);
    }
    vg_put_raw(&run->scores, assessed->bed);
    vg_put_assessment(&run->scores, assessed->known ? &assessed->now : NULL);
    vg_put_raw(&run->scores, "\n");
    return true;
}

void run_end(struct run *run, struct vg_instant at)
{
    run_time(run, at);
    vg_engine_assess(run->engine, know, run);
    assert_false(run->told.failed || run->known.failed);
}

static struct vg_instant after_all(const struct stream *stream)
{
    return vg_after(stream->event[stream->count - 1].at, VG_MINUTE);
}

void run_whole(struct run *run, const struct stream *stream, struct vg_instant end)
{
    run_open(run);
    run_events(run, stream, 0, stream->count);
    run_end(run, end);
}

/* ---- Comparing */

static bool quiet; /* while a stream is being shrunk */

void run_say(const char *format, ...)
{
    char text[1200];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (!quiet) {
        print_message("%s", text);
    }
}

static void print_line(const char *which, const char *at, const char *begin)
{
    while (at > begin && at[-1] != '\n') {
        at--;
    }
    const int length = (int)strcspn(at, "\n");
    run_say("  %s: %.*s\n", which, length < 900 ? length : 900, at);
}

bool run_same_text(const char *what, const struct vg_buffer *a,
                   const struct vg_buffer *b)
{
    const char *x = a->length > 0 ? a->bytes : "";
    const char *y = b->length > 0 ? b->bytes : "";
    size_t i = 0;

    while (x[i] != '\0' && x[i] == y[i]) {
        i++;
    }
    if (x[i] == y[i]) {
        return true;
    }
    run_say("%s differs:\n", what);
    print_line("one", x + i, x);
    print_line("other", y + i, y);
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines in order of their text. */
static void sort_lines(struct vg_buffer *buffer)
{
    struct vg_buffer sorted = {0};
    char **line = calloc(buffer->length + 1, sizeof *line);
    size_t count = 0;

    assert_non_null(line);
    for (char *at = buffer->bytes; buffer->length > 0 && *at != '\0';) {
        line[count++] = at;
        at = strchr(at, '\n');
        *at++ = '\0';
    }
    qsort(line, count, sizeof *line, by_text);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(line[i], line[i - 1]) != 0) {
            vg_put_raw(&sorted, line[i]);
            vg_put_raw(&sorted, "\n");
        }
    }
    free(line);
    vg_buffer_finish(buffer);
    *buffer = sorted;
}

bool run_same_raised(const struct run *a, const struct run *b)
{
    struct vg_buffer x = {0}, y = {0};

    vg_buffer_add(&x, a->raised.bytes, a->raised.length);
    vg_buffer_add(&y, b->raised.bytes, b->raised.length);
    sort_lines(&x);
    sort_lines(&y);
    const bool same = run_same_text("raised", &x, &y);
    vg_buffer_finish(&x);
    vg_buffer_finish(&y);
    return same;
}

bool run_same(const struct run *plain, const struct stream *other,
              struct vg_instant end, enum run_what what)
{
    struct run run;

    run_whole(&run, other, end);
    bool same = run_same_text("score", &plain->scores, &run.scores);
    if (what >= RUN_KNOWN) {
        same = run_same_text("known", &plain->known, &run.known) && same;
    }
    if (what >= RUN_KNOWN_AND_TOLD) {
        same = run_same_text("told", &plain->told, &run.told) && same;
    }
    run_close(&run);
    return same;
}

/* ---- A property: another way to run the same stream */

struct property {
    run_agrees_fn *agrees;
    struct vg_instant end;
    unsigned seed;
};

static bool holds(const struct property *property, const struct stream *stream)
{
    struct run plain;

    run_whole(&plain, stream, property->end);
    const bool agrees = property->agrees(stream, property->seed, &plain, property->end);
    run_close(&plain);
    return agrees;
}

static bool fails(void *with, const struct stream *stream)
{
    return stream->count > 0 && !holds(with, stream);
}

void run_check(const char *name, run_agrees_fn *agrees)
{
    run_check_seed(name, agrees, stream_seed());
}

void run_check_seed(const char *name, run_agrees_fn *agrees, unsigned seed)
{
    struct stream stream = stream_generate(seed, RUN_MINUTES);
    struct property property = {agrees, after_all(&stream), seed};

    print_message("seed %u: %zu events\n", seed, stream.count);
    assert_true(stream.count >= EVENTS);
    quiet = false;
    const bool well = holds(&property, &stream);
    if (!well && getenv("VIGIL_SHRINK") != NULL) {
        quiet = true;
        stream_shrink(&stream, fails, &property, 3000);
        for (size_t i = 0; i < stream.count && i < 60; i++) {
            stream_print(&stream.event[i]);
        }
        quiet = false;
        (void)holds(&property, &stream);
    }
    stream_finish(&stream);
    if (!well) {
        fail_msg("%s: not for seed %u (VIGIL_SHRINK=1 looks for a small case)", name,
                 seed);
    }
}

unsigned run_own_seed(const struct stream_event *event, unsigned seed)
{
    return seed ^ (event->order * 2654435761U);
}
