/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: handed one event at a time, it answers with effects, and says when it next
 * wants to be woken. It has no clock, file, socket or thread.
 *
 * Promises
 *  - Strong guarantee: on VG_NO_MEMORY the event has not been taken: fed again, it has the
 *    effects it would have had. Time may have passed, as with a VG_EVENT_TIME; what was told
 *    by it, or by the first instants of a message of several, goes out with the next step
 *    that succeeds, so that nothing is told twice or lost.
 *  - Due means due: a step to T first handles, one by one and each at its own instant,
 *    everything due up to T. Going straight to T or by a thousand small steps gives the
 *    same effects with the same stamps.
 *  - Total order: what is due at one instant goes by ward, bed, then rule.
 *  - Unknown neither raises nor clears.
 *  - After a bed's first message and while nothing is raised, nothing is allocated.
 *
 * Whose a reading is. It belongs to whoever lay in the bed when it was measured, however late
 * it comes: to the patient there now if it was measured since they came; to one who lay
 * there then, if they have gone on to another bed, with whom it goes along; of one who was
 * discharged it is told so (vg_engine_owner) and changes nothing. What was measured when
 * nobody is known to have lain there is nobody's, unless the bed is empty now and has been
 * since: then it is the bed's own, which is watched by its ward's protocol. A message of
 * several instants is taken piece by piece. One that names another patient than the one it
 * belongs to is refused whole (VG_IDENTITY).
 *
 * Measured time. Rules are asked in the time of the readings, not of their arrival. A
 * deadline in measured time (a hold that ends, a reading that leaves its window) is
 * served when the bed's feed has had the time to deliver what was measured until then:
 * its latest lag (arrival minus measured time, continuous readings) is added.
 */
#ifndef VIGIL_ENGINE_H
#define VIGIL_ENGINE_H

#include "vigil/alert.h"
#include "vigil/carried.h"
#include "vigil/command.h"

/* Which protocols there are and which ward uses which. Borrowed by the engine until the
 * next adopt or destroy. Beds of a ward that is not listed use ward[0]'s; without wards,
 * "car-t" or else the first protocol. */
struct vg_ward {
    char id[VG_ID_LEN + 1];
    const struct vg_protocol *protocol;
};
struct vg_rulebook {
    size_t protocol_count;
    const struct vg_protocol *const *protocol; /* in order of name */
    size_t ward_count;
    const struct vg_ward *ward;
};

enum vg_event_kind {
    VG_EVENT_TIME,        /* only time passes */
    VG_EVENT_MESSAGE,     /* readings and charted entries */
    VG_EVENT_EPISODE,     /* admit, update, transfer, discharge */
    VG_EVENT_COMMAND,     /* what a person asks */
    VG_EVENT_UNREACHABLE, /* a page has no way left to its role */
    VG_EVENT_NODE,        /* what the shell found wrong, or right again, with itself */
    VG_EVENT_JUMP,   /* time has jumped to `at` (restart, clock set): what people should
                         have been told meanwhile is told once, as things stand now */
    VG_EVENT_ALERT,  /* restore: an alert as it was stored; legal while restoring */
    VG_EVENT_WARD,   /* restore: a ward's counter n; legal while restoring */
    VG_EVENT_PAUSED, /* restore: a bed off the ward; legal while restoring */
    VG_EVENT_ANSWERED, /* restore: a command's answer; legal while restoring */
    VG_EVENT_CARRIED /* restore: what a stay carries over, before its admission; legal while restoring */
};

/* A bed off the ward. until VG_UNSET: it is back. */
struct vg_pause {
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    struct vg_instant at, until;
    char by[VG_BY_LEN + 1], reason[VG_REASON_LEN + 1];
};

/* What is wrong with the node or a gateway, in the words of the outside contract. */
enum vg_trouble {
    VG_GATEWAY_SILENT,
    VG_GATEWAY_CONFLICT,
    VG_GATEWAY_CLOCK_SKEW,
    VG_MESSAGES_REFUSED,
    VG_STORE_DEGRADED,
    VG_BROKER_LOST,
    VG_PAGE_UNDELIVERABLE,
    VG_PROTOCOL_REFUSED,
    VG_CLOCK_STEP,
    VG_NODE_CLOCK_SKEW,
    VG_CERT_EXPIRING,
    VG_LADDER_STALLED,
    VG_CERT_REFUSED,
    VG_TROUBLE_COUNT
};
const char *vg_trouble_text(enum vg_trouble trouble); /* "GATEWAY_SILENT" */

