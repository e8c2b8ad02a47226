/* SPDX-License-Identifier: Apache-2.0
 *
 * A hospital's protocol: an immutable set of rules, ladders, schedule, texts and tests,
 * made from one file. config/PROTOCOLS.md says how to write one.
 *
 * Ownership: a protocol owns everything it points to; it is freed as a whole. Between
 * build and destroy nothing of it changes, so it may be shared and read from anywhere.
 */
#ifndef VIGIL_PROTOCOL_H
#define VIGIL_PROTOCOL_H

#include "vigil/assess.h"
#include "vigil/expr.h"
#include "vigil/reading.h"
#include "vigil/schedule.h"

enum vg_class {
    VG_CLASS_HAEMODYNAMIC,
    VG_CLASS_RESPIRATORY,
    VG_CLASS_FEVER_INFECTION,
    VG_CLASS_NEURO,
    VG_CLASS_INFUSION,
    VG_CLASS_LAB,
    VG_CLASS_TECHNICAL,
    VG_CLASS_GLOBAL,
    VG_CLASS_COUNT
};
const char *vg_class_text(enum vg_class class_);
enum vg_status vg_class_find(const char *text, enum vg_class *out);

/* In order of urgency. */
enum vg_severity {
    VG_INFO = 0,
    VG_TECHNICAL,
    VG_WATCH,
    VG_URGENT,
    VG_CRITICAL,
    VG_SEVERITY_COUNT
};
const char *vg_severity_text(enum vg_severity severity);
enum vg_status vg_severity_find(const char *text, enum vg_severity *out);

/* A sentence for people; zh may be "". */
struct vg_text {
    const char *en, *zh;
};

#define VG_TARGETS 8
#define VG_STEPS   8
#define VG_ROLES   24 /* different ones in all ladders of a protocol */
#define VG_LADDERS 64 /* of a protocol's file */

struct vg_step {
    size_t target_count;
    const char *target[VG_TARGETS]; /* roles of a ward */
    vg_ms wait;                     /* until the next step; 0 only in a fallback */
    vg_ms resend;                   /* 0: not sent again inside the step */
    /* False: once everybody of the step has rejected, the next step is called at once. True:
     * it is called when `wait` is over, whoever rejects. */
    bool reject_same;
};

/* One named "<name>-outpatient" is the variant of "<name>" for a patient at home. */
struct vg_ladder {
    const char *name;
    vg_ms hold; /* how long an acceptance lasts without action */
    size_t step_count;
    struct vg_step step[VG_STEPS];
    struct vg_step fallback; /* repeated every fallback.resend */
};

#define VG_AGAIN 6

struct vg_rule {
    const char *id;
    enum vg_class class_;
    enum vg_severity severity;
    struct vg_expr when; /* its "for" and the rule's hold: are one span, when.hold */
    bool has_clear;
    struct vg_expr clear; /* if !has_clear: ends when `when` is known to be false */
    bool has_escalate;
    struct vg_expr escalate; /* while true, severity is `escalated` instead */
    enum vg_severity escalated;
    bool
        floor; /* not of the file: cannot be switched off; asked of admitted patients */
    /* Of a floor, and of the rules of the file that say the same as loudly: the same number. While such
     * a rule calls somebody, the floor waits. 0: there is none. */
    uint8_t floor_said;
    bool pages_late; /* keeps its severity for a reading up to 8 h late */
    bool latch;
    size_t again_count; /* marks at which an open alert is said again, each once */
    struct vg_expr again[VG_AGAIN];
    vg_ms realert;                  /* 0: never */
    const struct vg_ladder *ladder; /* NULL: nobody is offered it */
    const char
        *stand_in; /* not of the file: its ladder of that name, else the built-in one */
    const struct vg_ladder *escalated_ladder; /* if has_escalate: the same, escalated */
    struct vg_text text, reference;
    const char *source;
    struct vg_place place;
    uint64_t watches; /* signals of when, clear and escalate */
    uint64_t asks;    /* those asked by themselves */
    uint32_t topics;  /* assessments asked */
    bool watches_chart;
    /* Of its `when`, its `clear` and what is set for the scores it asks: the same number says the same,
     * in whatever file it stands. Never 0. */
    uint32_t print;
};

#define VG_RULES 128

struct vg_protocol {
    const char *name, *version;
    const char *digest; /* SHA-256 of the file's bytes, hex */
    struct vg_text title;
    const char *signed_by; /* "" : not signed, research use only */
    size_t product_count;
    enum vg_product product[VG_PRODUCT_COUNT];
    struct vg_clinical clinical;
    bool asks_assessments; /* some rule names a field of one */
    size_t rule_count;
    struct vg_rule *rule;
    size_t ladder_count;
    struct vg_ladder *ladder;
    struct vg_queries queries;
    vg_ms longest; /* longest span asked of any window */
    vg_ms keep
        [VG_MEASURED_COUNT]; /* longest span asked of this signal's window, 0: none */
    struct vg_schedule expected;    /* which observation is due when */
    const struct vg_node *schedule; /* the same as written, or NULL */
    const struct vg_node *tests;    /* the same */
    const struct vg_node *settings; /* the same */
    struct vg_arena *arena;         /* private */
};

/* Checks the whole tree and builds. `file_name` (its base, without ".yaml") must equal the
 * protocol's name. Every fault is added to `faults` (warnings do not refuse). The
 * protocol owns `arena` (in which the tree lives) on success only. Returns VG_OK,
 * VG_REFUSED or VG_NO_MEMORY. */
enum vg_status vg_protocol_build(const struct vg_node *root, const char *file_name,
                                 const char *digest, struct vg_arena *arena,
                                 struct vg_faults *faults, struct vg_protocol **out);
void vg_protocol_destroy(struct vg_protocol *protocol); /* NULL is fine */

/* The rule of that id, or NULL. */
const struct vg_rule *vg_protocol_rule(const struct vg_protocol *protocol,
                                       const char *id);

/* The ladder of this rule at this severity, or NULL: nobody is offered it. At the rule's own
 * severity, or below, its own; above, its escalated one, or (if it has none of its own to
 * rise by) the protocol's ladder named like the severity. At home the variant
 * "<that ladder>-outpatient", else "<severity>-outpatient", else the same. `protocol` may be
 * NULL; `rule` may be a built-in one. */
const struct vg_ladder *vg_rule_ladder(const struct vg_protocol *protocol,
                                       const struct vg_rule *rule,
                                       enum vg_severity severity, bool outpatient);

/* Fills in one of the rule's texts; what is put into its Chinese one is Chinese: $signal the newest value with unit, $value and $limit the two sides
 * of the first comparison, $assessment.field. What is unknown becomes "unknown". Returns
 * the length, cut at capacity - 1. */
size_t vg_rule_text(const struct vg_rule *rule, const struct vg_queries *queries,
                    const struct vg_facts *facts, struct vg_instant at,
                    const char *template_, char *out, size_t capacity);

/* Writes the protocol as understood: every default filled in, units canonical, each rule
 * with a comment in plain words. It parses again and means the same. `write` is called
 * with pieces of text. */
typedef void vg_write_fn(void *to, const char *text, size_t length);
void vg_protocol_show(const struct vg_protocol *protocol, vg_write_fn *write, void *to);

#endif
