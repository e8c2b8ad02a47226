/* SPDX-License-Identifier: Apache-2.0
 *
 * The course of one patient: everything known that assessments look back on, and the fold
 * over it. Private to the core.
 *
 *   log      items in order of measured time: whatever people, cuffs and laboratories give
 *            singly, and the older part of continuous signals as stretches
 *   tails   of continuous signals what is older than 15 min, reading by reading, up to 12 h of
 *            them as long as there is room (condense.c)
 *   windows  the last 15 min or more of continuous signals, reading by reading (the bed's)
 *   state    what the topics keep, folded over both up to `at`
 *
 * An item in order is folded at once. One that comes late, or corrects, takes the newest
 * state before it that was put away (saved.h) and folds from there: the result is that of
 * the right order, always. Without memory to put states away it folds from the beginning.
 *
 * A topic is one file of core/assess:
 *   before  an instant is about to be folded: what time alone has done since the last one
 *   step    one item of it, in the order of vg_item_rank
 *   after   all items of the instant are in
 *   judge   what is to be said at `at` >= state.at. Writes its own part of the assessment,
 *           may read the parts of topics above it in the table, and lowers *next to the
 *           first instant after `at` at which its part would change without any item.
 * States are plain values: they are copied for snapshots, begin as zero bytes (an instant of
 * 0 ms is "not set" in a state: use vg_state_set), and hold no pointers.
 */
#ifndef VIGIL_CORE_COURSE_H
#define VIGIL_CORE_COURSE_H

#include "vigil/assess.h"

#include "core/assess/baseline.h"
#include "core/assess/chart.h"
#include "core/assess/crs.h"
#include "core/assess/extreme.h"
#include "core/assess/fever.h"
#include "core/assess/fn.h"
#include "core/assess/icans.h"
#include "core/assess/news2.h"
#include "core/assess/oxygen.h"
#include "core/assess/pressure.h"
#include "core/assess/quality.h"
#include "core/assess/reaction.h"
#include "core/assess/schedule.h"
#include "core/assess/shock.h"
#include "core/item.h"
#include "core/saved.h"
#include "core/tail.h"
#include "core/window.h"

/* An item of a stream of a vital sign, packed: of such a day gives hundreds. Nothing is lost:
 * limits, delivered value, unit and name belong to other signals. */
struct vg_stretch {
    struct vg_instant at;
    int32_t low, high;
    uint32_t span; /* ms from the first sample to the last */
    uint8_t count, marks;
    uint8_t signal; /* device in the upper half */
    uint8_t source; /* method in the upper half */
};

/* Items in their order (vg_item_before), in two tables by what they are. */
struct vg_log {
    size_t count, capacity;
    struct vg_item *item; /* owned; what is given singly, and laboratory values */
    size_t stretch_count, stretch_capacity;
    struct vg_stretch *stretch; /* owned; streams of signals below VG_STREAMS */
};

struct vg_state {
    struct vg_instant at;                /* of the newest instant folded; 0 ms: none */
    struct vg_instant heard[VG_MAP + 1]; /* newest valid value of each vital sign; 0 */
    struct vg_chart chart;
    struct vg_baseline baseline;
    struct vg_quality_state quality;
    struct vg_fever fever;
    struct vg_pressure pressure;
    struct vg_oxygen oxygen;
    struct vg_extreme extreme;
    struct vg_reaction reaction;
    struct vg_news2 news2;
    struct vg_shock shock;
    struct vg_fn fn;
    struct vg_crs crs;
    struct vg_icans icans;
    struct vg_schedule_state schedule;
    struct vg_instant read; /* the oldest vital sign folded; 0: none */
    bool recalled;          /* what was carried over a restart is in */
};

/* What a topic may look at beside the state. */
struct vg_view {
    const struct vg_patient *patient;
    const struct vg_log *log; /* items after state.at are not to be looked at */
};

/* An instant kept in a state: 0 ms means not set. */
static inline bool vg_state_set(struct vg_instant t)
{
    return t.ms != 0;
}

/* Room for so many more; false: no memory. */
bool vg_log_reserve(struct vg_log *log, size_t items, size_t stretches);
void vg_log_finish(struct vg_log *log);
/* The first place whose item is at or after `at`. */
size_t vg_log_from(const struct vg_log *log, struct vg_instant at);
/* The next item of this instant, *place or *stretch one further; false: there is none. */
bool vg_log_next(const struct vg_log *log, size_t *place, size_t *stretch,
                 struct vg_instant at, struct vg_item *item);