struct vg_event {
    enum vg_event_kind kind;
    struct vg_instant at; /* now: received time; never runs backwards */
    union {
        const struct vg_message *message;
        const struct vg_admission *admission;
        const struct vg_alert *alert;
        const struct vg_command *command;
        const struct vg_pause *pause;
        const struct vg_answer *answer;
        struct {
            const char *ward;
            uint64_t n;
        } counter;
        struct {
            const char *episode;
            const struct vg_carried *carried;
        } carried;
        struct {
            const char *ward, *alert, *page;
            const char *role;
        } unreachable;
        struct {
            const char *ward;
            const char *slot; /* the gateway it is about, or "" */
            enum vg_trouble trouble;
            bool on;
            const char *text; /* a sentence for people; NULL: the rule's own */
            enum vg_severity
                severity; /* at least; one that is open rises to it, with `text` */
        } node;
        struct {
            bool restart; /* the furthest step due is offered; else one step at most */
        } jump;
    };
};

enum vg_effect_kind {
    VG_EFFECT_ALERT, /* an alert changed: tell */
    VG_EFFECT_REFUSED, /* the message (item -1) or an item of it is refused: quarantine, answer */
    VG_EFFECT_EPISODE, /* an episode began, changed or ended: record */
    VG_EFFECT_PAGE,    /* the alert is unchanged: the same page again */
    VG_EFFECT_ANSWER,  /* to a command */
    VG_EFFECT_PAUSE,   /* a bed went off the ward or is back: record */
    VG_EFFECT_TIE,     /* a patient lies in a bed, or no longer does: record */
    VG_EFFECT_CARRIED /* what the stay carries over a restart: record in place of the last */
};

/* One patient in one bed: what is measured there in [from, to) is theirs. */
struct vg_tie {
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    char episode[VG_EPISODE_LEN + 1], patient[VG_PATIENT_LEN + 1];
    struct vg_instant from, to; /* to VG_NEVER: still there */
};

/* An episode as the store and the queries know it. */
struct vg_episode {
    char id[VG_EPISODE_LEN + 1]; /* derived from patient and time of admission */
    char patient[VG_PATIENT_LEN + 1];
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    enum vg_product product;
    char protocol[VG_ID_LEN + 1];
    int age;
    bool outpatient;
    struct vg_instant begin, end; /* end VG_NEVER while open */
    /* Chain of identity, as the admission or an update said; "" if it did not. */
    char donor[VG_NAME_LEN + 1], chain_id[VG_PATIENT_LEN + 1];
};

struct vg_effect {
    enum vg_effect_kind kind;
    struct vg_instant at; /* when it was due */
    union {
        struct {
            const struct vg_alert *alert; /* good until the next step */
            enum vg_page_kind page;       /* VG_PAGE_NONE: nobody is called */
            uint32_t to;                  /* roles: bits of alert->care.plan.role */
            uint32_t first; /* of those, who were not called about it before */
        };
        const struct vg_episode *episode; /* good until the next step */
        const struct vg_answer *answer;   /* the same */
        struct vg_pause pause;
        struct vg_tie tie;
        struct {
            char episode[VG_EPISODE_LEN + 1];
            struct vg_carried value;
        } carried;
        struct vg_refusal refusal;
    };
};

/* A list the caller owns and reuses; emptied by each step. Zero-initialise. */
struct vg_effects {
    size_t count, capacity;
    struct vg_effect *item;
};
void vg_effects_finish(struct vg_effects *effects);

struct vg_engine;

/* NULL: no memory. */
struct vg_engine *vg_engine_create(const struct vg_rulebook *book);
void vg_engine_destroy(struct vg_engine *engine);

/* Applies one event. Effects are appended in the order they must be carried out. VG_OK, or
 * VG_NO_MEMORY. A message that is refused is VG_OK with a VG_EFFECT_REFUSED. */
enum vg_status vg_engine_step(struct vg_engine *engine, const struct vg_event *event,
                              struct vg_effects *effects);

/* The instant at which a VG_EVENT_TIME is wanted, or VG_NEVER. */
struct vg_instant vg_engine_deadline(const struct vg_engine *engine);

