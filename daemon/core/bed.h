/* SPDX-License-Identifier: Apache-2.0
 *
 * One watched bed: who lies in it (perhaps nobody we know of), the windows of what was
 * measured, what was charted, and the state of each rule. Private to the core.
 *
 * Ownership: a bed owns everything it points to but its protocol.
 */
#ifndef VIGIL_CORE_BED_H
#define VIGIL_CORE_BED_H

#include "vigil/engine.h"

#include "core/builtin.h"
#include "core/course.h"
#include "core/tracker.h"

/* The latest of each thing charted: given, noted, on, flag ask for no more. */
struct vg_charted {
    enum vg_signal signal;
    char value[VG_NAME_LEN + 1];
    struct vg_instant at, until;
    struct vg_instant from; /* on without a break since then: `at`, or earlier */
    bool on;
};

/* The life of one rule for one bed. Picture and table: rule.c. */
enum vg_phase { VG_IDLE, VG_PENDING, VG_ON, VG_CLEARING_PHASE, VG_PHASE_COUNT };

/* Whether the test of an open alert is another one than that it was raised by (Alert states T38); or the same, and
 * what it stood on was not read back after a restart. */
enum vg_rewritten { VG_SAME_TEST, VG_PERHAPS_NEW, VG_NEW_TEST, VG_NOT_READ };

#define VG_MARKS 16 /* the most readings "in N of last M" looks back on */

struct vg_mark {
    struct vg_instant at;
    bool yes;
};

/* marks.h. Of a test that counts readings; else all zero. */
struct vg_marks {
    uint8_t count;
    struct vg_mark *mark; /* VG_MARKS of them, or NULL; owned */
};

struct vg_rule_state {
    enum vg_phase phase;
    bool lost;                   /* ON or CLEARING without usable data */
    enum vg_rewritten rewritten; /* until the test has answered */
    bool rose_unread; /* what raised its severity was not read back after a restart */
    struct vg_instant onset;    /* first reading of the run */
    struct vg_instant last_yes; /* measured time of the newest reading that said yes */
    struct vg_instant clear_since;
    struct vg_instant ease_since; /* its "escalate" is known to be false since */
    /* A value too old to speak, or one behind newer ones, said that it is over: nothing ends it but
     * readings measured then or later (rule_end.c). VG_UNSET: none did. */
    struct vg_instant ends_from;
    /* the last occurrence, as measured; VG_UNSET if none */
    struct vg_instant ended_onset, ended_at;
    struct vg_instant newest_onset; /* of all occurrences; VG_UNSET */
    uint32_t behind; /* occurrences whose onset is not newer than one before */
    uint32_t turn;   /* of the latest occurrence: makes its id differ from theirs */
    struct vg_instant due;  /* measured time at which to ask again, VG_NEVER */
    struct vg_instant wake; /* when that is served: due and the feed's lag */
    struct vg_marks when, clear;
    struct vg_alert *alert; /* open; owned */
};

/* guard.c: a run of values beyond the hard range; `dense`: its first since the last pause over 30 s. */
struct vg_below {
    struct vg_instant first, dense, last;
};
#define VG_BELOWS 5 /* HR, RR, SpO2, SBP of a line; HR above */

