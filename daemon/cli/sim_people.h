/* SPDX-License-Identifier: Apache-2.0
 *
 * Which bed has which story: "--patients fever=2,crs=1" (the rest are well, dealt out by chance), or a
 * file with a line a bed, "12 crs", where # begins a comment.
 */
#ifndef VIGIL_CLI_SIM_PEOPLE_H
#define VIGIL_CLI_SIM_PEOPLE_H

#include "cli/sim_script.h"

/* Fills out[beds]. VG_OK, VG_REFUSED (a sentence says what is wrong) or VG_FAILED (file). */
enum vg_status vg_sim_people_deal(const char *patients, size_t beds,
                                  struct vg_sim_chance chance, enum vg_sim_illness *out,
                                  struct vg_error *error);

#endif
