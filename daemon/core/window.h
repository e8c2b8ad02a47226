/* SPDX-License-Identifier: Apache-2.0
 *
 * The recent readings of one signal of one bed, in order of measured time whatever the
 * order of arrival. A ring that grows when it must and then stays: once a feed has
 * filled it, nothing is allocated any more.
 *
 * A vital sign from a monitor that sends at even distances takes one byte a reading, else
 * three or four; everything else takes 10 (ring.h). Nothing of it is rounded.
 *
 * What is given singly (spot, cuff, manual, laboratory) stays for as long as the longest
 * look-back asks. Of streams (a monitor, an arterial line) the ring keeps 17 min; of what
 * is older the past (past.h) keeps the extremes, exact, and sums to five minutes. Streams
 * leave the ring in order of time and never come back: one that comes later than that is
 * VG_TOO_OLD here: it still counts for extremes, and the course's log takes it, with what it
 * says at its own time.
 */
#ifndef VIGIL_CORE_WINDOW_H
#define VIGIL_CORE_WINDOW_H

#include "vigil/reading.h"

struct vg_sample {
    struct vg_instant measured;
    int64_t value; /* canonical steps */
    enum vg_source source;
    enum vg_method method;
    uint8_t marks;  /* VG_MARK_... known on arrival: four bits (item.h) */
    uint8_t device; /* a number for the device within the bed, 0 to 15; 0: not named */
};

/* Of one device and one source: vg_item_same_source. */
bool vg_sample_same_source(const struct vg_sample *a, const struct vg_sample *b);

struct vg_past;
struct vg_run;

struct vg_window {
    bool wide, even; /* the ring's shape (ring.h) */
    uint8_t size;    /* bytes of a value in the ring */
    uint32_t head, count, capacity;
    uint32_t changes; /* +1 whenever what is not the newest end changed */
    uint64_t first;   /* ordinal of the oldest reading kept; ordinals never repeat */
    vg_ms keep;       /* readings older than the newest by more than this may go */
    vg_ms sums;       /* the longest span of which sums or counts are asked; 0: none */
    uint64_t lost; /* ordinal behind the newest single reading that left for its age */
    uint32_t packed; /* so many at the old end are single readings, streams taken out */
    vg_ms lag;       /* arrival minus measured time of the newest continuous reading */
    uint32_t run_count, run_capacity;
    void *value;          /* owned; a ring of values */
    uint16_t *low;        /* a ring behind it: the low parts of instants, if not even */
    struct vg_run *run;   /* owned; in order; what their readings have in common */
    struct vg_past *past; /* owned; NULL: the ring has everything */
};

/* Streams stay in the ring this long: a course reads the last 15 min of them sample by
 * sample, and condenses by the minute. */
#define VG_WINDOW_RAW (17 * VG_MINUTE)
/* Spans to here are answered from the ring. */
#define VG_WINDOW_EXACT (15 * VG_MINUTE)

/* Readings kept however old they are: duplicates and corrections are known by them. */
#define VG_WINDOW_LEAST 8

enum vg_taken {
    VG_TAKEN,      /* it is the newest now */
    VG_TAKEN_LATE, /* put in its place behind newer ones */
    VG_CORRECTED,  /* same instant and source, other value: the later arrival wins */
    VG_REPEATED_READING, /* the same again: nothing changed */
    VG_TOO_OLD,          /* older than everything kept: nothing changed */
    VG_NOT_TAKEN         /* no memory: nothing changed */
};

static inline bool vg_sample_stream(const struct vg_sample *sample)
{
    return vg_source_streams(sample->source);
}

/* Zero-initialised memory becomes an empty window, which tallies long sums. */
void vg_window_init(struct vg_window *window, enum vg_signal signal, vg_ms keep);
void vg_window_finish(struct vg_window *window);

/* From now on: how long it keeps, and how far back it tallies. What it no longer has it cannot
 * bring back: a longer look-back begins with what is there. */
void vg_window_keep(struct vg_window *window, vg_ms keep, vg_ms sums);

/* Room for `more` readings. False: no memory, nothing changed. */
bool vg_window_reserve(struct vg_window *window, uint32_t more);

enum vg_taken vg_window_put(struct vg_window *window, const struct vg_sample *sample);

/* i from 0, the oldest. */
struct vg_sample vg_window_at(const struct vg_window *window, uint32_t i);
/* When it was measured; the whole of it costs three times as much. */
struct vg_instant vg_window_when(const struct vg_window *window, uint32_t i);

/* The number of readings measured at or before `at`: 0 if there are none. */
uint32_t vg_window_until(const struct vg_window *window, struct vg_instant at);

/* Whether a newer reading of the same source is kept. */
bool vg_window_behind(const struct vg_window *window, const struct vg_sample *sample);

/* The newest measured at or before `at`; false if there is none. */
bool vg_window_last(const struct vg_window *window, struct vg_instant at,
                    struct vg_sample *out);

#endif
