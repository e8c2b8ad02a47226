/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine as its own files see it: engine.c takes events apart, roster.c finds beds and
 * whom to wake, rule.c lives the life of a rule, tell.c turns a change into an effect.
 */
#ifndef VIGIL_CORE_ENGINE_INSIDE_H
#define VIGIL_CORE_ENGINE_INSIDE_H

#include "core/bed.h"
#include "core/builtin.h"
#include "core/tie.h"

struct vg_ward_state {
    char id[VG_ID_LEN + 1];
    uint64_t n; /* changes told so far */
};

/* A command that was answered: the same again gets the same answer. */
#define VG_ANSWERED 1024
struct vg_answered {
    uint64_t hash; /* of client and id */
    uint32_t rev;
    enum vg_result result;
};

/* After a restart, what is technical waits so long before it calls: sources come back one by
 * one (Alert states 3.6). */
#define VG_GRACE VG_MINUTE

/* Late by more than this, a reading informs and does not page (Clinical reference 0.3). */
#define VG_LATE (15 * VG_MINUTE)

/* carry.c: of a stay that waits for its admission. */
struct vg_carried_stay {
    char episode[VG_EPISODE_LEN + 1];
    struct vg_carried value;
};

struct vg_turn;

/* tell.c: a row of copies, in one block. */
struct vg_copies {
    struct vg_copies *next;
    struct vg_alert alert[];
};

struct vg_engine {
    const struct vg_rulebook *book; /* borrowed */
    struct vg_instant now;
    bool restoring;
    bool jumping; /* rules go on, calls wait for the end of the jump */
    /* roster.c */
    size_t bed_count, table_size;
    struct vg_bed **table; /* open addressing, a power of two */
    size_t heap_count, heap_size;
    struct vg_bed **heap;   /* by wake, then ward, bed */
    vg_ms *heap_wake;       /* their wakes, in the same order */
    struct vg_bed **sorted; /* the same beds by ward, bed */
    size_t ward_count, ward_size;
    struct vg_ward_state *ward;
    /* tell.c */
    struct vg_effects
        told;    /* by the step under way, and by those that failed before it */
    bool failed; /* the last step: what it told goes out with the next */
    size_t spare_count, spare_size;
    struct vg_alert **spare; /* unused alerts, so that raising cannot fail */
    size_t copy_count, copy_size;
    struct vg_alert **copy;       /* what effects point to, good for one step */
    struct vg_copies *copies;     /* where those lie */
    struct vg_episode episode[2]; /* the same, for episode effects: two change places */
    struct vg_answer answer;      /* the same, for an answer */
    struct vg_ties ties;          /* tie.c: who lay where lately */
    /* command.c: hashes and answers of the latest commands, to know a repeat */
    struct vg_answered *answered; /* VG_ANSWERED of them, a ring */
    size_t answered_next;
    /* engine_restore.c */
    struct vg_alert **stored; /* alerts that wait for their bed until the past is in */
    size_t stored_count, stored_size;
    struct vg_pause *off; /* stored pauses: each begins at its own time in the past */
    size_t off_count, off_size;
    struct vg_carried_stay *carried;
    size_t carried_count, carried_size;
    struct vg_instant
        known; /* the engine's time got as far as this before the restart */
    struct vg_instant
        grace; /* while it starts again: technical alerts call nobody before */
    struct vg_engine_counts counts;
};

/* ---- roster.c */

/* The bed, created when missing; NULL: no memory. */
struct vg_bed *vg_roster_bed(struct vg_engine *engine, const char *ward,
                             const char *bed);
struct vg_bed *vg_roster_find(const struct vg_engine *engine, const char *ward,
                              const char *bed);
/* Where the patient has an open stay of that setting, `but` left out; NULL: nowhere. */
struct vg_bed *vg_roster_patient(const struct vg_engine *engine, const char *patient,
                                 bool outpatient, const struct vg_bed *but);
