/* SPDX-License-Identifier: Apache-2.0
 *
 * What the laboratory topics share. See labs.h.
 */
#include "core/assess/labs.h"

#include "core/course.h"

int64_t vg_lab_bounded(int64_t steps)
{
    const int64_t most = INT64_C(10000000000) * VG_MICRO;

    if (steps > most) {
        return most;
    }
    return steps < -most ? -most : steps;
}

const struct vg_item *vg_lab_within(const struct vg_view *view, enum vg_signal signal,
                                    struct vg_instant at, vg_ms carry)
{
    size_t cursor = view->log->count;
    const struct vg_item *item = vg_log_back(view->log, signal, at, &cursor);

    return item != NULL && vg_since(at, item->at) <= carry ? item : NULL;
}

const struct vg_item *vg_lab_back(const struct vg_view *view, enum vg_signal signal,
                                  struct vg_instant at, size_t *cursor)
{
    const struct vg_item *item = vg_log_back(view->log, signal, at, cursor);

    while (item != NULL && (item->marks & VG_MARK_OLD) != 0) {
        item = vg_log_back(view->log, signal, at, cursor);
    }
    return item;
}

const struct vg_item *vg_lab_live(const struct vg_view *view, enum vg_signal signal,
                                  struct vg_instant at, vg_ms carry)
{
    size_t cursor = view->log->count;
    const struct vg_item *item = vg_lab_back(view, signal, at, &cursor);

    return item != NULL && vg_since(at, item->at) <= carry ? item : NULL;
}

/* A limit of zero is no limit: laboratories send it for "none", and everything is above it. */
int64_t vg_lab_uln(const struct vg_view *view, const struct vg_item *item)
{
    const int64_t uln = item->a > 0 ? item->a : view->patient->uln[item->signal];

    return uln > 0 ? vg_lab_bounded(uln) : VG_NO_VALUE;
}
