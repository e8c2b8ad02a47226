/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of NEWS2 share: the sums (news2_sums.c), and what pages by them (news2.c).
 */
#ifndef VIGIL_ASSESS_NEWS2_INSIDE_H
#define VIGIL_ASSESS_NEWS2_INSIDE_H

#include "core/assess/news2.h"
#include "core/course.h"

#define VG_NEWS2_PART(p)     (1U << (p))
#define VG_NEWS2_ACVPU_CARRY (4 * VG_HOUR) /* 0.4 */

struct vg_news2_sum {
    int total, max;
    unsigned missing;
    bool clock; /* a value came with a clock in the future: clears nothing (0.3) */
};

/* What counts for a page: only what came in time, or late values too (0.3: the floor of 7 pages for any sample up
 * to 8 h late). */
enum vg_news2_when { VG_NEWS2_IN_TIME, VG_NEWS2_LATE, VG_NEWS2_WHENS };

/* Of a part the points, VG_GRADE_NULL: missing; and of its charted value if that is worse. */
struct vg_news2_sums {
    int part[VG_NEWS2_PARTS], worst[VG_NEWS2_PARTS];
    struct vg_news2_sum published;
    struct vg_news2_sum charted[VG_NEWS2_WHENS], fresh[VG_NEWS2_WHENS];
};

void vg_news2_add(struct vg_news2_sum *sum, unsigned part, int points);
/* The sums at `at`; *next is lowered as in judge. */
struct vg_news2_sums vg_news2_sums_at(const struct vg_news2 *news2,
                                      const struct vg_chart *chart,
                                      struct vg_instant at, struct vg_instant *next);

#endif