/* The order of items: at, rank, signal, source, name. */
bool vg_item_before(const struct vg_item *a, const struct vg_item *b);
/* As vg_window_put; a stream of a vital sign goes among the stretches. */
enum vg_taken vg_log_put(struct vg_log *log, const struct vg_item *item);

/* ---- stretch.c */

struct vg_item vg_stretch_item(const struct vg_stretch *stretch);
/* As vg_log_reserve, vg_log_from and vg_log_put, for stretches alone. */
bool vg_stretch_reserve(struct vg_log *log, size_t more);
size_t vg_stretch_from(const struct vg_log *log, struct vg_instant at);
enum vg_taken vg_stretch_put(struct vg_log *log, const struct vg_item *item);
/* A sample that leaves the windows: lengthens its stretch or begins one. False: no memory. */
bool vg_log_stretch(struct vg_log *log, const struct vg_item *item);
/* What came late, sample by sample, becomes stretches, when there are so many. */
#define VG_STRETCHES_MANY 1024
void vg_log_gather(struct vg_log *log, struct vg_instant now);
/* Bounds the room of stretches: joins or drops what is old. */
void vg_log_compact(struct vg_log *log, struct vg_instant now);

/* ---- */

/* The newest item of a signal at or before `at`, before the place *cursor; *cursor becomes
 * its place. Start with *cursor = log->count. NULL: none. For signals that live in the log
 * (charted, laboratory, ICE, spot and cuff values). Items that are void are passed over. */
const struct vg_item *vg_log_back(const struct vg_log *log, enum vg_signal signal,
                                  struct vg_instant at, size_t *cursor);

/* Topics, in the order in which they are folded and judged. Also the bits of what changed. */
enum vg_topic_id {
    VG_TOPIC_CHART,
    VG_TOPIC_QUALITY,
    VG_TOPIC_BASELINE,
    VG_TOPIC_FEVER,
    VG_TOPIC_PRESSURE,
    VG_TOPIC_OXYGEN,
    VG_TOPIC_EXTREME,
    VG_TOPIC_REACTION,
    VG_TOPIC_NEWS2,
    VG_TOPIC_SIRS,
    VG_TOPIC_QSOFA,
    VG_TOPIC_SHOCK,
    VG_TOPIC_FN,
    VG_TOPIC_CRS,
    VG_TOPIC_ICANS,
    VG_TOPIC_ICAHT,
    VG_TOPIC_IEC_HS,
    VG_TOPIC_TLS,
    VG_TOPIC_HEMATOTOX,
    VG_TOPIC_EASIX,
    VG_TOPIC_CRITICAL,
    VG_TOPIC_SCHEDULE,
    VG_TOPICS
};

struct vg_topic {
    const char *name;
    uint64_t signals; /* bit per vg_signal (all fit): items its step wants */
    bool alone; /* its judge reads no other topic's part: only its signals matter */
    bool
        lazy; /* a reading can only put off what it says: judged when due or charted, and
                  by readings only while it says a yes that they may end */
    size_t part, size; /* its part of the assessment */
    void (*before)(struct vg_state *, const struct vg_view *, struct vg_instant at);
    void (*step)(struct vg_state *, const struct vg_view *, const struct vg_item *);
    void (*after)(struct vg_state *, const struct vg_view *, struct vg_instant at);
    void (*judge)(const struct vg_state *, const struct vg_view *, struct vg_instant at,
                  struct vg_assessment *out, struct vg_instant *next);
};

extern const struct vg_topic vg_topics[VG_TOPICS];

#define VG_SIGNAL_BIT(s) ((uint64_t)1 << (s))

/* Marks the items of one instant (quality.c), then folds them. `item` are in rank order. */
void vg_fold_instant(struct vg_state *state, const struct vg_view *view,
                     struct vg_item *item, size_t count);

/* Everything that is to be said at `at`; *next as in judge, VG_NEVER if nothing will change
 * by itself. */
void vg_judge(const struct vg_state *state, const struct vg_view *view,
              struct vg_instant at, struct vg_assessment *out, struct vg_instant *next);

/* ---- The course itself */

#define VG_STREAMS    VG_WBC /* signals below have windows that the fold reads */
#define VG_SNAPSHOTS  2      /* a minute apart: the older is one to two minutes old */
#define VG_BASES      3      /* further ones: the oldest is 8 h old or more */
#define VG_BASE_EVERY (4 * VG_HOUR)
#define VG_DEVICES    15

