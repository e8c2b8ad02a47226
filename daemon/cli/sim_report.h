/* SPDX-License-Identifier: Apache-2.0
 *
 * What `vigil simulate` says about itself: a line as it goes, a table or one JSON object at the end.
 */
#ifndef VIGIL_CLI_SIM_REPORT_H
#define VIGIL_CLI_SIM_REPORT_H

#include <stdio.h>

#include "cli/gateway_link.h"

struct vg_gateway_counts vg_sim_sum(struct vg_gateway *const *gateway, size_t count);

/* On a terminal one line that is written over. */
void vg_sim_progress(struct vg_gateway *const *gateway, size_t count, bool terminal);

/* Standard output. */
void vg_sim_report(struct vg_gateway *const *gateway, size_t count, bool json);

#endif
