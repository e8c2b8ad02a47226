/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `vigil simulate`.
 */
#ifndef VIGIL_CLI_SIMULATE_OPTIONS_H
#define VIGIL_CLI_SIMULATE_OPTIONS_H

#include "vigil/base.h"

#define VG_SIM_BEDS     2000
#define VG_SIM_GATEWAYS 64

struct vg_sim_options {
    const char *url, *root, *ward;
    const char *username, *password_file, *ca, *cert, *key; /* NULL: none */
    const char *recordings;                                 /* NULL: look for them */
    const char *patients;                                   /* NULL: all well */
    const char *product;                                    /* NULL: by chance */
    const char *spool, *ledger;
    uint64_t beds, gateways, seed;
    double speed, drop, duplicate, reorder, mistakes;
    vg_ms span; /* 0: until stopped */
    vg_ms delay, skew, restart, monitor, moves, confirm_within;
    struct vg_instant begin; /* of --print */
    bool once, no_admit, help, model, print, json, forget_counter;
};

/* Texts point into argv. VG_OK, or VG_REFUSED with a sentence. */
enum vg_status vg_sim_options_read(int argc, char **argv, struct vg_sim_options *out,
                                   struct vg_error *error);

extern const char vg_sim_usage[];

#endif
