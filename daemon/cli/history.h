/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of vigil history: history.c (options), history_rows.c (readings and steps as
 * table, CSV, JSON), history_plot.c, history_coverage.c, history_more.c (last known, gaps, charted).
 */
#ifndef VIGIL_CLI_HISTORY_H
#define VIGIL_CLI_HISTORY_H

#include "cli/query.h"
#include "shell/history.h"

enum vg_history_format {
    VG_FORMAT_TABLE,
    VG_FORMAT_CSV,
    VG_FORMAT_JSON,
    VG_FORMAT_PLOT,
    VG_FORMAT_COUNT
};

struct vg_history_ask {
    struct vg_query_options options;
    struct vg_history_query query;
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    enum vg_history_format format;
    bool coverage, ascii, last, charted;
    bool from_given;
    vg_ms gaps;             /* --gaps: those longer than this; 0: not asked for */
    uint64_t charted_codes; /* bit per charted signal from VG_MEASURED_COUNT on */
    int width;              /* columns of a plot, 0: those of the terminal */
    struct vg_instant now;
};

/* Each prints what is asked and returns the exit code. */
int vg_history_print(const struct vg_history_ask *ask, struct vg_reader *reader);
int vg_history_plot(const struct vg_history_ask *ask, struct vg_reader *reader);
int vg_history_coverage(const struct vg_history_ask *ask, struct vg_reader *reader);
int vg_history_last_known(const struct vg_history_ask *ask, struct vg_reader *reader);
int vg_history_print_gaps(const struct vg_history_ask *ask, struct vg_reader *reader);
int vg_history_print_charted(const struct vg_history_ask *ask,
                             struct vg_reader *reader);

/* Says on standard error why not. VG_EXIT_CANNOT. */
int vg_history_failed(enum vg_status status, const struct vg_error *error);

#endif
