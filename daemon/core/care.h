/* SPDX-License-Identifier: Apache-2.0
 *
 * The care of one alert as a pure machine over the alert itself: each call changes it and
 * says in a turn what is to be told. Picture, table and invariants: care.c. carer.c drives
 * it for the engine, command.c for people.
 */
#ifndef VIGIL_CORE_CARE_H
#define VIGIL_CORE_CARE_H

#include "vigil/alert.h"

/* What came of it. `change` VG_CHANGE_COUNT: the alert's revision stays (a page is sent again). */
struct vg_turn {
    enum vg_change change;
    enum vg_page_kind page;
    uint32_t to;
    uint32_t first; /* of those, who were not called about it before */
    bool closed;    /* nobody need look at it any more */
};

/* ---- plan.c */

/* `ladder` NULL: a plan that offers to nobody. Roles already told stay in it, so that they
 * can be told the end. */
void vg_plan_freeze(struct vg_care *care, const struct vg_ladder *ladder);
/* Bit of the role; 0: not in the plan. */
uint32_t vg_plan_role(const struct vg_plan *plan, const char *role);
/* Which role a person of that role answers for: the role itself, else the first of the step that
 * ends in "-role" (a "nurse" answers for the "bedside-nurse"), else 0. With VG_ANY_STEP the first of
 * the whole ladder: what the bedside nurse has seen, the charge nurse has not. */
#define VG_ANY_STEP UINT32_MAX
uint32_t vg_plan_answers(const struct vg_plan *plan, uint32_t step_to, const char *by);
/* The bit of this person's role, which joins the plan, in no step of it. 0: there is no such channel, or no room. */
uint32_t vg_plan_join(struct vg_plan *plan, const char *by);
/* The roles of the step the alert stands at; the fallback's behind the last. */
uint32_t vg_plan_step_to(const struct vg_alert *alert);

/* ---- care.c */

void vg_care_init(struct vg_alert *alert);
/* It was raised. `folded`: the patient's card has somebody's attention already. */
struct vg_turn vg_care_open(struct vg_alert *alert, bool folded, struct vg_instant at);
/* Its severity rose; the new ladder is frozen already. */
struct vg_turn vg_care_rise(struct vg_alert *alert, bool folded, struct vg_instant at);
/* Nobody has the card any more: the folded alert is offered itself. */
struct vg_turn vg_care_unfold(struct vg_alert *alert, struct vg_instant at);
/* The condition has ended; `close`: whatever is latched. */
struct vg_turn vg_care_end(struct vg_alert *alert, bool close, struct vg_instant at);
/* Worse, or a mark of its rule was passed: said again to those who were told. */
struct vg_turn vg_care_again(struct vg_alert *alert, struct vg_instant at);

/* When the next thing is due by itself; VG_NEVER. */
struct vg_instant vg_care_due(const struct vg_alert *alert);
/* Does what is due first, at `at`. Call until vg_care_due is later. */
struct vg_turn vg_care_serve(struct vg_alert *alert, struct vg_instant at);
/* The same after a jump of time: steps that were due meanwhile are passed over, at most
 * `steps` of them, and the last is offered, once. */
struct vg_turn vg_care_jump(struct vg_alert *alert, unsigned steps,
                            struct vg_instant at);

/* What people do; command.c has checked that they may. */
struct vg_turn vg_care_accept(struct vg_alert *alert, const char *by,
                              struct vg_instant at);
/* Somebody has the patient's card for it: it calls nobody until that is over. */
struct vg_turn vg_care_fold(struct vg_alert *alert);
/* Another ladder is frozen: it begins. */
struct vg_turn vg_care_reoffer(struct vg_alert *alert, struct vg_instant at);
struct vg_turn vg_care_release(struct vg_alert *alert, struct vg_instant at);
/* A physician ordered that nobody be called: it is nobody's any more, and is offered to none. */
void vg_care_hush(struct vg_alert *alert, struct vg_instant at);
/* When nobody of the step is left, or its owner gives it back, the next step is due at once. */
struct vg_turn vg_care_reject(struct vg_alert *alert, uint32_t roles,
                              struct vg_instant at);
/* No channel leads to these roles. */
struct vg_turn vg_care_unreachable(struct vg_alert *alert, uint32_t roles,
                                   struct vg_instant at);
/* Something was recorded about the patient: who has it is at work, and keeps it longer. False: not taken,
 * or it makes no difference of a quarter of an hour. */
bool vg_care_acted(struct vg_alert *alert, struct vg_instant at);
/* False: there is no room. The same kind of the same person is replaced. */
bool vg_care_claim(struct vg_alert *alert, const struct vg_claim *claim);
bool vg_care_held(const struct vg_alert *alert);
/* Whether somebody's acknowledgement is live. */
bool vg_care_seen(const struct vg_alert *alert);
/* It is worse than they saw: their acknowledgements are void, and they are called again. */
struct vg_turn vg_care_unsee(struct vg_alert *alert, struct vg_instant at);

#endif
