/* SPDX-License-Identifier: Apache-2.0
 *
 * Gateways without a broker: their messages become the lines of a replay file, on standard output, in
 * the order in which a daemon would receive them. Time is made up, so a day takes a second, and the
 * same command prints the same bytes.
 */
#ifndef VIGIL_CLI_SIM_PRINT_H
#define VIGIL_CLI_SIM_PRINT_H

#include "cli/sim_ledger.h"
#include "cli/sim_sender.h"
#include "cli/sim_wire.h"

struct vg_sim_printer;

/* `count` gateways over one bad wire, which loses nothing for good: what it drops comes `faults->again`
 * later. `begun`: the instant at 0 ms. NULL: no memory. */
struct vg_sim_printer *vg_sim_printer_create(size_t count,
                                             const struct vg_sim_faults *faults,
                                             struct vg_sim_chance chance,
                                             struct vg_instant begun,
                                             struct vg_sim_ledger *ledger);

void vg_sim_printer_destroy(struct vg_sim_printer *printer); /* NULL is fine */

struct vg_sim_sender *vg_sim_printer_sender(struct vg_sim_printer *printer, size_t i);

/* Time goes on to `elapsed`: what arrives until then is printed. VG_OK, VG_NO_MEMORY or VG_FAILED
 * (standard output). */
enum vg_status vg_sim_printer_run(struct vg_sim_printer *printer, vg_ms elapsed);
/* When the next arrives; INT64_MAX: nothing is under way. */
vg_ms vg_sim_printer_due(const struct vg_sim_printer *printer);

struct vg_sim_print_counts {
    uint64_t messages, lines;
};
struct vg_sim_print_counts vg_sim_printer_counts(const struct vg_sim_printer *printer);
struct vg_sim_wire_counts vg_sim_printer_faults(const struct vg_sim_printer *printer);

#endif