/* Room for one more bed; false: no memory. Then a bed that was made elsewhere can be added: its
 * place must be free, and it is the roster's from then on. */
bool vg_roster_room(struct vg_engine *engine);
void vg_roster_add(struct vg_engine *engine, struct vg_bed *bed);
void vg_roster_remove(struct vg_engine *engine, struct vg_bed *bed); /* destroys it */
/* Gives the bed another place; none may be there. */
void vg_roster_move(struct vg_engine *engine, struct vg_bed *bed, const char *ward,
                    const char *name);
/* The two change places. */
void vg_roster_swap(struct vg_engine *engine, struct vg_bed *one, struct vg_bed *other);
/* The bed's wake has changed. */
void vg_roster_rewake(struct vg_engine *engine, struct vg_bed *bed);
/* NULL: no memory. */
struct vg_ward_state *vg_roster_ward(struct vg_engine *engine, const char *ward);
const struct vg_protocol *vg_book_of_ward(const struct vg_rulebook *book,
                                          const char *ward);
const struct vg_protocol *vg_book_of_episode(const struct vg_rulebook *book,
                                             const char *ward, const char *named,
                                             enum vg_product product);

/* ---- tell.c */

/* Room for everything that one bed (NULL: none) can say in one step. False: no memory. */
bool vg_tell_reserve(struct vg_engine *engine, const struct vg_bed *bed,
                     size_t refusals);
/* The same for this many rules, whichever beds they are of. */
bool vg_tell_room(struct vg_engine *engine, size_t states, size_t refusals);
void vg_tell_begin(struct vg_engine *engine);
/* Hands what was told to the caller, unless the step failed. Returns `status`. */
enum vg_status vg_tell_end(struct vg_engine *engine, struct vg_effects *effects,
                           enum vg_status status);
void vg_tell_finish(struct vg_engine *engine);

struct vg_asking {
    struct vg_engine *engine;
    struct vg_bed *bed;
    struct vg_instant at; /* measured time the question is about */
    struct vg_instant
        trigger;             /* of the reading that made us ask; VG_UNSET: time alone */
    struct vg_instant stamp; /* when the answer is due: stands in what is told */
    uint64_t touched;        /* bit per signal with a new reading */
    uint64_t front; /* of these, with a reading behind no other of its source */
    bool late;
    bool by_time; /* no reading came, and none changed hands */
    bool ahead;   /* a reading of the trigger came with a clock in the future */
};

const struct vg_rule *vg_bed_rule(const struct vg_bed *bed, size_t index);

/* Opens an alert for the rule's state, or in a restore only notes that it is on. */
void vg_tell_raised(const struct vg_asking *asking, size_t index,
                    struct vg_instant onset);
/* At the end of a restore: opens the alert of a state that is on and has none. */
void vg_tell_missed(const struct vg_asking *asking, size_t index);
/* A change of the open alert; nothing if there is none. */
void vg_tell_change(struct vg_engine *engine, struct vg_bed *bed,
                    struct vg_rule_state *state, enum vg_change change,
                    struct vg_instant stamp);
/* The condition has ended (or the stay); what nobody need look at any more is closed. */
void vg_tell_ended(struct vg_engine *engine, struct vg_bed *bed, size_t index,
                   bool close, struct vg_instant stamp);
/* The change of a turn, told under the alert's next revision. */
void vg_tell_put(struct vg_engine *engine, struct vg_alert *alert,
                 const struct vg_turn *turn, struct vg_instant stamp);
/* The page of a turn, the alert as it is. */
void vg_tell_page(struct vg_engine *engine, struct vg_alert *alert,
                  const struct vg_turn *turn, struct vg_instant stamp);
