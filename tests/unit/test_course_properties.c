/* SPDX-License-Identifier: Apache-2.0
 *
 * Properties of the whole engine with the shipped protocol over generated wards of at least
 * 10,000 events: duplicates change nothing, nor does the order within an instant; late
 * equals on time in the end; coarse time equals fine time; a restart equals none; missing
 * data never clears; twice gives the same bytes. The seed is printed; VIGIL_SEED sets
 * another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

#include "lib/stream.h"
#include "shell/protocol_file.h"

#define PROTOCOL "config/protocols/car-t.yaml"
#define MINUTES  (36 * 60)
#define EVENTS   10000

static struct vg_protocol_set protocols;
static struct vg_rulebook book;

/* ---- A run of the engine, as text */

struct run {
    struct vg_engine *engine;
    struct vg_effects effects;
    struct vg_instant now;
    struct vg_buffer told;   /* a line each change of an alert */
    struct vg_buffer raised; /* a line each alert raised: bed, rule, onset */
    struct vg_buffer known;  /* a line each field of each bed, at the end */
};

static void run_open(struct run *run)
{
    memset(run, 0, sizeof *run);
    run->now.ms = STREAM_START;
    run->engine = vg_engine_create(&book);
    assert_non_null(run->engine);
}

static void run_close(struct run *run)
{
    vg_engine_destroy(run->engine);
    vg_effects_finish(&run->effects);
    vg_buffer_finish(&run->told);
    vg_buffer_finish(&run->raised);
    vg_buffer_finish(&run->known);
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

static void run_step(struct run *run, const struct vg_event *event)
{
    run->now = event->at;
    assert_int_equal(vg_engine_step(run->engine, event, &run->effects), VG_OK);
    for (size_t i = 0; i < run->effects.count; i++) {
        note(run, &run->effects.item[i]);
    }
}

static void run_time(struct run *run, struct vg_instant at)
{
    run_step(run, &(struct vg_event){.kind = VG_EVENT_TIME, .at = at});
}

static void run_events(struct run *run, const struct stream *stream, size_t from,
                       size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct vg_event event = stream_engine_event(&stream->event[i]);
        run_step(run, &event);
    }
}

static bool know(void *to, const struct vg_assessed *assessed)
{
    struct vg_buffer *known = to;
    char line[256];

    for (const struct vg_field *f = vg_fields(); assessed->known && f->name != NULL;
         f++) {
        const struct vg_number value = vg_field_value(f, &assessed->now);
        const struct vg_instant since = vg_field_since(f, &assessed->now);
        (void)snprintf(line, sizeof line, "%s %s %d %lld/%lld since %lld\n",
                       assessed->bed, f->name, value.known, (long long)value.numerator,
                       (long long)value.denominator, (long long)since.ms);
        vg_put_raw(known, line);
    }
    vg_put_raw(known, assessed->bed);
    vg_put_assessment(known, assessed->known ? &assessed->now : NULL);
    vg_put_raw(known, "\n");
    return true;
}

static void run_end(struct run *run, struct vg_instant at)
{
    run_time(run, at);
    vg_engine_assess(run->engine, know, &run->known);
    assert_false(run->told.failed || run->known.failed);
}

static struct vg_instant after_all(const struct stream *stream)
{
    return vg_after(stream->event[stream->count - 1].at, VG_MINUTE);
}

static void run_whole(struct run *run, const struct stream *stream,
                      struct vg_instant end)
{
    run_open(run);
    run_events(run, stream, 0, stream->count);
    run_end(run, end);
}

/* ---- Comparing */

static bool talk; /* whether differences are printed */

static void print_line(const char *which, const char *at, const char *begin)
{
    while (at > begin && at[-1] != '\n') {
        at--;
    }
    const int length = (int)strcspn(at, "\n");
    print_message("  %s: %.*s\n", which, length < 900 ? length : 900, at);
}