struct vg_course {
    struct vg_patient patient;
    struct vg_log log;
    char device[VG_DEVICES][VG_ID_LEN + 1]; /* names behind vg_item.device, from 1 */
    struct vg_state state;
    struct vg_saved
        undo; /* the state before the newest instant, beside the present one; of feeds
                 that go back only (fold.c) */
    struct vg_saved
        snapshot[VG_SNAPSHOTS + VG_BASES]; /* newest first, each kind; beside
                                                          the empty one */
    struct vg_saved
        anchor; /* the state before the latest late item, beside the empty one: of a
                   backlog the next one comes behind it */
    struct vg_instant condensed;      /* samples up to here are in tails or stretches */
    struct vg_tail *tail[VG_STREAMS]; /* owned; NULL: none was needed */
    struct vg_instant dirty;     /* earliest item put and not folded; VG_NEVER: none */
    uint32_t went_back;          /* for so many more instants undo is kept */
    uint64_t touched;            /* bit per signal folded since the last judging */
    struct vg_assessment now;    /* as last judged */
    struct vg_instant judged;    /* when; VG_UNSET: never */
    struct vg_instant confirmed; /* the newest confirmed fever then */
    struct vg_instant topic_next[VG_TOPICS];
    struct vg_carried told;         /* to be carried over a restart, as last told */
    struct vg_instant carry_looked; /* carry.c; 0 ms: never */
};

/* NULL: no memory. */
struct vg_course *vg_course_create(void);
void vg_course_destroy(struct vg_course *course); /* NULL is fine */

/* As it was created: nothing is known any more, not even the patient. */
void vg_course_reset(struct vg_course *course);

/* Everything is folded anew: the patient's constants have changed. */
void vg_course_restart(struct vg_course *course);

/* A sample that is in its window, from where the fold takes it: nothing but its instant is noted.
 * False: it must be put as an item. */
bool vg_course_note(struct vg_course *course, enum vg_signal signal,
                    const struct vg_sample *sample);

/* Notes an item. A sample of a stream must be in its window already, unless it is older than
 * `condensed`. Room in the log must be reserved. */
enum vg_taken vg_course_put(struct vg_course *course, const struct vg_item *item);

/* Call before samples of `at` go into the windows: what is older than 15 min goes into tails
 * or becomes stretches of the log. False: no memory; nothing is lost. Defined in condense.c. */
bool vg_course_condense(struct vg_course *course, struct vg_window *const *windows,
                        struct vg_instant at);

/* What was to be said at an instant between the last that was folded and now. False: none such. */
bool vg_course_past(const struct vg_course *course, struct vg_instant at,
                    struct vg_assessment *out);

/* Folds what was put. `late`: an instant already folded over, at whose time `then` is to be
 * judged on the way; VG_NEVER: none. */
void vg_course_fold(struct vg_course *course, struct vg_window *const *windows,
                    struct vg_instant late, struct vg_assessment *then);

/* Judges at `at`; returns a bit per topic whose part has changed. */
uint32_t vg_course_judge(struct vg_course *course, struct vg_instant at);

/* The first instant after the last judging at which something changes by itself. */
struct vg_instant vg_course_next(const struct vg_course *course);

/* ---- Small helpers for judges */

static inline struct vg_finding vg_found(bool yes, struct vg_instant since)
{
    return (struct vg_finding){yes ? VG_TRUE : VG_FALSE, false, false,
                               yes ? since : VG_UNSET};
}
static inline struct vg_finding vg_not_known(void)
{
    return (struct vg_finding){VG_UNKNOWN, false, false, VG_UNSET};
}
/* Whether values of this vital sign still speak for the patient (0.4); also if none ever came: then
 * no finding is made of them. *next as in judge. Defined in fold.c. */
bool vg_fresh(const struct vg_state *state, enum vg_signal signal, struct vg_instant at,
              struct vg_instant *next);
/* A yes made of values of this signal alone is lost when they no longer speak for the patient. */
void vg_lost_with(struct vg_finding *finding, const struct vg_state *state,
                  enum vg_signal signal, struct vg_instant at, struct vg_instant *next);
/* `when` is the instant of a change: it lowers *next if it lies after `at`. */
static inline void vg_next(struct vg_instant *next, struct vg_instant at,
                           struct vg_instant when)
{
    if (when.ms > at.ms && when.ms < next->ms) {
        *next = when;
    }
}

#endif
