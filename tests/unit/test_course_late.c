/* SPDX-License-Identifier: Apache-2.0
 *
 * More properties of the whole engine over generated wards: in the end it knows the same
 * whether a reading came late or on time, or a backlog was sent again; killed and rebuilt
 * from what was stored it goes on as if nothing had been. See test_course_properties.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/stream_run.h"

/* ---- Late is on time, in the end */

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

/* A temperature that comes more than 15 min late is told as FEVER_RETRO, and is no fever now
 * (Clinical reference 0.3). */
static bool has_temperature(const struct stream_event *event)
{
    for (size_t i = 0; i < event->message.reading_count; i++) {
        if (event->readings[i].signal == VG_TEMP) {
            return true;
        }
    }
    return false;
}

/* One message of `one_of` comes by up to `latest` late; not `all`: of those without streams. */
static bool is_single(const struct stream_event *event);
static struct stream delayed(const struct stream *stream, unsigned seed,
                             unsigned one_of, vg_ms latest, struct vg_instant end,
                             bool all)
{
    struct stream out = stream_copy(stream);

    for (size_t i = 0; i < out.count; i++) {
        struct stream_event *event = &out.event[i];
        unsigned own = run_own_seed(event, seed);
        const vg_ms by = (vg_ms)stream_random(&own, (unsigned)(latest / 4)) * 4;
        const struct vg_instant at = vg_after(event->at, by);
        if (!event->stay && stream_random(&own, one_of) == 0 && at.ms < end.ms &&
            !moves(stream, i, at) && !has_temperature(event) &&
            (all || is_single(event))) {
            event->at = at;
        }
    }
    stream_sort(&out);
    return out;
}

static bool is_single(const struct stream_event *event)
{
    for (size_t i = 0; !event->stay && i < event->message.reading_count; i++) {
        if (event->readings[i].source == VG_SOURCE_CONTINUOUS ||
            event->readings[i].source == VG_SOURCE_ARTERIAL) {
            return false;
        }
    }
    return true;
}

/* What people, cuffs and laboratories give one by one. A stream's sample that comes late, past
 * what its window keeps, becomes a stretch in the end, whose samples count as evenly spread. */
static struct stream singles(const struct stream *stream)
{
    struct stream out = {0};

    for (size_t i = 0; i < stream->count; i++) {
        if (is_single(&stream->event[i])) {
            stream_add(&out, &stream->event[i]);
        }
    }
    return out;
}

static bool late_against(const struct stream *stream, const struct stream *late,
                         struct vg_instant end)
{
    struct run plain;

    run_whole(&plain, stream, end);
    const bool same = run_same(&plain, late, end, RUN_SCORES);
    run_close(&plain);
    return same;
}

static bool agrees_late(const struct stream *stream, unsigned seed,
                        const struct run *plain, struct vg_instant end)
{
    struct stream some = singles(stream);
    struct stream late = delayed(&some, seed, 10, 7 * VG_HOUR, end, true);
    const bool same = late_against(&some, &late, end);

    (void)plain;
    stream_finish(&late);
    stream_finish(&some);
    return same;
}

/* What people, cuffs and laboratories give comes late, the streams in time: folded again over
 * them the scores are the same. */
static bool agrees_beside(const struct stream *stream, unsigned seed,
                          const struct run *plain, struct vg_instant end)
{
    struct stream late = delayed(stream, seed, 6, 7 * VG_HOUR, end, false);
    const bool same = run_same(plain, &late, end, RUN_SCORES);

    stream_finish(&late);
    return same;
}

static void test_beside(void **state)
{
    static const unsigned seeds[] = {20261124, 107}; /* it did not hold for those */

    (void)state;
    run_check("what people chart late beside streams", agrees_beside);
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        run_check_seed("what people chart late beside streams", agrees_beside,
                       seeds[i]);
    }
}

/* ---- Duplicates that come much later (a gateway that sends its backlog again) */

static bool agrees_backlog(const struct stream *stream, unsigned seed,
                           const struct run *plain, struct vg_instant end)
{
    struct stream some = singles(stream);
    struct stream again = delayed(&some, seed, 10, 7 * VG_HOUR, end, true);

    (void)plain;
    for (size_t i = 0; i < some.count; i++) {
        stream_add(&again, &some.event[i]);
    }
    stream_sort(&again);
    const bool same = late_against(&some, &again, end);
    stream_finish(&again);
    stream_finish(&some);
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
    run_restored(to, from->now);
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
    bool same = run_same_text("told after the restart", &whole.told, &killed.told);
    same = run_same_text("known", &whole.known, &killed.known) && same;
    if (!same) {
        run_say("killed after event %zu of %zu\n", cut, stream->count);
    }
    run_close(&whole);
    run_close(&killed);
    return same;
}

#define KILLS 4

/* Those who are admitted once and stay in their bed: patients 0 and 2. */
static struct stream staying(const struct stream *stream)
{
    struct stream out = {0};

    for (size_t i = 0; i < stream->count; i++) {
        if (stream->event[i].patient % 2 == 0) {
            stream_add(&out, &stream->event[i]);
        }
    }
    return out;
}

static bool agrees_killed(const struct stream *stream, unsigned seed,
                          const struct run *plain, struct vg_instant end)
{
    struct stream some = staying(stream);
    bool same = true;

    (void)plain;
    stream = &some;
    for (unsigned i = 0; i < KILLS && same; i++) {
        const size_t cut = run_cut(stream, stream_random(&seed, RUN_MINUTES));
        same = cut == 0 || killed_at(stream, cut, end);
    }
    stream_finish(&some);
    return same;
}

static void test_late(void **state)
{
    (void)state;
    run_check("late is on time in the end", agrees_late);
}

static void test_backlog(void **state)
{
    (void)state;
    run_check("duplicates that come late change nothing", agrees_backlog);
}

static void test_killed(void **state)
{
    (void)state;
    run_check("a restart is none", agrees_killed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_beside),
        cmocka_unit_test(test_backlog),
        cmocka_unit_test(test_killed),
    };

    return cmocka_run_group_tests(tests, run_load, run_unload);
}