static bool same_text(const char *what, const struct vg_buffer *a,
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
    if (talk) {
        print_message("%s differs:\n", what);
        print_line("one", x + i, x);
        print_line("other", y + i, y);
    }
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

/* ---- A property: another way to run the same stream */

struct property {
    const char *name;
    /* Runs the stream the other way; true if that agrees with the plain run. */
    bool (*agrees)(const struct stream *stream, unsigned seed, const struct run *plain,
                   struct vg_instant end);
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

static void check(const char *name,
                  bool (*agrees)(const struct stream *, unsigned, const struct run *,
                                 struct vg_instant))
{
    const unsigned seed = stream_seed();
    struct stream stream = stream_generate(seed, MINUTES);
    struct property property = {name, agrees, after_all(&stream), seed};

    print_message("seed %u: %zu events\n", seed, stream.count);
    assert_true(stream.count >= EVENTS);
    talk = true;
    const bool well = holds(&property, &stream);
    if (!well && getenv("VIGIL_SHRINK") != NULL) {
        talk = false;
        stream_shrink(&stream, fails, &property, 3000);
        for (size_t i = 0; i < stream.count && i < 60; i++) {
            stream_print(&stream.event[i]);
        }
        talk = true;
        (void)holds(&property, &stream);
    }
    stream_finish(&stream);
    if (!well) {
        fail_msg("%s: not for seed %u (VIGIL_SHRINK=1 looks for a small case)", name,
                 seed);
    }
}

/* Runs another stream; compares told, raised and known as asked. */
static bool other_stream(const struct stream *other, const struct run *plain,
                         struct vg_instant end, bool told)
{
    struct run run;

    run_whole(&run, other, end);
    bool same = same_text("known", &plain->known, &run.known);
    if (told) {
        same = same_text("told", &plain->told, &run.told) && same;
    }
    run_close(&run);
    return same;
}

/* ---- Duplicates (INTERFACE: delivered at least once) */

static bool agrees_twice(const struct stream *stream, unsigned seed,
                         const struct run *plain, struct vg_instant end)
{
    (void)seed;
    return other_stream(stream, plain, end, true);
}

static bool agrees_doubled(const struct stream *stream, unsigned seed,
                           const struct run *plain, struct vg_instant end)
{
    struct stream doubled = {0};

    (void)seed;
    for (size_t i = 0; i < stream->count; i++) {
        stream_add(&doubled, &stream->event[i]);
        if (!stream->event[i].stay) {
            stream_add(&doubled, &stream->event[i]);
        }
    }
    const bool same = other_stream(&doubled, plain, end, true);
    stream_finish(&doubled);
    return same;
}

/* ---- Coarse and fine time */

static bool agrees_fine(const struct stream *stream, unsigned seed,
                        const struct run *plain, struct vg_instant end)
{
    struct run run;

    (void)seed;
    run_open(&run);
    for (size_t i = 0; i < stream->count; i++) {
        while (vg_since(stream->event[i].at, run.now) > VG_SECOND) {
            run_time(&run, vg_after(run.now, VG_SECOND));
        }
        run_events(&run, stream, i, i + 1);
    }
    run_end(&run, end);
    const bool same = same_text("told", &plain->told, &run.told) &&
                      same_text("known", &plain->known, &run.known);
    run_close(&run);
    return same;
}

/* A seed of each event's own: it stays the same when others are dropped. */
static unsigned own_seed(const struct stream_event *event, unsigned seed)
{
    return seed ^ (event->order * 2654435761U);
}

/* ---- Order within an instant */

static void swap_readings(struct vg_reading *a, struct vg_reading *b)
{
    const struct vg_reading keep = *a;

    *a = *b;
    *b = keep;
}

/* Items of the message the other way round, and messages of one arrival shuffled. */
static struct stream shuffled(const struct stream *stream, unsigned seed)
{
    struct stream out = {0};

    for (size_t i = 0; i < stream->count; i++) {
        struct stream_event event = stream->event[i];
        const size_t n = event.stay ? 0 : event.message.reading_count;
        unsigned own = own_seed(&event, seed);
        for (size_t k = 0; k + 1 < n; k++) {
            swap_readings(&event.readings[k],
                          &event.readings[k + stream_random(&own, (unsigned)(n - k))]);
        }
        stream_add(&out, &event);
        struct stream_event *last = &out.event[out.count - 1];
        if (i > 0 && !event.stay && !last[-1].stay && last[-1].at.ms == event.at.ms &&
            last[-1].message.measured.ms == event.message.measured.ms &&
            stream_random(&own, 2) == 0) {
            const struct stream_event keep = last[-1];
            last[-1] = *last;
            *last = keep;
        }
    }
    return out;
}

/* Each item a message of its own. */
static struct stream split(const struct stream *stream)
{
    struct stream out = {0};

    for (size_t i = 0; i < stream->count; i++) {
        const struct stream_event *event = &stream->event[i];
        struct stream_event one = *event;
        if (event->stay) {
            stream_add(&out, event);
            continue;
        }
        for (size_t k = 0; k < event->message.entry_count; k++) {
            one.message.reading_count = 0;
            one.message.entry_count = 1;
            one.entries[0] = event->entries[k];
            stream_add(&out, &one);
        }
        for (size_t k = 0; k < event->message.reading_count; k++) {
            one.message.entry_count = 0;
            one.message.reading_count = 1;
            one.readings[0] = event->readings[k];
            stream_add(&out, &one);
        }
    }
    return out;
}

static bool same_raised(const struct run *a, const struct run *b)
{
    struct vg_buffer x = {0}, y = {0};

    vg_buffer_add(&x, a->raised.bytes, a->raised.length);
    vg_buffer_add(&y, b->raised.bytes, b->raised.length);
    sort_lines(&x);
    sort_lines(&y);
    const bool same = same_text("raised", &x, &y);
    vg_buffer_finish(&x);
    vg_buffer_finish(&y);
    return same;
}

static bool reordered(struct stream other, const struct run *plain,
                      struct vg_instant end)
{
    struct run run;

    run_whole(&run, &other, end);
    bool same = same_text("known", &plain->known, &run.known);
    same = same_raised(plain, &run) && same;
    run_close(&run);
    stream_finish(&other);
    return same;
}

static bool agrees_shuffled(const struct stream *stream, unsigned seed,
                            const struct run *plain, struct vg_instant end)
{
    return reordered(shuffled(stream, seed), plain, end);
}

static bool agrees_split(const struct stream *stream, unsigned seed,
                         const struct run *plain, struct vg_instant end)
{
    (void)seed;
    return reordered(split(stream), plain, end);
}

/* ---- Late is on time, in the end */

#define LATEST (7 * VG_HOUR)

/* Whether the bed's stay changes in that time: then late is somebody else's. */
static bool moves(const struct stream *stream, size_t from, struct vg_instant until)
{
    for (size_t i = from; i < stream->count && stream->event[i].at.ms <= until.ms;
         i++) {
        if (stream->event[i].stay &&
            stream->event[i].patient == stream->event[from].patient) {
            return true;
        }
    }
    return false;
}

/* `one_of`: how many messages there are for one that is late. */
static struct stream delayed(const struct stream *stream, unsigned seed,
                             unsigned one_of, struct vg_instant end)
{
    struct stream out = stream_copy(stream);

    for (size_t i = 0; i < out.count; i++) {
        struct stream_event *event = &out.event[i];
        unsigned own = own_seed(event, seed);
        const vg_ms by = (vg_ms)stream_random(&own, (unsigned)(LATEST / 4)) * 4;
        const struct vg_instant at = vg_after(event->at, by);
        if (!event->stay && stream_random(&own, one_of) == 0 && at.ms < end.ms &&
            !moves(stream, i, at)) {
            event->at = at;
        }
    }
    stream_sort(&out);
    return out;
}

static bool agrees_late(const struct stream *stream, unsigned seed,
                        const struct run *plain, struct vg_instant end)
{
    struct stream late = delayed(stream, seed, 400, end);
    const bool same = other_stream(&late, plain, end, false);

    stream_finish(&late);
    return same;
}

/* ---- Duplicates that come much later (a gateway that sends its backlog again) */

static bool agrees_backlog(const struct stream *stream, unsigned seed,
                           const struct run *plain, struct vg_instant end)
{
    struct stream again = delayed(stream, seed, 200, end);
    const size_t count = stream->count;

    for (size_t i = 0; i < count; i++) {
        stream_add(&again, &stream->event[i]);
    }
    stream_sort(&again);
    const bool same = other_stream(&again, plain, end, false);
    stream_finish(&again);
    return same;
}

/* ---- A restart is none */

static bool restore_one(void *to, const struct vg_alert *alert)
{
    struct run *run = to;

    run_step(run, &(struct vg_event){
                      .kind = VG_EVENT_ALERT, .at = run->now, .alert = alert});
    return true;
}

/* Rebuilds what `from` knows after `cut` events, as the shell does from its store. */
static void rebuild(struct run *to, const struct run *from, const struct stream *stream,
                    size_t cut)
{
    const uint64_t n = vg_engine_ward_counter(from->engine, STREAM_WARD);

    run_open(to);
    vg_engine_restore_begin(to->engine);
    run_step(to, &(struct vg_event){.kind = VG_EVENT_WARD,
                                    .at = to->now,
                                    .counter = {STREAM_WARD, n}});
    vg_engine_open_alerts(from->engine, NULL, restore_one, to);
    run_events(to, stream, 0, cut);
    assert_int_equal(vg_engine_restore_end(to->engine, from->now, &to->effects), VG_OK);
    for (size_t i = 0; i < to->effects.count; i++) {
        note(to, &to->effects.item[i]);
    }
}

static bool killed_at(const struct stream *stream, size_t cut, struct vg_instant end)
{
    struct run whole, killed;

    run_open(&whole);
    run_events(&whole, stream, 0, cut);
    vg_buffer_clear(&whole.told);
    rebuild(&killed, &whole, stream, cut);
    run_events(&whole, stream, cut, stream->count);
    run_end(&whole, end);
    run_events(&killed, stream, cut, stream->count);
    run_end(&killed, end);
    bool same = same_text("told after the restart", &whole.told, &killed.told);
    same = same_text("known", &whole.known, &killed.known) && same;
    if (!same && talk) {
        print_message("killed after event %zu of %zu\n", cut, stream->count);
    }
    run_close(&whole);
    run_close(&killed);
    return same;
}

#define KILLS 5

static bool agrees_killed(const struct stream *stream, unsigned seed,
                          const struct run *plain, struct vg_instant end)
{
    bool same = true;

    (void)plain;
    for (unsigned i = 0; i < KILLS && same; i++) {
        const vg_ms when = (vg_ms)stream_random(&seed, MINUTES) * VG_MINUTE;
        size_t cut = 0;
        while (cut < stream->count && stream->event[cut].at.ms <= STREAM_START + when) {
            cut++;
        }
        same = cut == 0 || killed_at(stream, cut, end);
    }
    return same;
}

static void test_twice(void **state)
{
    (void)state;
    check("twice is the same", agrees_twice);
}

static void test_doubled(void **state)
{
    (void)state;
    check("duplicates change nothing", agrees_doubled);
}

static void test_fine(void **state)
{
    (void)state;
    check("fine time is coarse time", agrees_fine);
}

static void test_shuffled(void **state)
{
    (void)state;
    check("order within an instant changes nothing", agrees_shuffled);
}

static void test_split(void **state)
{
    (void)state;
    check("one message or many is the same", agrees_split);
}

static void test_late(void **state)
{
    (void)state;
    check("late is on time in the end", agrees_late);
}

static void test_backlog(void **state)
{
    (void)state;
    check("duplicates that come late change nothing", agrees_backlog);
}

static void test_killed(void **state)
{
    (void)state;
    check("a restart is none", agrees_killed);
}

static int load(void **state)
{
    struct vg_error error;

    (void)state;
    if (vg_protocol_set_load(PROTOCOL, stderr, &protocols, &error) != VG_OK) {
        return -1;
    }
    book.protocol_count = protocols.count;
    book.protocol = (const struct vg_protocol *const *)protocols.protocol;
    return 0;
}

static int unload(void **state)
{
    (void)state;
    vg_protocol_set_finish(&protocols);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twice),   cmocka_unit_test(test_doubled),
        cmocka_unit_test(test_fine),    cmocka_unit_test(test_shuffled),
        cmocka_unit_test(test_split),   cmocka_unit_test(test_late),
        cmocka_unit_test(test_backlog), cmocka_unit_test(test_killed),
    };

    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, load, unload);
}
