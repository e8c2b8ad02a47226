/* SPDX-License-Identifier: Apache-2.0
 *
 * When it becomes known late where a patient lay, readings change hands: what a bed took that
 * is not its patient's leaves its windows, and what another bed took that is comes in. Alerts
 * stay; whoever sifts asks the rules anew. Private to the core.
 *
 * Exact for what is kept singly: the last 17 min of streams, and what people, cuffs and
 * laboratories give. Of streams beyond that, the extremes are exact when the older part
 * leaves; sums lose whole cells of 5 min, and a stretch that lies across the instant is
 * shortened, with its extremes. When the newer part of such streams leaves (a move told more
 * than 15 min late), extremes that it had covered do not come back.
 */
#ifndef VIGIL_CORE_SIFT_H
#define VIGIL_CORE_SIFT_H

#include "core/bed.h"

/* Everything leaves, and with it what was known of the patient; open alerts stay. As after
 * vg_bed_create. Cannot fail. */
void vg_bed_forget(struct vg_bed *bed);
/* What was measured before `from` leaves. Cannot fail. */
void vg_bed_drop_before(struct vg_bed *bed, struct vg_instant from);
/* What was measured or charted at or after `to` leaves. Cannot fail. */
void vg_bed_drop_from(struct vg_bed *bed, struct vg_instant to);

/* What `from` took since `since` is put beside what `into` has. `now` as for vg_course_condense.
 * False: no memory, nothing has come in. Once there was room it cannot fail, also if something
 * left `into` since: whoever drops what is not theirs makes room first. */
bool vg_bed_pour_room(struct vg_bed *into, struct vg_bed *from, struct vg_instant since,
                      struct vg_instant now);
bool vg_bed_pour(struct vg_bed *into, struct vg_bed *from, struct vg_instant since,
                 struct vg_instant now);

/* A bed of its own, at the same place, under the ward's protocol, with what `bed` took since
 * `since`; *rest NULL: nothing. False: no memory, nothing changed. The caller owns it. */
bool vg_bed_rest(struct vg_bed *bed, const struct vg_protocol *protocol,
                 struct vg_instant since, struct vg_instant now, struct vg_bed **rest);
/* Something was charted since, or measured that does not come again by itself: no stream. */
bool vg_bed_has_single(const struct vg_bed *bed, struct vg_instant since);

#endif