/* The alert is closed: its room goes back. */
void vg_tell_drop(struct vg_engine *engine, struct vg_rule_state *state);
struct vg_alert *vg_tell_spare(struct vg_engine *engine);
void vg_tell_pause(struct vg_engine *engine, const struct vg_pause *pause);
void vg_tell_answer(struct vg_engine *engine, const struct vg_answer *answer);
void vg_tell_refused(struct vg_engine *engine, struct vg_refusal refusal);
void vg_tell_episode(struct vg_engine *engine, const struct vg_episode *episode);
void vg_tell_tie(struct vg_engine *engine, const struct vg_tie *tie);
void vg_tell_carried(struct vg_engine *engine, const char *episode,
                     const struct vg_carried *carried);

/* ---- carry.c: vigil/carried.h */

/* After each judging; `changed` as it returned. Tells what is to be carried over, if that changed. */
void vg_carry_look(struct vg_engine *engine, struct vg_bed *bed, uint32_t changed);
/* Restoring: kept until the stay's admission comes. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_carry_keep(struct vg_engine *engine, const struct vg_event *event);
/* A stay has begun in this bed, which has a course: it has what was carried over for it, or nothing. */
void vg_carry_hand_over(const struct vg_engine *engine, struct vg_bed *bed);
void vg_carry_finish(struct vg_engine *engine);

/* ---- rule.c */

void vg_rule_ask(const struct vg_asking *asking, size_t index);
/* The test (of a rule's `when`, `clear`, `escalate`) at asking->at, without hold and counts. */
enum vg_truth vg_rule_test(const struct vg_asking *asking, const struct vg_expr *expr,
                           enum vg_how how);
/* rule_count.c. What a test that counts readings says; `truth`: what it says without. `onset` as in
 * vg_mark_count. */
enum vg_truth vg_rule_count(const struct vg_asking *asking, const struct vg_expr *expr,
                            struct vg_marks *marks, enum vg_truth truth,
                            struct vg_instant *onset);
/* The newest reading of these signals at asking->at (false: none), and how long a pause behind it
 * breaks no span. */
bool vg_rule_newest(const struct vg_asking *asking, uint64_t watches,
                    struct vg_sample *out, vg_ms *pause);
/* rule_end.c. Whether what made us ask still speaks for the patient; and whether what made us ask may end
 * the rule's alert at all. */
bool vg_rule_fresh(const struct vg_asking *asking, const struct vg_expr *expr);
bool vg_rule_may_end(const struct vg_asking *asking, const struct vg_rule *rule,
                     const struct vg_rule_state *state);
/* A reading that the test watches came with a clock in the future. */
bool vg_rule_ahead(const struct vg_asking *asking, const struct vg_expr *expr);
/* All that came of what the test watches lies behind newer readings. */
bool vg_rule_back_filled(const struct vg_asking *asking, const struct vg_expr *expr);
/* Its end was told (`clear`), and what told it may not end it: whether it is false for want of data;
 * and what may end it from now on. */
bool vg_rule_starved(const struct vg_asking *asking, const struct vg_rule *rule,
                     const struct vg_rule_state *state);
void vg_rule_doubt(const struct vg_asking *asking, const struct vg_rule *rule,
                   struct vg_rule_state *state, enum vg_truth clear, bool may);
/* The first word of a new test about an alert that another one raised (Alert states T38). */
void vg_rule_hand_over(const struct vg_asking *asking, size_t index,
                       enum vg_truth truth, enum vg_truth clear);
/* ON since state->onset, and told. */
void vg_rule_turn_on(const struct vg_asking *asking, size_t index);
/* notes.c. What an alert must say beside its rule's text; `builtin`: of no rule of the file. */
void vg_alert_notes(struct vg_alert *alert, const struct vg_asking *asking,
                    const struct vg_rule *rule, bool builtin);
/* It is known now who lies there: it no longer says that nobody is linked. */
void vg_alert_linked(struct vg_alert *alert);

/* rule_late.c. Whether a span of this test is found anew from the readings when one comes late. */
bool vg_rule_from_readings(const struct vg_bed *bed, const struct vg_expr *when);
/* A late reading: what it would have raised at its own time, and the spans that it begins
 * earlier or breaks. */
