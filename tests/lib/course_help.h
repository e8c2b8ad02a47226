/* SPDX-License-Identifier: Apache-2.0
 *
 * A course for tests: items by seconds from a base instant, assessed at will.
 *
 *   struct vg_try *t = try_begin();            linked, 55 years, baseline SBP 125, T 36.6
 *   try_infusion(t, 0, 1800);
 *   try_obs(t, 172800, VG_TEMP, 381, VG_SOURCE_SPOT, VG_METHOD_ORAL);
 *   assert_int_equal(try_at(t, 172800)->crs.grade, 1);
 *   try_end(t);
 */
#ifndef VIGIL_TESTS_COURSE_HELP_H
#define VIGIL_TESTS_COURSE_HELP_H

#include "core/course.h"

struct vg_try {
    struct vg_course *course;
    struct vg_window *window[VG_MEASURED_COUNT];
    struct vg_assessment now;
    struct vg_instant next; /* of the latest try_at, all topics; and of each */
    struct vg_instant topic_next[VG_TOPICS];
    uint8_t marks;    /* for the items to come: VG_MARK_LATE and so on */
    uint8_t device;   /* of the items to come, 0: not named */
    int64_t uln, lln; /* for the laboratory items to come, VG_NO_VALUE */
};

struct vg_try *try_begin(void);
void try_end(struct vg_try *t);

struct vg_instant try_instant(int64_t seconds);

/* `value` in canonical steps. */
void try_obs(struct vg_try *t, int64_t seconds, enum vg_signal signal, int64_t value,
             enum vg_source source, enum vg_method method);
/* A laboratory value in millionths of its canonical unit. */
void try_lab(struct vg_try *t, int64_t seconds, enum vg_signal signal, int64_t value);
/* As delivered: `raw` in millionths of `unit`. */
void try_lab_raw(struct vg_try *t, int64_t seconds, enum vg_signal signal,
                 int64_t value, int64_t raw, enum vg_unit unit);
/* on: vasopressors and flags; a flag holds for its usual time. */
void try_chart(struct vg_try *t, int64_t seconds, enum vg_signal signal,
               const char *word, bool on);
void try_item(struct vg_try *t, struct vg_item item); /* anything else */
void try_infusion(struct vg_try *t, int64_t start, int64_t end);
void try_oxygen(struct vg_try *t, int64_t seconds, const char *device,
                int64_t flow_tenths); /* VG_NO_VALUE: not charted */

/* Folds and judges; good until the next call. */
const struct vg_assessment *try_at(struct vg_try *t, int64_t seconds);
const struct vg_assessment *try_at_ms(struct vg_try *t, int64_t ms);

#endif
