/* SPDX-License-Identifier: Apache-2.0
 *
 * Generated streams of a lively ward for tests of properties: patients with and without age
 * and baseline, infusions, monitors by the second and by the minute, patches, lines, cuffs
 * that misread, charted entries, laboratories, gaps and extremes. The same seed makes the
 * same stream.
 *
 * Ownership: an event is a plain value (its arrays are inside); a stream owns its events.
 */
#ifndef VIGIL_TESTS_STREAM_H
#define VIGIL_TESTS_STREAM_H

#include "vigil/engine.h"

#define STREAM_START    INT64_C(1768032000000) /* 2026-01-10T08:00:00Z */
#define STREAM_READINGS 8
#define STREAM_ENTRIES  2
#define STREAM_PATIENTS 4
#define STREAM_WARD     "onc-7"

struct stream_event {
    struct vg_instant at; /* of arrival */
    unsigned patient, order;
    bool stay; /* an admission and the like, else a message */
    union {
        struct vg_admission admission;
        struct {
            struct vg_message message; /* its pointers are set by stream_event */
            struct vg_reading readings[STREAM_READINGS];
            struct vg_entry entries[STREAM_ENTRIES];
        };
    };
};

struct stream {
    size_t count, capacity;
    struct stream_event *event;
};

/* VIGIL_SEED, or a seed of our own. */
unsigned stream_seed(void);
/* Below `below`. */
unsigned stream_random(unsigned *seed, unsigned below);

/* `minutes` of the ward, in order of arrival. Fails the test without memory. */
struct stream stream_generate(unsigned seed, int64_t minutes);
void stream_finish(struct stream *stream);

void stream_add(struct stream *stream, const struct stream_event *event);
/* By arrival; what arrives at one instant stays in the order it was added. */
void stream_sort(struct stream *stream);
struct stream stream_copy(const struct stream *from);

/* As the engine takes it; points into *event. */
struct vg_event stream_engine_event(struct stream_event *event);

/* One line of text, for reports. */
void stream_print(const struct stream_event *event);

/* Whether a property does not hold for a stream. */
typedef bool stream_fails_fn(void *with, const struct stream *stream);

/* Drops events as long as the property still fails, at most `tries` times. */
void stream_shrink(struct stream *stream, stream_fails_fn *fails, void *with,
                   unsigned tries);

#endif