void vg_rule_ask_late(const struct vg_asking *asking, size_t index);
/* rule_plan.c: sets state->due and state->wake after an asking. */
void vg_rule_plan(const struct vg_asking *asking, const struct vg_rule *rule,
                  struct vg_rule_state *state);
/* The earliest wake of all rules of the bed and of its course. */
void vg_bed_rewake(struct vg_engine *engine, struct vg_bed *bed);

/* ---- guard.c: what is watched whatever the protocol says */

void vg_guard_reading(const struct vg_asking *asking, const struct vg_reading *reading);
/* Patterns of Clinical reference 10.2 that call for CHECK_PATIENT, once judged. */
void vg_guard_judged(const struct vg_asking *asking);
void vg_guard_raise(const struct vg_asking *asking, enum vg_builtin which);
void vg_guard_end(const struct vg_asking *asking, enum vg_builtin which);

/* ---- engine_restore.c */

/* Alerts are kept until the past has been fed in and their bed is known. */
enum vg_status vg_engine_restore_event(struct vg_engine *engine,
                                       const struct vg_event *event);
void vg_engine_stored_finish(struct vg_engine *engine);
/* Stored pauses that began before `at` begin. */
enum vg_status vg_engine_restore_pauses(struct vg_engine *engine, struct vg_instant at);
/* engine.c: everything due up to `at`, each thing at its own instant. */
enum vg_status vg_engine_pass_time(struct vg_engine *engine, struct vg_instant at);

/* ---- belong.c: whose messages are */

enum vg_status vg_engine_take(struct vg_engine *engine,
                              const struct vg_message *message);

/* ---- intake_when.c */

/* A time more than 60 s ahead is judged as measured on arrival (Clinical reference 0.3). */
struct vg_instant vg_intake_judged(const struct vg_engine *engine,
                                   struct vg_instant measured);
/* When what is charted counts. A flag is never of the future: one whose clock is ahead would outlive its withdrawal, which
 * has another. */
struct vg_instant vg_intake_entered(const struct vg_engine *engine,
                                    const struct vg_entry *entry);
/* The earliest instant of the message after `after`, or VG_NEVER. */
struct vg_instant vg_intake_next(const struct vg_engine *engine,
                                 const struct vg_message *message,
                                 struct vg_instant after);

/* ---- intake.c: what is measured and charted goes into a bed's windows */

/* The part of a message that was measured in [from, to) and belongs to `bed`. */
struct vg_piece {
    const struct vg_message *message;
    struct vg_bed *bed;
    struct vg_instant from, to;
};

/* Room for the whole message in the windows, and for what its first instant says. False: no
 * memory. */
bool vg_intake_reserve(struct vg_engine *engine, struct vg_bed *bed,
                       const struct vg_message *message);
/* The charted entries of the piece become the bed's latest. False: no memory. */
bool vg_intake_chart(struct vg_engine *engine, const struct vg_piece *piece);
/* The piece is nobody's: whoever takes something back there is told that it stands. False: no memory. */
bool vg_intake_stray(struct vg_engine *engine, const struct vg_piece *piece);
/* Those of the instant that is asked about go into the course, or are taken back. False: there is none. Room must be
 * reserved. */
bool vg_intake_entries(const struct vg_asking *asking,
                       const struct vg_message *message);
/* All instants of the piece, one by one. */
enum vg_status vg_intake_take(struct vg_engine *engine, const struct vg_piece *piece);

/* ---- stay.c: admissions */

/* Asks every rule of the bed as things stand. Room must be reserved. `by_time` as in vg_asking: no reading
 * has changed hands, and so an end for want of data is none. */
void vg_bed_ask_all(struct vg_engine *engine, struct vg_bed *bed, bool by_time);

enum vg_status vg_stay_event(struct vg_engine *engine,
                             const struct vg_admission *admission);

#endif
