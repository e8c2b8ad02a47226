/* SPDX-License-Identifier: Apache-2.0
 *
 * Properties of the whole engine with the shipped protocol over generated wards of at least
 * 10,000 events: twice gives the same bytes, duplicates change nothing, nor does the order
 * within an instant, nor how finely time is told. The seed is printed; VIGIL_SEED sets
 * another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/stream_run.h"

/* ---- Duplicates (INTERFACE: delivered at least once) */

static bool agrees_twice(const struct stream *stream, unsigned seed,
                         const struct run *plain, struct vg_instant end)
{
    (void)seed;
    return run_same(plain, stream, end, RUN_KNOWN_AND_TOLD);
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
    const bool same = run_same(plain, &doubled, end, RUN_KNOWN_AND_TOLD);
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
    const bool same = run_same_text("told", &plain->told, &run.told) &&
                      run_same_text("known", &plain->known, &run.known);
    run_close(&run);
    return same;
}

/* ---- Order within an instant */

static void swap_readings(struct vg_reading *a, struct vg_reading *b)
{
    const struct vg_reading keep = *a;

    *a = *b;
    *b = keep;
}

/* Items of a message in any order; if asked, messages of one instant that arrive at one too.
 */
static struct stream shuffled(const struct stream *stream, unsigned seed, bool messages)
{
    struct stream out = {0};

    for (size_t i = 0; i < stream->count; i++) {
        struct stream_event event = stream->event[i];
        const size_t n = event.stay ? 0 : event.message.reading_count;
        unsigned own = run_own_seed(&event, seed);
        for (size_t k = 0; k + 1 < n; k++) {
            swap_readings(&event.readings[k],
                          &event.readings[k + stream_random(&own, (unsigned)(n - k))]);
        }
        stream_add(&out, &event);
        struct stream_event *last = &out.event[out.count - 1];
        if (messages && i > 0 && !event.stay && !last[-1].stay &&
            last[-1].at.ms == event.at.ms &&
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

/* Between two messages the first may say what the second takes back, and one that comes
 * behind a newer one is folded from stretches, whose samples count as evenly spread: scores
 * and grades are the same all the same. Within a message everything is, and so is what is
 * raised. */
static bool reordered(struct stream other, const struct run *plain,
                      struct vg_instant end, bool within)
{
    struct run run;

    run_whole(&run, &other, end);
    bool same = run_same_text("score", &plain->scores, &run.scores);
    if (within) {
        same = run_same_text("known", &plain->known, &run.known) && same;
        same = run_same_raised(plain, &run) && same;
    }
    run_close(&run);
    stream_finish(&other);
    return same;
}

static bool agrees_shuffled(const struct stream *stream, unsigned seed,
                            const struct run *plain, struct vg_instant end)
{
    return reordered(shuffled(stream, seed, false), plain, end, true) &&
           reordered(shuffled(stream, seed, true), plain, end, false);
}

static bool agrees_split(const struct stream *stream, unsigned seed,
                         const struct run *plain, struct vg_instant end)
{
    (void)seed;
    return reordered(split(stream), plain, end, false);
}

static void test_twice(void **state)
{
    (void)state;
    run_check("twice is the same", agrees_twice);
}

static void test_doubled(void **state)
{
    (void)state;
    run_check("duplicates change nothing", agrees_doubled);
}

static void test_fine(void **state)
{
    (void)state;
    run_check("fine time is coarse time", agrees_fine);
}

static void test_shuffled(void **state)
{
    (void)state;
    run_check("order within an instant changes nothing", agrees_shuffled);
}

static void test_split(void **state)
{
    (void)state;
    run_check("one message or many is the same", agrees_split);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twice), cmocka_unit_test(test_doubled),
        cmocka_unit_test(test_fine),  cmocka_unit_test(test_shuffled),
        cmocka_unit_test(test_split),
    };

    return cmocka_run_group_tests(tests, run_load, run_unload);
}