struct vg_bed {
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    uint32_t ward_index;
    const struct vg_protocol *protocol;
    const char *said; /* node.c: the sentence of the trouble being raised, or NULL */
    enum vg_severity urgency; /* the same: at least; 0 otherwise */
    bool node;   /* no bed: troubles of the node or of a gateway (node.c) */
    bool linked; /* a patient is known to lie here */
    bool others; /* messages have named different patients while none was linked */
    struct vg_episode episode;
    char wanted[VG_ID_LEN + 1]; /* protocol that the stay's messages name last, or "" */
    uint64_t admitted;          /* content of the stay's latest admission */
    struct vg_instant here;     /* the patient lies in this bed since then */
    char
        named[VG_PATIENT_LEN + 1]; /* patient that messages name while none is linked */
    struct vg_instant named_since; /* the oldest reading that did; VG_UNSET */
    struct vg_instant infusion_start, infusion_end, infusion_planned;
    int64_t baseline[VG_MEASURED_COUNT];         /* of the admission; VG_NO_VALUE */
    struct vg_window *window[VG_MEASURED_COUNT]; /* NULL until the first reading */
    struct vg_tracker *tracker;                  /* one for each query */
    struct vg_rule_state *state; /* one for each rule, each built-in, each orphan */
    size_t orphan_count;
    size_t charted_count, charted_capacity;
    struct vg_charted *charted;
    struct vg_course *course;         /* NULL: nobody asks for assessments here */
    const struct vg_assessment *then; /* answers are of this past instant; else NULL */
    uint64_t refused; /* bit per signal whose latest value was out of range */
    uint64_t danger;  /* bit per signal that calls for CHECK_PATIENT */
    unsigned runs;    /* guard.c: bit per run of values beyond the hard range */
    struct vg_below below[VG_BELOWS];        /* of those runs */
    struct vg_instant danger_at[VG_MAP + 1]; /* newest value that called for it */
    uint8_t danger_trust[VG_MAP + 1];        /* its source (guard.c) */
    struct vg_instant
        since; /* admission, or the first message: absence counts from here */
    struct vg_instant asked;     /* measured time of the latest asking */
    struct vg_instant wake;      /* earliest of the rules' and the alerts' */
    struct vg_instant due;       /* no rule is due before this */
    struct vg_pause pause;       /* off the ward; until VG_UNSET: it is not */
    struct vg_instant uncovered; /* an alert ended or eased: look at those it covered */
    struct vg_instant
        relieved; /* end of an order of comfort care that was acted upon */
    struct vg_instant discharge_asked; /* with an open critical alert; VG_UNSET */
    size_t heap_place;                 /* in the engine's queue of beds to wake */
};

/* Allocates what the protocol needs. NULL: no memory. */
struct vg_bed *vg_bed_create(const char *ward, const char *bed,
                             const struct vg_protocol *protocol);
void vg_bed_destroy(struct vg_bed *bed);

/* How many states the bed has. */
static inline size_t vg_bed_states(const struct vg_bed *bed)
{
    return bed->protocol->rule_count + VG_BUILTIN_COUNT + bed->orphan_count;
}

/* As it was in the beginning, but for its open alert. */
void vg_bed_state_anew(struct vg_rule_state *state);

/* A place for an open alert whose rule is gone; NULL: no memory. Moves bed->state. */
struct vg_rule_state *vg_bed_orphan(struct vg_bed *bed);

/* Swaps the protocol: rule states go over by id; open alerts whose rule is gone become orphans, `lost`
 * but not yet told so. False: no memory, nothing changed. */
bool vg_bed_adopt(struct vg_bed *bed, const struct vg_protocol *protocol);

/* The same in two halves, so that all beds can be swapped or none: what needs memory, and what
 * cannot fail. */
struct vg_bed_swap {
    const struct vg_protocol *protocol;
    struct vg_rule_state *state;
    size_t orphans;
    struct vg_tracker *tracker;
};
bool vg_bed_swap_make(struct vg_bed *bed, const struct vg_protocol *protocol,
                      struct vg_bed_swap *swap); /* false: no memory */
void vg_bed_swap_free(struct vg_bed_swap *swap);
void vg_bed_swap(struct vg_bed *bed, struct vg_bed_swap *swap);

/* The window, created when missing. NULL: no memory. */
struct vg_window *vg_bed_window(struct vg_bed *bed, enum vg_signal signal);

/* Room for so many more charted things. False: no memory. */
bool vg_bed_chart_room(struct vg_bed *bed, size_t more);
/* False: no memory. What takes back (below) waits for its turn. */
bool vg_bed_chart(struct vg_bed *bed, const struct vg_entry *entry);

/* Says of a start or an end that it was none. */
static inline bool vg_entry_takes_back(const struct vg_entry *entry)
{
    return !entry->on &&
           (entry->signal == VG_INFUSION || entry->signal == VG_LYMPHODEPLETION);
}
/* What was charted so with that ts of its sender, though it counts from when it came, is taken back: what the course has
 * from before counts again. False: there is none. Cannot fail. */
