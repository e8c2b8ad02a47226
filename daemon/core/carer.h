/* SPDX-License-Identifier: Apache-2.0
 *
 * The care machine at work in the engine: which alert of a bed wants something, and when.
 */
#ifndef VIGIL_CORE_CARER_H
#define VIGIL_CORE_CARER_H

#include "core/care.h"
#include "core/engine_inside.h"

/* ---- storm.c */

/* Whether the alert of that state calls nobody, because the patient's card has somebody's
 * attention for it, or because a physician ordered comfort care. */
bool vg_storm_folds(const struct vg_bed *bed, size_t index, struct vg_instant at);
/* Somebody is called by a rule of the file that says what this floor (a rule that asks since `onset`)
 * would. */
bool vg_storm_said(const struct vg_asking *asking, const struct vg_rule *floor,
                   struct vg_instant onset);
/* Whether a physician's order keeps that alert from calling anybody. */
bool vg_storm_hushed(const struct vg_bed *bed, const struct vg_alert *alert,
                     struct vg_instant at);
/* When an order of comfort care ends by itself, and whom it folded must be called; VG_NEVER. */
struct vg_instant vg_storm_over(const struct vg_bed *bed);

/* Somebody has taken this alert: those it covers call nobody while it lasts. */
void vg_storm_taken(struct vg_engine *engine, struct vg_bed *bed,
                    const struct vg_alert *taken, struct vg_instant at);
/* Under an order of comfort care nobody is called about what is clinical. */
void vg_storm_comfort(struct vg_engine *engine, struct vg_bed *bed,
                      struct vg_instant at);

/* ---- carer.c: room for what is told must be reserved */

/* Carries out a turn: tells it, and drops the alert once it is closed. */
void vg_carer_turn(struct vg_engine *engine, struct vg_bed *bed,
                   struct vg_rule_state *state, const struct vg_turn *turn,
                   struct vg_instant stamp);
/* The alert that tell.c has filled in is opened and told. */
void vg_carer_open(const struct vg_asking *asking, size_t index);
/* An alert of an older store, whose care is not known: its rule's ladder goes on from where the
 * alert says it stands. */
void vg_carer_mend(const struct vg_engine *engine, struct vg_bed *bed, size_t index);
/* Its severity has changed: `worse` begins another run of the ladder for it. */
void vg_carer_severity(struct vg_engine *engine, struct vg_bed *bed, size_t index,
                       bool worse, struct vg_instant stamp);
/* Everything due at `stamp`. */
void vg_carer_serve(struct vg_engine *engine, struct vg_bed *bed,
                    struct vg_instant stamp);
/* The minute after a restart counts from the jump to now. */
void vg_carer_grace(struct vg_engine *engine, struct vg_bed *bed);
/* The same after a jump of time. */
void vg_carer_jump(struct vg_engine *engine, struct vg_bed *bed, unsigned steps,
                   struct vg_instant stamp);
/* Alerts whose cover is gone call by themselves. */
void vg_carer_unfold(struct vg_engine *engine, struct vg_bed *bed);
/* When the bed's alerts next want something; VG_NEVER. */
struct vg_instant vg_carer_wake(const struct vg_bed *bed);
/* The patient went home, or came back: other ladders call other people. */
void vg_carer_moved_home(struct vg_engine *engine, struct vg_bed *bed);
/* Something was charted about the patient, the newest of it observed then (VG_UNSET: nothing was taken): an action upon
 * the alerts that had begun by that time. */
void vg_carer_acted(struct vg_engine *engine, struct vg_bed *bed, enum vg_kind kind,
                    struct vg_instant observed);
/* ---- worse.c */

/* The values that "worse" is measured against: of the last call, and of who has seen it, to be noted before
 * their claim is made. */
void vg_carer_remember(struct vg_bed *bed, struct vg_alert *alert,
                       struct vg_instant at);
void vg_carer_seen(struct vg_bed *bed, struct vg_alert *alert, struct vg_instant at);
/* Whether a mark of the rule is passed that was not before. */
bool vg_carer_mark(const struct vg_asking *asking, const struct vg_rule *rule,
                   struct vg_alert *alert);
/* Whether an alert has become worse in a way that calls again whoever has it, or has seen it
 * (Clinical reference 9.4, rule 7; Alert states T12). */
void vg_carer_watch(const struct vg_asking *asking, size_t index);

/* ---- adopt.c */

/* Orphans say that their rule is gone, once. */
void vg_bed_tell_orphans(struct vg_engine *engine, struct vg_bed *bed,
                         struct vg_instant stamp);

/* ---- pause.c: a bed off the ward */

/* The claim that a paused bed puts on each of its alerts; nothing if it is not paused. */
void vg_pause_claim(const struct vg_bed *bed, struct vg_alert *alert);
void vg_pause_set(struct vg_engine *engine, struct vg_bed *bed,
                  const struct vg_pause *pause, struct vg_instant stamp);
/* The patient is back before the time. */
void vg_pause_end(struct vg_engine *engine, struct vg_bed *bed,
                  struct vg_instant stamp);
/* Told once it is over. */
void vg_pause_serve(struct vg_engine *engine, struct vg_bed *bed,
                    struct vg_instant stamp);

/* ---- command.c */

/* The bed that holds the open alert of that id; bed NULL: none. */
struct vg_found {
    struct vg_bed *bed;
    size_t index;
};
struct vg_found vg_find_alert(const struct vg_engine *engine, const char *id);

enum vg_status vg_command_take(struct vg_engine *engine,
                               const struct vg_command *command);
/* Restore: a command that was answered before. */
enum vg_status vg_command_answered(struct vg_engine *engine,
                                   const struct vg_answer *answer);

/* ---- node.c: troubles of the node and of gateways, kept like beds of their own */

const struct vg_protocol *vg_node_protocol(void);
enum vg_status vg_node_event(struct vg_engine *engine, const struct vg_event *event);
enum vg_status vg_unreachable_event(struct vg_engine *engine,
                                    const struct vg_event *event);

#endif
