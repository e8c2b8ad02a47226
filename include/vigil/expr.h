/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule language: one question about one patient. Compiled when a protocol is loaded,
 * into at most VG_EXPR_CODE postfix instructions of at most VG_EXPR_DEPTH levels; checked
 * completely then (names, units, spans), so that asking cannot fail, loops over nothing
 * and allocates nothing.
 *
 * The grammar is in config/PROTOCOLS.md. An expression reads the patient only through
 * queries: the engine answers each of them, and knows from the list which signals to
 * watch and which windows to keep.
 */
#ifndef VIGIL_EXPR_H
#define VIGIL_EXPR_H

#include "vigil/number.h"
#include "vigil/signal.h"
#include "vigil/tree.h"

#define VG_EXPR_CODE  256
#define VG_EXPR_DEPTH 32

/* What can be asked. The answer is a number in the canonical unit of the signal; a span of
 * time (age, since_infusion) is answered in milliseconds, a yes or no as 1 or 0. */
enum vg_query_kind {
    VG_ASK_LAST, /* signal: newest usable value not older than its carry limit */
    VG_ASK_MIN,  /* signal, span: over [at - span, at], usable readings */
    VG_ASK_MAX,
    VG_ASK_AVG,
    VG_ASK_COUNT,    /* known and 0 if there are none */
    VG_ASK_RISE,     /* last minus lowest of the window */
    VG_ASK_DROP,     /* highest of the window minus last */
    VG_ASK_SLOPE,    /* least squares, units an hour; unknown below 2 instants */
    VG_ASK_AGE,      /* signal: at minus measured time of the newest usable reading */
    VG_ASK_BASELINE, /* signal: frozen baseline */
    VG_ASK_NONE,  /* "no SIGNAL for SPAN": 1 if no usable reading in [at - span, at] */
    VG_ASK_PHASE, /* name: "phase is NAME" */
    VG_ASK_SETTING, /* name: inpatient, outpatient */
    VG_ASK_GIVEN,   /* name (drug), span */
    VG_ASK_ON,      /* name (vasopressor, or "oxygen") */
    VG_ASK_NOTED,   /* name (symptom), span */
    VG_ASK_FLAG,    /* name */
    VG_ASK_FIELD,   /* name: "assessment.field" */
    VG_ASK_SINCE_INFUSION,
    VG_ASK_SINCE_ADMISSION,
    VG_ASK_KIND_COUNT
};

struct vg_query {
    enum vg_query_kind kind;
    enum vg_signal signal;      /* VG_SIGNAL_COUNT if none */
    uint16_t field;             /* VG_ASK_FIELD: its place in vg_fields() */
    vg_ms span;                 /* 0 if none */
    char name[VG_NAME_LEN + 1]; /* "" if none */
};

/* The distinct queries of one protocol, in order of first use. Fixed room: a protocol that
 * asks more is refused. */
#define VG_QUERIES 512
struct vg_queries {
    size_t count;
    struct vg_query item[VG_QUERIES];
};

/* An assessment field that expressions may name: "bp.hypotension" is yes/no, a score has
 * VG_UNIT_NONE. The table is core/assess/fields.c's; terminated by name == NULL. */
struct vg_field {
    const char *name;
    enum vg_unit unit;
    bool yes_no;
    bool
        event; /* a newer `since` is a new occurrence: a second seizure, a new result */
    uint8_t topic; /* which assessment it is of: a bit of vg_expr.topics */
    uint8_t shape; /* private to core/assess/fields.c, as is offset */
    uint16_t offset;
    uint64_t
        watches; /* bit per measured signal below 64 that it is made of: evidence */
    const char *words; /* for "in plain words" */
};
const struct vg_field *vg_fields(void);

/* The field's value in an assessment; unknown where that is. */
struct vg_assessment;
struct vg_number vg_field_value(const struct vg_field *field,
                                const struct vg_assessment *assessment);
/* The same for an alert that is on: unknown where the data of a yes have stopped; with `whole` also
 * where it is but a lower bound, which may raise and never ends (Clinical reference 0.4). */
struct vg_number vg_field_stands(const struct vg_field *field, bool whole,
                                 const struct vg_assessment *assessment);
/* When what a yes says began (vg_finding.since), or VG_UNSET. */
struct vg_instant vg_field_since(const struct vg_field *field,
                                 const struct vg_assessment *assessment);

struct vg_expr_op {
    uint8_t code;   /* private to expr.c */
    uint16_t query; /* index into the protocol's queries */
    uint16_t past;  /* this is the left side of the "and" or "or" there; 0: it is not */
    int64_t numerator, denominator; /* a constant, canonical unit */
};

/* One compiled test with what goes around it ("for", "in N of last M"). */
struct vg_expr {
    uint16_t length, depth;
    struct vg_expr_op *code;  /* owned by the protocol's arena */
    vg_ms hold;               /* "for D", 0 if not given */
    uint8_t of_true, of_last; /* "in N of last M", 0 if not given */
    bool of_assessments;      /* "assessments", not "readings" */
    vg_ms apart;              /* "D apart", 0 if not given */
    const char *text;         /* as written; owned by the arena */
    uint64_t
        watches;     /* bit per measured signal (VG_MEASURED_COUNT <= 64), asked or part
                         of an assessment that is asked */
    uint64_t asks;   /* bit per measured signal asked by itself */
    uint32_t topics; /* bit per assessment asked */
    bool events;     /* asks a field that is an event */
    bool watches_chart; /* asks something that charted entries change */
    /* The first comparison, for $value and $limit in texts: */
    bool has_limit;
    struct vg_expr_op limit; /* the constant, valid if has_limit */
    uint16_t value_end;      /* code[0 .. value_end) leaves the compared value */
    bool limit_time;         /* both sides are spans of time, in milliseconds */
    enum vg_unit limit_unit;
    uint8_t limit_places;
};

/* Compiles `text` (of which line:column is where it stands in the file) into *out, adding
 * its queries. Every fault found is added to `faults`. VG_REFUSED if there was one;
 * VG_NO_MEMORY. */
struct vg_arena;
enum vg_status vg_expr_compile(const char *text, struct vg_place place,
                               struct vg_arena *arena, struct vg_queries *queries,
                               struct vg_faults *faults, struct vg_expr *out);

/* Answers a query at an instant of measured time. `index` is its place in the protocol's
 * queries. */
struct vg_facts {
    const void *subject;
    struct vg_number (*answer)(const void *subject, const struct vg_query *query,
                               size_t index, struct vg_instant at);
};

/* Truth of the test itself (without hold and counts) at `at`. Total. */
enum vg_truth vg_expr_ask(const struct vg_expr *expr, const struct vg_queries *queries,
                          const struct vg_facts *facts, struct vg_instant at);

/* How far back its longest window reaches; 0 if it asks of none. */
vg_ms vg_expr_look_back(const struct vg_expr *expr, const struct vg_queries *queries);

/* The left side of the first comparison, for "$value"; unknown if there is none. */
struct vg_number vg_expr_value(const struct vg_expr *expr,
                               const struct vg_queries *queries,
                               const struct vg_facts *facts, struct vg_instant at);

/* The test in plain words ("drop of systolic pressure over 2 h is at least 30 mm[Hg]").
 * Returns the length written, cut at capacity - 1. */
size_t vg_expr_words(const struct vg_expr *expr, const struct vg_queries *queries,
                     char *out, size_t capacity);

#endif
