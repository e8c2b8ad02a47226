/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams of events as values. What is in them: stream_ward.c. See stream.h.
 */
#include "lib/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

unsigned stream_seed(void)
{
    const char *given = getenv("VIGIL_SEED");

    return given != NULL ? (unsigned)strtoul(given, NULL, 10) : 20261124U;
}

unsigned stream_random(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % below;
}

void stream_finish(struct stream *stream)
{
    free(stream->event);
    memset(stream, 0, sizeof *stream);
}

void stream_add(struct stream *stream, const struct stream_event *event)
{
    if (stream->count == stream->capacity) {
        const size_t capacity = stream->capacity * 2 + 1024;
        struct stream_event *grown =
            realloc(stream->event, capacity * sizeof *stream->event);
        assert_non_null(grown);
        stream->event = grown;
        stream->capacity = capacity;
    }
    stream->event[stream->count] = *event;
    stream->event[stream->count].order = (unsigned)stream->count;
    stream->count++;
}

static int by_arrival(const void *a, const void *b)
{
    const struct stream_event *x = a;
    const struct stream_event *y = b;

    if (x->at.ms != y->at.ms) {
        return x->at.ms < y->at.ms ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

void stream_sort(struct stream *stream)
{
    qsort(stream->event, stream->count, sizeof *stream->event, by_arrival);
    for (size_t i = 0; i < stream->count; i++) {
        stream->event[i].order = (unsigned)i;
    }
}

struct stream stream_copy(const struct stream *from)
{
    struct stream to = {.count = from->count, .capacity = from->count};

    to.event = malloc((from->count + 1) * sizeof *to.event);
    assert_non_null(to.event);
    memcpy(to.event, from->event, from->count * sizeof *to.event);
    return to;
}

struct vg_event stream_engine_event(struct stream_event *event)
{
    struct vg_event out = {.at = event->at};

    if (event->stay) {
        out.kind = VG_EVENT_EPISODE;
        out.admission = &event->admission;
    } else {
        event->message.readings = event->readings;
        event->message.entries = event->entries;
        out.kind = VG_EVENT_MESSAGE;
        out.message = &event->message;
    }
    return out;
}

static long long seconds(struct vg_instant at)
{
    return (long long)(at.ms - STREAM_START) / 1000;
}

void stream_print(const struct stream_event *event)
{
    if (event->stay) {
        print_message("  %llds %s/%s %s: stay %d\n", seconds(event->at),
                      event->admission.ward, event->admission.bed,
                      event->admission.patient, (int)event->admission.action);
        return;
    }
    print_message("  %llds %s/%s:", seconds(event->at), event->message.ward,
                  event->message.bed);
    for (size_t i = 0; i < event->message.reading_count; i++) {
        const struct vg_reading *r = &event->readings[i];
        print_message(" %s=%lld@%lld/%s%s%s", vg_signal_info(r->signal)->code,
                      (long long)r->value, seconds(r->measured),
                      vg_source_text(r->source), r->suspect ? "?" : "",
                      r->out_of_range ? "!" : "");
    }
    for (size_t i = 0; i < event->message.entry_count; i++) {
        const struct vg_entry *e = &event->entries[i];
        print_message(" %s:%s%s@%lld", vg_signal_info(e->signal)->code, e->value,
                      e->on ? "" : " off", seconds(e->at));
    }
    print_message("\n");
}

/* ---- Shrinking */

static struct stream without(const struct stream *from, size_t first, size_t count)
{
    struct stream to = stream_copy(from);

    memmove(&to.event[first], &to.event[first + count],
            (from->count - first - count) * sizeof *to.event);
    to.count -= count;
    return to;
}

static struct stream of_others(const struct stream *from, unsigned patient)
{
    struct stream to = stream_copy(from);

    to.count = 0;
    for (size_t i = 0; i < from->count; i++) {
        if (from->event[i].patient != patient) {
            to.event[to.count++] = from->event[i];
        }
    }
    return to;
}

static bool keep_if_fails(struct stream *stream, struct stream less,
                          stream_fails_fn *fails, void *with)
{
    const bool still = fails(with, &less);

    stream_finish(still ? stream : &less);
    if (still) {
        *stream = less;
    }
    return still;
}

void stream_shrink(struct stream *stream, stream_fails_fn *fails, void *with,
                   unsigned tries)
{
    for (unsigned p = 0; p < STREAM_PATIENTS; p++) {
        (void)keep_if_fails(stream, of_others(stream, p), fails, with);
    }
    size_t piece = stream->count / 2;
    while (piece > 0 && tries > 0) {
        bool any = false;
        for (size_t i = 0; i + piece <= stream->count && tries > 0; tries--) {
            if (keep_if_fails(stream, without(stream, i, piece), fails, with)) {
                any = true;
            } else {
                i += piece;
            }
        }
        piece = any && piece == 1 ? 1 : piece / 2;
    }
}
