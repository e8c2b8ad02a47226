/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of signal quality share among themselves.
 */
#ifndef VIGIL_ASSESS_QUALITY_INSIDE_H
#define VIGIL_ASSESS_QUALITY_INSIDE_H

#include "core/course.h"

/* ---- quality_stream.c: each looks at one item and may mark it */

/* Probe off: VOID. */
void vg_quality_probe(struct vg_quality_state *state, struct vg_item *item);
/* RR that follows HR: SUSPECT. */
void vg_quality_motion(struct vg_quality_state *state, struct vg_item *item);
void vg_quality_same(struct vg_quality_state *state, const struct vg_item *item);
void vg_quality_feed(struct vg_quality_state *state, const struct vg_item *item);
/* How long a feed may be silent, and whether it is watched at all. */
vg_ms vg_quality_silence(const struct vg_quality_feed *feed);
/* Since when a value is stuck; not set: it is not. */
struct vg_instant vg_quality_stuck(const struct vg_quality_state *state);

/* ---- quality_rate.c: change too fast, SUSPECT */

void vg_quality_rate(struct vg_quality_state *state, struct vg_item *item);

/* ---- quality_cuff.c: pressures of one instant */

void vg_quality_pressures(struct vg_quality_state *state, struct vg_item *item,
                          size_t count);
/* Since when the line is flat; not set: it is not, or not long enough. */
struct vg_instant vg_quality_flat(const struct vg_quality_state *state);

/* ---- quality_device.c: two devices that should agree */

void vg_quality_devices(struct vg_quality_state *state, const struct vg_item *item);
/* Since when two differ; not set: none do, or not for long enough. */
struct vg_instant vg_quality_wrong(const struct vg_quality_state *state);

#endif
