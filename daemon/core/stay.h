/* SPDX-License-Identifier: Apache-2.0
 *
 * What stay.c (admission, update, discharge) and move.c (transfer) share. Room for what is told
 * must be reserved.
 */
#ifndef VIGIL_CORE_STAY_H
#define VIGIL_CORE_STAY_H

#include "core/carer.h"

void vg_stay_refuse(struct vg_engine *engine, enum vg_reason reason,
                    const char *detail);

/* stay_protocol.c. The protocol that the bed will follow with this admission or update. */
const struct vg_protocol *vg_stay_protocol(const struct vg_engine *engine,
                                           const struct vg_bed *bed,
                                           const struct vg_admission *a);
/* Notes which one it names: before anything else of it is taken over. */
void vg_stay_want(struct vg_bed *bed, const struct vg_admission *a);
/* Says so if it is not the one that watches, to its sender as well. */
void vg_stay_answer_protocol(struct vg_engine *engine, struct vg_bed *bed,
                             const struct vg_admission *a);
/* Raises or ends the alert about it. */
void vg_stay_check_protocol(struct vg_engine *engine, struct vg_bed *bed);

/* Nothing has been seen yet; an open alert stays where it is. */
void vg_stay_state_idle(struct vg_rule_state *state);

/* All open alerts of the bed are over and closed. */
void vg_stay_end_alerts(struct vg_engine *engine, struct vg_bed *bed);

/* stay_twice.c. Whether the stay's latest admission said the very same: it changes nothing, nor takes back what an
 * update has said since. A sender that was away may send all its admissions again. */
bool vg_stay_is_again(const struct vg_bed *bed, const struct vg_admission *a);
void vg_stay_note(struct vg_bed *bed, const struct vg_admission *a);

/* Whether a critical alert is open that nobody has seen the end of, and it was not said yet, or
 * just now, that this is known. */
bool vg_stay_must_confirm(const struct vg_engine *engine, const struct vg_bed *bed,
                          const struct vg_admission *a);

/* move.c: readings that the bed took since its patient left are of whoever lies there now, which
 * is told late: *rest is an empty bed that has them, or NULL. A few seconds of a monitor are of no
 * use to anybody. False: no memory, nothing changed. */
bool vg_stay_rest(struct vg_engine *engine, struct vg_bed *bed, struct vg_instant left,
                  struct vg_bed **rest);
/* It is watched from now on, at its place, which must be free. Room must be reserved with
 * vg_roster_room. */
void vg_stay_watch_rest(struct vg_engine *engine, struct vg_bed *rest);

/* move.c. VG_OK also when refused. */
enum vg_status vg_stay_transfer(struct vg_engine *engine, struct vg_bed *bed,
                                const struct vg_admission *a);

#endif
