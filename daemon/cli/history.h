/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of vigil history: history.c (options), history_rows.c (readings and steps as
 * table, CSV, JSON), history_plot.c, history_coverage.c.
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
    bool coverage, ascii;
    int width; /* columns of a plot, 0: those of the terminal */
    struct vg_instant now;
};

/* Each prints what is asked and returns the exit code. */
int vg_history_print(const struct vg_history_ask *ask, struct vg_reader *reader);
int vg_history_plot(const struct vg_history_ask *ask, struct vg_reader *reader);
int vg_history_coverage(const struct vg_history_ask *ask, struct vg_reader *reader);

/* Says on standard error why not. VG_EXIT_CANNOT. */
int vg_history_failed(enum vg_status status, const struct vg_error *error);

#endif
