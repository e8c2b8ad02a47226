/* SPDX-License-Identifier: Apache-2.0
 *
 * Laboratory topics: Clinical reference 6. They keep no state: each looks back over the
 * log when a result or a charted entry came, or when its time was due.
 */
#ifndef VIGIL_ASSESS_LABS_H
#define VIGIL_ASSESS_LABS_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* Steps of a laboratory value in its unit. */
#define VG_MICRO INT64_C(1000000)

/* Clinical reference 0.4: how long a laboratory value speaks for the patient. */
#define VG_LAB_CARRY (72 * VG_HOUR)

/* A value within +-10^10 units, far beyond anything measured: what is multiplied by small
 * numbers after that does not overflow. */
int64_t vg_lab_bounded(int64_t steps);

/* The newest result at `at`, at most `carry` old; NULL: none. */
const struct vg_item *vg_lab_within(const struct vg_view *view, enum vg_signal signal,
                                    struct vg_instant at, vg_ms carry);

/* The same for what pages: a result that came more than 8 h late does not (0.3). */
const struct vg_item *vg_lab_live(const struct vg_view *view, enum vg_signal signal,
                                  struct vg_instant at, vg_ms carry);

/* The next older live result from a cursor of vg_log_back; NULL: none. */
const struct vg_item *vg_lab_back(const struct vg_view *view, enum vg_signal signal,
                                  struct vg_instant at, size_t *cursor);

/* The first instant at which a result measured then is too old. */
static inline struct vg_instant vg_lab_lapse(const struct vg_item *item, vg_ms carry)
{
    return vg_after(item->at, carry + 1);
}

/* Of the performing laboratory, else of the admission; VG_NO_VALUE. */
int64_t vg_lab_uln(const struct vg_view *view, const struct vg_item *item);

void vg_critical_judge(const struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at, struct vg_assessment *out,
                       struct vg_instant *next);
void vg_tls_judge(const struct vg_state *state, const struct vg_view *view,
                  struct vg_instant at, struct vg_assessment *out,
                  struct vg_instant *next);
void vg_iec_hs_judge(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at, struct vg_assessment *out,
                     struct vg_instant *next);
/* Writes icaht and t_icaht. */
void vg_icaht_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next);
void vg_hematotox_judge(const struct vg_state *state, const struct vg_view *view,
                        struct vg_instant at, struct vg_assessment *out,
                        struct vg_instant *next);
void vg_easix_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next);

#endif
