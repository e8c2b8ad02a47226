/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores over time, computed anew: what was stored of a patient is fed to an engine of its own, as
 * it came and with the protocols as they are now, and each change of an assessment is told.
 * So a question about last week gets last week's values by today's rules; what people were
 * told then stands with the alerts.
 *
 * Of a monitor's stream one message in 5 s is taken (before the span one in 15 s), and looked at
 * once a minute while it flows; everything else as it comes, and where nothing comes at the
 * instants at which scores change by themselves.
 */
#ifndef VIGIL_SHELL_SCORES_H
#define VIGIL_SHELL_SCORES_H

#include "shell/history.h"
#include "shell/settings.h"

struct vg_scores_query {
    const struct vg_settings *settings; /* protocols, wards, root of the topics */
    const char *patient;
    struct vg_instant from, to; /* from inclusive, to exclusive; `to` at most now */
    struct vg_cursor after;     /* of a page before */
    size_t limit;
};

/* By time. The first row at or behind `from` is as things stood then. VG_OK, VG_NO_MEMORY,
 * VG_REFUSED (the protocols are at fault), VG_FULL or VG_FAILED, as in history.h: what takes
 * longer than the reader's deadline must be asked for in shorter spans. */
enum vg_status vg_scores(struct vg_reader *reader, const struct vg_scores_query *query,
                         vg_assessed_row_fn *each, void *to, struct vg_page_end *end,
                         struct vg_error *error);

#endif