bool vg_bed_take_back(struct vg_bed *bed, const struct vg_entry *entry,
                      struct vg_instant sent);

/* What was charted at `to` or later is not the patient's: what its course has from before counts again. Names on no list
 * are not kept there. Cannot fail. */
void vg_bed_chart_before(struct vg_bed *bed, struct vg_instant to);

/* ---- bed_course.c: the bed's course, if it has one */

/* How long windows keep what they have: call when protocol or course came. */
void vg_bed_keep(struct vg_bed *bed);

bool vg_bed_need_course(struct vg_bed *bed); /* false: no memory */
/* The admission or update becomes the patient of the course. */
void vg_bed_patient(struct vg_bed *bed, const struct vg_admission *a);
/* A number for a device's name; 0 for none, or when there are too many. */
uint8_t vg_bed_device(struct vg_bed *bed, const char *name);
/* VG_MARK_LATE, VG_MARK_OLD of a sample not yet in its window (Clinical reference 0.3). */
uint8_t vg_bed_lateness(const struct vg_bed *bed, enum vg_signal signal,
                        const struct vg_sample *sample, struct vg_instant now);
/* A reading as it went into its window becomes an item. */
void vg_bed_note(struct vg_bed *bed, const struct vg_reading *reading,
                 const struct vg_sample *sample);
/* A cuff cycle that gave no systolic pressure. */
void vg_bed_note_failed(struct vg_bed *bed, struct vg_instant at, const char *device);
/* `sent`: its time as its sender says it, which entry->at need not be (Clinical reference 0.3). */
void vg_bed_note_entry(struct vg_bed *bed, const struct vg_entry *entry,
                       struct vg_instant sent, struct vg_instant now);
/* How long the slowest of the bed's streams takes to arrive: deadlines wait for it. */
vg_ms vg_bed_lag(const struct vg_bed *bed);
/* Folds and judges as of `now`, less the feed's lag: what is overdue stays so, however old the
 * readings that come in. A bit per topic that changed. `late`, `then`: see vg_course_fold. */
uint32_t vg_bed_judge(struct vg_bed *bed, struct vg_instant now, struct vg_instant late,
                      struct vg_assessment *then);
/* NULL: nothing judged. */
const struct vg_assessment *vg_bed_assessment(const struct vg_bed *bed);
/* The admission's baseline, else the computed one (Clinical reference 0.5); canonical steps, or VG_NO_VALUE. */
int64_t vg_bed_baseline(const struct vg_bed *bed, enum vg_signal signal);
/* When an assessment changes by itself, the feed's lag included. */
struct vg_instant vg_bed_course_wake(const struct vg_bed *bed);
/* When what the test's findings say began; `fallback` if none says. */
struct vg_instant vg_bed_onset(const struct vg_bed *bed, const struct vg_expr *expr,
                               struct vg_instant fallback);

enum vg_how {
    VG_RUNNING,  /* by running answers, which want instants that never run backwards */
    VG_EXACTLY,  /* from the readings themselves, at any instant */
    VG_STANDING, /* running; unknown what the data have stopped of (vg_field_stands) */
    VG_WHOLE     /* the same, and unknown what is but a lower bound */
};
/* Facts of this bed. */
struct vg_facts vg_bed_facts(struct vg_bed *bed, enum vg_how how);

/* The earliest instant of measured time after `at` at which an answer of this expression may
 * change without anything arriving. */
struct vg_instant vg_bed_changes(struct vg_bed *bed, const struct vg_expr *expr,
                                 struct vg_instant at);

/* Whether the test asks for missing data: then there is nothing fresh to wait for. */
bool vg_bed_asks_absence(const struct vg_bed *bed, const struct vg_expr *expr);

/* The newest usable reading of a signal, not older than its carry limit at `at`. */
bool vg_bed_last(const struct vg_bed *bed, enum vg_signal signal, struct vg_instant at,
                 struct vg_sample *out);

#endif