/* Swaps the protocols. Windows live on; a rule keeps its state and its open alert under the
 * same id, and says at once whether it holds under a new test; if not it ends as that says, and a grave one
 * waits for a person. An open alert whose rule is gone stays, of unknown condition, until somebody
 * closes it. VG_NO_MEMORY leaves the old ones. */
enum vg_status vg_engine_adopt(struct vg_engine *engine,
                               const struct vg_rulebook *book);

/* Between begin and end the past is fed in again, in the order it arrived: windows,
 * pending spans and timers are rebuilt, nothing is told. Stored alerts are given before
 * the messages; at the end each rule is asked, and what is true and not open is raised. */
void vg_engine_restore_begin(struct vg_engine *engine);
enum vg_status vg_engine_restore_end(struct vg_engine *engine, struct vg_instant at,
                                     struct vg_effects *effects);

/* Everything open, in order of ward, bed, rule. Calls `each` for each; stops if it answers
 * false. */
typedef bool vg_alert_fn(void *to, const struct vg_alert *alert);
void vg_engine_open_alerts(const struct vg_engine *engine, const char *ward_or_null,
                           vg_alert_fn *each, void *to);

/* The open episode of the patient admitted to a bed, or NULL. Good until the next step. */
const struct vg_episode *vg_engine_episode(const struct vg_engine *engine,
                                           const char *ward, const char *bed);

/* The same by its id, wherever its patient lies now; NULL: it is not open. */
const struct vg_episode *vg_engine_episode_named(const struct vg_engine *engine,
                                                 const char *id);

/* Whose what is measured in a bed at an instant is, and for how long around it that holds:
 * [from, to). Episode and patient "": nobody's, or the empty bed's. `message` says the bed
 * and whom it names. Pointers are good until the next step. */
struct vg_owner {
    const char *episode, *patient;
    struct vg_instant from, to;
};
struct vg_owner vg_engine_owner(const struct vg_engine *engine,
                                const struct vg_message *message,
                                struct vg_instant measured);
/* The same for a patient, wherever they lie: what a person says is theirs (a command
 * "assign"). An episode that was open then; the one of this bed if there is a choice. */
struct vg_owner vg_engine_owner_named(const struct vg_engine *engine,
                                      const struct vg_message *message,
                                      const char *patient, struct vg_instant measured);

/* The ward's counter of changes so far; 0 if it has none. */
uint64_t vg_engine_ward_counter(const struct vg_engine *engine, const char *ward);

/* What is known of a bed, of all in order of ward and bed. */
struct vg_assessed {
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1], patient[VG_PATIENT_LEN + 1];
    bool known; /* something is assessed here */
    struct vg_assessment now;
};
typedef bool vg_assessed_fn(void *to, const struct vg_assessed *assessed);
void vg_engine_assess(const struct vg_engine *engine, vg_assessed_fn *each, void *to);
/* The same of one bed; false: there is no such bed. */
bool vg_engine_assess_bed(const struct vg_engine *engine, const char *ward,
                          const char *bed, struct vg_assessed *out);
/* As it stood at `at`, of what came in order after being kept back: false also if the bed knows
 * of something later, or its patient came later. */
bool vg_engine_assess_then(const struct vg_engine *engine, const char *ward,
                           const char *bed, struct vg_instant at,
                           struct vg_assessed *out);

/* A bed as those who show it want it: who lies there, since when, and what is known. */
struct vg_bed_look {
    struct vg_assessed assessed;
    bool linked;               /* a patient is admitted: `episode` says who */
    struct vg_episode episode; /* if linked */
    char protocol[VG_ID_LEN + 1];
    struct vg_instant infusion; /* start of the latest; VG_UNSET: none */
    struct vg_pause pause;      /* off the ward; until VG_UNSET: it is not */
};
typedef bool vg_look_fn(void *to, const struct vg_bed_look *look);
/* False: there is no such bed. */
bool vg_engine_look(const struct vg_engine *engine, const char *ward, const char *bed,
                    struct vg_bed_look *out);
/* All beds, in order of ward and bed; stops if `each` answers false. */
void vg_engine_look_all(const struct vg_engine *engine, vg_look_fn *each, void *to);

struct vg_engine_counts {
    size_t beds, patients;
    uint64_t steps, readings, asked; /* asked: rules evaluated */
};
struct vg_engine_counts vg_engine_counts(const struct vg_engine *engine);
/* The same without beds and patients, for which each bed is looked at. */
struct vg_engine_counts vg_engine_tally(const struct vg_engine *engine);

#endif
